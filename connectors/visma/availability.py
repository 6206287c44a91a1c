"""Stock of Visma.net per item and warehouse: the Inventory list of SalesOrder v3.

Source: the API's own text of GET /api/v3/Inventory. Quantities are decimals in the
item's base unit; times are UTC unless they have an offset.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.lists import get_list
from connectors.visma.paging import indexed_page

__all__ = ["ITEMS_AT_ONCE", "Availabilities", "Availability"]

_PATH = "/api/v3/Inventory"
_SIZE = 5_000
ITEMS_AT_ONCE = 100
"""So many item numbers fit into one address."""


class Availability(NamedTuple):
    """One item in one warehouse, as Visma.net says now.

    A quantity that is no number, or is not there, is None; `modified_at` may be unknown.
    `told_at` is the server's own clock when it answered (its Date), if it tells it.
    """

    item: str
    warehouse: str
    on_hand: Decimal | None
    available: Decimal | None
    available_for_shipment: Decimal | None
    modified_at: datetime | None
    told_at: datetime | None = None


class Availabilities:
    """Reads quantities: of all items, of those that changed, or of the given ones."""

    def __init__(self, api: ApiClient) -> None:
        """Read from the SalesOrder service."""
        self._api = api

    async def iter_pages(
        self,
        *,
        modified_since: datetime | None = None,
        items: Sequence[str] | None = None,
    ) -> AsyncIterator[tuple[Availability, ...]]:
        """Read quantities page by page; an item comes with all of its warehouses.

        `modified_since` is about the availability, not about the item itself.

        Raises:
            ConfigError: The service does not answer at its address.
            AbortError: A page repeats, or the list changes faster than it is read.
        """
        params: dict[str, str | list[str]] = {}
        if modified_since is not None:
            at = modified_since.astimezone(UTC).replace(tzinfo=None)
            params["modifiedSince"] = f"{at.isoformat(timespec='milliseconds')}Z"
        if items is None:
            async for page in self._pages(params):
                yield page
            return
        wanted = list(dict.fromkeys(items))
        for start in range(0, len(wanted), ITEMS_AT_ONCE):
            some = wanted[start : start + ITEMS_AT_ONCE]
            asked = {one.casefold() for one in some}
            async for page in self._pages({**params, "inventoryId": some}):
                # A parameter that is not understood is ignored: look again.
                yield tuple(row for row in page if row.item.casefold() in asked)

    async def _pages(
        self, params: Mapping[str, str | list[str]]
    ) -> AsyncIterator[tuple[Availability, ...]]:
        counted = [0]
        told: list[datetime | None] = [None]

        async def fetch(index: int) -> Page[Mapping[str, Any]]:
            asked: dict[str, str | int | list[str] | list[int]] = {
                **params,
                "pageSize": _SIZE,
                "pageIndex": index,
            }
            answer = await get_list(self._api, _PATH, asked, operation="GET Inventory")
            told[0] = _date(answer.headers.get("Date"))
            before = counted[0] if index else 0
            page = indexed_page(answer, _SIZE, before, self._api.peer)
            counted[0] = before + len(page.rows)
            return page

        pages = iter_pages(
            fetch,
            first=0,
            key=lambda row: str(row["inventoryId"]),
            what="Visma.net's stock list",
        )
        async for page in pages:
            yield tuple(one for row in page.rows for one in _of_item(row, told[0]))


def _of_item(
    row: Mapping[str, Any], told_at: datetime | None
) -> Iterator[Availability]:
    item = str(row["inventoryId"]).strip()
    for place in row.get("availability") or ():
        yield Availability(
            item,
            str(place["warehouseId"]).strip(),
            _exact(place.get("quantityOnHand")),
            _exact(place.get("quantityAvailable")),
            _exact(place.get("quantityAvailableForShipment")),
            _moment(place.get("lastModified")),
            told_at,
        )


def _exact(value: object) -> Decimal | None:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return None


def _moment(value: str | None) -> datetime | None:
    if not value:
        return None
    moment = datetime.fromisoformat(value)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def _date(value: str | None) -> datetime | None:
    """The Date header of an answer; one that nobody can read is none."""
    try:
        moment = parsedate_to_datetime(value) if value else None
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
