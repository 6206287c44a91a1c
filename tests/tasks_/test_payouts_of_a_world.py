"""A whole shop is settled, in every layout and currency, and nothing is left that is not named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tasks.certificate import certify
from tasks.environment import use_environment
from tests.tasks_.paying import settle
from tests.tasks_.settling import ACCOUNTS, SETTLED, file_of, take
from tests.tasks_.stand import Stand, a_stand

_CURRENCIES = ("SEK", "NOK", "DKK", "EUR", "GBP", "USD", "JPY")


def settled_by(layout: str) -> dict[str, object]:
    """Both providers in one layout."""
    banks = {one: f"1930{one}" for one in _CURRENCIES if one != "SEK"}
    rules = {**ACCOUNTS, "format": layout, "banks": banks}
    return {
        **SETTLED,
        "payment_methods.Klarna.settlement": rules,
        "payment_methods.Adyen.settlement": rules,
    }


def everything(stand: Stand, layout: str) -> int:
    """Let each provider settle all that is open, in each currency; return how many files."""
    files = 0
    for method in ("Klarna", "Adyen"):
        for place, currency in enumerate(_CURRENCIES):
            try:
                raw = file_of(
                    stand,
                    method=method,
                    layout=layout,
                    currency=currency,
                    payout=f"{method}-{place}",
                    percent="1.75",
                )
            except ValueError:
                continue
            take(stand, raw, method)
            files += 1
    return files


@pytest.mark.parametrize("layout", ["own", "klarna", "adyen"])
async def test_a_shop_is_settled(tmp_path: Path, layout: str) -> None:
    """Five payouts in four currencies: every payment is settled, to the minor unit."""
    with a_stand(tmp_path, orders=40, **settled_by(layout)) as stand:
        for number in sorted(stand.shop.orders)[:14]:
            order = stand.shop.orders[number]
            if order.status in {"CONFIRMED", "PROCESSING"} and order.account is None:
                stand.edit(order, "ship")
        await settle(stand)
        assert everything(stand, layout) == 5

        await stand.run("payouts")

        journals = list(stand.company.books.journals.values())
        assert [one.status for one in journals] == ["Posted"] * 5
        assert all(one.debit == one.credit for one in journals)
        assert [one for one in stand.exceptions() if one.direction == "payouts"] == []
        with use_environment(stand.environment):
            done = (await certify("nordhem")).certificate.clearing
        assert done is not None
        assert done.rows == ()
        assert {
            (one.account, one.paid_in, one.settled, one.centra, one.in_books)
            for one in done.accounts
        } == {
            ("1580", 15_247_04, 15_247_04, 15_247_04, 0),
            ("1580DKK", 5_546_00, 5_546_00, 5_546_00, 0),
            ("1580EUR", 1_854_35, 1_854_35, 1_854_35, 0),
            ("1581EUR", 454_86, 454_86, 454_86, 0),
            ("1581GBP", 172_35, 172_35, 172_35, 0),
        }
