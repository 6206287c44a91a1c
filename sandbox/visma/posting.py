"""What documents write into the general ledger, and how one settles another."""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from sandbox.visma.journal import AR_ACCOUNT, Journal, Posting
from sandbox.visma.ledger_records import DocumentLine, Invoice, Payment
from sandbox.visma.vat import VatCode, digits_of, rounded

__all__ = [
    "SALES_ACCOUNT",
    "balanced",
    "base_of",
    "pay_by_bank",
    "post_document",
    "post_payment",
    "post_settlement",
    "take",
]

SALES_ACCOUNT = "3001"
_BANK_ACCOUNT = "1930"
_VAT_ACCOUNT = "2610"
_RATE_DIFFERENCES = "3960"
_ZERO = Decimal(0)


def base_of(amount: Decimal, rate: Decimal) -> Decimal:
    """Convert an amount to base currency, which has two decimals."""
    return rounded(amount * rate, 2)


def post_document(
    journal: Journal,
    document: Invoice,
    codes: Mapping[str, tuple[VatCode, ...]],
    at: datetime,
) -> None:
    """Write an invoice: receivable, sales by account, VAT by id; a credit note turned round."""
    sign = 1 if document.kind == "Invoice" else -1
    postings = [_posting(AR_ACCOUNT, sign * document.gross, document.rate)]
    postings += [
        _posting(
            _VAT_ACCOUNT, -sign * tax.tax, document.rate, vat_id=tax.code.id, text="VAT"
        )
        for tax in document.taxes
    ]
    if not document.taxes and document.vat:  # made by hand, without lines
        postings.append(_posting(_VAT_ACCOUNT, -sign * document.vat, document.rate))
    postings += _sales(document, codes, sign)
    _post(journal, document, document.on, at, balanced(postings))
    document.base_balance = base_of(document.gross, document.rate)


def _sales(
    document: Invoice, codes: Mapping[str, tuple[VatCode, ...]], sign: int
) -> list[Posting]:
    """Return the net of each line; what rounding leaves goes to the largest one."""
    net = document.gross - document.vat
    if not document.lines:
        return [_posting(SALES_ACCOUNT, -sign * net, document.rate)]
    digits = digits_of(document.currency)
    amounts = [
        _net_of(line, codes, document.vat_zone, digits) for line in document.lines
    ]
    largest = max(range(len(amounts)), key=lambda index: abs(amounts[index]))
    amounts[largest] += net - sum(amounts, _ZERO)
    return [
        _posting(
            line.account,
            -sign * amount,
            document.rate,
            text=line.description,
            subaccount=_subaccount(line),
        )
        for line, amount in zip(document.lines, amounts, strict=True)
    ]


def _net_of(
    line: DocumentLine,
    codes: Mapping[str, tuple[VatCode, ...]],
    zone: str | None,
    digits: int,
) -> Decimal:
    inside = sum(
        (
            code.rate
            for code in codes.get(line.vat_category or "", ())
            if zone in code.zones and code.calculate_on == "ExtractFromItemAmount"
        ),
        _ZERO,
    )
    return rounded(line.amount * 100 / (100 + inside), digits)


def _subaccount(line: DocumentLine) -> str | None:
    values = [str(segment.get("segmentValue", "")) for segment in line.subaccount]
    return "-".join(values) or None


def post_payment(journal: Journal, payment: Payment, at: datetime) -> None:
    """Write a payment: cash and fees against the receivable; a refund turned round."""
    sign = -1 if payment.type == "Refund" else 1
    fees = sum((charge.amount for charge in payment.charges), _ZERO)
    postings = [
        _posting(AR_ACCOUNT, -sign * payment.amount, payment.rate),
        _posting(
            payment.cash_account,
            sign * payment.amount - fees,
            payment.rate,
            text=payment.reference,
        ),
    ]
    postings += [
        _posting(charge.account, charge.amount, payment.rate, text=charge.description)
        for charge in payment.charges
    ]
    _post(journal, payment, payment.on, at, balanced(postings))
    payment.base_balance = base_of(payment.amount, payment.rate)


def pay_by_bank(journal: Journal, document: Invoice, at: datetime) -> None:
    """Write that a document was settled before the connector came: through the bank."""
    sign = 1 if document.kind == "Invoice" else -1
    postings = [
        _posting(AR_ACCOUNT, -sign * document.balance, document.rate),
        _posting(_BANK_ACCOUNT, sign * document.balance, document.rate),
    ]
    _post(journal, document, document.on, at, postings)
    document.balance, document.base_balance = _ZERO, _ZERO


def take(document: Invoice | Payment, amount: Decimal, left: Decimal) -> Decimal:
    """Take an amount off a document that has `left`; return what it is in base currency."""
    base = document.base_balance if amount == left else base_of(amount, document.rate)
    document.base_balance -= base
    return base


def post_settlement(
    journal: Journal,
    by: Invoice | Payment,
    *,
    debit: Decimal,
    credit: Decimal,
    on: date,
    at: datetime,
) -> None:
    """Write what two rates make of one settled amount: the difference is no receivable."""
    difference = credit - debit
    _post(
        journal,
        by,
        on,
        at,
        [
            Posting(account=AR_ACCOUNT, amount=_ZERO, base=difference),
            Posting(account=_RATE_DIFFERENCES, amount=_ZERO, base=-difference),
        ],
    )


def _posting(
    account: str,
    amount: Decimal,
    rate: Decimal,
    *,
    vat_id: str | None = None,
    text: str | None = None,
    subaccount: str | None = None,
) -> Posting:
    return Posting(
        account=account,
        amount=amount,
        base=base_of(amount, rate),
        vat_id=vat_id,
        text=text,
        subaccount=subaccount,
    )


def balanced(postings: list[Posting]) -> list[Posting]:
    """Put what rounding to base currency leaves on the last posting."""
    rest = sum((one.base for one in postings), _ZERO)
    if not rest:
        return postings
    *others, last = postings
    return [
        *others,
        Posting(
            account=last.account,
            amount=last.amount,
            base=last.base - rest,
            vat_id=last.vat_id,
            text=last.text,
            subaccount=last.subaccount,
        ),
    ]


def _post(
    journal: Journal,
    document: Invoice | Payment,
    on: date,
    at: datetime,
    postings: list[Posting],
) -> None:
    kind = document.kind if isinstance(document, Invoice) else document.type
    period = f"{on.year}{on.month:02d}"
    journal.post(
        module="AR",
        document=(kind, document.number),
        customer=document.customer,
        currency=document.currency,
        rate=document.rate,
        on=on,
        period=period if on != document.on else document.period,
        at=at,
        postings=postings,
    )
