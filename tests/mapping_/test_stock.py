"""The arithmetic of stock: every worked example in each kind of quantity.

All begin with 10 units on the shelf and no buffer. `F` is what Visma.net then says,
worked out by hand for its kind; `shows` is what Centra has left to sell.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

import pytest

from mapping.stock import (
    OrderTaken,
    Physical,
    ShipmentTaken,
    is_over_at_visma,
    lower_of,
    physical,
    physical_of,
    taken_by_order,
    taken_by_return,
    whole_units,
)
from mapping.stock_moves import (
    CentraTaken,
    Move,
    Moves,
    moves_of_order,
    moves_of_return,
    on_shelves,
)

SHIRT = ("SHIRT", "MAIN")
SHELF = (1, "SHIRT")
PLACES = {"MAIN": 1, "RETAIL": 2}
KINDS = ("orders", "shipments", "issues")


class Sale(NamedTuple):
    """An order as both sides have it: statuses, units and shipments."""

    sold: int
    """Units at Centra, without cancelled ones."""
    gone: int = 0
    """Units that left Centra."""
    over: bool = False
    status: str | None = "Open"
    """None: Visma.net does not have it."""
    ordered: int = 0
    picked: int = 0
    """Units on open shipments of Visma.net."""
    issued: int = 0

    def moves(self, kind: str) -> Moves:
        """Work out what the sale has moved."""
        parts = ((self.picked, False), (self.issued, True))
        order = OrderTaken(
            self.status or "none",
            {SHIRT: self.ordered} if self.ordered else {},
            tuple(ShipmentTaken({SHIRT: n}, left) for n, left in parts if n),
        )
        return moves_of_order(
            on_shelves(taken_by_order(order, kind), PLACES),
            CentraTaken(
                {"SHIRT": self.sold},
                {("SHIRT", 1): self.gone} if self.gone else {},
                self.over,
            ),
            PLACES.values(),
            is_over_at_visma=is_over_at_visma(order),
        )


BOTH = Sale(3, status="Open", ordered=3)
ONLY_CENTRA = Sale(1, status=None)

# name, sales, F in each kind, PHYSICAL in each kind, Centra's own allocations, shows
EXAMPLES = [
    ("nothing sold", [], (10, 10, 10), (10, 10, 10), 0, 10),
    ("one order in both, one in Centra", [BOTH, ONLY_CENTRA], (7, 10, 10), 10, 4, 6),
    ("on a shipment that is open", [BOTH._replace(picked=3)], (7, 7, 10), 10, 3, 7),
    (
        "issued and not yet shipped in Centra",
        [Sale(3, status="Completed", ordered=3, issued=3)],
        (7, 7, 7),
        10,
        3,
        7,
    ),
    (
        "shipped in Centra and not yet issued",
        [Sale(3, gone=3, over=True, status="Open", ordered=3)],
        (7, 10, 10),
        7,
        0,
        7,
    ),
    (
        "shipped in Centra before Visma.net has it",
        [Sale(3, gone=3, over=True, status=None)],
        (10, 10, 10),
        7,
        0,
        7,
    ),
    (
        "shipped in both",
        [Sale(3, gone=3, over=True, status="Completed", ordered=3, issued=3)],
        (7, 7, 7),
        7,
        0,
        7,
    ),
    (
        "one of three issued, none shipped in Centra",
        [Sale(3, status="BackOrder", ordered=3, issued=1)],
        (7, 9, 9),
        10,
        3,
        7,
    ),
    (
        "one of three issued and shipped, one more picked",
        [Sale(3, gone=1, status="Shipping", ordered=3, issued=1, picked=1)],
        (7, 8, 9),
        9,
        2,
        7,
    ),
    (
        "two of three shipped in Centra, one issued",
        [Sale(3, gone=2, status="BackOrder", ordered=3, issued=1)],
        (7, 9, 9),
        8,
        1,
        7,
    ),
    (
        "cancelled in both",
        [Sale(0, over=True, status="Cancelled", ordered=3)],
        (10, 10, 10),
        10,
        0,
        10,
    ),
    (
        "cancelled in Visma.net by hand, alive in Centra",
        [Sale(3, status="Cancelled", ordered=3)],
        (10, 10, 10),
        10,
        3,
        7,
    ),
    (
        "on hold in Visma.net",
        [Sale(3, status="Hold", ordered=3)],
        (10, 10, 10),
        10,
        3,
        7,
    ),
    (
        "issued, and cancelled in Centra before it heard of it",
        [Sale(0, over=True, status="Completed", ordered=3, issued=3)],
        (7, 7, 7),
        7,
        0,
        7,
    ),
    (
        "rest closed in Visma.net after one unit, Centra cancelled the rest",
        [Sale(1, gone=1, over=True, status="Completed", ordered=3, issued=1)],
        (9, 9, 9),
        9,
        0,
        9,
    ),
    (
        "shipped in Centra, cancelled by hand in Visma.net",
        [Sale(3, gone=3, over=True, status="Cancelled", ordered=3)],
        (10, 10, 10),
        7,
        0,
        7,
    ),
]
ROWS = [
    pytest.param(
        sales,
        kind,
        figures[at],
        wanted if isinstance(wanted, int) else wanted[at],
        allocated,
        shows,
        id=f"{name}, {kind}",
    )
    for name, sales, figures, wanted, allocated, shows in EXAMPLES
    for at, kind in enumerate(KINDS)
]


@pytest.mark.parametrize(
    ("sales", "kind", "figure", "wanted", "allocated", "shows"), ROWS
)
def test_worked_example(sales, kind, figure, wanted, allocated, shows):
    """What Centra has left to sell is what is truly free, in each kind of quantity."""
    moves = [sale.moves(kind).by_shelf.get(SHELF, Move(0, 0)) for sale in sales]
    at_visma = sum(one.at_visma for one in moves)
    at_centra = sum(one.at_centra for one in moves)

    assert physical_of(Decimal(figure), at_visma, at_centra, 0).quantity == wanted
    assert wanted - allocated == shows


def test_an_order_that_visma_net_cancelled_after_centra_shipped_stays_listed():
    """Its units have left, though Visma.net's figure says that they are there."""
    sale = Sale(3, gone=3, over=True, status="Cancelled", ordered=3)

    assert sale.moves("orders") == Moves({SHELF: Move(0, 3)}, is_settled=False)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("sale", "settled"),
    [
        (Sale(3, gone=3, over=True, status="Completed", ordered=3, issued=3), True),
        (Sale(0, over=True, status="Cancelled", ordered=3), True),
        (Sale(0, over=True, status="Completed", ordered=3, issued=3), True),
        (Sale(3, status="Completed", ordered=3, issued=3), False),
        (Sale(3, gone=3, over=True, status="Open", ordered=3), False),
        (Sale(3, gone=3, over=True, status=None), False),
        (
            Sale(3, gone=3, over=True, status="Completed", ordered=3, picked=1),
            False,
        ),
    ],
)
def test_a_sale_is_settled_when_both_sides_are_done(kind, sale, settled):
    """Then Visma.net's figure alone is right."""
    assert sale.moves(kind).is_settled is settled


