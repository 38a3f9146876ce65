"""The scenes, in order. Each acts, then checks HubSpot's deal, QuickBooks' books and Kafka's events."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from tests.house import UK_PORTAL, UK_REALM, US_PORTAL, US_REALM
from tests.story.deals import Line
from tests.story.tale import Held, Tale
from tests.story.wizard import Wizard

US_ZONE = ZoneInfo("America/Los_Angeles")
MATCHED, QUOTED, ORDERED, BRITISH, ADDED, PAYMENT = "matched", "quoted", "ordered", "british", "added", "payment"
CREATE = "ledgerbridge.invoice.create.v1"
FROM_ORDER = "from the order"


def from_deal(tale: Tale) -> None:
    """The wizard, from scratch: the deal's company is found among QuickBooks' customers by its name."""
    lines = [Line("SVC-100", "8"), Line("PRD-210", "4")]
    deal = tale.sales[US_PORTAL].deal("Summit Analytics: store refit", "Summit Analytics", lines)
    wizard = Wizard(tale.house.invoices(), deal)
    wizard.put("connection", {"connection_id": tale.house.connections[US_REALM]})
    wizard.put("source", {"kind": "scratch"})
    buyers = wizard.get("buyers")
    today = tale.house.sandbox.now().astimezone(US_ZONE).date().isoformat()
    wizard.put("terms", {"invoice_date": today, "due_date": today, "message": "Thank you for your order."})
    review = wizard.get("review")
    customer = buyers["customers"][0]["name"] if buyers["customers"] else "nobody"
    tale.telling.fact(
        "wizard", f"deal {deal}: customer {customer} found by {buyers['how']}, {len(review['lines'])} lines"
    )
    tale.check("the customer was found by name, without a question", holds=wizard.draft["questions"] == [])
    tale.acts()
    answer = wizard.create()
    held = tale.created(MATCHED, US_REALM, US_PORTAL, deal)
    tale.deal_follows(held, "waiting_to_be_sent", FROM_ORDER)
    tale.check(f"the create answered 201 (it answered {answer.status})", holds=answer.status == 201)
    _unsent(tale, held)
    tale.check(
        f"QuickBooks' lines add up to the review's {review['subtotal']}",
        holds=_net(tale, held) == Decimal(str(review["subtotal"])),
    )
    tale.kafka_tells(held, "invoice.created")


def from_quote(tale: Tale) -> None:
    """The wizard, from a published quote; nobody in QuickBooks bears the buyer's name."""
    sales, lines = tale.sales[US_PORTAL], [Line("PRD-270", "10"), Line("SVC-140", "1")]
    deal = sales.deal("Sunrise Solar Co-op: new office", "Sunrise Solar Co-op", lines)
    expires = tale.house.sandbox.now().date() + timedelta(days=30)
    quote = sales.quote("Sunrise Solar Co-op: new office", deal, lines, expires.isoformat())
    before = len(tale.house.sandbox.all_quickbooks(US_REALM, "customer"))
    wizard = Wizard(tale.house.invoices(), deal)
    wizard.put("connection", {"connection_id": tale.house.connections[US_REALM]})
    wizard.put("source", {"kind": "quote", "quote_id": quote})
    proposal = wizard.get("buyers")["proposal"]
    wizard.put("buyer", {"new": proposal})
    wizard.get("review")
    tale.telling.fact(
        "wizard", f"deal {deal}, quote {quote}: no customer matches, new customer {proposal['display_name']}"
    )
    tale.acts()
    wizard.create()
    held = tale.created(QUOTED, US_REALM, US_PORTAL, deal)
    tale.deal_follows(held, "waiting_to_be_sent", FROM_ORDER)
    customers = tale.house.sandbox.all_quickbooks(US_REALM, "customer")
    made = [one for one in customers if one["Id"] == tale.quickbooks(held)["CustomerRef"]["value"]]
    tale.check(
        f"QuickBooks has one customer more, {made[0]['DisplayName']}, and the invoice is hers",
        holds=len(customers) == before + 1 and made[0]["DisplayName"] == proposal["display_name"],
    )
    _unsent(tale, held)
    tale.kafka_tells(held, "invoice.created")


