"""Any number is told back: to what Centra said, by which rule, and on what it ended."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from rich.padding import Padding

from console.explained import story_text
from sandbox.centra.sales import Order
from tasks.trail import story_of
from tests.tasks_.counting import ADJUSTING, SHIRT, adjustments, change
from tests.tasks_.paying import posting, settle, sold
from tests.tasks_.returning import MODES, Mode, a_returning_stand, give_back, sell
from tests.tasks_.stand import Stand, a_stand
from tests.tasks_.test_undo import documents, undo

D = Decimal
VOUCHER = [{"type": "AppliedVoucher", "value": 100}]
TWO = [{"sku": "NH1104NAVM", "quantity": 3}, {"sku": "NH1203BLKM"}]


def story(stand: Stand, number: object) -> dict[str, Any]:
    """What the ledger tells of a number."""
    books = stand.environment.books("nordhem")
    return story_of(books, stand.settings, str(number))


def document(told: dict[str, Any], direction: str) -> dict[str, Any]:
    """The one document of a direction."""
    [found] = [one for one in told["documents"] if one["direction"] == direction]
    return dict(found)


def centra(line: dict[str, Any]) -> list[tuple[str, str]]:
    """What Centra said of a line."""
    return [(one["field"], one["value"]) for one in line["centra"]]


# -- from either side


async def test_an_order_is_explained_from_either_side(stand: Stand) -> None:
    """The order number and the document number tell the same story, step by step."""
    order = stand.place()
    await stand.run()
    stand.edit(order, "change_quantity", quantity=2)
    await stand.run()
    number = stand.sales_order(order).order_id

    told = story(stand, order.number)

    assert told["found"]
    assert [
        (one["operation"], one["state"], one["amount"]) for one in told["intents"]
    ] == [("create", "confirmed", "799.00"), ("update:2", "confirmed", "1598.00")]
    assert told["links"] == [
        {
            "direction": "orders",
            "record": str(order.number),
            "role": "created",
            "target_kind": "sales_order",
            "target_id": f"SO/{number}",
        }
    ]
    assert [line["action"] for line in told["audit"]] == ["document.written"] * 2
    assert told["audit"][1]["before"] == told["audit"][0]["after"]
    assert {line["settings"] for line in told["audit"]} == {stand.settings.version}
    for name in (number, f"SO/{number}", f"N-{order.number}"):
        other = story(stand, name)
        assert other["records"] == told["records"]
        assert other["documents"] == told["documents"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_number_of_visma_leads_to_everything_of_its_order(
    tmp_path: Path, mode: Mode
) -> None:
    """Invoice, credit note, payment: each tells the order with all of its documents."""
    with a_stand(tmp_path, **posting(mode)) as stand:
        order = sold(stand)
        await settle(stand)
        stand.edit(order, "return", refund=True)
        await settle(stand)
        whole = story(stand, order.number)
        numbers = [one.number for one in documents(stand)]
        numbers += list(stand.company.books.payments)

        assert len(numbers) == 4
        for number in numbers:
            told = story(stand, number)
            key = [(one["direction"], one["source_id"]) for one in told["records"]]
            wanted = [(one["direction"], one["source_id"]) for one in whole["records"]]
            assert sorted(key) == sorted(wanted)
            assert told["orders"] == [str(order.number)]
            known = {
                one["number"].rpartition("/")[2]
                for one in (*told["documents"], *told["others"])
            }
            assert number in known


@pytest.mark.parametrize("mode", MODES)
async def test_an_order_is_explained_with_what_hangs_on_it(
    tmp_path: Path, mode: Mode
) -> None:
    """Its number tells shipment and return, each with its direction; the return's own steps only."""
    with a_returning_stand(tmp_path, mode) as stand:
        order = await sell(stand)
        give_back(stand, order, 1)
        await stand.run("refunds")
        [back] = order.returns

        told = story(stand, order.number)

        directions = [row["direction"] for row in told["records"]]
        assert {"orders", "fulfilment", "refunds"} <= set(directions)
        for name in (
            f"{order.number}-R{back.id}",
            f"N-{order.number}-R{back.id}",
            f"N-R{back.id}",
            f"R{back.id}",
        ):
            of_return = story(stand, name)
            assert [row["direction"] for row in of_return["records"]] == ["refunds"]
            assert of_return["audit"]
            assert all(
                f"R{back.id}" in f"{row['document']} {row['detail']}"
                for row in of_return["audit"]
            )
        [shipment] = order.shipments
        [row] = story(stand, f"N-S{shipment.id}")["records"]
        assert (row["direction"], row["label"]) == (
            "fulfilment",
            f"shipment {shipment.number}",
        )


