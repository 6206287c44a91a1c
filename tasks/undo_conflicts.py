"""An invoice is undone, or credited for what came back: one of the two, never both.

Whoever sends one of them holds the record of the invoice while it looks for the other,
in the transaction that marks its own as being sent: so two workers cannot miss each other.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.centra.sale_models import Sale
from connectors.errors import RecordError
from ledger import UNDO, Unit
from tasks.commands import command
from tasks.direction import WaitingError
from tasks.ledger_documents import CREDIT_NOTE, INVOICE
from tasks.refund_sources import GOODWILL, RETURN
from tasks.sale_documents import find_credit_note

__all__ = ["cannot", "refuse_credited", "wait_for_undo", "words"]

_FULFILMENT, _REFUNDS = "fulfilment", "refunds"
_LEFT = ("sending", "in_doubt")


def cannot(what: str, fix: str) -> RecordError:
    """The error of what cannot be undone: one sentence, and what to do instead."""
    return RecordError(what, code="CANNOT_BE_UNDONE", fix=fix)


def words(kind: str, number: str) -> str:
    """A document as people call it: 'credit note 000123'."""
    return f"{kind.replace('_', ' ')} {number}"


def wait_for_undo(unit: Unit, sale: Sale, shipment: int | None) -> None:
    """Hold the invoice of a shipment (of any of the sale for None) against undoing.

    Raises:
        WaitingError: It is being undone, or was: nothing is credited of it.
    """
    ids = [str(one.id) for one in sale.shipments if shipment in (None, one.id)]
    unit.records.lock(_FULFILMENT, ids)
    undone = unit.undoing.set_aside(_FULFILMENT, ids)
    moving = [one for one in ids if _is_being_undone(unit, one)]
    if moving or (undone and undone == set(ids)):
        raise WaitingError


def refuse_credited(unit: Unit, number: str, source_id: str, label: str) -> None:
    """See that nothing of the invoice of a shipment is credited, or just being so.

    An allowance is of its order, so it is taken to be of each invoice of it.

    Raises:
        RecordError: Something is.
    """
    for refund in _refunds_of(unit, source_id, label):
        for one in unit.intents.of_source(_REFUNDS, refund):
            if one.state in _LEFT and one.kind != UNDO:
                raise cannot(
                    f"what {one.label} gives back is just being credited against "
                    f"{words(INVOICE, number)}",
                    "Wait until it is, then undo that credit note first.",
                )
        made = unit.links.get(_REFUNDS, refund)
        if made is None or made.target_kind != CREDIT_NOTE:
            continue
        known = find_credit_note(unit, made.target_id)
        if known is None or known.counts:
            raise cannot(
                f"{words(CREDIT_NOTE, made.target_id)} credits "
                f"{words(INVOICE, number)}",
                f"Undo that first: {command(f'undo {made.target_id}', unit.connection)}.",
            )


def _refunds_of(unit: Unit, shipment: str, label: str) -> Iterator[str]:
    """The returns of a shipment, and the allowances of its order."""
    hits = unit.index.find(RETURN, "shipment", [shipment])
    yield from (row.target_id for rows in hits.values() for row in rows)
    order = label.removeprefix("shipment ").partition("-")[0]
    for direction, source_id in unit.records.named(order):
        if direction == _REFUNDS and source_id.startswith(GOODWILL):
            yield source_id


def _is_being_undone(unit: Unit, source_id: str) -> bool:
    sent = unit.intents.of_source(_FULFILMENT, source_id)
    return any(one.kind == UNDO and one.state in _LEFT for one in sent)
