"""One order of every kind that a connector gets wrong, none of them broken."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from sandbox.centra.sales import Order
from sandbox.seed.retail import Retail
from sandbox.seed.special_retail import Consumers
from sandbox.seed.wholesale import Wholesale

__all__ = ["Special", "specials"]

Special = Callable[[datetime], Order]


def specials(retail: Retail, wholesale: Wholesale) -> Iterator[Special]:
    """Yield the placers of all special orders, the most telling first."""
    consumers, companies = Consumers(retail), _Companies(wholesale)
    yield consumers.mixed_basket
    yield companies.domestic
    yield companies.reverse_charge
    yield consumers.bundle
    yield consumers.percentage_voucher
    yield consumers.store_credit
    yield consumers.gift_card
    yield consumers.tax_deducted
    yield consumers.no_tax
    yield consumers.part_cancelled
    yield consumers.cancelled
    yield consumers.on_hold
    yield consumers.zero_value
    yield consumers.registered_of_a_pair
    yield consumers.guest_of_a_pair
    yield companies.export
    yield consumers.gift_certificate
    yield consumers.free_shipping
    yield consumers.waiting_for_payment
    yield consumers.pending
    yield consumers.internal
    yield companies.known_by_email
    yield companies.new_account
    yield companies.one_of_two
    yield consumers.binary_dust
    yield consumers.long_address
    yield consumers.company_with_attention
    yield consumers.emoji
    yield consumers.no_postal_code
    yield consumers.goodwill
    yield consumers.failed_payments
    yield consumers.end_of_month
    yield consumers.first_of_month
    yield consumers.before_the_clocks_change
    yield consumers.after_the_clocks_change
    yield consumers.every_line_cancelled
    yield companies.preorder
    yield companies.without_postal_code
    yield companies.locked
    yield companies.yen
    yield companies.by_vat_number_only


class _Companies:
    def __init__(self, wholesale: Wholesale) -> None:
        self._shop = wholesale

    def domestic(self, at: datetime) -> Order:
        """At home, with VAT on top of the prices."""
        return self._shop.place(self._shop.order("domestic", at, styles=3))

    def reverse_charge(self, at: datetime) -> Order:
        """To a company in the EU with a VAT number."""
        return self._shop.place(self._shop.order("germany", at))

    def export(self, at: datetime) -> Order:
        """Out of the EU, without tax."""
        return self._shop.place(self._shop.order("norway", at))

    def known_by_email(self, at: datetime) -> Order:
        """Of a company that finance knows by its e-mail only."""
        return self._shop.place(self._shop.order("denmark", at))

    def new_account(self, at: datetime) -> Order:
        """Of a company that finance does not know."""
        return self._shop.place(self._shop.order("new", at))

    def one_of_two(self, at: datetime) -> Order:
        """Of a company whose e-mail finance has twice."""
        return self._shop.place(self._shop.order("britain", at))

    def yen(self, at: datetime) -> Order:
        """In a currency without cents, of a company without any number."""
        return self._shop.place(self._shop.order("japan", at))

    def by_vat_number_only(self, at: datetime) -> Order:
        """Of a company in the EU that is new to finance."""
        return self._shop.place(self._shop.order("finland", at))

    def preorder(self, at: datetime) -> Order:
        """For the next season."""
        order = self._shop.order("domestic", at)
        order.delivery_windows = [self._shop.instance.delivery_windows[2]]
        order.estimated_delivery_date = at + timedelta(days=120)
        return self._shop.place(order)

    def without_postal_code(self, at: datetime) -> Order:
        """To a country that has no postal codes."""
        return self._shop.place(self._shop.order("emirates", at))

    def locked(self, at: datetime) -> Order:
        """Locked by somebody in the admin interface."""
        order = self._shop.order("new", at)
        order.is_locked = True
        return self._shop.place(order)
