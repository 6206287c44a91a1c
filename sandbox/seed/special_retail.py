"""The special orders of consumers."""

from datetime import UTC, datetime, timedelta

from sandbox.centra.places import Attribute
from sandbox.centra.placing import add_discount, add_line
from sandbox.centra.sales import Order
from sandbox.centra.totals import totals_of
from sandbox.seed.retail import Retail

__all__ = ["Consumers"]


class Consumers:
    """Places one order of each kind; the name of a method says what is special."""

    def __init__(self, retail: Retail) -> None:
        self._shop = retail

    def _done(self, order: Order, gift_card: int = 0) -> Order:
        return self._shop.place(self._shop.pay(order, gift_card=gift_card))

    def _simple(self, at: datetime, country: str = "SE") -> Order:
        order = self._shop.empty(country, at)
        self._shop.put(order, "NH1104NAVM")
        self._shop.charge_shipping(order)
        return order

    def mixed_basket(self, at: datetime) -> Order:
        """Three VAT rates, and with them shipping and handling under three rules."""
        order = self._shop.empty("SE", at)
        self._shop.put(order, "NH1203ECRS", 2)
        self._shop.put(order, "NH1901ECROS")
        self._shop.put(order, "NH1902BLKOS", 3)
        order.shipping, order.handling = 4900, 2900
        return self._done(order)

    def bundle(self, at: datetime) -> Order:
        """Two bundles, with their contents as lines of their own."""
        order = self._shop.empty("SE", at)
        self._shop.put_bundle(order, 2)
        self._shop.put(order, "NH1504GRY3640")
        return self._done(order)

    def percentage_voucher(self, at: datetime) -> Order:
        """Fifteen percent off what a campaign has lowered already."""
        order = self._shop.empty("DK", at)
        self._shop.put(order, "NH1102NAVM", off=20)
        self._shop.put(order, "NH1501REDOS")
        self._shop.give_voucher(order, 15)
        return self._done(order)

    def store_credit(self, at: datetime) -> Order:
        """Paid in part with store credit, which lowers the grand total."""
        order = self._simple(at)
        add_discount(order, "AppliedVoucherCredit", 25_000)
        return self._done(order)

    def gift_card(self, at: datetime) -> Order:
        """Paid in part with a gift card, which lowers nothing."""
        order = self._simple(at, "NO")
        return self._done(order, gift_card=50_000)

    def tax_deducted(self, at: datetime) -> Order:
        """Prices include Swedish VAT, which is taken off for export."""
        order = self._shop.empty("US", at)
        self._shop.put(order, "NH1101GRYL")
        self._shop.put(order, "NH1503REDOS", 2)
        order.shipping = 1500
        return self._done(order)

    def no_tax(self, at: datetime) -> Order:
        """Export in a currency without cents, no tax rule at all."""
        order = self._shop.empty("JP", at)
        self._shop.put(order, "NH1505NAVOS", off=15)
        order.shipping = 1800
        return self._done(order)

    def part_cancelled(self, at: datetime) -> Order:
        """One of three shirts is cancelled."""
        order = self._shop.empty("SE", at)
        self._shop.put(order, "NH1203NAVL", 3)
        self._shop.put(order, "NH1301NAV32")
        self._shop.cancel_part(order)
        return self._done(order)

    def cancelled(self, at: datetime) -> Order:
        """Cancelled as a whole: the lines look as if nothing had happened."""
        order = self._simple(at)
        self._shop.pay(order)
        order.status = "CANCELLED"
        return self._shop.place(order)

    def every_line_cancelled(self, at: datetime) -> Order:
        """Cancelled line by line: no quantities are left."""
        order = self._simple(at)
        for line in order.lines:
            line.cancelled_quantity, line.quantity = line.quantity, 0
        order.shipping, order.status = 0, "CANCELLED"
        return self._shop.place(order)

    def on_hold(self, at: datetime) -> Order:
        """Somebody looks into it."""
        order = self._simple(at)
        order.is_on_hold = True
        return self._done(order)

    def waiting_for_payment(self, at: datetime) -> Order:
        """Confirmed, and the bank has not answered."""
        order = self._simple(at, "DE")
        order.is_waiting_for_payment = True
        total = totals_of(order).grand_total
        self._shop.instance.add_payment(
            order, "AUTH_PENDING", total, at=at, status="PENDING"
        )
        return self._shop.place(order)

    def pending(self, at: datetime) -> Order:
        """Authorised, and nobody has confirmed it."""
        order = self._simple(at, "NO")
        order.status = "PENDING"
        return self._done(order)

    def internal(self, at: datetime) -> Order:
        """For the photo studio."""
        order = self._simple(at)
        order.is_internal = True
        order.internal_comment = "Fotostudion, ska inte faktureras"
        return self._done(order)

    def zero_value(self, at: datetime) -> Order:
        """A sample: everything is there, but it costs nothing."""
        order = self._shop.empty("SE", at)
        self._shop.put(order, "NH1504GRY3640", off=100)
        return self._shop.place(order)

    def registered_of_a_pair(self, at: datetime) -> Order:
        """A member who also buys as a guest."""
        return self._of_a_pair(at, registered=True)

    def guest_of_a_pair(self, at: datetime) -> Order:
        """The same e-mail, another customer."""
        return self._of_a_pair(at, registered=False)

    def _of_a_pair(self, at: datetime, *, registered: bool) -> Order:
        customer = self._shop.customer(
            "SE",
            at,
            registered=registered,
            email="linnea.sjostrom@example.com",
            first_name="Linnéa" if registered else "Linnea",
            last_name="Sjöström",
        )
        order = self._shop.empty("SE", at, customer=customer)
        self._shop.put(order, "NH1401ECRM")
        return self._done(order)

    def gift_certificate(self, at: datetime) -> Order:
        """Sold alone, without VAT, and complete at once."""
        order = self._shop.empty("SE", at)
        size = self._shop.instance.size_of("NH1501BLKOS")
        line = add_line(
            self._shop.instance, order, size, 1, 50_000, None, kind="GiftCertificate"
        )
        line.product_number, line.product_name = "GIFT", "Presentkort 500 kr"
        line.product_variant_name, line.size, line.product_size = "", "", None
        return self._shop.place(self._shop.pay(order, shipped=True))

    def free_shipping(self, at: datetime) -> Order:
        """Shipping is charged and taken off again."""
        order = self._simple(at, "FI")
        self._shop.give_free_shipping(order)
        return self._done(order)

    def goodwill(self, at: datetime) -> Order:
        """Customer service took ten euros off."""
        order = self._simple(at, "NL")
        add_discount(order, "AdminDiscount", 1000)
        return self._done(order)

    def binary_dust(self, at: datetime) -> Order:
        """Its floats are sums like 0.1 + 0.2."""
        order = self._shop.empty("DE", at, has_dust=True)
        self._shop.put(order, "NH1104BLKS", 3)
        self._shop.put(order, "NH1501GRYOS")
        order.shipping = 495
        return self._done(order)

    def long_address(self, at: datetime) -> Order:
        """Every line is longer than an ERP likes."""
        order = self._simple(at, "DE")
        address = order.shipping_address
        address.first_name = "Maximiliane Friederike Wilhelmine Charlotte Auguste"
        address.last_name = "Freifrau von und zu Weißenstein-Großmannsdörfer-Löwenberg"
        address.company_name = (
            "Donaudampfschifffahrtsgesellschaftskapitänswitwenverein Süd e. V."
        )
        address.address1 = "Am Alten Güterbahnhof Ost, Gebäude 17 B, Treppenhaus links, 4. Obergeschoss"
        address.address2 = (
            "Bitte beim Hausmeister Herrn Müller im Hinterhof klingeln – zweimal!"
        )
        return self._done(order)

    def company_with_attention(self, at: datetime) -> Order:
        """Sent to a company, for the attention of somebody."""
        order = self._simple(at)
        address = order.shipping_address
        address.company_name, address.attention = (
            "Ålands Ull & Garn HB",
            "Receptionen, Åsa",
        )
        return self._done(order)

    def emoji(self, at: datetime) -> Order:
        """Names, comment and greeting with signs beyond the basic plane."""
        customer = self._shop.customer(
            "NO", at, registered=True, first_name="Søs 🌊", last_name="Ærøe 🧶✨"
        )
        order = self._shop.empty("NO", at, customer=customer)
        order.other_comment = "Takk! 😊 Legg pakken ved døra 🚪"
        order.attributes.append(
            Attribute("gift_message", "text", "Gratulerer 🎂 – hilsen Bjørg", "Order")
        )
        self._shop.put(order, "NH1502GRNOS")
        self._shop.charge_shipping(order)
        return self._done(order)

    def no_postal_code(self, at: datetime) -> Order:
        """A place without a postal code."""
        order = self._simple(at, "GB")
        order.shipping_address.zip_code = None
        return self._done(order)

    def failed_payments(self, at: datetime) -> Order:
        """Refused once, then reserved, and a capture that waits for the bank."""
        order = self._simple(at, "FR")
        instance, total = self._shop.instance, totals_of(order).grand_total
        instance.add_payment(
            order, "AUTH", total, at=at, status="FAILED", reference="ADYEN-REFUSED-1"
        )
        self._shop.pay(order)
        instance.add_payment(
            order,
            "CAPTURE_REQUEST",
            total,
            at=at + timedelta(minutes=2),
            status="PENDING",
            reference="ADYEN-CAPTURE-1",
        )
        return self._shop.place(order)

    # -- times ------------------------------------------------------------------------

    def _start_of_month(self, at: datetime) -> datetime:
        """Return the first moment of a month, in the shop's zone."""
        local = at.astimezone(self._shop.instance.zone)
        return local.replace(day=1, hour=0, minute=0, second=0, microsecond=0)

    def end_of_month(self, at: datetime) -> Order:
        """Placed in the last second of the month before."""
        edge = self._start_of_month(at) - timedelta(seconds=1)
        return self._done(self._simple(edge.astimezone(UTC)))

    def first_of_month(self, at: datetime) -> Order:
        """Placed in the first second of this month."""
        return self._done(self._simple(self._start_of_month(at).astimezone(UTC)))

    def _clocks_change(self, at: datetime) -> datetime:
        """Return 01:00 UTC of the last Sunday of the October before, when 3 becomes 2."""
        year = at.year
        while True:
            last = datetime(year, 10, 31, 1, tzinfo=UTC)
            change = last - timedelta(days=(last.weekday() + 1) % 7)
            if change < at:
                return change
            year -= 1

    def before_the_clocks_change(self, at: datetime) -> Order:
        """02:30 on the wall, in summer time."""
        change = self._clocks_change(at)
        return self._done(self._simple(change - timedelta(minutes=30)))

    def after_the_clocks_change(self, at: datetime) -> Order:
        """The same 02:30 on the wall as the one before, an hour later."""
        change = self._clocks_change(at)
        return self._done(self._simple(change + timedelta(minutes=30)))
