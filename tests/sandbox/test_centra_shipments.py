"""Shipments and captures of the sandbox's Centra."""

from typing import Any

import pytest

from sandbox.centra.sales import Order
from sandbox.centra.totals import totals_of
from tests.sandbox.centra_stand import Stand

SHIPMENT = (
    "id number isGoodToGo isShipped shippedAt isPaid isCaptured capturedValue { valueInCents } trackingNumber "
    "grandTotal { valueInCents } net: grandTotal(includingTax: false) { valueInCents } "
    "totals { lineValues { valueInCents } shipping { valueInCents } handling { valueInCents } "
    "discounts { valueInCents } taxIncluded { valueInCents } taxAdded { valueInCents } taxDeducted { valueInCents } "
    "shippingTaxRules { rule { taxPercent } taxIncluded { valueInCents } } "
    "discountTaxRules { rule { taxPercent } taxIncluded { valueInCents } } } "
    "lines { id quantity lineValue { valueInCents } orderLine { id productNumber } "
    "appliedTaxRules { rule { taxPercent } taxIncluded { valueInCents } } } "
)
CREATE = (
    "mutation C($input: ShipmentCreateInput!) { createShipment(input: $input) { shipment { "
    + SHIPMENT
    + "} userErrors { message path } userWarnings { message path } } }"
)
CAPTURE = (
    "mutation C($id: Int!) { captureShipment(id: $id) { shipment { isCaptured isPaid } "
    "paymentHistoryEntry { entryType status value { valueInCents } } userErrors { message } } }"
)
COMPLETE = (
    "mutation C($id: Int!, $input: ShipmentCompleteInput) { completeShipment(id: $id, input: $input) "
    "{ shipment { isShipped shippedAt trackingNumber carrierInformation { carrierName } } userErrors { message } } }"
)
LISTEN = (
    "mutation { setEventListeners(input: [{objectType: Shipment}, {objectType: Order}, "
    "{objectType: PaymentHistoryEntry}]) { userErrors { message } } }"
)


async def a_sale(stand: Stand, **wish: Any) -> Order:
    """Place an order of two shirts and a book, three VAT rates in all where it is Sweden."""
    order = {
        "lines": [
            {"sku": "NH1203ECRS", "quantity": 2},
            {"sku": "NH1901ECROS"},
            {"sku": "NH1902BLKOS", "quantity": 3},
        ],
        "shipping": "49.00",
        "handling": "29.00",
        **wish,
    }
    path = f"/_sandbox/centra/{stand.name}/orders"
    response = await stand.request("POST", path, json={"order": order})
    (number,) = response.json()["numbers"]
    return stand.instance.orders[number]


async def play(stand: Stand, order: Order, status: int = 200, **wish: Any) -> Any:
    """Do something to an order by the control API."""
    path = f"/_sandbox/centra/{stand.name}/orders/{order.number}"
    response = await stand.request("POST", path, json=wish)
    assert response.status_code == status, response.text
    return response.json()


async def create(stand: Stand, order: Order, **given: Any) -> dict[str, Any]:
    """Make a shipment by the API; `units` maps places of lines to quantities."""
    units = given.pop("units", None)
    if units is not None:
        given["lines"] = [
            {"orderLine": {"id": order.lines[place].id}, "quantity": quantity}
            for place, quantity in units.items()
        ]
    wish = {"order": {"number": order.number}, "isGoodToGo": True, **given}
    return dict((await stand.ask(CREATE, {"input": wish}))["createShipment"])


