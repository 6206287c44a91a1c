"""Customer payments of Visma.net ERP: listed, found, created, changed, released."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import date
from typing import Any

from connectors.answers import Call
from connectors.errors import InDoubtError, RecordError
from connectors.paging import Page, iter_pages
from connectors.redaction import redact
from connectors.transport import ApiClient
from connectors.visma.background import Accepted, Background
from connectors.visma.paging import created_id, numbered_page, path_id
from connectors.visma.payment_models import PaymentRow, PaymentType, PaymentWrite
from connectors.visma.wrapping import wrap

__all__ = ["Payments"]

_PATH = "/v1/customerPayment"
_CREATE = Call("POST customerPayment", repeatable=False, write=True)
_RELEASE = Call("POST customerPayment/{number}/action/release", repeatable=False)


class Payments:
    """GET, POST and PUT of /v1/customerPayment, and its action `release`."""

    def __init__(self, erp: ApiClient, page_size: int) -> None:
        """Work through the ERP service."""
        self._erp = erp
        self._size = page_size
        self._background = Background(erp)

    async def iter_pages(
        self, modified_since: str | None = None
    ) -> AsyncIterator[tuple[PaymentRow, ...]]:
        """Read payments page by page; `modified_since` has no offset."""
        params: dict[str, str | int] = {}
        if modified_since is not None:
            params |= {
                "lastModifiedDateTime": modified_since,
                "lastModifiedDateTimeCondition": ">=",
            }
        async for rows in self._rows(params):
            yield rows

    async def find(
        self, reference: str, *, customer: str, since: date
    ) -> list[PaymentRow]:
        """Return a customer's payments whose reference is exactly `reference`.

        No filter knows the reference, so all payments of the customer from that day
        on are read, and each is compared, the customer too.
        """
        params: dict[str, str | int] = {
            "customer": customer,
            "docDate": since.isoformat(),
            "docDateCondition": ">=",
        }
        return [
            row
            async for rows in self._rows(params)
            for row in rows
            if row.payment_ref == reference and row.customer_number == customer
        ]

    async def get(self, number: str) -> PaymentRow:
        """Return one payment.

        Raises:
            RecordError: There is no payment with that number.
        """
        answer = await self._erp.request(
            "GET",
            f"{_PATH}/{path_id(number)}",
            repeatable=True,
            operation="GET customerPayment/{number}",
        )
        return PaymentRow.model_validate(answer.body)

    async def create(self, payment: PaymentWrite) -> str:
        """Create a payment and return its number.

        Raises:
            RecordError: Visma.net refuses what was sent.
            InDoubtError: It was sent and its end is not known.
        """
        answer = await self._erp.request(
            "POST",
            _PATH,
            json=_body(payment),
            repeatable=_CREATE.repeatable,
            operation=_CREATE.operation,
        )
        return created_id(answer, _CREATE, self._erp.peer)

    async def update(self, number: str, payment: PaymentWrite) -> None:
        """Change the fields that are given, and insert the lines that are given.

        Raises:
            RecordError: Visma.net refuses what was sent.
            InDoubtError: It was sent and its end is not known; lines may be there.
        """
        await self._erp.request(
            "PUT",
            f"{_PATH}/{path_id(number)}",
            json=_body(payment),
            # Lines inserted twice would pay twice.
            repeatable=payment.payment_lines is None,
            write=True,
            operation="PUT customerPayment/{number}",
        )

    async def release(self, number: str, payment_type: PaymentType) -> str | None:
        """Post a payment, with the lines that were added since it was posted.

        Answers the id of the work, if Visma.net has only taken it on.

        Raises:
            RecordError: Visma.net refuses it, or says that the release failed.
            InDoubtError: Its end is not known, or it is only queued.
        """
        answer = await self._erp.request(
            "POST",
            f"{_PATH}/{path_id(number)}/action/release",
            json=wrap({"type": payment_type}),
            repeatable=_RELEASE.repeatable,
            operation=_RELEASE.operation,
        )
        body = answer.body if isinstance(answer.body, Mapping) else {}
        _check_result(body, number)
        return Accepted.model_validate(body).id

    async def void(self, number: str, payment_type: PaymentType) -> None:
        """Take a released payment back; what it had settled is open again.

        Visma.net dates it on the day on which it is done. The answer says nothing of
        its end: look at the payment afterwards.

        Raises:
            RecordError: Visma.net refuses it.
            InDoubtError: Its end is not known.
        """
        await self._erp.request(
            "POST",
            f"{_PATH}/{path_id(number)}/action/void",
            json={"type": payment_type, "returnVoidPayment": False},
            repeatable=False,
            write=True,
            operation="POST customerPayment/{number}/action/void",
        )

    async def finish_release(self, number: str, work_id: str) -> None:
        """Wait until a release that was only taken on has ended; raises like `release`."""
        what = f"the release of payment {number}"
        _check_result(await self._background.result(work_id, what), number)

    async def _rows(
        self, params: Mapping[str, str | int]
    ) -> AsyncIterator[tuple[PaymentRow, ...]]:
        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._erp.request(
                "GET",
                _PATH,
                params={**params, "pageNumber": number, "pageSize": self._size},
                repeatable=True,
                operation="GET customerPayment",
            )
            return numbered_page(answer, self._size, self._erp.peer)

        pages = iter_pages(
            fetch,
            first=1,
            key=lambda row: (row.get("type"), row["refNbr"]),
            what="Visma.net's list of customer payments",
        )
        async for page in pages:
            yield tuple(PaymentRow.model_validate(row) for row in page.rows)


def _body(payment: PaymentWrite) -> dict[str, Any]:
    return wrap(payment.model_dump(by_alias=True, exclude_none=True))


def _check_result(body: Mapping[str, Any], number: str) -> None:
    """A success may still say that the action failed, or that it only began.

    The specification names no body for payments; other documents answer with
    `actionResult` and `errorInfo`.
    """
    match body.get("actionResult"):
        case "Failed":
            said = redact(str(body.get("errorInfo") or "no reason given"))
            raise RecordError(
                f"Visma.net could not release payment {number}: {said}",
                code="ACTION_FAILED",
                fix="Correct what the message names in Visma.net, then retry.",
            )
        case "Queued" | "InProcess":
            message = f"the release of payment {number} has only begun"
            raise InDoubtError(message)
        case _:
            return
