"""Addresses and contacts, cut to what Visma.net takes and never silently."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import phonenumbers
import pycountry

from connectors.centra import models as centra
from connectors.errors import RecordError
from connectors.visma import ledger_writes as ledger
from connectors.visma import models as visma
from mapping.texts import clean, cut, width, wrap

__all__ = [
    "Party",
    "email_of",
    "party",
    "person_name",
    "phone_number",
    "places_of",
]

_UNLISTED = frozenset({"XK"})  # Kosovo, in use without being in ISO 3166
_LINE = 50
_LINES = 3
_POSTAL_CODE = 20
_LONG = 255
_PHONE = 50
_EMAIL = re.compile(r"[^@\s,;<>\"()]+@[^@\s,;<>\"()]+\.[^@\s,;<>\"()]+")


@dataclass(frozen=True, slots=True)
class Party:
    """Who and where, in Visma.net's lengths; `notes` say what did not fit."""

    name: str | None
    attention: str | None
    email: str | None
    phone: str | None
    lines: tuple[str, ...]
    postal_code: str | None
    city: str | None
    country: str
    notes: tuple[str, ...] = ()

    def order_address(self) -> visma.NewAddress:
        """Return the address as a sales order takes it."""
        line1, line2, line3 = self._three()
        return visma.NewAddress(
            line1=line1,
            line2=line2,
            line3=line3,
            postal_code=self.postal_code,
            city=self.city,
            country_id=self.country,
        )

    def order_contact(self) -> visma.Contact:
        """Return the contact as a sales order takes it."""
        return visma.Contact(
            name=self.name,
            attention=self.attention,
            email=self.email,
            phone1=self.phone,
        )

    def customer_address(self) -> visma.CustomerAddress:
        """Return the address as a customer takes it."""
        line1, line2, line3 = self._three()
        return visma.CustomerAddress(
            address_line1=line1,
            address_line2=line2,
            address_line3=line3,
            postal_code=self.postal_code,
            city=self.city,
            country_id=self.country,
        )

    def customer_contact(self) -> visma.CustomerContact:
        """Return the contact as a customer takes it."""
        return visma.CustomerContact(
            name=self.name,
            attention=self.attention,
            email=self.email,
            phone1=self.phone,
        )

    def ledger_address(self) -> ledger.LedgerAddress:
        """Return the address as an invoice or a credit note takes it."""
        line1, line2, line3 = self._three()
        return ledger.LedgerAddress(
            address_line1=line1,
            address_line2=line2,
            address_line3=line3,
            postal_code=self.postal_code,
            city=self.city,
            country_id=self.country,
        )

    def ledger_contact(self) -> ledger.LedgerContact:
        """Return the contact as an invoice or a credit note takes it."""
        return ledger.LedgerContact(
            name=self.name,
            attention=self.attention,
            email=self.email,
            phone1=self.phone,
        )

    def _three(self) -> tuple[str | None, str | None, str | None]:
        line1, line2, line3 = (*self.lines, None, None, None)[:_LINES]
        return line1, line2, line3


def party(
    address: centra.Address,
    *,
    what: str,
    record_id: str,
    country: str | None = None,
    email: str | None = None,
    phone: str | None = None,
) -> Party:
    """Read an address; `what` names it in notes, which hold no personal data.

    Raises:
        RecordError: there is no two-letter country.
    """
    notes: list[str] = []
    code = _country(address, country, what, record_id)
    parts = [clean(text or "") for text in (address.address1, address.address2)]
    state = clean(address.state_or_province or "")
    lines = _street(parts, state, what, notes)
    company = clean(address.company_name or "")
    person = person_name(address.first_name, address.last_name)
    attention = clean(address.attention or "") or (person if company else "")
    return Party(
        name=_fit(company or person or attention, _LONG, f"{what}: name", notes),
        attention=_fit(attention, _LONG, f"{what}: attention", notes),
        email=email_of((address.email, email), f"{what}: e-mail", notes),
        phone=phone_number(
            (address.cell_phone_number, address.phone_number, phone),
            code,
            f"{what}: phone",
            notes,
        ),
        lines=lines,
        postal_code=_fit(
            clean(address.zip_code or ""), _POSTAL_CODE, f"{what}: postal code", notes
        ),
        city=_fit(clean(address.city or ""), _LINE, f"{what}: city", notes),
        country=code,
        notes=tuple(notes),
    )


