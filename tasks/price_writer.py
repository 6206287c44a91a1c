"""Writes prices to Centra, many products of a pricelist in one call.

A price is absolute: after doubt it is simply set again. What was set is kept, so that the
next change can be measured against it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from pydantic import BaseModel, ConfigDict

from connectors.centra.prices import PriceRow
from connectors.errors import RecordError
from ledger import Claim, Draft, DraftRow, IndexRow, IntentRow, LinkRow, Unit
from mapping.drafts import digest
from mapping.price_changes import price_summary, price_was, rule_text, why_held
from mapping.price_sources import PricelistSource, PriceSource
from mapping.prices import (
    PriceWish,
    check_pricelist,
    parse_price_source,
    source_to_wish,
    stands,
    variant_to_trouble,
)
from mapping.scope import LeftOut
from mapping.version import MAPPING_VERSION
from settings.connection import Connection
from tasks.decided import is_untouched
from tasks.direction import Decision, Ends, MapContext, Sent
from tasks.product_kinds import Kind
from tasks.sent_prices import (
    CENTRA_PRICE,
    SENT,
    detail_of,
    detail_of_found,
    sent_prices,
)
from tasks.without_total import SetAgain

__all__ = ["PRICES", "guard_prices"]

_NOT_NAMED = LeftOut("PRICELIST_NOT_NAMED", "prices.pricelists names it no more")


class _PriceDraft(BaseModel):
    """A price to write, and whether Centra shows it already (None: it cannot tell).

    `was` is what it replaces, as far as that is known, and `rule` the settings of its
    pricelist.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    wish: PriceWish
    stands: bool | None
    was: dict[int, Decimal] = {}
    rule: str = ""

    @property
    def hash(self) -> str:
        """The same for the same draft: the ledger keeps one body a hash.

        A promotion's price is another one, even where the amount is that from before;
        any other has the hash that it had before promotions were told apart.
        """
        bare = self.model_dump()
        if not self.wish.promoted:
            del bare["wish"]["promoted"]
        del bare["rule"]
        return digest(bare | {"was": {}})

    def was_written(self, link: LinkRow) -> bool:
        """Whether these prices were written last, whatever Centra showed then.

        A price that is gone and costs the same elsewhere is no other price.
        """
        plain = self.wish.model_copy(update={"fallen": ()})
        alike = (
            self.model_copy(update={"stands": one, "wish": wish})
            for one in _SEEN
            for wish in (self.wish, plain)
        )
        return link.body_hash in {one.hash for one in alike}


_SEEN = (True, False, None)


class PriceWriter(SetAgain):
    """Sets what products cost on one pricelist; the next run reads what displays show."""

    most = 100

    def prepare(self, claim: Claim, unit: Unit) -> bytes:
        """Need nothing that another record makes."""
        del unit
        return claim.body

    def together(self, claim: Claim) -> str:
        """Prices of one pricelist."""
        return claim.reference.partition("/")[0]

    async def send_many(
        self, claims: Sequence[Claim], ends: Ends
    ) -> list[Sent | RecordError]:
        """Set the prices of some products on their pricelist.

        Raises:
            RecordError: Centra refused them all, or warns of something in them without
                saying of which.
        """
        drafts = [_PriceDraft.model_validate_json(one.body) for one in claims]
        wishes = [one.wish for one in drafts]
        rows = [_row(one) for one in wishes]
        kept = _kept(ends, claims, drafts)
        answer = await ends.centra.set_prices(
            wishes[0].pricelist_id, wishes[0].currency, rows
        )
        if answer.unclear:
            raise _refusal("; ".join(answer.unclear))
        return [
            _refusal(answer.skipped[place])
            if place in answer.skipped
            else Sent(CENTRA_PRICE, wish.reference, kept[place], key_type=SENT)
            for place, wish in enumerate(wishes)
        ]


def guard_prices(
    unit: Unit, settings: Connection, intents: Sequence[IntentRow]
) -> dict[int, str]:
    """The prices that a person must see first.

    Those of zero, that change by too much or since the settings are others, or that take
    another list's price as their own is gone.
    """
    del unit
    whys = {
        one.intent_id: why_held(one.summary, settings.prices)
        for one in intents
        if one.kind == CENTRA_PRICE
    }
    return {key: why for key, why in whys.items() if why is not None}


