"""The judge is python-quickbooks: names, items and the other lists of a company, by the SDK's own methods."""

from decimal import Decimal
from typing import Any

import pytest
from quickbooks.exceptions import ObjectNotFoundException, QuickbooksException, ValidationException
from quickbooks.objects import Account, Customer, Department, Item, PaymentMethod, Preferences, Term
from quickbooks.objects.base import Address, EmailAddress, PhoneNumber
from quickbooks.objects.company_info import CompanyInfo
from quickbooks.objects.companycurrency import CompanyCurrency
from quickbooks.objects.exchangerate import ExchangeRate
from quickbooks.objects.taxagency import TaxAgency
from quickbooks.objects.taxcode import TaxCode
from quickbooks.objects.taxrate import TaxRate
from quickbooks.objects.taxservice import TaxRateDetails, TaxService
from quickbooks.objects.trackingclass import Class
from quickbooks_books import Books

JUDGE = "python-quickbooks"


@pytest.mark.parametrize("kind", [Account, Customer, Item, Term, TaxCode, TaxRate, TaxAgency, PaymentMethod])
def test_every_list_is_read_whole_and_one_by_one(books: Books, kind: Any) -> None:
    found = kind.all(qb=books.client)
    assert found
    assert kind.get(found[0].Id, qb=books.client).Id == found[0].Id
    assert kind.count(qb=books.client) == len(found)


@pytest.mark.parametrize("kind", [Class, Department, CompanyCurrency])
def test_lists_that_a_company_may_not_use_are_answered(books: Books, kind: Any) -> None:
    assert len(kind.all(qb=books.client)) == kind.count(qb=books.client)


def test_a_customer_is_made_read_and_changed(books: Books) -> None:
    made = Customer()
    made.DisplayName = "Judge & Sons"
    made.PrimaryEmailAddr, made.PrimaryPhone, made.BillAddr = EmailAddress(), PhoneNumber(), Address()
    made.PrimaryEmailAddr.Address = "office@judge.example"
    made.PrimaryPhone.FreeFormNumber = "555 0100"
    made.BillAddr.Line1, made.BillAddr.City = "1 Court Street", "Salem"
    first = made.save(qb=books.client)
    read = Customer.get(made.Id, qb=books.client)
    assert (read.DisplayName, read.PrimaryEmailAddr.Address) == ("Judge & Sons", "office@judge.example")
    assert (read.BillAddr.City, read.SyncToken, first.Active) == ("Salem", "0", True)
    read.CompanyName = "Judge and Sons"
    changed = read.save(qb=books.client)
    assert (changed.CompanyName, changed.SyncToken, changed.BillAddr.Line1) == ("Judge and Sons", "1", "1 Court Street")


def test_a_sub_customer_is_named_below_its_parent(books: Books) -> None:
    parent = books.customer("Parent")
    below = Customer()
    below.DisplayName, below.Job, below.ParentRef = "Kitchen", True, parent.to_ref()
    assert below.save(qb=books.client).FullyQualifiedName == "Parent:Kitchen"


def test_a_name_that_is_taken_is_refused_as_6240(books: Books) -> None:
    books.customer("Twice")
    with pytest.raises(QuickbooksException) as refused:
        books.customer("Twice")
    assert refused.value.error_code == 6240


def test_an_old_sync_token_is_refused_as_5010(books: Books) -> None:
    one = books.customer("Stale")
    again = Customer.get(one.Id, qb=books.client)
    again.CompanyName = "First"
    again.save(qb=books.client)
    again.CompanyName = "Second"
    with pytest.raises(QuickbooksException) as refused:
        again.save(qb=books.client)
    assert refused.value.error_code == 5010


def test_nobody_is_610(books: Books) -> None:
    with pytest.raises(ObjectNotFoundException) as refused:
        Customer.get("99999", qb=books.client)
    assert refused.value.error_code == 610


