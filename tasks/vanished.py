"""Stops before a list that lacks much of what it had: more than people take away in a day.

What is missing of a whole list counts as gone, so a list of the wrong company, or of a
user who may not see all of it, must not pass for one.
"""

from __future__ import annotations

from decimal import Decimal

from connectors.errors import AbortError

__all__ = ["CENTRA", "FEW", "VISMA", "refuse_loss"]

FEW = 10
"""So many are never too many by their share alone."""


VISMA = (
    "check that visma.tenant_id leads to the right company and that the application may "
    "see all of it"
)
CENTRA = "check that centra.url leads to the right store and that its token may see all"


def refuse_loss(
    what: str, gone: int, known: int, share: Decimal, *, setting: str, advice: str
) -> None:
    """Stop when more than a share of what was known is missing, or all of it.

    `what` names the list and what it has, as "Visma.net's list of items has"; `advice`
    what to look at, `VISMA` or `CENTRA`.

    Raises:
        AbortError: It lacks too much; a person looks, and may raise `setting`.
    """
    if not known or not gone:
        return
    if (gone < known and gone <= FEW) or Decimal(gone) / known <= share:
        return
    if gone == known:
        message = (
            f"{what} nothing any more, and {known} were known before: {advice}; nothing "
            f"was changed in Centra; if all are gone, set {setting} to 1 for one full run"
        )
        raise AbortError(message)
    message = (
        f"{what} only {known - gone} of the {known} that were known before, and more than "
        f"{setting} = {share} are missing: nothing was taken as gone and nothing was "
        f"changed in Centra; {advice}; if they are gone, set {setting} higher for one "
        "full run"
    )
    raise AbortError(message)
