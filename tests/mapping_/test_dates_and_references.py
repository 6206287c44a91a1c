"""Documents are dated where the books are kept, and found again by their reference."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from connectors.errors import RecordError
from connectors.visma import models as visma
from mapping import references
from mapping.dates import document_date, posting_date, wire_date

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def a_period(month: int, *, closed: bool = False, **changes) -> visma.Period:
    """Return a month of 2026."""
    values = {
        "year": 2026,
        "period": f"{month:02d}",
        "start_date": datetime(2026, month, 1, tzinfo=UTC),
        "end_date": datetime(2026, month, 28, tzinfo=UTC),
        "closed_in_customer_ledger": closed,
    }
    return visma.Period.model_validate({**values, **changes})


def test_a_document_has_the_date_of_the_books() -> None:
    """23:30 UTC on 31 August is already September in Stockholm, 21:30 is not."""
    assert document_date(datetime(2026, 8, 31, 23, 30, tzinfo=UTC), STOCKHOLM) == date(
        2026, 9, 1
    )
    assert document_date(datetime(2026, 8, 31, 21, 30, tzinfo=UTC), STOCKHOLM) == date(
        2026, 8, 31
    )


def test_the_hour_that_comes_twice_has_one_date() -> None:
    """At the end of summer time 02:30 comes twice, and 23:30 before it is that day."""
    twice = [datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1)]

    assert {at.astimezone(STOCKHOLM).hour for at in twice} == {2}
    assert {document_date(at, STOCKHOLM) for at in twice} == {date(2026, 10, 25)}
    assert document_date(datetime(2026, 10, 24, 21, 59, tzinfo=UTC), STOCKHOLM) == date(
        2026, 10, 24
    )
    assert document_date(datetime(2026, 10, 25, 22, 59, tzinfo=UTC), STOCKHOLM) == date(
        2026, 10, 25
    )


def test_a_day_is_written_so_that_no_zone_moves_it() -> None:
    """Noon UTC is the same day from Reykjavik to Auckland."""
    text = wire_date(date(2026, 8, 31))
    at = datetime.fromisoformat(text)

    assert text == "2026-08-31T12:00:00Z"
    for zone in ("Atlantic/Reykjavik", "Europe/Oslo", "Pacific/Honolulu"):
        assert at.astimezone(ZoneInfo(zone)).date() == date(2026, 8, 31)


def posted(day: int, month: int, periods, closed="shift"):
    """Post a document of a day."""
    on = date(2026, month, day)
    return posting_date(on, periods, closed=closed, record_id="1001")


def test_an_open_period_changes_nothing() -> None:
    """The date decides by itself."""
    assert posted(15, 2, [a_period(1), a_period(2)]).post_period is None
    assert posted(15, 2, []).post_period is None


def test_a_closed_period_shifts_to_the_next_open_one_with_a_note() -> None:
    """August is closed and so is September: October, and it is said."""
    periods = [a_period(10), a_period(8, closed=True), a_period(9, active=False)]

    found = posted(15, 8, periods)

    assert found.on == date(2026, 8, 15)
    assert found.post_period == "102026"
    assert found.note == (
        "The financial period of 2026-08-15 is closed; posted in 10-2026."
    )


def test_a_closed_general_ledger_is_closed_too() -> None:
    """Either ledger can close a period."""
    shut = a_period(8, closed_in_general_ledger=True)

    for written in ("09", "9-2026", "092026", "202609"):
        following = a_period(9, period=written)
        assert posted(1, 8, [shut, following]).post_period == "092026"


def test_a_closed_period_parks_where_the_settings_say_so() -> None:
    """The finance team may want to decide."""
    with pytest.raises(RecordError) as caught:
        posted(15, 8, [a_period(8, closed=True), a_period(9)], closed="park")

    assert caught.value.code == "PERIOD_CLOSED"
    assert "2026-08-15 is closed, so 1001" in caught.value.message


def test_a_day_without_a_period_goes_to_the_next_or_is_parked() -> None:
    """A date that no period covers is not posted by guess."""
    assert posted(15, 1, [a_period(2)]).post_period == "022026"
    with pytest.raises(RecordError) as caught:
        posted(15, 3, [a_period(2)])

    assert caught.value.code == "NO_OPEN_PERIOD"
    assert "is not set up" in caught.value.message


def test_adjustment_periods_of_no_length_are_passed_over() -> None:
    """A 13th period begins and ends on one day and is for adjustments only."""
    extra = a_period(
        2,
        period="13",
        start_date=datetime(2026, 2, 15, tzinfo=UTC),
        end_date=datetime(2026, 2, 15, tzinfo=UTC),
        closed_in_general_ledger=True,
    )

    assert posted(15, 2, [a_period(2), extra]).post_period is None


def test_references_are_those_of_the_design() -> None:
    """Prefix, letter and id: nothing of two kinds can collide."""
    assert references.order_reference("N-", 1001) == "N-1001"
    assert references.return_order_reference("N-", 1001, 7) == "N-1001-R7"
    assert references.shipment_reference("N-", 5) == "N-S5"
    assert references.return_reference("N-", 7) == "N-R7"
    assert references.payment_reference("N-", 9) == "N-P9"
    assert references.customer_key(12) == "dtc-12"
    assert references.account_key(12) == "acc-12"
    assert references.order_description(1001) == "Centra order 1001"


def test_a_reference_longer_than_visma_keeps_is_refused() -> None:
    """A cut reference would not be found again."""
    with pytest.raises(RecordError) as caught:
        references.order_reference("N-", 10**39)

    assert caught.value.code == "REFERENCE_TOO_LONG"


@pytest.mark.parametrize(
    ("text", "kind", "named", "order"),
    [
        ("N-1001", "order", 1001, 1001),
        ("N-1001-R7", "return", 7, 1001),
        ("N-S12", "shipment", 12, None),
        ("N-R7", "return", 7, None),
        ("N-P5", "payment", 5, None),
        ("N-G5", "goodwill", 5, None),
    ],
)
def test_a_reference_of_ours_is_read_back(text, kind, named, order) -> None:
    """What was written on a document tells later what the document is of."""
    assert references.read_reference("N-", text) == references.Referred(
        kind, named, order
    )


@pytest.mark.parametrize(
    "text",
    [
        *(None, "", "N-", "1001", "n-1001", "M-1001", "N-1001 ", " N-1001", "N-01001"),
        *("N-1001-R", "N-1001-S7", "N-S", "N-X12", "N-S12a", "PO N-1001", "N-١٢"),
    ],
)
def test_what_only_looks_like_a_reference_is_none(text) -> None:
    """A part, another prefix, other digits: nobody's order is guessed from it."""
    assert references.read_reference("N-", text) is None