def places_of(
    order: centra.Order, *, country: str, record_id: str
) -> tuple[Party, Party]:
    """Return where the goods of an order go, and where its invoice does.

    Raises:
        RecordError: an address has no two-letter country.
    """
    shipping = order.shipping_address or order.billing_address or centra.Address()
    billing = order.billing_address or shipping
    person = order.buyer or order.customer
    email = person.email if person else None
    phone = order.customer.phone_number if order.customer else None
    to, bill = (
        party(
            address,
            what=what,
            record_id=record_id,
            country=country,
            email=email,
            phone=phone,
        )
        for address, what in ((shipping, "shipping"), (billing, "billing"))
    )
    return to, bill


def person_name(first: str | None, last: str | None) -> str:
    """Return a person's whole name, empty if there is none."""
    return " ".join(part for part in (clean(first or ""), clean(last or "")) if part)


def email_of(
    candidates: Sequence[str | None], what: str, notes: list[str]
) -> str | None:
    """Return the first candidate that is an e-mail address."""
    given = [clean(text) for text in candidates if text and clean(text)]
    for text in given:
        if _EMAIL.fullmatch(text) and width(text) <= _LONG:
            return text
    if given:
        notes.append(f"{what} left out: it is no valid address.")
    return None


def phone_number(
    candidates: Sequence[str | None], country: str, what: str, notes: list[str]
) -> str | None:
    """Return the first phone number, international where it can be understood."""
    given = [clean(text) for text in candidates if text and clean(text)]
    for text in given:
        try:
            number = phonenumbers.parse(text, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(number):
            return phonenumbers.format_number(
                number, phonenumbers.PhoneNumberFormat.INTERNATIONAL
            )[:_PHONE]
    return _fit(given[0], _PHONE, what, notes) if given else None


def _country(
    address: centra.Address, fallback: str | None, what: str, record_id: str
) -> str:
    code = (address.country.code if address.country else None) or fallback or ""
    code = code.strip().upper()
    if not re.fullmatch(r"[A-Z]{2}", code):
        raise RecordError(
            f"The {what} address of {record_id} has no two-letter country"
            f"{f', but {code!r}' if code else ''}.",
            code="COUNTRY_MISSING",
            fix=f"Give the {what} address a country in Centra, then retry it.",
            record_id=record_id,
        )
    if code not in _UNLISTED and pycountry.countries.get(alpha_2=code) is None:
        name = address.country.name if address.country else None
        raise RecordError(
            f"The {what} address of {record_id} is in '{code}' ({name or 'unnamed'}), "
            "which is no country.",
            code="COUNTRY_UNKNOWN",
            fix=f"Give the {what} address a country in Centra, then retry it.",
            record_id=record_id,
        )
    return code


def _street(
    parts: Sequence[str], state: str, what: str, notes: list[str]
) -> tuple[str, ...]:
    """Fill up to three lines; what overflows a line flows into the next free one."""
    texts = [text for text in (*parts, state) if text]
    pieces = [piece for text in texts for piece in wrap(text, _LINE)]
    if len(pieces) > _LINES:
        pieces = wrap(", ".join(texts), _LINE)
    if len(pieces) > _LINES:
        notes.append(f"{what} address cut to {_LINES} lines; all of it is in Centra.")
    return tuple(pieces[:_LINES])


def _fit(text: str, limit: int, what: str, notes: list[str]) -> str | None:
    if width(text) > limit:
        notes.append(f"{what} cut from {width(text)} to {limit} characters.")
    return cut(text, limit) or None
