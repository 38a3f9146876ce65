"""The committed contracts are what the models say, and an independent validator agrees with them."""

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from ledgerbridge.contracts import commands, document, generate, invoices, results
from ledgerbridge.contracts.messages import BY_TOPIC, BY_TYPE
from ledgerbridge.contracts.model import LARGEST_VALUE, Command, Message
from ledgerbridge.contracts.notices import RecordChanged
from pydantic import ValidationError

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)


LINE = invoices.InvoiceLine(item_id="4", quantity=Decimal("1.250"), unit_price=Decimal(1000), amount=Decimal("1250.00"))


def state(**changes: Any) -> invoices.InvoiceState:
    whole: dict[str, Any] = {
        "invoice_id": "i-1",
        "connection": 3,
        "quickbooks_company": "9130350000000001",
        "quickbooks_id": "145",
        "number": "1037",
        "origin": "created",
        "customer": invoices.Customer(quickbooks_id="58", name="Zażółć & O'Brien"),
        "recipient": invoices.Recipient(name="O'Brien", email="a@example.com", language="pl"),
        "currency": "USD",
        "total": Decimal("1250.00"),
        "balance": Decimal("1000.00"),
        "paid": Decimal("250.00"),
        "credited": Decimal(0),
        "deposit": Decimal(0),
        "invoice_date": date(2026, 11, 1),
        "due_date": date(2026, 12, 1),
        "lines": (
            invoices.InvoiceLine(
                item_id="4", quantity=Decimal("1.250"), unit_price=Decimal(1000), amount=Decimal("1250.00")
            ),
        ),
        "stage": invoices.Stage.PARTIAL_PAYMENT,
        "handed_over": True,
        "as_of": NOW,
    }
    return invoices.InvoiceState(**(whole | changes))


def examples() -> list[Message]:
    record: dict[str, Any] = {"vendor": "quickbooks", "account": "913", "object_type": "Invoice", "record_id": "1"}
    sent, overdue = invoices.Stage.SENT_TO_CUSTOMER, invoices.Stage.OVERDUE
    others = (invoices.Allocation(quickbooks_id="9", applied=Decimal(50)),)
    about = {"command_id": "c", "command_source": "my-shop", "command_type": "t", "idempotency_key": "k"}
    declined = {**about, "code": "NO_ITEM", "reason": "r", "remedy": "m"}
    change = {"balance": invoices.Change(old="1250.00", new="1000.00")}
    deal = (invoices.LinkedRecord(object_type="deal", record_id="9001"),)
    payment = {"payment_id": "p", "payment_total": Decimal("300.00"), "applied": Decimal("250.00"), "currency": "USD"}
    return [
        RecordChanged(**record, verb="void", found_by="sweep", changed_at=NOW),
        state(),
        invoices.InvoiceCreated(invoice=state(), order_id="o"),
        invoices.InvoiceUpdated(invoice=state(), changes=change),
        invoices.InvoiceStatusChanged(invoice=state(), old_stage=sent, new_stage=overdue, cause="calendar"),
        invoices.InvoiceLinked(invoice=state(), records=deal, how="added", baseline=True),
        invoices.InvoiceUnlinked(invoice=state(), records=deal, how="person"),
        invoices.PaymentReceived(invoice=state(), **payment, other_invoices=others),
        invoices.PaymentReversed(invoice=state(), **payment, why="unapplied"),
        invoices.CreditApplied(invoice=state(), payment_id="p", applied=Decimal(5), currency="USD"),
        invoices.InvoiceCreationFailed(invoice_id="i", order_id="o", code="NO_ITEM", reason="r", remedy="m"),
        commands.CreateInvoice(deal_id="9001", another=True, reason="second phase", tax_codes={"77": "20.0% S"}),
        commands.AttachInvoice(number="1037", deal_id="9001"),
        commands.SendInvoice(invoice_id="i", to="a@example.com"),
        commands.VoidInvoice(quickbooks_id="145"),
        results.CommandAccepted(**about),
        results.CommandRefused(**declined),
        results.CommandSucceeded(**about, invoice_id="i", total=Decimal("12.50"), currency="USD"),
        results.CommandFailed(**declined),
    ]


def test_the_committed_files_are_what_the_models_say() -> None:
    assert generate.differing() == []
    assert document.main([str(ROOT / "docs" / "events.md"), "--check"]) == 0


def test_a_changed_contract_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generate, "HERE", tmp_path)
    assert generate.main([]) == 0
    assert generate.main(["--check"]) == 0
    (tmp_path / "schemas" / "ledgerbridge.invoice.void.v1.json").write_text("{}")
    (tmp_path / "schemas" / "left.over.v1.json").write_text("{}")
    assert generate.differing() == ["ledgerbridge.invoice.void.v1.json", "left.over.v1.json"]
    assert generate.main(["--check"]) == 1


def test_there_is_an_example_of_every_message() -> None:
    assert {message.type for message in examples()} == set(BY_TYPE)


