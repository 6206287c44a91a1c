"""GET, POST and PUT of /v2/currencyrate, and the types of rates."""

from datetime import date
from decimal import Decimal
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import ErpError, bare, equal, not_found, scopes_for
from sandbox.visma.fields import Number, Shape, Text, Time, check, unwrap
from sandbox.visma.rate_table import SPOT, RateRow
from sandbox.visma.vat import rounded
from sandbox.visma.wire import answer, etag_of, matches, parse_day, version_text

__all__ = ["currency_rate_routes"]

_TYPES = {SPOT: "Spot rate", "BUDGET": "Budget rate"}
_RATE = "/v2/currencyrate/{currencyRateId}"
_DIGITS = 8
_FIELDS: dict[str, Shape] = {
    "fromCurrencyId": Text(5),
    "toCurrencyId": Text(5),
    "rateType": Text(6),
    "effectiveDate": Time(),
    "rate": Number(),
    "multDiv": Text(),
}


def currency_rate_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of rates and their types."""
    return [
        door.route("GET", "/v2/currencyrate", _list, scopes_for("read")),
        door.route("POST", "/v2/currencyrate", _create, scopes_for("create")),
        door.route("PUT", _RATE, _change, scopes_for("update")),
        door.route("GET", "/v2/currencyratetype", _kinds, scopes_for("read")),
    ]


def _list(visit: Visit) -> Response:
    """List the rows of a pair, a type and a span of days; there is no paging."""
    company = visit.company
    if company.company_id == 0:
        return answer([])
    first, last = _day(visit, "fromDate"), _day(visit, "toDate")
    rows = [
        row
        for row in company.rates
        if equal(visit.query("fromCurrency"), row.currency)
        and equal(visit.query("toCurrency"), row.to)
        and equal(visit.query("rateType"), row.kind)
        and (first is None or first <= row.on)
        and (last is None or row.on <= last)
    ]
    return bare(rows, _view)


def _day(visit: Visit, name: str) -> date | None:
    text = visit.query(name)
    try:
        return parse_day(text) if text else None
    except ValueError as error:
        raise ErpError(f"The value '{text}' is not valid for {name}.") from error


def _view(row: RateRow) -> dict[str, object]:
    return {
        "id": row.id,
        "fromCurrencyId": row.currency,
        "toCurrencyId": row.to,
        "rateType": row.kind,
        "rate": row.rate,
        "effectiveDate": f"{row.on}T00:00:00",
        "multDiv": row.mult_div,
        "rateReciprocal": rounded(1 / row.rate, _DIGITS),
        "timeStamp": version_text(row.version),
    }


def _kinds(visit: Visit) -> Response:
    del visit
    return bare(
        _TYPES.items(),
        lambda one: {"id": one[0], "description": one[1], "daysEffective": 0},
    )


def _body(visit: Visit) -> dict[str, Any]:
    flat = unwrap(visit.json(), _FIELDS)
    troubles = check(flat, _FIELDS, "rate")
    if troubles:
        raise ErpError(f"{troubles[0].path}: {troubles[0].message}")
    return flat


def _create(visit: Visit) -> Response:
    company, body = visit.company, _body(visit)
    for name in ("fromCurrencyId", "toCurrencyId", "effectiveDate", "rate"):
        if body.get(name) is None:
            raise ErpError(f"Error creating document. Error: '{name}' cannot be empty.")
    _check_tables(company, body)
    try:
        row = company.rates.add(
            body["fromCurrencyId"],
            body["toCurrencyId"],
            body.get("rateType") or SPOT,
            parse_day(body["effectiveDate"]),
            _rate(body),
            body.get("multDiv") or "Multiply",
            version=company.stamp().version,
        )
    except ValueError as error:
        message = f"Error: {error} Your changes will be lost."
        raise ErpError(message) from error
    return answer(
        status=201,
        headers={
            "Location": f"{visit.base}/erp/v2/currencyrate/{row.id}",
            "ETag": etag_of(row.version),
        },
    )


def _change(visit: Visit) -> Response:
    """Change rate and direction of a row; documents that were made keep theirs."""
    number = visit.path("currencyRateId")
    row = visit.company.rates.get(int(number) if number.isdecimal() else 0)
    if row is None:
        raise not_found("Currency rate", number)
    condition = visit.request.headers.get("if-match")
    if condition is not None and not matches(condition, row.version):
        raise ErpError("The record has been changed since it was read.", 412)
    body = _body(visit)
    _check_tables(visit.company, body)
    if body.get("rate") is not None:
        row.rate = _rate(body)
    row.mult_div = body.get("multDiv") or row.mult_div
    row.version = visit.company.stamp().version
    return answer(status=204, headers={"ETag": etag_of(row.version)})


def _rate(body: dict[str, Any]) -> Decimal:
    rate = rounded(Decimal(body["rate"]), _DIGITS)
    if rate <= 0:
        raise ErpError("Error: The currency rate must be greater than zero.")
    return rate


def _check_tables(company: Company, body: dict[str, Any]) -> None:
    for name in ("fromCurrencyId", "toCurrencyId"):
        if body.get(name) is not None and body[name] not in company.setup.currencies:
            raise ErpError(
                f"Error: Currency '{body[name]}' cannot be found in the system.", 500
            )
    if body.get("fromCurrencyId") and body["fromCurrencyId"] == body["toCurrencyId"]:
        raise ErpError("Error: The currencies must be different.")
    if body.get("rateType") and body["rateType"] not in _TYPES:
        raise ErpError(
            f"Error: Rate type '{body['rateType']}' cannot be found in the system.", 500
        )
    if body.get("multDiv") not in {None, "Multiply", "Divide"}:
        raise ErpError(f"Error converting value '{body['multDiv']}' to type 'MultDiv'.")