async def test_a_payment_entry_is_explained_by_its_reference(tmp_path: Path) -> None:
    """What Centra said, the account of its method, and what it settles."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        order = sold(stand)
        await settle(stand)
        entry = order.payments[-1].id
        [invoice] = documents(stand)

        told = story(stand, f"N-P{entry}")

        paid = document(told, "payments")
        [line] = paid["amounts"]["lines"]
        assert (line["what"], line["amount"], line["account"]) == (
            "payment",
            "799.00",
            "1580",
        )
        assert centra(line) == [(f"paymentHistory[{entry}].value", "799.00")]
        assert line["rules"][0] == (
            'method KLARNA, account 1580: [payment_methods."Klarna"]'
        )
        assert paid["stands"]["settles"] == [f"Invoice {invoice.number} 799.00"]


async def test_what_another_connector_had_invoiced_is_shown(tmp_path: Path) -> None:
    """It is of the order, though no record of ours has made it."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        order = stand.place(lines=TWO)
        number = stand.company.add_invoice(
            customer="10001",
            gross=D("2696.00"),
            vat=D("539.20"),
            currency="SEK",
            on=order.created_at.date(),
            customer_ref_number=str(order.number),
        )
        stand.world.clock.advance(1)
        line = order.lines[0]
        stand.edit(order, "ship", lines={str(line.id): 1})
        await stand.run("orders")
        await stand.run("fulfilment")

        told = story(stand, order.number)

        [record] = [r for r in told["records"] if r["direction"] == "fulfilment"]
        assert record["reason"] == "INVOICED_BEFORE"
        [other] = told["others"]
        assert (other["kind"], other["number"]) == ("invoice", number)
        assert other["why"] == (
            f"it carries the reference {order.number}; another program made it"
        )
        assert other["stands"]["total"] == "2696.00"


async def test_a_customer_an_adjustment_and_a_size_are_explained(
    tmp_path: Path,
) -> None:
    """Each by its own name: the key of the customer, the stock change, the SKU."""
    individual = {"*": {"post_as": "sales_order", "dtc_customers": "individual"}}
    with a_stand(tmp_path, **ADJUSTING, stores=individual) as stand:
        order = stand.place()
        await stand.run("orders")
        number = change(stand, {SHIRT: -2}, words="Count")
        await stand.run("stock_adjustments")
        [made] = adjustments(stand)

        customer = f"dtc-{order.customer.id}"
        by_key = story(stand, customer)
        [record] = by_key["records"]
        assert (record["direction"], record["source_id"]) == ("customers", customer)
        by_number = story(stand, by_key["documents"][0]["number"])
        assert by_number["records"] == by_key["records"]
        for name in (f"N-A{number}", f"stock change {number}", made.number):
            told = story(stand, name)
            [one] = told["documents"]
            assert (one["kind"], one["number"]) == ("inventory_adjustment", made.number)
            assert one["amounts"]["lines"] == [
                {"what": f"{SHIRT} in MAIN", "quantity": "-2", "account": "COUNT"}
            ]


async def test_a_number_that_nobody_knows_is_not_found(stand: Stand) -> None:
    """An unknown number has no story."""
    told = story(stand, "4711")

    assert (told["found"], told["records"], told["audit"]) == (False, [], [])


# -- amounts, told back


