"""What a document was told back to, as plain data: amounts as text, no names."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from mapping.origins import LineOrigin, Origins, Stated, VatOrigin

__all__ = ["plain_text", "told_origins"]


def plain_text(value: Decimal | None) -> str | None:
    """Return an amount as text, with all of its digits."""
    return None if value is None else f"{value:f}"


def told_origins(origins: Origins) -> dict[str, Any]:
    """Return a document that was told back, as data."""
    return {
        "total": plain_text(origins.total),
        "vat": plain_text(origins.vat),
        "currency": origins.currency,
        "sum_of": [_said(one) for one in origins.stated],
        "lines": [_line(one) for one in origins.lines],
        "vat_by_rate": [_tax(one) for one in origins.taxes],
        "notes": list(origins.notes),
    }


def _line(one: LineOrigin) -> dict[str, Any]:
    return {
        "key": one.key,
        "what": one.what,
        "item": one.item,
        "quantity": plain_text(one.quantity),
        "amount": plain_text(one.amount),
        "prices": one.prices,
        "vat_rate": plain_text(one.rate),
        "vat_category": one.category,
        "account": one.account,
        "centra": [_said(each) for each in one.stated],
        "rules": list(one.rules),
    }


def _tax(one: VatOrigin) -> dict[str, Any]:
    return {
        "rate": plain_text(one.rate),
        "base": plain_text(one.base),
        "vat": plain_text(one.vat),
        "centra": plain_text(one.centra),
        "rule": one.rule,
    }


def _said(one: Stated) -> dict[str, Any]:
    return {"field": one.field, "value": plain_text(one.value)}
