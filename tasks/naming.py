"""What runs and steps are called in the Prefect UI, and by which tags they are found.

Pure: names are made of counts, batch ids and the form's own fields, never of records.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from mapping.counting import counted
from mapping.periods import days_named
from tasks.direction import Window
from tasks.request import Summary

__all__ = [
    "LOAD_NAME",
    "WINDOW_NAME",
    "days_of",
    "run_name",
    "run_tags",
    "slug",
    "under_way",
    "waiting_words",
]

_OUTCOMES = ("parked", "held", "planned")
"""Tags that say how a run ended; those of an earlier attempt are taken off."""
_IDS = 3


def under_way(flow: str) -> str:
    """Template of a run's name while it runs: `orders · nordhem`."""
    return f"{flow.replace('_', ' ')} · {{connection}}"


def run_name(flow: str, what: str, window: Window | None = None) -> str:
    """The name of a run: `orders · 42 new, 1 parked`.

    A window of a backfill tells its days first: `orders · 2026-01-01–07 · 42 new`, and
    nothing else before it has ended.
    """
    days = days_of(window) if window and window.by_date else ""
    return " · ".join(filter(None, (flow.replace("_", " "), days, what)))


def waiting_words(writes: int) -> str:
    """What a run that waits is called by: `12 writes wait for approval`."""
    return (
        f"{counted(writes, 'write')} {'waits' if writes == 1 else 'wait'} for approval"
    )


def days_of(window: Window) -> str:
    """The days of a window that has both ends: `2026-01-01–07`."""
    if window.since is None or window.until is None:
        return "no days"
    last = window.until - timedelta(microseconds=1)
    return days_named(window.since.date(), last.date())


def run_tags(before: Collection[str], connection: str, summary: Summary) -> set[str]:
    """The tags of a run that ended, given those it had."""
    told = {
        "parked": summary.counts.parked > 0,
        "held": summary.held is not None,
        "planned": summary.is_to_approve,
    }
    return {
        *(tag for tag in before if tag not in _OUTCOMES),
        f"connection:{connection}",
        f"direction:{summary.direction}",
        *(tag for tag, is_so in told.items() if is_so),
    }


def slug(*parts: str) -> str:
    """The key of an artifact: `credit_notes`, `nordhem` is `credit-notes-nordhem`."""
    return re.sub(r"[^a-z0-9]+", "-", "-".join(parts).lower())


def _window_name(parameters: dict[str, Any]) -> str:
    """The name of a step that reads: which part of the source."""
    window: Window = parameters["window"]
    return f"extract · {_window(window)}"


def _load_name(parameters: dict[str, Any]) -> str:
    """The name of a step that sends: a batch, or a plan's writes."""
    if parameters.get("batch_id") is not None:
        return f"load · batch {parameters['batch_id']}"
    return f"load · plan of {len(parameters.get('intent_ids') or ())} writes"


def _window(window: Window) -> str:
    if window.ids:
        more = f" and {len(window.ids) - _IDS} more" if len(window.ids) > _IDS else ""
        return f"{', '.join(window.ids[:_IDS])}{more}"
    if window.full:
        return "everything"
    if window.since is None and window.until is None:
        return "what is new"
    if window.by_date:
        return days_of(window)
    since = f"from {window.since:%Y-%m-%d %H:%M}" if window.since else ""
    until = f"until {window.until:%Y-%m-%d %H:%M}" if window.until else ""
    return " ".join(part for part in (since, until) if part)


# Prefect's type of such a function has a method that no function has
LOAD_NAME: Any = _load_name
WINDOW_NAME: Any = _window_name
