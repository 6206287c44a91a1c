"""Shipments of Visma.net: read, made of a sales order, changed, confirmed.

A shipment has no reference that can be filtered by; ours stands in its custom field
`customStr1`, and the shipments of one sales order are told by the SalesOrder service.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any
from urllib.parse import quote

from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.paging import numbered_page, path_id, rows_of
from connectors.visma.shipment_models import (
    ActionResult,
    OrderShipment,
    Shipment,
    ShipmentUpdate,
)
from connectors.visma.wrapping import wrap

__all__ = ["Shipments"]

_CUSTOM = {"includeCustomFreeFields": "true"}


class Shipments:
    """GET, PUT and actions of /v1/shipment, and the actions that lead to and from it."""

    def __init__(self, erp: ApiClient, salesorder: ApiClient, page_size: int) -> None:
        """Work through both services: each tells a part."""
        self._erp = erp
        self._salesorder = salesorder
        self._size = page_size

    async def iter_pages(
        self, modified_since: str | None = None
    ) -> AsyncIterator[tuple[Shipment, ...]]:
        """Read shipments page by page; `modified_since` has no offset."""
        params: dict[str, str | int] = {"pageSize": self._size, **_CUSTOM}
        if modified_since is not None:
            params |= {
                "lastModifiedDateTime": modified_since,
                "lastModifiedDateTimeCondition": ">=",
            }

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._erp.request(
                "GET",
                "/v1/shipment",
                params={**params, "pageNumber": number},
                repeatable=True,
                operation="GET shipment",
            )
            return numbered_page(answer, self._size, self._erp.peer)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: row["shipmentNumber"],
            what="Visma.net's list of shipments",
        )
        async for page in pages:
            yield tuple(Shipment.model_validate(row) for row in page.rows)

    async def get(self, number: str) -> Shipment:
        """Return one shipment.

        Raises:
            RecordError: There is no such shipment.
        """
        answer = await self._erp.request(
            "GET",
            f"/v1/shipment/{path_id(number)}",
            params=_CUSTOM,
            repeatable=True,
            operation="GET shipment/{number}",
        )
        return Shipment.model_validate(answer.body)

    async def of_order(
        self, order_type: str, order_id: str
    ) -> tuple[OrderShipment, ...]:
        """Return the shipments of a sales order, and the invoices made of them."""
        path = f"/api/v3/SalesOrders/{quote(order_type, safe='')}"
        answer = await self._salesorder.request(
            "GET",
            f"{path}/{quote(order_id, safe='')}/shipment",
            repeatable=True,
            operation="GET SalesOrders/{type}/{id}/shipment",
        )
        rows = rows_of(answer.body, self._salesorder.peer)
        return tuple(OrderShipment.model_validate(row) for row in rows if row.get("id"))

    async def create(
        self,
        order_type: str,
        order_id: str,
        *,
        on: date,
        warehouse: str,
        operation: str = "I",
    ) -> ActionResult:
        """Make a shipment of all that is open of a sales order in a warehouse.

        `operation` is I for goods that leave, R for goods that come back.

        Raises:
            RecordError: Visma.net refuses it; nothing was made.
            InDoubtError: It was sent and its end is not known.
        """
        return await self._act(
            f"/v2/salesorder/{path_id(order_id)}/action/createShipment",
            "POST salesorder/{number}/action/createShipment",
            {
                "orderType": order_type,
                "shipmentDate": f"{on.isoformat()}T00:00:00",
                "shipmentWarehouse": warehouse,
                "operation": operation,
            },
        )

    async def update(self, number: str, update: ShipmentUpdate) -> None:
        """Change a shipment that was not confirmed; repeating it changes no more.

        Raises:
            RecordError: Visma.net refuses it.
            InDoubtError: It was sent and its end is not known.
        """
        fields = update.model_dump(by_alias=True, exclude_none=True)
        if not update.shipment_detail_lines:
            fields.pop("shipmentDetailLines")
        await self._erp.request(
            "PUT",
            f"/v1/shipment/{path_id(number)}",
            json=wrap(fields),
            repeatable=False,
            operation="PUT shipment/{number}",
        )

    async def confirm(self, number: str) -> ActionResult:
        """Let the goods leave; raises like `create`."""
        return await self._act(
            f"/v1/shipment/{path_id(number)}/action/confirmShipment",
            "POST shipment/{number}/action/confirmShipment",
        )

    async def prepare_invoice(self, order_type: str, order_id: str) -> ActionResult:
        """Make the invoice of what was shipped and not invoiced; raises like `create`."""
        return await self._act(
            f"/v2/salesorder/{path_id(order_type)}/{path_id(order_id)}"
            "/action/prepareInvoice",
            "POST salesorder/{type}/{number}/action/prepareInvoice",
        )

    async def _act(
        self, path: str, operation: str, body: Mapping[str, str] | None = None
    ) -> ActionResult:
        answer = await self._erp.request(
            "POST", path, json=body, repeatable=False, operation=operation
        )
        # By the specification some of these answer 204, without a body.
        told = answer.body if isinstance(answer.body, Mapping) else {}
        return ActionResult.model_validate(told)
