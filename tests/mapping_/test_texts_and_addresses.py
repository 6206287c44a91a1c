"""Texts are cut between characters, and nothing is lost without a note."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import RecordError
from mapping.addresses import party
from mapping.texts import clean, cut, width, wrap
from tests.mapping_.builders import a_country, an_address

FAMILY = "👩‍👩‍👧‍👦"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  ÅSA   Öberg ", "ÅSA Öberg"),
        ("a\tb\nc\x00d\x7f", "a b c d"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bidi\u202etxt", "biditxt"),
        ("lone\ud83d", "lone"),
        ("e\u0301", "é"),
        (f"hi {FAMILY} 🏳️‍🌈 🇸🇪", f"hi {FAMILY} 🏳️‍🌈 🇸🇪"),
        ("flag 🏴\U000e0067\U000e007f", "flag 🏴\U000e0067\U000e007f"),
        ("line\u2028break", "line break"),
    ],
)
def test_cleaning_keeps_what_people_typed(text: str, expected: str) -> None:
    """Control characters go, letters and emoji stay."""
    assert clean(text) == expected


@pytest.mark.parametrize(
    ("text", "limit", "expected"),
    [
        ("Storgatan", 20, "Storgatan"),
        ("Storgatan", 4, "Stor"),
        ("ab 👍🏽", 5, "ab"),
        ("ab 👍🏽", 7, "ab 👍🏽"),
        (FAMILY + "x", 11, FAMILY),
        ("🇸🇪🇳🇴", 4, "🇸🇪"),
        ("🇸🇪🇳🇴", 7, "🇸🇪"),
        ("i\u0308\u0301x", 2, "i\u0308"),
        ("a" + "\u0301" * 10, 3, "a\u0301\u0301"),
    ],
)
def test_cutting_never_breaks_a_character(text, limit, expected) -> None:
    """What a reader takes for one character stays whole, where it fits at all."""
    assert cut(text, limit) == expected


@given(st.text(max_size=200), st.integers(2, 60))
def test_wrapping_loses_nothing(text: str, limit: int) -> None:
    """All pieces fit, and together they are the text."""
    tidy = clean(text)
    pieces = wrap(tidy, limit)

    assert all(0 < width(piece) <= limit for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(tidy.split())


def test_a_long_street_flows_into_the_next_lines() -> None:
    """A street that does not fit one line uses the free ones, without a note."""
    street = "Kungliga Norra Långholmsgatan vid Södra Kanalbron 1234, uppgång B"
    found = party(an_address(address1=street), what="shipping", record_id="1")

    assert found.lines == (
        "Kungliga Norra Långholmsgatan vid Södra Kanalbron",
        "1234, uppgång B",
    )
    assert found.notes == ()
    address = found.order_address()
    assert (address.line1, address.line2, address.line3) == (*found.lines, None)


def test_lines_are_joined_before_anything_is_cut() -> None:
    """Four pieces that fit into three lines together are not cut."""
    found = party(
        an_address(address1="a" * 60, address2="b" * 60, state_or_province="XY"),
        what="shipping",
        record_id="1",
    )

    assert found.lines == ("a" * 50, "a" * 10 + ", " + "b" * 38, "b" * 22 + ", XY")
    assert found.notes == ()


def test_what_is_cut_is_noted_without_personal_data() -> None:
    """The note names the field, never what stood in it."""
    found = party(
        an_address(
            address1="Lång väg " * 40,
            city="Ö" * 51,
            zip_code="9" * 21,
            first_name="N" * 300,
        ),
        what="billing",
        record_id="1",
    )

    assert len(found.lines) == 3
    assert found.city == "Ö" * 50
    assert found.postal_code == "9" * 20
    assert width(found.name or "") == 255
    assert found.notes == (
        "billing address cut to 3 lines; all of it is in Centra.",
        "billing: name cut from 306 to 255 characters.",
        "billing: postal code cut from 21 to 20 characters.",
        "billing: city cut from 51 to 50 characters.",
    )


def test_company_and_attention_have_their_places() -> None:
    """A company is the name, the person its attention."""
    found = party(an_address(company_name="Fjäll AB"), what="x", record_id="1")
    assert (found.name, found.attention) == ("Fjäll AB", "Åsa Öberg")

    named = party(
        an_address(company_name="Fjäll AB", attention="Inköp"), what="x", record_id="1"
    )
    assert named.customer_contact().attention == "Inköp"

    person = party(an_address(), what="x", record_id="1")
    assert (person.name, person.attention) == ("Åsa Öberg", None)


@pytest.mark.parametrize(
    ("number", "country", "expected"),
    [
        ("090-123 45 67", "SE", "+46 90 123 45 67"),
        ("0046 90 123 45 67", "SE", "+46 90 123 45 67"),
        ("+49 30 123456", "SE", "+49 30 123456"),
        ("ring kl 9!", "SE", "ring kl 9!"),
        ("5", "SE", "5"),
        ("", "SE", None),
    ],
)
def test_phone_numbers_never_stop_an_order(number, country, expected) -> None:
    """A number is written internationally where it is one, else as it was typed."""
    found = party(
        an_address(phone_number=number, country=a_country(country)),
        what="x",
        record_id="1",
    )

    assert found.phone == expected


def test_a_bad_email_is_left_out_with_a_note() -> None:
    """An e-mail that Visma.net would refuse does not stop the order."""
    found = party(an_address(email="åsa at home"), what="shipping", record_id="1")
    assert found.email is None
    assert found.notes == ("shipping: e-mail left out: it is no valid address.",)

    better = party(
        an_address(email="åsa at home"), what="x", record_id="1", email="a@b.se"
    )
    assert better.email == "a@b.se"


@pytest.mark.parametrize("code", [None, "", "SWE", "S"])
def test_an_address_without_a_country_is_parked(code: str | None) -> None:
    """Visma.net needs a two-letter country."""
    with pytest.raises(RecordError) as caught:
        party(an_address(country=a_country(code or "")), what="x", record_id="77")

    assert (caught.value.code, caught.value.record_id) == ("COUNTRY_MISSING", "77")


def test_the_order_may_lend_an_address_its_country() -> None:
    """An address without a country takes that of the order."""
    found = party(an_address(country=None), what="x", record_id="1", country="no")

    assert found.customer_address().country_id == "NO"
