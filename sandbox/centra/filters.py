"""The `where` of lists: each field of a filter is one test, all of them must hold."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sandbox.centra.dates import date_from_text
from sandbox.centra.registry import Request, refuse
from sandbox.centra.sales import Order

__all__ = [
    "DEFAULT_LIMIT",
    "Test",
    "check_limit",
    "date_test",
    "matches",
    "order_tests",
    "page_of",
    "text_test",
]

Test = Callable[[Any], bool]

MAX_LIMIT = 200
DEFAULT_LIMIT = 20


def page_of(rows: list[Any], arguments: Mapping[str, Any]) -> list[Any]:
    """Return one page; pages count from 1 and are not a snapshot.

    Raises:
        GraphQLError: the limit or the page is out of range.
    """
    limit = arguments.get("limit") or (DEFAULT_LIMIT if "limit" not in arguments else 0)
    check_limit(limit)
    page = arguments.get("page", 1)
    if page is None or page < 1:
        raise refuse("Page must be greater than 0.")
    return rows[(page - 1) * limit : page * limit]


def check_limit(limit: int) -> None:
    """Refuse a limit that no list takes."""
    if not 1 <= limit <= MAX_LIMIT:
        raise refuse(f"Limit must be in range 1 - {MAX_LIMIT}")


def matches(rows: Iterable[Any], tests: Collection[Test]) -> list[Any]:
    """Return the rows that pass all tests."""
    if not tests:
        return list(rows)
    if len(tests) == 1:
        return list(filter(next(iter(tests)), rows))
    return [row for row in rows if all(test(row) for test in tests)]


def text_test(
    match: Mapping[str, str | None], read: Callable[[Any], str | None]
) -> Test:
    """Make a test of a text; exactly one operator may be given."""
    given = {name: text for name, text in match.items() if text is not None}
    if len(given) != 1:
        raise refuse("Exactly one input field should be provided.")
    ((operator, wanted),) = given.items()
    lowered = wanted.lower()
    if operator == "equals":
        return lambda row: (read(row) or "").lower() == lowered
    return lambda row: lowered in (read(row) or "").lower()


def date_test(
    match: Mapping[str, str | None],
    read: Callable[[Any], datetime | None],
    request: Request,
) -> Test:
    """Make a test of a time against a range, both ends included."""

    def bound(name: str) -> datetime | None:
        text = match.get(name)
        if text is None:
            return None
        try:
            return date_from_text(text, zone=request.instance.zone, now=request.now)
        except ValueError:
            raise refuse(f'"{text}" is not a date.', "graphql") from None

    start, end = bound("from"), bound("to")

    def test(row: Any) -> bool:  # noqa: ANN401
        at = read(row)
        return (
            at is not None
            and (start is None or at >= start)
            and (end is None or at <= end)
        )

    return test


def _one_of(read: Callable[[Order], Any]) -> Callable[[Any, Request], Test]:
    def make(wanted: Any, _request: Request) -> Test:  # noqa: ANN401
        values = set(wanted)
        return lambda order: read(order) in values

    return make


def _is(read: Callable[[Order], Any]) -> Callable[[Any, Request], Test]:
    return lambda wanted, _request: lambda order: read(order) == wanted


def _dated(read: Callable[[Order], datetime | None]) -> Callable[[Any, Request], Test]:
    return lambda wanted, request: date_test(wanted, read, request)


def _text(read: Callable[[Order], str | None]) -> Callable[[Any, Request], Test]:
    return lambda wanted, _request: text_test(wanted, read)


def _id(read: Callable[[Order], Any]) -> Callable[[Order], Any]:
    def of(order: Order) -> int | None:
        found = read(order)
        return found.id if found is not None else None

    return of


def _external_ids(wanted: list[str], request: Request) -> Test:
    name = request.token.integration
    find = request.instance.conversions.internal
    numbers = {find(name, "Order", external_id) for external_id in wanted}
    return lambda order: order.number in numbers


def _windows(wanted: list[int], _request: Request) -> Test:
    ids = set(wanted)
    return lambda order: any(window.id in ids for window in order.delivery_windows)


def _search(wanted: str, _request: Request) -> Test:
    text = wanted.lower()

    def test(order: Order) -> bool:
        buyer = order.customer or order.buyer
        words = (
            str(order.number),
            buyer.email if buyer else "",
            f"{buyer.first_name} {buyer.last_name}" if buyer else "",
            order.account.name if order.account else "",
            order.purchase_order_number or "",
        )
        return any(text in word.lower() for word in words)

    return test


_READS: dict[str, Callable[[Order], Any]] = {
    "id": lambda o: o.id,
    "number": lambda o: o.number,
    "status": lambda o: o.status,
    "createdAt": lambda o: o.created_at,
    "updatedAt": lambda o: o.updated_at,
    "orderDate": lambda o: o.order_date,
    "preferredShippingDate": lambda o: o.preferred_shipping_date,
    "estimatedDeliveryDate": lambda o: o.estimated_delivery_date,
    "isOnHold": lambda o: o.is_on_hold,
    "isLocked": lambda o: o.is_locked,
    "isWaitingForPayment": lambda o: o.is_waiting_for_payment,
    "isInternal": lambda o: o.is_internal,
    "storeId": lambda o: o.store.id,
    "storeType": lambda o: o.store.type,
    "marketId": lambda o: o.market.id,
    "pricelistId": lambda o: o.pricelist.id,
    "currencyId": lambda o: o.frame.currency.id,
    "countryId": lambda o: o.country.id,
    "customerId": _id(lambda o: o.customer),
    "accountId": _id(lambda o: o.account),
    "buyerId": _id(lambda o: o.buyer),
    "paymentMethodId": _id(lambda o: o.payment_method),
    "purchaseOrderNumber": lambda o: o.purchase_order_number,
    "otherComment": lambda o: o.other_comment,
    "userIp": lambda o: o.user_ip,
}

_DATED = {
    "createdAt",
    "updatedAt",
    "orderDate",
    "preferredShippingDate",
    "estimatedDeliveryDate",
}
_TEXTS = {"purchaseOrderNumber", "otherComment", "userIp"}
_PLAIN = {"isOnHold", "isLocked", "isWaitingForPayment", "isInternal", "storeType"}


def _makers() -> dict[str, Callable[[Any, Request], Test]]:
    makers: dict[str, Callable[[Any, Request], Test]] = {
        "externalId": _external_ids,
        "deliveryWindowId": _windows,
        "search": _search,
    }
    for name, read in _READS.items():
        if name in _DATED:
            makers[name] = _dated(read)
        elif name in _TEXTS:
            makers[name] = _text(read)
        elif name in _PLAIN:
            makers[name] = _is(read)
        else:
            makers[name] = _one_of(read)
    return makers


_ORDER_TESTS = _makers()


def order_tests(where: Mapping[str, Any] | None, request: Request) -> list[Test]:
    """Return the tests of an order filter, the token's stores included."""
    where = where or {}
    tests: list[Test] = []
    if request.token.store_ids:
        tests.append(lambda order: request.token.sees_store(order.store.id))
    negated = set(where.get("negate") or ())
    for name, wanted in where.items():
        if wanted is None or name in {"negate", "notNull"}:
            continue
        test = _ORDER_TESTS[name](wanted, request)
        tests.append(_not(test) if name in negated else test)
    for name in where.get("notNull") or ():
        read = _READS.get(name)
        if read is None:
            raise refuse(f'Field "{name}" cannot be used in notNull.')
        tests.append(_not(_missing(read)))
    return tests


def _not(test: Test) -> Test:
    return lambda row: not test(row)


def _missing(read: Callable[[Order], Any]) -> Test:
    return lambda order: read(order) is None
