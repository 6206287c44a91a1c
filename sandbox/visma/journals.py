"""Journal transactions of ERP v2: list, read, create, change, release."""

from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.actions import run_action
from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import (
    ErpError,
    changed_within,
    counted_page,
    equal,
    not_found,
    scopes_for,
    show,
)
from sandbox.visma.fields import check, unwrap
from sandbox.visma.journal_fields import JOURNAL_FIELDS
from sandbox.visma.journal_records import JournalTransaction
from sandbox.visma.journal_rules import (
    change_journal,
    create_journal,
    release_journal,
)
from sandbox.visma.journal_views import batches, single_view, views_of_lines
from sandbox.visma.shipments import check_lock
from sandbox.visma.wire import answer, etag_of, matches

__all__ = ["journal_routes"]

_LARGEST_PAGE = 1000
_JOURNALS = "/v2/journaltransaction"
_JOURNAL = f"{_JOURNALS}/{{journalTransactionNumber}}"
_MODULES = ("GL", "AP", "AR", "CM", "CA", "IN", "DR", "FA", "PM")


def journal_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of journal transactions; a release always answers 202."""
    read, create = scopes_for("read"), scopes_for("create")
    update = scopes_for("update")
    return [
        door.route("GET", _JOURNALS, _list, read),
        door.route("POST", _JOURNALS, _create, create),
        door.route("GET", _JOURNAL, _get, read),
        door.route("PUT", _JOURNAL, _change, update),
        door.route(
            "POST",
            f"{_JOURNAL}/action/release",
            _release,
            create | update,
            accepted=True,
        ),
    ]


def _list(visit: Visit) -> Response:
    """List batches; a period or a time of change must be named, and pages count lines."""
    period, since = visit.query("periodId"), visit.query("lastModifiedDateTime")
    if period is None and since is None:
        raise ErpError("Either periodId or lastModifiedDateTime is required.")
    module = visit.query("module")
    if module is not None and module.upper() not in _MODULES:
        raise ErpError(f"The value '{module}' is not valid for module.")
    changed = changed_within(visit, "lastModifiedDateTime", lambda row: row.at)
    rows = [
        one
        for one in batches(visit.company)
        if equal(period, one.period)
        and equal(module, one.module)
        and equal(visit.query("status"), one.status)
        and equal(visit.query("branch"), one.branch)
        and changed(one)
    ]
    number, size = counted_page(visit, largest=_LARGEST_PAGE)
    shown, total = views_of_lines(rows, (number - 1) * size, size)
    metadata = {"metadata": {"totalCount": total, "maxPageSize": _LARGEST_PAGE}}
    return answer([show(one) | metadata for one in shown])


def _get(visit: Visit) -> Response:
    number = visit.path("journalTransactionNumber")
    found = single_view(visit.company, number)
    if found is None:
        raise not_found("Journal transaction", number)
    made = visit.company.books.journals.get(number)
    headers = {} if made is None else {"ETag": etag_of(made.version)}
    return answer(show(found), headers=headers)


def _changeable(visit: Visit) -> JournalTransaction:
    number = visit.path("journalTransactionNumber")
    found = visit.company.books.journals.get(number)
    if found is None:
        raise not_found("Journal transaction", number)
    check_lock(visit, "journal", number)
    condition = visit.request.headers.get("if-match")
    if condition is not None and not matches(condition, found.version):
        raise ErpError("The record has been changed since it was read.", 412)
    return found


def _body(visit: Visit) -> dict[str, Any]:
    flat = unwrap(visit.json(), JOURNAL_FIELDS)
    troubles = check(flat, JOURNAL_FIELDS, "journaltransaction")
    if troubles:
        raise ErpError(f"{troubles[0].path}: {troubles[0].message}")
    return flat


def _create(visit: Visit) -> Response:
    made = create_journal(visit.company, _body(visit), visit.visible_from)
    return answer(
        status=201,
        headers={
            "Location": f"{visit.base}/erp{_JOURNALS}/{made.number}",
            "ETag": etag_of(made.version),
        },
    )


def _change(visit: Visit) -> Response:
    found = _changeable(visit)
    change_journal(visit.company, found, _body(visit))
    return answer(status=204, headers={"ETag": etag_of(found.version)})


def _release(visit: Visit) -> Response:
    found = _changeable(visit)
    return run_action(visit, lambda: release_journal(visit.company, found))
