"""One Visma.net company: its identity, its setup, its records, and what the seed adds to it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from uuid import UUID
from zoneinfo import ZoneInfo

from sandbox.clock import Clock
from sandbox.visma.books import Books
from sandbox.visma.company_setup import Setup
from sandbox.visma.goods import Goods
from sandbox.visma.goods_records import Item
from sandbox.visma.ledger_records import Invoice
from sandbox.visma.order_book import OrderBook
from sandbox.visma.posting import pay_by_bank, post_document
from sandbox.visma.rate_table import RateTable
from sandbox.visma.records import Address, Contact, Customer, Stamp
from sandbox.visma.vat import rounded

__all__ = ["CUSTOMER_STATUSES", "Company", "Stamp"]

CUSTOMER_STATUSES = ("Active", "OnHold", "CreditHold", "Inactive", "OneTime")
_FIRST_ORDER = 100


class Company:
    """A company with its books. A company without setup is what a wrong company id shows."""

    def __init__(
        self,
        *,
        name: str,
        instance: str,
        company_id: int,
        tenant_id: str,
        customer_tenant_id: str,
        clock: Clock,
        random: Random,
        setup: Setup,
        zone: str = "Europe/Oslo",
    ) -> None:
        self.name = name
        self.instance = instance
        self.company_id = company_id
        self.tenant_id = tenant_id
        self.customer_tenant_id = customer_tenant_id
        self.clock = clock
        self.setup = setup
        self.zone = ZoneInfo(zone)
        self.vat_by_category = setup.codes_by_category()
        self.customers: dict[str, Customer] = {}
        self.books = Books()
        self.orders = OrderBook()
        self.closed_periods: set[str] = set()
        begin = date(setup.first_year or 1, 1, 1)
        self.rates = RateTable(setup.base_currency, setup.rates, begin)
        self._random = random
        self._version = 1000
        self._internal_id = 4000
        self._customer_number = 10_000
        self._order_numbers: dict[str, int] = {}
        self.goods = Goods(setup, self.stamp, self.next_internal_id)
        self.add_item = self.goods.add_item

    # numbering and stamps

    def stamp(self) -> Stamp:
        """Return the time and a new version for a write, at the precision that the ERP keeps."""
        self._version += 1
        now = self.clock.now()
        return Stamp(
            now.replace(microsecond=now.microsecond // 1000 * 1000), self._version
        )

    def visma_id(self) -> str:
        """Return a new id as the ERP puts into its error messages."""
        return str(UUID(int=self._random.getrandbits(128), version=4))

    @property
    def items(self) -> dict[str, Item]:
        """The items by number, in capitals."""
        return self.goods.items

    @property
    def invoices(self) -> dict[str, Invoice]:
        """The customer invoices by number."""
        return self.books.invoices

    @property
    def credit_notes(self) -> dict[str, Invoice]:
        """The credit notes by number."""
        return self.books.credit_notes

    def next_internal_id(self) -> int:
        """Return the next internal id."""
        self._internal_id += 1
        return self._internal_id

    def next_order_id(self, order_type: str) -> str:
        """Return the next free number of a sales order type."""
        while True:
            number = self._order_numbers.get(order_type, _FIRST_ORDER)
            self._order_numbers[order_type] = number + 1
            if (order_type, f"{number:06d}") not in self.orders:
                return f"{number:06d}"

    def next_customer_number(self) -> str:
        """Return the next free customer number."""
        while True:
            self._customer_number += 1
            if str(self._customer_number) not in self.customers:
                return str(self._customer_number)

    # what the ERP looks up

    def rate_on(self, currency: str, on: date) -> Decimal:
        """Return what the company's table has for a currency on a day.

        Raises:
            ValueError: no rate of it has begun by then.
        """
        return self.rates.factor(currency, on)

    def to_base(self, amount: Decimal, currency: str, at: datetime) -> Decimal:
        """Convert an amount of a document by the rate table."""
        return rounded(amount * self.rate_on(currency, self.local_date(at)), 2)

    def period_of(self, on: date) -> str | None:
        """Return the financial period of a date, `YYYYMM`, or None when there is none."""
        last = self.setup.first_year + self.setup.years
        if not self.setup.first_year <= on.year < last:
            return None
        return f"{on.year}{on.month:02d}"

    def local_date(self, at: datetime) -> date:
        """Return the company's calendar day of a time."""
        return at.astimezone(self.zone).date()

    def midnight(self, on: date) -> datetime:
        """Return when a calendar day of the company begins."""
        return datetime.combine(on, time(), self.zone).astimezone(UTC)

    def find_item(self, number: str) -> Item | None:
        """Return the item with a number, compared as the ERP does: without regard to case."""
        return self.goods.find(number)

    # what an administrator or the control API does

    def close_period(self, period: str, *, closed: bool = True) -> None:
        """Close or reopen a financial period, `YYYYMM`."""
        (self.closed_periods.add if closed else self.closed_periods.discard)(period)

    def set_customer_status(self, number: str, status: str) -> bool:
        """Set a customer's status; False when there is no such customer or status."""
        customer = self.customers.get(number)
        if customer is None or status not in CUSTOMER_STATUSES:
            return False
        customer.status = status
        stamp = self.stamp()
        customer.modified_at, customer.version = stamp.at, stamp.version
        return True

    # what the seed adds

    def add_customer(  # noqa: PLR0913
        self,
        *,
        name: str,
        corporate_id: str | None = None,
        vat_registration_id: str | None = None,
        email: str | None = None,
        status: str = "Active",
        customer_class: str = "B2B",
        currency: str | None = None,
        vat_zone: str | None = None,
        attributes: Mapping[str, str] | None = None,
        number: str | None = None,
        country: str = "SE",
        currency_override: bool | None = None,
        created_at: datetime | None = None,
    ) -> str:
        """Add a customer with the defaults of its class and return its number.

        Raises:
            ValueError: the number is taken.
        """
        number = number or self.next_customer_number()
        if number in self.customers:
            message = f"customer {number} is already in company {self.name}"
            raise ValueError(message)
        group = self.setup.classes[customer_class]
        stamp = self.stamp()
        at = created_at or stamp.at
        override = (
            group.allows_currency_override
            if currency_override is None
            else currency_override
        )
        self.customers[number] = Customer(
            internal_id=self.next_internal_id(),
            number=number,
            name=name,
            status=status,
            customer_class=customer_class,
            currency=currency or self.setup.base_currency,
            terms=group.terms,
            vat_zone=vat_zone or group.vat_zone,
            payment_method=group.payment_method,
            allows_currency_override=override,
            corporate_id=corporate_id,
            vat_registration_id=vat_registration_id,
            main_address=Address(country=country),
            main_contact=Contact(name=name, email=email),
            attributes=dict(attributes or {}),
            created_at=at,
            modified_at=at,
            visible_from=at,
            version=stamp.version,
        )
        return number

    def add_invoice(
        self,
        *,
        customer: str,
        gross: Decimal,
        vat: Decimal,
        currency: str,
        on: date,
        customer_ref_number: str | None = None,
        external_reference: str | None = None,
        status: str = "Open",
        credit_note: bool = False,
        due_on: date | None = None,
    ) -> str:
        """Add an invoice (or credit note) of another connector, without lines."""
        stamp = self.stamp()
        document = Invoice(
            kind="CreditNote" if credit_note else "Invoice",
            number=self.books.next_number("document"),
            status=status,
            customer=customer,
            currency=currency,
            rate=self.rate_on(currency, on),
            on=on,
            due_on=due_on or on + timedelta(days=30),
            period=f"{on.year}{on.month:02d}",
            gross=gross,
            vat=vat,
            taxable=gross - vat,
            balance=gross,
            customer_ref_number=customer_ref_number,
            external_reference=external_reference,
            created_at=stamp.at,
            modified_at=stamp.at,
            visible_from=stamp.at,
            version=stamp.version,
        )
        self.books.of_kind(document.kind)[document.number] = document
        if document.released:
            post_document(self.books.journal, document, {}, stamp.at)
        if status == "Closed":
            pay_by_bank(self.books.journal, document, stamp.at)
        return document.number
