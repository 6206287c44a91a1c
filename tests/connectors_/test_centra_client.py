"""Centra's client: pages, error levels, events, small tables."""

import json
import logging
from datetime import UTC, datetime
from decimal import Decimal

import httpx
import pytest

from connectors.budget import Budget, Window
from connectors.centra.client import CentraClient
from connectors.centra.models import Account, read_order
from connectors.centra.problems import judge
from connectors.errors import (
    AbortError,
    ConfigError,
    InDoubtError,
    RecordError,
    RetryableError,
)
from connectors.waiting import Waiting
from tests.connectors_.builders import Clock, MemoryBudgets, Script, a_client

MONEY = {"value": 100.10}


def an_order(number, **more):
    """Return an order as Centra sends it."""
    return {
        "__typename": "DirectToConsumerOrder",
        "id": f"hash{number}",
        "number": number,
        "status": "CONFIRMED",
        "createdAt": "2026-03-01T10:00:00+01:00",
        "updatedAt": "2026-03-01T11:00:00+01:00",
        "orderDate": "2026-03-01T10:00:00+01:00",
        "isOnHold": None,
        "grandTotal": {"value": 100.10, "currency": {"code": "SEK"}},
        "totals": dict.fromkeys(
            (
                "lineValues",
                "shipping",
                "handling",
                "discounts",
                "taxIncluded",
                "taxAdded",
                "taxDeducted",
            ),
            MONEY,
        ),
        "customer": {"id": 7, "email": "a@example.se"},
    } | more


def an_answer(data, status=200, headers=None, **more):
    """Return an answer with the parts that a test is about."""
    return httpx.Response(status, json={"data": data, **more}, headers=headers)


def orders_page(*orders, total=None, headers=None):
    """Return a page of orders."""
    data = {"orders": list(orders)}
    if total is not None:
        data["orderConnection"] = {"totalCount": total}
    return an_answer(data, headers=headers)


def a_centra(*answers, page_size=2, verified_fields=False, **more):
    """Return a client of Centra and the script that answers it."""
    script = Script(*answers)
    more.setdefault("waiting", Waiting(attempts=1))
    api = a_client(script, judge=judge, **more)
    return CentraClient(
        api, page_size=page_size, verified_fields=verified_fields
    ), script


async def collect(pages):
    """Read all pages."""
    return [page async for page in pages]


async def test_orders_are_read_in_pages_by_number():
    """Each page is one request; the last one is short; nothing filters on what can change."""
    centra, script = a_centra(
        orders_page(an_order(1), an_order(2), total=3),
        orders_page(
            an_order(3), total=3, headers={"Date": "Mon, 02 Mar 2026 12:00:00 GMT"}
        ),
    )
    start = datetime(2026, 3, 1, tzinfo=UTC)
    pages = await collect(centra.iter_order_pages(updated_from=start))
    sent = [body["variables"] for body in script.bodies]

    assert [[read.order.number for read in page.orders] for page in pages] == [
        [1, 2],
        [3],
    ]
    assert [variables["page"] for variables in sent] == [1, 2]
    assert sent[0]["where"] == {"updatedAt": {"from": "2026-03-01T00:00:00+00:00"}}
    assert sent[0]["limit"] == 2
    assert script.bodies[0]["operationName"] == "Orders"
    assert "isOnHold:" not in script.bodies[0]["query"]
    assert pages[0].server_date is None
    assert pages[1].server_date == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert centra.calls == {"Orders": 2}
    assert not centra.writes


async def test_raw_is_canonical_and_exact():
    """Equal orders give equal bytes, and the bytes give the same order back."""
    text = json.dumps(an_order(1)).replace("100.1", "100.10000000000000000001")
    body = f'{{"data": {{"orders": [{text}]}}}}'
    centra, _ = a_centra(httpx.Response(200, text=body))
    (page,) = await collect(centra.iter_order_pages(numbers=[1]))
    (read,) = page.orders

    assert read.order.grand_total.value == Decimal("100.10000000000000000001")
    assert read_order(read.raw) == read.order
    assert b'"currency":{"code":"SEK"},"value":100.10000000000000000001' in read.raw
    assert read.order.is_on_hold is False


