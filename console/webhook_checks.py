"""What `check` says of webhooks: whether each side has a secret, and who takes them."""

from __future__ import annotations

from console.process_table import RECEIVER
from console.processes import Processes, is_answering
from mapping.dates import moment_text
from tasks.check_rows import CheckRow, row
from tasks.environment import Environment
from tasks.telling import zone_of

__all__ = ["webhook_rows"]

_SYSTEMS = {"centra": "Centra", "visma": "Visma.net"}


def webhook_rows(env: Environment, connection: str) -> list[CheckRow]:
    """A row for each side, and one for the receiver if any side can call it.

    No secret is nothing wrong: then polling alone finds what has changed.
    """
    has = {
        system: env.has_secret(connection, f"{system}_webhook_secret")
        for system in _SYSTEMS
    }
    rows = [_secret_row(env, connection, one, is_set=has[one]) for one in _SYSTEMS]
    return [*rows, _receiver_row(env)] if any(has.values()) else rows


def _secret_row(
    env: Environment, connection: str, system: str, *, is_set: bool
) -> CheckRow:
    what = f"{_SYSTEMS[system]} webhooks"
    if not is_set:
        return row(what, "have no secret; what changes is found by polling")
    with env.books(connection).read() as unit:
        last = unit.hints.last_call(system)
    came = (
        f"the last call came {moment_text(last, zone_of(env, connection))}"
        if last
        else "none came yet"
    )
    return row(what, f"have a secret; {came}")


def _receiver_row(env: Environment) -> CheckRow:
    running = Processes(env.application.home.resolve()).running(RECEIVER)
    if running and running.health and is_answering(running.health):
        return row("webhook receiver", f"answers at {running.address}")
    found = "does not answer" if running else "does not run here"
    fix = "Start it with 'centra-visma up'; until then polling finds what changes."
    return CheckRow(what="webhook receiver", state="warning", found=found, fix=fix)
