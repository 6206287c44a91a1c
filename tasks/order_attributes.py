"""Attributes of Centra's orders: lists of documents that stand in Visma.net.

One attribute holds the whole list, so it is written as a whole and may be written
again at any time; after doubt it simply is.
"""

from __future__ import annotations

from connectors.centra.integration import AttributeValue, ExternalId
from ledger import Claim, Draft, DraftRow, Unit
from mapping.order_attributes import OrderAttribute
from mapping.references import order_reference
from mapping.version import MAPPING_VERSION
from tasks.decided import is_untouched
from tasks.direction import Decision, Ends, Sent
from tasks.without_total import SetAgain

__all__ = ["OrderAttributeWriter", "attribute_draft", "decide_attribute"]


class OrderAttributeWriter(SetAgain):
    """Writes one list-valued attribute of orders, and external ids that go with it.

    `kind` tells the lists of a connection apart: an order has one of each kind.
    """

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def prepare(self, claim: Claim, unit: Unit) -> bytes:  # noqa: ARG002 - the protocol's
        """Need nothing from other directions."""
        return claim.body

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Write the text, the names, then what is paid; each again is the same."""
        wanted = OrderAttribute.model_validate_json(claim.body)
        value = AttributeValue(wanted.type_name, wanted.element, wanted.text)
        await ends.centra.assign_attributes("Order", wanted.number, [value])
        await ends.centra.set_external_ids(
            [
                ExternalId(one.object_type, one.object_id, one.value)
                for one in wanted.names
            ]
        )
        for shipment in wanted.unmarked:
            await ends.centra.mark_shipment_paid(shipment)
        return Sent(self.kind, str(wanted.number), {"how": "written"})


def attribute_draft(kind: str, wanted: OrderAttribute, prefix: str) -> Draft:
    """What the ledger keeps of an attribute that an order should have."""
    return Draft(
        kind=kind,
        body=wanted.model_dump_json().encode(),
        body_hash=wanted.hash,
        reference=order_reference(prefix, wanted.number),
        summary={"lines": str(len(wanted.text.splitlines()))},
        mapping_version=MAPPING_VERSION,
    )


def decide_attribute(unit: Unit, direction: str, row: DraftRow) -> Decision:
    """Write an order's attribute if it is not what was written last."""
    link = unit.links.get(direction, row.source_id)
    if link is None:
        return Decision("create")
    if link.body_hash == row.draft.body_hash and is_untouched(unit, link):
        return Decision()
    return Decision(f"update:{row.revision}")
