"""The journals of payouts as people read them: before they are sent, and as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from ledger import ErasedError, IntentRow, Unit
from mapping.journals import journal_lines
from mapping.payout_models import PayoutDraft
from tasks.environment import environment
from tasks.payout_writer import ledger_accounts
from tasks.payouts import DIRECTION

__all__ = ["journals_of"]

_LINE = re.compile(r"#[0-9a-f]{20}-\d+$")
"""What the id of a line has after that of its payout."""
_OVER = "superseded"


async def journals_of(connection: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """The journals that payouts become, or became: one each, in the order of `ids`.

    `journal` is its number at Visma.net, None before it is made. Amounts are decimal
    strings. A payout that is parked has none.
    """
    env = environment()
    found: list[tuple[IntentRow, PayoutDraft, Decimal | None]] = []
    with env.books(connection).read() as unit:
        for one in ids:
            if not _LINE.search(one):
                found += _journal_of(unit, one)
    if not found:
        return []
    async with env.visma(env.connection(connection)) as visma:
        accounts = ledger_accounts(await visma.get_cash_accounts())
    return [
        {
            "payout": intent.label,
            "journal": intent.target_id,
            "state": intent.state,
            "reference": draft.reference,
            "date": draft.on.isoformat(),
            "period": draft.period,
            "currency": draft.currency,
            "rate": f"{draft.rate.rate:f}" if draft.rate else None,
            "paid": f"{draft.paid:f}",
            "paid_in_base": None if base is None else f"{base:f}",
            "lines": journal_lines(draft, accounts),
        }
        for intent, draft, base in found
    ]


def _journal_of(
    unit: Unit, source_id: str
) -> Iterator[tuple[IntentRow, PayoutDraft, Decimal | None]]:
    """The intent that counts of a payout, with its journal and what its base came to."""
    intents = [
        one
        for one in unit.intents.of_source(DIRECTION, source_id)
        if one.state != _OVER
    ]
    if not intents:
        return
    stamp = unit.rates.of_source(DIRECTION, source_id)
    base = stamp.booked.amount if stamp and stamp.booked else None
    try:
        _, body = unit.intents.evidence(intents[-1].intent_id)
    except ErasedError:
        return
    yield intents[-1], PayoutDraft.model_validate_json(body), base
