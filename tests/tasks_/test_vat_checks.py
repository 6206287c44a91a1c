"""`check` says which sales Visma.net would tax otherwise than Centra, before they are sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.visma.tables import VatCategory, VatId, VatZone
from mapping.vat_uses import VatUse, vat_uses
from settings.connection import Connection
from tasks.vat_checks import VatNeeds, VatSetup, vat_rows
from tests.mapping_.builders import Line, an_order
from tests.mapping_.builders import a_connection as settings_of
from tests.tasks_.stand import Stand
from tests.tasks_.test_checks import check, wrong

D = Decimal
TODAY = date(2026, 3, 10)
STDG = {"rate": 25, "category": "STDG", "zone": "SE", "prices": "gross"}


def a_vat_id(
    name: str,
    *rates: tuple[str, str],
    category: str = "STD",
    zone: str = "SE",
    **more: Any,
) -> VatId:
    """A VAT id of one category and zone, with rates from days on."""
    return VatId.model_validate(
        {
            "vatId": name,
            "calculateOn": "ItemAmount",
            "categories": [{"vatCategoryId": category}] if category else [],
            "zones": [{"id": zone}],
            "schedules": [
                {"startDate": f"{day}T00:00:00", "vatRate": D(rate)}
                for day, rate in rates or [("2020-01-01", "25")]
            ],
            **more,
        }
    )


def a_setup(*vat_ids: VatId, **excluding: Sequence[str]) -> VatSetup:
    """A setup of VAT ids; a category named here is of all ids but those it lists."""
    names = {c.vat_category_id for one in vat_ids for c in one.categories}
    names |= {"STD", "EXEMPT"} | set(excluding)
    categories = [
        VatCategory.model_validate(
            {
                "vatCategoryId": name,
                "excludeListedTaxes": name in excluding,
                "vatCategoryLines": [{"vatId": i} for i in excluding.get(name, ())],
            }
        )
        for name in sorted(names)
    ]
    return VatSetup(vat_ids, categories, [VatZone(id="SE"), VatZone(id="FI")])


def found(
    setup: VatSetup, *rows: dict[str, Any], needs: VatNeeds | None = None
) -> dict[str, tuple[str, str]]:
    """What is wrong with a VAT map, by what it is about."""
    connection = settings_of(vat=list(rows))
    told = vat_rows(connection, setup, needs or VatNeeds(), TODAY, 90)
    return {one.what: (one.found, one.fix) for one in told if one.state != "ok"}


ROW = {"rate": "25", "category": "STD", "zone": "SE"}


# --- against the sandbox


@pytest.mark.parametrize(
    ("rule", "place", "fix"),
    [
        (
            {**STDG, "rate": 24},
            "Visma.net has 25 % for zone SE and category STDG",
            "Correct vat.0.category or vat.0.zone; or the VAT rate on either side.",
        ),
        (
            {**STDG, "prices": "net"},
            "the VAT id of zone SE and category STDG takes amounts as gross",
            'Set vat.0.prices = "gross".',
        ),
        (
            {**STDG, "zone": "NO", "category": "RC"},
            "no VAT id is in zone NO and category RC",
            "Correct vat.0.zone or vat.0.category, or add the VAT id in Visma.net.",
        ),
    ],
)
async def test_the_vat_map_is_computed_against_visma(
    stand: Stand, rule: dict[str, Any], place: str, fix: str
) -> None:
    """Each row of the VAT map must give the rate that Visma.net would compute."""
    report = await check(stand, vat=[{"countries": ["SE"], **rule}])

    assert wrong(report)[f"VAT {rule['rate']} % SE any"] == (place, fix)


async def test_names_that_visma_does_not_have_are_told(stand: Stand) -> None:
    """A category or zone that is not there is told with those that are."""
    report = await check(stand, vat=[{**STDG, "category": "X", "zone": "Y"}])

    assert wrong(report)["VAT category X"][0] == "is not in Visma.net"
    assert wrong(report)["VAT zone Y"][1].startswith(
        "Correct the setting; known: EUB2B"
    )


async def test_orders_that_would_bear_no_vat_are_counted(stand: Stand) -> None:
    """Two consumers paid 25 %; zone EUB2B has no such VAT, and nothing was written."""
    stand.place()
    stand.place()
    stand.place(internal=True)

    report = await check(stand, vat=[{**STDG, "zone": "EUB2B"}])

    assert not report.ok
    sentence = (
        "2 orders of the last 90 days would get no VAT instead of 25 %: no VAT id is in "
        "zone EUB2B and category STDG"
    )
    fix = "Correct vat.0.zone or vat.0.category, or add the VAT id in Visma.net."
    assert wrong(report)["VAT 25 % SE b2c"] == (sentence, fix)
    assert stand.writes == {}


async def test_orders_that_would_bear_another_rate_are_counted(stand: Stand) -> None:
    """Norway's row leads to the category of another rate."""
    stand.place()
    stand.place(country="NO")
    rows = [STDG, {**STDG, "countries": ["NO"], "category": "MIDG", "zone": "NO"}]

    report = await check(stand, vat=[rows[1], rows[0]])

    told = {what: row for what, row in wrong(report).items() if what[:4] == "VAT "}
    sentence = (
        "1 order of the last 90 days would get 15 % VAT instead of 25 %: Visma.net has "
        "15 % for zone NO and category MIDG"
    )
    fix = "Correct vat.0.category or vat.0.zone; or the VAT rate on either side."
    assert told == {"VAT 25 % NO b2c": (sentence, fix)}


