"""Loads a file of real order lines into the shop, in the place of generated orders.

The file is a .csv or .csv.gz with InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
UnitPrice, CustomerID, Country, of any size. It is read as a stream. The rules:

- One order per InvoiceNo of digits, with that number, placed at InvoiceDate (Europe/London),
  CONFIRMED and paid (AUTH and CAPTURE). Its first date, customer and country count.
- An InvoiceNo with a leading C is a return: kept in `instance.returns_waiting`, no order. Where the
  world has a life, `file_returns` looks for its sales.
- Any other InvoiceNo (A563185, bad debt) is bookkeeping: an order flagged `isInternal`, numbered
  by its digits when they are free.
- Currency GBP. Prices include VAT: 20 % for Great Britain and the countries that are in the EU
  today, nothing elsewhere. The rule is the seller's own, British one in all of these countries.
- The value of a line is quantity x price, rounded half up to the penny. All values of an order add
  up to its grand total, so the sum over all orders is that of the file.
- POST, DOT, C2, C3, and other codes that are no goods but say postage or carriage: shipping.
- A line of negative value (D, a negative price, a negative quantity in a sale): order discount.
- Everything else is a product line, one for each line of the file, also if a code comes twice.
- Quantity and price both negative: as if both were positive. A negative quantity that costs
  nothing (a stock write-off) is a line cancelled in full. A quantity of zero is skipped.
- So an invoice without value stays an order of value zero, and one with more discount than goods
  has a negative total.
- A code that begins with five digits, or is one of the few goods without, is a stock item of that
  SKU in Visma.net; any other code (M, S, BANK CHARGES, AMAZONFEE, gift vouchers, ...) is a
  non-stock item. Codes are compared in capitals, without blanks around. What was sold lies in the main
  warehouse of both, and a thousand more.
- One market per country. A customer per CustomerID; without one, a guest customer per order.
- Rows that cannot be read are skipped and counted by reason in `instance.load_notes`.
"""

from collections import Counter
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final

from sandbox.centra.goods import Product, ProductSize, ProductVariant
from sandbox.centra.money import whole
from sandbox.centra.people import Customer
from sandbox.centra.places import Address, Country, Market, TaxRule
from sandbox.centra.placing import add_discount, add_line, authorise, capture, new_order
from sandbox.centra.sales import Order, WaitingLine, WaitingReturn
from sandbox.centra.store import CentraInstance
from sandbox.seed.retail_codes import (
    EU,
    country_code,
    is_goods,
    is_sale,
    is_shipping,
)
from sandbox.seed.retail_files import Row, read_rows
from sandbox.seed.shelves import Opening
from sandbox.seed.shops import (
    DTC_STORE,
    add_country,
    add_seller_rule,
    dtc_market,
    dtc_pricelist,
)
from sandbox.visma.company import Company

__all__ = ["load_orders"]

_FIRST_GUEST: Final = 900_000_000
_SPARE: Final = 1000


def load_orders(instance: CentraInstance, company: Company, path: Path) -> None:
    """Load all orders of a file, and make items of all its codes.

    Raises:
        ValueError: the file has not the columns of such a file.
    """
    skipped: Counter[str] = Counter()
    rows = 0
    invoices: dict[str, list[Row]] = {}
    for row in read_rows(path, skipped):
        rows += 1
        invoices.setdefault(row.invoice, []).append(row)
    loader = _Loader(instance, company, skipped)
    loader.load(invoices)
    instance.load_notes = {
        "file": path.name,
        "rows": rows,
        "orders": len(instance.orders),
        "returns_waiting": len(instance.returns_waiting),
        "bookkeeping": loader.bookkeeping,
        "skipped": dict(sorted(skipped.items())),
    }


