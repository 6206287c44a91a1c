"""Checks: prove that every setting that the last orders need is there.

Asks both systems, maps the orders of the last days without sending anything, and
says for each thing that is wrong what to do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from connectors.centra.client import CentraClient
from connectors.errors import ConfigError, RecordError
from connectors.visma.client import VismaClient
from mapping.counting import counted
from mapping.drafts import SalesOrderDraft
from mapping.orders import order_to_sales_order
from mapping.scope import left_out, store_of
from settings.connection import Connection
from tasks.after_sales_checks import (
    after_sales_rows,
    clearing_rows,
    invoice_item_rows,
)
from tasks.check_rows import CheckReport, CheckRow, listed, row
from tasks.environment import Environment, environment
from tasks.hand_moves import off_until
from tasks.oss_checks import oss_rows
from tasks.price_checks import price_rows
from tasks.product_checks import product_rows
from tasks.rate_checks import ForeignOrders, rate_rows
from tasks.return_checks import return_item_rows, return_type_rows
from tasks.settlement_checks import settlement_rows
from tasks.shipping_checks import shipping_rows
from tasks.stock_adjustment_checks import adjustment_rows
from tasks.stock_checks import stock_rows
from tasks.stock_view import stock_of, unmapped
from tasks.vat_checks import VatNeeds, read_vat_setup, vat_rows

__all__ = ["check_connection"]


async def check_connection(name: str, *, days: int) -> CheckReport:
    """Check a connection against both systems and its last `days` of orders.

    Raises:
        ConfigError: The settings, a credential or a permission is wrong.
        RetryableError: One of the systems cannot answer now.
    """
    env = environment()
    settings = env.connection(name)
    report = CheckReport(connection=name)
    async with (
        env.centra(settings) as centra,
        env.visma(settings, fresh_login=True) as visma,
    ):
        report.rows += await _centra_rows(settings, centra)
        report.rows += await _visma_rows(settings, visma)
        pages = visma.iter_item_pages(details=settings.products.style_from is not None)
        found = [one async for page in pages for one in page]
        items = {one.inventory_number for one in found}
        report.rows += listed("item", _fixed_items(settings), items, "in Visma.net")
        report.rows += invoice_item_rows(settings, found)
        report.rows += return_item_rows(settings, found)
        zone = ZoneInfo(settings.time_zone)
        today = env.clock().astimezone(zone).date()
        report.rows += await price_rows(settings, centra, visma, found, today)
        report.rows += await product_rows(settings, centra, found)
        since = env.clock() - timedelta(days=days)
        report.rows += await after_sales_rows(settings, centra, since)
        others = _other_connections(env, name)
        report.rows += await stock_rows(settings, others, centra, visma)
        report.rows += _unmapped_rows(env, name)
        with env.books(name).read() as unit:
            off = off_until(unit)
        report.rows += await adjustment_rows(settings, centra, visma, since, off)
        needs, foreign = VatNeeds(), ForeignOrders(settings)
        report.rows += await _order_rows(
            settings, centra, items, since, days, needs, foreign
        )
        setup = await read_vat_setup(visma)
        report.rows += vat_rows(settings, setup, needs, today, days)
        report.rows += oss_rows(settings, await visma.get_branches(), needs)
    report.rows += await rate_rows(env, settings, foreign)
    return report


def _unmapped_rows(env: Environment, name: str) -> Iterator[CheckRow]:
    """Warehouses that were set once and are not mapped any more."""
    for warehouse, found in unmapped(stock_of(env, name).shelves).items():
        yield CheckRow(
            what=f"warehouse {warehouse}",
            state="warning",
            found=found,
            fix="Set its stock to nothing in AMS, or map it in [stock.warehouses] again.",
        )


def _other_connections(env: Environment, name: str) -> list[Connection]:
    """The other connections of the installation, as far as they can be read."""
    found = []
    for other in env.names():
        if other == name:
            continue
        with suppress(ConfigError):
            found.append(env.connection(other))
    return found


async def _centra_rows(settings: Connection, centra: CentraClient) -> list[CheckRow]:
    stores = {store.name or "" for store in await centra.get_stores()}
    currencies = {one.code for one in await centra.get_currencies()}
    named = [name for name in settings.stores if name != "*"]
    rows = [
        row(
            "Centra token",
            f"sees {counted(len(stores), 'store')}: {', '.join(sorted(stores))}",
        )
    ]
    rows.append(await _event_row(centra))
    rows += listed("store", named, stores, "in Centra")
    rows += listed("currency", settings.currencies, currencies, "in Centra")
    return rows


async def _visma_rows(settings: Connection, visma: VismaClient) -> list[CheckRow]:
    branches = await visma.verify_company()
    rows = [
        row("Visma.net company", ", ".join(one.name or one.number for one in branches))
    ]
    if settings.visma.branch:
        numbers = {one.number for one in branches}
        rows += listed("branch", [settings.visma.branch], numbers)
    rows.append(await _sales_order_row(visma))
    stores = settings.stores.values()
    types = [one for one in await visma.get_order_types() if one.active]
    order_types = {one.order_type for one in types}
    rows += listed("order type", {one.order_type for one in stores}, order_types)
    rows += return_type_rows(settings, types)
    warehouses = {
        one.warehouse_id for one in await visma.get_warehouses() if one.active
    }
    named = {one.warehouse for one in stores if one.warehouse}
    rows += listed("warehouse", named, warehouses)
    methods = {one.payment_method_id for one in await visma.get_payment_methods()}
    wanted = {one.method for one in settings.payment_methods.values()}
    rows += listed("payment method", wanted, methods)
    rows += clearing_rows(settings, await visma.get_cash_accounts())
    rows += await settlement_rows(settings, visma)
    rows += await shipping_rows(settings, visma, types)
    terms = {one.terms_id for one in await visma.get_credit_terms()}
    rows += listed("credit terms", set(settings.customers.terms.values()), terms)
    currencies = await visma.get_currencies()
    rows += listed("currency", settings.currencies, {one.id for one in currencies})
    base = {one.id for one in currencies if one.is_base_currency}
    rows += _base_rows(settings.base_currency, base)
    rows += await _customer_rows(settings, visma)
    return rows


async def _event_row(centra: CentraClient) -> CheckRow:
    """Events are what wakes the schedules; a run fails without either permission."""
    try:
        await centra.prove_event_access()
    except ConfigError as error:
        fix = "Give the Centra token Event:read and Event:write."
        return row("Centra events", error.message, fix)
    return row("Centra events", "can be read and confirmed")


async def _sales_order_row(visma: VismaClient) -> CheckRow:
    """The SalesOrder service has an address and scopes of its own."""
    pages = visma.iter_sales_order_pages(page_size=1)
    try:
        await anext(pages, None)
    except ConfigError as error:
        fix = "Correct visma.salesorder_url, or add the SalesOrder API to the application."
        return row("Visma.net sales orders", error.message, fix)
    return row("Visma.net sales orders", "can be read")


def _base_rows(wanted: str, base: set[str]) -> Iterator[CheckRow]:
    """Another base currency means another company than the settings are for."""
    if base and wanted not in base:
        found = f"the company keeps its books in {', '.join(sorted(base))}"
        fix = "Correct base_currency; or visma.tenant_id leads to another company."
        yield row(f"base currency {wanted}", found, fix)


async def _customer_rows(settings: Connection, visma: VismaClient) -> list[CheckRow]:
    rules = settings.customers
    classes = {one.id: one for one in await visma.get_customer_classes()}
    wanted = {
        rules.class_dtc,
        rules.class_wholesale,
        *rules.classes_by_country.values(),
    }
    rows = listed("customer class", wanted, set(classes))
    for name in sorted(wanted & set(classes)):
        has = {one.attribute_id for one in classes[name].attributes}
        if rules.attribute not in has:
            fix = f"Create the attribute and add it to class {name} in Visma.net."
            rows.append(
                row(f"attribute {rules.attribute}", f"not on class {name}", fix)
            )
    numbers = {
        one.number for store in settings.stores.values() for one in store.collective
    }
    for number in sorted(numbers):
        rows += await _collective_rows(visma, number)
    return rows


async def _collective_rows(visma: VismaClient, number: str) -> list[CheckRow]:
    what = f"collective customer {number}"
    try:
        customer = await visma.get_customer(number)
    except RecordError:
        return [row(what, "is not in Visma.net", "Create it, or correct the setting.")]
    if customer.status != "Active":
        return [row(what, f"is {customer.status}", "Set it to Active in Visma.net.")]
    sends = {
        "printed": customer.print_invoices,
        "e-mailed": customer.send_invoices_by_email,
        "sent as e-invoices": customer.accept_auto_invoices,
    }
    on = [name for name, is_on in sends.items() if is_on]
    if on:
        found = f"its documents are {', '.join(on)}"
        fix = "Turn that off on the customer: consumers are never mailed from the ERP."
        return [CheckRow(what=what, state="warning", found=found, fix=fix)]
    return [row(what, customer.name or "there")]


async def _order_rows(
    settings: Connection,
    centra: CentraClient,
    items: set[str],
    since: datetime,
    days: int,
    needs: VatNeeds,
    foreign: ForeignOrders,
) -> list[CheckRow]:
    """Map the last orders and say what would be parked, grouped by what to do.

    What VAT they need is noted in `needs`, which rates in `foreign`.
    """
    wrong: Counter[tuple[str, str]] = Counter()
    first: dict[tuple[str, str], str] = {}
    good = out = 0
    async for page in centra.iter_order_pages(updated_from=since):
        for read in page.orders:
            try:
                if left_out(read.order, settings):
                    out += 1
                    continue
                needs.note(read.order, settings)
                draft = order_to_sales_order(read.order, connection=settings)
                if store_of(read.order, settings).post_as == "sales_order":
                    _refuse_unknown_items(read.order.number, draft, items)
                foreign.note(read.order)
                good += 1
            except RecordError as error:
                key = (error.code, error.fix)
                wrong[key] += 1
                first.setdefault(key, error.message)
    found = f"{good} can be carried over, {out} are left out by rule"
    rows = [row(f"orders of {days} days", found)]
    for (code, fix), count in wrong.most_common():
        rows.append(row(code, f"{count} would be parked: {first[code, fix]}", fix))
    return rows


def _refuse_unknown_items(number: int, draft: SalesOrderDraft, items: set[str]) -> None:
    for line in draft.sales_order.order_lines:
        if line.inventory_id not in items:
            message = f"order {number} has item {line.inventory_id}"
            raise RecordError(
                f"{message}, which is not in Visma.net",
                code="ITEM_UNKNOWN",
                fix="Create the items in Visma.net, or map them under [orders.items].",
            )


def _fixed_items(settings: Connection) -> set[str]:
    rules = settings.orders
    return {
        rules.shipping_item,
        rules.handling_item,
        rules.gift_certificate_item,
        rules.rounding_item,
    }
