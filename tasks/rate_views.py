"""What is known of exchange rates, for people; and reading the sources on purpose."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from pydantic import BaseModel

from connectors.errors import RecordError
from mapping.rates import RateWantedError, choose_rate
from settings.rates import RateSource
from tasks.environment import environment
from tasks.rates import RateReader

__all__ = ["FetchedSource", "KnownRate", "fetch_rates", "known_rates"]


class KnownRate(BaseModel):
    """The rate that a document of a day would get, by what the ledger knows."""

    currency: str
    to: str
    rate: Decimal | None
    source: str | None
    on: date | None
    why: str | None

    def told(self) -> dict[str, str]:
        """As the terminal shows it."""
        return {
            "one": self.currency,
            "is": f"{self.rate:f} {self.to}" if self.rate is not None else "?",
            "source": self.source or "",
            "of": f"{self.on}" if self.on else "",
            "why not": self.why or "",
        }


class FetchedSource(BaseModel):
    """A source that was read: how many quotes are known of it, or what went wrong."""

    source: RateSource
    quotes: int
    trouble: str | None


def known_rates(connection: str, on: date | None) -> list[KnownRate]:
    """Return the rate of each currency of the settings for a day, by default today."""
    env = environment()
    settings = env.connection(connection)
    day = on or env.clock().astimezone(settings.zone).date()
    reader = RateReader(env, settings)
    table = reader.known(day)
    rows = []
    sources = ", ".join(one for one in settings.rates.sources if one != "manual")
    for currency in settings.currencies:
        if currency == settings.base_currency:
            continue
        row = KnownRate(
            currency=currency,
            to=settings.base_currency,
            rate=None,
            source=None,
            on=None,
            why=None,
        )
        try:
            rate = choose_rate(
                table,
                settings.rates,
                pair=(currency, settings.base_currency),
                on=day,
                record_id="a document",
            )
        except RateWantedError:
            why = f"not read yet for that day: centra-visma rates fetch reads {sources}"
            rows.append(row.model_copy(update={"why": why}))
        except RecordError as error:
            rows.append(row.model_copy(update={"why": error.message}))
        else:
            found = {"rate": rate.rate, "source": rate.source, "on": rate.on}
            rows.append(row.model_copy(update=found))
    return rows


async def fetch_rates(connection: str, since: date | None) -> list[FetchedSource]:
    """Read the sources of the settings now, for documents of days since one.

    Raises:
        ConfigError: A setting or a credential is wrong.
    """
    env = environment()
    settings = env.connection(connection)
    today = env.clock().astimezone(settings.zone).date()
    day = since or today - timedelta(days=1)
    reader = RateReader(env, settings)
    found = []
    for source in settings.rates.sources:
        if source == "manual":
            continue
        trouble = await reader.read(source, day)
        with env.books(connection).read() as unit:
            quotes = len(unit.rates.quotes((source,), None, None))
        found.append(FetchedSource(source=source, quotes=quotes, trouble=trouble))
    return found