async def test_each_amount_of_a_sales_order_is_told_back(tmp_path: Path) -> None:
    """Fields of Centra, VAT row, account, share of the discount, and what VAT came to."""
    rule = {"product_group": None, "country": "SE", "sales_account": "3002"}
    rules = [{"country": "NO", "sales_account": "3999"}, rule]
    with a_stand(tmp_path, **posting("sales_order"), posting=rules) as stand:
        order = sold(stand, lines=TWO, shipping=49, discounts=VOUCHER)
        await settle(stand)

        one = document(story(stand, order.number), "orders")

    amounts = one["amounts"]
    assert (one["amount"], one["vat"], amounts["agrees"]) == ("2645.00", "529.00", True)
    assert [(x["field"], x["value"]) for x in amounts["sum_of"]] == [
        ("totals.lineValues", "2696.00"),
        ("totals.shipping", "49.00"),
        ("totals.discounts", "-100.00"),
    ]
    shirts, socks, freight = amounts["lines"]
    assert (shirts["quantity"], shirts["amount"], shirts["account"]) == (
        "3",
        "2308.09",
        "3002",
    )
    assert centra(shirts) == [
        ("lines[1].lineValue, VAT included", "2397.00"),
        ("lines[1].lineValue, VAT excluded", "1917.60"),
    ]
    assert shirts["rules"] == [
        "VAT 25 % for b2c in SE: [[vat]] row 1, category STDG, zone SE, prices gross",
        "account 3002: [[posting]] row 2",
        (
            "2,397.00 less 88.91: its share of the discount of 100.00 at 25 %, in "
            "proportion to the lines of that rate, by largest remainder"
        ),
        "sent as 3 x 799 less 88.91, which brings it to its exact amount",
    ]
    assert (socks["amount"], freight["amount"]) == ("287.91", "49.00")
    assert centra(freight) == [
        ("totals.shipping", "49.00"),
        ("totals.shippingTaxRules[25 %].taxIncluded", "9.80"),
    ]
    assert amounts["vat_by_rate"] == [
        {
            "rate": "25",
            "base": "2116.00",
            "vat": "529.00",
            "centra": "529.00",
            "rule": "taken out of the sum by STDG, once on the whole document",
        }
    ]


