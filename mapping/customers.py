"""From a DTC customer or a wholesale account to a customer of Visma.net."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.centra import models as centra
from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.addresses import Party, email_of, party
from mapping.identity import CustomerNeed, corporate_id_in
from mapping.references import account_key, customer_key
from mapping.texts import clean, cut, width
from mapping.vat import EU_COUNTRIES, Sale, find_zone, sale_of, vat_number_of
from settings.connection import Connection
from settings.posting import Collective

__all__ = [
    "account_to_customer",
    "credit_terms",
    "customer_need",
    "customer_to_customer",
]

_NAME = 60


def customer_need(
    order: centra.Order, connection: Connection, *, zone: str | None = None
) -> CustomerNeed:
    """Return the customer that an order needs: an own one, or one for many.

    Raises:
        RecordError: the order names no customer, or no collective one is set for it.
    """
    sale = sale_of(order)
    zone = zone or find_zone(sale, connection.vat)
    currency = order.grand_total.currency.code
    number = str(order.number)
    if order.kind == "WholesaleOrder":
        if order.account is None:
            raise _no_customer(number, "account", "Account:read")
        return account_to_customer(
            order.account,
            connection,
            currency=currency,
            country=sale.country,
            address=order.billing_address,
            delivery=order.shipping_address,
            buyer=order.buyer,
            vat_number=vat_number_of(order),
            zone=zone,
            record_id=number,
        )
    store = connection.store(order.store.name or "") if order.store else None
    if store is not None and store.dtc_customers == "collective":
        return CustomerNeed(number=_collective(order, sale, store.collective))
    if order.customer is None:
        raise _no_customer(number, "customer", "Customer:read")
    return customer_to_customer(
        order.customer,
        connection,
        currency=currency,
        country=sale.country,
        address=order.billing_address or order.shipping_address,
        vat_number=sale.vat_number,
        zone=zone,
        record_id=number,
    )


def customer_to_customer(
    customer: centra.Customer,
    connection: Connection,
    *,
    currency: str | None = None,
    country: str | None = None,
    address: centra.Address | None = None,
    vat_number: str | None = None,
    zone: str | None = None,
    record_id: str | None = None,
) -> CustomerNeed:
    """Return a DTC customer, keyed by id: a guest and a member may share an e-mail.

    Its documents are never printed, mailed, sent as e-invoice, reminded or collected.

    Raises:
        RecordError: no address names a country.
    """
    key = customer_key(customer.id)
    rules = connection.customers
    who = _party(
        address or customer.billing_address, record_id or key, country, customer
    )
    names = (who.name, clean(f"{customer.first_name or ''} {customer.last_name or ''}"))
    name, notes = _name(names, f"Centra customer {customer.id}")
    write = visma.CustomerWrite(
        name=name,
        currency_id=currency,
        customer_class_id=rules.classes_by_country.get(who.country, rules.class_dtc),
        override_with_class_values=True,
        vat_registration_id=vat_number,
        vat_zone_id=zone or _zone(who.country, connection, wholesale=False),
        print_invoices=False,
        send_invoices_by_email=False,
        accept_auto_invoices=False,
        exclude_debt_collection=True,
        print_dunning_letters=False,
        send_dunning_letters_via_e_mail=False,
        print_statements=False,
        send_statements_by_email=False,
        main_address=_address(who),
        main_contact=who.customer_contact(),
        attributes={rules.attribute: connection.prefix + key},
    )
    return CustomerNeed(
        key=key,
        write=write,
        attribute_value=connection.prefix + key,
        vat_id=vat_number,
        email=who.email if rules.match_by_email else None,
        name=name,
        notes=(*who.notes, *notes),
    )


def account_to_customer(
    account: centra.Account,
    connection: Connection,
    *,
    currency: str | None = None,
    country: str | None = None,
    address: centra.Address | None = None,
    delivery: centra.Address | None = None,
    buyer: centra.Buyer | None = None,
    vat_number: str | None = None,
    zone: str | None = None,
    record_id: str | None = None,
) -> CustomerNeed:
    """Return a wholesale account with its numbers, terms and the buyer's e-mail.

    Raises:
        RecordError: no address names a country, or the terms are not mapped.
    """
    key = account_key(account.id)
    rules = connection.customers
    billing = account.billing_address or address
    who = _party(billing, record_id or key, country, buyer)
    name, notes = _name((account.name, who.name), f"Centra account {account.id}")
    vat_id = (account.vat_number or vat_number or "").strip() or None
    corporate_id = (account.organization_number or "").strip() or None
    corporate_id = corporate_id or corporate_id_in(vat_id)
    write = visma.CustomerWrite(
        name=name,
        currency_id=currency,
        credit_terms_id=credit_terms(account, connection, record_id=record_id),
        customer_class_id=rules.class_wholesale,
        override_with_class_values=True,
        vat_registration_id=vat_id,
        corporate_id=corporate_id,
        vat_zone_id=zone or _zone(who.country, connection, wholesale=True),
        main_address=_address(who),
        main_contact=who.customer_contact(),
        invoice_address=_address(who),
        invoice_contact=who.customer_contact(),
        delivery_address=_delivery(delivery, record_id or key, who),
        attributes={rules.attribute: connection.prefix + key},
    )
    return CustomerNeed(
        key=key,
        write=write,
        attribute_value=connection.prefix + key,
        corporate_id=corporate_id,
        vat_id=vat_id,
        email=who.email if rules.match_by_email else None,
        name=name,
        notes=(*who.notes, *notes),
    )


def credit_terms(
    account: centra.Account, connection: Connection, *, record_id: str | None = None
) -> str | None:
    """Return the credit terms of an account; None where it names none.

    Raises:
        RecordError: the settings do not map the account's payment terms.
    """
    text = account.payment_terms.description if account.payment_terms else None
    if not text:
        return None
    known = {k.casefold(): v for k, v in connection.customers.terms.items()}
    found = known.get(text.strip().casefold())
    if found is None:
        raise RecordError(
            f"Account {account.id} has the payment terms '{text}', which the settings "
            "do not map.",
            code="TERMS_NOT_MAPPED",
            fix=f'Add [customers.terms] "{text}" = "<Visma.net credit terms>".',
            record_id=record_id or account_key(account.id),
        )
    return found


def _party(
    address: centra.Address | None,
    record_id: str,
    country: str | None,
    person: centra.Customer | centra.Buyer | None,
) -> Party:
    who = address or centra.Address()
    if person is not None and not (who.first_name or who.last_name):
        names = {"first_name": person.first_name, "last_name": person.last_name}
        who = who.model_copy(update=names)
    phone = person.phone_number if isinstance(person, centra.Customer) else None
    email = person.email if person else None
    # a consumer is known by the own e-mail, a company by the one of its address
    is_own = isinstance(person, centra.Customer) or not who.email
    if email and is_own and email_of((email,), "", []):
        who = who.model_copy(update={"email": email})
    return party(
        who,
        what="billing",
        record_id=record_id,
        country=country,
        email=email,
        phone=phone,
    )


def _name(
    candidates: Sequence[str | None], fallback: str
) -> tuple[str, tuple[str, ...]]:
    """Return a customer's name; an e-mail address is never one."""
    usable = (clean(text or "") for text in candidates)
    name = next((text for text in usable if text and "@" not in text), fallback)
    if width(name) <= _NAME:
        return name, ()
    note = f"Customer name cut from {width(name)} to {_NAME} characters."
    return cut(name, _NAME), (note,)