@pytest.mark.parametrize("message", examples(), ids=lambda message: type(message).__name__)
def test_an_independent_validator_accepts_what_we_write_and_we_read_it_back(message: Message) -> None:
    committed = json.loads((generate.HERE / "schemas" / f"{message.type}.json").read_text())
    jsonschema_rs.validator_for(committed).validate(json.loads(message.encode()))
    assert type(message).decode(message.encode()) == message


def amounts(schema: Any) -> list[Any]:
    if isinstance(schema, dict):
        own = [schema] if schema.get("type") == "number" or "multipleOf" in schema else []
        return own + [found for value in schema.values() for found in amounts(value)]
    if isinstance(schema, list):
        return [found for value in schema for found in amounts(value)]
    return []


def test_no_contract_knows_a_number_with_a_fraction() -> None:
    assert [model.type for model in BY_TYPE.values() if amounts(generate.schema(model))] == []


@pytest.mark.parametrize(
    "amount", ["12.5", 12, "1e3", '"1e3"', '"12,50"', '" 1"', '"NaN"', '"1234567890123456"', "null", "true"]
)
def test_amounts_are_decimal_strings_and_nothing_else(amount: object) -> None:
    value = f'{{"buyer": {{"customer_id": "1"}}, "lines": [{{"item_id": "1", "quantity": {amount}}}]}}'.encode()
    with pytest.raises(ValidationError):
        commands.CreateInvoice.decode(value)
    validator = jsonschema_rs.validator_for(generate.schema(commands.CreateInvoice))
    assert not validator.is_valid(json.loads(value))


@pytest.mark.parametrize(
    ("number", "as_amount", "as_money"),
    [
        ("1225.0", "1225", "1225.00"),
        ("1E+2", "100", "100.00"),
        ("-0.00", "0", "0.00"),
        ("-3.10", "-3.1", "-3.10"),
        ("0.123456789012", "0.123456789012", "0.123456789012"),
    ],
)
def test_equal_numbers_are_written_alike_and_keep_their_digits(number: str, as_amount: str, as_money: str) -> None:
    line = invoices.InvoiceLine(quantity=Decimal(number), amount=Decimal(number))
    written = json.loads(line.model_dump_json())
    assert (written["quantity"], written["amount"]) == (as_amount, as_money)


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"deal_id": "1", "another": True},
        {"deal_id": "1", "another": True, "reason": " "},
        {"deal_id": "1", "recuring": "first"},
        {"deal_id": "1", "recurring": "twice"},
        {"deal_id": "1", "buyer": {"customer_id": "1", "contact_id": "2"}},
        {"deal_id": "1", "buyer": {}},
        {"deal_id": "1", "lines": []},
        {"deal_id": "1", "lines": [{"item_id": "1", "product_id": "2", "quantity": "1"}]},
        {"buyer": {"customer_id": "1"}},
        {"deal_id": "1", "invoice_date": "2026-02-02", "due_date": "2026-02-01"},
        {"deal_id": "1", "message": "x" * 1001},
        {"deal_id": "a\x00b"},
        {"deal_id": 1},
    ],
)
def test_commands_are_read_strictly(command: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        commands.CreateInvoice.decode(json.dumps(command).encode())


@pytest.mark.parametrize(
    ("model", "value"),
    [
        (commands.AttachInvoice, {"quickbooks_id": "1"}),
        (commands.AttachInvoice, {"quickbooks_id": "1", "number": "2", "deal_id": "3"}),
        (commands.SendInvoice, {}),
        (commands.VoidInvoice, {"invoice_id": "1", "quickbooks_id": "2"}),
    ],
)
def test_an_invoice_is_named_in_one_way(model: type[Command], value: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        model.decode(json.dumps(value).encode())


def test_events_of_a_newer_version_are_read() -> None:
    newer = json.loads(state().encode()) | {"a_field_of_tomorrow": 1}
    assert invoices.InvoiceState.decode(json.dumps(newer).encode()) == state()


def test_a_value_is_at_most_512_kb_and_says_what_was_left_out() -> None:
    line = invoices.InvoiceLine(item_id="4", description="ż" * 400, amount=Decimal("1.00"))
    long = state(lines=(line,) * 2000)
    for message in (
        long,
        invoices.InvoiceUpdated(invoice=long, changes={"lines": invoices.Change(new=["x" * 600_000])}),
    ):
        value = message.encode()
        assert LARGEST_VALUE * 9 // 10 < len(value) <= LARGEST_VALUE
        found = type(message).decode(value)
        kept = found.invoice if isinstance(found, invoices.InvoiceEvent) else found
        assert isinstance(kept, invoices.InvoiceState)
        assert len(kept.lines) + kept.lines_omitted == 2000
    with pytest.raises(ValueError, match="even without lines"):
        state(message="x" * 600_000).encode()


def test_the_asyncapi_document_names_every_message_on_its_topic() -> None:
    made = json.loads((generate.HERE / "asyncapi.json").read_text())
    assert {name: set(channel["messages"]) for name, channel in made["channels"].items()} == {
        topic.name: {model.type for model in models} for topic, models in BY_TOPIC.items()
    }
    for message in made["components"]["messages"].values():
        assert (generate.HERE / message["payload"]["schema"]["$ref"]).exists()
