"""Checks of what returns need in Visma.net: an order type, a reason, items of charges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.visma.item_models import Item
from connectors.visma.tables import OrderType
from settings.connection import Connection
from tasks.check_rows import CheckRow

__all__ = ["return_item_rows", "return_type_rows"]

_RETURNS = frozenset({"RMAOrder", "CreditMemo"})


def return_type_rows(
    settings: Connection, types: Sequence[OrderType]
) -> Iterator[CheckRow]:
    """Check the type of return orders, where a store keeps its stock in Visma.net."""
    if all(one.post_as == "invoice" for one in settings.stores.values()):
        return
    wanted = settings.returns.order_type
    what = f"return order type {wanted}"
    found = next((one for one in types if one.order_type == wanted), None)
    if found is None:
        fix = "Switch it on in Visma.net, or name another as returns.order_type."
        yield CheckRow(what=what, state="warning", found="is not there", fix=fix)
        return
    if found.behavior not in _RETURNS:
        yield CheckRow(
            what=what,
            state="warning",
            found=f"behaves as {found.behavior}, which takes no goods back",
            fix="Name a type for returns as returns.order_type, such as RC.",
        )
        return
    if settings.returns.reason_code is None:
        yield CheckRow(
            what=what,
            state="warning",
            found="may ask for a reason on each line, and the settings name none",
            fix="Set returns.reason_code to one of Visma.net's reason codes.",
        )
        return
    yield CheckRow(what=what, state="ok", found=f"behaves as {found.behavior}", fix="")


def return_item_rows(settings: Connection, items: Sequence[Item]) -> Iterator[CheckRow]:
    """Check the items of return cost, allowance and credit given back."""
    rules = settings.returns
    wanted = {rules.return_cost_item, rules.allowance_item, rules.compensation_item}
    is_stock = {one.inventory_number: one.stock_item for one in items}
    wrong = False
    for number in sorted(wanted):
        if is_stock.get(number) is False:
            continue
        wrong = True
        there = number in is_stock
        yield CheckRow(
            what=f"item of returns {number}",
            state="warning",
            found="is a stock item" if there else "is not in Visma.net",
            fix="Create it as a non-stock item that takes a negative quantity, or name "
            "another under [returns].",
        )
    if not wrong:
        found = ", ".join(sorted(wanted))
        yield CheckRow(what="items of returns", state="ok", found=found, fix="")
