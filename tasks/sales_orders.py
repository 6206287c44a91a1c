"""Sales orders at Visma.net: sent, changed, cancelled, and found again after doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from connectors.answers import CHANGED_MEANWHILE
from connectors.errors import AbortError, RecordError
from connectors.visma import models as visma
from ledger import Claim, IntentRow, Unit
from mapping.drafts import PLACEHOLDER, SalesOrderDraft
from mapping.order_changes import changes
from tasks.customers import linked_number
from tasks.direction import DIFFERS, Ends, Sent, is_create
from tasks.needed_customers import number_of_need
from tasks.order_totals import OrderTotals, etag_of
from tasks.rate_table import write_rate
from tasks.standing import (
    SALES_ORDER,
    Expected,
    Standing,
    check_found,
    sales_order_id,
)

__all__ = ["SalesOrderWriter", "naming_item"]

_LINE = re.compile(r"orderLines\[(\d+)\]")


class SalesOrderWriter(OrderTotals):
    """Writes sales orders of the SalesOrder service v3."""

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """Put in the number of the customer, who may have been made just now.

        Raises:
            WaitingError: The customer is not there yet.
            RecordError: The customer is on the exceptions list.
        """
        draft = SalesOrderDraft.model_validate_json(claim.body)
        if not is_create(claim.operation) or draft.customer.number:
            return claim.body
        number = number_of_need(claim, unit)
        return draft.with_customer(number).model_dump_json().encode()

    async def send(self, claim: Claim, ends: Ends) -> Sent:
        """Create the order, or bring the one that is there to what is wanted."""
        draft = SalesOrderDraft.model_validate_json(claim.body)
        if is_create(claim.operation):
            await write_rate(claim, ends)
            order_type = draft.sales_order.type
            try:
                order_id = await ends.visma.create_sales_order(draft.sales_order)
            except RecordError as error:
                raise naming_item(error, draft.sales_order) from error
            return _sent(sales_order_id(order_type, order_id), "created")
        with ends.books.read() as unit:
            link = unit.links.get(claim.direction, claim.source_id)
            before = unit.intents.of_source(claim.direction, claim.source_id)
        if link is None:
            message = f"order {claim.label}: it is to be changed, but is not linked"
            raise AbortError(message)
        was = _states_of(before, claim)
        await _update(
            ends,
            link.target_id,
            draft.sales_order,
            lift_hold="hold" in was or link.body_hash == DIFFERS,
            reopen="cancelled" in was,
        )
        return _sent(link.target_id, draft.wanted_state)

    async def probe(self, claim: Claim, ends: Ends) -> Sent | None:
        """Look a created order up by its reference, and check it field by field.

        A change is computed from what stands there, so it may simply be redone.

        Raises:
            RecordError: Several orders carry the reference, or one that differs.
        """
        if not is_create(claim.operation):
            return None
        with ends.books.read() as unit:
            expected = _expected(claim, unit)
        rows = await ends.visma.find_sales_orders(claim.reference, expected.order_type)
        found = [Standing.of_row(row) for row in rows]
        live = [one for one in found if not one.is_cancelled]
        if claim.operation != "create":  # the first one was undone: it is cancelled
            return check_found(claim.label, expected, live)
        return check_found(claim.label, expected, live or found)


def _states_of(before: Sequence[IntentRow], claim: Claim) -> set[str]:
    """The states that we may have put an order in: the last confirmed, and all since.

    What was sent after it and is in doubt may have got there.
    """
    sent = [
        one
        for one in before
        if one.sent_at is not None and one.intent_id != claim.intent_id
    ]
    last = max((n for n, one in enumerate(sent) if one.state == "confirmed"), default=0)
    return {one.summary.get("state", "") for one in sent[last:]}


def _expected(claim: Claim, unit: Unit) -> Expected:
    """What was sent; of a person who was erased since, only what the ledger counts."""
    if not claim.body:
        return Expected(claim.reference, claim.currency, claim.amount)
    draft = SalesOrderDraft.model_validate_json(claim.body)
    need = draft.customer
    number = need.number or (linked_number(unit, need.key) if need.key else None)
    return Expected.of_draft(draft, number)


async def _update(
    ends: Ends,
    target_id: str,
    wanted: visma.NewSalesOrder,
    *,
    lift_hold: bool,
    reopen: bool,
) -> None:
    """Bring an order to what is wanted; worked out anew if somebody was faster."""
    for is_last in (False, False, True):
        try:
            await _change(ends, target_id, wanted, lift_hold=lift_hold, reopen=reopen)
        except RecordError as error:
            if is_last or error.code != CHANGED_MEANWHILE:
                raise
        else:
            return


async def _change(
    ends: Ends,
    target_id: str,
    wanted: visma.NewSalesOrder,
    *,
    lift_hold: bool,
    reopen: bool,
) -> None:
    """Bring header and lines to what is wanted; each step re-reads the ETag."""
    order_type, _, order_id = target_id.partition("/")
    client, key = ends.visma, (order_type, order_id)
    order = await client.get_sales_order(*key)
    if reopen and order.status.cancelled and wanted.status != "Cancelled":
        opened = visma.SalesOrderPatch(status="Open")
        await client.patch_sales_order(*key, opened, etag_of(order))
        order = await client.get_sales_order(*key)
    _refuse_other_customer(order, wanted)
    lines = await client.get_sales_order_lines(*key)
    todo = changes(order, lines, wanted, lift_hold=lift_hold)
    if todo.header:
        await client.patch_sales_order(*key, todo.header, etag_of(order))
        order = await client.get_sales_order(*key)
    if todo.patch:
        await client.patch_lines(*key, todo.patch, etag_of(order))
        order = await client.get_sales_order(*key)
    if todo.add:
        await client.add_lines(*key, todo.add, etag_of(order))
        order = await client.get_sales_order(*key)
    if todo.delete:
        await client.delete_lines(*key, todo.delete, etag_of(order))
        order = await client.get_sales_order(*key)
    if todo.status:
        await client.patch_sales_order(
            *key, visma.SalesOrderPatch(status=todo.status), etag_of(order)
        )
    if todo.refusal:
        raise todo.refusal


def _refuse_other_customer(
    order: visma.SalesOrder, wanted: visma.NewSalesOrder
) -> None:
    """Stop a change that would need another customer: an order keeps the one it has.

    Raises:
        RecordError: The order should now be another collective customer's.
    """
    named = wanted.customer.id
    if wanted.status == "Cancelled" or named in {PLACEHOLDER, order.customer.id}:
        return
    message = (
        f"sales order {order.type} {order.order_id} is customer {order.customer.id}'s, "
        f"but after the change it belongs to customer {named}"
    )
    raise RecordError(
        message,
        code="CUSTOMER_CHANGED",
        fix="Cancel the sales order in Visma.net and make it anew for the right "
        "customer, then set this aside.",
        record_id=wanted.customer.order,
    )


def naming_item(error: RecordError, order: visma.NewSalesOrder) -> RecordError:
    """The same refusal, with the item of the line that it is about.

    Visma.net says `orderLines[0].inventoryId`, and nobody counts lines from zero.
    """
    found = _LINE.search(error.message)
    lines = order.order_lines
    if not found or int(found[1]) >= len(lines):
        return error
    line = lines[int(found[1])]
    return RecordError(
        f"{error.message}: it is line {int(found[1]) + 1}, item {line.inventory_id}",
        code=error.code,
        fix=error.fix,
        record_id=error.record_id,
        request_id=error.request_id,
    )


def _sent(target_id: str, how: str) -> Sent:
    return Sent(SALES_ORDER, target_id, {"how": how})
