"""Journal transactions: balanced, in an open period, listed by lines, released with a 202."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.sandbox.visma_stand import Stand, a_stand

PATH = "/erp/v2/journaltransaction"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


def value(of: object) -> dict[str, object]:
    """Wrap a field as v1 and v2 writes want it."""
    return {"value": of}


def line(account: str, amount: str, **more: str) -> dict[str, Any]:
    """A line: a positive amount is a debit."""
    number = Decimal(amount)
    side = "debitAmountInCurrency" if number > 0 else "creditAmountInCurrency"
    return {
        "operation": "Insert",
        "accountNumber": value(account),
        side: value(float(abs(number))),
        **{name: value(text) for name, text in more.items()},
    }


def journal(*lines: dict[str, Any], **more: object) -> dict[str, Any]:
    """A journal of today unless told otherwise."""
    fields = {"transactionDate": "2026-03-10T00:00:00", **more}
    return {
        **{name: value(one) for name, one in fields.items()},
        "journalTransactionLines": list(lines),
    }


PAID = (line("1930", "98"), line("6570", "2"), line("1580", "-100"))


async def create(stand: Stand, body: dict[str, Any]) -> str:
    """Create a journal and return its number."""
    response = await stand.call("POST", PATH, json=body)
    assert response.status_code == 201, response.text
    assert response.content == b""
    return response.headers["location"].rpartition("/")[2]


async def refused(stand: Stand, body: dict[str, Any]) -> str:
    """Why a journal is refused."""
    before = len(stand.company.books.journals)
    response = await stand.call("POST", PATH, json=body)
    assert response.status_code in {400, 500}
    assert len(stand.company.books.journals) == before
    return response.text


async def release(stand: Stand, number: str) -> None:
    """Release, which is only taken on."""
    response = await stand.call("POST", f"{PATH}/{number}/action/release")
    assert response.status_code == 202
    assert set(response.json()) == {"id", "stateLocation"}


async def test_a_journal_is_made_and_released(stand: Stand) -> None:
    """Nothing is in the books before the release, all of it after."""
    number = await create(
        stand,
        journal(
            line("1930", "98", referenceNumber="N-TABC"),
            line("6570", "2", transactionDescription="fees"),
            line("1580", "-100"),
            description="Klarna payout 1 SEK",
        ),
    )
    accounts = stand.company.books.journal.accounts
    assert accounts["1580", "SEK"] == 0

    await release(stand, number)

    shown = (await stand.get(f"{PATH}/{number}")).json()
    assert (shown["status"], shown["description"]) == ("Posted", "Klarna payout 1 SEK")
    assert (shown["postPeriod"], shown["financialPeriod"]) == ("032026", "202603")
    assert [
        (one["accountNumber"], one["debitAmount"], one["creditAmount"])
        for one in shown["journalTransactionLines"]
    ] == [("1930", 98, 0), ("6570", 2, 0), ("1580", 0, 100)]
    assert shown["journalTransactionLines"][0]["referenceNumber"] == "N-TABC"
    assert accounts["1580", "SEK"] == -100


async def test_it_shows_both_currencies(stand: Stand) -> None:
    """Plain amounts are the batch's, those called InCurrency the company's."""
    number = await create(
        stand,
        journal(
            line("1930EUR", "10"),
            line("1580EUR", "-10"),
            currencyId="EUR",
            exchangeRate=11.5,
        ),
    )
    await release(stand, number)

    [first, _] = (await stand.get(f"{PATH}/{number}")).json()["journalTransactionLines"]

    assert (first["debitAmount"], first["debitAmountInCurrency"]) == (10, 115)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (journal(line("1930", "98"), line("1580", "-100")), "out of balance"),
        (journal(line("9999", "1"), line("1580", "-1")), "Account '9999'"),
        (journal(line("1510", "1"), line("1580", "-1")), "control account"),
        (journal(line("1930EUR", "1"), line("1580", "-1")), "denominated in 'EUR'"),
        (journal(*PAID, transactionDate="2026-01-10T00:00:00"), "is closed"),
        (journal(*PAID, controlTotalInCurrency=90), "control total"),
        (journal(*PAID, currencyId="XXX"), "Currency 'XXX'"),
        (journal(*PAID, batchNumber="77"), "number series"),
        (journal(), "no lines"),
        (
            journal(line("1930", "1", referenceNumber="x" * 16), line("1580", "-1")),
            "greatest length is 15",
        ),
    ],
)
async def test_what_breaks_a_rule_is_refused(
    stand: Stand, body: dict[str, Any], said: str
) -> None:
    """Nothing is made."""
    stand.company.close_period("202601")

    assert said in await refused(stand, body)


async def test_one_on_hold_need_not_balance_and_is_not_released(stand: Stand) -> None:
    """The hold is lifted only when it balances; a stale version is refused."""
    number = await create(
        stand, journal(line("1930", "98"), line("1580", "-100"), hold=True)
    )
    free = {"hold": value(of=False)}
    assert (await stand.call("PUT", f"{PATH}/{number}", json=free)).status_code == 400
    await release(stand, number)
    assert stand.company.books.journals[number].status == "Hold"
    missing = {"journalTransactionLines": [line("6570", "2")]}
    stale = await stand.call(
        "PUT", f"{PATH}/{number}", headers={"If-Match": '"AAAAAAAAAAE="'}, json=missing
    )
    assert stale.status_code == 412
    await stand.call("PUT", f"{PATH}/{number}", json={**missing, **free})

    await release(stand, number)

    assert stand.company.books.journals[number].status == "Posted"
    assert (await stand.call("PUT", f"{PATH}/{number}", json=free)).status_code == 400


async def test_pages_count_lines_and_cut_batches(stand: Stand) -> None:
    """A batch that does not fit goes on with the next page, under its head again."""
    for _ in range(3):
        await create(stand, journal(*PAID))

    pages = [
        (
            await stand.get(
                PATH, periodId="202603", module="GL", pageNumber=number, pageSize=4
            )
        ).json()
        for number in (1, 2, 3, 4)
    ]

    assert [
        [(one["batchNumber"], len(one["journalTransactionLines"])) for one in page]
        for page in pages
    ] == [
        [("GL000001", 3), ("GL000002", 1)],
        [("GL000002", 2), ("GL000003", 2)],
        [("GL000003", 1)],
        [],
    ]
    assert pages[0][0]["metadata"] == {"totalCount": 9, "maxPageSize": 1000}


async def test_filters_of_the_list(stand: Stand) -> None:
    """Module, status, period and time of change; unknown modules are refused."""
    await create(stand, journal(*PAID))
    stand.company.add_invoice(
        customer="10001",
        gross=Decimal(125),
        vat=Decimal(25),
        currency="SEK",
        on=stand.company.local_date(stand.company.clock.now()),
    )

    async def count(**query: str) -> int:
        return len((await stand.get(PATH, **query)).json())

    assert await count(periodId="202603") == 2
    assert await count(periodId="202603", module="GL") == 1
    assert await count(periodId="202603", module="AR") == 1
    assert await count(periodId="202603", status="Posted") == 1
    assert await count(periodId="202604") == 0
    tomorrow = stand.company.clock.now() + timedelta(days=1)
    assert (
        await count(
            lastModifiedDateTime=tomorrow.strftime("%Y-%m-%d"),
            lastModifiedDateTimeCondition=">=",
        )
        == 0
    )
    assert (await stand.get(PATH, periodId="202603", module="XX")).status_code == 400


async def test_accounts_tell_what_journals_may_use(stand: Stand) -> None:
    """That of the customer ledger takes no entry by hand; cash accounts have a currency."""
    rows = {
        one["accountCD"]: one for one in (await stand.get("/erp/v1/account")).json()
    }

    assert rows["1510"]["allowManualEntry"] is False
    assert (rows["1580EUR"]["currency"], rows["1580EUR"]["cashAccount"]) == (
        "EUR",
        True,
    )
    assert rows["6570"]["type"] == "Expense"
