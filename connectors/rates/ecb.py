"""Rates of the European Central Bank: what one euro is in some thirty currencies.

One XML file with the last working day, one with the last 90 days and one with all
days since 1999, all of the same form: a `Cube` with a `time` for each day, in it a
`Cube` with `currency` and `rate` for each currency. A day without rates (weekends,
TARGET closing days) is not there. Source: the page "Euro foreign exchange reference
rates" of the ECB: "usually updated around 16:00 CET on every working day".
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from xml.etree import ElementTree

from connectors.rates.quotes import Quote, day_of, rate_of, unreadable
from connectors.transport import ApiClient

__all__ = ["Ecb", "read_ecb"]

_FEED = "the ECB"
_NAMESPACE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}"
_SHORT = timedelta(days=85)
"""How far back the file of 90 days surely goes."""


class Ecb:
    """Reads the ECB's files; the smallest one that has the days."""

    def __init__(self, api: ApiClient) -> None:
        """Read through an open ApiClient of the folder in which the files are."""
        self._api = api

    async def get_quotes(
        self, since: date, until: date, *, today: date
    ) -> tuple[Quote, ...]:
        """Return what was published for days from `since` to `until`, both included.

        Raises:
            RetryableError: The ECB does not answer, or its file cannot be read.
        """
        if since == until == today:
            file = "eurofxref-daily.xml"
        elif today - since <= _SHORT:
            file = "eurofxref-hist-90d.xml"
        else:
            file = "eurofxref-hist.xml"
        answer = await self._api.request(
            "GET", f"/{file}", repeatable=True, operation=f"GET {file}"
        )
        return tuple(one for one in read_ecb(answer.text) if since <= one.on <= until)


def read_ecb(text: str) -> Iterator[Quote]:
    """Read the quotes of a file.

    Raises:
        RetryableError: It is not the ECB's form, or has no day in it.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:  # the ECB's files have neither
        raise unreadable(_FEED, "it is another document")
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities, see above
    except ElementTree.ParseError as error:
        raise unreadable(_FEED, f"it is no XML ({error})") from error
    days = root.findall(f"{_NAMESPACE}Cube/{_NAMESPACE}Cube[@time]")
    if not days:
        raise unreadable(_FEED, "it has no day")
    for day in days:
        on = day_of(day.get("time"), _FEED)
        for row in day.findall(f"{_NAMESPACE}Cube"):
            currency = row.get("currency") or ""
            yield Quote("ecb", on, "EUR", currency, rate_of(row.get("rate"), _FEED))
