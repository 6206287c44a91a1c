"""Rates of Visma.net's own, of which the connector has no say, are proved by its table."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from mapping.certificate import Cause
from tasks.certificate import as_json
from tasks.certificate_report import markdown_of
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_certificate import certified, found

D = Decimal


@pytest.fixture(params=["sales_order", "invoice"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts one way or the other."""
    with a_stand(tmp_path, **posting(request.param)) as opened:
        yield opened


def quote(stand: Stand, rate: str) -> None:
    """Somebody writes a rate of the euro into Visma.net's table, from today on."""
    today = stand.company.local_date(stand.world.clock.now())
    stand.company.rates.add("EUR", "SEK", "SPOT", today, D(rate), "Multiply", version=9)


async def test_a_rate_of_its_own_is_no_difference(stand: Stand) -> None:
    """Within a tenth of the one before, Visma.net may have another rate than Centra."""
    quote(stand, "11.40")
    sold(stand, country="FI")
    await settle(stand)

    [payment] = stand.company.books.payments.values()
    assert payment.rate == D("11.40")
    assert (await certified(stand)).is_clean


async def test_a_rate_that_nobody_can_mean_is_told(stand: Stand) -> None:
    """A digit too many in the table: each document that was booked at it, in kronor."""
    quote(stand, "112.14")
    sold(stand, country="FI")
    await settle(stand)
    [payment] = stand.company.books.payments.values()

    differences = await found(stand)

    pairs = {one.pair for one in differences}
    by_table = stand.settings.stores["*"].post_as == "sales_order"
    assert pairs == ({"paid", "delivered"} if by_table else {"paid"})
    assert {one.cause for one in differences} == {Cause.RATE}
    [one] = [one for one in differences if one.pair == "paid"]
    gap = payment.amount * (D("11.2145") - D("112.14"))
    assert one.amount == one.base == round(gap * 100)
    assert "has 112.14 since 2026-03-10, more than 10 % away from 11.2145" in (
        one.sentence
    )
    assert not (await certified(stand)).is_clean


async def test_a_rate_that_the_table_has_not_is_told(stand: Stand) -> None:
    """The table was put right after the payment was booked; a little is told, too."""
    sold(stand, country="FI")
    await settle(stand)
    assert (await certified(stand)).is_clean
    [payment] = stand.company.books.payments.values()
    payment.rate = D("11.25")

    [one] = await found(stand)

    gap = round(payment.amount * (D("11.2145") - D("11.25")) * 100)
    assert (one.cause, one.pair) == (Cause.RATE, "paid")
    assert abs(one.amount - gap) <= 1
    assert "than the 11.2145 of Visma.net's own table for 2026-03-10" in one.sentence


async def test_a_table_that_may_not_be_read_is_told(stand: Stand) -> None:
    """The certificate goes on, and says what it could not look at."""
    sold(stand, country="FI")
    await settle(stand)
    stand.fault("missing_permission", "visma.GET /v2/currencyrate")

    done = await certified(stand)

    [note] = done.certificate.notes
    assert note.startswith("Visma.net's own table of exchange rates cannot be read")
    assert done.is_clean
    told = as_json(done.certificate)
    assert told["notes"] == [note]
    assert f"**Note:** {note}" in markdown_of(told, unsigned=0)
    assert (await certified(stand)).certificate.notes == ()
