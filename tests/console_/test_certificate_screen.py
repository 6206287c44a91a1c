"""What the certificate shows on the screen, and month end on its sheet of differences."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from rich.console import Console

from console.certificate import certificate_table
from mapping.certificate import Cause, Certificate, Difference
from mapping.clearing_rows import Clearing, ClearingAccount, ToSign
from tasks.certificate import Certified
from tasks.month_certificate import causes_table, differences_table

DAY = date(2026, 3, 31)
ENDED = (
    (Cause.PARKED, 1),
    (Cause.LEFT_OUT, 1),
    (Cause.CHANGED_IN_CENTRA, 1),
    (Cause.ROUNDING, 12),
)


def a_difference(cause: Cause, number: int) -> Difference:
    """One of 1,250.00 that has a sentence of its own."""
    name = f"{cause.value} {number}"
    return Difference(
        id=name.replace(" ", ""),
        cause=cause,
        pair="delivered",
        currency="SEK",
        amount=125000,
        base=125000,
        day=DAY,
        age_days=3,
        is_over_age=False,
        orders=(number,),
        documents=(),
        sentence=f"Why {name}.",
        owner="finance",
    )


def a_clearing() -> Clearing:
    """An account on which somebody else booked 10.00."""
    account = ClearingAccount(
        method="Klarna",
        currency="SEK",
        account="1580",
        centra=None,
        paid_in=0,
        settled=0,
        balance=0,
        open=0,
        oldest=None,
        age_days=0,
        aged={},
        in_books=1000,
        difference=1000,
        others=("GL 000001",),
    )
    sign = ToSign("c1", "SEK", 1000, 0, "1580 has 10.00 that others booked.")
    return Clearing(DAY, (account,), (), (sign,))


def certified() -> Certified:
    """A certificate with differences of four types, and one of a clearing account."""
    certificate = Certificate(
        since=DAY,
        until=DAY,
        base_currency="SEK",
        compared=30,
        matched=15,
        rows=(),
        differences=tuple(
            a_difference(cause, number)
            for cause, count in ENDED
            for number in range(1, count + 1)
        ),
        clearing=a_clearing(),
        differing=dict(ENDED),
        beside={Cause.PARKED: 2},
    )
    entry: Any = SimpleNamespace(hash="0123")
    return Certified.model_construct(
        certificate=certificate, entries=(), entry=entry, signatures={}
    )


def test_every_type_of_difference_is_on_the_screen() -> None:
    """Those to sign first; ten of each other type with their sentence, the rest counted."""
    console = Console(width=200, record=True, quiet=False)
    with console.capture() as captured:
        console.print(certificate_table(certified()))
    shown = captured.get()

    assert shown.index("Why parked 1.") < shown.index("Why left_out 1.")
    assert "Why changed_in_centra 1." in shown
    assert shown.count("Why rounding") == 10
    assert re.search(r"│ rounding +│ +12 │ +│ +15,000\.00 │", shown), (
        "to the right, in groups"
    )
    assert re.search(r"│ parked +│ +1 │ +2 │ +1,250\.00 │", shown)
    assert "… and 2 more: see --json or --csv" in shown
    assert "besides: what the general ledger has on the account" in shown


def test_what_was_compared_adds_up_on_the_screen() -> None:
    """Matched and the types below are all that was compared; what waits besides is apart."""
    console = Console(width=200, record=True, quiet=False)
    with console.capture() as captured:
        console.print(certificate_table(certified()))
    shown = captured.get()

    assert (
        "30 compared = 15 matched + 15 that differ, each counted by its first" in shown
    )
    rows = [
        [cell.strip() for cell in line.strip("│").split("│")]
        for line in shown.splitlines()
    ]
    assert ["rounding", "12", "", "15,000.00"] in rows
    assert ["parked", "1", "2", "1,250.00"] in rows


def test_the_sheet_lists_as_many_as_must_be_signed() -> None:
    """A reference on a clearing account is listed and counted beside the differences."""
    done = certified()

    listed = differences_table(done).records
    counted = causes_table(done)

    assert len(done.unsigned) == 3
    assert {one["id"] for one in listed} >= {one.id for one in done.unsigned}
    [row] = [one for one in listed if one["type"] == "clearing"]
    assert (row["amount"], row["whose"]) == (Decimal("10.00"), "finance")
    assert counted.totals is not None
    assert counted.totals[2] == 3
