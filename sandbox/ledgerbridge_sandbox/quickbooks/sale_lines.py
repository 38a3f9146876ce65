"""The lines of a sales form: checked, completed as QuickBooks completes them, and added up (quickbooks.md 5 and 6)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ledgerbridge_sandbox.quickbooks import faults
from ledgerbridge_sandbox.quickbooks.bundle_lines import GROUP, every_line, expanded
from ledgerbridge_sandbox.quickbooks.company import Company
from ledgerbridge_sandbox.quickbooks.money import ZERO, Record, amount, cents, number, number_in, quantity
from ledgerbridge_sandbox.quickbooks.references import identifier_of, name_tracked, named, referred
from ledgerbridge_sandbox.quickbooks.taxes import HUNDRED, Rate, Taxed, TaxMode, code_of_line, rates_of_code

SHIPPING, GRATUITY = "SHIPPING_ITEM_ID", "GRATUITY_ITEM_ID"
"""What stands for an item on a line that charges the whole form."""
SALES, DISCOUNT, TEXT, SUBTOTAL = (
    "SalesItemLineDetail",
    "DiscountLineDetail",
    "DescriptionOnly",
    "SubTotalLineDetail",
)
_UNTAXED = "NON"
_DESCRIPTION_LIMIT = 4000
# The figures are documented, code and words of the refusals a guess.
_LINES_LIMIT = 10_000
_TAXED_LINES_LIMIT = 750
_PRICE_DIGITS = 7
# Guess: the words are not recorded; the class of error is (quickbooks.md 6).
_NO_CODE = "Make sure all your transactions have a VAT rate before you save."


_WORDS = "DescriptionLineDetail"
_INLINE_SUBTOTAL = re.compile(r"Subtotal:( -?\d+\.\d\d)?")


def _charge_of(line: Mapping[str, Any]) -> str | None:
    """Whether the line charges the whole form, and for what."""
    item = identifier_of((line.get(SALES) or {}).get("ItemRef")) if line.get("DetailType") == SALES else None
    return item if item in {SHIPPING, GRATUITY} else None


@dataclass
class Sale:
    """What the lines of one form amount to. `taxed` is before the discount, in the order of the sales lines."""

    lines: list[Record] = field(default_factory=list)
    subtotal: Decimal = ZERO
    gross: Decimal = ZERO
    discount: Decimal = ZERO
    taxed: list[Taxed] = field(default_factory=list)
    charges: Decimal = ZERO
    taxed_charges: list[Taxed] = field(default_factory=list)

    def taxed_after(self, *, discounted: bool) -> list[Taxed]:
        """The taxed amounts, lowered in proportion by the discount where tax comes after it."""
        if not discounted or not self.discount or not self.subtotal:
            return self.taxed + self.taxed_charges
        share = (self.subtotal - self.discount) / self.subtotal
        return [Taxed(each.net * share, each.rates) for each in self.taxed] + self.taxed_charges


@dataclass(frozen=True)
class Terms:
    """How this form taxes its lines: mode, amounts with tax inside or not, and the rates of the place."""

    mode: TaxMode
    inclusive: bool
    applicable: bool
    rates: tuple[Rate, ...]


class LineReader:
    """Reads the lines of one request; `old` are the lines of the stored form, by id."""

    def __init__(self, company: Company, terms: Terms, old: Sequence[Record]) -> None:
        self._company = company
        self._terms = terms
        self._old = {line["Id"]: line for line in every_line(old) if "Id" in line}
        self._last_id = max((int(identifier) for identifier in self._old), default=0)
        self._items: dict[str, Record] = {}
        self._sale = Sale()
        self._target = self._sale.lines
        """Where lines are put: the form, or the bundle that is being read."""
        self._placed = 0

    def read(self, given: Sequence[Mapping[str, Any]]) -> Sale:
        """The completed lines with their sums; raises the fault of the first line that QuickBooks would refuse."""
        if len(given) > _LINES_LIMIT:
            raise faults.business(f"A transaction may have at most {_LINES_LIMIT} lines.")
        discounts = [line for line in given if line.get("DetailType") == DISCOUNT]
        for line in given:
            self._read_line(line)
        if not self._sale.lines:
            raise faults.required("Line")
        if len(given) > _TAXED_LINES_LIMIT and any(each.rates for each in self._sale.taxed):
            raise faults.business(f"A taxed transaction may have at most {_TAXED_LINES_LIMIT} lines.")
        subtotal = amount(self._sale.subtotal)
        self._sale.lines.append({"Amount": subtotal, "DetailType": SUBTOTAL, SUBTOTAL: {}})
        for line in discounts:
            self._read_discount(line)
        for line in sorted(filter(_charge_of, given), key=lambda line: _charge_of(line) == GRATUITY):
            self._read_charge(line)
        return self._sale

    def _read_line(self, line: Mapping[str, Any]) -> None:
        detail_type = line.get("DetailType")
        if _charge_of(line):
            return
        if detail_type == SALES:
            self._read_sale(line)
        elif detail_type == TEXT:
            self._read_words(line)
        elif detail_type is None:
            raise faults.required("Line.DetailType")
        elif detail_type == GROUP:
            self._read_bundle(line)
        elif detail_type not in {DISCOUNT, SUBTOTAL}:
            raise faults.enumeration_invalid(detail_type)

    def _place(self, made: Record, line: Mapping[str, Any]) -> None:
        description = line.get("Description")
        if description is not None and len(str(description)) > _DESCRIPTION_LIMIT:
            raise faults.too_long("Description", _DESCRIPTION_LIMIT)
        identifier = str(line.get("Id") or "")
        if identifier not in self._old:
            self._last_id += 1
            identifier = str(self._last_id)
        self._placed += 1
        self._target.append({"Id": identifier, "LineNum": self._placed, **made})

    def _read_words(self, line: Mapping[str, Any]) -> None:
        """A line of words; `Subtotal:` is answered with the sum of the lines above it (documented)."""
        text = line.get("Description")
        if _INLINE_SUBTOTAL.fullmatch(str(text)):
            text = f"Subtotal: {self._sale.subtotal:.2f}"
        words = {} if text is None else {"Description": text}
        self._place({**words, "DetailType": TEXT, _WORDS: line.get(_WORDS) or {}}, line)

    def _read_bundle(self, line: Mapping[str, Any]) -> None:
        """A bundle with its parts inside, sent (taken as they are, a guess) or else as the bundle says."""
        detail = line.get(GROUP) or {}
        known = str(line.get("Id")) in self._old
        bundle = referred(self._company, "Item", detail.get("GroupItemRef"), active=not known)
        if bundle["Type"] != "Group":
            raise faults.business("The item of a group line is no bundle.")  # guess at code and words
        count = number(detail.get("Quantity", 1), "Quantity")
        parts: list[Record] = []
        made = {"GroupItemRef": named("Item", bundle), "Quantity": quantity(count), "Line": parts}
        text = line.get("Description") or bundle.get("Description")
        words = {"Description": text} if text else {}
        self._place({**words, "Amount": 0, "DetailType": GROUP, GROUP: made}, line)
        self._target = parts
        for part in detail.get("Line") or expanded(self._company, bundle, count):
            if part.get("DetailType") != SALES or _charge_of(part):
                raise faults.enumeration_invalid(part.get("DetailType"))
            self._read_sale(part)
        self._target = self._sale.lines

    def _read_charge(self, line: Mapping[str, Any]) -> None:
        """Shipping or gratuity: after the discount, without Id, no part of the subtotal (shipping is recorded).

        Guess: 6000 while it is switched off; without a tax code it is not taxed, with tax inside neither, nor is a
        gratuity ever.
        """
        charge = _charge_of(line)
        if not self._charged(charge):
            raise faults.business(f"{'Shipping' if charge == SHIPPING else 'Gratuity'} is turned off in this company.")
        if line.get("Amount") is None:
            raise faults.required("Line.Amount")
        value = cents(number(line["Amount"], "Amount"))
        given = line.get(SALES) or {}
        detail: Record = {"ItemRef": {"value": charge}}
        if code_of_line(given) is not None and charge == SHIPPING:
            detail["TaxCodeRef"] = given["TaxCodeRef"]
            if not self._terms.inclusive:
                self._sale.taxed_charges.append(Taxed(value, self._rates(detail)))
        self._sale.charges += value
        self._sale.lines.append({"Amount": amount(value), "DetailType": SALES, SALES: detail})

    def _charged(self, charge: str | None) -> bool:
        if charge == SHIPPING:
            return bool(self._company.preferences("SalesFormsPrefs").get("AllowShipping"))
        others = self._company.preferences("OtherPrefs").get("NameValue") or ()
        return {"Name": "SalesFormsPrefs.AllowGratuity", "Value": "true"} in others

    def _read_sale(self, line: Mapping[str, Any]) -> None:
        detail = dict(line.get(SALES) or {})
        item = self._item(detail, str(line.get("Id") or ""))
        detail["ItemRef"] = named("Item", item)
        name_tracked(self._company, detail)
        if "IncomeAccountRef" in item:
            detail["ItemAccountRef"] = item["IncomeAccountRef"]
        detail["TaxCodeRef"] = {"value": self._code(detail, item)}
        if self._terms.mode is TaxMode.NONE and self._company.profile.country != "US":
            del detail["TaxCodeRef"]
        net = self._amounts(line, detail)
        self._sale.subtotal += net
        self._sale.taxed.append(Taxed(net, self._rates(detail)))
        text = {"Description": line["Description"]} if line.get("Description") else {}
        self._place({**text, "Amount": amount(net), "DetailType": SALES, SALES: detail}, line)

    def _item(self, detail: Record, line_id: str) -> Record:
        reference = detail.get("ItemRef")
        if identifier_of(reference) is None:
            reference = self._company.preferences("SalesFormsPrefs").get("DefaultItem")
        identifier = identifier_of(reference) or ""
        if identifier not in self._items:
            before = (self._old.get(line_id) or {}).get(SALES) or {}
            kept = identifier_of(before.get("ItemRef")) == identifier
            found = referred(self._company, "Item", reference, active=not kept)
            if found["Type"] in {"Category", "Group"}:  # guess at code and words
                raise faults.business("A category or bundle is no item of a line; choose a product or service.")
            self._items[identifier] = found
        return self._items[identifier]

    def _code(self, detail: Record, item: Record) -> str:
        code = code_of_line(detail)
        if self._terms.mode is TaxMode.NONE:
            return _UNTAXED
        if self._terms.mode is TaxMode.CODES:
            if code is None and self._terms.applicable:
                raise faults.business(_NO_CODE)
            return code or ""
        if code is None:
            # Guess: an untold line is taxable where its item is.
            return "TAX" if item.get("Taxable") else _UNTAXED
        if code not in {"TAX", _UNTAXED}:
            raise faults.dangling("TaxCodes", code)
        return code

    def _rates(self, detail: Record) -> tuple[Rate, ...]:
        if self._terms.mode is TaxMode.CODES:
            return rates_of_code(self._company, code_of_line(detail)) if self._terms.applicable else ()
        return self._terms.rates if code_of_line(detail) == "TAX" else ()

    def _amounts(self, line: Mapping[str, Any], detail: Record) -> Decimal:
        if line.get("Amount") is None and not (self._terms.inclusive and detail.get("TaxInclusiveAmt") is not None):
            raise faults.required("Line.Amount")
        given = number(line["Amount"], "Amount") if line.get("Amount") is not None else ZERO
        if self._terms.inclusive:
            return self._net_of_gross(given, detail)
        detail.pop("TaxInclusiveAmt", None)
        if detail.get("Qty") is not None and detail.get("UnitPrice") is not None:
            product = number(detail["Qty"], "Qty") * number(detail["UnitPrice"], "UnitPrice")
            if self._company.cents(product) != cents(given):
                raise faults.amount_mismatch(given)
        return cents(given)

    def _net_of_gross(self, given: Decimal, detail: Record) -> Decimal:
        """Guess: without TaxInclusiveAmt a line's Amount is read as containing tax, and answered without it."""
        gross = cents(number(detail.get("TaxInclusiveAmt", given), "TaxInclusiveAmt"))
        percent = sum((tax for _, _, tax in Taxed(HUNDRED, self._rates(detail)).shares()), ZERO)
        net = self._company.cents(gross * HUNDRED / (HUNDRED + percent))
        detail["TaxInclusiveAmt"] = amount(gross)
        self._sale.gross += gross
        count = number_in(detail, "Qty")
        if count and detail.get("UnitPrice") is not None:
            detail["UnitPrice"] = quantity(round(net / count, _PRICE_DIGITS))
        return net

    def _read_discount(self, line: Mapping[str, Any]) -> None:
        if not self._company.preferences("SalesFormsPrefs").get("AllowDiscount"):
            raise faults.business("Discounts are turned off in this company.")
        detail = dict(line.get(DISCOUNT) or {})
        if detail.get("PercentBased"):
            percent = number(detail.get("DiscountPercent", 0), "DiscountPercent")
            value = self._company.cents(self._sale.subtotal * percent / HUNDRED)
        elif line.get("Amount") is None:
            raise faults.required("Line.Amount")
        else:
            value = cents(number(line["Amount"], "Amount"))
        default = {"value": self._company.preferences("SalesFormsPrefs").get("DefaultDiscountAccount")}
        account = referred(self._company, "Account", detail.get("DiscountAccountRef") or default)
        detail["DiscountAccountRef"] = named("Account", account)
        self._sale.discount += value
        self._sale.lines.append({"Amount": amount(value), "DetailType": DISCOUNT, DISCOUNT: detail})
