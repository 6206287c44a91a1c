"""What `check` says of prices before anything is sent."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from tasks.check_rows import CheckRow
from tasks.checks import check_connection
from tasks.environment import use_environment
from tests.tasks_.pricing import RETAIL, WEB, a_priced_shop, items_of, price, price_all
from tests.tasks_.stand import Stand


async def rows_of(stand: Stand) -> dict[str, list[CheckRow]]:
    """The rows of a check that are of pricelists, by what they are of."""
    with use_environment(stand.environment):
        report = await check_connection("nordhem", days=1)
    found: dict[str, list[CheckRow]] = {}
    for row in report.rows:
        if row.what.startswith("pricelist "):
            found.setdefault(row.what.removeprefix("pricelist "), []).append(row)
    return found


async def test_pricelists_and_items_without_a_price_are_listed(tmp_path: Path) -> None:
    """Each wrong pricelist with what to do; of a good one how many items have a price."""
    lists: dict[str, Any] = {
        RETAIL: WEB,
        "Retail XXX": WEB,
        "Retail EUR": WEB,
        "Retail NOK": {**WEB, "price_class": "NOBODY"},
    }
    with a_priced_shop(tmp_path, pricelists=lists) as stand:
        price_all(stand, "NH1104", "749")
        strange, ended, *_ = items_of(stand, "NH1001")
        price(stand, strange, "99", unit="KRT")
        price(stand, ended, "99", expires_on=date(2026, 3, 9))

        rows = await rows_of(stand)

    [unknown] = rows["Retail XXX"]
    assert unknown.state == "warning"
    assert "is not in Centra" in unknown.found
    assert "known are: Retail CHF, Retail DKK" in unknown.fix
    [currency] = rows["Retail EUR"]
    assert currency.found.endswith("Visma.net has only SEK in price class WEB")
    [empty] = rows["Retail NOK"]
    assert empty.found.endswith("price class NOBODY has none")
    good, units = rows[RETAIL]
    assert (good.state, units.state) == ("ok", "warning")
    assert good.found.startswith("10 items have a price in SEK, ")
    assert units.found == (
        f"1 items would be parked (PRICE_UNIT): Item {strange.number} is sold by STK, "
        "and has prices by KRT only"
    )


async def test_without_pricelists_nothing_is_asked(stand: Stand) -> None:
    """Prices are off: neither side is read for them."""
    assert await rows_of(stand) == {}
    assert stand.calls["visma.GET /v1/customerSalesPrice"] == 0
    assert stand.calls["centra.query.Pricelists"] == 0
