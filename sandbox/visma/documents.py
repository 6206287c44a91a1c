"""The books of a company as the control API shows them."""

from sandbox.visma.company import Company
from sandbox.visma.order_views import line_view, row, tax_view

__all__ = ["state_of"]


def state_of(company: Company, *, full: bool) -> dict[str, object]:
    """Return the counts, and with `full` the documents themselves."""
    counts: dict[str, object] = {
        "sales_orders": len(company.orders),
        "customers": len(company.customers),
        "items": len(company.items),
        "invoices": len(company.invoices),
        "credit_notes": len(company.credit_notes),
    }
    return counts | {"documents": _documents(company)} if full else counts


def _documents(company: Company) -> dict[str, object]:
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
                "attributes": customer.attributes,
            }
            for customer in company.customers.values()
        ],
        "invoices": [
            {
                "kind": document.kind,
                "number": document.number,
                "customer": document.customer,
                "currency": document.currency,
                "gross": document.gross,
                "vat": document.vat,
                "status": document.status,
                "customerRefNumber": document.customer_ref_number,
                "externalReference": document.external_reference,
            }
            for books in (company.invoices, company.credit_notes)
            for document in books.values()
        ],
    }
