"""How far a price moves, and whether a person must see it before it does."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from mapping.price_sources import PriceSource
from mapping.prices import PriceWish
from mapping.rounding import HUNDRED, ZERO

__all__ = ["price_summary", "why_held"]

_EXACT = Decimal("0.0001")


def price_summary(wish: PriceWish, source: PriceSource) -> dict[str, str]:
    """What a plan shows of a price: where, how much, what it was, and the largest change.

    `change` is a share with four decimals, absent where nothing is known from before.
    """
    before = {
        variant: was
        for variant in wish.prices
        if (was := _before(variant, source)) is not None
    }
    summary = {
        "of": source.product_number,
        "on": source.pricelist,
        "price": _range(wish.prices, wish.currency),
        "lowest": f"{min(wish.prices.values()):f}",
    }
    if before:
        summary["was"] = _range(before, wish.currency)
    shares = [
        abs(wish.prices[variant] - was) / was
        for variant, was in before.items()
        if was > ZERO
    ]
    if shares:
        summary["change"] = f"{max(shares).quantize(_EXACT):f}"
    return summary


def why_held(summary: Mapping[str, str], max_change: Decimal) -> str | None:
    """Why a price waits for approval, or None; `summary` is that of `price_summary`."""
    what = f"{summary['of']} on {summary['on']}"
    if Decimal(summary["lowest"]) == ZERO:
        return f"{what} would cost nothing ({summary['price']})"
    change = Decimal(summary.get("change", "0"))
    if change <= max_change:
        return None
    return (
        f"{what} would change by {_percent(change)}, from {summary['was']} to "
        f"{summary['price']}; more than prices.max_change = {max_change:f}"
    )


def _before(variant: int, source: PriceSource) -> Decimal | None:
    """What a variant cost: as it was sent, else as it is shown."""
    if variant in source.sent:
        return source.sent[variant]
    shown = [one.price for one in source.shown if variant in one.variants]
    return min(shown, default=None)


def _range(prices: Mapping[int, Decimal], currency: str) -> str:
    low, high = min(prices.values()), max(prices.values())
    text = f"{low:,f}" if low == high else f"{low:,f} to {high:,f}"
    return f"{text} {currency}"


def _percent(share: Decimal) -> str:
    return f"{(share * HUNDRED).quantize(Decimal('0.1')):f} %"
