"""Which size chart of Centra a colour has, and what its sizes are called there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.item_parts import Parts, placed
from mapping.product_sources import Chart, SeenVariant, StyleSource
from settings.products import ProductRules

__all__ = ["chart_of", "size_of_chart"]


def chart_of(
    source: StyleSource,
    items: Sequence[Item],
    variant: SeenVariant | None,
    rules: ProductRules,
) -> Chart | None:
    """The size chart of a colour: that of its variant, else one that has its sizes.

    A chart that Centra does not have yet has the id 0. None where there is no chart at
    all, or the variant's own is not shown.

    Raises:
        RecordError: Centra has two charts of that name.
    """
    known: dict[str, list[Chart]] = {}
    for one in source.charts:
        known.setdefault(one.name, []).append(one)
    if variant is not None and variant.chart_id is not None:
        return next((c for c in source.charts if c.id == variant.chart_id), None)
    names = [*rules.size_charts, *(n for n in known if n not in rules.size_charts)]
    sizes = {
        name: known[name][0].sizes if name in known else rules.size_charts[name]
        for name in names
    }
    name = _named_chart(items, rules) or _best(names, sizes, _wanted(items, rules))
    if name is None or name not in sizes:
        return None
    if len(known.get(name, ())) > 1:
        raise RecordError(
            f"Centra has more than one size chart '{name}'",
            code="SIZE_CHART_TWICE",
            fix="Rename all but one of them in Centra, then retry.",
            record_id=source.style,
        )
    if name in known:
        return known[name][0]
    return Chart(id=0, name=name, sizes=dict.fromkeys(rules.size_charts[name], 0))


def size_of_chart(parts: Parts, rules: ProductRules) -> str:
    """The size as charts of Centra call it."""
    return rules.sizes.get(parts.size, parts.size)


def _wanted(items: Iterable[Item], rules: ProductRules) -> set[str]:
    return {size_of_chart(parts, rules) for _, parts in placed(items, rules)}


def _named_chart(items: Iterable[Item], rules: ProductRules) -> str | None:
    if rules.chart_attribute is None:
        return None
    named = (item.attribute(rules.chart_attribute) for item in items)
    return next((one for one in named if one), None)


def _best(
    names: Sequence[str], sizes: Mapping[str, Iterable[str]], wanted: set[str]
) -> str | None:
    """The first chart that has all sizes, else the first that has most of them."""
    fitting = {name: len(wanted & set(sizes[name])) for name in names}
    most = max(fitting.values(), default=0)
    return (
        next((name for name in names if fitting[name] == most), None) if most else None
    )
