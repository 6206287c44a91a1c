"""From an order of Centra to a sales order of Visma.net."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from connectors.centra import models as centra
from connectors.visma import models as visma
from mapping.addresses import Party, places_of
from mapping.cancellations import order_to_cancellation
from mapping.customers import credit_terms, customer_need
from mapping.dates import PostingDate, document_date, posting_date, wire_date
from mapping.documents import Document, LineKind
from mapping.drafts import PLACEHOLDER, SalesOrderDraft
from mapping.identity import CustomerNeed
from mapping.order_documents import order_to_document
from mapping.payments import payment_settings
from mapping.posted_lines import PostedLine, VatRules, posted_lines, rules_of
from mapping.posting import Traits, dimensions, line_dimensions, order_traits
from mapping.references import order_description, order_reference
from mapping.rounding import ZERO, plain
from mapping.scope import WantedState, currency_of, store_of, wanted_state
from mapping.texts import clean, cut, width
from mapping.totals import Gated, gate
from mapping.vat import find_vat_rule, find_zone, one_zone, sale_of
from settings.connection import Connection
from settings.posting import StoreRules

__all__ = ["OrderWriting", "order_to_sales_order"]

_REFERENCE = 40
_NOTE = 2048
_STATUS: dict[WantedState, str] = {"open": "Open", "hold": "Hold"}


def order_to_sales_order(
    order: centra.Order,
    *,
    connection: Connection,
    periods: Sequence[visma.Period] = (),
) -> SalesOrderDraft:
    """Return the sales order that Visma.net must have for an order.

    The customer's id is a placeholder until the customer is known. Of a cancelled
    order the draft says only which document is to be cancelled.

    Raises:
        RecordError: something of the order is not mapped, or does not add up.
    """
    store = store_of(order, connection)
    state = wanted_state(order)
    if state == "cancelled":
        return order_to_cancellation(order, connection, store)
    return OrderWriting(order, connection, store, periods).draft(state)


class OrderWriting:
    """What the parts of one sales order share; a return order differs in some."""

    def __init__(
        self,
        order: centra.Order,
        connection: Connection,
        store: StoreRules,
        periods: Sequence[visma.Period],
    ) -> None:
        self.order = order
        self.connection = connection
        self.store = store
        self.number = str(order.number)
        self.sale = sale_of(order)
        self.posted = posting_date(
            document_date(order.order_date, connection.zone),
            periods,
            closed=connection.orders.closed_periods,
            record_id=self.number,
        )
        self.notes: list[str] = []

    def draft(self, state: WantedState) -> SalesOrderDraft:
        """Write it, once its lines come to the document's total."""
        connection, order = self.connection, self.order
        document = self._document()
        rules = rules_of(document, self.sale, connection.vat)
        gated = gate(document, self._posted(document, rules), connection.orders)
        zone = one_zone(tuple(rules.values()), self.number) or self._zone()
        need = customer_need(order, connection, zone=zone)
        sales_order = self._sales_order(gated, need, zone, _STATUS[state])
        return SalesOrderDraft(
            sales_order=sales_order,
            customer=need,
            expected_total=gated.prediction.total,
            expected_tax=gated.prediction.vat,
            tax_by_rate=_by_rate(gated.prediction.by_rate),
            tax_differences=_by_rate(gated.vat_differences),
            credit=document.credit,
            currency=document.currency,
            notes=(
                *self.notes,
                *need.notes,
                *gated.notes,
                *_vat_notes(gated.vat_differences),
            ),
            wanted_state=state,
        )

    def _document(self) -> Document:
        return order_to_document(self.order, connection=self.connection)

    def _posted(self, document: Document, rules: VatRules) -> tuple[PostedLine, ...]:
        return posted_lines(document, rules=rules, orders=self.connection.orders)

    def _zone(self) -> str:
        zone = find_zone(self.sale, self.connection.vat)
        if zone is None:
            # a document of gift certificates alone bears no rate that would name one
            return find_vat_rule(self.sale, ZERO, self.connection.vat).zone
        return zone

    def _sales_order(
        self, gated: Gated, need: CustomerNeed, zone: str, status: str
    ) -> visma.NewSalesOrder:
        order, connection = self.order, self.connection
        traits = order_traits(order, self.sale.country)
        header = dimensions(traits, connection.posting)
        branch = header.branch or connection.visma.branch
        shipping, billing = self._places()
        customer = self._customer(need)
        window = self._window()
        payment, payment_notes = payment_settings(order, connection)
        self.notes += payment_notes
        if self.posted.note:
            self.notes.append(self.posted.note)
        return visma.NewSalesOrder(
            type=self.store.order_type,
            customer=customer,
            currency_id=currency_of(order, connection),
            date=wire_date(self.posted.on),
            request_on=window[0],
            cancel_by=window[1],
            description=order_description(order.number),
            status=status,
            branch_id=branch,
            tax_zone_id=zone,
            project_id=header.project,
            note=cut("\n".join(self.notes), _NOTE) or None,
            shipping=visma.NewShipping(
                address=shipping.order_address(),
                contact=shipping.order_contact(),
                scheduled_date=window[0],
                preferred_warehouse_id=self.store.warehouse,
            ),
            billing=visma.NewBilling(
                address=billing.order_address(), contact=billing.order_contact()
            ),
            payment_settings=payment,
            financial_information=_period(self.posted),
            custom_fields=visma.NewCustomFields(custom_str1=order.id[:100]),
            order_lines=tuple(
                self._line(line, position, traits, branch)
                for position, line in enumerate(gated.lines, start=1)
            ),
        )

    def _line(
        self, line: PostedLine, position: int, traits: Traits, branch: str | None
    ) -> visma.NewSalesOrderLine:
        found = line_dimensions(line, traits, self.connection.posting)
        is_product = line.kind is LineKind.PRODUCT
        return visma.NewSalesOrderLine(
            inventory_id=line.item,
            description=line.description or None,
            quantity=line.quantity,
            unit_price=plain(line.unit_price),
            discount_amount=plain(line.discount),
            tax_category_id=line.category,
            warehouse_id=self.store.warehouse if is_product else None,
            sales_account_id=found.sales_account,
            subaccount=found.subaccount or None,
            branch_id=found.branch if found.branch not in {None, branch} else None,
            sort_order=position,
            custom_fields=visma.NewCustomFields(custom_str1=line.key),
        )

    def _places(self) -> tuple[Party, Party]:
        country, number = self.sale.country, self.number
        to, bill = places_of(self.order, country=country, record_id=number)
        self.notes += [*to.notes, *bill.notes]
        return to, bill

    def _customer(self, need: CustomerNeed) -> visma.NewOrderCustomer:
        order = self.order
        purchase_order = clean(order.purchase_order_number or "")
        if width(purchase_order) > _REFERENCE:
            self.notes.append(
                f"Purchase order number cut from {width(purchase_order)} to "
                f"{_REFERENCE} characters; all of it is in Centra."
            )
        terms = (
            credit_terms(order.account, self.connection, record_id=self.number)
            if order.account
            else None
        )
        return visma.NewOrderCustomer(
            id=need.number or PLACEHOLDER,
            order=order_reference(self.connection.prefix, order.number),
            ref_no=cut(purchase_order, _REFERENCE) or None,
            terms_id=terms,
        )

    def _window(self) -> tuple[str | None, str | None]:
        """Return from when until when delivery is wanted, where dates are known."""
        windows = self.order.delivery_windows
        begins = [day for w in windows if (day := _day(w.begin_on))]
        ends = [day for w in windows if (day := _day(w.end_on))]
        preferred = self.order.preferred_shipping_date
        if preferred is not None and not begins:
            begins = [document_date(preferred, self.connection.zone)]
        return (
            wire_date(min(begins)) if begins else None,
            wire_date(max(ends)) if ends else None,
        )


def _period(posted: PostingDate) -> visma.NewFinancialInformation | None:
    if posted.post_period is None:
        return None
    return visma.NewFinancialInformation(post_period=posted.post_period)


def _day(text: str | None) -> date | None:
    if not text or not re.match(r"\d{4}-\d{2}-\d{2}", text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _by_rate(amounts: dict[Decimal, Decimal]) -> dict[str, Decimal]:
    return {format(rate, "f"): amount for rate, amount in amounts.items()}


def _vat_notes(differences: dict[Decimal, Decimal]) -> list[str]:
    return [
        f"VAT at {rate:f} %: {amount:+f} in Visma.net, by rounding per document."
        for rate, amount in differences.items()
    ]
