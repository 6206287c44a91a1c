"""When two barcodes or SKUs are the same."""

from __future__ import annotations

import pytest

from mapping.barcodes import has_check_digit, same_code, same_ean


@pytest.mark.parametrize(
    ("code", "key"),
    [
        ("7350000999003", "07350000999003"),
        ("735 0000-999003", "07350000999003"),
        ("07350000999003", "07350000999003"),
        ("735000099900", "00735000099900"),
        ("96385074", "00000096385074"),
        ("0123", "0123"),
        ("Abc-12345678", "abc12345678"),
        ("٧٣٥٠٠٠٠٩٩٩٠٠٣", "٧٣٥٠٠٠٠٩٩٩٠٠٣"),
    ],
)
def test_a_gtin_is_compared_by_its_fourteen_digits(code: str, key: str) -> None:
    """Blanks, hyphens and leading zeros do not count; what is no GTIN is as it is written."""
    assert same_ean(code) == key


@pytest.mark.parametrize(
    ("code", "is_right"),
    [
        ("4006381333931", True),
        ("4006381333932", False),
        ("96385074", True),
        ("036000291452", True),
        ("036000291453", False),
        ("0123", True),
    ],
)
def test_a_wrong_check_digit_is_seen(code: str, is_right: bool) -> None:
    """Only where the code is a GTIN: others have none."""
    assert has_check_digit(code) is is_right


def test_case_and_blanks_around_do_not_make_another_sku() -> None:
    """Those between do."""
    assert same_code(" ts77Blk ") == same_code("TS77BLK")
    assert same_code("TS 77") != same_code("TS77")
