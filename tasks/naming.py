"""What runs and steps are called in the Prefect UI, and by which tags they are found.

Pure: names are made of counts, batch ids and the form's own fields, never of records.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from tasks.direction import Window
from tasks.request import Summary

__all__ = [
    "LOAD_NAME",
    "WINDOW_NAME",
    "run_name",
    "run_tags",
    "slug",
    "under_way",
]

_OUTCOMES = ("parked", "held", "planned")
"""Tags that say how a run ended; those of an earlier attempt are taken off."""
_IDS = 3


def under_way(flow: str) -> str:
    """Template of a run's name while it runs: `orders · nordhem`."""
    return f"{flow.replace('_', ' ')} · {{connection}}"


def run_name(flow: str, what: str) -> str:
    """The name of a run that ended: `orders · 42 new, 1 parked`."""
    return f"{flow.replace('_', ' ')} · {what}"


def run_tags(before: Collection[str], connection: str, summary: Summary) -> set[str]:
    """The tags of a run that ended, given those it had."""
    told = {
        "parked": summary.counts.parked > 0,
        "held": summary.held is not None,
        "planned": summary.plan is not None,
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
    since = f"from {window.since:%Y-%m-%d %H:%M}" if window.since else ""
    until = f"until {window.until:%Y-%m-%d %H:%M}" if window.until else ""
    return " ".join(part for part in (since, until) if part)


# Prefect's type of such a function has a method that no function has
LOAD_NAME: Any = _load_name
WINDOW_NAME: Any = _window_name
