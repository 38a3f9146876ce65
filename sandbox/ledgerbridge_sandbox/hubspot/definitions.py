"""
The properties that an account has from the start, as far as issue 3 and its neighbours touch them (hubspot.md 8).

One line a property: name | type | fieldType | flags | label | options. Flags: `r` calculated or set by HubSpot,
`u` unique, `x` options kept elsewhere (pipelines, currencies), `o` the id of an owner, `w` set by HubSpot yet writable.
"""

from typing import Any

from ledgerbridge_sandbox.hubspot.object_types import (
    COMPANY,
    CONTACT,
    DEAL,
    DISCOUNT,
    FEE,
    INVOICE,
    LINE_ITEM,
    NOTE,
    PAYMENT,
    PRODUCT,
    QUOTE,
    QUOTE_TEMPLATE,
    TASK,
    TAX,
)

_EVERYWHERE = """
hs_object_id|number|number|r|Record ID
hs_object_source|enumeration|select|rx|Record source
hs_object_source_id|string|text|r|Record source ID
hs_object_source_label|string|text|r|Record source
hs_merged_object_ids|enumeration|checkbox|rx|Merged record IDs
hs_created_by_user_id|number|number|r|Created by user ID
hubspot_owner_id|enumeration|select|o|Owner
hs_unique_creation_key|string|text|r|Unique creation key
"""

_LIFECYCLE = (
    "subscriber=Subscriber;lead=Lead;marketingqualifiedlead=Marketing Qualified Lead;"
    "salesqualifiedlead=Sales Qualified Lead;opportunity=Opportunity;customer=Customer;"
    "evangelist=Evangelist;other=Other"
)
_QUOTE_STATUS = (
    "DRAFT=Draft;APPROVAL_NOT_NEEDED=Approval not needed;PENDING_APPROVAL=Pending approval;"
    "APPROVED=Approved;REJECTED=Rejected;ACCEPTED=Accepted"
)
_TASK_STATUS = "NOT_STARTED=Not started;IN_PROGRESS=In progress;WAITING=Waiting;DEFERRED=Deferred;COMPLETED=Completed"
_FREQUENCY = (
    "weekly=Weekly;biweekly=Every two weeks;monthly=Monthly;quarterly=Quarterly;per_six_months=Semi-annually;"
    "annually=Annually;per_two_years=Every two years;per_three_years=Every three years;"
    "per_four_years=Every four years;per_five_years=Every five years"
)

_PAYMENT_STATUS = (
    "processing=Processing;succeeded=Succeeded;failed=Failed;refunded=Refunded;partially_refunded=Partially refunded"
)
_PROCESSOR = "hs_payments=HubSpot payments;byo_stripe=Stripe;quickbooks=QuickBooks;xero=Xero;none=None"
_ADJUSTMENT = """
hs_label|string|text||Label
hs_type|enumeration|select||Type|PERCENT=Percent;FIXED=Fixed
hs_value|number|number||Value
hs_sort_order|number|number||Sort order
hs_duration|enumeration|select||Duration|ONCE=Once;FOREVER=Forever
createdate|datetime|date|r|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
"""

