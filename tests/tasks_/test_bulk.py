"""Many intents in one call: each ends alone, whatever becomes of the call."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.errors import ConnectorError, InDoubtError, RecordError, RetryableError
from tasks.direction import OvertakenError, WaitingError
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.toy import NAME, Toy, a_toy, intent_states

LOST = InDoubtError("the answer was lost")
SEVEN = {"a1": 1, "a2": 2, "a3": 3, "a4": 4, "b1": 5, "b2": 6, "a5": 7}


@pytest.fixture
def toy(stand: Stand) -> Iterator[Toy]:
    """Seven numbers of two groups."""
    with a_toy(stand, **SEVEN) as toy:
        yield toy


async def test_a_group_goes_in_as_few_calls_as_it_fits(stand: Stand, toy: Toy) -> None:
    """Three a call and never two groups in one; a second run sends nothing."""
    summary = await stand.run(NAME)

    assert summary.counts.updated == 7
    assert toy.target == toy.source
    assert sorted(toy.calls) == [["a1", "a2", "a3"], ["a4", "a5"], ["b1", "b2"]]
    toy.calls.clear()
    assert (await stand.run(NAME)).sentence == "nothing to do"
    assert toy.calls == []


async def test_one_row_refused_stops_no_other(stand: Stand, toy: Toy) -> None:
    """It alone is parked, with its own reason."""
    toy.refused = {"a2"}

    summary = await stand.run(NAME)

    assert (summary.counts.updated, summary.counts.parked) == (6, 1)
    assert summary.counts.problems == ["a2 is refused"]
    assert stand.parked() == {"a2": "REFUSED"}
    assert "a2" not in toy.target
    assert len(toy.calls) == 3


async def test_a_call_refused_whole_is_made_again_in_halves(
    stand: Stand, toy: Toy
) -> None:
    """Nothing was written, so the good ones are sent without the bad one."""
    toy.poison = {"a2"}

    summary = await stand.run(NAME)

    assert (summary.counts.updated, summary.counts.parked) == (6, 1)
    assert stand.parked() == {"a2": "REFUSED"}
    assert toy.target == {k: v for k, v in SEVEN.items() if k != "a2"}
    of_a = [call for call in toy.calls if call[0] in {"a1", "a2", "a3"}]
    assert sorted(of_a) == [["a1"], ["a1", "a2", "a3"], ["a2"], ["a2", "a3"], ["a3"]]


@pytest.mark.parametrize("written", [True, False])
async def test_an_unclear_end_puts_all_of_the_call_in_doubt(
    stand: Stand, toy: Toy, written: bool
) -> None:
    """None is sent again before it was looked for; then each goes its way."""
    del toy.source["b1"], toy.source["b2"], toy.source["a4"], toy.source["a5"]
    toy.ends, toy.writes_first = [LOST], written

    summary = await stand.run(NAME)

    assert (summary.counts.in_doubt, summary.counts.updated) == (3, 0)
    assert {intent_states(stand, one)[-1] for one in toy.source} == {"in_doubt"}
    await stand.run(NAME)
    assert (len(toy.calls), toy.probes) == (1, [])

    stand.wait(minutes=2)
    summary = await stand.run(NAME)

    assert toy.probes == ["a1", "a2", "a3"]
    assert toy.target == toy.source
    assert len(toy.calls) == (1 if written else 2)
    assert summary.counts.updated == 3


async def test_a_system_that_is_busy_leaves_the_rest_planned(
    stand: Stand, toy: Toy
) -> None:
    """Nothing was done by that call, no other call is begun, and the next run goes on."""
    stand.change(**{"visma.at_once": 1})
    toy.ends = [None, RetryableError("busy")]

    with pytest.raises(RetryableError):
        await stand.run(NAME)

    assert len(toy.calls) == 2
    assert len(toy.target) == 3
    states = Counter(intent_states(stand, one)[-1] for one in SEVEN)
    assert states == {"confirmed": 3, "planned": 4}
    assert (await stand.run(NAME)).counts.updated == 4
    assert toy.target == toy.source


async def test_what_is_not_ready_is_left_out_of_its_call(
    stand: Stand, toy: Toy
) -> None:
    """One waits, one is refused before anything is sent, one was overtaken."""
    toy.not_ready = {
        "a1": WaitingError(),
        "a2": RecordError("a2 cannot be", code="NEVER", fix="Ask."),
        "a3": OvertakenError(),
    }

    summary = await stand.run(NAME)

    counts = summary.counts
    assert (counts.updated, counts.waiting, counts.parked) == (4, 1, 1)
    assert {one for call in toy.calls for one in call} == {"a4", "a5", "b1", "b2"}
    assert stand.parked() == {"a2": "NEVER"}
    ended = {one: intent_states(stand, one) for one in ("a1", "a3")}
    assert ended == {"a1": ["planned"], "a3": ["superseded"]}
    toy.not_ready.clear()
    assert (await stand.run(NAME)).counts.updated == 1  # a1; a3 is settled
    assert "a3" not in toy.target


class Killed(BaseException):
    """The worker is gone."""


async def test_a_killed_worker_leaves_its_call_in_doubt(stand: Stand, toy: Toy) -> None:
    """After its lease another one looks each of them up, and loses none."""
    toy.ends, toy.writes_first = [Killed()], True
    stand.change(**{"visma.at_once": 1})
    with pytest.raises(BaseExceptionGroup):
        await stand.run(NAME)
    sent = toy.calls[0]
    assert {intent_states(stand, one)[-1] for one in sent} == {"sending"}

    stand.wait(minutes=60)
    summary = await stand.run(NAME)

    assert toy.probes == sent
    assert summary.counts.updated == 7
    assert toy.target == toy.source
    assert Counter(one for call in toy.calls for one in call) == Counter(SEVEN.keys())


async def test_two_workers_send_each_intent_once(stand: Stand, toy: Toy) -> None:
    """Both read the same; each number is in one call of one of them."""
    await asyncio.gather(stand.run(NAME), stand.run(NAME))
    await stand.run(NAME)

    assert toy.target == toy.source
    assert Counter(one for call in toy.calls for one in call) == Counter(SEVEN.keys())


ENDS = st.sampled_from(["ok", "lost", "busy", "refused"])


@settings(max_examples=15, deadline=None)
@given(
    ends=st.lists(ENDS, max_size=8),
    written=st.booleans(),
    refused=st.sets(st.sampled_from(sorted(SEVEN)), max_size=2),
    poison=st.sets(st.sampled_from(sorted(SEVEN)), max_size=2),
)
def test_however_calls_end_all_arrives(
    ends: list[str], written: bool, refused: set[str], poison: set[str]
) -> None:
    """In any order of ends: what can be written is, the rest is parked, none is lost."""
    with TemporaryDirectory() as folder, a_stand(Path(folder)) as stand:
        asyncio.run(_live_through(stand, ends, written, refused, poison))


async def _live_through(
    stand: Stand, ends: list[str], written: bool, refused: set[str], poison: set[str]
) -> None:
    made = {
        "ok": None,
        "lost": LOST,
        "busy": RetryableError("busy"),
        "refused": RecordError("no", code="REFUSED", fix="Ask."),
    }
    with a_toy(stand, **SEVEN) as toy:
        toy.ends = [made[one] for one in ends]
        toy.writes_first, toy.refused, toy.poison = written, refused, poison
        for _ in range(len(ends) + 3):
            with suppress(ConnectorError):
                await stand.run(NAME)
            assert max(map(len, toy.calls)) <= toy.most
            stand.wait(minutes=15)
        bad = set(stand.parked())
        assert refused | poison <= bad
        good = {name: SEVEN[name] for name in SEVEN if name not in bad}
        assert {name: toy.target.get(name) for name in good} == good
        states = {intent_states(stand, one)[-1] for one in SEVEN}
        assert states <= {"confirmed", "rejected"}
