"""What is an alert: one cause, by what is known and the limits of the settings.

It names connections, directions, counts, amounts and moments, never what a record, an
error or a vendor said: those can hold names, addresses or secrets.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mapping.alert_facts import Facts, Held
from mapping.counting import counted
from mapping.money import sum_text
from settings.alerts import AlertRules

__all__ = ["HOLD", "Cause", "causes_of", "large_databases", "still_meant"]

HOLD = timedelta(minutes=15)
"""A failed run stays a cause for so long, though the next one ended well."""
_MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that somebody should know of.

    `key` tells it from the others of its connection; `explained_by` are keys of causes
    beside which it is no news.
    """

    key: str
    what: str
    since: datetime
    to_do: str
    link: str = ""
    explained_by: tuple[str, ...] = ()


def causes_of(
    connection: str, facts: Facts, rules: AlertRules, since: datetime, now: datetime
) -> list[Cause]:
    """Everything that is wrong with a connection now, by what the ledger knows.

    Args:
        connection: Its name.
        facts: What the ledger knows.
        rules: Its limits.
        since: Since when the watch looks; what rested with it is not late.
        now: The time.
    """
    return [
        *_silent(connection, facts, rules, since, now),
        *_parked(connection, facts, rules, now),
        *_certificate(connection, facts, rules, now),
        *_stock(facts, rules, since, now),
        *_hints(facts, rules, since, now),
        *_endings(connection, facts, rules, now),
    ]


def large_databases(
    sizes: Mapping[str, int], limit_mb: int, now: datetime
) -> list[Cause]:
    """Each database that is larger than it may be; sizes in bytes, by name."""
    return [
        Cause(
            key=f"size:{name}",
            what=f"the database of {name} takes {size // _MEGA:,} MB, more than {limit_mb:,}",
            since=now,
            to_do="see what housekeeping keeps (centra-visma housekeeping), or raise "
            "CENTRA_VISMA_DATABASE_LIMIT_MB",
        )
        for name, size in sizes.items()
        if size > limit_mb * _MEGA
    ]


def still_meant(causes: Sequence[Cause], open_keys: Collection[str]) -> list[Cause]:
    """Leave out what another cause explains, unless it was told before that one came."""
    there = {one.key for one in causes} | set(open_keys)
    return [
        one
        for one in causes
        if one.key in open_keys or not there.intersection(one.explained_by)
    ]


def _silent(
    connection: str, facts: Facts, rules: AlertRules, since: datetime, now: datetime
) -> list[Cause]:
    """Directions that have not ended well for too long, or wait to be approved."""
    found: list[Cause] = []
    for one in facts.waiting:
        if one.plan_since is not None:
            found.append(
                Cause(
                    key=f"plan:{one.direction}",
                    what=f"{one.direction} of {connection} waits for an approval",
                    since=one.plan_since,
                    to_do=f"look at it and approve it (centra-visma plan {one.direction} "
                    f"-c {connection}, then apply)",
                    link=one.link,
                )
            )
        if one.held is not None:
            found.append(_held(connection, one.direction, one.held, one.link))
        if one.every is None:
            continue
        at_least = timedelta(minutes=rules.silent_minutes)
        last = max(filter(None, (one.last_good, since)))
        if now - last > max(at_least, rules.silent_intervals * one.every):
            found.append(
                Cause(
                    key=f"silent:{one.direction}",
                    what=f"{one.direction} of {connection} has not ended well, though it "
                    f"runs every {_span(one.every)}",
                    since=one.last_good or since,
                    to_do="look at its runs",
                    link=one.link,
                    explained_by=(
                        f"failed:{one.direction}",
                        f"late:{one.direction}",
                    ),
                )
            )
    return found


def _held(connection: str, direction: str, held: Held, link: str) -> Cause:
    """What a guard keeps back: a shop may sell what is not there, or at a wrong price."""
    waits = "waits" if held.writes == 1 else "wait"
    return Cause(
        key=f"held:{direction}",
        what=f"{counted(held.writes, 'write')} of {direction} of {connection} {waits} "
        "for an approval, and all else goes on",
        since=held.since,
        to_do=f"see why (centra-visma exceptions list -c {connection}) and approve it "
        f"(centra-visma apply {held.plan} -c {connection}), or correct it at its source",
        link=link,
    )


def _parked(
    connection: str, facts: Facts, rules: AlertRules, now: datetime
) -> list[Cause]:
    """Parked records that are too old, or too dear: one cause each, however many."""
    found: list[Cause] = []
    to_do = f"see what each needs with centra-visma exceptions list -c {connection}"
    records = counted(facts.exceptions, "parked record")
    dear = {
        currency: amount
        for currency, amount in sorted((facts.stakes or {}).items())
        if amount > rules.exception_amount
    }
    if dear:
        sums = " and ".join(sum_text(amount, name) for name, amount in dear.items())
        what = (
            f"{connection} has {records} with {sums} at stake, more than "
            f"{rules.exception_amount:,}"
        )
        found.append(Cause("exceptions:amount", what, facts.oldest or now, to_do))
    if facts.oldest and now - facts.oldest > timedelta(hours=rules.exception_hours):
        what = (
            f"{connection} has {records}, the oldest for more than "
            f"{rules.exception_hours} hours"
        )
        found.append(
            Cause(
                key="exceptions:age",
                what=what,
                since=facts.oldest,
                to_do=to_do,
                explained_by=("exceptions:amount",),
            )
        )
    return found


