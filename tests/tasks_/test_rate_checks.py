"""`check` names each currency of the last orders that has no rate where one is needed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tasks.check_rows import CheckRow
from tasks.checks import check_connection
from tasks.environment import use_environment
from tests.tasks_.invoicing import an_invoice_stand
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_rates import MONDAY, TODAY, rates


async def rows(stand: Stand) -> dict[str, CheckRow]:
    """What a check says of rates."""
    stand.world.calls.reset()
    with use_environment(stand.environment):
        report = await check_connection("nordhem", days=90)
    return {row.what: row for row in report.rows if "rate of" in row.what}


def an_order(stand: Stand, country: str, stated: float = 1.0, **more: Any) -> None:
    """An order in another currency; by default Centra states no rate."""
    stand.place(country=country, **more).frame.rate = stated


async def test_orders_take_visma_nets_rate(tmp_path: Path) -> None:
    """Without invoices of our own its table alone counts, and no feed is asked."""
    with a_stand(tmp_path, **rates("ecb")) as stand:
        stand.place()
        an_order(stand, "FI")
        found = await rows(stand)

        assert list(found) == ["Visma.net's rate of EUR"]
        row = found["Visma.net's rate of EUR"]
        assert (row.state, row.found) == (
            "ok",
            "1 EUR is 11.2145 SEK (visma, 2009-01-01)",
        )
        assert not any(one.startswith("ecb.") for one in stand.calls)


async def test_nothing_foreign_asks_for_nothing(tmp_path: Path) -> None:
    """Orders in kronor need no rate."""
    with an_invoice_stand(tmp_path, **rates("ecb")) as stand:
        stand.place()

        assert await rows(stand) == {}
        assert not any("rate" in one or one.startswith("ecb.") for one in stand.calls)


async def test_a_currency_without_a_rate_is_named(tmp_path: Path) -> None:
    """The ECB has the euro and has lost the krone: what to do is told."""
    with an_invoice_stand(tmp_path, **rates("ecb")) as stand:
        for back in range(60):
            on = type(TODAY).fromordinal(TODAY.toordinal() - back)
            stand.world.market.set("ecb", on, "NOK", None)
        an_order(stand, "FI")
        an_order(stand, "NO")
        found = await rows(stand)

        euro = stand.world.market.euro("SEK", MONDAY)
        assert euro is not None
        shown = f"1 EUR is {euro.normalize():f} SEK (ecb, {MONDAY})"
        assert found["rate of EUR"].found == shown
        krone = found["rate of NOK"]
        assert krone.state == "wrong"
        assert krone.found.startswith("missing on 1 of 1 days with orders: ")
        assert "the ECB has none of the last 7 days" in krone.found
        assert "[[rates.table]]" in krone.fix
        assert found["Visma.net's rate of NOK"].state == "ok"


async def test_visma_nets_table_may_lack_one(tmp_path: Path) -> None:
    """A currency without a row there is named before an order is refused."""
    with a_stand(tmp_path, **rates("ecb")) as stand:
        table = stand.company.rates
        for row in list(table):
            if row.currency == "EUR":
                row.kind = "BUDGET"
        an_order(stand, "FI")
        row = (await rows(stand))["Visma.net's rate of EUR"]

        assert row.state == "wrong"
        assert "Visma.net's table has none" in row.found
