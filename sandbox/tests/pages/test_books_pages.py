"""QuickBooks' pages for customers, items, payments, credit memos and settings."""

import re
from typing import Any

import pytest

US, UK = "9130350000000001", "9130350000000002"
BASE = f"/pages/quickbooks/{US}"


def books(visitor: Any, realm: str = US) -> Any:
    return visitor.world.quickbooks.companies[realm]


def called(visitor: Any, entity: str, index: str, name: str) -> Any:
    shelf = books(visitor).shelves[entity]
    return shelf.get(shelf.find(index, name.casefold())[0])


def free_payment(visitor: Any) -> Any:
    """The seed's payment that leaves ten units over."""
    shelf = books(visitor).shelves["Payment"]
    return next(payment for each in shelf.ids() if (payment := shelf.get(each))["UnappliedAmt"])


async def invoiced(visitor: Any, customer: str, price: str = "100") -> Any:
    fields = {"rows": "1", "customer": customer, "item-new0": "Consulting", "price-new0": price, "tax-new0": "NON"}
    address = await visitor.send(f"{BASE}/invoices/new", **fields)
    return books(visitor).get("Invoice", re.findall(r"/invoices/(\d+)", address)[0])


async def test_customers_are_found_and_shown_with_their_money(visitor: Any) -> None:
    assert "34 customers on this page" in await visitor.open(f"{BASE}/customers")
    assert "1 customers on this page" in await visitor.open(f"{BASE}/customers", q="jane doe")
    words = await visitor.open(f"{BASE}/customers", q="example")
    assert "@" in words
    assert "No customer fits" in await visitor.open(f"{BASE}/customers", q="nobody at all")
    tidewater = called(visitor, "Customer", "DisplayName", "Tidewater Marine")
    words = await visitor.open(f"{BASE}/customers/{tidewater['Id']}")
    assert "Open balance 637.47 USD" in words
    assert "Credit memo 1041" in words


async def test_a_customer_is_made_renamed_retired_and_brought_back(visitor: Any) -> None:
    fields = {
        "DisplayName": "Fern & Gully",
        "email": "fern@example.org",
        "phone": "555",
        "line": "1 Lane",
        "city": "Ely",
    }
    at = (await visitor.send(f"{BASE}/customers/new", **fields)).split("?")[0]
    customer = called(visitor, "Customer", "DisplayName", "Fern & Gully")
    assert customer["BillAddr"]["Line1"] == "1 Lane"
    edited = {**fields, "DisplayName": "Fern and Gully", "phone": "", "city": "Wells", "token": customer["SyncToken"]}
    await visitor.send(f"{at}/edit", **edited)
    customer = called(visitor, "Customer", "DisplayName", "Fern and Gully")
    assert "PrimaryPhone" not in customer
    assert (customer["BillAddr"]["City"], customer["SyncToken"]) == ("Wells", "1")
    await visitor.send(f"{at}/deactivate")
    assert "It is made inactive." in visitor.words
    assert "Fern and Gully (deleted)" in visitor.words
    assert "Fern" not in await visitor.open(f"{BASE}/customers")
    assert "Fern" in await visitor.open(f"{BASE}/customers", inactive="1")
    await visitor.send(f"{at}/activate")
    assert called(visitor, "Customer", "DisplayName", "Fern and Gully")["Active"] is True


async def test_a_taken_name_is_refused_and_kept_in_its_field(visitor: Any) -> None:
    words = await visitor.refused(f"{BASE}/customers/new", DisplayName="JANE DOE", email="new@example.org")
    assert "Another customer, vendor or employee is already using this name. Please use a different name. 6240" in words
    assert visitor.value_of("customer-DisplayName") == "JANE DOE"
    assert visitor.value_of("customer-email") == "new@example.org"
    tidewater = called(visitor, "Customer", "DisplayName", "Tidewater Marine")
    await visitor.refused(f"{BASE}/customers/{tidewater['Id']}/edit", DisplayName="Jane Doe", token="0")
    assert visitor.value_of("customer-DisplayName") == "Jane Doe"


async def test_who_owes_is_not_retired(visitor: Any) -> None:
    tidewater = called(visitor, "Customer", "DisplayName", "Tidewater Marine")
    words = await visitor.refused(f"{BASE}/customers/{tidewater['Id']}/deactivate")
    assert "Delete List Has Balance Error" in words
    assert re.search(r'<details class="menu" open><summary>Make inactive', visitor.page)


