"""Shipments as ERP v1 and SalesOrder v3 show them."""

from datetime import date

from sandbox.visma.company import Company
from sandbox.visma.ledger_records import OrderKey, Shipment, ShipmentLine
from sandbox.visma.records import SalesOrder
from sandbox.visma.shipment_fields import CUSTOM_FIELDS
from sandbox.visma.wire import local_text, version_text

__all__ = ["day_text", "order_shipment_view", "shipment_view"]


def day_text(on: date) -> str:
    """Write a day as v1 does: a time without an offset."""
    return f"{on.isoformat()}T00:00:00"


def shipment_view(
    company: Company, shipment: Shipment, *, custom: bool
) -> dict[str, object]:
    """Return a shipment; it names sales orders, never the shop's own order numbers."""
    customer = company.customers[shipment.customer]
    address, contact = shipment.address, shipment.contact
    countries = company.setup.countries
    carrier = str(shipment.extra.get("shipVia") or "")
    return {
        "shipmentNumber": shipment.number,
        "shipmentType": "Issue",
        "status": shipment.status,
        "hold": False,
        "operation": shipment.operation,
        "shipmentDate": day_text(shipment.on),
        "customer": {
            "internalId": customer.internal_id,
            "number": customer.number,
            "name": customer.name,
        },
        "location": {"id": "MAIN", "name": "Primary location"},
        "fromWarehouse": {
            "id": shipment.warehouse,
            "description": company.setup.warehouses[shipment.warehouse],
        },
        "currencyId": shipment.currency,
        "shippedQuantity": shipment.quantity,
        "packages": len(shipment.packages),
        "deliveryAddress": {
            "addressLine1": address.line1,
            "addressLine2": address.line2,
            "addressLine3": address.line3,
            "postalCode": address.postal_code,
            "city": address.city,
            "country": {
                "id": address.country,
                "name": countries.get(address.country or ""),
            }
            if address.country
            else None,
        },
        "deliveryContact": {
            "name": contact.name,
            "attention": contact.attention,
            "email": contact.email,
            "phone1": contact.phone1,
        },
        "shipVia": {"id": carrier, "description": company.setup.carriers.get(carrier)}
        if carrier
        else None,
        "note": shipment.extra.get("note"),
        "shipmentDetailLines": [
            _line_view(company, line, custom=custom) for line in shipment.lines
        ],
        "shipmentOrderLines": [
            _order_line_view(shipment, order) for order in shipment.orders
        ],
        "shipmentPackageLines": [
            {
                "lineNumber": package.number,
                "confirmed": bool(package.fields.get("confirmed")),
                **{
                    ("coDAmount" if name == "codAmount" else name): value
                    for name, value in package.fields.items()
                    if name != "confirmed" and value is not None
                },
            }
            for package in shipment.packages
        ],
        **(_custom(shipment.extra) if custom else {}),
        "lastModifiedDateTime": local_text(shipment.modified_at, company.zone),
        "timeStamp": version_text(shipment.version),
    }


def _custom(extra: dict[str, object]) -> dict[str, object]:
    return {name: extra[name] for name in CUSTOM_FIELDS if extra.get(name) is not None}


def _line_view(
    company: Company, line: ShipmentLine, *, custom: bool
) -> dict[str, object]:
    order = company.orders.find(*line.order)
    order_line = next(
        (
            one
            for one in (order.lines if order else ())
            if one.line_id == line.order_line
        ),
        None,
    )
    view: dict[str, object] = {
        "lineNumber": line.number,
        "orderType": line.order[0],
        "orderNbr": line.order[1],
        "inventoryNumber": line.inventory_id,
        "freeItem": False,
        "warehouse": {
            "id": line.warehouse,
            "description": company.setup.warehouses[line.warehouse],
        },
        "uom": line.unit,
        "shippedQty": line.quantity,
        "orderedQty": line.ordered,
        "openQty": order_line.quantity - order_line.on_shipments
        if order_line
        else line.ordered,
        "reasonCode": line.reason,
        "description": line.description,
        "orderLineNbr": line.order_line,
        "note": line.extra.get("note"),
    } | (_custom(line.extra) if custom else {})
    return {name: value for name, value in view.items() if value is not None}


def _order_line_view(shipment: Shipment, order: OrderKey) -> dict[str, object]:
    invoice = shipment.invoices.get(order)
    view: dict[str, object] = {
        "orderType": order[0],
        "orderNbr": order[1],
        "shippedQty": sum(
            line.quantity for line in shipment.lines if line.order == order
        ),
    }
    if invoice:
        view |= {"invoiceType": _invoice_type(shipment), "invoiceNbr": invoice}
    if shipment.inventory_document:
        view |= {
            "inventoryDocType": shipment.operation,
            "inventoryRefNbr": shipment.inventory_document,
        }
    return view


def _invoice_type(shipment: Shipment) -> str:
    return "Invoice" if shipment.operation == "Issue" else "CreditNote"


def order_shipment_view(shipment: Shipment, order: SalesOrder) -> dict[str, object]:
    """Return what v3 says of a shipment of one order: the way from it to its invoice."""
    invoice = shipment.invoices.get(order.key)
    return {
        "type": "Issue",
        "id": shipment.number,
        "date": f"{day_text(shipment.on)}Z",
        "quantity": sum(
            line.quantity for line in shipment.lines if line.order == order.key
        ),
        "weight": 0,
        "volume": 0,
        "invoiceType": _invoice_type(shipment) if invoice else None,
        "invoiceId": invoice,
        "inventoryDocumentType": shipment.operation
        if shipment.inventory_document
        else None,
        "inventoryReferenceId": shipment.inventory_document,
        "status": shipment.status,
    }
