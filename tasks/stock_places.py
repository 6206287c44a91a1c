"""Which warehouse of Visma.net is which of Centra, by id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.centra.stock import Warehouse
from connectors.errors import ConfigError
from settings.stock import StockRules
from tasks.direction import Ends

__all__ = ["Places", "demand_warehouses", "find_places", "known_places", "places_of"]


@dataclass(frozen=True)
class Places:
    """The warehouses that are sold from.

    `by_visma` leads from one of Visma.net to Centra's id; `names` are the settings'
    names of Centra's, and `buffers` what each keeps back, by id.
    """

    by_visma: Mapping[str, int]
    names: Mapping[int, str]
    buffers: Mapping[int, int]


async def find_places(ends: Ends) -> Places:
    """Find the warehouses of the settings in Centra.

    Raises:
        ConfigError: One of them is not there, or stands there twice.
    """
    rules = ends.settings.stock
    if ends.centra.graph.verified_fields:
        return places_of(rules, await ends.centra.get_warehouses())
    named = [one for one in rules.warehouses if not one.isdecimal()]
    if named:
        message = (
            f"stock.warehouses names '{named[0]}', but Centra's list of warehouses is "
            "nowhere in its public schema: write the id in place of the name, or set "
            "centra.verified_fields = true once the store has the list"
        )
        raise ConfigError(message)
    return places_of(rules, [Warehouse(id=int(one)) for one in rules.warehouses])


async def demand_warehouses(ends: Ends) -> None:
    """See that Visma.net has the warehouses of the settings.

    One that it does not have would be an empty one, and all that is sold from there zero.

    Raises:
        ConfigError: It lacks one.
    """
    there = {one.warehouse_id for one in await ends.visma.get_warehouses()}
    for name, numbers in ends.settings.stock.warehouses.items():
        missing = [one for one in numbers if one not in there]
        if missing:
            message = (
                f"Visma.net has no warehouse '{missing[0]}' of stock.warehouses (for "
                f"'{name}'); it has {', '.join(sorted(there)) or 'none'}"
            )
            raise ConfigError(message)


def known_places(rules: StockRules, names: Mapping[int, str]) -> Places:
    """Where the settings' warehouses were when they were found last.

    `names` are the settings' names of Centra's warehouses, by id.
    """
    return Places(
        {one: place for place, name in names.items() for one in rules.warehouses[name]},
        names,
        {place: rules.buffer_of(name) for place, name in names.items()},
    )


def places_of(rules: StockRules, there: Sequence[Warehouse]) -> Places:
    """Put the settings' warehouses where they are in Centra.

    Raises:
        ConfigError: One of them is not there, or stands there twice.
    """
    names: dict[int, str] = {}
    for name in rules.warehouses:
        found = [one for one in there if name in {one.name, str(one.id)}]
        if len(found) != 1:
            known = ", ".join(sorted(one.name or str(one.id) for one in there))
            what = "no" if not found else "more than one"
            message = (
                f"Centra has {what} warehouse '{name}' of stock.warehouses; "
                f"it has {known or 'none'}"
            )
            raise ConfigError(message)
        place = found[0].id
        if place in names:
            message = (
                f"stock.warehouses names one warehouse of Centra twice: as "
                f"'{names[place]}' and as '{name}'"
            )
            raise ConfigError(message)
        names[place] = name
    return known_places(rules, names)
