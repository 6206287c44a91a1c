"""Customers of ERP v1: list, read, create, update."""

import json
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import CUSTOMER_STATUSES, Company
from sandbox.visma.customer_fields import CUSTOMER_FIELDS, FLAGS
from sandbox.visma.customer_views import customer_view
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import (
    ErpError,
    changed_within,
    equal,
    not_found,
    page,
    scopes_for,
    show,
)
from sandbox.visma.fields import check, unwrap
from sandbox.visma.records import Address, Contact, Customer
from sandbox.visma.wire import answer, etag_of, matches

__all__ = ["customer_routes"]

_LARGEST_PAGE = 500
_PLAIN = {
    "name": "name",
    "status": "status",
    "accountReference": "account_reference",
    "currencyId": "currency",
    "customerClassId": "customer_class",
    "creditTermsId": "terms",
    "vatRegistrationId": "vat_registration_id",
    "corporateId": "corporate_id",
    "vatZoneId": "vat_zone",
    "gln": "gln",
    "note": "note",
    "priceClassId": "price_class",
    "creditLimit": "credit_limit",
}


_CLEARABLE = frozenset(
    {
        "account_reference",
        "vat_registration_id",
        "corporate_id",
        "gln",
        "note",
        "price_class",
    }
)
_ADDRESSES = {
    "mainAddress": "main_address",
    "invoiceAddress": "invoice_address",
    "deliveryAddress": "delivery_address",
}
_CONTACTS = {
    "mainContact": "main_contact",
    "invoiceContact": "invoice_contact",
    "deliveryContact": "delivery_contact",
}
_ADDRESS_FIELDS = {
    "addressLine1": "line1",
    "addressLine2": "line2",
    "addressLine3": "line3",
    "postalCode": "postal_code",
    "city": "city",
    "countryId": "country",
    "county": "county",
}


