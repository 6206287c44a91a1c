"""Fields of Centra that are written: those of Visma.net's, where they differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.product_colours import is_written
from mapping.product_names import agreed
from mapping.product_wishes import AttributeWish, Status
from settings.products import Owner, ProductRules

__all__ = ["Told", "status_to_write"]


@dataclass(frozen=True)
class Told:
    """What items say of the thing that they are of, which Centra has or has not."""

    label: str
    items: Sequence[Item]
    exists: bool
    for_sale: bool = True
    """Whether any of them is; what is not goes off sale, though its items differ."""

    def name(
        self, owner: Owner, name: Callable[[], str], there: str | None
    ) -> str | None:
        """A name to write: always when it is made, as nothing goes without one.

        Raises:
            RecordError: The items differ.
        """
        if there is not None and owner != "visma":
            return None
        text = self._unless_unsold(name)
        return text if text != there else None

    def text(
        self, owner: Owner, what: str, value: Callable[[Item], str], there: str
    ) -> str | None:
        """A text to write; None if it is not ours, nothing is said, or it is there.

        Raises:
            RecordError: The items differ.
        """
        if not is_written(owner, exists=self.exists):
            return None
        text = self._unless_unsold(lambda: agreed(self.label, self.items, what, value))
        return text if text and text != there else None

    def attributes(
        self, on: str, there: Mapping[str, str], rules: ProductRules
    ) -> tuple[AttributeWish, ...]:
        """Attribute texts that differ; what no item says is left as it is.

        Raises:
            RecordError: The items differ.
        """
        found = []
        for rule in rules.attributes:
            if rule.on != on:
                continue
            text = self.text(
                rules.owners.attributes,
                f"attribute {rule.attribute}",
                partial(Item.attribute, name=rule.attribute),
                there.get(f"{rule.type}/{rule.element}", ""),
            )
            if text:
                found.append(
                    AttributeWish(type=rule.type, element=rule.element, value=text)
                )
        return tuple(found)

    def _unless_unsold(self, text: Callable[[], str]) -> str | None:
        """A text; None where the items of what is off sale differ."""
        try:
            return text()
        except RecordError:
            if self.for_sale:
                raise
            return None


def status_to_write(
    owner: Owner, there: str | None, *, active: bool | None
) -> Status | None:
    """What to set; whose status is Centra's is made inactive, and people let it go.

    `active` is None where nobody knows: what is there stays as it is.
    """
    if active is None and there is not None:
        return None
    wanted: Status = "ACTIVE" if active else "INACTIVE"
    if there is None:
        return "INACTIVE" if owner == "centra" else wanted
    return wanted if owner == "visma" and wanted != there else None