def entries(order: Order) -> list[tuple[str, str, int]]:
    """Return the payment history as type, status and amount."""
    return [(e.entry_type, e.status, e.amount) for e in order.payments]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"discounts": [{"type": "AppliedVoucherDiscount", "value": "100.01"}]},
        {
            "discounts": [
                {"type": "AppliedVoucherCredit", "value": "77.77"},
                {"type": "AdminDiscount", "value": "33.33"},
            ],
            "gift_card": "55.55",
        },
        {"country": "US", "lines": [{"sku": "NH1203ECRS", "quantity": 6}]},
        {"country": "JP", "lines": [{"sku": "NH1203ECRS", "quantity": 6}]},
        {"account": 1, "lines": [{"sku": "NH1203ECRS", "quantity": 6}]},
    ],
    ids=["three rates", "voucher", "credit and gift card", "deducted", "none", "added"],
)
async def test_the_parts_of_an_order_add_up_to_it(wish: dict[str, Any]) -> None:
    """Whatever way an order leaves, its shipments have its sums, per tax rule and to the sub-unit."""
    stand = Stand()
    order = await a_sale(stand, **wish)
    whole = totals_of(order)
    first = order.lines[0]
    await play(stand, order, action="ship", lines={str(first.id): 1})
    if len(order.lines) > 1:
        await play(stand, order, action="ship", lines={str(order.lines[-1].id): 2})
    assert order.status == "PROCESSING"
    await play(stand, order, action="ship")

    assert order.status == "SHIPPED"
    parts = [shipment.totals for shipment in order.shipments]
    for name in ("line_values", "shipping", "handling", "discounts", "tax"):
        assert sum(getattr(p, name) for p in parts) == getattr(whole, name), name
    assert sum(p.grand_total for p in parts) == whole.grand_total
    assert sum(p.shipping > 0 for p in parts) == (1 if whole.shipping else 0)
    for name in ("shipping_shares", "handling_shares", "discount_shares"):
        for share in getattr(whole, name):
            found = [s for p in parts for s in getattr(p, name) if s.rule is share.rule]
            assert sum(s.tax for s in found) == share.tax
    for line in order.lines:
        of_line = [x for s in order.shipments for x in s.lines if x.order_line is line]
        assert sum(x.value for x in of_line) == line.value
        assert sum(x.tax for x in of_line) == order.tax_of(line.value, line.rule)
        assert line.shipped_quantity == line.quantity


async def test_a_shipment_is_read_with_its_lines_and_rules() -> None:
    """Line values, tax rules, shipping and the grand total of one shipment agree with each other."""
    stand = Stand()
    order = await a_sale(stand)
    shipment = (await create(stand, order, units={0: 1, 2: 3}))["shipment"]
    assert shipment["number"] == f"{order.number}-1"
    assert [line["quantity"] for line in shipment["lines"]] == [1, 3]
    values = [line["lineValue"]["valueInCents"] for line in shipment["lines"]]
    assert values == [order.lines[0].unit_price, 3 * order.lines[2].unit_price]
    totals = shipment["totals"]
    assert totals["lineValues"]["valueInCents"] == sum(values)
    assert totals["shipping"]["valueInCents"] == 4900
    assert shipment["grandTotal"]["valueInCents"] == sum(values) + 4900 + 2900
    rules = [line["appliedTaxRules"][0]["rule"] for line in shipment["lines"]]
    assert [rule["taxPercent"] for rule in rules] == [
        order.lines[place].rule.rate
        for place in (0, 2)
        if order.lines[place].rule is not None
    ]
    tax = totals["taxIncluded"]["valueInCents"]
    assert (
        shipment["net"]["valueInCents"] == shipment["grandTotal"]["valueInCents"] - tax
    )


async def test_creating_twice_makes_two() -> None:
    """`createShipment` is not idempotent; what is left limits it."""
    stand = Stand()
    order = await a_sale(stand)
    first = await create(stand, order, units={0: 1})
    second = await create(stand, order, units={0: 1})
    third = await create(stand, order, units={0: 1})
    assert first["shipment"]["id"] != second["shipment"]["id"]
    assert third["shipment"] is None
    assert "0 units left" in third["userErrors"][0]["message"]
    assert len(order.shipments) == 2


@pytest.mark.parametrize("state", ["locked", "on hold", "cancelled", "shipped"])
async def test_some_orders_take_no_shipment(state: str) -> None:
    """Locked, held, cancelled and shipped orders refuse, and nothing is made."""
    stand = Stand()
    order = await a_sale(stand)
    order.is_locked = state == "locked"
    order.is_on_hold = state == "on hold"
    if state in {"cancelled", "shipped"}:
        order.status = state.upper()
    done = await create(stand, order)
    assert done["shipment"] is None
    assert len(done["userErrors"]) == 1
    assert order.shipments == []


