"""What a mutation answers with: its object, what failed, and what was only half done."""

from dataclasses import dataclass, field
from typing import Any

__all__ = ["Complaint", "Payload"]


@dataclass(slots=True, frozen=True)
class Complaint:
    """A user error or a user warning."""

    message: str
    path: tuple[str, ...]


@dataclass(slots=True)
class Payload:
    """The payload of every mutation; only the field of its own object is ever read."""

    order: Any = None
    orders: Any = None
    account: Any = None
    shipment: Any = None
    made: Any = None
    """The return: `return` cannot be an attribute."""
    object: Any = None
    product: Any = None
    product_variant: Any = None
    product_size: Any = None
    size_chart: Any = None
    pricelist: Any = None
    pricelists: list[Any] = field(default_factory=list)
    products: list[Any] = field(default_factory=list)
    payment_history_entry: Any = None
    payment_history_entries: list[Any] = field(default_factory=list)
    event_listeners: Any = None
    stock_change: Any = None
    stock_changes: list[Any] = field(default_factory=list)
    entries: list[Any] = field(default_factory=list)
    user_errors: list[Complaint] = field(default_factory=list)
    user_warnings: list[Complaint] = field(default_factory=list)

    def failed(self, message: str, *path: str) -> "Payload":
        """Say what went wrong: HTTP answers 200 all the same."""
        self.user_errors.append(Complaint(message, path))
        return self

    def warned(self, message: str, *path: str) -> "Payload":
        """Say what was left undone."""
        self.user_warnings.append(Complaint(message, path))
        return self
