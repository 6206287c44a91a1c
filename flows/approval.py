"""A run that stops as a plan may wait in the Prefect UI until somebody says yes or no.

The run is suspended: no process and no slot of its deployment are held meanwhile. After
Resume Prefect begins the flow from the top; that this run has asked, and about which
plan, is known by the key that Prefect keeps with the run.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from prefect import asuspend_flow_run, runtime
from prefect.context import FlowRunContext
from prefect.input import RunInput, keyset_from_base_key
from prefect.input.actions import aread_flow_run_input
from pydantic import Field

from connectors.errors import ConfigError
from mapping.money import sum_text
from tasks.naming import waiting_words
from tasks.request import Planned

__all__ = ["Approval", "answered", "ask", "refuse_alone"]

_KEY = "plan-"
_DAYS = 7
_SECONDS = _DAYS * 86_400


class Approval(RunInput):
    """What Resume asks for."""

    approve: bool = Field(
        title="Approve",
        description="On: exactly the plan that was shown is sent. Off: nothing is.",
    )
    by: str = Field(
        min_length=1,
        max_length=100,
        pattern=r"\S",
        title="Your name",
        description="It is kept with the approval.",
    )


def refuse_alone() -> None:
    """Refuse to wait where nobody could resume the run.

    Raises:
        ConfigError: The run belongs to no deployment.
    """
    if not runtime.deployment.id:
        message = (
            "wait_for_approval needs a run of a deployment, started in the Prefect UI; "
            "here, leave it out, and approve the plan with 'centra-visma apply'"
        )
        raise ConfigError(message)


async def answered() -> tuple[str, Approval] | None:
    """The hash of the plan that this run has asked about last, and what was said.

    None where it has not asked, or nobody has answered in time: then it plans anew.
    """
    key = _last_key()
    if key is None:
        return None
    keys = keyset_from_base_key(f"suspended-{key}")
    said: Any = await aread_flow_run_input(keys["response"], flow_run_id=_run_id())
    if not said:
        return None
    return key.split("-")[1], Approval.model_validate(said)


async def ask(plan: Planned) -> None:
    """Suspend this run until somebody resumes it; it begins again from the top then.

    Raises:
        Pause: Prefect's signal that ends this process.
    """
    form = Approval.with_initial_data(description=_described(plan))
    count = int(runtime.flow_run.run_count or 1)
    await asuspend_flow_run(
        wait_for_input=form, timeout=_SECONDS, key=f"{_KEY}{plan.hash}-{count}"
    )


def _last_key() -> str | None:
    """The key under which this run has asked last: `plan-<hash>-<run count>`."""
    context = FlowRunContext.get()
    run = context.flow_run if context else None
    keys = (run.empirical_policy.pause_keys if run else None) or set()
    own = [key for key in keys if key.startswith(_KEY)]
    return max(own, key=lambda key: int(key.rpartition("-")[2]), default=None)


def _run_id() -> UUID:
    return UUID(str(runtime.flow_run.id))


def _described(plan: Planned) -> str:
    sums = ", ".join(
        sum_text(Decimal(total), code) for code, total in plan.totals.items()
    )
    kinds = ", ".join(f"{count} × {kind}" for kind, count in plan.kinds.items())
    return (
        f"**{waiting_words(plan.writes)}** ({kinds}), worth {sums or 'nothing'}. "
        f"The page `plan` among this run's artifacts lists them. Plan `{plan.hash}`; "
        f"after {_DAYS} days the run ends, and nothing is sent."
    )
