"""Wholesale accounts of Centra show what their customer owes and may still buy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.tasks_.stand import Stand, a_stand

ASSIGNED = "centra.mutation.AssignAttributes"
UPDATED = "centra.mutation.UpdateAccount"
DOMESTIC = 1
CUSTOMER = "10013"
ON: dict[str, Any] = {"credit_status.enabled": True}


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A stand with credit status, whose customer 10013 has a credit limit."""
    with a_stand(tmp_path, **ON) as stand:
        customer = stand.company.customers[CUSTOMER]
        customer.credit_verification = "CreditLimit"
        customer.credit_limit = Decimal(50000)
        yield stand


async def linked(stand: Stand) -> None:
    """Link the account by its first order."""
    stand.place(account=DOMESTIC)
    await stand.run("orders")


def owes(stand: Stand, gross: str, due_on: date, currency: str = "SEK") -> str:
    """Book an invoice of the customer."""
    stand.world.clock.advance(1)
    return stand.company.add_invoice(
        customer=CUSTOMER,
        gross=Decimal(gross),
        vat=Decimal(0),
        currency=currency,
        on=date(2026, 2, 1),
        due_on=due_on,
    )


def shown(stand: Stand) -> str | None:
    """What the account shows."""
    texts = [
        one.value
        for one in stand.shop.accounts[DOMESTIC].attributes
        if (one.name, one.key) == ("visma_credit", "status")
    ]
    return texts[0] if texts else None


async def test_it_is_off_by_default(tmp_path: Path) -> None:
    """Nothing is read and nothing is written unless the settings say so."""
    with a_stand(tmp_path) as stand:
        await linked(stand)
        summary = await stand.run("credit_status")

        assert summary.sentence == "it is off: set credit_status.enabled = true"
        assert stand.writes == {}
        assert shown(stand) is None


async def test_an_account_shows_its_credit(stand: Stand) -> None:
    """Overdue is what was due before today; the limit goes to its own field."""
    await linked(stand)
    owes(stand, "1200.00", date(2026, 3, 9))
    owes(stand, "300.00", date(2026, 3, 10))

    summary = await stand.run("credit_status")

    assert summary.sentence == "1 new"
    assert shown(stand) == (
        "Active | limit 50,000.00 SEK | overdue 1,200.00 SEK | balance 1,500.00 SEK"
    )
    assert stand.shop.accounts[DOMESTIC].credit_limit == 50000
    assert stand.writes == {ASSIGNED: 1, UPDATED: 1}
    assert (await stand.run("credit_status")).sentence == "nothing to do"
    assert stand.writes == {}


async def test_an_invoice_becomes_overdue_by_itself(stand: Stand) -> None:
    """Nothing has to happen in Visma.net for a day to pass."""
    await linked(stand)
    owes(stand, "300.00", date(2026, 3, 10))
    await stand.run("credit_status")
    stand.wait(minutes=24 * 60)

    assert (await stand.run("credit_status")).sentence == "1 changed"
    assert "overdue 300.00 SEK" in str(shown(stand))


async def test_a_blocked_customer_is_shown_and_by_setting_deactivated(
    stand: Stand,
) -> None:
    """And it may buy again when Visma.net says so; a closed account stays closed."""
    await linked(stand)
    account = stand.shop.accounts[DOMESTIC]
    stand.company.set_customer_status(CUSTOMER, "CreditHold")
    await stand.run("credit_status")
    assert str(shown(stand)).startswith("CreditHold | ")
    assert account.status == "ACTIVE"

    stand.change(**ON, **{"credit_status.deactivate_blocked": True})
    await stand.run("credit_status", full=True)
    assert account.status == "INACTIVE"

    stand.company.set_customer_status(CUSTOMER, "Active")
    await stand.run("credit_status")
    assert account.status == "ACTIVE"

    account.status = "INACTIVE"
    owes(stand, "1.00", date(2026, 3, 1))
    await stand.run("credit_status")
    assert account.status == "INACTIVE"


async def test_only_the_given_customers_are_looked_at(stand: Stand) -> None:
    """By the number of a customer of Visma.net."""
    await linked(stand)

    await stand.run("credit_status", ids=["10014"])
    assert shown(stand) is None
    await stand.run("credit_status", ids=[CUSTOMER])
    assert shown(stand) is not None


async def test_a_customer_that_was_deleted_stops_no_other(stand: Stand) -> None:
    """It is parked, and the others are shown."""
    await linked(stand)
    stand.place(account=3)
    await stand.run("orders")
    del stand.company.customers["10014"]

    summary = await stand.run("credit_status")

    assert (summary.counts.created, summary.counts.newly_parked) == (1, 1)
    assert stand.parked() == {"10014": "NOT_FOUND"}
    assert shown(stand) is not None
