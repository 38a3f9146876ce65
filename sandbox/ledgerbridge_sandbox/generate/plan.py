"""What happens in the generated company, in numbers: who buys when, what becomes of it, which ids the records get."""

from array import array
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from random import Random

HISTORY = timedelta(days=730)
_SECOND = timedelta(seconds=1)
_OLD = timedelta(days=45)
"""After which most invoices are paid."""


class Story(Enum):
    """What becomes of an invoice."""

    UNSENT = "made and left alone"
    SENT = "sent"
    PAID = "sent and paid"
    PARTLY_PAID = "sent and paid in part"
    VOIDED = "voided"


_STORIES = list(Story)
_SHARES = {True: (0.02, 0.07, 0.86, 0.035, 0.015), False: (0.2, 0.42, 0.3, 0.06, 0.02)}
"""Of old invoices and of young ones, in the order of the stories."""
_MONEY = {Story.PAID, Story.PARTLY_PAID}


@dataclass(frozen=True, slots=True)
class Sale:
    """One invoice of the plan. `settled` is when the story ended; `payment_id` is "" where no money came."""

    buyer: int
    invoice_id: str
    made: datetime
    story: Story
    settled: datetime
    payment_id: str


class Plan:
    """Every sale in the order of time. Ids of invoices and payments come from one sequence, as QuickBooks does it."""

    def __init__(self, buyers: int, sales: int, chance: Random, end: datetime) -> None:
        self._end = end
        history = int(HISTORY / _SECOND)
        self._made = array("q", sorted(chance.randrange(60, history) for _ in range(sales)))
        # Few buy often, many seldom.
        self._buyers = array("q", (int(buyers * chance.random() ** 2) for _ in range(sales)))
        self._stories = bytearray(self._story(made, history, chance) for made in self._made)
        self._settled = array("q", (min(history - 1, at + self._days(chance)) for at in self._made))
        self._ids, self._payments = self._numbered()

    def __len__(self) -> int:
        return len(self._made)

    @property
    def transactions(self) -> int:
        """How many ids are taken."""
        return len(self) + sum(1 for number in self._payments if number)

    def sale(self, number: int) -> Sale:
        """The sale of that number, from 0."""
        payment = self._payments[number]
        return Sale(
            buyer=self._buyers[number],
            invoice_id=str(self._ids[number]),
            made=self._moment(self._made[number]),
            story=_STORIES[self._stories[number]],
            settled=self._moment(self._settled[number]),
            payment_id=str(payment) if payment else "",
        )

    def _moment(self, seconds: int) -> datetime:
        return self._end - HISTORY + timedelta(seconds=seconds)

    def _story(self, made: int, history: int, chance: Random) -> int:
        old = history - made > _OLD / _SECOND
        (found,) = chance.choices(range(len(_STORIES)), _SHARES[old])
        return found

    @staticmethod
    def _days(chance: Random) -> int:
        """From an invoice to what became of it, in seconds: a minute to two months."""
        return chance.randrange(60, 60 * 86_400)

    def _numbered(self) -> "tuple[array[int], array[int]]":
        happened = [(at, False, number) for number, at in enumerate(self._made)]
        happened += [
            (at, True, number) for number, at in enumerate(self._settled) if _STORIES[self._stories[number]] in _MONEY
        ]
        happened.sort()
        invoices, payments = array("q", bytes(8 * len(self))), array("q", bytes(8 * len(self)))
        for identifier, (_, paid, number) in enumerate(happened, start=1):
            (payments if paid else invoices)[number] = identifier
        return invoices, payments