async def test_a_refused_capture_in_create_is_only_a_warning() -> None:
    """The shipment is made, unpaid; only the warning and `isCaptured` tell."""
    stand = Stand()
    order = await a_sale(stand, payment="stripe-checkout")
    stand.world.faults.add("psp_refuses")
    done = await create(stand, order, capture=True)
    assert done["userErrors"] == []
    assert "refused by the payment provider" in done["userWarnings"][0]["message"]
    assert done["shipment"]["isCaptured"] is False
    assert entries(order)[-1][:2] == ("CAPTURE_FAILED", "FAILED")


async def test_a_refused_capture_fails_its_own_mutation() -> None:
    """`captureShipment` that fails is a user error; the next try succeeds, once."""
    stand = Stand()
    order = await a_sale(stand, payment="stripe-checkout")
    shipment = (await create(stand, order))["shipment"]
    stand.world.faults.add("psp_refuses")
    refused = (await stand.ask(CAPTURE, {"id": shipment["id"]}))["captureShipment"]
    assert refused["shipment"] is None
    done = (await stand.ask(CAPTURE, {"id": shipment["id"]}))["captureShipment"]
    assert done["paymentHistoryEntry"]["entryType"] == "CAPTURE"
    assert done["shipment"] == {"isCaptured": True, "isPaid": True}
    again = (await stand.ask(CAPTURE, {"id": shipment["id"]}))["captureShipment"]
    assert "already captured" in again["userErrors"][0]["message"]
    assert [e[0] for e in entries(order)] == ["AUTH", "CAPTURE_FAILED", "CAPTURE"]


@pytest.mark.parametrize("refused", [False, True])
async def test_an_asynchronous_capture_is_answered_by_the_clock(refused: bool) -> None:
    """Klarna takes a request at once; the capture, or its failure, comes a quarter of an hour later."""
    stand = Stand()
    order = await a_sale(stand)
    total = totals_of(order).grand_total
    shipment = (await create(stand, order))["shipment"]
    if refused:
        stand.world.faults.add("psp_refuses")
    done = (await stand.ask(CAPTURE, {"id": shipment["id"]}))["captureShipment"]
    assert done["paymentHistoryEntry"]["entryType"] == "CAPTURE_REQUEST"
    assert done["paymentHistoryEntry"]["status"] == "PENDING"
    assert done["shipment"]["isCaptured"] is False
    again = (await stand.ask(CAPTURE, {"id": shipment["id"]}))["captureShipment"]
    assert "already requested" in again["userErrors"][0]["message"]
    stand.world.clock.advance(899)
    await stand.ask("{ rateLimits { quota } }")
    assert entries(order)[-1] == ("CAPTURE_REQUEST", "PENDING", total)
    stand.world.clock.advance(1)
    await stand.ask("{ rateLimits { quota } }")
    if refused:
        assert entries(order)[-1] == ("CAPTURE_FAILED", "FAILED", total)
        assert order.shipments[0].is_captured is False
    else:
        assert entries(order)[-1] == ("CAPTURE", "SUCCESS", total)
        assert order.shipments[0].captured == total


async def test_a_gift_card_is_captured_first() -> None:
    """What the card holds is taken there, the rest at the method; what was prepaid is assigned."""
    stand = Stand()
    order = await a_sale(stand, gift_card="100.00")
    await play(stand, order, action="ship", lines={str(order.lines[1].id): 1})
    await play(stand, order, action="ship")
    total = totals_of(order).grand_total
    taken = [e for e in entries(order) if e[0].startswith("CAPTURE")]
    assert taken[0] == ("CAPTURE_GIFT_CARD", "SUCCESS", 10_000)
    assert sum(amount for _, _, amount in taken) == total
    assert sum(s.captured for s in order.shipments) == total


async def test_what_was_captured_before_is_not_captured_again() -> None:
    """After `captureOrder`, capturing shipments only assigns the money."""
    stand = Stand()
    order = await a_sale(stand, payment="stripe-checkout")
    query = (
        f"mutation {{ captureOrder(order: {{number: {order.number}}}) "
        "{ paymentHistoryEntry { entryType } userErrors { message } } }"
    )
    assert (await stand.ask(query))["captureOrder"]["userErrors"] == []
    shipment = (await create(stand, order, units={0: 2}))["shipment"]
    done = (await stand.ask(CAPTURE, {"id": shipment["id"]}))["captureShipment"]
    assert done["paymentHistoryEntry"] is None
    assert done["shipment"] == {"isCaptured": True, "isPaid": True}
    assert [e[0] for e in entries(order)] == ["AUTH", "CAPTURE"]
    refused = (await stand.ask(query))["captureOrder"]
    assert "nothing left" in refused["userErrors"][0]["message"]


