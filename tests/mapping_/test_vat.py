"""VAT is mapped by country, rate and kind of buyer; what is unknown parks the order."""

import re
import tomllib
from decimal import Decimal

import pytest

from connectors.errors import RecordError
from mapping.vat import find_vat_rule, find_zone, one_zone, sale_of, vat_number_of
from tests.mapping_.builders import (
    a_connection,
    a_country,
    a_wholesale_order,
    an_address,
    an_order,
)

D = Decimal
CONNECTION = a_connection()
RULES = CONNECTION.vat


def dtc(code: str, *, is_eu: bool | None = None, vat_number: str | None = None):
    """Return what decides VAT of a DTC order to a country."""
    address = an_address(country=a_country(code, is_eu=is_eu), vat_number=vat_number)
    return sale_of(an_order(shipping_address=address, billing_address=address))


def company(code: str, vat_number: str | None = "X1"):
    """Return what decides VAT of a wholesale order to a country."""
    address = an_address(country=a_country(code))
    order = a_wholesale_order(
        shipping_address=address,
        billing_address=address,
        account={"id": 3, "vat_number": vat_number},
    )
    return sale_of(order)


@pytest.mark.parametrize(
    ("sale", "rate", "category", "zone"),
    [
        (dtc("SE"), "25", "STDG", "SE"),
        (dtc("SE"), "12.0", "MIDG", "SE"),
        (dtc("DE"), "19", "STD", "OSS-DE"),
        (dtc("FI"), "25.50", "STD", "OSS-FI"),
        (dtc("US"), "0", "ZERO", "EXPORT"),
        (company("DE"), "0", "RC", "EUB2B"),
        (company("NO"), "0", "ZERO", "EXPORT"),
        (company("SE"), "25", "STDG", "SE"),
        (dtc("DE", vat_number="DE123"), "0", "RC", "EUB2B"),
        (dtc("DE", vat_number="DE123"), "19", "STD", "OSS-DE"),
    ],
)
def test_the_first_fitting_row_decides(sale, rate, category, zone) -> None:
    """Country, rate and kind of buyer lead to category and zone."""
    rule = find_vat_rule(sale, D(rate), RULES)

    assert (rule.category, rule.zone) == (category, zone)


@pytest.mark.parametrize(
    ("code", "is_eu", "member"),
    [("DE", None, True), ("NO", None, False), ("GR", None, True), ("XI", True, True)],
)
def test_membership_is_centras_flag_or_the_table(code, is_eu, member) -> None:
    """Where Centra does not say, the list of members does."""
    assert dtc(code, is_eu=is_eu).in_eu is member


def test_an_unmapped_rate_names_the_row_to_add() -> None:
    """The fix can be copied into the settings."""
    with pytest.raises(RecordError) as caught:
        find_vat_rule(dtc("FI"), D(24), RULES)

    assert caught.value.code == "VAT_NOT_MAPPED"
    assert caught.value.message == (
        "Order 1001 has 24 % VAT for b2c customers in FI, which the settings do not "
        "map."
    )
    _, _, row = caught.value.fix.partition("\n")
    assert tomllib.loads(row) == {
        "vat": [
            {
                "countries": ["FI"],
                "rate": 24,
                "customer": "b2c",
                "category": "...",
                "zone": "...",
            }
        ]
    }


def test_reverse_charge_demands_a_vat_number() -> None:
    """Without a VAT number the seller would owe the VAT."""
    with pytest.raises(RecordError) as caught:
        find_vat_rule(company("DE", None), D(0), RULES)

    assert caught.value.code == "VAT_NUMBER_MISSING"


def test_the_vat_number_is_found_wherever_it_stands() -> None:
    """Billing address, shipping address and account may hold it."""
    number = an_address(vat_number=" DE1 ")
    assert vat_number_of(an_order(billing_address=number)) == "DE1"
    assert (
        vat_number_of(an_order(billing_address=None, shipping_address=number)) == "DE1"
    )
    assert vat_number_of(a_wholesale_order()) == "SE556677889901"
    assert vat_number_of(an_order()) is None


def test_the_country_is_that_of_the_goods() -> None:
    """Shipping address, then order, then billing address."""
    norway = an_address(country=a_country("NO"))
    assert sale_of(an_order(shipping_address=norway)).country == "NO"
    assert sale_of(an_order(shipping_address=None)).country == "SE"
    bare = an_order(shipping_address=None, country=None, billing_address=norway)
    assert sale_of(bare).country == "NO"

    with pytest.raises(RecordError) as caught:
        sale_of(an_order(shipping_address=None, country=None, billing_address=None))
    assert caught.value.code == "COUNTRY_MISSING"


