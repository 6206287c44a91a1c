"""Every generated order adds up, as it is read through the API."""

from typing import Any

import pytest

from sandbox.centra.money import spread, tax_in, tax_on
from tests.sandbox.centra_stand import Stand, a_world

QUERY = """
query Q($page: Int!) {
  orders(limit: 200, page: $page, sort: [number_ASC]) {
    number status
    gross: grandTotal { c: valueInCents } net: grandTotal(includingTax: false) { c: valueInCents }
    totals {
      quantity originalQuantity cancelledQuantity
      lineValues { c: valueInCents } shipping { c: valueInCents } handling { c: valueInCents }
      discounts { c: valueInCents }
      taxIncluded { c: valueInCents } taxAdded { c: valueInCents } taxDeducted { c: valueInCents }
      shippingTaxRules { ...Share } handlingTaxRules { ...Share } discountTaxRules { ...Share }
    }
    discountsApplied { __typename value { c: valueInCents } }
    lines(includeFullyCancelled: true) {
      __typename quantity cancelledQuantity taxPercent
      gross: lineValue { c: valueInCents } net: lineValue(includingTax: false) { c: valueInCents }
      unit: unitPrice { c: valueInCents }
      ... on BundleItemOrderLine { bundleLine { id } }
    }
    paymentHistory { entryType status value { c: valueInCents } }
  }
}
fragment Share on AppliedTaxRuleValue {
  rule { taxPercent }
  taxIncluded { c: valueInCents } taxAdded { c: valueInCents } taxDeducted { c: valueInCents }
}
"""


async def _orders(stand: Stand) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    page = 1
    while found := (await stand.ask(QUERY, {"page": page}))["orders"]:
        rows += found
        page += 1
    return rows


def _difference(order: dict[str, Any], sign: int) -> int:
    t = order["totals"]
    parts = (
        t["lineValues"]["c"]
        + t["shipping"]["c"]
        + t["handling"]["c"]
        - sign * t["discounts"]["c"]
        + t["taxAdded"]["c"]
        - t["taxDeducted"]["c"]
    )
    return int(order["gross"]["c"] - parts)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
@pytest.mark.parametrize("instance", ["nordhem", "fjord"])
async def test_grand_totals_follow_from_their_parts(seed: int, instance: str) -> None:
    """LineValues + shipping + handling - discounts + taxAdded - taxDeducted is the grand total."""
    stand = Stand(a_world(orders=300, seed=seed), instance)
    orders = await _orders(stand)
    off = {o["number"]: _difference(o, 1) for o in orders if _difference(o, 1)}
    planted = {
        int(p.order_number): 100
        for p in stand.world.planted
        if p.instance == instance and "higher than its parts" in p.problem
    }
    assert off == planted
    assert len(orders) == (300 if instance == "nordhem" else 60)


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
async def test_the_tax_of_the_total_is_that_of_its_parts(seed: int) -> None:
    """Tax of lines, shipping and handling less that of discounts is the order's tax."""
    for order in await _orders(Stand(a_world(orders=300, seed=seed))):
        totals = order["totals"]
        lines = [x for x in order["lines"] if x["__typename"] != "BundleItemOrderLine"]
        for kind in ("taxIncluded", "taxAdded", "taxDeducted"):
            if not totals[kind]["c"]:
                continue
            tax = sum(line["gross"]["c"] - line["net"]["c"] for line in lines)
            for name, sign in (("shipping", 1), ("handling", 1), ("discount", -1)):
                tax += sign * sum(s[kind]["c"] for s in totals[f"{name}TaxRules"])
            assert tax == totals[kind]["c"], order["number"]


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
async def test_bundles_are_counted_once_and_shared_out_in_full(seed: int) -> None:
    """The contents of a bundle carry its price a second time; the total has it once."""
    bundles = 0
    for order in await _orders(Stand(a_world(orders=300, seed=seed))):
        lines = order["lines"]
        counted = [x for x in lines if x["__typename"] != "BundleItemOrderLine"]
        field = "net" if order["totals"]["taxAdded"]["c"] else "gross"
        assert sum(x[field]["c"] for x in counted) == order["totals"]["lineValues"]["c"]
        items = [x for x in lines if x["__typename"] == "BundleItemOrderLine"]
        heads = [x for x in lines if x["__typename"] == "BundleOrderLine"]
        assert sum(x["gross"]["c"] for x in items) == sum(
            x["gross"]["c"] for x in heads
        )
        bundles += len(heads)
    assert bundles


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
async def test_what_is_authorised_is_the_grand_total(seed: int) -> None:
    """Successful authorisations, gift cards included, are what the customer owes."""
    gift_cards = 0
    for order in await _orders(Stand(a_world(orders=300, seed=seed))):
        entries = [e for e in order["paymentHistory"] if e["status"] == "SUCCESS"]
        taken = [e for e in entries if e["entryType"].startswith("AUTH")]
        if taken:
            assert sum(e["value"]["c"] for e in taken) == order["gross"]["c"]
        gift_cards += any(e["entryType"] == "AUTH_GIFT_CARD" for e in taken)
    assert gift_cards


async def test_the_sign_of_discounts_can_be_turned() -> None:
    """With `discount_sign=-1` discounts and their tax are negative, grand totals as before."""
    world = a_world(orders=120)
    before = await _orders(Stand(world))
    world.centra["nordhem"].discount_sign = -1
    after = await _orders(Stand(world))
    for old, new in zip(before, after, strict=True):
        assert new["gross"] == old["gross"]
        assert new["totals"]["discounts"]["c"] == -old["totals"]["discounts"]["c"]
        assert _difference(new, -1) == _difference(old, 1)


async def test_bundle_contents_can_be_silent() -> None:
    """With `bundle_pricing="bundle_only"` the contents cost nothing."""
    world = a_world(orders=120)
    world.centra["nordhem"].bundle_pricing = "bundle_only"
    items = [
        line
        for order in await _orders(Stand(world))
        for line in order["lines"]
        if line["__typename"] == "BundleItemOrderLine"
    ]
    assert items
    assert all(x["gross"]["c"] == 0 == x["unit"]["c"] for x in items)


async def test_store_credit_lowers_the_total_but_not_the_tax() -> None:
    """AppliedVoucherCredit is among the discounts, without a tax rule of its own."""
    found = 0
    for order in await _orders(Stand(a_world(orders=120))):
        kinds = {d["__typename"] for d in order["discountsApplied"]}
        if kinds == {"AppliedVoucherCredit"}:
            assert order["totals"]["discountTaxRules"] == []
            found += 1
    assert found


async def test_the_mixed_basket_spreads_shipping_over_three_rates() -> None:
    """Shipping and handling have a rule for each rate of the lines, in their proportion."""
    orders = await _orders(Stand(a_world(orders=120)))
    rates = [
        sorted(s["rule"]["taxPercent"] for s in order["totals"]["shippingTaxRules"])
        for order in orders
        if order["totals"]["handlingTaxRules"]
    ]
    assert [6.0, 12.0, 25.0] in rates


def test_tax_is_rounded_half_up_and_shares_add_up() -> None:
    """The arithmetic of the sandbox, with figures worked out by hand."""
    assert tax_in(12_500, 2500) == 2500
    assert tax_in(9_995, 2550) == 2031
    assert tax_on(10_002, 2500) == 2501
    assert tax_on(-10_002, 2500) == -2501
    assert spread(4900, [59800, 29900, 44700]) == [2180, 1090, 1630]
    assert sum(spread(100, [1, 1, 1])) == 100
    assert spread(700, [0, 0]) == [700, 0]
