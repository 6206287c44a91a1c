"""Which amounts of Centra a document of each kind was made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Protocol

from pydantic.alias_generators import to_camel, to_snake

from connectors.centra import models as centra
from connectors.centra.models import read_order
from connectors.centra.sale_models import Return, Sale, Shipment, read_return, read_sale
from mapping.allowances import allowance_to_document
from mapping.credits import sale_total
from mapping.documents import DocumentLine, LineKind
from mapping.movements import Movement, movement_of
from mapping.order_documents import order_to_document
from mapping.origins import LineOrigin, Origins, Stated, document_origins
from mapping.payments import method_named
from mapping.return_documents import return_to_document
from mapping.rounding import ZERO, plain, rounding_for
from mapping.scope import wanted_state
from mapping.shipment_documents import shipment_to_document
from settings.connection import Connection

__all__ = ["origins_of", "shipment_origins"]

_GOODWILL = "G"
_CREDIT = "C"
_PARTS = (
    ("shipping", "shipping", 1),
    ("handling", "handling", 1),
    ("discounts", "discounts", -1),
    ("tax_added", "taxAdded", 1),
    ("tax_deducted", "taxDeducted", -1),
)


def origins_of(
    kind: str, source_id: str, body: bytes, connection: Connection
) -> Origins | None:
    """Tell the amounts of a document back, from what Centra had said then.

    None where it has none: a customer, a cancellation, a product.

    Raises:
        RecordError: what was read cannot be mapped under these settings.
    """
    match kind:
        case "sales_order":
            return _order(read_order(body), connection)
        case "invoice":
            return shipment_origins(body, int(source_id), connection, is_ledger=True)
        case "credit_note" if source_id.startswith(_GOODWILL):
            return _allowance(read_sale(body), int(source_id[1:]), connection)
        case "credit_note" | "return_order":
            return _return(read_return(body), connection, kind)
        case "payment" if source_id.isdecimal() or source_id.startswith(_CREDIT):
            return _payment(read_sale(body), source_id, connection)
        case _:
            return None


def shipment_origins(
    body: bytes, shipment_id: int, connection: Connection, *, is_ledger: bool
) -> Origins | None:
    """Tell back what left with a shipment, of a sale as it was read.

    `is_ledger`: the connector writes its invoice, which takes no stock items.

    Raises:
        RecordError: what was read cannot be mapped under these settings.
    """
    sale = read_sale(body)
    shipment = sale.shipment(shipment_id)
    if shipment is None:
        return None
    return _shipment(sale, shipment, connection, is_ledger=is_ledger)


# -- sales


def _order(order: centra.Order, connection: Connection) -> Origins | None:
    if wanted_state(order) == "cancelled":
        return None
    document = order_to_document(order, connection=connection)
    return document_origins(
        document,
        order,
        connection,
        says=_Says("", order.totals, order, _each(order.lines)),
        stated=[*_totals("", order.totals, connection), *_credit(order, connection)],
    )


def _shipment(
    sale: Sale, shipment: Shipment, connection: Connection, *, is_ledger: bool
) -> Origins:
    document = shipment_to_document(sale, shipment, connection=connection)
    path = f"shipments[{shipment.number}]."
    lines: dict[int, tuple[_Valued, ...]] = {}
    for one in shipment.lines:
        own = one.order_line.id
        lines[own] = (*lines.get(own, ()), one)
    grand = shipment.grand_total.value
    stated = [Stated(f"{path}grandTotal", grand)]
    if document.total != grand:
        stated.append(Stated("store credit, a payment", document.total - grand))
    return document_origins(
        document,
        sale,
        connection,
        says=_Says(path, shipment.totals, sale, lines),
        stated=stated,
        discount_item=connection.orders.invoice_item,
        is_ledger=is_ledger,
    )


def _return(ret: Return, connection: Connection, kind: str) -> Origins:
    document = return_to_document(ret, connection=connection)
    path = f"return[{ret.id}]."
    lines: dict[int, tuple[_Valued, ...]] = {}
    for one in ret.lines:
        own = one.order_line.id
        lines[own] = (*lines.get(own, ()), one)
    stated = [Stated(f"{path}grandTotal", ret.grand_total.value)]
    by_order = kind == "return_order"
    return document_origins(
        document,
        ret.order,
        connection,
        says=_Says(path, ret.totals, ret.order, lines),
        stated=stated,
        discount_item=connection.returns.allowance_item
        if by_order
        else connection.orders.invoice_item,
        is_ledger=not by_order,
    )


def _allowance(sale: Sale, entry_id: int, connection: Connection) -> Origins:
    entry = next(one for one in sale.payment_history if one.id == entry_id)
    amount = abs(entry.value.value)
    document = allowance_to_document(
        sale, amount, entry_id=entry_id, connection=connection
    )
    said = Stated(f"paymentHistory[{entry_id}].value", amount)
    return document_origins(
        document,
        sale,
        connection,
        says=lambda line: (Stated(f"its share of {said.field}", line.gross),),
        stated=[said],
        discount_item=connection.orders.invoice_item,
        is_ledger=True,
    )


# -- money


def _payment(sale: Sale, source_id: str, connection: Connection) -> Origins | None:
    moved = movement_of(sale, source_id, connection)
    if not isinstance(moved, Movement):
        return None
    currency = sale.grand_total.currency.code
    name = moved.method or "unknown"
    method = method_named(name, connection, number=sale.number)
    account = method.cash_account_in(currency) or ""
    if source_id.startswith(_CREDIT):
        stated = Stated("discountsApplied of type AppliedVoucherCredit", moved.amount)
    else:
        stated = Stated(f"paymentHistory[{source_id}].value", moved.amount)
    way = "payment" if moved.way == "in" else "refund"
    rules = [f'method {method.method}, account {account}: [payment_methods."{name}"]']
    if moved.shipment is not None:
        rules.append(f"captured for shipment {moved.shipment}: its invoice comes first")
    line = LineOrigin(
        key=source_id,
        what=way,
        item="",
        quantity=Decimal(1),
        amount=moved.amount,
        prices="",
        rate=ZERO,
        category="",
        account=account,
        stated=(stated,),
        rules=tuple(rules),
    )
    return Origins(moved.amount, ZERO, currency, (stated,), (line,))


# -- what Centra said


class _Valued(Protocol):
    """What lines of orders, shipments and returns have alike."""

    @property
    def id(self) -> int: ...
    @property
    def gross(self) -> centra.Amount: ...
    @property
    def net(self) -> centra.Amount: ...


_CHARGES = {
    LineKind.SHIPPING: "shipping",
    LineKind.HANDLING: "handling",
    LineKind.DISCOUNT: "discounts",
    LineKind.RETURN_COST: "returnCost",
}
_RULES = {
    LineKind.SHIPPING: "shipping_tax_rules",
    LineKind.HANDLING: "handling_tax_rules",
    LineKind.DISCOUNT: "discount_tax_rules",
    LineKind.RETURN_COST: "return_cost_tax_rules",
}


class _Says:
    """What Centra said of each line of a document."""

    def __init__(
        self,
        path: str,
        totals: object,
        order: centra.Order,
        lines: Mapping[int, tuple[_Valued, ...]],
    ) -> None:
        self._path = path
        self._totals = totals
        self._whole = order.totals
        self._bundled = _bundled(order)
        self._lines = lines

    def __call__(self, line: DocumentLine) -> tuple[Stated, ...]:
        if line.kind in _CHARGES:
            return tuple(self._charge(line))
        if line.kind is LineKind.VOUCHER:
            return (
                Stated("discountsApplied of type AppliedVoucherCredit", line.gross),
            )
        return tuple(self._goods(line))

    def _goods(self, line: DocumentLine) -> Iterator[Stated]:
        """Its own values, with and without VAT; of a bundle's item what the bundle bears."""
        own = int(line.key[1:])
        parts = self._lines.get(own, ())
        for part in parts:
            name = f"{self._path}lines[{part.id}].lineValue"
            yield Stated(f"{name}, VAT included", part.gross.value)
            yield Stated(f"{name}, VAT excluded", part.net.value)
        carried = line.gross - sum((part.gross.value for part in parts), ZERO)
        if carried and own in self._bundled:
            yield Stated("carried over within its bundle, VAT included", carried)

    def _charge(self, line: DocumentLine) -> Iterator[Stated]:
        name, path = _CHARGES[line.kind], f"{self._path}totals."
        totals = self._totals
        if getattr(totals, to_snake(name), None) is None:
            # the store does not show it of a shipment: it is the order's
            totals, path = self._whole, "totals."
        yield Stated(f"{path}{name}", getattr(totals, to_snake(name)).value)
        for rule in getattr(totals, _RULES[line.kind], ()):
            if plain(rule.rule.tax_percent) != plain(line.rate):
                continue
            for how in ("tax_included", "tax_added", "tax_deducted"):
                value = getattr(rule, how).value
                if value:
                    at = f"{path}{to_camel(_RULES[line.kind])}[{plain(line.rate):f} %]"
                    yield Stated(f"{at}.{to_camel(how)}", value)


def _each(lines: Iterable[_Valued]) -> dict[int, tuple[_Valued, ...]]:
    return {one.id: (one,) for one in lines}


def _bundled(order: centra.Order) -> frozenset[int]:
    """The lines of bundles and their items: what the one bears may count on the other."""
    return frozenset(one.id for one in order.lines if "Bundle" in one.kind)


def _totals(path: str, totals: centra.Totals, connection: Connection) -> list[Stated]:
    """The fields that an order's grand total is the sum of, with their signs."""
    sign = -1 if connection.centra.discount_sign == "negative" else 1
    found = [Stated(f"{path}totals.lineValues", totals.line_values.value)]
    for name, shown, way in _PARTS:
        value = getattr(totals, name).value
        if value:
            own = sign if name == "discounts" else 1
            found.append(Stated(f"{path}totals.{shown}", way * own * value))
    return found


def _credit(order: centra.Order, connection: Connection) -> list[Stated]:
    """Store credit that Centra had taken off: a payment, so it is added back."""
    rounding = rounding_for(order.grand_total.currency.code, connection)
    inside = sale_total(order, connection, rounding).credit_in_discounts
    return (
        [Stated("store credit within discounts, a payment", inside)] if inside else []
    )