async def test_each_amount_of_an_invoice_and_its_credit_is_told_back(
    tmp_path: Path,
) -> None:
    """Of the shipment, of the return with its cost, and of an allowance."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        order = sold(stand, lines=TWO, shipping=49)
        await settle(stand)
        stand.edit(order, "return", lines={SHIRT: 1}, return_cost=49, refund=False)
        stand.edit(order, "goodwill", amount=50)
        await settle(stand)

        told = story(stand, order.number)

    invoice = document(told, "fulfilment")["amounts"]
    number = order.shipments[0].number
    assert invoice["sum_of"] == [
        {"field": f"shipments[{number}].grandTotal", "value": "2745.00"}
    ]
    assert centra(invoice["lines"][0])[0] == (
        f"shipments[{number}].lines[1].lineValue, VAT included",
        "2397.00",
    )
    assert invoice["lines"][0]["what"] == "NH1104NAVM"
    assert invoice["lines"][0]["item"] == "SALES"
    assert invoice["lines"][0]["account"] == "3001"
    assert "account 3001: that of item SALES" in invoice["lines"][0]["rules"]
    back, allowed = (
        one["amounts"] for one in told["documents"] if one["direction"] == "refunds"
    )
    assert [(x["what"], x["amount"]) for x in back["lines"]] == [
        ("NH1104NAVM", "799.00"),
        ("RETURNCOST", "-49.00"),
    ]
    assert centra(back["lines"][1])[0] == ("return[1].totals.returnCost", "49.00")
    entry = allowed["sum_of"][0]
    assert (entry["value"], allowed["vat"]) == ("50.00", "10.00")
    assert centra(allowed["lines"][0]) == [(f"its share of {entry['field']}", "50.00")]
    assert all(
        one["amounts"]["agrees"] for one in told["documents"] if one.get("amounts")
    )


async def test_store_credit_and_net_prices_are_told_back(stand: Stand) -> None:
    """Credit is added back as a payment; companies pay VAT on top of net lines."""
    credit = [{"type": "AppliedVoucherCredit", "value": 100}]
    mine = stand.place(discounts=credit)
    theirs = stand.place(account=1, lines=TWO, discounts=VOUCHER)
    await stand.run("orders")

    consumer = document(story(stand, mine.number), "orders")["amounts"]
    company = document(story(stand, theirs.number), "orders")["amounts"]

    assert sum(D(one["value"]) for one in consumer["sum_of"]) == D("799.00")
    assert consumer["notes"] == [
        (
            "100.00 SEK of it was paid by store credit or gift card: a payment, so it "
            "is added back to what Centra asks for"
        )
    ]
    assert (consumer["agrees"], company["agrees"]) == (True, True)
    assert {line["prices"] for line in company["lines"]} == {"net"}
    [tax] = company["vat_by_rate"]
    assert tax["rule"].startswith("added to the sum by STD")
    rounding = company["lines"][-1]
    assert (rounding["what"], rounding["amount"]) == ("ROUNDING", "-0.01")
    assert rounding["rules"] == [
        "rounding line: at most half a minor unit a line, and the whole gap"
    ]
    total = D(tax["base"]) + D(tax["vat"]) + D(rounding["amount"])
    assert total == D(company["total"])


async def test_a_document_in_a_foreign_currency_tells_its_rate(tmp_path: Path) -> None:
    """Which rate, of which day, from which source; and what Visma.net has booked."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        order = sold(stand, country="FI", currency="EUR")
        await settle(stand)
        [invoice] = documents(stand)

        rate = document(story(stand, order.number), "fulfilment")["rate"]

    assert (rate["currency"], rate["to"], rate["source"]) == ("EUR", "SEK", "centra")
    assert D(rate["rate"]) == invoice.rate
    assert D(rate["booked"]) == (invoice.gross * invoice.rate).quantize(D("0.01"))
    assert D(rate["booked_rate"]) == invoice.rate


def text_of(told: dict[str, Any]) -> str:
    """The lines that people see of a story."""
    return "\n".join(
        line.renderable.plain
        for line in story_text(told).renderables
        if isinstance(line, Padding)
    )


async def test_a_rate_that_visma_chose_is_told(tmp_path: Path) -> None:
    """Sales orders take none: the rate is that of the amount which Visma.net booked."""
    with a_stand(tmp_path, **posting("sales_order")) as stand:
        order = sold(stand, lines=TWO, country="FI", currency="EUR")
        await settle(stand)
        stand.edit(order, "return", lines={SHIRT: 1}, refund=True)
        await settle(stand)
        told = story(stand, order.number)
        shown = text_of(told)

    rate = document(told, "orders")["rate"]
    assert (rate["source"], rate["how"]) == ("visma", "read_back")
    assert D(rate["rate"]) == D("11.2145")
    assert "1 EUR = 11.2145 SEK (visma, read back); booked as" in shown
    assert "= ?" not in shown
    rates = [one["rate"] for one in told["documents"] if one.get("rate")]
    assert len(rates) == 4  # order, payment, return order, refund
    assert {(one["rate"], one["as_booked"]) for one in rates} == {("11.2145", False)}


async def test_a_rate_that_is_nobodys_is_told_as_booked(tmp_path: Path) -> None:
    """The table has none that comes to the amount: no more digits than are sure."""
    with a_stand(tmp_path, **posting("sales_order")) as stand:
        order = sold(stand, country="FI", currency="EUR")
        await settle(stand)
        with stand.environment.books("nordhem").begin() as unit:
            [entry] = [one for one in unit.rates.all() if one.direction == "payments"]
            assert entry.booked is not None
            odd = replace(entry.booked, amount=entry.booked.amount + 1, rate=None)
            unit.rates.booked("payments", entry.source_id, odd)
        told = story(stand, order.number)
        shown = text_of(told)

    rate = document(told, "payments")["rate"]
    assert (rate["rate"], rate["as_booked"]) == ("11.227", True)
    assert "1 EUR = 11.227 SEK (visma, read back, as booked)" in shown


