"""The feeds of exchange rates as they really are, and what becomes of broken ones."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pytest
import simplejson

from connectors.errors import ConfigError, RetryableError
from connectors.rates.ecb import read_ecb
from connectors.rates.feeds import open_feeds
from connectors.rates.manual import manual_quotes
from connectors.rates.quotes import Quote
from connectors.rates.riksbank import read_riksbank
from connectors.visma.currency_rates import CurrencyRate, NewCurrencyRate
from settings.rates import ManualRate, RateRules
from tests.connectors_.builders import Clock, Script
from tests.connectors_.test_visma_client import a_visma

D = Decimal
DAY = date(2026, 3, 10)
ECB = """<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"\
 xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
	<gesmes:subject>Reference rates</gesmes:subject>
	<gesmes:Sender>
		<gesmes:name>European Central Bank</gesmes:name>
	</gesmes:Sender>
	<Cube>
		<Cube time='2026-03-09'>
			<Cube currency='SEK' rate='11.2345'/>
			<Cube currency='JPY' rate='163.24'/>
		</Cube>
		<Cube time='2026-03-06'>
			<Cube currency='SEK' rate='11.2210'/>
		</Cube>
	</Cube>
</gesmes:Envelope>"""
SWEA = [
    {"seriesId": "SEKEURPMI", "date": "2026-03-09", "value": D("11.2345")},
    {"seriesId": "SEKJPYPMI", "date": "2026-03-09", "value": D("0.06882")},
    {"seriesId": "SEKETT", "date": "2026-03-09", "value": 1},
]


def test_the_ecbs_file():
    """One euro in each currency, day by day, exactly as it is written."""
    assert list(read_ecb(ECB)) == [
        Quote("ecb", date(2026, 3, 9), "EUR", "SEK", D("11.2345")),
        Quote("ecb", date(2026, 3, 9), "EUR", "JPY", D("163.24")),
        Quote("ecb", date(2026, 3, 6), "EUR", "SEK", D("11.2210")),
    ]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<html><h1>Maintenance</h1>", id="a page"),
        pytest.param("", id="nothing"),
        pytest.param(ECB[:400], id="cut"),
        pytest.param(ECB.replace("11.2345", "N/A"), id="no number"),
        pytest.param(ECB.replace("11.2345", "0"), id="zero"),
        pytest.param(ECB.replace("11.2345", "-1"), id="negative"),
        pytest.param(ECB.replace("2026-03-09", "9 March"), id="no day"),
        pytest.param(ECB.replace("eurofxref", "other"), id="another form"),
        pytest.param("<!DOCTYPE a [<!ENTITY b 'c'>]>" + ECB, id="entities"),
    ],
)
def test_a_file_that_is_not_the_ecbs(text):
    """Nothing of it is taken."""
    with pytest.raises(RetryableError, match="rates of the ECB cannot be read"):
        list(read_ecb(text))


def test_the_riksbanks_group():
    """Kronor for one unit; one krona is no rate."""
    assert list(read_riksbank(SWEA)) == [
        Quote("riksbank", date(2026, 3, 9), "EUR", "SEK", D("11.2345")),
        Quote("riksbank", date(2026, 3, 9), "JPY", "SEK", D("0.06882")),
    ]


@pytest.mark.parametrize(
    "body",
    [
        {"statusCode": 500, "message": "?"},
        ["SEKEURPMI"],
        [{"seriesId": "SEKEURPMI", "date": "2026-03-09"}],
        [{"seriesId": "SEKEURPMI", "date": None, "value": 11}],
        [{"seriesId": "SEKEURPMI", "date": "2026-03-09", "value": 0}],
    ],
)
def test_an_answer_that_is_not_the_riksbanks(body):
    """Nothing of it is taken."""
    with pytest.raises(RetryableError, match="rates of the Riksbank cannot be read"):
        list(read_riksbank(body))


async def asked(script, source="ecb", *, since, until, today=DAY, **rules):
    """Read one feed over a played transport."""
    clock = Clock(datetime(2026, 3, 10, 12, tzinfo=UTC))
    async with open_feeds(
        RateRules(**rules),
        clock=clock,
        sleep=clock.sleep,
        transport=httpx.MockTransport(script),
    ) as feeds:
        if source == "riksbank":
            return await feeds.riksbank.get_quotes(since, until)
        return await feeds.ecb.get_quotes(since, until, today=today)


@pytest.mark.parametrize(
    ("since", "file"),
    [
        (DAY, "eurofxref-daily.xml"),
        (date(2026, 3, 1), "eurofxref-hist-90d.xml"),
        (date(2025, 12, 15), "eurofxref-hist-90d.xml"),
        (date(2025, 12, 14), "eurofxref-hist.xml"),
    ],
)
async def test_the_smallest_file_that_has_the_days(since, file):
    """One day, 90 days, or everything; from the folder of the settings."""
    script = Script(httpx.Response(200, text=ECB))
    await asked(script, since=since, until=DAY)

    [request] = script.requests
    assert str(request.url) == f"https://www.ecb.europa.eu/stats/eurofxref/{file}"
    assert request.headers["Accept"] == "application/xml"


async def test_only_the_days_that_were_asked_for():
    """The file has more."""
    script = Script(httpx.Response(200, text=ECB))
    quotes = await asked(script, since=date(2026, 3, 7), until=DAY)

    assert {one.on for one in quotes} == {date(2026, 3, 9)}


async def test_the_riksbank_is_asked_a_year_at_a_time():
    """Two and a half years are three calls, without a gap or a day twice."""
    script = Script(httpx.Response(204))
    quotes = await asked(script, "riksbank", since=date(2023, 9, 1), until=DAY)

    paths = [request.url.path.split("/130/")[1] for request in script.requests]
    assert paths == [
        "2023-09-01/2024-08-30",
        "2024-08-31/2025-08-30",
        "2025-08-31/2026-03-10",
    ]
    assert quotes == ()


@pytest.mark.parametrize("answer", [httpx.Response(204), httpx.Response(404, json={})])
async def test_a_window_without_a_banking_day_is_empty(answer):
    """However the API says it."""
    script = Script(answer)
    assert await asked(script, "riksbank", since=DAY, until=DAY) == ()


async def test_a_feed_that_is_down_is_asked_twice_and_no_more():
    """Another source may have the rate."""
    script = Script(httpx.Response(503, text="<h1>Unavailable</h1>"))
    with pytest.raises(RetryableError):
        await asked(script, since=DAY, until=DAY)

    assert len(script.requests) == 2


async def test_an_address_in_the_clear_is_refused():
    """A rate that somebody changed on the way is a wrong rate."""
    script = Script(httpx.Response(200, text=ECB))
    with pytest.raises(ConfigError, match=r"rates\.ecb_url"):
        await asked(script, since=DAY, until=DAY, ecb_url="http://feed.example/x")

    assert script.requests == []


def test_rates_by_hand():
    """The newest row of a pair that has begun; one that has ended is none."""
    rows = [
        ManualRate(currency="AED", to="SEK", rate=D("2.8"), since=date(2026, 1, 1)),
        ManualRate(
            currency="AED",
            to="SEK",
            rate=D("2.85"),
            since=date(2026, 3, 1),
            until=date(2026, 3, 10),
        ),
    ]
    rules = RateRules(table=tuple(rows))

    def rate(on):
        return [one.rate for one in manual_quotes(rules, on)]

    assert rate(date(2025, 12, 31)) == []
    assert rate(date(2026, 2, 28)) == [D("2.8")]
    assert rate(DAY) == [D("2.85")]
    assert rate(date(2026, 3, 11)) == []


def sent(body):
    """An answer of Visma.net with exact numbers."""
    text = simplejson.dumps(body, use_decimal=True)
    return httpx.Response(200, text=text)


def a_row(**changes):
    """A row of Visma.net's table."""
    row = {
        "id": 7,
        "fromCurrencyId": "EUR",
        "toCurrencyId": "SEK",
        "rateType": "SPOT",
        "rate": D("11.2145"),
        "effectiveDate": "2026-03-09T00:00:00",
        "multDiv": "Multiply",
        "rateReciprocal": D("0.08917"),
    }
    return row | changes


