"""Rates of whole runs: read when needed, stamped once, what was booked read back."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import RetryableError
from ledger import BookedDocument, StampRow
from mapping.money import Money
from mapping.rates import ExchangeRate
from sandbox.centra.sales import Order
from tests.tasks_.invoicing import (
    an_invoice_stand,
    invoice_of,
    posting_invoices,
    sell,
)
from tests.tasks_.stand import Stand, a_stand

D = Decimal
TODAY = date(2026, 3, 10)
"""A Tuesday; at the stand's hour neither bank has published its rates yet."""
MONDAY = date(2026, 3, 9)


def rates(*sources: str, **changes: Any) -> dict[str, Any]:
    """The settings of rates."""
    return {"rates": {**BASE, "sources": list(sources), **changes}}


BASE = {
    "ecb_url": "http://127.0.0.1/ecb/stats/eurofxref",
    "riksbank_url": "http://127.0.0.1/riksbank/swea/v1",
}


def stamps(stand: Stand) -> list[StampRow]:
    """Every stamp of the ledger."""
    with stand.environment.books("nordhem").read() as unit:
        return unit.rates.all()


def asked(stand: Stand, *names: str) -> dict[str, int]:
    """How often the feeds and tables of rates were asked."""
    calls = stand.world.calls.by_operation
    wanted = names or ("ecb.", "riksbank.", "visma.GET /v2/currencyrate")
    return {
        name: count
        for name, count in calls.items()
        if name.startswith(wanted) or name == "centra.query.Currencies"
    }


def a_foreign_sale(stand: Stand, *, stated: float = 1.0, country: str = "FI") -> Order:
    """A sale in another currency, shipped; by default Centra states no rate."""
    order = stand.place(country=country)
    order.frame.rate = stated
    stand.edit(order, "ship")
    return order


async def test_a_sale_in_base_currency_reads_no_rate(tmp_path: Path) -> None:
    """Neither a feed, nor Visma.net's table, nor Centra's currencies are asked."""
    with an_invoice_stand(tmp_path, **rates("centra", "ecb", "visma")) as stand:
        sell(stand)
        await stand.run("fulfilment")
        await stand.run("payments")

        assert asked(stand) == {}
        assert stamps(stand) == []


async def test_the_riksbanks_rate_of_the_last_banking_day(tmp_path: Path) -> None:
    """It is sent to Visma.net, stamped with source and day, and what was booked is kept."""
    with an_invoice_stand(tmp_path, **rates("centra", "riksbank", "ecb")) as stand:
        order = a_foreign_sale(stand)
        await stand.run("fulfilment")

        market = stand.world.market.kronor("EUR", MONDAY)
        assert market is not None
        invoice = invoice_of(stand, order)
        assert invoice.rate == market
        [row] = stamps(stand)
        stamp = row.stamp
        assert (stamp.source, stamp.rate, stamp.rate_on) == ("riksbank", market, MONDAY)
        assert (stamp.on, stamp.how) == (TODAY, "direct")
        assert (stamp.amount, stamp.currency) == (D("79.95"), "EUR")
        expected = ExchangeRate(
            currency="EUR",
            to="SEK",
            rate=market,
            source="riksbank",
            on=MONDAY,
            how="direct",
        ).convert(Money(D("79.95"), "EUR"))
        assert row.booked == BookedDocument(
            "invoice", invoice.number, expected.amount, market
        )


async def test_the_ecbs_rate_is_crossed_over_the_euro(tmp_path: Path) -> None:
    """A Norwegian sale: kronor for a euro by kroner for a euro, of one day."""
    with an_invoice_stand(tmp_path, **rates("centra", "ecb")) as stand:
        order = a_foreign_sale(stand, country="NO")
        await stand.run("fulfilment")

        market = stand.world.market
        krona, krone = market.euro("SEK", MONDAY), market.euro("NOK", MONDAY)
        assert krona is not None
        assert krone is not None
        [row] = stamps(stand)
        assert (row.stamp.how, row.stamp.source) == ("cross", "ecb")
        assert abs(invoice_of(stand, order).rate - krona / krone) < D("0.00000001")


async def test_one_reading_serves_every_document(tmp_path: Path) -> None:
    """Three sales in three currencies cost one call; the next run none."""
    with an_invoice_stand(tmp_path, **rates("ecb")) as stand:
        for country in ("FI", "NO", "DK"):
            a_foreign_sale(stand, country=country)
        await stand.run("fulfilment")
        first = asked(stand)
        stand.wait(minutes=30)
        a_foreign_sale(stand)
        await stand.run("fulfilment")

        assert first == {"ecb.GET eurofxref-hist-90d.xml": 1}
        assert asked(stand) == {}
        assert len(stamps(stand)) == 4


async def test_in_the_evening_the_last_day_alone_is_read(tmp_path: Path) -> None:
    """Once the day's rates are out the small file is read: all before is known."""
    with an_invoice_stand(tmp_path, **rates("ecb")) as stand:
        a_foreign_sale(stand)
        await stand.run("fulfilment")
        stand.wait(minutes=8 * 60)
        order = a_foreign_sale(stand)
        await stand.run("fulfilment")

        assert asked(stand) == {"ecb.GET eurofxref-daily.xml": 1}
        assert [row.stamp.rate_on for row in stamps(stand)] == [MONDAY, TODAY]
        assert invoice_of(stand, order).rate == stand.world.market.euro("SEK", TODAY)