async def test_unreadable_order_does_not_stop_the_page():
    """One order in an unknown form is parked by its number; the others go on."""
    centra, _ = a_centra(
        orders_page(an_order(1, grandTotal=None), an_order(2)), orders_page()
    )
    (page,) = await collect(centra.iter_order_pages())
    (bad,) = page.unreadable

    assert [read.order.number for read in page.orders] == [2]
    assert bad.number == 1
    assert bad.error.code == "ORDER_UNREADABLE"
    assert bad.error.record_id == "1"
    assert "grandTotal" in str(bad.error)
    assert "example.se" not in str(bad.error)


async def test_pages_that_shift_are_read_again():
    """An order that left the window pushed another past the reader."""
    centra, _script = a_centra(
        orders_page(an_order(1), an_order(2), total=4),
        orders_page(an_order(4), total=3),
        orders_page(an_order(2), an_order(3), total=3),
        orders_page(an_order(4), total=3),
    )
    pages = await collect(
        centra.iter_order_pages(updated_to=datetime(2026, 3, 2, tzinfo=UTC))
    )

    numbers = {read.order.number for page in pages for read in page.orders}
    assert numbers == {1, 2, 3, 4}


async def test_repeated_page_aborts():
    """A store that ignores `page` must not feed us the same orders for ever."""
    centra, _ = a_centra(orders_page(an_order(1), an_order(2), total=9))
    with pytest.raises(AbortError, match="page 2 of Centra's order list"):
        await collect(centra.iter_order_pages())


@pytest.mark.parametrize("status", [200, 400, 403])
async def test_missing_permission_is_named(status):
    """The sentence says which permission to add, and where."""
    message = "You need Order:read permission to access orderConnection."
    error = {"message": message, "extensions": {"category": "authorization"}}
    centra, _ = a_centra(an_answer(None, status=status, errors=[error]))
    with pytest.raises(
        ConfigError, match=r"lacks the permission Order:read: add it in AMS"
    ):
        await centra.get_stores()


ERRORS = [
    (
        {"message": "No.", "extensions": {"category": "authorization"}},
        "does not allow this",
    ),
    ({"message": "Token?", "extensions": {"category": "authentication"}}, "refuses"),
    (
        {"message": "x", "extensions": {"category": "graphql"}},
        "verified_fields = false",
    ),
    ({"message": 'Cannot query field "bundleLine"'}, "verified_fields = false"),
]


@pytest.mark.parametrize(("error", "words"), ERRORS, ids=lambda v: str(v)[:20])
async def test_errors_that_a_setting_mends(error, words):
    """These stay until a person changes the token, the settings or the connector."""
    centra, script = a_centra(an_answer(None, errors=[error]))
    with pytest.raises(ConfigError, match=words):
        await centra.get_stores()

    assert len(script.requests) == 1


async def test_internal_error_of_a_read_may_pass():
    """Centra's own trouble is tried later."""
    errors = [
        {"message": "Internal server error", "extensions": {"category": "internal"}}
    ]
    centra, _ = a_centra(an_answer(None, errors=errors))
    with pytest.raises(RetryableError, match="could not answer Stores"):
        await centra.get_stores()


async def test_unclear_mutation_is_in_doubt():
    """A mutation that is not repeatable and ends in an error may have happened."""
    for answer in (
        an_answer(None, errors=["odd"]),
        an_answer(None),
        httpx.Response(200, json=[]),
    ):
        centra, _ = a_centra(answer)
        with pytest.raises(InDoubtError):
            await centra.graph.run("confirm_events", {"ids": [1]}, repeatable=False)


async def test_answer_without_data_may_pass():
    """An answer that is JSON but no GraphQL answer is trouble of the other side."""
    for answer in (an_answer(None), httpx.Response(200, json=[])):
        centra, _ = a_centra(answer)
        with pytest.raises(RetryableError, match="without GraphQL data"):
            await centra.get_stores()


