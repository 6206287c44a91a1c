"""Orders of every kind, shipped and returned, posted either way: every minor unit explained."""

from __future__ import annotations

import logging

import pytest

from tests.books.generated import play
from tests.effort import GENERATED_ORDERS
from tests.tasks_.returning import MODES, Mode

EXPECTED = {"CUSTOMER_BLOCKED"}
"""Some companies of the demo are blocked on purpose."""


@pytest.mark.parametrize("mode", MODES)
async def test_every_minor_unit_of_generated_orders_is_explained(
    mode: Mode, caplog: pytest.LogCaptureFixture
) -> None:
    """Ten countries, eight currencies, vouchers, gift cards, parts and partial returns.

    Nothing is unexplained; nothing but what was broken on purpose is parked; VAT by
    line and VAT of the whole are never more than rounding apart.
    """
    caplog.set_level(logging.ERROR)

    result = await play(orders=GENERATED_ORDERS, mode=mode, prices="demo", seed=1)

    assert result.sentences == []
    assert result.unexplained == 0
    assert set(result.parked) <= EXPECTED
    assert set(result.causes) <= {"rounding", "parked", "in_flight"}
    assert result.returns > GENERATED_ORDERS / 5
    assert result.documents > result.shipments
    assert max(result.vat_rounding) <= 40  # half a minor unit a line, 40 lines at most
