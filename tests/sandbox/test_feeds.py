"""The feeds of exchange rates: real forms, weekends, holidays, hours, limits, faults."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal
from xml.etree import ElementTree

import httpx
import pytest

from sandbox.app import build_world, create_app
from sandbox.clock import Clock
from sandbox.feeds.closing_days import is_swedish_banking_day, is_target_day
from sandbox.world import World

D = Decimal
CUBE = "{http://www.ecb.int/vocabulary/2002-08-01/eurofxref}Cube"
TUESDAY_NOON = datetime(2026, 4, 7, 10, 0, tzinfo=UTC)
"""The day after Easter Monday, before anything of the day is published."""
FILES = "/ecb/stats/eurofxref"
GROUP = "/riksbank/swea/v1/Observations/ByGroup/130"


@pytest.fixture
def world() -> World:
    """A world on the Tuesday after Easter 2026."""
    return build_world(orders=5, clock=Clock(TUESDAY_NOON, frozen=True))


@pytest.fixture
async def web(world: World) -> AsyncIterator[httpx.AsyncClient]:
    """A browser."""
    transport = httpx.ASGITransport(create_app(world))
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1"
    ) as client:
        yield client


async def days_of(web: httpx.AsyncClient, file: str) -> dict[str, dict[str, str]]:
    """The rates of a file of the ECB by day and currency."""
    answer = await web.get(f"{FILES}/{file}")
    root = ElementTree.fromstring(answer.text)  # noqa: S314 - our own
    return {
        day.get("time", ""): {
            row.get("currency", ""): row.get("rate", "") for row in day
        }
        for day in root.findall(f"{CUBE}/{CUBE}")
    }


async def test_the_last_day_is_the_thursday_before_easter(
    web: httpx.AsyncClient,
) -> None:
    """Good Friday, the weekend and Easter Monday have no rates, and today's are not out yet."""
    days = await days_of(web, "eurofxref-daily.xml")

    assert list(days) == ["2026-04-02"]
    assert len(days["2026-04-02"]) == 29
    assert "AED" not in days["2026-04-02"]
    assert D("11") < D(days["2026-04-02"]["SEK"]) < D("11.5")


async def test_today_is_published_at_four(web: httpx.AsyncClient, world: World) -> None:
    """At 15:59 in Frankfurt Thursday's are the last, at 16:00 it is today's."""
    world.clock.set(datetime(2026, 4, 7, 13, 59, tzinfo=UTC))
    assert list(await days_of(web, "eurofxref-daily.xml")) == ["2026-04-02"]
    world.clock.set(datetime(2026, 4, 7, 14, 0, tzinfo=UTC))
    assert list(await days_of(web, "eurofxref-daily.xml")) == ["2026-04-07"]


async def test_ninety_days_are_the_newest_first(web: httpx.AsyncClient) -> None:
    """Working days alone, from the newest to the one 90 days before."""
    days = list(await days_of(web, "eurofxref-hist-90d.xml"))

    assert days[:3] == ["2026-04-02", "2026-04-01", "2026-03-31"]
    assert days[-1] == "2026-01-06"
    assert all(date.fromisoformat(one).weekday() < 5 for one in days)
    assert days == sorted(days, reverse=True)


async def test_history_begins_with_the_euro(web: httpx.AsyncClient) -> None:
    """The first day is 4 January 1999."""
    days = list(await days_of(web, "eurofxref-hist.xml"))

    assert days[-1] == "1999-01-04"
    assert len(days) > 6_500


async def test_the_riksbank_is_closed_on_more_days(web: httpx.AsyncClient) -> None:
    """Epiphany is no banking day in Sweden, and one in Frankfurt."""
    answer = await web.get(f"{GROUP}/2026-01-05/2026-01-07")
    rows = answer.json()

    assert {row["date"] for row in rows} == {"2026-01-05", "2026-01-07"}
    assert is_target_day(date(2026, 1, 6))
    assert not is_swedish_banking_day(date(2026, 6, 19))  # midsummer eve
    assert not is_swedish_banking_day(date(2026, 5, 14))  # ascension
    assert {row["seriesId"] for row in rows} >= {"SEKEURPMI", "SEKNOKPMI", "SEKETT"}
    krona = next(row for row in rows if row["seriesId"] == "SEKETT")
    assert krona["value"] == 1
    assert "AED" not in str(rows)


