"""The watch: each cause is told once, its end once, and nothing when nothing is wrong."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from connectors.credentials import StoredToken
from connectors.errors import ConfigError
from connectors.open import token_name
from ledger import INSTALLATION, Call
from ledger.schema import exceptions
from tasks.alert_block import note_of_server
from tasks.channels import channels_of
from tasks.stock_waiting import TOUCHED
from tasks.telling import Telling, tell
from tasks.watch import Looked, look, look_at_installation, watched
from tasks.watch_runs import DeploymentSeen, FailedSeen
from tests.tasks_.channel import SECRET, Listener, a_listener
from tests.tasks_.stand import Stand, a_connection

LINK = "http://127.0.0.1:4200/deployments/deployment/1"


@dataclass
class Post:
    """A stand whose alerts are heard."""

    stand: Stand
    heard: Listener
    deployments: list[DeploymentSeen]

    async def pass_by(self, minutes: float = 5, every: float = 5) -> Telling:
        """Let some time pass, with a look of the watch every so many minutes."""
        done = Telling()
        while minutes > 0:
            step = min(minutes, every)
            self.stand.wait(minutes=step)
            minutes -= step
            self.look()
            done = await tell(self.stand.environment, [INSTALLATION, *self.names])
        return done

    def look(self) -> list[Looked]:
        """One look at everything."""
        env = self.stand.environment
        return [
            look_at_installation(env, self.deployments),
            *(look(env, name, self.deployments) for name in self.names),
        ]

    @property
    def names(self) -> list[str]:
        """The connections."""
        return watched(self.stand.environment, self.deployments)

    def open(self, connection: str = "nordhem") -> list[str]:
        """The keys of what lasts."""
        rows = self.stand.environment.ledger.alerts(connection).open()
        return [one.cause for one in rows]

    def change(self, **changes: Any) -> None:
        """Change settings of the connection."""
        self.stand.environment.connections["nordhem"] = a_connection(**changes)

    def told(self) -> list[str]:
        """The one-line messages that came since the last time."""
        return [line for text in self.heard.take() for line in text.splitlines()]


def seen(subject: str = "orders", **values: Any) -> DeploymentSeen:
    """A deployment of nordhem, by default one that nothing is wrong with."""
    values = {"connection": "nordhem", "link": LINK, **values}
    return DeploymentSeen(subject=subject, **values)


@pytest.fixture
def post(stand: Stand) -> Iterator[Post]:
    """A live stand with one channel, and orders on a schedule."""
    with a_listener() as heard:
        stand.environment.application.alerts = SecretStr(heard.address)
        yield Post(stand, heard, [seen(every_seconds=120)])


async def test_nothing_is_told_when_nothing_is_wrong(post: Post) -> None:
    """Runs that end well: not one message, not one alert."""
    for _ in range(8):
        await post.stand.run()
        await post.pass_by(5)

    assert (post.heard.calls, post.open(), post.open(INSTALLATION)) == (0, [], [])


async def test_a_silent_direction_is_told_once_and_solved_once(post: Post) -> None:
    """After fifteen minutes, once however long it lasts; its end once, if that is set."""
    post.stand.environment.application.alerts_solved = True
    await post.stand.run()
    await post.pass_by(15)
    assert post.told() == []

    await post.pass_by(600, every=15)

    assert post.told() == [
        (
            "orders of nordhem has not ended well, though it runs every 2 minutes, "
            f"since 2026-03-10 10:30 CET: look at its runs {LINK}"
        )
    ]
    await post.stand.run()
    await post.pass_by(5)
    assert post.told() == [
        "solved: orders of nordhem has not ended well, though it runs every 2 minutes"
    ]
    await post.pass_by(10)
    assert (post.told(), post.open()) == ([], [])


async def test_a_plan_that_waits_is_told_unless_it_is_empty(post: Post) -> None:
    """An approval of nothing is nobody's task."""
    await post.stand.run(mode="plan")
    await post.pass_by(5)
    assert (post.told(), post.open()) == ([], [])

    post.stand.place()
    await post.stand.run(mode="plan")
    await post.pass_by(5)

    [line] = post.told()
    assert line.startswith("orders of nordhem waits for an approval, since 2026-03-10")
    await post.stand.run()
    await post.pass_by(5)
    assert post.open() == []


