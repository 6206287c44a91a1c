"""Deployments on a real server: what runs by itself, and what people decided, is kept."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import yaml
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import DeploymentFilter, DeploymentFilterName
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import IntervalSchedule

from connectors.errors import ConfigError
from console.deploying import Deployed, deploy, pause_without_file
from console.up import deploy_now
from flows import DIRECTIONS
from flows.schedules import settle_own
from tasks.environment import use_environment
from tasks.request import Mode
from tests.tasks_.stand import Stand, a_connection, a_stand

PROJECT = Path(__file__).parents[2]
DOCS = {"CENTRA_VISMA_DOCS": "https://docs.example"}
SOME = {"orders", "customers", "stock", "payouts", "certificate"}


@pytest.fixture
async def client(server: None) -> AsyncIterator[PrefectClient]:
    """A client of a server that has the pool and no deployments."""
    async with get_client() as client:
        pool = WorkPoolCreate(name="centra-visma", type="process")
        await client.create_work_pool(pool, overwrite=True)
        for one in await client.read_deployments():
            await client.delete_deployment(one.id)
        yield client


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project of some flows only, which is quicker: as prefect.yaml has them."""
    said = yaml.safe_load((PROJECT / "prefect.yaml").read_text("utf-8"))
    said["deployments"] = [
        one
        for one in said["deployments"]
        if one["entrypoint"].rpartition(".")[2] in SOME
    ]
    (tmp_path / "prefect.yaml").write_text(yaml.safe_dump(said), "utf-8")
    return tmp_path


def change(project: Path, old: str, new: str) -> None:
    """Change the project's prefect.yaml."""
    file = project / "prefect.yaml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


async def deployed(client: PrefectClient, project: Path, *names: str) -> Deployed:
    """Deploy connections; `nordhem` if none is named."""
    wanted = [a_connection(one) for one in names or ("nordhem",)]
    return await deploy(client, project, wanted, DOCS)


async def on(client: PrefectClient, name: str = "nordhem") -> set[str]:
    """The flows of a connection of which a schedule is switched on."""
    filter_ = DeploymentFilter(name=DeploymentFilterName(any_=[name]))
    found = await client.read_deployments(deployment_filter=filter_)
    return {
        str(one.entrypoint).rpartition(".")[2]
        for one in found
        if any(schedule.active for schedule in one.schedules)
    }


async def pause(
    client: PrefectClient, name: str, *, active: bool = False
) -> DeploymentResponse:
    """Switch a schedule off, or on, as a person does in the UI."""
    found = await client.read_deployment_by_name(name)
    for one in found.schedules:
        await client.update_deployment_schedule(found.id, one.id, active=active)
    return found


def live(stand: Stand, *directions: str) -> None:
    """Let directions of `nordhem` go live."""
    with stand.environment.books("nordhem").begin() as unit:
        for one in directions:
            unit.plans.go_live(one, by="Åsa", hash="0" * 12)


@pytest.fixture
def live_less(tmp_path: Path, server: None) -> Iterator[Stand]:
    """A stand of which no direction went live."""
    with (
        a_stand(tmp_path, live=False) as stand,
        use_environment(stand.environment),
    ):
        yield stand


async def test_deployments_say_what_they_are(
    stand: Stand, client: PrefectClient
) -> None:
    """Name, tags, form, limit, description: all that the UI shows comes from prefect.yaml."""
    done = await deployed(client, PROJECT, "nordhem", "fjord")

    assert {f"{one}/{name}" for one in DIRECTIONS for name in ("nordhem", "fjord")} < {
        *done.names
    }
    orders = await client.read_deployment_by_name("orders/fjord")
    assert orders.parameters == {"connection": "fjord"}
    assert {"connection:fjord", "direction:orders"} < {*orders.tags}
    assert "https://docs.example/exceptions.md" in str(orders.description)
    assert orders.global_concurrency_limit is not None
    assert orders.global_concurrency_limit.limit == 1
    assert orders.concurrency_options is not None
    assert orders.concurrency_options.collision_strategy.value == "ENQUEUE"
    form = orders.parameter_openapi_schema or {}
    assert form["properties"]["ids"]["description"].endswith("order numbers.")


