"""Visma.net's own table of rates: it counts for documents, by their date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from sandbox.visma.hand_documents import make_document
from tests.sandbox.visma_stand import a_stand, a_world

D = Decimal


def test_a_row_counts_from_its_day_until_the_next() -> None:
    """The rate of a document is that of the newest row which has begun by its date."""
    company = a_world().visma["nordhem"]
    before = company.rate_on("EUR", date(2026, 3, 9))
    for on, rate in ((date(2026, 3, 10), "11.5"), (date(2026, 3, 12), "11.7")):
        company.rates.add("EUR", "SEK", "SPOT", on, D(rate), "Multiply", version=2)
    company.rates.add(
        "EUR", "SEK", "BUDGET", date(2026, 3, 11), D(9), "Multiply", version=2
    )

    assert before == D("11.2145")
    assert company.rate_on("EUR", date(2026, 3, 9)) == before
    assert company.rate_on("EUR", date(2026, 3, 11)) == D("11.5")
    assert company.rate_on("EUR", date(2026, 3, 12)) == D("11.7")
    assert company.rate_on("SEK", date(2026, 3, 12)) == 1


def test_a_divided_rate_is_the_other_way_round() -> None:
    """0.08 euro for a krona, divided by, is 12.50 kronor for a euro."""
    company = a_world().visma["nordhem"]
    on = date(2026, 3, 10)
    company.rates.add("EUR", "SEK", "SPOT", on, D("0.08"), "Divide", version=2)

    assert company.rate_on("EUR", on) == D("12.5")


def test_a_currency_without_a_row_has_no_rate() -> None:
    """Nothing is taken to be 1."""
    company = a_world().visma["nordhem"]
    with pytest.raises(ValueError, match="not defined for AED"):
        company.rate_on("AED", date(2026, 3, 10))


def test_a_document_takes_the_rate_of_its_date() -> None:
    """An invoice dated before a new row keeps the older rate."""
    company = a_world().visma["nordhem"]
    today = company.local_date(company.clock.now())
    company.rates.add("EUR", "SEK", "SPOT", today, D("11.9"), "Multiply", version=2)
    rates = {}
    for on in (today, today.replace(day=1)):
        made = make_document(
            company,
            "Invoice",
            {
                "customer": "10004",
                "currency": "EUR",
                "date": on.isoformat(),
                "lines": [{"price": D("80"), "vat_category": "STD"}],
                "vat_zone": "OSS-FI",
            },
        )
        rates[on] = company.invoices[str(made["number"])].rate

    assert today.day > 1
    assert rates == {today: D("11.9"), today.replace(day=1): D("11.2145")}


async def test_rates_over_the_api() -> None:
    """A row is added, read back by its filters, changed, and not added twice."""
    body = {
        "fromCurrencyId": {"value": "EUR"},
        "toCurrencyId": {"value": "SEK"},
        "rateType": {"value": "SPOT"},
        "effectiveDate": {"value": "2026-03-10T00:00:00"},
        "rate": {"value": 11.5},
        "multDiv": {"value": "Multiply"},
    }
    async with a_stand() as stand:
        path = "/erp/v2/currencyrate"
        made = await stand.call("POST", path, json=body)
        again = await stand.call("POST", path, json=body)
        number = made.headers["Location"].rsplit("/", 1)[1]
        only = {"rateType": "SPOT", "fromCurrency": "EUR", "fromDate": "2026-03-01"}
        [row] = (await stand.get(path, **only)).json()
        stale = await stand.call(
            "PUT",
            f"{path}/{number}",
            json={"rate": {"value": 12}},
            headers={"If-Match": '"AAAA"'},
        )
        changed = await stand.call(
            "PUT", f"{path}/{number}", json={"rate": {"value": 11.6}}
        )
        zero = await stand.call("POST", path, json={**body, "rate": {"value": 0}})
        unknown = await stand.call(
            "POST", path, json={**body, "fromCurrencyId": {"value": "AED"}}
        )

    assert (made.status_code, again.status_code) == (201, 400)
    assert "Another process has added the 'CurrencyRate' record" in again.text
    assert (row["id"], row["rate"], row["multDiv"]) == (int(number), 11.5, "Multiply")
    assert (stale.status_code, changed.status_code) == (412, 204)
    assert (zero.status_code, unknown.status_code) == (400, 500)
    assert stand.company.rate_on("EUR", date(2026, 3, 20)) == D("11.6")
