"""The client of one Visma.net company: both services behind one object."""

from __future__ import annotations

from collections import Counter

from connectors.transport import ApiClient
from connectors.visma.availability import Availabilities
from connectors.visma.currency_rates import CurrencyRates
from connectors.visma.customers import Customers
from connectors.visma.inventory_adjustments import Adjustments
from connectors.visma.items import Items
from connectors.visma.journal import BookedDifferences
from connectors.visma.journals import Journals
from connectors.visma.ledger_documents import CreditNotes, Invoices
from connectors.visma.payments import Payments
from connectors.visma.period_balances import PeriodBalances
from connectors.visma.prices import SalesPrices
from connectors.visma.sales_orders import SalesOrders
from connectors.visma.shipments import Shipments
from connectors.visma.tables import Tables

__all__ = ["VismaClient"]


class VismaClient:
    """What the connector does in Visma.net, each verb where its subject is.

    The methods are those of the small classes for sales orders, customers,
    invoices, payments and tables, under names that say of what they are.
    """

    def __init__(
        self, erp: ApiClient, salesorder: ApiClient, *, page_size: int = 500
    ) -> None:
        """Speak through open ApiClients of the ERP and the SalesOrder service."""
        self.erp = erp
        self.salesorder = salesorder
        orders = SalesOrders(salesorder, page_size)
        self.create_sales_order = orders.create
        self.find_sales_orders = orders.find
        self.iter_sales_order_pages = orders.iter_pages
        self.get_sales_order = orders.get
        self.get_sales_order_lines = orders.get_lines
        self.get_sales_order_tax = orders.get_tax
        self.patch_sales_order = orders.patch
        self.add_lines = orders.add_lines
        self.patch_lines = orders.patch_lines
        self.delete_lines = orders.delete_lines
        customers = Customers(erp, page_size)
        self.iter_customer_pages = customers.iter_pages
        self.find_customers = customers.find
        self.get_customer = customers.get
        self.get_customer_balance = customers.get_balance
        self.create_customer = customers.create
        self.update_customer = customers.update
        items = Items(erp)
        self.iter_item_pages = items.iter_pages
        self.iter_item_unit_pages = items.iter_unit_pages
        self.find_item = items.find
        self.iter_sales_price_pages = SalesPrices(erp).iter_pages
        self.iter_availability_pages = Availabilities(salesorder).iter_pages
        self._open_ledger(erp, page_size)
        self._open_stock(erp, salesorder, page_size)
        tables = Tables(erp, page_size)
        self.verify_company = tables.verify_company
        self.get_branches = tables.get_branches
        self.get_periods = tables.get_periods
        self.get_vat_ids = tables.get_vat_ids
        self.get_vat_categories = tables.get_vat_categories
        self.get_vat_zones = tables.get_vat_zones
        self.get_customer_classes = tables.get_customer_classes
        self.get_order_types = tables.get_order_types
        self.get_payment_methods = tables.get_payment_methods
        self.get_cash_accounts = tables.get_cash_accounts
        self.get_accounts = tables.get_accounts
        self.get_credit_terms = tables.get_credit_terms
        self.get_currencies = tables.get_currencies
        self.get_warehouses = tables.get_warehouses
        self.get_attributes = tables.get_attributes
        differences = BookedDifferences(erp, page_size)
        self.get_booked_differences = differences.of_period
        rates = CurrencyRates(erp)
        self.get_currency_rates = rates.get
        self.ensure_currency_rate = rates.ensure

    def _open_ledger(self, erp: ApiClient, page_size: int) -> None:
        invoices = Invoices(erp, page_size)
        self.iter_invoice_pages = invoices.iter_pages
        self.find_invoices = invoices.find
        self.find_invoices_by_order = invoices.find_by_order
        self.find_invoices_by_day = invoices.find_by_day
        self.get_invoice = invoices.get
        self.create_invoice = invoices.create
        self.update_invoice = invoices.update
        self.delete_invoice = invoices.delete
        self.release_invoice = invoices.release
        credit_notes = CreditNotes(erp, page_size)
        self.iter_credit_note_pages = credit_notes.iter_pages
        self.find_credit_notes = credit_notes.find
        self.get_credit_note = credit_notes.get
        self.create_credit_note = credit_notes.create
        self.update_credit_note = credit_notes.update
        self.delete_credit_note = credit_notes.delete
        self.release_credit_note = credit_notes.release
        self.get_period_balances = PeriodBalances(erp, page_size).of_period
        payments = Payments(erp, page_size)
        self.iter_payment_pages = payments.iter_pages
        self.find_payments = payments.find
        self.get_payment = payments.get
        self.create_payment = payments.create
        self.update_payment = payments.update
        self.release_payment = payments.release
        self.finish_payment_release = payments.finish_release
        self.void_payment = payments.void
        journals = Journals(erp, page_size)
        self.get_journals = journals.of_period
        self.find_journals = journals.find
        self.get_journal = journals.get
        self.create_journal = journals.create
        self.update_journal = journals.update
        self.release_journal = journals.release
        self.finish_journal_release = journals.finish_release

    def _open_stock(
        self, erp: ApiClient, salesorder: ApiClient, page_size: int
    ) -> None:
        shipments = Shipments(erp, salesorder, page_size)
        self.iter_shipment_pages = shipments.iter_pages
        self.get_shipment = shipments.get
        self.get_order_shipments = shipments.of_order
        self.create_order_shipment = shipments.create
        self.update_shipment = shipments.update
        self.confirm_shipment = shipments.confirm
        self.prepare_invoice = shipments.prepare_invoice
        adjustments = Adjustments(erp, page_size)
        self.iter_adjustment_pages = adjustments.iter_pages
        self.find_adjustments = adjustments.find
        self.get_adjustment = adjustments.get
        self.create_adjustment = adjustments.create
        self.update_adjustment = adjustments.update
        self.release_adjustment = adjustments.release

    @property
    def calls(self) -> Counter[str]:
        """How often each operation was sent, to both services."""
        return self.erp.calls + self.salesorder.calls

    @property
    def writes(self) -> Counter[str]:
        """How often each operation that changes something was sent."""
        return self.erp.writes + self.salesorder.writes