async def test_two_customers_become_one(visitor: Any) -> None:
    loser, winner = (called(visitor, "Customer", "DisplayName", name) for name in ("Tidewater Marine", "Jane Doe"))
    at = f"{BASE}/customers/{loser['Id']}"
    assert "There is no customer called “Nobody”." in await visitor.refused(f"{at}/merge", into="Nobody")
    assert visitor.value_of("merge-into") == "Nobody"
    assert await visitor.send(f"{at}/merge", into="jane doe") == f"{BASE}/customers/{winner['Id']}?done=merged"
    assert "1003" in visitor.words
    assert "There is no such object." in await visitor.open(at, 404)


async def test_a_foreign_customer_has_its_currency_for_ever(visitor: Any) -> None:
    base = f"/pages/quickbooks/{UK}/customers/new"
    await visitor.open(base)
    assert 'name="currency"' in visitor.page
    await visitor.send(base, DisplayName="Belle SARL", currency="EUR")
    assert "active · EUR" in visitor.words
    await visitor.open(f"{BASE}/customers/new")
    assert 'name="currency"' not in visitor.page


async def test_items_are_made_priced_and_retired(visitor: Any) -> None:
    await visitor.open(f"{BASE}/items/new")
    account = re.findall(r'<option value="(\d+)" selected>', visitor.page)[0]
    at = (await visitor.send(f"{BASE}/items/new", Name="Feather duster", UnitPrice="7.5", account=account)).split("?")[
        0
    ]
    assert "Feather duster" in await visitor.open(f"{BASE}/items", q="feather")
    await visitor.send(f"{at}/edit", Name="Feather duster", Sku="FD-1", UnitPrice="8.25", token="0")
    item = called(visitor, "Item", "Name", "Feather duster")
    assert (str(item["UnitPrice"]), item["Sku"]) == ("8.25", "FD-1")
    assert "were working on this" in await visitor.refused(f"{at}/edit", Name="Older", UnitPrice="9", token="0")
    assert visitor.value_of("item-UnitPrice") == "9"
    await visitor.send(f"{at}/deactivate")
    assert "Feather" not in await visitor.open(f"{BASE}/items")
    await visitor.send(f"{at}/activate")
    assert "Feather" in await visitor.open(f"{BASE}/items")
    assert "No product or service fits" in await visitor.open(f"{BASE}/items", q="nothing like it")


async def test_a_refused_item_keeps_what_was_entered(visitor: Any) -> None:
    words = await visitor.refused(f"{BASE}/items/new", Name="Consulting", UnitPrice="cheap")
    assert "6240" in words or "2080" in words
    assert visitor.value_of("item-UnitPrice") == "cheap"


async def test_a_payment_is_applied_unapplied_voided(visitor: Any) -> None:
    payment = free_payment(visitor)
    customer = books(visitor).get("Customer", payment["CustomerRef"]["value"])["FullyQualifiedName"]
    invoice = await invoiced(visitor, customer)
    at = f"{BASE}/payments/{payment['Id']}"
    words = await visitor.open(at)
    assert "Not applied 10.00 USD" in words
    await visitor.send(f"{at}/apply", invoice=invoice["DocNumber"], amount="4")
    await visitor.send(f"{at}/apply", invoice=invoice["DocNumber"], amount="6")
    assert "Not applied 0.00 USD" in visitor.words
    assert books(visitor).get("Invoice", invoice["Id"])["Balance"] == 90
    await visitor.send(f"{at}/unapply")
    assert "What it pays Nothing." in visitor.words
    await visitor.send(f"{at}/void")
    assert "Amount 0.00 USD" in visitor.words
    assert await visitor.send(f"{at}/delete") == f"{BASE}/payments?done=payment-deleted"


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"invoice": "4711", "amount": "1"}, "There is no invoice called “4711”."),
        ({"invoice": "", "amount": "1"}, "Choose the invoice."),
        ({"invoice": "1003", "amount": "1"}, "TxnID Cannot Be Linked"),
        ({"invoice": "1003", "amount": ""}, "Amount is empty."),
        ({"invoice": "1003", "amount": "x"}, "Supplied value:x"),
    ],
)
async def test_a_refused_application_keeps_what_was_entered(
    visitor: Any, fields: dict[str, str], sentence: str
) -> None:
    words = await visitor.refused(f"{BASE}/payments/{free_payment(visitor)['Id']}/apply", **fields)
    assert sentence in words
    assert visitor.value_of("apply-invoice") == fields["invoice"]


async def test_payments_are_listed_and_found(visitor: Any) -> None:
    assert "payments on this page" in await visitor.open(f"{BASE}/payments")
    assert "1 payments on this page" in await visitor.open(f"{BASE}/payments", q="WIRE 4711")
    assert "No payment fits." in await visitor.open(f"{BASE}/payments", q="never heard of")


