"""Mutations, events, external ids and the control verbs of the sandbox's Centra."""

from typing import Any

from sandbox.centra.sales import Order
from tests.sandbox.centra_stand import Stand, a_world

LISTEN = (
    "mutation { setEventListeners(input: [{objectType: Order}, {objectType: Account}]) "
    "{ eventListeners { objectType changeTypes } userErrors { message } } }"
)
EVENTS = (
    "{ events(limit: 200) { id objectType changeType objectReference object { __typename "
    "... on DirectToConsumerOrder { number status } } } }"
)
CONFIRM = (
    "mutation C($ids: [Int!]!) { confirmEvents(input: {eventsIds: $ids}) "
    "{ userErrors { message } userWarnings { message } } }"
)
SET = (
    "mutation S($input: [IdConversionSetInput!]!) { setIdConversions(input: $input) "
    "{ entries { id externalId internalId integrationName } userErrors { message path } } }"
)


def a_consumer_order(stand: Stand, **flags: bool) -> Order:
    """Return a confirmed order of a consumer with two units of something."""
    for order in stand.instance.orders.values():
        if (
            order.account is None
            and order.status == "CONFIRMED"
            and order.lines[0].kind == "Product"
            and order.lines[0].quantity > 1
        ):
            return order
    raise AssertionError


async def play(stand: Stand, order: Order, **wish: Any) -> None:
    """Edit an order by the control API."""
    path = f"/_sandbox/centra/{stand.name}/orders/{order.number}"
    response = await stand.request("POST", path, json=wish)
    assert response.status_code == 200, response.text


async def test_events_come_again_until_they_are_confirmed() -> None:
    """The oldest unconfirmed events are returned every time, and not after confirmation."""
    stand = Stand()
    await stand.ask(LISTEN)
    order = a_consumer_order(stand)
    await play(stand, order, action="touch")
    first = (await stand.ask(EVENTS))["events"]
    again = (await stand.ask(EVENTS))["events"]
    assert first == again
    assert first[0]["objectReference"] == order.number
    done = await stand.ask(CONFIRM, {"ids": [first[0]["id"]]})
    assert done["confirmEvents"] == {"userErrors": [], "userWarnings": []}
    assert (await stand.ask(EVENTS))["events"] == []
    late = await stand.ask(CONFIRM, {"ids": [first[0]["id"]]})
    assert len(late["confirmEvents"]["userWarnings"]) == 1


async def test_an_event_shows_the_object_as_it_is_now() -> None:
    """An event of yesterday shows today's state, whatever happened in between."""
    stand = Stand()
    await stand.ask(LISTEN)
    order = a_consumer_order(stand)
    await play(stand, order, action="touch")
    await play(stand, order, action="cancel")
    events = (await stand.ask(EVENTS))["events"]
    assert [event["changeType"] for event in events] == ["UPDATED", "UPDATED"]
    assert {event["object"]["status"] for event in events} == {"CANCELLED"}


async def test_own_writes_echo_and_integrations_have_queues_of_their_own() -> None:
    """A token's own mutation comes back to it; tokens of one integration share a queue."""
    stand = Stand()
    await stand.add_token("twin", integration="connector")
    await stand.add_token("other", integration="wms")
    await stand.ask(LISTEN)
    order = a_consumer_order(stand)
    await stand.ask(
        "mutation L($n: Int!) { setOrdersLock(input: {orders: [{number: $n}], isLocked: true}) "
        "{ orders { isLocked } userErrors { message } } }",
        {"n": order.number},
    )
    assert len((await stand.ask(EVENTS, token="twin"))["events"]) == 1
    assert (await stand.ask(EVENTS, token="other"))["events"] == []


async def test_listeners_add_up_and_unset_empties_the_queue() -> None:
    """Setting listeners is additive; unsetting deletes what is queued of the type."""
    stand = Stand()
    await stand.ask(LISTEN)
    await play(stand, a_consumer_order(stand), action="touch")
    data = await stand.ask(
        "mutation { unsetEventListeners(input: [{objectType: Order}]) "
        "{ eventListeners { objectType } } }"
    )
    assert data["unsetEventListeners"]["eventListeners"] == [{"objectType": "Account"}]
    assert (await stand.ask(EVENTS))["events"] == []


