"""The certificate as people read it: CSV files, and Prefect artifacts with a chart."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
from prefect.artifacts import acreate_markdown_artifact, acreate_table_artifact

from tasks.certificate import Certified, as_json
from tasks.csv_files import write_table
from tasks.naming import slug

__all__ = ["markdown_of", "publish", "write_csv"]

_WIDTH = 30
_DAYS = 31
_SHOWN = 200
"""Rows of a table artifact; all of them are in the CSV files."""
_OPEN = (
    "method",
    "currency",
    "account",
    "reference",
    "centra",
    "paid_in",
    "settled",
    "balance",
    "oldest",
    "age_days",
    "documents",
)
_ACCOUNTS = (
    "day",
    "store",
    "country",
    "currency",
    "pair",
    "account",
    "centra",
    "visma",
)
_COLUMNS = (
    "type",
    "pair",
    "amount",
    "currency",
    "day",
    "age_days",
    "sentence",
    "owner",
)


def write_csv(done: Certified, folder: Path) -> tuple[Path, Path]:
    """Write differences, rows and accounts as CSV files, and what is open on clearing.

    Answers where the first two are.

    A certificate of the same period is replaced: every one of them is in the ledger.
    """
    told = as_json(done.certificate)
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    lists = {"differences": None, "rows": None, "accounts": _ACCOUNTS}
    for name, columns in lists.items():
        path = folder / f"{told['from']}_{told['to']}_{name}.csv"
        write_table(pd.DataFrame(told[name], columns=columns), path)
        made.append(path)
    if told["clearing"]:
        path = folder / f"{told['from']}_{told['to']}_clearing.csv"
        write_table(pd.DataFrame(told["clearing"]["open"], columns=_OPEN), path)
    return made[0], made[1]


async def publish(done: Certified, connection: str) -> tuple[UUID, UUID]:
    """Make the artifacts of a certificate: a page with a chart, and the differences."""
    told = as_json(done.certificate)
    key = slug("certificate", connection)
    page = await acreate_markdown_artifact(
        markdown_of(told, unsigned=len(done.unsigned)),
        key=key,
        description=f"{told['from']} to {told['to']}",
    )
    rows = [{n: str(one[n]) for n in _COLUMNS} for one in told["differences"]]
    table = await acreate_table_artifact(
        rows[:_SHOWN] or [dict.fromkeys(_COLUMNS, "")],
        key=f"{key}-differences",
        description=f"{len(rows)} differences of {told['from']} to {told['to']}",
    )
    return page, table


def markdown_of(told: Mapping[str, Any], *, unsigned: int) -> str:
    """The page: what agreed, what each cause comes to, and the days as a chart."""
    base = told["base_currency"]
    counted = f"**{told['compared']}** compared, **{told['matched']}** matched"
    rest = f"unexplained **{told['unexplained']} {base}**, to be signed **{unsigned}**"
    lines = [f"# Certificate, {told['from']} to {told['to']}", ""]
    lines += [f"{counted}, {rest}.", ""]
    lines += [line for note in told["notes"] for line in (f"**Note:** {note}", "")]
    if told["explained"]:
        lines += [f"| Type | {base} |", "|---|---:|"]
        lines += [
            f"| {name.replace('_', ' ')} | {amount} |"
            for name, amount in told["explained"].items()
        ]
        lines.append("")
    lines += _chart(told["rows"])
    lines += _clearing(told["clearing"])
    open_ = [one for one in told["differences"] if one["type"] == "unexplained"]
    if open_:
        lines += ["## Unexplained", "", *(f"* {one['sentence']}" for one in open_), ""]
    return "\n".join(lines)


def _clearing(told: Mapping[str, Any] | None) -> list[str]:
    """The clearing accounts: what came in, what was settled, what is left and how old."""
    if not told or not told["accounts"]:
        return []
    lines = [f"## Clearing accounts on {told['on']}", ""]
    lines += [
        "| Method | Account | Currency | Paid in | Settled | Open | Oldest | In the books besides |",
        "|---|---|---|---:|---:|---:|---|---:|",
    ]
    for one in told["accounts"]:
        oldest = f"{one['oldest']} ({one['age_days']} days)" if one["oldest"] else ""
        lines.append(
            f"| {one['method']} | {one['account']} | {one['currency']} | {one['paid_in']} "
            f"| {one['settled']} | {one['balance']} | {oldest} | {one['difference']} |"
        )
    others = [text for one in told["accounts"] for text in one["others"]]
    shown = [f"* {text}" for text in others[:_SHOWN]]
    signable = [f"* `{one['id']}` {one['sentence']}" for one in told["to_sign"]]
    if signable:
        shown += ["", "To be solved, or signed:", "", *signable[:_SHOWN]]
    return [*lines, "", *shown, *([""] if shown else [])]


def _chart(rows: list[Mapping[str, Any]]) -> list[str]:
    """Documents of Centra by day, and how many of them Visma.net has."""
    days: defaultdict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        days[row["day"]][0] += row["centra_count"]
        days[row["day"]][1] += row["visma_count"]
    if not days:
        return []
    last = sorted(days)[-_DAYS:]
    most = max(max(days[day]) for day in last) or 1
    lines = ["## By day", "", "```", f"{'':10}  Centra, and Visma.net under it"]
    for day in last:
        for side, name in ((0, day), (1, "")):
            count = days[day][side]
            bar = ("█", "▒")[side] * round(_WIDTH * count / most)
            lines.append(f"{name:10}  {bar} {count}")
    return [*lines, "```", ""]
