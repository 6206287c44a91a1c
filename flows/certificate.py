"""The certificate: both systems read afresh and compared; every difference is named.

Read: sales, returns and payments of Centra; sales orders, invoices, credit notes and
payments of Visma.net (tasks.certificate_centra, tasks.certificate_visma).
Compared: document by document (mapping.certificate_causes names what differs).
Written: in the ledger, as CSV, and as artifacts of the run.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from prefect import State, flow, get_run_logger, tags, task
from prefect.states import Completed, Failed

from flows.showing import rename
from tasks.certificate import Certified, certify
from tasks.certificate_report import publish, write_csv
from tasks.environment import environment
from tasks.naming import run_name, under_way
from tasks.policy import STEP

__all__ = ["certificate"]


@task(name="certify", **STEP)
async def certify_period(
    connection: str, since: date, until: date
) -> dict[str, int | str]:
    """Compare a period, publish what came of it, and answer counts and sums alone."""
    done = await certify(connection, since, until)
    await publish(done, connection)
    differences, _ = write_csv(
        done, environment().application.home / "certificates" / connection
    )
    get_run_logger().info("differences: %s", differences)
    return _told(done)


@flow(
    name="certificate",
    flow_run_name=under_way("certificate"),
    persist_result=True,
    validate_parameters=True,
)
async def certificate(
    connection: str = "demo",
    from_day: date | None = None,
    to_day: date | None = None,
) -> State[Any]:
    """Prove that what happened in Centra stands in Visma.net, or say why not.

    Args:
        connection: Name of the connection file, without .toml.
        from_day: First day. Empty: the first of last month, or start_on if that is later.
        to_day: Last day, included. Empty: today.
    """
    env = environment()
    settings = env.connection(connection)
    today = env.clock().astimezone(settings.zone).date()
    last_month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    since = from_day or max(last_month, settings.start_on)
    with tags(f"connection:{connection}", "certificate"):
        told = await certify_period(connection, since, to_day or today)
    what = f"{told['matched']} of {told['compared']} matched"
    await rename(run_name("certificate", what))
    return _ended(told)


def _told(done: Certified) -> dict[str, int | str]:
    certificate_ = done.certificate
    return {
        "compared": certificate_.compared,
        "matched": certificate_.matched,
        "unexplained": certificate_.unexplained,
        "unsigned": len(done.unsigned),
        "hash": done.entry.hash,
    }


def _ended(told: dict[str, int | str]) -> State[Any]:
    """Red when something is unexplained; yellow words when somebody must sign."""
    counted = f"{told['compared']} compared, {told['matched']} matched"
    if told["unexplained"]:
        return Failed(message=f"{counted}; something is unexplained", data=told)
    if told["unsigned"]:
        message = f"{counted}; {told['unsigned']} to be solved or signed"
        return Completed(name="Unsigned", message=message, data=told)
    return Completed(message=counted, data=told)
