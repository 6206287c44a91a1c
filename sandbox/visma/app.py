"""The routes of Visma Connect, ERP and the SalesOrder service."""

from starlette.routing import BaseRoute

from sandbox.visma.availability import availability_routes
from sandbox.visma.background import BackgroundCalls
from sandbox.visma.balances import balance_routes
from sandbox.visma.connect import Connect
from sandbox.visma.currency_rates import currency_rate_routes
from sandbox.visma.customers import customer_routes
from sandbox.visma.document_writes import document_routes
from sandbox.visma.door import Door
from sandbox.visma.erp import ErpWording
from sandbox.visma.invoices import invoice_routes
from sandbox.visma.item_writes import item_write_routes
from sandbox.visma.items import item_routes
from sandbox.visma.journals import journal_routes
from sandbox.visma.limits import Limits
from sandbox.visma.payments import payment_routes
from sandbox.visma.prices import price_routes
from sandbox.visma.problems import SalesOrderWording
from sandbox.visma.sales_order_lines import line_routes
from sandbox.visma.sales_orders import sales_order_routes
from sandbox.visma.shipments import shipment_routes
from sandbox.visma.stock_documents import stock_document_routes
from sandbox.visma.tables import table_routes
from sandbox.world import World

__all__ = ["visma_routes"]


def visma_routes(world: World) -> list[BaseRoute]:
    """Serve the companies of a world; fixed paths come before those with an id."""
    connect, limits = Connect(world), Limits(world)
    background = BackgroundCalls()
    erp = Door(world, connect, limits, "erp", ErpWording(limits), background)
    orders = Door(world, connect, limits, "salesorder", SalesOrderWording(limits))
    return [
        *connect.routes(),
        *table_routes(erp),
        *currency_rate_routes(erp),
        *balance_routes(erp),
        *customer_routes(erp),
        *item_routes(erp),
        *item_write_routes(erp),
        *price_routes(erp),
        *stock_document_routes(erp),
        *shipment_routes(erp),
        *invoice_routes(erp),
        *document_routes(erp),
        *payment_routes(erp),
        *journal_routes(erp),
        *background.routes(erp),
        *sales_order_routes(orders),
        *line_routes(orders),
        *availability_routes(orders),
    ]
