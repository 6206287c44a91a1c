"""Commands that are told to people, as they can be typed."""

from __future__ import annotations

from tasks.environment import environment

__all__ = ["command"]


def command(words: str, connection: str) -> str:
    """`centra-visma WORDS`, with the connection where there are several to choose of.

    An empty `connection` is that of no one: what is told is about all of them.
    """
    named = connection and len(environment().names()) > 1
    return f"centra-visma {words}" + (f" --connection {connection}" if named else "")
