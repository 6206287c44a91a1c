"""What is known of a group beside its amounts: what was sent, what was ordered, what waits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mapping.certificate import Cause, Entry, Pair
from mapping.certificate_facts import Facts, Known
from mapping.certificate_groups import Group, agreed_orders, customers_of

__all__ = ["Evidence", "gross_of", "known_of", "room_of"]


class Evidence:
    """What the ledger knows, and what the other groups say."""

    def __init__(self, facts: Facts, among: Iterable[Group] = ()) -> None:
        """Judge by what the ledger knows; `among` are groups of other days, too."""
        groups = list(among)
        self.facts = facts
        self._customers = customers_of(groups)
        self._agreed = agreed_orders(groups)

    def sent(self, group: Group) -> int | None:
        """What was sent last of all of it; None if that is not known of a part."""
        sent = [self.facts.sent.get((group.pair, key)) for key in group.keys]
        return None if None in sent or not sent else sum(one or 0 for one in sent)

    def was_sent(self, group: Group) -> bool:
        """Whether the connector itself wrote any of it."""
        return any((group.pair, key) in self.facts.sent for key in group.keys)

    def order_agrees(self, group: Group) -> bool:
        """Whether it is an invoice of sales orders that agree with Centra."""
        return group.pair == "delivered" and self._agreed.keys() >= set(group.orders)

    def customers(self, group: Group) -> set[str]:
        """Whose documents a group's must be; none, where nobody can say.

        The customer of the settings, or the one that the ledger links to the buyer, and
        whoever they were written for. Where it knows none, that of the order's other
        documents.
        """
        facts = self.facts
        due = {entry.customer for entry in group.centra if entry.customer}
        for entry in group.centra:
            due |= facts.numbers_of.get(entry.buyer, frozenset())
        for order in group.orders:
            due |= facts.posted_to.get(order, frozenset())
        if due:
            return due
        own = {entry.number for entry in group.visma}
        return {
            customer
            for order in group.orders
            for number, customer in self._customers.get(order, ())
            if number not in own
        }

    def who_changed(self, group: Group) -> Cause:
        """What was sent, or ordered, as it should be was changed in Visma.net since."""
        was_right = self.was_sent(group) or self.order_agrees(group)
        return Cause.CHANGED_IN_VISMA if was_right else Cause.UNEXPLAINED

    def is_exact(self, group: Group) -> bool:
        """Whether both sides must come to the same minor unit: nothing was split or guessed.

        What the connector wrote was predicted before it was sent. What Visma.net made of
        sales orders may be as far apart as rounding has it, if line by line it is what
        they are; where it is not, somebody changed it.
        """
        if all(entry.key for entry in group.visma):
            sent = self.sent(group)
            return group.is_ours or sent == gross_of(group.centra)
        return group.ordered is None


def known_of(table: Mapping[tuple[Pair, str], Known], group: Group) -> Known | None:
    """What a table says of one of a group's keys or orders."""
    names = [*group.keys, *map(str, group.orders)]
    return next((table[group.pair, n] for n in names if (group.pair, n) in table), None)


def gross_of(entries: Iterable[Entry]) -> int:
    """The sum of entries, VAT included, in minor units."""
    return sum(entry.gross for entry in entries)


def room_of(group: Group) -> int:
    """How far rounding by line may be from rounding of the whole, in minor units."""
    return sum(entry.room for entry in group.centra)
