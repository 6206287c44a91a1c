"""Dimensions: branch, sales account, subaccount and project of documents and lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from connectors.centra import models as centra
from mapping.documents import LineKind
from mapping.posted_lines import PostedLine
from settings.posting import PostingRule

__all__ = [
    "Dimensions",
    "Traits",
    "dimensions",
    "fitting",
    "has_own_account",
    "line_dimensions",
    "order_traits",
]

_OWN_ACCOUNT = frozenset(
    {
        *(LineKind.GIFT_CARD, LineKind.VOUCHER, LineKind.ROUNDING),
        *(LineKind.RETURN_COST, LineKind.ALLOWANCE),
    }
)


@dataclass(frozen=True, slots=True)
class Traits:
    """What a document or line is; None fits only rules that do not ask for it."""

    store: str | None = None
    market: str | None = None
    country: str | None = None
    brand: str | None = None
    product_group: str | None = None

    def of_line(self, brand: str | None, group: str | None) -> Traits:
        """Return the traits of a line of the document."""
        return replace(self, brand=brand, product_group=group)


@dataclass(frozen=True, slots=True)
class Dimensions:
    """Where a document or line is posted."""

    branch: str | None = None
    sales_account: str | None = None
    subaccount: dict[str, str] = field(default_factory=dict)
    project: str | None = None


def order_traits(order: centra.Order, country: str) -> Traits:
    """Return what an order is, for the rules that choose dimensions."""
    return Traits(
        store=order.store.name if order.store else None,
        market=order.market.name if order.market else None,
        country=country,
    )


def dimensions(traits: Traits, rules: Sequence[PostingRule]) -> Dimensions:
    """Return each dimension from the first rule that fits and sets it."""
    found = [rule for _, rule in fitting(traits, rules)]
    return Dimensions(
        branch=next((r.branch for r in found if r.branch), None),
        sales_account=next((r.sales_account for r in found if r.sales_account), None),
        subaccount=next((r.subaccount for r in found if r.subaccount), {}),
        project=next((r.project for r in found if r.project), None),
    )


def has_own_account(kind: LineKind) -> bool:
    """Whether the item of such a line names its account; sales accounts are not for it.

    A gift card that was sold is a debt, and rounding is no revenue.
    """
    return kind in _OWN_ACCOUNT


def line_dimensions(
    line: PostedLine, traits: Traits, rules: Sequence[PostingRule]
) -> Dimensions:
    """Return the dimensions of a line of a document with these traits."""
    found = dimensions(traits.of_line(line.brand, line.group), rules)
    return replace(found, sales_account=None) if has_own_account(line.kind) else found


def fitting(
    traits: Traits, rules: Sequence[PostingRule]
) -> list[tuple[int, PostingRule]]:
    """Return the rules that fit, each with its number in the settings, from 1 on."""
    return [(row, rule) for row, rule in enumerate(rules, 1) if _fits(rule, traits)]


def _fits(rule: PostingRule, traits: Traits) -> bool:
    pairs = (
        (rule.store, traits.store),
        (rule.market, traits.market),
        (rule.country, traits.country),
        (rule.brand, traits.brand),
        (rule.product_group, traits.product_group),
    )
    return all(
        wanted is None or (is_ is not None and wanted.casefold() == is_.casefold())
        for wanted, is_ in pairs
    )
