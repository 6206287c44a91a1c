"""Sales orders at Visma.net: sent, changed, cancelled, and found again after doubt.

A target id is written `<order type>/<order id>`, as numbers repeat across types.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.errors import AbortError, RecordError
from connectors.visma import models as visma
from ledger import Claim, IndexRow, Unit
from mapping.drafts import SalesOrderDraft
from mapping.order_changes import changes
from tasks.customers import linked_number
from tasks.direction import Ends, Sent
from tasks.load import WaitingError

__all__ = [
    "SALES_ORDER",
    "SalesOrderWriter",
    "Standing",
    "check_found",
    "sales_order_id",
]

SALES_ORDER = "sales_order"


def sales_order_id(order_type: str, order_id: str) -> str:
    """How a sales order is named in links and in the index."""
    return f"{order_type}/{order_id}"


class SalesOrderWriter:
    """Writes sales orders of the SalesOrder service v3."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """Put in the number of the customer, who may have been made just now.

        Raises:
            WaitingError: The customer is not there yet.
            RecordError: The customer is on the exceptions list.
        """
        draft = SalesOrderDraft.model_validate_json(claim.body)
        if claim.operation != "create" or draft.customer.number:
            return claim.body
        number = _customer_number(claim, unit)
        return draft.with_customer(number).model_dump_json().encode()

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Create the order, or bring the one that is there to what is wanted."""
        draft = SalesOrderDraft.model_validate_json(claim.body)
        if claim.operation == "create":
            order_type = draft.sales_order.type
            order_id = await ends.visma.create_sales_order(draft.sales_order)
            return _sent(sales_order_id(order_type, order_id), "created")
        with ends.books.read() as unit:
            link = unit.links.get(claim.direction, claim.source_id)
            before = unit.intents.of_source(claim.direction, claim.source_id)
        if link is None:
            message = f"order {claim.label}: it is to be changed, but is not linked"
            raise AbortError(message)
        sent = [one for one in before if one.state == "confirmed"]
        was_held = bool(sent) and sent[-1].summary.get("state") == "hold"
        await _update(ends, link.target_id, draft.sales_order, lift_hold=was_held)
        return _sent(link.target_id, draft.wanted_state)

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look a created order up by its reference, and check it field by field.

        A change is computed from what stands there, so it may simply be redone.

        Raises:
            RecordError: Several orders carry the reference, or one that differs.
        """
        if claim.operation != "create":
            return None
        draft = SalesOrderDraft.model_validate_json(claim.body)
        wanted = draft.sales_order
        rows = await ends.visma.find_sales_orders(wanted.customer.order, wanted.type)
        found = [Standing.of_row(row) for row in rows]
        return check_found(claim.label, draft, found)

    async def hold(self, target_id: str, ends: Ends) -> None:
        """Put an order on hold, so that nobody ships or invoices it."""
        order_type, _, order_id = target_id.partition("/")
        order = await ends.visma.get_sales_order(order_type, order_id)
        if not order.status.hold:
            patch = visma.SalesOrderPatch(status="Hold")
            await ends.visma.patch_sales_order(
                order_type, order_id, patch, _etag(order)
            )


@dataclass(frozen=True)
class Standing:
    """A document that carries an order's reference, as lists show it."""

    kind: str
    target_id: str
    currency: str
    total: Decimal
    date: str

    @classmethod
    def of_row(cls, row: visma.SalesOrderRow) -> Standing:
        """A row of the order list."""
        target = sales_order_id(row.type, row.order_id)
        on = row.date.date().isoformat()
        return cls(SALES_ORDER, target, row.currency, row.order_total, on)

    @classmethod
    def of_index(cls, kind: str, row: IndexRow) -> Standing:
        """A row of the target's index."""
        detail = row.detail
        total = Decimal(detail.get("total") or 0)
        return cls(
            kind,
            row.target_id,
            detail.get("currency", ""),
            total,
            detail.get("date", ""),
        )


def check_found(
    label: str, draft: SalesOrderDraft, found: Sequence[Standing]
) -> Sent | None:
    """The one document that an order became already, or None if there is none.

    Raises:
        RecordError: There are several, or its currency, total or date differ.
    """
    if not found:
        return None
    reference = draft.sales_order.customer.order
    if len(found) > 1:
        numbers = ", ".join(one.target_id for one in found)
        message = f"order {label}: {numbers} all carry its reference {reference}"
        raise RecordError(
            message,
            code="DUPLICATE_REFERENCE",
            fix="Cancel all but one of them in Visma.net and clear its reference, "
            "then retry.",
            record_id=label,
        )
    [one] = found
    pairs = {
        "currency": (one.currency, draft.currency),
        "total": (one.total, draft.expected_total),
        "date": (one.date, draft.sales_order.date[:10]),
    }
    wrong = [
        f"its {name} is {there}, not {wanted}"
        for name, (there, wanted) in pairs.items()
        if there != wanted
    ]
    if wrong:
        message = (
            f"order {label}: {one.kind.replace('_', ' ')} {one.target_id} in Visma.net "
            f"carries its reference, but {' and '.join(wrong)}"
        )
        raise RecordError(
            message,
            code="FOUND_BUT_DIFFERENT",
            fix="Correct or cancel that document in Visma.net, then retry.",
            record_id=label,
        )
    return Sent(one.kind, one.target_id, {"how": "found"})


def _customer_number(claim: Claim, unit: Unit) -> str:
    for direction, source_id in claim.needs:
        number = linked_number(unit, source_id)
        if number:
            return number
        record = unit.records.get(direction, source_id)
        if record and record.state == "parked":
            message = f"order {claim.label}: its customer {source_id} is parked"
            raise RecordError(
                message,
                code="CUSTOMER_NOT_READY",
                fix="Solve the exception of the customer, then retry both.",
                record_id=claim.label,
            )
    raise WaitingError


async def _update(
    ends: Ends, target_id: str, wanted: visma.NewSalesOrder, *, lift_hold: bool
) -> None:
    """Bring header and lines to what is wanted; each step re-reads the ETag."""
    order_type, _, order_id = target_id.partition("/")
    client, key = ends.visma, (order_type, order_id)
    order = await client.get_sales_order(*key)
    lines = await client.get_sales_order_lines(*key)
    todo = changes(order, lines, wanted, lift_hold=lift_hold)
    if todo.header:
        await client.patch_sales_order(*key, todo.header, _etag(order))
        order = await client.get_sales_order(*key)
    if todo.patch:
        await client.patch_lines(*key, todo.patch, _etag(order))
        order = await client.get_sales_order(*key)
    if todo.add:
        await client.add_lines(*key, todo.add, _etag(order))
        order = await client.get_sales_order(*key)
    if todo.delete:
        await client.delete_lines(*key, todo.delete, _etag(order))
        order = await client.get_sales_order(*key)
    if todo.status:
        await client.patch_sales_order(
            *key, visma.SalesOrderPatch(status=todo.status), _etag(order)
        )


def _sent(target_id: str, how: str) -> Sent:
    return Sent(SALES_ORDER, target_id, {"how": how})


def _etag(order: visma.SalesOrder) -> str:
    if order.etag is None:
        message = f"Visma.net sent no ETag with {order.type} {order.order_id}"
        raise AbortError(message)
    return order.etag
