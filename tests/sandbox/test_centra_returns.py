"""Returns, refunds and compensation of the sandbox's Centra."""

from typing import Any

import pytest

from sandbox.centra.sales import Order
from sandbox.centra.totals import totals_of
from tests.sandbox.centra_stand import Stand
from tests.sandbox.test_centra_shipments import a_sale, entries, play

RETURN = (
    "id returnStatus status totalQuantity returnedToStock externalId grandTotal { valueInCents } "
    "totals { lineValues { valueInCents } shipping { valueInCents } handling { valueInCents } "
    "discounts { valueInCents } returnCost { valueInCents } taxIncluded { valueInCents } "
    "shippingTaxRules { rule { taxPercent } taxIncluded { valueInCents } } "
    "returnCostTaxRules { rule { taxPercent } taxIncluded { valueInCents } } } "
    "lines { quantity lineValue { valueInCents } shipmentLine { id } orderLine { id } "
    "appliedTaxRules { taxIncluded { valueInCents } } } "
    "shipment { number } order { number } refundPaymentHistory { entryType return { id } } "
)
CREATE = (
    "mutation C($input: ReturnCreateInput!) { createReturn(input: $input) { return { "
    + RETURN
    + "} userErrors { message path } } }"
)


async def a_sent(stand: Stand, **wish: Any) -> Order:
    """Place an order and send all of it, captured at once."""
    order = await a_sale(stand, **wish)
    await play(stand, order, action="ship")
    return order


async def create(
    stand: Stand, order: Order, units: dict[int, int], **given: Any
) -> dict[str, Any]:
    """Make a return by the API of units of the first shipment's lines."""
    (shipment, *_) = order.shipments
    wish = {
        "shipment": {"id": shipment.id},
        "lines": [
            {"shipmentLine": {"id": shipment.lines[place].id}, "quantity": quantity}
            for place, quantity in units.items()
        ],
        "returnStockActionPolicy": {"releaseItemsBackToWarehouse": True},
        **given,
    }
    return dict((await stand.ask(CREATE, {"input": wish}))["createReturn"])


async def change(stand: Stand, verb: str, number: int) -> dict[str, Any]:
    """Complete, un-complete, delete or refund a return by the API."""
    more = "paymentHistoryEntries { entryType status } " if verb == "refund" else ""
    query = (
        f"mutation M($id: Int!) {{ {verb}Return(id: $id) {{ return {{ id returnStatus }} "
        f"{more}userErrors {{ message }} }} }}"
    )
    return dict((await stand.ask(query, {"id": number}))[f"{verb}Return"])


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"discounts": [{"type": "AppliedVoucherDiscount", "value": "100.01"}]},
        {"country": "US", "lines": [{"sku": "NH1203ECRS", "quantity": 3}]},
        {"account": 1, "lines": [{"sku": "NH1203ECRS", "quantity": 3}]},
    ],
    ids=["three rates", "voucher", "deducted", "added"],
)
async def test_returning_everything_in_parts_gives_everything_back(
    wish: dict[str, Any],
) -> None:
    """Two units of a line one by one, then the rest: the returns add up to the shipment."""
    stand = Stand()
    order = await a_sent(stand, **wish)
    first = str(order.lines[0].id)
    for _ in range(2):
        lines = {first: 1}
        await play(stand, order, action="return", lines=lines, refund=False)
    if any(x.returned_quantity < x.quantity for x in order.lines):
        await play(stand, order, action="return", shipping=True, refund=False)

    (shipment,) = order.shipments
    parts = [made.totals for made in order.returns]
    for name in ("line_values", "shipping", "handling", "discounts", "tax"):
        got = sum(getattr(part, name) for part in parts)
        assert got == getattr(shipment.totals, name), name
    assert sum(p.grand_total for p in parts) == totals_of(order).grand_total
    for line in shipment.lines:
        back = [x for m in order.returns for x in m.lines if x.shipment_line is line]
        assert sum(x.value for x in back) == line.value
        assert sum(x.tax for x in back) == line.tax
        assert line.returned_quantity == line.quantity
    for share in shipment.totals.shipping_shares:
        found = [s for p in parts for s in p.shipping_shares if s.rule is share.rule]
        assert sum(s.tax for s in found) == share.tax


