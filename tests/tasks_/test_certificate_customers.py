"""Whose a document is, the ledger knows: a document of somebody else is a difference."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mapping.certificate import Cause, Difference
from sandbox.visma.ledger_records import Invoice
from tasks.certificate import certify
from tasks.environment import use_environment
from tests.tasks_.paying import carry, posting, settle, sold
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_certificate import certified, found

BOTH = pytest.mark.parametrize("post_as", ["sales_order", "invoice"])


async def on_day(stand: Stand, day: date) -> list[Difference]:
    """What differs when a single day is asked."""
    with use_environment(stand.environment):
        done = await certify("nordhem", day, day)
    return list(done.certificate.differences)


def moved(stand: Stand) -> tuple[Invoice, str]:
    """Give the only invoice to somebody else; whose it was, too."""
    [invoice] = stand.company.books.invoices.values()
    before = invoice.customer
    invoice.customer = next(one for one in stand.company.customers if one != before)
    return invoice, before


def told(differences: list[Difference]) -> list[tuple[Any, ...]]:
    """Pair, cause and amount of what is said of customers."""
    return [
        (one.pair, one.cause, one.amount)
        for one in differences
        if "it is of customer" in one.sentence
    ]


@BOTH
async def test_an_invoice_of_a_company_is_its_own(tmp_path: Path, post_as: str) -> None:
    """The only document there is: the link to the customer tells whose it must be."""
    with a_stand(tmp_path, **posting(post_as)) as stand:
        order = stand.place(account=1, lines=[{"sku": "NH1104NAVM"}])
        stand.edit(order, "ship")
        await settle(stand)
        assert (await certified(stand)).certificate.differences == ()
        invoice, before = moved(stand)

        [one] = await found(stand)

    amount = int(invoice.gross * 100)
    assert told([one]) == [("delivered", Cause.CHANGED_IN_VISMA, amount)]
    assert f"it is of customer {invoice.customer}, not {before}" in one.sentence


@BOTH
async def test_a_narrow_period_knows_the_customer(tmp_path: Path, post_as: str) -> None:
    """Its sales order is of another day, and is not asked for."""
    rules = posting(post_as, dtc_customers="individual")
    with a_stand(tmp_path, **rules) as stand:
        order = stand.place(lines=[{"sku": "NH1104NAVM"}])
        await settle(stand)
        stand.wait(minutes=60 * 48)
        stand.edit(order, "ship")
        await carry(stand, "orders", "fulfilment")
        [invoice] = stand.company.books.invoices.values()
        assert told(await on_day(stand, invoice.on)) == []
        moved(stand)

        differences = await on_day(stand, invoice.on)

    assert told(differences) == [("delivered", Cause.CHANGED_IN_VISMA, 799_00)]


@BOTH
async def test_settings_of_today_judge_nothing_of_yesterday(
    tmp_path: Path, post_as: str
) -> None:
    """Another collective customer is for new orders: the old one was written for the first."""
    with a_stand(tmp_path, **posting(post_as)) as stand:
        order = sold(stand)
        await settle(stand)
        stand.edit(order, "return", refund=True)
        await settle(stand)
        [invoice] = stand.company.books.invoices.values()
        later = posting(post_as)
        later["stores"]["*"]["collective"][0]["number"] = "10004"
        stand.change(**later)

        assert told(await found(stand)) == []
        assert told(await on_day(stand, invoice.on)) == []
        invoice.customer = "10011"
        assert told(await found(stand)) == [
            ("delivered", Cause.CHANGED_IN_VISMA, 799_00)
        ]
