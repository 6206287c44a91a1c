"""Takes personal data and secrets out of texts before a person or a log sees them."""

from __future__ import annotations

import re

__all__ = ["redact"]

_LONGEST = 400
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")
_BEARER = re.compile(r"\b(bearer|basic)\s+[\w.~+/=-]+", re.IGNORECASE)
_JWT = re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?")
_NAMED = re.compile(
    r"(?P<name>(?:access_|refresh_|id_)?token|client_secret|password|code_verifier"
    r"|authorization|api[_-]?key)(?P<gap>[\"']?\s*[:=]\s*[\"']?)(?P<value>[^\s\"'&,}]+)",
    re.IGNORECASE,
)
_BLANKS = re.compile(r"\s+")


def redact(text: str) -> str:
    """Return a text in one line, cut, without e-mail addresses, tokens or secrets."""
    line = _BLANKS.sub(" ", text).strip()
    line = _BEARER.sub(r"\1 [secret]", line)
    line = _JWT.sub("[secret]", line)
    line = _NAMED.sub(r"\g<name>\g<gap>[secret]", line)
    line = _EMAIL.sub("[e-mail]", line)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"
