"""Lists, pages, filters, dates and errors of the sandbox's Centra."""

from decimal import Decimal

import pytest

from sandbox.centra.dates import date_from_text
from tests.sandbox.centra_stand import NOW, Stand, a_world

NUMBERS = "query Q($page: Int!) { orders(limit: 25, page: $page, sort: [number_ASC]) { number } }"


async def test_pages_count_from_one_and_hold_every_order_once() -> None:
    """Walking the pages of a quiet shop gives each order exactly once."""
    stand, seen = Stand(), []
    for page in (1, 2, 3, 4):
        rows = (await stand.ask(NUMBERS, {"page": page}))["orders"]
        seen += [row["number"] for row in rows]
    assert seen == sorted(stand.instance.orders)
    assert len(seen) == 60


async def test_a_list_without_limit_has_twenty_rows() -> None:
    """The default limit is 20."""
    assert len((await Stand().ask("{ orders { number } }"))["orders"]) == 20


async def test_a_page_is_not_a_snapshot() -> None:
    """An order that leaves the filter between two pages makes the next page skip one."""
    stand = Stand()
    query = "query Q($p: Int!) { orders(where: {isOnHold: false}, limit: 10, page: $p) { number } }"
    first = (await stand.ask(query, {"p": 1}))["orders"]
    expected = (await stand.ask(query, {"p": 2}))["orders"][0]["number"]
    path = f"/_sandbox/centra/nordhem/orders/{first[0]['number']}"
    await stand.request("POST", path, json={"action": "hold"})
    second = (await stand.ask(query, {"p": 2}))["orders"]
    assert expected not in [row["number"] for row in second]


@pytest.mark.parametrize("limit", [0, 201, -1])
async def test_a_limit_out_of_range_is_an_error(limit: int) -> None:
    """Limits go from 1 to 200."""
    body = (await Stand().post(f"{{ orders(limit: {limit}) {{ number }} }}")).json()
    assert body["errors"][0]["message"] == "Limit must be in range 1 - 200"
    assert body["data"] == {"orders": None}


async def test_orders_on_hold_or_waiting_are_not_hidden() -> None:
    """Nothing but an explicit filter leaves out orders on hold or waiting for payment."""
    stand = Stand(a_world(orders=120))
    data = await stand.ask("{ orders(limit: 200) { isOnHold isWaitingForPayment } }")
    assert any(row["isOnHold"] for row in data["orders"])
    assert any(row["isWaitingForPayment"] for row in data["orders"])
    filtered = await stand.ask(
        "{ orders(where: {isOnHold: false, isWaitingForPayment: false}, limit: 200) { isOnHold } }"
    )
    assert 0 < len(filtered["orders"]) < len(data["orders"])


async def test_an_unknown_filter_is_refused() -> None:
    """A filter that does not exist is a validation error, not ignored."""
    response = await Stand().post('{ orders(where: {colour: "red"}) { number } }')
    assert response.status_code == 400
    assert response.json()["errors"][0]["extensions"]["category"] == "graphql"


@pytest.mark.parametrize(
    ("where", "count"),
    [
        ("{status: [CANCELLED]}", 2),
        ("{storeType: WHOLESALE, status: [CONFIRMED]}", None),
        ('{notNull: ["accountId"]}', None),
        ('{status: [CANCELLED], negate: ["status"]}', 118),
        ('{purchaseOrderNumber: {contains: "PO-"}}', None),
        ('{search: "hekla"}', 0),
    ],
)
async def test_filters_select(where: str, count: int | None) -> None:
    """Each filter selects what it names."""
    stand = Stand(a_world(orders=120))
    rows = (await stand.ask(f"{{ orders(where: {where}, limit: 200) {{ number }} }}"))[
        "orders"
    ]
    wholesale = [o for o in stand.instance.orders.values() if o.account]
    assert len(rows) == (len(wholesale) if count is None else count)


async def test_dates_carry_the_offset_of_the_instance_and_take_a_php_format() -> None:
    """Output is ISO with the shop's offset, or whatever `format` says."""
    stand = Stand()
    order = next(iter(stand.instance.orders.values()))
    order.created_at = NOW
    data = await stand.ask(
        '{ orders(limit: 1) { createdAt date: createdAt(format: "Y-m-d") '
        'odd: createdAt(format: "j/n y \\\\a\\\\t H:i T") } }'
    )
    assert data["orders"][0] == {
        "createdAt": "2026-11-20T13:00:00+01:00",
        "date": "2026-11-20",
        "odd": "20/11 26 at 13:00 CET",
    }


