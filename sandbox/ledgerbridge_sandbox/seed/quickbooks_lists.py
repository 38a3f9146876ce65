"""What every seeded QuickBooks company holds besides names and transactions: accounts, terms, taxes, items, facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks.company import PREFERENCES_ID, Company, Profile
from ledgerbridge_sandbox.quickbooks.engine import submit
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.quickbooks.references import currency
from ledgerbridge_sandbox.quickbooks.schema import KINDS
from ledgerbridge_sandbox.quickbooks.taxes import RATE, name_of_place
from ledgerbridge_sandbox.seed.cast import UK_REALM, US_AUTOMATED_REALM, US_LEGACY_REALM
from ledgerbridge_sandbox.seed.quickbooks_preferences import DISCOUNTS, preferences_of

PROFILES = (
    Profile(US_AUTOMATED_REALM, "Larkspur Supply Co.", "US", "America/Los_Angeles", "USD", "Robin Castellano"),
    Profile(UK_REALM, "Larkspur Supply (UK) Ltd", "GB", "Europe/London", "GBP", "Hugh Pemberton"),
    Profile(US_LEGACY_REALM, "Prairie Lark Services LLC", "US", "America/Chicago", "USD", "Clara Voigt"),
)

SERVICES, PRODUCTS = "1", "79"
_ACCOUNTS = (
    (SERVICES, "Services", "Income", "ServiceFeeIncome", "Revenue"),
    ("4", "Undeposited Funds", "Other Current Asset", "UndepositedFunds", "Asset"),
    ("35", "Checking", "Bank", "Checking", "Asset"),
    (PRODUCTS, "Sales of Product Income", "Income", "SalesOfProductIncome", "Revenue"),
    ("80", "Cost of Goods Sold", "Cost of Goods Sold", "SuppliesMaterialsCogs", "Expense"),
    ("81", "Inventory Asset", "Other Current Asset", "Inventory", "Asset"),
    ("84", "Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable", "Asset"),
    (DISCOUNTS, "Discounts given", "Income", "DiscountsRefundsGiven", "Revenue"),
)
_TERMS: tuple[tuple[str, Record], ...] = (
    ("1", {"Name": "Due on receipt", "Type": "STANDARD", "DueDays": 0}),
    ("2", {"Name": "Net 15", "Type": "STANDARD", "DueDays": 15}),
    ("3", {"Name": "Net 30", "Type": "STANDARD", "DueDays": 30}),
    ("4", {"Name": "Net 60", "Type": "STANDARD", "DueDays": 60}),
    ("5", {"Name": "10th of the month", "Type": "DATE_DRIVEN", "DayOfMonthDue": 10, "DueNextMonthDays": 5}),
)
# Only 7 is recorded (Discover); the others are a guess.
_PAYMENT_METHODS = (
    ("1", "Cash", "NON_CREDIT_CARD"),
    ("2", "Check", "NON_CREDIT_CARD"),
    ("3", "Visa", "CREDIT_CARD"),
    ("4", "MasterCard", "CREDIT_CARD"),
    ("5", "Diners Club", "CREDIT_CARD"),
    ("6", "American Express", "CREDIT_CARD"),
    ("7", "Discover", "CREDIT_CARD"),
)
# Recorded.
_CUSTOMER_TYPES = ("Retail", "Drop Ship", "Distributor", "Wholesale")
_PLACES = {"CA": "8.625", "WA": "10.35", "AZ": "8.6", "CO": "8.81", "IL": "10.25", "WI": "5.5", "NY": "8.875"}
_LEGACY_RATES = (
    ("1", "AZ State tax", "7.1"),
    ("2", "Tucson City", "2"),
    ("3", "California", "8"),
    ("4", "Chicago", "10.25"),
)
_LEGACY_CODES = (("2", "California", ("3",)), ("3", "Tucson", ("1", "2")), ("4", "Chicago", ("4",)))
_LINE_CODES = {"TAX": True, "NON": False, "CustomSalesTax": True}
_UK_RATES = (("5", "20.0% S (Sales)", "20"), ("7", "5.0% R (Sales)", "5"), ("9", "0.0% Z (Sales)", "0"))
_UK_CODES = (("3", "20.0% S", ("5",)), ("4", "5.0% R", ("7",)), ("5", "0.0% Z", ("9",)), ("6", "Exempt", ("9",)))
_AGENCY: Record = {"TaxTrackedOnPurchases": False, "TaxTrackedOnSales": True}
_AGENCIES = {
    US_AUTOMATED_REALM: "Oregon Department of Revenue",
    UK_REALM: "HM Revenue & Customs (VAT)",
    US_LEGACY_REALM: "Illinois Department of Revenue",
}
_SEATS = {
    US_AUTOMATED_REALM: ("Portland", "OR", "97205"),
    UK_REALM: ("London", "England", "EC1A 1BB"),
    US_LEGACY_REALM: ("Chicago", "IL", "60601"),
}
STANDARD_VAT, REDUCED_VAT, ZERO_VAT = "3", "4", "5"
_VAT_HISTORY = [
    {
        "RateValue": Decimal("17.5"),
        "EffectiveDate": "1970-01-01T00:00:00-08:00",
        "EndDate": "2011-01-03T00:00:00-08:00",
    },
    {"RateValue": Decimal(20), "EffectiveDate": "2011-01-04T00:00:00-08:00"},
]
_EURO_RATES = ("0.8612", "0.8634", "0.8655", "0.8641", "0.8629", "0.8608", "0.8677", "0.8690")
_RATE_DAYS = 400


@dataclass(frozen=True, slots=True)
class Ware:
    """A thing to sell; `price` in the company's home currency."""

    name: str
    sku: str
    price: Decimal
    service: bool
    taxable: bool
    description: str = ""