async def test_duplicate_events_can_be_played() -> None:
    """The fault gives every waiting event a twin with another id."""
    stand = Stand()
    await stand.ask(LISTEN)
    await play(stand, a_consumer_order(stand), action="touch")
    stand.world.faults.add("duplicate_events", "centra.query.*")
    events = (await stand.ask(EVENTS))["events"]
    assert len(events) == 2
    assert events[0]["objectReference"] == events[1]["objectReference"]
    assert events[0]["id"] != events[1]["id"]


async def test_a_new_order_raises_an_event_and_can_be_late_in_lists() -> None:
    """Late visibility: the event is there before the list shows the order."""
    stand = Stand()
    await stand.ask(LISTEN)
    stand.world.faults.add("late_visibility", "centra.orders", seconds=120)
    response = await stand.request(
        "POST", "/_sandbox/centra/nordhem/orders", json={"count": 1}
    )
    (number,) = response.json()["numbers"]
    query = f"{{ orders(where: {{number: [{number}]}}) {{ number }} }}"
    assert (await stand.ask(EVENTS))["events"][-1]["objectReference"] == number
    assert (await stand.ask(query))["orders"] == []
    stand.world.clock.advance(120)
    assert (await stand.ask(query))["orders"] == [{"number": number}]


async def test_an_order_can_be_described() -> None:
    """The control API places exactly the order that is described."""
    stand = Stand()
    wish = {
        "country": "SE",
        "lines": [{"sku": "NH1203ECRS", "quantity": 2, "unit_price": "100.00"}],
        "shipping": "49.00",
        "discounts": [{"type": "AppliedVoucherCredit", "value": "30.00"}],
        "gift_card": "19.00",
        "customer": {"email": "a@example.com", "first_name": "Å", "last_name": "Ö"},
    }
    response = await stand.request(
        "POST", "/_sandbox/centra/nordhem/orders", json={"order": wish}
    )
    (number,) = response.json()["numbers"]
    data = await stand.ask(
        f"{{ orders(where: {{number: [{number}]}}) {{ grandTotal {{ value }} totals "
        "{ discounts { value } taxIncluded { value } } paymentHistory { entryType value { value } } } }"
    )
    assert data["orders"] == [
        {
            "grandTotal": {"value": 219.0},
            "totals": {"discounts": {"value": 30.0}, "taxIncluded": {"value": 49.8}},
            "paymentHistory": [
                {"entryType": "AUTH_GIFT_CARD", "value": {"value": 19.0}},
                {"entryType": "AUTH", "value": {"value": 200.0}},
            ],
        }
    ]


async def test_a_line_cancel_lowers_the_quantity_and_an_order_cancel_does_not() -> None:
    """The two ways to cancel leave different traces on the lines."""
    stand = Stand()
    order = a_consumer_order(stand)
    line = order.lines[0]
    before, each = line.quantity, line.unit_price
    value = line.value
    await play(stand, order, action="cancel_line", line=line.id, quantity=1)
    assert (line.quantity, line.cancelled_quantity) == (before - 1, 1)
    assert line.value == value - each
    await play(stand, order, action="cancel")
    assert order.status == "CANCELLED"
    assert line.quantity == before - 1


async def test_fully_cancelled_lines_show_when_asked_for() -> None:
    """A line without units is left out unless `includeFullyCancelled`."""
    stand = Stand()
    order = a_consumer_order(stand)
    await play(stand, order, action="cancel_line", line=order.lines[0].id)
    data = await stand.ask(
        f"{{ orders(where: {{number: [{order.number}]}}) {{ lines {{ id }} "
        "all: lines(includeFullyCancelled: true) { id quantity } } }"
    )
    found = data["orders"][0]
    assert len(found["all"]) == len(found["lines"]) + 1
    assert found["all"][0]["quantity"] == 0


async def test_a_locked_order_refuses_who_may_not_lock() -> None:
    """The refusal is a user error under HTTP 200, and nothing changes."""
    stand = Stand()
    await stand.add_token("narrow", without=["Order.isLocked:write"])
    order = a_consumer_order(stand)
    order.is_locked = True
    query = (
        "mutation U($n: Int!) { updateDirectToConsumerOrder(order: {number: $n}, "
        'input: {internalComment: "x"}) { order { number } userErrors { message path } } }'
    )
    refused = await stand.ask(query, {"n": order.number}, token="narrow")
    assert refused["updateDirectToConsumerOrder"] == {
        "order": None,
        "userErrors": [{"message": "Order is locked", "path": ["order"]}],
    }
    assert order.internal_comment is None
    await stand.ask(query, {"n": order.number})
    assert order.internal_comment == "x"


