"""The sections of a sales order that v3 shows when they are asked for."""

from collections.abc import Mapping
from decimal import Decimal

from sandbox.visma.company import Company
from sandbox.visma.records import Address, Contact, SalesOrder
from sandbox.visma.wire import parse_utc, utc_text

__all__ = [
    "customer_section",
    "financial_section",
    "freight_section",
    "pair",
    "party_section",
    "payment_section",
    "shipping_section",
]

_ZERO = Decimal(0)


def pair(
    identity: str | None, table: Mapping[str, str], label: str = "description"
) -> dict[str, object]:
    """Return an id with its text."""
    return {"id": identity, label: table.get(identity or "")}


def party_section(
    company: Company, order: SalesOrder, section: str
) -> dict[str, object]:
    """Return the address and the contact of the billing or shipping side."""
    address: Address = getattr(order, f"{section}_address")
    contact: Contact = getattr(order, f"{section}_contact")
    return {
        "contact": {
            "id": order.sequence,
            "overridesDefault": f"{section}.contact" in order.overridden,
            "name": contact.name,
            "attention": contact.attention,
            "email": contact.email,
            "phone1": contact.phone1,
            "phone2": contact.phone2,
            "fax": contact.fax,
        },
        "address": {
            "id": order.sequence,
            "overridesDefault": f"{section}.address" in order.overridden,
            "line1": address.line1,
            "line2": address.line2,
            "line3": address.line3,
            "postalCode": address.postal_code,
            "city": address.city,
            "country": pair(address.country, company.setup.countries, "name"),
            "county": pair(address.county, {}, "name"),
        },
    }


def payment_section(company: Company, order: SalesOrder) -> dict[str, object]:
    """Return how the order is paid."""
    method = order.payment.get("paymentMethodId")
    return {
        "paymentMethod": pair(
            str(method) if method else None, company.setup.payment_methods
        ),
        "cashAccountId": order.payment.get("cashAccountId"),
        "paymentReference": order.payment.get("paymentReference"),
    }


def financial_section(company: Company, order: SalesOrder) -> dict[str, object]:
    """Return what the invoice will say."""
    given = order.financial
    return {
        "invoiceSeparately": bool(given.get("invoiceSeparately")),
        "invoiceId": given.get("invoiceId"),
        "invoiceDate": _time(given.get("invoiceDate")),
        "dueDate": _time(given.get("dueDate")),
        "terms": pair(order.terms, company.setup.terms),
        "cashDiscountDate": _time(given.get("cashDiscountDate")),
        "postPeriod": given.get("postPeriod"),
    }


def shipping_section(company: Company, order: SalesOrder) -> dict[str, object]:
    """Return where and how the order is shipped."""
    given = order.shipping
    warehouse, carrier = given.get("preferredWarehouseId"), given.get("shipViaId")
    return {
        **party_section(company, order, "shipping"),
        "scheduledDate": _time(given.get("scheduledDate")),
        "shipSeparately": bool(given.get("shipSeparately")),
        "rule": given.get("rule") or "BackOrderAllowed",
        "preferredWarehouse": pair(
            str(warehouse) if warehouse else None, company.setup.warehouses
        ),
        "shipVia": pair(str(carrier) if carrier else None, company.setup.carriers),
        "residentialDelivery": bool(given.get("residentialDelivery")),
        "saturdayDelivery": bool(given.get("saturdayDelivery")),
        "insurance": bool(given.get("insurance")),
        "priority": given.get("priority") or 0,
    }


def customer_section(company: Company, order: SalesOrder) -> dict[str, object]:
    """Return the customer and its references."""
    customer = company.customers[order.customer]
    return {
        "internalId": customer.internal_id,
        "id": order.customer,
        "name": order.customer_name,
        "taxZone": pair(order.vat_zone, company.setup.zones),
        "contactId": order.contact_id,
        "order": order.customer_order,
        "refNo": order.customer_ref,
        "location": {
            "id": order.location,
            "name": "Primary location",
            "internalId": customer.internal_id,
            "countryId": customer.main_address.country,
            "gln": customer.gln,
            "taxRegistrationId": customer.vat_registration_id,
            "corporateId": customer.corporate_id,
        },
    }


def freight_section(company: Company, order: SalesOrder) -> dict[str, object]:
    """Return the freight."""
    premium = order.freight.get("premiumAmount")
    amount = Decimal(premium) if isinstance(premium, Decimal | int) else _ZERO
    return {
        "volume": _ZERO,
        "weight": _ZERO,
        "cost": _ZERO,
        "costInBaseCurrency": _ZERO,
        "premiumAmount": amount,
        "premiumAmountInBaseCurrency": company.to_base(
            amount, order.currency, order.ordered_at
        ),
        "amount": _ZERO,
        "amountInBaseCurrency": _ZERO,
        "taxCategoryId": order.freight.get("taxCategoryId"),
    }


def _time(text: object) -> str | None:
    return utc_text(parse_utc(str(text))) if text else None