def test_a_date_without_offset_means_the_zone_of_the_instance() -> None:
    """Without an offset the summer's noon in Stockholm is ten o'clock UTC; `now` is understood."""
    zone = Stand().instance.zone
    read = date_from_text("2026-07-01 12:00:00", zone=zone, now=NOW)
    assert read.isoformat() == "2026-07-01T10:00:00+00:00"
    assert date_from_text("now", zone=zone, now=NOW) == NOW
    assert date_from_text("-1 day", zone=zone, now=NOW).day == 19
    with pytest.raises(ValueError, match="Invalid"):
        date_from_text("soon", zone=zone, now=NOW)


async def test_a_date_variable_must_have_its_type() -> None:
    """A String variable where a DateTimeTz is expected does not validate."""
    query = "query Q($from: {}!) {{ orders(where: {{updatedAt: {{from: $from}}}}) {{ number }} }}"
    variables = {"from": "2026-11-01T00:00:00+01:00"}
    stand = Stand()
    assert (await stand.post(query.format("String"), variables)).status_code == 400
    assert (await stand.post(query.format("DateTimeTz"), variables)).status_code == 200


async def test_money_is_a_float_and_whole_subunits() -> None:
    """Yen have no cents: the value in sub-units is the value."""
    stand = Stand(a_world(orders=120))
    yen = stand.instance.currencies["JPY"].id
    data = await stand.ask(
        f"{{ orders(where: {{currencyId: [{yen}]}}) {{ grandTotal {{ value valueInCents "
        "formattedValue currency { code decimalDigits denominator } } } }"
    )
    total = data["orders"][0]["grandTotal"]
    assert total["value"] == total["valueInCents"]
    assert total["currency"] == {"code": "JPY", "decimalDigits": 0, "denominator": 1}
    assert total["formattedValue"].startswith("¥")


async def test_some_floats_carry_binary_dust() -> None:
    """At least one planted order has floats that are no decimals of two digits."""
    stand = Stand(a_world(orders=120))
    data = await stand.ask(
        "{ orders(limit: 200) { grandTotal { value valueInCents } } }"
    )
    values = [row["grandTotal"] for row in data["orders"]]
    dusty = [
        v for v in values if Decimal(str(v["value"])) != round(Decimal(v["value"]), 2)
    ]
    assert len(dusty) == 1
    assert round(Decimal(dusty[0]["value"]) * 100) == dusty[0]["valueInCents"]


async def test_an_unknown_order_is_http_404_with_errors() -> None:
    """`order(id:)` of an unknown order is no null: it is HTTP 404 and an error."""
    response = await Stand().post('{ order(id: "nothing") { number } }')
    assert response.status_code == 404
    assert response.json()["errors"][0]["path"] == ["order"]


async def test_a_missing_permission_is_worded_as_documented() -> None:
    """The field is null, the error names permission and field, and HTTP says 200."""
    stand = Stand()
    await stand.add_token("narrow", without=["Order:read"])
    response = await stand.post("{ orderConnection { totalCount } }", token="narrow")
    assert response.status_code == 200
    error = response.json()["errors"][0]
    assert (
        error["message"] == "You need Order:read permission to access orderConnection."
    )
    assert error["extensions"]["category"] == "authorization"


async def test_a_nested_permission_takes_its_field_only() -> None:
    """Without Customer:read the customer is null and the order is there."""
    stand = Stand()
    await stand.add_token("narrow", without=["Customer:read"])
    query = "{ orders(limit: 50) { number ... on DirectToConsumerOrder { customer { id } } } }"
    body = (await stand.post(query, token="narrow")).json()
    assert body["errors"][0]["path"] == ["orders", "customer"]
    assert all(row.get("customer") is None for row in body["data"]["orders"])
    assert "Customer:read" not in body["extensions"]["permissionsUsed"]


async def test_unknown_and_expired_tokens_are_401() -> None:
    """A token works until it expires, in its own instance."""
    stand = Stand()
    await stand.add_token("old", expires_at="2026-11-20T12:00:00+00:00")
    for token in ("old", "nobody", "centra-fjord-token"):
        assert (await stand.post("{ stores { id } }", token=token)).status_code == 401


async def test_a_token_of_one_store_sees_that_store_only() -> None:
    """Orders of other stores do not exist for a restricted token."""
    stand = Stand(a_world(orders=120))
    await stand.add_token("wholesale", stores=[2])
    data = await stand.ask(
        "{ orders(limit: 200) { store { id } } stores { id } }", token="wholesale"
    )
    assert {row["store"]["id"] for row in data["orders"]} == {2}
    assert data["stores"] == [{"id": 2}]


async def test_extensions_tell_cost_permissions_and_deprecations() -> None:
    """Each answer tells what it cost, what it used, and what will go away."""
    query = "{ orders(limit: 10) { lines { productSize { GTIN } } } }"
    extensions = (await Stand().post(query)).json()["extensions"]
    assert extensions["permissionsUsed"] == ["Order:read", "ProductSize:read"]
    assert extensions["deprecatedFieldsUsed"][0]["field"] == "ProductSize.GTIN"
    assert extensions["appVersion"] == "v1.60.0"
    assert extensions["complexity"] > 100


