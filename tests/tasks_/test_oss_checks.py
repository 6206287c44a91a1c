"""`check` says which consumers the OSS return would miss, or count in another country."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.visma.tables import Branch
from tasks.oss_checks import oss_rows
from tasks.vat_checks import VatNeeds
from tests.mapping_.builders import Line, an_order
from tests.mapping_.builders import a_connection as settings_of
from tests.tasks_.stand import Stand
from tests.tasks_.test_checks import check, wrong

GB = {"rate": 20, "category": "STDG", "zone": "GB", "customer": "b2c"}
FR = {**GB, "countries": ["FR"], "zone": "OSS-FR", "scheme": "oss"}
SWEDEN = Branch.model_validate(
    {"number": "1", "mainAddress": {"country": {"id": "SE"}}}
)


def told(*rows: dict[str, Any], branch: Branch = SWEDEN) -> dict[str, str]:
    """What is warned of, by what it is about; every row says what to do."""
    connection = settings_of(vat=list(rows))
    found = list(oss_rows(connection, [branch], VatNeeds()))
    assert all(one.state == "warning" and one.fix for one in found)
    return {one.what: one.found for one in found}


async def test_a_british_row_for_the_whole_eu_is_a_warning(stand: Stand) -> None:
    """French consumers at 20 % went as British domestic VAT: `check` says so, sums or not."""
    stand.place(country="FR")
    rows = [{**GB, "countries": ["GB", "EU"], "prices": "gross"}]

    report = await check(stand, vat=rows)

    assert report.ok
    assert wrong(report)["vat.0.scheme"] == (
        (
            "20 % of consumers in EU is domestic VAT of zone GB, and missing from the OSS "
            "return; FR bought by it"
        ),
        'Give each such country a row of its own with its zone and scheme = "oss".',
    )
    assert wrong(report)["VAT zone GB, category STDG"] == (
        (
            "serve consumers of EU, GB: the returns of these countries cannot be told apart "
            "by it"
        ),
        "Give each country a VAT zone of its own.",
    )
    assert stand.writes == {}


@pytest.mark.parametrize(
    ("countries", "is_told"),
    [(["FR"], True), (["*"], True), (["SE"], False), (["GB"], False), (["NO"], False)],
)
def test_only_other_countries_of_the_eu_belong_to_oss(
    countries: list[str], is_told: bool
) -> None:
    """The company's own country, and countries outside the EU, have no OSS."""
    row = {**GB, "countries": countries}
    assert ("vat.0.scheme" in told(row)) is is_told


def test_the_company_says_which_country_is_its_own() -> None:
    """A Swedish rate is foreign to a company in Finland; companies are no consumers."""
    finland = Branch.model_validate({"number": "1", "defaultCountry": {"id": "FI"}})
    rows = [{**GB, "countries": ["SE"]}, {**GB, "countries": ["FI"], "zone": "FI"}]
    assert set(told(*rows, branch=finland)) == {"vat.0.scheme"}
    assert told({**GB, "countries": ["DE"], "customer": "b2b"}, branch=finland) == {}


def test_two_countries_of_one_zone_are_a_warning() -> None:
    """OSS rows of two countries share zone and category; each with its own is right."""
    austria = {**FR, "countries": ["AT"]}
    assert set(told(FR, austria)) == {"VAT zone OSS-FR, category STDG"}
    assert told(FR, {**austria, "zone": "OSS-AT"}) == {}


def test_orders_are_named_by_the_row_they_need() -> None:
    """Only countries that bought are named, and the row's order is still carried."""
    connection = settings_of(vat=[{**GB, "countries": ["*"], "category": "STD"}])
    needs = VatNeeds()
    germany = {"country": {"code": "DE", "isEU": True}}
    order = an_order([Line("100", rate="20")], shipping_address=germany)
    needs.note(order, connection)

    [row] = oss_rows(connection, [SWEDEN], needs)

    assert row.found.endswith("missing from the OSS return; DE bought by it")