# name | SKU | price | S(ervice) or P(roduct) | T(axable) or -
_WARES = """
Consulting|SVC-100|150.00|S|-
Installation|SVC-110|85.00|S|-
Annual Support Plan|SVC-120|1200.00|S|-
Training Day|SVC-130|960.00|S|-
Delivery|SVC-140|25.00|S|T
Site Survey|SVC-150|240.00|S|-
Oak Display Shelf|PRD-200|189.90|P|T
Steel Rack 2 m|PRD-210|349.00|P|T
LED Panel 60x60|PRD-220|59.95|P|T
Copper Cable (per metre)|PRD-230|2.375|P|T
Paint "Sea Foam" 5 l|PRD-240|44.50|P|T
Builder's Level|PRD-250|129.00|P|T
Café Table Ø 70|PRD-260|215.00|P|T
Ergonomic Chair|PRD-270|299.00|P|T
Notice Board|PRD-280|38.25|P|T
Gift Card|PRD-290|50.00|P|-
Safety Gloves & Goggles|PRD-300|17.49|P|T
Label Printer|PRD-310|179.00|P|T
Espresso Machine|PRD-320|1849.00|P|T
Filter Coffee 1 kg|PRD-330|18.333|P|-
Workbench|PRD-340|420.00|P|T
Planter Box|PRD-350|75.00|P|T
Window Film (per m²)|PRD-360|12.125|P|T
Retired Lamp|PRD-900|34.00|P|T
""".strip().splitlines()
RETIRED = "PRD-900"


def _ware(row: str) -> Ware:
    name, sku, price, sort, taxed = row.split("|")
    return Ware(name, sku, Decimal(price), sort == "S", taxed == "T")


WARES = tuple(_ware(row) for row in _WARES)
_WARES_KEPT = {US_AUTOMATED_REALM: 24, UK_REALM: 18, US_LEGACY_REALM: 18}


def wares_of(realm: str) -> tuple[Ware, ...]:
    """What that company sells; the retired one is everywhere."""
    return (*WARES[: _WARES_KEPT[realm] - 1], WARES[-1])


def sow_lists(company: Company) -> None:
    """Everything but names and transactions. The ids of accounts, terms and taxes are those of Intuit's sandboxes."""
    _put(company, "CompanyInfo", "1", _company_info(company.profile))
    _put(company, "Preferences", PREFERENCES_ID, preferences_of(company.profile))
    for identifier, name, account_type, subtype, classification in _ACCOUNTS:
        _put(company, "Account", identifier, _account(company, name, account_type, subtype, classification))
    for identifier, term in _TERMS:
        _put(company, "Term", identifier, {**term, "Active": True})
    for at, name in enumerate(_CUSTOMER_TYPES, start=1):
        _put(company, "CustomerType", str(at), {"Name": name, "Active": True})
    for identifier, name, sort in _PAYMENT_METHODS:
        _put(company, "PaymentMethod", identifier, {"Name": name, "Active": True, "Type": sort})
    _sow_taxes(company)
    if company.multicurrency:
        _sow_rates(company)
    for ware in wares_of(company.realm):
        _sow_item(company, ware)


def _put(company: Company, entity: str, identifier: str, record: Record) -> None:
    kind = KINDS[entity]
    company.keep(kind, {"domain": "QBO", "sparse": False, "Id": identifier, **record}, None)
    if identifier.isdigit():
        company.sequences[kind.family] = max(company.sequences.get(kind.family, 0), int(identifier))


def _account(company: Company, name: str, account_type: str, subtype: str, classification: str) -> Record:
    return {
        "Name": name,
        "SubAccount": False,
        "FullyQualifiedName": name,
        "Active": True,
        "Classification": classification,
        "AccountType": account_type,
        "AccountSubType": subtype,
        "CurrentBalance": 0,
        "CurrentBalanceWithSubAccounts": 0,
        "CurrencyRef": currency(company.profile.home_currency),
    }


