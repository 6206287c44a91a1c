"""Secrets and tokens, encrypted by the master key, and who may refresh them now."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import uuid4

from pydantic import SecretStr
from sqlalchemy import delete, select

from connectors.credentials import StoredToken
from ledger.database import upsert
from ledger.schema import locks, sealed
from ledger.transactions import Transactions

__all__ = ["Secrets", "Tokens"]


class Secrets:
    """Named secrets of one connection, each call a short transaction of its own."""

    def __init__(self, transactions: Transactions, connection: str) -> None:
        self._transactions = transactions
        self._connection = connection

    def get(self, name: str) -> SecretStr | None:
        """A secret by name."""
        with self._transactions.read() as db:
            value = db.execute(
                select(sealed.c.value).where(
                    sealed.c.connection == self._connection, sealed.c.name == name
                )
            ).scalar()
        if value is None:
            return None
        return SecretStr(self._transactions.vault.unwrap(value).decode())

    def put(self, name: str, value: SecretStr) -> None:
        """Keep a secret in place of the former one."""
        wrapped = self._transactions.vault.wrap(value.get_secret_value().encode())
        with self._transactions.write() as db:
            statement = upsert(db.dialect.name, sealed).values(
                connection=self._connection,
                name=name,
                value=wrapped,
                updated_at=self._transactions.clock(),
            )
            db.execute(
                statement.on_conflict_do_update(
                    index_elements=["connection", "name"],
                    set_={
                        "value": statement.excluded.value,
                        "updated_at": statement.excluded.updated_at,
                    },
                )
            )


class Tokens:
    """Access and refresh tokens of one connection, refreshed by one process at a time."""

    def __init__(self, transactions: Transactions, connection: str) -> None:
        self._transactions = transactions
        self._connection = connection
        self._secrets = Secrets(transactions, connection)

    def load(self, name: str) -> StoredToken | None:
        """The token as it was saved last."""
        kept = self._secrets.get(f"token:{name}")
        if kept is None:
            return None
        values = json.loads(kept.get_secret_value())
        refresh = values["refresh_token"]
        return StoredToken(
            access_token=SecretStr(values["access_token"]),
            refresh_token=None if refresh is None else SecretStr(refresh),
            expires_at=datetime.fromisoformat(values["expires_at"]),
            scope=values["scope"],
        )

    def save(self, name: str, token: StoredToken) -> None:
        """Keep a token; a rotated refresh token is lost unless it is saved at once."""
        refresh = token.refresh_token
        values = {
            "access_token": token.access_token.get_secret_value(),
            "refresh_token": None if refresh is None else refresh.get_secret_value(),
            "expires_at": token.expires_at.isoformat(),
            "scope": token.scope,
        }
        self._secrets.put(f"token:{name}", SecretStr(json.dumps(values)))

    @contextmanager
    def lock(self, name: str, seconds: float) -> Iterator[bool]:
        """Hold a lease on a token; False while another process holds it.

        The lease ends by itself after `seconds`, should its holder be killed.
        """
        holder = uuid4().hex
        held = self._acquire(name, holder, seconds)
        try:
            yield held
        finally:
            if held:
                with self._transactions.write() as db:
                    db.execute(
                        delete(locks).where(
                            locks.c.connection == self._connection,
                            locks.c.name == name,
                            locks.c.holder == holder,
                        )
                    )

    def _acquire(self, name: str, holder: str, seconds: float) -> bool:
        now = self._transactions.clock()
        until = now + timedelta(seconds=seconds)
        with self._transactions.write() as db:
            statement = upsert(db.dialect.name, locks).values(
                connection=self._connection, name=name, holder=holder, until=until
            )
            taken = db.execute(
                statement.on_conflict_do_update(
                    index_elements=["connection", "name"],
                    set_={"holder": holder, "until": until},
                    where=locks.c.until <= now,
                ).returning(locks.c.holder)
            ).first()
        return taken is not None
