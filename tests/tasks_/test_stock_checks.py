"""Before stock is carried: warehouses, identity, and what a figure really leaves out."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.visma.availability import Availability
from settings.connection import Connection
from tasks.check_rows import CheckReport, CheckRow
from tasks.checks import check_connection
from tasks.environment import use_environment
from tasks.stock_checks import (
    Booked,
    excludes_row,
    identity_row,
    shared_warehouse_rows,
)
from tests.tasks_.shipping import sell
from tests.tasks_.stand import Stand, a_connection, a_stand
from tests.tasks_.stocking import MAIN, RETAIL, SHIRT


async def checked(stand: Stand) -> dict[str, CheckRow]:
    """What the check says, by what it is about."""
    stand.world.calls.reset()
    with use_environment(stand.environment):
        report: CheckReport = await check_connection("nordhem", days=90)
    assert stand.writes == {}
    return {one.what: one for one in report.rows}


async def test_the_demos_stock_is_in_order(tmp_path: Path) -> None:
    """Each row says what was found; an open order shows what the figure leaves out."""
    with a_stand(tmp_path) as stand:
        await sell(stand, lines=[{"sku": SHIRT, "quantity": 3}])
        rows = await checked(stand)

    assert rows["Centra's warehouses"].found == f"{MAIN} (id 1), {RETAIL} (id 2)"
    assert rows["items and sizes"].state == "ok"
    told = rows["what availableForShipment leaves out"]
    assert (told.state, told.found) == (
        "ok",
        "1 of 1 items with open orders say 'orders'",
    )


async def test_a_setting_that_the_company_contradicts(tmp_path: Path) -> None:
    """The other value is named."""
    with a_stand(tmp_path, **{"stock.excludes": "shipments"}) as stand:
        await sell(stand, lines=[{"sku": SHIRT, "quantity": 3}])
        told = (await checked(stand))["what availableForShipment leaves out"]

    assert told.state == "warning"
    assert "the settings say 'shipments'" in told.found
    assert 'stock.excludes = "orders"' in told.fix


async def test_bundles_that_visma_net_has_as_items(tmp_path: Path) -> None:
    """Their contents are taken in Centra alone, or twice: somebody must know which."""
    with a_stand(tmp_path, **{"orders.bundles": "bundle"}) as stand:
        told = (await checked(stand))["bundles"]

    assert told.state == "warning"
    assert 'orders.bundles = "items"' in told.fix
    with a_stand(tmp_path / "items") as stand:
        assert "bundles" not in await checked(stand)


async def test_orders_that_another_system_books_are_taken_off_once(
    tmp_path: Path,
) -> None:
    """Nothing is worked out of them, so the figure must not leave them out."""
    what, elsewhere = (
        "orders that another system books",
        {"stock.orders_elsewhere": True},
    )
    with a_stand(tmp_path / "free", **elsewhere) as stand:
        told = (await checked(stand))[what]
    assert (told.state, 'stock.quantity = "onHand"' in told.fix) == ("warning", True)
    with a_stand(
        tmp_path / "there", **elsewhere, **{"stock.quantity": "onHand"}
    ) as stand:
        assert what not in await checked(stand)


async def test_warehouses_that_do_not_fit(tmp_path: Path) -> None:
    """On either side; and one with stock that nobody has named."""
    names: dict[str, Any] = {"stock.warehouses": {"Nowhere": ["MAIN"], "1": ["GONE"]}}
    with a_stand(tmp_path, **names) as stand:
        rows = await checked(stand)

    assert "no warehouse 'Nowhere'" in rows["Centra's warehouses"].found
    assert rows["warehouse GONE"].state == "warning"
    assert "units, and the settings do not name it" in rows["warehouse RETAIL"].found


async def test_it_says_what_cannot_be_seen(tmp_path: Path) -> None:
    """A store that does not show its stock is told so, and what follows."""
    plain: dict[str, Any] = {
        "centra.verified_fields": False,
        "stock.warehouses": {"1": ["MAIN"], "2": ["RETAIL"]},
    }
    with a_stand(tmp_path, **plain) as stand:
        row = (await checked(stand))["Centra's stock"]

    assert row.state == "warning"
    assert "cannot be read" in row.found


async def test_nothing_is_said_where_it_is_off(tmp_path: Path) -> None:
    """And no list of stock is read."""
    with a_stand(tmp_path, **{"stock.warehouses": {}}) as stand:
        rows = await checked(stand)
        assert "items and sizes" not in rows
        assert stand.calls["visma.GET /api/v3/Inventory"] == 0


def test_two_connections_do_not_sell_from_one_warehouse() -> None:
    """Of one company; another company's warehouse may have the same name."""
    mine = a_connection("nordhem", **{"stock.warehouses": {MAIN: ["MAIN"]}})
    same = a_connection("outlet", **{"stock.warehouses": {"Outlet": ["MAIN", "B"]}})
    other = a_connection(
        "fjord",
        **{"stock.warehouses": {"F": ["MAIN"]}, "visma.tenant_id": "another"},
    )
    [row] = shared_warehouse_rows(mine, [same, other])

    assert (row.what, row.state) == ("warehouse MAIN", "wrong")
    assert "connection 'outlet'" in row.found


