"""Customers as ERP v1 shows them."""

from sandbox.visma.company import Company
from sandbox.visma.erp import times
from sandbox.visma.records import Address, Customer
from sandbox.visma.wire import version_text

__all__ = ["customer_view"]


def customer_view(company: Company, customer: Customer) -> dict[str, object]:
    """Return a customer as v1 shows it."""
    setup = company.setup
    group = setup.classes[customer.customer_class]
    main_contact = customer.main_contact
    return {
        "internalId": customer.internal_id,
        "number": customer.number,
        "name": customer.name,
        "status": customer.status,
        "mainAddress": _address_view(company, customer.main_address),
        "mainContact": vars(main_contact),
        "accountReference": customer.account_reference,
        "customerClass": {"id": group.id, "description": group.description},
        "creditTerms": _pair(customer.terms, setup.terms.get(customer.terms or "")),
        "currencyId": customer.currency,
        "creditVerification": customer.credit_verification,
        "creditLimit": customer.credit_limit,
        "invoiceAddress": _address_view(
            company, customer.invoice_address or customer.main_address
        ),
        "invoiceContact": vars(customer.invoice_contact or main_contact),
        **customer.flags,
        "deliveryAddress": _address_view(
            company, customer.delivery_address or customer.main_address
        ),
        "deliveryContact": vars(customer.delivery_contact or main_contact),
        "vatRegistrationId": customer.vat_registration_id,
        "corporateId": customer.corporate_id,
        "gln": customer.gln,
        "vatZone": _pair(customer.vat_zone, setup.zones.get(customer.vat_zone or "")),
        "location": {
            "countryId": customer.main_address.country,
            "id": "MAIN",
            "name": "Primary location",
        },
        "attributes": [
            {"id": key, "value": value, "description": setup.attributes.get(key, key)}
            for key, value in customer.attributes.items()
        ],
        **times(company, customer),
        "priceClass": _pair(customer.price_class, customer.price_class),
        "defaultPaymentMethodId": customer.payment_method,
        "timeStamp": version_text(customer.version),
    }


def _address_view(company: Company, address: Address) -> dict[str, object]:
    country = address.country
    return {
        "addressLine1": address.line1,
        "addressLine2": address.line2,
        "addressLine3": address.line3,
        "postalCode": address.postal_code,
        "city": address.city,
        "country": _pair(country, company.setup.countries.get(country or ""), "name"),
        "county": _pair(address.county, address.county, "name"),
    }


def _pair(
    identity: str | None, text: str | None, label: str = "description"
) -> dict[str, str] | None:
    return {"id": identity, label: text or identity} if identity else None
