"""Inventory adjustments of Visma.net ERP: what is written, and what is read back.

Source: InventoryAdjustmentUpdateDto, InventoryAdjustmentDto and their lines, and
ReleaseInventoryDocumentActionResultDto of the ERP specification, which spells the
lines of a read `adjusmentLines`. A positive quantity adds to the warehouse.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal

from pydantic import Field, model_validator

from connectors.wire import Incoming, Outgoing

__all__ = ["Adjustment", "AdjustmentLine", "AdjustmentWrite", "NewAdjustmentLine"]


class NewAdjustmentLine(Outgoing):
    """Units of an item, in its base unit, that a warehouse has more or less."""

    operation: Literal["Insert"] = "Insert"
    inventory_number: str
    warehouse_id: str
    quantity: Decimal
    reason_code: str | None = None
    description: str | None = Field(None, max_length=256)


class AdjustmentWrite(Outgoing):
    """An adjustment to create or change; a field left None is left alone."""

    hold: bool | None = None
    date: str | None = None
    post_period: str | None = Field(None, description="MMYYYY.")
    external_reference: str | None = Field(None, max_length=40)
    description: str | None = Field(None, max_length=256)
    branch_number: str | None = None
    adjustment_lines: tuple[NewAdjustmentLine, ...] | None = None


class AdjustmentLine(Incoming):
    """A line as it is read back."""

    line_number: int | None = None
    item: str = ""
    warehouse: str = ""
    quantity: Decimal = Decimal(0)
    reason_code: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _bare_ids(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # On the wire item, warehouse and reason code are objects around their id.
        if not isinstance(data, dict):
            return data
        item = data.get("inventoryItem")
        bare: dict[str, Any] = {}
        if isinstance(item, dict):
            bare["item"] = str(item.get("number") or "").strip()
        for name in ("warehouse", "reasonCode"):
            if isinstance(data.get(name), dict):
                bare[name] = data[name].get("id")
        return {**data, **bare}


class Adjustment(Incoming):
    """An adjustment, as lists and single reads show it."""

    reference_number: str
    status: Literal["Hold", "Balanced", "Released"] | str = ""
    date: str | None = None
    post_period: str | None = None
    external_reference: str | None = None
    description: str | None = None
    branch: str | None = None
    last_modified_date_time: str | None = None
    lines: tuple[AdjustmentLine, ...] = Field((), alias="adjusmentLines")
    etag: str | None = Field(None, alias="timestamp")
    """The ETag, as lists show it."""

    @model_validator(mode="before")
    @classmethod
    def _bare_branch(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # On the wire the branch is {number, name}.
        if not isinstance(data, dict) or not isinstance(data.get("branchNumber"), dict):
            return data
        return {**data, "branch": data["branchNumber"].get("number")}

    @property
    def is_released(self) -> bool:
        """Whether the quantities have changed."""
        return self.status == "Released"

    @property
    def is_held(self) -> bool:
        """Whether it cannot be released yet."""
        return self.status == "Hold"
