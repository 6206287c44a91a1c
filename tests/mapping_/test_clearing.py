"""What is on a clearing account: by reference, aged by the oldest movement that is open."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from mapping.clearing import clearing_of, open_items
from mapping.clearing_rows import Clearing, Move, Posted, Side

ON = date(2026, 4, 30)
METHODS = {("1580", "SEK"): "Klarna", ("1580EUR", "EUR"): "Klarna"}


def move(
    side: Side,
    amount: int,
    day: date,
    reference: str = "PSP-1",
    document: str = "P1",
    account: str = "1580",
    currency: str = "SEK",
) -> Move:
    """A movement of the Swedish account of Klarna, unless told otherwise."""
    return Move(side, account, currency, reference, day, amount, document)


def balanced(
    *moves: Move, posted: tuple[Posted, ...] = (), since: date | None = None
) -> Clearing:
    """The balances at the end of April."""
    return clearing_of(moves, posted, methods=METHODS, on=ON, centra_since=since)


def test_what_was_paid_and_settled_is_gone() -> None:
    """Nothing is open, and no age is told."""
    done = balanced(
        move("payment", 79900, date(2026, 3, 1)),
        move("settlement", -79900, date(2026, 3, 5), document="J1"),
    )

    [account] = done.accounts
    assert (account.paid_in, account.settled, account.balance) == (79900, 79900, 0)
    assert (account.open, account.oldest, account.aged) == (0, None, {})
    assert done.rows == ()


def test_each_reference_has_an_age_of_its_own() -> None:
    """One is 60 days old, another was settled in part, a third too much."""
    done = balanced(
        move("payment", 10000, date(2026, 3, 1), "A", "P1"),
        move("payment", 20000, date(2026, 4, 10), "B", "P2"),
        move("payment", 5000, date(2026, 4, 25), "B", "P3"),
        move("settlement", -20000, date(2026, 4, 20), "B", "J1"),
        move("settlement", -700, date(2026, 4, 28), "C", "J1"),
    )

    assert [
        (row.reference, row.balance, row.oldest.isoformat(), row.age_days)
        for row in done.rows
    ] == [
        ("A", 10000, "2026-03-01", 60),
        ("B", 5000, "2026-04-25", 5),
        ("C", -700, "2026-04-28", 2),
    ]
    [account] = done.accounts
    assert (account.balance, account.open, account.age_days) == (14300, 3, 60)
    assert account.aged == {"31-90": 10000, "0-7": 4300}
    assert done.rows[1].documents == ("J1", "P2", "P3")


def test_currencies_never_mix() -> None:
    """Each is an account of its own."""
    done = balanced(
        move("payment", 10000, date(2026, 4, 1)),
        move("payment", 900, date(2026, 4, 2), account="1580EUR", currency="EUR"),
    )

    assert [(one.currency, one.balance) for one in done.accounts] == [
        ("SEK", 10000),
        ("EUR", 900),
    ]


def test_what_others_booked_on_it_is_told() -> None:
    """The books have 50.00 less than the movements: a journal by hand, which is named."""
    done = balanced(
        move("payment", 10000, date(2026, 4, 1)),
        posted=(
            Posted("1580", "SEK", date(2026, 4, 1), 10000, "P1", "AR P1"),
            Posted("1580", "SEK", date(2026, 4, 3), -5000, "GL7", "GL GL7: Correction"),
            Posted("1580", "SEK", date(2026, 5, 3), -1, "GL9", "of May"),
        ),
    )

    [account] = done.accounts
    assert (account.in_books, account.difference) == (5000, -5000)
    assert account.others == ("GL GL7: Correction",)


def test_a_payment_that_is_not_in_the_books_is_told() -> None:
    """The list has it as released, the general ledger has nothing of it."""
    done = balanced(move("payment", 10000, date(2026, 4, 1)))

    assert done.accounts[0].difference == -10000
    assert done.accounts[0].others == ("payment P1 is not in the books",)


def test_centra_is_told_only_where_it_was_read() -> None:
    """Of payments from before the reading nothing is said of Centra's side."""
    moves = (
        move("payment", 10000, date(2026, 3, 1), "A"),
        move("payment", 20000, date(2026, 4, 10), "B", "P2"),
        move("centra", 20000, date(2026, 4, 10), "B", "10121-P2"),
    )

    partly = balanced(*moves, since=date(2026, 4, 1))
    whole = balanced(*moves)

    assert [row.centra for row in partly.rows] == [None, 20000]
    assert [row.centra for row in whole.rows] == [0, 20000]
    assert (partly.accounts[0].centra, whole.accounts[0].centra) == (None, 20000)


MOVES = st.lists(
    st.builds(
        move,
        st.sampled_from(["payment", "settlement"]),
        st.integers(-500, 500).filter(bool),
        st.dates(date(2026, 1, 1), ON),
        st.sampled_from(["A", "B", ""]),
    ),
    max_size=30,
)


@given(MOVES)
def test_open_items_are_the_balance(moves: list[Move]) -> None:
    """Nothing is lost, all that is left has one sign, and its days are in order."""
    items = open_items(moves)

    assert sum(amount for _, amount in items) == sum(one.amount for one in moves)
    assert len({amount > 0 for _, amount in items}) <= 1
    assert [day for day, _ in items] == sorted(day for day, _ in items)


@given(MOVES)
def test_the_account_is_the_sum_of_its_references(moves: list[Move]) -> None:
    """Rows and ages add up to the balance."""
    done = balanced(*moves)

    for account in done.accounts:
        rows = [row for row in done.rows if row.account == account.account]
        assert sum(row.balance for row in rows) == account.balance
        assert sum(account.aged.values()) == account.balance
        assert account.open == len(rows)
