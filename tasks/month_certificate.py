"""The tables of a month that come from its certificate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from ledger import IntentRow
from mapping.certificate import Cause, CertificateRow
from mapping.certificate_words import OWNERS
from mapping.clearing_rows import ToSign
from mapping.counting import counted
from mapping.money import Money
from mapping.month_tables import Cell, Column, Finding, Table, table
from tasks.certificate import Certified
from tasks.commands import command

__all__ = [
    "causes_table",
    "certificate_findings",
    "compared_table",
    "differences_table",
    "doubts_table",
]

_BOTH = ("centra", "visma")
_CLEARING, _FINANCE = "clearing", "finance"


def causes_table(done: Certified) -> Table:
    """What the certificate came to: the sum of each type of difference."""
    certificate, base = done.certificate, done.certificate.base_currency
    amounts = certificate.explained()
    if certificate.unexplained:
        amounts[Cause.UNEXPLAINED] = certificate.unexplained
    to_sign = _to_sign(done)
    counts: defaultdict[Cause, int] = defaultdict(int)
    open_: defaultdict[Cause, int] = defaultdict(int)
    unsigned = {one.id for one in done.unsigned}
    for one in certificate.differences:
        counts[one.cause] += 1
        open_[one.cause] += one.id in unsigned or one.cause is Cause.UNEXPLAINED
    return table(
        "certificate",
        "Certificate of the month",
        f"Both systems read afresh: {certificate.compared} documents or groups of them "
        f"compared, {certificate.matched} without any difference. Hash in the audit "
        f"chain: {done.entry.hash}.",
        (
            Column("type"),
            Column("differences", "count", is_summed=True),
            Column("to be signed or solved", "count", is_summed=True),
            Column(f"amount in {base}", "money", is_summed=True),
            Column("whose"),
        ),
        [
            (
                cause.value.replace("_", " "),
                counts[cause],
                open_[cause],
                _amount(units, base),
                OWNERS[cause],
            )
            for cause, units in sorted(amounts.items())
        ]
        + ([_clearing_row(done, to_sign)] if to_sign else []),
    )


def _to_sign(done: Certified) -> Sequence[ToSign]:
    """What stands on clearing accounts that a person must solve or accept."""
    clearing = done.certificate.clearing
    return clearing.to_sign if clearing is not None else ()


def _clearing_row(done: Certified, to_sign: Sequence[ToSign]) -> tuple[Cell, ...]:
    """How many; no sum, as they may be of several currencies."""
    open_ = sum(one.id not in done.signatures for one in to_sign)
    return (_CLEARING, len(to_sign), open_, None, _FINANCE)


def compared_table(rows: Sequence[CertificateRow]) -> Table:
    """Counts and sums of both sides, the days of the month together."""
    sums: defaultdict[tuple[str, ...], list[Decimal]] = defaultdict(
        lambda: [Decimal(0)] * 6
    )
    counts: defaultdict[tuple[str, ...], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        rate = "" if row.rate is None else f"{row.rate:f}"
        key = (
            row.pair,
            row.store,
            row.country,
            row.currency,
            rate,
            row.category,
        )
        for place, side in enumerate(_BOTH):
            counts[key][place] += getattr(row, f"{side}_count")
            for at, name in enumerate(("net", "vat", "gross")):
                units = getattr(row, f"{side}_{name}")
                sums[key][place * 3 + at] += _amount(units, row.currency)
    return table(
        "compared",
        "What was compared",
        "Orders, deliveries, credits and payments of both systems. Counts are documents "
        "by VAT rate.",
        (
            *(
                Column(name)
                for name in ("what", "store", "country", "currency", "rate %")
            ),
            Column("VAT category"),
            *(
                column
                for side in ("Centra", "Visma.net")
                for column in (
                    Column(f"{side} count", "count", is_summed=True),
                    Column(f"{side} net", "money"),
                    Column(f"{side} VAT", "money"),
                    Column(f"{side} gross", "money"),
                )
            ),
        ),
        [
            (
                *key,
                counts[key][0],
                *sums[key][:3],
                counts[key][1],
                *sums[key][3:],
            )
            for key in sorted(sums)
        ],
    )


def differences_table(done: Certified) -> Table:
    """Each difference, with who signed it."""
    base = done.certificate.base_currency
    rows: list[tuple[Cell, ...]] = []
    for one in done.certificate.differences:
        signed = done.signatures.get(one.id)
        currency = base if one.cause is Cause.RATE else one.currency
        rows.append(
            (
                one.id,
                one.cause.value.replace("_", " "),
                one.pair,
                currency,
                _amount(one.amount, currency),
                _amount(one.base, base),
                one.day,
                one.age_days,
                "yes" if one.is_over_age else "",
                one.sentence,
                one.owner,
                signed.by if signed else "",
                signed.note if signed else "",
            )
        )
    day = done.certificate.until
    for item in _to_sign(done):
        signed = done.signatures.get(item.id)
        amount = _amount(item.amount, item.currency)
        rows.append(
            (
                item.id,
                _CLEARING,
                "clearing account",
                item.currency,
                amount,
                amount if item.currency == base else None,
                day - timedelta(days=item.age_days),
                item.age_days,
                "yes",
                item.sentence,
                _FINANCE,
                signed.by if signed else "",
                signed.note if signed else "",
            )
        )
    return table(
        "differences",
        "Differences",
        "Centra less Visma.net; of type clearing, what is left on a clearing account. "
        "What is parked, in doubt, over age, or was changed or booked by people is signed "
        "one by one, and so is each of type clearing; what is unexplained cannot be "
        "signed away.",
        (
            Column("id"),
            Column("type"),
            Column("what"),
            Column("currency"),
            Column("amount", "money"),
            Column(f"amount in {base}", "money"),
            Column("day", "day"),
            Column("age", "count"),
            Column("over age"),
            Column("why"),
            Column("whose"),
            Column("signed by"),
            Column("note"),
        ),
        rows,
    )


def doubts_table(rows: Sequence[IntentRow]) -> Table:
    """Documents that may or may not have been written, when the pack was made."""
    return table(
        "in_doubt",
        "In doubt",
        "Sent, and the answer was lost; each is looked for before anything is sent again.",
        (
            Column("direction"),
            Column("record"),
            Column("reference"),
            Column("currency"),
            Column("amount", "money"),
            Column("sent", "time"),
            Column("looked for", "count"),
        ),
        [
            (
                one.direction,
                one.label,
                one.reference,
                one.currency or "",
                one.amount,
                one.sent_at,
                one.probes,
            )
            for one in rows
        ],
    )


def certificate_findings(done: Certified, connection: str) -> list[Finding]:
    """What stands between the certificate and a signature."""
    certificate = done.certificate
    found = []
    if certificate.unexplained:
        base = certificate.base_currency
        amount = Money.from_minor_units(certificate.unexplained, base)
        sentence = f"{amount} is unexplained: see the differences of that type."
        found.append(Finding("certificate", sentence))
    if done.unsigned:
        typed = command("certificate sign ID --by NAME --note TEXT", connection)
        sentence = (
            f"{counted(len(done.unsigned), 'difference')} must be solved "
            f"or signed: {typed}."
        )
        found.append(Finding("certificate", sentence))
    return found


def _amount(units: int, currency: str) -> Decimal:
    return Money.from_minor_units(units, currency).amount
