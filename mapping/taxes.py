"""Splitting one amount (shipping, handling, a discount) by the VAT applied to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.rounding import HUNDRED, ZERO, Rounding, allocate, plain, round_parts

__all__ = ["RatedAmount", "TaxSum", "split_by_rule", "tax_sum"]


@dataclass(frozen=True, slots=True)
class RatedAmount:
    """A part of an amount that one VAT rate was applied to."""

    rate: Decimal
    net: Decimal
    vat: Decimal
    gross: Decimal


@dataclass(frozen=True, slots=True)
class TaxSum:
    """VAT included in, added to and deducted from an amount."""

    included: Decimal
    added: Decimal
    deducted: Decimal

    def __add__(self, other: TaxSum) -> TaxSum:
        return TaxSum(
            self.included + other.included,
            self.added + other.added,
            self.deducted + other.deducted,
        )

    def __sub__(self, other: TaxSum) -> TaxSum:
        return TaxSum(
            self.included - other.included,
            self.added - other.added,
            self.deducted - other.deducted,
        )


def tax_sum(rules: Sequence[centra.TaxRuleValue], rounding: Rounding) -> TaxSum:
    """Return the VAT of all rules, positive also where a discount states it negative."""
    sign = _sign(rules)
    return TaxSum(
        sign * sum((rounding.amount(r.tax_included.value) for r in rules), ZERO),
        sign * sum((rounding.amount(r.tax_added.value) for r in rules), ZERO),
        sign * sum((rounding.amount(r.tax_deducted.value) for r in rules), ZERO),
    )


def split_by_rule(
    amount: Decimal,
    rules: Sequence[centra.TaxRuleValue],
    *,
    rounding: Rounding,
    what: str,
    record_id: str,
    weights: Mapping[Decimal, Decimal],
    roundings: int = 1,
) -> tuple[RatedAmount, ...]:
    """Split an amount into one part per VAT rate; the parts add up to it exactly.

    Centra states the VAT of each rule, not what it was applied to (OrderTotals
    page). The amount is spread over the rates of the lines by `weights`, the lines'
    values (a weighted average, says Centra's page on tax rules); where that does not give the VAT stated,
    the base is worked out from VAT and rate. A rate whose share bore no VAT, as it
    is zero or the share is tiny, has no rule. `roundings` is how often each VAT was
    rounded: more than once where the amount is a part of another.

    Raises:
        RecordError: the rules' VAT cannot come from this amount.
    """
    tax = tax_sum(rules, rounding)
    if not amount and not (tax.included or tax.added or tax.deducted):
        return ()
    if tax.included and (tax.added or tax.deducted):
        raise _does_not_fit(what, amount, rules, record_id)
    sold = amount - tax.deducted
    if not (tax.included or tax.added):
        # of a few minor units the VAT is nothing at any rate: they follow the lines
        small = _by_weight(sold, {}, weights, "gross", rounding) or {}
        parts = {rate: base for rate, base in small.items() if base} or {ZERO: sold}
        return tuple(
            RatedAmount(rate, net=base, vat=ZERO, gross=base)
            for rate, base in parts.items()
        )
    vats = _vat_by_rate(rules, rounding)
    exact: Literal["net", "gross"] = "gross" if tax.included else "net"
    bases = _by_weight(sold, vats, weights, exact, rounding)
    if bases is None:
        bases = _bases(sold, vats, exact, rounding, roundings)
    if bases is None:
        silent = {rate: ZERO for rate in weights if rate not in vats}
        bases = _bases(sold, {**vats, **silent}, exact, rounding, roundings)
    if bases is None:
        raise _does_not_fit(what, amount, rules, record_id)
    return tuple(
        _rated(rate, base, vats.get(rate, ZERO), exact)
        for rate, base in bases.items()
        if base or vats.get(rate)
    )


def _sign(rules: Sequence[centra.TaxRuleValue]) -> int:
    return -1 if sum((_of_all_kinds(rule) for rule in rules), ZERO) < 0 else 1


def _of_all_kinds(rule: centra.TaxRuleValue) -> Decimal:
    return rule.tax_included.value + rule.tax_added.value + rule.tax_deducted.value


def _vat_by_rate(
    rules: Sequence[centra.TaxRuleValue], rounding: Rounding
) -> dict[Decimal, Decimal]:
    vats: dict[Decimal, Decimal] = {}
    for rule in rules:
        rate = plain(rule.rule.tax_percent)
        vat = rounding.amount(rule.tax_included.value + rule.tax_added.value)
        if rule.tax_deducted.value and not vat:
            continue
        vats[rate] = vats.get(rate, ZERO) + _sign(rules) * vat
    return dict(sorted(vats.items(), reverse=True))


def _rated(
    rate: Decimal, base: Decimal, vat: Decimal, exact: Literal["net", "gross"]
) -> RatedAmount:
    if exact == "gross":
        return RatedAmount(rate, net=base - vat, vat=vat, gross=base)
    return RatedAmount(rate, net=base, vat=vat, gross=base + vat)


def _by_weight(
    total: Decimal,
    vats: dict[Decimal, Decimal],
    weights: Mapping[Decimal, Decimal],
    exact: Literal["net", "gross"],
    rounding: Rounding,
) -> dict[Decimal, Decimal] | None:
    """Return the amount spread like the lines, None if its VAT would be another."""
    if not set(vats) <= set(weights) or not any(weights.values()):
        return None
    parts = allocate(total, tuple(weights.values()), rounding.step)
    bases = dict(zip(weights, parts, strict=True))
    vat_of = rounding.vat_in if exact == "gross" else rounding.vat_on
    if any(vat_of(base, rate) != vats.get(rate, ZERO) for rate, base in bases.items()):
        return None
    return dict(sorted(bases.items(), reverse=True))


def _bases(
    total: Decimal,
    vats: dict[Decimal, Decimal],
    exact: Literal["net", "gross"],
    rounding: Rounding,
    roundings: int,
) -> dict[Decimal, Decimal] | None:
    """Return what each rate was applied to, or None if rounding cannot explain it."""
    if vats.get(ZERO):
        return None
    taxed = [rate for rate in vats if rate]
    over = {rate: HUNDRED + (rate if exact == "gross" else 0) for rate in taxed}
    implied = {rate: vats[rate] * over[rate] / rate for rate in taxed}
    half = rounding.half * roundings
    room = {rate: half * over[rate] / rate for rate in taxed}
    left = total - sum(implied.values(), ZERO)
    width = sum(room.values(), ZERO)
    if abs(left) <= width + rounding.step:
        moved = {rate: implied[rate] + left * room[rate] / width for rate in taxed}
        return _rounded(moved, total, rounding)
    if left > 0 and ZERO in vats:
        rest = rounding.amount(left)
        return {**_rounded(implied, total - rest, rounding), ZERO: rest}
    return None


def _rounded(
    parts: dict[Decimal, Decimal], total: Decimal, rounding: Rounding
) -> dict[Decimal, Decimal]:
    try:
        values = round_parts(tuple(parts.values()), total, rounding.step)
    except ValueError:
        values = allocate(total, tuple(parts.values()), rounding.step)
    return dict(zip(parts, values, strict=True))


def _does_not_fit(
    what: str,
    amount: Decimal,
    rules: Sequence[centra.TaxRuleValue],
    record_id: str,
) -> RecordError:
    stated = ", ".join(
        f"{plain(rule.rule.tax_percent):f} %: {_of_all_kinds(rule):f}" for rule in rules
    )
    return RecordError(
        f"The VAT on {what} of order {record_id} ({stated}) cannot come from its "
        f"amount of {amount:,f}.",
        code="TAX_RULES_DO_NOT_FIT",
        fix=f"Check the tax rules on {what} in Centra, then retry the order.",
        record_id=record_id,
    )
