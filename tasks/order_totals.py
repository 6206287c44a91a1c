"""What a sales order of Visma.net comes to, and how one that differs is stopped."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import AbortError
from connectors.visma import models as visma
from tasks.direction import Ends

__all__ = ["OrderTotals", "etag_of", "hold_order"]


class OrderTotals:
    """A writer of sales orders or return orders; targets are `type/number`."""

    async def figures(self, target_id: str, ends: Ends) -> Mapping[str, str]:
        """Read total, tax, currency and status of one order."""
        order_type, _, order_id = target_id.partition("/")
        order = await ends.visma.get_sales_order(order_type, order_id)
        return {
            "total": str(order.totals.order_total),
            "tax": str(order.totals.tax_total),
            "currency": order.currency_id,
            "status": "Cancelled" if order.status.cancelled else "",
        }

    async def hold(self, target_id: str, ends: Ends) -> bool:
        """Put an order on hold, so that nobody ships, receives, invoices or credits it."""
        order_type, _, order_id = target_id.partition("/")
        return await hold_order(order_type, order_id, ends)


async def hold_order(order_type: str, order_id: str, ends: Ends) -> bool:
    """Put an order on hold; whether it is: one that was cancelled stays so."""
    order = await ends.visma.get_sales_order(order_type, order_id)
    if order.status.hold or order.status.cancelled:
        return order.status.hold
    patch = visma.SalesOrderPatch(status="Hold")
    await ends.visma.patch_sales_order(order_type, order_id, patch, etag_of(order))
    return True


def etag_of(order: visma.SalesOrder) -> str:
    """The ETag of an order that was read alone; nothing of it can be changed without.

    Raises:
        AbortError: It came without one, against the v3 API's word.
    """
    if order.etag is None:
        message = f"Visma.net sent no ETag with {order.type} {order.order_id}"
        raise AbortError(message)
    return order.etag
