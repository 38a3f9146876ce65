"""The preferences of each seeded QuickBooks company (shape: a recorded company's, quickbooks.md 9)."""

from ledgerbridge_sandbox.quickbooks.company import Profile
from ledgerbridge_sandbox.quickbooks.money import Record
from ledgerbridge_sandbox.seed.cast import UK_REALM, US_AUTOMATED_REALM, US_LEGACY_REALM

DISCOUNTS = "86"
"""The account of discounts given."""
LEGACY_CODE = "4"
"""The tax code of the company with legacy sales tax."""
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
            "AllowShipping": False,
            "DefaultTerms": {"value": "3"},
            "DefaultItem": {"value": "1"},
            "AutoApplyCredit": False,
            "AutoApplyPayments": False,
            "DefaultCustomerMessage": "Thank you for your business and have a great day!",
            "CustomField": [],
        },
        "ProductAndServicesPrefs": {
            "ForSales": True,
            "ForPurchase": True,
            "QuantityWithPriceAndRate": True,
            "QuantityOnHand": True,
        },
        "EmailMessagesPrefs": {f"{form}Message": _message(profile, words) for form, words in _MESSAGES.items()},
        "VendorAndPurchasesPrefs": {"TrackingByCustomer": True, "BillableExpenseTracking": True, "POCustomField": []},
        "TimeTrackingPrefs": {
            "UseServices": True,
            "BillCustomers": True,
            "ShowBillRateToAll": False,
            "WorkWeekStartDate": "Monday",
            "MarkTimeEntriesBillable": True,
        },
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
        "OtherPrefs": {"NameValue": [{"Name": "SalesFormsPrefs.DefaultItem", "Value": "1"}]},
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
