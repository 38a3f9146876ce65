"""What QuickBooks knows of each kind of object.

Its properties (Intuit's published schema of 2026-07), which of them an application cannot write, which can be filtered
(quickbooks.md 4), and how a list is ordered by default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ledgerbridge_sandbox.quickbooks.faults import malformed, unknown_property

_ENTITY = "Id SyncToken MetaData CustomField AttachableRef domain status sparse"
_TRANSACTION = (
    f"{_ENTITY} DocNumber TxnDate TxnSubType DepartmentRef CurrencyRef ExchangeRate PrivateNote TxnStatus LinkedTxn "
    "Line TxnTaxDetail TxnSource TaxFormType TaxFormNum TransactionLocationType Tag TxnApprovalInfo RecurDataRef "
    "RecurringInfo ProjectRef TotalCostAmount HomeTotalCostAmount"
)
_SALES_FORM = (
    f"{_TRANSACTION} AutoDocNumber CustomerRef CustomerMemo BillAddr ShipAddr FreeFormAddress ShipFromAddr RemitToRef "
    "ClassRef SalesTermRef DueDate SalesRepRef PONumber FOB ShipMethodRef ShipDate TrackingNum GlobalTaxCalculation "
    "TotalAmt HomeTotalAmt ApplyTaxAfterDiscount ShippingTaxIncludedInTotalTax TemplateRef PrintStatus EmailStatus "
    "BillEmail BillEmailCc BillEmailBcc ARAccountRef Balance HomeBalance FinanceCharge PaymentMethodRef PaymentRefNum "
    "PaymentType CheckPayment CreditCardPayment DepositToAccountRef DeliveryInfo DiscountRate DiscountAmt "
    "GovtTxnRefIdentifier TaxExemptionRef CustomExtensions"
)
_INVOICE = (
    f"{_SALES_FORM} Deposit AllowIPNPayment AllowOnlinePayment AllowOnlineCreditCardPayment AllowOnlineACHPayment "
    "AllowOnlinePayPalPayment AllowOnlineAffirmPayment EInvoiceStatus ECloudStatusTimeStamp CfdiUse Exportation "
    "GlobalInfo invoiceStatus callToAction invoiceStatusLog InvoiceEx LessCIS InvoiceLink PaymentDetailsMessage "
    "ConvenienceFeeDetail EnabledSurchargeInfo InvoiceLinkSecurityCode InvoiceLinkExpiryDate AutoPayEligible "
    "SchedulePayEligible ScheduledPaymentId GratuityEnabled FinancingProductType SubscriptionPaymentsSetting "
    "TxnRetainageDetail"
)
_NAME = (
    f"{_ENTITY} IntuitId Organization Title GivenName MiddleName FamilyName Suffix FullyQualifiedName CompanyName "
    "DisplayName PrintOnCheckName UserId Active V4IDPseudonym PrimaryPhone AlternatePhone Mobile Fax PrimaryEmailAddr "
    "WebAddr OtherContactInfo DefaultTaxCodeRef Notes"
)
_CUSTOMER = (
    f"{_NAME} Taxable BillAddr ShipAddr OtherAddr ContactName AltContactName Job BillWithParent RootCustomerRef "
    "ParentRef Level CustomerTypeRef SalesTermRef SalesRepRef TaxGroupCodeRef TaxRateRef PaymentMethodRef CCDetail "
    "PriceLevelRef Balance OpenBalanceDate BalanceWithJobs CreditLimit AcctNum CurrencyRef OverDueBalance "
    "TotalRevenue TotalExpense PreferredDeliveryMethod ResaleNum JobInfo TDSEnabled CustomerEx "
    "SecondaryTaxIdentifier ARAccountRef PrimaryTaxIdentifier TaxExemptionReasonId IsProject BusinessNumber GSTIN "
    "GSTRegistrationType IsCISContractor ClientCompanyId ClientEntityId TaxRegime"
)
_ITEM = (
    f"{_ENTITY} Name Sku Description Active SubItem ParentRef Level FullyQualifiedName Taxable SalesTaxIncluded "
    "PercentBased UnitPrice RatePercent Type PaymentMethodRef UOMSetRef IncomeAccountRef PurchaseDesc "
    "PurchaseTaxIncluded PurchaseCost ExpenseAccountRef COGSAccountRef AssetAccountRef PrefVendorRef AvgCost "
    "TrackQtyOnHand QtyOnHand QtyOnPurchaseOrder QtyOnSalesOrder ReorderPoint ManPartNum DepositToAccountRef "
    "SalesTaxCodeRef PurchaseTaxCodeRef InvStartDate BuildPoint PrintGroupedItems SpecialItem SpecialItemType "
    "ItemGroupDetail ItemAssemblyDetail AbatementRate ReverseChargeRate ServiceType ItemCategoryType ItemEx "
    "TaxClassificationRef UQCDisplayText UQCId ClassRef DeferredRevenue CustomExtensions"
)
_NESTED = {
    "Line": (
        "Id LineNum Description Amount Received LinkedTxn DetailType PaymentLineDetail DiscountLineDetail "
        "TaxLineDetail SalesItemLineDetail DescriptionLineDetail ReimburseLineDetail GroupLineDetail "
        "SubTotalLineDetail CustomField LineEx ProjectRef CostAmount HomeCostAmount CustomExtensions"
    ),
    "SalesItemLineDetail": (
        "ItemRef ClassRef UnitPrice UnitCostPrice RatePercent PriceLevelRef MarkupInfo Qty UOMRef ItemAccountRef "
        "InventorySiteRef TaxCodeRef TaxClassificationRef ServiceDate TaxInclusiveAmt DiscountRate DiscountAmt "
        "DeferredRevenue RetainageAmount SalesItemLineDetailEx"
    ),
    "DiscountLineDetail": (
        "DiscountRef PercentBased DiscountPercent DiscountAccountRef ServiceDate ClassRef TaxCodeRef "
        "DiscountLineDetailEx"
    ),
    "DescriptionLineDetail": "ServiceDate TaxCodeRef DescriptionLineDetailEx",
    "SubTotalLineDetail": "ItemRef ServiceDate",
    "TxnTaxDetail": "DefaultTaxCodeRef TxnTaxCodeRef TotalTax TaxReviewStatus TaxLine UseAutomatedSalesTax",
    "ReferenceType": "value name type",
    "EmailAddress": "Id Address Default Tag",
    "TelephoneNumber": "Id DeviceType CountryCode AreaCode ExchangeCode Extension FreeFormNumber Default Tag",
    "PhysicalAddress": (
        "Id Line1 Line2 Line3 Line4 Line5 City Country CountryCode County CountrySubDivisionCode PostalCode "
        "PostalCodeSuffix Lat Long Tag Note"
    ),
}
NESTED: Mapping[str, tuple[str, ...]] = {name: tuple(words.split()) for name, words in _NESTED.items()}


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


_LISTS = frozenset(_words("Line LinkedTxn CustomField TaxLine AttachableRef OtherContactInfo CustomExtensions"))
_OBJECTS = frozenset(
    _words(
        "MetaData CustomerMemo DeliveryInfo WebAddr CheckPayment CreditCardPayment JobInfo CCDetail RecurringInfo "
        "TxnApprovalInfo MarkupInfo TaxLineDetail PaymentLineDetail ReimburseLineDetail GroupLineDetail LineEx "
        "InvoiceEx CreditMemoEx PaymentEx CustomerEx ItemEx SalesItemLineDetailEx DiscountLineDetailEx "
        "DescriptionLineDetailEx PrimaryAddr ItemGroupDetail "
        "EstimateEx SalesReceiptEx RefundReceiptEx "
        "ItemAssemblyDetail GlobalInfo TxnRetainageDetail ConvenienceFeeDetail "
        "DiscountRef invoiceStatusLog"
    )
)
_BOOLEANS = frozenset(
    _words(
        "sparse Active AllowIPNPayment AllowOnlineACHPayment AllowOnlineAffirmPayment AllowOnlineCreditCardPayment "
        "AllowOnlinePayPalPayment AllowOnlinePayment ApplyTaxAfterDiscount AutoDocNumber AutoPayEligible "
        "BillWithParent BillableTime Default DeferredRevenue FinanceCharge FreeFormAddress GratuityEnabled Hidden "
        "IsCISContractor IsProject Job OnlineBankingEnabled Organization PercentBased PrintGroupedItems ProcessPayment "
        "PurchaseTaxIncluded SalesTaxIncluded SchedulePayEligible ShippingTaxIncludedInTotalTax SpecialItem SubAccount "
        "SubClass SubDepartment SubItem TDSEnabled TaxGroup TaxOnTax TaxTrackedOnPurchases TaxTrackedOnSales Taxable "
        "TrackQtyOnHand UseAutomatedSalesTax Vendor1099"
    )
)
NUMBERS = frozenset(
    _words(
        "AbatementRate Amount AvgCost Balance BalanceWithJobs BillRate BuildPoint CfdiUse CostAmount CostRate "
        "CreditLimit CurrentBalance CurrentBalanceWithSubAccounts DayOfMonthDue Deposit DiscountAmt "
        "DiscountDayOfMonth DiscountDays DiscountPercent DiscountRate DueDays DueNextMonthDays ExchangeRate "
        "HomeBalance HomeCostAmount HomeTotalAmt HomeTotalCostAmount LessCIS LineNum OpeningBalance OverDueBalance "
        "PurchaseCost Qty QtyOnHand QtyOnPurchaseOrder QtyOnSalesOrder Rate RatePercent RateValue Received "
        "RemainingCredit ReorderPoint RetainageAmount ReverseChargeRate TaxInclusiveAmt TotalAmt TotalCostAmount "
        "TotalExpense TotalRevenue TotalTax UnappliedAmt UnitCostPrice UnitPrice TaxPercent NetAmountTaxable "
        "OverrideDeltaAmount Level NumberValue"
    )
)
"""Properties of any kind or part that hold a number."""
_EMAILS = frozenset({"BillEmail", "BillEmailCc", "BillEmailBcc", "PrimaryEmailAddr"})
_PHONES = frozenset({"PrimaryPhone", "AlternatePhone", "Mobile", "Fax"})
_ADDRESSES = frozenset({"BillAddr", "ShipAddr", "ShipFromAddr", "OtherAddr"})

SERVER_SIDE = frozenset({"Id", "SyncToken", "MetaData", "domain", "sparse", "status"})
"""Kept by QuickBooks on every object."""


class Order(Enum):
    """The default order of a list, derived from recordings (quickbooks.md 4)."""

    NEWEST_CHANGE = "newest change first"
    NAME = "by name"


@dataclass(frozen=True)
class Kind:
    """One kind of object. `family` is the sequence that its ids come from and the word of 2500 for a dangling one."""

    name: str
    properties: tuple[str, ...]
    read_only: frozenset[str]
    family: str
    filters: frozenset[str]
    order: Order = Order.NEWEST_CHANGE
    order_by: str = ""
    transaction: bool = False
    captured: bool = True
    writable: bool = True
    created_only: bool = False
    counted: bool = False
    known: frozenset[str] = field(default=frozenset(), compare=False)

    @property
    def path(self) -> str:
        """As in addresses."""
        return self.name.lower()


_META = "MetaData.CreateTime MetaData.LastUpdatedTime"
_FORM_FILTERS = f"Id TxnDate DueDate {_META} CustomerRef DocNumber TotalAmt Balance ProjectRef"
_NAME_FILTERS = (
    "Id DisplayName GivenName MiddleName FamilyName CompanyName FullyQualifiedName PrimaryEmailAddr Active Balance "
    f"PrintOnCheckName {_META}"
)
_FORM_READ_ONLY = (
    "TotalAmt HomeTotalAmt Balance HomeBalance DeliveryInfo RecurDataRef TaxExemptionRef FreeFormAddress InvoiceLink "
    "EInvoiceStatus TxnStatus RemainingCredit"
)


def _kind(name: str, properties: str, family: str, filters: str, read_only: str = "", **more: Any) -> Kind:
    words = tuple(properties.split())
    hidden = SERVER_SIDE | frozenset(read_only.split())
    return Kind(name, words, hidden, family, frozenset(filters.split()), known=frozenset(words), **more)


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        _kind("Invoice", _INVOICE, "Txn", _FORM_FILTERS, _FORM_READ_ONLY, transaction=True, counted=True),
        _kind(
            "CreditMemo",
            f"{_SALES_FORM} RemainingCredit InvoiceRef CreditMemoEx",
            "Txn",
            _FORM_FILTERS,
            _FORM_READ_ONLY,
            transaction=True,
        ),
        _kind(
            "Estimate",
            f"{_SALES_FORM} ExpirationDate AcceptedBy AcceptedDate EstimateEx",
            "Txn",
            _FORM_FILTERS,
            _FORM_READ_ONLY.replace(" TxnStatus", ""),
            transaction=True,
        ),
        _kind("SalesReceipt", f"{_SALES_FORM} SalesReceiptEx", "Txn", _FORM_FILTERS, _FORM_READ_ONLY, transaction=True),
        _kind(
            "RefundReceipt", f"{_SALES_FORM} RefundReceiptEx", "Txn", _FORM_FILTERS, _FORM_READ_ONLY, transaction=True
        ),
        _kind(
            "Payment",
            f"{_TRANSACTION} CustomerRef RemitToRef ARAccountRef DepositToAccountRef PaymentMethodRef PaymentRefNum "
            "PaymentType CheckPayment CreditCardPayment TotalAmt UnappliedAmt ProcessPayment PaymentExtendedType "
            "PaymentEx",
            "Txn",
            f"Id TxnDate {_META} CustomerRef TotalAmt PaymentRefNum",
            "UnappliedAmt LinkedTxn TxnStatus",
            transaction=True,
        ),
        _kind(
            "Customer",
            _CUSTOMER,
            "Names",
            _NAME_FILTERS,
            "FullyQualifiedName Balance BalanceWithJobs Level IsProject IntuitId V4IDPseudonym ClientEntityId",
            order=Order.NAME,
            order_by="FullyQualifiedName",
        ),
        _kind(
            "Vendor",
            f"{_NAME} BillAddr ShipAddr OtherAddr Balance AcctNum Vendor1099 CurrencyRef TermRef BillRate",
            "Names",
            _NAME_FILTERS,
            "FullyQualifiedName Balance",
            order=Order.NAME,
            order_by="DisplayName",
        ),
        _kind(
            "Employee",
            f"{_NAME} EmployeeType EmployeeNumber SSN PrimaryAddr OtherAddr BillableTime BillRate BirthDate Gender "
            "HiredDate ReleasedDate UseTimeEntry CostRate",
            "Names",
            _NAME_FILTERS,
            order=Order.NAME,
            order_by="DisplayName",
        ),
        _kind(
            "Item",
            _ITEM,
            "Items",
            f"Id Name FullyQualifiedName Sku Type Active {_META}",
            "FullyQualifiedName Level QtyOnPurchaseOrder QtyOnSalesOrder AvgCost SpecialItem SpecialItemType",
            order=Order.NAME,
            order_by="Name",
        ),
        _kind(
            "Account",
            f"{_ENTITY} Name SubAccount ParentRef Description FullyQualifiedName AccountAlias TxnLocationType Active "
            "Classification AccountType AccountSubType AcctNum BankNum OpeningBalance OpeningBalanceDate "
            "CurrentBalance CurrentBalanceWithSubAccounts CurrencyRef TaxCodeRef OnlineBankingEnabled FIName",
            "Accounts",
            f"Id Name FullyQualifiedName AccountType AccountSubType Active Classification {_META}",
            "FullyQualifiedName CurrentBalance CurrentBalanceWithSubAccounts",
            order=Order.NAME,
            order_by="FullyQualifiedName",
        ),
        _kind(
            "Term",
            f"{_ENTITY} Name Active Type DiscountPercent DueDays DiscountDays DayOfMonthDue DueNextMonthDays "
            "DiscountDayOfMonth",
            "Terms",
            f"Id Name Active {_META}",
            order=Order.NAME,
            order_by="Name",
        ),
        _kind(
            "Class",
            f"{_ENTITY} Name SubClass ParentRef FullyQualifiedName Active ClassEx",
            "Classes",
            f"Id Name FullyQualifiedName Active {_META}",
            "SubClass FullyQualifiedName",
            order=Order.NAME,
            order_by="FullyQualifiedName",
        ),
        _kind(
            "Department",
            f"{_ENTITY} Name SubDepartment ParentRef FullyQualifiedName Active DepartmentEx",
            "Departments",
            f"Id Name FullyQualifiedName Active {_META}",
            "SubDepartment FullyQualifiedName",
            order=Order.NAME,
            order_by="FullyQualifiedName",
        ),
        _kind(
            "PaymentMethod",
            f"{_ENTITY} Name Active Type PaymentMethodEx",
            "PaymentMethods",
            f"Id Name Type Active {_META}",
            order=Order.NAME,
            order_by="Name",
        ),
        _kind(
            "TaxCode",
            f"{_ENTITY} Name Description Active Hidden Taxable TaxGroup SalesTaxRateList PurchaseTaxRateList "
            "TaxCodeConfigType",
            "TaxCodes",
            f"Id Name Active {_META}",
            order=Order.NAME,
            order_by="Name",
            captured=False,
            writable=False,
        ),
        _kind(
            "TaxRate",
            f"{_ENTITY} Name Description Active RateValue AgencyRef SpecialTaxType DisplayType EffectiveTaxRate",
            "TaxRates",
            f"Id Name Active {_META}",
            order=Order.NAME,
            order_by="Name",
            captured=False,
            writable=False,
        ),
        _kind(
            "TaxAgency",
            f"{_ENTITY} DisplayName TaxTrackedOnPurchases TaxTrackedOnSales TaxRegistrationNumber TaxAgencyConfig "
            "SalesTaxCodeRef SalesTaxCountry SalesTaxReturnRef ReportingPeriod TaxOnPurchasesAccountRef "
            "TaxTrackedOnSalesAccountRef TaxOnTax LastFileDate",
            "TaxAgencies",
            f"Id DisplayName {_META}",
            "TaxAgencyConfig LastFileDate",
            order=Order.NAME,
            order_by="DisplayName",
            captured=False,
            created_only=True,
        ),
        _kind(
            "CompanyCurrency",
            f"{_ENTITY} Code Name Active",
            "CompanyCurrencies",
            f"Id Name Code Active {_META}",
            order=Order.NAME,
            order_by="Name",
        ),
        _kind("CompanyInfo", f"{_ENTITY} CompanyName", "Companies", f"Id {_META}", captured=False, writable=False),
        _kind("Preferences", f"{_ENTITY}", "Companies", f"Id {_META}", captured=False, writable=False),
        _kind(
            "ExchangeRate",
            f"{_ENTITY} SourceCurrencyCode TargetCurrencyCode Rate AsOfDate",
            "Rates",
            "SourceCurrencyCode TargetCurrencyCode AsOfDate",
            captured=False,
            writable=False,
        ),
    )
}
PAID_AT_ONCE = frozenset({"SalesReceipt", "RefundReceipt"})
"""Forms of a sale whose money has moved already: nothing of them is open."""
FORMS = ("Invoice", "CreditMemo", "Estimate", "SalesReceipt", "RefundReceipt")
OF_CUSTOMERS = (*FORMS, "Payment")
BY_PATH: Mapping[str, Kind] = {kind.path: kind for kind in KINDS.values()}


def kind_called(name: str) -> Kind | None:
    """The kind of that name in any case, or None."""
    return BY_PATH.get(name.lower())


def check_properties(kind: Kind, given: Mapping[str, Any]) -> None:
    """Raises 2010 for a property that the kind or one of its parts does not have, or a part of the wrong form."""
    for name, value in given.items():
        if name not in kind.known:
            raise unknown_property(name, kind.name, kind.properties)
        _check_part(name, value)
    for line in given.get("Line") or ():
        _check_line(line)


def _check_part(name: str, value: Any) -> None:
    nested = _nested_kind(name)
    if nested is not None and value is not None:
        _check_nested(nested, value)
    elif value is not None and not _fits(name, value):
        raise malformed(f"Can not deserialize the value of {name}")


def _fits(name: str, value: Any) -> bool:
    if name in _LISTS:
        return _records(value)
    if name in _OBJECTS:
        return isinstance(value, dict) or (name == "LineEx" and isinstance(value, list))
    if name in _BOOLEANS:
        return isinstance(value, bool) or value == ""  # as python-quickbooks writes a boolean that nobody set
    return not isinstance(value, dict | list)


def _nested_kind(name: str) -> str | None:
    if name.endswith("Ref") and name != "AttachableRef":
        return "ReferenceType"
    if name in _EMAILS:
        return "EmailAddress"
    if name in _PHONES:
        return "TelephoneNumber"
    if name in _ADDRESSES:
        return "PhysicalAddress"
    return name if name in NESTED and name != "Line" else None


def _check_nested(nested: str, value: Any) -> None:
    if not isinstance(value, dict):
        raise malformed(f"Can not construct instance of com.intuit.schema.finance.v3.{nested}")
    for name, part in value.items():
        if name not in NESTED[nested]:
            raise unknown_property(name, nested, NESTED[nested])
        _check_part(name, part)


def _check_line(line: Mapping[str, Any]) -> None:
    for name, value in line.items():
        if name not in NESTED["Line"]:
            raise unknown_property(name, "Line", NESTED["Line"])
        _check_part(name, value)


def _records(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
