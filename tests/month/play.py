"""Plays a month that is written down, on a store and a company in process."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.centra.sales import Order
from sandbox.providers import settle as pay_out
from sandbox.visma.hand_documents import act_on_payment, make_document
from sandbox.visma.ledger_records import Payment
from tasks.certificate import certify, sign_difference
from tasks.environment import use_environment
from tasks.payouts import take_file
from tasks.request import Mode
from tests.tasks_.paying import posting, settle
from tests.tasks_.stand import Stand, a_connection, a_stand

__all__ = ["ZONE", "Player", "a_month", "steps"]

ZONE = ZoneInfo("Europe/Stockholm")
_BEGIN = datetime(2026, 2, 23, 8, tzinfo=ZONE)
_FOLDER = Path(__file__).parent
_HERE = frozenset({"at", "do", "sale", "fault"})
_IN_CENTRA = frozenset({"ship", "return", "goodwill", "prepay"})


def settings() -> dict[str, Any]:
    """Two stores, one by invoices and one by sales orders; rates that are round.

    A krone of Norway is 0.95 and one of Denmark 1.50 by hand, a euro 11.00 by the ECB.
    """
    rules = a_connection().stores["*"].model_dump(mode="json")["collective"]
    web = posting("invoice", collective=rules)["stores"]["*"]
    trade = posting("sales_order", collective=rules)["stores"]["*"]
    rate = {"to": "SEK", "since": date(2026, 1, 1)}
    feeds = {
        "ecb_url": "http://127.0.0.1/ecb/stats/eurofxref",
        "riksbank_url": "http://127.0.0.1/riksbank/swea/v1",
    }
    return {
        "stores": {"Nordhem webshop": web, "Nordhem wholesale": trade},
        "returns.reason_code": "RETURN",
        "payment_methods.Klarna.settlement": {
            "format": "own",
            "bank": "1930",
            "fees": "6570",
            "releases": "connector",
        },
        "month_end": {"receivables": ["1510"], "vat": ["2610"]},
        "rates": {
            "sources": ["manual", "ecb"],
            "table": [
                {"currency": "NOK", "rate": "0.95", **rate},
                {"currency": "DKK", "rate": "1.50", **rate},
            ],
            **feeds,
        },
    }


def steps() -> list[dict[str, Any]]:
    """What happens, in order."""
    text = (_FOLDER / "month.toml").read_text(encoding="utf-8")
    found: list[dict[str, Any]] = tomllib.loads(text)["step"]
    return found


@contextmanager
def a_month(folder: Path) -> Iterator[Player]:
    """A store and a company in February, live, with rates that stand still."""
    with a_stand(folder, live=False, **settings()) as stand:
        stand.world.clock.set(_BEGIN)
        stand.go_live()
        for count in range(60):
            day = date(2026, 2, 9) + timedelta(days=count)
            stand.world.market.set("ecb", day, "SEK", Decimal("11.00"))
        # February ends on a Saturday: the next day with rates is Monday, 2 March
        stand.world.market.set("ecb", date(2026, 3, 2), "DKK", Decimal("7.40"))
        stand.world.market.set("ecb", date(2026, 3, 31), "DKK", Decimal("7.50"))
        yield Player(stand)


class Player:
    """Does one step after the other; knows each sale by its name."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.sales: dict[str, Order] = {}

    async def play(self) -> None:
        """Do everything that is written down."""
        for step in steps():
            await self.do(step)

    async def do(self, step: Mapping[str, Any]) -> None:
        """Do one step, at its moment."""
        at = datetime.fromisoformat(step["at"]).replace(tzinfo=ZONE)
        self.stand.world.clock.set(at)
        if fault := step.get("fault"):
            self.stand.fault(**fault)
        rest = {name: one for name, one in step.items() if name not in _HERE}
        if step["do"] in _IN_CENTRA:
            self.stand.edit(self.sales[step["sale"]], step["do"], **rest)
        elif step["do"] in {"place", "sell"}:
            self._place(step)
        elif step["do"] == "sync":
            await settle(self.stand)
        elif step["do"] == "payout":
            await self._pay_out(step)
        elif step["do"] == "sign":
            await self._sign(step)
        else:
            self._by_people(step)

    def _by_people(self, step: Mapping[str, Any]) -> None:
        """What people do in Visma.net, and with the connector."""
        company = self.stand.company
        match step["do"]:
            case "close":
                company.close_period(step["period"], closed=True)
            case "void":
                number = self._payment(step["sale"]).number
                act_on_payment(company, number, {"action": "void"})
            case "by_hand":
                make_document(company, "Invoice", step["document"])
            case "change":
                self.stand.change(**settings() | step["settings"])
            case "retry":
                with self.stand.environment.books("nordhem").begin() as unit:
                    unit.exceptions.retry("all", by=step["by"])
            case unknown:
                message = f"nobody knows how to {unknown}"
                raise ValueError(message)

    def named(self) -> dict[str, str]:
        """Of which sale each number is, of an order or of a document of Visma.net."""
        of_key = {}
        for name, order in self.sales.items():
            of_key |= {f"N-S{one.id}": name for one in order.shipments}
            of_key |= {f"N-R{one.id}": name for one in order.returns}
            of_key |= {f"N-{kind}{e.id}": name for kind in "PG" for e in order.payments}
            of_key[f"N-{order.number}"] = name
            of_key |= {f"N-{order.number}-R{one.id}": name for one in order.returns}
        company = self.stand.company
        books = company.books
        found = {str(order.number): name for name, order in self.sales.items()}
        for name, order in self.sales.items():
            for entry in order.payments:
                if text := entry.external_reference:
                    end = "-R1" if text.endswith("-R1") else ""
                    found[text] = f"{name}{end}"
        for document in (*books.invoices.values(), *books.credit_notes.values()):
            texts = (document.external_reference, document.customer_ref_number)
            own = (of_key[text] for text in texts if text in of_key)
            found[document.number] = next(own, "by hand")
        for payment in books.payments.values():
            found[payment.number] = of_key[str(payment.reference)]
        for sold in company.orders:
            found[sold.order_id] = of_key[str(sold.customer_order)]
        return found

    def _place(self, step: Mapping[str, Any]) -> None:
        self.sales[step["sale"]] = self.stand.place(**step["order"])
        if step["do"] == "sell":
            self.stand.edit(self.sales[step["sale"]], "ship")

    def _payment(self, sale: str) -> Payment:
        [entry] = [
            f"N-P{one.id}"
            for one in self.sales[sale].payments
            if one.entry_type == "CAPTURE"
        ]
        books = self.stand.company.books
        [found] = [one for one in books.payments.values() if one.reference == entry]
        return found

    async def _pay_out(self, step: Mapping[str, Any]) -> None:
        """The provider's file is read, its plan looked at and approved."""
        numbers = [self.sales[name].number for name in step["sales"]]
        wish = {"method": "Klarna", "layout": "own", "orders": numbers}
        raw = pay_out(self.stand.shop, wish | {"percent": step["percent"]}).encode()
        with use_environment(self.stand.environment):
            take_file("nordhem", raw, "Klarna")
        planned = await self.stand.run("payouts", mode=Mode.PLAN)
        assert planned.plan is not None
        await self.stand.run("payouts", mode=Mode.AUTO, plan=planned.plan.hash)

    async def _sign(self, step: Mapping[str, Any]) -> None:
        with use_environment(self.stand.environment):
            done = await certify("nordhem", date(2026, 3, 1), date(2026, 3, 31))
            unsigned = {one.id for one in done.unsigned}
            for one in done.certificate.differences:
                if one.id in unsigned and one.cause.value == step["cause"]:
                    sign_difference("nordhem", one.id, by=step["by"], note=step["note"])
