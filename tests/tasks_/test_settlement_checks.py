"""`check` says of each provider whether its payouts can be booked, before a file comes."""

from __future__ import annotations

from pathlib import Path

from tasks.checks import check_connection
from tasks.environment import use_environment
from tests.tasks_.settling import ACCOUNTS, SETTLED
from tests.tasks_.stand import a_stand


async def found(folder: Path, **changes: object) -> dict[str, tuple[str, str]]:
    """What the check says of settlements, by provider."""
    with a_stand(folder, **{**SETTLED, **changes}) as stand:
        with use_environment(stand.environment):
            report = await check_connection("nordhem", days=1)
        start = "accounts of settlements, "
        return {
            one.what.removeprefix(start): (one.state, one.found)
            for one in report.rows
            if one.what.startswith(start)
        }


async def test_the_demo_can_be_settled(tmp_path: Path) -> None:
    """Every account is there, in its currency, and open to journals."""
    banks = {code: f"1930{code}" for code in ("NOK", "DKK", "EUR", "GBP", "USD", "JPY")}
    right = {**ACCOUNTS, "banks": banks}

    rows = await found(
        tmp_path,
        **{f"payment_methods.{name}.settlement": right for name in ("Klarna", "Adyen")},
    )

    assert rows == {
        "Klarna": ("ok", "are open to journals"),
        "Adyen": ("ok", "are open to journals"),
    }


async def test_wrong_accounts_are_named(tmp_path: Path) -> None:
    """One that is not there, a control account, and a bank account of another currency."""
    wrong = {
        **ACCOUNTS,
        "banks": {},
        "fees": "9999",
        "chargebacks": "1510",
    }

    rows = await found(tmp_path, **{"payment_methods.Klarna.settlement": wrong})

    state, said = rows["Klarna"]
    assert state == "warning"
    assert said == (
        "1510 takes no journals (control account); 1930 is kept in SEK, and is used for "
        "DKK, EUR, GBP, JPY, NOK, USD; 9999 is not in Visma.net, or not active"
    )
