"""What a wholesale account of Centra shows of its credit in Visma.net."""

from decimal import Decimal

import pytest

from connectors.errors import RecordError
from mapping.credit_status import CustomerCredit, credit_to_account
from tests.mapping_.builders import a_connection

D = Decimal


def shown(connection=None, **changes):
    """Return what the account of a customer in good standing shows."""
    values = {
        "customer": "10013",
        "accounts": (1,),
        "status": "Active",
        "currency": "SEK",
        "verification": "CreditLimit",
        "limit": D("50000.90"),
        "balance": D("12345"),
        "overdue": {"SEK": D("1200")},
    }
    credit = CustomerCredit.model_validate({**values, **changes})
    return credit_to_account(credit, connection or a_connection())


DEACTIVATES = a_connection(credit_status={"enabled": True, "deactivate_blocked": True})


def test_the_text_tells_status_limit_overdue_and_balance() -> None:
    """What a salesperson asks for stands in one line."""
    assert shown().text == (
        "Active | limit 50,000.90 SEK | overdue 1,200.00 SEK | balance 12,345.00 SEK"
    )


def test_what_is_overdue_keeps_its_currencies_apart() -> None:
    """Kronor and euro are never added up."""
    found = shown(overdue={"SEK": D(10), "EUR": D("2.5"), "NOK": D(0)})

    assert "overdue 2.50 EUR + 10.00 SEK |" in found.text


def test_the_limit_is_written_in_whole_units_downward() -> None:
    """Centra keeps whole numbers; nobody gets more credit than was given."""
    assert shown().credit_limit == 50000


@pytest.mark.parametrize(
    "changes",
    [
        {"verification": "Disabled"},
        {"verification": "DaysPastDue"},
        {"limit": None},
        {"currency": "EUR"},
        {"connection": a_connection(credit_status={"set_limit": False})},
    ],
    ids=["not-verified", "days-only", "none", "another-currency", "by-setting"],
)
def test_a_limit_that_is_not_in_force_is_not_written(changes) -> None:
    """Nor one whose currency is not that of the account's orders."""
    assert shown(**changes).credit_limit is None


def test_a_limit_of_zero_is_a_limit() -> None:
    """Who may buy nothing on credit is told so."""
    assert shown(limit=D(0)).credit_limit == 0


@pytest.mark.parametrize("status", ["OnHold", "CreditHold", "Inactive"])
def test_a_blocked_customer_is_deactivated_by_setting_only(status) -> None:
    """Locking a customer out of the shop is a decision of the merchant."""
    assert shown(status=status).status is None
    assert shown(DEACTIVATES, status=status).status == "INACTIVE"


def test_only_what_we_deactivated_is_made_active_again() -> None:
    """An account that the merchant closed stays closed."""
    assert shown(DEACTIVATES).status is None
    assert shown(DEACTIVATES, written_status="INACTIVE").status == "ACTIVE"
    assert shown(DEACTIVATES, written_status="ACTIVE").status is None


def test_being_active_again_is_wished_for_once() -> None:
    """What follows the wish to be active again is no new wish."""
    again = shown(DEACTIVATES, written_status="INACTIVE")
    after = shown(DEACTIVATES, written_status="ACTIVE")
    blocked = shown(DEACTIVATES, status="OnHold")

    assert again.hash == after.hash
    assert again.hash != blocked.hash


def test_a_customer_that_is_gone_is_parked() -> None:
    """An account that is linked to nobody is something to look at."""
    with pytest.raises(
        RecordError, match="Customer 10013 of account 1 is not"
    ) as caught:
        shown(is_found=False)

    assert caught.value.code == "NOT_FOUND"
