"""The one page a person sees here: after a vendor's consent page."""

from html import escape

NAMES = {"hubspot": "HubSpot", "quickbooks": "QuickBooks"}


def consent(vendor: str, *, known: bool, denied: bool) -> str:
    """What became of the consent."""
    name = NAMES[vendor]
    if not known:
        title, text = "This link was already used", f"Start connecting {name} again from Ledgerbridge."
    elif denied:
        title, text = "Not connected", f"{name} was not given permission. You can close this page."
    else:
        title, text = (
            "Almost done",
            f"{name} gave its permission. Close this page and go back to where you started.",
        )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
        f"<title>{escape(title)} - Ledgerbridge</title><h1>{escape(title)}</h1><p>{escape(text)}</p></html>"
    )
