"""Inventory items of Visma.net ERP, as far as sales need them: number and kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.paging import numbered_page
from connectors.wire import Incoming

__all__ = ["Item", "Items"]

_SIZE = 1_000
_EXPANSIONS = (
    "AccountInformation",
    "Attachment",
    "Attribute",
    "CrossReference",
    "InventoryUnits",
    "Note",
    "SalesCategories",
    "SupplierDetails",
    "WarehouseDetail",
)


class Item(Incoming):
    """An item; `stock_item` tells goods of the warehouse from charges."""

    inventory_number: str
    stock_item: bool = True


class Items:
    """GET of /v1/inventory; expansions are on unless each is switched off."""

    def __init__(self, erp: ApiClient) -> None:
        """Read from the ERP service."""
        self._erp = erp

    async def iter_pages(self) -> AsyncIterator[tuple[Item, ...]]:
        """Read all items, page by page."""
        params = {f"expand{name}": "false" for name in _EXPANSIONS}

        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._erp.request(
                "GET",
                "/v1/inventory",
                params={**params, "pageNumber": number, "pageSize": _SIZE},
                repeatable=True,
                operation="GET inventory",
            )
            return numbered_page(answer, _SIZE, self._erp.peer)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: row["inventoryNumber"],
            what="Visma.net's list of items",
        )
        async for page in pages:
            yield tuple(_item(row) for row in page.rows)


def _item(row: Mapping[str, Any]) -> Item:
    number = str(row["inventoryNumber"]).strip()
    return Item.model_validate({**row, "inventoryNumber": number})