def test_visma_nets_rate_is_multiplied_or_divided_by():
    """A divided one is a rate the other way: nothing is lost in a division."""
    multiplied = CurrencyRate.model_validate(a_row())
    divided = CurrencyRate.model_validate(a_row(multDiv="Divide", rate=D("0.0892")))

    assert multiplied.quote() == Quote(
        "visma", date(2026, 3, 9), "EUR", "SEK", D("11.2145")
    )
    assert divided.quote() == Quote(
        "visma", date(2026, 3, 9), "SEK", "EUR", D("0.0892")
    )


@pytest.mark.parametrize("changes", [{"rate": 0}, {"rate": -1}, {"multDiv": "Add"}])
def test_a_row_that_makes_no_rate(changes):
    """It is named, and nothing is guessed."""
    with pytest.raises(RetryableError, match="EUR to SEK of 2026-03-09"):
        CurrencyRate.model_validate(a_row(**changes)).quote()


async def test_visma_nets_table_is_filtered_again():
    """An unknown parameter is passed over by the ERP: rows of another type are left out."""
    rows = [a_row(), a_row(id=8, rateType="BUDGET")]
    visma, erp = a_visma(sent(rows))
    found = await visma.get_currency_rates("SPOT")

    assert [one.id for one in found] == [7]
    assert erp.requests[-1].url.params["rateType"] == "SPOT"


