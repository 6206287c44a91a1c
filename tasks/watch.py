"""The watch: what of a connection, or of the installation, somebody is to be told.

Reads the ledger and what Prefect said of the deployments; calls neither Centra nor
Visma.net. What it finds stands in the ledger (`ledger.alerts`), once while it lasts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from connectors.errors import ConfigError
from connectors.open import token_name
from ledger import INSTALLATION, AlertRow, IntentRow, Unit
from mapping.alert_facts import Ending, Facts, Held, Waiting, Watching, watching_on
from mapping.alert_words import sentence
from mapping.alerts import Cause, causes_of, large_databases, still_meant
from mapping.dates import moment_text
from settings.connection import Connection
from tasks.environment import Environment
from tasks.housekeeping import prefect_bytes
from tasks.stock_waiting import TOUCHED, place_names
from tasks.telling import zone_of
from tasks.watch_runs import DeploymentSeen, causes_of_runs

__all__ = ["AlertShown", "Looked", "look", "look_at_installation", "shown", "watched"]

_MARK = "watch"
"""Under which the ledger keeps since when the watch looks."""
_RENEWED = timedelta(hours=1)
_SETTINGS = "settings"


@dataclass(frozen=True)
class AlertShown:
    """An alert as the command and `--json` show it; `connection` may be empty."""

    connection: str
    cause: str
    message: str
    since: str
    told_at: str | None
    solved_at: str | None
    told: str
    """When it was told, in the time zone of its connection; empty if it was not yet."""
    link: str = field(default="")


@dataclass(frozen=True)
class Looked:
    """What began and what ended with one look, and how many alerts last."""

    begun: list[AlertShown]
    solved: list[AlertShown]
    lasting: int


def watched(env: Environment, deployments: Sequence[DeploymentSeen]) -> list[str]:
    """The connections to look at, sorted.

    Beside those that have a file: what runs by itself without one, and what has alerts,
    which else would neither be told nor end.
    """
    running = {one.connection for one in deployments if one.runs_by_itself}
    found = {*env.names(), *running, *env.ledger.alerted()}
    return sorted(found - {INSTALLATION})


def look(env: Environment, name: str, deployments: Sequence[DeploymentSeen]) -> Looked:
    """Look at a connection, and note what began and what ended.

    Raises:
        RetryableError: The ledger is busy or out of reach; the next look does it.
    """
    now = env.clock()
    mine = [one for one in deployments if one.connection == name]
    if name not in env.names():
        is_missed = any(one.runs_by_itself for one in mine)
        causes = [_file_missing(name, now)] if is_missed else []
        return _note(env, name, causes, knows_all=not is_missed)
    try:
        settings = env.connection(name)
    except ConfigError:
        cause = Cause(
            key=_SETTINGS,
            what=f"the settings of {name} cannot be used",
            since=now,
            to_do=f"see what is wrong with centra-visma check -c {name}",
        )
        return _note(env, name, [cause], knows_all=False)
    with env.books(name).begin(repeatable=True) as unit:
        watching = _watch_on(unit, now)
    with env.books(name).read() as unit:
        facts = _facts(env, settings, unit, mine, watching)
    causes = causes_of(name, facts, settings.alerts, watching.since, now)
    return _note(env, name, [*causes_of_runs(mine, name), *causes], knows_all=True)


def look_at_installation(
    env: Environment, deployments: Sequence[DeploymentSeen]
) -> Looked:
    """Look at what belongs to no connection.

    That a look happens at all solves what the server has noted of a missing worker.

    Raises:
        RetryableError: The ledger is busy or out of reach; the next look does it.
    """
    sizes = {
        "the ledger": env.ledger.upkeep.on_disk(),
        "Prefect": prefect_bytes(env.application),
    }
    known = {name: size for name, size in sizes.items() if size is not None}
    limit = env.application.database_limit_mb
    causes = [
        *causes_of_runs(deployments, INSTALLATION),
        *large_databases(known, limit, env.clock()),
    ]
    return _note(env, INSTALLATION, causes, knows_all=True)


def shown(env: Environment, rows: Sequence[AlertRow]) -> list[AlertShown]:
    """Alerts in words."""
    zones = {one.connection: zone_of(env, one.connection) for one in rows}
    return [
        AlertShown(
            connection=one.connection,
            cause=one.cause,
            message=sentence(one, zones[one.connection]),
            since=one.since.isoformat(),
            told_at=one.told_at.isoformat() if one.told_at else None,
            solved_at=one.solved_at.isoformat() if one.solved_at else None,
            told=moment_text(one.told_at, zones[one.connection]) if one.told_at else "",
            link=one.link,
        )
        for one in rows
    ]


def _note(
    env: Environment, name: str, causes: Sequence[Cause], *, knows_all: bool
) -> Looked:
    """Note what is there; what was there before and is not is solved."""
    alerts = env.ledger.alerts(name)
    before = alerts.open()
    meant = still_meant(causes, [one.cause for one in before])
    begun = alerts.see(meant)
    there = {one.key for one in meant}
    gone = [one for one in before if one.cause not in there] if knows_all else []
    alerts.solve([one.id for one in gone])
    lasting = len(before) + len(begun) - len(gone)
    return Looked(shown(env, begun), shown(env, gone), lasting)


def _file_missing(name: str, now: datetime) -> Cause:
    return Cause(
        key=_SETTINGS,
        what=f"the connection file of {name} is missing",
        since=now,
        to_do=f"put {name}.toml back (is its folder there?), or pause the deployments of "
        f"{name} with centra-visma deploy",
    )


def _watch_on(unit: Unit, now: datetime) -> Watching:
    kept = json.loads(unit.cursors.get(_MARK) or "null")
    before = (
        Watching(*(datetime.fromisoformat(kept[key]) for key in ("since", "last")))
        if kept
        else None
    )
    watching = watching_on(before, now)
    told = {key: value.isoformat() for key, value in asdict(watching).items()}
    unit.cursors.move(_MARK, json.dumps(told))
    return watching


def _facts(
    env: Environment,
    settings: Connection,
    unit: Unit,
    deployments: Sequence[DeploymentSeen],
    watching: Watching,
) -> Facts:
    exceptions = unit.exceptions.list()
    held = unit.intents.held()
    waiting = [
        _waiting(unit, one, held)
        for one in deployments
        if one.subject in unit.plans.scheduled()
    ]
    running = {one.direction for one in waiting if one.every}
    certificate = unit.certificates.last()
    certified = any(one.subject == "certificate" and one.nightly for one in deployments)
    mark = unit.cursors.get(TOUCHED)
    has_stock = settings.stock.is_on and "stock" in running
    return Facts(
        waiting=waiting,
        exceptions=len(exceptions),
        oldest=min((one.first_at for one in exceptions), default=None),
        stakes=unit.exceptions.amounts(),
        certified=certificate.made_at if certificate else None,
        unexplained=_unexplained(certificate.body) if certificate else 0,
        certifying=watching.since if certified else None,
        stock_read=datetime.fromisoformat(mark) if mark and has_stock else None,
        stock_unread=_unread(unit, settings) if has_stock else (),
        hints={
            one.direction: one.first_at
            for one in reversed(unit.hints.unanswered())
            if one.direction in running
        },
        endings=_endings(settings),
        login_lost=_login_lost(env, settings, watching) if running else None,
    )


def _unread(unit: Unit, settings: Connection) -> Sequence[datetime]:
    """When each figure was read last that Visma.net tells no more, of sizes on sale."""
    names = place_names(unit, settings.stock)
    unread = unit.shelves.unread_on_sale()
    return [one.since for one in unread if one.shelf.warehouse in names]


def _waiting(unit: Unit, seen: DeploymentSeen, held: Sequence[IntentRow]) -> Waiting:
    last = unit.runs.last(seen.subject)
    waits = (
        last is not None
        and last.state == "planned"
        and unit.plans.is_live(seen.subject)
        and unit.plans.has_writes(last.id)
    )
    return Waiting(
        direction=seen.subject,
        every=timedelta(seconds=seen.every_seconds) if seen.every_seconds else None,
        last_good=unit.runs.last_good_end(seen.subject),
        plan_since=last.started_at if last and waits else None,
        held=_held(unit, [one for one in held if one.direction == seen.subject]),
        link=seen.link,
    )


def _held(unit: Unit, held: Sequence[IntentRow]) -> Held | None:
    """What a direction's guard keeps back, if the plan of it can be approved."""
    mine = [one for one in held if one.is_current]
    plan = unit.plans.holding(mine[0].intent_id) if mine else None
    if plan is None:
        return None
    since = min(unit.runs.get(one).started_at for one in {row.run_id for row in mine})
    return Held(len(mine), since, plan)


def _unexplained(body: str) -> int:
    told = json.loads(body)["differences"]
    return sum(one["type"] == "unexplained" for one in told)


def _endings(settings: Connection) -> list[Ending]:
    rules, name, found = settings.alerts, settings.name, []
    if rules.centra_token_ends_on:
        to_do = (
            "make a new one in the AMS (System, API Tokens), keep it with centra-visma "
            f"secret {name} centra_token, and set alerts.centra_token_ends_on"
        )
        found.append(Ending("token of Centra", rules.centra_token_ends_on, to_do))
    if rules.visma_login_ends_on:
        to_do = (
            f"log in again with centra-visma login {name}, and set "
            "alerts.visma_login_ends_on"
        )
        found.append(Ending("login to Visma.net", rules.visma_login_ends_on, to_do))
    return found


def _login_lost(
    env: Environment, settings: Connection, watching: Watching
) -> datetime | None:
    """When a person's login ran out, if no run has renewed it since."""
    if settings.visma.grant != "authorization_code":
        return None  # a service logs in anew by itself
    token = env.ledger.tokens(settings.name).load(token_name(settings, "erp"))
    ended = token.expires_at if token else watching.since
    late = env.clock() - max(ended, watching.since) > _RENEWED
    return ended if late else None