async def test_a_document_keeps_its_rate(tmp_path: Path) -> None:
    """Read again in the evening, with today's rate published: nothing is changed."""
    with an_invoice_stand(
        tmp_path, **rates("ecb"), store={"releases": "visma"}
    ) as stand:
        order = a_foreign_sale(stand)
        await stand.run("fulfilment")
        before = stamps(stand)
        stand.wait(minutes=8 * 60)
        stand.edit(order, "touch")
        await stand.run("fulfilment", full=True)

        assert stand.writes == {}
        assert asked(stand) == {}
        assert stamps(stand) == before


async def test_a_feed_that_is_down_is_passed_over(tmp_path: Path) -> None:
    """The ECB does not answer: the Riksbank has the rate, and the ECB is left alone."""
    with an_invoice_stand(tmp_path, **rates("ecb", "riksbank")) as stand:
        stand.fault("before_commit", "ecb.*", times=9)
        a_foreign_sale(stand)
        await stand.run("fulfilment")
        tried = asked(stand)
        a_foreign_sale(stand)
        await stand.run("fulfilment")

        assert tried["ecb.GET eurofxref-hist-90d.xml"] == 2
        assert asked(stand) == {}
        assert {row.stamp.source for row in stamps(stand)} == {"riksbank"}


@pytest.mark.parametrize("fault", ["drop", "cut", "not_json", "empty_list"])
async def test_a_broken_feed_parks_and_is_read_again(
    tmp_path: Path, fault: str
) -> None:
    """With no other source the sale waits on the list, and leaves it by itself."""
    with an_invoice_stand(tmp_path, **rates("ecb")) as stand:
        stand.fault(fault, "ecb.*", times=2)
        order = a_foreign_sale(stand)
        await stand.run("fulfilment")
        [parked] = stand.exceptions()
        written = stand.writes
        stand.world.faults.clear()
        stand.wait(minutes=15)
        await stand.run("fulfilment")

        assert (parked.code, written) == ("RATE_MISSING", {})
        assert "the ECB could not be read" in parked.reason
        assert stand.parked() == {}
        assert invoice_of(stand, order).rate == stand.world.market.euro("SEK", MONDAY)


async def test_a_currency_that_no_bank_lists_is_parked(tmp_path: Path) -> None:
    """The feed has lost the krone: the Norwegian sale is parked, the Finnish one goes on."""
    with an_invoice_stand(tmp_path, **rates("ecb")) as stand:
        for back in range(9):
            on = date.fromordinal(TODAY.toordinal() - back)
            stand.world.market.set("ecb", on, "NOK", None)
        a_foreign_sale(stand, country="NO")
        finnish = a_foreign_sale(stand)
        await stand.run("fulfilment")

        assert list(stand.parked().values()) == ["RATE_MISSING"]
        assert invoice_of(stand, finnish).currency == "EUR"


async def test_a_rate_that_jumped_is_parked_with_both(tmp_path: Path) -> None:
    """Nothing is sent; a row by hand lets it through, at that rate."""
    with an_invoice_stand(tmp_path, **rates("ecb")) as stand:
        market = stand.world.market
        friday = market.euro("SEK", date(2026, 3, 6))
        market.set("ecb", MONDAY, "SEK", D("13.90"))
        order = a_foreign_sale(stand)
        await stand.run("fulfilment")
        [parked] = stand.exceptions()
        written = stand.writes

        assert (parked.code, written) == ("RATE_JUMP", {})
        assert f"13.9 EUR to SEK of 2026-03-09, after {friday:f} of" in parked.reason
        row = {"currency": "EUR", "to": "SEK", "rate": "13.90", "since": TODAY}
        table = [{**row, "until": TODAY}]
        stand.change(**posting_invoices(), **rates("manual", "ecb", table=table))
        await stand.run("fulfilment")
        assert stand.parked() == {}
        assert invoice_of(stand, order).rate == D("13.90")
        assert stamps(stand)[0].stamp.source == "manual"


async def test_what_centra_states_is_compared_with_what_it_stated(
    tmp_path: Path,
) -> None:
    """A rate with a lost decimal is parked: Centra's own table said ten times as much."""
    with an_invoice_stand(tmp_path, **rates("centra")) as stand:
        sell(stand, country="FI")
        await stand.run("fulfilment")
        stand.wait(minutes=24 * 60)
        a_foreign_sale(stand, stated=1.12145)
        await stand.run("fulfilment")

        assert list(stand.parked().values()) == ["RATE_JUMP"]


