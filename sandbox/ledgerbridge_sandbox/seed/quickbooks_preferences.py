"""The preferences of each seeded QuickBooks company (shape: a recorded company's, quickbooks.md 9)."""

from ledgerbridge_sandbox.quickbooks.company import Profile
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.seed.cast import UK_REALM, US_AUTOMATED_REALM, US_LEGACY_REALM

DISCOUNTS = "86"
"""The account of discounts given."""
LEGACY_CODE = "4"
"""The tax code of the company with legacy sales tax."""
_THANKS = "Thank you for your business and have a great day!"
# Recorded, but for the numbers of accounts.
_OTHERS = {
    "SalesFormsPrefs.DefaultCustomerMessage": _THANKS,
    "SalesFormsPrefs.DefaultItem": "1",
    "DTXCopyMemo": "true",
    "UncategorizedAssetAccountId": "81",
    "UncategorizedIncomeAccountId": "1",
    "UncategorizedExpenseAccountId": "80",
    "SFCEnabled": "true",
    "DataPartner": "false",
    "Vendor1099Enabled": "true",
    "TimeTrackingFeatureEnabled": "true",
}
# The custom fields of purchase orders, none in use.
_UNUSED = [
    {
        "CustomField": [
            {"Name": f"PurchasePrefs.UsePurchaseCustom{number}", "Type": "BooleanType", "BooleanValue": False}
            for number in (3, 2, 1)
        ]
    }
]
_MESSAGES = {
    "Invoice": "Invoice",
    "Estimate": "Estimate",
    "SalesReceipt": "Sales Receipt",
    "Statement": "Statement",
}


def preferences_of(profile: Profile) -> Record:
    """All groups that a recorded company shows, with this company's switches."""
    return {
        "AccountingInfoPrefs": {
            "UseAccountNumbers": False,
            "FirstMonthOfFiscalYear": "April" if profile.realm == UK_REALM else "January",
            "TaxYearMonth": "April" if profile.realm == UK_REALM else "January",
            "TaxForm": "6",
            "TrackDepartments": False,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": False,
            "CustomerTerminology": "Customers",
        },
        "SalesFormsPrefs": {
            "CustomTxnNumbers": profile.realm == US_LEGACY_REALM,
            "AllowDeposit": True,
            "AllowDiscount": True,
            "DefaultDiscountAccount": DISCOUNTS,
            "AllowEstimates": True,
            "ETransactionEnabledStatus": "NotApplicable",
            "ETransactionAttachPDF": False,
            "ETransactionPaymentEnabled": False,
            "IPNSupportEnabled": False,
            "AllowServiceDate": False,
            "UsingPriceLevels": False,
            "EmailCopyToCompany": False,
            "AllowShipping": False,
            "DefaultTerms": {"value": "3"},
            "DefaultItem": {"value": "1"},
            "AutoApplyCredit": False,
            "AutoApplyPayments": False,
            "DefaultCustomerMessage": _THANKS,
            "CustomField": [],
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
        },
        "EmailMessagesPrefs": {f"{form}Message": _message(profile, words) for form, words in _MESSAGES.items()},
        "VendorAndPurchasesPrefs": {
            "TrackingByCustomer": True,
            "BillableExpenseTracking": True,
            "POCustomField": _UNUSED,
        },
        "TimeTrackingPrefs": {
            "UseServices": True,
            "BillCustomers": True,
            "ShowBillRateToAll": False,
            "WorkWeekStartDate": "Monday",
            "MarkTimeEntriesBillable": True,
        },
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {"NameValue": [{"Name": name, "Value": value} for name, value in _OTHERS.items()]},
        "TaxPrefs": _tax_preferences(profile.realm),
        "CurrencyPrefs": {
            "MultiCurrencyEnabled": profile.realm == UK_REALM,
            "HomeCurrency": {"value": profile.home_currency},
        },
    }


def _message(profile: Profile, words: str) -> Record:
    message = f"Your {words.lower()} is attached.\n\n{profile.name}"
    return {"Subject": f"{words} from {profile.name}", "Message": message}


def _tax_preferences(realm: str) -> Record:
    if realm == US_AUTOMATED_REALM:
        return {"UsingSalesTax": True, "PartnerTaxEnabled": True, "TaxGroupCodeRef": {"value": "2"}}
    return {"UsingSalesTax": True} | ({"TaxGroupCodeRef": {"value": LEGACY_CODE}} if realm == US_LEGACY_REALM else {})
