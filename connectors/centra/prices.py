"""Prices of Centra: pricelists, and setting what products cost on one of them.

A price is of a product, or of single variants of it, never of a size. Source: Centra's
GraphQL reference of ProductPricesSetInput and ProductPriceInput. What a product costs
now is read from its displays (connectors.centra.catalogue).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from connectors.centra.graph import Graph
from connectors.centra.models import Currency, Named
from connectors.errors import InDoubtError

__all__ = ["PriceRow", "Pricelist", "Prices", "PricesAnswer"]

_ROWS = "productPrices"


class Pricelist(Named):
    """A pricelist: one currency, and one store."""

    status: str = ""
    currency: Currency | None = None
    store: Named | None = None


class PriceRow(NamedTuple):
    """What one product costs on a pricelist.

    `price` None leaves the product's own price as it is; `variants` are prices of single
    variants by their id; `override` takes away those that other variants have.
    """

    product_id: int
    price: Decimal | None
    variants: Mapping[int, Decimal]
    override: bool


class PricesAnswer(NamedTuple):
    """What of a call was not taken.

    `skipped` maps the position of a row to the reason; `unclear` are warnings that
    name no row, so that each row may be the one they mean.
    """

    skipped: Mapping[int, str]
    unclear: tuple[str, ...]


class Prices:
    """Lists pricelists, and sets prices."""

    def __init__(self, graph: Graph) -> None:
        """Work through the GraphQL endpoint."""
        self._graph = graph

    async def get_pricelists(self) -> tuple[Pricelist, ...]:
        """Return every pricelist; the list has no pages."""
        result = await self._graph.run("pricelists")
        rows = self._graph.rows(result, "pricelists")
        return tuple(Pricelist.model_validate(row) for row in rows)

    async def set(
        self, pricelist_id: int, currency: str, rows: Sequence[PriceRow]
    ) -> PricesAnswer:
        """Set prices of some products on one pricelist, in one call.

        Raises:
            RefusedError: Centra refuses the call as a whole; nothing was set.
            InDoubtError: It was sent and its end is not known.
        """
        result = await self._graph.run(
            "set_prices",
            {
                "input": {
                    "pricelist": {"id": pricelist_id},
                    _ROWS: [_wire(row, currency) for row in rows],
                }
            },
            repeatable=False,
            write=True,
        )
        if not isinstance(result.data.get("setPrices"), Mapping):
            message = "Centra does not say whether it set the prices"
            raise InDoubtError(message)
        skipped: dict[int, str] = {}
        for one in result.complaints:
            position = one.row_of(_ROWS)
            if position is not None:
                skipped.setdefault(position, one.message)
        return PricesAnswer(
            skipped,
            tuple(str(one) for one in result.complaints if one.row_of(_ROWS) is None),
        )


def _wire(row: PriceRow, currency: str) -> dict[str, Any]:
    def money(amount: Decimal) -> dict[str, Any]:
        return {"value": amount, "currencyIsoCode": currency}

    wire: dict[str, Any] = {
        "product": {"id": row.product_id},
        "overrideIndividualVariantPrices": row.override,
    }
    if row.price is not None:
        wire["price"] = money(row.price)
    if row.variants:
        wire["individualVariantPrices"] = [
            {"productVariant": {"id": variant}, "price": money(price)}
            for variant, price in row.variants.items()
        ]
    return wire
