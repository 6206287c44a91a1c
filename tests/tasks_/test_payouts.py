"""Settlement files are booked once, whole, in the right place, or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from connectors.errors import RecordError
from sandbox.centra.sales import Order
from sandbox.visma.journal_records import JournalTransaction
from tasks.request import Mode
from tests.tasks_.paying import ROUND, carry, settle, sold
from tests.tasks_.settling import (
    JOURNAL_MADE,
    JOURNAL_RELEASED,
    SETTLED,
    book,
    booked,
    file_of,
    take,
)
from tests.tasks_.stand import Stand, a_stand, emptied

D = Decimal


class _Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A live store whose providers are settled by files."""
    with a_stand(tmp_path, **SETTLED) as opened:
        yield opened


def journals(stand: Stand) -> list[JournalTransaction]:
    """What stands in the general ledger of its own."""
    return list(stand.company.books.journals.values())


def account(stand: Stand, number: str, currency: str = "SEK") -> Decimal:
    """The balance of an account in the books."""
    return stand.company.books.journal.accounts[number, currency]


async def paid(stand: Stand, count: int = 1, **order: object) -> list[Order]:
    """Orders that were sold, shipped, invoiced and paid, all booked."""
    orders = [sold(stand, **order) for _ in range(count)]
    await settle(stand)
    return orders


async def test_a_file_is_booked_whole_and_once(stand: Stand) -> None:
    """Bank, fees and clearing account to the öre; the same file again books nothing."""
    await paid(stand, 3)
    raw = file_of(stand, payout="KP-1", percent="2.5", fixed="1")

    done = await book(stand, raw)

    [journal] = journals(stand)
    assert (journal.status, journal.currency) == ("Posted", "SEK")
    assert journal.description == "Klarna payout KP-1 SEK"
    # three times 799.00, less three fees of 20.98 (2.5 % and 1.00)
    assert booked(journal) == {
        "1930": D("2334.06"),
        "6570": D("62.94"),
        "1580": D("-2397"),
    }
    assert account(stand, "1580") == 0
    assert (done.counts.created, done.counts.parked) == (1, 0)
    assert stand.writes == {
        JOURNAL_MADE: 1,
        "visma.PUT /v2/journaltransaction/{journalTransactionNumber}": 1,
        JOURNAL_RELEASED: 1,
    }

    again = await book(stand, raw)

    assert stand.writes == {}
    assert (len(journals(stand)), again.sentence) == (1, "nothing to do")


async def test_an_empty_ledger_books_nothing_twice(
    stand: Stand, tmp_path: Path
) -> None:
    """The journal is found by the reference that its lines carry, and taken as it is."""
    await paid(stand)
    raw = file_of(stand, payout="KP-1", percent=2)
    await book(stand, raw)
    (tmp_path / "second").mkdir()

    with emptied(stand, tmp_path / "second"):
        done = await book(stand, raw)

        assert stand.writes == {}
        assert (len(journals(stand)), done.counts.parked) == (1, 0)


async def test_a_journal_that_was_made_before_the_answer_was_lost(stand: Stand) -> None:
    """In doubt, found on hold, proved, released: one journal stands."""
    await paid(stand)
    raw = file_of(stand, payout="KP-1")
    stand.fault("after_commit", JOURNAL_MADE)

    first = await book(stand, raw)

    [journal] = journals(stand)
    assert (first.counts.in_doubt, journal.status) == (1, "Hold")
    stand.wait(minutes=3)
    await stand.run("payouts")

    assert JOURNAL_MADE not in stand.writes
    assert ([one.status for one in journals(stand)], account(stand, "1580")) == (
        ["Posted"],
        0,
    )


async def test_killed_between_making_and_releasing(stand: Stand) -> None:
    """The run dies after the journal was made; the next one goes on with that one."""
    await paid(stand)
    take(stand, file_of(stand, payout="KP-1"))

    def die(method: str, path: str) -> None:
        if method == "PUT" and "journaltransaction" in path:
            raise _Killed

    stand.wire.before = die
    with pytest.raises(BaseExceptionGroup) as end:
        await stand.run("payouts")
    assert end.group_contains(_Killed)
    stand.wire.before = lambda method, path: None
    [journal] = journals(stand)
    assert journal.status == "Hold"
    stand.wait(minutes=6)

    for _ in range(3):
        await stand.run("payouts")
        stand.wait(minutes=3)

    assert [one.status for one in journals(stand)] == ["Posted"]
    assert account(stand, "1580") == 0