async def test_another_base_in_centra_is_crossed(tmp_path: Path) -> None:
    """Centra's base is the euro: its rate of the krone goes over its own krona."""
    with an_invoice_stand(tmp_path, **rates("centra")) as stand:
        for code, rate in (("SEK", 0.0892), ("NOK", 0.0857)):
            stand.shop.currencies[code].current_base_rate = rate
        stand.shop.currencies["SEK"].is_base = False
        stand.shop.currencies["EUR"].is_base = True
        order = a_foreign_sale(stand, stated=0.0857, country="NO")
        await stand.run("fulfilment")

        [row] = stamps(stand)
        assert (row.stamp.source, row.stamp.how) == ("centra", "cross")
        assert row.stamp.rate == D("0.96076233")
        assert invoice_of(stand, order).rate == D("0.96076233")


async def test_visma_nets_own_table_as_a_source(tmp_path: Path) -> None:
    """One call; the row that counts on the day of the shipment."""
    with an_invoice_stand(tmp_path, **rates("visma")) as stand:
        company = stand.company
        for on, rate in ((MONDAY, "11.31"), (date(2026, 3, 11), "11.55")):
            company.rates.add("EUR", "SEK", "SPOT", on, D(rate), "Multiply", version=9)
        order = a_foreign_sale(stand)
        await stand.run("fulfilment")

        assert asked(stand) == {"visma.GET /v2/currencyrate": 1}
        assert invoice_of(stand, order).rate == D("11.31")
        assert stamps(stand)[0].stamp.rate_on == MONDAY


async def test_what_visma_net_booked_of_an_order_is_read_back(tmp_path: Path) -> None:
    """Sales orders and payments take no rate: theirs is Visma.net's, read and kept."""
    with a_stand(tmp_path, **rates("centra", "ecb")) as stand:
        order = stand.place(country="FI")
        await stand.run("orders")
        [row] = stamps(stand)

        assert (row.stamp.source, row.stamp.rate, row.stamp.how) == (
            "visma",
            None,
            "read_back",
        )
        assert row.stamp.amount == D("79.95")
        assert row.booked is not None
        assert row.booked.amount == D("896.60")  # at 11.2145 of its own table
        assert (row.booked.kind, row.source_id) == ("sales_order", str(order.number))
        assert row.booked.rate == D("11.2145")  # exactly that comes of it
        assert asked(stand) == {"visma.GET /v2/currencyrate": 1}
        stand.place(country="FI")
        await stand.run("orders")
        assert asked(stand) == {}


WRITING = rates("ecb", orders_and_payments="write")


async def test_our_rate_goes_into_visma_nets_table_first(tmp_path: Path) -> None:
    """One row for the day, before the first of two orders; both are booked at it."""
    with a_stand(tmp_path, **WRITING) as stand:
        market = stand.world.market.euro("SEK", MONDAY)
        for _ in range(2):
            stand.place(country="FI")
        await stand.run("orders")

        assert stand.writes["visma.POST /v2/currencyrate"] == 1
        assert stand.company.rate_on("EUR", TODAY) == market
        assert stand.company.rate_on("EUR", MONDAY) == D("11.2145")
        for row in stamps(stand):
            assert (row.stamp.source, row.stamp.rate) == ("ecb", market)
            assert row.booked is not None
            expected = Money(D("79.95") * (market or 0), "SEK").rounded()
            assert row.booked.amount == expected.amount


async def test_another_rate_of_the_day_in_the_table_is_not_touched(
    tmp_path: Path,
) -> None:
    """Nothing is sent; once the row is corrected, the order goes by itself."""
    with a_stand(tmp_path, **WRITING) as stand:
        add = stand.company.rates.add
        row = add("EUR", "SEK", "SPOT", TODAY, D("11.9"), "Multiply", version=9)
        stand.place(country="FI")
        await stand.run("orders")
        [parked] = stand.exceptions()
        written = stand.writes
        row.rate = stand.world.market.euro("SEK", MONDAY) or D(0)
        await stand.run("orders")

        assert (parked.code, written) == ("RATE_TABLE_DIFFERS", {})
        assert "but Visma.net's table has 11.9 EUR to SEK for 2026-03-10" in (
            parked.reason
        )
        assert stand.parked() == {}
        assert len(list(stand.company.orders)) == 1


@pytest.mark.parametrize("fault", ["after_commit", "cut", "drop"])
async def test_a_lost_answer_of_the_table_sends_nothing_twice(
    tmp_path: Path, fault: str
) -> None:
    """The order was not sent: it is neither in doubt nor made twice, and the row is there once."""
    with a_stand(tmp_path, **WRITING) as stand:
        stand.fault(fault, "visma.POST /v2/currencyrate")
        stand.place(country="FI")
        with pytest.raises(RetryableError):
            await stand.run("orders")
        assert len(list(stand.company.orders)) == 0
        await stand.run("orders")

        rows = [one for one in stand.company.rates if one.on == TODAY]
        assert len(rows) == 1
        assert len(list(stand.company.orders)) == 1


async def test_an_order_without_a_rate_is_not_written(tmp_path: Path) -> None:
    """Where our rate is to be written and there is none, the order is parked."""
    writing = rates("centra", orders_and_payments="write")
    with a_stand(tmp_path, **writing) as stand:
        order = stand.place(country="FI")
        order.frame.rate = 1.0
        await stand.run("orders")

        assert stand.parked() == {str(order.number): "RATE_MISSING"}
        assert stand.writes == {}