async def test_a_return_is_valued_by_its_own_lines() -> None:
    """Line values, shipping, return cost and all tax rules make the grand total."""
    stand = Stand()
    order = await a_sent(stand)
    sek = {"currencyIsoCode": "SEK"}
    done = await create(
        stand,
        order,
        {0: 1, 2: 2},
        shippingCost={"fromShipment": True},
        handlingCost={"value": {"value": 10.0, **sek}},
        returnCost={"value": 39.0, **sek},
        externalId="RMA-1",
        comment="Too large",
    )
    made = done["return"]
    assert done["userErrors"] == []
    assert (made["returnStatus"], made["status"]) == ("PENDING", "PENDING")
    assert made["externalId"] == "RMA-1"
    assert made["shipment"] == {"number": f"{order.number}-1"}
    assert made["order"] == {"number": order.number}
    assert made["totalQuantity"] == 3
    values = [line["lineValue"]["valueInCents"] for line in made["lines"]]
    assert values == [order.lines[0].unit_price, 2 * order.lines[2].unit_price]
    totals = {
        name: row["valueInCents"]
        for name, row in made["totals"].items()
        if isinstance(row, dict)
    }
    assert totals["shipping"] == 4900
    assert totals["handling"] == 1000
    assert totals["returnCost"] == 3900
    assert made["grandTotal"]["valueInCents"] == sum(values) + 4900 + 1000 - 3900
    costs = made["totals"]["returnCostTaxRules"]
    assert len(costs) == 2
    (record,) = order.returns
    assert totals["taxIncluded"] == record.totals.tax
    tax = sum(part.tax for part in record.lines)
    for shares, sign in (
        (record.totals.shipping_shares, 1),
        (record.totals.handling_shares, 1),
        (record.totals.return_cost_shares, -1),
    ):
        tax += sign * sum(share.tax for share in shares)
    assert record.totals.tax == tax


@pytest.mark.parametrize(
    ("units", "given", "says"),
    [
        ({0: 3}, {}, "2 units left"),
        ({0: 0}, {}, "at least"),
        ({}, {}, "at least one line"),
        (
            {0: 1},
            {"shippingCost": {"value": {"value": 50, "currencyIsoCode": "SEK"}}},
            "cannot exceed",
        ),
        (
            {0: 1},
            {"returnCost": {"value": 1, "currencyIsoCode": "EUR"}},
            "Currency is not",
        ),
        ({0: 1}, {"returnCost": {"value": 90000, "currencyIsoCode": "SEK"}}, "cost"),
    ],
)
async def test_a_return_cannot_be_larger_than_its_shipment(
    units: dict[int, int], given: dict[str, Any], says: str
) -> None:
    """Units, shipping and cost beyond what is there are refused, and nothing is made."""
    stand = Stand()
    order = await a_sent(stand)
    done = await create(stand, order, units, **given)
    assert done["return"] is None
    assert says in done["userErrors"][0]["message"]
    assert order.returns == []


async def test_people_can_force_a_return_that_is_too_large() -> None:
    """The admin interface of the sandbox makes the bad input that a connector must refuse."""
    stand = Stand()
    order = await a_sent(stand)
    lines = {str(order.lines[0].id): 3}
    await play(stand, order, status=400, action="return", lines=lines)
    await play(stand, order, action="return", lines=lines, force=True, refund=False)
    assert order.returns[0].totals.line_values == 3 * order.lines[0].unit_price


async def test_nothing_comes_back_before_it_was_sent() -> None:
    """A shipment that has not left takes no return."""
    stand = Stand()
    order = await a_sale(stand)
    query = (
        "mutation { createShipment(input: {order: {number: %d}}) { shipment { id } } }"
    )
    await stand.ask(query % order.number)
    done = await create(stand, order, {0: 1})
    assert "is not shipped" in done["userErrors"][0]["message"]


