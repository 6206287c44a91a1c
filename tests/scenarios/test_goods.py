"""Scenarios of goods in plain figures: what is in Visma.net, what then stands in Centra.

A size is written `<variant number> <variant status> <size> <SKU> <EAN or -> <on or off>`.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

from sandbox.centra.goods_hands import edit_goods
from tests.tasks_.goods import BY_ATTRIBUTES, an_item, change_item, product, with_tees
from tests.tasks_.stand import Stand, a_stand

_CASES = Path(__file__).parent / "goods"
_NAMES = sorted(one.stem for one in _CASES.glob("*.toml"))


@pytest.mark.parametrize("name", _NAMES)
async def test_what_the_scenario_states_stands(name: str, tmp_path: Path) -> None:
    """After each step, with exactly the writes that it names; twice is once."""
    case = tomllib.loads((_CASES / f"{name}.toml").read_text(encoding="utf-8"))
    rules = {**BY_ATTRIBUTES, **case.get("products", {})}
    with a_stand(tmp_path, products=rules) as stand:
        with_tees(stand)
        for step in case["steps"]:
            await _act(stand, dict(step))

        await stand.run("products", full=True)
        assert stand.writes == {}, "a second run of everything wrote something"


async def _act(stand: Stand, step: dict[str, Any]) -> None:
    match step.pop("do"):
        case "item":
            known = {"style": "", "colour": "", "size": "", **step}
            description = known.pop("description", "Goods")
            item = an_item(stand, known.pop("colour"), known.pop("size"), **known)
            item.description = description
        case "change":
            item = stand.company.goods.items[step.pop("number").upper()]
            change_item(stand, item, **step)
        case "centra":
            stand.world.clock.advance(1)
            key = step.pop("key")
            edit_goods(stand.shop, key, step, stand.world.clock.now())
        case "sync":
            await stand.run("products")
            wanted = {
                f"centra.mutation.{name}": count
                for name, count in step["writes"].items()
            }
            assert stand.writes == wanted
            assert stand.parked() == step.get("parked", {})
            await stand.run("products")
            assert stand.writes == {}
        case "expect":
            found = product(stand, step["product"])
            stands = {
                "name": found.name,
                "status": found.status,
                "sizes": _sizes(found),
            }
            for key in stands.keys() & step.keys():
                assert stands[key] == step[key]
        case other:
            message = f"there is no step {other!r}"
            raise AssertionError(message)


def _sizes(found: Any) -> list[str]:
    return sorted(
        f"{one.variant_number} {one.status} {size.size.name} {size.sku} "
        f"{size.ean or '-'} {'on' if size.is_active else 'off'}"
        for one in found.variants
        for size in one.product_sizes
    )
