"""How alerts are told: one sentence each, several in one message."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Protocol

from mapping.dates import moment_text

__all__ = ["Told", "message", "sentence"]

_SHOWN = 20


class Told(Protocol):
    """What a sentence is made of."""

    @property
    def what(self) -> str:
        """What is wrong, and with which."""

    @property
    def since(self) -> datetime:
        """Since when."""

    @property
    def to_do(self) -> str:
        """What to do about it."""

    @property
    def link(self) -> str:
        """Where to press; empty if there is no such place."""


def sentence(alert: Told, zone: tzinfo) -> str:
    """What, since when, what to do, and where to press: one sentence."""
    since = moment_text(alert.since, zone)
    link = f" {alert.link}" if alert.link else ""
    return f"{alert.what}, since {since}: {alert.to_do}{link}"


def message(alerts: Sequence[Told], zone: tzinfo, *, solved: bool = False) -> str:
    """Several alerts in one message, a line each."""
    lines = [
        f"solved: {one.what}" if solved else sentence(one, zone)
        for one in alerts[:_SHOWN]
    ]
    if len(alerts) > _SHOWN:
        more = len(alerts) - _SHOWN
        lines.append(f"and {more} more: centra-visma alerts")
    return "\n".join(lines)