def by_command(tale: Tale) -> None:
    """Another producer on the bus orders an invoice for a deal; what it leaves out is found."""
    lines = [Line("PRD-260", "6"), Line("SVC-110", "2")]
    deal = tale.sales[US_PORTAL].deal("Redwood Dental Group: waiting room", "Redwood Dental Group", lines)
    tale.acts()
    command = _command(tale, deal, f"order-{deal}")
    tale.telling.fact("command", f"CreateInvoice for deal {deal} on invoice-commands")
    held = tale.created(ORDERED, US_REALM, US_PORTAL, deal)
    tale.deal_follows(held, "waiting_to_be_sent", "from the command")
    _unsent(tale, held)
    tale.result(command, "command.accepted", "command.succeeded")
    tale.kafka_tells(held, "invoice.created")


def british(tale: Tale) -> None:
    """Outside the US every line has a tax code; the review's total is QuickBooks' total, to the cent."""
    lines = [Line("PRD-220", "12"), Line("SVC-110", "3.5")]
    deal = tale.sales[UK_PORTAL].deal("Kingsway Joinery: workshop lights", "Kingsway Joinery", lines)
    wizard = Wizard(tale.house.invoices(UK_PORTAL), deal)
    connection = tale.house.connections[UK_REALM]
    wizard.put("connection", {"connection_id": connection})
    wizard.put("source", {"kind": "scratch"})
    standard, reduced = (_tax_code(tale, connection, name) for name in ("20.0% S", "5.0% R"))
    keys = [line["key"] for line in wizard.draft["lines"]]
    coded = [{"key": key, "tax_code_id": code} for key, code in zip(keys, (standard, reduced), strict=True)]
    wizard.put("lines", {"lines": coded})
    review = wizard.get("review")
    taxes = ", ".join(f"{one['percent']} % of {one['net']} = {one['tax']}" for one in review["taxes"])
    tale.telling.fact("wizard", f"deal {deal}: {taxes}; total {review['total']} GBP ({review['certainty']})")
    tale.acts()
    wizard.create()
    held = tale.created(BRITISH, UK_REALM, UK_PORTAL, deal)
    tale.deal_follows(held, "waiting_to_be_sent", FROM_ORDER)
    truth = tale.quickbooks(held)
    codes = [one["SalesItemLineDetail"]["TaxCodeRef"]["value"] for one in truth["Line"] if "SalesItemLineDetail" in one]
    tale.check(f"QuickBooks holds the codes {codes} line by line", holds=codes == [standard, reduced])
    tale.check(
        f"QuickBooks' total {truth['TotalAmt']} is the review's {review['total']}",
        holds=Decimal(str(truth["TotalAmt"])) == Decimal(str(review["total"])),
    )
    tale.kafka_tells(held, "invoice.created")


def second_refused(tale: Tale) -> None:
    """The deal has an invoice: a second command and a second call are refused, and name it."""
    held = tale.invoice(ORDERED)
    before = len(tale.house.sandbox.all_quickbooks(US_REALM, "invoice"))
    tale.acts()
    command = _command(tale, held.deal, f"again-{held.deal}")
    told = tale.result(command, "command.refused")[0]
    tale.telling.fact("reason", str(told.data["reason"]))
    tale.check(
        "the command is refused with ALREADY_INVOICED and the number",
        holds=told.data["code"] == "ALREADY_INVOICED" and str(held.number) in told.data["reason"],
    )
    body = {"deal_id": held.deal, "quickbooks_company": US_REALM}
    answer = tale.house.invoices().ask("POST", "/invoices", body, {"Idempotency-Key": f"http-{held.deal}"})
    code = answer.data.get("code") if isinstance(answer.data, dict) else answer.data
    tale.check(f"the HTTP door answers 409 ALREADY_INVOICED ({answer.status} {code})", holds=answer.status == 409)
    after = len(tale.house.sandbox.all_quickbooks(US_REALM, "invoice"))
    tale.show_deal(held)
    tale.check(f"QuickBooks has as many invoices as before ({after})", holds=after == before)