# -- settings, run, and who


async def test_settings_that_changed_since_are_named(tmp_path: Path) -> None:
    """The rules told are those of then; what is otherwise now stands beside them."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        order = sold(stand)
        await settle(stand)
        before = document(story(stand, order.number), "fulfilment")
        version = stand.settings.version
        changed = [{"country": "SE", "sales_account": "3999"}]
        stand.change(**posting("invoice"), posting=changed, prefix="N-")

        after = document(story(stand, order.number), "fulfilment")

    assert before["settings"] == {"version": version, "is_current": True}
    assert after["settings"] == {
        "version": version,
        "is_current": False,
        "changed_since": ["posting"],
    }
    assert after["amounts"] == before["amounts"]
    assert after["amounts"]["lines"][0]["account"] == "3001"


async def test_the_run_and_who_approved_it_are_told(newcomer: Stand) -> None:
    """The plan that was approved, by whom, and from where the run was started."""
    order = newcomer.place()
    plan = (await newcomer.run("orders")).plan
    assert plan is not None
    await newcomer.run("orders", plan=plan.hash, run_key="terminal-1")

    run = document(story(newcomer, order.number), "orders")["run"]

    assert (run["direction"], run["approved_by"], run["plan"]) == (
        "orders",
        "Åsa",
        plan.hash,
    )
    assert run["mapping"] == "1"


async def test_what_was_undone_tells_both(tmp_path: Path) -> None:
    """The document and what undid it, in whose name, and that it is left out since."""
    with a_stand(tmp_path, **posting("invoice")) as stand:
        order = sold(stand)
        await stand.run("fulfilment")
        [invoice] = documents(stand)
        await undo(stand, invoice.number)
        note = documents(stand)[-1]

        told = story(stand, order.number)
        of_note = story(stand, note.number)

    first, second = (
        one for one in told["documents"] if one["direction"] == "fulfilment"
    )
    assert [(x["number"], x["role"]) for x in (first, second)] == [
        (invoice.number, "undone"),
        (note.number, "undoes"),
    ]
    assert (second["run"]["by"], second["run"]["approved_by"]) == ("Kim", "Kim")
    assert second["run"]["started_from"] == "centra-visma undo"
    assert second["amounts"] == {
        "note": f"it takes back invoice {invoice.number}, line by line"
    }
    [aside] = told["exceptions"]
    assert (aside["code"], aside["status"], aside["by"]) == ("UNDONE", "ignored", "Kim")
    assert of_note["records"] == told["records"]


# -- parked, and erased


async def test_a_parked_order_is_explained(stand: Stand) -> None:
    """What is parked says why, and what to do."""
    order = stand.place(off_by=1)
    await stand.run()

    told = story(stand, order.number)

    [parked] = told["exceptions"]
    assert parked["code"] == "TOTALS_DO_NOT_ADD_UP"
    assert told["records"][0]["state"] == "parked"


async def test_nothing_personal_is_told_nor_what_was_erased(stand: Stand) -> None:
    """Amounts stay; what was kept of the person is gone, and said to be."""
    order = stand.place()
    await stand.run()
    personal = names_of(order)
    assert not any(name in str(story(stand, order.number)) for name in personal)
    books = stand.environment.books("nordhem")
    books.erase_person(f"dtc-{order.customer.id}", by="Kim")

    one = document(story(stand, order.number), "orders")

    assert (one["amount"], one["vat"]) == ("799.00", "159.80")
    assert one["amounts"] == {
        "note": "erased: the person's data was deleted on request"
    }


def names_of(order: Order) -> list[str]:
    """What is personal on an order."""
    to = order.shipping_address
    found = [to.last_name, to.address1, order.customer.email]
    return [one for one in found if one]
