"""Counts and corrections of Centra as inventory adjustments."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.centra.stock_change_models import StockChange
from connectors.errors import RecordError
from connectors.visma.adjustment_models import Adjustment
from mapping.adjustment_difference import adjustment_difference
from mapping.scope import LeftOut
from mapping.stock_adjustments import (
    AdjustmentDraft,
    UnitsMoved,
    is_by_hand,
    is_one_move,
    stock_changes_to_adjustment,
    units_moved,
)
from mapping.stock_moves import Move, Moves, moves_of_count
from tests.mapping_.builders import a_connection
from tests.mapping_.test_orders import CLOSED, OPEN

MAIN, OUTLET = {"id": 1, "name": "Main"}, {"id": 2, "name": "Outlet"}
SHUT = CLOSED.model_copy(
    update={"closed_in_customer_ledger": False, "closed_in_inventory_management": True}
)


def a_change(
    number: int = 7, *moved: tuple[str | None, int], **more: Any
) -> StockChange:
    """Return a stock change of Main, counted on 10 March; of one A-S less by default."""
    lines = [
        {
            "id": number * 10 + place,
            "deliveredQuantity": quantity,
            "productSize": {"id": 5 + len(sku or ""), "SKU": sku, "EAN": None},
        }
        for place, (sku, quantity) in enumerate(moved or (("A-S", -1),))
    ]
    values = {
        "id": number,
        "description": "Count of shelf 3",
        "createdAt": "2026-03-10T09:30:00+01:00",
        "warehouse": MAIN,
        "lines": lines,
    }
    return StockChange.model_validate({**values, **more})


def rules(**more: Any) -> Any:
    """Return settings with both warehouses mapped."""
    stock = {"warehouses": {"Main": ["1"], "Outlet": ["2", "3"]}}
    return a_connection(
        start_on=date(2026, 3, 1),
        **{"stock": stock, "stock_adjustments": {"enabled": True}, **more},
    )


def adjust(*changes: StockChange, **more: Any) -> AdjustmentDraft | LeftOut:
    """Map stock changes under these settings."""
    return stock_changes_to_adjustment(
        changes or (a_change(),),
        connection=more.pop("connection", rules()),
        periods=more.pop("periods", ()),
        is_known=more.pop("is_known", False),
        is_backfill=more.pop("is_backfill", False),
    )


def drafted(*changes: StockChange, **more: Any) -> AdjustmentDraft:
    """The adjustment of stock changes that are not left out."""
    draft = adjust(*changes, **more)
    assert isinstance(draft, AdjustmentDraft)
    return draft


def test_a_count_is_an_adjustment_on_its_own_day() -> None:
    """Each item is a line with what came (plus) or went (minus); it starts on hold."""
    draft = drafted(a_change(7, ("B-M", 4), ("A-S", -2), ("B-M", -1)))

    sent = draft.adjustment
    assert [
        (one.inventory_number, one.warehouse_id, one.quantity, one.reason_code)
        for one in sent.adjustment_lines or ()
    ] == [("A-S", "1", Decimal(-2), None), ("B-M", "1", Decimal(3), None)]
    assert (sent.hold, sent.date, sent.post_period) == (
        True,
        "2026-03-10T00:00:00",
        None,
    )
    assert sent.external_reference == "N-A7"
    assert sent.description == (
        "Centra stock change 7, 2026-03-10 09:30: Count of shelf 3"
    )
    assert draft.releases is False


def test_a_move_between_warehouses_is_one_adjustment() -> None:
    """What left one warehouse and came to another is a line of each."""
    gone = a_change(7, ("A-S", -2), description="Refill")
    come = a_change(8, ("A-S", 2), description="Refill", warehouse=OUTLET)
    connection = rules(
        stock_adjustments={
            "enabled": True,
            "warehouses": {"Outlet": "3"},
            "reason_code": "MOVE",
            "releases": "connector",
        }
    )

    assert is_one_move(gone, come)
    draft = drafted(gone, come, connection=connection)
    assert [
        (one.warehouse_id, one.quantity, one.reason_code)
        for one in draft.adjustment.adjustment_lines or ()
    ] == [("1", Decimal(-2), "MOVE"), ("3", Decimal(2), "MOVE")]
    assert draft.reference == "N-A7"
    assert draft.releases is True


@pytest.mark.parametrize(
    "other",
    [
        a_change(8, ("A-S", 2), description="Refill"),
        a_change(8, ("A-S", 3), description="Refill", warehouse=OUTLET),
        a_change(8, ("A-S", 2), description="Other", warehouse=OUTLET),
        a_change(8, ("A-SS", 2), description="Refill", warehouse=OUTLET),
        a_change(
            8,
            ("A-S", 2),
            description="Refill",
            warehouse=OUTLET,
            createdAt="2026-03-10T09:30:01+01:00",
        ),
    ],
    ids=["same warehouse", "other quantity", "other words", "other size", "later"],
)
def test_what_only_looks_like_a_move_is_two_changes(other: StockChange) -> None:
    """Only the two ends of one move are joined."""
    assert not is_one_move(a_change(7, ("A-S", -2), description="Refill"), other)


@pytest.mark.parametrize(
    ("form", "description", "by_hand"),
    [
        ("WMS", "wms 7", False),
        ("WMS", "Count for WMS", True),
        ("Pick <number> of <number>", "Pick 3 of 12", False),
        ("Pick <number> of <number>", "Pick 3 of 12 again", True),
        ("Pick (<number>)", "Pick (7)", False),
    ],
)
def test_a_setting_says_how_others_describe_theirs(
    form: str, description: str, by_hand: bool
) -> None:
    """How a description begins, or all of it where a number stands in it."""
    connection = rules(
        stock_adjustments={"enabled": True, "ignore_descriptions": [form]}
    )

    assert is_by_hand(a_change(7, description=description), connection) is by_hand
    shipment = a_change(7, description="Shipment 10121-1")
    assert not is_by_hand(shipment, connection), "Centra's own are left out as well"


@pytest.mark.parametrize(
    ("description", "by_hand"),
    [
        ("Count", True),
        ("", True),
        ("N-stock 4/17", False),
        ("n-stock", True),
        ("Shipment 10121-1", False),
        ("Return 5", False),
        ("Return 5 not completed", False),
        ("Return 5 deleted", False),
        ("RETURN 5", True),
        ("Return", True),
        ("Return 5 boxes", True),
        ("Returned goods found behind shelf 3", True),
        ("Shipment from supplier, one box more", True),
        ("shipment 10121-1", True),
        ("Order 10121 cancelled", True),
    ],
)
def test_the_description_tells_who_made_it(description: str, by_hand: bool) -> None:
    """Our own, and what shipments and returns did, is nobody's count."""
    change = a_change(7, description=description)

    assert is_by_hand(change, rules()) is by_hand
    if not by_hand:
        left = adjust(change)
        assert isinstance(left, LeftOut)
        assert left.code == "NOT_BY_HAND"