def sent(tale: Tale) -> None:
    """The bookkeeper sends it from QuickBooks."""
    held = tale.invoice(MATCHED)
    tale.acts()
    tale.house.sandbox.bookkeeper(held.realm).act(held.quickbooks_id, "send", to="ap@summitanalytics.example")
    tale.deal_follows(held, "sent_to_customer")
    tale.check("QuickBooks holds EmailSent", holds=tale.quickbooks(held)["EmailStatus"] == "EmailSent")
    tale.kafka_tells(held, "invoice.status-changed")


def partly_paid(tale: Tale) -> None:
    """The customer pays a part."""
    held = tale.invoice(MATCHED)
    tale.acts()
    tale.house.sandbox.bookkeeper(held.realm).pay(held.quickbooks_id, "500.00")
    tale.deal_follows(held, "partial_payment")
    tale.kafka_tells(held, "payment.received", "invoice.status-changed")


def overdue(tale: Tale) -> None:
    """The clock stands shortly before the end of the due day in the company's zone, and goes on ticking."""
    held, lead = tale.invoice(MATCHED), 4.0
    due = date.fromisoformat(tale.quickbooks(held)["DueDate"])
    midnight = datetime.combine(due + timedelta(days=1), time(0), US_ZONE)
    tale.house.sandbox.set_clock(midnight - timedelta(seconds=lead))
    tale.acts(lead)
    tale.telling.fact("clock", f"{lead:.0f} s before {midnight:%Y-%m-%d %H:%M} in Los Angeles ({midnight.tzinfo})")
    early = tale.sales[held.portal].held(held.deal)["invoice_status"]
    tale.check(f"before midnight the deal shows {early}", holds=early == "partial_payment")
    tale.deal_follows(held, "overdue", "from midnight")
    told = tale.kafka_tells(held, "invoice.status-changed", unlike=("invoice.updated", "payment.received"))
    tale.check("the calendar is named as the cause", holds=[seen.data.get("cause") for seen in told] == ["calendar"])


def paid(tale: Tale) -> None:
    """The customer pays the rest."""
    held = tale.invoice(MATCHED)
    tale.acts()
    payment = tale.house.sandbox.bookkeeper(held.realm).pay(held.quickbooks_id)
    tale.invoices[PAYMENT] = Held(held.realm, held.portal, payment["Id"], held.deal, None)
    tale.deal_follows(held, "paid_in_full")
    tale.check("QuickBooks' balance is 0", holds=Decimal(str(tale.quickbooks(held)["Balance"])) == 0)
    tale.kafka_tells(held, "payment.received", "invoice.status-changed")


def payment_undone(tale: Tale) -> None:
    """The bookkeeper deletes that payment; the due day is over, so the invoice is overdue again."""
    held, payment = tale.invoice(MATCHED), tale.invoice(PAYMENT)
    tale.acts()
    tale.house.sandbox.bookkeeper(held.realm).undo_payment(payment.quickbooks_id)
    tale.deal_follows(held, "overdue")
    told = tale.kafka_tells(held, "payment.reversed", "invoice.status-changed")
    reasons = [seen.data["why"] for seen in told if seen.type == "payment.reversed"]
    tale.check("PaymentReversed says that the payment was deleted", holds=reasons == ["deleted"])


def voided(tale: Tale) -> None:
    """The bookkeeper voids the invoice: it keeps its number and its amounts become zero."""
    held = tale.invoice(MATCHED)
    tale.acts()
    tale.house.sandbox.bookkeeper(held.realm).act(held.quickbooks_id, "void")
    tale.deal_follows(held, "voided")
    tale.check("QuickBooks' total is 0", holds=Decimal(str(tale.quickbooks(held)["TotalAmt"])) == 0)
    tale.kafka_tells(held, "invoice.status-changed", "payment.reversed")


