"""Which permission a field needs; what is not listed needs none of its own."""

from functools import lru_cache
from typing import Final

from graphql import GraphQLObjectType

__all__ = ["EVERYTHING", "permission_for"]

_NEEDS: Final = {
    "Query.orders": "Order:read",
    "Query.order": "Order:read",
    "Query.orderConnection": "Order:read",
    "Query.shipments": "Shipment:read",
    "Query.returns": "Return:read",
    "Query.attributeTypes": "Attribute:read",
    "Query.customers": "Customer:read",
    "Query.accounts": "Account:read",
    "Query.stores": "Store:read",
    "Query.markets": "Market:read",
    "Query.pricelists": "Pricelist:read",
    "Query.countries": "Country:read",
    "Query.events": "Event:read",
    "Query.eventListeners": "Event:read",
    "Mutation.setEventListeners": "Event:write",
    "Mutation.unsetEventListeners": "Event:write",
    "Mutation.confirmEvents": "Event:write",
    "Mutation.confirmOrder": "Order:write",
    "Mutation.updateDirectToConsumerOrder": "Order:write",
    "Mutation.updateWholesaleOrder": "Order:write",
    "Mutation.cancelDirectToConsumerOrder": "Order:write",
    "Mutation.cancelWholesaleOrder": "Order:write",
    "Mutation.setOrdersLock": "Order.isLocked:write",
    "Mutation.createShipment": "Shipment:write",
    "Mutation.updateShipment": "Shipment:write",
    "Mutation.captureShipment": "Shipment:write",
    "Mutation.completeShipment": "Shipment:write",
    "Mutation.deleteShipment": "Shipment:write",
    "Mutation.captureOrder": "Order:write",
    "Mutation.releaseRemainingOrderAuthorization": "Payment.cancel:write",
    "Mutation.createReturn": "Return:write",
    "Mutation.completeReturn": "Return:write",
    "Mutation.uncompleteReturn": "Return:write",
    "Mutation.deleteReturn": "Return:write",
    "Mutation.refundReturn": "Return:write",
    "Mutation.issueCredit": "Order:write",
    "Mutation.assignAttributes": "Attribute:write",
    "Mutation.createAccount": "Account:write",
    "Mutation.updateAccount": "Account:write",
    "Order.store": "Store:read",
    "Order.market": "Market:read",
    "Order.pricelist": "Pricelist:read",
    "Order.country": "Country:read",
    "Order.billingAddress": "Order.billingAddress:read",
    "Order.shippingAddress": "Order.shippingAddress:read",
    "Order.userIP": "Order.userIP:read",
    "Order.internalComment": "Order.internalComment:read",
    "Order.attributes": "Order.attributes:read",
    "Order.paymentMethod": "StorePlugin:read",
    "Order.paymentHistory": "PaymentHistory:read",
    "OrderLine.product": "Product:read",
    "OrderLine.productVariant": "ProductVariant:read",
    "OrderLine.productSize": "ProductSize:read",
    "DirectToConsumerOrder.customer": "Customer:read",
    "WholesaleOrder.account": "Account:read",
    "WholesaleOrder.buyer": "Buyer:read",
    "PaymentHistoryEntry.order": "Order:read",
    "PaymentHistoryEntry.return": "Return:read",
    "Order.shipments": "Shipment:read",
    "Shipment.order": "Order:read",
    "Shipment.shippingAddress": "Shipment.shippingAddress:read",
    "Return.comment": "Return.comment:read",
    "Return.refundPaymentHistory": "PaymentHistory:read",
    "Return.shipment": "Shipment:read",
    "Return.order": "Order:read",
    "Return.store": "Store:read",
    "DirectToConsumerReturn.customer": "Customer:read",
    "WholesaleReturn.account": "Account:read",
    "OrderCapturePayload.paymentHistoryEntry": "PaymentHistory:read",
    "ShipmentCapturePayload.paymentHistoryEntry": "PaymentHistory:read",
    "ShipmentCapturePayload.paymentHistoryEntries": "PaymentHistory:read",
    "ReturnRefundPayload.paymentHistoryEntry": "PaymentHistory:read",
    "ReturnRefundPayload.paymentHistoryEntries": "PaymentHistory:read",
    "AppliedTaxRule.taxRule": "TaxRule:read",
    "Address.country": "Country:read",
    "Customer.attributes": "Customer.attributes:read",
    "Account.attributes": "Account.attributes:read",
    "Account.orders": "Order:read",
    "Account.buyers": "Buyer:read",
    "Account.market": "Market:read",
    "Account.pricelist": "Pricelist:read",
    "Buyer.account": "Account:read",
    "Buyer.billingAddress": "Buyer.billingAddress:read",
    "Market.store": "Store:read",
    "Pricelist.store": "Store:read",
}

_WITH_ATTRIBUTES: Final = ("Order", "Account", "Customer", "Product", "ProductVariant")

EVERYTHING: Final = frozenset(_NEEDS.values()) | {
    f"{name}.attributes:write" for name in _WITH_ATTRIBUTES
}


@lru_cache(maxsize=4096)
def permission_for(type_: GraphQLObjectType, name: str) -> str | None:
    """Return the permission that a field of a type needs, or of an interface of it."""
    for owner in (type_, *type_.interfaces):
        if found := _NEEDS.get(f"{owner.name}.{name}"):
            return found
    return None
