"""The books of a company as the control API shows them."""

from collections.abc import Mapping
from decimal import Decimal

from sandbox.visma.company import Company
from sandbox.visma.goods_records import StockDocument
from sandbox.visma.ledger_records import Application, Invoice, Payment, Shipment
from sandbox.visma.order_views import line_view, row, tax_view

__all__ = ["state_of"]

_FLAGS = ("dontPrint", "dontEmail", "excludeDebtCollection", "sendToAutoInvoice")


def state_of(company: Company, *, full: bool) -> dict[str, object]:
    """Return the counts and balances, and with `full` the documents themselves."""
    books = company.books
    counts: dict[str, object] = {
        "sales_orders": len(company.orders),
        "customers": len(company.customers),
        "items": len(company.items),
        "shipments": len(books.shipments),
        "invoices": len(books.invoices),
        "credit_notes": len(books.credit_notes),
        "payments": len(books.payments),
        "prices": len(company.goods.prices),
        "adjustments": len(company.goods.documents["Adjustment"]),
        "issues": len(company.goods.documents["Issue"]),
        "receipts": len(company.goods.documents["Receipt"]),
        "balances": {
            "customers": _by_name(books.journal.customers),
            "accounts": _by_name(books.journal.accounts),
            "accounts_in_base": {
                account: amount
                for account, amount in sorted(books.journal.accounts_in_base.items())
                if amount
            },
        },
    }
    return counts | {"documents": _documents(company)} if full else counts


def _by_name(
    sums: Mapping[tuple[str, str], Decimal],
) -> dict[str, dict[str, Decimal]]:
    """Return sums as name, then currency; what comes to nothing is left out."""
    shown: dict[str, dict[str, Decimal]] = {}
    for (name, currency), amount in sorted(sums.items()):
        if amount:
            shown.setdefault(name, {})[currency] = amount
    return shown


def _documents(company: Company) -> dict[str, object]:
    books = company.books
    return {
        "sales_orders": [
            row(order, "")
            | {
                "taxableTotal": order.totals.taxable_total,
                "taxExemptTotal": order.totals.exempt_total,
                "taxZoneId": order.vat_zone,
                "lines": [line_view(company, order, line) for line in order.lines],
                "taxes": [tax_view(tax) for tax in order.totals.taxes],
            }
            for order in company.orders
        ],
        "customers": [
            {
                "number": customer.number,
                "name": customer.name,
                "status": customer.status,
                "customerClassId": customer.customer_class,
                "currencyId": customer.currency,
                "email": customer.main_contact.email,
                "corporateId": customer.corporate_id,
                "vatRegistrationId": customer.vat_registration_id,
                "vatZoneId": customer.vat_zone,
                "creditLimit": customer.credit_limit,
                "attributes": customer.attributes,
            }
            for customer in company.customers.values()
        ],
        "invoices": [
            _document(document)
            for kept in (books.invoices, books.credit_notes)
            for document in kept.values()
        ],
        "shipments": [_shipment(shipment) for shipment in books.shipments.values()],
        "payments": [_payment(payment) for payment in books.payments.values()],
        "stock_documents": [
            _stock_document(document)
            for kept in company.goods.documents.values()
            for document in kept.values()
        ],
        "stock": {
            item.number: {
                position.warehouse: vars(position.figures)
                for position in company.goods.positions(item, company.setup.warehouses)
            }
            for item in company.items.values()
            if item.stock
        },
        "journal": [
            {
                "document": " ".join(entry.document),
                "customer": entry.customer,
                "currency": entry.currency,
                "date": entry.on.isoformat(),
                "period": entry.period,
                "postings": [
                    {
                        "account": one.account,
                        "amount": one.amount,
                        "base": one.base,
                        "vatId": one.vat_id,
                    }
                    for one in entry.postings
                ],
            }
            for entry in books.journal
        ],
    }


def _document(document: Invoice) -> dict[str, object]:
    return {
        "kind": document.kind,
        "number": document.number,
        "customer": document.customer,
        "currency": document.currency,
        "exchangeRate": document.rate,
        "date": document.on.isoformat(),
        "dueDate": document.due_on.isoformat(),
        "period": document.period,
        "gross": document.gross,
        "vat": document.vat,
        "balance": document.balance,
        "status": document.status,
        "vatZoneId": document.vat_zone,
        "customerRefNumber": document.customer_ref_number,
        "externalReference": document.external_reference,
        "flags": {
            name: document.extra[name] for name in _FLAGS if name in document.extra
        },
        "orders": [list(key) for key in document.orders],
        "shipments": document.shipments,
        "taxes": [
            {
                "vatId": tax.code.id,
                "rate": tax.code.rate,
                "taxable": tax.taxable,
                "vat": tax.tax,
            }
            for tax in document.taxes
        ],
        "lines": [
            {
                "item": line.inventory_id,
                "account": line.account,
                "description": line.description,
                "quantity": line.quantity,
                "amount": line.amount,
                "vatCategory": line.vat_category,
            }
            for line in document.lines
        ],
        "applications": _applications(document.applications),
        "appliedBy": _applications(document.applied_by),
    }


def _applications(applications: list[Application]) -> list[dict[str, object]]:
    return [
        {
            "kind": one.kind,
            "number": one.number,
            "amount": one.amount,
            "released": one.released,
        }
        for one in applications
    ]


def _shipment(shipment: Shipment) -> dict[str, object]:
    return {
        "number": shipment.number,
        "operation": shipment.operation,
        "status": shipment.status,
        "date": shipment.on.isoformat(),
        "customer": shipment.customer,
        "orders": [list(key) for key in shipment.orders],
        "invoices": sorted(set(shipment.invoices.values())),
        "tracking": [
            package.fields.get("trackingNumber") for package in shipment.packages
        ],
        "lines": [
            {
                "order": list(line.order),
                "orderLine": line.order_line,
                "item": line.inventory_id,
                "quantity": line.quantity,
            }
            for line in shipment.lines
        ],
    }


def _stock_document(document: StockDocument) -> dict[str, object]:
    return {
        "kind": document.kind,
        "number": document.number,
        "status": document.status,
        "date": document.on.isoformat(),
        "period": document.period,
        "externalReference": document.external_reference,
        "description": document.description,
        "lines": [
            {
                "item": line.inventory_id,
                "warehouse": line.warehouse,
                "quantity": line.quantity,
                "reason": line.reason,
            }
            for line in document.lines
        ],
    }


def _payment(payment: Payment) -> dict[str, object]:
    return {
        "type": payment.type,
        "number": payment.number,
        "status": payment.status,
        "customer": payment.customer,
        "currency": payment.currency,
        "date": payment.on.isoformat(),
        "amount": payment.amount,
        "available": payment.available,
        "cashAccount": payment.cash_account,
        "reference": payment.reference,
        "text": payment.text,
        "lines": _applications(payment.lines),
        "orders": [
            {
                "order": list(one.order),
                "amount": one.amount,
                "transferred": one.transferred,
            }
            for one in payment.orders
        ],
    }
