"""Encryption at rest: a key per person, wrapped by the master; payloads; key hashes.

A payload is zlib, then Fernet with the key of the person it is about. Destroying
that one key erases every copy, backups included; the audit chain holds hashes only.
"""

from __future__ import annotations

import hmac
import zlib
from collections import OrderedDict
from collections.abc import Collection, Sequence
from datetime import datetime
from hashlib import sha256
from threading import Lock

from cryptography.fernet import Fernet
from sqlalchemy import Connection, bindparam, insert, select, update

from ledger.database import CHUNK, upsert
from ledger.errors import ErasedError
from ledger.keys import Keyring
from ledger.schema import ledger_keys, payloads, person_keys, sealed

__all__ = ["NOBODY", "Vault"]

NOBODY = ""  # the key of payloads that are about no person
CACHED_KEYS = 4_096


class Vault:
    """What a ledger encrypts and decrypts; unwrapped keys stay in a small LRU.

    The LRU is looked up by the wrapped key as the database holds it, never by its id:
    after a rollback SQLite gives the same id to another key.
    """

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring
        self._fernets: OrderedDict[bytes, Fernet] = OrderedDict()
        self._hash_keys: dict[str, bytes] = {}
        self._lock = Lock()

    def check(self, db: Connection) -> None:
        """Prove that the master key is this ledger's.

        Raises:
            KeyringError: it is not.
        """
        self._ledger_key(db, "check")

    def learn(self, connection: str, key: bytes) -> None:
        """Have the hash key of a connection at hand."""
        self._hash_keys[connection] = key

    def knows(self, connection: str) -> bool:
        """Whether the hash key of a connection is at hand."""
        return connection in self._hash_keys

    def hash_key(self, db: Connection, connection: str) -> bytes:
        """Read the hash key of a connection; the first to ask makes it."""
        return self._ledger_key(db, f"hash:{connection}")

    def hashed(self, connection: str, value: str) -> str:
        """A keyed hash of a personal value: equal values meet, nobody reads them."""
        return self.digest(connection, value.encode())

    def digest(self, connection: str, body: bytes) -> str:
        """A keyed hash of a payload: only this ledger can tell what it was made of."""
        return hmac.new(self._hash_keys[connection], body, sha256).hexdigest()

    def person_key_ids(
        self, db: Connection, connection: str, persons: Collection[str], now: datetime
    ) -> dict[str, int]:
        """The key ids of these persons; keys that are missing are made.

        The rows stay share-locked, so that nobody erases a person while a payload
        about them is being written.
        """
        by_hash = {self.hashed(connection, person): person for person in persons}
        found = self._living(db, connection, list(by_hash))
        missing = sorted(by_hash.keys() - found.keys())
        if missing:
            rows = [
                {
                    "connection": connection,
                    "person": person,
                    "wrapped": self._keyring.wrap(Fernet.generate_key()),
                    "created_at": now,
                }
                for person in missing
            ]
            db.execute(
                upsert(db.dialect.name, person_keys).on_conflict_do_nothing(), rows
            )
            found |= self._living(db, connection, missing)
        return {person: found[hashed] for hashed, person in by_hash.items()}

    def seal(
        self,
        db: Connection,
        connection: str,
        bodies: Sequence[tuple[int, bytes]],
        now: datetime,
    ) -> list[int]:
        """Store payloads, each under a person key; return their ids in order.

        Raises:
            ErasedError: one of the keys was destroyed.
        """
        if not bodies:
            return []
        fernets = self._by_id(db, connection, {key_id for key_id, _ in bodies})
        rows = [
            {
                "connection": connection,
                "person_key_id": key_id,
                "sealed": fernets[key_id].encrypt(zlib.compress(body)),
                "created_at": now,
                "digest": self.digest(connection, body),
            }
            for key_id, body in bodies
        ]
        return list(db.execute(_SEAL, rows).scalars())

    def unseal(
        self, db: Connection, connection: str, payload_ids: Collection[int]
    ) -> dict[int, bytes]:
        """Read payloads by id; those of erased persons, and expired ones, are left out."""
        bodies: dict[int, bytes] = {}
        wanted = sorted(set(payload_ids))
        for start in range(0, len(wanted), CHUNK):
            rows = db.execute(
                _PAYLOADS, {"mine": connection, "ids": wanted[start : start + CHUNK]}
            )
            for row in rows:
                bodies[row.id] = self.open_sealed(row.wrapped, row.sealed)
        return bodies

    def open_sealed(self, wrapped: bytes, sealed_body: bytes) -> bytes:
        """Open one payload with the key of its person.

        Raises:
            InvalidToken: it was changed, or is another person's.
        """
        return zlib.decompress(self._fernet(wrapped).decrypt(sealed_body))

    def unseal_one(self, db: Connection, connection: str, payload_id: int) -> bytes:
        """Read one payload.

        Raises:
            ErasedError: the person it is about was erased, or its retention is over.
        """
        bodies = self.unseal(db, connection, [payload_id])
        if payload_id not in bodies:
            raise _erased()
        return bodies[payload_id]

    def erase(
        self, db: Connection, connection: str, person: str, now: datetime
    ) -> list[int]:
        """Destroy the keys of a person; return their ids."""
        statement = (
            update(person_keys)
            .where(
                person_keys.c.connection == connection,
                person_keys.c.person == self.hashed(connection, person),
                person_keys.c.erased_at.is_(None),
            )
            .values(wrapped=None, erased_at=now)
            .returning(person_keys.c.id)
        )
        erased = list(db.execute(statement).scalars())
        with self._lock:
            self._fernets.clear()
        return erased

    def rewrap(self, db: Connection, after: int, limit: int = 500) -> tuple[int, int]:
        """Wrap the next person keys with the newest master key: (how many, last id)."""
        rows = db.execute(
            select(person_keys.c.id, person_keys.c.wrapped)
            .where(person_keys.c.id > after, person_keys.c.wrapped.is_not(None))
            .order_by(person_keys.c.id)
            .limit(limit)
            .with_for_update()
        ).all()
        if rows:
            db.execute(
                update(person_keys)
                .where(person_keys.c.id == bindparam("key_id"))
                .values(wrapped=bindparam("again")),
                [
                    {"key_id": row.id, "again": self._keyring.rewrap(row.wrapped)}
                    for row in rows
                ],
            )
        return len(rows), rows[-1].id if rows else after

    def rewrap_secrets(self, db: Connection) -> int:
        """Wrap ledger keys, credentials and tokens with the newest master key."""
        keys = db.execute(select(ledger_keys).with_for_update()).all()
        for key in keys:
            db.execute(
                update(ledger_keys)
                .where(ledger_keys.c.name == key.name)
                .values(wrapped=self._keyring.rewrap(key.wrapped))
            )
        secrets = db.execute(select(sealed).with_for_update()).all()
        for secret in secrets:
            db.execute(
                update(sealed)
                .where(
                    sealed.c.connection == secret.connection,
                    sealed.c.name == secret.name,
                )
                .values(value=self._keyring.rewrap(secret.value))
            )
        return len(keys) + len(secrets)

    def wrap(self, secret: bytes) -> bytes:
        """Encrypt a credential with the newest master key."""
        return self._keyring.wrap(secret)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt a credential.

        Raises:
            KeyringError: none of the master keys opens it.
        """
        return self._keyring.unwrap(wrapped)

    def _ledger_key(self, db: Connection, name: str) -> bytes:
        """Read a key of the ledger's own; the first to ask makes it."""
        query = select(ledger_keys.c.wrapped).where(ledger_keys.c.name == name)
        wrapped = db.execute(query).scalar()
        if wrapped is None:
            fresh = {"name": name, "wrapped": self._keyring.wrap(Fernet.generate_key())}
            db.execute(
                upsert(db.dialect.name, ledger_keys).on_conflict_do_nothing(), fresh
            )
            wrapped = db.execute(query).scalar_one()
        return self._keyring.unwrap(wrapped)

    def _living(
        self, db: Connection, connection: str, hashes: Sequence[str]
    ) -> dict[str, int]:
        found: dict[str, int] = {}
        for start in range(0, len(hashes), CHUNK):
            rows = db.execute(
                select(person_keys.c.id, person_keys.c.person)
                .where(
                    person_keys.c.connection == connection,
                    person_keys.c.person.in_(hashes[start : start + CHUNK]),
                    person_keys.c.erased_at.is_(None),
                )
                .order_by(person_keys.c.id)
                .with_for_update(read=True)
            )
            found |= {row.person: row.id for row in rows}
        return found

    def _by_id(
        self, db: Connection, connection: str, key_ids: set[int]
    ) -> dict[int, Fernet]:
        fernets: dict[int, Fernet] = {}
        wanted = sorted(key_ids)
        for start in range(0, len(wanted), CHUNK):
            rows = db.execute(
                _KEYS, {"mine": connection, "ids": wanted[start : start + CHUNK]}
            )
            fernets |= {row.id: self._fernet(row.wrapped) for row in rows}
        if len(fernets) < len(wanted):
            raise _erased()
        return fernets

    def _fernet(self, wrapped: bytes) -> Fernet:
        with self._lock:
            fernet = self._fernets.get(wrapped)
            if fernet is not None:
                self._fernets.move_to_end(wrapped)
                return fernet
        fernet = Fernet(self._keyring.unwrap(wrapped))
        with self._lock:
            self._fernets[wrapped] = fernet
            if len(self._fernets) > CACHED_KEYS:
                self._fernets.popitem(last=False)
        return fernet


_SEAL = insert(payloads).returning(payloads.c.id, sort_by_parameter_order=True)
_PAYLOADS = (
    select(payloads.c.id, payloads.c.sealed, person_keys.c.wrapped)
    .join(person_keys)
    .where(
        payloads.c.connection == bindparam("mine"),
        payloads.c.id.in_(bindparam("ids", expanding=True)),
        person_keys.c.wrapped.is_not(None),
        payloads.c.expired_at.is_(None),
    )
)
_KEYS = (
    select(person_keys.c.id, person_keys.c.wrapped)
    .where(
        person_keys.c.connection == bindparam("mine"),
        person_keys.c.id.in_(bindparam("ids", expanding=True)),
        person_keys.c.wrapped.is_not(None),
    )
    .order_by(person_keys.c.id)
    .with_for_update(read=True)
)


def _erased() -> ErasedError:
    return ErasedError(
        "The stored data of this record was erased on request, or its retention is over.",
        code="ERASED",
        fix="Read the record from its source again, if it may be kept.",
    )
