"""Totals: what both systems hold, read afresh through both APIs and compared.

Nothing here looks at links or intents: what stands in Visma.net is told by its
own order list, what was sold by Centra's, and only what is parked by the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from decimal import Decimal

import pandas as pd
from pydantic import BaseModel, ConfigDict

from connectors.centra import models as centra
from connectors.errors import RecordError
from mapping.credits import sale_total
from mapping.dates import document_date
from mapping.references import order_reference, shipment_reference
from mapping.refunds import left_out_of_refunds
from mapping.rounding import rounding_for
from mapping.scope import left_out
from settings.connection import Connection
from tasks.centra_orders import references_of
from tasks.direction import Ends
from tasks.environment import environment
from tasks.money_totals import delivered

__all__ = ["Totals", "TotalsRow", "read_totals"]

_ZERO = Decimal(0)


class TotalsRow(BaseModel):
    """One currency: what was sold, what stands in Visma.net, what is parked."""

    model_config = ConfigDict(frozen=True)

    currency: str
    orders: int
    centra: Decimal
    visma: Decimal
    parked: Decimal

    @property
    def difference(self) -> Decimal:
        """What nobody can explain; zero when both sides agree."""
        return self.centra - self.visma - self.parked


class Totals(BaseModel):
    """The comparison of a connection, and each order that is not explained."""

    rows: list[TotalsRow]
    unexplained: list[str]

    def as_json(self) -> dict[str, dict[str, str]]:
        """Decimal strings by currency, as `--json` prints them."""
        return {
            row.currency: {
                "centra": str(row.centra),
                "visma": str(row.visma),
                "parked": str(row.parked),
            }
            for row in self.rows
        }


async def read_totals(connection: str) -> Totals:
    """Read all orders of both systems and compare them, order by order."""
    env = environment()
    settings, books = env.connection(connection), env.books(connection)
    async with env.centra(settings) as shop, env.visma(settings) as erp:
        ends = Ends(settings, books, shop, erp, env.clock)
        standing = [row async for row in _standing(ends)]
        known = {reference for reference, _, _ in standing}
        sold = [row async for row in _sold(ends, known)]
        sold += [row async for row in _shipped(ends)]
    with books.begin() as unit:
        parked = {row.source_id for row in unit.exceptions.list("orders")}
        later = unit.exceptions.list("fulfilment")
        parked |= {f"shipment {row.source_id}" for row in later}
    return _compare(sold, standing, parked)


async def _sold(
    ends: Ends, known: set[str]
) -> AsyncIterator[tuple[str, str, str, Decimal]]:
    """(reference, number, currency, amount) of each order that belongs over there."""
    settings = ends.settings
    async for page in ends.centra.iter_order_pages():
        for read in page.orders:
            order = read.order
            names = references_of(settings, order.number)
            reference = next((name for name in names if name in known), names[0])
            if order.status == "CANCELLED" or _posts_invoices(order, settings):
                continue
            rule = left_out(order, settings, known=reference in known)
            if rule is None:
                currency = order.grand_total.currency.code
                yield reference, str(order.number), currency, _amount(order, settings)
        for lost in page.unreadable:
            reference = order_reference(settings.prefix, lost.number)
            yield reference, str(lost.number), "?", _ZERO


async def _shipped(ends: Ends) -> AsyncIterator[tuple[str, str, str, Decimal]]:
    """The same of each shipment, where each becomes an invoice."""
    settings = ends.settings
    if all(store.post_as != "invoice" for store in settings.stores.values()):
        return
    async for page in ends.centra.iter_sale_pages():
        for found in page.found:
            sale = found.model
            if not _posts_invoices(sale, settings):
                continue
            on = document_date(sale.order_date, settings.zone)
            if left_out_of_refunds(sale, on, settings, known=False) is not None:
                continue
            for one in sale.shipments:
                if one.is_shipped:
                    reference = shipment_reference(settings.prefix, one.id)
                    amount = delivered(sale, one, settings)
                    currency = sale.grand_total.currency.code
                    yield reference, f"shipment {one.id}", currency, amount


def _posts_invoices(order: centra.Order, settings: Connection) -> bool:
    store = settings.store(order.store.name or "") if order.store else None
    return store is not None and store.post_as == "invoice"


async def _standing(ends: Ends) -> AsyncIterator[tuple[str, str, Decimal]]:
    """(reference, currency, total) of each document that an order may have become."""
    async for page in ends.visma.iter_sales_order_pages():
        for row in page:
            if row.customer_order and row.status != "Cancelled":
                yield row.customer_order, row.currency, row.order_total
    async for invoices in ends.visma.iter_invoice_pages():
        for invoice in invoices:
            reference = invoice.external_reference or invoice.customer_ref_number
            if any(line.so_order_nbr for line in invoice.lines):
                continue  # its sales order stands for it
            if reference and invoice.amount is not None:
                yield reference, invoice.currency_id or "", invoice.amount


def _amount(order: centra.Order, settings: Connection) -> Decimal:
    """What was sold; of an order that does not add up, what Centra says it is."""
    currency = order.grand_total.currency
    try:
        return sale_total(order, settings, rounding_for(currency.code, settings)).total
    except RecordError:
        return order.grand_total.value


def _compare(
    sold: list[tuple[str, str, str, Decimal]],
    standing: list[tuple[str, str, Decimal]],
    parked: set[str],
) -> Totals:
    """Merge both sides order by order; money stays Decimal in object columns."""
    ours = pd.DataFrame(sold, columns=["reference", "number", "currency", "centra"])
    theirs = pd.DataFrame(standing, columns=["reference", "currency", "visma"])
    theirs = theirs[theirs["reference"].isin(set(ours["reference"]))]
    summed = theirs.groupby(["reference", "currency"], as_index=False).agg(
        {"visma": "sum"}
    )
    both = ours.merge(summed, how="outer", on=["reference", "currency"])
    amounts: dict[str, list[tuple[Decimal, Decimal, Decimal]]] = defaultdict(list)
    unexplained = []
    for row in both.to_dict("records"):
        centra_side = _ZERO if pd.isna(row["centra"]) else Decimal(row["centra"])
        visma_side = _ZERO if pd.isna(row["visma"]) else Decimal(row["visma"])
        waiting = centra_side - visma_side if row["number"] in parked else _ZERO
        amounts[str(row["currency"])].append((centra_side, visma_side, waiting))
        if centra_side != visma_side + waiting:
            unexplained.append(
                f"{row['reference']}: Centra {centra_side}, "
                f"Visma.net {visma_side} {row['currency']}"
            )
    rows = [_summed(currency, triples) for currency, triples in sorted(amounts.items())]
    return Totals(rows=rows, unexplained=unexplained)


def _summed(
    currency: str, triples: Sequence[tuple[Decimal, Decimal, Decimal]]
) -> TotalsRow:
    """Sums with the same digits, so that nothing is 0.00 and not 0."""
    zero = sum((amount for one in triples for amount in one), _ZERO) * 0
    return TotalsRow(
        currency=currency,
        orders=len(triples),
        centra=sum((one[0] for one in triples), zero),
        visma=sum((one[1] for one in triples), zero),
        parked=sum((one[2] for one in triples), zero),
    )
