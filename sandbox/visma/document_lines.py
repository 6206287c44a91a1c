"""The lines of invoices and credit notes: what they are made of, and what they come to."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

from sandbox.visma.company import Company
from sandbox.visma.erp import ErpError
from sandbox.visma.goods_records import Item
from sandbox.visma.ledger_records import DocumentLine, Invoice
from sandbox.visma.posting import SALES_ACCOUNT
from sandbox.visma.vat import (
    Amount,
    Tax,
    Totals,
    digits_of,
    rounded,
    totals_of,
)

__all__ = ["change_lines", "line_kind", "recompute_document"]

_ZERO = Decimal(0)


def change_lines(
    company: Company, document: Invoice, lines: list[dict[str, Any]]
) -> None:
    """Insert, change and delete lines; every line says which of the three it wants.

    Raises:
        ErpError: a line has no operation, is not there, or breaks a rule.
    """
    for given in lines:
        operation = given.get("operation")
        if operation == "Insert":
            document.lines.append(_new_line(company, document, given))
            document.next_line += 1
            continue
        if operation not in {"Update", "Delete"}:
            raise ErpError(
                "Error: 'operation' of a line is missing: Insert, Update or Delete."
            )
        number = given.get("lineNumber")
        line = next((one for one in document.lines if one.number == number), None)
        if line is None:
            raise ErpError(f"Error: The document has no line {number}.")
        if operation == "Delete":
            document.lines.remove(line)
        else:
            _write(company, document, line, given)


def _new_line(
    company: Company, document: Invoice, given: dict[str, Any]
) -> DocumentLine:
    item = _item(company, given)
    if item is None and not given.get("accountNumber"):
        raise ErpError("Error: 'Account' of a line without an item cannot be empty.")
    line = DocumentLine(
        number=document.next_line,
        kind=line_kind(item),
        inventory_id=item.number if item else None,
        description=item.description if item else None,
        quantity=Decimal(1) if item is None else _ZERO,
        unit_price=_list_price(company, document, item),
        discount=_ZERO,
        discount_percent=_ZERO,
        manual_discount=False,
        manual_amount=None,
        amount=_ZERO,
        vat_category=item.vat_category if item else None,
        account=item.account if item else SALES_ACCOUNT,
        unit=item.unit if item else None,
    )
    _write(company, document, line, given)
    return line


def line_kind(item: Item | None) -> str:
    """Return how the ledger calls a line: goods, no goods, or a charge."""
    if item is None:
        return "GN"
    if item.stock:
        return "GI"
    return "MI" if item.kind == "ChargeItem" else "GN"


def _item(company: Company, given: dict[str, Any]) -> Item | None:
    number = given.get("inventoryNumber")
    if not number:
        return None
    item = company.find_item(number)
    if item is None or item.status in {"Inactive", "NoSales", "MarkedForDeletion"}:
        raise ErpError(
            f"Error: InventoryID '{number}' cannot be found in the system.", 500
        )
    if item.stock:
        raise ErpError(
            f"Error: Only a non-stock item can be selected. Item: '{number}'."
        )
    return item


def _list_price(company: Company, document: Invoice, item: Item | None) -> Decimal:
    if item is None or item.default_price is None:
        return _ZERO
    return rounded(item.default_price / document.rate, company.setup.price_digits)


def _write(
    company: Company, document: Invoice, line: DocumentLine, given: dict[str, Any]
) -> None:
    _check(company, given)
    for name, member in (
        ("description", "description"),
        ("vatCodeId", "vat_category"),
        ("accountNumber", "account"),
        ("uom", "unit"),
        ("branchNumber", "branch"),
        ("subaccount", "subaccount"),
        ("note", "note"),
    ):
        if given.get(name) is not None:
            setattr(line, member, given[name])
    if given.get("quantity") is not None:
        line.quantity = Decimal(given["quantity"])
    if given.get("unitPriceInCurrency") is not None:
        line.unit_price = rounded(
            Decimal(given["unitPriceInCurrency"]), company.setup.price_digits
        )
    if given.get("manualAmountInCurrency") is not None:
        line.manual_amount = Decimal(given["manualAmountInCurrency"])
    _discount(document, line, given)


def _discount(document: Invoice, line: DocumentLine, given: dict[str, Any]) -> None:
    """Take a discount only where it is declared manual."""
    digits = digits_of(document.currency)
    whole = line.quantity * line.unit_price
    extended = rounded(
        whole if line.manual_amount is None else line.manual_amount, digits
    )
    if given.get("manualDiscount") is not None:
        line.manual_discount = given["manualDiscount"]
    if not line.manual_discount:
        line.discount, line.discount_percent = _ZERO, _ZERO
    elif given.get("discountAmountInCurrency") is not None:
        line.discount = rounded(Decimal(given["discountAmountInCurrency"]), digits)
        line.discount_percent = (
            rounded(line.discount * 100 / extended, 6) if extended else _ZERO
        )
    elif given.get("discountPercent") is not None:
        line.discount_percent = Decimal(given["discountPercent"])
        line.discount = rounded(extended * line.discount_percent / 100, digits)
    if abs(line.discount) > abs(extended):
        raise ErpError("Error: The discount is greater than the extended price.")
    line.amount = extended - line.discount


def _check(company: Company, given: dict[str, Any]) -> None:
    setup = company.setup
    nothing: tuple[str, ...] = ()
    for name, table, what, status in (
        ("vatCodeId", setup.categories, "TaxCategoryID", 400),
        ("accountNumber", setup.accounts, "Account", 400),
        ("branchNumber", setup.branches, "Branch", 400),
        ("discountCode", nothing, "Discount code", 400),
        ("salesperson", nothing, "Salesperson", 500),
        ("taskId", nothing, "Project task", 400),
    ):
        value = given.get(name)
        if value and value not in table:
            raise ErpError(
                f"Error creating document. Error: {what} '{value}' cannot be found in the system.",
                status,
            )


def recompute_document(company: Company, document: Invoice) -> None:
    """Compute the totals of a draft afresh: VAT once per id, on the whole document.

    Raises:
        ErpError: a VAT override names an id that the document has not, or the total is negative.
    """
    totals = totals_of(
        [Amount(line.amount, line.vat_category) for line in document.lines],
        zone=document.vat_zone,
        codes=company.vat_by_category,
        digits=digits_of(document.currency),
    )
    totals = _overridden(document, totals)
    if totals.order_total < 0:
        raise ErpError("Error: The total of the document cannot be negative.")
    document.gross = document.balance = totals.order_total
    document.vat, document.taxes = totals.tax_total, totals.taxes
    document.taxable, document.exempt = totals.taxable_total, totals.exempt_total


def _overridden(document: Invoice, totals: Totals) -> Totals:
    """Put given VAT amounts in place of computed ones."""
    known = {tax.code.id for tax in totals.taxes}
    for tax_id in document.tax_overrides:
        if tax_id not in known:
            raise ErpError(f"Error: Tax '{tax_id}' is not on the document.")
    if not document.tax_overrides:
        return totals
    taxes: list[Tax] = []
    added = _ZERO
    for tax in totals.taxes:
        taxable, amount = document.tax_overrides.get(tax.code.id, (None, None))
        new = replace(
            tax,
            tax=tax.tax if amount is None else amount,
            taxable=tax.taxable if taxable is None else taxable,
        )
        if tax.code.calculate_on == "ItemAmount":
            added += new.tax - tax.tax
        elif taxable is None:
            new = replace(new, taxable=tax.taxable + tax.tax - new.tax)
        taxes.append(new)
    return replace(
        totals,
        order_total=totals.order_total + added,
        tax_total=sum((tax.tax for tax in taxes), _ZERO),
        taxes=tuple(taxes),
        taxable_total=sum(
            (tax.taxable for tax in taxes if tax.code.kind != "ExemptVat"), _ZERO
        ),
    )
