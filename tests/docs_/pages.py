"""Reads the pages: their sections, tables, code, links and anchors."""

from __future__ import annotations

import re
from pathlib import Path

__all__ = [
    "ROOT",
    "anchors",
    "blocks",
    "cells",
    "codes_in_first_column",
    "links",
    "page",
    "pages",
    "prose",
    "section",
    "spans",
]

ROOT = Path(__file__).parents[2]

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[[^\]\n]+\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^(#+) +(.*)$", re.MULTILINE)
_CELL = re.compile(r"(?<!\\)\|")


def pages() -> list[Path]:
    """The README and every page."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def page(name: str) -> str:
    """The text of a page."""
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def prose(text: str) -> str:
    """A page without its code blocks."""
    return _FENCE.sub("", text)


def blocks(text: str, language: str) -> list[str]:
    """The code blocks in a language."""
    return [body for name, body in _FENCE.findall(text) if name == language]


def spans(text: str) -> list[str]:
    """What stands between backticks in a line."""
    return _SPAN.findall(prose(text))


def links(text: str) -> list[str]:
    """The targets of all links."""
    return _LINK.findall(prose(text))


def anchors(text: str) -> set[str]:
    """The anchors that GitHub makes of the headings."""
    kept = (
        re.sub(r"[^\w\- ]", "", title.lower())
        for _, title in _HEADING.findall(prose(text))
    )
    return {title.strip().replace(" ", "-") for title in kept}


def section(text: str, heading: str) -> str:
    """What stands under a heading, up to the next of its rank or above."""
    title = re.search(rf"^(#+) {re.escape(heading)}$", text, re.MULTILINE)
    assert title is not None, f"there is no heading '{heading}'"
    rest = text[title.end() :]
    end = re.search(rf"^#{{1,{len(title.group(1))}}} ", rest, re.MULTILINE)
    return rest[: end.start()] if end else rest


def cells(text: str) -> list[list[str]]:
    """The rows of all tables, without headings and rules."""
    rows = []
    lines = prose(text).splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        is_table = line.startswith("|")
        if is_table and not line.startswith("|-") and not following.startswith("|-"):
            rows.append([cell.strip() for cell in _CELL.split(line)[1:-1]])
    return rows


def codes_in_first_column(text: str) -> set[str]:
    """What stands between backticks in the first cells of all tables."""
    return {code for row in cells(text) for code in _SPAN.findall(row[0])}
