"""What customers owe, by the general ledger, as ERP v1 and v2 show it."""

from collections.abc import Iterable
from decimal import Decimal

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import ErpError, bare, equal, not_found, page, scopes_for
from sandbox.visma.journal import AR_ACCOUNT
from sandbox.visma.records import Customer
from sandbox.visma.wire import answer, local_text

__all__ = ["balance_routes"]

_ZERO = Decimal(0)
_LARGEST_PAGE = 1000
_ENDED = ("Completed", "Cancelled")


def balance_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of balances; they come before those of a customer by number."""
    read = scopes_for("read")
    return [
        door.route("GET", "/v1/customer/balance", _all, read),
        door.route("GET", "/v1/customer/{customerCd}/balance", _one, read),
        door.route("GET", "/v2/customer/balance", _by_period, read),
    ]


def _all(visit: Visit) -> Response:
    company = visit.company
    ordered = _open_orders(company)
    return bare(
        company.customers.values(),
        lambda customer: _view(company, customer, ordered.get(customer.number, _ZERO)),
    )


def _one(visit: Visit) -> Response:
    company, number = visit.company, visit.path("customerCd")
    customer = company.customers.get(number)
    if customer is None:
        raise not_found("Customer", number)
    ordered = _open_orders(company, number).get(number, _ZERO)
    return answer(_view(company, customer, ordered))


def _open_orders(company: Company, wanted: str | None = None) -> dict[str, Decimal]:
    """Return what open orders come to by customer, in base currency."""
    totals: dict[str, Decimal] = {}
    for order in company.orders:
        if order.status in _ENDED or wanted not in {None, order.customer}:
            continue
        if company.setup.order_types[order.type].document != "Invoice":
            continue
        amount = company.to_base(
            order.totals.order_total, order.currency, order.ordered_at
        )
        totals[order.customer] = totals.get(order.customer, _ZERO) + amount
    return totals


def _view(company: Company, customer: Customer, ordered: Decimal) -> dict[str, object]:
    today = company.local_date(company.clock.now())
    period, year = f"{today.year}{today.month:02d}", str(today.year)
    sold = list(_movements(company, customer.number, ("Invoice",)))
    return {
        "customer": {
            "internalId": customer.internal_id,
            "number": customer.number,
            "name": customer.name,
        },
        "balance": company.books.journal.customers_in_base[customer.number],
        "totalOrder": ordered,
        "totalLoan": _ZERO,
        "totalSalePeriod": _sum(amount for at, amount in sold if at == period),
        "totalSaleYear": _sum(amount for at, amount in sold if at[:4] == year),
        "totalDiscountPeriod": _ZERO,
        "totalDiscountYear": _ZERO,
        "lastModified": local_text(customer.modified_at, company.zone),
    }


def _movements(
    company: Company, customer: str, kinds: tuple[str, ...] = ()
) -> Iterable[tuple[str, Decimal]]:
    """Return period and amount of each movement of a customer's receivable."""
    for entry in company.books.journal.of_customer(customer):
        if kinds and entry.document[0] not in kinds:
            continue
        for one in entry.postings:
            if one.account == AR_ACCOUNT:
                yield entry.period, one.base


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, _ZERO)


def _by_period(visit: Visit) -> Response:
    """Show balances between two periods; both must be named."""
    company = visit.company
    first, last = visit.query("fromFinPeriod"), visit.query("toFinPeriod")
    for name, value in (("fromFinPeriod", first), ("toFinPeriod", last)):
        if value is None or not value.isdecimal() or len(value) != 6:  # noqa: PLR2004
            raise ErpError(f"The parameter '{name}' is required: a period as YYYYMM.")
    wanted, branch = visit.query("customer"), visit.query("branchNumber")
    branches = company.setup.branches
    rows = [
        customer
        for customer in company.customers.values()
        if equal(wanted, customer.number) and branch in {None, *branches}
    ]
    return page(
        visit,
        rows,
        lambda customer: _period_view(company, customer, str(first), str(last)),
        largest=_LARGEST_PAGE,
        counted=False,
    )


def _period_view(
    company: Company, customer: Customer, first: str, last: str
) -> dict[str, object]:
    number, name = next(iter(company.setup.branches.items()))

    def within(*kinds: str) -> Decimal:
        return _sum(
            amount
            for period, amount in _movements(company, customer.number, kinds)
            if first <= period <= last
        )

    movements = list(_movements(company, customer.number))
    begin = _sum(amount for period, amount in movements if period < first)
    return {
        "branchNumber": {"number": number, "name": name},
        "customer": {
            "internalId": customer.internal_id,
            "number": customer.number,
            "name": customer.name,
        },
        "beginBalance": begin,
        "sales": within("Invoice"),
        "paymentsAndPrepayments": -within(
            "Payment", "Prepayment", "Refund", "VoidPayment"
        ),
        "adjustmentsAndDiscounts": -within("CreditNote"),
        "overdueCharges": _ZERO,
        "yearToDateBalance": _sum(
            amount for period, amount in movements if period <= last
        ),
    }
