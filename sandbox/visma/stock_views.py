"""Stock documents as ERP v1 shows them."""

from typing import Final

from sandbox.visma.company import Company
from sandbox.visma.erp import times
from sandbox.visma.goods_records import StockDocument, StockKind, StockLine
from sandbox.visma.records import ZERO
from sandbox.visma.wire import version_text

__all__ = ["stock_document_view"]

_LINES: Final[dict[StockKind, str]] = {
    "Adjustment": "adjusmentLines",  # the vendor's own spelling, when it is read
    "Issue": "issueLines",
    "Receipt": "receiptLines",
}
_TOTALS: Final[dict[StockKind, tuple[str, str]]] = {
    "Adjustment": ("totalCost", "controlCost"),
    "Issue": ("totalAmount", "controlAmount"),
    "Receipt": ("totalCost", "controlCost"),
}


def stock_document_view(company: Company, document: StockDocument) -> dict[str, object]:
    """Return an adjustment, issue or receipt as v1 shows it."""
    total, control = _TOTALS[document.kind]
    cost = sum((line.quantity * line.unit_cost for line in document.lines), ZERO)
    is_issue = document.kind == "Issue"
    return {
        total: ZERO if is_issue else cost,
        control: document.control_amount,
        _LINES[document.kind]: [
            _line_view(company, document, line) for line in document.lines
        ],
        "referenceNumber": document.number,
        "status": document.status,
        "hold": document.status == "Hold",
        "date": f"{document.on}T00:00:00",
        "postPeriod": f"{document.period[4:]}{document.period[:4]}",
        "externalReference": document.external_reference,
        "description": document.description,
        "totalQuantity": document.quantity,
        "controlQuantity": document.control_quantity,
        "batchNumber": document.batch,
        "lastModifiedDateTime": times(company, document)["lastModifiedDateTime"],
        "branchNumber": {
            "number": document.branch,
            "name": company.setup.branches[document.branch],
        },
        "attachments": [],
        # the older specification, the only one with receipts, has none on them
        "timestamp": (
            None if document.kind == "Receipt" else version_text(document.version)
        ),
    }


def _line_view(
    company: Company, document: StockDocument, line: StockLine
) -> dict[str, object]:
    item = company.find_item(line.inventory_id)
    view: dict[str, object] = {
        "lineNumber": line.number,
        "inventoryItem": {
            "number": line.inventory_id,
            "description": item.description if item else "",
        },
        "warehouse": {
            "id": line.warehouse,
            "description": company.setup.warehouses[line.warehouse],
        },
        "location": {"id": line.location, "name": "Default"},
        "quantity": line.quantity,
        "uom": line.unit,
        "unitCost": line.unit_cost,
        "extCost": line.quantity * line.unit_cost,
        "reasonCode": {"id": line.reason, "description": line.reason.capitalize()},
        "description": line.description or "",
        "attachments": [],
    }
    if document.kind == "Issue":
        view["transactionType"] = "Issue"
    return view
