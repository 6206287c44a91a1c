"""Two stores and two companies on one ledger: nothing of one reaches the other."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from ledger import Unit
from ledger.schema import budgets
from sandbox.visma.records import SalesOrder
from settings.application import Secrets
from settings.connection import Connection
from tests.simulation.clockwork import VirtualLoop, run_virtually
from tests.simulation.judge import judge
from tests.simulation.shop import Shop
from tests.simulation.stage import (
    ADDRESS,
    DIRECTIONS,
    Stage,
    Worker,
    connection_of,
    open_stage,
)

NAMES = ("nordhem", "fjord")
PREFIXES = {"nordhem": "N-", "fjord": "F-"}
START = datetime(2026, 3, 10, 9, 30, tzinfo=UTC)
FJORD: dict[str, Any] = {
    "name": "fjord",
    "prefix": "F-",
    "start_on": "2010-12-01",
    "time_zone": "Europe/Oslo",
    "base_currency": "NOK",
    "currencies": ["NOK"],
    "centra": {"url": f"{ADDRESS}/centra/fjord/graphql"},
    "visma": {
        "erp_url": f"{ADDRESS}/erp",
        "salesorder_url": f"{ADDRESS}/salesorder",
        "connect_url": f"{ADDRESS}/visma-connect",
        "tenant_id": "22222222-2222-4222-8222-222222222222",
    },
    "stores": {"Fjord webshop": {"dtc_customers": "individual"}},
    "vat": [
        {"countries": ["NO"], "rate": rate, "category": category, "zone": "NO"}
        | {"prices": "gross"}
        for rate, category in ((25, "STDG"), (15, "MIDG"))
    ],
    "payment_methods": {
        "Klarna": {"method": "KLARNA", "cash_account": "1580"},
        "Gift card": {"method": "GIFTCARD"},
    },
}
INDIVIDUAL = {"*": {"post_as": "sales_order", "dtc_customers": "individual"}}


def _secrets(name: str) -> Secrets:
    return Secrets(
        centra_token=SecretStr(f"centra-{name}-token"),
        visma_client_id="isv_sandbox",
        visma_client_secret=SecretStr("sandbox-secret"),
    )


def _live(check: Callable[[Stage, Worker], Awaitable[None]]) -> None:
    """Sync both connections side by side, and then check."""

    async def main(loop: VirtualLoop) -> None:
        connections = {
            "nordhem": connection_of({"stores": INDIVIDUAL}),
            "fjord": Connection.model_validate(FJORD),
        }
        with open_stage(
            5,
            loop,
            start=START,
            orders=40,
            connections=connections,
            secrets={name: _secrets(name) for name in NAMES},
        ) as stage:
            worker = stage.worker()
            await asyncio.gather(*(_sync(worker, name) for name in NAMES))
            assert stage.crashes == []
            assert stage.errors == []
            await check(stage, worker)

    run_virtually(main)


async def _sync(worker: Worker, name: str) -> None:
    for direction in (*DIRECTIONS, *DIRECTIONS):
        ended = await worker.run(direction, connection=name)
        if ended.plan:
            await worker.run(direction, connection=name, plan=ended.plan)


def _ours(stage: Stage, name: str) -> list[SalesOrder]:
    return [one for one in stage.world.visma[name].orders if one.customer_order]


def _units(stage: Stage) -> Iterator[tuple[str, Unit]]:
    for name in NAMES:
        with stage.books(name).read() as unit:
            yield name, unit


def test_each_company_gets_its_own_orders_and_customers() -> None:
    """Every document carries its connection's prefix, and each shop is complete."""

    async def check(stage: Stage, worker: Worker) -> None:
        numbers = [set(stage.world.centra[name].orders) for name in NAMES]
        assert len(numbers[0] & numbers[1]) >= 6  # they collide on purpose
        for name in NAMES:
            found = _ours(stage, name)
            customers = stage.world.visma[name].customers.values()
            keys = [one.attributes.get("CENTRAID") for one in customers]
            connection = stage.connections[name]
            shop = Shop(stage.world, stage.world.centra[name], Random(1))
            verdict = judge(stage, shop, connection, name)

            assert len(found) >= 5
            assert all(str(one.customer_order)[:2] == PREFIXES[name] for one in found)
            assert {key[:2] for key in keys if key} == {PREFIXES[name]}
            assert verdict.is_good, verdict

    _live(check)


