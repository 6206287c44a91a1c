"""prefect.yaml, filled in: every direction has a deployment, for each connection."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from connectors.errors import ConfigError
from console.deployment_file import Wanted, render
from console.preparing import installation_zone
from flows import DIRECTIONS
from tasks.backfill import AT_ONCE, Backfilled
from tasks.backfill_windows import deployment_of_windows
from tests.docs_.pages import anchors
from tests.tasks_.stand import a_connection

FILE = Path(__file__).parents[2] / "prefect.yaml"
DOCS = {"CENTRA_VISMA_DOCS": "https://docs.example"}
OF_EACH = {"certificate", "month_end", "backfill"}
"""What is made for each connection and is no direction."""


def rendered(*names: str, zone: str = "Europe/Oslo") -> dict[str, Wanted]:
    """Each deployment by flow and name."""
    connections = [a_connection(one, time_zone=zone) for one in names]
    made = render(FILE, connections, DOCS).deployments
    return {f"{one.entrypoint.split('.')[1]}/{one.name}": one for one in made}


def test_every_direction_is_deployed_for_every_connection() -> None:
    """A direction that nobody schedules, or a connection that is forgotten, shows here."""
    made = rendered("nordhem", "fjord")

    for connection in ("nordhem", "fjord"):
        flows = {one.partition("/")[0] for one in made if one.endswith(connection)}
        assert flows == {*DIRECTIONS, *OF_EACH}
        for flow in DIRECTIONS:
            one = made[f"{flow}/{connection}"]
            assert {f"connection:{connection}", f"direction:{flow}"} < {*one.tags}
            assert one.parameters == {"connection": connection}
        for flow in flows:
            assert made[f"{flow}/{connection}"].entrypoint == f"flows.{flow}.{flow}"


def test_what_belongs_to_the_installation_has_a_time_zone_of_its_own() -> None:
    """It does not follow the connection that was deployed last."""
    env = SimpleNamespace(
        names=lambda: ["broken", "fjord", "nordhem"],
        connection=lambda name: (
            {
                "fjord": a_connection("fjord", time_zone="Europe/Helsinki"),
                "nordhem": a_connection("nordhem", time_zone="Europe/Oslo"),
            }.get(name)
            or _refuse(name)
        ),
    )
    nordhem = env.connection("nordhem")
    zone = installation_zone(env, [nordhem])
    made = render(FILE, [nordhem], {**DOCS, "CENTRA_VISMA_TIME_ZONE": zone}).deployments

    zones = {
        one.name: {each.timezone for each in one.schedules if each.timezone}
        for one in made
        if one.entrypoint.rpartition(".")[2] in {"housekeeping", "certificate"}
    }
    assert zones == {"centra-visma": {"Europe/Helsinki"}, "nordhem": {"Europe/Oslo"}}


def _refuse(name: str) -> None:
    message = f"{name}.toml is wrong"
    raise ConfigError(message)


def test_nothing_of_a_connection_runs_before_it_is_live() -> None:
    """Every schedule of a connection waits, and a run at a time is the limit of each."""
    for name, one in rendered("nordhem").items():
        if one.name == "nordhem":
            assert one.schedules or name == "backfill/nordhem", name
            assert not any(schedule.active for schedule in one.schedules), name
        is_window = one.name == "nordhem.backfill"
        assert one.concurrency_limit.limit == (AT_ONCE if is_window else 1)
        assert one.concurrency_limit.collision_strategy == "ENQUEUE"


def test_what_can_be_read_by_period_has_a_deployment_for_its_windows() -> None:
    """The same flow, no schedule; a name that no connection can have, and no direction's tag."""
    made = rendered("nordhem")
    windows = {
        name: one for name, one in made.items() if one.name.endswith(".backfill")
    }

    assert set(windows) == {f"{one}/nordhem.backfill" for one in Backfilled}
    for direction in Backfilled:
        one = windows[deployment_of_windows("nordhem", direction)]
        assert one.entrypoint == made[f"{direction}/nordhem"].entrypoint
        assert one.schedules == []
        assert {"connection:nordhem", f"window:{direction}"} == {*one.tags}


def test_intervals_suit_the_direction() -> None:
    """Stock each half minute, orders each two, the catalogue each hour, nights in the merchant's zone."""
    made = rendered("fjord", zone="Europe/Helsinki")
    intervals = {
        name.partition("/")[0]: [one.interval for one in each.schedules if one.interval]
        for name, each in made.items()
        if each.schedules
    }

    assert intervals["stock"] == [30]
    assert intervals["orders"] == [120]
    assert intervals["products"] == [3600]
    nights = {
        name: (one.cron, one.timezone)
        for name, each in made.items()
        for one in each.schedules
        if one.cron and each.name == "fjord"
    }
    assert nights["certificate/fjord"] == ("15 3 * * *", "Europe/Helsinki")
    assert {zone for _, zone in nights.values()} == {"Europe/Helsinki"}


def test_every_description_links_to_a_page_that_is_there() -> None:
    """A link of the UI that leads nowhere is worse than none."""
    for name, one in rendered("nordhem").items():
        links = [part.partition(")")[0] for part in one.description.split("](")[1:]]
        assert links, name
        for link in links:
            page, _, anchor = link.removeprefix("https://docs.example/").partition("#")
            text = (FILE.parent / "docs" / page).read_text(encoding="utf-8")
            assert not anchor or anchor in anchors(text), link


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "interval: 30\n",
            "intervall: 30\n",
            "flows.stock.stock: schedules.0.intervall: ",
        ),
        ("interval: 30\n", "cron: '* * * * *'\n", "a cron schedule needs a 'timezone'"),
        (
            "CENTRA_VISMA_DOCS",
            "CENTRA_VISMA_DOKS",
            "nothing is known of $CENTRA_VISMA_DOKS",
        ),
        ("deployments:", "deployment:", "cannot be read as deployments: 'deployments'"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(
    tmp_path: Path, old: str, new: str, sentence: str
) -> None:
    """One sentence says where; nothing is filled in by a guess."""
    file = tmp_path / "prefect.yaml"
    file.write_text(FILE.read_text("utf-8").replace(old, new), encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        render(file, [a_connection()], DOCS)

    assert sentence in str(caught.value)


def test_without_an_address_pages_are_named_and_not_linked() -> None:
    """A browser opens no file of this machine from a page of a server."""
    [orders, *_] = render(FILE, [a_connection("nordhem")], {}).deployments

    assert "](" not in orders.description
    assert "file:" not in orders.description
    assert "why something is parked (`docs/exceptions.md`)" in orders.description
