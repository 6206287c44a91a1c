"""What the codes and names of a file of order lines mean."""

import re
from typing import Final

import pycountry

from sandbox.seed.retail_files import Row

__all__ = ["EU", "country_code", "is_goods", "is_sale", "is_shipping"]

_SHIPPING: Final = {"POST", "DOT", "C2", "C3"}
_SAYS_SHIPPING: Final = re.compile(r"\b(POSTAGE|CARRIAGE|FREIGHT)\b")
_GOODS: Final = re.compile(r"\d{5}|DCGS|PADS$|SP\d")
_LARGEST_INT: Final = 2**31 - 1
EU: Final = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    ]
)
_NAMES: Final = {
    "EIRE": "IE",
    "CHANNEL ISLANDS": "JE",
    "EUROPEAN COMMUNITY": "EU",
    "USA": "US",
    "RSA": "ZA",
    "KOREA": "KR",
    "CZECH REPUBLIC": "CZ",
    "UNITED KINGDOM": "GB",
    "UNSPECIFIED": "ZZ",
    "WEST INDIES": "ZZ",
}


def is_sale(invoice: str) -> bool:
    """Tell whether an invoice number is that of an ordinary sale."""
    return invoice.isdecimal() and 0 < int(invoice) <= _LARGEST_INT


def is_goods(code: str) -> bool:
    """Tell whether a code is an article that is kept in stock."""
    return _GOODS.match(code) is not None


def is_shipping(row: Row) -> bool:
    """Tell whether a row is postage or carriage."""
    if row.code in _SHIPPING:
        return True
    return not is_goods(row.code) and bool(
        _SAYS_SHIPPING.search(row.description.upper())
    )


def country_code(name: str) -> str:
    """Return the ISO code of a country by its name, ZZ when there is none."""
    known = _NAMES.get(name.upper())
    if known is not None:
        return known
    try:
        return str(pycountry.countries.lookup(name).alpha_2)
    except LookupError:
        return "ZZ"