# -- returns -----------------------------------------------------------------------------

RETURN_ROWS = [
    # name, received, restocked, over at Visma.net, over at Centra, F, PHYSICAL, settled
    ("on its way", 0, 0, False, False, 7, 7, False),
    ("restocked in Centra first", 0, 3, False, True, 7, 10, False),
    ("received in Visma.net first", 3, 0, True, False, 10, 7, False),
    ("one of three received", 1, 3, False, True, 8, 10, False),
    ("on both sides", 3, 3, True, True, 10, 10, True),
    ("received, and thrown away in Centra", 3, 0, True, True, 10, 7, True),
    ("deleted in Centra, cancelled in Visma.net", 0, 0, True, True, 7, 7, True),
]


@pytest.mark.parametrize(
    ("received", "restocked", "visma", "centra", "figure", "wanted", "settled"),
    [pytest.param(*row[1:], id=row[0]) for row in RETURN_ROWS],
)
def test_worked_example_of_a_return(
    received, restocked, visma, centra, figure, wanted, settled
):
    """3 of 10 were sold and left; they can be sold again once Centra has them back."""
    receipts = [ShipmentTaken({SHIRT: received}, has_left=True)] if received else []
    moves = moves_of_return(
        on_shelves(taken_by_return(receipts), PLACES),
        {SHELF: restocked} if restocked else {},
        is_over_at_visma=visma,
        is_over_at_centra=centra,
    )
    one = moves.by_shelf.get(SHELF, Move(0, 0))

    assert one == Move(-received, -restocked)
    assert physical(figure, one.at_visma, one.at_centra, 0) == wanted
    assert moves.is_settled is settled


def test_a_receipt_that_is_only_expected_raises_nothing():
    """Goods are there when they were received, not when they were announced."""
    assert taken_by_return([ShipmentTaken({SHIRT: 2}, has_left=False)]) == {}


# -- two warehouses, bundles, and what is not told -----------------------------------------


def test_two_warehouses_are_counted_apart():
    """Each unit counts where it was taken; several of Visma.net may be one of Centra."""
    order = OrderTaken(
        "Open",
        {SHIRT: 2, ("SHIRT", "RETAIL"): 3, ("SHIRT", "SCRAP"): 4, ("CAP", "MAIN"): 1},
    )
    places = PLACES | {"OVERFLOW": 1}
    shelves = on_shelves(
        {**taken_by_order(order, "orders"), ("SHIRT", "OVERFLOW"): 1}, places
    )
    assert shelves == {(1, "SHIRT"): 3, (2, "SHIRT"): 3, (1, "CAP"): 1}

    moves = moves_of_order(
        shelves,
        CentraTaken({"SHIRT": 6, "CAP": 1}, {("SHIRT", 2): 2}, is_over=False),
        [1, 2],
        is_over_at_visma=False,
    )
    assert moves.by_shelf == {
        (1, "CAP"): Move(1, 0),
        (1, "SHIRT"): Move(3, 0),
        (2, "SHIRT"): Move(3, 2),
    }


