"""The tables of a month that come from the ledger: decisions, settings, runs, rates."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from ledger import AuditRow, RunsRow, SettingsRow, StampRow, VersionRow
from mapping.money import sum_text
from mapping.month_money import UsedRate
from mapping.month_tables import Cell, Column, Table, table
from mapping.rounding import ZERO
from tasks.booked_rates import rate_of

_CURRENCY = re.compile("[A-Z]{3}")

__all__ = [
    "approvals_table",
    "changes_table",
    "runs_table",
    "used_rates",
    "versions_table",
]


def approvals_table(lines: Sequence[AuditRow]) -> Table:
    """Who decided what: plans, going live, exceptions, signatures, and whatever else."""
    return table(
        "approvals",
        "Who approved what",
        "From the audit chain: what was decided in the month, and about its differences later.",
        (
            Column("line", "count"),
            Column("when", "time"),
            Column("who"),
            Column("what"),
            Column("of"),
            Column("details"),
        ),
        [
            (
                one.seq,
                one.at,
                one.actor,
                one.action.replace(".", " ").replace("_", " "),
                " ".join(
                    text
                    for text in (one.direction, one.source_id, one.document)
                    if text
                ),
                "; ".join(_detail(*item) for item in sorted(one.detail.items())),
            )
            for one in lines
        ],
    )


def _detail(name: str, value: object) -> str:
    """What a line of the audit chain says beside; sums stand under their currency."""
    if _CURRENCY.fullmatch(name):
        return sum_text(Decimal(str(value)), name)
    return f"{name}: {value}"


def versions_table(
    versions: Sequence[VersionRow], settings: Sequence[SettingsRow]
) -> Table:
    """Which version of the settings and the mapping shaped which documents."""
    since = {one.version: one.first_at for one in settings}
    return table(
        "settings",
        "Settings versions",
        "Every document carries the hash of the settings that shaped it. The text of "
        "each version is kept in the ledger, and its hash can be worked out from it.",
        (
            Column("settings"),
            Column("in use since", "time"),
            Column("mapping"),
            Column("direction"),
            Column("documents", "count", is_summed=True),
            Column("first", "time"),
            Column("last", "time"),
        ),
        [
            (
                one.settings_version,
                since.get(one.settings_version),
                one.mapping_version,
                one.direction,
                one.documents,
                one.first_at,
                one.last_at,
            )
            for one in versions
        ],
    )


def changes_table(
    settings: Sequence[SettingsRow], since: datetime, until: datetime
) -> Table:
    """What changed in the settings from one version to the next, during the month."""
    rows: list[tuple[Cell, ...]] = []
    before: Mapping[str, str] = {}
    for one in settings:
        now = dict(_flat("", json.loads(one.body)))
        if before and since <= one.first_at < until:
            rows += [
                (one.version, one.first_at, key, before.get(key, ""), now.get(key, ""))
                for key in sorted({*before, *now})
                if before.get(key) != now.get(key)
            ]
        before = now
    return table(
        "settings_changes",
        "What changed in the settings",
        "Each setting that was another one before; of lists, by place.",
        (
            Column("settings"),
            Column("when", "time"),
            Column("setting"),
            Column("before"),
            Column("after"),
        ),
        rows,
    )


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - any JSON
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _flat(f"{path}.{key}" if path else key, one)
    elif isinstance(value, list):
        for place, one in enumerate(value):
            yield from _flat(f"{path}[{place}]", one)
    else:
        yield path, "" if value is None else str(value)


def runs_table(runs: Sequence[RunsRow]) -> Table:
    """How often each direction ran, under which settings, and how that ended."""
    return table(
        "runs",
        "Processing history",
        "The runs of the month, by direction, end and version of the settings.",
        (
            Column("direction"),
            Column("ended"),
            Column("settings"),
            Column("runs", "count", is_summed=True),
            Column("first", "time"),
            Column("last", "time"),
        ),
        [
            (
                one.direction,
                one.state,
                one.settings_version,
                one.runs,
                one.first_at,
                one.last_at,
            )
            for one in runs
        ],
    )


def used_rates(stamps: Sequence[StampRow]) -> list[UsedRate]:
    """The rates of documents, those of one rate together.

    Those that were booked at no rate that Visma.net tells are one row: with what all of
    them come to, as booked.
    """
    groups: defaultdict[tuple[object, ...], list[StampRow]] = defaultdict(list)
    for row in stamps:
        own, booked = row.stamp, row.booked
        told = booked.rate if booked is not None and own.rate is None else own.rate
        key = (row.direction, own.currency, own.source, own.rate_on, told)
        groups[key].append(row)
    return [_used(rows) for rows in groups.values()]


def _used(rows: Sequence[StampRow]) -> UsedRate:
    first = rows[0].stamp
    amount = sum((row.stamp.amount or ZERO for row in rows), ZERO)
    booked = [row.booked.amount for row in rows if row.booked is not None]
    in_base = sum(booked, ZERO) if len(booked) == len(rows) else None
    rate = rate_of(rows)
    return UsedRate(
        source=f"{first.source}, as booked"
        if rate is not None and rate.is_worked_out
        else first.source,
        currency=first.currency,
        base_currency=first.base_currency,
        on=first.rate_on,
        rate=None if rate is None else rate.rate,
        used_for=rows[0].direction,
        documents=len(rows),
        amount=amount,
        in_base=in_base,
    )