def deleted(tale: Tale) -> None:
    """The bookkeeper deletes another invoice: that is not the same, and told apart."""
    held = tale.invoice(ORDERED)
    tale.acts()
    tale.house.sandbox.bookkeeper(held.realm).act(held.quickbooks_id, "delete")
    tale.deal_follows(held, "deleted")
    tale.check("QuickBooks holds it no more", holds=tale.quickbooks(held).get("status") == "Deleted")
    tale.kafka_tells(held, "invoice.status-changed")


def existing_added(tale: Tale) -> None:
    """An invoice born in QuickBooks is found by its number and added to a deal; its past is not told as news."""
    sales, invoices = tale.sales[US_PORTAL], tale.house.sandbox.all_quickbooks(US_REALM, "invoice")
    partly = (one for one in invoices if 0 < one.get("Balance", 0) < one["TotalAmt"])
    born = next(one for one in partly if one["CustomerRef"]["name"] in sales.companies)
    company = born["CustomerRef"]["name"]
    deal = sales.deal(f"{company}: an earlier order", company, [Line("SVC-100", "1")])
    connection = tale.house.connections[US_REALM]
    query = {"connection": str(connection), "number": born["DocNumber"]}
    answer = tale.house.invoices().ask("GET", "/existing-invoices", **query)
    tale.check(f"the search answers ({answer.status})", holds=answer.status == 200)
    hits = answer.data["invoices"]
    stage = str(hits[0]["stage"])
    tale.telling.fact("search", f"number {born['DocNumber']}: {len(hits)} found, {hits[0]['customer']}, {stage}")
    tale.acts()
    body = {"connection_id": connection, "quickbooks_ids": [born["Id"]], "deal_id": deal}
    answer = tale.house.invoices().ask("POST", "/links", body)
    tale.check(f"the link is made ({answer.status})", holds=answer.status == 201)
    held = Held(US_REALM, US_PORTAL, born["Id"], deal, born["DocNumber"])
    tale.invoices[ADDED] = held
    tale.deal_follows(held, stage, "from the click")
    told = tale.kafka_tells(held, "invoice.linked", unlike=("payment.received", "invoice.status-changed"))
    tale.check("its first reading is the baseline", holds=[seen.data.get("baseline") for seen in told] == [True])


SCENES: tuple[tuple[str, Callable[[Tale], None]], ...] = (
    ("An invoice from a deal with a matched customer", from_deal),
    ("An invoice from a published quote with a new customer", from_quote),
    ("An invoice ordered by another producer on Kafka", by_command),
    ("A UK invoice with tax codes", british),
    ("A second create for the same deal is refused", second_refused),
    ("Sent from QuickBooks", sent),
    ("Partly paid", partly_paid),
    ("Overdue when the day ends in the company's zone", overdue),
    ("Paid", paid),
    ("The payment is undone", payment_undone),
    ("Voided", voided),
    ("Deleted", deleted),
    ("An existing invoice is added", existing_added),
)


def _command(tale: Tale, deal: str, key: str) -> str:
    data = {"hubspot_account": US_PORTAL, "quickbooks_company": US_REALM, "deal_id": deal, "idempotency_key": key}
    return tale.house.bus.send("invoice-commands", f"{US_PORTAL}:{deal}", CREATE, data)


def _tax_code(tale: Tale, connection: int, name: str) -> str:
    answer = tale.house.invoices(UK_PORTAL).ask("GET", "/tax-codes", connection=str(connection))
    rows = (
        answer.data if isinstance(answer.data, list) else next(v for v in answer.data.values() if isinstance(v, list))
    )
    return next(str(row["tax_code_id"]) for row in rows if row["name"] == name)


def _unsent(tale: Tale, held: Held) -> None:
    status = tale.quickbooks(held).get("EmailStatus")
    tale.check(f"QuickBooks holds invoice {held.number}, not sent (EmailStatus {status})", holds=status == "NotSet")


def _net(tale: Tale, held: Held) -> Decimal:
    lines = tale.quickbooks(held)["Line"]
    return sum((Decimal(str(one["Amount"])) for one in lines if "SalesItemLineDetail" in one), Decimal(0))
