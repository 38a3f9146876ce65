"""Items, accounts and the other lists that transactions refer to (properties: Intuit's published schema of 2026-07)."""

from ledgerbridge_sandbox.quickbooks.kinds import ENTITY, META, Order, described

_ITEM = (
    f"{ENTITY} Name Sku Description Active SubItem ParentRef Level FullyQualifiedName Taxable SalesTaxIncluded "
    "PercentBased UnitPrice RatePercent Type PaymentMethodRef UOMSetRef IncomeAccountRef PurchaseDesc "
    "PurchaseTaxIncluded PurchaseCost ExpenseAccountRef COGSAccountRef AssetAccountRef PrefVendorRef AvgCost "
    "TrackQtyOnHand QtyOnHand QtyOnPurchaseOrder QtyOnSalesOrder ReorderPoint ManPartNum DepositToAccountRef "
    "SalesTaxCodeRef PurchaseTaxCodeRef InvStartDate BuildPoint PrintGroupedItems SpecialItem SpecialItemType "
    "ItemGroupDetail ItemAssemblyDetail AbatementRate ReverseChargeRate ServiceType ItemCategoryType ItemEx "
    "TaxClassificationRef UQCDisplayText UQCId ClassRef DeferredRevenue CustomExtensions"
)

LIST_KINDS = (
    described(
        "Item",
        _ITEM,
        "Items",
        f"Id Name FullyQualifiedName Sku Type Active {META}",
        "ItemGroupDetail PrintGroupedItems FullyQualifiedName Level QtyOnPurchaseOrder QtyOnSalesOrder AvgCost "
        "SpecialItem SpecialItemType",
        order=Order.NAME,
        order_by="Name",
    ),
    described(
        "Account",
        f"{ENTITY} Name SubAccount ParentRef Description FullyQualifiedName AccountAlias TxnLocationType Active "
        "Classification AccountType AccountSubType AcctNum BankNum OpeningBalance OpeningBalanceDate "
        "CurrentBalance CurrentBalanceWithSubAccounts CurrencyRef TaxCodeRef OnlineBankingEnabled FIName",
        "Accounts",
        f"Id Name FullyQualifiedName AccountType AccountSubType Active Classification {META}",
        "FullyQualifiedName CurrentBalance CurrentBalanceWithSubAccounts",
        order=Order.NAME,
        order_by="FullyQualifiedName",
    ),
    described(
        "Term",
        f"{ENTITY} Name Active Type DiscountPercent DueDays DiscountDays DayOfMonthDue DueNextMonthDays "
        "DiscountDayOfMonth",
        "Terms",
        f"Id Name Active {META}",
        order=Order.NAME,
        order_by="Name",
    ),
    described(
        "Class",
        f"{ENTITY} Name SubClass ParentRef FullyQualifiedName Active ClassEx",
        "Classes",
        f"Id Name FullyQualifiedName Active {META}",
        "SubClass FullyQualifiedName",
        order=Order.NAME,
        order_by="FullyQualifiedName",
        counted=True,
    ),
    described(
        "Department",
        f"{ENTITY} Name SubDepartment ParentRef FullyQualifiedName Active DepartmentEx",
        "Departments",
        f"Id Name FullyQualifiedName Active {META}",
        "SubDepartment FullyQualifiedName",
        order=Order.NAME,
        order_by="FullyQualifiedName",
    ),
    described(
        "PaymentMethod",
        f"{ENTITY} Name Active Type PaymentMethodEx",
        "PaymentMethods",
        f"Id Name Type Active {META}",
        order=Order.NAME,
        order_by="Name",
    ),
    described(
        "CompanyCurrency",
        f"{ENTITY} Code Name Active",
        "CompanyCurrencies",
        f"Id Name Code Active {META}",
        order=Order.NAME,
        order_by="Name",
    ),
)