async def test_a_direction_that_is_not_scheduled_is_never_silent(post: Post) -> None:
    """Whoever paused its schedule knows that it does not run."""
    await post.stand.run()
    post.deployments = [seen(every_seconds=None)]

    await post.pass_by(600, every=15)

    assert (post.told(), post.open()) == ([], [])


async def test_what_rested_with_the_watch_is_not_late(post: Post) -> None:
    """After a night in which nothing ran, directions first get the time to run."""
    await post.stand.run()
    await post.pass_by(5)
    post.stand.wait(minutes=60 * 12)
    await post.pass_by(10)
    assert post.told() == []

    await post.pass_by(15)
    assert len(post.told()) == 1


async def test_a_failed_run_is_told_once_however_often_it_comes(post: Post) -> None:
    """Runs that fail again and again are one cause; it explains that none ends well."""
    for _ in range(8):
        at = post.stand.world.clock.now()
        failed = FailedSeen(at=at, crashed=False, link="http://ui/run/7")
        post.deployments = [seen(every_seconds=120, failed=failed)]
        await post.pass_by(5)

    assert post.told() == [
        (
            "a run of orders of nordhem failed, since 2026-03-10 10:30 CET: see why on its "
            "page, put it right, and press Retry there http://ui/run/7"
        )
    ]
    assert post.open() == ["failed:orders"]
    post.deployments = [seen(every_seconds=120)]
    await post.stand.run()
    await post.pass_by(5)
    assert (post.told(), post.open()) == ([], [])


async def test_several_causes_at_once_are_one_message(post: Post) -> None:
    """An outage in which all directions fail is one message with a line for each."""
    at = post.stand.world.clock.now()
    post.deployments = [
        seen(name, failed=FailedSeen(at=at, crashed=name == "stock", link="http://ui"))
        for name in ("orders", "payments", "stock")
    ]

    await post.pass_by(30)

    [text] = post.heard.take()
    assert [line.split(",")[0] for line in text.splitlines()] == [
        "a run of orders of nordhem failed",
        "a run of payments of nordhem failed",
        "a run of stock of nordhem crashed",
    ]


async def test_a_late_run_is_told(post: Post) -> None:
    """A run that no worker takes is a cause of its own."""
    late = post.stand.world.clock.now()
    post.deployments = [seen(every_seconds=120, late_since=late)]

    await post.pass_by(60)

    assert post.open() == ["late:orders"]
    assert len(post.told()) == 1


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        (
            100_000,
            "nordhem has 1,000 parked records, the oldest for more than 24 hours,",
        ),
        (
            50_000,
            "nordhem has 1,000 parked records with 79,950.00 EUR at stake, more than 50,000,",
        ),
    ],
)
async def test_a_thousand_parked_records_are_one_message(
    post: Post, limit: int, told: str
) -> None:
    """Too old or too dear, or both: one cause with their number; none of them is named."""
    people = [
        post.stand.place(country="DE", email=f"person{n}@example.com") for n in range(3)
    ]
    rows = [row.model_dump() for row in a_connection().vat if "SE" in row.countries]
    post.change(vat=rows, alerts={"exception_amount": limit})
    await post.stand.run()
    assert len(post.stand.exceptions()) == len(people)
    _copy_exceptions(post, 1_000 - len(people))
    post.deployments = []

    await post.pass_by(60 * 30, every=60)

    [line] = post.told()
    assert line == (
        f"{told} since 2026-03-10 10:30 CET: see what each needs with centra-visma "
        "exceptions list -c nordhem"
    )


async def test_an_amount_at_stake_is_told_at_once(post: Post) -> None:
    """Parked records of one currency that come to more than the limit do not wait a day."""
    order = post.stand.place()
    post.change(
        vat=[row.model_dump() for row in a_connection().vat if "DE" in row.countries],
        alerts={"exception_amount": 10},
    )
    await post.stand.run()
    [row] = post.stand.exceptions()
    assert row.amount is not None
    post.deployments = []

    await post.pass_by(60)

    assert post.told() == [
        (
            f"nordhem has 1 parked record with {row.amount:,.2f} SEK at stake, more than 10, "
            "since 2026-03-10 10:30 CET: see what each needs with centra-visma exceptions list "
            "-c nordhem"
        )
    ]
    assert str(order.number) not in post.open()[0]


