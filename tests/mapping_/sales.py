"""Sales and their returns as Centra would state them, with totals that add up."""

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from connectors.centra import models as centra
from connectors.centra.sale_models import (
    Return,
    ReturnLine,
    ReturnTotals,
    Sale,
    Shipment,
    ShipmentLine,
    ShipmentTotals,
)
from tests.mapping_.builders import Line, a_rule, a_totals, an_order, money

SHIPPED = datetime(2026, 3, 5, 12, tzinfo=UTC)
RETURNED = datetime(2026, 3, 9, 12, tzinfo=UTC)


def a_shipment(sale: centra.Order, id: int = 9, **changes: Any) -> Shipment:  # noqa: A002
    """Return the shipment that carried all of an order at once."""
    values: dict[str, Any] = {
        "id": id,
        "number": f"{sale.number}-1",
        "created_at": SHIPPED,
        "updated_at": SHIPPED,
        "is_shipped": True,
        "shipped_at": SHIPPED,
        "is_captured": True,
        "grand_total": money(sale.grand_total.value),
        "lines": tuple(
            ShipmentLine.model_validate(
                {
                    "id": 500 + line.id,
                    "quantity": line.quantity,
                    "gross": line.gross,
                    "net": line.net,
                    "order_line": {"id": line.id},
                }
            )
            for line in sale.lines
        ),
        "totals": ShipmentTotals.model_validate(
            {
                "shipping": sale.totals.shipping,
                "discounts": sale.totals.discounts,
                "tax_added": sale.totals.tax_added,
                "handling": sale.totals.handling,
            }
        ),
    }
    return Shipment.model_validate({**values, **changes})


def a_sale(lines: Sequence[Line] = (Line(),), **changes: Any) -> Sale:
    """Return an order that was shipped at once, as shipment 9."""
    order = an_order(lines, **changes)
    return as_sale(order)


def as_sale(order: centra.Order, **shipment: Any) -> Sale:
    """Return an order as a sale with one shipment."""
    values = {name: getattr(order, name) for name in type(order).model_fields}
    return Sale.model_construct(**values, shipments=(a_shipment(order, **shipment),))


def a_return(
    sale: Sale,
    lines: Sequence[Line],
    *,
    id: int = 3,  # noqa: A002 - Centra's own name
    mode: str = "included",
    digits: int = 2,
    cost: str | Decimal = "0",
    cost_rate: str | Decimal = "25",
    cost_in_tax: bool = True,
    status: str = "COMPLETED",
    entries: Sequence[int] = (),
    **totals: Any,
) -> Return:
    """Return a return of the sale's shipment; its lines name the order's by `id`."""
    own, grand = a_totals(lines, mode=mode, digits=digits, **totals)
    cost, rate = Decimal(cost), Decimal(cost_rate)
    over = 100 if mode == "added" else 100 + rate
    cost_tax = (cost * rate / over).quantize(Decimal(1).scaleb(-digits))
    rules = [a_rule(rate, **{mode: cost_tax})] if cost and rate else []
    taxes = {
        name: money(getattr(own, name).value - (cost_tax if applies else 0))
        for name, applies in (
            ("tax_included", mode == "included" and cost_in_tax),
            ("tax_added", mode == "added" and cost_in_tax),
            ("tax_deducted", False),
        )
    }
    values = {name: getattr(own, name) for name in type(own).model_fields} | taxes
    back = grand - cost - (cost_tax if mode == "added" else 0)
    return Return(
        id=id,
        return_status=status,
        created_at=RETURNED,
        grand_total=money(back),
        totals=ReturnTotals(
            **values, return_cost=money(cost), return_cost_tax_rules=tuple(rules)
        ),
        lines=tuple(_line(sale, line, mode, digits, n) for n, line in enumerate(lines)),
        refund_payment_history=[{"id": one} for one in entries],
        shipment={"id": sale.shipments[0].id, "number": "1001-1"},
        order=sale,
    )


def _line(sale: Sale, line: Line, mode: str, digits: int, position: int) -> ReturnLine:
    value = Decimal(line.price) * line.quantity
    rate = Decimal(line.rate)
    over = 100 if mode == "added" else 100 + rate
    tax = (value * rate / over).quantize(Decimal(1).scaleb(-digits))
    net, gross = (value, value + tax) if mode == "added" else (value - tax, value)
    return ReturnLine.model_validate(
        {
            "id": 800 + position,
            "quantity": line.quantity,
            "gross": money(gross),
            "net": money(net),
            "order_line": {"id": line.id or 11},
            "shipment_line": {"id": 500 + (line.id or 11)},
            "applied_tax_rules": [a_rule(rate, **{mode: tax})] if rate else [],
        }
    )
