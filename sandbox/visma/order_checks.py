"""What the SalesOrder service checks on the header of a sales order."""

from datetime import datetime
from typing import Any

from sandbox.visma.company import Company
from sandbox.visma.problems import conflict, invalid
from sandbox.visma.records import Customer, SalesOrder
from sandbox.visma.wire import parse_utc

__all__ = [
    "check_countries",
    "check_payment",
    "check_period",
    "check_references",
    "check_sort_orders",
    "currency_of",
    "order_number",
    "orderable_customer",
    "terms_of",
    "time_of",
]

_BLOCKED = ("OnHold", "CreditHold", "Inactive")


def order_number(company: Company, body: dict[str, Any]) -> str | None:
    """Return the number that the caller sets itself, None for the series.

    Raises:
        Problem: the number is not allowed, or it is taken (409).
    """
    order_id = body.get("orderId") or None
    override = body.get("overrideNumberSeries") or False
    if override and not order_id:
        raise invalid("0001-NullNotAllowed", "orderId")
    if order_id and not override:
        raise invalid("0004-ValueNotAllowed", "orderId")
    if order_id and company.orders.find(body["type"], order_id) is not None:
        raise conflict(f"Sales order {body['type']} {order_id} already exists.")
    return order_id


def orderable_customer(
    company: Company, given: dict[str, Any], known: str | None = None
) -> Customer:
    """Return the customer of an order; `known` may have been blocked since.

    Raises:
        Problem: there is none, or it is blocked.
    """
    number, gln = given.get("id"), given.get("gln")
    if not number and not gln:
        raise invalid("0001-NullNotAllowed", "customer.id")
    customer = company.customers.get(number or "")
    if customer is None and not number:
        customer = next(
            (one for one in company.customers.values() if one.gln == gln), None
        )
    if customer is None:
        raise invalid("1400-CustomerLookupException", "customer.id")
    if customer.status in _BLOCKED and customer.number != known:
        raise invalid("1407-InvalidCustomerStatus", "customer.id")
    return customer


def currency_of(company: Company, customer: Customer, asked: str | None) -> str:
    """Return the currency asked for, or the customer's.

    Raises:
        Problem: it is unknown, or the customer does not allow it.
    """
    currency = asked or customer.currency or company.setup.base_currency
    if currency not in company.setup.currencies:
        raise invalid("0003-InvalidValue", "currencyId")
    if currency != customer.currency and not customer.allows_currency_override:
        raise invalid("1408-OverrideCurrencyIdProhibited", "currencyId")
    return currency


def terms_of(company: Company, customer: Customer, asked: str | None) -> str:
    """Return the terms asked for, or the customer's.

    Raises:
        Problem: there are none, or they are unknown.
    """
    terms = asked or customer.terms
    if not terms:
        raise invalid("1401-MissingTermsId", "customer.termsId")
    if terms not in company.setup.terms:
        raise invalid("0003-InvalidValue", "customer.termsId")
    return terms


def check_references(
    company: Company,
    body: dict[str, Any],
    shipping: dict[str, Any],
    freight: dict[str, Any],
) -> None:
    """Check warehouse, carrier, freight, sales person and project.

    Raises:
        Problem: one of them is unknown or may not be set.
    """
    setup = company.setup
    if freight.get("cost") is not None:
        raise invalid("1310-FreightCostCanNotBeSetManually", "freight.cost")
    nothing: tuple[str, ...] = ()
    for code, name, value, table in (
        (
            "1802-InvalidWarehouseId",
            "shipping.preferredWarehouseId",
            shipping.get("preferredWarehouseId"),
            setup.warehouses,
        ),
        (
            "0003-InvalidValue",
            "shipping.shipViaId",
            shipping.get("shipViaId"),
            setup.carriers,
        ),
        (
            "1805-InvalidTaxCategoryId",
            "freight.taxCategoryId",
            freight.get("taxCategoryId"),
            setup.categories,
        ),
        (
            "1902-SalesPersonNotFound",
            "salesPersonId",
            body.get("salesPersonId"),
            nothing,
        ),
        ("1904-ProjectNotFound", "projectId", body.get("projectId"), nothing),
    ):
        if value and value not in table:
            raise invalid(code, name)


def check_countries(company: Company, body: dict[str, Any], *, partial: bool) -> None:
    """Check the countries; a new address must have one.

    Raises:
        Problem: a country is missing or unknown.
    """
    for section in ("billing", "shipping"):
        address = (body.get(section) or {}).get("address")
        if address is None:
            continue
        country = address.get("countryId")
        if not country and not partial:
            raise invalid("0001-NullNotAllowed", f"{section}.address.countryId")
        if country and country not in company.setup.countries:
            raise invalid("0003-InvalidValue", f"{section}.address.countryId")


def check_payment(
    company: Company, order: SalesOrder, payment: dict[str, Any], *, partial: bool
) -> None:
    """Check payment method, cash account and reference.

    Raises:
        Problem: one of them is missing, unknown or does not fit.
    """
    setup = company.setup
    method, account = payment.get("paymentMethodId"), payment.get("cashAccountId")
    if method and method not in setup.payment_methods:
        raise invalid("1402-PaymentMethodIdNotFound", "paymentSettings.paymentMethodId")
    if account and account not in setup.cash_accounts:
        raise invalid("1502-CashAccountNotFound", "paymentSettings.cashAccountId")
    if account and method and setup.cash_accounts[account].method != method:
        raise invalid(
            "1503-CashAccountInvalidForPaymentMethod", "paymentSettings.cashAccountId"
        )
    kind = setup.order_types[order.type]
    if (
        kind.needs_payment_reference
        and not partial
        and not payment.get("paymentReference")
    ):
        raise invalid(
            "1405-PaymentReferenceRequired", "paymentSettings.paymentReference"
        )


def check_period(
    company: Company, order: SalesOrder, body: dict[str, Any], financial: dict[str, Any]
) -> None:
    """Check that the period that the invoice will fall in is open.

    Raises:
        Problem: it is closed or does not exist.
    """
    if company.setup.order_types[order.type].document == "NoUpdate":
        return
    invoiced_at = time_of(financial.get("invoiceDate")) or time_of(body.get("date"))
    period = company.period_of(company.local_date(invoiced_at or order.ordered_at))
    where = (
        "financialInformation.invoiceDate" if financial.get("invoiceDate") else "date"
    )
    if financial.get("postPeriod"):
        period, where = financial["postPeriod"], "financialInformation.postPeriod"
        period = period[2:] + period[:2] if period[2:4] in {"19", "20"} else period
    if period is None:
        raise invalid("1600-FinancialPeriodNotFound", where)
    if period in company.closed_periods:
        text = f"Financial period '{period}' is closed and cannot be set for order"
        raise invalid("1601-FinancialPeriodClosed", where, text)


def check_sort_orders(lines: list[dict[str, Any]]) -> None:
    """Check that no two new lines ask for the same place.

    Raises:
        Problem: two do.
    """
    given = [line["sortOrder"] for line in lines if line.get("sortOrder") is not None]
    if len(given) != len(set(given)):
        raise invalid("1816-SortOrderNbrIsNotUnique", "orderLines")


def time_of(text: str | None) -> datetime | None:
    """Return the time that a text stands for."""
    return parse_utc(text) if text else None
