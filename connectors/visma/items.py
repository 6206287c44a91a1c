"""Inventory items of Visma.net ERP: read in full, by delta, or number and kind alone.

Sources: ERP API reference, Inventory; GET takes `lastModifiedDateTime` without an
offset, and each expansion is on today "but will be changed": all are named.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from connectors.answers import NOT_FOUND
from connectors.errors import RecordError
from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.item_models import Item, ItemUnits
from connectors.visma.paging import numbered_page, path_id

__all__ = ["Items"]

_SIZE = 1_000
_SIZE_WITHOUT_DETAILS = 5_000
"""The largest page of the list since 2022-04-01 (ERP API reference, Inventory)."""
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
_DETAILS = frozenset({"Attribute", "CrossReference"})


class Items:
    """GET of /v1/inventory; expansions are on unless each is switched off."""

    def __init__(self, erp: ApiClient) -> None:
        """Read from the ERP service."""
        self._erp = erp

    async def iter_pages(
        self, *, modified_since: str | None = None, details: bool = False
    ) -> AsyncIterator[tuple[Item, ...]]:
        """Read items page by page, all or those that changed.

        `modified_since` has no offset; `details` are attributes and cross references.
        """
        params = _expanded(details=details)
        if modified_since is not None:
            params |= {
                "lastModifiedDateTime": modified_since,
                "lastModifiedDateTimeCondition": ">=",
            }
        size = _SIZE if details else _SIZE_WITHOUT_DETAILS
        async for rows in self._rows(params, size):
            yield tuple(Item.model_validate(row) for row in rows)

    async def iter_unit_pages(self) -> AsyncIterator[tuple[ItemUnits, ...]]:
        """Read by which units all items are counted and sold, page by page."""
        async for rows in self._rows(_expanded(details=False), _SIZE_WITHOUT_DETAILS):
            yield tuple(ItemUnits.model_validate(row) for row in rows)

    async def _rows(
        self, params: Mapping[str, str], size: int
    ) -> AsyncIterator[Sequence[Mapping[str, Any]]]:
        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._erp.request(
                "GET",
                "/v1/inventory",
                params={**params, "pageNumber": number, "pageSize": size},
                repeatable=True,
                operation="GET inventory",
            )
            return numbered_page(answer, size, self._erp.peer)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: row["inventoryNumber"],
            what="Visma.net's list of items",
        )
        async for page in pages:
            yield page.rows

    async def find(self, number: str) -> Item | None:
        """Return one item in full, or None; its number may hold any character.

        There is nothing to expand here: one item is always shown with all its parts.
        """
        try:
            answer = await self._erp.request(
                "GET",
                f"/v1/inventory/{path_id(number)}",
                repeatable=True,
                operation="GET inventory/{number}",
            )
        except RecordError as error:
            if error.code != NOT_FOUND:
                raise
            return None
        return Item.model_validate(answer.body)


def _expanded(*, details: bool) -> dict[str, str]:
    return {
        f"expand{name}": str(details and name in _DETAILS).lower()
        for name in _EXPANSIONS
    }
