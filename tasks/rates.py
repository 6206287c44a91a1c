"""Exchange rates for documents: what is known from the ledger, read where it lacks.

Nothing is read before a document in a foreign currency asks for it, and then one
source after the other, in the order of the settings. What was read is kept in the
ledger; a source that failed is left alone for a while.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from connectors.errors import ConfigError, ConnectorError
from connectors.rates.quotes import Quote
from ledger import Unit
from mapping.quoted_rates import RateTable
from mapping.rates import BEFORE, RateWantedError
from settings.connection import Connection
from settings.rates import RateSource
from tasks.environment import Environment

__all__ = ["RateReader"]

_FRESH = timedelta(hours=1)
"""For so long a source is not asked again for the rates of the day."""
_LEFT_ALONE = timedelta(minutes=10)
_BASE = "rates.centra.base"
_DAY = timedelta(days=1)
_DAILY: tuple[RateSource, ...] = ("centra", "ecb", "riksbank")
_READ: tuple[RateSource, ...] = (*_DAILY, "visma")


class RateReader:
    """Brings the table of rates to where a document can be mapped."""

    def __init__(self, env: Environment, settings: Connection) -> None:
        """Read for one connection; nothing is read yet."""
        self._env = env
        self._settings = settings
        self._books = env.books(settings.name)
        self._troubles: dict[str, str] = {}
        self._asked: set[tuple[str, date]] = set()
        self._since = date.max
        self.table: RateTable | None = None

    async def bring(self, wanted: RateWantedError) -> None:
        """See that what a document wanted is in the table, or why it cannot be."""
        self._since = min(self._since, self._start(wanted.on))
        if wanted.source is not None:
            if (wanted.source, wanted.on) in self._asked:
                self._troubles[wanted.source] = f"it has nothing for {wanted.on}"
            else:
                self._asked.add((wanted.source, wanted.on))
                await self.read(wanted.source, wanted.on)
        self._load()

    async def read(self, source: RateSource, on: date) -> str | None:
        """Read a source for documents of a day and after it; answer what went wrong."""
        now, today = self._env.clock(), self._today()
        with self._books.read() as unit:
            known, trouble = _coverage(unit, source), _trouble(unit, source, now)
        since, until = self._start(on), max(on, today)
        is_later = known is not None and known.first <= since
        if trouble is None:
            start = known.sure(now) + _DAY if known and is_later else since
            try:
                quotes = await self._quotes(source, min(start, until), until)
            except ConnectorError as error:
                trouble = error.message
        with self._books.begin() as unit:
            if trouble is not None:
                self._troubles[source] = trouble
                _note_trouble(unit, source, now, trouble)
                return trouble
            if source == "visma":
                unit.rates.forget(source)
            unit.rates.put(quotes)
            first = min(known.first, since) if known else since
            if source == "visma":
                first = date.min
            _note_read(unit, source, _Coverage(first, until, now))
        self._troubles.pop(source, None)
        return None

    async def _quotes(
        self, source: RateSource, since: date, until: date
    ) -> tuple[Quote, ...]:
        """What a source says of some days; of the tables all, as an old row may count."""
        match source:
            case "centra":
                return await self._of_centra()
            case "visma":
                async with self._env.visma(self._settings) as visma:
                    rows = await visma.get_currency_rates(
                        self._settings.rates.rate_type
                    )
                return tuple(one.quote() for one in rows)
            case "ecb" | "riksbank":
                async with self._env.feeds(self._settings) as feeds:
                    if source == "riksbank":
                        return await feeds.riksbank.get_quotes(since, until)
                    return await feeds.ecb.get_quotes(since, until, today=self._today())
            case "manual":
                return ()

    async def _of_centra(self) -> tuple[Quote, ...]:
        """What Centra's own rates are now, and which currency they lead to."""
        async with self._env.centra(self._settings) as centra:
            found = await centra.get_currencies()
        base = next((one.code for one in found if one.is_base), None)
        if base is None:
            message = "Centra names no base currency: none of its currencies is one"
            raise ConfigError(message)
        with self._books.begin() as unit:
            unit.cursors.move(_BASE, base)
        today = self._today()
        return tuple(
            Quote("centra", today, one.code, base, one.current_base_rate)
            for one in found
            if not one.is_base
            and one.current_base_rate is not None
            and one.current_base_rate not in {0, 1}
        )

    def known(self, on: date) -> RateTable:
        """What the ledger has for documents of a day; nothing is read."""
        self._since = min(self._since, self._start(on))
        self._load()
        return self.table or RateTable()

    def _load(self) -> None:
        """Take up what the ledger has."""
        now, today = self._env.clock(), self._today()
        read: dict[str, tuple[date, date]] = {}
        with self._books.read() as unit:
            base = unit.cursors.get(_BASE)
            for source in _READ:
                known = _coverage(unit, source)
                if known is None:
                    continue
                # without a newer answer, what was read today is the best for today
                is_best = source in self._troubles and known.last == today
                last = known.last if is_best else known.sure(now)
                read[source] = (known.first, last)
            quotes = unit.rates.quotes(_DAILY, self._since, None)
            quotes += unit.rates.quotes(("visma",), None, None)
        is_of_today = "centra" in read and read["centra"][1] >= today - _DAY
        self.table = RateTable(
            quotes=quotes,
            read=read,
            troubles=dict(self._troubles),
            centra_base=base if is_of_today or "centra" in self._troubles else None,
        )

    def _start(self, on: date) -> date:
        """The first day that may count for a document, or for what is compared with it."""
        return on - timedelta(days=self._settings.rates.max_age_days) - BEFORE

    def _today(self) -> date:
        return self._env.clock().astimezone(self._settings.zone).date()


@dataclass(frozen=True)
class _Coverage:
    """For which days a source was read, and when."""

    first: date
    last: date
    read_at: datetime

    def sure(self, now: datetime) -> date:
        """The last day of which all is known: on that of the reading more may come."""
        return self.last if now - self.read_at < _FRESH else self.last - _DAY


def _coverage(unit: Unit, source: str) -> _Coverage | None:
    value = unit.cursors.get(f"rates.{source}.read")
    if value is None:
        return None
    first, last, read_at = value.split(" ")
    return _Coverage(
        date.fromisoformat(first),
        date.fromisoformat(last),
        datetime.fromisoformat(read_at),
    )


def _note_read(unit: Unit, source: str, known: _Coverage) -> None:
    value = f"{known.first} {known.last} {known.read_at.isoformat()}"
    unit.cursors.move(f"rates.{source}.read", value)
    unit.cursors.move(f"rates.{source}.trouble", "")


def _trouble(unit: Unit, source: str, now: datetime) -> str | None:
    """What went wrong a moment ago, so that nobody waits for it again."""
    at, _, why = (unit.cursors.get(f"rates.{source}.trouble") or "").partition(" ")
    if not at or now - datetime.fromisoformat(at) >= _LEFT_ALONE:
        return None
    return why


def _note_trouble(unit: Unit, source: str, now: datetime, why: str) -> None:
    if _trouble(unit, source, now) is None:
        unit.cursors.move(f"rates.{source}.trouble", f"{now.isoformat()} {why}")
