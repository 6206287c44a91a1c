"""Clearing accounts are read afresh, and the certificate shows them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from console.certificate import certificate_table
from mapping.clearing_rows import Clearing
from sandbox.visma.hand_documents import make_journal
from tasks.certificate import as_json, certify, sign_difference
from tasks.certificate_report import markdown_of, write_csv
from tasks.clearing import clearing_as_json
from tasks.environment import use_environment
from tests.tasks_.paying import settle, sold
from tests.tasks_.settling import ACCOUNTS, SETTLED, book, file_of
from tests.tasks_.stand import Stand, a_stand, emptied


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A live store whose providers are settled by files."""
    with a_stand(tmp_path, **SETTLED) as opened:
        yield opened


async def cleared(stand: Stand, on: date | None = None) -> Clearing:
    """Read the balances afresh."""
    with use_environment(stand.environment):
        done = await certify("nordhem", until=on)
    assert done.certificate.clearing is not None
    return done.certificate.clearing


async def test_what_is_paid_and_not_settled_is_open(stand: Stand) -> None:
    """By provider's reference, on both sides, aged by its day."""
    order = sold(stand)
    await settle(stand)
    stand.wait(minutes=10 * 24 * 60)

    done = await cleared(stand)

    [account], [row] = done.accounts, done.rows
    reference = order.payments[-1].external_reference
    assert (row.reference, row.balance, row.age_days) == (reference, 79900, 10)
    assert (row.centra, row.paid_in, row.settled) == (79900, 79900, 0)
    assert (account.method, account.account, account.aged) == (
        "Klarna",
        "1580",
        {"8-30": 79900},
    )
    assert (account.in_books, account.difference, account.others) == (79900, 0, ())


async def test_a_settlement_takes_it_off(stand: Stand) -> None:
    """The payout's journal is read back from Visma.net, reference by reference."""
    first, second = sold(stand), sold(stand)
    await settle(stand)
    await book(stand, file_of(stand, payout="KP-1", percent=2, orders=[first.number]))

    done = await cleared(stand)

    [account], [row] = done.accounts, done.rows
    assert row.reference == second.payments[-1].external_reference
    assert (account.paid_in, account.settled, account.balance) == (159800, 79900, 79900)
    assert account.difference == 0


async def test_refunds_and_two_currencies(stand: Stand) -> None:
    """A refund that was not settled is open too; euro stand beside kronor."""
    order = sold(stand)
    sold(stand, country="FI", currency="EUR")
    await settle(stand)
    await book(stand, file_of(stand, payout="KP-1"))
    stand.edit(order, "return", refund=True)
    await settle(stand)

    done = await cleared(stand)

    shown = {(one.currency, one.balance) for one in done.accounts}
    [row] = [one for one in done.rows if one.currency == "SEK"]
    assert (row.balance, row.reference[-3:]) == (-79900, "-R1")
    assert ("SEK", -79900) in shown
    assert [one.currency for one in done.rows] == ["SEK", "EUR"]
    assert all(one.difference == 0 for one in done.accounts)


async def test_a_capture_of_nobody_stays_open(stand: Stand) -> None:
    """What the provider settled and no payment put there is below zero, by its reference."""
    sold(stand)
    await settle(stand)
    await book(stand, file_of(stand, payout="KP-1", unknown=["120"]))

    [row] = (await cleared(stand)).rows

    assert (row.reference, row.balance, row.paid_in) == ("stray-1", -12000, 0)


async def test_what_people_book_on_the_account_is_a_difference(stand: Stand) -> None:
    """A journal by hand is told with its number and text; the balance is not touched."""
    sold(stand)
    await settle(stand)
    made = make_journal(
        stand.company,
        {
            "description": "Moved by hand",
            "lines": [
                {"account": "1580", "credit": "50"},
                {"account": "6570", "debit": "50"},
            ],
        },
    )

    [account] = (await cleared(stand)).accounts

    assert (account.balance, account.in_books, account.difference) == (
        79900,
        74900,
        -5000,
    )
    [other] = account.others
    assert str(made["number"]) in other
    assert "Moved by hand" in other


async def test_a_voided_payment_is_off_the_account(stand: Stand) -> None:
    """Payment and void cancel each other in the books; Centra's side still has it."""
    order = sold(stand)
    await settle(stand)
    [payment] = stand.company.books.payments.values()
    from sandbox.visma.payment_void import void_payment  # noqa: PLC0415

    void_payment(stand.company, payment)

    done = await cleared(stand)

    assert done.rows == ()
    [account] = done.accounts
    assert (account.balance, account.in_books, account.centra) == (0, 0, 79900)
    assert account.others == ()
    assert order.payments


