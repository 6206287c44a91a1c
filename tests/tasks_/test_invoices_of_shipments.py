"""An invoice names shipments of Centra, and tells of its money, whoever shipped."""

from __future__ import annotations

from decimal import Decimal

from sandbox.centra.sales import Order
from sandbox.visma.billing import prepare_invoices
from sandbox.visma.ledger_records import Invoice
from sandbox.visma.release import release_document
from tests.tasks_.shipping import NAMED, SHIPS_CENTRA, sell, ship
from tests.tasks_.stand import Stand

ASSIGNED = "centra.mutation.AssignAttributes"
MARKED = "centra.mutation.UpdateShipment"
DOMESTIC = 1
SHIPS_VISMA = {"stores": {"*": {"dtc_customers": "individual", "ships": "visma"}}}
TWO = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]


def bill(stand: Stand, order: Order) -> list[Invoice]:
    """Let people in Visma.net invoice what was shipped of an order."""
    stand.wait(minutes=1)
    made = prepare_invoices(stand.company, stand.sales_order(order))
    for one in made:
        release_document(stand.company, one)
    return made


def pay(stand: Stand, *invoices: Invoice) -> None:
    """Let the bank pay invoices."""
    stand.wait(minutes=1)
    for one in invoices:
        one.balance, one.status = Decimal(0), "Closed"
        one.modified_at = stand.world.clock.now()


def names(stand: Stand) -> dict[int, str]:
    """The external ids of shipments, by the shipment's id."""
    entries = stand.shop.conversions.of("connector")
    return {
        one.internal_id: one.external_id
        for one in entries
        if one.object_type == "Shipment"
    }


def shown(order: Order) -> list[str]:
    """The numbers of the invoices that an order shows."""
    [text] = [one.value for one in order.attributes if one.name == "visma_invoices"]
    return [line.split(" | ")[0] for line in text.splitlines()]


async def test_a_shipment_that_visma_made_keeps_its_name(stand: Stand) -> None:
    """It is called by the shipment's number there; an object has just one name."""
    stand.change(**SHIPS_VISMA)
    order = await sell(stand)
    shipment = ship(stand, order)
    await stand.run("fulfilment")
    [made] = bill(stand, order)

    assert (await stand.run("invoices")).sentence == "1 new"

    [told] = order.shipments
    assert shown(order) == [made.number]
    assert names(stand) == {told.id: f"N-V{shipment.number}"}
    assert stand.writes == {ASSIGNED: 1}


async def test_each_part_of_a_delivery_is_paid_by_its_own_invoice(
    stand: Stand,
) -> None:
    """Two shipments on invoice: the first is paid, the second is still owed."""
    stand.change(**SHIPS_VISMA)
    order = await sell(stand, method=None, account=DOMESTIC, lines=TWO)
    ship(stand, order, {"NH1104NAVM": 3})
    await stand.run("fulfilment")
    [first] = bill(stand, order)
    ship(stand, order)
    await stand.run("fulfilment")
    [second] = bill(stand, order)
    pay(stand, first)
    await stand.run("invoices")

    assert shown(order) == [first.number, second.number]
    assert [one.is_paid for one in order.shipments] == [True, False]
    assert stand.writes == {ASSIGNED: 1, MARKED: 1}

    pay(stand, second)
    await stand.run("invoices")
    assert [one.is_paid for one in order.shipments] == [True, True]
    await stand.run("invoices")
    assert stand.writes == {}


async def test_a_shipment_that_centra_made_is_called_by_its_invoice(
    stand: Stand,
) -> None:
    """Where Centra ships, the number of the invoice finds the shipment."""
    stand.change(**SHIPS_CENTRA)
    order = await sell(stand)
    stand.edit(order, "ship")
    await stand.run("fulfilment")
    [made] = bill(stand, order)

    await stand.run("invoices")

    [shipment] = order.shipments
    assert names(stand) == {shipment.id: f"N-{made.number}"}
    assert stand.writes == {ASSIGNED: 1, NAMED: 1}
    await stand.run("invoices")
    assert stand.writes == {}