async def test_only_what_is_live_runs(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """A direction that went live is switched on; reports run once any direction does."""
    both = ("nordhem", "fjord")
    await deployed(client, project, *both)
    assert await on(client) == set()

    live(live_less, "orders")
    done = await deployed(client, project, *both)

    assert done.switched_on == [
        "certificate/nordhem",
        "orders/nordhem",
    ]
    assert await on(client) == {"orders", "certificate"}
    assert await on(client, "fjord") == set()


async def test_a_direction_with_nothing_to_write_runs_once_another_is_live(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """A plan of nothing needs no approval; without the schedule nobody would ever plan it."""
    await live_less.run("payouts", mode=Mode.PLAN)
    live_less.place()
    await live_less.run("orders", mode=Mode.PLAN)
    await deployed(client, project)
    assert await on(client) == set()

    live(live_less, "customers")
    await deployed(client, project)

    assert await on(client) == {"customers", "payouts", "certificate"}


async def test_a_schedule_that_was_paused_by_hand_stays_paused(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """Neither a deploy nor another direction that goes live switches it on again."""
    live(live_less, "orders", "customers")
    await deployed(client, project)
    await pause(client, "orders/nordhem")

    live(live_less, "stock")
    done = await deployed(client, project)

    assert done.switched_on == ["stock/nordhem"]
    assert "orders" not in await on(client)
    assert {"customers", "stock"} < await on(client)


async def test_a_deploy_changes_nothing_that_runs(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """The same schedule, with its count from the same moment, and no run lost of it."""
    live(live_less, "orders")
    await deployed(client, project)
    before = await client.read_deployment_by_name("orders/nordhem")

    await deployed(client, project)

    after = await client.read_deployment_by_name("orders/nordhem")
    assert after.id == before.id
    assert after.schedules == before.schedules
    assert [one.active for one in after.schedules] == [True]
    assert "live" in after.tags


async def test_what_a_person_switched_on_early_stays_on(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """Its runs only plan; a deploy does not know better."""
    await deployed(client, project)
    await pause(client, "orders/nordhem", active=True)

    await deployed(client, project)

    assert await on(client) == {"orders"}


async def test_schedules_follow_the_file_and_leave_those_of_people(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """Changed, added and removed ones; one that somebody added in the UI stays."""
    live(live_less, "orders", "stock")
    await deployed(client, project)
    orders = await client.read_deployment_by_name("orders/nordhem")
    own = IntervalSchedule(interval=timedelta(hours=6))
    await client.create_deployment_schedules(orders.id, [(own, True)])
    change(project, "interval: 120", "interval: 60")
    change(project, "slug: every-half-minute", "slug: half-minute")

    await deployed(client, project)

    def shown(found: DeploymentResponse) -> dict[str | None, tuple[float, bool]]:
        return {
            one.slug: (one.schedule.interval.total_seconds(), one.active)
            for one in found.schedules
            if isinstance(one.schedule, IntervalSchedule)
        }

    orders = await client.read_deployment_by_name("orders/nordhem")
    stock = await client.read_deployment_by_name("stock/nordhem")
    assert shown(orders) == {"every-two-minutes": (60, True), None: (21600, True)}
    assert shown(stock) == {"half-minute": (30, True)}


async def test_without_its_file_a_connection_rests_and_goes_on_as_it_was(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """Only what was on is paused, and comes back; what a person paused stays paused."""
    live(live_less, "orders", "customers")
    await deployed(client, project, "nordhem", "fjord")
    await pause(client, "customers/nordhem")
    await pause(client, "orders/fjord", active=True)
    by_hand = await pause(client, "stock/nordhem", active=True)
    await client.pause_deployment(by_hand.id)

    is_ours = live_less.environment.is_live
    rested = await pause_without_file(client, {"fjord"}, is_ours)

    assert rested == ["certificate/nordhem", "orders/nordhem"]
    orders = await client.read_deployment_by_name("orders/nordhem")
    assert (orders.paused, [one.active for one in orders.schedules]) == (True, [True])
    assert not (await client.read_deployment_by_name("orders/fjord")).paused
    assert await pause_without_file(client, {"fjord"}, is_ours) == []

    await deployed(client, project)

    back = {
        name: await client.read_deployment_by_name(f"{name}/nordhem")
        for name in ("certificate", "orders", "customers", "stock")
    }
    assert {name for name, one in back.items() if one.paused} == {"stock"}
    assert not any("no-file" in one.tags for one in back.values())
    assert await on(client) == {"certificate", "orders", "stock"}


async def test_what_another_installation_has_on_the_server_goes_on(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """Its connections have their files there, and went live in its own ledger."""
    live(live_less, "orders")
    await deployed(client, project)

    rested = await pause_without_file(client, {"fjord"}, lambda _: False)

    assert rested == []
    assert not (await client.read_deployment_by_name("orders/nordhem")).paused


async def test_a_folder_without_any_file_pauses_nothing(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """It is rather not mounted than meant; a deploy says that there is none."""
    live(live_less, "orders")
    await deployed(client, project)
    before = await client.read_deployment_by_name("orders/nordhem")
    live_less.environment.connections.clear()

    assert await pause_without_file(client, set(), live_less.environment.is_live) == []
    with pytest.raises(ConfigError, match="there is no connection file in"):
        await deploy_now(None, None)

    after = await client.read_deployment_by_name("orders/nordhem")
    assert (after.paused, after.tags) == (before.paused, before.tags)


async def test_a_flow_that_is_not_there_is_named(
    stand: Stand, client: PrefectClient, project: Path
) -> None:
    """A misspelt entrypoint stops the deploy with one sentence."""
    change(project, "flows.orders.orders", "flows.orders.order")

    with pytest.raises(ConfigError, match=r"there is no flow 'flows\.orders\.order'"):
        await deployed(client, project)


async def test_people_may_switch_everything_on_by_hand(
    live_less: Stand, client: PrefectClient, project: Path
) -> None:
    """Neither a deploy nor a run that goes live switches anything on then."""
    told = live_less.environment.application.model_copy(update={"schedules": "by_hand"})
    with use_environment(replace(live_less.environment, application=told)):
        live(live_less, "orders")
        done = await deployed(client, project)

        assert done.switched_on == []
        assert await settle_own("nordhem", ()) == []
        assert await on(client) == set()

    assert await settle_own("nordhem", ()) == ["certificate/nordhem", "orders/nordhem"]
