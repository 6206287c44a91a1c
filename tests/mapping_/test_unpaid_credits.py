"""Credits that nobody has paid out are told by the credit note that stays open."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.errors import RecordError
from mapping.unpaid_credits import UnpaidCredit, judge_unpaid


def a_credit(*, is_open: bool, asked_on: date | None = None) -> bytes:
    """Return the credit of return 3, open since the fifth of March or settled."""
    credit = UnpaidCredit(
        return_id=3,
        order=1001,
        note="200002",
        balance=Decimal("799.00"),
        currency="SEK",
        since=date(2026, 3, 5),
        is_open=is_open,
        asked_on=asked_on,
    )
    return credit.model_dump_json().encode()


def test_an_open_credit_is_parked_with_its_note_and_amount() -> None:
    """Whoever looks at the list knows which note, since when and how much."""
    with pytest.raises(RecordError) as caught:
        judge_unpaid(a_credit(is_open=True))

    assert caught.value.code == "REFUND_MISSING"
    assert caught.value.record_id == "U3"
    assert caught.value.message == (
        "credit note 200002 of return 3 (order 1001) is open since 2026-03-05 with "
        "799.00 SEK, and Centra has no refund that would settle it"
    )


def test_a_refund_without_an_answer_is_not_to_be_made_twice() -> None:
    """Where Centra asked for the refund, the fix leads to the provider, not to another one."""
    with pytest.raises(RecordError) as caught:
        judge_unpaid(a_credit(is_open=True, asked_on=date(2026, 3, 6)))

    assert "asked for on 2026-03-06 has no answer" in caught.value.message
    assert (caught.value.fix or "").startswith("Do not refund it again")


def test_a_settled_credit_leaves_the_list() -> None:
    """It is left out, which closes the exception."""
    assert judge_unpaid(a_credit(is_open=False)).code == "REFUND_BOOKED"