async def test_a_day_in_the_past_is_as_it_was_then(stand: Stand) -> None:
    """What was settled later was open on that day."""
    sold(stand)
    await settle(stand)
    stand.wait(minutes=5 * 24 * 60)
    await book(stand, file_of(stand, payout="KP-1"))

    before = await cleared(stand, date(2026, 3, 11))
    after = await cleared(stand)

    assert [row.balance for row in before.rows] == [79900]
    assert after.rows == ()


async def test_the_certificate_shows_it(stand: Stand, tmp_path: Path) -> None:
    """In its JSON, on its page, as CSV, and in the terminal."""
    sold(stand)
    await settle(stand)
    stand.wait(minutes=24 * 60)
    with use_environment(stand.environment):
        done = await certify("nordhem")

    told: dict[str, Any] = as_json(done.certificate)
    clearing = told["clearing"]
    assert done.certificate.clearing is not None
    assert clearing == clearing_as_json(done.certificate.clearing)
    [account], [row] = clearing["accounts"], clearing["open"]
    assert (account["paid_in"], account["balance"], account["age_days"]) == (
        "799.00",
        "799.00",
        1,
    )
    assert (row["centra"], row["balance"]) == ("799.00", "799.00")
    page = markdown_of(told, unsigned=0)
    assert (
        "| Klarna | 1580 | SEK | 799.00 | 0.00 | 799.00 | 2026-03-10 (1 days) |" in page
    )
    write_csv(done, tmp_path / "csv")
    [file] = (tmp_path / "csv").glob("*_clearing.csv")
    assert "799.00" in file.read_text(encoding="utf-8")
    assert certificate_table(done) is not None


async def test_a_period_tells_centra_only_as_far_as_it_was_read(stand: Stand) -> None:
    """The balance needs all payments; Centra's side of old ones is not claimed."""
    sold(stand)
    await settle(stand)
    stand.wait(minutes=90 * 24 * 60)
    with use_environment(stand.environment):
        done = await certify("nordhem", date(2026, 6, 1), date(2026, 6, 8))

    assert done.certificate.clearing is not None
    [row] = done.certificate.clearing.rows
    assert (row.balance, row.centra, row.age_days) == (79900, None, 90)


async def test_money_that_is_not_paid_out_must_be_signed(stand: Stand) -> None:
    """Not on the thirtieth day, but on the day after; a signature is for that amount."""
    sold(stand)
    await settle(stand)
    stand.wait(minutes=30 * 24 * 60)
    with use_environment(stand.environment):
        young = await certify("nordhem")
        stand.wait(minutes=24 * 60)
        old = await certify("nordhem")
        [one] = old.unsigned
        sign_difference("nordhem", one.id, by="Kim", note="the provider was asked")
        signed = await certify("nordhem")

    assert (young.unsigned, young.is_clean) == ([], True)
    assert not old.is_clean
    assert "799.00 SEK open for 31 days" in one.sentence
    assert one.sentence in markdown_of(as_json(old.certificate), unsigned=1)
    assert signed.is_clean


def by_hand(stand: Stand, amount: str, side: str = "credit", text: str = "") -> str:
    """A journal by hand between the clearing account and that of fees."""
    other = "debit" if side == "credit" else "credit"
    lines = [{"account": "1580", side: amount}, {"account": "6570", other: amount}]
    body = {"description": text or "Moved by hand", "lines": lines}
    return str(make_journal(stand.company, body)["number"])


async def test_what_others_booked_on_the_account_must_be_signed(stand: Stand) -> None:
    """A journal by hand has no payment and no payout behind it; the next is another."""
    sold(stand)
    await settle(stand)

    by_hand(stand, "50")
    with use_environment(stand.environment):
        [first] = (await certify("nordhem")).unsigned
        sign_difference("nordhem", first.id, by="Kim", note="a fee")
        assert (await certify("nordhem")).is_clean
        by_hand(stand, "7")
        [second] = (await certify("nordhem")).unsigned

    assert "-50.00 SEK" in first.sentence
    assert "Moved by hand" in first.sentence
    assert "-7.00 SEK" in second.sentence


