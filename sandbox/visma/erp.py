"""How ERP v1 words its answers: errors in all their shapes, paging, filters, dates."""

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from starlette.responses import PlainTextResponse, Response

from sandbox.visma.company import Company
from sandbox.visma.door import Visit
from sandbox.visma.limits import Limits
from sandbox.visma.records import Tracked
from sandbox.visma.tokens import ERP_INTERACTIVE, ERP_SERVICE
from sandbox.visma.wire import answer, local_text, parse_local

__all__ = [
    "ErpError",
    "ErpWording",
    "bare",
    "changed_within",
    "counted_page",
    "equal",
    "not_found",
    "page",
    "scopes_for",
    "show",
    "times",
]

_Record = TypeVar("_Record")
_DEFAULT_PAGE = 100
_COMPARE: dict[str, Callable[[datetime, datetime], bool]] = {
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
}


@dataclass
class ErpError(Exception):
    """A refusal by the ERP; some validation failures come as 500."""

    message: str
    status: int = 400


def not_found(what: str, number: str) -> ErpError:
    """Return the error for a record that is not there."""
    return ErpError(f"{what} '{number}' cannot be found in the system.", 404)


def scopes_for(verb: str) -> frozenset[str]:
    """Return the scopes, of either application type, that allow a verb."""
    return frozenset({f"{ERP_SERVICE}:{verb}", f"{ERP_INTERACTIVE}:{verb}"})


class ErpWording:
    """The ERP's refusals; there is no one shape for them."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits

    def unavailable(self, status: int) -> Response:
        """Return what a failing gateway says."""
        return PlainTextResponse("The service is unavailable.", status_code=status)

    def rate_limited(self, seconds: float | None) -> Response:
        """Return 429 as the hour's end would see it."""
        response = self.too_many()
        response.headers.update(self._limits.exhausted(seconds))
        return response

    def too_many(self) -> Response:
        """Return 429 without its headers."""
        return answer({"message": "API calls quota exceeded."}, status=429)

    def unauthorized(self) -> Response:
        """Return 401 without a body."""
        return Response(
            status_code=401,
            headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
        )

    def forbidden(self) -> Response:
        """Return 403 as plain text."""
        return PlainTextResponse(
            "Insufficient scope for this operation.", status_code=403
        )

    def wrong_tenant(self) -> Response:
        """Return the licence error that a customer tenant meets."""
        return answer(
            {
                "ExceptionType": "IPPException",
                "ExceptionMessage": "No license for this company",
                "ExceptionFaultCode": "12027",
                "ExceptionMessageID": "12027_NO_LICENSE",
                "ExceptionDetails": "",
            },
            status=401,
        )

    def empty(self) -> Response:
        """Return an empty list."""
        return answer([])

    def not_allowed(self, company: Company) -> Response:
        """Return 400 as the ERP words what it does not do."""
        text = "Error: The operation is not allowed for this document."
        return answer({"message": f"VismaId: {company.visma_id()}. {text}"}, status=400)

    def refused(self, error: Exception, company: Company) -> Response | None:
        """Return the answer to an error of an endpoint."""
        match error:
            case ErpError():
                text = f"VismaId: {company.visma_id()}. {error.message}"
                return answer({"message": text}, status=error.status)
            case ValueError() | TypeError():
                return answer(
                    {
                        "message": "The request is invalid.",
                        "exceptionMessage": str(error),
                        "exceptionType": "Newtonsoft.Json.JsonSerializationException",
                    },
                    status=400,
                )
            case _:
                return None


def show(record: Mapping[str, object]) -> dict[str, object]:
    """Return a record without the fields that have no value, which v1 leaves out."""
    return {
        name: show(value) if isinstance(value, Mapping) else value
        for name, value in record.items()
        if value is not None
    }


def page(
    visit: Visit,
    records: Sequence[_Record],
    view: Callable[[_Record], dict[str, object]],
    *,
    largest: int,
    counted: bool = True,
) -> Response:
    """Return one page, counted from 1, as a bare list with metadata on each row.

    A few lists carry no metadata: `counted` False.

    Raises:
        ErpError: the page number or size is not a positive number.
    """
    number, size = counted_page(visit, largest=largest)
    metadata: dict[str, object] = {}
    if counted:
        totals = {"totalCount": len(records), "maxPageSize": largest}
        metadata = {"metadata": totals}
    start = (number - 1) * size
    return answer(
        [show(view(record)) | metadata for record in records[start : start + size]]
    )


def counted_page(visit: Visit, *, largest: int) -> tuple[int, int]:
    """Return the number and size of the page that is asked for; a size above the largest is cut.

    Raises:
        ErpError: one of them is not a positive number.
    """
    number = _count(visit, "pageNumber", 1)
    size = _count(visit, "pageSize", min(_DEFAULT_PAGE, largest))
    return number, min(size, largest)


def bare(
    records: Iterable[_Record], view: Callable[[_Record], dict[str, object]]
) -> Response:
    """Return a table that knows no paging, as a whole."""
    return answer([show(view(record)) for record in records])


def _count(visit: Visit, name: str, default: int) -> int:
    text = visit.query(name)
    if text is None:
        return default
    if not text.isdecimal() or int(text) < 1:
        raise ErpError(f"The value '{text}' is not valid for {name}.")
    return int(text)


def equal(wanted: str | None, value: object) -> bool:
    """Tell whether a filter lets a value pass; case does not count, no filter lets all pass."""
    return (
        wanted is None
        or str(value or "").strip().casefold() == wanted.strip().casefold()
    )


def changed_within(
    visit: Visit, name: str, at: Callable[[Any], datetime]
) -> Callable[[Any], bool]:
    """Return the filter of a timestamp and its condition; the timestamp alone filters nothing.

    Raises:
        ErpError: the timestamp has a zone suffix or is none, or the condition is unknown.
    """
    text, condition = visit.query(name), visit.query(f"{name}Condition")
    if text is None:
        return lambda _: True
    try:
        limit = parse_local(text, visit.company.zone)
    except ValueError as error:
        raise ErpError(str(error)) from error
    if condition is None:
        return lambda _: True
    compare = _COMPARE.get(condition.strip())
    if compare is None:
        raise ErpError(f"The condition '{condition}' is not valid for {name}.")
    return lambda record: compare(at(record), limit)


def times(company: Company, record: Tracked) -> dict[str, object]:
    """Return the two times of a record as v1 shows them."""
    return {
        "lastModifiedDateTime": local_text(record.modified_at, company.zone),
        "createdDateTime": local_text(record.created_at, company.zone),
    }
