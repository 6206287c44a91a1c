"""The background API of the ERP: 202 at once, the answer later."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.door import Door, Visit
from sandbox.visma.erp import not_found, scopes_for
from sandbox.visma.wire import answer, utc_text

__all__ = ["BackgroundCalls"]

_TAKES = timedelta(seconds=1)
_KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class _Job:
    company: str
    uri: str
    received_at: datetime
    response: Response


class BackgroundCalls:
    """The calls that were accepted for the background; each takes a second of the world clock."""

    def __init__(self) -> None:
        self._jobs: dict[str, _Job] = {}

    def accept(self, visit: Visit, response: Response) -> Response:
        """Keep an answer and return 202."""
        job_id = visit.company.visma_id()
        self._jobs[job_id] = _Job(
            visit.company.tenant_id,
            str(visit.request.url),
            visit.company.clock.now(),
            response,
        )
        return answer(
            {"id": job_id, "stateLocation": f"{visit.base}/erp/v1/background/{job_id}"},
            status=202,
        )

    def routes(self, door: Door) -> list[BaseRoute]:
        """Return the routes that show a call's state and its answer."""
        path, read = "/v1/background/{requestId}", scopes_for("read")
        return [
            door.route("GET", path, self._state, read),
            door.route("GET", f"{path}/content", self._content, read),
        ]

    def _state(self, visit: Visit) -> Response:
        job_id, job = self._find(visit)
        done = job.received_at + _TAKES <= visit.company.clock.now()
        state: dict[str, object] = {
            "id": job_id,
            "status": "Started",
            "statusCode": 0,
            "receivedUtc": utc_text(job.received_at),
            "startedUtc": utc_text(job.received_at),
            "originalUri": job.uri,
            "hasResponseContent": False,
            "hasRequestContent": False,
        }
        if done:
            failed = job.response.status_code >= 400  # noqa: PLR2004
            state |= {
                "status": "Failed" if failed else "Finished",
                "statusCode": job.response.status_code,
                "finishedUtc": utc_text(job.received_at + _TAKES),
                "hasResponseContent": bool(job.response.body),
                "contentLocation": f"{visit.base}/erp/v1/background/{job_id}/content",
                "responseHeaders": {
                    shown: job.response.headers[shown]
                    for shown in ("Location", "ETag")
                    if shown in job.response.headers
                },
            }
            if failed:
                state["errorMessage"] = bytes(job.response.body).decode()
        return answer(state)

    def _content(self, visit: Visit) -> Response:
        job_id, job = self._find(visit)
        if job.received_at + _TAKES > visit.company.clock.now():
            raise not_found("Content of background request", job_id)
        return Response(
            bytes(job.response.body),
            status_code=200,
            media_type="application/json; charset=utf-8",
        )

    def _find(self, visit: Visit) -> tuple[str, _Job]:
        job_id = visit.path("requestId")
        job = self._jobs.get(job_id)
        now = visit.company.clock.now()
        if (
            job is None
            or job.company != visit.company.tenant_id
            or job.received_at + _KEPT < now
        ):
            raise not_found("Background request", job_id)
        return job_id, job
