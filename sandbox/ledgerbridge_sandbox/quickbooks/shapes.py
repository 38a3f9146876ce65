"""The form that a request's properties must have: parts and their names, lists, truth values and numbers.

Names and types: Intuit's published schema of 2026-07.
"""

from collections.abc import Mapping
from typing import Any

from ledgerbridge_sandbox.quickbooks.faults import malformed, unknown_property
from ledgerbridge_sandbox.quickbooks.kinds import Kind

_NESTED = {
    "Line": (
        "Id LineNum Description Amount Received LinkedTxn DetailType PaymentLineDetail DiscountLineDetail "
        "TaxLineDetail SalesItemLineDetail DescriptionLineDetail ReimburseLineDetail GroupLineDetail "
        "SubTotalLineDetail DepositLineDetail CustomField LineEx ProjectRef CostAmount HomeCostAmount CustomExtensions"
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
    "DepositLineDetail": (
        "Entity ClassRef AccountRef PaymentMethodRef CheckNum TxnType TaxCodeRef TaxApplicableOn DepositLineDetailEx"
    ),
    "DescriptionLineDetail": "ServiceDate TaxCodeRef DescriptionLineDetailEx",
    "SubTotalLineDetail": "ItemRef ServiceDate",
    "GroupLineDetail": "GroupItemRef Quantity UOMRef ServiceDate Line GroupLineDetailEx",
    "AccountingInfoPrefs": (
        "UseAccountNumbers DefaultARAccount DefaultAPAccount RequiresAccounts TrackDepartments DepartmentTerminology "
        "ClassTrackingPerTxn ClassTrackingPerTxnLine AutoJournalEntryNumber FirstMonthOfFiscalYear TaxYearMonth "
        "TaxForm BookCloseDate OtherContactInfo CustomerTerminology"
    ),
    "ProductAndServicesPrefs": (
        "ForSales ForPurchase InventoryAndPurchaseOrder QuantityWithPriceAndRate QuantityOnHand UOM "
        "RevenueRecognition RevenueRecognitionFrequency"
    ),
    "SalesFormsPrefs": (
        "UsingProgressInvoicing CustomField CustomTxnNumbers DelayedCharges SalesEmailCc SalesEmailBcc "
        "EmailCopyToCompany AllowDeposit AllowDiscount DefaultDiscountAccount AllowEstimates EstimateMessage "
        "ETransactionEnabledStatus ETransactionAttachPDF ETransactionPaymentEnabled IPNSupportEnabled InvoiceMessage "
        "AllowServiceDate AllowShipping DefaultShippingAccount DefaultItem DefaultTerms DefaultDeliveryMethod "
        "AutoApplyCredit AutoApplyPayments PrintItemWithZeroAmount DefaultShipMethodRef DefaultMarkup "
        "TrackReimbursableExpensesAsIncome UsingSalesOrders UsingPriceLevels DefaultFOB DefaultCustomerMessage"
    ),
    "VendorAndPurchasesPrefs": (
        "EnableBills TrackingByCustomer BillableExpenseTracking DefaultTerms DefaultMarkup DefaultMarkupAccount "
        "AutomaticBillPayment TPAREnabled POCustomField MsgToVendors UsingInventory UsingMultiLocationInventory "
        "DaysBillsAreDue DiscountAccountRef"
    ),
    "TimeTrackingPrefs": (
        "UseServices DefaultTimeItem BillCustomers ShowBillRateToAll WorkWeekStartDate TimeTrackingEnabled "
        "MarkTimeEntriesBillable MarkExpensesAsBillable"
    ),
    "TaxPrefs": (
        "UsingSalesTax PartnerTaxEnabled HideTaxManagement TaxGroupCodeRef TaxRateRef PaySalesTax "
        "NonTaxableSalesTaxCodeRef TaxableSalesTaxCodeRef"
    ),
    "CurrencyPrefs": "MultiCurrencyEnabled HomeCurrency",
    "ReportPrefs": "ReportBasis CalcAgingReportFromTxnDate",
    "OtherPrefs": "NameValue",
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


_LISTS = frozenset(
    _words("Line LinkedTxn CustomField TaxLine AttachableRef OtherContactInfo CustomExtensions NameValue POCustomField")
)
_OBJECTS = frozenset(
    _words(
        "MetaData CustomerMemo DeliveryInfo WebAddr CheckPayment CreditCardPayment JobInfo CCDetail RecurringInfo "
        "TxnApprovalInfo MarkupInfo TaxLineDetail PaymentLineDetail ReimburseLineDetail GroupLineDetailEx LineEx "
        "InvoiceEx CreditMemoEx PaymentEx CustomerEx ItemEx SalesItemLineDetailEx DiscountLineDetailEx "
        "DescriptionLineDetailEx PrimaryAddr ItemGroupDetail "
        "EstimateEx SalesReceiptEx RefundReceiptEx DepositEx DepositLineDetailEx CashBack "
        "ItemAssemblyDetail GlobalInfo TxnRetainageDetail ConvenienceFeeDetail "
        "DiscountRef invoiceStatusLog EmailMessagesPrefs PrintDocumentPrefs FinanceChargesPrefs "
        "AdvancedInventoryPrefs AttachableEx"
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
        "TrackQtyOnHand UseAutomatedSalesTax Vendor1099 IncludeOnSend "
        "AllowDeposit AllowDiscount AllowEstimates AllowServiceDate AllowShipping AutoApplyCredit AutoApplyPayments "
        "AutoJournalEntryNumber AutomaticBillPayment BillCustomers BillableExpenseTracking CalcAgingReportFromTxnDate "
        "ClassTrackingPerTxn ClassTrackingPerTxnLine CustomTxnNumbers DelayedCharges ETransactionAttachPDF "
        "ETransactionPaymentEnabled EmailCopyToCompany EnableBills ForPurchase ForSales HideTaxManagement "
        "IPNSupportEnabled InventoryAndPurchaseOrder MarkExpensesAsBillable MarkTimeEntriesBillable "
        "MultiCurrencyEnabled PartnerTaxEnabled PrintItemWithZeroAmount QuantityOnHand QuantityWithPriceAndRate "
        "RequiresAccounts RevenueRecognition ShowBillRateToAll TPAREnabled TimeTrackingEnabled TrackDepartments "
        "TrackReimbursableExpensesAsIncome TrackingByCustomer UseAccountNumbers UseServices UsingInventory "
        "UsingMultiLocationInventory UsingPriceLevels UsingProgressInvoicing UsingSalesOrders UsingSalesTax"
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
        "OverrideDeltaAmount Level NumberValue Quantity DefaultMarkup Size"
    )
)
"""Properties of any kind or part that hold a number."""
_EMAILS = frozenset({"BillEmail", "BillEmailCc", "BillEmailBcc", "PrimaryEmailAddr", "SalesEmailCc", "SalesEmailBcc"})
_REFERENCES = frozenset(
    _words(
        "DefaultTerms DefaultItem HomeCurrency DefaultMarkupAccount DefaultTimeItem DefaultARAccount DefaultAPAccount "
        "Entity"
    )
)
"""Of a reference's type, although no Ref ends their names."""
_PHONES = frozenset({"PrimaryPhone", "AlternatePhone", "Mobile", "Fax"})
_ADDRESSES = frozenset({"BillAddr", "ShipAddr", "ShipFromAddr", "OtherAddr"})


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
    if (name.endswith("Ref") and name != "AttachableRef") or name in _REFERENCES:
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
        if name == "Line":
            for line in part or ():
                _check_line(line)


def _check_line(line: Mapping[str, Any]) -> None:
    for name, value in line.items():
        if name not in NESTED["Line"]:
            raise unknown_property(name, "Line", NESTED["Line"])
        _check_part(name, value)


def _records(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, dict) for each in value)