async def test_a_row_is_written_as_the_erp_wants_it():
    """Every value is wrapped, the rate is a number with all its digits."""
    row = NewCurrencyRate(
        from_currency_id="EUR",
        to_currency_id="SEK",
        rate_type="SPOT",
        effective_date="2026-03-10T00:00:00",
        rate=D("11.2345"),
    )
    visma, erp = a_visma(sent([]), httpx.Response(201))
    assert await visma.ensure_currency_rate(row) is None

    assert erp.requests[-1].content == (
        b'{"fromCurrencyId": {"value": "EUR"}, "toCurrencyId": {"value": "SEK"}, '
        b'"rateType": {"value": "SPOT"}, '
        b'"effectiveDate": {"value": "2026-03-10T00:00:00"}, '
        b'"rate": {"value": 11.2345}, "multDiv": {"value": "Multiply"}}'
    )


async def test_a_row_that_is_there_is_answered():
    """Nothing is written: who asked decides what a different rate means."""
    row = NewCurrencyRate(
        from_currency_id="EUR",
        to_currency_id="SEK",
        rate_type="SPOT",
        effective_date="2026-03-09T00:00:00",
        rate=D("11.9"),
    )
    visma, erp = a_visma(sent([a_row(id=6, effectiveDate="2026-03-08"), a_row()]))
    found = await visma.ensure_currency_rate(row)

    assert found is not None
    assert (found.id, found.rate) == (7, D("11.2145"))
    assert [request.method for request in erp.requests] == ["GET"]


def a_transaction(number, *lines, **changes):
    """A transaction of the journal with lines (account, document, credit in base)."""
    return {
        "module": "ModuleAR",
        "batchNumber": number,
        "financialPeriod": "202603",
        "journalTransactionLines": [
            {
                "lineNumber": position,
                "accountNumber": account,
                "referenceNumber": document,
                "debitAmount": max(-credit, 0),
                "creditAmount": max(credit, 0),
            }
            for position, (account, document, credit) in enumerate(lines, 1)
        ],
    } | changes


async def test_booked_differences_are_found_on_their_accounts():
    """Of the customer ledger and the period alone, each line once; a debit is a loss."""
    first = a_transaction(
        "AR1", ("1510", "300001", D("-4.10")), ("3960", "300001", D("4.10"))
    )
    rest = [
        a_transaction("AR2", ("3960", "300002", D("-0.75"))),
        a_transaction("GL1", ("3960", "300003", D(9)), module="ModuleGL"),
        a_transaction("AR3", ("3960", "300004", D(9)), financialPeriod="202602"),
    ]
    visma, erp = a_visma(sent([first]), sent([first, *rest]), sent([]))
    found = await visma.get_booked_differences("202603", frozenset({"3960"}))

    assert [(one.document, one.gain) for one in found] == [
        ("300001", D("4.10")),
        ("300002", D("-0.75")),
    ]
    assert erp.requests[-1].url.params["module"] == "AR"