async def test_completing_needs_a_past_time_and_happens_once() -> None:
    """A future `shippedAt` is refused; tracking is kept; the order is SHIPPED with its last shipment."""
    stand = Stand()
    order = await a_sale(stand)
    first = (await create(stand, order, units={0: 2}))["shipment"]
    second = (await create(stand, order, isGoodToGo=False))["shipment"]
    info = {"trackingNumber": "JJSE1", "carrier": "PostNord"}

    async def complete(number: int, at: str) -> dict[str, Any]:
        given = {"id": number, "input": {"shippedAt": at, "shipmentInfo": info}}
        return dict((await stand.ask(COMPLETE, given))["completeShipment"])

    early = await complete(first["id"], "2026-11-20T13:30:00+01:00")
    assert "future" in early["userErrors"][0]["message"]
    done = await complete(first["id"], "2026-11-20T12:30:00+01:00")
    assert done["shipment"] == {
        "isShipped": True,
        "shippedAt": "2026-11-20T12:30:00+01:00",
        "trackingNumber": "JJSE1",
        "carrierInformation": {"carrierName": "PostNord"},
    }
    assert order.status == "PROCESSING"
    again = await complete(first["id"], "2026-11-20T12:30:00+01:00")
    assert "already shipped" in again["userErrors"][0]["message"]
    held = await complete(second["id"], "2026-11-20T12:30:00+01:00")
    assert "not good to go" in held["userErrors"][0]["message"]
    update = (
        "mutation U($id: Int!) { updateShipment(id: $id, input: {isGoodToGo: true}) "
        "{ shipment { isGoodToGo } userErrors { message } } }"
    )
    await stand.ask(update, {"id": second["id"]})
    await complete(second["id"], "2026-11-20T12:30:00+01:00")
    assert order.status == "SHIPPED"


async def test_only_an_untouched_shipment_can_be_deleted() -> None:
    """A deleted shipment gives its units and the shipping back to the order; a paid one stays."""
    stand = Stand()
    order = await a_sale(stand)
    query = (
        "mutation D($id: Int!) { deleteShipment(id: $id) { userErrors { message } } }"
    )
    first = (await create(stand, order, units={0: 2}))["shipment"]
    assert (await stand.ask(query, {"id": first["id"]}))["deleteShipment"] == {
        "userErrors": []
    }
    assert (order.status, order.shipments) == ("CONFIRMED", [])
    paid = (await create(stand, order, units={0: 2}, isPaid=True))["shipment"]
    assert paid["number"] == f"{order.number}-2"
    assert paid["totals"]["shipping"]["valueInCents"] == 4900
    refused = await stand.ask(query, {"id": paid["id"]})
    assert "cannot be deleted" in refused["deleteShipment"]["userErrors"][0]["message"]
    assert len(order.shipments) == 1


async def test_wholesale_is_marked_as_paid() -> None:
    """`isPaid` captures nothing; it is a line of the payment history and can be taken back."""
    stand = Stand()
    order = await a_sale(stand, account=1, lines=[{"sku": "NH1203ECRS"}])
    await play(stand, order, action="ship")
    (shipment,) = order.shipments
    assert (shipment.is_paid, shipment.typename) == (False, "WholesaleShipment")
    query = (
        "mutation U($id: Int!, $paid: Boolean!) { updateShipment(id: $id, input: {isPaid: $paid}) "
        "{ shipment { isPaid isCaptured } userErrors { message } } }"
    )
    for is_paid in (True, True, False):
        done = await stand.ask(query, {"id": shipment.id, "paid": is_paid})
        assert done["updateShipment"]["shipment"] == {
            "isPaid": is_paid,
            "isCaptured": False,
        }
    total = totals_of(order).grand_total
    assert entries(order) == [
        ("MARKED_AS_PAID", "SUCCESS", total),
        ("MARKED_AS_UNPAID", "SUCCESS", total),
    ]


