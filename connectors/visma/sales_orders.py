"""Sales orders of Visma.net: the SalesOrder service, version 3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from pydantic import BaseModel

from connectors.answers import Answer, Call
from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.lists import get_list
from connectors.visma.models import (
    NewSalesOrder,
    NewSalesOrderLine,
    SalesOrder,
    SalesOrderLine,
    SalesOrderPatch,
    SalesOrderPatchLine,
    SalesOrderRow,
    TaxRow,
)
from connectors.visma.paging import created_id, if_match, indexed_page, rows_of

__all__ = ["SalesOrders"]

_PATH = "/api/v3/SalesOrders"
_CREATE = Call("POST SalesOrders", repeatable=False, write=True)
_LINES_AT_ONCE = 1000


class SalesOrders:
    """Create, find, read, change. Every change needs the ETag of the last read."""

    def __init__(self, api: ApiClient, page_size: int) -> None:
        """Work through the SalesOrder service."""
        self._api = api
        self._size = page_size

    async def create(self, order: NewSalesOrder) -> str:
        """Create a sales order and return its number.

        Raises:
            RecordError: Visma.net refuses the order; nothing was made.
            InDoubtError: It was sent and its end is not known.
        """
        answer = await self._api.request(
            "POST",
            _PATH,
            json=_body(order),
            repeatable=_CREATE.repeatable,
            operation=_CREATE.operation,
        )
        return created_id(answer, _CREATE, self._api.peer)

    async def find(
        self, reference: str, order_type: str | None = None
    ) -> list[SalesOrderRow]:
        """Return the orders whose customer order number is exactly `reference`."""
        # `filter` means "contains" in several fields, or nothing at all.
        found: dict[tuple[str, str], SalesOrderRow] = {}
        async for rows in self._rows(order_type, {"filter": reference}, self._size):
            for row in rows:
                if row.customer_order == reference:
                    found[row.type, row.order_id] = row
        return list(found.values())

    async def iter_pages(
        self,
        order_type: str | None = None,
        modified_since: datetime | None = None,
        page_size: int | None = None,
        status: str | None = None,
    ) -> AsyncIterator[tuple[SalesOrderRow, ...]]:
        """Read the order list, oldest first, with totals but without lines."""
        params: dict[str, str | int] = {"status": status} if status else {}
        if modified_since is not None:
            at = modified_since.astimezone(UTC).replace(tzinfo=None)
            params["modifiedSince"] = f"{at.isoformat(timespec='milliseconds')}Z"
        async for rows in self._rows(order_type, params, page_size or self._size):
            yield rows

    async def get(self, order_type: str, order_id: str) -> SalesOrder:
        """Return one order, with the ETag that a change of it needs.

        Raises:
            RecordError: There is no such order.
        """
        parts = ["Customer", "Note", "Shipping", "Billing"]
        answer = await self._get(order_type, order_id, "", {"expand": parts})
        order = SalesOrder.model_validate(answer.body)
        etag = answer.headers.get("ETag") or order.version
        return order.model_copy(update={"etag": etag})

    async def get_lines(
        self, order_type: str, order_id: str
    ) -> tuple[SalesOrderLine, ...]:
        """Return the lines of an order."""
        counted = [0]

        async def fetch(index: int) -> Page[Mapping[str, Any]]:
            params = {"pageSize": _LINES_AT_ONCE, "pageIndex": index}
            answer = await self._get(order_type, order_id, "/lines", params)
            before = counted[0] if index else 0
            page = indexed_page(answer, _LINES_AT_ONCE, before, self._api.peer)
            counted[0] = before + len(page.rows)
            return page

        found: dict[int, SalesOrderLine] = {}
        what = f"the lines of sales order {order_id}"
        pages = iter_pages(
            fetch, first=0, key=lambda row: int(row["lineId"]), what=what
        )
        async for page in pages:
            for row in page.rows:
                line = SalesOrderLine.model_validate(row)
                found[line.line_id] = line
        return tuple(found.values())

    async def get_tax(self, order_type: str, order_id: str) -> tuple[TaxRow, ...]:
        """Return the VAT of an order, per VAT id."""
        answer = await self._get(order_type, order_id, "/tax")
        rows = rows_of(answer.body, self._api.peer)
        return tuple(TaxRow.model_validate(row) for row in rows)

    async def patch(
        self, order_type: str, order_id: str, patch: SalesOrderPatch, etag: str
    ) -> None:
        """Change header fields, or the status alone.

        Raises:
            RecordError: Refused; CHANGED_MEANWHILE and LOCKED ask for a fresh read.
            InDoubtError: It was sent and its end is not known.
        """
        await self._change("PATCH", order_type, order_id, "", etag, json=_body(patch))

    async def add_lines(
        self,
        order_type: str,
        order_id: str,
        lines: Sequence[NewSalesOrderLine],
        etag: str,
    ) -> None:
        """Add lines; raises like `patch`."""
        body = {"lines": [_body(line) for line in lines]}
        await self._change("POST", order_type, order_id, "/lines", etag, json=body)

    async def patch_lines(
        self,
        order_type: str,
        order_id: str,
        lines: Sequence[SalesOrderPatchLine],
        etag: str,
    ) -> None:
        """Change lines; raises like `patch`."""
        body = {"lines": [_body(line) for line in lines]}
        await self._change("PATCH", order_type, order_id, "/lines", etag, json=body)

    async def delete_lines(
        self, order_type: str, order_id: str, ids: Sequence[int], etag: str
    ) -> None:
        """Delete lines by their number; raises like `patch`."""
        # The API's own text asks for one parameter with commas.
        params = {"ids": ",".join(str(one) for one in ids)}
        await self._change(
            "DELETE", order_type, order_id, "/lines", etag, params=params
        )

    async def _rows(
        self, order_type: str | None, params: Mapping[str, str | int], size: int
    ) -> AsyncIterator[tuple[SalesOrderRow, ...]]:
        path = f"{_PATH}/{quote(order_type, safe='')}" if order_type else _PATH
        counted = [0]

        async def fetch(index: int) -> Page[SalesOrderRow]:
            # New orders come last, so none pushes another past the reader.
            asked: dict[str, str | int | list[str] | list[int]] = {
                **params,
                "orderBy": "created asc",
                "pageSize": size,
                "pageIndex": index,
            }
            answer = await get_list(self._api, path, asked, operation="GET SalesOrders")
            before = counted[0] if index else 0
            page = indexed_page(answer, size, before, self._api.peer)
            counted[0] = before + len(page.rows)
            rows = tuple(SalesOrderRow.model_validate(row) for row in page.rows)
            return Page(rows, page.is_last, page.total)

        pages = iter_pages(
            fetch,
            first=0,
            key=lambda row: (row.type, row.order_id),
            what="Visma.net's order list",
        )
        async for page in pages:
            yield tuple(page.rows)

    async def _get(
        self,
        order_type: str,
        order_id: str,
        rest: str,
        params: Mapping[str, int | list[str]] | None = None,
    ) -> Answer:
        return await self._api.request(
            "GET",
            f"{_order_path(order_type, order_id)}{rest}",
            params=params,
            repeatable=True,
            operation=f"GET SalesOrders/{{type}}/{{id}}{rest}",
        )

    async def _change(
        self,
        method: str,
        order_type: str,
        order_id: str,
        rest: str,
        etag: str,
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
    ) -> None:
        await self._api.request(
            method,
            f"{_order_path(order_type, order_id)}{rest}",
            json=json,
            params=params,
            headers=if_match(etag),
            repeatable=False,
            operation=f"{method} SalesOrders/{{type}}/{{id}}{rest}",
        )


def _order_path(order_type: str, order_id: str) -> str:
    return f"{_PATH}/{quote(order_type, safe='')}/{quote(order_id, safe='')}"


def _body(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(by_alias=True, exclude_none=True)
