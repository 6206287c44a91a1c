from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from cryptography.fernet import Fernet
from pydantic import SecretStr

from connectors.budget import BudgetStore, Taken
from connectors.credentials import StoredToken, TokenStore
from ledger import (
    ConnectionLedger,
    ErasedError,
    Keyring,
    KeyringError,
    Ledger,
    schema,
)
from ledger.database import open_engine
from ledger.keys import KEY_FILE, KEY_VARIABLE
from tests.ledger_.conftest import START, Clock
from tests.ledger_.given import (
    ORDERS,
    claim,
    confirm,
    draft,
    entry,
    plan,
    record_state,
    start_run,
    state,
    take,
)


def _token(**changes) -> StoredToken:
    values = {
        "access_token": SecretStr("access-1"),
        "refresh_token": SecretStr("refresh-1"),
        "expires_at": START,
        "scope": "read write",
    }
    return StoredToken(**(values | changes))


def test_tokens_come_back_as_they_were(ledger: Ledger) -> None:
    """With and without a refresh token; each name and connection its own."""
    store: TokenStore = ledger.tokens("nordic")
    assert store.load("visma:erp") is None
    for token in (_token(), _token(refresh_token=None)):
        store.save("visma:erp", token)
        assert store.load("visma:erp") == token
    assert ledger.tokens("other").load("visma:erp") is None


def test_a_lock_ends_with_its_holder_or_its_time(ledger: Ledger, clock: Clock) -> None:
    """Released at the end; taken over when the holder was killed."""
    store = ledger.tokens("nordic")
    with store.lock("visma:erp", 30) as mine:
        assert mine
        with store.lock("visma:erp", 30) as other:
            assert not other
        with ledger.tokens("other").lock("visma:erp", 30) as elsewhere:
            assert elsewhere
        clock.advance(seconds=31)
        with store.lock("visma:erp", 30) as taken_over:
            assert taken_over
    with store.lock("visma:erp", 30) as again:
        assert again


def test_no_secret_is_readable_in_the_database(url: str, ledger: Ledger) -> None:
    """Credentials, tokens and payloads are sealed at rest."""
    ledger.secrets("nordic").put("centra", SecretStr("hush"))
    ledger.tokens("nordic").save("visma:erp", _token())
    books = ledger.of("nordic")
    take(books, start_run(books), [entry("1", body=b"Astrid Lindgren, Vasagatan 1")])
    engine = open_engine(url)
    with engine.connect() as db:
        stored = [
            bytes(value)
            for column in (schema.sealed.c.value, schema.payloads.c.sealed)
            for value in db.execute(sa.select(column)).scalars()
        ]
        person = db.execute(sa.text("SELECT person FROM person_keys")).scalar_one()
    engine.dispose()

    assert len(stored) == 3
    for secret in (b"hush", b"access-1", b"refresh-1", b"Astrid"):
        assert not any(secret in value for value in stored)
    assert "dtc" not in person
    secret = ledger.secrets("nordic").get("centra")
    assert secret is not None
    assert secret.get_secret_value() == "hush"
    assert ledger.secrets("nordic").get("visma") is None


def test_the_master_key_rotates(url: str, open_ledger) -> None:
    """New key first, rotate, drop the old one: everything still opens."""
    old, new = Keyring.generate(), Keyring.generate()
    first = open_ledger("first", keys=Keyring([old]))
    first.secrets("nordic").put("centra", SecretStr("hush"))
    books = first.of("nordic")
    take(books, start_run(books), [entry(str(n)) for n in range(3)])
    with pytest.raises(KeyringError, match="does not open this ledger"):
        open_ledger("stranger", keys=Keyring([new]))

    rotated = open_ledger("both", keys=Keyring([new, old])).rotate_keys()
    last = open_ledger("last", keys=Keyring([new]))
    secret = last.secrets("nordic").get("centra")
    assert secret is not None
    assert secret.get_secret_value() == "hush"
    with last.of("nordic").read() as unit:
        assert unit.records.body(ORDERS, "2") == b"body of 2"
    assert rotated == 3 + 1 + 2  # persons, the credential, check and hash keys
    with pytest.raises(KeyringError):
        open_ledger("old", keys=Keyring([old]))


def test_erasing_a_person_destroys_every_copy(books: ConnectionLedger) -> None:
    """Bodies and drafts are gone, unsent work is withdrawn, the chain is whole."""
    plan(books, ["1", "2"])
    sent = claim(books, limit=1)[0]
    confirm(books, sent)
    run_id = start_run(books, "more")
    take(books, run_id, [entry("3", person="dtc-1")])
    with books.begin() as unit:
        unit.records.park(ORDERS, "3", code="C", reason="r", fix="f", run_id=run_id)

    assert books.erase_person("dtc-1", by="Kim") == 1
    assert books.erase_person("dtc-1", by="Kim") == 0
    with books.read() as unit:
        for source_id in ("1", "3"):
            with pytest.raises(ErasedError, match="erased on request"):
                unit.records.body(ORDERS, source_id)
        with pytest.raises(ErasedError):
            unit.intents.evidence(sent.intent_id)
        assert unit.records.body(ORDERS, "2") == b"body of 2"
        assert unit.exceptions.list() == []
        assert unit.audit.verify().ok
        assert unit.links.get(ORDERS, "1") is not None
    assert [record_state(books, each) for each in "123"] == [
        "settled",
        "mapped",
        "left_out",
    ]