def test_older_changes_are_left_out_unless_asked_for() -> None:
    """What was counted before start_on is in the figures, unless it is a backfill."""
    old = a_change(7, createdAt="2026-02-28T23:30:00+01:00")

    left = adjust(old)

    assert isinstance(left, LeftOut)
    assert left.code == "BEFORE_START"
    assert drafted(old, is_backfill=True).on == date(2026, 2, 28)


def test_what_comes_to_nothing_is_left_out() -> None:
    """One more and one less is no adjustment."""
    left = adjust(a_change(7, ("A-S", 1), ("A-S", -1)))

    assert isinstance(left, LeftOut)
    assert left.code == "NO_QUANTITY"


def test_warehouses_that_are_one_in_visma_are_one_line() -> None:
    """What went here and came there is added up by item; what comes to nothing is out."""
    adjusting = {"enabled": True, "warehouses": {"Outlet": "1"}}
    connection = rules(stock_adjustments=adjusting)
    gone = a_change(7, ("A-S", -5), ("B-M", -2))
    come = a_change(8, ("A-S", 5), ("B-M", 3), warehouse=OUTLET)

    draft = drafted(gone, come, connection=connection)
    left = adjust(
        gone,
        a_change(8, ("A-S", 5), ("B-M", 2), warehouse=OUTLET),
        connection=connection,
    )

    assert [
        (one.inventory_number, one.warehouse_id, one.quantity)
        for one in draft.adjustment.adjustment_lines or ()
    ] == [("B-M", "1", Decimal(1))]
    assert isinstance(left, LeftOut)
    assert (left.code, left.reason) == (
        "NO_QUANTITY",
        "its warehouses are one in Visma.net, where nothing moves",
    )


