"""Cleaning texts and cutting them without breaking a character."""

from __future__ import annotations

import unicodedata

__all__ = ["clean", "cut", "width", "wrap"]

_JOINER = "\u200d"
_KEPT_FORMATS = frozenset({_JOINER, "\u200c"})


def width(text: str) -> int:
    """Return a text's length as Visma.net counts it: an emoji is two (UTF-16)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def clean(text: str) -> str:
    """Return a text without control characters, stray blanks and lone surrogates."""
    if text.isascii() and text.isprintable():
        return " ".join(text.split())
    kept = "".join(_visible(character) for character in text)
    return " ".join(unicodedata.normalize("NFC", kept).split())


def cut(text: str, limit: int) -> str:
    """Return the start of a text, at most `limit` long and cut between characters."""
    if width(text) <= limit:
        return text
    taken = ""
    for cluster in _clusters(text):
        if width(taken) + width(cluster) > limit:
            break
        taken += cluster
    if not taken:  # one character piled up beyond the limit
        while text and width(taken) + width(text[0]) <= limit:
            taken, text = taken + text[0], text[1:]
    return taken.rstrip()


def wrap(text: str, limit: int) -> list[str]:
    """Break a text into pieces of at most `limit`, at blanks where there are any."""
    pieces: list[str] = []
    rest = text
    while width(rest) > limit:
        piece = cut(rest, limit)
        blank = piece.rfind(" ")
        if not rest[len(piece) :].startswith(" ") and blank > len(piece) // 2:
            piece = piece[:blank]
        pieces.append(piece.rstrip())
        rest = rest[len(piece) :].lstrip()
    return [*pieces, rest] if rest else pieces


def _visible(character: str) -> str:
    match unicodedata.category(character):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf" if character not in _KEPT_FORMATS:
            # the tags that make up the flags of England, Scotland and Wales stay
            return character if "\U000e0020" <= character <= "\U000e007f" else ""
        case "Cs":
            return ""
        case _:
            return character


def _clusters(text: str) -> list[str]:
    """Split a text into what a reader takes for one character."""
    clusters: list[str] = []
    for character in text:
        if clusters and _continues(clusters[-1], character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _continues(cluster: str, character: str) -> bool:
    if unicodedata.category(character) in {"Mn", "Me", "Mc", "Cf"}:
        return True
    if "\U0001f3fb" <= character <= "\U0001f3ff":  # skin tones
        return True
    if cluster.endswith(_JOINER):
        return True
    return _is_flag_letter(character) and (
        _is_flag_letter(cluster[0]) and len(cluster) == 1
    )


def _is_flag_letter(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