async def test_a_group_of_goods_is_told_by_its_name(stand: Stand) -> None:
    """Only the goods of that group would be taxed otherwise."""
    order = stand.place()
    size = order.lines[0].product_size
    assert size is not None
    group = size.variant.product.category.name
    own = {**STDG, "product_group": group, "category": "MIDG"}

    report = await check(stand, vat=[own, STDG])

    assert [name for name in wrong(report) if name.startswith("VAT ")] == [
        f"VAT 25 % SE b2c {group}"
    ]


async def test_a_change_in_visma_is_seen(stand: Stand) -> None:
    """Somebody took the VAT id out of its zone: the orders of that zone are named."""
    stand.place()
    setup = stand.company.setup
    codes = tuple(
        replace(one, zones=frozenset({"NO"})) if one.id == "SE25G" else one
        for one in setup.vat_codes
    )
    stand.company.setup = replace(setup, vat_codes=codes)
    stand.company.vat_by_category = stand.company.setup.codes_by_category()

    report = await check(stand)

    assert (
        "1 order of the last 90 days would get no VAT"
        in (wrong(report)["VAT 25 % SE b2c"][0])
    )


# --- rates by date, and how a line finds its VAT ids


def needed(connection: Connection, *days: date) -> VatNeeds:
    """One order of each day needs the first row."""
    rule = connection.vat[0]
    uses = [VatUse(rule, "FI", "b2c", rule.rate, None, day) for day in days]
    return VatNeeds(Counter(uses))


def test_an_order_is_judged_by_the_rate_of_its_day() -> None:
    """24 % until August was right then; two orders of September are not."""
    setup = a_setup(a_vat_id("FI", ("2020-01-01", "24"), ("2025-09-01", "25.5")))
    row = {**ROW, "rate": "24"}
    needs = needed(
        settings_of(vat=[row]),
        *(date(2025, 8, 31), date(2025, 9, 1), date(2025, 9, 2)),
    )

    told = found(setup, row, needs=needs)

    assert told["VAT 24 % FI b2c"][0].startswith(
        "2 orders of the last 90 days would get 25.5 % VAT instead of 24 %"
    )


def test_a_rate_that_begins_later_is_a_warning() -> None:
    """Today's is right; the change is told with its day, and nothing is wrong yet."""
    setup = a_setup(a_vat_id("SE25", ("2020-01-01", "25"), ("2026-04-01", "26")))
    [coming] = [
        one
        for one in vat_rows(settings_of(vat=[ROW]), setup, VatNeeds(), TODAY, 90)
        if one.state != "ok"
    ]
    assert (coming.state, coming.found) == (
        "warning",
        "from 2026-04-01 Visma.net has 26 %",
    )


