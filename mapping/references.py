"""The references that documents carry, by which they are found again."""

from __future__ import annotations

from connectors.errors import RecordError

__all__ = [
    "REFERENCE_LENGTH",
    "account_key",
    "customer_key",
    "order_description",
    "order_reference",
    "payment_reference",
    "return_order_reference",
    "return_reference",
    "shipment_reference",
]

REFERENCE_LENGTH = 40


def order_reference(prefix: str, number: int) -> str:
    """Return what `customer.order` of a sales order holds: prefix and order number."""
    return _checked(f"{prefix}{number}")


def return_order_reference(prefix: str, number: int, return_id: int) -> str:
    """Return what `customer.order` of a return order holds."""
    return _checked(f"{prefix}{number}-R{return_id}")


def shipment_reference(prefix: str, shipment_id: int) -> str:
    """Return the external reference of a shipment's invoice."""
    return _checked(f"{prefix}S{shipment_id}")


def return_reference(prefix: str, return_id: int) -> str:
    """Return the external reference of a return's credit note."""
    return _checked(f"{prefix}R{return_id}")


def payment_reference(prefix: str, entry_id: int) -> str:
    """Return the payment reference of a payment history entry."""
    return _checked(f"{prefix}P{entry_id}")


def customer_key(customer_id: int) -> str:
    """Return our key of a DTC customer; ids of accounts are another series."""
    return f"dtc-{customer_id}"


def account_key(account_id: int) -> str:
    """Return our key of a wholesale account."""
    return f"acc-{account_id}"


def order_description(number: int) -> str:
    """Return a description without personal data."""
    return f"Centra order {number}"


def _checked(reference: str) -> str:
    if len(reference) > REFERENCE_LENGTH:
        raise RecordError(
            f"The reference {reference} is longer than the {REFERENCE_LENGTH} "
            "characters that Visma.net keeps.",
            code="REFERENCE_TOO_LONG",
            fix="Use a shorter `prefix` in the settings.",
            record_id=reference,
        )
    return reference