async def test_cursors_walk_the_connection_both_ways() -> None:
    """Relay cursors and the count of all rows."""
    stand = Stand()
    query = (
        "query Q($after: String) { orderConnection(first: 40, after: $after) { totalCount "
        "edges { node { number } } pageInfo { hasNextPage hasPreviousPage endCursor } } }"
    )
    first = (await stand.ask(query))["orderConnection"]
    second = (await stand.ask(query, {"after": first["pageInfo"]["endCursor"]}))[
        "orderConnection"
    ]
    assert first["totalCount"] == 60
    assert first["pageInfo"]["hasNextPage"]
    assert not second["pageInfo"]["hasNextPage"]
    assert len(first["edges"] + second["edges"]) == 60


async def test_the_vendor_s_limits_answer_429_with_a_point_in_time() -> None:
    """Sixty requests in ten seconds, then 429; `Retry-After` is when, not how long."""
    stand = Stand(a_world(quotas="vendor"))
    await stand.add_token("other", integration="other")
    for turn in range(60):
        token = "other" if turn % 2 else None
        assert (await stand.post("{ stores { id } }", token=token)).status_code == 200
    refused = await stand.post("{ stores { id } }")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) == int(NOW.timestamp()) + 10
    stand.world.clock.advance(10)
    data = await stand.ask(
        "{ rateLimits { type intervalSeconds quota usedQuota remainingQuota } }"
    )
    assert data["rateLimits"][0] == {
        "type": "REQUEST_COUNT",
        "intervalSeconds": "TEN_SECONDS",
        "quota": 60,
        "usedQuota": 1,
        "remainingQuota": 59,
    }


async def test_a_heavy_query_runs_out_of_complexity() -> None:
    """Complexity has a bucket of its own."""
    stand = Stand(a_world(quotas="vendor"))
    query = "{ orders(limit: 200) { lines { lineValue { value currency { code } } unitPrice { value } } } }"
    statuses = [(await stand.post(query)).status_code for _ in range(30)]
    assert statuses[0] == 200
    assert statuses[-1] == 429


async def test_two_customers_may_share_an_e_mail() -> None:
    """One is registered, one is a guest; the e-mail is no key."""
    data = await Stand(a_world(orders=120)).ask(
        '{ customers(where: {email: {equals: "linnea.sjostrom@example.com"}}) { id isRegistered } }'
    )
    assert [row["isRegistered"] for row in data["customers"]] in (
        [True, False],
        [False, True],
    )


async def test_exactly_one_operator_of_a_text_filter() -> None:
    """`equals` and `contains` together are an error."""
    query = '{ customers(where: {email: {equals: "a", contains: "b"}}) { id } }'
    body = (await Stand().post(query)).json()
    assert body["errors"][0]["message"] == "Exactly one input field should be provided."


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"no json", 400),
        (b"{}", 400),
        (b'{"query": "{ orders { number "}', 400),
        (b'{"query": "subscription { orders { number } }"}', 400),
        (b'{"query": "query A { stores { id } } query B { stores { id } }"}', 400),
        (b'{"query": "{ stores { id } }"}', 200),
    ],
)
async def test_what_is_no_query_is_refused(body: bytes, status: int) -> None:
    """Broken requests get HTTP 400 and say why in `errors`."""
    headers = {"Authorization": "Bearer centra-nordhem-token"}
    response = await Stand().request(
        "POST", "/centra/nordhem/graphql", content=body, headers=headers
    )
    assert response.status_code == status
    assert ("errors" in response.json()) == (status == 400)


async def test_a_variable_of_the_wrong_type_is_an_error() -> None:
    """Variables are coerced before anything is read."""
    query = "query Q($page: Int!) { orders(page: $page) { number } }"
    body = (await Stand().post(query, {"page": "one"})).json()
    assert body["data"] is None
    assert "$page" in body["errors"][0]["message"]


async def test_a_forbidden_field_that_cannot_be_null_takes_its_list_with_it() -> None:
    """Attributes are never null: without their permission there is no order either."""
    stand = Stand()
    await stand.add_token("narrow", without=["Order.attributes:read"])
    query = "{ orders { number attributes { description } } stores { id } }"
    body = (await stand.post(query, token="narrow")).json()
    assert body["data"]["orders"] is None
    assert body["data"]["stores"]
    assert [error["message"] for error in body["errors"]] == [
        "You need Order.attributes:read permission to access attributes."
    ]


async def test_the_missing_permission_fault_names_the_permission() -> None:
    """The fault is worded like the real thing, for the field that was asked for."""
    stand = Stand()
    stand.world.faults.add("missing_permission", "centra.query.*")
    body = (await stand.post("{ all: accounts { id } }")).json()
    assert body["errors"][0]["message"] == (
        "You need Account:read permission to access accounts."
    )
    assert body["data"] == {"all": None}
