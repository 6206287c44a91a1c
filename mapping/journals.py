"""The journal of a payout as people read it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from mapping.money import minor_unit
from mapping.payout_models import PayoutDraft
from mapping.rounding import ZERO

__all__ = ["journal_lines"]


def journal_lines(
    draft: PayoutDraft, accounts: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """The lines of a journal; `accounts` names the ledger's behind cash accounts."""
    behind = accounts or {}
    method = draft.description.partition(" payout ")[0]
    return [
        {
            "account": behind.get(one.account, one.account),
            "what": f"clearing {method}" if one.part == "clearing" else one.part,
            "reference": one.text,
            "debit": _text(one.amount, draft) if one.amount > ZERO else "",
            "credit": _text(-one.amount, draft) if one.amount < ZERO else "",
        }
        for one in draft.parts
    ]


def _text(amount: Decimal, draft: PayoutDraft) -> str:
    """An amount with the digits of its currency, unless it is finer."""
    even = amount.quantize(minor_unit(draft.currency))
    return f"{even:f}" if even == amount else f"{amount:f}"
