"""The words of a difference: whose it is, what it is of, and the id by which it can be signed."""

from __future__ import annotations

from collections.abc import Mapping

from mapping.certificate import Cause, Pair, signable_id
from mapping.certificate_groups import Group
from mapping.certificate_inside import Finding

__all__ = ["NOUN", "OWNERS", "difference_id", "title_of"]


OWNERS: Mapping[Cause, str] = {
    Cause.IN_FLIGHT: "the connector: it goes by itself, unless it is over age",
    Cause.PARKED: "whoever works the exceptions list",
    Cause.IN_DOUBT: "the connector: it is looked for; then the exceptions list",
    Cause.SHIFTED_PERIOD: "finance",
    Cause.CHANGED_IN_VISMA: "finance",
    Cause.CHANGED_IN_CENTRA: "the shop's staff",
    Cause.UNKNOWN_DOCUMENT: "finance",
    Cause.ROUNDING: "nobody: computed in advance",
    Cause.RATE: "finance",
    Cause.OUTSIDE_CENTRA: "the shop's staff",
    Cause.LEFT_OUT: "whoever keeps the settings",
    Cause.UNEXPLAINED: "finance and whoever runs the connector",
}
"""Who has to do something about a difference of each cause."""


NOUN: Mapping[Pair, tuple[str, str]] = {
    "delivered": ("shipment", "invoice"),
    "credited": ("return or allowance", "credit note"),
    "ordered": ("order", "sales order"),
    "paid": ("payment entry", "payment"),
    "settled": ("payout", "journal"),
}


def title_of(group: Group) -> str:
    """What a difference is of: labels of Centra, and nouns and numbers of Visma.net."""
    ours = ", ".join(dict.fromkeys(entry.number for entry in group.centra))
    numbers: dict[str, set[str]] = {}
    for entry in group.visma:
        # an invoice may stand for the whole of an order
        noun = entry.kind if group.pair == "ordered" else NOUN[group.pair][1]
        numbers.setdefault(noun, set()).add(entry.number)
    for entry in group.undone:
        numbers.setdefault(entry.kind, set()).add(entry.number)
    theirs = ", ".join(
        f"{noun} {', '.join(sorted(own))}" for noun, own in numbers.items()
    )
    orders = ", ".join(str(one) for one in group.orders)
    here = ours or (f"order {orders}" if orders else "")
    return " / ".join(one for one in (here, theirs) if one)


def difference_id(group: Group, finding: Finding) -> str:
    """Stays the same from run to run as long as it is the same difference, for the same reason.

    What is under way is so for another reason each time.
    """
    cause = finding.cause
    told = [cause, group.pair, group.currency, *map(str, group.orders), *group.keys]
    told += [*sorted({entry.number for entry in group.visma}), str(finding.amount)]
    told += [] if cause is Cause.IN_FLIGHT else [finding.why]
    return signable_id(told)
