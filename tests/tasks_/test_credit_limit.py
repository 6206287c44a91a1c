"""Returns and allowances together never credit more than was sold, in both modes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tasks_.returning import (
    MODES,
    PRICE,
    Mode,
    a_returning_stand,
    give_back,
    sell,
    sum_of,
)

in_both_modes = pytest.mark.parametrize("mode", MODES)


@in_both_modes
async def test_a_return_after_an_allowance_is_parked_if_both_exceed_the_sale(
    tmp_path: Path, mode: Mode
) -> None:
    """50 SEK of 799 were given back as an allowance: the whole return is for a person."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        stand.edit(order, "goodwill", amount=50)
        await stand.run("refunds")
        give_back(stand, order, refund=False)

        await stand.run("refunds")

        assert list(stand.parked().values()) == ["CREDIT_LARGER_THAN_SALE"]
        assert stand.writes == {}
        assert sum_of(stand) == 50


@in_both_modes
async def test_money_given_back_beside_its_return_is_not_credited_again(
    tmp_path: Path, mode: Mode
) -> None:
    """A refund of the order, not of its whole return, is no allowance on top of it."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order, refund=False)
        stand.edit(order, "goodwill", amount=PRICE)

        await stand.run("refunds")

        assert list(stand.parked().values()) == ["CREDIT_LARGER_THAN_SALE"]
        assert sum_of(stand) == PRICE


@in_both_modes
async def test_an_allowance_and_a_partial_return_within_the_sale_are_both_credited(
    tmp_path: Path, mode: Mode
) -> None:
    """One of two T-shirts comes back and 50 SEK were given back: 849 SEK are credited."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
        stand.edit(order, "goodwill", amount=50)
        give_back(stand, order)

        await stand.run("refunds")

        assert stand.parked() == {}
        assert sum_of(stand) == PRICE + 50


@in_both_modes
async def test_money_that_may_be_a_returns_is_not_credited_again(
    tmp_path: Path, mode: Mode
) -> None:
    """A refund without a return, as much as a return that has none, is for a person."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand, lines=[{"sku": "NH1104NAVM", "quantity": 2}])
        give_back(stand, order, refund=False)
        await stand.run("refunds")
        stand.edit(order, "goodwill", amount=PRICE)

        await stand.run("refunds")

        assert list(stand.parked().values()) == ["REFUND_UNCLEAR"]
        assert stand.writes == {}
        assert sum_of(stand) == PRICE
