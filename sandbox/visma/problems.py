"""How SalesOrder v3 words its refusals: problem details with the error codes of its spec."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

from sandbox.visma.company import Company
from sandbox.visma.fields import Shape, Trouble, check
from sandbox.visma.limits import Limits
from sandbox.visma.wire import answer

__all__ = [
    "Problem",
    "SalesOrderWording",
    "conflict",
    "invalid",
    "missing",
    "validated",
]

_MESSAGES = {
    "0001-NullNotAllowed": "Null value not allowed",
    "0001-EmptyNotAllowed": "Empty value not allowed",
    "0002-InvalidLength": "Invalid length",
    "0003-InvalidValue": "Invalid value",
    "0004-ValueNotAllowed": "Value not allowed",
    "0005-InvalidState": "Invalid state",
    "0100-OutsideValidRange": "Value is outside the valid range",
    "0200-LineIdDoesNotExist": "Line with provided Id does not exists in the order",
    "1101-DiscountAmountMoreThanExtPrice": (
        "Discount amount can not be greater than Extended Price"
    ),
    "1105-InvalidDiscountCode": "Invalid DiscountCode. The Discount is missing or invalid",
    "1310-FreightCostCanNotBeSetManually": (
        "Freight cost is not allowed to be set manually according to the Ship Via Code settings"
    ),
    "1400-CustomerLookupException": "Exception searching customer",
    "1401-MissingTermsId": (
        "TermsId cannot be empty in the order. Set a default terms on the customer or specify "
        "the terms for the order"
    ),
    "1402-PaymentMethodIdNotFound": "Payment method set for order can not be found",
    "1405-PaymentReferenceRequired": "Payment reference not set, order type requires it",
    "1407-InvalidCustomerStatus": "Invalid Customer Status",
    "1408-OverrideCurrencyIdProhibited": "Currency Id can not be overridden",
    "1502-CashAccountNotFound": "Cash account set on order can not be found",
    "1503-CashAccountInvalidForPaymentMethod": (
        "Cash account cannot be used with the set Payment Method"
    ),
    "1600-FinancialPeriodNotFound": (
        "No financial period that matches the selected Invoice date can be found"
    ),
    "1601-FinancialPeriodClosed": "Financial period is closed and cannot be set for order",
    "1800-InvalidLineOperation": "Given line operation is not accepted for this order type",
    "1801-MissingReasonCode": "Reason code is not set and order type requires it",
    "1802-InvalidWarehouseId": "Invalid Warehouse Id, or Warehouse Id not found",
    "1804-InventoryIdNotFound": "InventoryId cannot be found or is invalid",
    "1805-InvalidTaxCategoryId": "Invalid TaxCategoryId, or TaxCategory not found",
    "1806-InvalidSalesAccountId": "Invalid SalesAccountId specified",
    "1807-InvalidReasonCode": "Invalid ReasonCode, or ReasonCode not found",
    "1808-InvalidUnitOfMeasure": "Invalid Unit of Measure",
    "1809-InvalidQuantityForType": (
        "Quantity must be zero or positive when inventory item is not of type MiscCharge"
    ),
    "1810-LineAlreadyCompleted": (
        "Line is marked as completed. Patch operation can not be done on completed lines."
    ),
    "1816-SortOrderNbrIsNotUnique": "The SortOrder number provided is not unique in your request",
    "1817-LineIdIsNotUnique": "The LineId provided is not unique in your request",
    "1823-DeleteLineWhichIsAlreadyShipped": "Cannot delete line that has been shipped",
    "1825-DeleteSalesOrderWithShippedLines": (
        "Cannot delete order containing lines that have been shipped"
    ),
    "1826-InvalidInvoice": "Invoice not found for the customer",
    "1827-InvalidInvoiceLine": "Invoice line not found",
    "1828-InvalidOrderTypeForInvoice": (
        "Invoice information for line can only be added for return orders"
    ),
    "1829-InvalidOrderTypeForInvoice": (
        "Quantity set to be returned is greater than the invoiced quantity"
    ),
    "1902-SalesPersonNotFound": "Sales Person is not found",
    "1904-ProjectNotFound": "Project cannot be found",
}
_KINDS = {
    "missing": "0001-NullNotAllowed",
    "length": "0002-InvalidLength",
    "range": "0100-OutsideValidRange",
}


@dataclass
class Problem(Exception):  # noqa: N818  # the name of the answer
    """A refusal by the SalesOrder service."""

    status: int
    detail: str
    errors: dict[str, list[str]] = field(default_factory=dict)
    details: list[dict[str, object]] = field(default_factory=list)


def invalid(code: str, name: str, text: str | None = None) -> Problem:
    """Return the refusal of one field with a code of the spec."""
    message = text or _MESSAGES[code]
    return Problem(
        400,
        message,
        {name: [message]},
        [{"code": code, "message": message, "parameters": {"property": name}}],
    )


def missing(order_type: str, order_id: str) -> Problem:
    """Return 404 for an order that is not there."""
    return Problem(404, f"Sales order {order_type} {order_id} was not found.")


def conflict(detail: str) -> Problem:
    """Return 409."""
    return Problem(409, detail)


def validated(body: object, fields: Mapping[str, Shape]) -> dict[str, Any]:
    """Return a flat body that has only known fields of the right type and length.

    Raises:
        Problem: it has others; everything that is wrong is listed.
    """
    troubles = check(body, fields)
    malformed = [one for one in troubles if one.kind in {"type", "unknown"}]
    if malformed:
        raise Problem(400, "", _by_path(malformed))
    if troubles:
        details: list[dict[str, object]] = [
            {
                "code": _KINDS[one.kind],
                "message": one.message,
                "parameters": {"property": one.path.removeprefix("$.")},
            }
            for one in troubles
        ]
        raise Problem(400, "Validation failed", _by_path(troubles), details)
    assert isinstance(body, dict)  # noqa: S101  # check() has seen to it
    return body


def _by_path(troubles: Iterable[Trouble]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    for trouble in troubles:
        errors.setdefault(trouble.path, []).append(trouble.message)
    return errors


class SalesOrderWording:
    """The refusals of the SalesOrder service."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def unavailable(self, status: int) -> Response:
        """Return a failure without anything useful in it."""
        return _problem(
            Problem(status, "An error occurred while processing your request.")
        )

    def rate_limited(self, seconds: float | None) -> Response:
        """Return 429 as the hour's end would see it."""
        response = self.too_many()
        response.headers.update(self._limits.exhausted(seconds))
        return response

    def too_many(self) -> Response:
        """Return 429 without its headers."""
        return _problem(Problem(429, "API calls quota exceeded."))

    def unauthorized(self) -> Response:
        """Return 401 without a body."""
        return Response(
            status_code=401,
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )

    def forbidden(self) -> Response:
        """Return 403 without a body."""
        return Response(status_code=403)

    def wrong_tenant(self) -> Response:
        """Return the same 401 as for a bad token."""
        return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})

    def empty(self) -> Response:
        """Return an empty page."""
        return answer({"value": [], "nextPage": None, "totalCount": 0})

    def not_allowed(self, company: Company) -> Response:
        """Return 400 as a state that does not allow it."""
        del company
        return _problem(invalid("0005-InvalidState", "status"))

    def refused(self, error: Exception, company: Company) -> Response | None:
        """Return the answer to an error of an endpoint."""
        del company
        match error:
            case Problem():
                return _problem(error)
            case json.JSONDecodeError() | UnicodeDecodeError():
                return _problem(
                    Problem(400, "", {"$": [f"The JSON is not valid: {error}"]})
                )
            case _:
                return None


def _problem(problem: Problem) -> Response:
    content: dict[str, object] = {
        "type": f"https://httpstatuses.io/{problem.status}",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail or None,
        "instance": None,
    }
    if problem.errors:
        content["title"] = "One or more validation errors occurred."
        content["errors"] = problem.errors
        content["details"] = problem.details
    response = answer(content, status=problem.status)
    response.headers["content-type"] = "application/problem+json; charset=utf-8"
    return response