def figure(item: str, on_hand: int, free: int) -> Availability:
    """A row of Visma.net's list."""
    return Availability(
        item, "MAIN", Decimal(on_hand), Decimal(free), Decimal(free), None
    )


def settings() -> Connection:
    """Item numbers are SKUs."""
    return a_connection()


@pytest.mark.parametrize(
    ("items", "sizes", "state"),
    [
        (["A", "B"], [("A", ""), ("B", "")], "ok"),
        (["A", "B"], [("X", "735"), ("Y", "736")], "warning"),
        (["A", "B"], [("A", ""), ("A", ""), ("B", "")], "warning"),
        (["A", "B"], [("A", "")], "ok"),
    ],
    ids=["all", "none", "twice", "some"],
)
def test_items_and_sizes_must_meet(
    items: list[str], sizes: list[tuple[str, str]], state: str
) -> None:
    """None at all is a wrong setting; some without a partner are normal."""
    rows = [figure(item, 1, 1) for item in items]

    assert identity_row(settings(), rows, sizes).state == state


@pytest.mark.parametrize(
    ("on_hand", "free", "ordered", "shipping", "setting", "state"),
    [
        (10, 7, 3, 0, "orders", "ok"),
        (10, 7, 3, 0, "shipments", "warning"),
        (10, 8, 3, 2, "shipments", "ok"),
        (10, 8, 3, 2, "orders", "warning"),
        (10, 10, 3, 2, "issues", "ok"),
        (10, 10, 3, 2, "shipments", "warning"),
        (10, 10, 3, 0, "shipments", "ok"),
        (10, 10, 3, 0, "orders", "warning"),
        (10, 4, 3, 2, "issues", "ok"),
        (10, 7, 3, 3, "issues", "ok"),
    ],
    ids=[
        "orders",
        "orders_not_shipments",
        "shipments",
        "shipments_not_orders",
        "issues",
        "issues_not_shipments",
        "nothing_on_shipments_may_be_either",
        "not_orders",
        "fits_nothing",
        "all_on_shipments_tells_nothing",
    ],
)
def test_what_a_figure_leaves_out_is_seen_in_open_orders(
    on_hand: int, free: int, ordered: int, shipping: int, setting: Any, state: str
) -> None:
    """On hand less the figure is what waits, or what is on shipments, or nothing."""
    booked = {("A", "MAIN"): Booked(Decimal(ordered), Decimal(shipping))}
    row = excludes_row(
        "availableForShipment", setting, [figure("A", on_hand, free)], booked
    )

    assert row.state == state
