"""Journal transactions of Visma.net ERP: listed, found, created, changed, released."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from connectors.answers import Answer, Call
from connectors.errors import InDoubtError, RecordError
from connectors.paging import Page, iter_pages
from connectors.redaction import redact
from connectors.transport import ApiClient
from connectors.visma.background import Accepted, Background
from connectors.visma.journal_models import JournalRow, JournalWrite
from connectors.visma.paging import created_id, if_match, path_id, rows_of
from connectors.visma.wrapping import wrap

__all__ = ["Journals"]

_PATH = "/v2/journaltransaction"
_LINES = "journalTransactionLines"
_CREATE = Call("POST journaltransaction", repeatable=False, write=True)


class Journals:
    """GET, POST and PUT of /v2/journaltransaction, and its action `release`."""

    def __init__(self, erp: ApiClient, page_size: int) -> None:
        """Work through the ERP service."""
        self._erp = erp
        self._size = page_size
        self._background = Background(erp)

    async def of_period(
        self, period: str, *, module: str | None = None
    ) -> list[JournalRow]:
        """Return the journals of a period, `YYYYMM`, of one module (GL, AR …) or all.

        The list counts lines, and one journal may come in several pages: it is put
        together again.
        """
        params: dict[str, str | int] = {"periodId": period}
        if module is not None:
            params["module"] = module
        heads: dict[tuple[str, str], Mapping[str, Any]] = {}
        lines: dict[tuple[str, str], dict[int, Mapping[str, Any]]] = {}
        async for page in self._pages(params):
            for head, line in page.rows:
                key = _key(head)
                heads[key] = head
                lines.setdefault(key, {})[int(line.get("lineNumber") or 0)] = line
        found = [
            _row(
                {**head, _LINES: [lines[key][number] for number in sorted(lines[key])]}
            )
            for key, head in heads.items()
        ]
        # a parameter that is not known is passed over, so each row is looked at
        return [
            row
            for row in found
            if row.financial_period in {None, period}
            and (module is None or row.book == module)
        ]

    async def find(
        self, reference: str, *, description: str, period: str
    ) -> list[JournalRow]:
        """Return journals of a period with exactly this description and reference."""
        return [
            row
            for row in await self.of_period(period, module="GL")
            if row.description == description
            and row.status != "Voided"
            and any(
                line.reference_number == reference
                for line in row.journal_transaction_lines
            )
        ]

    async def get(self, number: str) -> JournalRow:
        """Return one journal, with the ETag that guards a change of it.

        Raises:
            RecordError: There is no journal with that number.
        """
        answer = await self._erp.request(
            "GET",
            f"{_PATH}/{path_id(number)}",
            repeatable=True,
            operation="GET journaltransaction/{number}",
        )
        body = answer.body if isinstance(answer.body, Mapping) else {}
        row = _row(body)
        etag = answer.headers.get("ETag") or body.get("timeStamp")
        return row.model_copy(update={"etag": etag})

    async def create(self, journal: JournalWrite) -> str:
        """Create a journal and return its number.

        Raises:
            RecordError: Visma.net refuses what was sent.
            InDoubtError: It was sent and its end is not known.
        """
        answer = await self._erp.request(
            "POST",
            _PATH,
            json=_body(journal),
            repeatable=_CREATE.repeatable,
            operation=_CREATE.operation,
        )
        return created_id(answer, _CREATE, self._erp.peer)

    async def update(self, number: str, journal: JournalWrite, etag: str) -> None:
        """Change the fields that are given; only what is not released can be changed.

        Raises:
            RecordError: Refused; CHANGED_MEANWHILE and LOCKED ask for a fresh read.
            InDoubtError: It was sent and its end is not known.
        """
        await self._erp.request(
            "PUT",
            f"{_PATH}/{path_id(number)}",
            json=_body(journal),
            headers=if_match(etag),
            repeatable=False,
            operation="PUT journaltransaction/{number}",
        )

    async def release(self, number: str) -> str | None:
        """Put a journal into the books; answers the id of the work if it was only taken on.

        Raises:
            RecordError: Visma.net refuses it, or says that the release failed.
            InDoubtError: Its end is not known, or it is only queued.
        """
        answer = await self._erp.request(
            "POST",
            f"{_PATH}/{path_id(number)}/action/release",
            repeatable=False,
            operation="POST journaltransaction/{number}/action/release",
        )
        body = answer.body if isinstance(answer.body, Mapping) else {}
        _check_result(body, number)
        return Accepted.model_validate(body).id

    async def finish_release(self, number: str, work_id: str) -> None:
        """Wait until a release that was only taken on has ended; raises like `release`."""
        what = f"the release of journal {number}"
        _check_result(await self._background.result(work_id, what), number)

    def _pages(
        self, params: Mapping[str, str | int]
    ) -> AsyncIterator[Page[tuple[Mapping[str, Any], Mapping[str, Any]]]]:
        async def fetch(
            number: int,
        ) -> Page[tuple[Mapping[str, Any], Mapping[str, Any]]]:
            answer = await self._erp.request(
                "GET",
                _PATH,
                params={**params, "pageNumber": number, "pageSize": self._size},
                repeatable=True,
                operation="GET journaltransaction",
            )
            return self._page_of_lines(answer)

        return iter_pages(
            fetch,
            first=1,
            key=lambda row: (*_key(row[0]), row[1].get("lineNumber")),
            what="Visma.net's list of journal transactions",
        )

    def _page_of_lines(
        self, answer: Answer
    ) -> Page[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """A page in lines, each with the head of its journal: so the list counts."""
        heads = rows_of(answer.body, self._erp.peer)
        rows = [(head, line) for head in heads for line in head.get(_LINES) or ()]
        metadata = (heads[0].get("metadata") if heads else None) or {}
        size, total = metadata.get("maxPageSize"), metadata.get("totalCount")
        size = min(self._size, size) if isinstance(size, int) else self._size
        return Page(rows, len(rows) < size, total if isinstance(total, int) else None)


def _key(head: Mapping[str, Any]) -> tuple[str, str]:
    return str(head.get("module") or ""), str(head["batchNumber"])


def _row(body: Mapping[str, Any]) -> JournalRow:
    return JournalRow.model_validate(body)


def _body(journal: JournalWrite) -> dict[str, Any]:
    return wrap(journal.model_dump(by_alias=True, exclude_none=True))


def _check_result(body: Mapping[str, Any], number: str) -> None:
    """A success may still say that the action failed, or that it only began.

    The older specification names the result, the newer one only a 202.
    """
    match body.get("actionResult"):
        case "Failed":
            said = redact(str(body.get("errorInfo") or "no reason given"))
            raise RecordError(
                f"Visma.net could not release journal {number}: {said}",
                code="ACTION_FAILED",
                fix="Correct what the message names in Visma.net, then retry.",
            )
        case "Queued" | "InProcess":
            message = f"the release of journal {number} has only begun"
            raise InDoubtError(message)
        case _:
            return
