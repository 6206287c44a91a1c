"""Companies that buy wholesale: at home with VAT, in the EU by reverse charge, and abroad."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final

from sandbox.centra.goods import Product
from sandbox.centra.people import Account, Buyer
from sandbox.centra.places import Address, Pricelist, TaxRule
from sandbox.centra.placing import add_line, new_order
from sandbox.centra.sales import Order, OrderLine, TaxMode
from sandbox.centra.selling import price_of, why_not_for_sale
from sandbox.centra.store import CentraInstance
from sandbox.centra.totals import totals_of
from sandbox.seed.catalogue import UNKNOWN_IN_VISMA
from sandbox.seed.names import e_mail, person
from sandbox.seed.shops import WHOLESALE_STORE, dtc_rule, wholesale_pricelist

__all__ = [
    "COMPANIES",
    "Wholesale",
    "WholesaleCompany",
    "empty_wholesale",
    "put_wholesale",
]


@dataclass(frozen=True)
class WholesaleCompany:
    """A company as both systems could know it."""

    name: str
    country: str
    currency: str
    registration: str | None
    vat_number: str | None
    email: str
    city: str
    zip_code: str | None
    terms: int


COMPANIES: Final = {
    "domestic": WholesaleCompany(
        "Fjällräv & Lind Sport AB", "SE", "SEK", "5590123456", "SE559012345601",
        "inkop@fjallrav-lind.example", "Östersund", "831 30", 3,
    ),
    "new": WholesaleCompany(
        "Österlens Konfektion AB", "SE", "SEK", "5561998877", "SE556199887701",
        "order@osterlens.example", "Simrishamn", "272 31", 3,
    ),
    "norway": WholesaleCompany(
        "Nordlys Friluft AS", "NO", "NOK", "923456781", "NO923456781MVA",
        "innkjop@nordlys-friluft.example", "Tromsø", "9008", 2,
    ),
    "germany": WholesaleCompany(
        "Kaufhaus Weiß & Söhne GmbH", "DE", "EUR", "HRB 86786", "DE811234567",
        "einkauf@kaufhaus-weiss.example", "München", "80331", 4,
    ),
    "denmark": WholesaleCompany(
        "Børnemagasinet Ærø ApS", "DK", "DKK", None, "DK12345674",
        "indkob@bornemagasinet.example", "Ærøskøbing", "5970", 3,
    ),
    "finland": WholesaleCompany(
        "Järvinen Ulkoilu Oy", "FI", "EUR", "2345678-9", "FI23456789",
        "osto@jarvinen-ulkoilu.example", "Oulu", "90100", 3,
    ),
    "britain": WholesaleCompany(
        "Harbour & Sons Ltd", "GB", "GBP", "08123456", "GB123456789",
        "orders@harbour-sons.example", "Edinburgh", "EH1 1YZ", 3,
    ),
    "japan": WholesaleCompany(
        "Tokyo Nordic K.K. 東京ノルディック", "JP", "JPY", None, None,
        "buyer@tokyo-nordic.example", "Tokyo", "150-0001", 1,
    ),
    "emirates": WholesaleCompany(
        "Desert Wool Trading LLC", "AE", "USD", None, None,
        "orders@desert-wool.example", "Dubai", None, 1,
    ),
    "blocked": WholesaleCompany(
        "Sena Betalare Butik AB", "SE", "SEK", "5567001122", "SE556700112201",
        "ekonomi@senabetalare.example", "Borås", "503 32", 3,
    ),
}  # fmt: skip


class Wholesale:
    """The showroom of one instance, with its accounts."""

    def __init__(self, instance: CentraInstance, rng: Random, since: datetime) -> None:
        self.instance = instance
        self.rng = rng
        self.accounts = {
            key: self._account(company, since) for key, company in COMPANIES.items()
        }

    def _account(self, company: WholesaleCompany, since: datetime) -> Account:
        instance = self.instance
        first, last = person(self.rng, company.country)
        address = Address(
            country=instance.countries[company.country],
            company_name=company.name,
            attention=f"{first} {last}",
            address1=f"Industrivägen {self.rng.randint(1, 60)}",
            zip_code=company.zip_code,
            city=company.city,
            email=company.email,
            phone_number=f"+46{self.rng.randint(200_000_000, 799_999_999)}",
            vat_number=company.vat_number,
        )
        market = next(
            m for m in instance.markets.values() if m.store.id == WHOLESALE_STORE
        )
        account = Account(
            id=instance.next_id("account"),
            name=company.name,
            market=market,
            pricelist=wholesale_pricelist(instance, company.currency),
            created_at=since,
            updated_at=since,
            payment_terms=instance.payment_terms[company.terms],
            billing_address=address,
            shipping_address=address,
            company_registration_number=company.registration,
            credit_limit=100_000,
        )
        instance.add_account(account)
        number = instance.next_id("buyer")
        buyer = Buyer(
            id=number,
            account=account,
            first_name=first,
            last_name=last,
            email=e_mail(first, last, number),
            billing_address=address,
        )
        account.buyers.append(buyer)
        instance.buyers[number] = buyer
        return account

    def order(self, key: str, at: datetime, *, styles: int = 2) -> Order:
        """Return an order of an account: some styles in three sizes each, without VAT."""
        order = empty_wholesale(self.instance, self.accounts[key], at)
        order.purchase_order_number = f"PO-{self.rng.randint(10_000, 99_999)}"
        order.preferred_shipping_date = at + timedelta(days=7)
        for product in self.rng.sample(self._styles(order.pricelist), styles):
            variant = self.rng.choice(product.variants)
            for size in variant.product_sizes[:3]:
                quantity = self.rng.choice((2, 3, 4, 6))
                put_wholesale(self.instance, order, size.sku, quantity)
        order.shipping = totals_of(order).line_values // 47
        return order

    def _styles(self, pricelist: Pricelist) -> list[Product]:
        """Return the styles of which everything is for sale."""
        return [
            product
            for product in self.instance.catalogue.products.values()
            if product.kind == "standard"
            and not product.is_bundle
            and product.sizes
            and all(
                size.sku != UNKNOWN_IN_VISMA
                and not why_not_for_sale(self.instance, size, pricelist)
                for size in product.sizes
            )
        ]

    def place(self, order: Order) -> Order:
        """Hand the finished order to the instance."""
        order.totals_cache = None
        return self.instance.add_order(order)


def empty_wholesale(instance: CentraInstance, account: Account, at: datetime) -> Order:
    """Return an order of an account with nothing in it."""
    address = account.billing_address
    if address is None:
        message = f"account {account.id} has no address to order from"
        raise LookupError(message)
    return new_order(
        instance,
        market=account.market,
        pricelist=account.pricelist,
        country=address.country,
        tax_mode=_tax(instance, account)[0],
        at=at,
        address=address,
        account=account,
        buyer=account.buyers[0] if account.buyers else None,
        payment_method=instance.payment_methods["invoice"],
        payment_terms=account.payment_terms,
        shipping_option=instance.shipping_options["freight"],
        delivery_windows=[instance.delivery_windows[1]],
    )


def put_wholesale(
    instance: CentraInstance,
    order: Order,
    sku: str,
    quantity: int = 1,
    *,
    price: int | None = None,
) -> OrderLine:
    """Put goods into an order at the pricelist's price without VAT, or at another.

    Raises:
        LookupError: they are not for sale, and no price was agreed on.
    """
    assert order.account is not None  # noqa: S101  # a wholesale order has one
    size = instance.size_of(sku)
    if price is None:
        price = price_of(instance, size, order.pricelist)
    rule = _tax(instance, order.account)[1]
    line = add_line(instance, order, size, quantity, price, rule)
    line.delivery_window = order.delivery_windows[0]
    return line


def _tax(instance: CentraInstance, account: Account) -> tuple[TaxMode, TaxRule | None]:
    address = account.billing_address
    assert address is not None  # noqa: S101  # checked when the order was made
    if address.country.code == "SE":
        return "added", dtc_rule(instance, "SE", "standard")
    if address.country.is_eu and address.vat_number:
        return "added", instance.tax_rules["EU-reverse"]
    return "none", None
