"""The trends of a connection: a month by day, as charts that the Prefect UI draws.

Mermaid charts in a markdown artifact: the UI draws them, and no library is needed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from ledger import Day
from mapping.counting import lasting
from tasks.environment import environment

__all__ = ["DAYS", "trends_due", "trends_page"]

DAYS = 30
_AGAIN_AFTER = timedelta(hours=1)
_LEAST = 5
"""How high a chart is at least, so that a single order fills none."""
_LOOK = (
    '%%{init: {"xyChart": {"height": 220, "width": 760}, '
    '"themeVariables": {"xyChart": {"plotColorPalette": "#2563eb"}}}}%%'
)
_CURSOR = "trends.made_at"


def trends_due(connection: str) -> str | None:
    """The page of a connection's trends, if none was made within the last hour.

    Who asks makes it: the next one is due an hour later.
    """
    env = environment()
    now, books = env.clock(), env.books(connection)
    with books.read() as unit:
        last = unit.cursors.get(_CURSOR)
    if last and now - datetime.fromisoformat(last) < _AGAIN_AFTER:
        return None
    with books.begin(repeatable=True) as unit:
        unit.cursors.move(_CURSOR, now.isoformat())
    with books.read() as unit:
        return trends_page(connection, unit.outcomes.days(now, DAYS))


def trends_page(connection: str, days: Sequence[Day]) -> str:
    """The page: four charts over the same days, and today's figures in words."""
    today = days[-1]
    lag = "unknown" if today.lag_seconds is None else lasting(today.lag_seconds)
    quota = "unknown" if today.quota is None else f"{today.quota:.0%}"
    lines = [
        (
            f"**{connection}, {days[0].on} to {today.on}** (days in UTC). Today: "
            f"{today.orders} orders, {today.parked} parked, lag {lag}, quota used {quota}."
        ),
        "",
    ]
    lines += _chart("Orders carried over", days, lambda day: day.orders)
    lines += _chart("Records parked", days, lambda day: day.parked)
    lines += _chart(
        "Lag in seconds, the middle one", days, lambda day: round(day.lag_seconds or 0)
    )
    lines += _chart(
        "Quota used in the fullest hour, percent",
        days,
        lambda day: round(100 * (day.quota or 0)),
    )
    return "\n".join(lines)


def _chart(title: str, days: Sequence[Day], value: Callable[[Day], int]) -> list[str]:
    values = [value(day) for day in days]
    marks = ", ".join(f'"{day.on.day}"' for day in days)
    return [
        "```mermaid",
        _LOOK,
        "xychart-beta",
        f'  title "{title}"',
        f"  x-axis [{marks}]",
        f"  y-axis 0 --> {max(*values, _LEAST)}",
        f"  bar [{', '.join(map(str, values))}]",
        "```",
        "",
    ]
