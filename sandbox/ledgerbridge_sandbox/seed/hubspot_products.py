"""The products of both HubSpot accounts: most bear the SKUs of QuickBooks items, some are known to HubSpot alone."""

from ledgerbridge_sandbox.seed.cast import US_PORTAL

# name | SKU | price in USD | price in GBP or - where the UK account does not sell it | other
_PRODUCTS = """
Consulting|SVC-100|150.00|120.00|service
Installation|SVC-110|85.00|70.00|service
Annual Support Plan|SVC-120|1200.00|960.00|annually
Training Day|SVC-130|960.00|780.00|service
Delivery|SVC-140|25.00|20.00|service
Site Survey|SVC-150|240.00|-|service
Oak Display Shelf|PRD-200|189.90|155.00|
Steel Rack 2 m|PRD-210|349.00|285.00|
LED Panel 60x60|PRD-220|59.95|49.95|
Copper Cable (per metre)|PRD-230|2.375|1.955|
Paint "Sea Foam" 5 l|PRD-240|44.50|36.50|
Builder's Level|PRD-250|129.00|105.00|
Café Table Ø 70|PRD-260|215.00|175.00|
Ergonomic Chair|PRD-270|299.00|245.00|
Notice Board|PRD-280|38.25|-|
Gift Card|PRD-290|50.00|-|
Safety Gloves & Goggles|PRD-300|17.49|14.29|
Label Printer|PRD-310|179.00|-|
Espresso Machine|PRD-320|1849.00|1510.00|
Filter Coffee 1 kg|PRD-330|18.333|-|
Workbench|PRD-340|420.00|-|
Planter Box|PRD-350|75.00|-|
Window Film (per m²)|PRD-360|12.125|-|
Retired Lamp|PRD-900|34.00|-|
hosting (monthly)|SVC-160|39.00|-|monthly
Design Workshop|SVC-170|1450.00|-|service
CONSULTING |SVC-180|155.00|-|service
Rush Fee|SVC-190|0.00|-|service
Standing Desk|PRD-400|629.00|515.00|
Acoustic Panel|PRD-410|92.40|-|
Bike Stand|PRD-420|-|64.00|
Garden Bench|PRD-430|259.00|-|
Wall Clock|PRD-440|46.00|-|
O'Hara Toolbox|PRD-450|88.80|-|
""".strip().splitlines()


def products_of(portal: int) -> list[dict[str, str]]:
    """Properties of the products of one account, in order of their list."""
    found = []
    for row in _PRODUCTS:
        name, sku, dollars, pounds, other = row.split("|")
        price = dollars if portal == US_PORTAL else pounds
        if price == "-":
            continue
        product = {"name": name, "hs_sku": sku, "price": price, "hs_status": "active"}
        product["description"] = f"{name.strip()}, as in the Larkspur catalogue"
        product["hs_product_type"] = "non_inventory" if sku.startswith("PRD") else "service"
        if other in {"annually", "monthly"}:
            product |= {"recurringbillingfrequency": other, "hs_recurring_billing_period": "P12M"}
        found.append(product)
    return found
