"""The judge: what must be true at the end, told from the world's own objects.

Nothing here asks the connector what it thinks it did, except which records it put
on its exceptions list, and whether its own books are closed.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from ledger import ConnectionLedger
from sandbox.centra.sales import Order
from sandbox.centra.totals import totals_of
from sandbox.visma.company import Company
from sandbox.visma.records import SalesOrder
from settings.connection import Connection
from settings.posting import Collective
from tests.simulation.shop import Shop
from tests.simulation.stage import DIRECTIONS, Stage

__all__ = ["Verdict", "judge"]

_NO_GOODS = {"SHIPPING", "HANDLING", "GIFTCARD", "ROUNDING", "DISCOUNT", "VOUCHER"}
_PAID = {"AUTH", "CAPTURE", "AUTH_GIFT_CARD", "CAPTURE_GIFT_CARD"}
_AFTER_INVOICE = {"CHANGED_AFTER_INVOICE", "FOUND_BUT_DIFFERENT"}
_SAMPLES = {"Staff SEK", "Samples"}
_TESTERS = "@test.nordhem.example"


@dataclass
class Verdict:
    """What the judge found; all empty is the only good end."""

    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    unrest: list[str] = field(default_factory=list)
    """Books that do not close: undecided intents, late writes, a broken chain."""

    @property
    def is_good(self) -> bool:
        """Whether nothing at all was found."""
        return not (self.lost or self.doubled or self.wrong or self.unrest)


def judge(
    stage: Stage, shop: Shop, connection: Connection, instance: str = "nordhem"
) -> Verdict:
    """Compare the shop with the company, order by order."""
    verdict = Verdict()
    company = stage.world.visma[instance]
    books = stage.books(connection.name)
    parked = _parked(books)
    standing = _standing(company)
    planted = {
        one.order_number for one in stage.world.planted if one.instance == instance
    }
    for order in stage.world.centra[instance].orders.values():
        reference = f"{connection.prefix}{order.number}"
        live = standing.pop(reference, [])
        if len(live) > 1:
            verdict.doubled.append(f"{reference} stands as {_names(live)}")
            continue
        if str(order.number) in planted or str(order.number) in parked:
            _judge_parked(verdict, order, live, parked, planted, shop, company)
            continue
        expected = _expected(order, company)
        if expected == "one" and not live:
            verdict.lost.append(f"{reference} is {_state(order)} and stands nowhere")
        if expected == "none" and live:
            verdict.wrong.append(
                f"{reference} is {_state(order)} and stands as {_names(live)}"
            )
        elif live:
            found = _differences(order, live[0], company, connection, shop)
            verdict.wrong += [
                f"{reference} ({live[0].order_id}): {one}" for one in found
            ]
    verdict.wrong += [f"{name} answers no order" for name in standing]
    verdict.doubled += _doubled_customers(company)
    verdict.unrest += _unrest(books)
    verdict.unrest += stage.crashes
    return verdict


def _expected(order: Order, company: Company) -> str:
    """Whether an order stands over there once, never, or at most once."""
    if order.status == "CANCELLED" or not _has_value(order):
        return "none"
    if _invoice_of(order, company):
        return "none"
    pricelist, mail = (
        order.pricelist.name,
        order.customer.email if order.customer else "",
    )
    if order.is_internal or pricelist in _SAMPLES or mail.endswith(_TESTERS):
        return "none"
    if order.status == "PENDING" or order.is_waiting_for_payment:
        return "none"
    is_paid = order.account is not None or any(
        entry.status == "SUCCESS" and entry.entry_type in _PAID
        for entry in order.payments
    )
    if not is_paid and totals_of(order).grand_total > 0:
        return "none"
    return "at most one" if order.is_on_hold else "one"


def _has_value(order: Order) -> bool:
    totals = totals_of(order)
    if totals.grand_total:
        return True
    return any(line.value for line in order.counted_lines)


def _invoice_of(order: Order, company: Company) -> bool:
    """Whether another connector invoiced it, under its bare number."""
    return any(
        invoice.customer_ref_number == str(order.number)
        for invoice in company.invoices.values()
    )


def _judge_parked(
    verdict: Verdict,
    order: Order,
    live: list[SalesOrder],
    parked: dict[str, str],
    planted: set[str],
    shop: Shop,
    company: Company,
) -> None:
    """A record may only wait for a person when there is a reason in the world."""
    number = str(order.number)
    if number in planted:
        if live:
            verdict.wrong.append(f"{number} was broken on purpose and stands")
        if number not in parked and order.status != "CANCELLED":
            verdict.lost.append(
                f"{number} was broken on purpose and is not on the list"
            )
    elif not _has_cause(order, parked[number], shop, company):
        verdict.lost.append(f"{number} is parked without cause: {parked[number]}")


def _has_cause(order: Order, code: str, shop: Shop, company: Company) -> bool:
    """Whether the world explains why an order waits for a person."""
    if code in _AFTER_INVOICE:
        return order.number in shop.edited and _invoice_of(order, company)
    account = order.account
    if code != "CUSTOMER_BLOCKED" or account is None:
        return False
    return any(
        customer.status == "CreditHold"
        and customer.corporate_id == account.company_registration_number
        for customer in company.customers.values()
    )


def _differences(
    order: Order,
    found: SalesOrder,
    company: Company,
    connection: Connection,
    shop: Shop,
) -> Iterator[str]:
    currency = order.frame.currency
    credit = sum(one.amount for one in order.discounts if one.is_payment)
    total = Decimal(totals_of(order).grand_total + credit) / currency.denominator
    if found.currency != currency.code or found.totals.order_total != total:
        yield f"total {found.totals.order_total} {found.currency}, not {total} {currency.code}"
    wanted = "Hold" if order.is_on_hold else "Open"
    if found.status != wanted:
        yield f"status {found.status}, not {wanted}"
    ours, theirs = _units(order), _booked(found)
    if ours != theirs:
        yield f"goods {dict(theirs - ours)} too many, {dict(ours - theirs)} missing"
    city = shop.moved.get(order.number)
    if city and found.shipping_address.city != city:
        yield f"sent to {found.shipping_address.city}, not {city}"
    if not _is_right_customer(order, found, company, connection):
        yield f"booked on customer {found.customer}"


def _units(order: Order) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in order.lines:
        if line.kind in {"Product", "BundleItem"} and line.product_size:
            units[line.product_size.sku.upper()] += line.quantity
    return +units


def _booked(order: SalesOrder) -> Counter[str]:
    units: Counter[str] = Counter()
    for line in order.lines:
        if line.inventory_id.upper() not in _NO_GOODS:
            units[line.inventory_id.upper()] += int(line.quantity)
    return +units


def _is_right_customer(
    order: Order, found: SalesOrder, company: Company, connection: Connection
) -> bool:
    customer = company.customers[found.customer]
    key = f"acc-{order.account.id}" if order.account else None
    if order.customer:
        rules = connection.store(order.store.name)
        if rules and rules.dtc_customers == "collective":
            return customer.number in {one.number for one in rules.collective}
        key = f"dtc-{order.customer.id}"
    own = customer.attributes.get("CENTRAID")
    if own is not None:
        return own in {f"{connection.prefix}{key}", key}
    return customer.number not in {one.number for one in _collective(connection)}


def _collective(connection: Connection) -> Iterator[Collective]:
    for rules in connection.stores.values():
        yield from rules.collective


def _standing(company: Company) -> dict[str, list[SalesOrder]]:
    standing: dict[str, list[SalesOrder]] = defaultdict(list)
    for order in company.orders:
        if order.customer_order and order.status != "Cancelled":
            standing[order.customer_order].append(order)
    return standing


def _doubled_customers(company: Company) -> list[str]:
    keys = Counter(
        customer.attributes["CENTRAID"]
        for customer in company.customers.values()
        if customer.attributes.get("CENTRAID")
    )
    return [
        f"customer {key} stands {count} times"
        for key, count in keys.items()
        if count > 1
    ]


def _parked(books: ConnectionLedger) -> dict[str, str]:
    with books.read() as unit:
        return {row.source_id: row.code for row in unit.exceptions.list()}


def _unrest(books: ConnectionLedger) -> Iterator[str]:
    with books.begin() as unit:
        open_ends = [
            one
            for direction in ("customers", "orders")
            for one in unit.intents.pending(direction)
        ]
        open_ends += unit.intents.in_doubt()
        sending = [unit.intents.counts(one).get("sending", 0) for one in DIRECTIONS]
        chain = unit.audit.verify()
    for one in open_ends:
        yield f"{one.direction} {one.source_id} {one.operation} is {one.state}"
    if any(sending):
        yield f"{sum(sending)} intents are still being sent"
    if not chain.ok:
        yield f"audit: {chain.message}"


def _names(orders: list[SalesOrder]) -> str:
    return ", ".join(f"{one.order_id} ({one.status})" for one in orders)


def _state(order: Order) -> str:
    marks = [order.status.lower()]
    marks += ["on hold"] * order.is_on_hold
    marks += ["waiting for payment"] * order.is_waiting_for_payment
    return ", ".join(marks)
