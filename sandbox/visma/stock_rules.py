"""How a stock document is made, changed and released: adjustments, issues, receipts."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sandbox.visma.company import Company, Stamp
from sandbox.visma.erp import ErpError
from sandbox.visma.goods_records import (
    Item,
    StockDocument,
    StockKind,
    StockLine,
)
from sandbox.visma.records import ZERO
from sandbox.visma.shipment_rules import check_period
from sandbox.visma.wire import parse_day

__all__ = [
    "LINES",
    "change_stock_document",
    "create_stock_document",
    "release_stock_document",
]

LINES: dict[StockKind, str] = {
    "Adjustment": "adjustmentLines",
    "Issue": "issueLines",
    "Receipt": "receiptLines",
}
"""The lines of each kind, as they are written; adjustments are read with a letter less."""


def create_stock_document(
    company: Company,
    kind: StockKind,
    body: dict[str, Any],
    *,
    visible_from: Callable[[Stamp], datetime] | None = None,
) -> StockDocument:
    """Make a document from a body whose fields were checked: on hold unless told otherwise.

    Raises:
        ErpError: it breaks a rule; nothing is made then.
    """
    if body.get("referenceNumber"):
        raise ErpError(
            "Error creating document. Error: the reference number is set by the number series."
        )
    stamp = company.stamp()
    on = company.local_date(stamp.at)
    document = StockDocument(
        kind=kind,
        number="",
        status="Hold",
        on=on,
        period="",
        branch=next(iter(company.setup.branches)),
        created_at=stamp.at,
        modified_at=stamp.at,
        visible_from=visible_from(stamp) if visible_from else stamp.at,
        version=stamp.version,
    )
    _write(company, document, body)
    document.number = company.goods.next_document(kind)
    company.goods.documents[kind][document.number] = document
    company.goods.expect(document)
    return document


def change_stock_document(
    company: Company, document: StockDocument, body: dict[str, Any]
) -> None:
    """Change the given fields of a draft, and lines by their number.

    Raises:
        ErpError: it is released, or the change breaks a rule; nothing is changed then.
    """
    if document.status == "Released":
        raise ErpError(
            f"Error: {document.kind} '{document.number}' is released and cannot be changed."
        )
    if body.get("referenceNumber") not in {None, "", document.number}:
        raise ErpError("Error: the reference number cannot be changed.")
    before = dict(vars(document)) | {
        "lines": [StockLine(**vars(line)) for line in document.lines]
    }
    try:
        _write(company, document, body)
    except ErpError:
        vars(document).update(before)
        raise
    company.goods.touch(document)
    company.goods.expect(document)


def _write(company: Company, document: StockDocument, body: dict[str, Any]) -> None:
    if body.get("hold") is not None:
        document.status = "Hold" if body["hold"] else "Balanced"
    if body.get("date"):
        document.on = parse_day(body["date"])
    branch = body.get("branchNumber")
    if branch is not None:
        if branch not in company.setup.branches:
            raise ErpError(
                f"Error: Branch '{branch}' cannot be found in the system.", 500
            )
        document.branch = branch
    document.period = _period(company, document.on, body.get("postPeriod"))
    for name, member in (
        ("externalReference", "external_reference"),
        ("description", "description"),
        ("controlQuantity", "control_quantity"),
        ("controlCost", "control_amount"),
        ("controlAmount", "control_amount"),
    ):
        if name in body:
            setattr(document, member, body[name])
    for line in body.get(LINES[document.kind]) or []:
        _write_line(company, document, line)


def _period(company: Company, on: date, given: str | None) -> str:
    """Return the period that is asked for as MMYYYY, or that of the date."""
    if not given:
        return check_period(company, on)
    if not given.isdecimal() or len(given) != len("MMYYYY"):
        raise ErpError(
            f"Error: Financial period '{given}' cannot be found in the system."
        )
    return check_period(company, _first_day(given))


def _first_day(period: str) -> date:
    try:
        return date(int(period[2:]), int(period[:2]), 1)
    except ValueError:
        message = f"Error: Financial period '{period}' cannot be found in the system."
        raise ErpError(message) from None


def _write_line(
    company: Company, document: StockDocument, given: dict[str, Any]
) -> None:
    operation = given.get("operation")
    if operation not in {"Insert", "Update", "Delete"}:
        raise ErpError("Error: 'operation' of a line is missing.")
    if operation == "Insert":
        line = _new_line(company, document, given)
        document.lines.append(line)
        document.next_line += 1
    else:
        number = given.get("lineNumber")
        found = next((one for one in document.lines if one.number == number), None)
        if found is None:
            raise ErpError(f"Error: The document has no line {number}.")
        if operation == "Delete":
            document.lines.remove(found)
            return
        line = found
    _fill(company, document, line, given)


def _new_line(
    company: Company, document: StockDocument, given: dict[str, Any]
) -> StockLine:
    item = _item(company, given.get("inventoryNumber"))
    usual = next(
        code
        for code, usage in company.setup.stock_reasons.items()
        if usage == document.kind
    )
    return StockLine(
        number=document.next_line,
        inventory_id=item.number,
        warehouse=item.default_warehouse or next(iter(company.setup.warehouses)),
        quantity=ZERO,
        unit=item.unit,
        reason=usual,
        description=item.description,
    )


def _item(company: Company, number: str | None) -> Item:
    item = company.find_item(number or "")
    if item is None:
        raise ErpError(
            f"Error: InventoryID '{number or ''}' cannot be found in the system.", 500
        )
    if not item.stock:
        raise ErpError(f"Error: Item '{item.number}' is not a stock item.")
    return item


def _fill(
    company: Company, document: StockDocument, line: StockLine, given: dict[str, Any]
) -> None:
    setup = company.setup
    if given.get("inventoryNumber"):
        line.inventory_id = _item(company, given["inventoryNumber"]).number
    item = _item(company, line.inventory_id)
    for name, member, table, what in (
        ("warehouseId", "warehouse", setup.warehouses, "Warehouse"),
        ("locationId", "location", ("1",), "Location"),
        ("uom", "unit", (item.unit,), "UOM"),
    ):
        value = given.get(name)
        if value is not None:
            if value not in table:
                message = f"Error: {what} '{value}' cannot be found in the system."
                raise ErpError(message, 500)
            setattr(line, member, value)
    _give_reason(company, document, line, given.get("reasonCode"))
    if given.get("quantity") is not None:
        line.quantity = Decimal(given["quantity"])
    if document.kind != "Adjustment" and line.quantity <= 0:
        raise ErpError("Error: Incorrect value. The quantity must be greater than 0.")
    if given.get("unitCost") is not None:
        line.unit_cost = Decimal(given["unitCost"])
    if given.get("description"):
        line.description = given["description"]


def _give_reason(
    company: Company, document: StockDocument, line: StockLine, reason: str | None
) -> None:
    if reason is None:
        return
    if company.setup.stock_reasons.get(reason) != document.kind:
        raise ErpError(
            f"Error: Reason code '{reason}' cannot be found in the system.", 500
        )
    line.reason = reason


def release_stock_document(company: Company, document: StockDocument) -> None:
    """Let the units of a document come or go.

    Raises:
        ErpError: it is on hold, empty, in a closed period, or an item would become negative.
    """
    name = f"{document.kind} '{document.number}'"
    if document.status != "Balanced":
        raise ErpError(f"Error: {name} has the status '{document.status}'.")
    if not document.lines:
        raise ErpError(f"Error: {name} has no lines.")
    if document.period in company.closed_periods:
        shown = f"{document.period[4:]}-{document.period[:4]}"
        raise ErpError(f"Error: Financial period '{shown}' is closed.")
    sign = -1 if document.kind == "Issue" else 1
    moves: dict[tuple[str, str], Decimal] = {}
    for line in document.lines:
        place = (line.inventory_id, line.warehouse)
        moves[place] = moves.get(place, ZERO) + sign * line.quantity
    for (number, warehouse), quantity in moves.items():
        item = _item(company, number)
        left = item.on_hand.get(warehouse, ZERO) + quantity
        if not item.allows_negative and quantity < 0 and left < 0:
            raise ErpError(f"Error: Quantity of item '{number}' would become negative.")
    document.status, document.batch = "Released", f"IN{document.number}"
    company.goods.expect(document)
    for (number, warehouse), quantity in moves.items():
        company.goods.move(_item(company, number), warehouse, quantity)
    company.goods.touch(document)
