"""The difference report of a full comparison: a CSV file, and a table in the Prefect UI."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd
from prefect.artifacts import acreate_table_artifact
from prefect.context import TaskRunContext

from ledger import Level, Shelf
from tasks.csv_files import write_table
from tasks.direction import Ends
from tasks.environment import environment
from tasks.naming import slug
from tasks.stock_difference import Difference, plain_rows
from tasks.stock_look import Look
from tasks.stock_slots import Wanted
from tasks.stock_waiting import REPORT

__all__ = ["publish", "report_of", "write_report"]

_SHOWN = 200
"""Rows of a table artifact; all of them are in the CSV file."""
_COLUMNS = (
    "status",
    "warehouse",
    "item",
    "sku",
    "ean",
    "figure",
    "visma_took",
    "centra_took",
    "wanted",
    "in_centra",
    "read_at",
)


_NAMES = {
    "physical": "in_centra",
    "at_visma": "visma_took",
    "at_centra": "centra_took",
}
"""The words of `centra-visma stock`: what each side took of a shelf."""


def report_of(
    found: Difference,
    wanted: Wanted,
    clamped: Mapping[Shelf, int],
    look: Look,
    catalogue: pd.DataFrame,
    lost: Sequence[Level],
) -> pd.DataFrame:
    """One row a size and warehouse that was compared, and one for what has no partner.

    `status` is equal, corrected, held, refused, promised (Centra keeps what it has
    promised), unknown in Centra, unknown in Visma.net, not unique, or not read (`lost`:
    Visma.net had a figure before, and has none now; Centra keeps what it has).
    """
    names = look.places.names
    rows = found.rows.rename(columns=_NAMES)
    shelves = [Shelf(*one) for one in plain_rows(rows, "warehouse", "size_id")]
    changed = rows["is_changed"].tolist()
    rows = rows.assign(
        warehouse=rows["warehouse"].map(names),
        status=[
            _status(shelf, wanted, clamped, look) if is_changed else "equal"
            for shelf, is_changed in zip(shelves, changed, strict=True)
        ],
    )
    unknown = found.unknown.assign(
        warehouse=found.unknown["warehouse"].map(names), status="unknown in Centra"
    )
    not_unique = found.not_unique[["item"]].assign(status="not unique")
    unread = _unread(lost, names, catalogue)
    alone = catalogue[
        ~catalogue["item"].isin(found.rows["item"])
        & ~catalogue["item"].isin(found.not_unique["item"])
        & ~catalogue["item"].isin(unread["item"])
    ]
    alone = alone[["item", "sku", "ean"]].assign(status="unknown in Visma.net")
    parts = [
        part.reindex(columns=list(_COLUMNS)).astype(object)
        for part in (rows, unread, unknown, not_unique, alone)
        if len(part)
    ]
    if not parts:
        return pd.DataFrame(columns=list(_COLUMNS))
    read_at = look.begun_at.isoformat(timespec="seconds")
    return pd.concat(parts, ignore_index=True).assign(read_at=read_at)


def _unread(
    lost: Sequence[Level], names: Mapping[int, str], catalogue: pd.DataFrame
) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            (names[one.warehouse], one.size_id, one.quantity, one.physical)
            for one in lost
        ],
        columns=["warehouse", "size_id", "figure", "in_centra"],
    ).astype({"size_id": "int64"})
    sizes = catalogue.drop_duplicates("size_id")
    return frame.merge(sizes, on="size_id", how="inner").assign(status="not read")


def write_report(ends: Ends, report: pd.DataFrame) -> Path:
    """Write the report as a CSV file, named by its time, and keep what it came to."""
    name = ends.settings.name
    now = ends.clock().astimezone(ends.settings.zone)
    folder = environment().application.home / "reports" / name
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"stock_{now:%Y-%m-%d_%H%M%S}.csv"
    write_table(report, path)
    told = {"file": str(path), "at": ends.clock().isoformat(), **counts_of(report)}
    with ends.books.begin() as unit:
        unit.cursors.move(REPORT, json.dumps(told))
    return path


async def publish(report: pd.DataFrame, connection: str) -> None:
    """Show what is not equal in the Prefect UI; nothing outside of a Prefect run."""
    if TaskRunContext.get() is None:
        return
    odd = report[report["status"] != "equal"].head(_SHOWN)
    rows = [
        {name: "" if value is None else str(value) for name, value in one.items()}
        for one in (
            dict(zip(_COLUMNS, row, strict=True)) for row in plain_rows(odd, *_COLUMNS)
        )
    ]
    counted = ", ".join(f"{count} {name}" for name, count in counts_of(report).items())
    await acreate_table_artifact(
        rows or [dict.fromkeys(_COLUMNS, "")],
        key=slug("stock", connection),
        description=counted or "nothing was compared",
    )


def counts_of(report: pd.DataFrame) -> dict[str, int]:
    """How many rows of the report have each status."""
    counted = report["status"].value_counts()
    return {str(name): int(counted[name]) for name in sorted(counted.index)}


def _status(
    shelf: Shelf, wanted: Wanted, clamped: Mapping[Shelf, int], look: Look
) -> str:
    if shelf in clamped:
        return "promised"
    if shelf in look.waiting.refused:
        return "refused"
    return "held" if wanted.why_held(shelf) else "corrected"
