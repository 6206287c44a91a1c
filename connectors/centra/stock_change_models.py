"""Stock changes of Centra as they are read: one warehouse, a line for each size."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from connectors.centra.models import read_back
from connectors.wire import Incoming

__all__ = ["StockChange", "StockChangeLine", "read_stock_change"]


class _Warehouse(Incoming):
    id: int
    name: str = ""


class _Size(Incoming):
    id: int
    sku: str | None = Field(None, alias="SKU")
    ean: str | None = Field(None, alias="EAN")


class StockChangeLine(Incoming):
    """Units of one size that came (positive) or went (negative)."""

    id: int
    delivered_quantity: int
    product_size: _Size | None = None
    """None once the size was deleted."""


class StockChange(Incoming):
    """A change of the stock of one warehouse that no sale has caused."""

    id: int
    description: str = ""
    created_at: datetime
    warehouse: _Warehouse
    lines: tuple[StockChangeLine, ...] = ()


def read_stock_change(raw: bytes) -> StockChange:
    """Read a stock change back from the JSON that was kept of it.

    Raises:
        RecordError: It is not a stock change as this version knows them.
    """
    return read_back(
        StockChange, raw, "stock change", key="id", code="STOCK_CHANGE_UNREADABLE"
    )
