"""The VAT tables of a month: all sales by scheme, and reverse charge."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from mapping.counting import counted
from mapping.month_sales import NO_SALE, UNKNOWN, SoldPart
from mapping.month_tables import Column, Finding, Table, table
from mapping.rounding import ZERO

__all__ = ["reverse_charge_table", "sales_findings", "sales_table"]

_NAMED = 5
"""Documents that a sentence names."""


def sales_table(parts: Sequence[SoldPart], base: str) -> Table:
    """All sales of the month, credits taken off, as the books have them."""
    sums: defaultdict[tuple[str, str, Decimal, str], list[Decimal]]
    sums = defaultdict(lambda: [ZERO] * 4)
    documents: defaultdict[tuple[str, str, Decimal, str], set[str]] = defaultdict(set)
    for one in parts:
        key = (one.scheme, one.country, one.rate, one.document.currency)
        documents[key].add(f"{one.document.kind} {one.document.number}")
        for place, amount in enumerate(
            (one.net, one.vat, one.net_in_base, one.vat_in_base)
        ):
            sums[key][place] += amount
    return table(
        "sales",
        "Sales by VAT scheme",
        "Every invoice of the month less every credit note, by VAT zone and rate. "
        "Gift cards sold and roundings are no sale: they have rows of their own, and are "
        "not in the sums.",
        (
            Column("scheme"),
            Column("country"),
            Column("rate %", "percent"),
            Column("currency"),
            Column("documents", "count", is_summed=True),
            Column("net", "money"),
            Column("VAT", "money"),
            Column(f"net in {base}", "money", is_summed=True),
            Column(f"VAT in {base}", "money", is_summed=True),
        ),
        [
            (key[0].replace("_", " "), *key[1:], len(documents[key]), *sums[key])
            for key in sorted(sums)
        ],
        besides={NO_SALE},
    )


def reverse_charge_table(
    parts: Sequence[SoldPart], numbers: Mapping[str, str], base: str
) -> Table:
    """Sales without VAT to companies in other countries of the EU, by VAT number."""
    sums: defaultdict[tuple[str, str, str, str], list[Decimal]]
    sums = defaultdict(lambda: [ZERO, ZERO])
    documents: defaultdict[tuple[str, str, str, str], set[str]] = defaultdict(set)
    for one in parts:
        if one.scheme != "reverse_charge":
            continue
        customer = one.document.customer
        key = (
            numbers.get(customer, ""),
            one.country,
            customer,
            one.document.currency,
        )
        sums[key][0] += one.net
        sums[key][1] += one.net_in_base
        documents[key].add(one.document.number)
    return table(
        "reverse_charge",
        "Reverse-charge sales by VAT number",
        "For the EC sales list; credit notes of the month are taken off.",
        (
            Column("VAT number"),
            Column("country"),
            Column("customer"),
            Column("currency"),
            Column("documents", "count", is_summed=True),
            Column("net", "money"),
            Column(f"net in {base}", "money", is_summed=True),
        ),
        [(*key, len(documents[key]), *sums[key]) for key in sorted(sums)],
    )


def sales_findings(parts: Sequence[SoldPart]) -> list[Finding]:
    """Documents of which the settings do not say what they are for VAT."""
    unknown = sorted({one.document.number for one in parts if one.scheme == UNKNOWN})
    if not unknown:
        return []
    sentence = (
        "The settings name no scheme for the VAT zone and rate of "
        f"{counted(len(unknown), 'document')} "
        f"({', '.join(unknown[:_NAMED])}): see 'unknown'; add a [[vat]] row, or correct "
        "them."
    )
    return [Finding("sales", sentence)]
