"""Finding the customer: the order of matching, several hits, names taken."""

import pytest
from invoice_service.catalogue.buyers import (
    Associated,
    BuyerHints,
    billing_contact,
    check_currency,
    match_buyer,
    primary_or_only,
    refuse_several,
)
from invoice_service.catalogue.customers import (
    CatalogueCustomer,
    NameHolder,
    NewCustomer,
    check_name_free,
    new_customer,
    read_customer,
)
from ledgerbridge.errors import Refused

AMY = CatalogueCustomer(quickbooks_id="1", display_name="Amy's Bird Sanctuary", email="Birds@Intuit.com; amy@birds.org")
BILL = CatalogueCustomer(quickbooks_id="2", display_name="Bill's Windsurf Shop", company_name="Bill's", email="s@s.com")
TWINS = [
    CatalogueCustomer(quickbooks_id="3", display_name="Twin A", email="twin@example.com", company_name="Twins"),
    CatalogueCustomer(quickbooks_id="4", display_name="Twin B", email="x@y.z, twin@example.com", company_name="Twins"),
]
CHILD = CatalogueCustomer(quickbooks_id="5", display_name="Job 1", email="job@example.com", nested=True)
GONE = CatalogueCustomer(quickbooks_id="6", display_name="Gone (deleted)", email="gone@example.com", active=False)
ALL = [AMY, BILL, *TWINS, CHILD, GONE]
LINKS = {("company", "10"): "1", ("contact", "20"): "2", ("contact", "21"): "5", ("company", "11"): "6"}


@pytest.mark.statement("S-17", "rule")
@pytest.mark.statement("S-21", "rule")
@pytest.mark.parametrize(
    ("hints", "customer", "reason", "certainty"),
    [
        (
            {"company_id": "10", "billing_contact_id": "20", "emails": ("twin@example.com",)},
            "1",
            "company_link",
            "certain",
        ),
        ({"company_id": "99", "billing_contact_id": "20", "contact_id": "21"}, "2", "billing_contact_link", "certain"),
        ({"contact_id": "21"}, "5", "contact_link", "certain"),
        ({"company_id": "11", "names": ("bill's",)}, "2", "name", "likely"),  # the linked one is inactive
        ({"emails": ("AMY@birds.org",), "names": ("Bill's",)}, "1", "email", "likely"),
        ({"emails": ("nobody@example.com;s@s.com",)}, "2", "email", "likely"),
        ({"names": ("  amy's  bird sanctuary ",)}, "1", "name", "likely"),
        ({"emails": ("job@example.com",), "names": ("Job 1",)}, None, "none", "none"),
        ({"emails": ("gone@example.com",)}, None, "none", "none"),
        ({"names": ("",), "emails": ("",)}, None, "none", "none"),
    ],
)
def test_the_order_of_matching(hints: dict[str, object], customer: str | None, reason: str, certainty: str) -> None:
    match = match_buyer(BuyerHints(**hints), LINKS, ALL)  # type: ignore[arg-type]
    found = match.customer.quickbooks_id if match.customer else None
    assert (found, match.reason, match.certainty) == (customer, reason, certainty)


@pytest.mark.statement("S-18", "rule")
@pytest.mark.statement("S-22", "rule")
@pytest.mark.parametrize("hints", [BuyerHints(emails=("twin@example.com",)), BuyerHints(names=("TWINS",))])
def test_several_hits_are_a_list_and_never_chosen_from(hints: BuyerHints) -> None:
    match = match_buyer(hints, LINKS, ALL)
    assert match.customer is None
    assert [each.quickbooks_id for each in match.candidates] == ["3", "4"]
    with pytest.raises(Refused, match="AMBIGUOUS_CUSTOMER") as refusal:
        refuse_several(match, "deal 5")
    assert "Twin B (id 4)" in refusal.value.sentence
    refuse_several(match_buyer(BuyerHints(), LINKS, ALL), "deal 5")


def test_primary_only_and_billing_records() -> None:
    one, two = Associated("1"), Associated("2", primary=True)
    assert primary_or_only([one, two]) == "2"
    assert primary_or_only([one]) == "1"
    assert primary_or_only([one, Associated("3")]) is None
    assert billing_contact([one, Associated("4", frozenset({"billing contact"}))]) == "4"
    assert billing_contact([one]) is None


def test_another_currency_is_refused() -> None:
    check_currency("EUR", "Amy", "EUR")
    with pytest.raises(Refused, match="CURRENCY_MISMATCH"):
        check_currency("EUR", "Amy", "USD")


@pytest.mark.parametrize(
    ("holder", "words"),
    [
        (NameHolder("customer", "1", "hill  paving"), "customer hill  paving (id 1)"),
        (NameHolder("vendor", "2", "Hill Paving"), "vendor Hill Paving (id 2)"),
        (NameHolder("employee", "3", "Hill Paving (deleted)", active=False), "inactive employee"),
    ],
)
def test_a_name_held_by_anybody_is_taken(holder: NameHolder, words: str) -> None:
    with pytest.raises(Refused, match="NAME_TAKEN") as refusal:
        check_name_free("Hill Paving", [NameHolder("vendor", "9", "Other"), holder])
    assert words in refusal.value.sentence


@pytest.mark.statement("S-19", "rule")
@pytest.mark.statement("S-23", "rule")
def test_a_new_customer_is_proposed_from_company_and_contact() -> None:
    company = {"name": "Łódź: Tkaniny", "city": "Łódź", "zip": "90-001", "phone": "1"}
    contact = {"firstname": "Zoë", "lastname": "O'Neil", "email": "zoe@example.com", "city": "Elsewhere", "phone": "2"}

    new = new_customer(company, contact, "EUR")
    new.check_names()
    assert (new.display_name, new.given_name, new.email, new.phone) == ("Łódź Tkaniny", "Zoë", "zoe@example.com", "2")
    assert (new.address.city, new.address.postal_code, new.currency) == ("Łódź", "90-001", "EUR")
    assert new_customer(None, contact).display_name == "Zoë O'Neil"
    assert new_customer(None, {"email": "a@b.c"}).display_name == "a@b.c"


@pytest.mark.parametrize("name", ["A:B", "A\tB", "A\nB", "   "])
def test_names_that_quickbooks_forbids_are_refused(name: str) -> None:
    with pytest.raises(Refused, match="INVALID") as refusal:
        NewCustomer(display_name=name).check_names()
    assert refusal.value.field == "buyer.new.display_name"


def test_a_customer_is_read() -> None:
    customer = read_customer(
        {
            "Id": "7",
            "DisplayName": "Cool Cars",
            "Active": True,
            "Job": False,
            "PrimaryEmailAddr": {"Address": "Cool@Cars.com, cool@cars.com"},
            "CurrencyRef": {"value": "USD"},
            "Taxable": False,
            "BillAddr": {"Id": "8", "Lat": "INVALID"},
        }
    )
    assert (customer.emails, customer.nested, customer.active) == (("cool@cars.com",), False, True)
    assert (customer.tax.taxable, customer.tax.has_address) == (False, False)
    assert read_customer({"ParentRef": {"value": "1"}}).nested
