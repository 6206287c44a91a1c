"""The month on one page, and the pack as JSON and as an artifact shows it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from mapping.money import Money, amount_text
from mapping.month_tables import Cell, Column, Pack, Table, table
from mapping.month_ties import Tie
from tasks.certificate import Certified

__all__ = ["as_json", "overview_markdown", "overview_table"]


_LABELS = {"rounding": "what invoices gained by it, less what credit notes did"}


def overview_table(
    done: Certified, ties: Sequence[Tie], tables: Sequence[Table], base: str
) -> Table:
    """The month on one page: what it came to, and what is open."""
    by_key = {one.key: one for one in tables}
    certificate = done.certificate
    rows: list[tuple[Cell, ...]] = [
        ("Certificate: compared", certificate.compared, None, None),
        ("Certificate: without difference", certificate.matched, None, None),
        (
            "Certificate: unexplained",
            None,
            Money.from_minor_units(certificate.unexplained, base).amount,
            base,
        ),
        ("Certificate: to be signed or solved", len(done.unsigned), None, None),
    ]
    for key, name, currency in (
        ("sales", f"net in {base}", base),
        ("sales", f"VAT in {base}", base),
        ("oss", "VAT in EUR", "EUR"),
        ("oss", "corrections VAT in EUR", "EUR"),
        ("reverse_charge", f"net in {base}", base),
        ("prepayments", f"not invoiced in {base}", base),
        ("rounding", f"amount in {base}", base),
    ):
        one = by_key[key]
        label = _LABELS.get(key) or name.removesuffix(f" in {currency}")
        if missing := one.lacking(name):
            label += f", WITHOUT {', '.join(missing)}, which have no rate yet"
        rows.append((f"{one.title}: {label}", None, one.total(name), currency))
    rows += [(f"{tie.table.title}: difference", None, tie.off, base) for tie in ties]
    rows.append(("In doubt", len(by_key["in_doubt"].rows), None, None))
    return table(
        "overview",
        "Overview",
        "What the month came to, and what is open.",
        (
            Column("what"),
            Column("count", "count"),
            Column("amount", "money"),
            Column("currency"),
        ),
        rows,
    )


def overview_markdown(pack: Pack, files: Sequence[str]) -> str:
    """The artifact of a run: what must be looked at, the overview, the files."""
    lines = [f"# Month end {pack.month}", ""]
    if pack.is_provisional:
        lines.append("* The month was not over when this was made.")
    lines += [f"* {one.sentence}" for one in pack.findings]
    if pack.is_clean:
        lines.append("Nothing stands between this month and a signature.")
    lines += ["", "| | | |", "|---|---:|---|"]
    for what, count, amount, currency in pack.table("overview").rows:
        value = (
            amount_text(amount, str(currency))
            if isinstance(amount, Decimal)
            else f"{count:,}"
        )
        lines.append(f"| {what} | {value} | {currency or ''} |")
    lines += ["", *(f"`{one}`" for one in files), ""]
    return "\n".join(lines)


def as_json(pack: Pack) -> dict[str, Any]:
    """The pack as `--json` prints it: amounts and rates as decimal strings."""
    return {
        "connection": pack.connection,
        "month": str(pack.month),
        "base_currency": pack.base_currency,
        "made_at": pack.made_at.isoformat(),
        "provisional": pack.is_provisional,
        "findings": [
            {"table": one.table, "sentence": one.sentence} for one in pack.findings
        ],
        "tables": {
            one.key: {
                "rows": [
                    {name: _plain(value) for name, value in record.items()}
                    for record in one.records
                ],
                "totals": {
                    column.name: _plain(value)
                    for column, value in zip(
                        one.columns, one.totals or (), strict=False
                    )
                    if column.is_summed
                },
            }
            for one in pack.tables
        },
    }


def _plain(value: Cell) -> str | int | None:
    match value:
        case None | int() | str():
            return value
        case Decimal():
            return f"{value:f}"
        case datetime() | date():
            return value.isoformat()
