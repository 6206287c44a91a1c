"""Where each amount of a document comes from: what Centra said, and which rule made it so.

A document is worked out once more from what was read, under the settings of then, by
the very functions that made it; nothing of it is explained by other means. What is told
holds no name or address.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from connectors.centra import models as centra
from mapping.documents import Document, DocumentLine, LineKind
from mapping.ledger_lines import ledger_lines
from mapping.posted_lines import PostedLine, VatRules, posted_lines, rules_of
from mapping.posting import Traits, fitting, has_own_account, order_traits
from mapping.rounding import ZERO, plain
from mapping.totals import Gated, gate
from mapping.vat import Sale, sale_of
from settings.connection import Connection

__all__ = [
    "LineOrigin",
    "Origins",
    "Stated",
    "VatOrigin",
    "document_origins",
    "item_account",
    "with_item_accounts",
]


@dataclass(frozen=True, slots=True)
class Stated:
    """A field of what Centra said, by its path in what was read, with its value."""

    field: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class LineOrigin:
    """One line as it was sent: what its amount is the sum of, and by which rules.

    `amount` holds VAT where `prices` is gross.
    """

    key: str
    what: str
    item: str
    """The item of Visma.net that the line names; empty where it names an account alone."""
    quantity: Decimal
    amount: Decimal
    prices: str
    rate: Decimal
    category: str
    account: str
    stated: tuple[Stated, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VatOrigin:
    """VAT of one rate on the whole document, and what Centra had for it."""

    rate: Decimal
    base: Decimal
    vat: Decimal
    centra: Decimal | None
    """None where Centra has no figure for just this."""
    rule: str


@dataclass(frozen=True, slots=True)
class Origins:
    """A document told back to what it was made of."""

    total: Decimal
    vat: Decimal
    currency: str
    stated: tuple[Stated, ...]
    """The fields that the total is the sum of."""
    lines: tuple[LineOrigin, ...]
    taxes: tuple[VatOrigin, ...] = ()
    notes: tuple[str, ...] = ()
    posted: tuple[PostedLine, ...] = ()
    """The lines as they are sent, one of each of `lines`; none of a payment."""


Says = Callable[[DocumentLine], tuple[Stated, ...]]


def document_origins(
    document: Document,
    sale: centra.Order,
    connection: Connection,
    *,
    says: Says,
    stated: Sequence[Stated],
    discount_item: str | None = None,
    is_ledger: bool = False,
) -> Origins:
    """Tell a document back: line by line, and VAT by rate.

    `says` names what Centra said of a line of the document; `stated` what the whole is
    the sum of. Documents of the customer ledger (`is_ledger`) take no stock items.

    Raises:
        RecordError: it cannot be made under these settings.
    """
    place = sale_of(sale)
    rules = rules_of(document, place, connection.vat)
    posted = posted_lines(
        document, rules=rules, orders=connection.orders, discount_item=discount_item
    )
    gated = gate(document, posted, connection.orders)
    traits = order_traits(sale, place.country)
    telling = _Telling(document, place, rules, traits, connection)
    named = [line.item for line in gated.lines]
    if is_ledger:
        ledger = ledger_lines(
            gated.lines, traits=traits, branch=None, connection=connection
        )
        named = [line.inventory_number or "" for line in ledger]
    return Origins(
        total=gated.prediction.total,
        vat=gated.prediction.vat,
        currency=document.currency,
        stated=tuple(map(telling.even, stated)),
        lines=tuple(
            telling.line(line, item, says)
            for line, item in zip(gated.lines, named, strict=True)
        ),
        taxes=tuple(telling.taxes(gated)),
        notes=tuple(telling.notes(gated)),
        posted=gated.lines,
    )


def item_account(account: str, item: str) -> str:
    """The rule of a line that has the account of its item; its number, if it is known."""
    return f"{f'account {account}'.strip()}: that of item {item}"


def with_item_accounts(
    origins: Origins, accounts: Mapping[str, Collection[str]]
) -> Origins:
    """Name the account of lines that have that of their item, as it was booked.

    `accounts` has those that Visma.net booked lines of an item on.
    """
    return replace(
        origins, lines=tuple(_booked(one, accounts) for one in origins.lines)
    )


def _booked(line: LineOrigin, accounts: Mapping[str, Collection[str]]) -> LineOrigin:
    rule = item_account("", line.item)
    found = " and ".join(sorted(accounts.get(line.item, ())))
    if not found or rule not in line.rules:
        return line
    told = item_account(found, line.item)
    rules = tuple(told if one == rule else one for one in line.rules)
    return replace(line, account=found, rules=rules)


class _Telling:
    """What the lines of one document share."""

    def __init__(
        self,
        document: Document,
        place: Sale,
        rules: VatRules,
        traits: Traits,
        connection: Connection,
    ) -> None:
        self._document = document
        self._place = place
        self._rules = rules
        self._traits = traits
        self._connection = connection
        self._own = {line.key: line for line in document.lines}

    def even(self, one: Stated) -> Stated:
        """A value with the digits of its currency, unless Centra's is finer."""
        unit = Decimal(1).scaleb(-self._document.rounding.digits)
        value = one.value.quantize(unit)
        return Stated(one.field, value) if value == one.value else one

    def line(self, line: PostedLine, item: str, says: Says) -> LineOrigin:
        """One line, which goes as an item, or on an account alone."""
        own = self._own.get(line.key)
        stated = () if own is None or line.kind is LineKind.ROUNDING else says(own)
        account, posting = self._posting(line, item)
        rules = [
            self._vat(line),
            posting,
            *self._discount(line, own),
            self._price(line),
        ]
        if line.kind is LineKind.ROUNDING:
            rules = [
                "rounding line: at most half a minor unit a line, and the whole gap"
            ]
        return LineOrigin(
            key=line.key,
            what=line.item or line.description,
            item=item,
            quantity=line.quantity,
            amount=line.amount,
            prices=line.prices,
            rate=plain(line.rate),
            category=line.category,
            account=account,
            stated=tuple(map(self.even, stated)),
            rules=tuple(one for one in rules if one),
        )

    def taxes(self, gated: Gated) -> Iterator[VatOrigin]:
        centra_vat = {one.rate: one.vat for one in self._document.vat_totals}
        for tax in gated.prediction.taxes:
            if not tax.rate and not tax.vat:
                continue
            how = (
                "taken out of the sum" if tax.prices == "gross" else "added to the sum"
            )
            said = centra_vat.get(tax.rate, ZERO)
            rule = f"{how} by {tax.tax}, once on the whole document"
            if gap := gated.vat_differences.get(tax.rate):
                rule += f"; {gap:+,f} by rounding of the whole against rounding by line"
            yield VatOrigin(plain(tax.rate), tax.taxable, tax.vat, said, rule)

    def notes(self, gated: Gated) -> Iterator[str]:
        yield from gated.notes
        credit = self._document.credit
        if credit:
            yield (
                f"{credit:,f} {self._document.currency} of it was paid by store credit or "
                "gift card: a payment, so it is added back to what Centra asks for"
            )

    # -- rules

    def _vat(self, line: PostedLine) -> str:
        rule = self._rules.get((line.rate, line.group))
        kinds = " or ".join(self._place.kinds)
        if rule is None or line.category != rule.category:
            return f"VAT: category {line.category}, as the settings give such lines"
        row = self._connection.vat.index(rule) + 1
        return (
            f"VAT {plain(line.rate):f} % for {kinds} in {self._place.country}: [[vat]] "
            f"row {row}, category {rule.category}, zone {rule.zone}, prices {rule.prices}"
        )

    def _posting(self, line: PostedLine, item: str) -> tuple[str, str]:
        own = self._traits.of_line(line.brand, line.group)
        for row, rule in fitting(own, self._connection.posting):
            if rule.sales_account and not has_own_account(line.kind):
                return (
                    rule.sales_account,
                    f"account {rule.sales_account}: [[posting]] row {row}",
                )
        if item:
            return "", item_account("", item)
        own_account = self._connection.orders.invoice_account or ""
        return own_account, f"account {own_account}: orders.invoice_account"

    def _discount(self, line: PostedLine, own: DocumentLine | None) -> Iterator[str]:
        """Which share of the document's discounts at its rate a line bears."""
        if own is None or line.kind is LineKind.DISCOUNT:
            return
        full = own.gross if line.prices == "gross" else own.net
        taken = full - line.amount
        if not taken:
            return
        whole = [
            one.gross if line.prices == "gross" else one.net
            for one in self._document.lines
            if one.kind is LineKind.DISCOUNT and one.rate == line.rate
        ]
        yield (
            f"{full:,f} less {taken:,f}: its share of the discount of "
            f"{-sum(whole, ZERO):,f} at {plain(line.rate):f} %, in proportion to the "
            "lines of that rate, by largest remainder"
        )

    def _price(self, line: PostedLine) -> str:
        if abs(line.quantity) == 1 and not line.discount:
            return ""
        sent = f"sent as {plain(line.quantity):f} x {plain(line.unit_price):f}"
        if line.discount:
            sent += (
                f" less {plain(line.discount):f}, which brings it to its exact amount"
            )
        return sent
