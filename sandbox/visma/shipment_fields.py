"""The bodies of shipment writes and of the actions on sales orders in ERP v1 and v2."""

from collections.abc import Mapping

from sandbox.visma.fields import (
    Boolean,
    Listed,
    Nested,
    Number,
    Plain,
    Shape,
    Text,
    Time,
    Whole,
)

__all__ = ["CUSTOM_FIELDS", "DELETE_LINE", "SHIPMENT_CHANGE"]

CUSTOM_FIELDS: Mapping[str, Shape] = {
    **{f"customStr{n}": Text(100) for n in range(1, 6)},
    **{f"customDec{n}": Number() for n in (1, 2)},
    **{f"customInt{n}": Whole() for n in (1, 2)},
    "customDateTimeUTC1": Time(),
}
_LINE = Nested(
    {
        "operation": Plain(),
        "lineNumber": Whole(),
        "warehouse": Text(30),
        "location": Text(30),
        "uom": Text(6),
        "shippedQty": Number(),
        "lotSerialNbr": Text(100),
        "expirationDate": Time(),
        "reasonCode": Text(20),
        "description": Text(256),
        "note": Text(),
        "allocations": Listed(),
        **CUSTOM_FIELDS,
    }
)
_PACKAGE = Nested(
    {
        "operation": Plain(),
        "lineNumber": Whole(),
        "confirmed": Boolean(),
        "boxId": Text(15),
        "description": Text(60),
        "weight": Number(),
        "volume": Number(),
        "declaredValue": Number(),
        "codAmount": Number(),
        "trackingNumber": Text(30),
        "customRefNbr1": Text(60),
        "customRefNbr2": Text(60),
    }
)
SHIPMENT_CHANGE: Mapping[str, Shape] = {
    "shipmentType": Text(),
    "operation": Text(),
    "shipmentDate": Time(),
    "hold": Boolean(),
    "shipVia": Text(15),
    "controlQuantity": Number(),
    "note": Text(),
    "shipmentDetailLines": Listed(_LINE),
    "shipmentPackageLines": Listed(_PACKAGE),
    **CUSTOM_FIELDS,
}
DELETE_LINE: Mapping[str, Shape] = {"deleteSOLine": Boolean(required=True)}
