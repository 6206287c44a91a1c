"""What Visma.net would compute for each row of the VAT map, and for whom it is wrong.

A line's taxes are the VAT ids that are in both its category and the document's zone;
none means no VAT, and nobody says so (ERP API reference, VAT).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import combinations

from connectors.centra import models as centra
from connectors.errors import RecordError
from connectors.visma.client import VismaClient
from connectors.visma.tables import VatCategory, VatId, VatZone
from mapping.vat_uses import VatUse, vat_uses
from settings.connection import Connection
from settings.posting import VatRule
from tasks.check_rows import CheckRow, listed, row

__all__ = ["VatNeeds", "VatSetup", "read_vat_setup", "vat_rows"]

_EXTRACT = "ExtractFromItemAmount"
_ON_TAX = {"ItemTaxAmount", "DocumenTaxAmount"}
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class VatSetup:
    """The VAT setup of a company: ids, each in zones and categories, with rates by date."""

    vat_ids: Sequence[VatId]
    categories: Sequence[VatCategory]
    zones: Sequence[VatZone]

    def ids_of(self, category: str, zone: str) -> list[VatId]:
        """The VAT ids of a line: those of the zone that its category lists.

        A category may also be of all *but* those it lists.
        """
        of_zone = [one for one in self.vat_ids if zone in {z.id for z in one.zones}]
        return [one for one in of_zone if self._is_in(one, category)]

    def _is_in(self, vat_id: VatId, category: str) -> bool:
        named = {one.vat_category_id for one in vat_id.categories}
        found = (one for one in self.categories if one.vat_category_id == category)
        known = next(found, None)
        if known is None:
            return category in named
        lines = {one.vat_id for one in known.vat_category_lines}
        is_listed = category in named or vat_id.vat_id in lines
        return is_listed is not known.exclude_listed_taxes


@dataclass(slots=True)
class VatNeeds:
    """How many orders need each row of the VAT map, as they were read."""

    orders: Counter[VatUse] = field(default_factory=Counter)

    def note(self, order: centra.Order, connection: Connection) -> None:
        """Note what an order needs; one that cannot be mapped is told elsewhere."""
        try:
            self.orders.update(vat_uses(order, connection))
        except RecordError:
            return

    def of(self, rule: VatRule) -> Mapping[VatUse, int]:
        """What needs a row, and how many orders."""
        return {use: count for use, count in self.orders.items() if use.rule == rule}


async def read_vat_setup(visma: VismaClient) -> VatSetup:
    """Read the three tables of a company's VAT."""
    return VatSetup(
        await visma.get_vat_ids(),
        await visma.get_vat_categories(),
        await visma.get_vat_zones(),
    )


def vat_rows(
    settings: Connection, setup: VatSetup, needs: VatNeeds, today: date, days: int
) -> Iterator[CheckRow]:
    """Check what Visma.net would compute for each row of the VAT map.

    For the orders of the last `days` by the rates of their own days, for the others
    by those of `today`.
    """
    rules = settings.vat
    active = {one.vat_category_id for one in setup.categories if one.active}
    yield from listed("VAT category", {one.category for one in rules}, active)
    yield from listed("VAT zone", {one.zone for one in rules}, _zones(setup))
    for position, rule in enumerate(rules):
        yield from _of_rule(setup, rule, position, needs.of(rule), today, days)
    yield from _shared(setup, rules)
    yield from _without_vat(settings, setup, today)


def _zones(setup: VatSetup) -> set[str]:
    return {one.id for one in setup.zones}


def _of_rule(
    setup: VatSetup,
    rule: VatRule,
    position: int,
    needs: Mapping[VatUse, int],
    today: date,
    days: int,
) -> Iterator[CheckRow]:
    ids = setup.ids_of(rule.category, rule.zone)
    wrong: Counter[tuple[str, str, str]] = Counter()
    for use, count in needs.items():
        problem = _problem(rule, position, ids, use.on)
        if problem is not None:
            found, fix, instead = problem
            wrong[_who(use), f"{instead}: {found}", fix] += count
    for (who, found, fix), count in sorted(wrong.items()):
        orders = "1 order" if count == 1 else f"{count} orders"
        yield row(who, f"{orders} of the last {days} days would get {found}", fix)
    problem = _problem(rule, position, ids, today)
    if problem is not None and not wrong:
        yield row(_what(rule), problem[0], problem[1])
    elif problem is None:
        names = ", ".join(one.vat_id for one in ids) or "no VAT"
        yield row(_what(rule), names)
        yield from _to_come(rule, position, ids, today)


