"""Customer invoices and credit notes as ERP v1 shows them."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from sandbox.visma.company import Company
from sandbox.visma.erp import times
from sandbox.visma.ledger_records import Application, DocumentLine, Invoice
from sandbox.visma.posting import base_of
from sandbox.visma.shipment_views import day_text
from sandbox.visma.vat import Tax
from sandbox.visma.wire import version_text

__all__ = ["Expanded", "document_view"]

_ZERO = Decimal(0)
_KEPT = {
    "invoiceText": "invoiceText",
    "note": "note",
    "dontPrint": "dontPrint",
    "dontEmail": "dontEmail",
    "cashAccount": "cashAccount",
}
_INVOICE_ONLY = {
    "excludeDebtCollection": "excludeDebtCollection",
    "accountingCostRef": "accountingCostRef",
    "originatorDocRef": "originatorDocRef",
    "contractDocRef": "contractDocRef",
}


@dataclass(frozen=True)
class Expanded:
    """Which parts of a document are asked for; a single document shows all of them."""

    taxes: bool = True
    applications: bool = True
    address: bool = True
    attachments: bool = True


def document_view(
    company: Company, document: Invoice, expanded: Expanded
) -> dict[str, object]:
    """Return a document.

    On reads the plain fields are in the document's currency, and those called `InCurrency`
    in the company's base currency: the other way round than on writes.
    """
    is_invoice = document.kind == "Invoice"
    customer = company.customers.get(document.customer)
    view: dict[str, object] = {
        "documentType": document.kind,
        "referenceNumber": document.number,
        "status": document.status,
        "hold": document.status == "Hold",
        "customer": {
            "number": document.customer,
            "name": customer.name if customer else None,
        },
        "currencyId": document.currency,
        "exchangeRate": document.rate,
        "documentDate": day_text(document.on),
        "documentDueDate": day_text(document.due_on),
        "financialPeriod": document.period,
        "postPeriod": document.period,
        "customerRefNumber": document.customer_ref_number,
        "externalReference": document.external_reference,
        "paymentReference": document.payment_reference,
        "creditTerms": _pair(document.terms, company.setup.terms),
        "customerVatZone": _pair(document.vat_zone, company.setup.zones),
        "location": {"id": "MAIN", "name": "Primary location"},
        "branchNumber": {
            "number": document.branch,
            "name": company.setup.branches.get(document.branch),
        },
        "account": {"type": "Asset", "number": "1510", "description": "Receivables"},
        "roundingDiff": _ZERO,
        **_amounts(document),
        ("invoiceLines" if is_invoice else "lines"): [
            _line_view(company, document, line) for line in document.lines
        ],
        **{name: document.extra.get(key) for name, key in _KEPT.items()},
        **times(company, document),
        "timeStamp": version_text(document.version),
    }
    method = document.extra.get("paymentMethodId")
    if method:
        view["paymentMethod"] = _pair(str(method), company.setup.payment_methods)
    if is_invoice:
        view |= {name: document.extra.get(key) for name, key in _INVOICE_ONLY.items()}
    if expanded.taxes:
        view["taxDetails"] = [
            _tax_view(tax, position) for position, tax in enumerate(document.taxes, 1)
        ]
    if expanded.applications:
        view["applications"] = [
            _application_view(company, document, one)
            for one in (*document.applications, *document.applied_by)
        ]
    if expanded.address:
        view |= _party(company, document)
    if expanded.attachments:
        view["attachments"] = []
    return view


def _pair(identity: str | None, table: Mapping[str, str]) -> dict[str, object] | None:
    return (
        {"id": identity, "description": table.get(identity, identity)}
        if identity
        else None
    )


def _amounts(document: Invoice) -> dict[str, object]:
    discount = sum((line.discount for line in document.lines), _ZERO)
    amounts = {
        "amount": document.gross,
        "balance": document.balance,
        "vatTotal": document.vat,
        "detailTotal": sum((line.amount for line in document.lines), _ZERO)
        if document.lines
        else document.gross - document.vat,
        "vatTaxableTotal": document.taxable,
        "vatExemptTotal": document.exempt,
        "discountTotal": discount,
    }
    return {
        **amounts,
        **{
            f"{name}InCurrency": base_of(amount, document.rate)
            for name, amount in amounts.items()
        },
    }


def _line_view(
    company: Company, document: Invoice, line: DocumentLine
) -> dict[str, object]:
    amounts = {
        "unitPrice": line.unit_price,
        "amount": line.amount,
        "discountAmount": line.discount,
    }
    if line.manual_amount is not None:
        amounts["manualAmount"] = line.manual_amount
    view: dict[str, object] = {
        "lineNumber": line.number,
        "inventoryNumber": line.inventory_id,
        "description": line.description,
        "quantity": line.quantity,
        **amounts,
        **{
            f"{name}InCurrency": base_of(amount, document.rate)
            for name, amount in amounts.items()
        },
        "account": {"type": "Income", "number": line.account},
        "vatCode": _pair(line.vat_category, company.setup.categories),
        "uom": line.unit,
        "discountPercent": line.discount_percent,
        "manualDiscount": line.manual_discount,
        "note": line.note,
        "branchNumber": {
            "number": line.branch or document.branch,
            "name": company.setup.branches.get(line.branch or document.branch),
        },
    }
    if document.kind == "Invoice":
        view["lineType"] = line.kind
    if line.subaccount:
        values = [str(one.get("segmentValue", "")) for one in line.subaccount]
        view["subaccount"] = {
            "subaccountNumber": "-".join(values),
            "segments": [
                {
                    "segmentId": one.get("segmentId"),
                    "segmentValue": one.get("segmentValue"),
                }
                for one in line.subaccount
            ],
        }
    if line.order is not None:
        view |= {"soOrderType": line.order[0], "soOrderNbr": line.order[1]}
    if line.shipment is not None:
        view["soShipmentNbr"] = line.shipment
    return {name: value for name, value in view.items() if value is not None}


def _tax_view(tax: Tax, position: int) -> dict[str, object]:
    return {
        "taxId": tax.code.id,
        "recordId": position,
        "vatId": {"number": tax.code.id, "description": tax.code.description},
        "vatRate": tax.code.rate,
        "taxableAmount": tax.taxable,
        "vatAmount": tax.tax,
    }


def _application_view(
    company: Company, document: Invoice, one: Application
) -> dict[str, object]:
    books = company.books
    payment = books.payments.get(one.number)
    other = books.of_kind(one.kind).get(one.number) if payment is None else None
    view: dict[str, object] = {
        "docType": one.kind,
        "customerCD": document.customer,
        "refNbr": one.number,
        "amountPaid": one.amount,
        "cashDiscountTaken": _ZERO,
        "released": one.released,
    }
    if payment is not None:
        view |= {
            "paymentRef": payment.reference,
            "status": payment.status,
            "balance": payment.available,
            "applicationDate": day_text(payment.on),
            "applicationPeriod": payment.period,
        }
    elif other is not None:
        view |= {
            "status": other.status,
            "balance": other.balance,
            "applicationDate": day_text(other.on),
            "applicationPeriod": other.period,
        }
    return view


def _party(company: Company, document: Invoice) -> dict[str, object]:
    customer = company.customers.get(document.customer)
    address = document.address or (
        (customer.invoice_address or customer.main_address) if customer else None
    )
    contact = document.contact or (
        (customer.invoice_contact or customer.main_contact) if customer else None
    )
    view: dict[str, object] = {}
    if address is not None:
        country = address.country
        view["invoiceAddress"] = {
            "addressLine1": address.line1,
            "addressLine2": address.line2,
            "addressLine3": address.line3,
            "postalCode": address.postal_code,
            "city": address.city,
            "country": {"id": country, "name": company.setup.countries.get(country)}
            if country
            else None,
            "overrideAddress": document.address is not None,
        }
    if contact is not None:
        view["invoiceContact"] = {
            "businessName": contact.name,
            "attention": contact.attention,
            "email": contact.email,
            "phone1": contact.phone1,
            "overrideContact": document.contact is not None,
        }
    return view
