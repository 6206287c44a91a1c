"""A warehouse that comes later, in a store whose stock may not be read."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.tasks_.stand import a_stand
from tests.tasks_.stocking import (
    CAP,
    RETAIL,
    SHIRT,
    counted,
    in_centra,
    put_in_visma,
)


async def test_zeros_of_a_new_warehouse_wait_though_nothing_can_be_seen(
    tmp_path: Path,
) -> None:
    """Where Centra's stock may not be read, nobody knows what they would hide."""
    plain: dict[str, Any] = {"centra.verified_fields": False, "stock.max_zeros": 3}
    with a_stand(tmp_path, **{"stock.warehouses": {"1": ["MAIN"]}}, **plain) as stand:
        await stand.run("stock")
        for item in stand.company.goods.items.values():
            if item.on_hand.get("RETAIL"):
                stand.company.goods.count(item, "RETAIL", Decimal(0))
        before = in_centra(stand, SHIRT, RETAIL).physical

        both = {"1": ["MAIN"], "2": ["RETAIL"]}
        stand.change(**{"stock.warehouses": both}, **plain)
        summary = await stand.run("stock")

        assert summary.held is not None
        assert "nobody knows what Centra has there" in summary.sentence
        assert in_centra(stand, SHIRT, RETAIL).physical == before > 0

        again = await stand.run("stock")
        assert again.held is not None
        assert again.held.hash == summary.held.hash
        assert in_centra(stand, SHIRT, RETAIL).physical == before

        await stand.run("stock", plan=summary.held.hash)
        assert in_centra(stand, SHIRT, RETAIL).physical == 0
        assert (await stand.run("stock")).held is None


async def test_what_waits_there_waits_on_when_the_rest_was_set(tmp_path: Path) -> None:
    """One size has stock and is set; of the others nobody knows any more than before."""
    plain: dict[str, Any] = {"centra.verified_fields": False, "stock.max_zeros": 3}
    with a_stand(tmp_path, **{"stock.warehouses": {"1": ["MAIN"]}}, **plain) as stand:
        await stand.run("stock")
        for item in stand.company.goods.items.values():
            if item.on_hand.get("RETAIL"):
                left = Decimal(7 if item.number == CAP else 0)
                stand.company.goods.count(item, "RETAIL", left)
        before = in_centra(stand, SHIRT, RETAIL).physical
        both = {"1": ["MAIN"], "2": ["RETAIL"]}
        stand.change(**{"stock.warehouses": both}, **plain)

        for _ in range(3):
            summary = await stand.run("stock", full=True)
            assert summary.held is not None

        assert in_centra(stand, CAP, RETAIL).physical == 7
        assert in_centra(stand, SHIRT, RETAIL).physical == before > 0


@pytest.mark.parametrize("away", [{"2": ["RETAIL"]}, {}])
async def test_what_was_off_is_set_anew_though_nothing_can_be_seen(
    tmp_path: Path, away: dict[str, Any]
) -> None:
    """Nobody looked meanwhile, so what was set before is no knowledge any more."""
    plain = {"centra.verified_fields": False}
    both = {"1": ["MAIN"], "2": ["RETAIL"]}
    with a_stand(tmp_path, **{"stock.warehouses": both}, **plain) as stand:
        put_in_visma(stand, SHIRT, 9)
        await stand.run("stock")
        stand.change(**{"stock.warehouses": away}, **plain)
        await stand.run("stock")
        counted(stand, SHIRT, 14)
        stand.wait(minutes=24 * 60)
        stand.change(**{"stock.warehouses": both}, **plain)
        await stand.run("stock")
        stand.wait(minutes=24 * 60)
        await stand.run("stock", full=True)
        assert in_centra(stand, SHIRT).physical == 9
