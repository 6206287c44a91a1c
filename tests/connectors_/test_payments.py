"""Customer payments: what is sent, what is believed, and what is looked at again."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import httpx
import pytest

from connectors.errors import InDoubtError, RecordError
from connectors.visma.payment_models import PaymentLine, PaymentRow, PaymentWrite
from tests.connectors_.test_visma_client import a_visma, ok


def a_row(number="600001", **more):
    """Return a payment as the list shows it."""
    return {
        "type": "Payment",
        "refNbr": number,
        "status": "Open",
        "applicationDate": "2026-03-10T00:00:00",
        "paymentRef": "N-P1",
        "customer": {"number": "10001", "name": "Kund"},
        "paymentMethod": {"id": "KLARNA", "description": "Klarna"},
        "cashAccount": "1580",
        "currency": "EUR",
        "paymentAmount": 799.0,
        "availableBalance": 99.5,
        "paymentAmountInCurrency": 8789.0,
        "paymentLines": [
            {"documentType": "Invoice", "refNbr": "200001", "amountPaid": 699.5}
        ],
        "ordersToApply": [
            {"orderType": "SO", "orderNo": "000001", "appliedToOrder": 0.0}
        ],
        "metadata": {"totalCount": 1, "maxPageSize": 1000},
    } | more


def test_a_payment_is_read_with_what_it_settles():
    """Amounts are exact and in the payment's currency; the base amount stands apart."""
    row = PaymentRow.model_validate(
        json.loads(json.dumps(a_row()), parse_float=Decimal)
    )

    assert (row.customer_number, row.payment_method_id) == ("10001", "KLARNA")
    assert (row.payment_amount, row.available_balance) == (
        Decimal("799.0"),
        Decimal("99.5"),
    )
    assert row.amount_in_base == Decimal("8789.0")
    assert [(one.ref_nbr, one.amount_paid) for one in row.lines] == [
        ("200001", Decimal("699.5"))
    ]
    assert [one.order_no for one in row.orders] == ["000001"]
    assert (row.on, row.is_released, row.is_void) == (date(2026, 3, 10), True, False)


@pytest.mark.parametrize(
    ("status", "kind", "released", "void"),
    [
        ("Hold", "Payment", False, False),
        ("Balanced", "Prepayment", False, False),
        ("Closed", "Refund", True, False),
        ("Voided", "Payment", False, True),
        ("Closed", "VoidPayment", True, True),
    ],
)
def test_only_open_and_closed_payments_are_in_the_books(status, kind, released, void):
    """A draft is not in the books, and a voided payment counts for nothing."""
    row = PaymentRow.model_validate(a_row(status=status, type=kind))

    assert (row.is_released, row.is_void) == (released, void)


async def test_a_payment_is_found_by_its_exact_reference_on_every_page():
    """No filter knows the reference: every page is read and each row is compared."""
    first = [a_row("1", paymentRef="N-P11"), a_row("2", paymentRef="n-p1")]
    second = [a_row("3"), a_row("4", customer={"number": "10002"})]
    many = {"totalCount": 4, "maxPageSize": 2}
    pages = [ok([row | {"metadata": many} for row in rows]) for rows in (first, second)]
    visma, script = a_visma(*pages, ok([]))
    found = await visma.find_payments("N-P1", customer="10001", since=date(2026, 3, 10))

    assert [row.ref_nbr for row in found] == ["3"]
    assert len(script.requests) >= 2
    assert dict(script.requests[0].url.params) == {
        "customer": "10001",
        "docDate": "2026-03-10",
        "docDateCondition": ">=",
        "pageNumber": "1",
        "pageSize": "2",
    }


async def test_a_payment_is_created_wrapped():
    """Each value goes out wrapped, lists and their operation do not."""
    visma, script = a_visma(ok(status=201, Location="https://x/v1/customerPayment/61"))
    line = PaymentLine(
        document_type="Invoice", ref_nbr="9", amount_paid=Decimal("1.50")
    )
    payment = PaymentWrite(type="Payment", hold=True, payment_lines=(line,))

    assert await visma.create_payment(payment) == "61"
    assert script.bodies == [
        {
            "type": {"value": "Payment"},
            "hold": {"value": True},
            "paymentLines": [
                {
                    "operation": "Insert",
                    "documentType": {"value": "Invoice"},
                    "refNbr": {"value": "9"},
                    "amountPaid": {"value": 1.5},
                }
            ],
        }
    ]


async def test_lines_that_may_have_been_added_are_never_added_again():
    """A lost answer to added lines is in doubt; one that only lifts a hold is repeated."""
    line = PaymentLine(document_type="Invoice", ref_nbr="9", amount_paid=Decimal(1))
    visma, script = a_visma(httpx.ReadTimeout("lost"))
    with pytest.raises(InDoubtError):
        await visma.update_payment(
            "61", PaymentWrite(type="Payment", payment_lines=(line,))
        )

    assert len(script.requests) == 1


async def test_a_release_that_failed_is_a_refusal():
    """A 200 may say that nothing was released."""
    visma, _ = a_visma(ok({"actionResult": "Failed", "errorInfo": "no open period"}))
    with pytest.raises(RecordError, match="no open period") as caught:
        await visma.release_payment("61", "Payment")

    assert caught.value.code == "ACTION_FAILED"


@pytest.mark.parametrize("state", ["Queued", "InProcess"])
async def test_a_release_that_only_began_is_in_doubt(state):
    """Whether it was released is looked up later, before anything is done again."""
    visma, script = a_visma(ok({"actionResult": state}, status=202))
    with pytest.raises(InDoubtError, match="only begun"):
        await visma.release_payment("61", "Refund")

    assert script.bodies == [{"type": {"value": "Refund"}}]


def a_state(status, **more):
    """Return the state of work in the background."""
    return ok({"id": "w-1", "status": status, "statusCode": 200} | more)


async def test_work_in_the_background_is_asked_until_it_ends():
    """A release that was only taken on is asked for its end, and its answer is read."""
    visma, script = a_visma(
        ok({"id": "w-1", "stateLocation": "https://x/w-1"}, status=202),
        a_state("Started"),
        a_state("Finished", hasResponseContent=True),
        ok({"actionResult": "Failed", "errorInfo": "no open period"}),
    )
    work_id = await visma.release_payment("61", "Payment")
    assert work_id == "w-1"
    with pytest.raises(RecordError, match="no open period") as caught:
        await visma.finish_payment_release("61", work_id)

    assert caught.value.code == "ACTION_FAILED"
    assert [request.url.path for request in script.requests[1:]] == [
        "/v1/background/w-1",
        "/v1/background/w-1",
        "/v1/background/w-1/content",
    ]


async def test_work_that_failed_says_why():
    """The state itself may hold the error."""
    visma, _ = a_visma(a_state("Failed", statusCode=400, errorMessage="locked"))
    with pytest.raises(RecordError, match="locked"):
        await visma.finish_payment_release("61", "w-1")


async def test_work_that_does_not_end_is_in_doubt():
    """After fifteen seconds it is left to a later run, which looks at the payment."""
    visma, script = a_visma(a_state("Started"))
    with pytest.raises(InDoubtError, match="not ended yet"):
        await visma.finish_payment_release("61", "w-1")

    assert len(script.requests) == 4


async def test_work_that_is_done_is_good():
    """A finished release without content is one."""
    visma, _ = a_visma(a_state("Finished"))

    await visma.finish_payment_release("61", "w-1")
