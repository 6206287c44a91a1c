"""Returns of Centra that answer credit notes made by hand in Visma.net."""

from __future__ import annotations

from connectors.centra.returning import NewReturn, NewReturnLine
from ledger import Claim, Draft, DraftRow, IndexRow, Unit
from mapping.hand_returns import HandReturn
from mapping.version import MAPPING_VERSION
from tasks.direction import Decision, Ends, Sent
from tasks.without_total import WithoutTotal

__all__ = ["CENTRA_RETURN", "HandReturnWriter", "decide_hand_return", "return_draft"]

CENTRA_RETURN = "centra_return"


class HandReturnWriter(WithoutTotal):
    """Makes a pending return; completing it is for people, and money is never moved."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002 - the protocol's
        """Need nothing from other directions."""
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Make the return, unless one has its external id already."""
        wanted = HandReturn.model_validate_json(claim.body)
        made = await ends.centra.find_external_id("Return", wanted.external_id)
        if made is None:
            made = await ends.centra.create_return(
                NewReturn(
                    shipment=wanted.shipment,
                    lines=[NewReturnLine(*one) for one in wanted.lines.items()],
                    external_id=wanted.external_id,
                    comment=f"Credit note {wanted.credit_note} of Visma.net",
                )
            )
        _tie(ends, wanted.credit_note, made)
        return Sent(CENTRA_RETURN, str(made), {"how": "created"})

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look the return up by its external id."""
        if not claim.body:
            return None
        wanted = HandReturn.model_validate_json(claim.body)
        made = await ends.centra.find_external_id("Return", wanted.external_id)
        if made is None:
            return None
        _tie(ends, wanted.credit_note, made)
        return Sent(CENTRA_RETURN, str(made), {"how": "found"})


def _tie(ends: Ends, credit_note: str, return_id: int) -> None:
    """Let `refunds` find the credit note when the return is completed."""
    row = IndexRow("return_credit", "return", str(return_id), credit_note)
    with ends.books.begin() as unit:
        unit.index.add("return_credit", [row])


def return_draft(wanted: HandReturn) -> Draft:
    """What the ledger keeps of a return that is to be made."""
    body = wanted.model_dump_json()
    return Draft(
        kind=CENTRA_RETURN,
        body=body.encode(),
        body_hash=wanted.external_id,
        reference=wanted.external_id,
        summary={"order": str(wanted.order), "lines": str(len(wanted.lines))},
        mapping_version=MAPPING_VERSION,
    )


def decide_hand_return(unit: Unit, row: DraftRow) -> Decision:
    """Make the return once; what became of it afterwards is for people."""
    linked = unit.links.get("credit_notes", row.source_id)
    return Decision() if linked else Decision("create")
