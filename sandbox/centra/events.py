"""The event queue: one per integration, the oldest first until confirmed."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sandbox.centra.places import Market, Store

__all__ = ["ALL_CHANGES", "Event", "EventQueues", "Listener"]

ALL_CHANGES = ("CREATED", "UPDATED", "DELETED", "COMPLETED", "DEPENDENT_DATA_CHANGED")


@dataclass(slots=True, eq=False)
class Event:
    """A note that an object was touched; it says nothing of how."""

    id: int
    object_type: str
    change_type: str
    object_reference: int
    created_at: datetime
    store: Store | None
    market: Market | None


@dataclass(slots=True, eq=False)
class Listener:
    """What an integration wants to hear about one type of object."""

    integration_name: str
    object_type: str
    change_types: list[str]
    created_at: datetime
    updated_at: datetime


class EventQueues:
    """The queues of all integrations; nothing is queued before somebody listens."""

    def __init__(self) -> None:
        self._listeners: dict[tuple[str, str], Listener] = {}
        self._queues: dict[str, dict[int, Event]] = {}
        self._last_id = 0
        self.heard: list[tuple[str, str, int, datetime]] | None = None
        """What the webhook plugin has to tell; None where it is not set up."""

    def note(
        self,
        object_type: str,
        change_type: str,
        reference: int,
        *,
        at: datetime,
        store: Store | None = None,
        market: Market | None = None,
    ) -> None:
        """Queue an event for every integration that listens, and for the webhook."""
        if self.heard is not None:
            self.heard.append((object_type, change_type, reference, at))
        for (integration, listened), listener in self._listeners.items():
            if listened == object_type and change_type in listener.change_types:
                self._last_id += 1
                self._queues.setdefault(integration, {})[self._last_id] = Event(
                    self._last_id,
                    object_type,
                    change_type,
                    reference,
                    at,
                    store,
                    market,
                )

    def repeat(self, integration: str) -> None:
        """Queue everything of an integration once more, as happens now and then."""
        for event in list(self._queues.get(integration, {}).values()):
            self._last_id += 1
            self._queues[integration][self._last_id] = Event(
                self._last_id,
                event.object_type,
                event.change_type,
                event.object_reference,
                event.created_at,
                event.store,
                event.market,
            )

    def waiting(self, integration: str) -> Iterable[Event]:
        """Return the unconfirmed events of an integration, oldest first."""
        return self._queues.get(integration, {}).values()

    def confirm(self, integration: str, ids: Collection[int]) -> list[int]:
        """Drop events; return the ids that were not waiting."""
        queue = self._queues.get(integration, {})
        return [event_id for event_id in ids if queue.pop(event_id, None) is None]

    def listen(
        self, integration: str, object_type: str, changes: Collection[str], at: datetime
    ) -> None:
        """Add change types to what an integration listens to."""
        listener = self._listeners.setdefault(
            (integration, object_type), Listener(integration, object_type, [], at, at)
        )
        wanted = {*listener.change_types, *changes}
        if wanted != set(listener.change_types):
            listener.change_types = [c for c in ALL_CHANGES if c in wanted]
            listener.updated_at = at

    def stop(
        self, integration: str, object_type: str, changes: Collection[str]
    ) -> None:
        """Stop listening, and delete what is queued of that type."""
        listener = self._listeners.get((integration, object_type))
        if listener is None:
            return
        listener.change_types = [c for c in listener.change_types if c not in changes]
        if not listener.change_types:
            del self._listeners[integration, object_type]
        queue = self._queues.get(integration, {})
        for event in list(queue.values()):
            if event.object_type == object_type and event.change_type in changes:
                del queue[event.id]

    def listeners(self, integration: str) -> list[Listener]:
        """Return what an integration listens to."""
        return [x for (name, _), x in self._listeners.items() if name == integration]

    def count(self) -> int:
        """Return how many events wait in all queues."""
        return sum(map(len, self._queues.values()))
