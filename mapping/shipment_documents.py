"""From a shipment of an order to the document that says what was delivered.

A shipment is an order in small: its lines, and its share of shipping, handling and
discounts. What Centra states of it counts; where a store does not show the VAT of
these shares, they are worked out from the order's, and the shipment's own grand
total proves them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from connectors.centra import models as centra
from connectors.centra.sale_models import Sale, Shipment
from connectors.errors import RecordError
from mapping.credits import SaleTotal, sale_total
from mapping.documents import Document, add_up
from mapping.order_documents import live_lines, part_to_document
from mapping.rounding import ZERO, allocate, rounding_for
from mapping.shipment_checks import (
    check_last,
    check_shipping,
    unclear_shipping,
)
from mapping.shipment_lines import DeliveredLines, Mode
from mapping.sold_lines import SoldLines, taxing_of
from mapping.taxes import tax_sum
from settings.connection import Connection

__all__ = ["shipment_to_document"]

Rules = Sequence[centra.TaxRuleValue]

_CREDIT = "AppliedVoucherCredit"


def shipment_to_document(
    sale: Sale, shipment: Shipment, *, connection: Connection
) -> Document:
    """Return what a shipment delivered, with the VAT that Centra applied.

    The documents of all shipments of an order come to the order.

    Raises:
        RecordError: the shipment's figures do not add up, alone or with the others.
    """
    return _Part(sale, shipment, connection).document()


@dataclass(frozen=True, slots=True)
class _Shares:
    """What a shipment has of its order beside its lines."""

    shipping: Decimal
    handling: Decimal
    discount: Decimal
    shipping_rules: Rules
    handling_rules: Rules
    discount_rules: Rules


class _Part:
    """The reading of one shipment."""

    def __init__(self, sale: Sale, shipment: Shipment, connection: Connection) -> None:
        self.sale = sale
        self.shipment = shipment
        self.connection = connection
        self.number = shipment.number
        self.rounding = rounding_for(sale.grand_total.currency.code, connection)
        self.sign = -1 if connection.centra.discount_sign == "negative" else 1
        self.whole: SaleTotal = sale_total(sale, connection, self.rounding)
        self.delivered = DeliveredLines(
            sale, shipment, connection=connection, rounding=self.rounding
        )
        self.mode = self.delivered.mode
        self.is_complete = shipment.totals.tax_included is not None

    def document(self) -> Document:
        """Read the part as an order of its own, once its sum was checked."""
        check_shipping(self.sale, self.shipment, self.rounding)
        check_last(self.sale, self.shipment, self.rounding)
        totals, total = self._totals()
        part = self.sale.model_copy(
            update={
                "lines": self.delivered.lines,
                "totals": totals,
                "grand_total": self.sale.grand_total.model_copy(
                    update={"value": self.shipment.grand_total.value}
                ),
            }
        )
        return part_to_document(
            part,
            total,
            connection=self._with_gone_items(),
            record_id=self.number,
            weights=self._order_weights(),
            is_part=not self.delivered.is_whole,
        )

    def _with_gone_items(self) -> Connection:
        """Name products that were deleted by their number: no line here needs an item."""
        rules = self.connection.orders
        if rules.invoice_lines == "own_items":
            return self.connection
        gone = {
            line.product_number: line.product_number
            for line in self.delivered.lines
            if line.product_size is None and line.product_number
        }
        orders = rules.model_copy(update={"items": {**gone, **rules.items}})
        return self.connection.model_copy(update={"orders": orders})

    def _order_weights(self) -> dict[Decimal, Decimal]:
        lines = SoldLines(
            live_lines(self.sale),
            taxing_of(self.sale.totals, live_lines(self.sale), self.rounding),
            rules=self.connection.orders,
            rounding=self.rounding,
            record_id=self.number,
        )
        return lines.weights()

    def _totals(self) -> tuple[centra.Totals, SaleTotal]:
        values = self.delivered.value
        shares = self._stated() if self.is_complete else self._derived()
        included, added, deducted = self._taxes(shares)
        parts = [values, shares.shipping, shares.handling]
        parts += [-shares.discount, added, -deducted]
        beside = sum(parts, ZERO) - self._grand
        if not ZERO <= beside <= self._credit_beside:
            raise self._wrong_sum(parts)
        inside = self._credit_inside(shares.discount)
        totals = centra.Totals(
            line_values=_amount(values),
            shipping=_amount(shares.shipping),
            handling=_amount(shares.handling),
            discounts=_amount(self.sign * shares.discount),
            tax_included=_amount(included),
            tax_added=_amount(added),
            tax_deducted=_amount(deducted),
            shipping_tax_rules=tuple(shares.shipping_rules),
            handling_tax_rules=tuple(shares.handling_rules),
            discount_tax_rules=tuple(shares.discount_rules),
        )
        total = SaleTotal(
            total=self._grand + beside + inside,
            discount=shares.discount - inside,
            credit=beside + inside,
            credit_in_discounts=inside,
            voucher=min(beside + inside, self.whole.voucher),
        )
        return totals, total

    @property
    def _grand(self) -> Decimal:
        return self.rounding.amount(self.shipment.grand_total.value)

    @property
    def _credit_beside(self) -> Decimal:
        """The most that credit may take off beside the discounts, as on the order."""
        return self.whole.credit - self.whole.credit_in_discounts

    # -- shares of the order

    def _stated(self) -> _Shares:
        totals = self.shipment.totals
        return _Shares(
            shipping=self._money(totals.shipping),
            handling=self._money(totals.handling),
            discount=self.sign * self._money(totals.discounts),
            shipping_rules=totals.shipping_tax_rules,
            handling_rules=totals.handling_tax_rules,
            discount_rules=totals.discount_tax_rules,
        )

    def _derived(self) -> _Shares:
        """Work out from the order what the store does not show of the shipment."""
        order, stated = self.sale.totals, self.shipment.totals
        shipping = self._money(stated.shipping)
        if shipping not in {ZERO, self._money(order.shipping)}:
            raise unclear_shipping(self.number, shipping)
        discount = self.sign * self._money(stated.discounts)
        handling = self._money(order.handling) if self._is_first else ZERO
        return _Shares(
            shipping=shipping,
            handling=handling,
            discount=discount,
            shipping_rules=order.shipping_tax_rules if shipping else (),
            handling_rules=order.handling_tax_rules if handling else (),
            discount_rules=self._discount_rules(discount),
        )

    def _discount_rules(self, discount: Decimal) -> Rules:
        order = self.sale.totals
        if not discount or not order.discount_tax_rules:
            return ()
        if discount == self.sign * self._money(order.discounts):
            return order.discount_tax_rules
        weights = self.delivered.by_rate()
        taxed = discount - self._credit_inside(discount)
        shares = allocate(taxed, tuple(weights.values()), self.rounding.step)
        return [
            _rule(rate, self._vat_of(share, rate), self.mode)
            for rate, share in zip(weights, shares, strict=True)
            if rate and share
        ]

    def _vat_of(self, value: Decimal, rate: Decimal) -> Decimal:
        if self.mode == "added":
            return self.rounding.vat_on(value, rate)
        return self.rounding.vat_in(value, rate)

    def _taxes(self, shares: _Shares) -> tuple[Decimal, Decimal, Decimal]:
        """VAT included, added and deducted, of the whole shipment."""
        stated = self.shipment.totals
        if self.is_complete:
            return (
                self._money(stated.tax_included),
                self._money(stated.tax_added),
                self._money(stated.tax_deducted),
            )
        vat = self.delivered.vat
        for rules, sign in (
            (shares.shipping_rules, 1),
            (shares.handling_rules, 1),
            (shares.discount_rules, -1),
        ):
            tax = tax_sum(rules, self.rounding)
            vat += sign * (tax.included + tax.added + tax.deducted)
        match self.mode:
            case "included":
                return vat, ZERO, ZERO
            case "added":
                said = stated.tax_added
                return ZERO, vat if said is None else self._money(said), ZERO
            case "deducted":
                return ZERO, ZERO, self._deducted(vat, shares)

    def _deducted(self, vat: Decimal, shares: _Shares) -> Decimal:
        """VAT taken off: what the grand total leaves for it, if that is near enough."""
        values = self.delivered.value
        gross = values + shares.shipping + shares.handling - shares.discount
        left = gross - self._grand
        room = self.rounding.step * (
            len(self.delivered.lines) + len(shares.discount_rules) + 2
        )
        return left if abs(left - vat) <= room else vat

    def _credit_inside(self, discount: Decimal) -> Decimal:
        """The voucher credit within the discounts: as stated, else by their share."""
        credit = self.whole.credit_in_discounts
        if not credit or not discount:
            return ZERO
        own = [d for d in self.shipment.discounts_applied if d.kind == _CREDIT]
        if own:
            stated = sum((abs(d.value.value) for d in own if d.value), ZERO)
            return min(self.rounding.amount(stated), discount)
        of_order = self.whole.discount + credit
        before = sum(
            (
                self.sign * self._money(one.totals.discounts)
                for one in self.sale.shipments
                if one.id < self.shipment.id
            ),
            ZERO,
        )
        upto = self.rounding.amount(credit * (before + discount) / of_order)
        return upto - self.rounding.amount(credit * before / of_order)

    @property
    def _is_first(self) -> bool:
        return all(one.id >= self.shipment.id for one in self.sale.shipments)

    def _money(self, amount: centra.Amount | None) -> Decimal:
        return ZERO if amount is None else self.rounding.amount(amount.value)

    def _wrong_sum(self, parts: Sequence[Decimal]) -> RecordError:
        currency = self.sale.grand_total.currency.code
        fix = "Check the shipment's totals in Centra, correct them and retry it."
        if not self.is_complete:
            fix = "Set centra.verified_fields = true if the store shows these totals."
        return RecordError(
            f"Shipment {self.number} does not add up: {add_up(parts, currency)}, but "
            f"its grand total is {self._grand:,f} {currency}.",
            code="TOTALS_DO_NOT_ADD_UP",
            fix=fix,
            record_id=self.number,
        )


def _rule(rate: Decimal, vat: Decimal, mode: Mode) -> centra.TaxRuleValue:
    values = {
        f"tax_{name}": _amount(ZERO) for name in ("included", "added", "deducted")
    }
    values[f"tax_{mode}"] = _amount(vat)
    return centra.TaxRuleValue.model_validate({"rule": {"tax_percent": rate}, **values})


def _amount(value: Decimal) -> centra.Amount:
    return centra.Amount(value=value)