_OWN: dict[str, str] = {
    CONTACT: f"""
email|string|text|u|Email
firstname|string|text||First name
lastname|string|text||Last name
phone|string|phonenumber||Phone number
mobilephone|string|phonenumber||Mobile phone number
fax|string|text||Fax number
company|string|text||Company name
jobtitle|string|text||Job title
address|string|text||Street address
city|string|text||City
state|string|text||State/region
zip|string|text||Postal code
country|string|text||Country/region
website|string|text||Website URL
hs_additional_emails|enumeration|checkbox|x|Additional email addresses
hs_language|string|text||Preferred language
lifecyclestage|enumeration|radio||Lifecycle stage|{_LIFECYCLE}
hs_lead_status|enumeration|radio||Lead status|NEW=New;OPEN=Open;IN_PROGRESS=In progress;CONNECTED=Connected
associatedcompanyid|number|number|r|Primary associated company ID
createdate|datetime|date|w|Create date
lastmodifieddate|datetime|date|r|Last modified date
""",
    COMPANY: f"""
name|string|text||Company name
domain|string|text||Company domain name
hs_additional_domains|enumeration|checkbox|x|Additional domains
website|string|text||Website URL
phone|string|phonenumber||Phone number
address|string|text||Street address
address2|string|text||Street address 2
city|string|text||City
state|string|text||State/region
zip|string|text||Postal code
country|string|text||Country/region
industry|enumeration|select|x|Industry
description|string|textarea||Description
numberofemployees|number|number||Number of employees
annualrevenue|number|number||Annual revenue
lifecyclestage|enumeration|radio||Lifecycle stage|{_LIFECYCLE}
createdate|datetime|date|w|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    DEAL: """
dealname|string|text||Deal name
pipeline|enumeration|select|x|Pipeline
dealstage|enumeration|radio|x|Deal stage
amount|number|number||Amount
deal_currency_code|enumeration|select|x|Currency
amount_in_home_currency|number|number|r|Amount in company currency
hs_exchange_rate|number|number|r|Exchange rate
closedate|datetime|date||Close date
createdate|datetime|date|w|Create date
dealtype|enumeration|radio||Deal type|newbusiness=New Business;existingbusiness=Existing Business
description|string|textarea||Deal description
hs_next_step|string|text||Next step
hs_priority|enumeration|select||Priority|low=Low;medium=Medium;high=High
hs_is_closed|bool|booleancheckbox|r|Is closed
hs_is_closed_won|bool|booleancheckbox|r|Is closed won
hs_is_closed_lost|bool|booleancheckbox|r|Is closed lost
hs_deal_stage_probability|number|number|r|Deal probability
hs_projected_amount|number|number|r|Weighted amount
hs_closed_amount|number|number|r|Closed deal amount
num_associated_contacts|number|number|r|Number of associated contacts
hs_num_of_associated_line_items|number|number|r|Number of associated line items
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    PRODUCT: f"""
name|string|text||Name
price|number|number||Unit price
description|string|textarea||Product description
hs_sku|string|text||SKU
hs_cost_of_goods_sold|number|number||Unit cost
hs_product_type|enumeration|select||Product type|inventory=Inventory;non_inventory=Non-inventory;service=Service
hs_folder|enumeration|select|x|Folder
hs_url|string|text||URL
hs_images|string|text||Image URL
hs_status|enumeration|select||Status|active=Active;inactive=Inactive
recurringbillingfrequency|enumeration|select||Billing frequency|{_FREQUENCY}
hs_recurring_billing_period|string|text||Term
hs_pricing_model|enumeration|select||Pricing model|flat=Flat;volume=Volume;graduated=Graduated;stairstep=Stairstep
hs_tier_ranges|string|textarea||Tier ranges
hs_tier_prices|string|textarea||Tier prices
createdate|datetime|date|r|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    LINE_ITEM: f"""
name|string|text||Name
description|string|textarea||Description
hs_sku|string|text||SKU
hs_product_id|number|number||Product ID
quantity|number|number||Quantity
price|number|number||Unit price
discount|number|number||Unit discount
hs_discount_percentage|number|number||Discount percentage
hs_total_discount|number|number|r|Total discount
hs_pre_discount_amount|number|number|r|Pre discount amount
hs_effective_unit_price|number|number|r|Effective unit price
amount|number|number|r|Net price
hs_tax_rate_group_id|string|text||Tax rate ID
hs_tax_rate|number|number|r|Tax rate
hs_tax_label|string|text|r|Tax label
hs_tax_amount|number|number|r|Tax amount
hs_post_tax_amount|number|number|r|Post tax amount
hs_line_item_currency_code|string|text||Currency
recurringbillingfrequency|enumeration|select||Billing frequency|{_FREQUENCY}
hs_recurring_billing_period|string|text||Term
hs_recurring_billing_start_date|date|date||Billing start date
hs_recurring_billing_end_date|date|date|r|Billing end date
hs_recurring_billing_number_of_payments|number|number||Number of payments
hs_term_in_months|number|number|r|Term in months
hs_position_on_quote|number|number||Position on quote
hs_cost_of_goods_sold|number|number||Unit cost
hs_margin|number|number|r|Margin
hs_acv|number|number|r|Annual contract value
hs_arr|number|number|r|Annual recurring revenue
hs_mrr|number|number|r|Monthly recurring revenue
hs_tcv|number|number|r|Total contract value
createdate|datetime|date|r|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    QUOTE: f"""
hubspot_owner_id|enumeration|select|ro|Owner
hs_title|string|text||Quote name
hs_expiration_date|date|date||Expiration date
hs_status|enumeration|select||Approval status|{_QUOTE_STATUS}
hs_template_type|enumeration|select||Template type|CUSTOMIZABLE_QUOTE_TEMPLATE=Customizable;CPQ_QUOTE=CPQ;QUOTE=Quote
hs_terms|string|textarea||Purchase terms
hs_comments|string|textarea||Comments to buyer
hs_language|enumeration|select|x|Language
hs_locale|enumeration|select|x|Locale
hs_currency|enumeration|select|x|Currency
hs_sender_firstname|string|text||Sender first name
hs_sender_lastname|string|text||Sender last name
hs_sender_email|string|text||Sender email
hs_sender_company_name|string|text||Sender company
hs_esign_enabled|bool|booleancheckbox||E-sign enabled
hs_esign_date|datetime|date|w|E-sign date
hs_esign_num_signers_completed|number|number|r|Completed signers
hs_payment_enabled|bool|booleancheckbox||Payment enabled
hs_payment_status|enumeration|select|w|Payment status|PENDING=Pending;PROCESSING=Processing;PAID=Paid
hs_payment_date|datetime|date|w|Payment date
hs_net_payment_terms|number|number||Net payment terms
hs_quote_amount|number|number|r|Quote amount
hs_quote_number|string|text|r|Quote number
hs_quote_link|string|text|r|Quote link
hs_pdf_download_link|string|text|r|PDF download link
hs_public_url_key|string|text|r|Public URL key
hs_slug|string|text||Slug
hs_domain|string|text||Domain
hs_timezone|enumeration|select|x|Time zone
hs_quote_total_preference|string|text|r|Total preference
hs_locked|bool|booleancheckbox|r|Locked
hs_createdate|datetime|date|r|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    INVOICE: """
hs_currency|enumeration|select|x|Currency
hs_invoice_status|enumeration|select||Invoice status|draft=Draft;open=Open;paid=Paid;voided=Voided
hs_invoice_billable|bool|booleancheckbox||Billable
hs_invoice_date|datetime|date||Invoice date
hs_due_date|datetime|date||Due date
hs_number|string|text||Number
hs_title|string|text||Title
hs_purchase_order_number|string|text||Purchase order number
hs_comments|string|textarea||Comments
hs_tax_id|string|text||Tax ID
hs_language|enumeration|select|x|Language
hs_locale|enumeration|select|x|Locale
hs_amount_billed|number|number||Amount billed
hs_amount_paid|number|number|r|Amount paid
hs_balance_due|number|number|r|Balance due
hs_external_createdate|datetime|date||External create date
hs_payment_date|datetime|date||Payment date
hs_invoice_payment_collection_method|enumeration|select||Payment collection method|manual=Manual;none=None
hs_allowed_payment_methods|enumeration|checkbox|x|Allowed payment methods
hs_allow_partial_payments|bool|booleancheckbox||Allow partial payments
hs_collect_address_types|enumeration|checkbox|x|Collect address types
hs_recipient_shipping_address|string|text||Recipient shipping address
hs_recipient_shipping_address2|string|text||Recipient shipping address 2
hs_recipient_shipping_city|string|text||Recipient shipping city
hs_recipient_shipping_state|string|text||Recipient shipping state
hs_recipient_shipping_zip|string|text||Recipient shipping postal code
hs_recipient_shipping_country|string|text||Recipient shipping country
hs_recipient_company_address|string|text||Recipient company address
hs_recipient_company_address2|string|text||Recipient company address 2
hs_recipient_company_city|string|text||Recipient company city
hs_recipient_company_state|string|text||Recipient company state
hs_recipient_company_zip|string|text||Recipient company postal code
hs_recipient_company_country|string|text||Recipient company country
hs_invoice_link|string|text|r|Invoice link
hs_pdf_download_link|string|text|r|PDF download link
createdate|datetime|date|r|Create date
hs_createdate|datetime|date|r|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    PAYMENT: f"""
hs_initial_amount|number|number||Gross amount
hs_initiated_date|datetime|date||Payment date
hs_latest_status|enumeration|select||Status|{_PAYMENT_STATUS}
hs_processor_type|enumeration|select||Processor|{_PROCESSOR}
hs_payment_method_type|enumeration|select|x|Payment method
hs_reference_number|string|text||Reference number
hs_customer_email|string|text||Customer email
hs_currency_code|enumeration|select|x|Currency
hs_internal_comment|string|textarea||Internal comment
hs_refunds_amount|number|number||Refunds amount
createdate|datetime|date|r|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    NOTE: """
hs_note_body|string|html||Body
hs_timestamp|datetime|date||Activity date
hs_attachment_ids|enumeration|checkbox|x|Attachments
hs_createdate|datetime|date|r|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    TASK: f"""
hs_task_subject|string|text||Task title
hs_task_body|string|html||Notes
hs_task_status|enumeration|select||Status|{_TASK_STATUS}
hs_task_priority|enumeration|select||Priority|NONE=None;LOW=Low;MEDIUM=Medium;HIGH=High
hs_task_type|enumeration|select||Type|TODO=To-do;CALL=Call;EMAIL=Email
hs_timestamp|datetime|date||Due date
hs_createdate|datetime|date|r|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    QUOTE_TEMPLATE: """
hs_name|string|text||Name
hs_active|bool|booleancheckbox||Active
hs_createdate|datetime|date|r|Create date
hs_lastmodifieddate|datetime|date|r|Last modified date
""",
    DISCOUNT: _ADJUSTMENT,
    FEE: _ADJUSTMENT,
    TAX: _ADJUSTMENT,
}

_GROUPS = {
    CONTACT: ("contactinformation", "Contact information"),
    COMPANY: ("companyinformation", "Company information"),
    DEAL: ("dealinformation", "Deal information"),
    PRODUCT: ("productinformation", "Product information"),
    LINE_ITEM: ("lineiteminformation", "Line item information"),
    QUOTE: ("quoteinformation", "Quote information"),
    INVOICE: ("invoiceinformation", "Invoice information"),
    PAYMENT: ("commercepaymentinformation", "Payment information"),
    NOTE: ("engagement", "Note information"),
    TASK: ("engagement", "Task information"),
    QUOTE_TEMPLATE: ("quotetemplateinformation", "Quote template information"),
    DISCOUNT: ("discountinformation", "Discount information"),
    FEE: ("feeinformation", "Fee information"),
    TAX: ("taxinformation", "Tax information"),
}


def first_group(type_id: str) -> dict[str, Any]:
    """The property group that HubSpot's own properties of this type stand in."""
    name, label = _GROUPS[type_id]
    return {"name": name, "label": label, "displayOrder": 0, "archived": False}


def first_properties(type_id: str) -> list[dict[str, Any]]:
    """HubSpot's own properties of this type, in the API's shape."""
    lines = (_EVERYWHERE + _OWN[type_id]).strip().splitlines()
    return [_definition(type_id, line) for line in lines if line]


def _definition(type_id: str, line: str) -> dict[str, Any]:
    name, kind, field, flags, label, *options = line.split("|")
    calculated = "r" in flags
    definition: dict[str, Any] = {
        "name": name,
        "label": label,
        "type": kind,
        "fieldType": field,
        "description": "",
        "groupName": _GROUPS[type_id][0],
        "options": _options(kind, options),
        "displayOrder": -1,
        "calculated": calculated,
        "externalOptions": "x" in flags or "o" in flags,
        "hasUniqueValue": "u" in flags,
        "hidden": False,
        "hubspotDefined": True,
        "formField": False,
        "archived": False,
        "dataSensitivity": "non_sensitive",
        "modificationMetadata": {
            "archivable": False,
            "readOnlyDefinition": True,
            "readOnlyOptions": True,
            "readOnlyValue": calculated,
        },
    }
    if "o" in flags:
        definition["referencedObjectType"] = "OWNER"
    return definition


def _options(kind: str, given: list[str]) -> list[dict[str, Any]]:
    pairs = [pair.split("=", 1) for pair in given[0].split(";")] if given and given[0] else []
    if kind == "bool":
        pairs = [["true", "Yes"], ["false", "No"]]
    return [
        {"label": label, "value": value, "displayOrder": order, "hidden": False, "description": ""}
        for order, (value, label) in enumerate(pairs)
    ]