async def test_what_is_reserved_and_not_taken_can_be_released() -> None:
    """After a partial capture the rest of the authorisation is given back, once."""
    stand = Stand()
    order = await a_sale(stand)
    await play(stand, order, action="ship", lines={str(order.lines[0].id): 2})
    query = (
        "mutation R($n: Int!) { releaseRemainingOrderAuthorization(order: {number: $n}) "
        "{ paymentHistoryEntry { entryType value { valueInCents } } userErrors { message } } }"
    )
    done = await stand.ask(query, {"n": order.number})
    rest = totals_of(order).grand_total - order.shipments[0].captured
    assert done["releaseRemainingOrderAuthorization"]["paymentHistoryEntry"] == {
        "entryType": "CANCEL",
        "value": {"valueInCents": rest},
    }
    again = await stand.ask(query, {"n": order.number})
    assert again["releaseRemainingOrderAuthorization"]["paymentHistoryEntry"] is None


async def test_a_sale_raises_events_and_changes_the_order() -> None:
    """Shipments, payments and the order each raise their own; `updatedAt` of the order moves."""
    stand = Stand()
    order = await a_sale(stand)
    await stand.ask(LISTEN)
    stand.world.clock.advance(60)
    await play(stand, order, action="ship", capture="request")
    assert order.updated_at == stand.world.clock.now()
    data = await stand.ask(
        "{ events(limit: 200) { objectType changeType objectReference "
        "object { ... on Shipment { order { number } } ... on PaymentHistoryEntry { entryType } } } }"
    )
    seen = [(event["objectType"], event["changeType"]) for event in data["events"]]
    assert seen.count(("Shipment", "CREATED")) == 1
    assert seen.count(("Shipment", "COMPLETED")) == 1
    assert seen.count(("PaymentHistoryEntry", "CREATED")) == 1
    assert ("Order", "COMPLETED") in seen
    objects = [event["object"] for event in data["events"]]
    assert {"order": {"number": order.number}} in objects
    assert {"entryType": "CAPTURE_REQUEST"} in objects


async def test_bundles_ship_with_their_contents() -> None:
    """Shipping a bundle ships what is in it, and only the bundle counts."""
    stand = Stand()
    order = next(
        o
        for o in stand.instance.orders.values()
        if o.status == "CONFIRMED" and any(x.kind == "Bundle" for x in o.lines)
    )
    place = next(i for i, x in enumerate(order.lines) if x.kind == "Bundle")
    item = next(i for i, x in enumerate(order.lines) if x.kind == "BundleItem")
    refused = await create(stand, order, units={item: 1})
    assert "with its bundle" in refused["userErrors"][0]["message"]
    done = (await create(stand, order, units={place: 1}))["shipment"]
    assert len(done["lines"]) > 1
    value = done["totals"]["lineValues"]["valueInCents"]
    assert value == order.lines[place].unit_price
    wish = {"action": "cancel_line", "line": order.lines[place].id, "quantity": 9}
    told = await play(stand, order, status=400, **wish)
    assert "cannot be cancelled" in told["error"]


async def test_shipments_are_found_by_time_state_and_store() -> None:
    """The list filters, sorts and pages like the others."""
    stand = Stand()
    order = await a_sale(stand)
    shipment = (await create(stand, order))["shipment"]
    query = (
        "query S($where: ShipmentFilter) { shipments(where: $where, sort: [id_DESC], limit: 200) "
        "{ id order { number } } }"
    )

    async def ids(**where: Any) -> list[int]:
        data = await stand.ask(query, {"where": where})
        return [row["id"] for row in data["shipments"]]

    assert shipment["id"] in await ids(isShipped=False)
    assert await ids(orderId=[order.id]) == [shipment["id"]]
    assert await ids(number=[f"{order.number}-1"]) == [shipment["id"]]
    assert shipment["id"] not in await ids(notNull=["shippedAt"])
    assert await ids(storeId=[2]) == []
    everything = await ids()
    assert everything == sorted(everything, reverse=True)
    future = {"from": "2027-01-01T00:00:00+01:00"}
    assert await ids(updatedAt=future) == []


async def test_shipments_need_their_own_permission() -> None:
    """A token without Shipment:read sees orders, and no shipments of theirs."""
    stand = Stand()
    await stand.add_token("poor", without=["Shipment:read"])
    body = (await stand.post("{ orders { shipments { id } } }", token="poor")).json()
    assert "Shipment:read" in body["errors"][0]["message"]
    assert body["data"]["orders"][0] == {"shipments": None}
