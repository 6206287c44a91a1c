"""One Centra instance: everything it knows, and how a change is noted."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sandbox.centra.allocating import allocate
from sandbox.centra.catalogue import Catalogue
from sandbox.centra.conversions import Conversions
from sandbox.centra.events import EventQueues
from sandbox.centra.goods import ProductSize
from sandbox.centra.money import Currency
from sandbox.centra.people import Account, Buyer, Customer
from sandbox.centra.places import (
    AttributeType,
    Country,
    Market,
    Pricelist,
    ShippingOption,
    Store,
    StorePlugin,
    TaxRule,
    Terms,
)
from sandbox.centra.prices import Prices
from sandbox.centra.quotas import RateLimits
from sandbox.centra.returns import Return
from sandbox.centra.sales import (
    DeliveryWindow,
    Order,
    OrderLine,
    PaymentEntry,
    WaitingReturn,
)
from sandbox.centra.shipments import Shipment
from sandbox.centra.stock import Shelves
from sandbox.centra.tokens import Token
from sandbox.clock import Clock

__all__ = ["BundlePricing", "CentraInstance"]

BundlePricing = Literal["both", "bundle_only"]
"""Whether the contents of a bundle carry their share of its price as well: not documented."""


class CentraInstance:
    """One environment of one client, with its own numbers, tokens and limits."""

    def __init__(
        self,
        name: str,
        clock: Clock,
        *,
        zone: str = "Europe/Stockholm",
        discount_sign: Literal[1, -1] = 1,
        bundle_pricing: BundlePricing = "both",
        retry_after_form: Literal["epoch", "http_date"] = "epoch",
        first_number: int = 10_001,
    ) -> None:
        self.name = name
        self.clock = clock
        self.zone = ZoneInfo(zone)
        self.discount_sign = discount_sign
        self.bundle_pricing = bundle_pricing
        self.retry_after_form = retry_after_form
        self.app_version = "v1.60.0"
        self.revision = 0
        """Raised by every change; what is worked out from the data is kept until then."""
        self.events = EventQueues()
        self.conversions = Conversions()
        self.limits = RateLimits()
        self.shelves = Shelves()
        self.tokens: dict[str, Token] = {}
        self.currencies: dict[str, Currency] = {}
        self.countries: dict[str, Country] = {}
        self.stores: dict[int, Store] = {}
        self.markets: dict[int, Market] = {}
        self.pricelists: dict[int, Pricelist] = {}
        self.tax_rules: dict[str, TaxRule] = {}
        self.payment_methods: dict[str, StorePlugin] = {}
        self.shipping_options: dict[str, ShippingOption] = {}
        self.payment_terms: dict[int, Terms] = {}
        self.attribute_types: dict[tuple[str, str], AttributeType] = {}
        """By type of object and name."""
        self.delivery_windows: dict[int, DeliveryWindow] = {}
        self.catalogue = Catalogue()
        self.prices = Prices()
        self.customers: dict[int, Customer] = {}
        self.accounts: dict[int, Account] = {}
        self.buyers: dict[int, Buyer] = {}
        self.orders: dict[int, Order] = {}
        self.payments: dict[int, PaymentEntry] = {}
        self.shipments: dict[int, Shipment] = {}
        self.returns: dict[int, Return] = {}
        self.requests: list[PaymentEntry] = []
        """Captures and refunds that the payment provider has not answered."""
        self.settle_after = timedelta(minutes=15)
        """How long an asynchronous payment method takes."""
        self.returns_waiting: list[WaitingReturn] = []
        """Returns of a loaded file that wait for a direction that takes them."""
        self.load_notes: dict[str, Any] = {}
        """What a loader did, in figures."""
        self.steps_lived = 0
        """How many steps of life were played, so that the next ones differ."""
        self._by_hash: dict[str, Order] = {}
        self._hidden: dict[int, datetime] = {}
        self._last: Counter[str] = Counter({"order": first_number - 1})
        self._found: dict[str, tuple[int, list[Order]]] = {}
        self.add_token(Token(f"centra-{name}-token"))

    def add_token(self, token: Token) -> None:
        """Make a token valid, or change it."""
        self.tokens[token.value] = token

    def next_id(self, kind: str) -> int:
        """Return the next free number of a kind of object."""
        self._last[kind] += 1
        return self._last[kind]

    def reserve_id(self, kind: str, number: int) -> None:
        """See to it that later numbers of a kind are higher than this one."""
        self._last[kind] = max(self._last[kind], number)

    def order_id(self, number: int) -> str:
        """Return the hash that identifies an order, the same in every run."""
        return hashlib.sha256(f"{self.name}/{number}".encode()).hexdigest()[:32]

    # -- adding -----------------------------------------------------------------------

    def add_order(self, order: Order) -> Order:
        """Take in an order: it allocates, and a created event is noted for whoever listens."""
        allocate(self, order)
        self.orders[order.number] = order
        self._by_hash[order.id] = order
        for entry in order.payments:
            self.payments[entry.id] = entry
        if order.account is not None:
            order.account.orders.append(order)
        self.note_order(order, "CREATED", order.created_at)
        for entry in order.payments:
            self._note_payment(entry)
        return order

    def hide(self, numbers: Iterable[int], until: datetime) -> None:
        """Keep orders out of all lists for a while, as if an index lagged behind."""
        self._hidden.update(dict.fromkeys(numbers, until))
        self.revision += 1

    def add_payment(
        self,
        order: Order,
        entry_type: str,
        amount: int,
        *,
        at: datetime,
        status: str = "SUCCESS",
        reference: str | None = None,
        method: str | None = None,
        **more: Any,  # noqa: ANN401
    ) -> PaymentEntry:
        """Write a line into the payment history of an order."""
        entry = PaymentEntry(
            id=self.next_id("payment"),
            order=order,
            created_at=at,
            entry_type=entry_type,
            status=status,
            amount=amount,
            payment_method=method
            or (order.payment_method.name if order.payment_method else None),
            external_reference=reference,
            **more,
        )
        order.payments.append(entry)
        self.payments[entry.id] = entry
        if entry.waits:
            self.requests.append(entry)
        if order.number in self.orders:
            self._note_payment(entry)
        return entry

    def _note_payment(self, entry: PaymentEntry) -> None:
        self.note_of(
            "PaymentHistoryEntry", "CREATED", entry.id, entry.order, entry.created_at
        )

    def add_customer(self, customer: Customer) -> Customer:
        """Take in a customer; the e-mail may exist already."""
        self.customers[customer.id] = customer
        self.reserve_id("customer", customer.id)
        self._changed("Customer", "CREATED", customer.id, customer.created_at, None)
        return customer

    def add_account(self, account: Account) -> Account:
        """Take in a wholesale account."""
        self.accounts[account.id] = account
        self.reserve_id("account", account.id)
        self._changed(
            "Account", "CREATED", account.id, account.created_at, account.market
        )
        return account

    # -- changing ---------------------------------------------------------------------

    def order_changed(
        self, order: Order, change: str = "UPDATED", *, at: datetime | None = None
    ) -> None:
        """Note that an order is not what it was."""
        order.updated_at = (at or self.clock.now()).replace(microsecond=0)
        order.totals_cache = None
        self.note_order(order, change, order.updated_at)

    def customer_changed(self, customer: Customer) -> None:
        """Note that a customer is not what it was."""
        customer.updated_at = self.clock.now().replace(microsecond=0)
        self._changed("Customer", "UPDATED", customer.id, customer.updated_at, None)

    def account_changed(self, account: Account) -> None:
        """Note that an account is not what it was."""
        account.updated_at = self.clock.now().replace(microsecond=0)
        self._changed(
            "Account", "UPDATED", account.id, account.updated_at, account.market
        )

    def note_order(self, order: Order, change: str, at: datetime) -> None:
        """Queue an event of an order; its reference is the number."""
        self.revision += 1
        self.events.note(
            "Order", change, order.number, at=at, store=order.store, market=order.market
        )

    def shipment_changed(self, shipment: Shipment, at: datetime) -> None:
        """Note that a shipment is not what it was."""
        shipment.updated_at = max(shipment.updated_at, at.replace(microsecond=0))
        self.note_of("Shipment", "UPDATED", shipment.id, shipment.order, at)

    def note_of(
        self, object_type: str, change: str, reference: int, order: Order, at: datetime
    ) -> None:
        """Queue an event of something that hangs on an order."""
        self.revision += 1
        self.events.note(
            object_type,
            change,
            reference,
            at=at,
            store=order.store,
            market=order.market,
        )

    def _changed(
        self,
        object_type: str,
        change: str,
        reference: int,
        at: datetime,
        market: Market | None,
    ) -> None:
        self.revision += 1
        self.events.note(
            object_type,
            change,
            reference,
            at=at,
            store=market.store if market else None,
            market=market,
        )

    # -- finding ----------------------------------------------------------------------

    def find_order(self, key: str | int) -> Order | None:
        """Return an order by its hash or its number."""
        return self.orders.get(key) if isinstance(key, int) else self._by_hash.get(key)

    def size_of(self, sku: str) -> ProductSize:
        """Return the size with an SKU, the first made of several.

        Raises:
            LookupError: there is none.
        """
        found = self.catalogue.by_key("SKU", sku)
        if not found:
            message = f"{self.name} has no size with the SKU {sku!r}"
            raise LookupError(message)
        return found[0]

    def find_line(self, order: Order, line_id: int) -> OrderLine | None:
        """Return a line of an order."""
        return next((line for line in order.lines if line.id == line_id), None)

    def visible_orders(self) -> Iterator[Order]:
        """Yield the orders that lists show by now."""
        if self._hidden:
            now = self.clock.now()
            shown = [number for number, at in self._hidden.items() if at <= now]
            for number in shown:
                del self._hidden[number]
                self.revision += 1
        return (
            order for order in self.orders.values() if order.number not in self._hidden
        )

    def remembered(
        self, question: str, answer: Callable[[Iterable[Order]], list[Order]]
    ) -> list[Order]:
        """Return the orders that answer a question, worked out once until a change."""
        visible = self.visible_orders()
        known = self._found.get(question)
        if known is not None and known[0] == self.revision:
            return known[1]
        orders = answer(visible)
        if len(self._found) > 8:  # noqa: PLR2004  # a page walk asks one question many times
            self._found.clear()
        self._found[question] = (self.revision, orders)
        return orders
