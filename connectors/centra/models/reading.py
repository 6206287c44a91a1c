"""Reading back what was kept of Centra's answers as JSON."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TypeVar

from pydantic import ValidationError

from connectors.centra.models.orders import Order
from connectors.errors import RecordError
from connectors.wire import Incoming

__all__ = ["read_back", "read_order"]

_Model = TypeVar("_Model", bound=Incoming)


def read_order(raw: bytes) -> Order:
    """Read an order back from the JSON that was kept of it, decimals exact.

    Raises:
        RecordError: It is not an order as this version knows orders.
    """
    return read_back(Order, raw, "order", key="number", code="ORDER_UNREADABLE")


def read_back(
    model: type[_Model], raw: bytes, what: str, *, key: str, code: str
) -> _Model:
    """Read a model back from kept JSON; `key` is the field that names the record.

    Raises:
        RecordError: It is not of a form that this version knows; `code` says so.
    """
    node = json.loads(raw, parse_float=Decimal)
    try:
        return model.model_validate(node)
    except ValidationError as error:
        name = node.get(key) if isinstance(node, dict) else None
        first = error.errors(include_input=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        message = f"{what} {name} from Centra cannot be read: {field}: {first['msg']}"
        # The cause would carry the customer's data into logs.
        raise RecordError(
            message,
            code=code,
            fix="Look at the field in Centra; update the connector if it is new.",
            record_id=str(name),
        ) from None