def test_units_that_left_another_warehouse_than_visma_net_says_are_settled_together():
    """Once all is over the sum decides, and Visma.net's figure of each place is right."""
    moves = moves_of_order(
        {(1, "SHIRT"): 3},
        CentraTaken({"SHIRT": 3}, {("SHIRT", 2): 3}, is_over=True),
        [1, 2],
        is_over_at_visma=True,
    )
    assert moves == Moves(
        {(1, "SHIRT"): Move(3, 0), (2, "SHIRT"): Move(0, 3)}, is_settled=True
    )


@pytest.mark.parametrize(
    ("at_visma", "found"),
    [
        ({(2, "SHIRT"): 3}, {(2, "SHIRT"): Move(3, 3)}),
        ({(2, "SHIRT"): 1}, {(2, "SHIRT"): Move(1, 3)}),
        (
            {(1, "SHIRT"): 1, (2, "SHIRT"): 2},
            {(1, "SHIRT"): Move(1, 1), (2, "SHIRT"): Move(2, 2)},
        ),
        ({}, {(1, "SHIRT"): Move(0, 3), (2, "SHIRT"): Move(0, 3)}),
    ],
    ids=["as in Visma.net", "all from there", "from both", "unknown: from each"],
)
def test_units_whose_warehouse_centra_does_not_tell(at_visma, found):
    """They left where the order has them, else each warehouse shows less, none more."""
    moves = moves_of_order(
        at_visma,
        CentraTaken({"SHIRT": 3}, {("SHIRT", None): 3}, is_over=False),
        [1, 2],
        is_over_at_visma=False,
    )
    assert moves.by_shelf == found


def test_units_that_left_a_warehouse_which_is_not_mapped_are_not_counted():
    """Neither is what Visma.net took for them: its figure is right as it is."""
    moves = moves_of_order(
        {(1, "SHIRT"): 3},
        CentraTaken({"SHIRT": 3}, {("SHIRT", 9): 3}, is_over=True),
        [1, 2],
        is_over_at_visma=True,
    )
    assert moves == Moves({}, is_settled=True)


def test_units_that_centra_never_sold_are_not_given_back():
    """A line that somebody raised or added in Visma.net is promised there."""
    moves = moves_of_order(
        {(1, "SHIRT"): 5, (1, "CAP"): 1},
        CentraTaken({"SHIRT": 3}, {}, is_over=False),
        [1],
        is_over_at_visma=False,
    )
    assert moves.by_shelf == {(1, "SHIRT"): Move(3, 0)}


# -- numbers ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("figure", "at_visma", "at_centra", "buffer", "found"),
    [
        ("10", 0, 0, 0, Physical(10, is_negative=False, is_fractional=False)),
        ("2.75", 0, 0, 0, Physical(2, is_negative=False, is_fractional=True)),
        ("-0.5", 0, 0, 0, Physical(0, is_negative=True, is_fractional=True)),
        ("-2", 3, 0, 0, Physical(1, is_negative=False, is_fractional=False)),
        ("1", 0, 2, 0, Physical(0, is_negative=True, is_fractional=False)),
        ("3", 0, 0, 5, Physical(0, is_negative=False, is_fractional=False)),
        ("9.000000", 0, 0, 2, Physical(7, is_negative=False, is_fractional=False)),
    ],
)
def test_what_cannot_be_sold_is_told(figure, at_visma, at_centra, buffer, found):
    """Parts of units and less than nothing are listed; a buffer makes nothing odd."""
    assert physical_of(Decimal(figure), at_visma, at_centra, buffer) == found


def test_parts_of_units_count_as_less():
    """Also below zero."""
    assert [whole_units(Decimal(one)) for one in ("1.9", "-1.1", "2")] == [1, -2, 2]


def test_what_moved_while_the_figure_was_read_counts_as_less():
    """A sale that came or went meanwhile may not be in the figure."""
    assert lower_of({"a": 3, "b": 2, "r": -1}, {"a": 3, "c": 4, "r": -2, "z": -1}) == {
        "a": 3,
        "r": -2,
        "z": -1,
    }


def test_an_order_in_an_unknown_status_books_nothing():
    """It shows less to sell, never more; what has left stays taken."""
    shipped = ShipmentTaken({SHIRT: 1}, has_left=True)
    order = OrderTaken("Never seen", {SHIRT: 3}, (shipped,))

    assert taken_by_order(order, "orders") == {SHIRT: 1}
    assert not is_over_at_visma(order)


def test_a_cancelled_shipment_takes_nothing():
    """Its units are open on the order again."""
    cancelled = ShipmentTaken({SHIRT: 3}, has_left=False, is_cancelled=True)
    order = OrderTaken("Completed", {SHIRT: 3}, (cancelled,))

    assert [taken_by_order(order, kind) for kind in KINDS] == [{}, {}, {}]
    assert is_over_at_visma(order)
