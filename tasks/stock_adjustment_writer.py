"""Inventory adjustments at Visma.net: made on hold, proved, released; found after doubt."""

from __future__ import annotations

from connectors.errors import AbortError, RecordError
from connectors.visma.adjustment_models import Adjustment, AdjustmentWrite
from ledger import Claim, Unit
from mapping.adjustment_difference import adjustment_difference
from mapping.references import again_reference
from mapping.stock_adjustments import AdjustmentDraft
from tasks.actions import refuse_failed
from tasks.direction import Ends, Sent, WaitingError, is_create
from tasks.known_adjustments import (
    ADJUSTMENT,
    how_to_correct,
    is_finished,
    known_adjustments,
    note_made,
    only_one,
)
from tasks.target_index import keep_adjustment
from tasks.without_total import WithoutTotal

__all__ = ["AdjustmentWriter"]


class AdjustmentWriter(WithoutTotal):
    """Writes adjustments. Each step looks at what stands first, so it can be repeated."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002 - the protocol's
        """Need nothing from other directions."""
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Make it, unless it is there, and take it to where it belongs.

        Raises:
            RecordError: What stands there is otherwise, or Visma.net refuses it.
            WaitingError: Visma.net is still at the release; the next run looks again.
        """
        draft = _draft(claim)
        number = await _number(claim, draft, ends)
        if number is None:
            number = await ends.visma.create_adjustment(draft.adjustment)
            with ends.books.begin() as unit:
                note_made(unit, draft.reference, number)
        row = await _finish(claim, number, draft, ends)
        keep_adjustment(ends, row)
        return Sent(ADJUSTMENT, number, {"how": "created", "status": row.status})

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Find an adjustment by its reference, if nothing of it is left to do.

        One that is there and not finished is sent again, which goes on with it.

        Raises:
            RecordError: Several carry the reference, or one that differs.
        """
        if not is_create(claim.operation):
            return None
        draft = _draft(claim)
        number = await _number(claim, draft, ends)
        if number is None:
            return None
        row = await ends.visma.get_adjustment(number)
        if not is_finished(row, draft):
            return None
        _refuse_different(claim, draft, row)
        keep_adjustment(ends, row)
        return Sent(ADJUSTMENT, number, {"how": "found", "status": row.status})


def _draft(claim: Claim) -> AdjustmentDraft:
    """What is to stand; an adjustment that is made anew has a reference of its own."""
    draft = AdjustmentDraft.model_validate_json(claim.body)
    if not is_create(claim.operation):
        return draft
    reference = again_reference(draft.reference, claim.operation)
    wanted = draft.adjustment.model_copy(update={"external_reference": reference})
    return draft.model_copy(update={"adjustment": wanted})


async def _number(claim: Claim, draft: AdjustmentDraft, ends: Ends) -> str | None:
    """The number of the adjustment that answers a claim already, if there is one."""
    with ends.books.read() as unit:
        link = unit.links.get(claim.direction, claim.source_id)
        known = known_adjustments(unit, [draft.reference]).get(draft.reference, [])
    if link is not None:
        return link.target_id
    if not is_create(claim.operation):
        message = f"{claim.label}: it is to be changed, but is not linked"
        raise AbortError(message)
    found = await ends.visma.find_adjustments(draft.reference, since=draft.on)
    one = only_one(claim.label, draft.reference, [*known, *found])
    return one.reference_number if one else None


async def _finish(
    claim: Claim, number: str, draft: AdjustmentDraft, ends: Ends
) -> Adjustment:
    """Take an adjustment from where it is to balanced, and by setting to released."""
    row = await ends.visma.get_adjustment(number)
    _refuse_different(claim, draft, row)
    if row.is_held:
        free = AdjustmentWrite(hold=False)
        await ends.visma.update_adjustment(number, free, row.etag or "")
        row = await ends.visma.get_adjustment(number)
    if not draft.releases or row.is_released:
        return row
    result = await ends.visma.release_adjustment(number)
    refuse_failed(claim, result, f"release adjustment {number}")
    row = await ends.visma.get_adjustment(number)
    if not row.is_released:
        raise WaitingError
    return row


def _refuse_different(claim: Claim, draft: AdjustmentDraft, row: Adjustment) -> None:
    """See that what stands is what was meant; a draft stays on hold if it is not.

    Raises:
        RecordError: It is otherwise.
    """
    wrong = adjustment_difference(draft, row)
    if wrong is None:
        return
    state = "is released" if row.is_released else f"is {row.status.lower()}"
    raise RecordError(
        f"{claim.label}: adjustment {row.reference_number} in Visma.net {state}, but "
        f"{wrong}",
        code="FOUND_BUT_DIFFERENT",
        fix=how_to_correct(row),
        record_id=claim.label,
    )
