"""The named faults: what can be made to go wrong, for which operation, how often."""

from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from random import Random
from typing import Literal, get_args

__all__ = ["ConnectionCut", "Fault", "FaultName", "Faults"]

FaultName = Literal[
    "before_commit",
    "after_commit",
    "cut",
    "no_answer",
    "drop",
    "applied_late",
    "late_visibility",
    "rate_limit",
    "expired_token",
    "not_json",
    "slow",
    "empty_list",
    "missing_permission",
    "duplicate_events",
    "psp_refuses",
    "wrong_tenant",
    "wrong_company",
    "refused",
    "action_fails",
    "action_queued",
    "duplicate_webhook",
    "lost_webhook",
    "reordered_webhook",
]


class ConnectionCut(Exception):  # noqa: N818  # it is an event played on purpose, not an error of the sandbox
    """The connection ends here; over a socket it is closed, in process it is raised."""

    def __init__(self, *, committed: bool) -> None:
        super().__init__(
            "the sandbox cut the connection "
            + ("after the work was done" if committed else "before anything was done")
        )
        self.committed = committed


@dataclass
class Fault:
    """One fault that waits for its operation; `times` None means always."""

    id: int
    name: FaultName
    operation: str
    times: int | None
    skip: int
    probability: float
    seconds: float | None
    played: int = 0

    def as_json(self) -> dict[str, object]:
        """Return the fault in the form of `GET /_sandbox/faults`."""
        return dict(vars(self))


class Faults:
    """The faults that are armed; each side of the sandbox asks for its own."""

    def __init__(self, seed: int = 1) -> None:
        self._random = Random(f"{seed}/faults")  # noqa: S311
        self._armed: list[Fault] = []
        self._count = 0

    def add(
        self,
        name: str,
        operation: str = "*",
        *,
        times: int | None = None,
        skip: int = 0,
        probability: float | None = None,
        seconds: float | None = None,
    ) -> Fault:
        """Arm a fault for the operations that match a glob: once, unless told otherwise.

        A fault with a probability and without `times` stays armed.

        Raises:
            ValueError: there is no fault of that name.
        """
        if name not in get_args(FaultName):
            known = ", ".join(get_args(FaultName))
            message = f"there is no fault named {name!r}; known are {known}"
            raise ValueError(message)
        if times is None and probability is None:
            times = 1
        self._count += 1
        fault = Fault(
            id=self._count,
            name=name,  # type: ignore[arg-type]  # checked above
            operation=operation,
            times=times,
            skip=skip,
            probability=1.0 if probability is None else probability,
            seconds=seconds,
        )
        self._armed.append(fault)
        return fault

    def take(self, name: FaultName, operations: Iterable[str]) -> Fault | None:
        """Use up one armed fault of this name that matches any of the operations."""
        if not self._armed:
            return None
        names = tuple(operations)
        for fault in self._armed:
            if fault.name != name or not any(
                fnmatchcase(operation, fault.operation) for operation in names
            ):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.probability < 1 and self._random.random() >= fault.probability:
                continue
            fault.played += 1
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self._armed.remove(fault)
            return fault
        return None

    def pick(self, *choices: int) -> int:
        """Choose one of several numbers, the same for the same seed."""
        return self._random.choice(choices)

    def clear(self) -> None:
        """Disarm everything."""
        self._armed.clear()

    def as_json(self) -> list[dict[str, object]]:
        """Return the armed faults."""
        return [fault.as_json() for fault in self._armed]