def test_a_customer_put_to_rest_leaves_the_list_and_comes_back(books: Books) -> None:
    one = books.customer("Resting")
    one.Active = False
    one.save(qb=books.client)
    assert "Resting (deleted)" in [each.DisplayName for each in Customer.filter(Active=False, qb=books.client)]
    assert not Customer.filter(DisplayName="Resting", qb=books.client)


@pytest.mark.parametrize("kind", ["Service", "NonInventory"])
def test_an_item_is_made_with_its_price(books: Books, kind: str) -> None:
    made = Item()
    made.Name, made.Type, made.Sku, made.UnitPrice = f"Judged {kind}", kind, f"J-{kind}", Decimal("12.50")
    made.IncomeAccountRef = Account.filter(AccountType="Income", qb=books.client)[0].to_ref()
    answer = made.save(qb=books.client)
    assert (answer.Type, answer.Sku, answer.UnitPrice) == (kind, f"J-{kind}", Decimal("12.5"))


def test_stock_is_counted_from_its_first_day(books: Books) -> None:
    made = Item()
    made.Name, made.Type, made.Sku, made.InvStartDate = "Judged stock", "Inventory", "J-S", "2026-01-01"
    made.TrackQtyOnHand, made.QtyOnHand = True, 10
    for field, kind in (
        ("IncomeAccountRef", "SalesOfProductIncome"),
        ("ExpenseAccountRef", "SuppliesMaterialsCogs"),
        ("AssetAccountRef", "Inventory"),
    ):
        setattr(made, field, Account.filter(AccountSubType=kind, qb=books.client)[0].to_ref())
    assert made.save(qb=books.client).QtyOnHand == 10


def test_an_item_below_a_category_bears_its_path(books: Books) -> None:
    category = Item()
    category.Name, category.Type = "Judged things", "Category"
    parent = category.save(qb=books.client)
    made = Item()
    made.Name, made.Type, made.SubItem, made.ParentRef = "Inside", "Service", True, parent.to_ref()
    made.IncomeAccountRef = Account.filter(AccountType="Income", qb=books.client)[0].to_ref()
    assert made.save(qb=books.client).FullyQualifiedName == "Judged things:Inside"


def test_a_term_of_ten_days(books: Books) -> None:
    made = Term()
    made.Name, made.DueDays, made.Type = "Judged 10", 10, "STANDARD"
    assert made.save(qb=books.client).DueDays == 10


def test_a_tax_agency_rate_and_code_come_from_the_tax_service(books: Books) -> None:
    agency = TaxAgency()
    agency.DisplayName = "Judged agency"
    agency.save(qb=books.client)
    service, rate = TaxService(), TaxRateDetails()
    service.TaxCode = "Judged tax"
    rate.TaxRateName, rate.RateValue, rate.TaxAgencyId, rate.TaxApplicableOn = "Judged rate", 10, agency.Id, "Sales"
    service.TaxRateDetails.append(rate)
    answer = service.save(qb=books.client)
    code = TaxCode.get(answer.TaxCodeId, qb=books.client)
    assert code.Name == "Judged tax"
    assert code.SalesTaxRateList.TaxRateDetail[0].TaxRateRef.name == "Judged rate"


def test_the_company_and_its_preferences(books: Books) -> None:
    assert CompanyInfo.get(books.client.company_id, qb=books.client).CompanyName
    assert Preferences.get(qb=books.client).SalesFormsPrefs.CustomTxnNumbers is False


def test_a_rate_of_exchange_is_found_by_currency(books_in_pounds: Books) -> None:
    rates = ExchangeRate.filter(SourceCurrencyCode="EUR", qb=books_in_pounds.client)
    assert {rate.SourceCurrencyCode for rate in rates} == {"EUR"}
    assert {rate.TargetCurrencyCode for rate in rates} == {"GBP"}


def test_a_name_of_no_entity_is_a_validation_fault(books: Books) -> None:
    with pytest.raises(ValidationException) as refused:
        Customer.query("select * from Custmer", qb=books.client)
    assert refused.value.error_code == 4001