def test_input_rates_are_not_those_of_sales() -> None:
    """Rates of purchases stand in the same list."""
    vat_id = a_vat_id("SE25", ("2020-01-01", "25"))
    bought = {"startDate": "2024-01-01T00:00:00", "vatRate": 0, "groupType": "Input"}
    vat_id = VatId.model_validate(
        vat_id.model_dump(by_alias=True)
        | {"schedules": [{"startDate": "2020-01-01", "vatRate": 25}, bought]}
    )
    assert found(a_setup(vat_id), ROW) == {}


def test_two_vat_ids_tax_twice() -> None:
    """Both are in zone and category, so a line bears 50 %."""
    told = found(a_setup(a_vat_id("A"), a_vat_id("B")), ROW)

    assert told["VAT 25 % * any"][0] == (
        "Visma.net has 25 % + 25 % for zone SE and category STD"
    )


def test_reversed_vat_is_not_charged() -> None:
    """It stands in the report, not on the document."""
    reversed_ = a_vat_id("RC25", reverseVat=True)
    row = {**ROW, "rate": "0", "scheme": "reverse_charge"}

    assert found(a_setup(reversed_), row) == {}
    assert found(a_setup(reversed_), ROW)["VAT 25 % * any"][0].startswith(
        "Visma.net has 0 %"
    )


def test_a_category_may_leave_out_what_it_lists() -> None:
    """All VAT ids of the zone but those it names."""
    twelve = a_vat_id("SE12", ("2020-01-01", "12"), category="")
    ids = (a_vat_id("SE25", category=""), twelve)

    assert found(a_setup(*ids, STD=["SE12"]), ROW) == {}
    assert "VAT 25 % * any" in found(a_setup(*ids, STD=[]), ROW)


def test_groups_that_share_a_vat_id_must_say_so() -> None:
    """Visma.net rounds once per VAT id; with its name in both rows it is predicted."""
    vat_id = a_vat_id("SE25")
    vat_id = vat_id.model_copy(
        update={"categories": (*vat_id.categories, VatCategory(vat_category_id="BK"))}
    )
    rows = [{**ROW, "product_group": "Books", "category": "BK"}, ROW]

    assert found(a_setup(vat_id), *rows) == {
        "vat.0 and vat.1": (
            "both have the VAT id SE25, which Visma.net rounds once a document",
            'Set vat_id = "SE25" in both rows.',
        )
    }
    named = [{**row, "vat_id": "SE25"} for row in rows]
    assert found(a_setup(vat_id), *named) == {}
    assert found(a_setup(vat_id), {**ROW, "vat_id": "SE24"})["VAT 25 % * any"] == (
        "the VAT id of zone SE and category STD is SE25, not SE24",
        "Correct vat.0.vat_id.",
    )


def test_tax_on_tax_cannot_be_predicted() -> None:
    """A VAT id that taxes other taxes is told."""
    told = found(a_setup(a_vat_id("SE25", calculateOn="ItemTaxAmount")), ROW)
    assert told["VAT 25 % * any"][0].endswith("taxes other taxes")


def test_gift_certificates_and_rounding_bear_no_vat() -> None:
    """Their category must have none in any zone of the map."""
    ids = (a_vat_id("SE25"), a_vat_id("ODD", ("2020-01-01", "6"), category="EXEMPT"))
    told = found(a_setup(*ids), ROW)

    assert told["orders.rounding_category EXEMPT"] == (
        "Visma.net has 6 % for it in zone SE",
        "Set orders.rounding_category to a VAT category without VAT.",
    )
    assert "orders.gift_certificate_category EXEMPT" in told


# --- what an order needs


def test_what_an_order_needs_of_the_vat_map() -> None:
    """Its rates and groups, with the day in the company's zone; nothing of free lines."""
    books = {"rate": "6", "product_group": "Books", "category": "B", "zone": "SE"}
    rows = [books, {"rate": "6", "category": "L", "zone": "SE"}, {**ROW}]
    connection = settings_of(vat=rows)
    order = an_order(
        [
            Line("100", rate="6", category="Books"),
            Line("100", rate="25", category="Shoes"),
            Line("0", rate="6"),
        ]
    )

    uses = vat_uses(order, connection)

    assert {(use.rate, use.group, use.rule.category) for use in uses} == {
        (D(6), "Books", "B"),
        (D(25), "Shoes", "STD"),
    }
    assert {(use.country, use.kind, use.on) for use in uses} == {
        ("SE", "b2c", date(2026, 3, 4))
    }