def _problem(
    rule: VatRule, position: int, ids: Sequence[VatId], on: date
) -> tuple[str, str, str] | None:
    """Say what is wrong with a row on a day, what to change, and what VAT there would be."""
    name, place = f"vat.{position}", f"zone {rule.zone} and category {rule.category}"
    if not ids:
        if not rule.rate:
            return None
        fix = f"Correct {name}.zone or {name}.category, or add the VAT id in Visma.net."
        return f"no VAT id is in {place}", fix, f"no VAT instead of {rule.rate:f} %"
    rate = sum((_rate_on(one, on) for one in ids), ZERO)
    shown = " + ".join(f"{_rate_on(one, on):f} %" for one in ids)
    instead = f"{rate:f} % VAT instead of {rule.rate:f} %"
    if rate != rule.rate:
        fix = f"Correct {name}.category or {name}.zone; or the VAT rate on either side."
        return f"Visma.net has {shown} for {place}", fix, instead
    return _calculation(rule, name, place, ids) if rule.rate else None


def _calculation(
    rule: VatRule, name: str, place: str, ids: Sequence[VatId]
) -> tuple[str, str, str] | None:
    """Say what is wrong with how the VAT of a row is worked out, its rate being right."""
    on_tax = [one.vat_id for one in ids if one.calculate_on in _ON_TAX]
    if on_tax:
        fix = "Let the VAT id calculate on the item amount in Visma.net."
        found = f"VAT id {on_tax[0]} of {place} taxes other taxes"
        return found, fix, "another total"
    extracts = {one.calculate_on == _EXTRACT for one in ids}
    if extracts != {rule.prices == "gross"}:
        mode = "gross" if extracts == {True} else "net"
        found = f"the VAT id of {place} takes amounts as {mode}"
        return found, f'Set {name}.prices = "{mode}".', "another total"
    names = {one.vat_id for one in ids}
    if rule.vat_id is not None and rule.vat_id not in names:
        found = (
            f"the VAT id of {place} is {', '.join(sorted(names))}, not {rule.vat_id}"
        )
        return found, f"Correct {name}.vat_id.", "another rounding"
    return None


def _rate_on(vat_id: VatId, on: date) -> Decimal:
    """The rate that a document bears: of the newest schedule that has begun.

    What is reversed, or kept for statistics, is reported and not charged.
    """
    if vat_id.reverse_vat or vat_id.statistical_vat:
        return ZERO
    begun = [
        one
        for one in vat_id.schedules
        if (one.group_type or "Output") == "Output"
        and (one.start_date or "")[:10] <= on.isoformat()
    ]
    newest = max(begun, key=lambda one: one.start_date or "", default=None)
    return newest.vat_rate if newest else ZERO


def _to_come(
    rule: VatRule, position: int, ids: Sequence[VatId], today: date
) -> Iterator[CheckRow]:
    """Warn of rates that begin later: Centra and the row must change on the same day."""
    starts = {
        (one.start_date or "")[:10]
        for vat_id in ids
        for one in vat_id.schedules
        if (one.start_date or "")[:10] > today.isoformat()
    }
    for start in sorted(starts):
        rate = sum((_rate_on(one, date.fromisoformat(start)) for one in ids), ZERO)
        if rate != rule.rate:
            yield CheckRow(
                what=_what(rule),
                state="warning",
                found=f"from {start} Visma.net has {rate:f} %",
                fix=f"Add a row of {rate:f} % beside vat.{position}, and change the "
                "rate in Centra on that day.",
            )


def _shared(setup: VatSetup, rules: Sequence[VatRule]) -> Iterator[CheckRow]:
    """Rows that can meet on a document, whose VAT Visma.net rounds as one."""
    for (i, one), (j, other) in combinations(enumerate(rules), 2):
        can_meet = (one.zone, one.rate) == (other.zone, other.rate) and one.rate
        by_group = one.product_group or other.product_group
        if not (can_meet and by_group) or one.tax == other.tax:
            continue
        names = [
            {vat_id.vat_id for vat_id in setup.ids_of(rule.category, rule.zone)}
            for rule in (one, other)
        ]
        for name in sorted(names[0] & names[1]):
            found = (
                f"both have the VAT id {name}, which Visma.net rounds once a document"
            )
            fix = f'Set vat_id = "{name}" in both rows.'
            yield row(f"vat.{i} and vat.{j}", found, fix)


def _without_vat(
    settings: Connection, setup: VatSetup, today: date
) -> Iterator[CheckRow]:
    """What bears no VAT must bear none in every zone that documents may have."""
    orders = settings.orders
    for key, category in (
        ("orders.gift_certificate_category", orders.gift_certificate_category),
        ("orders.rounding_category", orders.rounding_category),
    ):
        for zone in sorted({rule.zone for rule in settings.vat}):
            ids = setup.ids_of(category, zone)
            rate = sum((_rate_on(one, today) for one in ids), ZERO)
            if rate:
                found = f"Visma.net has {rate:f} % for it in zone {zone}"
                fix = f"Set {key} to a VAT category without VAT."
                yield row(f"{key} {category}", found, fix)


def _what(rule: VatRule) -> str:
    group = f" {rule.product_group}" if rule.product_group else ""
    return f"VAT {rule.rate:f} % {'/'.join(rule.countries)} {rule.customer}{group}"


def _who(use: VatUse) -> str:
    group = f" {use.group}" if use.rule.product_group else ""
    return f"VAT {use.rate:f} % {use.country} {use.kind}{group}"
