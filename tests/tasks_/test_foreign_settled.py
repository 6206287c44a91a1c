"""What was settled in foreign currencies: both rates, and what Visma.net booked for it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from console.rates import settled_table
from sandbox.visma.hand_documents import act_on_document, make_document
from tasks.environment import use_environment
from tasks.foreign_settled import ForeignSettled, SettledShare, read_foreign_settled
from tests.tasks_.stand import Stand, a_stand

D = Decimal
TODAY = date(2026, 3, 10)


def an_invoice(stand: Stand, rate: str, *, price: str = "80", **more: Any) -> str:
    """A released invoice in euro, 25.5 % VAT on top: 100.40 for 80."""
    body = {
        "customer": "10004",
        "currency": "EUR",
        "exchange_rate": D(rate),
        "lines": [{"price": price, "vat_category": "STD"}],
        "vat_zone": "OSS-FI",
        **more,
    }
    kind: Any = more.pop("kind", "Invoice")
    body.pop("kind", None)
    return str(make_document(stand.company, kind, body)["number"])


def pay(stand: Stand, number: str, amount: str, kind: Any = "Invoice") -> None:
    """Pay an invoice, or pay a credit note out, at the rate of the table."""
    action = {"action": "pay", "amount": amount, "method": "KLARNA"}
    act_on_document(stand.company, kind, number, action)


async def settled(
    stand: Stand, since: date = date(2026, 3, 1), until: date = TODAY
) -> list[ForeignSettled]:
    """Read what was settled."""
    stand.world.calls.reset()
    with use_environment(stand.environment):
        return await read_foreign_settled("nordhem", since, until)


async def test_a_gain_and_a_loss_with_both_rates(tmp_path: Path) -> None:
    """100.40 euro booked at 11.00 and paid at 11.2145 gain 21.54; at 11.40 they lose 18.62."""
    with a_stand(tmp_path) as stand:
        cheap, dear = an_invoice(stand, "11.00"), an_invoice(stand, "11.40")
        pay(stand, cheap, "100.40")
        pay(stand, dear, "100.40")
        rows = await settled(stand)

        assert [row.shares for row in rows] == [
            (
                SettledShare(
                    kind="Invoice", number=number, amount=D("100.40"), rate=D(rate)
                ),
            )
            for number, rate in ((cheap, "11.00"), (dear, "11.40"))
        ]
        assert [(row.expected, row.gain) for row in rows] == [
            (D("21.54"), D("21.54")),
            (D("-18.62"), D("-18.62")),
        ]
        assert {(row.currency, row.by, row.on) for row in rows} == {
            ("EUR", "Payment", TODAY)
        }
        # 1,125.94 kronor for 100.40 euro: the rate that the table has for the day
        assert [(row.rate, row.as_booked) for row in rows] == [
            (D("11.2145"), False)
        ] * 2
        assert stand.writes == {}


async def test_a_payment_at_another_rate_is_told_as_booked(tmp_path: Path) -> None:
    """The table says otherwise by now: what was booked for one unit, as far as it is sure."""
    with a_stand(tmp_path) as stand:
        pay(stand, an_invoice(stand, "11.00"), "100.40")
        for quoted in stand.company.rates:
            quoted.rate = D("11.5")
        [row] = await settled(stand)

        assert (row.rate, row.as_booked) == (D("11.2145"), True)
        assert (row.expected, row.gain) == (D("21.54"), D("21.54"))
        shown = settled_table([row], "SEK", TODAY, TODAY)
        assert "11.2145 as booked" in list(shown.columns[2].cells)


async def test_equal_rates_make_nothing(tmp_path: Path) -> None:
    """It is listed all the same, with nothing gained; base currency is not."""
    with a_stand(tmp_path) as stand:
        number = an_invoice(stand, "11.2145")
        pay(stand, number, "100.40")
        own = {
            "customer": "10001",
            "lines": [{"price": "80", "vat_category": "STD"}],
            "vat_zone": "SE",
        }
        domestic = str(make_document(stand.company, "Invoice", own)["number"])
        pay(stand, domestic, "100")
        [row] = await settled(stand)

        assert row.gain == 0
        assert row.shares[0].number == number


async def test_parts_are_each_a_row(tmp_path: Path) -> None:
    """Two payments of one invoice: two rows, whose gains are what was booked."""
    with a_stand(tmp_path) as stand:
        number = an_invoice(stand, "11.00")
        pay(stand, number, "60.40")
        pay(stand, number, "40")
        rows = await settled(stand)
        journal = stand.company.books.journal.accounts_in_base["3960"]

        assert [row.shares[0].amount for row in rows] == [D("60.40"), D("40")]
        assert sum(row.gain for row in rows) == -journal == D("21.54")


async def test_a_credit_note_settles_at_its_own_rate(tmp_path: Path) -> None:
    """Credited at 11.30 what was booked at 11.00: 30.12 are gained, with no money."""
    with a_stand(tmp_path) as stand:
        number = an_invoice(stand, "11.00")
        note = an_invoice(
            stand, "11.30", kind="CreditNote", apply_to={number: "100.40"}
        )
        [row] = await settled(stand)

        assert (row.by, row.number, row.rate) == ("CreditNote", note, D("11.30"))
        assert row.shares[0].number == number
        assert (row.expected, row.gain) == (D("30.12"), D("30.12"))


async def test_a_refund_that_costs_more_is_a_loss(tmp_path: Path) -> None:
    """A credit note of 11.00 is paid out at 11.2145: 21.54 are lost."""
    with a_stand(tmp_path) as stand:
        note = an_invoice(stand, "11.00", kind="CreditNote")
        pay(stand, note, "100.40", "CreditNote")
        [row] = await settled(stand)

        assert row.by == "Refund"
        assert (row.expected, row.gain) == (D("-21.54"), D("-21.54"))


async def test_other_days_are_left_out(tmp_path: Path) -> None:
    """Settled on the 10th: not in the list of the days before."""
    with a_stand(tmp_path) as stand:
        pay(stand, an_invoice(stand, "11.00"), "100.40")

        assert await settled(stand, until=date(2026, 3, 9)) == []
        assert len(await settled(stand, since=TODAY)) == 1


async def test_other_accounts_are_named_by_the_settings(tmp_path: Path) -> None:
    """Where Visma.net books differences elsewhere, nothing is found on the usual ones."""
    with a_stand(tmp_path, rates={"difference_accounts": ["8999"]}) as stand:
        pay(stand, an_invoice(stand, "11.00"), "100.40")
        [row] = await settled(stand)

        assert (row.expected, row.gain) == (D("21.54"), D(0))
