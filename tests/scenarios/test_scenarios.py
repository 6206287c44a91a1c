"""Each scenario in each way of posting: what must stand, stands, and twice is once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.scenarios.judge import standing
from tests.scenarios.stage import CASES, MODES, Play, load, settings_of
from tests.tasks_.stand import a_stand

_NAMES = sorted(one.stem for one in CASES.glob("*.toml"))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", _NAMES)
async def test_what_the_scenario_states_stands_at_its_end(name, mode, tmp_path):
    """Documents, dates, VAT, balances and Centra's side are those of the file."""
    scenario = load(name)
    expected = scenario.expected(mode)
    if "skip" in expected:
        pytest.skip(expected["skip"])
    with a_stand(tmp_path, **settings_of(mode)) as stand:
        play = Play(stand, mode)
        play.place(scenario.order)
        for step in scenario.steps:
            if step["do"] == "expect":
                wanted = {k: v for k, v in step.items() if k != "do"}
                wanted.setdefault("currency", expected.get("currency", "SEK"))
                assert _plain(standing(play, wanted)) == _plain(wanted), step
            else:
                await play.act(step)

        assert stand.parked() == expected.get("parked", {})
        assert _plain(standing(play, expected)) == _plain(expected)

        assert await play.run_all() == 0, "a second run of everything wrote something"


def _plain(value: Any) -> Any:
    """Amounts compare as numbers; the order of documents does not count."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        rows = [_plain(one) for one in value]
        return sorted(rows, key=lambda row: str(sorted(row.items())))
    if isinstance(value, str):
        try:
            return str(Decimal(value).normalize() + 0)
        except ArithmeticError:
            return value
    return value