def _row(wish: PriceWish) -> PriceRow:
    """One price for the whole product, or one for each variant."""
    variants = {} if wish.override else wish.prices
    return PriceRow(wish.product_id, wish.price, variants, wish.override)


def _kept(
    ends: Ends, claims: Sequence[Claim], drafts: Sequence[_PriceDraft]
) -> list[dict[str, str]]:
    """What is kept of each price that is set now."""
    at, hours = ends.clock(), ends.settings.prices.change_hours
    with ends.books.read() as unit:
        last = sent_prices(unit, [one.wish.reference for one in drafts])
        approved = [unit.intents.get(one.intent_id).approved for one in claims]
    return [
        detail_of(
            draft.wish,
            last.get(draft.wish.reference),
            draft.was,
            draft.rule,
            at=at,
            hours=hours,
            is_approved=is_approved,
        )
        for draft, is_approved in zip(drafts, approved, strict=True)
    ]


def _refusal(said: str) -> RecordError:
    return RecordError(
        f"Centra did not take the price: {said}",
        code="PRICE_REFUSED",
        fix="Correct what Centra names, in Visma.net or in Centra, then retry.",
    )


def _map(body: bytes, settings: Connection, context: MapContext) -> Draft | LeftOut:
    parts = parse_price_source(context.source_id)
    if len(parts) == 1:
        pricelist = PricelistSource.model_validate_json(body)
        if pricelist.name not in settings.prices.pricelists:
            return _NOT_NAMED
        return check_pricelist(pricelist)
    source = PriceSource.model_validate_json(body)
    if source.pricelist not in settings.prices.pricelists:
        return _NOT_NAMED
    if len(parts) > _OF_PRODUCT:
        return variant_to_trouble(source, int(parts[-1]), settings)
    wish = source_to_wish(source, settings)
    if isinstance(wish, LeftOut):
        return wish
    rule = settings.prices.pricelists[source.pricelist]
    draft = _PriceDraft(
        wish=wish,
        stands=stands(wish, source),
        was=price_was(wish, source),
        rule=rule_text(rule, source.currency),
    )
    return Draft(
        kind=CENTRA_PRICE,
        body=draft.model_dump_json().encode(),
        body_hash=draft.hash,
        reference=wish.reference,
        summary=price_summary(wish, source, rule),
        mapping_version=MAPPING_VERSION,
    )


_OF_PRODUCT = 2
"""Parts of a record's name that is of a whole product: pricelist and product."""


def _decide(unit: Unit, settings: Connection, row: DraftRow) -> Decision:
    """Write a price that Centra does not have, as far as that can be told."""
    del settings
    draft = _PriceDraft.model_validate_json(row.draft.body)
    link = unit.links.get("products", row.source_id)
    if draft.stands is not False:
        if link and draft.was_written(link) and is_untouched(unit, link):
            _keep_rule(unit, draft)
            return Decision()
        if link is None and draft.stands:
            _keep(unit, draft, detail_of_found(draft.wish, draft.rule))
            found = Sent(CENTRA_PRICE, draft.wish.reference, {"how": "found"})
            return Decision(adopt=found)
    return Decision(f"update:{row.revision}")


def _keep_rule(unit: Unit, draft: _PriceDraft) -> None:
    """Note that a price is right with the settings of now: it was set with others."""
    reference = draft.wish.reference
    for known in unit.index.find(CENTRA_PRICE, SENT, [reference]).get(reference, ()):
        if known.detail.get("rule") != draft.rule:
            _keep(unit, draft, {**known.detail, "rule": draft.rule})


def _keep(unit: Unit, draft: _PriceDraft, detail: dict[str, str]) -> None:
    reference = draft.wish.reference
    row = IndexRow(CENTRA_PRICE, SENT, reference, reference, detail)
    unit.index.put(CENTRA_PRICE, [row])


PRICES = Kind("price", CENTRA_PRICE, _map, _decide, PriceWriter())