async def test_the_release_only_begins(stand: Stand) -> None:
    """A queued release is waited for; until it is done the payout is in doubt."""
    await paid(stand)
    raw = file_of(stand, payout="KP-1")
    stand.fault("action_queued", JOURNAL_RELEASED)

    await book(stand, raw)
    stand.wait(minutes=3)
    await stand.run("payouts")

    assert [one.status for one in journals(stand)] == ["Posted"]
    assert stand.exceptions() == []


async def test_wrong_sums_book_nothing(stand: Stand) -> None:
    """The payout is parked with its sums; a right file of the same payout books it."""
    await paid(stand)

    done = await book(stand, file_of(stand, payout="KP-1", percent=2, missing="0.01"))

    assert stand.parked() == {"Klarna/SEK/KP-1": "SETTLEMENT_SUMS_DIFFER"}
    assert "but it says 783.01; -0.01 is missing" in done.counts.problems[0]
    assert (journals(stand), stand.writes) == ([], {})

    await book(stand, file_of(stand, payout="KP-1", percent=2, again=True))

    assert (len(journals(stand)), stand.parked()) == (1, {})


async def test_two_currencies_meet_their_own_accounts(stand: Stand) -> None:
    """A payout in euro is booked in euro, on the accounts that are kept in it."""
    await paid(stand)
    await paid(stand, country="FI", currency="EUR")
    await book(stand, file_of(stand, payout="KP-1", percent=2))

    await book(stand, file_of(stand, payout="KP-1", percent=2, currency="EUR"))

    swedish, euro = journals(stand)
    assert (swedish.currency, euro.currency) == ("SEK", "EUR")
    assert set(booked(euro)) == {"1930EUR", "6570", "1580EUR"}
    assert booked(euro)["1930EUR"] + booked(euro)["6570"] == -booked(euro)["1580EUR"]
    assert (account(stand, "1580"), account(stand, "1580EUR", "EUR")) == (0, 0)
    assert account(stand, "6570", "EUR") == booked(euro)["6570"]
    # Centra's own rate of the euro was sent, and what it came to is kept
    assert (swedish.rate, euro.has_own_rate) == (1, True)
    with stand.environment.books("nordhem").read() as unit:
        stamps = unit.rates.kept("payouts", ["Klarna/EUR/KP-1"], stand.settings.version)
    stamp = stamps["Klarna/EUR/KP-1"]
    assert (stamp.rate, stamp.amount) == (euro.rate, booked(euro)["1930EUR"])


async def test_refunds_and_chargebacks(stand: Stand) -> None:
    """A refund lowers the payout, a chargeback is claimed, and given back when it is won."""
    first, second = await paid(stand, 2)
    stand.edit(first, "return", refund=True)
    await settle(stand)
    await book(stand, file_of(stand, payout="KP-1"))
    assert account(stand, "1580") == 0

    await paid(stand)
    await book(stand, file_of(stand, payout="KP-2", chargebacks=[second.number]))

    assert booked(journals(stand)[1]) == {"1689": D(799), "1580": D(-799)}
    await paid(stand)
    await book(
        stand,
        file_of(stand, payout="KP-3", method="Klarna", corrections=["-50"], percent=1),
    )
    assert booked(journals(stand)[2]) == {
        "1930": D("741.01"),
        "6570": D("7.99"),
        "1688": D(50),
        "1580": D(-799),
    }
    assert (account(stand, "1580"), account(stand, "1689")) == (0, 799)


async def test_a_capture_of_nobody_is_parked_and_its_payout_booked(
    stand: Stand,
) -> None:
    """The bank has the money; what it is of stays open on the clearing account."""
    await paid(stand)

    await book(stand, file_of(stand, payout="KP-1", unknown=["120"]))

    [row] = stand.exceptions()
    assert row.code == "SETTLEMENT_REFERENCE_UNKNOWN"
    assert "reference stray-1 (120.00 SEK)" in row.reason.replace("(120 ", "(120.00 ")
    assert (len(journals(stand)), account(stand, "1580")) == (1, -120)


async def test_a_line_finds_its_payment_later(stand: Stand) -> None:
    """A file that is faster than the payments is solved by itself once they are booked."""
    sold(stand)
    await book(stand, file_of(stand, payout="KP-1"))
    assert list(stand.parked().values()) == ["SETTLEMENT_REFERENCE_UNKNOWN"]

    await settle(stand)
    await stand.run("payouts")

    assert (stand.parked(), account(stand, "1580")) == ({}, 0)


async def test_another_amount_than_was_captured(stand: Stand) -> None:
    """The line is parked with both figures; the difference stays on the account."""
    await paid(stand)
    raw = file_of(stand, payout="KP-1").replace(b";799;", b";700;")
    raw = raw.replace(b";0.00;799", b";0.00;700")

    await book(stand, raw)

    [row] = stand.exceptions()
    assert row.code == "SETTLEMENT_AMOUNT_DIFFERS"
    assert "the provider settled 700 SEK, Visma.net has" in row.reason
    assert account(stand, "1580") == 99


