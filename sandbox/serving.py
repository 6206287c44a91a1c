"""How one request is served: the faults before, the work, the faults after, the call log.

Both sides wrap every endpoint in `serve` and say in `Answers` how their API words a refusal.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from sandbox.faults import ConnectionCut, Fault, FaultName
from sandbox.world import World

__all__ = ["Answers", "Call", "serve"]

_PAGE = "<!doctype html><html><title>Maintenance</title><h1>We will be back soon</h1></html>"
_REFUSED = 400
_LATE = 60


@dataclass(frozen=True)
class Call:
    """The request as the log and the faults know it: the first name is the main one."""

    operations: tuple[str, ...]
    write: bool


class Answers(Protocol):
    """How one API words what the faults make it say."""

    def unavailable(self, status: int) -> Response:
        """Return a failure of the server: 500 or 503."""

    def rate_limited(self, seconds: float | None) -> Response:
        """Return the vendor's form of 429."""

    def unauthorized(self) -> Response:
        """Return the answer to an expired token."""

    def forbidden(self) -> Response:
        """Return the answer to a missing permission."""

    def wrong_tenant(self) -> Response:
        """Return the answer to a token of another tenant."""

    def empty(self) -> Response:
        """Return an empty list with status 200."""


async def serve(
    world: World,
    call: Call,
    handle: Callable[[], Awaitable[Response]],
    answers: Answers,
) -> Response:
    """Answer one request, with the armed faults, and note it in the call log.

    Raises:
        ConnectionCut: a fault closes the connection without an answer.
    """
    status = 0
    try:
        response = await _before(world, call, answers)
        if response is None:
            _put_off(world, call, handle)
            response = await handle()
            response = await _after(world, call, response, answers)
        status = response.status_code
        return response
    finally:
        world.calls.record(
            call.operations[0],
            write=call.write,
            status=status,
            also=call.operations[1:],
        )


def _put_off(
    world: World, call: Call, handle: Callable[[], Awaitable[Response]]
) -> None:
    """Lose a write, and do it later, where that fault is armed."""
    if call.write and (fault := world.faults.take("applied_late", call.operations)):
        world.late.put_off(fault.seconds or _LATE, handle)
        raise ConnectionCut(committed=False)


async def _before(world: World, call: Call, answers: Answers) -> Response | None:
    def armed(name: FaultName) -> Fault | None:
        return world.faults.take(name, call.operations)

    if fault := armed("slow"):
        await world.clock.wait(fault.seconds or 1)
    if armed("drop"):
        raise ConnectionCut(committed=False)
    if armed("before_commit"):
        return answers.unavailable(world.faults.pick(500, 503))
    if fault := armed("rate_limit"):
        return answers.rate_limited(fault.seconds)
    refusals: tuple[tuple[FaultName, Callable[[], Response]], ...] = (
        ("expired_token", answers.unauthorized),
        ("missing_permission", answers.forbidden),
        ("wrong_tenant", answers.wrong_tenant),
    )
    for name, answer in refusals:
        if armed(name):
            return answer()
    if not call.write and armed("empty_list"):
        return answers.empty()
    if armed("not_json"):
        return HTMLResponse(_PAGE)
    return None


async def _after(
    world: World, call: Call, response: Response, answers: Answers
) -> Response:
    committed = response.status_code < _REFUSED
    if world.faults.take("after_commit", call.operations):
        return answers.unavailable(500)
    if world.faults.take("cut", call.operations):
        return _Cut(response, committed=committed)
    if fault := world.faults.take("no_answer", call.operations):
        await world.clock.wait(fault.seconds or 0)
        raise ConnectionCut(committed=committed)
    return response


class _Cut(Response):
    """An answer whose connection closes in the middle of the body."""

    def __init__(self, whole: Response, *, committed: bool) -> None:
        super().__init__(status_code=whole.status_code)
        self.raw_headers = whole.raw_headers
        self.body = bytes(whole.body)
        self._committed = committed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        half = self.body[: len(self.body) // 2]
        if half:
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            await send({"type": "http.response.body", "body": half, "more_body": True})
        raise ConnectionCut(committed=self._committed)
