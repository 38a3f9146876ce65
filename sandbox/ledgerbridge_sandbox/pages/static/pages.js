// Folds the menu where there is little room, and keeps what is marked `data-live` as it is on the server.
// Pages work without this.
'use strict';
(() => {
  const menu = document.querySelector('.nav');
  if (matchMedia('(max-width: 767px)').matches) menu.open = false;

  const seconds = Number(document.body.dataset.liveSeconds);
  if (!seconds) return;
  const parts = [...document.querySelectorAll('[data-live]')];
  const seen = new Map(parts.map((part) => [part, part.innerHTML]));

  const renew = async () => {
    if (document.hidden) return;
    const answer = await fetch(location.href, {headers: {accept: 'text/html'}});
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html');
    for (const part of parts) {
      const news = fresh.getElementById(part.id);
      if (!news || news.innerHTML === seen.get(part) || part.contains(document.activeElement)) continue;
      seen.set(part, news.innerHTML);
      part.replaceChildren(...news.childNodes);
      part.classList.add('fresh');
      setTimeout(() => part.classList.remove('fresh'), 1500);
    }
  };
  const again = () => setTimeout(() => renew().catch(() => {}).finally(again), seconds * 1000);
  again();
})();