async def test_completing_and_refunding_are_independent() -> None:
    """A return is refunded while it is pending, completed later, and refunded only once."""
    stand = Stand()
    order = await a_sent(stand)
    order.payment_method = stand.instance.payment_methods["stripe-checkout"]
    number = (await create(stand, order, {0: 1}))["return"]["id"]
    refunded = await change(stand, "refund", number)
    assert refunded["paymentHistoryEntries"] == [
        {"entryType": "REFUND", "status": "SUCCESS"}
    ]
    assert refunded["return"]["returnStatus"] == "PENDING"
    again = await change(stand, "refund", number)
    assert "nothing left to refund" in again["userErrors"][0]["message"]
    done = await change(stand, "complete", number)
    assert done["return"]["returnStatus"] == "COMPLETED"
    twice = await change(stand, "complete", number)
    assert "already completed" in twice["userErrors"][0]["message"]
    data = await stand.ask(f"{{ returns(where: {{id: [{number}]}}) {{ {RETURN} }} }}")
    assert data["returns"][0]["refundPaymentHistory"] == [
        {"entryType": "REFUND", "return": {"id": number}}
    ]


async def test_a_refund_at_klarna_is_requested_and_may_fail() -> None:
    """The request stands at once, its failure later, and the next try succeeds."""
    stand = Stand()
    order = await a_sent(stand)
    number = (await create(stand, order, {0: 1}))["return"]["id"]
    stand.world.faults.add("psp_refuses")
    asked = await change(stand, "refund", number)
    assert asked["paymentHistoryEntries"] == [
        {"entryType": "REFUND_REQUEST", "status": "PENDING"}
    ]
    assert (await change(stand, "refund", number))["userErrors"] != []
    stand.world.clock.advance(900)
    await stand.ask("{ rateLimits { quota } }")
    assert entries(order)[-1][:2] == ("REFUND_FAILED", "FAILED")
    assert (await change(stand, "refund", number))["userErrors"] == []
    await play(stand, order, action="settle")
    amount = order.returns[0].totals.grand_total
    assert entries(order)[-1] == ("REFUND", "SUCCESS", amount)


async def test_returns_can_be_taken_back() -> None:
    """Un-completed, completed again and deleted: the units can come back another time."""
    stand = Stand()
    order = await a_sent(stand)
    number = (await create(stand, order, {0: 2}))["return"]["id"]
    await change(stand, "complete", number)
    undone = await change(stand, "uncomplete", number)
    assert undone["return"]["returnStatus"] == "PENDING"
    await change(stand, "complete", number)
    gone = await change(stand, "delete", number)
    assert gone == {"return": None, "userErrors": []}
    assert order.lines[0].returned_quantity == 0
    assert (await create(stand, order, {0: 2}))["return"]["id"] != number
    await play(stand, order, action="refund_return")
    refused = await change(stand, "delete", order.returns[0].id)
    assert "cannot be deleted" in refused["userErrors"][0]["message"]


async def test_only_events_tell_of_returns() -> None:
    """A return and its refund leave `Order.updatedAt` alone; a deleted one has no object."""
    stand = Stand()
    order = await a_sent(stand)
    before = order.updated_at
    await stand.ask(
        "mutation { setEventListeners(input: [{objectType: Return}, {objectType: Order}, "
        "{objectType: PaymentHistoryEntry}]) { userErrors { message } } }"
    )
    stand.world.clock.advance(3600)
    await play(stand, order, action="return", lines={"NH1203ECRS": 1})
    await play(stand, order, action="return", lines={"NH1203ECRS": 1}, refund=False)
    await play(stand, order, action="uncomplete_return")
    await play(stand, order, action="delete_return")
    assert order.updated_at == before
    data = await stand.ask(
        "{ events(limit: 200) { objectType changeType objectReference object { __typename } } }"
    )
    kept, deleted = order.returns[0].id, order.returns[0].id + 1
    seen = [
        (e["objectType"], e["changeType"], e["objectReference"]) for e in data["events"]
    ]
    assert [x for x in seen if x[0] == "Return"] == [
        ("Return", "CREATED", kept),
        ("Return", "COMPLETED", kept),
        ("Return", "UPDATED", kept),
        ("Return", "CREATED", deleted),
        ("Return", "COMPLETED", deleted),
        ("Return", "UPDATED", deleted),
        ("Return", "DELETED", deleted),
    ]
    assert [x[0] for x in seen if x[0] != "Return"] == ["PaymentHistoryEntry"]
    objects = {e["objectReference"]: e["object"] for e in data["events"]}
    assert objects[deleted] is None
    assert {"__typename": "DirectToConsumerReturn"} in objects.values()