def test_ignored_warehouses_take_no_part() -> None:
    """Of a move into a warehouse that Visma.net does not keep, the loss is left."""
    ignoring = {"enabled": True, "ignore_warehouses": ["2"]}
    connection = rules(stock_adjustments=ignoring)
    gone = a_change(7, ("A-S", -2))
    come = a_change(8, ("A-S", 2), warehouse=OUTLET)

    draft = drafted(gone, come, connection=connection)
    left = adjust(come, connection=connection)

    assert [one.quantity for one in draft.adjustment.adjustment_lines or ()] == [-2]
    assert isinstance(left, LeftOut)
    assert left.code == "WAREHOUSE_IGNORED"


@pytest.mark.parametrize(
    ("warehouse", "words"),
    [
        ({"id": 9, "name": "Shop"}, "has no warehouse"),
        (OUTLET, "is 2 and 3 in Visma.net"),
    ],
)
def test_a_warehouse_that_is_not_one_is_parked(warehouse: Any, words: str) -> None:
    """None, or one of several, is not guessed: the setting to add is named."""
    with pytest.raises(RecordError, match=words) as caught:
        adjust(a_change(7, warehouse=warehouse))

    assert caught.value.code == "WAREHOUSE_UNKNOWN"
    assert warehouse["name"] in caught.value.fix


def test_a_size_without_a_number_is_parked() -> None:
    """What Visma.net could not know is not left out in silence."""
    with pytest.raises(RecordError, match="has no sku") as caught:
        adjust(a_change(7, ("A-S", 1), (None, 1)))

    assert caught.value.code == "ITEM_NUMBER_MISSING"


def test_items_follow_the_same_exceptions_as_orders() -> None:
    """A SKU that is called otherwise in Visma.net is so in adjustments, too."""
    connection = rules(orders={"items": {"A-S": "X1"}})

    assert units_moved([a_change(7)], connection) == (
        UnitsMoved(item="X1", warehouse=1, quantity=-1),
    )


def test_a_closed_period_of_stock_shifts_or_parks() -> None:
    """Stock has a period end of its own; the setting of orders says what then."""
    draft = drafted(periods=(SHUT, OPEN))

    assert (draft.adjustment.post_period, draft.on) == ("042026", date(2026, 3, 10))
    assert drafted(periods=(CLOSED, OPEN)).adjustment.post_period is None
    with pytest.raises(RecordError) as caught:
        adjust(
            periods=(SHUT, OPEN), connection=rules(orders={"closed_periods": "park"})
        )
    assert caught.value.code == "PERIOD_CLOSED"


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({}, None),
        ({"inventoryItem": {"number": "a-s "}}, None),
        ({"quantity": -2}, "it has -2 of A-S in 1, not -1"),
        ({"warehouse": {"id": "2"}}, "it has 0 of A-S in 1, not -1"),
        ({"inventoryItem": {"number": "B"}}, "it has 0 of A-S in 1, not -1"),
        ({"date": "2026-03-11T00:00:00"}, "it is dated 2026-03-11, not 2026-03-10"),
    ],
)
def test_what_stands_is_compared_line_by_line(changed: Any, wrong: str | None) -> None:
    """Item, warehouse, quantity and day must be as they were meant."""
    day = changed.pop("date", "2026-03-10T00:00:00") if changed else None
    line = {
        "lineNumber": 1,
        "inventoryItem": {"number": "A-S"},
        "warehouse": {"id": "1"},
        "quantity": -1,
        **changed,
    }
    there = Adjustment.model_validate(
        {
            "referenceNumber": "000010",
            "status": "Balanced",
            "date": day or "2026-03-10T00:00:00",
            "adjusmentLines": [line],
        }
    )

    assert adjustment_difference(drafted(), there) == wrong


@pytest.mark.parametrize(
    ("is_booked", "is_given_up", "at_visma", "is_settled"),
    [(False, False, 0, False), (True, False, 2, True), (False, True, 0, True)],
)
def test_a_count_counts_until_it_is_booked_or_given_up(
    is_booked: bool, is_given_up: bool, at_visma: int, is_settled: bool
) -> None:
    """Two went in Centra at once; in Visma.net only once it was released."""
    moves = moves_of_count(
        {(1, "A-S"): -2}, is_booked=is_booked, is_given_up=is_given_up
    )

    assert moves == Moves({(1, "A-S"): Move(at_visma, 2)}, is_settled)


def test_the_day_is_that_of_the_company() -> None:
    """A count at 23:30 in UTC was made on the next day in Stockholm."""
    late = a_change(7, createdAt=datetime(2026, 3, 10, 23, 30, tzinfo=UTC).isoformat())

    assert drafted(late).on == date(2026, 3, 11)
