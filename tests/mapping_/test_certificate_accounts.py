"""Accounts that the settings name are proved; those of items are taken as they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from mapping.certificate import Entry
from mapping.certificate_accounts import (
    OF_ITEM,
    account_rows,
    wrong_account,
    wrong_category,
)
from mapping.certificate_groups import Group

ON = date(2026, 3, 4)


def entry(side: Any, *accounts: tuple[str, int], **changes: Any) -> Entry:
    """A shipment or its invoice, with what its lines come to by account."""
    gross = sum(amount for _, amount in accounts)
    same = Entry(
        side=side,
        pair="delivered",
        orders=(10001,),
        key="S1",
        number="10001-1",
        kind="shipment",
        day=ON,
        currency="SEK",
        gross=gross,
        store="Web",
        country="SE",
        accounts=accounts,
    )
    return replace(same, **changes)


def group(ours: list[Entry], theirs: list[Entry]) -> Group:
    """What is compared as one."""
    return Group("delivered", "SEK", (10001,), ("S1",), tuple(ours), tuple(theirs))


@pytest.mark.parametrize(
    ("ours", "theirs", "amount"),
    [
        pytest.param([("3105", 1000)], [("3105", 1000)], None, id="where it should be"),
        pytest.param([("3105", 1000)], [("3001", 1000)], 1000, id="all elsewhere"),
        pytest.param(
            [("3105", 1000)], [("3105", 600), ("3001", 400)], 400, id="a part elsewhere"
        ),
        pytest.param(
            [("3105", 1000), ("3520", 49)],
            [("3105", 1049)],
            49,
            id="on another account that is due",
        ),
        pytest.param(
            [("3105", 1000), (OF_ITEM, 49)],
            [("3105", 1049)],
            None,
            id="an item may have the same account",
        ),
        pytest.param(
            [("3105", 1000), (OF_ITEM, 49)],
            [("3105", 900), ("3520", 149)],
            100,
            id="less than belongs there, whatever items have",
        ),
        pytest.param([(OF_ITEM, 1000)], [("3001", 1000)], None, id="of the item"),
        pytest.param([("3105", 1000)], [], None, id="no lines are shown"),
    ],
)
def test_what_is_not_on_its_account(
    ours: list[tuple[str, int]], theirs: list[tuple[str, int]], amount: int | None
) -> None:
    """The amount that is missing there; below zero, what is too much."""
    found = wrong_account(group([entry("centra", *ours)], [entry("visma", *theirs)]))

    assert (found and found[0]) == amount


def test_rounding_between_two_documents_is_no_other_account() -> None:
    """As far as was worked out in advance, and no minor unit further."""
    ours = [entry("centra", ("3105", 1000), room=1)]
    less = entry("visma", ("3105", 999), ("3740", 1), key="")

    assert wrong_account(group(ours, [less])) is None
    assert wrong_account(
        group(ours, [entry("visma", ("3105", 998), ("3740", 2), key="")])
    )
    assert wrong_account(group(ours, [replace(less, key="S1")]))  # ours is exact


def test_a_line_of_another_category_is_found() -> None:
    """Of the same rate, so that no VAT differs; and each that has lost its own."""
    due, half = (("STDG", 1000),), (("OTHER", 400), ("STDG", 600))
    blank = (("", 49), ("OTHER", 400), ("STDG", 551))
    ours = [entry("centra", ("3105", 1000), categories=due)]

    def found(booked: tuple[tuple[str, int], ...]) -> tuple[int, str] | None:
        theirs = [entry("visma", ("3105", 1000), categories=booked)]
        return wrong_category(group(ours, theirs))

    assert found(due) is None
    amount, why = found(half) or (0, "")
    assert amount == 400
    assert "are of VAT category STDG" in why
    assert "OTHER" in why
    amount, why = found(blank) or (0, "")
    assert amount == 449
    assert "also booked: none, OTHER" in why
    assert found((("", 1000),)) is not None
    assert found(()) is None  # no lines are shown


def test_rows_add_up_by_account() -> None:
    """What is of items stands where Visma.net booked it; what is not there, by itself."""
    both = group(
        [entry("centra", ("3105", 1000), (OF_ITEM, 49))],
        [entry("visma", ("3105", 1000), ("3520", 49))],
    )
    missing = group([entry("centra", ("3105", 500), (OF_ITEM, 20))], [])

    rows = account_rows([both, missing])

    assert [(row.account, row.centra, row.visma) for row in rows] == [
        (OF_ITEM, 20, 0),
        ("3105", 1500, 1000),
        ("3520", 49, 49),
    ]
    assert {(row.day, row.store, row.country, row.pair) for row in rows} == {
        (ON, "Web", "SE", "delivered")
    }