class _Loader:
    def __init__(
        self, instance: CentraInstance, company: Company, skipped: Counter[str]
    ) -> None:
        self._instance = instance
        self._company = company
        self._skipped = skipped
        self._store = instance.stores[DTC_STORE]
        pricelist = dtc_pricelist(instance, "GBP")
        assert pricelist is not None  # noqa: S101  # the shop sells to Great Britain
        self._pricelist = pricelist
        self._payment = instance.payment_methods["adyen-drop-in"]
        self._rule = add_seller_rule(instance)
        self._sizes: dict[str, ProductSize] = {}
        self._places: dict[str, tuple[Country, Market]] = {}
        self._customers: dict[str, Customer] = {}
        self._prices: dict[Decimal, int | Decimal] = {}
        self._sold: Counter[str] = Counter()
        self._opening = Opening(instance)
        self._warehouse = next(iter(instance.shelves.warehouses.values()))
        self.bookkeeping = 0

    def load(self, invoices: dict[str, list[Row]]) -> None:
        sales = {int(name): rows for name, rows in invoices.items() if is_sale(name)}
        for rows in sales.values():
            for row in rows:
                self._sold[row.code] += abs(row.quantity)
        for number, rows in sorted(sales.items()):
            self._order(number, rows, str(number))
        for name, rows in invoices.items():
            if name.startswith("C") and not is_sale(name):
                self._return(name, rows)
            elif not is_sale(name):
                digits = "".join(filter(str.isdigit, name))[:9]
                number = int(digits) if digits else 0
                if not number or number in self._instance.orders:
                    number = self._instance.next_id("order")
                self._order(number, rows, name).is_internal = True
                self.bookkeeping += 1

    def _order(self, number: int, rows: list[Row], name: str) -> Order:
        instance, first = self._instance, min(rows, key=lambda row: row.at)
        country, market = self._place(next((r.country for r in rows if r.country), ""))
        customer = self._customer(
            next((row.customer for row in rows if row.customer), ""), name, first.at
        )
        address = Address(
            country=country,
            first_name=customer.first_name,
            last_name=customer.last_name,
            email=customer.email,
        )
        customer.billing_address = customer.billing_address or address
        customer.shipping_address = customer.shipping_address or address
        order = new_order(
            instance,
            market=market,
            pricelist=self._pricelist,
            country=country,
            tax_mode="included" if self._rule_of(country) else "none",
            at=first.at,
            address=address,
            number=number,
            customer=customer,
            payment_method=self._payment,
            default_rule=self._rule_of(country),
        )
        self._fill(order, rows)
        authorise(instance, order, at=first.at, reference=f"PSP-{name}")
        capture(instance, order, at=first.at)
        return instance.add_order(order)

    def _fill(self, order: Order, rows: list[Row]) -> None:
        discount = 0
        for row in rows:
            value = whole(row.price * row.quantity * 100)
            if is_shipping(row):
                order.shipping += value
            elif value < 0:
                discount -= value
            elif row.quantity == 0:
                self._skipped["quantity zero"] += 1
            else:
                self._line(order, row)
        if order.shipping < 0:
            discount -= order.shipping
            order.shipping = 0
        if discount:
            add_discount(order, "AdminDiscount", discount)

    def _line(self, order: Order, row: Row) -> None:
        price = self._prices.get(row.price)
        if price is None:
            pence = abs(row.price) * 100
            price = int(pence) if pence == int(pence) else pence
            self._prices[row.price] = price
        line = add_line(
            self._instance,
            order,
            self._size(row),
            abs(row.quantity),
            price,
            order.default_rule,
        )
        if row.quantity < 0 and not price:
            line.quantity, line.cancelled_quantity = 0, line.quantity

    def _return(self, name: str, rows: list[Row]) -> None:
        for row in rows:
            self._size(row)
        customer = next((row.customer for row in rows if row.customer), "")
        self._instance.returns_waiting.append(
            WaitingReturn(
                reference=name,
                customer_id=int(customer) if customer.isdigit() else None,
                country=self._place(rows[0].country)[0].code,
                returned_at=rows[0].at,
                lines=tuple(
                    WaitingLine(row.code, row.description, -row.quantity, row.price)
                    for row in rows
                ),
            )
        )

    def _size(self, row: Row) -> ProductSize:
        size = self._sizes.get(row.code)
        if size is None:
            size = self._sizes[row.code] = self._new_size(row)
        elif row.description and size.variant.product.name == row.code:
            size.variant.product.name = row.description
            self._add_item(row)
        return size

    def _new_size(self, row: Row) -> ProductSize:
        instance = self._instance
        product = Product(
            id=instance.next_id("product"),
            product_number=row.code,
            name=row.description or row.code,
            created_at=row.at,
            updated_at=row.at,
        )
        variant = ProductVariant(
            instance.next_id("variant"), product, "", "", product.updated_at
        )
        size = ProductSize(instance.next_id("size"), variant, None, "")
        variant.product_sizes.append(size)
        instance.catalogue.add_product(product)
        instance.catalogue.add_variant(variant)
        self._opening.put(self._warehouse, {size: self._on_hand(row)})
        self._add_item(row)
        return size

    def _add_item(self, row: Row) -> None:
        if not is_shipping(row):
            is_stock = is_goods(row.code)
            self._company.add_item(
                row.code,
                row.description or row.code,
                stock=is_stock,
                on_hand=Decimal(self._on_hand(row)),
            )

    def _on_hand(self, row: Row) -> int:
        return _SPARE + self._sold[row.code]

    def _place(self, name: str) -> tuple[Country, Market]:
        place = self._places.get(name)
        if place is None:
            place = self._places[name] = self._new_place(name)
        return place

    def _new_place(self, name: str) -> tuple[Country, Market]:
        instance, code = self._instance, country_code(name)
        country = add_country(
            instance, code, name or "Unspecified", "", is_eu=code in EU or code == "EU"
        )
        if country.is_eu and country not in self._rule.countries:
            self._rule.countries.append(country)
        try:
            market = dtc_market(instance, code)
        except LookupError:
            number = len(instance.markets) + 1
            market = Market(number, country.name, self._store, [country])
            instance.markets[number] = market
        return country, market

    def _rule_of(self, country: Country) -> TaxRule | None:
        return self._rule if country.is_eu or country.code == "GB" else None

    def _customer(self, key: str, invoice: str, at: datetime) -> Customer:
        customer = self._customers.get(key) if key else None
        if customer is None:
            if key:
                number = int(key) if key.isdigit() else self._guest_id()
                name, mail = ("Customer", key), f"customer.{key}@example.com"
            else:
                number = self._guest_id()
                name, mail = ("Guest", invoice), f"guest.{invoice.lower()}@example.com"
            customer = Customer(
                id=number,
                email=mail,
                first_name=name[0],
                last_name=name[1],
                created_at=at,
                updated_at=at,
                is_registered=bool(key),
            )
            self._instance.add_customer(customer)
            if key:
                self._customers[key] = customer
        return customer

    def _guest_id(self) -> int:
        self._instance.reserve_id("customer", _FIRST_GUEST)
        return self._instance.next_id("customer")
