"""Progress of a run in the terminal: what it is at, and how much of it is done."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from tasks.environment import environment
from tasks.run import PLAIN, Steps

__all__ = ["following", "planned_left", "watched"]

_SECONDS = 0.5
Step = Callable[..., Awaitable[Any]]


@contextmanager
def watched(console: Console, direction: str) -> Iterator[Steps]:
    """The steps of a run, with a bar that tells how far they are.

    Where nobody looks, in a file or a pipe, nothing is drawn.
    """
    if not console.is_terminal or console.quiet:
        yield PLAIN
        return
    with _progress(console) as progress:
        yield _Watch(progress, direction).steps()


@asynccontextmanager
async def following(
    console: Console, text: str, total: int, left: Callable[[], int]
) -> AsyncIterator[None]:
    """Draw a bar that asks now and then how much of a total is left."""
    if not console.is_terminal or console.quiet:
        yield
        return
    with _progress(console) as progress:
        task = progress.add_task(text, total=total)
        async with _asking(progress, task, total, left):
            yield


def planned_left(connection: str, direction: str, run_id: int | None = None) -> int:
    """How many writes of a direction, or of one run of it, are not sent yet."""
    with environment().books(connection).read() as unit:
        return unit.intents.counts(direction, run_id).get("planned", 0)


class _Watch:
    """Wraps the steps; what they do and answer stays the same."""

    def __init__(self, progress: Progress, direction: str) -> None:
        self._progress = progress
        self._direction = direction
        self._task = progress.add_task("", total=None)
        self._batches = 0
        self._compared = 0

    def steps(self) -> Steps:
        """Every step, each telling when it begins."""
        own = {
            "extract": self._extract,
            "map": self._map,
            "load": self._load,
            "reconcile": self._reconcile,
        }
        return PLAIN._replace(**own)

    def _show(self, text: str, total: int | None = None, completed: int = 0) -> None:
        self._progress.update(
            self._task,
            description=f"{self._direction}: {text}",
            total=total,
            completed=completed,
            refresh=True,
        )

    async def _extract(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        self._show("reading both sides")
        extracted = await PLAIN.extract(*args, **kwargs)
        self._batches = len(extracted.batches)
        return extracted

    async def _map(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        self._show("comparing", self._batches, self._compared)
        self._compared += 1
        return await PLAIN.map(*args, **kwargs)

    async def _load(
        self,
        connection: str,
        direction: str,
        run_id: int,
        **kwargs: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        def left() -> int:
            return planned_left(connection, direction, run_id)

        total = left()
        self._show("sending", total)
        async with _asking(self._progress, self._task, total, left):
            return await PLAIN.load(connection, direction, run_id, **kwargs)

    async def _reconcile(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        self._show("reading back what was written")
        return await PLAIN.reconcile(*args, **kwargs)


@asynccontextmanager
async def _asking(
    progress: Progress, task: TaskID, total: int, left: Callable[[], int]
) -> AsyncIterator[None]:
    async def ask() -> None:
        while True:
            progress.update(task, completed=total - left())
            await asyncio.sleep(_SECONDS)

    asking = asyncio.create_task(ask())
    try:
        yield
    finally:
        asking.cancel()
        with suppress(asyncio.CancelledError):
            await asking


def _progress(console: Console) -> Progress:
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        transient=True,
    )
