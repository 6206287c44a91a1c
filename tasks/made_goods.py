"""What was made in Centra's catalogue: noted at once, found again, and refused in part."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from connectors.centra.catalogue_writes import Made
from connectors.centra.integration import ConversionObject, ExternalId
from connectors.errors import RecordError
from ledger import Claim, IndexRow, LinkRow, Unit
from tasks.direction import Ends, Sent, WaitingError

__all__ = [
    "linked_id",
    "note_made",
    "noted_id",
    "only_one",
    "other_owner",
    "refuse_warned",
    "sent_as",
    "take_over",
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


def other_owner(unit: Unit, kind: str, target: int, source_id: str) -> LinkRow | None:
    """The link of another style or colour to a product or variant, if it has one."""
    found = (
        one
        for one in unit.links.by_target(kind, str(target))
        if one.direction == "products"
        and one.source_id != source_id
        and one.role in {"created", "adopted"}
    )
    return next(found, None)


async def take_over(
    ends: Ends, claim: Claim, kind: ConversionObject, own: int, name: str
) -> None:
    """Have a product or variant answer a claim whose style or colour got another code.

    Its external id first, where any are given: under the one that it had until now,
    another could be made. The link and what is noted of it follow at once; the old code
    is free for something else.
    """
    with ends.books.read() as unit:
        link = other_owner(unit, claim.kind, own, claim.source_id)
    if link is None:
        return
    if ends.settings.products.create:
        await ends.centra.set_external_ids([ExternalId(kind, own, name)])
    with ends.books.begin() as unit:
        unit.index.remove(claim.kind, {str(own)})
        unit.records.outdate(link.direction, link.source_id)
        unit.links.move(claim.kind, str(own), claim.source_id)
        unit.audit.append(
            "document.adopted",
            direction=claim.direction,
            source_id=claim.source_id,
            document=str(own),
            detail={"kind": claim.kind, "how": "renamed", "before": link.source_id},
        )


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
