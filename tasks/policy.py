"""How every step is retried and remembered by Prefect, stated once.

Results are kept and keyed by the step, its inputs and the run. Never by the code
(an edit would redo finished work), never not at all (a Retry would redo everything),
and never by inputs and run alone: two steps that are called with the same batch
would then answer for each other.
Prefect's memory only saves work; that nothing is done twice is the ledger's.
"""

from __future__ import annotations

from typing import Any

from prefect import State
from prefect.cache_policies import INPUTS, RUN_ID, CacheKeyFnPolicy
from prefect.context import TaskRunContext

from connectors.errors import QuotaError, RetryableError

__all__ = ["STEP"]


def _step_name(context: TaskRunContext, _parameters: dict[str, Any]) -> str:
    return context.task.name


_WAITS = [60, 300, 900]


async def _if_retryable(_task: object, _run: object, state: State[Any]) -> bool:
    try:
        await state.aresult(raise_on_failure=True)
    except QuotaError:
        return False  # the window is long; the next scheduled run goes on
    except RetryableError:
        return True
    except Exception:  # noqa: BLE001 - only the question whether to retry is asked
        return False
    return False


STEP: dict[str, Any] = {
    "retries": len(_WAITS),
    "retry_delay_seconds": _WAITS,
    "retry_jitter_factor": 0.3,
    "retry_condition_fn": _if_retryable,
    "persist_result": True,
    "cache_policy": INPUTS + RUN_ID + CacheKeyFnPolicy(cache_key_fn=_step_name),
}
