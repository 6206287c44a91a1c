"""How stock goes live: by a plan that somebody approved, and not before orders."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import ConfigError
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.stocking import RETAIL, SHIRT, STOCK, in_centra, put_in_visma

STORE = {"post_as": "sales_order", "dtc_customers": "individual", "warehouse": "MAIN"}
SHIPS_CENTRA: dict[str, Any] = {"stores": {"*": {**STORE, "ships": "centra"}}}


@contextmanager
def a_newcomer(folder: Path, *, orders: bool = True, **changes: Any) -> Iterator[Stand]:
    """A stand of which at most orders are live."""
    with a_stand(folder, live=False, **{**STOCK, **changes}) as stand:
        if orders:
            go_live(stand, "orders")
        yield stand


def go_live(stand: Stand, direction: str) -> None:
    """Let a direction send, as after an approved plan."""
    with stand.environment.books("nordhem").begin() as unit:
        unit.plans.go_live(direction, by="Åsa", hash="0" * 12)


async def test_the_first_run_is_a_plan(tmp_path: Path) -> None:
    """Nothing is set before somebody has approved it; then exactly that is."""
    with a_newcomer(tmp_path) as stand:
        planned = await stand.run("stock")
        assert planned.plan is not None
        assert stand.writes == {}

        again = await stand.run("stock")
        assert again.plan is not None
        assert again.plan.hash == planned.plan.hash

        done = await stand.run("stock", plan=planned.plan.hash)
        assert done.sentence == "2 changed"
        put_in_visma(stand, SHIRT, 9)
        assert (await stand.run("stock")).sentence == "1 changed"


async def test_a_plan_whose_stock_has_changed_is_refused(tmp_path: Path) -> None:
    """The chunk with the changed size, and no other."""
    with a_newcomer(tmp_path) as stand:
        planned = await stand.run("stock")
        assert planned.plan is not None
        put_in_visma(stand, "NH1501REDOS", 1, "RETAIL")
        done = await stand.run("stock", plan=planned.plan.hash)

        assert done.sentence == "1 changed, 1 refused"
        assert (await stand.run("stock")).sentence == "1 changed"
        assert in_centra(stand, "NH1501REDOS", RETAIL).physical == 1


async def test_stock_waits_for_orders(tmp_path: Path) -> None:
    """Its plan says so, and cannot be applied: what was shipped would be on sale again."""
    with a_newcomer(tmp_path, orders=False) as stand:
        planned = await stand.run("stock")
        assert planned.plan is not None
        assert "orders did not go live yet" in planned.sentence
        assert "apply with plan" not in planned.sentence
        assert not planned.can_be_approved

        with pytest.raises(ConfigError, match="approve the first plan of orders"):
            await stand.run("stock", plan=planned.plan.hash)
        assert stand.writes == {}

        go_live(stand, "orders")
        again = await stand.run("stock")
        assert again.plan is not None
        assert "orders" not in again.sentence
        assert again.can_be_approved
        await stand.run("stock", plan=again.plan.hash)
        assert (await stand.run("stock")).plan is None


async def test_stock_goes_live_alone_where_orders_come_another_way(
    tmp_path: Path,
) -> None:
    """Then Visma.net's figures know what was shipped."""
    with a_newcomer(
        tmp_path, orders=False, **{"stock.orders_elsewhere": True}
    ) as stand:
        planned = await stand.run("stock")
        assert planned.plan is not None
        await stand.run("stock", plan=planned.plan.hash)

        put_in_visma(stand, SHIRT, 9)
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 9


async def test_all_is_compared_anew_when_orders_go_live(tmp_path: Path) -> None:
    """What was shipped before counts from then on, though no figure has changed."""
    alone = {"stock.orders_elsewhere": True}
    with a_newcomer(tmp_path, orders=False, **SHIPS_CENTRA, **alone) as stand:
        planned = await stand.run("stock")
        assert planned.plan is not None
        order = stand.place(lines=[{"sku": SHIRT, "quantity": 3}])
        stand.edit(order, "ship")
        await stand.run("stock", plan=planned.plan.hash)
        put_in_visma(stand, SHIRT, 9)
        await stand.run("stock")
        assert in_centra(stand, SHIRT).physical == 9

        go_live(stand, "orders")
        stand.wait(minutes=1)
        await stand.run("orders")
        await stand.run("stock")

        assert in_centra(stand, SHIRT).physical == 6
