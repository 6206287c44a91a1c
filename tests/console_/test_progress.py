"""A person sees what a run is at; a program sees nothing of it."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from console.progress import following, planned_left, watched
from tasks.environment import use_environment
from tasks.request import Mode, SyncRequest
from tasks.run import PLAIN, run_direction
from tests.console_.conftest import Terminal

SHOWN = ("reading both sides", "comparing", "sending", "reading back what was written")


def a_console(*, terminal: bool, quiet: bool = False) -> Console:
    """A console that writes into a text."""
    return Console(file=io.StringIO(), force_terminal=terminal, width=100, quiet=quiet)


def written(console: Console) -> str:
    """What a console has drawn."""
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


async def test_each_step_is_shown(terminal: Terminal) -> None:
    """The steps are named as they come, and do what they always do."""
    console = a_console(terminal=True)
    for _ in range(3):
        terminal.stand.place()
    request = SyncRequest(connection="nordhem", direction="orders", run_key="shown")

    with (
        use_environment(terminal.stand.environment),
        watched(console, "orders") as steps,
    ):
        summary = await run_direction(request, steps)

    assert summary.counts.created == 3
    seen = [written(console).find(f"orders: {step}") for step in SHOWN]
    assert -1 not in seen
    assert seen == sorted(seen)
    assert "0/3" in written(console)


@pytest.mark.parametrize(("is_terminal", "quiet"), [(False, False), (True, True)])
async def test_nothing_is_drawn_where_nobody_looks(
    is_terminal: bool, quiet: bool
) -> None:
    """In a pipe, and with --json, the steps are the plain ones."""
    console = a_console(terminal=is_terminal, quiet=quiet)

    with watched(console, "orders") as steps:
        assert steps is PLAIN
    async with following(console, "sending", 3, lambda: 1):
        pass

    assert written(console) == ""


async def test_what_is_left_is_counted(terminal: Terminal) -> None:
    """A bar of writes asks the ledger how many are planned and not sent."""
    stand = terminal.stand
    stand.place()
    stand.place()
    await stand.run(mode=Mode.PLAN)

    with use_environment(stand.environment):
        assert planned_left("nordhem", "orders") == 2
        console = a_console(terminal=True)
        left = iter([2, *[0] * 99])
        async with following(console, "sending", 2, lambda: next(left)):
            await stand.run()
        assert planned_left("nordhem", "orders") == 0

    assert "sending" in written(console)