async def test_a_credit_memo_is_made_and_applied(visitor: Any) -> None:
    invoice = await invoiced(visitor, "Jane Doe")
    fields = {"customer": "Jane Doe", "item": "Consulting", "amount": "30", "code": "NON", "memo": "Sorry"}
    at = (await visitor.send(f"{BASE}/creditmemos/new", **fields)).split("?")[0]
    assert "Left 30.00 USD" in visitor.words
    words = await visitor.refused(f"{at}/apply", invoice=invoice["DocNumber"], amount="31")
    assert "The amount applied is more than the remaining credit." in words
    assert visitor.value_of("apply-amount") == "31"
    await visitor.send(f"{at}/apply", invoice=invoice["DocNumber"], amount="20")
    assert "Left 10.00 USD" in visitor.words
    assert books(visitor).get("Invoice", invoice["Id"])["Balance"] == 80
    await visitor.send(f"{at}/void")
    assert books(visitor).get("Invoice", invoice["Id"])["Balance"] == 100
    assert await visitor.send(f"{at}/delete") == f"{BASE}/creditmemos?done=credit-deleted"


async def test_a_refused_credit_memo_keeps_what_was_entered(visitor: Any) -> None:
    words = await visitor.refused(f"{BASE}/creditmemos/new", customer="Jane Doe", item="Nothing", amount="5")
    assert "There is no product or service called “Nothing”." in words
    assert visitor.value_of("credit-amount") == "5"
    assert "Amount is empty." in await visitor.refused(
        f"{BASE}/creditmemos/new", customer="Jane Doe", item="Consulting", amount=" "
    )


async def test_credit_memos_are_listed_and_found(visitor: Any) -> None:
    assert "1041" in await visitor.open(f"{BASE}/creditmemos", q="tidewater")
    assert "No credit memo fits." in await visitor.open(f"{BASE}/creditmemos", q="never heard of")


async def test_british_credit_has_a_currency_and_a_code(visitor: Any) -> None:
    shelf = books(visitor, UK).shelves["Customer"]
    euro = next(found for each in shelf.ids() if (found := shelf.get(each))["CurrencyRef"]["value"] == "EUR")
    fields = {"customer": euro["FullyQualifiedName"], "item": "Consulting", "amount": "5", "code": "5"}
    await visitor.send(f"/pages/quickbooks/{UK}/creditmemos/new", **fields)
    assert "5.00 EUR" in visitor.words


async def test_settings_are_switched_and_shown(visitor: Any) -> None:
    page = f"{BASE}/preferences"
    await visitor.send(page, CustomTxnNumbers="on", AllowDiscount="on", BookCloseDate="2026-10-31")
    assert books(visitor).preferences("SalesFormsPrefs")["CustomTxnNumbers"] is True
    assert books(visitor).preferences("SalesFormsPrefs")["AllowDeposit"] is False
    assert books(visitor).preferences("AccountingInfoPrefs")["BookCloseDate"] == "2026-10-31"
    assert 'id="preferences-CustomTxnNumbers" name="CustomTxnNumbers" checked' in visitor.page
    await visitor.send(page, BookCloseDate="")
    assert "BookCloseDate" not in books(visitor).preferences("AccountingInfoPrefs")


async def test_settings_that_exclude_each_other_are_refused_and_kept(visitor: Any) -> None:
    both = {"ClassTrackingPerTxn": "on", "ClassTrackingPerTxnLine": "on", "BookCloseDate": "2026-10-31"}
    words = await visitor.refused(f"{BASE}/preferences", **both)
    assert "by transaction or by line, not both" in words
    assert visitor.value_of("preferences-BookCloseDate") == "2026-10-31"
    assert visitor.page.count(" checked") == 2
    assert "2170" in await visitor.refused(f"{BASE}/preferences", BookCloseDate="31 October")


async def test_a_suspended_company_refuses_to_write(visitor: Any) -> None:
    await visitor.send(f"{BASE}/preferences/subscription", status="SUSPENDED")
    assert "Subscription SUSPENDED: nothing can be written." in await visitor.open("/pages/")
    words = await visitor.refused(f"{BASE}/customers/new", DisplayName="Late")
    assert "your trial or subscription period ended. 6190" in words
    assert "2170" in await visitor.refused(f"{BASE}/preferences/subscription", status="SINGING")


async def test_a_company_that_is_not_there(visitor: Any) -> None:
    assert "There is no such company." in await visitor.open("/pages/quickbooks/1/invoices", 404)
