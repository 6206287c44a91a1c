"""The month end: the pack of a month, for those who sign it.

Read: what the certificate reads; the journal, balances and documents of Visma.net for
the month; the ECB's rates at its end; the connector's own history (tasks.month_end).
Written: a workbook and a page (tasks.month_files), and an artifact that says what is open.
"""

from __future__ import annotations

from typing import Any

from prefect import State, flow, get_run_logger, tags, task
from prefect.artifacts import acreate_markdown_artifact
from prefect.states import Completed, Failed

from flows.showing import rename
from mapping.month import Month
from tasks.month_end import make_pack, month_named
from tasks.month_files import write_pack
from tasks.month_overview import overview_markdown
from tasks.naming import run_name, slug, under_way
from tasks.policy import STEP

__all__ = ["month_end"]


@task(name="pack the month", **STEP)
async def pack_month(connection: str, month: str) -> dict[str, Any]:
    """Make the pack and its files; answer counts and paths alone."""
    pack = await make_pack(connection, Month.parse(month))
    files = write_pack(pack)
    await acreate_markdown_artifact(
        overview_markdown(pack, [str(files.workbook), str(files.page)]),
        key=slug("month-end", connection),
        description=f"{pack.month}",
    )
    get_run_logger().info("pack: %s", files.page)
    return {
        "month": month,
        "findings": len(pack.findings),
        "provisional": pack.is_provisional,
        "workbook": str(files.workbook),
        "page": str(files.page),
    }


@flow(
    name="month_end",
    flow_run_name=under_way("month_end"),
    persist_result=True,
    validate_parameters=True,
)
async def month_end(connection: str = "demo", month: str | None = None) -> State[Any]:
    """Write the pack of a month: certificate, VAT and OSS, tie-out, what is open, history.

    Args:
        connection: Name of the connection file, without .toml.
        month: The month, like 2026-03. Empty: the last one that is over.
    """
    try:
        wanted = month_named(connection, month)
    except ValueError as error:
        return Failed(message=str(error))
    with tags(f"connection:{connection}", "month_end"):
        told = await pack_month(connection, str(wanted))
    what = f"{told['month']}, {told['findings']} to look at"
    await rename(run_name("month_end", what))
    message = f"{told['month']}: {told['findings']} to look at; {told['page']}"
    if told["findings"] or told["provisional"]:
        return Completed(name="Open", message=message, data=told)
    return Completed(message=message, data=told)