async def test_a_line_in_two_payouts_is_booked_once(stand: Stand) -> None:
    """The second payout is parked whole, and names the first."""
    await paid(stand)
    await book(stand, file_of(stand, payout="KP-1"))

    await book(stand, file_of(stand, payout="KP-2", again=True))

    codes = stand.parked()
    assert codes["Klarna/SEK/KP-2"] == "SETTLEMENT_LINE_TWICE"
    assert (len(journals(stand)), account(stand, "1580")) == (1, 0)


async def test_a_payout_that_says_otherwise_later_is_parked(stand: Stand) -> None:
    """What is booked is never changed by a file."""
    await paid(stand)
    await book(stand, file_of(stand, payout="KP-1"))

    await book(stand, file_of(stand, payout="KP-1", again=True, percent=2))

    assert stand.parked() == {"Klarna/SEK/KP-1": "SETTLEMENT_CHANGED"}
    assert (len(journals(stand)), stand.writes) == (1, {})


async def test_a_closed_period_posts_in_the_next_open_one(stand: Stand) -> None:
    """The day stays that of the payout; the period is the next, and noted."""
    await paid(stand)
    raw = file_of(stand, payout="KP-1")
    stand.company.close_period("202603")
    stand.wait(minutes=61)  # the periods of an hour ago are believed

    await book(stand, raw)

    [journal] = journals(stand)
    assert (journal.period, journal.on.isoformat()) == ("202604", "2026-03-10")


async def test_a_plan_shows_it_and_sends_exactly_that(tmp_path: Path) -> None:
    """A direction that is not live stops as a plan with the accounts; apply books it."""
    with a_stand(tmp_path, **SETTLED) as stand:
        await paid(stand)
        raw = file_of(stand, payout="KP-1", percent=2)
        ids = take(stand, raw)

        planned = await stand.run("payouts", mode=Mode.PLAN, ids=ids)

        assert planned.plan is not None
        assert (planned.plan.writes, planned.plan.totals) == (1, {"SEK": "783.02"})
        assert (journals(stand), stand.writes) == ([], {})

        await stand.run("payouts", plan=planned.plan.hash)

        assert [one.status for one in journals(stand)] == ["Posted"]


async def test_people_may_release(tmp_path: Path) -> None:
    """Without a setting the journal is left balanced, for people to release."""
    changes = {
        **SETTLED,
        "payment_methods.Klarna.settlement": {
            **SETTLED["payment_methods.Klarna.settlement"],
            "releases": "visma",
        },
    }
    with a_stand(tmp_path, **changes) as stand:
        await paid(stand)
        raw = file_of(stand, payout="KP-1")
        await book(stand, raw)
        await book(stand, raw)

        assert [one.status for one in journals(stand)] == ["Balanced"]


async def test_a_changed_journal_is_not_released(stand: Stand) -> None:
    """Somebody moved an amount while it was on hold: it stays there, and is listed."""
    await paid(stand)
    raw = file_of(stand, payout="KP-1")
    stand.fault("after_commit", JOURNAL_MADE)
    await book(stand, raw)
    [journal] = journals(stand)
    journal.lines[0].account = "1689"
    stand.wait(minutes=3)

    await stand.run("payouts")

    [row] = stand.exceptions()
    assert row.code == "FOUND_BUT_DIFFERENT"
    assert "account 1689 gains 799" in row.reason
    assert journal.status == "Hold"


async def test_a_refused_file_leaves_nothing(stand: Stand) -> None:
    """A file of another method stores no record."""
    await paid(stand)
    raw = file_of(stand, method="Klarna", layout="klarna")

    with pytest.raises(RecordError, match="layout 'klarna'"):
        take(stand, raw, "Adyen")
    with pytest.raises(RecordError, match="no settings for settlement files"):
        take(stand, raw, "Stripe")

    await carry(stand, *ROUND, "payouts")
    assert (journals(stand), stand.exceptions()) == ([], [])


async def test_it_costs_few_calls(stand: Stand) -> None:
    """However many lines it has, a payout is one journal; nothing is read while no file waits."""
    await carry(stand, "payouts")
    assert sum(stand.calls.values()) <= 2  # the token and the company
    await paid(stand, 5)
    await book(stand, file_of(stand, payout="KP-1", percent=1))

    assert stand.calls[JOURNAL_MADE] == 1
    assert stand.calls["visma.GET /v2/journaltransaction"] == 1
