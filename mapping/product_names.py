"""Names of styles, and what the items of a style agree on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from connectors.errors import RecordError
from connectors.visma.item_models import Item
from mapping.item_parts import parts_of
from mapping.product_sources import StyleSource
from mapping.texts import clean, cut
from settings.products import ProductRules

__all__ = ["agreed", "product_name"]

_NAME_LENGTH = 255
_BETWEEN = " ,-–/()"


def agreed(
    label: str, items: Iterable[Item], what: str, value: Callable[[Item], str]
) -> str:
    """What all items that say anything agree on; empty where none does.

    Raises:
        RecordError: They differ.
    """
    found = {text: one for one in items if (text := clean(value(one)))}
    if len(found) > 1:
        shown = " and ".join(
            f"{text} ({one.inventory_number})"
            for text, one in sorted(found.items())[:3]
        )
        raise RecordError(
            f"Items of {label} differ in their {what}: {shown}",
            code="ITEMS_DIFFER",
            fix="Give them the same in Visma.net, or leave the field to Centra under "
            "[products.owners].",
            record_id=label,
        )
    return next(iter(found), "")


def product_name(
    source: StyleSource, items: Sequence[Item], rules: ProductRules
) -> str:
    """The name of a style: of its attribute or class, else what its items have in common."""
    if rules.name_attribute is not None:
        named = agreed(
            source.style,
            items,
            f"attribute {rules.name_attribute}",
            lambda one: one.attribute(rules.name_attribute or ""),
        )
        if named:
            return cut(named, _NAME_LENGTH)
    if rules.style_from == "item_class":
        named = next((clean(i.item_class.description) for i in items), "")
        return cut(named or source.style, _NAME_LENGTH)
    texts = [_without_parts(item, rules) for item in items]
    start = _common_start([text.split() for text in texts if text])
    return cut(" ".join(start).rstrip(_BETWEEN), _NAME_LENGTH) or source.style


def _without_parts(item: Item, rules: ProductRules) -> str:
    """A description without the colour and size that stand at its end."""
    text = clean(item.description)
    try:
        parts = parts_of(item, rules)
    except RecordError:
        return text
    title = rules.colours.get(parts.colour, parts.colour)
    words = {one.casefold() for one in (parts.colour, parts.size, title)}
    while True:
        text = text.rstrip(_BETWEEN)
        cut_off = next((one for one in words if _ends_with(text, one)), None)
        if cut_off is None:
            return text
        text = text[: -len(cut_off)]


def _ends_with(text: str, word: str) -> bool:
    """Whether a text is, or ends with, a word that stands by itself."""
    if not text.casefold().endswith(word):
        return False
    before = text[: -len(word)]
    return not before or before[-1] in _BETWEEN


def _common_start(texts: Sequence[Sequence[str]]) -> list[str]:
    """The words with which all begin."""
    start = []
    for words in zip(*texts, strict=False):
        if len(set(words)) > 1:
            break
        start.append(words[0])
    return start