async def test_a_window_without_a_banking_day_has_no_content(
    web: httpx.AsyncClient,
) -> None:
    """A weekend answers 204 and nothing else."""
    answer = await web.get(f"{GROUP}/2026-04-04/2026-04-05")

    assert (answer.status_code, answer.text) == (204, "")


async def test_one_series_has_no_name_in_its_rows(web: httpx.AsyncClient) -> None:
    """Asked for alone, a series is a list of day and value."""
    root = "/riksbank/swea/v1/Observations"
    answer = await web.get(f"{root}/SEKEURPMI/2026-04-01/2026-04-05")
    unknown = await web.get(f"{root}/SEKAEDPMI/2026-04-01")

    assert [set(row) for row in answer.json()] == [{"date", "value"}] * 2
    assert unknown.status_code == 404


async def test_a_group_is_read_a_year_at_a_time(web: httpx.AsyncClient) -> None:
    """Two years in one call are refused."""
    assert (await web.get(f"{GROUP}/2024-01-01/2026-01-01")).status_code == 400


async def test_both_banks_nearly_agree(web: httpx.AsyncClient, world: World) -> None:
    """The Riksbank's krone is the ECB's cross rate, to five decimals."""
    market = world.market
    on = date(2026, 4, 2)
    krona, krone = market.euro("SEK", on), market.euro("NOK", on)
    assert krona is not None
    assert krone is not None

    assert market.kronor("NOK", on) == round(krona / krone, 5)


async def test_who_asks_too_often_without_a_key_waits() -> None:
    """The sixth call within a minute is told how many seconds to wait."""
    clock = Clock(TUESDAY_NOON, frozen=True)
    app = create_app(build_world(orders=5, clock=clock, quotas="vendor"))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://127.0.0.1"
    ) as web:
        path = f"{GROUP}/2026-04-01/2026-04-02"
        answers = [(await web.get(path)).status_code for _ in range(5)]
        clock.advance(10)
        sixth = await web.get(path)
        clock.advance(50)
        later = await web.get(path)

    assert answers == [200] * 5
    assert (sixth.status_code, sixth.headers["Retry-After"]) == (429, "50")
    assert sixth.json()["message"] == "Rate limit is exceeded. Try again in 50 seconds."
    assert later.status_code == 200


@pytest.mark.parametrize(
    ("fault", "status"),
    [("before_commit", {500, 503}), ("not_json", {200}), ("missing_permission", {403})],
)
async def test_feeds_break(
    web: httpx.AsyncClient, world: World, fault: str, status: set[int]
) -> None:
    """A feed is down or says something else, once; then it is there again."""
    world.faults.add(fault, "ecb.*")
    broken = await web.get(f"{FILES}/eurofxref-daily.xml")

    assert broken.status_code in status
    assert "gesmes" not in broken.text
    assert list(await days_of(web, "eurofxref-daily.xml")) == ["2026-04-02"]


async def test_people_make_a_bank_publish_something_else(
    web: httpx.AsyncClient,
) -> None:
    """A rate of a day by hand, or none at all."""
    wish = {"source": "ecb", "on": "2026-04-02", "currency": "SEK", "rate": "12.9"}
    done = await web.post("/_sandbox/rates", content=json.dumps(wish))
    none = {**wish, "currency": "NOK", "rate": None}
    await web.post("/_sandbox/rates", content=json.dumps(none))
    wrong = await web.post("/_sandbox/rates", content='{"source": "fed"}')
    [rates] = (await days_of(web, "eurofxref-daily.xml")).values()

    assert done.json() == wish
    assert rates["SEK"] == "12.9"
    assert "NOK" not in rates
    assert wrong.status_code == 400
