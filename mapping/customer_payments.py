"""From a movement of money in Centra to a customer payment of Visma.net."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from pydantic import BaseModel, ConfigDict

from connectors.centra.models import Order
from connectors.centra.sale_models import Sale
from connectors.visma import models as visma
from connectors.visma.payment_models import PaymentWrite
from mapping.customers import customer_need
from mapping.dates import document_date, posting_date
from mapping.drafts import digest
from mapping.movements import Movement, movement_of, without_unknown
from mapping.payments import GIFT_CARD, method_named, provider_text
from mapping.posting import Traits, dimensions
from mapping.scope import LeftOut, currency_of, left_out, store_of
from mapping.vat import sale_of
from settings.connection import Connection

__all__ = [
    "PaymentDraft",
    "bookable",
    "is_gift_card",
    "is_paid_by_invoice",
    "movement_to_payment",
    "sale_is_old",
]

_NEVER = frozenset(
    {
        *("OTHER_STORE", "INTERNAL", "PRICELIST", "TEST_BUYER", "ACCOUNT"),
        *("ZERO_VALUE",),
    }
)
"""Rules that leave an order out for good; its payments are not booked either."""
_METHOD_UNKNOWN = "unknown"


class PaymentDraft(BaseModel):
    """The customer payment of a movement, without what it settles.

    What it settles is read when it is sent: invoices come and are paid meanwhile.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    payment: PaymentWrite
    source_id: str
    order: int
    way: Literal["in", "out"]
    amount: Decimal
    currency: str
    on: date
    shipment: int | None
    customer_key: str
    customer_number: str | None
    releases: bool
    notes: tuple[str, ...] = ()

    @property
    def hash(self) -> str:
        """The same for the same payment."""
        return digest(self.model_dump(mode="json"))

    @property
    def reference(self) -> str:
        """What the payment is found again by."""
        return self.payment.payment_ref or ""


def movement_to_payment(
    sale: Sale,
    source_id: str,
    *,
    connection: Connection,
    periods: Sequence[visma.Period] = (),
    is_known: bool = False,
    is_backfill: bool = False,
) -> PaymentDraft | LeftOut:
    """Return the payment that Visma.net must have, or why there is none.

    Raises:
        RecordError: something of it is not mapped, or its type is unknown.
    """
    movement = movement_of(sale, source_id, connection)
    if isinstance(movement, LeftOut):
        return movement
    sale = without_unknown(sale)
    on = document_date(movement.at, connection.zone)
    if not is_known:
        rule = _left_out(sale, on, connection, is_backfill=is_backfill)
        if rule is not None:
            return rule
    currency = currency_of(sale, connection)
    name = movement.method or _METHOD_UNKNOWN
    method = method_named(name, connection, number=sale.number)
    account = method.cash_account_in(currency)
    if account is None:
        return LeftOut("NO_CASH_ACCOUNT", f"'{name}' has no clearing account")
    posted = posting_date(
        on,
        periods,
        closed=connection.orders.closed_periods,
        record_id=movement.reference,
    )
    need = customer_need(sale, connection)
    return PaymentDraft(
        payment=PaymentWrite(
            type="Payment" if movement.way == "in" else "Refund",
            application_date=f"{posted.on.isoformat()}T00:00:00",
            application_period=posted.post_period,
            payment_ref=movement.reference,
            payment_method=method.method,
            cash_account=account,
            currency=currency,
            payment_amount=movement.amount,
            invoice_text=provider_text(movement.provider_reference) or None,
            branch=_branch(sale, connection),
        ),
        source_id=source_id,
        order=sale.number,
        way=movement.way,
        amount=movement.amount,
        currency=currency,
        on=on,
        shipment=movement.shipment,
        customer_key=need.key,
        customer_number=need.number,
        releases=store_of(sale, connection).releases == "connector",
        notes=(posted.note,) if posted.note else (),
    )


def is_gift_card(method: str | None) -> bool:
    """Whether a payment method is that of gift cards and voucher credit."""
    return (method or "").strip().casefold() == GIFT_CARD.casefold()


def bookable(movement: Movement, sale: Sale, connection: Connection) -> bool:
    """Whether a movement goes to a clearing account, and so may settle documents."""
    names = {key.casefold(): one for key, one in connection.payment_methods.items()}
    method = names.get((movement.method or _METHOD_UNKNOWN).strip().casefold())
    currency = sale.grand_total.currency.code
    return method is not None and method.cash_account_in(currency) is not None


def is_paid_by_invoice(order: Order, connection: Connection) -> bool:
    """Whether nobody but the customer pays an order: none of its methods has an account.

    Gift cards, which pay a part of any order, and what failed are no methods here.
    """
    named = order.payment_method.name if order.payment_method else None
    methods = {key.casefold(): one for key, one in connection.payment_methods.items()}
    tried = [
        one.payment_method
        for one in order.payment_history
        if one.status == "SUCCESS" and not one.entry_type.endswith("_GIFT_CARD")
    ]
    used = [
        methods.get(name.strip().casefold())
        for name in (named, *tried)
        if name and not is_gift_card(name)
    ]
    currency = order.grand_total.currency.code
    return bool(used) and all(
        one is not None and one.cash_account_in(currency) is None for one in used
    )


def sale_is_old(sale: Sale, connection: Connection) -> bool:
    """Whether a sale is from before the connector took over."""
    on = document_date(sale.order_date, connection.zone)
    until = connection.leave_out.until
    return on < connection.start_on or (until is not None and on <= until)


def _left_out(
    sale: Sale, on: date, connection: Connection, *, is_backfill: bool
) -> LeftOut | None:
    if on < connection.start_on and not is_backfill:
        reason = f"of {on}, before start_on {connection.start_on}"
        return LeftOut("BEFORE_START", reason)
    rule = left_out(sale, connection.model_copy(update={"start_on": date.min}))
    return rule if rule is not None and rule.code in _NEVER else None


def _branch(sale: Sale, connection: Connection) -> str | None:
    traits = Traits(
        store=sale.store.name if sale.store else None,
        market=sale.market.name if sale.market else None,
        country=sale_of(sale).country,
    )
    return dimensions(traits, connection.posting).branch or connection.visma.branch
