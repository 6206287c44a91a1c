"""Inventory adjustments of Visma.net ERP: listed, found, created, changed, released."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any

from connectors.answers import Call
from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.adjustment_models import Adjustment, AdjustmentWrite
from connectors.visma.paging import created_id, if_match, numbered_page, path_id
from connectors.visma.shipment_models import ActionResult
from connectors.visma.wrapping import wrap

__all__ = ["Adjustments"]

_PATH = "/v1/inventoryadjustment"
_CREATE = Call("POST inventoryadjustment", repeatable=False, write=True)


class Adjustments:
    """GET, POST and PUT of /v1/inventoryadjustment, and its action `release`."""

    def __init__(self, erp: ApiClient, page_size: int) -> None:
        """Work through the ERP service."""
        self._erp = erp
        self._size = page_size

    async def iter_pages(
        self, modified_since: str | None = None
    ) -> AsyncIterator[tuple[Adjustment, ...]]:
        """Read adjustments page by page; `modified_since` has no offset."""
        params: dict[str, str | int] = {}
        if modified_since is not None:
            params |= {
                "lastModifiedDateTime": modified_since,
                "lastModifiedDateTimeCondition": ">=",
            }
        async for rows in self._rows(params):
            yield rows

    async def find(self, reference: str, *, since: date) -> list[Adjustment]:
        """Return the adjustments dated from a day on with exactly this reference.

        No filter knows the external reference, so each is compared.
        """
        params: dict[str, str | int] = {
            "date": since.isoformat(),
            "dateCondition": ">=",
        }
        found = {
            row.reference_number: row
            async for rows in self._rows(params)
            for row in rows
            if row.external_reference == reference
        }
        return list(found.values())

    async def get(self, number: str) -> Adjustment:
        """Return one adjustment, with the ETag that guards a change of it.

        Raises:
            RecordError: There is no adjustment with that number.
        """
        answer = await self._erp.request(
            "GET",
            f"{_PATH}/{path_id(number)}",
            repeatable=True,
            operation="GET inventoryadjustment/{number}",
        )
        row = Adjustment.model_validate(answer.body)
        etag = answer.headers.get("ETag") or row.etag
        return row.model_copy(update={"etag": etag})

    async def create(self, adjustment: AdjustmentWrite) -> str:
        """Create an adjustment and return its number.

        Raises:
            RecordError: Visma.net refuses what was sent.
            InDoubtError: It was sent and its end is not known.
        """
        answer = await self._erp.request(
            "POST",
            _PATH,
            json=_body(adjustment),
            repeatable=_CREATE.repeatable,
            operation=_CREATE.operation,
        )
        return created_id(answer, _CREATE, self._erp.peer)

    async def update(self, number: str, adjustment: AdjustmentWrite, etag: str) -> None:
        """Change the fields that are given; only what is not released can be changed.

        Raises:
            RecordError: Refused; CHANGED_MEANWHILE and LOCKED ask for a fresh read.
            InDoubtError: It was sent and its end is not known.
        """
        await self._erp.request(
            "PUT",
            f"{_PATH}/{path_id(number)}",
            json=_body(adjustment),
            headers=if_match(etag),
            repeatable=False,
            operation="PUT inventoryadjustment/{number}",
        )

    async def release(self, number: str) -> ActionResult:
        """Let the quantities change.

        An answer of 200 may still hold a failure, and the work may go on behind it:
        look at the result, and at the status afterwards.

        Raises:
            RecordError: Visma.net refuses it.
            InDoubtError: Its end is not known.
        """
        answer = await self._erp.request(
            "POST",
            f"{_PATH}/{path_id(number)}/action/release",
            repeatable=False,
            operation="POST inventoryadjustment/{number}/action/release",
        )
        told = answer.body if isinstance(answer.body, Mapping) else {}
        return ActionResult.model_validate(told)

    async def _rows(
        self, params: Mapping[str, str | int]
    ) -> AsyncIterator[tuple[Adjustment, ...]]:
        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._erp.request(
                "GET",
                _PATH,
                params={**params, "pageNumber": number, "pageSize": self._size},
                repeatable=True,
                operation="GET inventoryadjustment",
            )
            return numbered_page(answer, self._size, self._erp.peer)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: row["referenceNumber"],
            what="Visma.net's list of inventory adjustments",
        )
        async for page in pages:
            yield tuple(Adjustment.model_validate(row) for row in page.rows)


def _body(adjustment: AdjustmentWrite) -> dict[str, Any]:
    return wrap(adjustment.model_dump(by_alias=True, exclude_none=True))
