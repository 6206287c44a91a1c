"""Rates of Sveriges Riksbank: what some thirty currencies are in Swedish kronor.

The SWEA API has a series for each currency (`SEKEURPMI`: kronor for one euro), and
group 130 has all of them: `/Observations/ByGroup/130/{from}/{to}`, at most a year at
a time, answers a list of `{seriesId, date, value}`. Days that are no Swedish banking
days are not there. Without a key it takes about five calls a minute, so all
currencies are read in one. Source: the SWEA API pages of the Riksbank's API portal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from connectors.answers import NOT_FOUND
from connectors.errors import RecordError
from connectors.rates.quotes import Quote, day_of, rate_of, unreadable
from connectors.transport import ApiClient

__all__ = ["Riksbank", "read_riksbank"]

_FEED = "the Riksbank"
_GROUP = 130
_YEAR = timedelta(days=364)
_SERIES = re.compile(r"SEK([A-Z]{3})PMI")
"""`SEKETT` (one krona) is in the group, too, and no rate."""


class Riksbank:
    """Reads the group of all currencies."""

    def __init__(self, api: ApiClient) -> None:
        """Read through an open ApiClient of the SWEA API."""
        self._api = api

    async def get_quotes(self, since: date, until: date) -> tuple[Quote, ...]:
        """Return what was published for days from `since` to `until`, both included.

        Raises:
            RetryableError: The Riksbank does not answer, or its answer cannot be read.
        """
        found: list[Quote] = []
        while since <= until:
            end = min(until, since + _YEAR)
            found += await self._window(since, end)
            since = end + timedelta(days=1)
        return tuple(found)

    async def _window(self, since: date, until: date) -> list[Quote]:
        path = f"/Observations/ByGroup/{_GROUP}/{since}/{until}"
        try:
            answer = await self._api.request(
                "GET",
                path,
                repeatable=True,
                operation="GET Observations/ByGroup/{group}/{from}/{to}",
            )
        except RecordError as error:
            if error.code == NOT_FOUND:  # no banking day in the window
                return []
            raise
        if answer.body is None:  # 204: the same
            return []
        quotes = read_riksbank(answer.body)
        return [one for one in quotes if since <= one.on <= until]


def read_riksbank(body: object) -> Iterator[Quote]:
    """Read the quotes of an answer; a series that stopped long ago is passed on, too.

    Raises:
        RetryableError: It is not of the API's form.
    """
    if not isinstance(body, list):
        raise unreadable(_FEED, "it is no list")
    for row in body:
        if not isinstance(row, Mapping):
            raise unreadable(_FEED, "a row is no object")
        series = _SERIES.fullmatch(str(row.get("seriesId")))
        if series is None:
            continue
        on, rate = day_of(row.get("date"), _FEED), rate_of(row.get("value"), _FEED)
        yield Quote("riksbank", on, series.group(1), "SEK", rate)
