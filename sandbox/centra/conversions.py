"""External ids: one per object and integration, and one object per external id."""

from dataclasses import dataclass

__all__ = ["Conversion", "Conversions", "why_not_external_id"]

_LONGEST = 255


def why_not_external_id(object_type: str, external_id: str) -> str | None:
    """Return what is wrong with an external id, or None; that of a size has a form of its own."""
    if not 1 <= len(external_id) <= _LONGEST:
        return "External ID must have 1 - 255 characters"
    parts = external_id.split("|")
    if object_type == "Size" and not (len(parts) == 2 and all(parts)):  # noqa: PLR2004
        return "External ID of a size must be in format Size Chart Name|Size Name"
    return None


@dataclass(slots=True, eq=False)
class Conversion:
    """One external id of one object, for one integration."""

    id: int
    integration_name: str
    object_type: str
    internal_id: int
    external_id: str


class Conversions:
    """All external ids of an instance."""

    def __init__(self) -> None:
        self._by_internal: dict[tuple[str, str, int], Conversion] = {}
        self._by_external: dict[tuple[str, str, str], Conversion] = {}
        self._last_id = 0

    def put(
        self, integration: str, object_type: str, internal_id: int, external_id: str
    ) -> Conversion:
        """Set an external id: it replaces the object's own and is taken from another."""
        internal = (integration, object_type, internal_id)
        external = (integration, object_type, external_id)
        previous = self._by_external.get(external)
        if previous is not None and previous.internal_id == internal_id:
            return previous
        if previous is not None:
            del self._by_internal[integration, object_type, previous.internal_id]
        entry = self._by_internal.get(internal)
        if entry is None:
            self._last_id += 1
            entry = Conversion(
                self._last_id, integration, object_type, internal_id, external_id
            )
            self._by_internal[internal] = entry
        else:
            del self._by_external[integration, object_type, entry.external_id]
            entry.external_id = external_id
        self._by_external[external] = entry
        return entry

    def remove(self, entry: Conversion) -> None:
        """Forget an external id."""
        name, kind = entry.integration_name, entry.object_type
        del self._by_internal[name, kind, entry.internal_id]
        del self._by_external[name, kind, entry.external_id]

    def internal(
        self, integration: str, object_type: str, external_id: str
    ) -> int | None:
        """Return the object that has an external id."""
        entry = self._by_external.get((integration, object_type, external_id))
        return entry.internal_id if entry else None

    def external(
        self, integration: str, object_type: str, internal_id: int
    ) -> str | None:
        """Return the external id of an object."""
        entry = self._by_internal.get((integration, object_type, internal_id))
        return entry.external_id if entry else None

    def of(self, integration: str) -> list[Conversion]:
        """Return all entries of an integration, oldest first."""
        return sorted(
            (
                x
                for x in self._by_internal.values()
                if x.integration_name == integration
            ),
            key=lambda entry: entry.id,
        )