async def test_journals_by_hand_do_not_cancel_each_other(stand: Stand) -> None:
    """The account stands as it should: each is named and signed, with its amount and age."""
    sold(stand)
    await settle(stand)
    there, back = by_hand(stand, "500"), by_hand(stand, "500", "debit")
    lines = [
        {"account": "1580", side: "3", "text": "to"} for side in ("debit", "credit")
    ]
    within = str(make_journal(stand.company, {"lines": lines})["number"])
    stand.wait(minutes=2 * 24 * 60)

    with use_environment(stand.environment):
        done = await certify("nordhem")

    assert done.certificate.clearing is not None
    [account] = done.certificate.clearing.accounts
    assert (account.difference, len(account.others)) == (0, 3)
    shown = [(one.amount, one.age_days, one.sentence) for one in done.unsigned]
    for number, amount in ((there, -50000), (back, 50000), (within, 0)):
        [(units, age, _)] = [one for one in shown if number in one[2]]
        assert (units, age) == (amount, 2)
    assert not done.is_clean


async def test_what_only_looks_like_a_payout_is_by_hand(
    stand: Stand, tmp_path: Path
) -> None:
    """A reference like ours, or a copy of a payout's journal, settles nothing."""
    order = sold(stand)
    await settle(stand)
    await book(stand, file_of(stand, payout="KP-1"))
    [real] = stand.company.books.journals.values()
    text = order.payments[-1].external_reference
    for reference, described in (
        ("N-TABCDEFG", "Klarna payout KP-2 SEK"),
        (real.lines[0].reference, real.description),
    ):
        common = {"reference": reference, "text": text}
        lines = [
            {"account": "1580", "credit": "799", **common},
            {"account": "1930", "debit": "799", **common},
        ]
        make_journal(stand.company, {"description": described, "lines": lines})

    with use_environment(stand.environment):
        done = await certify("nordhem")

    assert [one.amount for one in done.unsigned] == [-79900, -79900]
    assert done.certificate.clearing is not None
    [account] = done.certificate.clearing.accounts
    assert (account.settled, account.balance) == (79900, 0)
    with emptied(stand, tmp_path / "new"):
        [account] = (await cleared(stand)).accounts
    assert account.settled == 2 * 79900  # nobody knows any more which one is the copy


async def test_a_payout_whose_journal_is_gone_must_be_signed(tmp_path: Path) -> None:
    """Made on hold and deleted by a person: nobody else would book that payout again."""
    klarna = {**ACCOUNTS, "format": "klarna", "releases": "visma"}
    held = {**SETTLED, "payment_methods.Klarna.settlement": klarna}
    with a_stand(tmp_path, **held) as stand:
        sold(stand)
        await settle(stand)
        await book(stand, file_of(stand, payout="KP-1"))
        [number] = stand.company.books.journals
        with use_environment(stand.environment):
            assert (await certify("nordhem")).is_clean
            del stand.company.books.journals[number]
            stand.wait(minutes=3 * 24 * 60)
            done = await certify("nordhem")

    [one] = done.unsigned
    assert f"Klarna payout KP-1 (799.00 SEK) was booked as journal {number}" in (
        one.sentence
    )
    assert (one.amount, one.age_days) == (79900, 3)


async def test_a_reference_that_was_changed_must_be_signed(stand: Stand) -> None:
    """Amount and account are right, but no settlement will find the payment any more."""
    order = sold(stand)
    await settle(stand)
    [payment] = stand.company.books.payments.values()
    payment.text = "something else"

    with use_environment(stand.environment):
        done = await certify("nordhem")

    reference = order.payments[-1].external_reference
    told = {one.sentence.split(" on ")[0]: one.amount for one in done.unsigned}
    assert told == {reference: 79900, "something else": -79900}
    assert done.certificate.differences == ()


async def test_what_a_difference_tells_is_not_told_again(stand: Stand) -> None:
    """What is not booked yet is in flight; it is no matter of the clearing account."""
    sold(stand)
    await settle(stand)
    sold(stand)

    with use_environment(stand.environment):
        done = await certify("nordhem")

    assert "paid" in {one.pair for one in done.certificate.differences}
    assert done.unsigned == []


async def test_without_settlement_files_nothing_is_late(tmp_path: Path) -> None:
    """Payouts that people book cannot be told from what never came."""
    by_hand: dict[str, Any] = {"payment_methods.Klarna.settlement": None}
    with a_stand(tmp_path, **by_hand) as stand:
        sold(stand)
        await settle(stand)
        stand.wait(minutes=90 * 24 * 60)
        with use_environment(stand.environment):
            done = await certify("nordhem")

    assert done.certificate.clearing is not None
    assert [one.balance for one in done.certificate.clearing.rows] == [79900]
    assert done.is_clean
