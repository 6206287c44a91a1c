"""Rows of the VAT map that put consumers of one country into another one's return."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from connectors.visma.tables import Branch
from mapping.vat import EU_COUNTRIES
from settings.connection import Connection
from settings.posting import VatRule
from tasks.check_rows import CheckRow
from tasks.vat_checks import VatNeeds

__all__ = ["oss_rows"]

_MANY = frozenset({"EU", "*"})


def oss_rows(
    settings: Connection, branches: Sequence[Branch], needs: VatNeeds
) -> Iterator[CheckRow]:
    """Warn of rows that leave consumers out of the OSS return, or mix countries in it.

    The company's own country is that of its branches; where they tell none, a row of
    one country is taken to be of its own.
    """
    home = {one.country for one in branches if one.country}
    for position, rule in enumerate(settings.vat):
        yield from _not_oss(position, rule, home, needs)
    yield from _shared(settings.vat)


def _is_taxed_consumer(rule: VatRule) -> bool:
    return bool(rule.rate) and rule.customer != "b2b"


def _not_oss(
    position: int, rule: VatRule, home: set[str], needs: VatNeeds
) -> Iterator[CheckRow]:
    if not _is_taxed_consumer(rule) or rule.scheme == "oss":
        return
    foreign = {
        one
        for one in rule.countries
        if one in _MANY or (one in EU_COUNTRIES - home and home)
    }
    if not foreign:
        return
    used = {
        use.country
        for use in needs.of(rule)
        if use.kind == "b2c" and use.country in EU_COUNTRIES - home
    }
    shown = ", ".join(sorted(foreign))
    bought = f"; {', '.join(sorted(used))} bought by it" if used else ""
    yield CheckRow(
        what=f"vat.{position}.scheme",
        state="warning",
        found=f"{rule.rate:f} % of consumers in {shown} is {rule.scheme} VAT of zone "
        f"{rule.zone}, and missing from the OSS return{bought}",
        fix='Give each such country a row of its own with its zone and scheme = "oss".',
    )


def _shared(rules: Sequence[VatRule]) -> Iterator[CheckRow]:
    """Zone and category that serve consumers of more than one country."""
    places: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for rule in rules:
        if _is_taxed_consumer(rule):
            places[rule.zone, rule.category] |= set(rule.countries)
    for (zone, category), countries in sorted(places.items()):
        if len(countries) > 1 or "EU" in countries:
            yield CheckRow(
                what=f"VAT zone {zone}, category {category}",
                state="warning",
                found=f"serve consumers of {', '.join(sorted(countries))}: the returns "
                "of these countries cannot be told apart by it",
                fix="Give each country a VAT zone of its own.",
            )