@pytest.mark.parametrize(("days", "told"), [(15, 0), (14, 1), (-1, 1)])
async def test_a_token_that_ends_is_told_two_weeks_before(
    post: Post, days: int, told: int
) -> None:
    """The token of Centra ends for certain; its day is a setting."""
    ends = post.stand.world.clock.now().date() + timedelta(days=days)
    post.change(alerts={"centra_token_ends_on": ends})
    post.deployments = []

    await post.pass_by(60)

    lines = post.told()
    assert len(lines) == told
    if told:
        word = "ends" if days > 0 else "ended"
        assert lines[0].startswith(f"the token of Centra of nordhem {word} on {ends},")
        assert "centra-visma secret nordhem centra_token" in lines[0]


async def test_a_login_that_nobody_renews_is_told(post: Post) -> None:
    """A person's login that ran out while directions should run ends the connection."""
    post.change(
        visma={**a_connection().visma.model_dump(), "grant": "authorization_code"}
    )
    settings = post.stand.environment.connection("nordhem")
    await _live(post)
    token = StoredToken(
        access_token=SecretStr(SECRET),
        refresh_token=SecretStr(SECRET),
        expires_at=post.stand.world.clock.now() + timedelta(hours=1),
        scope="",
    )
    post.stand.environment.ledger.tokens("nordhem").save(
        token_name(settings, "erp"), token
    )
    post.deployments = [seen(every_seconds=36_000)]
    await post.pass_by(115)
    assert post.told() == []

    await post.pass_by(120)

    [line] = post.told()
    assert line.startswith("the login of nordhem to Visma.net was not renewed, since")
    assert line.endswith("log in again with centra-visma login nordhem")


async def test_an_unexplained_difference_is_told(post: Post) -> None:
    """Once for each certificate that lasts; gone with the next one that is clean."""
    post.deployments = []
    _certify(post, "unexplained", "timing", "unexplained")

    await post.pass_by(60)

    [line] = post.told()
    assert line.startswith(
        "the certificate of nordhem has 2 differences without a cause, since 2026-03-10"
    )
    _certify(post, "timing")
    await post.pass_by(5)
    assert (post.told(), post.open()) == ([], [])


async def test_two_nights_without_a_certificate_are_told(post: Post) -> None:
    """Fifty hours after the last one, and only while its schedule is on."""
    _certify(post)
    post.deployments = [seen("certificate", nightly=False)]
    await post.pass_by(60 * 49, every=60)
    post.deployments = [seen("certificate", nightly=True)]
    await post.pass_by(55)
    assert post.told() == []

    await post.pass_by(60 * 10, every=15)

    [line] = post.told()
    assert line.startswith("nordhem has had no certificate for 2 nights, since 2026-03")


async def test_old_stock_is_told(post: Post) -> None:
    """Figures older than half an hour, though runs of stock end well."""
    await _live(post, "stock")
    post.deployments = [seen("stock", every_seconds=30)]
    with post.stand.environment.books("nordhem").begin() as unit:
        unit.cursors.move(TOUCHED, post.stand.world.clock.now().isoformat())
    for _ in range(6):
        await _end_well(post, "stock")
        await post.pass_by(5)
    assert post.told() == []

    for _ in range(6):
        await _end_well(post, "stock")
        await post.pass_by(5)

    [line] = post.told()
    assert line.startswith("the stock that Centra sells from is older than 30 minutes,")
    assert post.open() == ["stock:old"]


async def test_hints_that_no_run_takes_up_are_told(post: Post) -> None:
    """A webhook was received, and for half an hour nobody looked."""
    await _live(post)
    post.deployments = [seen(every_seconds=36_000)]
    await post.pass_by(5)
    at = post.stand.world.clock.now()
    with post.stand.environment.books("nordhem").begin() as unit:
        unit.hints.receive(
            [Call("centra", "digest", ("orders", "customers"), at)],
            keep=timedelta(hours=1),
        )
    await post.pass_by(30)
    assert post.told() == []

    await post.pass_by(30)

    [line] = post.told()
    assert line.startswith("webhooks for orders wait for a run, since 2026-03-10")