async def test_list_of_another_shape_aborts():
    """A field that is no list is a change of the API."""
    centra, _ = a_centra(an_answer({"stores": "x"}))
    with pytest.raises(AbortError, match="'stores' that is no list"):
        await centra.get_stores()


async def test_wrong_address_and_wrong_token():
    """404 means that this is no GraphQL address, 401 that the token is no good."""
    centra, _ = a_centra(httpx.Response(404, text="Not here"))
    with pytest.raises(ConfigError, match="ends in /graphql"):
        await centra.get_stores()
    centra, _ = a_centra(httpx.Response(401, json={"errors": [{"message": "x"}]}))
    with pytest.raises(ConfigError, match="refuses the credentials"):
        await centra.get_stores()
    centra, _ = a_centra(httpx.Response(400, text="bad"))
    with pytest.raises(RecordError):
        await centra.get_stores()


async def test_user_errors_refuse_and_warnings_are_data():
    """HTTP 200 with userErrors is a failure; userWarnings came with success."""
    refused = {"userErrors": [{"message": "No event 9", "path": ["input", 0]}, "odd"]}
    centra, _ = a_centra(an_answer({"confirmEvents": refused}))
    with pytest.raises(RecordError, match=r"No event 9 \(at input.0\); odd") as caught:
        await centra.confirm_events([9])
    assert caught.value.code == "CENTRA_REFUSED"

    warned = {"userErrors": [], "userWarnings": [{"message": "late"}, "odd"]}
    centra, _ = a_centra(an_answer({"confirmEvents": warned, "other": None}))
    result = await centra.graph.run("confirm_events", {"ids": [1]})
    assert result.warnings == ("late", "odd")


async def test_events_are_read_and_confirmed():
    """Confirming is no write of business data, and goes in chunks."""
    event = {
        "id": 1,
        "objectType": "Order",
        "changeType": "UPDATED",
        "objectReference": "1001",
        "createdAt": "2026-03-01T10:00:00+01:00",
    }
    done = an_answer({"confirmEvents": {"userErrors": [], "userWarnings": []}})
    centra, script = a_centra(an_answer({"events": [event]}), done)
    (read,) = await centra.get_events(["Order"], limit=5)
    await centra.confirm_events(list(range(201)))

    assert read.object_reference == 1001
    assert script.bodies[0]["variables"] == {
        "where": {"objectType": ["Order"]},
        "limit": 5,
    }
    assert [len(body["variables"]["ids"]) for body in script.bodies[1:]] == [200, 1]
    assert not centra.writes


async def test_listeners_are_set_once():
    """What is heard already is not asked for again."""
    heard = an_answer({"eventListeners": [{"objectType": "Order", "changeTypes": []}]})
    done = an_answer({"setEventListeners": {"userErrors": [], "userWarnings": []}})
    centra, script = a_centra(heard, done)

    assert await centra.ensure_event_listeners(["Order", "Customer"]) == ["Customer"]
    assert script.bodies[1]["variables"] == {"listeners": [{"objectType": "Customer"}]}
    assert centra.writes == {"SetEventListeners": 1}

    centra, script = a_centra(heard)
    assert await centra.ensure_event_listeners(["Order"]) == []
    assert len(script.requests) == 1


async def test_small_tables():
    """Stores and currencies for `init` and `check`."""
    stores = [{"id": 1, "name": "Nordhem", "type": "DIRECT_TO_CONSUMER"}]
    centra, _ = a_centra(an_answer({"stores": stores}))
    assert [store.name for store in await centra.get_stores()] == ["Nordhem"]

    rows = [{"code": "JPY", "decimalDigits": 0, "isBase": False}]
    centra, _ = a_centra(an_answer({"currencies": rows}))
    (yen,) = await centra.get_currencies()
    assert (yen.code, yen.decimal_digits, yen.is_base) == ("JPY", 0, False)


