"""Transactions of a sale: forms and payments (properties: Intuit's published schema of 2026-07)."""

from ledgerbridge_sandbox.quickbooks.kinds import ENTITY, META, described

_TRANSACTION = (
    f"{ENTITY} DocNumber TxnDate TxnSubType DepartmentRef CurrencyRef ExchangeRate PrivateNote TxnStatus LinkedTxn "
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
_FORM_FILTERS = f"Id TxnDate DueDate {META} CustomerRef DocNumber TotalAmt Balance ProjectRef"
_FORM_READ_ONLY = (
    "TotalAmt HomeTotalAmt Balance HomeBalance DeliveryInfo RecurDataRef TaxExemptionRef FreeFormAddress InvoiceLink "
    "EInvoiceStatus TxnStatus RemainingCredit"
)


SALES_KINDS = (
    described("Invoice", _INVOICE, "Txn", _FORM_FILTERS, _FORM_READ_ONLY, transaction=True, counted=True),
    described(
        "CreditMemo",
        f"{_SALES_FORM} RemainingCredit InvoiceRef CreditMemoEx",
        "Txn",
        _FORM_FILTERS,
        _FORM_READ_ONLY,
        transaction=True,
    ),
    described(
        "Estimate",
        f"{_SALES_FORM} ExpirationDate AcceptedBy AcceptedDate EstimateEx",
        "Txn",
        _FORM_FILTERS,
        _FORM_READ_ONLY.replace(" TxnStatus", ""),
        transaction=True,
    ),
    described(
        "SalesReceipt", f"{_SALES_FORM} LessCIS SalesReceiptEx", "Txn", _FORM_FILTERS, _FORM_READ_ONLY, transaction=True
    ),
    described(
        "RefundReceipt",
        f"{_SALES_FORM} RemainingCredit RefundReceiptEx",
        "Txn",
        _FORM_FILTERS,
        _FORM_READ_ONLY,
        transaction=True,
        counted=True,
    ),
    described(
        "Payment",
        f"{_TRANSACTION} CustomerRef RemitToRef ARAccountRef DepositToAccountRef PaymentMethodRef PaymentRefNum "
        "PaymentType CheckPayment CreditCardPayment TotalAmt UnappliedAmt ProcessPayment PaymentExtendedType "
        "PaymentEx",
        "Txn",
        f"Id TxnDate {META} CustomerRef TotalAmt PaymentRefNum",
        "UnappliedAmt LinkedTxn TxnStatus",
        transaction=True,
    ),
    described(
        "Deposit",
        f"{_TRANSACTION} DepositToAccountRef CashBack GlobalTaxCalculation TotalAmt HomeTotalAmt DepositEx",
        "Txn",
        f"Id TxnDate {META} TotalAmt",
        "TotalAmt HomeTotalAmt LinkedTxn TxnStatus",
        transaction=True,
    ),
)
