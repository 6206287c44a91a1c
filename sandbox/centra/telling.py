"""What the control API tells of a shop, in figures."""

from collections import Counter
from typing import Any

from sandbox.centra.sales import Order
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of

__all__ = ["sales_state"]


def sales_state(instance: CentraInstance, *, full: bool = False) -> dict[str, Any]:
    """Return what the control API shows of the instance."""
    by_status = Counter(order.status for order in instance.orders.values())
    counts: dict[str, Any] = {
        "orders": len(instance.orders),
        "orders_by_status": dict(sorted(by_status.items())),
        "customers": len(instance.customers),
        "accounts": len(instance.accounts),
        "products": len(instance.catalogue.products),
        "shipments": len(instance.shipments),
        "returns": len(instance.returns),
        "returns_by_status": dict(
            sorted(Counter(r.return_status for r in instance.returns.values()).items())
        ),
        "payments_by_type": dict(
            sorted(Counter(p.entry_type for p in instance.payments.values()).items())
        ),
        "payments_requested": len(instance.requests),
        "id_conversions": sum(
            len(instance.conversions.of(name))
            for name in {token.integration for token in instance.tokens.values()}
        ),
        "events_waiting": instance.events.count(),
    }
    if instance.load_notes:
        counts["loaded"] = instance.load_notes
    if full:
        counts["documents"] = [_short(order) for order in instance.orders.values()]
    return counts


def _short(order: Order) -> dict[str, Any]:
    currency = order.frame.currency
    total = totals_of(order).grand_total
    return {
        "number": order.number,
        "type": order.typename,
        "status": order.status,
        "currency": currency.code,
        "grand_total": f"{total / currency.denominator:.{currency.decimal_digits}f}",
        "country": order.country.code,
        "store": order.store.name,
        "on_hold": order.is_on_hold,
        "waiting_for_payment": order.is_waiting_for_payment,
        "internal": order.is_internal,
        "lines": len(order.lines),
        "shipments": [
            {"id": s.id, "number": s.number, "shipped": s.is_shipped, "paid": s.is_paid}
            for s in order.shipments
        ],
        "returns": [{"id": r.id, "status": r.return_status} for r in order.returns],
    }
