"""What a run publishes in Prefect at its end: artifacts, and a line of the log each.

A run with nothing done publishes nothing. Keys are the same for every run of a
deployment, so that the UI shows their history.
"""

from __future__ import annotations

from collections.abc import Sequence

from prefect import get_run_logger
from prefect.artifacts import acreate_markdown_artifact

from ledger import DoneRow, ExceptionRow
from mapping.counting import counted
from settings.links import LinkRules
from tasks.commands import command
from tasks.document_links import document_link
from tasks.environment import environment
from tasks.naming import slug
from tasks.planned_rows import action_of, planned_rows
from tasks.request import Summary
from tasks.run_pages import SHOWN, done_page, parked_page, plan_page
from tasks.trends import trends_due

__all__ = ["publish_run"]

_LOGGED = 50
"""How many documents, and how many parked records, a run names in its log."""


async def publish_run(connection: str, summary: Summary, *, attempt: int) -> None:
    """Publish what the ledger knows of a run: done, parked, planned; now and then trends.

    What earlier attempts did is told again: the newest page of a run is whole.
    """
    env = environment()
    direction, run_id = summary.direction, summary.run_id
    if _is_idle(summary) and attempt == 1:
        return
    with env.books(connection).read() as unit:
        done, total = unit.outcomes.done(run_id, SHOWN)
        parked = list(unit.exceptions.of_run(run_id))
        is_told = parked or attempt > 1
        older = len(unit.exceptions.list(direction)) if is_told else 0
        plans = [
            (plan, planned_rows(unit, plan.hash))
            for plan in (summary.plan, summary.held)
            if plan and plan.writes
        ]
    links = env.connection(connection).links
    if done:
        _log_done(done, total, links)
        await _publish(
            done_page(done, total, summary.short, links),
            slug(direction, connection, "done"),
            f"{total} done",
        )
    older -= sum(row.direction == direction for row in parked)
    if parked or attempt > 1:
        _log_parked(parked)
        await _publish(
            parked_page(parked, older, direction, links),
            slug(direction, connection, "parked"),
            f"{len(parked)} parked",
        )
    for plan, rows in plans:
        await _publish(
            plan_page(plan, rows, links, command(f"apply {plan.hash}", connection)),
            slug(direction, connection, "plan"),
            f"plan {plan.hash}: {counted(plan.writes, 'write')}",
        )
    trends = trends_due(connection)
    if trends is not None:
        await _publish(trends, slug(connection, "trends"), f"trends of {connection}")


async def _publish(page: str, key: str, description: str) -> None:
    await acreate_markdown_artifact(page, key=key, description=description)


def _is_idle(summary: Summary) -> bool:
    """Whether nothing was done, parked anew, planned or held."""
    c = summary.counts
    done = c.created + c.updated + c.cancelled + c.adopted + c.in_doubt
    return not (done or c.newly_parked or summary.plan or summary.held)


def _log_done(rows: Sequence[DoneRow], total: int, links: LinkRules) -> None:
    logger = get_run_logger()
    for row in rows[:_LOGGED]:
        link = document_link(links, row.target_kind, row.target_id) or ""
        text = f"{row.label}: {action_of(row)} {row.target_id or ''} {link}"
        logger.info("%s %s", row.direction, text.strip())
    if total > _LOGGED:
        logger.info("… and %d more", total - _LOGGED)


def _log_parked(rows: Sequence[ExceptionRow]) -> None:
    logger = get_run_logger()
    for row in rows[:_LOGGED]:
        logger.warning("parked: %s, %s: %s", row.label, row.code, row.reason)
    if len(rows) > _LOGGED:
        logger.warning("… and %d more parked", len(rows) - _LOGGED)