def test_ledger_of_one_never_shows_the_other() -> None:
    """The same number is two records, two links and two stories."""

    async def check(stage: Stage, worker: Worker) -> None:
        shops = stage.world.centra
        shared = sorted(set(shops["nordhem"].orders) & set(shops["fjord"].orders))
        linked = dict.fromkeys(NAMES, 0)
        for name, unit in _units(stage):
            assert unit.audit.verify().ok
            for number in shared:
                currency = shops[name].orders[number].frame.currency.code
                record = unit.records.get("orders", str(number))
                link = unit.links.get("orders", str(number))
                assert record is not None
                assert record.currency == currency
                lines = unit.audit.trail(str(number))
                references = {one.detail.get("reference", "") for one in lines} - {""}
                assert {one[:2] for one in references} <= {PREFIXES[name]}
                if link is None or link.target_kind != "sales_order":
                    continue
                linked[name] += 1
                order_type, _, order_id = link.target_id.partition("/")
                found = stage.world.visma[name].orders.find(order_type, order_id)
                assert found is not None
                assert found.customer_order == f"{PREFIXES[name]}{number}"
                [back] = unit.links.by_target("sales_order", link.target_id)
                assert back.source_id == str(number)
            other = next(one for one in PREFIXES if one != name)
            wanted = [f"{PREFIXES[other]}{number}" for number in shared]
            assert unit.index.find("sales_order", "reference", wanted) == {}
        assert min(linked.values()) >= 4

    _live(check)


def test_tokens_and_budgets_are_apart() -> None:
    """One connection's token opens nothing for the other; its quota ends alone."""

    async def check(stage: Stage, worker: Worker) -> None:
        ledger = worker.ledger
        tenants = {name: stage.connections[name].visma.tenant_id for name in NAMES}
        for api in ("erp", "salesorder"):
            tokens = {
                name: ledger.tokens(name).load(f"visma:{api}:{tenants[name]}")
                for name in NAMES
            }
            assert all(tokens.values())
            assert tokens["nordhem"] != tokens["fjord"]
            assert (
                ledger.tokens("fjord").load(f"visma:{api}:{tenants['nordhem']}") is None
            )
        with stage.engine.connect() as db:
            rows = db.execute(select(budgets.c.connection, budgets.c.api)).all()
        apis = {
            name: {row.api for row in rows if row.connection == name} for name in NAMES
        }
        assert (
            apis["nordhem"]
            == apis["fjord"]
            == {"centra", "visma.erp", "visma.salesorder"}
        )
        ledger.budgets("nordhem").observe(
            "visma.erp",
            window="requests/3600",
            limit=stage.connections["nordhem"].visma.requests_per_hour,
            remaining=0,
            resets_at=stage.clock.now() + timedelta(minutes=30),
        )

        ended = {
            name: await stage.worker().run("orders", connection=name) for name in NAMES
        }

        assert "the quota of visma.erp" in str(ended["nordhem"].error)
        assert ended["fjord"].error is None

    _live(check)


@pytest.mark.parametrize("name", NAMES)
def test_wrong_tenant_is_noticed(name: str) -> None:
    """A connection that is given the other's store token reads nothing and writes nothing."""

    async def check(stage: Stage, worker: Worker) -> None:
        other = next(one for one in NAMES if one != name)
        stage.secrets[name] = _secrets(other)
        writes = stage.trace.writes

        ended = await stage.worker().run("orders", connection=name)

        assert "ConfigError" in str(ended.error)
        assert stage.trace.writes == writes

    _live(check)