async def test_schema_fields():
    """`check --live` compares the store's own schema with what we ask for."""
    types = [
        {
            "name": "Order",
            "fields": [{"name": "id"}, {"name": "number"}],
            "inputFields": None,
        },
        {"name": "OrderFilter", "fields": None, "inputFields": [{"name": "id"}]},
    ]
    centra, _ = a_centra(an_answer({"__schema": {"types": types}}))

    assert await centra.get_schema_fields() == {
        "Order": frozenset({"id", "number"}),
        "OrderFilter": frozenset({"id"}),
    }


async def test_rate_limits_teach_the_budget():
    """Centra's own count of what all integrations used becomes ours."""
    rows = [
        {
            "type": "REQUEST_COUNT",
            "intervalSeconds": "ONE_HOUR",
            "quota": 5000,
            "usedQuota": 4999,
            "remainingQuota": 1,
        },
        {
            "type": "REQUEST_COUNT",
            "intervalSeconds": "TEN_SECONDS",
            "quota": 60,
            "remainingQuota": 0,
        },
        {"type": "SOMETHING_NEW", "intervalSeconds": "ONE_HOUR", "quota": 1},
    ]
    store, clock = MemoryBudgets(), Clock()
    budget = Budget(
        "centra",
        windows=(Window("requests", 3600, 5000),),
        store=store,
        clock=clock,
        sleep=clock.sleep,
    )
    centra, _ = a_centra(an_answer({"rateLimits": rows}), budget=budget)

    assert await centra.get_rate_limits() == rows
    assert store.observed == [("requests/3600", 5000, 1)]
    centra, _ = a_centra(an_answer({"rateLimits": rows}))
    assert await centra.get_rate_limits() == rows


async def test_extensions_are_kept(caplog):
    """Cost teaches the budget, permissions are gathered, deprecations are told once."""
    store, clock = MemoryBudgets(), Clock()
    budget = Budget(
        "centra",
        windows=(Window("complexity", 10, 1000),),
        store=store,
        clock=clock,
        sleep=clock.sleep,
    )
    extensions = {
        "complexity": 120,
        "permissionsUsed": ["Store:read"],
        "deprecatedFieldsUsed": ["Store.old"],
        "appVersion": "v1.60.0",
    }
    answer = an_answer({"stores": []}, extensions=extensions)
    centra, _ = a_centra(answer, budget=budget)
    with caplog.at_level(logging.WARNING):
        await centra.get_stores()
        await centra.get_stores()

    assert centra.last_extensions["appVersion"] == "v1.60.0"
    assert centra.permissions_used == {"Store:read"}
    assert store.takes == [("complexity/10", 120)]
    assert [record.message for record in caplog.records] == [
        "Centra will remove Store.old (deprecatedFieldsUsed): Stores"
    ]


def test_own_vat_number_of_an_account_wins():
    """The address's number stands in only where the account shows none."""
    address = {"vatNumber": "SE2"}
    assert (
        Account.model_validate(
            {"id": 1, "vatNumber": "SE1", "billingAddress": address}
        ).vat_number
        == "SE1"
    )
    assert Account.model_validate({"id": 1, "billingAddress": {}}).vat_number is None


@pytest.mark.parametrize(
    ("of", "where"),
    [
        (("Customer", [7]), {"customerId": [7]}),
        (("Account", [4]), {"accountId": [4]}),
        (("Buyer", [9]), {"buyerId": [9]}),
    ],
)
async def test_orders_of_people(of, where):
    """An event about a person leads to that person's orders."""
    centra, script = a_centra(orders_page(an_order(1)))
    await collect(centra.iter_order_pages(of=of, with_lines=False))

    assert script.bodies[0]["variables"]["where"] == where
    assert script.bodies[0]["variables"]["withLines"] is False


async def test_list_that_is_absent_is_empty():
    """Centra's lists are nullable."""
    centra, _ = a_centra(an_answer({"stores": None}))

    assert await centra.get_stores() == ()
