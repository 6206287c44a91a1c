"""When two barcodes, or two SKUs, are the same: they are written in more ways than one.

A GTIN has 8, 12, 13 or 14 digits, and the shorter ones are the longer ones without their
leading zeros (GS1 General Specifications, 3.3.2: "stored right-justified with leading
zeros in a 14-digit field"). SKUs that differ in case alone are one: Visma.net finds an
item by its number in any case.
"""

from __future__ import annotations

import re

__all__ = ["has_check_digit", "same_code", "same_ean"]

_LENGTHS = frozenset({8, 12, 13, 14})
_LONGEST = 14
_TEN = 10


def same_ean(code: str) -> str:
    """What a barcode is compared by: its 14 digits, else as it is written, without blanks."""
    bare = _bare(code)
    if _is_gtin(bare):
        return bare.zfill(_LONGEST)
    return bare.casefold()


def same_code(number: str) -> str:
    """What a SKU or an item number is compared by: case and blanks around do not count."""
    return number.strip().casefold()


def has_check_digit(code: str) -> bool:
    """Whether the last digit of a GTIN is the one that the others make; other codes have none."""
    bare = _bare(code)
    if not _is_gtin(bare):
        return True
    digits = [int(one) for one in bare.zfill(_LONGEST)]
    weighed = sum(
        one * (3 if place % 2 == 0 else 1) for place, one in enumerate(digits)
    )
    return weighed % _TEN == 0


def _bare(code: str) -> str:
    return code if code.isalnum() else re.sub(r"[\s-]+", "", code)


def _is_gtin(bare: str) -> bool:
    return bare.isascii() and bare.isdigit() and len(bare) in _LENGTHS
