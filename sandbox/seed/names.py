"""Names, streets and towns as they are in the Nordic countries and around, letters and all."""

from random import Random
from typing import Final

from sandbox.centra.people import Customer
from sandbox.centra.places import Address, Country

__all__ = ["address_of", "e_mail", "person"]

_FIRST: Final = {
    "SE": (
        "Åsa",
        "Björn",
        "Märta",
        "Örjan",
        "Linnéa",
        "Elin",
        "Gustav",
        "Ebba",
        "Sören",
    ),
    "NO": ("Øyvind", "Ingrid", "Håkon", "Solveig", "Bjørg", "Kåre", "Siv", "Æsa"),
    "DK": ("Søren", "Kjærlig", "Mette", "Jørgen", "Åge", "Freja", "Rasmus"),
    "FI": ("Päivi", "Jyrki", "Aino", "Väinö", "Sanna", "Yrjö"),
    "DE": ("Jürgen", "Käthe", "Björn", "Sabine", "Günter", "Anneliese"),
    "FR": ("Zoé", "François", "Hélène", "Benoît", "Maëlle"),
    "NL": ("Daniël", "Sanne", "Joost", "Zoë", "Pieter"),
    "GB": ("Siân", "Oliver", "Niamh", "Harriet", "Zachary"),
    "US": ("Madison", "Tyler", "José", "Brooklyn", "Renée"),
    "JP": ("葵", "Haruto", "さくら", "Yui", "Ren"),
}
_LAST: Final = {
    "SE": ("Öberg", "Sjöström", "Lindqvist", "Ångström", "Nyström", "Björk", "Ek"),
    "NO": ("Bjørnstad", "Sæther", "Østby", "Håland", "Ødegård", "Berg"),
    "DK": ("Sørensen", "Nørgaard", "Ærø", "Kjær", "Møller", "Åkjær"),
    "FI": ("Mäkelä", "Hämäläinen", "Virtanen", "Öhman", "Järvinen"),
    "DE": ("Weiß", "Großmann", "Müller", "Strauß", "Schröder", "Löwe"),
    "FR": ("Lefèvre", "Gauthier-d'Hôtel", "Béranger", "Noël"),
    "NL": ("van der Zee", "Brouwer", "de Groot-Jansen", "IJzerman"),
    "GB": ("O'Connor", "Smythe", "Llewellyn-Jones", "Ashworth"),
    "US": ("Núñez", "Johnson", "McAllister", "Park"),
    "JP": ("山田", "Tanaka", "鈴木", "Sato"),
}
_PLACES: Final = {
    # zip, city
    "SE": (
        ("114 55", "Stockholm"),
        ("411 03", "Göteborg"),
        ("973 31", "Luleå"),
        ("831 30", "Östersund"),
    ),
    "NO": (
        ("0354", "Oslo"),
        ("9008", "Tromsø"),
        ("5003", "Bergen"),
        ("3044", "Drammen"),
    ),
    "DK": (
        ("2100", "København Ø"),
        ("8000", "Aarhus C"),
        ("9900", "Frederikshavn"),
        ("5970", "Ærøskøbing"),
    ),
    "FI": (("00100", "Helsinki"), ("90100", "Oulu"), ("65100", "Vaasa / Vasa")),
    "DE": (("10115", "Berlin"), ("80331", "München"), ("37073", "Göttingen")),
    "FR": (("75011", "Paris"), ("59000", "Lille"), ("29200", "Brest")),
    "NL": (("1016 GV", "Amsterdam"), ("3511 LX", "Utrecht")),
    "GB": (
        ("EC1A 1BB", "London"),
        ("EH1 1YZ", "Edinburgh"),
        ("CF10 1EP", "Caerdydd / Cardiff"),
    ),
    "US": (("11201", "Brooklyn"), ("94110", "San Francisco"), ("55401", "Minneapolis")),
    "JP": (("150-0001", "東京都渋谷区"), ("604-8005", "Kyoto")),
}
_STREETS: Final = {
    "SE": ("Storgatan", "Sjömansvägen", "Älvsborgsgatan", "Åsögatan"),
    "NO": ("Kirkeveien", "Øvre Slottsgate", "Åsveien"),
    "DK": ("Nørrebrogade", "Østergade", "Ærøvej"),
    "FI": ("Mannerheimintie", "Hämeentie", "Ylämäentie"),
    "DE": ("Schloßstraße", "Weißenburger Straße", "Am Bärenweiher"),
    "FR": ("Rue de l'Église", "Boulevard Saint-Émilion"),
    "NL": ("Prinsengracht", "Oudegracht aan de Werf"),
    "GB": ("Baker Street", "Heol y Gadeirlan"),
    "US": ("Court Street", "W 42nd Street, Apt."),
    "JP": ("神宮前", "Marutamachi-dori"),
}
_PLAIN: Final = str.maketrans(
    {
        "å": "a",
        "ä": "a",
        "ö": "o",
        "ø": "o",
        "æ": "ae",
        "ß": "ss",
        "ü": "u",
        "é": "e",
        "ë": "e",
    }
)


def person(rng: Random, country: str) -> tuple[str, str]:
    """Return a first and a last name; abroad they are English."""
    key = country if country in _FIRST else "GB"
    return rng.choice(_FIRST[key]), rng.choice(_LAST[key])


def e_mail(first: str, last: str, number: int) -> str:
    """Return an address that belongs to nobody."""
    name = f"{first}.{last}".lower().translate(_PLAIN)
    kept = "".join(c for c in name if c.isascii() and (c.isalnum() or c in ".-"))
    return f"{kept.strip('.-') or 'kund'}.{number}@example.com"


def address_of(
    rng: Random,
    country: Country,
    customer: Customer | None = None,
    *,
    phone: str = "+46",
) -> Address:
    """Return an address in a country, of a customer if one is given."""
    key = country.code if country.code in _PLACES else "GB"
    zip_code, city = rng.choice(_PLACES[key])
    street = f"{rng.choice(_STREETS[key])} {rng.randint(1, 142)}"
    return Address(
        country=country,
        first_name=customer.first_name if customer else None,
        last_name=customer.last_name if customer else None,
        address1=street,
        address2=rng.choice((None, None, None, "lgh 1203", "c/o Öhrn")),
        zip_code=zip_code,
        city=city,
        email=customer.email if customer else None,
        phone_number=f"{phone}{rng.randint(200_000_000, 799_999_999)}",
    )
