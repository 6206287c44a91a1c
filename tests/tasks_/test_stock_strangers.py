"""What one side names and the other never had, or has no more: it hides and sells nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from sandbox.visma.hand_orders import act_on_order
from tests.tasks_.returning import a_returning_stand, give_back, sell
from tests.tasks_.shipping import pick, ship
from tests.tasks_.stand import emptied
from tests.tasks_.stocking import in_centra
from tests.tasks_.tally import SHIRT, STOCK, Seen, look, on_shipment, put, set_status
from tests.tasks_.test_stock_moves import FREE, SHIPS_CENTRA, THREE, a_shop, buy
from tests.tasks_.test_stock_moves_of_returns import check


async def test_a_return_that_centra_does_not_have(tmp_path: Path) -> None:
    """It was received in Visma.net, whose figure is right by itself."""
    (tmp_path / "new").mkdir()
    with a_returning_stand(tmp_path, "sales_order", **STOCK) as stand:
        put(stand, SHIRT, 1000)
        order = await sell(stand, lines=THREE)
        give_back(stand, order, 2, refund=False)
        await stand.run("refunds")
        stand.edit(order, "uncomplete_return")
        stand.edit(order, "delete_return")
        with emptied(stand, tmp_path / "new"):
            await stand.run("orders")
            await look(stand)
            assert await look(stand) == Seen(0, 0, 999, 999)


@pytest.mark.parametrize("how", ["Cancelled", "Completed"])
@pytest.mark.parametrize("kind", [FREE, "onHand"])
async def test_a_shipment_that_was_deleted_with_its_order_ended(
    tmp_path: Path, how: str, kind: str
) -> None:
    """What left Centra and Visma.net never issues counts for thirty days, not for ever."""
    with a_shop(tmp_path, kind, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        shipment = pick(stand, order)
        await look(stand)
        on_shipment(stand, shipment.number, "cancel")
        del stand.company.books.shipments[shipment.number]
        stand.edit(order, "ship")
        set_status(stand, order, how)
        assert (await look(stand)).at_centra == 3
        stand.wait(minutes=60 * 24 * 31)
        await check(stand)
        assert (await look(stand)).at_centra == 0


async def test_a_confirmed_shipment_that_is_corrected_and_deleted(
    tmp_path: Path,
) -> None:
    """A cancelled order has issued nothing, whatever was seen of it before."""
    with a_shop(tmp_path, "onHand", **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        shipment = ship(stand, order)
        await look(stand)
        on_shipment(stand, shipment.number, "correct")
        on_shipment(stand, shipment.number, "cancel")
        del stand.company.books.shipments[shipment.number]
        set_status(stand, order, "Cancelled")
        await look(stand)
        stand.edit(order, "ship")
        await look(stand)
        await check(stand)
        assert (await look(stand)).wanted == 997


async def test_a_size_that_is_deleted_after_it_left(tmp_path: Path) -> None:
    """Its goods do not come back by that."""
    with a_shop(tmp_path, "onHand", **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        stand.edit(order, "ship")
        assert (await look(stand)).at_centra == 3
        order.lines[0].product_size = None
        stand.edit(order, "touch")
        assert (await look(stand)).wanted == 997


@pytest.mark.parametrize("kind", [FREE, "onHand"])
async def test_an_order_whose_number_somebody_typed_before_it_came(
    tmp_path: Path, kind: str
) -> None:
    """What was known of the number is forgotten with it; the real order counts."""
    (tmp_path / "new").mkdir()
    with a_shop(tmp_path, kind, **SHIPS_CENTRA) as stand:
        order = await buy(stand)
        theirs = stand.sales_order(order)
        theirs.customer_order = f"N-{order.number + 1}"
        stand.edit(order, "cancel")
        with emptied(stand, tmp_path / "new"):
            await stand.run("orders")
            await look(stand)
            stand.world.clock.advance(1)
            end = {"action": "status", "status": "Cancelled"}
            act_on_order(stand.company, theirs.key, end)
            await look(stand)
            stand.wait(minutes=60 * 24 * 31)
            await check(stand)
            theirs.customer_order = "typo"
            await stand.run("stock")
            real = await buy(stand)
            assert real.number == order.number + 1
            await look(stand)
            assert (await look(stand)).sellable == 997
            stand.edit(real, "ship")
            await stand.run("stock")
            stand.wait(minutes=24 * 60)
            await stand.run("stock", full=True)
            assert in_centra(stand, SHIRT).physical == 997
