"""Inventory adjustments as the index of Visma.net knows them: only those of ours."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from connectors.errors import RecordError
from connectors.visma.adjustment_models import Adjustment
from ledger import IndexRow, Unit
from mapping.references import read_adjustment_reference
from mapping.stock_adjustments import AdjustmentDraft

__all__ = [
    "ADJUSTMENT",
    "adjustment_keys",
    "adjustment_row",
    "how_to_correct",
    "is_finished",
    "known_adjustments",
    "note_made",
    "only_one",
]

ADJUSTMENT = "inventory_adjustment"


def adjustment_keys(prefix: str) -> Callable[[Adjustment], Iterator[IndexRow]]:
    """How the index keeps an adjustment: by its reference; those of others not at all."""

    def keys(row: Adjustment) -> Iterator[IndexRow]:
        reference = row.external_reference or ""
        if read_adjustment_reference(prefix, reference) is not None:
            yield adjustment_row(row, reference)

    return keys


def adjustment_row(row: Adjustment, reference: str) -> IndexRow:
    """An adjustment as the index keeps it under a reference of ours."""
    detail = {"json": row.model_dump_json(by_alias=True)}
    return IndexRow(ADJUSTMENT, "reference", reference, row.reference_number, detail)


def known_adjustments(
    unit: Unit, references: Collection[str]
) -> dict[str, list[Adjustment]]:
    """The adjustments that carry references, by these.

    One that was only just made shows its number alone, until it is read back.
    """
    hits = unit.index.find(ADJUSTMENT, "reference", references)
    return {key: [_adjustment(row) for row in rows] for key, rows in hits.items()}


def note_made(unit: Unit, reference: str, number: str) -> None:
    """Remember an adjustment that was made, before anything else is done with it."""
    row = IndexRow(ADJUSTMENT, "reference", reference, number, {})
    unit.index.add(ADJUSTMENT, [row])


def only_one(
    label: str, reference: str, found: Iterable[Adjustment]
) -> Adjustment | None:
    """The one adjustment that carries a reference, or None.

    Raises:
        RecordError: There are several.
    """
    by_number = {one.reference_number: one for one in found}
    if len(by_number) > 1:
        numbers = ", ".join(sorted(by_number))
        raise RecordError(
            f"{label}: adjustments {numbers} all carry its reference {reference}",
            code="DUPLICATE_REFERENCE",
            fix="Delete all but one of them in Visma.net, or undo it and clear its "
            "reference, then retry.",
            record_id=label,
        )
    return next(iter(by_number.values()), None)


def how_to_correct(there: Adjustment) -> str:
    """What to do about an adjustment that stands otherwise than it was meant."""
    if there.is_released:
        return (
            "What is released stays: count again in Centra if the stock is wrong now, "
            "and set this aside."
        )
    return "Correct that adjustment in Visma.net, then retry."


def is_finished(there: Adjustment, draft: AdjustmentDraft) -> bool:
    """Whether nothing is left to do: released, or waiting for whoever releases it."""
    return there.is_released or (there.status == "Balanced" and not draft.releases)


def _adjustment(row: IndexRow) -> Adjustment:
    if "json" not in row.detail:
        return Adjustment(reference_number=row.target_id)
    return Adjustment.model_validate_json(row.detail["json"])
