"""The company's own facts, its taxes and its attachments (properties: Intuit's published schema of 2026-07)."""

from ledgerbridge_sandbox.quickbooks.kinds import ENTITY, META, Order, described

COMPANY_KINDS = (
    described(
        "TaxCode",
        f"{ENTITY} Name Description Active Hidden Taxable TaxGroup SalesTaxRateList PurchaseTaxRateList "
        "TaxCodeConfigType",
        "TaxCodes",
        f"Id Name Active {META}",
        order=Order.NAME,
        order_by="Name",
        captured=False,
        writable=False,
        counted=True,
    ),
    described(
        "TaxRate",
        f"{ENTITY} Name Description Active RateValue AgencyRef SpecialTaxType DisplayType EffectiveTaxRate",
        "TaxRates",
        f"Id Name Active {META}",
        order=Order.NAME,
        order_by="Name",
        captured=False,
        writable=False,
        counted=True,
    ),
    described(
        "TaxAgency",
        f"{ENTITY} DisplayName TaxTrackedOnPurchases TaxTrackedOnSales TaxRegistrationNumber TaxAgencyConfig "
        "SalesTaxCodeRef SalesTaxCountry SalesTaxReturnRef ReportingPeriod TaxOnPurchasesAccountRef "
        "TaxTrackedOnSalesAccountRef TaxOnTax LastFileDate",
        "TaxAgencies",
        f"Id DisplayName {META}",
        "TaxAgencyConfig LastFileDate",
        order=Order.NAME,
        order_by="DisplayName",
        captured=False,
        created_only=True,
        counted=True,
    ),
    described(
        "CompanyInfo", f"{ENTITY} CompanyName", "Companies", f"Id {META}", captured=False, writable=False, only_one=True
    ),
    described(
        "Preferences",
        f"{ENTITY} AccountingInfoPrefs AdvancedInventoryPrefs ProductAndServicesPrefs SalesFormsPrefs "
        "EmailMessagesPrefs PrintDocumentPrefs VendorAndPurchasesPrefs TimeTrackingPrefs TaxPrefs "
        "FinanceChargesPrefs CurrencyPrefs ReportPrefs OtherPrefs",
        "Companies",
        f"Id {META}",
        captured=False,
        only_one=True,
    ),
    described(
        "Attachable",
        f"{ENTITY} FileName FileAccessUri TempDownloadUri Size ContentType Category Lat Long PlaceName Note Tag "
        "ThumbnailFileAccessUri ThumbnailTempDownloadUri AttachableEx documentId",
        "Attachables",
        f"Id FileName Note Category ContentType AttachableRef.EntityRef.type AttachableRef.EntityRef.value {META}",
        "FileAccessUri TempDownloadUri Size ThumbnailFileAccessUri ThumbnailTempDownloadUri documentId",
    ),
    described(
        "ExchangeRate",
        f"{ENTITY} SourceCurrencyCode TargetCurrencyCode Rate AsOfDate",
        "Rates",
        "SourceCurrencyCode TargetCurrencyCode AsOfDate",
        captured=False,
    ),
)
