"""Customers, their types, vendors and employees (properties: Intuit's published schema of 2026-07)."""

from ledgerbridge_sandbox.quickbooks.kinds import ENTITY, META, Order, described

_NAME = (
    f"{ENTITY} IntuitId Organization Title GivenName MiddleName FamilyName Suffix FullyQualifiedName CompanyName "
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
_NAME_FILTERS = (
    "Id DisplayName GivenName MiddleName FamilyName CompanyName FullyQualifiedName PrimaryEmailAddr Active Balance "
    f"PrintOnCheckName {META}"
)

NAME_KINDS = (
    described(
        "Customer",
        _CUSTOMER,
        "Names",
        _NAME_FILTERS,
        "FullyQualifiedName Balance BalanceWithJobs Level IsProject IntuitId V4IDPseudonym ClientEntityId",
        order=Order.NAME,
        order_by="FullyQualifiedName",
    ),
    described(
        "Vendor",
        f"{_NAME} BillAddr ShipAddr OtherAddr Balance AcctNum Vendor1099 CurrencyRef TermRef BillRate TaxIdentifier",
        "Names",
        _NAME_FILTERS,
        "FullyQualifiedName Balance",
        order=Order.NAME,
        order_by="DisplayName",
    ),
    described(
        "Employee",
        f"{_NAME} EmployeeType EmployeeNumber SSN PrimaryAddr OtherAddr BillableTime BillRate BirthDate Gender "
        "HiredDate ReleasedDate UseTimeEntry CostRate",
        "Names",
        _NAME_FILTERS,
        order=Order.NAME,
        order_by="DisplayName",
    ),
    described(
        "CustomerType",
        f"{ENTITY} Name ParentRef FullyQualifiedName Active",
        "CustomerTypes",
        f"Id Name Active {META}",
        order=Order.NAME,
        order_by="Id",
        writable=False,
        counted=True,
    ),
)