def _sow_taxes(company: Company) -> None:
    _put(company, "TaxAgency", "1", {**_AGENCY, "DisplayName": _AGENCIES[company.realm]})
    if company.realm == US_AUTOMATED_REALM:
        for at, (region, percent) in enumerate(_PLACES.items(), start=11):
            _put(company, "TaxRate", str(at), _rate(name_of_place(region), percent))
        _put(company, "TaxCode", "2", _code("Automated Sales Tax", ()))
        _sow_line_codes(company)
        return
    uk = company.realm == UK_REALM
    known = _UK_RATES if uk else _LEGACY_RATES
    names = {identifier: name for identifier, name, _ in known}
    for identifier, name, percent in known:
        history = {"EffectiveTaxRate": _VAT_HISTORY} if name == _UK_RATES[0][1] else {}
        _put(company, "TaxRate", identifier, {**_rate(name, percent), **history})
    for identifier, name, rates in _UK_CODES if uk else _LEGACY_CODES:
        _put(company, "TaxCode", identifier, _code(name, [(rate, names[rate]) for rate in rates]))
    if not uk:
        _sow_line_codes(company)


def _sow_line_codes(company: Company) -> None:
    """What lines say in the United States stands among the codes too (recorded, without times that a change moves)."""
    for name, taxable in _LINE_CODES.items():
        words = {"Name": name, "Description": name, "Active": True, "Taxable": taxable}
        _put(company, "TaxCode", name, {**words, "TaxGroup": name == "CustomSalesTax"})


def _rate(name: str, percent: str) -> Record:
    return {
        "Name": name,
        "Description": RATE,
        "Active": True,
        "RateValue": Decimal(percent),
        "AgencyRef": {"value": "1"},
        "SpecialTaxType": "NONE",
        "DisplayType": "ReadOnly",
    }


def _code(name: str, rates: Sequence[tuple[str, str]]) -> Record:
    """A code of rates, told by their ids and names."""
    details = [
        {"TaxRateRef": {"value": rate, "name": rate_name}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": order}
        for order, (rate, rate_name) in enumerate(rates)
    ]
    return {
        "Name": name,
        "Description": name,
        "Active": True,
        "Hidden": False,
        "Taxable": bool(rates),
        "TaxGroup": True,
        "SalesTaxRateList": {"TaxRateDetail": details},
        "PurchaseTaxRateList": {"TaxRateDetail": []},
        "TaxCodeConfigType": "USER_DEFINED",
    }


def _sow_rates(company: Company) -> None:
    _put(company, "CompanyCurrency", "1", {"Code": "EUR", "Name": "Euro", "Active": True})
    first = company.today() - timedelta(days=_RATE_DAYS)
    for at in range(0, _RATE_DAYS + 1, 10):
        day: date = first + timedelta(days=at)
        rate = Decimal(_EURO_RATES[at // 10 % len(_EURO_RATES)])
        facts: dict[str, Any] = {"SourceCurrencyCode": "EUR", "TargetCurrencyCode": "GBP", "Rate": rate}
        _put(company, "ExchangeRate", f"EUR:{day.isoformat()}", {**facts, "AsOfDate": day.isoformat()})


def _sow_item(company: Company, ware: Ware) -> None:
    record: Record = {
        "Name": ware.name,
        "Sku": ware.sku,
        "Description": ware.description or ware.name,
        "Type": "Service" if ware.service else "NonInventory",
        "UnitPrice": ware.price,
        "IncomeAccountRef": {"value": SERVICES if ware.service else PRODUCTS},
    }
    if company.profile.country == "US":
        record["Taxable"] = ware.taxable
    else:
        record["SalesTaxCodeRef"] = {"value": STANDARD_VAT if ware.taxable else ZERO_VAT}
    submit(company, KINDS["Item"], record)


def _company_info(profile: Profile) -> Record:
    us = profile.country == "US"
    city, region, code = _SEATS[profile.realm]
    place = {"City": city, "CountrySubDivisionCode": region, "PostalCode": code, "Country": "USA" if us else "GBR"}
    address = {"Id": "1", "Line1": "1 Lark Street", **place}
    names = {"SubscriptionStatus": "SUBSCRIBED", "OfferingSku": "QuickBooks Online Plus"}
    return {
        "CompanyName": profile.name,
        "LegalName": profile.name,
        "CompanyAddr": address,
        "CustomerCommunicationAddr": address,
        "LegalAddr": address,
        "CompanyStartDate": "2019-04-01",
        "FiscalYearStartMonth": "January" if us else "April",
        "Country": profile.country,
        "Email": {"Address": "books@larkspur.example"},
        "PrimaryPhone": {"FreeFormNumber": "(503) 555-0100" if us else "020 7946 0100"},
        "WebAddr": {"URI": "https://larkspur.example"},
        "SupportedLanguages": "en",
        "DefaultTimeZone": profile.zone,
        "NameValue": [{"Name": name, "Value": value} for name, value in names.items()],
    }
