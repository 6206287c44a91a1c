"""How a sales order is created and changed: defaults, checks, states."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.visma.company import Company, Stamp
from sandbox.visma.order_checks import (
    check_countries,
    check_payment,
    check_period,
    check_references,
    check_sort_orders,
    currency_of,
    order_number,
    orderable_customer,
    terms_of,
    time_of,
)
from sandbox.visma.order_lines import add_line, recompute
from sandbox.visma.problems import invalid
from sandbox.visma.records import Address, Contact, Customer, SalesOrder
from sandbox.visma.vat import Totals

__all__ = ["change_order", "create_order", "touch"]

_NEXT = {
    "Open": {"Hold", "BackOrder", "Cancelled", "Completed"},
    "Hold": {"Open", "Cancelled"},
    "BackOrder": {"Open", "Hold", "Cancelled", "Completed"},
    "Shipping": set(),
    "Cancelled": {"Open"},
    "Completed": set(),
}
_ENDED = ("Cancelled", "Completed")
_ZERO = Decimal(0)
_KEPT = (
    "ownerId",
    "print",
    "originalOrderType",
    "originalOrderId",
    "isRotRutDeductible",
    "useReplacementCostForMarginAndProfit",
    "customFields",
)
_ADDRESS_FIELDS = {
    "line1": "line1",
    "line2": "line2",
    "line3": "line3",
    "postalCode": "postal_code",
    "city": "city",
    "countryId": "country",
    "stateId": "county",
}


def create_order(
    company: Company,
    body: dict[str, Any],
    *,
    branch: str | None = None,
    visible_from: Callable[[Stamp], datetime] | None = None,
) -> SalesOrder:
    """Create a sales order from a body whose fields were checked.

    Raises:
        Problem: the order breaks a rule of the service.
    """
    setup = company.setup
    order_type = body["type"]
    if order_type not in setup.order_types:
        raise invalid("0003-InvalidValue", "type")
    order_id = order_number(company, body)
    if body.get("status") not in {None, "", "Open", "Hold"}:
        raise invalid("0003-InvalidValue", "status")
    given = body["customer"]
    customer = orderable_customer(company, given)
    currency = currency_of(company, customer, body.get("currencyId"))
    zone = body.get("taxZoneId")
    if zone and zone not in setup.zones:
        raise invalid("0003-InvalidValue", "taxZoneId")
    branch = body.get("branchId") or branch or next(iter(setup.branches))
    if branch not in setup.branches:
        raise invalid("0003-InvalidValue", "branchId")
    stamp = company.stamp()
    order = SalesOrder(
        type=order_type,
        order_id=order_id or company.next_order_id(order_type),
        sequence=company.orders.next_sequence(),
        status=body.get("status") or "Open",
        customer=customer.number,
        customer_name=customer.name,
        customer_order=given.get("order"),
        customer_ref=given.get("refNo"),
        contact_id=given.get("contactId"),
        location="MAIN",
        currency=currency,
        ordered_at=time_of(body.get("date")) or stamp.at,
        requested_at=time_of(body.get("requestOn")) or stamp.at,
        cancel_at=time_of(body.get("cancelBy")),
        description=body.get("description"),
        note=body.get("note"),
        branch=branch,
        vat_zone=zone or customer.vat_zone,
        zone_overridden=bool(zone),
        terms=terms_of(company, customer, given.get("termsId")),
        billing_address=customer.invoice_address or customer.main_address,
        billing_contact=customer.invoice_contact or customer.main_contact,
        shipping_address=customer.delivery_address or customer.main_address,
        shipping_contact=customer.delivery_contact or customer.main_contact,
        extra={name: body[name] for name in _KEPT if body.get(name) is not None},
        totals=Totals(_ZERO, _ZERO, _ZERO, _ZERO, ()),
        created_at=stamp.at,
        modified_at=stamp.at,
        visible_from=stamp.at,
        version=stamp.version,
    )
    if given.get("locationId") not in {None, "", "MAIN"}:
        raise invalid("0003-InvalidValue", "customer.locationId")
    _sections(company, order, body, partial=False)
    lines = body.get("orderLines") or []
    check_sort_orders(lines)
    for index, line in enumerate(lines):
        add_line(company, order, line, f"orderLines[{index}]")
    recompute(company, order)
    if visible_from is not None:
        order.visible_from = visible_from(stamp)
    company.orders.put(order)
    company.goods.book(order)
    return order


def change_order(company: Company, order: SalesOrder, body: dict[str, Any]) -> None:
    """Change the header of an order; a change of status stands alone.

    Raises:
        Problem: the change breaks a rule of the service; nothing is changed then.
    """
    if body.get("status") is not None:
        _change_status(order, body)
        return
    if order.status in _ENDED:
        raise invalid("0005-InvalidState", "status")
    setup = company.setup
    given = body.get("customer") or {}
    customer = orderable_customer(
        company, {"id": order.customer, **given}, known=order.customer
    )
    currency, zone = body.get("currencyId"), body.get("taxZoneId")
    currency = currency_of(company, customer, currency) if currency else order.currency
    branch = body.get("branchId") or order.branch
    for name, value, table in (
        ("taxZoneId", zone, setup.zones),
        ("branchId", branch, setup.branches),
    ):
        if value and value not in table:
            raise invalid("0003-InvalidValue", name)
    terms = order.terms
    if given.get("termsId"):
        terms = terms_of(company, customer, given["termsId"])
    _sections(company, order, body, partial=True)
    order.currency, order.branch, order.terms = currency, branch, terms
    _change_customer(order, customer, given)
    if zone:
        order.vat_zone, order.zone_overridden = zone, True
    elif not order.zone_overridden:
        order.vat_zone = customer.vat_zone
    _write_header(order, body)
    recompute(company, order)


def _change_status(order: SalesOrder, body: dict[str, Any]) -> None:
    status = body["status"]
    if len(body) > 1:
        raise invalid("0004-ValueNotAllowed", "status")
    if status not in _NEXT:
        raise invalid("0003-InvalidValue", "status")
    if status != order.status and status not in _NEXT[order.status]:
        raise invalid("0005-InvalidState", "status")
    if status == "Cancelled" and any(line.is_moving for line in order.lines):
        raise invalid("0005-InvalidState", "status")
    order.status = status


def _write_header(order: SalesOrder, body: dict[str, Any]) -> None:
    for name, member in (("description", "description"), ("note", "note")):
        if name in body:
            setattr(order, member, body[name])
    for name, member in (
        ("date", "ordered_at"),
        ("requestOn", "requested_at"),
        ("cancelBy", "cancel_at"),
    ):
        if body.get(name) is not None:
            setattr(order, member, time_of(body[name]))
    order.extra |= {name: body[name] for name in _KEPT if body.get(name) is not None}


def touch(company: Company, order: SalesOrder) -> None:
    """Note that an order has changed."""
    stamp = company.stamp()
    order.modified_at, order.version = stamp.at, stamp.version
    company.orders.put(order)
    company.goods.book(order)


def _change_customer(
    order: SalesOrder, customer: Customer, given: dict[str, Any]
) -> None:
    if customer.number != order.customer:
        order.customer, order.customer_name = customer.number, customer.name
        order.zone_overridden = False
        if "billing.address" not in order.overridden:
            order.billing_address = customer.invoice_address or customer.main_address
        if "shipping.address" not in order.overridden:
            order.shipping_address = customer.delivery_address or customer.main_address
    if "order" in given:
        order.customer_order = given["order"]
    if "refNo" in given:
        order.customer_ref = given["refNo"]
    if "contactId" in given:
        order.contact_id = given["contactId"]


def _sections(
    company: Company, order: SalesOrder, body: dict[str, Any], *, partial: bool
) -> None:
    """Check all sections first and write them then, so that a refusal changes nothing."""
    shipping, payment = body.get("shipping") or {}, body.get("paymentSettings") or {}
    freight, financial = (
        body.get("freight") or {},
        body.get("financialInformation") or {},
    )
    check_references(company, body, shipping, freight)
    check_payment(company, order, payment, partial=partial)
    dated = (
        body.get("date") or financial.get("invoiceDate") or financial.get("postPeriod")
    )
    if dated or not partial:
        check_period(company, order, body, financial)
    check_countries(company, body, partial=partial)
    _write_parties(order, body, partial=partial)
    order.payment |= payment
    order.freight |= freight
    order.financial |= financial
    order.shipping |= {
        name: value
        for name, value in shipping.items()
        if name not in {"address", "contact"}
    }


def _write_parties(order: SalesOrder, body: dict[str, Any], *, partial: bool) -> None:
    """Take addresses and contacts: as a whole on a new order, field by field on a patch."""
    for section in ("billing", "shipping"):
        given = body.get(section) or {}
        if given.get("address") is not None:
            address = Address(
                **{
                    member: given["address"].get(name)
                    for name, member in _ADDRESS_FIELDS.items()
                }
            )
            old = getattr(order, f"{section}_address")
            setattr(
                order, f"{section}_address", old.merged(address) if partial else address
            )
            order.overridden.add(f"{section}.address")
        if given.get("contact") is not None:
            known = ("name", "attention", "phone1", "email")
            contact = Contact(**{name: given["contact"].get(name) for name in known})
            old = getattr(order, f"{section}_contact")
            setattr(
                order, f"{section}_contact", old.merged(contact) if partial else contact
            )
            order.overridden.add(f"{section}.contact")
