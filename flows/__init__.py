"""One flow a direction: what it reads, what becomes of it, how it is sent."""

from flows.credit_notes import CREDIT_NOTES
from flows.credit_status import CREDIT_STATUS
from flows.customers import CUSTOMERS
from flows.fulfilment import FULFILMENT
from flows.invoices import INVOICES
from flows.orders import ORDERS
from flows.payments import PAYMENTS
from flows.payouts import PAYOUTS
from flows.products import PRODUCTS
from flows.refunds import REFUNDS
from flows.stock import STOCK
from flows.stock_adjustments import STOCK_ADJUSTMENTS
from tasks.direction import Direction

__all__ = ["DIRECTIONS"]

DIRECTIONS: dict[str, Direction] = {
    one.name: one
    for one in (
        CUSTOMERS,
        ORDERS,
        FULFILMENT,
        REFUNDS,
        PAYMENTS,
        PAYOUTS,
        INVOICES,
        CREDIT_NOTES,
        CREDIT_STATUS,
        PRODUCTS,
        STOCK,
        STOCK_ADJUSTMENTS,
    )
}
"""Every direction by its name, in the order in which they build on each other."""
