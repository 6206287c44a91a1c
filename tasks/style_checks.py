"""Checks of the settings that make styles, colours and sizes of items, on the real ones."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.centra.catalogue_models import SizeChart
from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.barcodes import same_code, same_ean
from mapping.item_parts import barcodes, find_style, is_in_scope, parts_of
from mapping.product_colours import sells
from mapping.product_sizes import colour_of
from mapping.product_sources import Chart, StyleSource
from mapping.products import colours_of
from settings.products import ProductRules
from tasks.check_rows import CheckRow, doubtful, first_of, fits

__all__ = ["item_rows"]


def item_rows(
    rules: ProductRules, items: Sequence[Item], charts: Sequence[SizeChart]
) -> Iterator[CheckRow]:
    """Which items become styles, colours and sizes, and which do not, by the reason."""
    wanted = [one for one in items if is_in_scope(one, rules) and sells(one, rules)]
    styles: defaultdict[str, list[Item]] = defaultdict(list)
    wrong: dict[str, RecordError] = {}
    for item in wanted:
        try:
            parts_of(item, rules)
        except RecordError as error:
            wrong[item.inventory_number] = error
        else:
            styles[same_code(find_style(item, rules))].append(item)
    shared = _shared(wanted)
    known = tuple(
        Chart(
            id=one.id,
            name=one.name or "",
            sizes={size.name or "": size.id for size in one.sizes},
        )
        for one in charts
    )
    colours = 0
    for some in styles.values():
        style = find_style(some[0], rules)
        source = StyleSource(
            style=style, items=tuple(some), charts=known, shared_eans=shared
        )
        for name in colours_of(source, rules):
            colours += 1
            try:
                wrong |= colour_of(source, name, rules).wrong
            except RecordError as error:
                wrong[f"{style}/{name}"] = error
    found = (
        f"{len(wanted)} items for sale make {len(styles)} styles in {colours} colours; "
        f"{len(wrong)} do not fit"
    )
    yield _styles_row(found, items, wanted, wrong, rules)
    by_code: defaultdict[str, list[str]] = defaultdict(list)
    for number, why in wrong.items():
        by_code[why.code].append(number)
    for code, numbers in sorted(by_code.items(), key=lambda one: -len(one[1])):
        first: RecordError = wrong[numbers[0]]
        yield doubtful(
            code, f"{len(numbers)}: {first_of(numbers)} ({first.message})", first.fix
        )
    yield from _chart_rows(rules, charts)


def _styles_row(
    found: str,
    items: Sequence[Item],
    wanted: Sequence[Item],
    wrong: Mapping[str, RecordError],
    rules: ProductRules,
) -> CheckRow:
    """Whether the scope and the attributes fit: all or most items left out is no shop."""
    if items and not wanted:
        classes = sorted({one.item_class.id for one in items if one.item_class.id})
        attributes = sorted({each.id for one in items for each in one.attributes})
        return doubtful(
            "styles of items",
            f"none of {len(items)} items is for sale: products.item_classes and "
            "products.only keep all of them out, and what Centra sells of them would "
            "be taken off sale",
            f"Correct them; the items have the classes {first_of(classes) or '-'} and the "
            f"attributes {first_of(attributes) or '-'}.",
        )
    if 2 * len(wrong) > len(wanted):
        fix = (
            "Compare the names of attributes under [products] with those of the items."
        )
        if rules.style_from == "pattern":
            fix = "Correct products.pattern: most numbers of items do not fit it."
        return doubtful("styles of items", found, fix)
    return fits("styles of items", found)


def _chart_rows(rules: ProductRules, charts: Sequence[SizeChart]) -> Iterator[CheckRow]:
    """Charts of the settings that Centra has otherwise, as its own sizes count."""
    known = {one.name: [size.name for size in one.sizes] for one in charts}
    for name, sizes in rules.size_charts.items():
        missing = [one for one in sizes if one not in known.get(name, sizes)]
        what = f"size chart {name}"
        if missing:
            fix = (
                "Add them to the chart in Centra; a chart that is there is not changed."
            )
            yield doubtful(what, f"lacks {', '.join(missing)} in Centra", fix)
        else:
            yield fits(what, "is in Centra" if name in known else "will be made")


def _shared(items: Iterable[Item]) -> dict[str, tuple[str, ...]]:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for item in items:
        for ean in barcodes(item):
            found[same_ean(ean)].append(item.inventory_number)
    return {ean: tuple(some) for ean, some in found.items() if len(some) > 1}