async def test_a_database_that_grew_too_large_is_told(
    post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It belongs to the installation, so one message is told for all connections."""
    monkeypatch.setattr("tasks.watch.prefect_bytes", lambda _: None)
    post.deployments = []
    post.stand.environment.application.database_limit_mb = 0

    await post.pass_by(60)

    assert [line.split(" takes ")[0] for line in post.told()] == [
        "the database of the ledger"
    ]
    assert (post.open(), post.open(INSTALLATION)) == ([], ["size:the ledger"])


async def test_settings_that_cannot_be_read_are_told(post: Post) -> None:
    """And end no other cause, as nobody can say whether it lasts."""
    await post.stand.run()
    await post.pass_by(60)
    assert len(post.told()) == 1
    folder = post.stand.environment.application.connections
    folder.mkdir(parents=True)
    (folder / "nordhem.toml").write_text("prefix = 1")
    post.stand.environment.connections.clear()

    await post.pass_by(60)

    [line] = post.told()
    assert line.startswith("the settings of nordhem cannot be used, since")
    assert post.open() == ["silent:orders", "settings"]


async def test_a_connection_file_that_is_gone_is_told(post: Post) -> None:
    """As long as anything of the connection is to run by itself; then nothing is."""
    post.deployments = [seen(every_seconds=120), seen("certificate", nightly=True)]
    connections = post.stand.environment.connections
    there = dict(connections)
    connections.clear()

    await post.pass_by(60)

    assert post.told() == [
        (
            "the connection file of nordhem is missing, since 2026-03-10 09:35 UTC: put "
            "nordhem.toml back (is its folder there?), or pause the deployments of nordhem "
            "with centra-visma deploy"
        )
    ]
    assert post.open() == ["settings"]
    post.deployments = [seen(), seen("certificate")]
    await post.pass_by(5)
    assert (post.open(), post.told()) == ([], [])
    connections.update(there)
    await post.pass_by(5)
    assert (post.open(), post.told()) == ([], [])


async def test_connections_do_not_share_causes(post: Post) -> None:
    """The same cause of two connections is two alerts, each in a message of its own."""
    env = post.stand.environment
    env.connections["other"] = a_connection("other")
    at = post.stand.world.clock.now()
    failed = FailedSeen(at=at, crashed=False, link="http://ui")
    post.deployments = [
        seen(connection=name, failed=failed) for name in ("nordhem", "other")
    ]
    await post.pass_by(10)
    assert [text.split(",")[0] for text in post.heard.take()] == [
        "a run of orders of nordhem failed",
        "a run of orders of other failed",
    ]

    post.deployments = [seen(connection="other", failed=failed)]
    await post.pass_by(5)

    assert (post.open("nordhem"), post.open("other")) == ([], ["failed:orders"])


async def test_a_channel_that_fails_loses_nothing(post: Post) -> None:
    """It is told with the first message that is taken; then not again."""
    late = post.stand.world.clock.now()
    post.deployments = [seen(late_since=late)]
    post.heard.deaf = True
    done = await post.pass_by(15)
    assert (done.deaf, done.begun) == (["1 json"], 0)
    assert post.heard.calls == 3

    post.heard.deaf = False
    await post.pass_by(60)

    assert len(post.told()) == 1
    assert post.heard.calls == 4


async def test_a_channel_that_works_is_not_told_twice(post: Post) -> None:
    """While another one fails it hears nothing anew; the other one hears it later."""
    late = post.stand.world.clock.now()
    post.deployments = [seen(late_since=late)]
    with a_listener() as second:
        both = f"{post.heard.address}, {second.address}"
        post.stand.environment.application.alerts = SecretStr(both)
        second.deaf = True
        await post.pass_by(30)
        assert (len(post.told()), second.messages) == (1, [])

        second.deaf = False
        await post.pass_by(30)

        assert (post.told(), len(second.messages)) == ([], 1)


async def test_without_a_channel_alerts_wait(post: Post) -> None:
    """They are noted, and told once there is a channel, if they still last."""
    address = post.stand.environment.application.alerts
    post.stand.environment.application.alerts = None
    post.deployments = [seen(late_since=post.stand.world.clock.now())]
    await post.pass_by(30)
    assert (post.open(), post.heard.calls) == (["late:orders"], 0)

    post.stand.environment.application.alerts = address
    await post.pass_by(5)

    assert len(post.told()) == 1


async def test_what_lasts_is_told_again_only_if_that_is_set(post: Post) -> None:
    """A reminder a day: three messages in the days from the first to the third."""
    post.stand.environment.application.alerts_again_hours = 24
    post.deployments = [seen(late_since=post.stand.world.clock.now())]

    await post.pass_by(60 * 49, every=60)

    assert len(post.told()) == 3


async def test_the_server_tells_what_no_run_can(post: Post) -> None:
    """A missing worker is told once, explains the rest, and is solved by the next look."""
    env, awake = post.stand.environment, timedelta(hours=1)
    post.deployments = []
    for key in ("worker", "standstill", "watch", "worker", "watch"):
        await note_of_server(env, key, "http://ui/work-pools", awake)

    assert post.told() == [
        (
            "no worker answers, so no direction runs, since 2026-03-10 10:30 CET: start it with "
            "centra-visma up, and see centra-visma logs prefect-worker http://ui/work-pools"
        )
    ]
    await post.pass_by(5)
    assert (post.told(), post.open(INSTALLATION)) == ([], [])


async def test_a_server_that_just_began_misses_no_watch(post: Post) -> None:
    """What did not run while the server was down says nothing."""
    env = post.stand.environment

    await note_of_server(env, "watch", "", timedelta(minutes=14))
    assert (post.told(), post.open(INSTALLATION)) == ([], [])
    await note_of_server(env, "watch", "", timedelta(minutes=15))

    assert post.open(INSTALLATION) == ["watch"]
    with pytest.raises(LookupError, match="names the cause 'wach'"):
        await note_of_server(env, "wach", "")


async def test_no_secret_is_in_a_message_or_a_log(
    post: Post, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither when a channel works nor when it fails."""
    caplog.set_level(logging.DEBUG, logger="apprise")
    post.deployments = [seen(late_since=post.stand.world.clock.now())]
    post.heard.deaf = True
    await post.pass_by(5)
    post.heard.deaf = False
    done = await post.pass_by(5)

    assert post.heard.calls == 2
    assert SECRET not in caplog.text
    assert SECRET not in json.dumps(post.heard.messages)
    assert SECRET not in repr(channels_of(SecretStr(post.heard.address)))
    assert SECRET not in repr(done)


def test_an_address_that_is_not_understood_is_refused() -> None:
    """One sentence names its place, and does not repeat what may be a secret."""
    text = SecretStr(f"json://localhost nonsense://{SECRET}@x")

    with pytest.raises(ConfigError) as error:
        channels_of(text)

    assert str(error.value).startswith(
        "CENTRA_VISMA_ALERTS: address no. 2 is none that"
    )
    assert SECRET not in str(error.value)


def _copy_exceptions(post: Post, count: int) -> None:
    """Rows as the parked ones, many more of them."""
    engine = post.stand.environment.ledger.upkeep._engine
    with engine.begin() as db:
        row = dict(db.execute(sa.select(exceptions)).mappings().first() or {})
        del row["id"]
        db.execute(
            sa.insert(exceptions),
            [row | {"source_id": f"copy-{number}"} for number in range(count)],
        )


def _certify(post: Post, *causes: str) -> None:
    """A certificate with differences of these causes."""
    told = {"differences": [{"type": cause} for cause in causes]}
    day = date(2026, 3, 9)
    with post.stand.environment.books("nordhem").begin() as unit:
        unit.certificates.save(day, day, json.dumps(told))


async def _live(post: Post, direction: str = "orders") -> None:
    """Have a direction live, with a run that ended well."""
    with post.stand.environment.books("nordhem").begin() as unit:
        run_id = unit.runs.start(direction, "first", "auto", "s")
        unit.runs.finish(run_id, "done", {})
        if not unit.plans.is_live(direction):
            unit.plans.go_live(direction, by="Kim", hash="h")


async def _end_well(post: Post, direction: str) -> None:
    key = post.stand.world.clock.now().isoformat()
    with post.stand.environment.books("nordhem").begin() as unit:
        run_id = unit.runs.start(direction, key, "auto", "s")
        unit.runs.finish(run_id, "done", {})