async def test_what_was_paid_by_gift_card_goes_back_there_last() -> None:
    """A refund goes to the method first, and the rest to the card."""
    stand = Stand()
    order = await a_sent(stand, gift_card="100.00")
    total = totals_of(order).grand_total
    await play(stand, order, action="return", shipping=True)
    assert entries(order)[-2:] == [
        ("REFUND", "SUCCESS", total - 10_000),
        ("REFUND_GIFT_CARD", "SUCCESS", 10_000),
    ]


async def test_goodwill_is_a_refund_without_a_return() -> None:
    """It changes the order, and cannot be more than was taken."""
    stand = Stand()
    order = await a_sent(stand)
    stand.world.clock.advance(60)
    await play(stand, order, action="goodwill", amount="50.00")
    assert entries(order)[-1] == ("REFUND", "SUCCESS", 5000)
    assert order.payments[-1].answers is None
    assert order.updated_at == stand.world.clock.now()
    told = await play(stand, order, status=400, action="goodwill", amount="99999.00")
    assert "not enough captured" in told["error"]


async def test_a_gift_card_can_be_given_instead_of_money() -> None:
    """Compensation answers the return: no money is refunded for that part any more."""
    stand = Stand()
    order = await a_sent(stand)
    number = (await create(stand, order, {0: 1}))["return"]["id"]
    worth = order.returns[0].totals.grand_total
    query = (
        "mutation I($input: CreditIssueInput!) { issueCredit(input: $input) { order { number } return { id } "
        "paymentHistoryEntries { entryType paymentMethod return { id } } userErrors { message } } }"
    )

    async def issue(value: float) -> dict[str, Any]:
        given = {
            "order": {"number": order.number},
            "return": {"id": number},
            "amount": {"value": value, "currencyIsoCode": "SEK"},
            "giftCard": {},
        }
        return dict((await stand.ask(query, {"input": given}))["issueCredit"])

    done = await issue(worth / 100)
    assert done["paymentHistoryEntries"] == [
        {
            "entryType": "REFUND_GIFT_CARD",
            "paymentMethod": "Gift card",
            "return": {"id": number},
        }
    ]
    assert done["return"] == {"id": number}
    assert (await issue(1.0))["userErrors"] != []
    assert (await change(stand, "refund", number))["userErrors"] != []


async def test_wholesale_returns_carry_their_account() -> None:
    """A return of a company is a WholesaleReturn."""
    stand = Stand()
    order = await a_sent(stand, account=1, lines=[{"sku": "NH1203ECRS", "quantity": 2}])
    done = await create(stand, order, {0: 1})
    assert done["userErrors"] == []
    data = await stand.ask(
        "{ returns(where: {storeType: WHOLESALE}) { __typename ... on WholesaleReturn { account { id } } } }"
    )
    assert data["returns"] == [{"__typename": "WholesaleReturn", "account": {"id": 1}}]
    refused = await change(stand, "refund", order.returns[0].id)
    assert "not enough captured" in refused["userErrors"][0]["message"]


async def test_returns_are_found_by_a_few_fields_only() -> None:
    """Id, creation, kind of store and customer are filters; nothing else is known to be one."""
    stand = Stand()
    order = await a_sent(stand)
    assert order.customer is not None
    number = (await create(stand, order, {0: 1}))["return"]["id"]
    for where in (
        f"id: [{number}]",
        f"customerId: [{order.customer.id}]",
        'createdAt: {from: "2026-11-20T13:00:00+01:00"}',
        "storeType: DIRECT_TO_CONSUMER",
    ):
        data = await stand.ask(
            f"{{ returns(where: {{{where}}}, limit: 200) {{ id }} }}"
        )
        assert number in [row["id"] for row in data["returns"]]
    response = await stand.post('{ returns(where: {updatedAt: {from: "now"}}) { id } }')
    assert response.status_code == 400
