"""Records that move money and wait: parked, in doubt, or payouts that are under way."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from ledger import ExceptionRow, IntentRow, Unit
from ledger.evidence import WaitingRow
from mapping.certificate import Cause, Pair
from mapping.certificate_facts import Known, Standing
from mapping.certificate_side import CentraSide
from mapping.money import minor_units
from mapping.rounding import ZERO
from mapping.unpaid_credits import UNPAID
from settings.connection import Connection
from tasks.payouts import open_of

__all__ = [
    "DIRECTIONS",
    "doubt_of",
    "key_of",
    "parked_as",
    "places_of",
    "standing_records",
]

DIRECTIONS: tuple[tuple[str, Pair], ...] = (
    ("orders", "ordered"),
    ("fulfilment", "delivered"),
    ("refunds", "credited"),
    ("payments", "paid"),
)
"""The directions whose documents are compared, and as which pair."""
_PAYOUTS = "payouts"
_MONEY: tuple[tuple[str, Pair], ...] = (*DIRECTIONS, (_PAYOUTS, "settled"))
_PAIRS: tuple[Pair, ...] = ("ordered", "delivered", "credited", "paid")
_LETTERS = {"fulfilment": "S", "refunds": "R", "payments": "P"}


def key_of(direction: str, source_id: str) -> str:
    """The key that entries of a direction's source have."""
    return (
        f"{_LETTERS.get(direction, '')}{source_id}"
        if source_id.isdecimal()
        else source_id
    )


def places_of(
    centra: CentraSide, direction: str, pair: Pair, source_id: str
) -> Iterator[tuple[Pair, str]]:
    """Where a record's state explains something: itself, and what waits for it."""
    key = key_of(direction, source_id)
    yield pair, key
    if direction == "orders":
        for other in _PAIRS:
            yield other, key
    elif direction == "fulfilment" and key in centra.order_of:
        order = str(centra.order_of[key])
        for other in ("delivered", "credited", "paid"):
            yield other, order
    elif direction == "refunds" and key in centra.order_of:
        yield "paid", str(centra.order_of[key])


def parked_as(row: ExceptionRow) -> Known:
    """Why a record is parked, and since when."""
    what = f"parked as {row.code}: {row.reason}"
    return Known(what, row.first_at.date(), f"{row.direction}/{row.source_id}")


def doubt_of(row: IntentRow) -> Known:
    """What of a record may or may not have been written."""
    since = row.sent_at.date() if row.sent_at else date.min
    what = f"{row.reference} may or may not have been written"
    return Known(what, since, f"{row.direction}/{row.source_id}")


def standing_records(
    unit: Unit, centra: CentraSide, settings: Connection
) -> Iterator[Standing]:
    """Yield every record that moves money and is parked or in doubt, and waiting payouts.

    What of the other directions is under way has documents, and is told by what differs.
    """
    parked = unit.exceptions.list()
    for direction, pair in _MONEY:
        waits: list[tuple[Cause, str, Known]] = [
            (Cause.PARKED, row.source_id, parked_as(row))
            for row in parked
            if row.direction == direction
        ]
        waits += [
            (Cause.IN_DOUBT, row.source_id, doubt_of(row))
            for row in unit.intents.in_doubt(direction)
        ]
        if direction == _PAYOUTS:
            named = {source_id for _, source_id, _ in waits}
            flying = {row.source_id: row for row in unit.evidence.waiting(direction)}
            waits += [
                (Cause.IN_FLIGHT, source_id, _under_way(row))
                for source_id, row in flying.items()
                if named.isdisjoint({source_id, _payout_of(source_id)})
                and _payout_of(source_id) not in flying
            ]
        rows = unit.records.rows(direction, [source_id for _, source_id, _ in waits])
        waiting = set(rows)
        for cause, source_id, of_record in waits:
            row = rows[source_id]
            currency = row.currency or settings.base_currency
            known, worth = of_record, row.amount or ZERO
            if _payout_of(source_id) in waiting:  # counted as a whole
                known = replace(
                    known, what=f"{known.what}; its payout waits as a whole"
                )
                worth = ZERO
            elif cause is Cause.PARKED and direction == _PAYOUTS:
                left = open_of(unit, source_id)
                worth = worth if left is None else left
            key = key_of(direction, source_id)
            order = centra.order_of.get(_of_return(key) if pair == "paid" else key)
            if direction == "orders" and key.isdecimal():
                order = int(key)
            yield Standing(
                cause=cause,
                pair=pair,
                known=known,
                label=row.label,
                day=row.occurred_on or known.since,
                currency=currency,
                amount=_sign(source_id) * minor_units(worth, currency),
                orders=() if order is None else (order,),
                places=tuple(places_of(centra, direction, pair, source_id)),
            )


def _under_way(row: WaitingRow) -> Known:
    what = f"it is {row.state}, and not booked yet"
    return Known(what, row.since, f"{_PAYOUTS}/{row.source_id}")


def _payout_of(source_id: str) -> str:
    """The payout that a line of it belongs to; nothing of a payout itself."""
    return source_id.rpartition("#")[0]


def _of_return(key: str) -> str:
    """The key of the return whose credit nobody has paid out, else the key itself."""
    is_unpaid = key.startswith(UNPAID)
    return f"R{key.removeprefix(UNPAID)}" if is_unpaid else key


def _sign(source_id: str) -> int:
    """Money that is still to be given back counts as a refund does."""
    return -1 if source_id.startswith(UNPAID) else 1
