"""The review's amounts, to the cent, or named as QuickBooks' to compute (product.md, Totals).

QuickBooks does not document how it rounds tax (quickbooks.md 14). So every way is computed: by line or by rate, half a
cent up or to even. Where all agree the amount is exact; where they differ the first is shown as "expected", and the
create compares and shows the variance.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from invoice_service.catalogue.taxes import TAXABLE, CustomerTax, TaxCode, TaxMode, TaxRate, TaxRules
from invoice_service.lines import InvoiceLine, OrderDiscount, subtotal
from invoice_service.money import Rounding, cents

ZERO = Decimal(0)


class Certainty(StrEnum):
    """How sure the tax and the total of a review are."""

    EXACT = "exact"
    EXPECTED = "expected"
    BY_QUICKBOOKS = "by_quickbooks"


@dataclass(frozen=True, slots=True)
class TaxRounding:
    """One of the ways in which QuickBooks may round."""

    by_line: bool
    half: Rounding


ROUNDINGS = tuple(TaxRounding(by_line, half) for half, by_line in itertools.product(Rounding, (False, True)))


@dataclass(frozen=True, slots=True)
class TaxAmount:
    """The tax of one rate on the net amount that it applies to."""

    rate_id: str
    name: str
    percent: Decimal
    net: Decimal
    tax: Decimal


@dataclass(frozen=True, slots=True)
class Totals:
    """The amounts of a review, in the invoice's currency. `tax` and `total` are None where QuickBooks computes them.

    `subtotal` is the sum of the lines as entered: with tax in it where prices contain tax, else without.
    """

    subtotal: Decimal
    discount: Decimal
    tax: Decimal | None
    taxes: tuple[TaxAmount, ...]
    total: Decimal | None
    certainty: Certainty


@dataclass(frozen=True, slots=True)
class _Taxed:
    """The share of a line that is taxed: `net` is exact, before rounding, after the discount."""

    net: Decimal
    code: TaxCode


def review(
    lines: Sequence[InvoiceLine], discount: OrderDiscount | None, rules: TaxRules, customer: CustomerTax
) -> Totals:
    """What the invoice will come to. The lines' codes must have passed `rules.check`."""
    base, off = subtotal(lines), discount.amount if discount else ZERO
    if rules.mode is TaxMode.AUTOMATED and any(rules.line_code(line, customer) == TAXABLE for line in lines):
        return Totals(base, off, None, (), None, Certainty.BY_QUICKBOOKS)
    taxed = list(_taxed(lines, (base - off) / base if base else Decimal(1), rules, customer))
    ways = [_amounts(taxed, rounding) for rounding in ROUNDINGS]
    sums = [sum((each.tax for each in amounts), ZERO) for amounts in ways]
    if _inclusive(rules):
        # The prices fix the total, so the tax is what the net amounts leave of it.
        sums = [base - off - cents(sum((each.net for each in taxed), ZERO)), *sums]
    certainty = (
        Certainty.EXACT if len(set(sums)) == 1 and not _guessed(lines, taxed, off, rules) else Certainty.EXPECTED
    )
    total = base - off if _inclusive(rules) else base - off + sums[0]
    return Totals(base, off, sums[0], ways[0], total, certainty)


def _guessed(lines: Sequence[InvoiceLine], taxed: Sequence[_Taxed], off: Decimal, rules: TaxRules) -> bool:
    """Guess: a discount is spread over the lines in proportion; with one code on all lines any spread is the same."""
    several = len({each.code.quickbooks_id for each in taxed}) + (len(taxed) < len(lines)) > 1
    return bool(off) and (several or _inclusive(rules))


def _inclusive(rules: TaxRules) -> bool:
    return rules.inclusive and rules.mode is TaxMode.CODES


def _taxed(lines: Sequence[InvoiceLine], share: Decimal, rules: TaxRules, customer: CustomerTax) -> Iterator[_Taxed]:
    transaction = rules.codes.get(rules.transaction_code(customer) or "")
    for line in lines:
        if rules.mode is TaxMode.CODES:
            code = rules.codes[line.tax_code_id or ""]
            yield _Taxed((net_amount(line.amount, code) if rules.inclusive else line.amount) * share, code)
        elif transaction is not None and rules.line_code(line, customer) == TAXABLE:
            yield _Taxed(line.amount * share, transaction)


def net_amount(gross: Decimal, code: TaxCode) -> Decimal:
    """What is left of an amount that contains tax, to the cent; QuickBooks is sent this as the line's Amount."""
    return cents(gross / (1 + code.factor))


def _amounts(taxed: Sequence[_Taxed], rounding: TaxRounding) -> tuple[TaxAmount, ...]:
    nets: dict[str, Decimal] = {}
    sums: dict[str, Decimal] = {}
    rates: dict[str, TaxRate] = {}
    for each in taxed:
        for rate, factor in each.code.factors():
            tax, key = each.net * factor, rate.quickbooks_id
            rates[key] = rate
            nets[key] = nets.get(key, ZERO) + each.net
            sums[key] = sums.get(key, ZERO) + (cents(tax, rounding.half) if rounding.by_line else tax)
    return tuple(
        TaxAmount(key, rate.name, rate.percent, cents(nets[key]), cents(sums[key], rounding.half))
        for key, rate in rates.items()
    )


def variance(expected: Totals, total: Decimal, tax: Decimal) -> dict[str, Decimal]:
    """What QuickBooks' answer differs by from the review: `total` and `tax`, those that differ; empty where equal."""
    differences = {"total": (expected.total, total), "tax": (expected.tax, tax)}
    return {
        name: actual - foreseen
        for name, (foreseen, actual) in differences.items()
        if foreseen is not None and actual != foreseen
    }
