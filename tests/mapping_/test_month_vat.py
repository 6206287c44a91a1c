"""The VAT of a month: schemes, the OSS in euro, and what is missing for the return."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from connectors.rates.quotes import Quote
from mapping.certificate import Entry
from mapping.month import Month
from mapping.month_documents import ItemPart, Posted, VatPart
from mapping.month_money import rounding_table
from mapping.month_origins import Origin, Origins
from mapping.month_oss import (
    PeriodEndRate,
    corrections_table,
    oss_findings,
    oss_table,
    period_end_rate,
)
from mapping.month_sales import SoldPart, sold_parts
from mapping.month_vat import sales_table
from settings.posting import VatRule

D = Decimal
MARCH, FEBRUARY = Month.parse("2026-03"), Month.parse("2026-02")
RULES = (
    VatRule(countries=("SE",), rate=D(25), category="STD", zone="SE"),
    VatRule(
        countries=("DK",),
        rate=D(25),
        customer="b2c",
        category="STD",
        zone="OSS-DK",
        scheme="oss",
    ),
    VatRule(
        countries=("EU",),
        rate=D(20),
        customer="b2c",
        category="STD",
        zone="OSS",
        scheme="oss",
    ),
    VatRule(rate=D(0), category="ZERO", zone="EXPORT", scheme="export"),
)
RATES = {
    (MARCH, "DKK"): PeriodEndRate("DKK", D("7.50"), date(2026, 3, 31)),
    (FEBRUARY, "DKK"): PeriodEndRate("DKK", D("7.40"), date(2026, 3, 2)),
}


def a_document(**changes: Any) -> Posted:
    """A Danish invoice of 125, 25 of it VAT."""
    fields: dict[str, Any] = {
        "kind": "invoice",
        "number": "1",
        "on": date(2026, 3, 10),
        "currency": "DKK",
        "amount": D(125),
        "base": D("187.50"),
        "base_currency": "SEK",
        "rate": D("1.5"),
        "zone": "OSS-DK",
        "vat": (VatPart("DK25", D(25), D(100), D(25)),),
    }
    return Posted(**(fields | changes))


def parts(*documents: Posted) -> list[SoldPart]:
    """What documents are for VAT, by the rules above."""
    return list(sold_parts(documents, RULES))


def said(*documents: Posted) -> list[str]:
    """What is missing for the return."""
    return [one.sentence for one in oss_findings(parts(*documents), MARCH, RATES)]


# -- schemes


def test_a_zone_tells_scheme_and_country() -> None:
    """The only country of a zone is where its goods went, if Centra does not know."""
    [own] = parts(a_document())
    [told] = parts(a_document(country="SE"))

    assert (own.scheme, own.country, own.net, own.vat_in_base) == (
        "oss",
        "DK",
        D(100),
        D("37.50"),
    )
    assert told.country == "SE"


def test_a_credit_note_takes_back() -> None:
    """Its amounts are negative, in base currency too."""
    [one] = parts(a_document(kind="credit note"))

    assert (one.net, one.vat, one.net_in_base) == (D(-100), D(-25), D(-150))


def test_payments_are_no_sale() -> None:
    """Only invoices and credit notes are."""
    assert parts(a_document(kind="payment"), a_document(kind="refund")) == []


def test_what_no_vat_id_is_about_is_at_nothing() -> None:
    """A gift card on an invoice of goods is no sale; the rest keeps its rate."""
    card = ItemPart("GIFTCARD", "2421", D(500))
    [nothing, goods] = parts(a_document(amount=D(625), items=(card,)))

    assert (nothing.scheme, nothing.rate, nothing.net) == ("no sale", D(0), D(500))
    assert (goods.scheme, goods.net) == ("oss", D(100))


def test_what_is_no_sale_is_in_no_sum() -> None:
    """It has a row of its own; the sums are those of sales."""
    card = ItemPart("GIFTCARD", "2421", D(500))
    found = sales_table(parts(a_document(amount=D(625), items=(card,))), "SEK")

    assert [one["scheme"] for one in found.records] == ["no sale", "oss"]
    assert found.total("net in SEK") == D("150.00")
    assert found.total("VAT in SEK") == D("37.50")


def test_what_no_item_calls_no_sale_is_unknown() -> None:
    """Lines without VAT in a zone that has no such rate are a question, not nothing."""
    [one] = parts(a_document(zone="", amount=D(100), vat=()))
    assert (one.scheme, one.net) == ("unknown", D(100))


def test_a_gift_card_abroad_is_no_export() -> None:
    """Where 0 % is a scheme of its own, cards and goods are told apart by item."""
    card = ItemPart("GIFTCARD", "2421", D(30))
    vat = (VatPart("EX0", D(0), D(130), D(0)),)
    found = parts(a_document(zone="EXPORT", amount=D(130), vat=vat, items=(card,)))

    assert [(one.scheme, one.net) for one in found] == [
        ("no sale", D(30)),
        ("export", D(100)),
    ]


# -- rates of the ECB


def quotes(*rows: tuple[date, str]) -> list[Quote]:
    """What one euro is in Danish kroner, by day."""
    return [Quote("ecb", day, "EUR", "DKK", D(rate)) for day, rate in rows]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([(date(2026, 2, 27), "7.30"), (date(2026, 3, 2), "7.40")], "7.40"),
        ([(date(2026, 3, 3), "7.41"), (date(2026, 3, 2), "7.40")], "7.40"),
        ([(date(2026, 2, 28), "7.35"), (date(2026, 3, 2), "7.40")], "7.35"),
        ([(date(2026, 2, 27), "7.30")], None),
        ([(date(2026, 3, 8), "7.50")], None),
    ],
)
def test_the_rate_of_the_end_of_a_month(
    rows: list[tuple[date, str]], expected: str | None
) -> None:
    """That of the last day, else of the next one within a week; never of a day before."""
    found = period_end_rate(quotes(*rows), "DKK", FEBRUARY)

    assert (None if found is None else found.rate) == (expected and D(expected))


def test_another_bank_does_not_count() -> None:
    """The directive names the ECB; a euro is one euro, without anybody saying so."""
    other = [Quote("riksbank", FEBRUARY.last, "EUR", "DKK", D("7.40"))]

    assert period_end_rate(other, "DKK", FEBRUARY) is None
    assert period_end_rate([], "EUR", FEBRUARY) == PeriodEndRate(
        "EUR", D(1), FEBRUARY.last
    )


def test_euro_is_rounded_once() -> None:
    """Half a cent away from zero."""
    rate = PeriodEndRate("DKK", D(8), date(2026, 3, 31))

    assert (rate.to_euro(D("1.00")), rate.to_euro(D("-0.92"))) == (
        D("0.13"),
        D("-0.12"),
    )


# -- corrections


def test_a_correction_without_a_rate_is_left_empty() -> None:
    """The sum of a row is not told in part; its own month is."""
    january = a_document(kind="credit note", number="2", sold_in=Month.parse("2026-01"))
    february = replace(january, number="3", sold_in=FEBRUARY)
    found = parts(a_document(), january, february)

    table = oss_table(found, MARCH, RATES)
    [row] = table.records
    assert table.about.endswith("The sums are WITHOUT DKK: no rate is known yet.")
    assert "WITHOUT" not in oss_table(parts(a_document()), MARCH, RATES).about
    assert (row["net in EUR"], row["corrections net"]) == (D("13.33"), D(-200))
    assert row["corrections net in EUR"] is None
    corrections = corrections_table(found, MARCH, RATES)
    assert corrections.about.endswith("WITHOUT DKK: no rate is known yet.")
    lines = corrections.records
    assert [(one["sold in"], one["net in EUR"]) for one in lines] == [
        ("2026-01", None),
        ("2026-02", D("-13.51")),
    ]
    [sentence] = said(a_document(), january, february)
    assert "no rate of DKK for the end of 2026-01, 2026-01-31" in sentence


# -- what is missing


def test_a_country_that_nobody_knows() -> None:
    """Several countries in one zone, and an invoice that is not ours; five are named."""
    vat = (VatPart("OSS20", D(20), D(100), D(20)),)
    many = [
        a_document(number=str(n), zone="OSS", amount=D(120), vat=vat) for n in range(7)
    ]

    [sentence] = said(*many)
    assert sentence == (
        "Nobody knows to which country 0, 1, 2, 3, 4 and 2 more were sold: give each "
        "country a VAT zone of its own, or add them to the return by hand."
    )


def test_a_credit_note_of_an_unknown_sale() -> None:
    """It counts in this month, and it is said."""
    found = a_document(kind="credit note", number="9")

    assert oss_table(parts(found), MARCH, RATES).records[0]["net"] == D(-100)
    [sentence] = said(found)
    assert sentence == (
        "Nobody knows when the sale of 9 was: counted as of this month; if it was "
        "earlier, move it to the corrections."
    )


# -- what Centra knows


def an_entry(side: Any, pair: Any, number: str, **changes: Any) -> Entry:
    """A document of order 7."""
    fields: dict[str, Any] = {
        "orders": (7,),
        "key": "",
        "kind": "",
        "day": date(2026, 3, 10),
        "currency": "DKK",
        "gross": 12500,
    }
    return Entry(side=side, pair=pair, number=number, **(fields | changes))


def test_the_sale_of_a_credit_note_without_a_key() -> None:
    """All returns of its order are of one month, or nobody knows which."""
    note = an_entry("visma", "credited", "90")
    one = an_entry(
        "centra", "credited", "R1", key="R1", sold_on=date(2026, 1, 5), country="DK"
    )
    other = replace(one, key="R2", number="R2", sold_on=date(2026, 2, 5))

    assert Origins([note, one]).of("credited", "90") == Origin(
        "DK", Month.parse("2026-01")
    )
    assert Origins([note, one, other]).of("credited", "90") == Origin("DK", None)


def test_the_month_of_a_sale_is_that_of_its_invoice() -> None:
    """What left in January and is booked in February was sold in February's books."""
    invoice = an_entry("visma", "delivered", "80", key="S1", period="022026")
    back = an_entry(
        "centra", "credited", "R1", key="R1", sold_as="S1", sold_on=date(2026, 1, 31)
    )
    note = an_entry("visma", "credited", "90", key="R1")

    assert Origins([invoice, back, note]).of("credited", "90").sold_in == FEBRUARY
    assert Origins([back, note]).of("credited", "90").sold_in == Month.parse("2026-01")
    assert Origins([]).of("delivered", "80") == Origin()


# -- rounding


def test_what_visma_net_rounded_by_itself_has_no_account() -> None:
    """Lines of the rounding item by account; a credit note takes its own back."""
    line = ItemPart("ROUNDING", "3740", D("0.01"))
    card = ItemPart("GIFTCARD", "2421", D(500))
    documents = [
        a_document(items=(line, card)),
        a_document(kind="credit note", number="2", rounding_by_visma=D("0.40")),
    ]

    assert rounding_table(documents, "ROUNDING", "SEK").rows == (
        ("", "rounded by Visma.net", "DKK", 1, D("-0.40"), D("-0.60")),
        ("3740", "rounding line", "DKK", 1, D("0.01"), D("0.02")),
    )
