"""The life of one worker, and how it ends: at any instruction that others can see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import Connection as Database

from connectors.errors import RetryableError
from ledger.transactions import Transactions

__all__ = ["Death", "DeathMoment", "Killed", "Life", "MortalTransactions"]

DeathMoment = Literal[
    "before_send", "in_the_air", "after_send", "before_commit", "after_commit", "busy"
]


class Killed(BaseException):
    """The process is gone; nothing of it may happen any more."""


@dataclass(frozen=True)
class Death:
    """When a worker is killed: at the n-th moment of a kind.

    A database that is busy kills nobody: the transaction fails, and whoever began it
    has to live with that.
    """

    moment: DeathMoment
    count: int


@dataclass
class Life:
    """A worker is alive until its death; then whatever it still tries fails."""

    death: Death | None = None
    is_over: bool = False
    has_struck: bool = False
    _seen: dict[str, int] = field(default_factory=dict)

    def check(self) -> None:
        """Let nothing happen after the end.

        Raises:
            Killed: It is over.
        """
        if self.is_over:
            raise Killed

    def passes(self, moment: DeathMoment) -> None:
        """Go through a moment, or die in it.

        Raises:
            Killed: This was the last one.
            RetryableError: The database is busy this time.
        """
        self.check()
        self._seen[moment] = self._seen.get(moment, 0) + 1
        if self.death != Death(moment, self._seen[moment]):
            return
        self.has_struck = True
        if moment == "busy":
            message = "The ledger's database is busy; it is tried again later."
            raise RetryableError(message)
        self.is_over = True
        raise Killed


@dataclass(frozen=True)
class MortalTransactions(Transactions):
    """Transactions of a worker that may die before, inside and after each of them."""

    life: Life

    @contextmanager
    def write(self, *, repeatable: bool = False) -> Iterator[Database]:
        """One write transaction; a death before its commit undoes it."""
        self.life.passes("busy")
        with super().write(repeatable=repeatable) as db:
            yield db
            self.life.passes("before_commit")
        self.life.passes("after_commit")

    @contextmanager
    def read(self) -> Iterator[Database]:
        """One snapshot."""
        self.life.check()
        with super().read() as db:
            yield db
