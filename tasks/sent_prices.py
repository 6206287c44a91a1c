"""What the connector set or found last of each price, and what stood there before.

Small steps must not add up to a large one that nobody saw: what was set within the last
hours is kept with each price, so that a change is measured against all of them. What a
person approved starts anew. While a promotion holds, what stood before it is kept as long.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from ledger import Unit
from mapping.price_changes import back_to_usual
from mapping.prices import PriceWish

__all__ = [
    "CENTRA_PRICE",
    "SENT",
    "SentPrice",
    "detail_of",
    "detail_of_found",
    "sent_prices",
]

CENTRA_PRICE = "centra_price"
SENT = "sent"

_MOST = 50
"""Prices kept of one product; the oldest one that is needed is never dropped."""

_Step = tuple[datetime, Mapping[int, Decimal]]


@dataclass(frozen=True)
class SentPrice:
    """What was set or found last of a product on a pricelist, by variant.

    `fell` are variants whose own price was gone then, so that another list's was taken.
    `steps` is what was set before and when, oldest first, `prices` the last of them.
    `usual` is what variants cost before the promotion whose price was set, and `rule` the
    settings of the pricelist then.
    """

    prices: Mapping[int, Decimal]
    fell: tuple[int, ...]
    steps: tuple[_Step, ...]
    usual: Mapping[int, Decimal]
    rule: str

    def stood(self, at: datetime) -> Mapping[int, Decimal]:
        """What stood at a moment, as far back as it is known."""
        before = [prices for since, prices in self.steps if since <= at]
        if before:
            return before[-1]
        return self.steps[0][1] if self.steps else {}


def sent_prices(unit: Unit, references: Collection[str]) -> dict[str, SentPrice]:
    """What was set last, by pricelist and product."""
    rows = unit.index.find(CENTRA_PRICE, SENT, references)
    return {reference: _read(some[0].detail) for reference, some in rows.items()}


def detail_of_found(wish: PriceWish, rule: str) -> dict[str, str]:
    """What is kept of a price that Centra had already: it stood before anything was set."""
    return _detail(wish, wish.prices, usual={}, steps=[], rule=rule)


def detail_of(
    wish: PriceWish,
    last: SentPrice | None,
    was: Mapping[int, Decimal],
    rule: str,
    *,
    at: datetime,
    hours: int,
    is_approved: bool,
) -> dict[str, str]:
    """What is kept of a price that is set at `at`; `was` is what it replaces.

    A variant that cannot be priced now keeps in Centra what it was set to before.
    """
    untouched = (last.prices if last else {}) if wish.price is None else {}
    prices = {**untouched, **wish.prices}
    start = at - timedelta(hours=hours)
    steps: list[_Step] = list(last.steps) if last else []
    if not steps and was:
        steps = [(start, was)]
    if last:
        steps = _without_promotion(steps, back_to_usual(wish, last.usual))
    if is_approved:
        steps = []
    steps.append((at, prices))
    needed = [one for one in steps if one[0] <= start][-1:]
    later = [one for one in steps if one[0] > start]
    kept = [*(needed or later[:1]), *(later if needed else later[1:])[1 - _MOST :]]
    return _detail(wish, prices, usual=_usual(wish, last, was), steps=kept, rule=rule)


def _detail(
    wish: PriceWish,
    prices: Mapping[int, Decimal],
    *,
    usual: Mapping[int, Decimal],
    steps: Sequence[_Step],
    rule: str,
) -> dict[str, str]:
    return {
        "prices": _written(prices),
        "fell": json.dumps(wish.fallen),
        "usual": _written(usual),
        "rule": rule,
        "steps": json.dumps(
            [[since.isoformat(), json.loads(_written(one))] for since, one in steps]
        ),
    }


def _usual(
    wish: PriceWish, last: SentPrice | None, was: Mapping[int, Decimal]
) -> dict[int, Decimal]:
    """What each variant that is promoted cost before its first promotion.

    One that is not written now keeps what is known of it.
    """
    usual = last.usual if last else {}
    known = {**was, **(last.prices if last else {}), **usual}
    return {
        one: price
        for one, price in known.items()
        if one in wish.promoted or (one in usual and one not in wish.prices)
    }


def _without_promotion(
    steps: Sequence[_Step], back: Mapping[int, Decimal]
) -> list[_Step]:
    """Steps in which a promotion that ends was none: the next change is not against it."""
    found: list[_Step] = []
    for at, prices in reversed(steps):
        back = {one: usual for one, usual in back.items() if prices.get(one) != usual}
        found.append((at, {**prices, **back}))
    return found[::-1]


def _read(detail: Mapping[str, str]) -> SentPrice:
    return SentPrice(
        prices=_prices(json.loads(detail["prices"])),
        fell=tuple(json.loads(detail.get("fell", "[]"))),
        steps=tuple(
            (datetime.fromisoformat(since), _prices(one))
            for since, one in json.loads(detail.get("steps", "[]"))
        ),
        usual=_prices(json.loads(detail.get("usual", "{}"))),
        rule=detail.get("rule", ""),
    )


def _prices(written: Mapping[str, str]) -> dict[int, Decimal]:
    return {int(variant): Decimal(price) for variant, price in written.items()}


def _written(prices: Mapping[int, Decimal]) -> str:
    return json.dumps({str(variant): f"{one:f}" for variant, one in prices.items()})
