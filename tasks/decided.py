"""What a link says is true only while nothing was sent after it."""

from __future__ import annotations

from ledger import LinkRow, Unit

__all__ = ["is_untouched"]


def is_untouched(unit: Unit, link: LinkRow) -> bool:
    """Whether the document still is as the link says it was written.

    A change that was sent later, and is in doubt, refused half-way or given up, may
    have reached the document: going back to the former state is a change, too.
    """
    return not any(
        one.sent_at is not None
        and one.state != "confirmed"
        and one.revision > link.revision
        for one in unit.intents.of_source(link.direction, link.source_id)
    )