def _certificate(
    connection: str, facts: Facts, rules: AlertRules, now: datetime
) -> list[Cause]:
    """A certificate with something unexplained, or none for too many nights."""
    found: list[Cause] = []
    if facts.certified and facts.unexplained:
        found.append(
            Cause(
                key="certificate:unexplained",
                what=f"the certificate of {connection} has "
                f"{counted(facts.unexplained, 'difference')} without a cause",
                since=facts.certified,
                to_do=f"see them with centra-visma certificate -c {connection}",
            )
        )
    last = facts.certified or facts.certifying
    # the hour in which one is made may move by two: summer time, and a long night
    allowed = timedelta(days=rules.certificate_nights, hours=2)
    if facts.certifying and last and now - last > allowed:
        found.append(
            Cause(
                key="certificate:none",
                what=f"{connection} has had no certificate for "
                f"{rules.certificate_nights} nights",
                since=last,
                to_do=f"look at the runs of certificate/{connection}, or make one with "
                f"centra-visma certificate -c {connection}",
                explained_by=("failed:certificate", "late:certificate"),
            )
        )
    return found


def _stock(
    facts: Facts, rules: AlertRules, since: datetime, now: datetime
) -> list[Cause]:
    limit = timedelta(minutes=rules.stock_minutes)
    return [
        *_stock_read(facts, limit, since, now),
        *_stock_unread(facts, limit, since, now),
    ]


def _stock_unread(
    facts: Facts, limit: timedelta, since: datetime, now: datetime
) -> list[Cause]:
    old = [one for one in facts.stock_unread if now - max(one, since) > limit]
    if not old:
        return []
    return [
        Cause(
            key="stock:unread",
            what=f"Visma.net no longer tells the stock of {counted(len(old), 'size')} "
            f"that Centra sells, for longer than {_span(limit)}",
            since=min(old),
            to_do="see them with centra-visma stock (state: not read), and bring the "
            "items back in Visma.net, or take the sizes off sale in Centra",
            explained_by=("failed:stock", "late:stock", "silent:stock"),
        )
    ]


def _stock_read(
    facts: Facts, limit: timedelta, since: datetime, now: datetime
) -> list[Cause]:
    if facts.stock_read is None or now - max(facts.stock_read, since) <= limit:
        return []
    return [
        Cause(
            key="stock:old",
            what=f"the stock that Centra sells from is older than {_span(limit)}",
            since=facts.stock_read,
            to_do="look at the runs of stock, and at centra-visma stock",
            link=next(
                (one.link for one in facts.waiting if one.direction == "stock"), ""
            ),
            explained_by=("failed:stock", "late:stock", "silent:stock"),
        )
    ]


def _hints(
    facts: Facts, rules: AlertRules, since: datetime, now: datetime
) -> list[Cause]:
    limit = timedelta(minutes=rules.hint_minutes)
    known = {one.direction: one.link for one in facts.waiting}
    return [
        Cause(
            key=f"hints:{direction}",
            what=f"webhooks for {direction} wait for a run",
            since=first,
            to_do="see whether the receiver runs (centra-visma status), and look at the runs",
            link=known[direction],
            explained_by=(
                f"failed:{direction}",
                f"late:{direction}",
                f"silent:{direction}",
            ),
        )
        for direction, first in sorted((facts.hints or {}).items())
        if direction in known and now - max(first, since) > limit
    ]


def _endings(
    connection: str, facts: Facts, rules: AlertRules, now: datetime
) -> list[Cause]:
    found = []
    for one in facts.endings:
        left = (one.ends_on - now.date()).days
        if left > rules.days_before_end:
            continue
        ends = "ended" if left < 0 else "ends"
        found.append(
            Cause(
                key=f"ends:{one.name}",
                what=f"the {one.name} of {connection} {ends} on {one.ends_on}",
                since=now,
                to_do=one.to_do,
            )
        )
    if facts.login_lost is not None:
        found.append(
            Cause(
                key="login:lost",
                what=f"the login of {connection} to Visma.net was not renewed",
                since=facts.login_lost,
                to_do=f"log in again with centra-visma login {connection}",
            )
        )
    return found


def _span(span: timedelta) -> str:
    """A time for people: 30 seconds, 5 minutes, 2 hours."""
    seconds = int(span.total_seconds())
    for size, name in ((3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds % size == 0 and seconds >= size:
            count = seconds // size
            return name if count == 1 else f"{count} {name}s"
    return f"{seconds} seconds"
