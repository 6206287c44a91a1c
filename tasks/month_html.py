"""The pack as one page that needs nothing beside it: to be read, printed and kept."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from mapping.month_tables import Cell, Column, Pack

__all__ = ["render_html"]

_TEMPLATES = Path(__file__).parent / "templates"
_RIGHT = frozenset({"money", "rate", "percent", "count"})
_NARROW = "\u202f"


def render_html(pack: Pack, zone: ZoneInfo) -> str:
    """Return the page of a pack; times are those of a zone."""
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

    def cell(value: Cell, column: Column) -> str:
        return _text(value, column, zone)

    environment.filters["cell"] = cell
    environment.filters["side"] = _side
    made = pack.made_at.astimezone(zone)
    return environment.get_template("month_end.html").render(
        pack=pack, made=f"{made:%Y-%m-%d %H:%M}", zone=zone.key
    )


def _text(value: Cell, column: Column, zone: ZoneInfo) -> str:
    match value:
        case None:
            return ""
        case Decimal():
            if column.kind == "money":
                return _money(value)
            return f"{value.normalize():f}"
        case datetime():
            return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


def _money(value: Decimal) -> str:
    """Digits in groups, with a sign that does not break; at least the usual decimals."""
    digits = max(2, -int(value.normalize().as_tuple().exponent))
    text = f"{abs(value):,.{digits}f}".replace(",", _NARROW)
    return f"\u2212{text}" if value < 0 else text


def _side(column: Column) -> str:
    if column.kind in _RIGHT:
        return "n"
    return "d" if column.kind in {"day", "time"} else "t"
