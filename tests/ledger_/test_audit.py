from __future__ import annotations

from collections.abc import Sequence

import pytest
import sqlalchemy as sa

from ledger import ConnectionLedger, VerifyResult
from ledger.database import open_engine


def _append(books: ConnectionLedger, count: int = 3) -> None:
    for number in range(count):
        with books.begin() as unit:
            unit.audit.append(
                "test", actor="Åsa", source_id=str(number), detail={"é": "ß"}
            )


def _tamper(url: str, statements: Sequence[str], table: str = "audit") -> None:
    """What somebody with the database's own rights could do."""
    engine = open_engine(url)
    with engine.begin() as db:
        if db.dialect.name == "postgresql":
            db.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        else:
            for name in ("update", "delete", "replace"):
                db.execute(sa.text(f"DROP TRIGGER IF EXISTS audit_no_{name}"))
        for statement in statements:
            db.execute(sa.text(statement))
    engine.dispose()


def _verify(books: ConnectionLedger) -> VerifyResult:
    with books.read() as unit:
        return unit.audit.verify()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'nobody' WHERE seq = 2",
        "DELETE FROM audit WHERE seq = 2",
        "DELETE FROM audit",
    ],
)
def test_the_database_refuses_to_change_a_line(
    url: str, books: ConnectionLedger, statement: str
) -> None:
    """Append-only is kept by triggers, not by good manners."""
    _append(books)
    engine = open_engine(url)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as db:
        db.execute(sa.text(statement))
    engine.dispose()

    assert _verify(books) == VerifyResult(ok=True, rows=3)


def test_a_line_cannot_be_replaced_either(url: str, books: ConnectionLedger) -> None:
    """Nor by the ways around: TRUNCATE, and SQLite's INSERT OR REPLACE."""
    _append(books)
    statement = "TRUNCATE audit"
    if url.startswith("sqlite"):
        statement = "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 2"
    engine = open_engine(url)
    with pytest.raises(sa.exc.DBAPIError, match="append-only"), engine.begin() as db:
        db.execute(sa.text(statement))
    engine.dispose()


@pytest.mark.parametrize(
    ("statements", "broken_at"),
    [
        (["UPDATE audit SET actor = 'nobody' WHERE seq = 2"], 2),
        (["UPDATE audit SET detail = '{}' WHERE seq = 3"], 3),
        (["DELETE FROM audit WHERE seq = 2"], 2),
        (["DELETE FROM audit WHERE seq = 3"], 3),
        (["DELETE FROM audit"], 1),
        (["DELETE FROM audit WHERE seq = 3", "UPDATE audit_heads SET seq = 2"], 2),
        (["DELETE FROM audit_heads"], 1),
        (["UPDATE audit_heads SET hash = 'x'"], 3),
    ],
    ids=[
        "a line changed",
        "its detail changed",
        "a line taken out",
        "the last line taken off",
        "all taken off",
        "the last line taken off and the head set back",
        "the head taken off",
        "the head changed",
    ],
)
def test_tampering_is_found(
    url: str, books: ConnectionLedger, statements: list[str], broken_at: int
) -> None:
    """Whatever is done behind the triggers' back breaks the chain."""
    _append(books)
    _tamper(url, statements)
    result = _verify(books)

    assert (result.ok, result.broken_at) == (False, broken_at)
    assert "not as it was written" in result.message


def test_an_empty_chain_is_whole(books: ConnectionLedger) -> None:
    """Nothing done, nothing to prove."""
    assert _verify(books) == VerifyResult(ok=True, rows=0)


def test_a_trail_is_found_from_both_ends(books: ConnectionLedger) -> None:
    """By the source's id, and by the document's number."""
    with books.begin() as unit:
        unit.audit.append("written", source_id="1", document="SO7")
        unit.audit.append("looked at", document="SO7", actor="Kim")
        unit.audit.append("other", source_id="2")
        assert [line.action for line in unit.audit.trail("1")] == ["written"]
        assert unit.audit.verify().rows == 3

    with books.read() as unit:
        lines = unit.audit.trail("SO7")
    assert [(line.seq, line.actor) for line in lines] == [(1, "worker-1"), (2, "Kim")]
