"""Where a record or a document is looked at: its address, from the templates of `[links]`."""

from __future__ import annotations

from typing import get_args
from urllib.parse import quote

from settings.links import CentraKind, LinkRules, VismaKind

__all__ = ["document_link", "markdown_link", "record_link"]

_CENTRA_KINDS: dict[str, CentraKind] = {
    "centra_product": "product",
    "centra_shipment": "shipment",
    "centra_return": "return",
}
_VISMA_KINDS: dict[str, VismaKind] = {
    **{kind: kind for kind in get_args(VismaKind)},
    "visma_shipment": "shipment",
    "inventory_adjustment": "adjustment",
}


def record_link(links: LinkRules, direction: str, source_id: str) -> str | None:
    """The address of a record at its source; orders have a number to be found by."""
    template = links.centra.get("order") if direction == "orders" else None
    return _filled(template, source_id)


def document_link(links: LinkRules, kind: str | None, number: str | None) -> str | None:
    """The address of a document, by the kind and number that the ledger knows it by."""
    if kind is None or number is None:
        return None
    if kind in _CENTRA_KINDS:
        return _filled(links.centra.get(_CENTRA_KINDS[kind]), number)
    if kind in _VISMA_KINDS:
        return _filled(links.visma.get(_VISMA_KINDS[kind]), number)
    return None


def markdown_link(text: str, address: str | None) -> str:
    """A text as markdown, with a link if there is an address."""
    plain = text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ")
    for mark in "[]<>*`":
        plain = plain.replace(mark, f"\\{mark}")
    return f"[{plain}]({address})" if address else plain


def _filled(template: str | None, number: str) -> str | None:
    """Sales orders are named with their type: `SO/000123`."""
    if template is None:
        return None
    kind, _, own = number.rpartition("/")
    return template.replace("{id}", quote(own, safe="")).replace(
        "{type}", quote(kind, safe="")
    )
