"""How the story of a number writes lines, amounts and names."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from mapping.money import amount_text

__all__ = [
    "kind_text",
    "money_text",
    "number_text",
    "plain_number",
    "sum_text",
    "text_line",
]


def text_line(indent: int, text: str, style: str = "") -> RenderableType:
    """A line that keeps its indent where it is wrapped."""
    return Padding(Text(text, style=style), (0, 0, 0, indent), expand=False)


def kind_text(kind: str, number: str) -> str:
    """A document by its kind and number."""
    return f"{kind.replace('_', ' ')} {number}"


def money_text(amount: str, currency: str | None) -> str:
    """An amount with the digits of its currency, unless it is finer."""
    if not currency:
        return number_text(amount)
    return f"{amount_text(Decimal(amount), currency)} {currency}"


def number_text(value: str) -> str:
    """A number with all of its digits, thousands set apart."""
    return f"{Decimal(value):,f}"


def plain_number(value: str) -> str:
    """A quantity or rate without trailing zeros."""
    return f"{Decimal(value).normalize():f}"


def sum_text(values: Sequence[str]) -> str:
    """Write a sum in figures: '500.00 + 49.00 - 60.00'."""
    text = ""
    for value in map(Decimal, values):
        sign = "-" if value < 0 else "+"
        if text:
            text += f" {sign} {abs(value):,f}"
        else:
            text = f"{'-' if value < 0 else ''}{abs(value):,f}"
    return text
