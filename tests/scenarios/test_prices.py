"""Scenarios of prices in plain figures: what is in Visma.net, what then costs what in Centra."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.tasks_.pricing import (
    SET,
    a_priced_shop,
    price,
    price_all,
    prices_in_centra,
)
from tests.tasks_.stand import Stand

_CASES = Path(__file__).parent / "prices"
_NAMES = sorted(one.stem for one in _CASES.glob("*.toml"))


@pytest.mark.parametrize("name", _NAMES)
async def test_what_the_scenario_states_is_asked(name: str, tmp_path: Path) -> None:
    """After each step, with exactly the calls that it names; twice is once."""
    case = tomllib.loads((_CASES / f"{name}.toml").read_text(encoding="utf-8"))
    with a_priced_shop(tmp_path, pricelists=case.get("pricelists")) as shop:
        for step in case["steps"]:
            await _act(shop, dict(step))

        await shop.run("products", full=True)
        assert shop.writes == {}, "a second run of everything wrote something"


async def _act(shop: Stand, step: dict[str, Any]) -> None:
    match step.pop("do"):
        case "price":
            amount = step.pop("amount")
            if "item" in step:
                item = shop.company.find_item(step.pop("item"))
                assert item is not None
                price(shop, item, amount, **step)
            else:
                price_all(shop, step.pop("product"), amount, **step)
        case "wait":
            shop.wait(minutes=step["days"] * 24 * 60)
        case "sync":
            await _sync(shop, step)
        case "approve":
            await _approve(shop, step["writes"])
        case "expect":
            wanted = {name: Decimal(text) for name, text in step["prices"].items()}
            assert prices_in_centra(shop, step["product"]) == wanted
        case other:
            message = f"there is no step {other!r}"
            raise AssertionError(message)


async def _sync(shop: Stand, step: dict[str, Any]) -> None:
    summary = await shop.run("products")
    assert shop.writes.get(SET, 0) == step["writes"]
    assert sorted(shop.parked().values()) == step.get("parked", [])
    held = summary.held.writes if summary.held else 0
    assert held == step.get("held", 0)
    await shop.run("products")
    assert shop.writes == {}


async def _approve(shop: Stand, writes: int) -> None:
    """Approve what is held, under the hash that the run tells."""
    waiting = await shop.run("products")
    assert waiting.held is not None
    await shop.run("products", plan=waiting.held.hash)
    assert shop.writes == {SET: writes}
