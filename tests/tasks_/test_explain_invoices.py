"""Invoices that Visma.net makes of sales orders are told back line by line."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.padding import Padding
from rich.text import Text

from console.explained import story_text
from sandbox.centra.sales import Order
from sandbox.visma.document_lines import recompute_document
from sandbox.visma.ledger_records import Invoice
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_explain import SHIRT, TWO, VOUCHER, centra, story

D = Decimal
ORDERED = posting("sales_order")


async def in_two_parts(stand: Stand, **order: Any) -> Order:
    """Three shirts and socks: one shirt leaves first, then all else."""
    placed = stand.place(**{"lines": TWO, "shipping": 49, **order})
    await settle(stand)
    stand.edit(placed, "ship", lines={SHIRT: 1})
    await settle(stand)
    stand.edit(placed, "ship")
    await settle(stand)
    return placed


def invoices(stand: Stand) -> list[Invoice]:
    """What Visma.net made, oldest first."""
    return list(stand.company.books.invoices.values())


def made(stand: Stand, number: str) -> dict[str, Any]:
    """What is told of a document that Visma.net made."""
    [found] = [one for one in story(stand, number)["others"] if one["number"] == number]
    return dict(found)


async def test_an_invoice_of_a_part_is_told_back(tmp_path: Path) -> None:
    """Goods, freight, share of the discount, VAT by rate, account and sum, as of one we write."""
    with a_stand(tmp_path, **ORDERED) as stand:
        await in_two_parts(stand, discounts=VOUCHER, country="FI", currency="EUR")
        first, second = (made(stand, one.number) for one in invoices(stand))
        order = next(iter(stand.company.orders)).order_id

    assert first["why"] == (
        f"Visma.net made it of sales order SO/{order}, for shipment 10001-1"
    )
    told = first["amounts"]
    assert (told["total"], told["vat"], told["agrees"]) == ("99.32", "20.18", True)
    assert told["sum_of"] == [
        {"field": "shipments[10001-1].grandTotal", "value": "99.32"}
    ]
    shirt, freight = told["lines"]
    assert (shirt["what"], shirt["quantity"], shirt["amount"], shirt["account"]) == (
        SHIRT,
        "1",
        "50.32",
        "3001",
    )
    assert centra(shirt) == [
        ("shipments[10001-1].lines[1].lineValue, VAT included", "79.95"),
        ("shipments[10001-1].lines[1].lineValue, VAT excluded", "63.71"),
    ]
    assert shirt["rules"] == [
        "VAT 25.5 % for b2c in FI: [[vat]] row 7, category STDG, zone OSS-FI, prices gross",
        f"account 3001: that of item {SHIRT}",
        (
            f"1 of the 3 that SO/{order} has of it, at 79.95 less 29.63: of its 88.90 "
            "what is on unit 1"
        ),
        (
            "of the whole line: 239.85 less 88.90: its share of the discount of 100.00 "
            "at 25.5 %, in proportion to the lines of that rate, by largest remainder"
        ),
    ]
    assert (freight["amount"], freight["account"]) == ("49.00", "3520")
    assert centra(freight)[0] == ("shipments[10001-1].totals.shipping", "49.00")
    assert told["vat_by_rate"] == [
        {
            "rate": "25.5",
            "base": "79.14",
            "vat": "20.18",
            "centra": "20.18",
            "rule": "taken out of the sum by FI255G, once on the whole document",
        }
    ]
    rest = second["amounts"]
    assert [(one["quantity"], one["amount"]) for one in rest["lines"]] == [
        ("2", "100.63"),
        ("1", "18.85"),
    ]
    assert "less 59.27: of its 88.90 what is on units 2 to 3" in str(rest["lines"][0])
    assert (rest["agrees"], rest["notes"]) == (True, [])


async def test_the_one_asked_for_stands_first(tmp_path: Path) -> None:
    """Its lines follow its headline; the goods of each shipment stand with the shipment."""
    with a_stand(tmp_path, **ORDERED) as stand:
        order = await in_two_parts(stand)
        number = invoices(stand)[0].number
        shown = lines_of(stand, number)
        by_order = lines_of(stand, str(order.number))

    assert shown[:2] == [
        f"invoice {number} belongs to order 10001",
        f"invoice {number}",
    ]
    assert shown[4].startswith("848.00: shipments[10001-1].grandTotal")
    at = shown.index(
        "shipment 10001-2: settled, 2026-03-10, 1,897.00 SEK, carried over 2 seconds after it was changed"
    )
    assert shown[at + 2 : at + 5] == [
        "1,897.00: shipments[10001-2].grandTotal",
        f"2 x {SHIRT}",
        "1 x NH1203BLKM",
    ]
    assert by_order[0].startswith("order 10001: settled")


def lines_of(stand: Stand, number: str) -> list[str]:
    """What the terminal shows, line by line."""
    found = []
    for one in story_text(story(stand, number)).renderables:  # type: ignore[union-attr]
        text = one.renderable if isinstance(one, Padding) else one
        assert isinstance(text, Text)
        found.append(text.plain)
    return found


async def test_rounding_of_parts_is_named(tmp_path: Path) -> None:
    """What Visma.net rounds otherwise than Centra stands in the sum, under its name."""
    lines = [
        {"sku": sku, "quantity": 3, "unit_price": price}
        for sku, price in ((SHIRT, "182.71"), ("NH1203BLKM", "434.32"))
    ]
    with a_stand(tmp_path, **ORDERED) as stand:
        order = stand.place(
            lines=lines,
            shipping=49,
            discounts=[{"type": "AppliedVoucherDiscount", "value": "187.51"}],
        )
        await settle(stand)
        stand.edit(order, "ship", lines={str(line.id): 1 for line in order.lines})
        await settle(stand)
        [invoice] = invoices(stand)
        told = made(stand, invoice.number)["amounts"]

    [said, rounded] = told["sum_of"]
    assert said["field"] == "shipments[10001-1].grandTotal"
    assert rounded == {
        "field": "rounding, as an order is billed in parts",
        "value": "-0.01",
    }
    assert D(said["value"]) - D("0.01") == invoice.gross
    assert (told["agrees"], told["notes"]) == (True, [])


async def test_net_prices_of_a_company_are_told_back(tmp_path: Path) -> None:
    """VAT is added to the sum of the lines, which stand without it."""
    with a_stand(tmp_path, **ORDERED) as stand:
        await in_two_parts(stand, account=1, discounts=VOUCHER)
        found = [(one, made(stand, one.number)["amounts"]) for one in invoices(stand)]

    assert len(found) == 2
    for invoice, told in found:
        assert (told["total"], told["vat"], told["agrees"]) == (
            str(invoice.gross),
            str(invoice.vat),
            True,
        )
        assert {line["prices"] for line in told["lines"]} == {"net"}
        [tax] = told["vat_by_rate"]
        assert tax["rule"].startswith("added to the sum by")
        assert sum(D(one["value"]) for one in told["sum_of"]) == invoice.gross


async def test_what_people_changed_is_said(tmp_path: Path) -> None:
    """A price lowered by hand and a line of their own: neither passes as what was sent."""
    with a_stand(tmp_path, **ORDERED) as stand:
        sold(stand, lines=TWO)
        await settle(stand)
        [invoice] = invoices(stand)
        invoice.lines[0].discount += 10
        invoice.lines[0].amount -= 10
        invoice.lines[1].inventory_id = "OTHER"
        recompute_document(stand.company, invoice)
        stand.wait(minutes=60)
        invoice.modified_at = stand.world.clock.now()
        await stand.run("invoices")

        told = made(stand, invoice.number)["amounts"]

    assert (told["agrees"], told["total"]) == (False, "2397.00")
    lowered, other = told["lines"]
    assert (
        "as it was sent it would be 2,397.00: it was changed in Visma.net"
        in (lowered["rules"])
    )
    assert other["what"] == "OTHER"
    assert "no such line was sent" in other["rules"][0]
    assert told["notes"] == [
        (
            "what was sent of it comes to 2,397.00 with 479.40 VAT, Visma.net has "
            "2,686.00 with 537.20: it was changed there"
        ),
        "Visma.net has -10.00 SEK against what Centra says of it",
    ]


async def test_the_credit_note_of_a_return_order_is_told_back(tmp_path: Path) -> None:
    """By the return that it credits."""
    with a_stand(tmp_path, **ORDERED) as stand:
        order = await in_two_parts(stand)
        stand.edit(order, "return", lines={SHIRT: 1}, refund=True)
        await settle(stand)
        [note] = stand.company.books.credit_notes.values()
        told = made(stand, note.number)["amounts"]

    assert told["sum_of"] == [{"field": "return[1].grandTotal", "value": "799.00"}]
    [line] = told["lines"]
    assert (line["what"], line["amount"], line["account"]) == (SHIRT, "799.00", "3001")
    assert (told["vat"], told["agrees"]) == ("159.80", True)


async def test_without_the_shipment_it_is_told_by_the_order(tmp_path: Path) -> None:
    """Who billed by hand in Visma.net has the order's lines explained, and no VAT of Centra's."""
    with a_stand(tmp_path, **posting("sales_order")) as stand:
        await in_two_parts(stand)
        number = invoices(stand)[0].number
        forget_shipments(stand)

        told = made(stand, number)["amounts"]

    assert [(one["field"], one["value"]) for one in told["sum_of"]] == [
        (SHIRT, "799.00"),
        ("SHIPPING", "49.00"),
    ]
    assert centra(told["lines"][0])[0] == (
        "lines[1].lineValue, VAT included",
        "2397.00",
    )
    assert [tax["centra"] for tax in told["vat_by_rate"]] == [None]
    assert told["agrees"]


def forget_shipments(stand: Stand) -> None:
    """As if the shipments of Visma.net were made by people, who link them to nothing."""
    with stand.environment.books("nordhem").begin() as unit:
        for number in ("200001", "200002"):
            rows = unit.index.of_target("invoice", number)
            for row in rows:
                row.detail["shipments"] = ""
            unit.index.put("invoice", rows)


@pytest.mark.parametrize("why", ["not kept", "erased"])
async def test_what_is_not_known_is_said(tmp_path: Path, why: str) -> None:
    """No lines of an invoice that was read before they were kept; none of an erased person."""
    with a_stand(tmp_path, **ORDERED) as stand:
        order = sold(stand)
        await settle(stand)
        [invoice] = invoices(stand)
        books = stand.environment.books("nordhem")
        if why == "erased":
            books.erase_person(f"dtc-{order.customer.id}", by="Kim")
        else:
            with books.begin() as unit:
                rows = unit.index.of_target("invoice", invoice.number)
                for row in rows:
                    row.detail.pop("lines", None)
                unit.index.put("invoice", rows)

        told = made(stand, invoice.number)["amounts"]

    assert told == {
        "note": {
            "erased": "erased: the person's data was deleted on request",
            "not kept": "its lines are told once Visma.net has shown it anew",
        }[why]
    }
