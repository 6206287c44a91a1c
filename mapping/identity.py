"""Who a customer is: our key, and the one customer of Visma.net that answers it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from pydantic import BaseModel, ConfigDict

from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping.money import Money

__all__ = [
    "CustomerNeed",
    "KnownCustomer",
    "Match",
    "contradicts",
    "corporate_id_in",
    "ensure_not_blocked",
    "match_customer",
    "normal_email",
    "normal_number",
]

_NORDIC = (r"SE(\d{10})01", r"NO(\d{9})", r"DK(\d{8})", r"FI(\d{8})")
_FEWEST_DIGITS = 5
_BLOCKED = frozenset({"onhold", "credithold", "inactive"})


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CustomerNeed(_Frozen):
    """The customer that a document needs: a number that is known, or one to find.

    `email` is empty where the settings do not match by it.
    """

    key: str = ""
    number: str | None = None
    write: visma.CustomerWrite | None = None
    attribute_value: str | None = None
    corporate_id: str | None = None
    vat_id: str | None = None
    email: str | None = None
    name: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_company(self) -> bool:
        """Whether it is a wholesale account."""
        return self.key.startswith("acc-")


class KnownCustomer(_Frozen):
    """A customer of Visma.net, as far as it must be known to be recognised."""

    number: str
    attribute: str | None = None
    corporate_id: str | None = None
    vat_id: str | None = None
    email: str | None = None
    name: str | None = None
    status: str = "Active"


class Match(_Frozen):
    """The customer found, and by what."""

    number: str
    how: str


def normal_number(value: str | None) -> str:
    """Return an organisation or VAT number without blanks, dashes and 'MVA'.

    Empty for what names nobody: "N/A", "none", "0", "000000-0000".
    """
    text = re.sub(r"[^0-9A-Z]", "", (value or "").upper()).removesuffix("MVA")
    digits = re.sub(r"\D", "", text)
    names_somebody = len(digits) >= _FEWEST_DIGITS and len(set(digits)) > 1
    return text if names_somebody else ""


def corporate_id_in(vat_number: str | None) -> str | None:
    """Return the organisation number that a Nordic VAT number is made of.

    SE + ten digits + 01, NO + nine digits (+ MVA), DK + eight digits, FI + eight.
    """
    text = normal_number(vat_number)
    found = next((m for p in _NORDIC if (m := re.fullmatch(p, text))), None)
    return found.group(1) if found else None


def normal_email(value: str | None) -> str:
    """Return an e-mail address for comparison."""
    return (value or "").strip().casefold()


def match_customer(
    need: CustomerNeed,
    candidates: Sequence[KnownCustomer],
    *,
    at_stake: Money | None = None,
    record_id: str | None = None,
) -> Match | None:
    """Return the customer that answers the need; each candidate is checked exactly.

    Our attribute decides before organisation number, VAT number and e-mail. An e-mail
    is not unique in either system: it is no match where another key of a connector or
    another organisation number contradicts it.

    Raises:
        RecordError: two customers fit equally well, or the one is blocked.
    """
    levels: tuple[tuple[str, Callable[[KnownCustomer], bool]], ...] = (
        ("attribute", lambda known: _same(need.attribute_value, known.attribute)),
        ("corporate_id", lambda known: _same_company(need, known)),
        ("vat_id", lambda known: _same_number(need.vat_id, known.vat_id)),
        ("email", lambda known: _same_email(need, known)),
    )  # fmt: skip
    for how, fits in levels:
        found = {known.number: known for known in candidates if fits(known)}
        if len(found) > 1:
            raise _ambiguous(need, how, sorted(found), record_id)
        for known in found.values():
            ensure_not_blocked(known, at_stake=at_stake, record_id=record_id)
            return Match(number=known.number, how=how)
    return None


def ensure_not_blocked(
    known: KnownCustomer,
    *,
    at_stake: Money | None = None,
    record_id: str | None = None,
) -> None:
    """Stop a document for a customer that Visma.net has blocked.

    Raises:
        RecordError: the customer is on hold, on credit hold or inactive.
    """
    status = re.sub(r"[^a-z]", "", known.status.casefold())
    if status in _BLOCKED:
        amount = f"; {at_stake} wait for it" if at_stake is not None else ""
        raise RecordError(
            f"Customer {known.number} has the status {known.status} in Visma.net"
            f"{amount}.",
            code="CUSTOMER_BLOCKED",
            fix=f"Release customer {known.number} in Visma.net; it resumes by itself.",
            record_id=record_id,
        )


def _same(wanted: str | None, known: str | None) -> bool:
    return bool(wanted) and wanted == (known or "").strip()


def _same_number(wanted: str | None, known: str | None) -> bool:
    return bool(normal_number(wanted)) and normal_number(wanted) == normal_number(known)


def _same_company(need: CustomerNeed, known: KnownCustomer) -> bool:
    """Whether the organisation number fits; two countries may use the same digits."""
    fits = _same_number(need.corporate_id, known.corporate_id)
    return fits and not contradicts(need.vat_id, known.vat_id)


def _same_email(need: CustomerNeed, known: KnownCustomer) -> bool:
    if not need.email or normal_email(need.email) != normal_email(known.email):
        return False
    if (known.attribute or "").strip():
        return False
    is_company = normal_number(known.corporate_id) or normal_number(known.vat_id)
    if not need.is_company and is_company:
        return False  # a company's mailbox does not make a person that company
    return not (
        contradicts(need.corporate_id, known.corporate_id)
        or contradicts(need.vat_id, known.vat_id)
    )


def contradicts(wanted: str | None, known: str | None) -> bool:
    """Whether two numbers are both there, and name two companies."""
    left, right = normal_number(wanted), normal_number(known)
    return bool(left and right and left != right)


def _ambiguous(
    need: CustomerNeed, how: str, numbers: Sequence[str], record_id: str | None
) -> RecordError:
    return RecordError(
        f"{need.key} fits several customers of Visma.net by {how}: "
        f"{', '.join(numbers)}.",
        code="AMBIGUOUS_CUSTOMER",
        fix=(
            f"Give the right one the attribute value {need.attribute_value} in "
            "Visma.net, then retry the record."
        ),
        record_id=record_id or need.key,
    )