def test_unsent_work_on_an_erased_person_is_withdrawn(
    books: ConnectionLedger, clock: Clock
) -> None:
    """What was planned is not sent; what is in doubt can still be looked for."""
    _, batch = plan(books, ["1", "2"])
    sent = claim(books, limit=1)[0]
    with books.begin() as unit:
        unit.intents.mark_sending(sent)
        unit.intents.doubt(sent, "timeout")
    for person in ("dtc-1", "dtc-2"):
        books.erase_person(person, by="Kim")

    assert claim(books) == []
    assert state(books, "2") == "superseded"
    now = clock.advance(minutes=2)
    with books.begin() as unit:
        (probe,) = unit.intents.due_probes(ORDERS, now, 9, 60)
        states = ("read", "mapped", "left_out")
        assert list(unit.records.bodies(batch, states)) == []
    assert (probe.body, probe.reference) == (b"", "N-1")


def test_a_person_who_comes_back_gets_a_new_key(books: ConnectionLedger) -> None:
    """Erasure is of what was; a new order is a new contract."""
    run_id, _ = plan(books)
    books.erase_person("dtc-1", by="Kim")
    with books.begin() as unit, pytest.raises(ErasedError):
        unit.records.put_draft(ORDERS, "1", 1, draft(body_hash="other"))
    take(books, run_id, [entry("1", fingerprint="f2", body=b"new")])

    with books.read() as unit:
        assert unit.records.body(ORDERS, "1") == b"new"


def test_another_persons_payload_does_not_open(url: str, books) -> None:
    """Each person has a key of their own; nobody's payloads share one, too."""
    run_id = start_run(books)
    take(
        books,
        run_id,
        [entry("1"), entry("2"), entry("3", person=None), entry("4", person=None)],
    )
    engine = open_engine(url)
    with engine.connect() as db:
        keys = (
            db.execute(sa.text("SELECT person_key_id FROM payloads ORDER BY id"))
            .scalars()
            .all()
        )
    engine.dispose()

    assert len(set(keys[:2])) == 2
    assert keys[2] == keys[3]


def test_the_key_file_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    """Racing first starts agree on one key, which nobody else can read."""
    folder = tmp_path / "data"
    with ThreadPoolExecutor(4) as pool:
        rings = list(pool.map(lambda _: Keyring.load(folder, {}), range(4)))
    sealed = rings[0].wrap(b"x")

    assert [ring.unwrap(sealed) for ring in rings] == [b"x"] * 4
    assert stat.S_IMODE((folder / KEY_FILE).stat().st_mode) == 0o600
    assert [path.name for path in folder.iterdir()] == [KEY_FILE]


def test_who_comes_second_takes_the_first_ones_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both found no file; the link of the slower one fails, and it reads the other's."""
    first = Keyring.generate()
    looked = Path.exists

    def exists(path: Path) -> bool:
        found = looked(path)
        if path.name == KEY_FILE and not found:
            path.write_text(first)
        return found

    monkeypatch.setattr(Path, "exists", exists)
    ring = Keyring.load(tmp_path, {})

    assert ring.unwrap(Fernet(first).encrypt(b"x")) == b"x"
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]


def test_keys_of_the_environment_come_first(tmp_path: Path) -> None:
    """Newest first, with commas between; then no file is made."""
    new, old = Keyring.generate(), Keyring.generate()
    ring = Keyring.load(tmp_path, {KEY_VARIABLE: f"{new}, {old}"})

    assert ring.unwrap(Fernet(old).encrypt(b"x")) == b"x"
    assert Fernet(new).decrypt(ring.wrap(b"y")) == b"y"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("keys", [[], ["short"], ["not base64 at all!"]])
def test_a_malformed_key_names_the_setting(keys: list[str]) -> None:
    """The sentence says which variable, and how a key is made."""
    with pytest.raises(KeyringError, match=KEY_VARIABLE):
        Keyring(keys)


def _take(store: BudgetStore, now, calls=1, ceiling=10, seconds=10) -> Taken:
    return store.take(
        "centra",
        window="requests/10",
        limit=12,
        now=now,
        window_seconds=seconds,
        calls=calls,
        ceiling=ceiling,
    )


def test_a_window_counts_up_and_starts_anew(ledger: Ledger) -> None:
    """Calls over the ceiling are not counted; the next window is empty."""
    store: BudgetStore = ledger.budgets("nordic")
    end = START + timedelta(seconds=10)

    assert _take(store, START, 6) == Taken(granted=True, used=6, resets_at=end)
    assert _take(store, START, 5) == Taken(granted=False, used=6, resets_at=end)
    assert _take(store, START, 4) == Taken(granted=True, used=10, resets_at=end)
    assert _take(store, end, 1) == Taken(True, 1, end + timedelta(seconds=10))
    later = end + timedelta(seconds=35)
    assert _take(store, later, 1).resets_at == end + timedelta(seconds=40)
    assert _take(ledger.budgets("other"), START, 10).granted


def test_the_vendors_own_count_is_right(ledger: Ledger, clock: Clock) -> None:
    """Its headers move the window and raise the count; late answers are dropped."""
    store = ledger.budgets("nordic")
    _take(store, START, 4)
    theirs = START + timedelta(seconds=10)

    def observe(remaining: int, resets_at) -> int:
        store.observe(
            "centra",
            window="requests/10",
            limit=12,
            remaining=remaining,
            resets_at=resets_at,
        )
        return _take(store, clock.now, 0).used

    assert observe(10, theirs) == 4  # two calls are still in the air
    assert observe(3, theirs) == 9  # another integration called as well
    assert observe(12, theirs - timedelta(seconds=20)) == 9
    assert observe(11, theirs + timedelta(seconds=7)) == 1
    assert _take(store, clock.now, 0).resets_at == theirs + timedelta(seconds=7)
