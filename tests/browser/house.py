"""The house of the browser: an installation whose settings lose a row and get it back."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from tests.room.house import House

__all__ = [
    "link_documents",
    "map_swedish_vat",
    "place",
    "sales_orders",
    "written",
]

_SWEDISH_VAT = """[[vat]]
countries = ["SE"]
rate = 25
customer = "b2c"
category = "STDG"
zone = "SE"
prices = "gross"
"""
_LINKS = """
[links.centra]
order = "https://shop.example/orders/{id}"

[links.visma]
sales_order = "https://erp.example/?type={type}&number={id}"
"""


def _file(house: House) -> Path:
    return house.home / "connections" / "nordhem.toml"


def link_documents(house: House) -> None:
    """Say in the settings where documents are looked at."""
    text = _file(house).read_text(encoding="utf-8")
    _file(house).write_text(text + _LINKS, encoding="utf-8")


def map_swedish_vat(house: House, *, is_mapped: bool) -> None:
    """Take the row of Swedish VAT out of the settings, or put it back in its place."""
    text = _file(house).read_text(encoding="utf-8")
    before, after = (_SWEDISH_VAT, "# no row of Sweden\n")
    if is_mapped:
        before, after = after, before
    assert text.count(before) == 1
    _file(house).write_text(text.replace(before, after), encoding="utf-8")


def place(house: House) -> int:
    """Place an order of a Swedish consumer; answers its number."""
    return int(house.sandbox.ask("centra/nordhem/orders", {"order": {}})["numbers"][0])


def sales_orders(house: House, number: int) -> list[dict[str, Any]]:
    """The sales orders that carry an order's reference."""
    found = house.sandbox.ask("state?full=1")["visma"]["nordhem"]["documents"]
    return [
        one for one in found["sales_orders"] if one["customerOrder"] == f"N-{number}"
    ]


def written(house: House) -> Counter[str]:
    """Requests that asked Visma.net for a change since it was planted, by operation."""
    log = house.sandbox.ask("calls")["log"]
    return Counter(
        call["op"] for call in log if call["write"] and call["op"].startswith("visma.")
    )
