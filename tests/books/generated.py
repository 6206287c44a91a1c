"""A world of generated orders with returns, carried through one way of posting, certified.

What the orders are like is drawn; what they come to is told by both systems alone.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any, Literal

from mapping.certificate import Cause, Certificate
from sandbox.centra.balances import PaymentError
from sandbox.centra.edits import EditError
from sandbox.centra.sales import Order
from sandbox.centra.shipments import Shipment
from sandbox.centra.stock_hands import change_by_hand
from sandbox.visma.hand_goods import count_stock
from tasks.certificate import certify
from tasks.environment import use_environment
from tests.tasks_.returning import Mode, a_returning_stand
from tests.tasks_.stand import Stand, a_connection

__all__ = ["Prices", "Result", "play"]

Prices = Literal["demo", "net"]
"""`demo`: as the demo's VAT map has them, gross for consumers and net for companies;
`net`: net for all, against what the settings page says."""

RATES = {
    "SE": ["25", "12", "6"],
    "NO": ["25", "15"],
    "FI": ["25.5", "14"],
    "DK": ["25"],
    "DE": ["19"],
    "NL": ["21"],
    "FR": ["20"],
    "GB": ["20", "5"],
    "US": ["25"],
    "JP": ["10"],
}
SHARES = [40, 12, 8, 8, 8, 5, 5, 6, 4, 4]
SKUS = ("NH1104NAVM", "NH1203BLKM", "NH1104NAVL")
NO_DIGITS = {"JP"}
ROUNDING = "ROUNDING"


@dataclass
class Result:
    """What became of the orders of one world."""

    mode: Mode
    prices: Prices
    orders: int
    shipments: int = 0
    returns: int = 0
    parked: dict[str, int] = field(default_factory=dict)
    """By exception code."""
    documents: int = 0
    with_rounding_line: Counter[str] = field(default_factory=Counter)
    """Documents by the amount of their rounding line."""
    vat_rounding: Counter[int] = field(default_factory=Counter)
    """Documents and rates by how far VAT by line and of the whole are apart."""
    causes: dict[str, int] = field(default_factory=dict)
    """Differences by cause."""
    unexplained: int = 0
    sentences: list[str] = field(default_factory=list)
    seconds: float = 0
    """Of this process's CPU."""


async def play(*, orders: int, mode: Mode, prices: Prices, seed: int) -> Result:
    """Place, ship, return, refund and certify; the same seed gives the same world."""
    began = time.process_time()
    chance = Random(f"{seed}/{orders}")
    result = Result(mode, prices, orders)
    with (
        tempfile.TemporaryDirectory() as folder,
        a_returning_stand(Path(folder), mode, **_settings(prices)) as stand,
    ):
        _stock_up(stand)
        placed = _place(stand, chance, orders)
        await stand.run("orders")
        _ship(stand, chance, placed, result)
        await stand.run("fulfilment")
        _give_back(stand, chance, placed, result)
        await stand.run("refunds")
        await stand.run("payments")
        with use_environment(stand.environment):
            done = await certify("nordhem")
        _tell(stand, done.certificate, result)
    result.seconds = time.process_time() - began
    return result


def _settings(prices: Prices) -> dict[str, Any]:
    changes: dict[str, Any] = {"limits.max_writes": 1_000_000}
    if prices == "net":
        rows = [rule.model_dump(mode="json") for rule in a_connection().vat]
        changes["vat"] = [
            {**row, "prices": "net", "category": row["category"].removesuffix("G")}
            for row in rows
        ]
    return changes


# --- what is sold


def _stock_up(stand: Stand) -> None:
    """Have enough of everything on both sides: an order that cannot leave proves nothing."""
    lines = dict.fromkeys(SKUS, 1_000_000)
    delivery = {"action": "deliver", "warehouse": "Main warehouse", "lines": lines}
    change_by_hand(stand.shop, delivery)
    count_stock(stand.company, {"warehouse": "MAIN", "lines": lines})


def _place(stand: Stand, chance: Random, count: int) -> list[Order]:
    """Consumers of ten countries, and companies, over three days."""
    placed = []
    accounts = sorted(stand.shop.accounts)
    for number in range(count):
        stand.world.clock.advance(3 * 24 * 3600 / count)
        if number % 4 == 0:
            wish = _wholesale(chance, chance.choice(accounts))
        else:
            wish = _retail(chance, chance.choices(list(RATES), SHARES)[0])
        placed.append(stand.place(**wish))
    return placed


