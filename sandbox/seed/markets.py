"""Where the brand sells to consumers: currencies, VAT and habits of each country."""

from dataclasses import dataclass, field
from typing import Final

from sandbox.centra.sales import TaxMode

__all__ = [
    "COUNTRIES",
    "CURRENCIES",
    "PRICE_POINTS",
    "SALES_COUNTRIES",
    "Kind",
    "SalesCountry",
    "minor",
]

Kind = str
"""standard, food or book: the groups of goods with a VAT rate of their own."""


@dataclass(frozen=True)
class SalesCountry:
    """One country of the web shop. Rates are in basis points, money in sub-units."""

    code: str
    currency: str
    rates: dict[Kind, int]
    payment: str
    shipping: int
    free_from: int
    share: int
    """How many of a hundred ordinary orders come from here."""
    tax_mode: TaxMode = "included"
    phone: str = "+46"
    kinds: tuple[Kind, ...] = field(default=("standard",))


SALES_COUNTRIES: Final = {
    place.code: place
    for place in (
        SalesCountry(
            "SE",
            "SEK",
            {"standard": 2500, "food": 1200, "book": 600},
            "klarna-payments",
            4900,
            99900,
            46,
            kinds=("standard", "standard", "standard", "food", "book"),
        ),
        SalesCountry(
            "NO",
            "NOK",
            {"standard": 2500, "food": 1500},
            "klarna-payments",
            7900,
            129900,
            13,
            phone="+47",
            kinds=("standard", "standard", "standard", "food"),
        ),
        SalesCountry(
            "DK",
            "DKK",
            {"standard": 2500},
            "klarna-payments",
            3900,
            79900,
            9,
            phone="+45",
        ),
        SalesCountry(
            "FI",
            "EUR",
            {"standard": 2550},
            "klarna-payments",
            590,
            9900,
            7,
            phone="+358",
        ),
        SalesCountry(
            "DE",
            "EUR",
            {"standard": 1900},
            "klarna-payments",
            495,
            9900,
            9,
            phone="+49",
        ),
        SalesCountry(
            "FR", "EUR", {"standard": 2000}, "adyen-drop-in", 690, 12000, 3, phone="+33"
        ),
        SalesCountry(
            "NL", "EUR", {"standard": 2100}, "adyen-drop-in", 495, 9900, 3, phone="+31"
        ),
        SalesCountry(
            "GB", "GBP", {"standard": 2000}, "adyen-drop-in", 595, 15000, 5, phone="+44"
        ),
        SalesCountry(
            "US",
            "USD",
            {"standard": 2500},
            "adyen-drop-in",
            1500,
            25000,
            3,
            tax_mode="deducted",
            phone="+1",
        ),
        SalesCountry(
            "JP",
            "JPY",
            {},
            "adyen-drop-in",
            1800,
            30000,
            2,
            tax_mode="none",
            phone="+81",
        ),
        SalesCountry(
            "CH",
            "CHF",
            {},
            "adyen-drop-in",
            900,
            20000,
            0,
            tax_mode="none",
            phone="+41",
        ),
    )
}

CURRENCIES: Final = {
    # code: (name, units of SEK for one, digits, ISO number, prefix, suffix)
    "SEK": ("Swedish krona", 1.0, 2, "752", "", " kr"),
    "NOK": ("Norwegian krone", 0.9612, 2, "578", "", " NOK"),
    "DKK": ("Danish krone", 1.5034, 2, "208", "", " DKK"),
    "EUR": ("Euro", 11.2145, 2, "978", "€", ""),
    "GBP": ("Pound sterling", 13.092, 2, "826", "£", ""),
    "USD": ("US dollar", 10.438, 2, "840", "$", ""),
    "JPY": ("Japanese yen", 0.0687, 0, "392", "¥", ""),
    "CHF": ("Swiss franc", 11.8955, 2, "756", "CHF ", ""),
}

COUNTRIES: Final = {
    # code: (name, continent, in the EU)
    "SE": ("Sweden", "Europe", True),
    "NO": ("Norway", "Europe", False),
    "DK": ("Denmark", "Europe", True),
    "FI": ("Finland", "Europe", True),
    "DE": ("Germany", "Europe", True),
    "FR": ("France", "Europe", True),
    "NL": ("Netherlands", "Europe", True),
    "GB": ("United Kingdom", "Europe", False),
    "US": ("United States", "North America", False),
    "JP": ("Japan", "Asia", False),
    "CH": ("Switzerland", "Europe", False),
    "AT": ("Austria", "Europe", True),
    "IE": ("Ireland", "Europe", True),
    "AE": ("United Arab Emirates", "Asia", False),
}

PRICE_POINTS: Final = {
    # SEK: what the same thing costs elsewhere, VAT included
    149: ("149", "119", "14.95", "13", "16", "2200", "15"),
    299: ("299", "229", "29.95", "25", "32", "4200", "29"),
    399: ("429", "299", "39.95", "35", "42", "5500", "39"),
    499: ("499", "379", "49.95", "42", "55", "6900", "49"),
    799: ("849", "599", "79.95", "69", "89", "10800", "79"),
    999: ("1049", "749", "94.95", "89", "109", "12800", "95"),
    1249: ("1299", "949", "119.95", "105", "139", "16800", "119"),
    1799: ("1899", "1349", "179.00", "155", "199", "24800", "179"),
    2499: ("2599", "1899", "249.00", "215", "279", "33800", "249"),
    4299: ("4499", "3199", "429.00", "375", "479", "58000", "419"),
}


def minor(currency: str, text: str) -> int:
    """Return a price in sub-units."""
    units, _, cents = text.partition(".")
    digits = CURRENCIES[currency][2]
    return int(units + cents.ljust(digits, "0")[:digits])