async def test_external_ids_are_upserted_and_moved_silently() -> None:
    """A new external id replaces the old one; one that is taken changes its owner."""
    stand = Stand()
    one, two = list(stand.instance.orders)[:2]

    def entry(number: int, external_id: str) -> dict[str, Any]:
        return {"objectType": "Order", "internalId": number, "externalId": external_id}

    await stand.ask(SET, {"input": [entry(one, "A"), entry(two, "B")]})
    repeated = await stand.ask(SET, {"input": [entry(one, "A")]})
    assert repeated["setIdConversions"]["entries"][0]["id"] == 1
    await stand.ask(SET, {"input": [entry(one, "C"), entry(one, "B")]})
    data = await stand.ask("{ idConversions { internalId externalId } }")
    assert data["idConversions"] == [{"internalId": one, "externalId": "B"}]
    found = await stand.ask('{ orders(where: {externalId: ["B"]}) { number } }')
    assert found["orders"] == [{"number": one}]


async def test_an_external_id_of_nothing_is_a_user_error() -> None:
    """An object that does not exist takes no external id, and the batch is not done by half."""
    stand = Stand()
    known = {
        "objectType": "Order",
        "internalId": next(iter(stand.instance.orders)),
        "externalId": "A",
    }
    unknown = {"objectType": "Order", "internalId": 1, "externalId": "B"}
    data = await stand.ask(SET, {"input": [known, unknown]})
    assert data["setIdConversions"]["userErrors"][0]["path"] == [
        "input",
        "1",
        "internalId",
    ]
    assert (await stand.ask("{ idConversions { id } }"))["idConversions"] == []


async def test_creating_an_account_twice_makes_two_and_moves_the_external_id() -> None:
    """`create*` is not idempotent."""
    stand = Stand(a_world(orders=0))
    market = max(stand.instance.markets)
    pricelist = max(stand.instance.pricelists)
    query = (
        'mutation { createAccount(input: {name: "Ny kund", status: ACTIVE, externalId: "X", '
        f"market: {{id: {market}}}, pricelist: {{id: {pricelist}}}}}) "
        "{ account { id externalId } userErrors { message } } }"
    )
    first = (await stand.ask(query))["createAccount"]["account"]
    second = (await stand.ask(query))["createAccount"]["account"]
    assert first["id"] != second["id"]
    found = await stand.ask('{ accounts(where: {externalId: ["X"]}) { id } }')
    assert found["accounts"] == [{"id": second["id"]}]


async def test_a_confirmed_order_is_not_confirmed_again() -> None:
    """What fails in a mutation is a user error, not an HTTP status."""
    stand = Stand()
    order = a_consumer_order(stand)
    data = await stand.ask(
        f"mutation {{ confirmOrder(input: {{order: {{number: {order.number}}}}}) "
        "{ order { number } userErrors { message } userWarnings { message } } }"
    )
    assert data["confirmOrder"]["order"] is None
    assert "cannot be confirmed" in data["confirmOrder"]["userErrors"][0]["message"]


async def test_only_real_changes_count_as_writes() -> None:
    """Tending the event queue is no write; an external id is one."""
    stand = Stand()
    await stand.ask(LISTEN)
    await stand.ask(CONFIRM, {"ids": []})
    assert stand.world.calls.writes == 0
    await stand.ask(SET, {"input": []})
    assert stand.world.calls.writes == 1
    assert stand.world.calls.by_operation["centra.mutation.setIdConversions"] == 1


async def test_the_empty_list_fault_fits_the_query() -> None:
    """A wrong tenant looks like a shop without orders."""
    stand = Stand()
    stand.world.faults.add("empty_list", "centra.query.*")
    assert (await stand.ask("{ orders { number } }"))["orders"] == []
    assert (await stand.ask("{ orders { number } }"))["orders"] != []


async def test_the_same_wishes_place_the_same_orders() -> None:
    """Orders that are placed later follow from the seed too."""
    totals = []
    for _ in range(2):
        stand = Stand()
        await stand.request(
            "POST", "/_sandbox/centra/nordhem/orders", json={"count": 5}
        )
        totals.append(
            await stand.ask(
                "{ orders(limit: 200, sort: [number_ASC]) { id grandTotal { value } } }"
            )
        )
    assert totals[0] == totals[1]
    assert len(totals[0]["orders"]) == 65
