from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from ledger import ConnectionLedger, Verified
from ledger.database import open_engine
from ledger.rate_rows import Stamp
from tests.ledger_.given import ORDERS, confirm, entry, plan, send, start_run, take

SETTINGS = "44136fa355b3678a"  # how the hash of {} begins
STAMP = Stamp(
    currency="EUR",
    base_currency="SEK",
    on=date(2026, 3, 4),
    source="ecb",
    rate=Decimal("11.2450"),
    rate_on=date(2026, 3, 3),
    how="direct",
)


def _filled(books: ConnectionLedger) -> None:
    """One line of each kind that vouches for a row."""
    plan(books)
    confirm(books, send(books))
    run_id = start_run(books, "k2")
    take(books, run_id, [entry("2"), entry("3")])
    with books.begin() as unit:
        for one in ("2", "3"):
            unit.records.park(
                ORDERS, one, code="X", reason="wrong", fix="mend it", run_id=run_id
            )
        first, second = unit.exceptions.list()
        unit.exceptions.ignore([first.id], by="Kim", note="by hand")
        unit.exceptions.retry([second.id], by="Kim")
        intent = unit.intents.of_source(ORDERS, "1")[0]
        unit.plans.save(ORDERS, run_id, [intent.intent_id], "abc", {})
        unit.plans.approve("abc", by="Åsa")
        unit.history.keep_settings(SETTINGS, "{}")
        unit.plans.go_live(ORDERS, by="Åsa", hash="abc")
        unit.certificates.save(date(2026, 3, 1), date(2026, 3, 31), '{"a": 1}')
        unit.certificates.sign("d1", by="Kim", note="known")
        unit.rates.stamp(ORDERS, {"1": STAMP}, SETTINGS)
    books.erase_person("dtc-3", by="Kim")


def _tamper(url: str, statement: str) -> None:
    """What somebody with the database's own rights could do."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
            for name in ("update", "delete", "replace"):
                file.execute(f"DROP TRIGGER IF EXISTS audit_no_{name}")
            assert file.execute(statement).rowcount
            file.commit()
        return
    engine = open_engine(url)
    with engine.begin() as db:
        db.execute(sa.text("SET session_replication_role = replica"))
        assert db.execute(sa.text(statement)).rowcount
    engine.dispose()


def _verify(books: ConnectionLedger) -> Verified:
    with books.read() as unit:
        return unit.verification.verify()


def test_a_ledger_that_nobody_touched_is_whole(books: ConnectionLedger) -> None:
    """Chain, document, payloads, certificate and signature are counted, and agree."""
    _filled(books)
    found = _verify(books)

    assert (found.faults, found.ok) == ((), True)
    assert (found.documents, found.certificates, found.signatures) == (1, 1, 1)
    assert (found.payloads, found.erased, found.unhashed) == (3, 1, 0)
    assert found.lines == 9


def test_an_empty_ledger_is_whole(books: ConnectionLedger) -> None:
    """Nothing done, nothing to prove."""
    assert _verify(books) == Verified(lines=0)


INSERTED_INTENT = """
INSERT INTO intents (connection, direction, source_id, operation, record_id, kind,
    reference, state, revision, payload_id, body_hash, needs, summary, run_id, batch_id,
    fence, attempts, probes, planned_at, target_kind, target_id)
SELECT connection, direction, source_id, 'cancel', record_id, kind, reference, state,
    revision, payload_id, body_hash, needs, summary, run_id, batch_id, 9, 1, 0,
    planned_at, target_kind, 'SO2' FROM intents
"""


@pytest.mark.parametrize(
    ("what", "line", "statement"),
    [
        ("audit line", 4, "UPDATE audit SET actor = 'nobody' WHERE seq = 4"),
        ("audit line", 2, "DELETE FROM audit WHERE seq = 2"),
        ("document", 1, "UPDATE intents SET amount = '1250.00'"),
        ("document", 1, "UPDATE intents SET vat = '0.00'"),
        ("document", 1, "UPDATE intents SET currency = 'EUR'"),
        ("document", 1, "UPDATE intents SET target_id = 'SO9'"),
        ("document", 1, "UPDATE intents SET state = 'rejected'"),
        ("document", 1, "DELETE FROM intents"),
        ("document", 1, "UPDATE intents SET payload_id = source_body_id"),
        ("document", 1, "UPDATE payloads SET digest = 'x' WHERE id = 2"),
        ("document", 1, "DELETE FROM payloads WHERE id = 1"),
        ("document", None, INSERTED_INTENT),
        ("link", None, "UPDATE links SET target_id = 'SO9'"),
        ("link", None, "UPDATE links SET source_id = '2'"),
        (
            "payload",
            None,
            (
                "UPDATE payloads SET sealed = "
                "(SELECT sealed FROM payloads WHERE id = 2) WHERE id = 1"
            ),
        ),
        (
            "payload",
            None,
            "UPDATE payloads SET digest = NULL, sealed = '00' WHERE id = 3",
        ),
        ("erasure", None, "UPDATE person_keys SET wrapped = NULL WHERE id = 1"),
        ("certificate", 6, """UPDATE certificates SET body = '{"a": 2}'"""),
        (
            "certificate",
            6,
            (
                "UPDATE certificates SET body = '{}', hash = "
                "'44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'"
            ),
        ),
        ("certificate", 6, "UPDATE certificates SET until = '2026-04-30'"),
        ("certificate", 6, "DELETE FROM certificates"),
        ("signature", 7, "UPDATE signatures SET note = 'fine'"),
        ("signature", 7, "UPDATE signatures SET \"by\" = 'Åsa'"),
        ("signature", 7, "DELETE FROM signatures"),
        ("signature", 7, "UPDATE signatures SET at = '2020-01-01 00:00:00.000000'"),
        ("certificate", 6, "UPDATE certificates SET made_at = '2020-01-01 00:00:00'"),
        ("exchange rate", 8, "UPDATE rate_stamps SET rate = '12.00'"),
        ("exchange rate", 8, "UPDATE rate_stamps SET source = 'manual'"),
        ("exchange rate", 8, "DELETE FROM rate_stamps"),
        (
            "signature",
            None,
            (
                "INSERT INTO signatures SELECT connection, 'd2', \"by\", note, at "
                "FROM signatures"
            ),
        ),
        ("approval", 4, "UPDATE plans SET approved_by = 'Kim'"),
        ("approval", 5, "UPDATE live SET \"by\" = 'Kim'"),
        (
            "decision",
            2,
            "UPDATE exceptions SET \"by\" = 'Åsa' WHERE status = 'ignored'",
        ),
        ("settings", None, "UPDATE settings_versions SET body = '{ }'"),
        ("decision", 2, "UPDATE exceptions SET note = '' WHERE status = 'ignored'"),
    ],
)
def test_tampering_with_any_kind_of_row_is_found(
    url: str, books: ConnectionLedger, what: str, line: int | None, statement: str
) -> None:
    """The first thing that is otherwise is named, with the line that says how it was."""
    _filled(books)
    _tamper(url, statement)

    found = _verify(books)

    assert not found.ok
    assert (found.faults[0].what, found.faults[0].line) == (what, line)
    assert found.faults[0].message.endswith(".")


def test_what_is_older_than_digests_is_counted(
    url: str, books: ConnectionLedger
) -> None:
    """Payloads of an older ledger open, and lines without an intent are believed."""
    _filled(books)
    _tamper(url, "UPDATE payloads SET digest = NULL WHERE id = 3")

    found = _verify(books)

    assert (found.ok, found.unhashed, found.payloads) == (True, 1, 3)
