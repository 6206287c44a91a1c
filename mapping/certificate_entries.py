"""The entries that one sale of Centra puts on the certificate, whatever they are of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from connectors.centra.sale_models import Sale
from connectors.errors import RecordError
from mapping.certificate import Entry, Pair, Units
from mapping.certificate_accounts import Due, due_of
from mapping.customers import customer_need
from mapping.documents import Document, LineKind
from mapping.identity import CustomerNeed
from mapping.money import minor_units
from mapping.rounding import ZERO, Rounding, round_to, rounding_for
from mapping.vat import find_vat_rule, sale_of, ship_to_country
from settings.connection import Connection

__all__ = ["EntryMaker", "Thing"]

_OWN_CATEGORY = {LineKind.GIFT_CARD, LineKind.VOUCHER, LineKind.ROUNDING}


class Thing(NamedTuple):
    """What an entry is of, whatever its amounts."""

    pair: Pair
    key: str
    label: str
    kind: str
    on: date
    base_rate: Decimal
    """Units of the store's base currency for one of the sale's."""
    sold_as: str = ""
    sold_on: date | None = None
    units: Units = ()


class EntryMaker:
    """Makes the entries of one sale."""

    def __init__(self, sale: Sale, settings: Connection, base: str | None) -> None:
        """Know the sale, and the currency that Centra's own rates are to."""
        self._sale = sale
        self._settings = settings
        self._base_of_centra = base
        self.currency = sale.grand_total.currency.code
        self.store = (sale.store.name or "") if sale.store else ""
        self._country = _country(sale)
        self._need = _need(sale, settings)
        self.rounding = rounding_for(self.currency, settings)

    def by_rate(self, thing: Thing, document: Document) -> Iterator[Entry]:
        """Yield a document as one entry a VAT rate; its lines stand with the first."""
        due = due_of(self._sale, document, self._settings)
        for vat in document.vat_totals:
            yield self.entry(
                thing,
                vat.gross,
                vat.vat,
                rate=vat.rate,
                category=self._category(document, vat.rate),
                room=document.vat_room(vat.rate) + document.rounding.half,
                due=due,
            )
            due = replace(due, accounts=(), categories=())
            thing = thing._replace(units=())

    def entry(
        self,
        thing: Thing,
        gross: Decimal,
        vat: Decimal = ZERO,
        *,
        rate: Decimal | None = None,
        category: str = "",
        room: Decimal = ZERO,
        due: Due | None = None,
    ) -> Entry:
        """Return one entry; amounts are in the currency of the sale."""
        due = due or Due()
        return Entry(
            side="centra",
            pair=thing.pair,
            orders=(self._sale.number,),
            key=thing.key,
            number=thing.label,
            kind=thing.kind,
            day=thing.on,
            currency=self.currency,
            gross=minor_units(gross, self.currency),
            vat=minor_units(vat, self.currency),
            rate=rate,
            category=category,
            store=self.store,
            country=self._country,
            base=self._base(thing, gross),
            room=_units(room, self.rounding),
            sold_as=thing.sold_as,
            sold_on=thing.sold_on,
            due_vat=due.vat.get(ZERO if rate is None else rate),
            accounts=due.accounts,
            categories=due.categories,
            zone=due.zone,
            units=thing.units,
            customer=self._need.number or "",
            buyer=self._need.key,
        )

    def _base(self, thing: Thing, gross: Decimal) -> int | None:
        """What Centra says it is in the company's currency, if that is Centra's base."""
        base = self._settings.base_currency
        if self.currency == base:
            return minor_units(gross, base)
        if self._base_of_centra != base:
            return None
        return minor_units(gross * thing.base_rate, base)

    def _category(self, document: Document, rate: Decimal) -> str:
        """The VAT category that the settings give a rate; none where lines have their own."""
        lines = document.at_rate(rate)
        if any(line.kind in _OWN_CATEGORY for line in lines):
            return ""
        goods = [line for line in lines if line.kind is not LineKind.DISCOUNT]
        groups = {line.group for line in goods} or {None}
        vat = self._settings.vat
        try:
            sale = sale_of(self._sale)
            names = {find_vat_rule(sale, rate, vat, group=g).category for g in groups}
        except RecordError:
            return ""
        return names.pop() if len(names) == 1 else ""


def _units(room: Decimal, rounding: Rounding) -> int:
    return int(round_to(room / rounding.step, Decimal(1), "half_up"))


def _country(sale: Sale) -> str:
    try:
        return ship_to_country(sale).code or ""
    except RecordError:
        return ""


def _need(sale: Sale, settings: Connection) -> CustomerNeed:
    """The customer that the settings book a sale on: one for many, or one of its own."""
    try:
        return customer_need(sale, settings)
    except RecordError:
        return CustomerNeed()