def _address(who: Party) -> visma.CustomerAddress:
    """Return the address; a customer cannot be made without a first line."""
    address = who.customer_address()
    if address.address_line1:
        return address
    return address.model_copy(update={"address_line1": who.city or "-"})


def _delivery(
    address: centra.Address | None, record_id: str, who: Party
) -> visma.CustomerAddress | None:
    if address is None or not address.address1:
        return None
    found = party(address, what="shipping", record_id=record_id, country=who.country)
    return found.customer_address()


def _zone(country: str, connection: Connection, *, wholesale: bool) -> str | None:
    sale = Sale(
        country,
        country in EU_COUNTRIES,
        ("b2b",) if wholesale else ("b2c",),
        None,
        record_id="",
    )
    return find_zone(sale, connection.vat)


def _collective(order: centra.Order, sale: Sale, rows: Sequence[Collective]) -> str:
    """Return the customer for many: store, then country, then currency must fit best."""
    store = order.store.name if order.store else None
    currency = order.grand_total.currency.code

    def rank(row: Collective) -> tuple[bool, int, bool] | None:
        if row.store not in {"*", store} or row.currency not in {"*", currency}:
            return None
        places = {sale.country: 2, "EU": 1 if sale.in_eu else None, "*": 0}
        place = places.get(row.country)
        if place is None:
            return None
        return (row.store != "*", place, row.currency != "*")

    ranked = [(rank(row), row.number) for row in rows]
    fitting = [(key, number) for key, number in ranked if key is not None]
    if not fitting:
        raise RecordError(
            f"Order {order.number} of store {store}, {sale.country}, {currency} has no "
            "collective customer in the settings.",
            code="COLLECTIVE_NOT_MAPPED",
            fix=(
                f'Add [[stores."{store}".collective]] number = "..." '
                f'country = "{sale.country}" currency = "{currency}".'
            ),
            record_id=str(order.number),
        )
    return max(fitting, key=lambda row: row[0])[1]


def _no_customer(number: str, what: str, permission: str) -> RecordError:
    return RecordError(
        f"Order {number} shows no {what}.",
        code="CUSTOMER_MISSING",
        fix=f"Give the Centra token the permission {permission}, then retry it.",
        record_id=number,
    )
