"""What was made in Centra's catalogue: noted at once, found again, and refused in part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from connectors.centra.catalogue_writes import Made
from connectors.errors import RecordError
from ledger import Claim, IndexRow, Unit
from tasks.direction import Ends, Sent, WaitingError

__all__ = [
    "linked_id",
    "note_made",
    "noted_id",
    "only_one",
    "refuse_warned",
    "sent_as",
]


def linked_id(unit: Unit, source_id: str) -> int:
    """What another record was made as.

    Raises:
        WaitingError: It is not there yet.
    """
    link = unit.links.get("products", source_id)
    if link is None:
        raise WaitingError
    return int(link.target_id)


def noted_id(ends: Ends, kind: str, reference: str) -> int | None:
    """What was made under this reference, if a later step of it failed."""
    with ends.books.read() as unit:
        hits = unit.index.find(kind, "reference", [reference])
    ids = [int(row.target_id) for row in chain.from_iterable(hits.values())]
    return ids[-1] if ids else None


def note_made(ends: Ends, claim: Claim, made: Made) -> int:
    """Remember what was made, whatever becomes of the steps after it."""
    with ends.books.begin() as unit:
        key = IndexRow(claim.kind, "reference", claim.reference, str(made.id))
        unit.index.add(claim.kind, [key])
    return made.id


def only_one(claim: Claim, kind: str, ids: Sequence[int]) -> Sent | None:
    """The one thing that was found, or None.

    Raises:
        RecordError: There are several.
    """
    if not ids:
        return None
    if len(set(ids)) > 1:
        what, shown = kind.removeprefix("centra_").replace("_", " "), sorted(set(ids))
        raise RecordError(
            f"{claim.label}: Centra has more than one such {what}: "
            f"{', '.join(map(str, shown))}",
            code="MADE_TWICE",
            fix="Delete all but one of them in Centra, then retry.",
            record_id=claim.label,
        )
    return Sent(kind, str(ids[0]), {"how": "found"})


def sent_as(kind: str, own: int, *, made: bool) -> Sent:
    """What a write answers: what it made, or changed."""
    return Sent(kind, str(own), {"how": "created" if made else "changed"})


def refuse_warned(claim: Claim, warnings: Sequence[str]) -> None:
    """Turn what Centra left out into a refusal: it is written, but not as it was meant.

    Raises:
        RecordError: There are warnings.
    """
    if not warnings:
        return
    raise RecordError(
        f"{claim.label}: Centra took it only in part: {'; '.join(warnings)}",
        code="CENTRA_WARNED",
        fix="Correct what the message names, then retry: what is missing is added.",
        record_id=claim.label,
    )
