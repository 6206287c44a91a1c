"""What a difference is called, in figures: one entry a side, and one thing changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from connectors.visma.models import Period
from mapping.certificate import Cause, Certificate, Entry, Ordered
from mapping.certificate_causes import Limits
from mapping.certificate_facts import Facts, Known, PeriodOf
from mapping.certificate_groups import groups_of
from tasks.certificate_compare import compare

ON = date(2026, 2, 27)
TODAY = date(2026, 3, 10)


def entry(side: Any = "centra", **changes: Any) -> Entry:
    """A shipment of 1,000.00 SEK with 25 % VAT; or the invoice of it."""
    same = Entry(
        side=side,
        pair="delivered",
        orders=(10001,),
        key="S1",
        number="10001-1" if side == "centra" else "200001",
        kind="shipment" if side == "centra" else "invoice",
        day=ON,
        currency="SEK",
        gross=100000,
        vat=20000,
        rate=Decimal(25),
        category="STD",
        store="Web",
        country="SE",
        room=1 if side == "centra" else 0,
        zone="SE",
        customer="10001",
    )
    return replace(same, **changes)


def judged(*entries: Entry, **facts: Any) -> Certificate:
    """Compare February and March."""
    return compare(
        entries,
        Facts(**facts),
        since=date(2026, 2, 1),
        until=date(2026, 3, 31),
        limits=Limits(TODAY, 2, "SEK"),
    )


def causes(certificate: Certificate) -> list[tuple[Cause, int]]:
    """Cause and amount of each difference."""
    return [(one.cause, one.amount) for one in certificate.differences]


def known(pair: str, key: str) -> Mapping[Any, Known]:
    """One thing that the ledger knows."""
    return {(pair, key): Known("why", ON)}


def test_equal_entries_match() -> None:
    """One group, matched, and one row with both sides in it."""
    certificate = judged(entry(), entry("visma"))

    assert (certificate.compared, certificate.matched) == (1, 1)
    [row] = certificate.rows
    assert (row.centra_gross, row.visma_gross) == (100000, 100000)
    assert (row.centra_net, row.visma_vat, row.store) == (80000, 20000, "Web")


@pytest.mark.parametrize(
    ("theirs", "facts", "expected"),
    [
        pytest.param({"vat": 20001}, {}, (Cause.ROUNDING, -1), id="rounded by line"),
        pytest.param({"vat": 20500}, {}, (Cause.UNEXPLAINED, -500), id="VAT differs"),
        pytest.param(
            {"vat": 20500},
            {"sent": {("delivered", "S1"): 100000}},
            (Cause.CHANGED_IN_VISMA, -500),
            id="VAT of what we sent was changed",
        ),
        pytest.param(
            {"category": "LOW"}, {}, (Cause.UNEXPLAINED, 100000), id="another category"
        ),
        pytest.param(
            {"gross": 100001}, {}, (Cause.UNEXPLAINED, -1), id="one öre of ours"
        ),
        pytest.param(
            {"gross": 99999},
            {"sent": {("delivered", "S1"): 100000}},
            (Cause.CHANGED_IN_VISMA, 1),
            id="lowered by one öre",
        ),
        pytest.param(
            {"key": "", "gross": 100001, "ordered": Ordered((), (), ())},
            {},
            (Cause.ROUNDING, -1),
            id="one öre of what Visma.net made of its order's lines, room one",
        ),
        pytest.param(
            {"key": "", "gross": 100002, "ordered": Ordered((), (), ())},
            {},
            (Cause.UNEXPLAINED, -2),
            id="two öre, room one",
        ),
        pytest.param(
            {"key": "", "gross": 100001},
            {},
            (Cause.UNEXPLAINED, -1),
            id="one öre that its order's lines do not come to",
        ),
        pytest.param(
            {"key": "", "gross": 100001, "ordered": Ordered((("1/L1", 1),), (), ())},
            {},
            (Cause.UNEXPLAINED, -1),
            id="one öre, and other units than left",
        ),
        pytest.param({"zone": "NO"}, {}, (Cause.UNEXPLAINED, 100000), id="VAT zone"),
        pytest.param(
            {"customer": "10002"},
            {},
            (Cause.CHANGED_IN_VISMA, 100000),
            id="another customer",
        ),
        pytest.param(
            {"gross": 90000},
            {"sent": {("delivered", "S1"): 100000}},
            (Cause.CHANGED_IN_VISMA, 10000),
            id="lowered there",
        ),
        pytest.param(
            {"gross": 90000},
            {"sent": {("delivered", "S1"): 90000}},
            (Cause.CHANGED_IN_CENTRA, 10000),
            id="raised here",
        ),
        pytest.param(
            {"gross": 90000},
            {"parked": known("delivered", "S1")},
            (Cause.PARKED, 10000),
            id="parked",
        ),
        pytest.param(
            {"gross": 90000},
            {"doubts": known("delivered", "10001")},
            (Cause.IN_DOUBT, 10000),
            id="in doubt, by order",
        ),
        pytest.param(
            {"is_booked": False}, {}, (Cause.IN_FLIGHT, 100000), id="a draft still"
        ),
        pytest.param(
            {"period": "032026"}, {}, (Cause.UNEXPLAINED, 100000), id="another period"
        ),
    ],
)
def test_what_differs_has_a_name(
    theirs: dict[str, Any], facts: dict[str, Any], expected: tuple[Cause, int]
) -> None:
    """Centra less Visma.net, in öre, under the cause that the facts allow."""
    assert causes(judged(entry(), entry("visma", **theirs), **facts)) == [expected]


@pytest.mark.parametrize(
    ("pair", "facts", "cause"),
    [
        ("delivered", {}, Cause.UNEXPLAINED),
        ("delivered", {"flying": known("delivered", "S1")}, Cause.IN_FLIGHT),
        ("delivered", {"awaited": known("delivered", "S1")}, Cause.IN_FLIGHT),
        ("delivered", {"left_out": known("delivered", "10001")}, Cause.LEFT_OUT),
        ("paid", {"documents": {("paid", "S1"): "900001"}}, Cause.CHANGED_IN_VISMA),
    ],
)
def test_what_is_missing_there_has_a_name(
    pair: Any, facts: dict[str, Any], cause: Cause
) -> None:
    """Nothing of Visma.net answers it."""
    assert causes(judged(entry(pair=pair), **facts)) == [(cause, 100000)]


@pytest.mark.parametrize(
    ("changes", "facts", "cause"),
    [
        ({"orders": (), "key": ""}, {}, Cause.UNKNOWN_DOCUMENT),
        ({}, {}, Cause.UNKNOWN_DOCUMENT),
        ({}, {"documents": {("delivered", "S1"): "200001"}}, Cause.CHANGED_IN_CENTRA),
        ({"key": ""}, {"outside": known("delivered", "10001")}, Cause.OUTSIDE_CENTRA),
        ({}, {"left_out": known("delivered", "10001")}, Cause.LEFT_OUT),
    ],
)
def test_what_is_missing_here_has_a_name(
    changes: dict[str, Any], facts: dict[str, Any], cause: Cause
) -> None:
    """Nothing of Centra answers it."""
    assert causes(judged(entry("visma", **changes), **facts)) == [(cause, -100000)]


def test_a_closed_month_shifts_to_the_next() -> None:
    """Booked in March because February is closed: named so, with its amount."""
    february = Period(
        year=2026,
        period="02",
        start_date=datetime(2026, 2, 1),  # noqa: DTZ001 - days without a zone
        end_date=datetime(2026, 2, 28),  # noqa: DTZ001
        closed_in_customer_ledger=True,
    )
    march = february.model_copy(
        update={
            "period": "03",
            "start_date": datetime(2026, 3, 1),  # noqa: DTZ001
            "end_date": datetime(2026, 3, 31),  # noqa: DTZ001
            "closed_in_customer_ledger": False,
        }
    )

    certificate = judged(
        entry(),
        entry("visma", period="032026"),
        period_of=PeriodOf([february, march]),
    )

    assert causes(certificate) == [(Cause.SHIFTED_PERIOD, 100000)]
    assert "032026" in certificate.differences[0].sentence


def test_another_rate_is_told_in_base_currency() -> None:
    """The euros agree; the books hold 12 kronor less than Centra's rate says."""
    certificate = judged(
        entry(currency="EUR", base=1150000),
        entry("visma", currency="EUR", base=1148800),
    )

    assert causes(certificate) == [(Cause.RATE, 1200)]
    assert certificate.explained() == {Cause.RATE: 1200}
    assert "12.00 SEK" in certificate.differences[0].sentence


