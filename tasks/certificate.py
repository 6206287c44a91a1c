"""The certificate of a period: both systems read afresh, compared, written down.

The ledger names differences; no amount of it is compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict

from ledger import CertificateEntry, Signature, Unit
from mapping.certificate import (
    AccountRow,
    Cause,
    Certificate,
    CertificateRow,
    Difference,
    Entry,
)
from mapping.certificate_causes import Limits
from mapping.clearing_rows import ToSign
from mapping.clearing_signs import Told
from mapping.dates import document_date
from mapping.money import minor_text
from tasks.certificate_centra import read_centra
from tasks.certificate_compare import compare
from tasks.certificate_facts import facts_of
from tasks.certificate_rates import book_rates
from tasks.certificate_visma import read_visma
from tasks.clearing import clearing_as_json, clearing_now
from tasks.direction import Ends
from tasks.environment import environment

__all__ = ["Certified", "PeriodError", "as_json", "certify", "sign_difference"]

_MUST_BE_SIGNED = frozenset(
    {
        *(Cause.PARKED, Cause.IN_DOUBT, Cause.RATE, Cause.OUTSIDE_CENTRA),
        *(Cause.CHANGED_IN_VISMA, Cause.CHANGED_IN_CENTRA, Cause.UNKNOWN_DOCUMENT),
    }
)
"""Causes that people are behind, or must solve. The others answer for themselves, by time,
settings or arithmetic; what is unexplained cannot be signed at all."""


class PeriodError(ValueError):
    """Nothing can be certified of a period: one sentence."""


class Certified(BaseModel):
    """A certificate, where it was written, and what of it was signed."""

    model_config = ConfigDict(frozen=True, arbitrary_types_allowed=True)

    certificate: Certificate
    entries: tuple[Entry, ...]
    """What both sides said, of other days too."""
    entry: CertificateEntry
    signatures: Mapping[str, Signature]

    @property
    def unsigned(self) -> list[Difference | ToSign]:
        """What a named person must still sign: unexplained can never be signed away."""
        certificate = self.certificate
        wanted: list[Difference | ToSign] = [
            one
            for one in certificate.differences
            if one.cause in _MUST_BE_SIGNED or one.is_over_age
        ]
        if certificate.clearing is not None:
            wanted += certificate.clearing.to_sign
        return [one for one in wanted if one.id not in self.signatures]

    @property
    def is_clean(self) -> bool:
        """Whether nothing is unexplained, and all that must be signed is."""
        return not self.certificate.unexplained and not self.unsigned


async def certify(
    connection: str, since: date | None = None, until: date | None = None
) -> Certified:
    """Read both systems afresh, compare a period, and write the certificate down.

    By default from `start_on` to today; both days are part of the period.

    Raises:
        PeriodError: it ends before it begins or before `start_on`, or has not begun.
    """
    env = environment()
    settings, books = env.connection(connection), env.books(connection)
    today = document_date(env.clock(), settings.zone)
    first, last = since or settings.start_on, until or today
    if since is not None or until is not None:
        _refuse_empty(first, last, settings.start_on, today)
    rules = settings.certificate
    early = None if since is None else since - timedelta(days=rules.margin_days)
    async with env.centra(settings) as shop, env.visma(settings) as erp:
        ends = Ends(settings, books, shop, erp, env.clock)
        await erp.verify_company()
        centra = await read_centra(ends, early)
        visma = await read_visma(ends, centra, early)
        with books.read() as unit:
            facts = facts_of(unit, centra, settings, visma.entries)
        table, notes = await book_rates(ends, visma.entries)
        facts = replace(facts, book_rates=table)
        entries = (*centra.entries, *visma.entries)
        certificate = compare(
            entries,
            facts,
            since=first,
            until=last,
            limits=Limits(today, rules.in_flight_days, settings.base_currency),
        )
        clearing = await clearing_now(
            ends,
            centra.moved,
            visma.payments,
            centra_since=early,
            on=last,
            told=_told(certificate, first),
        )
    certificate = replace(certificate, clearing=clearing, notes=notes)
    body = json.dumps(as_json(certificate), sort_keys=True, ensure_ascii=False)
    with books.begin() as unit:
        entry = unit.certificates.save(first, last, body)
        ids = [one.id for one in certificate.differences]
        ids += [one.id for one in clearing.to_sign]
        signatures = unit.certificates.signed(ids)
    return Certified(
        certificate=certificate, entries=entries, entry=entry, signatures=signatures
    )


def _told(certificate: Certificate, since: date) -> Told:
    """The payments and their entries that differences name."""
    paid = [one for one in certificate.differences if one.pair == "paid"]
    return Told({name for d in paid for name in (*d.entries, *d.documents)}, since)


def _refuse_empty(first: date, last: date, start_on: date, today: date) -> None:
    """Stop where both systems could only agree because there is nothing to compare."""
    if last < start_on:
        message = f"the period ends {last}, and nothing from before {start_on} is taken"
    elif last < first:
        message = f"the period ends {last} before it begins {first}"
    elif first > today:
        message = f"the period begins {first}, and today is {today}"
    else:
        return
    raise PeriodError(message)


def _listed(unit: Unit) -> dict[str, dict[str, Any]]:
    """What the last certificate lists, by the id under which it can be signed."""
    last = unit.certificates.last()
    known = {} if last is None else json.loads(last.body)
    clearing = (known.get("clearing") or {}).get("to_sign", [])
    return {one["id"]: one for one in (*known.get("differences", []), *clearing)}


def is_listed(connection: str, difference: str) -> bool:
    """Whether the last certificate of a connection has a difference of that id."""
    with environment().books(connection).read() as unit:
        return difference in _listed(unit)


def sign_difference(
    connection: str, difference: str, *, by: str, note: str
) -> Signature | None:
    """Note that a named person accepts a difference of the last certificate.

    What is too old on a clearing account, or booked there by others, is signed alike.
    Answers what was signed before, if anything was: the newest one counts.

    Raises:
        LookupError: the last certificate has no such difference.
        ValueError: it is unexplained, which nobody can sign away.
    """
    with environment().books(connection).begin() as unit:
        listed = _listed(unit)
        if difference not in listed:
            raise LookupError(difference)
        if listed[difference].get("type") == Cause.UNEXPLAINED:
            message = f"difference {difference} is unexplained: find its cause first"
            raise ValueError(message)
        before = unit.certificates.signed([difference]).get(difference)
        unit.certificates.sign(difference, by=by, note=note)
    return before


def as_json(certificate: Certificate) -> dict[str, Any]:
    """The certificate as `--json` prints it: amounts as decimal strings.

    `unexplained` is the number 0 when nothing is.
    """
    base = certificate.base_currency
    rest = certificate.unexplained
    return {
        "from": certificate.since.isoformat(),
        "to": certificate.until.isoformat(),
        "base_currency": base,
        "compared": certificate.compared,
        "matched": certificate.matched,
        "differing": _counts(certificate.differing),
        "beside": _counts(certificate.beside),
        "explained": {
            cause.value: minor_text(amount, base)
            for cause, amount in sorted(certificate.explained().items())
        },
        "unexplained": minor_text(rest, base) if rest else 0,
        "notes": list(certificate.notes),
        "differences": [_difference(one, base) for one in certificate.differences],
        "rows": [_row(one) for one in certificate.rows],
        "accounts": [_account(one) for one in certificate.accounts],
        "clearing": clearing_as_json(certificate.clearing)
        if certificate.clearing
        else None,
    }


def _counts(counts: Mapping[Cause, int]) -> dict[str, int]:
    return {cause.value: count for cause, count in sorted(counts.items())}


def _difference(one: Difference, base: str) -> dict[str, Any]:
    return {
        "id": one.id,
        "type": one.cause.value,
        "pair": one.pair,
        "currency": base if one.cause is Cause.RATE else one.currency,
        "amount": minor_text(
            one.amount, base if one.cause is Cause.RATE else one.currency
        ),
        "in_base": minor_text(one.base, base),
        "day": one.day.isoformat(),
        "age_days": one.age_days,
        "over_age": one.is_over_age,
        "orders": list(one.orders),
        "documents": list(one.documents),
        "owner": one.owner,
        "sentence": one.sentence,
    }


def _account(row: AccountRow) -> dict[str, Any]:
    return {
        "day": row.day.isoformat(),
        "store": row.store,
        "country": row.country,
        "currency": row.currency,
        "pair": row.pair,
        "account": row.account or "of the item",
        "centra": minor_text(row.centra, row.currency),
        "visma": minor_text(row.visma, row.currency),
    }


def _row(row: CertificateRow) -> dict[str, Any]:
    amounts = {
        f"{side}_{name}": minor_text(getattr(row, f"{side}_{name}"), row.currency)
        for side in ("centra", "visma")
        for name in ("net", "vat", "gross")
    }
    return {
        "day": row.day.isoformat(),
        "store": row.store,
        "country": row.country,
        "currency": row.currency,
        "rate": None if row.rate is None else f"{row.rate:f}",
        "category": row.category,
        "pair": row.pair,
        "centra_count": row.centra_count,
        "visma_count": row.visma_count,
        **amounts,
    }
