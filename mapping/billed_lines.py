"""Each line of a document that Visma.net made of a sales order, told back to what was sent.

Visma.net bills an order in parts: so many units of a line, and the discount that falls
on just these.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from connectors.visma.ledger_models import InvoiceLine
from mapping.documents import LineKind
from mapping.line_parts import may_be_of, part_of
from mapping.origins import LineOrigin, Origins, Stated, item_account
from mapping.posted_lines import PostedLine
from mapping.rounding import ZERO, Rounding, plain

__all__ = ["BilledOrder", "BilledPart", "billed_parts"]


@dataclass(frozen=True, slots=True)
class BilledOrder:
    """A sales order of which a document was made, wholly or in part."""

    name: str
    sent: Origins
    """As the connector sent it last."""
    lines: tuple[InvoiceLine, ...]
    """What of it is on the document."""
    before: tuple[InvoiceLine, ...] = ()
    """What of it is on documents that were made earlier."""
    left: tuple[Origins, ...] = ()
    """Centra's shipments that the document is of; none, where nobody knows them."""


@dataclass(frozen=True, slots=True)
class BilledPart:
    """A line of the document, told back; `posted` is None where no such line was sent."""

    origin: LineOrigin
    posted: PostedLine | None


def billed_parts(order: BilledOrder, rounding: Rounding) -> list[BilledPart]:
    """Return each line of the document that is of an order, told back."""
    return list(_Order(order, rounding).parts())


class _Order:
    """Follows the lines of one sales order: what of each was billed before."""

    def __init__(self, order: BilledOrder, rounding: Rounding) -> None:
        self._order = order
        self._rounding = rounding
        self._sent = list(zip(order.sent.lines, order.sent.posted, strict=True))
        self._billed: Counter[str] = Counter()
        for line in order.before:
            if (found := self._find(line)) is not None:
                self._billed[found[1].key] += int(line.quantity)

    def parts(self) -> Iterator[BilledPart]:
        """Each line of the document, in its order."""
        for line in self._order.lines:
            if not line.amount and not line.inventory_number:
                continue
            found = self._find(line)
            if found is None:
                yield BilledPart(_stranger(line), None)
                continue
            yield self._part(line, *found)
            self._billed[found[1].key] += int(line.quantity)

    def _find(self, line: InvoiceLine) -> tuple[LineOrigin, PostedLine] | None:
        """The sent line that these units are of: of several, the one of the amount."""
        fitting = [
            (origin, posted)
            for origin, posted in self._sent
            if may_be_of(line, posted, self._billed[posted.key])
        ]
        exact = [
            one for one in fitting if self._due(one[1], line).amount == line.amount
        ]
        return next(iter([*exact, *fitting]), None)

    def _due(self, sent: PostedLine, line: InvoiceLine) -> PostedLine:
        """What these units must come to."""
        return part_of(sent, line.quantity, self._billed[sent.key], self._rounding)

    def _part(
        self, line: InvoiceLine, origin: LineOrigin, sent: PostedLine
    ) -> BilledPart:
        part = self._due(sent, line)
        rules = [*_vat(origin), _account(line, origin)]
        rules += self._units(sent, part)
        rules += _otherwise(line, part)
        own = replace(
            origin,
            item=line.inventory_number or "",
            quantity=line.quantity,
            amount=line.amount or ZERO,
            category=line.vat_code or "",
            account=line.account or origin.account,
            stated=self._said(origin, sent) or origin.stated,
            rules=tuple(one for one in rules if one),
        )
        return BilledPart(own, part)

    def _units(self, sent: PostedLine, part: PostedLine) -> Iterator[str]:
        """Which of the units of the sent line these are, and what falls on them."""
        if abs(sent.quantity) == 1 and not sent.discount:
            return
        before = self._billed[sent.key]
        whole, units = plain(sent.quantity), plain(part.quantity)
        told = f"{units:f} of the {whole:f}" if units != whole else f"{whole:f}"
        told += f" that {self._order.name} has of it, at {plain(sent.unit_price):f}"
        if sent.discount and units == whole:
            told += f" less {sent.discount:,f}"
        elif sent.discount:
            first, last = before + 1, before + int(part.quantity)
            which = f"unit {last}" if first == last else f"units {first} to {last}"
            told += f" less {part.discount:,f}: of its {sent.discount:,f} what is on {which}"
        yield told
        for rule in self._shares(sent):
            yield f"of the whole line: {rule}" if units != whole else rule

    def _shares(self, sent: PostedLine) -> list[str]:
        """How the line of the order came to its discount."""
        origin = next(one for one, posted in self._sent if posted is sent)
        return [one for one in origin.rules if ": its share of the discount" in one]

    def _said(self, origin: LineOrigin, sent: PostedLine) -> tuple[Stated, ...]:
        """What Centra said of the line on the shipments; empty where it says nothing."""
        return tuple(
            said
            for left in self._order.left
            for one in left.lines
            if (one.key, one.rate) == (origin.key, origin.rate)
            and sent.kind is not LineKind.ROUNDING
            for said in one.stated
        )


def _stranger(line: InvoiceLine) -> LineOrigin:
    """A line that the connector sent nothing of."""
    category = line.vat_code or "none"
    return LineOrigin(
        key="",
        what=line.inventory_number or "a line",
        item=line.inventory_number or "",
        quantity=line.quantity,
        amount=line.amount or ZERO,
        prices="",
        rate=ZERO,
        category="",
        account=line.account or "",
        stated=(),
        rules=(
            f"VAT category {category}; no such line was sent: it is of Visma.net alone",
        ),
    )


def _vat(origin: LineOrigin) -> list[str]:
    return [one for one in origin.rules if one.startswith("VAT")]


def _account(line: InvoiceLine, origin: LineOrigin) -> str:
    """The rule of the account; and where Visma.net booked it, if that is another."""
    told = [one for one in origin.rules if one.startswith("account")]
    rule = told[0] if told else ""
    if not line.account:
        return rule
    if not origin.account:
        return item_account(line.account, line.inventory_number or "")
    if line.account == origin.account:
        return rule
    return f"{rule}; Visma.net has it on {line.account}"


def _otherwise(line: InvoiceLine, part: PostedLine) -> Iterator[str]:
    """What Visma.net has otherwise than it was sent."""
    if (line.amount, line.discount_amount or ZERO) != (part.amount, part.discount):
        yield f"as it was sent it would be {part.amount:,f}: it was changed in Visma.net"
    if line.vat_code != part.category:
        yield (
            f"it was sent with VAT category {part.category}; Visma.net has "
            f"{line.vat_code or 'none'}"
        )
