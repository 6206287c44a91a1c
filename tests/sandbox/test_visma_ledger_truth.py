"""Whatever happens to documents, the general ledger and their balances say the same."""

from collections import defaultdict
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from sandbox.visma.company import Company
from sandbox.visma.erp import ErpError
from sandbox.visma.hand_documents import (
    act_on_document,
    act_on_payment,
    make_document,
)
from sandbox.visma.ledger_records import Invoice, Payment
from sandbox.visma.payment_rules import create_payment, release_payment
from sandbox.visma.release import open_of
from tests.sandbox.visma_stand import a_world

CUSTOMERS = {"10001": "SEK", "10004": "EUR", "10010": "JPY"}
_ZERO = Decimal(0)


def owed(company: Company) -> dict[tuple[str, str], Decimal]:
    """Return what each customer owes by its documents."""
    sums: defaultdict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for kept, sign in ((company.invoices, 1), (company.credit_notes, -1)):
        for document in kept.values():
            if document.released:
                sums[document.customer, document.currency] += sign * document.balance
    for payment in company.books.payments.values():
        if payment.released:
            sign = 1 if payment.type == "Refund" else -1
            sums[payment.customer, payment.currency] += sign * open_of(payment)
    return {key: amount for key, amount in sums.items() if amount}


def in_base(company: Company) -> dict[str, Decimal]:
    """Return the same in base currency, each document at its own rate."""
    sums: defaultdict[str, Decimal] = defaultdict(Decimal)
    documents: list[tuple[Invoice | Payment, int]] = [
        *((one, 1) for one in company.invoices.values()),
        *((one, -1) for one in company.credit_notes.values()),
        *(
            (one, 1 if one.type == "Refund" else -1)
            for one in company.books.payments.values()
        ),
    ]
    for document, sign in documents:
        if document.released:
            sums[document.customer] += sign * document.base_balance
    return {name: amount for name, amount in sums.items() if amount}


def step(company: Company, random: Random) -> None:
    """Do one thing that people or programs do; what is refused changes nothing."""
    customer, currency = random.choice(sorted(CUSTOMERS.items()))
    price = Decimal(random.randint(1, 99_999)) / (1 if currency == "JPY" else 100)
    body: dict[str, Any] = {
        "customer": customer,
        "currency": currency,
        "exchange_rate": Decimal(random.randint(1, 2_000_000)) / 100_000,
        "lines": [
            {"price": price, "vat_category": random.choice(["STD", "LOWG", "EXEMPT"])},
            {"price": price / 3, "account": "3002", "vat_category": "STDG"},
        ],
    }
    open_invoices = [
        one
        for one in company.invoices.values()
        if one.customer == customer and one.status == "Open"
    ]
    match random.randrange(7):
        case 0 | 1:
            make_document(company, "Invoice", body)
        case 2:
            if open_invoices and random.random() < 0.7:
                target = random.choice(open_invoices)
                body["apply_to"] = {target.number: target.balance}
            make_document(company, "CreditNote", body)
        case 3 if open_invoices:
            target = random.choice(open_invoices)
            part = random.choice([Decimal(1), Decimal("0.5")])
            amount = (target.balance * part).quantize(
                Decimal(1) if currency == "JPY" else Decimal("0.01")
            )
            act_on_document(
                company, "Invoice", target.number, {"action": "pay", "amount": amount}
            )
        case 4:
            _net(company, customer, currency, random)
        case 5:
            notes = [
                one
                for one in company.credit_notes.values()
                if one.customer == customer and one.status == "Open"
            ]
            if notes:
                number = random.choice(notes).number
                act_on_document(company, "CreditNote", number, {"action": "pay"})
        case 6 if company.books.payments:
            number = random.choice(sorted(company.books.payments))
            act_on_payment(company, number, {"action": "void"})


def _net(company: Company, customer: str, currency: str, random: Random) -> None:
    """Settle an invoice with a credit note and a payment in one, or refund a payment."""
    account = "1580" if currency == "SEK" else f"1580{currency}"
    lines = [
        {
            "operation": "Insert",
            "documentType": one.kind,
            "refNbr": one.number,
            "amountPaid": one.balance,
        }
        for kept in (company.invoices, company.credit_notes)
        for one in list(kept.values())[-3:]
        if one.customer == customer and one.status == "Open"
    ]
    payment = create_payment(
        company,
        {
            "type": random.choice(["Payment", "Prepayment"]),
            "customer": customer,
            "paymentMethod": "KLARNA",
            "cashAccount": account,
            "paymentAmount": Decimal(random.randint(1, 2000)),
            "paymentRef": "net",
            "paymentLines": lines,
        },
    )
    release_payment(company, payment)


@pytest.mark.parametrize("seed", range(12))
def test_ledger_and_documents_agree(seed: int) -> None:
    """After each step the receivable is what documents have left, in both currencies."""
    company = a_world().visma["nordhem"]
    random = Random(seed)
    done = 0
    for _ in range(120):
        try:
            step(company, random)
            done += 1
        except (ErpError, ValueError):
            pass
        journal = company.books.journal
        shown = {key: one for key, one in journal.customers.items() if one}
        assert shown == owed(company)
        base = {key: one for key, one in journal.customers_in_base.items() if one}
        assert base == in_base(company)
    assert done > 50
    assert sum(journal.accounts_in_base.values(), _ZERO) == 0


def test_a_settled_customer_is_at_zero_in_base_currency() -> None:
    """Thirds paid at other rates leave nothing over, not an öre."""
    company = a_world().visma["nordhem"]
    body = {
        "customer": "10004",
        "currency": "EUR",
        "exchange_rate": Decimal("11.37"),
        "lines": [{"price": Decimal("99.99"), "vat_category": "STD"}],
        "vat_zone": "OSS-FI",
    }
    number = str(make_document(company, "Invoice", body)["number"])
    for amount in ("41.83", "41.83", "41.83"):
        pay = {"action": "pay", "amount": amount, "method": "KLARNA"}
        act_on_document(company, "Invoice", number, pay)
    assert company.invoices[number].status == "Closed"
    assert company.invoices[number].gross == Decimal("125.49")
    assert company.books.journal.customers_in_base["10004"] == 0
