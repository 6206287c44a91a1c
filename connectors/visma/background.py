"""What became of work that Visma.net took on with 202: asked until it has ended.

Source: BackgroundRequestStateDto of the ERP specification. `status` is Started until
the end; the answer that the call would have had is its content.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import InDoubtError, RecordError
from connectors.redaction import redact
from connectors.transport import ApiClient
from connectors.visma.paging import path_id
from connectors.wire import Incoming

__all__ = ["Accepted", "Background"]

_PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds between two looks; what takes longer is looked up by a later run."""


class Accepted(Incoming):
    """A 202 answer: the work has its own id, by which its end can be asked."""

    id: str | None = None


class _State(Incoming):
    status: str = "Started"
    status_code: int = 0
    error_message: str | None = None
    has_response_content: bool = False


class Background:
    """GET of /v1/background."""

    def __init__(self, erp: ApiClient) -> None:
        """Ask the ERP service."""
        self._erp = erp

    async def result(self, request_id: str, what: str) -> Mapping[str, Any]:
        """Return what work in the background ended with.

        Raises:
            RecordError: It was refused or failed.
            InDoubtError: It has not ended yet.
        """
        for seconds in _PAUSES:
            await self._erp.pause(seconds)
            state = _State.model_validate(await self._get(request_id, ""))
            if state.status != "Started":
                return await self._ended(request_id, state, what)
        message = f"{what} has not ended yet in Visma.net (background {request_id})"
        raise InDoubtError(message)

    async def _ended(
        self, request_id: str, state: _State, what: str
    ) -> Mapping[str, Any]:
        if state.status == "Failed":
            said = redact(state.error_message or "") or f"status {state.status_code}"
            message = f"{what} failed in Visma.net: {said}"
            raise RecordError(
                message,
                code="ACTION_FAILED",
                fix="Correct what the message names in Visma.net, then retry.",
            )
        if not state.has_response_content:
            return {}
        return await self._get(request_id, "/content")

    async def _get(self, request_id: str, rest: str) -> Mapping[str, Any]:
        answer = await self._erp.request(
            "GET",
            f"/v1/background/{path_id(request_id)}{rest}",
            repeatable=True,
            operation=f"GET background/{{id}}{rest}",
        )
        return answer.body if isinstance(answer.body, Mapping) else {}