def test_the_rate_that_was_stamped_counts() -> None:
    """A document got 11.50; the books hold 11.488, whatever Centra's own rate says."""
    certificate = judged(
        entry(currency="EUR", base=1200000),
        entry("visma", currency="EUR", base=1148800),
        rates={("delivered", "S1"): Decimal("11.50")},
    )

    assert causes(certificate) == [(Cause.RATE, 1200)]


def test_an_order_counts_once() -> None:
    """Missing as order, as invoice and as payment, it is parked once, in kronor."""
    euros = {"currency": "EUR", "base": 1150000}
    certificate = judged(
        entry(pair="ordered", key="10001", **euros),
        entry(**euros),
        entry(pair="paid", key="P1", **euros),
        parked={
            (pair, "10001"): Known("why", ON)
            for pair in ("ordered", "delivered", "paid")
        },
    )

    assert len(certificate.differences) == 3
    assert certificate.explained() == {Cause.PARKED: 1150000}


def test_one_shipment_of_two_waits_for_its_invoice() -> None:
    """The gap is exactly the shipment that Visma.net has not invoiced yet."""
    two = entry(key="S2", number="10001-2", gross=40000, vat=8000)
    invoice = entry("visma", key="")
    waits = {"awaited": known("delivered", "S2")}

    assert causes(judged(entry(), two, invoice, **waits)) == [(Cause.IN_FLIGHT, 40000)]
    wrong = replace(invoice, gross=90000)
    assert causes(judged(entry(), two, wrong, **waits)) == [(Cause.UNEXPLAINED, 50000)]


