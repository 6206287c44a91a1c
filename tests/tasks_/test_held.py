"""What a guard wants approved waits; everything else of the run goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from connectors.errors import RetryableError
from console.books import held as list_held
from tasks.environment import use_environment
from tasks.request import Mode
from tasks.trail import story_of
from tests.tasks_.stand import Stand
from tests.tasks_.toy import NAME, Toy, a_toy, intent_states, told


@pytest.fixture
def toy(stand: Stand) -> Iterator[Toy]:
    """Four numbers of one group, of which two would become zero."""
    with a_toy(stand, a1=1, a2=0, a3=3, a4=0) as toy:
        yield toy


WAITS = "2 held (a2 would be zero; a4 would be zero); apply with plan HASH"


async def test_the_rest_of_the_run_goes_on(stand: Stand, toy: Toy) -> None:
    """Two are sent, two are held, and the run's sentence tells both."""
    summary = await stand.run(NAME)

    assert told(summary) == f"2 changed; {WAITS}"
    assert summary.plan is None
    assert summary.held is not None
    assert (summary.held.writes, summary.held.kinds) == (2, {"update level": 2})
    assert summary.held.reasons == ["a2 would be zero", "a4 would be zero"]
    assert toy.target == {"a1": 1, "a3": 3}
    assert summary.counts.waiting == 0


async def test_each_run_tells_what_is_still_held(stand: Stand, toy: Toy) -> None:
    """Under the same hash, and sends none of it."""
    first = await stand.run(NAME)
    again = await stand.run(NAME)

    assert told(again) == WAITS
    assert first.held is not None
    assert again.held is not None
    assert again.held.hash == first.held.hash
    assert toy.calls == [["a1", "a3"]]
    assert stand.parked() == {}


async def test_the_newest_plan_is_of_all_that_is_held(stand: Stand, toy: Toy) -> None:
    """A run that looked at one record alone names the plan that the list names, too."""
    first = (await stand.run(NAME)).held
    toy.source["a1"] = 0
    again = (await stand.run(NAME, ids=["a1"])).held

    assert first is not None
    assert again is not None
    assert (first.writes, again.writes) == (2, 3)
    with use_environment(stand.environment):
        assert {one.plan for one in list_held("nordhem")} == {again.hash}
    assert toy.target == {"a1": 1, "a3": 3}


async def test_an_approved_plan_sends_what_was_held(stand: Stand, toy: Toy) -> None:
    """Exactly that, once; afterwards there is nothing to do."""
    held = (await stand.run(NAME)).held
    assert held

    applied = await stand.run(NAME, plan=held.hash)

    assert applied.sentence == "2 changed"
    assert toy.calls == [["a1", "a3"], ["a2", "a4"]]
    assert toy.target == toy.source
    assert (await stand.run(NAME)).sentence == "nothing to do"
    assert (await stand.run(NAME, plan=held.hash)).sentence == "nothing to do"
    assert len(toy.calls) == 2


async def test_what_changed_underneath_is_refused(stand: Stand, toy: Toy) -> None:
    """The one that is another number now is not sent by the old approval."""
    held = (await stand.run(NAME)).held
    assert held
    toy.source["a2"] = 5

    applied = await stand.run(NAME, plan=held.hash)

    assert applied.sentence == "1 changed, 1 refused"
    assert toy.target == {"a1": 1, "a3": 3, "a4": 0}
    assert intent_states(stand, "a2") == ["superseded", "planned"]
    assert (await stand.run(NAME)).sentence == "1 changed"
    assert toy.target == toy.source


async def test_a_change_that_is_as_bad_is_held_anew(stand: Stand, toy: Toy) -> None:
    """Changed and changed back: the first approval is not for this one."""
    held = (await stand.run(NAME)).held
    assert held
    toy.source["a2"] = 5
    await stand.run(NAME)
    toy.source["a2"] = 0
    again = await stand.run(NAME)

    assert again.held is not None
    assert sorted(again.held.reasons) == ["a2 would be zero", "a4 would be zero"]
    assert again.held.hash != held.hash
    applied = await stand.run(NAME, plan=held.hash)
    assert applied.sentence == "1 changed, 1 refused"
    assert toy.target == {"a1": 1, "a2": 5, "a3": 3, "a4": 0}


async def test_what_has_no_reason_any_more_is_let_go(stand: Stand, toy: Toy) -> None:
    """A limit was raised: the next run sends what the old one held back."""
    await stand.run(NAME)
    toy.zero_is_held = False

    assert (await stand.run(NAME)).sentence == "2 changed"
    assert toy.target == toy.source


async def test_what_was_approved_is_not_asked_about_again(
    stand: Stand, toy: Toy
) -> None:
    """The system was busy after the approval: the next run sends it by itself."""
    held = (await stand.run(NAME)).held
    assert held
    toy.ends = [RetryableError("busy")]
    with pytest.raises(RetryableError):
        await stand.run(NAME, plan=held.hash)
    assert toy.target == {"a1": 1, "a3": 3}

    assert (await stand.run(NAME)).sentence == "2 changed"
    assert toy.target == toy.source


async def test_a_direction_goes_live_by_its_own_plan_only(newcomer: Stand) -> None:
    """The first run shows both apart; what is held takes the rest nowhere."""
    with a_toy(newcomer, live=False, a1=1, a2=0) as toy:
        first = await newcomer.run(NAME)
        assert first.plan is not None
        assert first.held is not None
        assert (first.plan.writes, first.held.writes) == (1, 1)
        assert first.plan.hash != first.held.hash
        assert toy.calls == []

        assert (await newcomer.run(NAME, plan=first.held.hash)).sentence == "1 changed"
        assert toy.target == {"a2": 0}
        second = await newcomer.run(NAME)
        assert second.plan is not None
        assert second.held is None

        assert (await newcomer.run(NAME, plan=first.plan.hash)).sentence == "1 changed"
        toy.source["a3"] = 3
        assert (await newcomer.run(NAME)).sentence == "1 changed"


async def test_mode_plan_tells_both(stand: Stand, toy: Toy) -> None:
    """What would be sent and what would be held, under a hash each; nothing is sent."""
    summary = await stand.run(NAME, mode=Mode.PLAN)

    assert summary.plan is not None
    assert summary.plan.writes == 2
    assert told(summary).endswith(f"; {WAITS}")
    assert toy.calls == []


async def test_workers_side_by_side_send_nothing_that_is_held(
    stand: Stand, toy: Toy
) -> None:
    """Whoever plans it last judges it before sending."""
    await asyncio.gather(*(stand.run(NAME) for _ in range(3)))

    assert toy.target == {"a1": 1, "a3": 3}
    assert intent_states(stand, "a2") == ["held"]


async def test_a_held_write_is_listed_with_its_plan(stand: Stand, toy: Toy) -> None:
    """The list names the hash by which it can be approved, until it has changed."""
    held = (await stand.run(NAME)).held
    assert held

    def listed() -> list[tuple[str, str, str | None]]:
        with use_environment(stand.environment):
            return [(row.record, row.why, row.plan) for row in list_held("nordhem")]

    assert listed() == [
        ("a2", "a2 would be zero", held.hash),
        ("a4", "a4 would be zero", held.hash),
    ]
    await stand.run(NAME, plan=held.hash)
    assert listed() == []


async def test_a_held_write_can_be_explained(stand: Stand, toy: Toy) -> None:
    """Why it waits stands beside it."""
    del toy
    await stand.run(NAME)

    story = story_of(stand.environment.books("nordhem"), stand.settings, "a2")

    [intent] = story["intents"]
    assert (intent["state"], intent["message"]) == ("held", "a2 would be zero")
