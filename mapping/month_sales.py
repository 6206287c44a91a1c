"""What a month's documents are for VAT: domestic, OSS, export, reverse charge, or no sale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from mapping.month import Month
from mapping.month_documents import Posted
from mapping.rounding import ZERO, plain
from settings.posting import VatRule

__all__ = ["NO_SALE", "UNKNOWN", "SoldPart", "sold_parts"]

UNKNOWN = "unknown"
"""The scheme of a VAT zone that the settings do not name; a country that nobody knows."""
NO_SALE = "no sale"
"""Gift cards sold, and roundings: neither is a supply."""
_NO_COUNTRY = frozenset({"EU", "*"})


@dataclass(frozen=True, slots=True)
class SoldPart:
    """A document at one VAT rate; what a credit note takes back is negative."""

    document: Posted
    scheme: str
    country: str
    rate: Decimal
    net: Decimal
    vat: Decimal

    @property
    def net_in_base(self) -> Decimal:
        """Without VAT, in the company's currency."""
        return self.document.in_base(self.net)

    @property
    def vat_in_base(self) -> Decimal:
        """VAT in the company's currency."""
        return self.document.in_base(self.vat)

    def corrects(self, month: Month) -> Month | None:
        """The earlier month whose sale this takes back, if it does."""
        sold = self.document.sold_in
        return sold if sold is not None and sold < month else None


def sold_parts(
    documents: Iterable[Posted], rules: Sequence[VatRule]
) -> Iterator[SoldPart]:
    """Say of each invoice and credit note what it is for VAT, by rate."""
    for one in documents:
        if one.kind in {"invoice", "credit note"}:
            yield from _parts(one, rules)


def _parts(one: Posted, rules: Sequence[VatRule]) -> Iterator[SoldPart]:
    sign = 1 if one.kind == "invoice" else -1
    country = _country(one, rules)
    special = sum((part.amount for part in one.items), one.rounding_by_visma)
    sums: dict[Decimal, list[Decimal]] = {}
    for part in one.vat:
        own = sums.setdefault(plain(part.rate), [ZERO, ZERO])
        own[0] += part.net
        own[1] += part.vat
    rest = one.amount - sum((net + vat for net, vat in sums.values()), ZERO)
    if rest:  # lines that no VAT id is about
        sums.setdefault(ZERO, [ZERO, ZERO])[0] += rest
    for rate, (net, vat) in sorted(sums.items()):
        scheme, sold = _scheme(one.zone, rate, rules), net
        if not rate:
            sold = net - special
            if special:
                yield SoldPart(one, NO_SALE, country, rate, sign * special, ZERO)
        if sold or vat:
            yield SoldPart(
                one, scheme or UNKNOWN, country, rate, sign * sold, sign * vat
            )


def _scheme(zone: str, rate: Decimal, rules: Sequence[VatRule]) -> str | None:
    """The scheme that the settings give a zone; at 0 % only if a row has that rate."""
    own = [rule for rule in rules if rule.zone == zone]
    exact = {rule.scheme for rule in own if plain(rule.rate) == rate}
    schemes = exact or ({rule.scheme for rule in own} if rate else set())
    return next(iter(schemes)) if len(schemes) == 1 else None


def _country(one: Posted, rules: Sequence[VatRule]) -> str:
    if one.country:
        return one.country
    named = {
        country for rule in rules if rule.zone == one.zone for country in rule.countries
    }
    if len(named) == 1 and not named & _NO_COUNTRY:
        return next(iter(named))
    return UNKNOWN