def test_an_invoice_over_two_orders_is_compared_with_both() -> None:
    """Orders that share a document are one group."""
    other = entry(orders=(10002,), key="S2", number="10002-1")
    shared = entry("visma", orders=(10001, 10002), key="", gross=200000, vat=40000)

    certificate = judged(entry(), other, shared)

    assert (certificate.compared, certificate.matched) == (1, 1)


def test_vat_of_ours_differs_only_as_it_was_predicted() -> None:
    """Visma.net computes one öre more than Centra; what somebody made of it is no rounding."""
    ours = entry(due_vat=20001)

    assert causes(judged(ours, entry("visma", vat=20001))) == [(Cause.ROUNDING, -1)]
    assert causes(judged(ours, entry("visma", vat=19999))) == [(Cause.UNEXPLAINED, 1)]
    assert causes(judged(ours, entry("visma", vat=20000))) == []


def test_the_one_invoice_of_an_agreed_order_is_exact() -> None:
    """Visma.net made it of the whole sales order: an öre more is no rounding."""
    order = entry(pair="ordered", key="10001", number="10001")
    there = entry("visma", pair="ordered", key="10001", number="000100")
    invoice = entry("visma", key="", gross=100001)

    assert causes(judged(order, there, entry(), invoice)) == [
        (Cause.CHANGED_IN_VISMA, -1)
    ]
    parts = replace(invoice, gross=50001, vat=10000)
    others = replace(parts, number="200002", gross=50000)
    assert causes(judged(order, there, entry(), parts, others)) == [
        (Cause.CHANGED_IN_VISMA, -1)
    ]
    as_ordered = [replace(one, ordered=Ordered((), (), ())) for one in (parts, others)]
    assert causes(judged(order, there, entry(), *as_ordered)) == [(Cause.ROUNDING, -1)]


def test_units_tell_what_is_awaited_where_amounts_were_rounded() -> None:
    """The invoice of one shipment is an öre off, that of the other is still to come."""
    ours = entry(units=(("10001/L1", 2),))
    other = entry(key="S2", number="10001-2", gross=50000, units=(("10001/L1", 1),))
    there = entry(
        "visma", key="", gross=99999, ordered=Ordered((("10001/L1", 2),), (), ())
    )
    awaited = {"awaited": known("delivered", "S2")}

    assert causes(judged(ours, other, there, **awaited)) == [(Cause.IN_FLIGHT, 50001)]
    assert causes(judged(ours, other, replace(there, ordered=None), **awaited)) == [
        (Cause.UNEXPLAINED, 50001)
    ]


