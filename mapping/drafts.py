"""What is to be written, with what it must come to; kept by the ledger as JSON."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict

from connectors.visma import models as visma
from mapping.identity import CustomerNeed
from mapping.rounding import plain
from mapping.scope import WantedState

__all__ = ["PLACEHOLDER", "SalesOrderDraft", "digest"]

PLACEHOLDER = "?"


class SalesOrderDraft(BaseModel):
    """The sales order that answers a Centra order; its customer may be open (`?`)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sales_order: visma.NewSalesOrder
    customer: CustomerNeed
    expected_total: Decimal
    expected_tax: Decimal
    tax_by_rate: dict[str, Decimal]
    tax_differences: dict[str, Decimal]
    credit: Decimal
    currency: str
    notes: tuple[str, ...]
    wanted_state: WantedState

    @property
    def hash(self) -> str:
        """The same for the same document: what tells that nothing has changed."""
        return digest(
            {
                "sales_order": self.sales_order.model_dump(by_alias=True),
                "customer": self.customer.number or self.customer.key,
                "wanted_state": self.wanted_state,
            }
        )

    def with_customer(self, number: str) -> SalesOrderDraft:
        """Return the draft for the customer that was found or made."""
        customer = self.sales_order.customer.model_copy(update={"id": number})
        order = self.sales_order.model_copy(update={"customer": customer})
        return self.model_copy(update={"sales_order": order})


def digest(value: object) -> str:
    """Return the hash of a value's JSON; key order and trailing zeros do not count."""
    text = json.dumps(_plain(value), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: object) -> Any:  # noqa: ANN401 - JSON
    match value:
        case Decimal():
            return format(plain(value), "f")
        case BaseModel():
            return _plain(value.model_dump(by_alias=True))
        case dict():
            return {str(key): _plain(member) for key, member in value.items()}
        case list() | tuple():
            return [_plain(member) for member in value]
        case float():
            message = "floats are no part of a document"
            raise TypeError(message)
        case None | str() | bool() | int():
            return value
        case _:
            return str(value)
