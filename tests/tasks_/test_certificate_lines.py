"""What an invoice comes to line by line: no edit hides behind another one, or in rounding."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from mapping.certificate import Cause, Difference
from sandbox.centra.sales import Order
from sandbox.visma.document_lines import recompute_document
from sandbox.visma.ledger_records import Invoice
from tasks.certificate import certify
from tasks.environment import use_environment
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_certificate import certified, found

D = Decimal
ORE = D("0.01")
SKUS = ("NH1104NAVM", "NH1203BLKM")


@pytest.fixture(params=["sales_order", "invoice"])
def stand(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stand]:
    """A live store that posts one way or the other."""
    with a_stand(tmp_path, **posting(request.param)) as opened:
        yield opened


async def in_parts(stand: Stand, *, parts: int = 2, **more: Any) -> Order:
    """Sixteen lines of three units each, of which one more leaves each day."""
    lines = [
        {
            "sku": SKUS[place % 2],
            "quantity": 3,
            "unit_price": f"{100 + place}.{place * 37 % 100:02}",
        }
        for place in range(16)
    ]
    order = stand.place(lines=lines, shipping=49, **more)
    await settle(stand)
    for _ in range(parts - 1):
        units = {str(line.id): 1 for line in order.lines}
        stand.edit(order, "ship", lines=units)
        await settle(stand)
        stand.wait(minutes=60 * 24)
    stand.edit(order, "ship")
    await settle(stand)
    return order


def last(stand: Stand) -> Invoice:
    """The invoice that was made last."""
    return list(stand.company.books.invoices.values())[-1]


async def on_its_day(stand: Stand, day: date) -> list[Difference]:
    """What differs of the invoices of a single day, rounding too."""
    with use_environment(stand.environment):
        done = await certify("nordhem", day, day)
    return [one for one in done.certificate.differences if one.pair == "delivered"]


@pytest.mark.parametrize(
    "more",
    [
        pytest.param({}, id="as it is"),
        pytest.param(
            {"discounts": [{"type": "AppliedVoucherDiscount", "value": "333.34"}]},
            id="less a discount",
        ),
    ],
)
async def test_an_edit_is_no_rounding_of_parts(
    stand: Stand, more: dict[str, Any]
) -> None:
    """An öre on one of two invoices, of the total or of a line, in any period."""
    await in_parts(stand, **more)
    assert await found(stand) == []
    clean = await on_its_day(stand, last(stand).on)
    assert {one.cause for one in clean} <= {Cause.ROUNDING}
    invoice = last(stand)

    invoice.gross -= ORE
    invoice.balance -= ORE
    [one] = await found(stand)
    assert (one.cause, abs(one.amount)) == (Cause.CHANGED_IN_VISMA, 1)
    assert one.id in {each.id for each in await on_its_day(stand, invoice.on)}

    invoice.lines[0].discount += ORE
    invoice.lines[0].amount -= ORE
    recompute_document(stand.company, invoice)
    [one] = await found(stand)
    assert (one.cause, abs(one.amount)) == (Cause.CHANGED_IN_VISMA, 1)


async def test_what_is_left_of_an_order_is_awaited(tmp_path: Path) -> None:
    """The invoice of the first part was rounded; that of the second is not made yet."""
    with a_stand(tmp_path, **posting("sales_order")) as stand:
        lines = [
            {"sku": sku, "quantity": 3, "unit_price": price}
            for sku, price in zip(SKUS, ("182.71", "434.32"), strict=True)
        ]
        discount = {"type": "AppliedVoucherDiscount", "value": "187.51"}
        order = stand.place(lines=lines, shipping=49, discounts=[discount])
        await settle(stand)
        stand.edit(order, "ship", lines={str(line.id): 1 for line in order.lines})
        await settle(stand)
        billed = last(stand)
        [rounded] = await on_its_day(stand, billed.on)
        stand.change(**posting("sales_order", prepare_invoices=False))
        stand.edit(order, "ship")
        await settle(stand)

        [one] = [one for one in await found(stand) if one.pair == "delivered"]

    assert (rounded.cause, rounded.amount) == (Cause.ROUNDING, 1)
    assert one.cause is Cause.IN_FLIGHT
    sold_for = 3 * D("617.03") + 49 - D("187.51")
    assert one.amount == int((sold_for - billed.gross) * 100)


@pytest.mark.parametrize("post_as", ["sales_order", "invoice"])
async def test_a_small_line_of_a_part_has_its_account(
    tmp_path: Path, post_as: str
) -> None:
    """What many lines may be rounded by is no reason to move one of them elsewhere."""
    accounts = [{"country": "SE", "sales_account": "3105"}]
    with a_stand(tmp_path, **posting(post_as), posting=accounts) as stand:
        lines = [{"sku": SKUS[0], "quantity": 2, "unit_price": "100.01"}] * 30
        lines += [{"sku": SKUS[1], "quantity": 2, "unit_price": "0.10"}]
        order = stand.place(lines=lines)
        await settle(stand)
        for units in ({str(line.id): 1 for line in order.lines}, None):
            stand.edit(order, "ship", **({"lines": units} if units else {}))
            await settle(stand)
        assert await found(stand) == []
        small = next(one for one in last(stand).lines if one.unit_price == D("0.10"))
        assert small.account == "3105"
        small.account = "3001"

        [one] = await found(stand)

    assert (one.cause, one.amount) == (Cause.CHANGED_IN_VISMA, 10)
    assert "3001" in one.sentence


async def test_a_line_without_category_hides_no_other(stand: Stand) -> None:
    """One lost its VAT category, another got a wrong one: both are told, with both amounts."""
    lines = [{"sku": sku, "quantity": 1} for sku in SKUS]
    sold(stand, lines=lines, shipping=49)
    await settle(stand)
    goods = last(stand).lines
    assert [line.amount for line in goods] == [D(799), D(299), D(49)]
    goods[1].vat_category = "SERVICES"
    [first] = await found(stand)
    goods[2].vat_category = None

    [both] = await found(stand)

    assert (first.cause, first.amount) == (Cause.CHANGED_IN_VISMA, 29900)
    assert (both.cause, both.amount) == (Cause.CHANGED_IN_VISMA, 34800)
    assert "also booked: none, SERVICES" in both.sentence
    assert (await certified(stand)).certificate.explained() == {
        Cause.CHANGED_IN_VISMA: 34800
    }
