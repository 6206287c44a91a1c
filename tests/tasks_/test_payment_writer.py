"""How a payment is written: on hold, read back, balanced, released, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from connectors.centra.sale_models import Sale
from connectors.errors import InDoubtError, RecordError, RetryableError
from connectors.visma.payment_models import PaymentRow, PaymentWrite
from ledger import Claim, SourceEntry
from tasks.direction import Ends
from tasks.payments import PaymentWriter
from tests.mapping_.builders import a_payment
from tests.mapping_.sales import a_sale
from tests.tasks_.money import NOW, Index, a_payment_row, an_invoice, draft_of, settings

SALE = a_sale(payment_history=[a_payment("CAPTURE")])


class Desk:
    """Payments of Visma.net as the client shows them; notes what was done, in order."""

    def __init__(self) -> None:
        """Nothing is there."""
        self.rows: dict[str, PaymentRow] = {}
        self.done: list[str] = []
        self.wrote: list[PaymentWrite] = []
        self.fails: dict[str, Exception] = {}
        self.booked: dict[str, Any] = {}
        self.is_slow = False
        self.is_late = False

    async def create_payment(self, payment: PaymentWrite) -> str:
        """Make payment 600001, as it was sent or as `booked` says."""
        self._note("create", payment)
        lines = [
            {"documentType": one.document_type, "refNbr": one.ref_nbr, "amountPaid": one.amount_paid}
            for one in payment.payment_lines or ()
        ]  # fmt: skip
        amount = payment.payment_amount or Decimal(0)
        applied = sum((Decimal(line["amountPaid"]) for line in lines), Decimal(0))
        fields = {
            "type": payment.type,
            "status": "Hold",
            "paymentLines": lines,
            "customer": {"number": payment.customer},
        }
        self.rows["600001"] = a_payment_row(
            "600001",
            payment.payment_ref or "",
            str(amount),
            str(amount - applied),
            **(fields | self.booked),
        )
        self._fail("created")
        return "600001"

    async def get_payment(self, number: str) -> PaymentRow:
        """Read one."""
        self._fail("read")
        return self.rows[number]

    async def update_payment(self, number: str, payment: PaymentWrite) -> None:
        """Lift or set the hold, add lines."""
        self._note("update", payment)
        row = self.rows[number]
        if payment.hold is not None and not row.is_released:
            row = row.model_copy(
                update={"status": "Hold" if payment.hold else "Balanced"}
            )
        for one in payment.payment_lines or ():
            line = {"document_type": one.document_type, "ref_nbr": one.ref_nbr}
            added = type("Line", (), {**line, "amount_paid": one.amount_paid})
            left = row.available_balance - one.amount_paid
            row = row.model_copy(
                update={"lines": (*row.lines, added), "available_balance": left}
            )
        self.rows[number] = row
        self._fail("updated")

    async def release_payment(self, number: str, payment_type: str) -> str | None:
        """Put it into the books, at once or in the background."""
        self.done.append(f"release {payment_type}")
        if self.is_slow:
            return "w-1"
        self._post(number)
        return None

    async def finish_payment_release(self, number: str, work_id: str) -> None:
        """Wait for the background."""
        self.done.append(f"wait for {work_id}")
        self._fail("waited")
        self._post(number)

    def _post(self, number: str) -> None:
        row = self.rows[number]
        status = "Open" if row.available_balance else "Closed"
        self.rows[number] = row.model_copy(update={"status": status})
        self._fail("released")

    async def find_payments(
        self, reference: str, *, customer: str, since: date
    ) -> list[PaymentRow]:
        """Search."""
        self.done.append(f"find {reference} of {customer} since {since}")
        rows = [] if self.is_late else self.rows.values()
        found = [row for row in rows if row.payment_ref == reference]
        return [row for row in found if row.customer_number == customer]

    def _note(self, what: str, payment: PaymentWrite) -> None:
        self.done.append(what)
        self.wrote.append(payment)

    def _fail(self, when: str) -> None:
        if error := self.fails.pop(when, None):
            raise error


class Writing:
    """An index, a desk, and the claims of one record of the sale."""

    def __init__(self, folder: Path, **changes: Any) -> None:
        """Keep the sale as it was read."""
        self.index = Index(folder, settings(**changes))
        self.desk = Desk()
        self.writer = PaymentWriter()
        self.draft = draft_of(SALE, "1", self.index.settings)
        self.ends = Ends(
            self.index.settings,
            self.index.books,
            cast("Any", SimpleNamespace()),
            cast("Any", self.desk),
            lambda: NOW,
        )
        entry = SourceEntry("1", "1001-P1", "x", _raw(SALE))
        with self.index.books.begin() as unit:
            run = unit.runs.start("payments", "r", mode="apply", settings_version="v")
            unit.records.take_page(unit.records.open_batch("payments", run), [entry])

    def claim(self, operation: str = "create", *, attempts: int = 1) -> Claim:
        """The right to send the payment."""
        return Claim(
            intent_id=1,
            direction="payments",
            source_id="1",
            label="1001-P1",
            operation=operation,
            kind="payment",
            reference=self.draft.reference,
            revision=1,
            fence=1,
            lease_until=NOW,
            lease_seconds=300,
            body=self.draft.model_dump_json().encode(),
            body_hash=self.draft.hash,
            amount=self.draft.amount,
            vat=None,
            currency="SEK",
            probes=0,
            attempts=attempts,
            sent_at=NOW,
            needs=(),
            run_id=1,
            payload_id=1,
        )

    async def send(self, operation: str = "create", *, attempts: int = 1) -> Any:
        """Send it."""
        return await self.writer.send(
            self.claim(operation, attempts=attempts), self.ends
        )

    def link(self) -> None:
        """Know that payment 600001 answers the record."""
        with self.index.books.begin() as unit:
            unit.links.put("payments", "1", "created", "payment", "600001", "h", 1)


def _raw(sale: Sale) -> bytes:
    return sale.model_dump_json(by_alias=True).encode()


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[Writing]:
    """A store where the connector releases, with an open invoice."""
    found = Writing(tmp_path)
    found.index.has(an_invoice("200001", "100.00"))
    yield found
    found.index.close()


async def test_a_payment_is_held_checked_balanced_and_released(
    writing: Writing,
) -> None:
    """It is made on hold with its lines, and goes into the books as the last step."""
    sent = await writing.send()

    assert writing.desk.done == ["create", "update", "release Payment"]
    made, lifted = writing.desk.wrote
    assert (made.hold, made.customer, made.payment_ref) == (True, "10001", "N-P1")
    assert [(one.ref_nbr, one.amount_paid) for one in made.payment_lines or ()] == [
        ("200001", Decimal("100.00"))
    ]
    assert (lifted.hold, lifted.payment_lines) == (False, None)
    assert (sent.kind, sent.id) == ("payment", "600001")
    assert writing.desk.rows["600001"].status == "Closed"


async def test_a_release_in_the_background_is_waited_for(writing: Writing) -> None:
    """Taken on with 202, it is asked for its end, and the status is read again."""
    writing.desk.is_slow = True
    sent = await writing.send()

    assert writing.desk.done[-2:] == ["release Payment", "wait for w-1"]
    assert writing.desk.rows[sent.id].status == "Closed"


async def test_a_release_that_failed_in_the_background_is_parked(
    writing: Writing,
) -> None:
    """The payment stays balanced, and the record says why."""
    writing.desk.is_slow = True
    refusal = RecordError("no open period", code="ACTION_FAILED", fix="Open it.")
    writing.desk.fails["waited"] = refusal
    with pytest.raises(RecordError, match="no open period"):
        await writing.send()

    assert writing.desk.rows["600001"].status == "Balanced"


async def test_people_release_by_setting(tmp_path: Path) -> None:
    """With releases = 'visma' it is left balanced."""
    writing = Writing(tmp_path)
    writing.draft = writing.draft.model_copy(update={"releases": False})
    writing.index.has(an_invoice("200001", "100.00"))
    await writing.send()

    assert writing.desk.done == ["create", "update"]
    assert writing.desk.rows["600001"].status == "Balanced"
    writing.index.close()


async def test_money_with_nothing_to_pay_is_a_prepayment(tmp_path: Path) -> None:
    """Captured before there is an invoice it is booked at once, all of it open."""
    writing = Writing(tmp_path)
    await writing.send()

    assert writing.desk.wrote[0].type == "Prepayment"
    assert writing.desk.wrote[0].payment_lines is None
    assert writing.desk.done == ["create", "update", "release Prepayment"]
    writing.index.close()


async def test_money_for_an_order_is_reserved_for_it(tmp_path: Path) -> None:
    """Where stock is kept, the payment names the sales order it waits for."""
    writing = Writing(tmp_path, post_as="sales_order")
    writing.index.has_order("100.00")
    order = {"orderType": "SO", "orderNo": "000001", "appliedToOrder": 100}
    writing.desk.booked = {"ordersToApply": [order], "availableBalance": Decimal(0)}
    await writing.send()

    [reserved] = writing.desk.wrote[0].orders_to_apply or ()
    assert (reserved.order_type, reserved.order_number) == ("SO", "000001")
    assert reserved.applied_to_order == Decimal("100.00")
    writing.index.close()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("paymentAmount", Decimal("99.00")),
        ("currency", "EUR"),
        ("customer", {"number": "10002"}),
        ("availableBalance", Decimal("1.00")),
        ("paymentLines", []),
    ],
)
async def test_what_was_booked_otherwise_stays_on_hold(
    writing: Writing, field: str, value: Any
) -> None:
    """Read back and different, it is parked and never released."""
    writing.desk.booked = {field: value}
    with pytest.raises(RecordError) as caught:
        await writing.send()

    assert caught.value.code == "TOTAL_DIFFERS"
    assert writing.desk.done == ["create"]
    assert writing.desk.rows["600001"].status == "Hold"


async def test_a_failure_after_it_was_made_is_a_doubt(writing: Writing) -> None:
    """It stands there already, so it may not be planned again as if nothing was done."""
    writing.desk.fails["read"] = RetryableError("busy")
    with pytest.raises(InDoubtError, match="600001 was made"):
        await writing.send()

    assert writing.desk.done == ["create"]


async def test_a_payment_that_lists_show_late_is_not_made_again(
    writing: Writing,
) -> None:
    """Refused after it was made, it is gone on with by its number, unseen by any list."""
    writing.desk.fails["updated"] = RecordError("open", code="LOCKED", fix="Close it.")
    with pytest.raises(RecordError):
        await writing.send()
    writing.desk.is_late = True
    await writing.send(attempts=2)

    assert writing.desk.done.count("create") == 1
    assert writing.desk.rows["600001"].status == "Closed"


async def test_a_probe_finishes_what_was_begun(writing: Writing) -> None:
    """The payment is found by customer, day and exact reference, then released."""
    writing.desk.fails["created"] = InDoubtError("lost")
    with pytest.raises(InDoubtError):
        await writing.send()
    writing.desk.done.clear()
    sent = await writing.writer.probe(writing.claim(), writing.ends)

    assert sent is not None
    assert sent.id == "600001"
    assert writing.desk.done == [
        "find N-P1 of 10001 since 2026-03-04",
        "update",
        "release Payment",
    ]


async def test_a_probe_that_finds_nothing_says_so(writing: Writing) -> None:
    """Nothing is written by looking."""
    assert await writing.writer.probe(writing.claim(), writing.ends) is None
    assert writing.desk.done == ["find N-P1 of 10001 since 2026-03-04"]


async def test_a_lost_answer_to_the_release_is_not_a_second_release(
    writing: Writing,
) -> None:
    """After doubt the status is read first: what is in the books stays as it is."""
    writing.desk.fails["released"] = InDoubtError("lost")
    with pytest.raises(InDoubtError):
        await writing.send()
    sent = await writing.writer.probe(writing.claim(), writing.ends)

    assert sent is not None
    assert writing.desk.done.count("release Payment") == 1
    assert writing.desk.done.count("create") == 1


async def test_sending_again_goes_on_with_what_stands(writing: Writing) -> None:
    """A second attempt looks for the reference first, and makes no second payment."""
    writing.desk.rows["600001"] = a_payment_row(
        "600001", "N-P1", "100.00", "0.00", status="Hold"
    )
    await writing.send(attempts=2)

    assert "create" not in writing.desk.done
    assert writing.desk.rows["600001"].status == "Closed"


async def test_two_payments_with_one_reference_are_parked(writing: Writing) -> None:
    """Which one is right only a person can tell."""
    for number in ("600001", "600002"):
        writing.desk.rows[number] = a_payment_row(number, "N-P1", "100.00", "0.00")
    with pytest.raises(RecordError) as caught:
        await writing.send(attempts=2)

    assert caught.value.code == "DUPLICATE_REFERENCE"
    assert "create" not in writing.desk.done


async def test_a_payment_is_applied_to_an_invoice_that_came_later(
    writing: Writing,
) -> None:
    """Lines are added and released; nothing else of a payment in the books is touched."""
    row = a_payment_row("600001", "N-P1", "100.00", "100.00", type="Prepayment")
    writing.desk.rows["600001"] = row
    writing.index.has(row)
    writing.link()
    sent = await writing.send("update:2")

    [added] = writing.desk.wrote
    assert [(one.ref_nbr, one.amount_paid) for one in added.payment_lines or ()] == [
        ("200001", Decimal("100.00"))
    ]
    assert added.application_date is None
    assert writing.desk.done == ["update", "release Prepayment"]
    assert sent.detail["how"] == "applied"


async def test_lines_that_arrived_are_not_added_again(writing: Writing) -> None:
    """The answer to the added lines was lost: they are read, and only released."""
    row = a_payment_row("600001", "N-P1", "100.00", "100.00", type="Prepayment")
    writing.desk.rows["600001"] = row
    writing.index.has(row)
    writing.link()
    writing.desk.fails["updated"] = InDoubtError("lost")
    with pytest.raises(InDoubtError):
        await writing.send("update:2")
    await writing.send("update:2", attempts=2)

    assert writing.desk.done == ["update", "release Prepayment"]


async def test_a_payment_is_not_applied_beyond_what_it_has(writing: Writing) -> None:
    """Somebody applied it meanwhile: nothing is added, the next run sees the rest."""
    known = a_payment_row("600001", "N-P1", "100.00", "100.00", type="Prepayment")
    writing.index.has(known)
    writing.desk.rows["600001"] = known.model_copy(
        update={"available_balance": Decimal("20.00")}
    )
    writing.link()
    await writing.send("update:2")

    assert writing.desk.done == []


async def test_a_voided_payment_is_parked(writing: Writing) -> None:
    """People voided it, though the money was taken."""
    row = a_payment_row("600001", "N-P1", "100.00", "100.00", status="Voided")
    writing.desk.rows["600001"] = row
    writing.link()
    with pytest.raises(RecordError) as caught:
        await writing.send("update:2")

    assert caught.value.code == "PAYMENT_VOIDED"
    assert writing.desk.done == []


async def test_only_a_draft_is_put_on_hold(writing: Writing) -> None:
    """What is in the books cannot be held any more."""
    writing.desk.rows["1"] = a_payment_row("1", "N-P1", "1.00", "0", status="Balanced")
    writing.desk.rows["2"] = a_payment_row("2", "N-P2", "1.00", "0", status="Closed")

    assert await writing.writer.hold("1", writing.ends)
    assert writing.desk.rows["1"].status == "Hold"
    assert not await writing.writer.hold("2", writing.ends)
    assert writing.desk.rows["2"].status == "Closed"
