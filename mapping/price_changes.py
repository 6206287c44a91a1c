"""How far a price moves, and whether a person must see it before it does.

A change is measured against what the connector set last, what stood before the window of
the settings (small steps add up), and what Centra shows (people set prices, too). The
end of a promotion is no change: it is the way back to a price that stood before it. And a
price that is another one since the settings are others is seen first, however small.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal

from mapping.money import amount_text
from mapping.price_sources import PriceSource, Shown
from mapping.prices import PriceWish
from mapping.rounding import HUNDRED, ZERO
from settings.prices import PricelistRule, PriceRules

__all__ = ["back_to_usual", "price_summary", "price_was", "rule_text", "why_held"]

_EXACT = Decimal("0.0001")


def rule_text(rule: PricelistRule, currency: str) -> str:
    """The settings of a pricelist as they are kept with its prices."""
    said = rule.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({"currency": currency, **said}, sort_keys=True)


def price_summary(
    wish: PriceWish, source: PriceSource, rule: PricelistRule
) -> dict[str, str]:
    """What a plan shows of a price: where, how much, what it was, and the largest change.

    `change` is a share with four decimals, absent where nothing is measured: nothing is
    known from before, or promotions end; `since` says what it is measured against, if not
    what was set last, and `most` which variant it is of, where there are several prices.
    `gone` names variants whose own price is gone, so that they would get another list's,
    and `settings` what is set otherwise than when another price was set.
    """
    summary = {
        "of": source.product_number,
        "on": source.pricelist,
        "price": _range(wish.prices, wish.currency),
        "lowest": f"{min(wish.prices.values()):f}",
    }
    befores = list(_befores(wish, source))
    if befores:
        (change, variant), since, before = max(befores, key=lambda one: one[0][0])
        summary["was"] = _range(before, wish.currency)
        if change >= ZERO:
            summary["change"] = f"{change.quantize(_EXACT):f}"
        number = next((one.number for one in source.variants if one.id == variant), "")
        is_one = len({*before.values()}) == len({*wish.prices.values()}) == 1
        if change > ZERO and number and not is_one:
            both = (before[variant], wish.prices[variant])
            old, new = (amount_text(one, wish.currency) for one in both)
            summary["most"] = f"{number} from {old} to {new} {wish.currency}"
        if since:
            summary["since"] = since
    was = price_was(wish, source)
    gone = {
        one.number
        for one in source.variants
        if one.id in set(wish.fallen) - set(source.fell)
        and wish.prices[one.id] != was.get(one.id)
    }
    if gone:
        summary["gone"] = ", ".join(sorted(gone))
    others = _others(source.rule, rule_text(rule, source.currency))
    if others and any(
        source.sent.get(one, price) != price for one, price in wish.prices.items()
    ):
        summary["settings"] = others
    return summary


def back_to_usual(wish: PriceWish, usual: Mapping[int, Decimal]) -> dict[int, Decimal]:
    """Variants whose promotion has ended, and that cost exactly what they did before it.

    `usual` is what variants cost before the promotion whose price was written last.
    """
    return {
        one: price
        for one, price in wish.prices.items()
        if one not in wish.promoted and usual.get(one) == price
    }


def price_was(wish: PriceWish, source: PriceSource) -> dict[int, Decimal]:
    """What variants cost, as far as that is known: as it was set last, else as shown."""
    before = {
        variant: source.sent.get(variant, _shown(variant, source))
        for variant in wish.prices
    }
    return {variant: price for variant, price in before.items() if price is not None}


def why_held(summary: Mapping[str, str], rules: PriceRules) -> str | None:
    """Why a price waits for approval, or None; `summary` is that of `price_summary`."""
    what = f"{summary['of']} on {summary['on']}"
    if Decimal(summary["lowest"]) == ZERO:
        return (
            f"{what} would cost nothing ({summary['price']}), and Centra takes no price "
            "of zero, approved or not: enter its price in Visma.net, or take it off sale"
        )
    if "gone" in summary:
        was = f", in place of {summary['was']}" if "was" in summary else ""
        return (
            f"{what} would cost {summary['price']}{was}, as the price of "
            f"{summary['gone']} is not in Visma.net any more and another list's would "
            "be taken"
        )
    if "settings" in summary:
        return (
            f"{what} would cost {summary['price']}, in place of {summary['was']}, with "
            f"other settings of the pricelist than when that was set: "
            f"{summary['settings']}"
        )
    change = Decimal(summary.get("change", "0"))
    if change <= rules.max_change:
        return None
    since = {
        "shown": " (as Centra shows it)",
        "stood": f" (as it was in the last {rules.change_hours} hours)",
    }.get(summary.get("since", ""), "")
    how = f"from {summary['was']}{since} to {summary['price']}"
    if "most" in summary:
        how = f"{summary['most']}{since}"
    return (
        f"{what} would change by {_percent(change)}, {how}; more than "
        f"prices.max_change = {rules.max_change:f}"
    )


def _others(before: str, now: str) -> str:
    """The settings that differ, of two texts of them; none where one is not known."""
    if not before or before == now:
        return ""
    old, new = json.loads(before), json.loads(now)
    return ", ".join(
        one for one in sorted({*old, *new}) if old.get(one) != new.get(one)
    )


def _befores(
    wish: PriceWish, source: PriceSource
) -> Iterator[tuple[tuple[Decimal, int], str, dict[int, Decimal]]]:
    """Each way to measure: the largest share and of which variant, how, and from what.

    The share is -1 where none can be told.
    """
    back = back_to_usual(wish, source.usual)
    measured = {one: price for one, price in wish.prices.items() if one not in back}
    was = price_was(wish, source)
    if was:
        yield _largest(measured, was), "", was
    stood = {one: source.stood[one] for one in wish.prices if one in source.stood}
    if stood and stood != was:
        yield _largest(measured, stood), "stood", stood
    for display in source.shown:
        if _is_as_sent(display, source):
            continue  # nobody has set it since: it was measured above
        wanted = [wish.prices.get(one) for one in display.variants]
        known = [one for one in wanted if one is not None]
        if known and len(known) == len(wanted):
            # a display shows the lowest price of its variants
            shown = {display.variants[0]: display.price}
            lowest = {display.variants[0]: min(known)}
            yield _largest(lowest, shown), "shown", shown


def _largest(
    prices: Mapping[int, Decimal], before: Mapping[int, Decimal]
) -> tuple[Decimal, int]:
    shares = [
        (abs(price - before[variant]) / before[variant], variant)
        for variant, price in prices.items()
        if before.get(variant, ZERO) > ZERO
    ]
    return max(shares, key=lambda one: one[0], default=(Decimal(-1), 0))


def _is_as_sent(display: Shown, source: PriceSource) -> bool:
    sent = [source.sent.get(one) for one in display.variants]
    known = [one for one in sent if one is not None]
    return len(known) == len(sent) > 0 and display.price == min(known)


def _shown(variant: int, source: PriceSource) -> Decimal | None:
    shown = [one.price for one in source.shown if variant in one.variants]
    return min(shown, default=None)


def _range(prices: Mapping[int, Decimal], currency: str) -> str:
    low, high = min(prices.values()), max(prices.values())
    text = " – ".join(amount_text(one, currency) for one in dict.fromkeys((low, high)))
    return f"{text} {currency}"


def _percent(share: Decimal) -> str:
    return f"{(share * HUNDRED).quantize(Decimal('0.1')):f} %"
