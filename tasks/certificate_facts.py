"""What the ledger knows that names a difference: parked, in doubt, under way, sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from ledger import Unit
from mapping.certificate import Entry, Pair
from mapping.certificate_facts import Facts, Known, PeriodOf
from mapping.certificate_side import CentraSide
from mapping.money import minor_units
from settings.connection import Connection
from tasks.certificate_customers import linked_customers, written_for
from tasks.certificate_drafts import written_in
from tasks.certificate_records import (
    DIRECTIONS,
    doubt_of,
    key_of,
    parked_as,
    places_of,
    standing_records,
)
from tasks.target_index import open_periods

__all__ = ["facts_of"]

_OUTSIDE = "REFUND_UNCLEAR"
"""The code of what may have been paid outside Centra."""

Table = dict[tuple[Pair, str], Known]


def facts_of(
    unit: Unit, centra: CentraSide, settings: Connection, booked: Sequence[Entry] = ()
) -> Facts:
    """Gather what names differences; nothing of it is an amount of either system.

    `booked` are the entries of Visma.net.
    """
    numbers_of = linked_customers(unit, centra.entries)
    period_of = PeriodOf(open_periods(unit))
    parked, outside = _parked(unit, centra)
    aside, flying = _set_aside(unit, centra), _flying(unit, centra)
    return Facts(
        parked=parked,
        outside=outside,
        twice=dict(centra.of_returns),
        doubts=_doubts(unit, centra),
        flying=_but(flying, aside, centra),
        awaited=dict(_awaited(unit, centra)),
        left_out=aside | dict(centra.left_out),
        sent=dict(_sent(unit, settings)),
        rates=dict(_rates(unit)),
        documents=dict(_documents(unit)),
        undone_on=unit.evidence.undone_on(),
        numbers_of=numbers_of,
        posted_to=written_for(unit, centra.entries, booked, numbers_of),
        written_in=written_in(unit, centra.entries, booked, period_of),
        period_of=period_of,
        standing=tuple(standing_records(unit, centra, settings)),
    )


def _parked(unit: Unit, centra: CentraSide) -> tuple[Table, Table]:
    parked: Table = {}
    outside: Table = {}
    rows = unit.exceptions.list()
    for direction, pair in DIRECTIONS:
        for row in rows:
            if row.direction != direction:
                continue
            known = parked_as(row)
            table = outside if row.code == _OUTSIDE else parked
            for place in places_of(centra, direction, pair, row.source_id):
                table.setdefault(place, known)
    return parked, outside


def _set_aside(unit: Unit, centra: CentraSide) -> Table:
    """What people left out in their name: ignored, or its document was undone."""
    aside: Table = {}
    rows = unit.exceptions.list(status="ignored")
    for direction, pair in DIRECTIONS:
        states = unit.evidence.states(
            direction, [row.source_id for row in rows if row.direction == direction]
        )
        for row in rows:
            if row.direction != direction or states[row.source_id][0] != "left_out":
                continue
            what = f"set aside by {row.by}: {row.note} ({row.reason})"
            for place in places_of(centra, direction, pair, row.source_id):
                known = Known(what, row.last_at.date(), owner=row.by or "")
                aside.setdefault(place, known)
    return aside


def _but(flying: Table, aside: Table, centra: CentraSide) -> Table:
    """What is under way: not what waits for something that people have set aside."""
    return {
        (pair, key): known
        for (pair, key), known in flying.items()
        if (pair, key) not in aside
        and (pair, str(centra.order_of.get(key, ""))) not in aside
    }


def _doubts(unit: Unit, centra: CentraSide) -> Table:
    doubts: Table = {}
    for direction, pair in DIRECTIONS:
        for one in unit.intents.in_doubt(direction):
            known = doubt_of(one)
            for place in places_of(centra, direction, pair, one.source_id):
                doubts.setdefault(place, known)
    return doubts


def _flying(unit: Unit, centra: CentraSide) -> Table:
    flying: Table = {}
    for direction, pair in DIRECTIONS:
        for row in unit.evidence.waiting(direction):
            what = f"{direction} {row.label} is {row.state}, and not done yet"
            for place in places_of(centra, direction, pair, row.source_id):
                flying.setdefault(place, Known(what, row.since))
    for place, known in _unread(unit, centra.entries):
        flying.setdefault(place, known)
    return flying


def _unread(
    unit: Unit, entries: Iterable[Entry]
) -> Iterator[tuple[tuple[Pair, str], Known]]:
    """What happened, and no run has read yet."""
    listed = list(entries)
    for direction, pair in DIRECTIONS:
        own = {_source(entry.key): entry for entry in listed if entry.pair == pair}
        states = unit.evidence.states(direction, own)
        ran = unit.evidence.last_done(direction)
        when = "never ran" if ran is None else f"last ran {ran:%Y-%m-%d %H:%M} UTC"
        for source_id, entry in own.items():
            if source_id not in states:
                what = f"not read yet: {direction} {when}"
                yield (pair, entry.key), Known(what, entry.day)


def _source(key: str) -> str:
    """The source id of a key: `S12` is shipment 12, `G9` and `C10121` are their own."""
    return key[1:] if key[:1] in {"S", "R", "P"} else key


def _awaited(
    unit: Unit, centra: CentraSide
) -> Iterator[tuple[tuple[Pair, str], Known]]:
    """What was shipped or sent back there, of which Visma.net makes the document."""
    days = {entry.key: entry.day for entry in centra.entries}
    for made in unit.evidence.made("fulfilment"):
        key = key_of("fulfilment", made.source_id)
        if made.target_kind == "centra_shipment":  # told to Centra by Visma.net
            key = f"S{made.target_id.rpartition('/')[2]}"
        if made.target_kind in {"visma_shipment", "centra_shipment"} and key in days:
            what = "Visma.net has not made the invoice of the shipment yet"
            yield ("delivered", key), Known(what, days[key])
    for made in unit.evidence.made("refunds"):
        key = key_of("refunds", made.source_id)
        if made.target_kind == "sales_order" and key in days:
            what = "Visma.net has not made the credit note of the return order yet"
            yield ("credited", key), Known(what, days[key])


def _sent(unit: Unit, settings: Connection) -> Iterator[tuple[tuple[Pair, str], int]]:
    for direction, pair in DIRECTIONS:
        for made in unit.evidence.made(direction):
            if made.amount is None:
                continue
            currency = made.currency or settings.base_currency
            yield (
                (pair, key_of(direction, made.source_id)),
                minor_units(made.amount, currency),
            )


def _rates(unit: Unit) -> Iterator[tuple[tuple[Pair, str], Decimal]]:
    pairs = dict(DIRECTIONS)
    for row in unit.rates.all():
        if row.direction in pairs and row.stamp.rate is not None:
            place = (pairs[row.direction], key_of(row.direction, row.source_id))
            yield place, row.stamp.rate


def _documents(unit: Unit) -> Iterator[tuple[tuple[Pair, str], str]]:
    kinds = {"sales_order", "invoice", "credit_note", "payment"}
    for direction, pair in DIRECTIONS:
        for made in unit.evidence.made(direction):
            if made.target_kind in kinds:
                number = made.target_id.rpartition("/")[2]
                yield (pair, key_of(direction, made.source_id)), number