def customer_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of the customer resource."""
    return [
        door.route("GET", "/v1/customer", _list, scopes_for("read")),
        door.route("POST", "/v1/customer", _create, scopes_for("create")),
        door.route("GET", "/v1/customer/{customerCd}", _get, scopes_for("read")),
        door.route("PUT", "/v1/customer/{customerCd}", _update, scopes_for("update")),
    ]


def _list(visit: Visit) -> Response:
    company = visit.company
    now = company.clock.now()
    wanted = _attribute_filter(visit.query("attributes"))
    changed = changed_within(visit, "lastModifiedDateTime", lambda row: row.modified_at)
    created = changed_within(visit, "createdDateTime", lambda row: row.created_at)
    name, status = visit.query("name"), visit.query("status")
    corporate_id, vat_id = visit.query("corporateId"), visit.query("vatRegistrationId")
    email, phone = visit.query("email"), visit.query("phone")
    rows = [
        row
        for row in company.customers.values()
        if row.visible_from <= now
        and equal(name, row.name)
        and equal(status, row.status)
        and equal(corporate_id, row.corporate_id)
        and equal(vat_id, row.vat_registration_id)
        and equal(email, row.main_contact.email)
        and equal(phone, row.main_contact.phone1)
        and all(row.attributes.get(key) == value for key, value in wanted.items())
        and changed(row)
        and created(row)
    ]
    return page(
        visit, rows, lambda row: customer_view(company, row), largest=_LARGEST_PAGE
    )


def _attribute_filter(text: str | None) -> dict[str, str]:
    if text is None:
        return {}
    try:
        wanted = json.loads(text)
    except json.JSONDecodeError as error:
        message = "The attributes filter is not a valid JSON object."
        raise ErpError(message) from error
    if not isinstance(wanted, dict):
        raise ErpError("The attributes filter is not a valid JSON object.")
    return {str(key): str(value) for key, value in wanted.items()}


def _get(visit: Visit) -> Response:
    customer = _found(visit)
    return answer(
        show(customer_view(visit.company, customer)),
        headers={"ETag": etag_of(customer.version)},
    )


def _found(visit: Visit) -> Customer:
    number = visit.path("customerCd")
    customer = visit.company.customers.get(number)
    if customer is None:
        raise not_found("Customer", number)
    return customer


def _create(visit: Visit) -> Response:
    company = visit.company
    body = _body(visit)
    address = body.get("mainAddress") or {}
    for path, value in (
        ("name", body.get("name")),
        ("customerClassId", body.get("customerClassId")),
        ("mainAddress.countryId", address.get("countryId")),
    ):
        if not value:
            raise ErpError(f"Error creating document. Error: '{path}' cannot be empty.")
    number = body.get("number")
    if number and not body.get("overrideNumberSeries"):
        raise ErpError(
            "Error creating document. Error: the customer number is set by the number series; "
            "set overrideNumberSeries to use your own."
        )
    if number in company.customers:
        raise ErpError(
            "Error creating document. Error: Another process has added the 'Customer' record."
        )
    _check_tables(company, body)
    group = company.setup.classes[body["customerClassId"]]
    from_class = body.get("overrideWithClassValues") is True
    stamp = company.stamp()
    customer = Customer(
        internal_id=company.next_internal_id(),
        number=number or company.next_customer_number(),
        name=body["name"],
        customer_class=group.id,
        currency=company.setup.base_currency,
        terms=group.terms if from_class else None,
        vat_zone=group.vat_zone if from_class else None,
        payment_method=group.payment_method if from_class else None,
        allows_currency_override=group.allows_currency_override,
        created_at=stamp.at,
        modified_at=stamp.at,
        visible_from=stamp.at,
        version=stamp.version,
    )
    _write(company, customer, body)
    customer.visible_from = visit.visible_from(stamp)
    company.customers[customer.number] = customer
    return answer(
        status=201,
        headers={
            "Location": f"{visit.base}/erp/v1/customer/{customer.number}",
            "ETag": etag_of(customer.version),
        },
    )


def _update(visit: Visit) -> Response:
    company = visit.company
    customer = _found(visit)
    condition = visit.request.headers.get("if-match")
    if condition is not None and not matches(condition, customer.version):
        raise ErpError("The record has been changed since it was read.", 412)
    body = _body(visit)
    number = body.get("number")
    if number not in {None, customer.number}:
        raise ErpError(
            "Error updating document. Error: the customer number cannot be changed."
        )
    _check_tables(company, {"customerClassId": customer.customer_class, **body})
    _write(company, customer, body)
    stamp = company.stamp()
    customer.modified_at, customer.version = stamp.at, stamp.version
    return answer(status=204, headers={"ETag": etag_of(customer.version)})


def _body(visit: Visit) -> dict[str, Any]:
    flat = unwrap(visit.json(), CUSTOMER_FIELDS)
    troubles = check(flat, CUSTOMER_FIELDS, "customer")
    if troubles:
        raise ErpError(f"{troubles[0].path}: {troubles[0].message}")
    return flat


def _check_tables(company: Company, body: dict[str, Any]) -> None:
    setup = company.setup
    # Some look-ups fail inside the ERP and come out as 500.
    for name, table, what, status in (
        ("customerClassId", setup.classes, "Customer class", 500),
        ("creditTermsId", setup.terms, "Terms", 500),
        ("vatZoneId", setup.zones, "TaxZoneID", 500),
        ("currencyId", setup.currencies, "Currency", 400),
        ("status", dict.fromkeys(CUSTOMER_STATUSES), "Status", 400),
    ):
        value = body.get(name)
        if value is not None and value not in table:
            raise ErpError(
                f"Error creating document. Error: {what} '{value}' cannot be found in the system.",
                status,
            )
    for name in ("mainAddress", "invoiceAddress", "deliveryAddress"):
        country = (body.get(name) or {}).get("countryId")
        if country is not None and country not in setup.countries:
            raise ErpError(
                f"Error creating document. Error: CountryID '{country}' cannot be found."
            )
    method = (body.get("defaultPaymentMethod") or {}).get("paymentMethodId")
    if method is not None and method not in setup.payment_methods:
        raise ErpError(
            f"Error creating document. Error: PaymentMethodID '{method}' not found.",
            500,
        )
    allowed = setup.classes[body["customerClassId"]].attributes
    for line in body.get("attributeLines") or []:
        if line.get("attributeId") not in allowed:
            raise ErpError(
                f"Error creating document. Error: Attribute '{line.get('attributeId')}' cannot be "
                "found in the system."
            )


def _write(company: Company, customer: Customer, body: dict[str, Any]) -> None:
    for name, member in _PLAIN.items():
        if body.get(name) is not None or (name in body and member in _CLEARABLE):
            setattr(customer, member, body[name])
    group = company.setup.classes[customer.customer_class]
    if body.get("customerClassId"):
        customer.allows_currency_override = group.allows_currency_override
    _write_parties(customer, body)
    method = (body.get("defaultPaymentMethod") or {}).get("paymentMethodId")
    customer.payment_method = method or customer.payment_method
    for line in body.get("attributeLines") or []:
        value = line.get("attributeValue")
        if value is None:
            customer.attributes.pop(line["attributeId"], None)
        else:
            customer.attributes[line["attributeId"]] = value
    customer.flags |= {flag: body[flag] for flag in FLAGS if body.get(flag) is not None}


def _write_parties(customer: Customer, body: dict[str, Any]) -> None:
    for name, member in _ADDRESSES.items():
        if body.get(name) is not None:
            address = getattr(customer, member) or Address()
            setattr(customer, member, address.merged(_address(body[name])))
    for name, member in _CONTACTS.items():
        if body.get(name) is not None:
            contact = getattr(customer, member) or Contact()
            setattr(customer, member, contact.merged(_contact(body[name])))


def _address(given: dict[str, str]) -> Address:
    return Address(
        **{member: given.get(name) for name, member in _ADDRESS_FIELDS.items()}
    )


def _contact(given: dict[str, str]) -> Contact:
    return Contact(**given)