def test_a_part_that_moved_to_another_month_is_found() -> None:
    """Two shipments of two months, and both invoices in the second: its sum is too high."""
    first = entry(gross=60000, vat=12000)
    second = entry(key="S2", day=date(2026, 3, 4), gross=40000, vat=8000)
    one = entry("visma", key="", gross=60000, vat=12000, period="022026")
    two = entry(
        "visma", key="", number="200002", gross=40000, vat=8000, period="032026"
    )

    assert causes(judged(first, second, one, two)) == []
    [found] = judged(first, second, replace(one, period="032026"), two).differences
    assert (found.cause, found.amount) == (Cause.UNEXPLAINED, 60000)
    assert "booked in period 032026, it happened in 022026" in found.sentence


def test_another_customer_than_the_other_documents_have() -> None:
    """Where the settings name none, the documents of an order are of one customer."""
    sale, money = entry(customer=""), entry(pair="paid", key="P1", customer="")
    invoice = entry("visma", customer="20007")
    payment = entry("visma", pair="paid", key="P1", number="300001", customer="20007")

    assert causes(judged(sale, money, invoice, payment)) == []
    found = judged(sale, money, invoice, replace(payment, customer="20008")).differences
    assert {one.cause for one in found} == {Cause.CHANGED_IN_VISMA}
    assert "300001" in " ".join(one.sentence for one in found)


@pytest.mark.parametrize("key", ["S1", ""])
def test_another_currency_was_changed_there(key: str) -> None:
    """The same number of euros: nothing is under way, and nothing is gone from Centra."""
    euros = entry("visma", key=key, currency="EUR")

    found = judged(entry(), euros, awaited=known("delivered", "S1")).differences

    assert {(one.cause, one.amount, one.currency) for one in found} == {
        (Cause.CHANGED_IN_VISMA, 100000, "SEK"),
        (Cause.CHANGED_IN_VISMA, -100000, "EUR"),
    }


def test_currencies_are_never_compared() -> None:
    """The same number of euros and kronor is two differences."""
    groups = groups_of([entry(), entry("visma", currency="EUR")])

    assert [group.currency for group in groups] == ["EUR", "SEK"]


def test_a_difference_keeps_its_id_until_its_amount_changes() -> None:
    """So a signature is for one difference, of one amount."""
    [first] = judged(entry()).differences
    [again] = judged(entry()).differences
    [other] = judged(entry(gross=100001)).differences

    assert first.id == again.id
    assert first.id != other.id


def test_only_what_touches_the_period_counts() -> None:
    """A shipment of January is no part of February."""
    assert judged(entry(day=date(2026, 1, 31))).compared == 0
    shifted = judged(entry(day=date(2026, 1, 31)), entry("visma", day=ON))
    assert shifted.compared == 1


@pytest.mark.parametrize(
    ("sold_on", "booked", "facts", "expected"),
    [
        pytest.param(date(2026, 2, 28), "022026", {}, Cause.SHIFTED_PERIOD, id="named"),
        pytest.param(None, "022026", {}, Cause.UNEXPLAINED, id="goods are no excuse"),
        pytest.param(
            date(2026, 2, 28), "012026", {}, Cause.UNEXPLAINED, id="another month yet"
        ),
        pytest.param(
            date(2026, 2, 28),
            "022026",
            {"sent": {("delivered", "S1"): 100000}},
            Cause.UNEXPLAINED,
            id="the connector dates its own invoices rightly",
        ),
    ],
)
def test_an_order_without_goods_is_invoiced_as_of_its_own_day(
    sold_on: date | None, booked: str, facts: Mapping[str, Any], expected: Cause
) -> None:
    """Gift certificates wait for no shipment, so Visma.net's invoice may be a month early."""
    ours = entry(day=date(2026, 3, 2), sold_on=sold_on)
    theirs = entry("visma", day=date(2026, 2, 28), period=booked)

    [one] = judged(ours, theirs, **facts).differences

    assert (one.cause, one.amount) == (expected, 100000)
