"""Checks of what comes after an order: attribute types, permissions, cash accounts.

What is missing there stops one direction and not the others, so it is a warning.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import datetime
from typing import Any

from connectors.centra.client import CentraClient
from connectors.centra.integration import AttributeType
from connectors.errors import ConfigError
from connectors.visma.item_models import Item
from connectors.visma.tables import CashAccount
from settings.connection import Connection
from tasks.check_rows import CheckRow, doubtful
from tasks.permissions import write_permissions

__all__ = [
    "after_sales_rows",
    "attribute_rows",
    "clearing_rows",
    "invoice_item_rows",
]


async def after_sales_rows(
    settings: Connection, centra: CentraClient, since: datetime
) -> list[CheckRow]:
    """Check what the directions after the order need in Centra, by reading only."""
    shipments = centra.iter_sale_pages(updated_from=since)
    returns = centra.iter_return_pages(created_from=since)
    rows = [
        await _readable("shipments", shipments, "Shipment:read"),
        await _readable("returns", returns, "Return:read"),
    ]
    try:
        types = await centra.get_attribute_types()
    except ConfigError as error:
        fix = "Give the Centra token Attribute:read, to check the attribute types."
        rows.append(doubtful("attribute types", error.message, fix))
    else:
        rows += attribute_rows(settings, types)
    needed = ", ".join(write_permissions(settings))
    rows.append(_ok("permissions to write", f"needed in Centra: {needed}"))
    return rows


def attribute_rows(
    settings: Connection, types: Sequence[AttributeType]
) -> Iterator[CheckRow]:
    """Check that each attribute that a direction writes is set up in Centra."""
    known = {
        (one.object_type, one.name, element.key)
        for one in types
        for element in one.elements
    }
    for direction, object_type, name, element in _wanted(settings):
        what = f"attribute {name} of {object_type}"
        if (object_type, name, element) in known:
            yield _ok(what, f"has the element {element}")
            continue
        has_type = any(key[:2] == (object_type, name) for key in known)
        found = f"has no element '{element}'" if has_type else "is not set up in Centra"
        fix = (
            f"Have it set up for {object_type} with a text element '{element}', or "
            f"name another one under [{direction}]; until then {direction} fails."
        )
        yield doubtful(what, found, fix)


def clearing_rows(
    settings: Connection, accounts: Sequence[CashAccount]
) -> Iterator[CheckRow]:
    """Check that each payment method has a clearing account in each currency."""
    currency_of = {one.number: one.currency for one in accounts}
    for name, method in settings.payment_methods.items():
        wanted = {
            currency: account
            for currency in settings.currencies
            if (account := method.cash_account_in(currency)) is not None
        }
        wrong = [
            f"{account} is none, for {currency}"
            if account not in currency_of
            else f"{account} is kept in {currency_of[account]}, not in {currency}"
            for currency, account in wanted.items()
            if currency_of.get(account) != currency
        ]
        what = f"cash accounts of {name}"
        if wrong:
            fix = (
                f'Name one for each currency: [payment_methods."{name}"] cash_accounts '
                '= { EUR = "..." }; until then payments in the others are parked.'
            )
            yield doubtful(what, "; ".join(wrong), fix)
        elif wanted:
            yield _ok(what, ", ".join(dict.fromkeys(wanted.values())))
        else:
            yield _ok(what, "none: its payments are not booked")


def invoice_item_rows(
    settings: Connection, items: Sequence[Item]
) -> Iterator[CheckRow]:
    """Check that what stands on direct invoices is no stock: Visma.net refuses it."""
    if all(store.post_as != "invoice" for store in settings.stores.values()):
        return
    is_stock = {one.inventory_number: one.stock_item for one in items}
    rules, returns = settings.orders, settings.returns
    wanted = [
        *(rules.shipping_item, rules.handling_item, rules.rounding_item),
        *(rules.gift_certificate_item, returns.return_cost_item),
        returns.allowance_item,
    ]
    if rules.invoice_lines == "item":
        wanted += [rules.invoice_item, *rules.invoice_items.values()]
    wrong = False
    for number in sorted(set(wanted)):
        if number not in is_stock:
            found, fix = "is not in Visma.net", "Create it as a non-stock item."
        elif is_stock[number]:
            found = "is a stock item, which direct invoices do not take"
            fix = "Name a non-stock item in the settings."
        else:
            continue
        wrong = True
        yield CheckRow(
            what=f"invoice item {number}", state="wrong", found=found, fix=fix
        )
    if not wrong:
        yield _ok("items of invoices", ", ".join(sorted(set(wanted))))


def _wanted(settings: Connection) -> Iterator[tuple[str, str, str, str]]:
    invoices, notes = settings.invoices, settings.credit_notes
    yield "invoices", "Order", invoices.attribute, invoices.element
    yield "credit_notes", "Order", notes.attribute, notes.element
    credit = settings.credit_status
    if credit.enabled:
        yield "credit_status", "Account", credit.attribute, credit.element


async def _readable(what: str, pages: AsyncIterator[Any], permission: str) -> CheckRow:
    """Read one page."""
    try:
        page = await anext(pages, None)
    except ConfigError as error:
        return doubtful(what, error.message, f"Give the Centra token {permission}.")
    count = len(page.found) if page else 0
    return _ok(what, f"can be read ({count} on the first page)")


def _ok(what: str, found: str) -> CheckRow:
    return CheckRow(what=what, state="ok", found=found)
