"""What the payment history of an order says, and what Visma.net is told of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from connectors.centra import models as centra
from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.rounding import ZERO
from mapping.texts import clean, cut, width
from settings.connection import Connection
from settings.posting import PaymentMethod

__all__ = [
    "GIFT_CARD",
    "PaymentState",
    "find_payment_method",
    "method_named",
    "payment_settings",
    "payment_state",
    "provider_text",
]

GIFT_CARD = "Gift card"
"""The payment method of gift cards and voucher credit, as the settings name it."""

_REFERENCE = 40
_PROVIDER_TEXT = 50
_AUTHORISED = frozenset({"AUTH", "INVOICE"})
_CAPTURED = frozenset(
    {"CAPTURE", "MARKED_AS_PAID", "PREPAID", "ADDITIONAL_ORDER_PAYMENT"}
)
_NO_MONEY = frozenset(
    {
        *("CAPTURE_PENDING", "CAPTURE_FAILED", "CAPTURE_REQUEST", "REFUND_REQUEST"),
        *("REFUND_FAILED", "CANCEL_REQUEST", "AUTH_PENDING", "OTHER"),
    }
)


@dataclass(frozen=True, slots=True)
class PaymentState:
    """Sums of the SUCCESS entries; gift cards apart, as they are a means of payment."""

    authorised: Decimal = ZERO
    captured: Decimal = ZERO
    refunded: Decimal = ZERO
    gift_card_authorised: Decimal = ZERO
    gift_card_captured: Decimal = ZERO
    gift_card_refunded: Decimal = ZERO
    reference: str | None = None
    method: str | None = None

    @property
    def gift_card(self) -> Decimal:
        """What gift cards stand for: reserved or taken, less what was given back."""
        return max(self.gift_card_authorised, self.gift_card_captured)

    @property
    def is_secured(self) -> bool:
        """Whether money was reserved or taken in any way."""
        return self.authorised > 0 or self.captured > 0 or self.gift_card > 0


def provider_text(reference: str | None) -> str:
    """The payment provider's reference as a payment of Visma.net keeps it: 50 characters."""
    return cut(clean(reference or ""), _PROVIDER_TEXT)


def payment_state(order: centra.Order) -> PaymentState:
    """Return what was authorised, captured and refunded.

    Raises:
        RecordError: an entry is of a type that the connector does not know.
    """
    sums = dict.fromkeys(_FIELDS, ZERO)
    reference = method = None
    for entry in order.payment_history:
        if entry.status != "SUCCESS" or entry.entry_type in _NO_MONEY:
            continue
        field, sign = _meaning(entry, str(order.number))
        sums[field] += sign * abs(entry.value.value)
        if field in {"authorised", "captured"} and sign > 0:
            reference = reference or entry.external_reference
            method = method or entry.payment_method
    return PaymentState(reference=reference, method=method, **sums)


_FIELDS = (
    *("authorised", "captured", "refunded"),
    *("gift_card_authorised", "gift_card_captured", "gift_card_refunded"),
)


def _meaning(entry: centra.PaymentHistoryEntry, number: str) -> tuple[str, int]:
    kind = entry.entry_type
    gift = "gift_card_" if kind.endswith("_GIFT_CARD") else ""
    match kind.removesuffix("_GIFT_CARD"):
        case plain if plain in _AUTHORISED:
            return f"{gift}authorised", 1
        case plain if plain in _CAPTURED:
            return f"{gift}captured", 1
        case "CANCEL":
            return f"{gift}authorised", -1
        case "MARKED_AS_UNPAID":
            return "captured", -1
        case "REFUND":
            return f"{gift}refunded", 1
        case _:
            raise RecordError(
                f"Payment entry {entry.id} of order {number} is of the unknown type "
                f"{kind}.",
                code="PAYMENT_ENTRY_UNKNOWN",
                fix="Ask for a version of the connector that knows this type.",
                record_id=number,
            )


def find_payment_method(
    order: centra.Order, connection: Connection
) -> PaymentMethod | None:
    """Return what the order's payment method is in Visma.net; None if it names none.

    Raises:
        RecordError: a DTC order was paid by a method that the settings do not map.
    """
    named = order.payment_method.name if order.payment_method else None
    name = named or payment_state(order).method
    if name is None:
        return None
    found = _lookup(name, connection)
    if found is None and order.kind == "DirectToConsumerOrder":
        return method_named(name, connection, number=order.number)
    return found


def method_named(name: str, connection: Connection, *, number: int) -> PaymentMethod:
    """Return what a payment method of Centra is in Visma.net.

    Raises:
        RecordError: the settings do not map it.
    """
    found = _lookup(name, connection)
    if found is None:
        raise RecordError(
            f"Order {number} was paid by '{name}', which the settings do not map "
            "to a payment method of Visma.net.",
            code="PAYMENT_METHOD_NOT_MAPPED",
            fix=f'Add [payment_methods."{name}"] method = "..." to the settings.',
            record_id=str(number),
        )
    return found


def _lookup(name: str, connection: Connection) -> PaymentMethod | None:
    by_name = {key.casefold(): row for key, row in connection.payment_methods.items()}
    return by_name.get(name.strip().casefold())


def payment_settings(
    order: centra.Order, connection: Connection
) -> tuple[visma.NewPaymentSettings | None, tuple[str, ...]]:
    """Return method, cash account and the provider's reference, with what was cut."""
    method = find_payment_method(order, connection)
    if method is None:
        return None, ()
    reference = clean(payment_state(order).reference or "")
    notes: tuple[str, ...] = ()
    if width(reference) > _REFERENCE:
        notes = (f"Payment reference cut from {width(reference)} to {_REFERENCE}.",)
    return (
        visma.NewPaymentSettings(
            payment_method_id=method.method,
            cash_account_id=method.cash_account_in(order.grand_total.currency.code),
            payment_reference=cut(reference, _REFERENCE) or None,
        ),
        notes,
    )
