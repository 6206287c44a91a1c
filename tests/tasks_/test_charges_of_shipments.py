"""What is goods in Centra may be no stock item in Visma.net: it is invoiced, not shipped."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from sandbox.centra.hands import send
from tests.tasks_.shipping import sell
from tests.tasks_.stand import Stand, a_stand

_STORE = {
    "post_as": "sales_order",
    "dtc_customers": "individual",
    "warehouse": "MAIN",
    "ships": "centra",
    "releases": "connector",
}
_CHARGED = {"orders.items": {"NH1203BLKM": "SALES"}}
_MIXED = [{"sku": "NH1104NAVM"}, {"sku": "NH1203BLKM"}]


def _stand(folder: Path, *, prepares: bool) -> Any:
    store = _STORE | {"prepare_invoices": prepares}
    return a_stand(folder, **{"stores": {"*": store}, **_CHARGED})


def _carried(stand: Stand) -> list[set[str]]:
    shipments = stand.company.books.shipments.values()
    return [{line.inventory_id for line in one.lines} for one in shipments]


async def test_a_charge_among_goods_is_invoiced_with_their_shipment(tmp_path):
    """The shipment carries the stock item; its invoice has both, to the order's total."""
    with _stand(tmp_path, prepares=True) as stand:
        order = await sell(stand, lines=_MIXED)
        stand.edit(order, "ship", capture=True)
        summary = await stand.run("fulfilment")
        [invoice] = stand.company.books.invoices.values()

        assert (summary.counts.created, stand.parked()) == (1, {})
        assert _carried(stand) == [{"NH1104NAVM"}]
        assert invoice.status == "Open"
        assert invoice.gross == stand.sales_order(order).totals.order_total
        assert (await stand.run("fulfilment")).counts.created == 0


async def test_charges_alone_have_an_invoice_and_no_shipment(tmp_path):
    """There is nothing to ship in Visma.net, and the sale is invoiced all the same."""
    with _stand(tmp_path, prepares=True) as stand:
        order = await sell(stand, lines=_MIXED[1:])
        stand.edit(order, "ship", capture=True)
        await stand.run("fulfilment")
        [invoice] = stand.company.books.invoices.values()

        assert stand.parked() == {}
        assert _carried(stand) == []
        assert invoice.gross == stand.sales_order(order).totals.order_total
        assert (await stand.run("fulfilment")).counts.created == 0


async def test_charges_alone_are_parked_where_visma_invoices_itself(tmp_path):
    """Nobody would make their invoice: a person is told, and nothing is written."""
    with _stand(tmp_path, prepares=False) as stand:
        order = await sell(stand, lines=_MIXED[1:])
        stand.edit(order, "ship", capture=True)
        await stand.run("fulfilment")
        [shipment] = order.shipments

        assert stand.parked() == {str(shipment.id): "NO_GOODS_IN_VISMA"}
        assert stand.writes == {}


async def test_an_order_of_postage_alone_is_invoiced(tmp_path):
    """It has no line at all, as some orders of shops that sell by phone do."""
    with _stand(tmp_path, prepares=True) as stand:
        order = stand.place(
            country="GB", lines=[{"sku": "NH1104NAVM"}], shipping="59.00"
        )
        order.payment_method = stand.shop.payment_methods["stripe-checkout"]
        order.lines.clear()
        await stand.run("orders")
        send(stand.shop, order, stand.world.clock.now(), {})
        await stand.run("fulfilment")
        [invoice] = stand.company.books.invoices.values()

        assert stand.parked() == {}
        assert _carried(stand) == []
        assert (invoice.gross, invoice.status) == (Decimal("59.00"), "Open")
