"""How ERP v1 answers an action: 200 with a result inside, which may be a failure."""

from collections.abc import Callable
from datetime import timedelta

from starlette.responses import Response

from sandbox.visma.door import Visit
from sandbox.visma.erp import ErpError
from sandbox.visma.wire import answer

__all__ = ["run_action"]

_QUEUED_SECONDS = 30.0


def run_action(visit: Visit, work: Callable[[], None]) -> Response:
    """Do what an action asks for and say how it went; what the ERP refuses is Failed, not 400.

    A fault can make it fail, or only queue it: then it is done when the clock gets there.
    """
    faults, names = visit.world.faults, visit.call.operations
    if faults.take("action_fails", names):
        return _result(visit, "Failed", "The operation has failed. See the trace.")
    if fault := faults.take("action_queued", names):
        seconds = fault.seconds or _QUEUED_SECONDS
        due_at = visit.company.clock.now() + timedelta(seconds=seconds)
        visit.company.books.later(due_at, lambda: _quietly(work))
        return _result(visit, "Queued")
    try:
        work()
    except ErpError as error:
        return _result(visit, "Failed", error.message)
    return _result(visit, "Done")


def _quietly(work: Callable[[], None]) -> None:
    """Do queued work; nobody is told when it fails, the document just stays as it was."""
    try:
        work()
    except ErpError:
        return


def _result(visit: Visit, result: str, error: str | None = None) -> Response:
    content = {"actionId": visit.company.visma_id(), "actionResult": result}
    return answer(content | ({"errorInfo": error} if error else {}))
