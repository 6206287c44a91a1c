"""Progress of a run in the Prefect UI: a line of the log for each batch, and a bar.

The bar is an artifact that only long runs have: of more than a few batches.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from prefect import get_run_logger
from prefect.artifacts import (
    acreate_progress_artifact,
    aupdate_progress_artifact,
)

from tasks.naming import slug
from tasks.request import Counts
from tasks.run import Step, Steps

__all__ = ["told"]

_LONG = 3
"""Batches from which on a run has a bar."""
_STEPS_OF_A_BATCH = 3  # map, dedupe, load


def told(steps: Steps, connection: str, direction: str) -> Steps:
    """The same steps, each telling when it is done; what they answer stays the same."""
    return _Told(steps, slug(direction, connection, "progress")).steps()


class _Told:
    """Counts the batches that were read, and the steps on them that are done."""

    def __init__(self, steps: Steps, key: str) -> None:
        self._steps = steps
        self._key = key
        self._batches = 0
        self._done = 0
        self._bar: UUID | None = None

    def steps(self) -> Steps:
        """The wrapped steps."""
        own = self._steps
        return own._replace(
            extract=self._reading(own.extract),
            resume=self._reading(own.resume),
            map=self._working("mapped", own.map),
            dedupe=self._working("decided", own.dedupe),
            load=self._working("sent", own.load),
        )

    def _reading(self, step: Step) -> Step:
        async def read(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the step
            extracted = await step(*args, **kwargs)
            self._batches += len(extracted.batches)
            if extracted.batches:
                batches = f"{len(extracted.batches)} batches"
                get_run_logger().info("read %d, %s", extracted.read, batches)
            return extracted

        return read

    def _working(self, what: str, step: Step) -> Step:
        async def work(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the step
            counts: Counts = await step(*args, **kwargs)
            self._done += 1
            batch = kwargs.get("batch_id") or (args[2] if what != "sent" else None)
            subject = f"batch {batch}" if batch else "plan"
            shown = ", ".join(counts.shown())
            get_run_logger().info(f"{subject} {what}{shown and ': '}{shown}")
            await self._show()
            return counts

        return work

    async def _show(self) -> None:
        """Move the bar; plans stop earlier, and then it stays where they stopped."""
        if self._batches <= _LONG:
            return
        steps = _STEPS_OF_A_BATCH * self._batches
        share = min(100.0, round(100 * self._done / steps, 1))
        if self._bar is None:
            self._bar = await acreate_progress_artifact(
                share, key=self._key, description=f"{self._batches} batches"
            )
        else:
            await aupdate_progress_artifact(self._bar, share)
