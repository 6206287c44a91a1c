"""Plays a scenario: a shop, a company, the people in both, and the connector."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import flows
from sandbox.centra.sales import Order
from tasks.request import Counts
from tests.scenarios.people import (
    pay_invoice,
    prepare_and_release,
    receive_returns,
    ship_order,
)
from tests.tasks_.stand import Stand

__all__ = ["CASES", "MODES", "Mode", "Play", "Scenario", "load"]

Mode = Literal["visma_ships", "centra_ships", "invoice"]
MODES: tuple[Mode, ...] = ("visma_ships", "centra_ships", "invoice")
CASES = Path(__file__).parent / "cases"
_MOST_ROUNDS = 8

_STORE: dict[str, Any] = {
    "dtc_customers": "individual",
    "releases": "connector",
    "prepare_invoices": True,
    "warehouse": "MAIN",
}
_STORES: dict[Mode, dict[str, Any]] = {
    "visma_ships": {"post_as": "sales_order", "ships": "visma"},
    "centra_ships": {"post_as": "sales_order", "ships": "centra"},
    "invoice": {"post_as": "invoice", "ships": "centra"},
}


@dataclass(frozen=True)
class Scenario:
    """A case: an order, what happens to it, and what must stand at the end."""

    name: str
    title: str
    order: dict[str, Any]
    steps: list[dict[str, Any]]
    expect: dict[str, Any]

    def expected(self, mode: Mode) -> dict[str, Any]:
        """What must stand in one way of posting."""
        common = {k: v for k, v in self.expect.items() if k not in MODES}
        return common | self.expect.get(mode, {})


def load(name: str) -> Scenario:
    """Read a case from its file."""
    text = (CASES / f"{name}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    return Scenario(name, data["title"], data["order"], data["steps"], data["expect"])


def settings_of(mode: Mode) -> dict[str, Any]:
    """The changes of the demo's connection for one way of posting; sales, no goods."""
    return {"stores": {"*": {**_STORE, **_STORES[mode]}}, "products": {}, "stock": {}}


@dataclass
class Play:
    """One scenario on its stand, in one way of posting."""

    stand: Stand
    mode: Mode
    orders: list[Order] = field(default_factory=list)
    counts: dict[str, Counts] = field(default_factory=dict)

    async def act(self, step: dict[str, Any]) -> None:
        """Do one step."""
        wish = {key: value for key, value in step.items() if key != "do"}
        match step["do"]:
            case "order":
                self.place(wish)
            case "sync":
                await self.sync()
            case "wait":
                self.stand.wait(minutes=24 * 60 * float(wish["days"]))
            case "until":
                self._until(datetime.fromisoformat(wish["at"]))
            case "ship":
                self._ship(wish)
            case "settle":
                self._settle(wish)
            case "pay_invoices":
                self._pay_invoices()
            case action:
                self.stand.edit(self.orders[-1], action, **wish)

    def place(self, wish: dict[str, Any]) -> None:
        """Place an order; a wholesale account is named by its key in the seed."""
        self.orders.append(self.stand.place(**self._named(wish)))

    async def sync(self) -> int:
        """Run every direction until nothing is written any more; answers the rounds.

        Between the rounds the people of Visma.net receive what comes back, and make the
        documents of what was shipped and received.
        """
        for rounds in range(1, _MOST_ROUNDS + 1):
            written = await self.run_all()
            if self.mode == "visma_ships":
                written += receive_returns(self.stand.company)
                written += prepare_and_release(self.stand.company)
                written += self._answer_captures()
            self.stand.wait(minutes=1)
            if not written:
                return rounds
        message = f"the directions never come to rest: {self.counts}"
        raise AssertionError(message)

    async def run_all(self) -> int:
        """Run every direction once; answers how much was written."""
        written = 0
        for name in flows.DIRECTIONS:
            summary = await self.stand.run(name)
            before = self.counts.get(name, Counts())
            self.counts[name] = before.plus(summary.counts)
            written += sum(self.stand.writes.values())
        return written

    def _named(self, wish: dict[str, Any]) -> dict[str, Any]:
        if "account" not in wish:
            return wish
        from sandbox.seed.wholesale import COMPANIES  # noqa: PLC0415

        name = COMPANIES[wish["account"]].name
        accounts = self.stand.shop.accounts
        [found] = [key for key, one in accounts.items() if one.name == name]
        return {**wish, "account": found}

    def _until(self, at: datetime) -> None:
        left = at - self.stand.world.clock.now()
        assert left > timedelta(0), f"{at} is past"
        self.stand.wait(minutes=left.total_seconds() / 60)

    def _ship(self, wish: dict[str, Any]) -> None:
        """Let the warehouse send goods: Visma.net's, or Centra's."""
        order = self.orders[-1]
        if self.mode != "visma_ships":
            how = "request" if order.account is None else False
            self.stand.edit(order, "ship", **{"capture": how, **wish})
            return
        [sales_order] = self.stand.sales_orders(order)
        self.stand.world.clock.advance(1)
        ship_order(
            self.stand.company,
            sales_order,
            lines=wish.get("lines"),
            tracking="PN123456789SE",
        )

    def _answer_captures(self) -> int:
        """Let the payment provider carry out what was asked for on Visma.net's word."""
        asked = [
            order
            for order in self.orders
            if (waiting := [one for one in order.payments if one.waits])
            and all(one.entry_type.startswith("CAPTURE") for one in waiting)
        ]
        for order in asked:
            self.stand.edit(order, "settle")
        return len(asked)

    def _settle(self, wish: dict[str, Any]) -> None:
        """Let the payment provider answer what waits."""
        for order in self.orders:
            if any(entry.waits for entry in order.payments):
                self.stand.edit(order, "settle", **wish)

    def _pay_invoices(self) -> None:
        """Let the customer pay by bank, and the people of Visma.net book it."""
        self.stand.world.clock.advance(1)
        for invoice in list(self.stand.company.books.invoices.values()):
            if invoice.released and invoice.balance:
                pay_invoice(self.stand.company, invoice)
