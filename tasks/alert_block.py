"""How Prefect's server tells what no run can tell: that no run is made at all.

An automation of the server names a cause; this block notes it in the ledger, as the
watch does with its own, and tells it if it is new. It holds no address: the server's
process knows CENTRA_VISMA_ALERTS. Prefect loads it by the entry point of pyproject.toml.
Source: Prefect, "Automations" (the action send-notification calls `notify` of a block).
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from prefect.blocks.abstract import NotificationBlock, NotificationError
from prefect.settings import PREFECT_UI_URL

from ledger import INSTALLATION
from mapping.alerts import Cause, still_meant
from tasks.environment import Environment, environment
from tasks.telling import Telling, tell

__all__ = ["BLOCK", "CAUSES", "AlertsOfCentraVisma", "note_of_server"]

BLOCK = "centra-visma-alerts"
"""The name of the one document of this block."""
_AWAKE = timedelta(minutes=15)
_STARTED = time.monotonic()


@dataclass(frozen=True)
class _Words:
    what: str
    to_do: str
    explained_by: tuple[str, ...] = ()
    needs_awake: bool = False
    """Whether it means nothing in a server that has just begun."""


CAUSES = {
    "worker": _Words(
        "no worker answers, so no direction runs",
        "start it with centra-visma up, and see centra-visma logs prefect-worker",
    ),
    "standstill": _Words(
        "runs are due and none begins",
        "see whether the worker runs (centra-visma status), and its log (centra-visma "
        "logs prefect-worker)",
        explained_by=("worker",),
    ),
    "watch": _Words(
        "the watch does not run, so nothing else would be told",
        "see whether its schedule is on, and why its runs fail",
        explained_by=("worker", "standstill"),
        needs_awake=True,
    ),
}
"""What automations.json may name."""


class AlertsOfCentraVisma(NotificationBlock):
    """Tells a cause, named by the subject of the notification, once while it lasts."""

    _block_type_name = "centra-visma alerts"
    _description = "Tells alerts to the channels of CENTRA_VISMA_ALERTS."

    async def notify(self, body: str, subject: str | None = None) -> None:
        """Note a cause and tell it; `body` is a page of the UI, such as `/runs`.

        Raises:
            NotificationError: A channel took nothing; the watch tries it again.
        """
        link = f"{PREFECT_UI_URL.value()}{body}" if PREFECT_UI_URL.value() else ""
        deaf = (await note_of_server(environment(), subject or "", link)).deaf
        if deaf and self._raise_on_failure:
            raise NotificationError(log=f"channel {', '.join(deaf)} took nothing")


async def note_of_server(
    env: Environment, key: str, link: str, awake: timedelta | None = None
) -> Telling:
    """Note a cause of the installation, and tell what was not told yet.

    Args:
        env: With the ledger and the channels.
        key: `worker`, `standstill` or `watch`.
        link: Where to press.
        awake: For how long the server has been up; by default, this process.

    Raises:
        LookupError: There is no such cause.
        ConfigError: A channel is not understood; the cause was noted.
        RetryableError: The ledger is busy or out of reach.
    """
    if key not in CAUSES:
        message = f"an automation names the cause '{key}', which nobody knows"
        raise LookupError(message)
    words = CAUSES[key]
    if words.needs_awake and (awake or _awake()) < _AWAKE:
        return Telling()
    await asyncio.to_thread(_note, env, key, words, link, env.clock())
    return await tell(env, [INSTALLATION])


def _note(env: Environment, key: str, words: _Words, link: str, now: datetime) -> None:
    alerts = env.ledger.alerts(INSTALLATION)
    cause = Cause(
        key=key,
        what=words.what,
        since=now,
        to_do=words.to_do,
        link=link,
        explained_by=words.explained_by,
    )
    alerts.see(still_meant([cause], [one.cause for one in alerts.open()]))


def _awake() -> timedelta:
    return timedelta(seconds=time.monotonic() - _STARTED)