def _retail(chance: Random, country: str) -> dict[str, Any]:
    count = chance.choices([1, 2, 3, 5, 8, 40], [30, 30, 20, 12, 7, 1])[0]
    lines = [
        _line(chance, country, chance.choice(RATES[country])) for _ in range(count)
    ]
    value = sum(float(one["unit_price"]) * one["quantity"] for one in lines)
    wish: dict[str, Any] = {"country": country, "lines": lines}
    if chance.random() < 0.6:  # what is paid by invoice is no payment of Centra's
        wish["payment"] = "invoice"
    if chance.random() < 0.6:
        wish["shipping"] = _money(chance, country, 900)
    if chance.random() < 0.15:
        wish["handling"] = _money(chance, country, 400)
    if chance.random() < 0.3:
        amount = _rounded(value * chance.choice([0.05, 0.1, 0.15, 0.333]), country)
        kind = chance.choice(["AppliedVoucherDiscount", "AdminDiscount"])
        wish["discounts"] = [{"type": kind, "value": amount}]
    elif chance.random() < 0.1:
        amount = _rounded(value * 0.2, country)
        wish["discounts"] = [{"type": "AppliedVoucherCredit", "value": amount}]
    if chance.random() < 0.08:
        wish["gift_card"] = _rounded(value * 0.4, country)
    return wish


def _wholesale(chance: Random, account: int) -> dict[str, Any]:
    lines = [_line(chance, "SE", None) for _ in range(chance.randint(1, 8))]
    return {"account": account, "lines": lines}


def _line(chance: Random, country: str, rate: str | None) -> dict[str, Any]:
    line: dict[str, Any] = {
        "sku": chance.choice(SKUS),
        "quantity": chance.choices([1, 2, 3, 7], [60, 25, 10, 5])[0],
        "unit_price": _money(chance, country, 150_000),
    }
    return line if rate is None else {**line, "tax_percent": rate}


def _money(chance: Random, country: str, most: int) -> str:
    return _rounded(chance.randint(1, most) / 100, country)


def _rounded(amount: float, country: str) -> str:
    return f"{max(amount, 1):.0f}" if country in NO_DIGITS else f"{amount:.2f}"


# --- what leaves, and what comes back


def _ship(stand: Stand, chance: Random, placed: list[Order], result: Result) -> None:
    """Most orders at once, some in two parts, the last few not at all."""
    for order in placed[: -max(1, len(placed) // 25)]:
        parts: list[dict[str, Any]] = [{}]
        if chance.random() < 0.15:
            first = {
                str(line.id): chance.randint(1, line.quantity)
                for line in order.lines
                if chance.random() < 0.6
            }
            parts = [{"lines": first}, {}] if first else parts
        for part in parts:
            result.shipments += _done(stand, order, "ship", **part)


def _give_back(
    stand: Stand, chance: Random, placed: list[Order], result: Result
) -> None:
    """Of one shipment in four something comes back, whole or in up to three parts."""
    for order in placed:
        for shipment in list(order.shipments):
            if chance.random() > 0.25:
                continue
            whole = chance.random() < 0.3
            for _ in range(1 if whole else chance.randint(1, 3)):
                lines = _some(shipment, chance, whole=whole)
                if lines:
                    result.returns += _done(
                        stand,
                        order,
                        "return",
                        lines=lines,
                        shipment=shipment.id,
                        shipping=whole,
                        return_cost=chance.choice([0, 0, 1]),
                        refund=order.account is None,
                    )


def _some(shipment: Shipment, chance: Random, *, whole: bool) -> dict[str, int]:
    return {
        str(line.order_line.id): left if whole else chance.randint(1, left)
        for line in shipment.lines
        if (left := line.quantity - line.returned_quantity) > 0
        and (whole or chance.random() < 0.6)
    }


def _done(stand: Stand, order: Order, action: str, **wish: Any) -> bool:
    """Do something to an order; what the shop refuses is not done."""
    try:
        stand.edit(order, action, **wish)
    except (EditError, PaymentError):
        return False
    return True


# --- what both systems say


def _tell(stand: Stand, certificate: Certificate, result: Result) -> None:
    result.parked = dict(Counter(row.code for row in stand.exceptions()))
    result.causes = dict(Counter(one.cause.value for one in certificate.differences))
    result.unexplained = certificate.unexplained
    for one in certificate.differences:
        if one.cause is Cause.UNEXPLAINED:
            result.sentences.append(f"{one.orders} {one.amount}: {one.sentence}")
        if one.cause is Cause.ROUNDING:
            result.vat_rounding[abs(one.amount)] += 1
    books = stand.company.books
    orders = [one for one in stand.company.orders if one.status != "Cancelled"]
    documents = [
        *((one.currency, one.lines) for one in orders),
        *((one.currency, one.lines) for one in books.invoices.values()),
        *((one.currency, one.lines) for one in books.credit_notes.values()),
    ]
    result.documents = len(documents)
    for currency, lines in documents:
        for line in lines:
            if line.inventory_id == ROUNDING:
                result.with_rounding_line[f"{line.amount:+f} {currency}"] += 1
