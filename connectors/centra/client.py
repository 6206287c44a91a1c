"""The client of Centra's Integration API: orders, events, small tables."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from connectors.budget import Bucket, Budget
from connectors.centra.accounts import Accounts
from connectors.centra.catalogue import Catalogue
from connectors.centra.catalogue_writes import CatalogueWrites
from connectors.centra.graph import Graph
from connectors.centra.integration import Integration
from connectors.centra.models import Currency, Event, Store
from connectors.centra.orders import Buyers, OrderPage, Orders
from connectors.centra.prices import Prices
from connectors.centra.returning import Returning
from connectors.centra.sales import ReturnPage, SalePage, Sales
from connectors.centra.shipping import Shipping
from connectors.centra.stock import Stock
from connectors.centra.stock_changes import StockChanges
from connectors.centra.takings import Takings
from connectors.errors import RecordError
from connectors.transport import ApiClient

__all__ = ["CentraClient"]

logger = logging.getLogger(__name__)

_MOST_EVENTS = 200
_BUCKETS: dict[str, Bucket] = {
    "REQUEST_COUNT": "requests",
    "MUTATION_COUNT": "mutations",
    "QUERY_COMPLEXITY": "complexity",
}
_SECONDS = {"TEN_SECONDS": 10, "ONE_HOUR": 3600}
_SHORT_SECONDS = 10


class CentraClient:
    """What the connector does in Centra, under names that say of what."""

    def __init__(
        self, api: ApiClient, *, page_size: int = 100, verified_fields: bool = False
    ) -> None:
        """Speak through an open ApiClient."""
        self.api = api
        self.graph = Graph(api, verified_fields=verified_fields)
        self._orders = Orders(self.graph, page_size)
        self.iter_order_changes = self._orders.iter_changes
        self._sales = Sales(self.graph, page_size)
        self.update_account = Accounts(self.graph).update
        catalogue = Catalogue(self.graph, page_size)
        self.iter_catalogue_pages = catalogue.iter_catalogue_pages
        self.iter_product_pages = catalogue.iter_product_pages
        self.get_size_charts = catalogue.get_size_charts
        writes = CatalogueWrites(self.graph)
        self.find_products_by_number = writes.find_products_by_number
        self.create_size_chart = writes.create_size_chart
        self.create_product = writes.create_product
        self.update_product = writes.update_product
        self.create_variant = writes.create_variant
        self.update_variant = writes.update_variant
        self.create_size = writes.create_size
        self.update_size = writes.update_size
        self.iter_shown_price_pages = catalogue.iter_shown_price_pages
        prices = Prices(self.graph)
        self.get_pricelists = prices.get_pricelists
        self.set_prices = prices.set
        integration = Integration(self.graph)
        self.get_attribute_types = integration.get_attribute_types
        self.set_external_ids = integration.set_external_ids
        self.find_external_id = integration.find_external_id
        self.assign_attributes = integration.assign_attributes
        self.create_return = Returning(self.graph).create
        self.iter_stock_change_pages = StockChanges(self.graph, page_size).iter_pages
        shipping = Shipping(self.graph)
        self.create_shipment = shipping.create
        self.capture_shipment = shipping.capture
        self.complete_shipment = shipping.complete
        self.mark_shipment_paid = shipping.mark_paid
        self.let_shipment_go = shipping.let_go
        takings = Takings(self.graph, page_size)
        self.iter_stock_sale_pages = takings.iter_stock_sale_pages
        self.get_shipped_goods = takings.get_shipped_goods
        self.iter_stock_return_pages = takings.iter_stock_return_pages
        stock = Stock(self.graph)
        self.set_stock = stock.set
        self.get_warehouses = stock.get_warehouses
        self.iter_shelves = stock.iter_shelves

    @property
    def calls(self) -> Mapping[str, int]:
        """How often each operation was sent."""
        return self.api.calls

    @property
    def writes(self) -> Mapping[str, int]:
        """How often each operation that changes something was sent."""
        return self.api.writes

    @property
    def last_extensions(self) -> Mapping[str, Any]:
        """What Centra told about its last answer: complexity, permissions, version."""
        return self.graph.last_extensions

    @property
    def permissions_used(self) -> frozenset[str]:
        """Every permission that was needed so far: the least set for the token."""
        return frozenset(self.graph.permissions_used)

    def iter_order_pages(
        self,
        *,
        updated_from: datetime | None = None,
        updated_to: datetime | None = None,
        ordered_from: datetime | None = None,
        ordered_to: datetime | None = None,
        numbers: Sequence[int] | None = None,
        of: Buyers | None = None,
        with_lines: bool = True,
    ) -> AsyncIterator[OrderPage]:
        """Read orders page by page; held and unpaid ones are among them.

        By the time of their last change, or by their own date, which never changes.

        Raises:
            AbortError: The list repeats a page or changes faster than it is read.
        """
        return self._orders.iter_pages(
            updated=(updated_from, updated_to),
            ordered=(ordered_from, ordered_to),
            numbers=numbers,
            of=of,
            with_lines=with_lines,
        )

    def iter_sale_pages(
        self,
        *,
        updated_from: datetime | None = None,
        updated_to: datetime | None = None,
        ordered_from: datetime | None = None,
        ordered_to: datetime | None = None,
        numbers: Sequence[int] | None = None,
    ) -> AsyncIterator[SalePage]:
        """Read orders with their shipments, page by page.

        Raises:
            AbortError: The list repeats a page or changes faster than it is read.
        """
        return self._sales.iter_sale_pages(
            updated=(updated_from, updated_to),
            ordered=(ordered_from, ordered_to),
            numbers=numbers,
        )

    def iter_return_pages(
        self,
        *,
        created_from: datetime | None = None,
        created_to: datetime | None = None,
        ids: Sequence[int] | None = None,
    ) -> AsyncIterator[ReturnPage]:
        """Read returns with the sales they belong to; deleted ones are not there.

        Raises:
            AbortError: The list repeats a page.
        """
        return self._sales.iter_return_pages(
            created=(created_from, created_to), ids=ids
        )

    async def get_events(
        self,
        object_types: Sequence[str],
        limit: int = _MOST_EVENTS,
        *,
        with_order: bool = False,
    ) -> list[Event]:
        """Return the oldest unconfirmed events; they come again until confirmed.

        `with_order` also asks for the order of each shipment and payment entry.
        """
        result = await self.graph.run(
            "sale_events" if with_order else "events",
            {"where": {"objectType": list(object_types)}, "limit": limit},
        )
        return [Event.model_validate(row) for row in self.graph.rows(result, "events")]

    async def confirm_events(self, ids: Sequence[int]) -> None:
        """Take events off the queue; store them first, nobody will send them again."""
        # Confirming twice is harmless, and it changes no business data.
        for start in range(0, len(ids), _MOST_EVENTS):
            some = list(ids[start : start + _MOST_EVENTS])
            await self.graph.run("confirm_events", {"ids": some})

    async def prove_event_access(self) -> None:
        """Prove that the token may read and confirm events, by confirming none.

        Raises:
            ConfigError: A permission is missing.
        """
        await self.graph.run("event_listeners")
        try:
            await self.graph.run("confirm_events", {"ids": []})
        except RecordError:
            logger.debug("an empty list is refused after the permission was seen")

    async def ensure_event_listeners(self, types: Sequence[str]) -> list[str]:
        """Listen to these types of objects; return those that were not yet heard."""
        result = await self.graph.run("event_listeners")
        rows = self.graph.rows(result, "eventListeners")
        heard = {str(row.get("objectType")) for row in rows}
        missing = [one for one in types if one not in heard]
        if missing:
            listeners = [{"objectType": one} for one in missing]
            await self.graph.run(
                "set_event_listeners", {"listeners": listeners}, write=True
            )
        return missing

    async def get_stores(self) -> tuple[Store, ...]:
        """Return the stores that the token may see."""
        result = await self.graph.run("stores")
        return tuple(
            Store.model_validate(row) for row in self.graph.rows(result, "stores")
        )

    async def get_currencies(self) -> tuple[Currency, ...]:
        """Return the currencies of the instance, with their digits."""
        result = await self.graph.run("currencies")
        rows = self.graph.rows(result, "currencies")
        return tuple(Currency.model_validate(row) for row in rows)

    async def get_rate_limits(self) -> list[dict[str, Any]]:
        """Return the quotas as Centra counts them, and let our budget know."""
        result = await self.graph.run("rate_limits")
        rows = [dict(row) for row in self.graph.rows(result, "rateLimits")]
        budget = self.api.budget
        if isinstance(budget, Budget):
            for row in rows:
                _teach(budget, row)
        return rows

    async def get_schema_fields(self) -> dict[str, frozenset[str]]:
        """Return the fields of every type in the store's own schema."""
        result = await self.graph.run("schema_fields")
        schema = result.data.get("__schema") or {}
        found: dict[str, frozenset[str]] = {}
        for one in schema.get("types") or ():
            fields = [*(one.get("fields") or ()), *(one.get("inputFields") or ())]
            found[str(one["name"])] = frozenset(str(field["name"]) for field in fields)
        return found


def _teach(budget: Budget, row: Mapping[str, Any]) -> None:
    """Let the budget know a quota as Centra counts it, other integrations included."""
    bucket = _BUCKETS.get(str(row.get("type")))
    seconds = _SECONDS.get(str(row.get("intervalSeconds")))
    quota = int(row.get("quota") or 0)
    if bucket is None or seconds is None:
        return
    budget.limit(bucket, seconds, quota)
    if seconds > _SHORT_SECONDS:
        # When the window began is not told: assume that it has just begun.
        remaining = int(row.get("remainingQuota") or 0)
        budget.observe(bucket, seconds, quota, remaining, seconds)