def test_a_document_has_one_zone() -> None:
    """Lines in two zones cannot share a document; both are named."""
    rules = [
        find_vat_rule(dtc("SE"), D(25), RULES),
        find_vat_rule(dtc("DE"), D(19), RULES),
    ]

    assert one_zone(rules[:1], "1001") == "SE"
    assert one_zone([], "1001") is None
    with pytest.raises(RecordError) as caught:
        one_zone(rules, "1001")
    assert caught.value.code == "VAT_ZONES_DIFFER"
    assert "OSS-DE and SE" in caught.value.message


@pytest.mark.parametrize(
    ("sale", "zone"),
    [
        (dtc("SE"), "SE"),
        (dtc("DE"), "OSS-DE"),
        (company("DE"), "EUB2B"),
        (dtc("US"), "EXPORT"),
    ],
)
def test_the_closest_rows_name_a_customers_zone(sale, zone) -> None:
    """Without a rate the row that names the buyer most closely decides."""
    assert find_zone(sale, RULES) == zone


def test_no_zone_is_better_than_a_guess() -> None:
    """Several zones, or none, leave the zone to the customer class."""
    rows = [
        {"countries": ["SE"], "rate": "25", "category": "A", "zone": "1"},
        {"countries": ["SE"], "rate": "12", "category": "B", "zone": "2"},
    ]
    connection = a_connection(vat=rows)

    assert find_zone(dtc("SE"), connection.vat) is None
    assert find_zone(dtc("NO"), connection.vat) is None


GROUPS = a_connection(
    vat=[
        {"rate": "6", "product_group": "Books", "category": "BOOK", "zone": "SE"},
        {"rate": "6", "product_group": "Food", "category": "FOOD", "zone": "SE"},
        {"rate": "6", "category": "LOW", "zone": "SE"},
    ]
).vat


@pytest.mark.parametrize(
    ("group", "category"),
    [("Books", "BOOK"), (" food ", "FOOD"), ("Shoes", "LOW"), (None, "LOW")],
)
def test_a_product_group_has_rows_of_its_own(group, category) -> None:
    """Goods of a named group go there; others, and shipping, to the row without one."""
    assert find_vat_rule(dtc("SE"), D(6), GROUPS, group=group).category == category


def test_goods_without_a_row_for_their_group_are_told_with_it() -> None:
    """Where only groups are mapped, the row to add names the group that is missing."""
    with pytest.raises(RecordError) as caught:
        find_vat_rule(dtc("SE"), D(6), GROUPS[:2], group="Shoes")

    assert "6 % VAT on goods of 'Shoes' for b2c customers in SE" in caught.value.message
    _, _, row = caught.value.fix.partition("\n")
    assert tomllib.loads(row)["vat"][0]["product_group"] == "Shoes"


def test_export_leaves_the_eu() -> None:
    """A consumer in the EU who paid no VAT is no export, whatever the rows say."""
    rows = [{"rate": "0", "category": "ZERO", "zone": "EXPORT", "scheme": "export"}]
    vat = a_connection(vat=rows).vat

    assert find_vat_rule(dtc("NO"), D(0), vat).zone == "EXPORT"
    with pytest.raises(RecordError) as caught:
        find_vat_rule(dtc("DE"), D(0), vat)
    assert caught.value.code == "VAT_NOT_MAPPED"


def test_oss_is_for_consumers_in_the_eu() -> None:
    """The same rate outside the EU, or on a company's order, is another row's."""
    oss = {"rate": "20", "category": "STD", "customer": "b2c", "scheme": "oss"}
    rows = [
        {"countries": ["FR", "GB"], "zone": "OSS-FR", **oss},
        {"rate": "20", "category": "STD", "zone": "GB"},
    ]
    vat = a_connection(vat=rows).vat

    assert find_vat_rule(dtc("FR"), D(20), vat).zone == "OSS-FR"
    assert find_vat_rule(dtc("GB"), D(20), vat).zone == "GB"
    assert find_vat_rule(company("FR"), D(20), vat).zone == "GB"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"scheme": "export", "rate": "5"}, "scheme 'export' bears no VAT"),
        ({"scheme": "reverse_charge", "rate": "25"}, "bears no VAT, but rate is 25"),
        ({"scheme": "oss", "rate": "25"}, 'set customer = "b2c"'),
    ],
)
def test_a_scheme_that_cannot_be_is_refused(row, message) -> None:
    """Export and reverse charge bear no VAT, and OSS is for consumers."""
    with pytest.raises(ValueError, match=re.escape(message)):
        a_connection(vat=[{"category": "A", "zone": "Z", **row}])
