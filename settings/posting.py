"""How sales are posted: stores, VAT, customers, lines and what is left out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field, model_validator

from settings.base import Frozen

__all__ = [
    "Collective",
    "CustomerRules",
    "LeaveOutRules",
    "OrderRules",
    "PaymentMethod",
    "PostingRule",
    "RoundingRule",
    "SettlementRules",
    "StoreRules",
    "VatRule",
]

Country = Annotated[str, Field(pattern=r"^([A-Z]{2}|EU|\*)$")]


class VatRule(Frozen):
    """One row of the VAT map; the first row that fits a line is used."""

    countries: tuple[Country, ...] = Field(
        ("*",), description="Ship-to country codes, 'EU' or '*'."
    )
    rate: Decimal = Field(ge=0, lt=100, description="Percent, as Centra applied it.")
    customer: Literal["b2c", "b2b", "any"] = "any"
    product_group: str | None = Field(
        None, description="Only lines of this product category of Centra."
    )
    category: str = Field(description="Visma.net VAT category of the line.")
    zone: str = Field(description="Visma.net VAT zone of the document.")
    prices: Literal["net", "gross"] = Field(
        "net",
        description="'gross' where the VAT id extracts VAT from the item amount.",
    )
    vat_id: str | None = Field(
        None,
        description="VAT id of category and zone, where several categories share one: "
        "Visma.net rounds once per VAT id.",
    )
    scheme: Literal["domestic", "oss", "export", "reverse_charge"] = Field(
        "domestic",
        description="'oss' fits consumers in the EU alone, 'export' what leaves the EU; "
        "'reverse_charge' demands a VAT number on the order.",
    )

    @model_validator(mode="after")
    def _scheme_fits(self) -> VatRule:
        if self.rate and self.scheme in {"export", "reverse_charge"}:
            message = f"scheme '{self.scheme}' bears no VAT, but rate is {self.rate}"
            raise ValueError(message)
        if self.scheme == "oss" and self.customer != "b2c":
            message = "scheme 'oss' is for consumers: set customer = \"b2c\""
            raise ValueError(message)
        return self

    @property
    def tax(self) -> str:
        """What VAT is rounded by on a document: the VAT id, else the category."""
        return self.vat_id or self.category


class Collective(Frozen):
    """The Visma.net customer that stands for all DTC buyers of a kind."""

    number: str
    store: str = "*"
    country: Country = "*"
    currency: str = "*"


class CustomerRules(Frozen):
    """How customers are matched, and with what class new ones are made."""

    attribute: str = Field("CENTRAID", description="Customer attribute with our key.")
    match_by_email: bool = True
    class_dtc: str = "DTC"
    class_wholesale: str = "B2B"
    classes_by_country: dict[str, str] = Field(
        default_factory=dict, description="DTC customer class by country code."
    )
    terms: dict[str, str] = Field(
        default_factory=dict,
        description="Visma.net credit terms by Centra payment terms description.",
    )
    update_existing: bool = Field(
        default=True, description="Write changed names and addresses to Visma.net."
    )


class StoreRules(Frozen):
    """How the orders of one Centra store are posted."""

    post_as: Literal["sales_order", "invoice"] = Field(
        "sales_order",
        description="'sales_order': stock is kept in Visma.net. 'invoice': finance only, "
        "a customer invoice per Centra shipment.",
    )
    ships: Literal["visma", "centra"] = Field(
        "visma", description="Which system ships, so that the other one is told."
    )
    prepare_invoices: bool = Field(
        default=False,
        description="Where Centra ships: have Visma.net make the invoice of each "
        "shipment at once, instead of by its own schedule.",
    )
    releases: Literal["visma", "connector"] = Field(
        "visma",
        description="Who releases invoices, credit notes and payments: people and "
        "schedules of Visma.net, or the connector once their figures are proved.",
    )
    dtc_customers: Literal["individual", "collective"] = "individual"
    collective: tuple[Collective, ...] = ()
    order_type: str = Field("SO", description="Visma.net sales order type.")
    warehouse: str | None = None


class SettlementRules(Frozen):
    """How the settlement files of a payment provider are booked."""

    format: Literal["own", "klarna", "adyen"] = Field(
        "own", description="Layout of the files; a file of another one is refused."
    )
    merchant: str | None = Field(
        None, description="Merchant account that a file must name, where it names one."
    )
    bank: str = Field(description="Account or cash account on which payouts arrive.")
    banks: dict[str, str] = Field(
        default_factory=dict, description="By currency, where another bank account is."
    )
    fees: str = Field(description="Account of the provider's fees.")
    chargebacks: str | None = Field(
        None, description="Account of chargebacks, a claim or a loss; none: parked."
    )
    corrections: str | None = Field(
        None, description="Account of reserves and corrections; none: parked."
    )
    branch: str | None = None
    releases: Literal["visma", "connector"] = Field(
        "visma", description="Who releases the journal of a payout."
    )

    def bank_in(self, currency: str) -> str:
        """The account on which payouts of a currency arrive."""
        return self.banks.get(currency, self.bank)


class PaymentMethod(Frozen):
    """What a payment method of Centra is in Visma.net."""

    method: str
    cash_account: str | None = Field(
        None, description="Clearing account of the method; none: nothing is booked."
    )
    cash_accounts: dict[str, str] = Field(
        default_factory=dict,
        description="By currency, where another clearing account is kept for it.",
    )
    settlement: SettlementRules | None = Field(
        None, description="How the provider's settlement files are booked."
    )

    def cash_account_in(self, currency: str) -> str | None:
        """The clearing account for money of a currency."""
        return self.cash_accounts.get(currency, self.cash_account)


class OrderRules(Frozen):
    """Items for what is no product, and how prices are written."""

    shipping_item: str = "SHIPPING"
    handling_item: str = "HANDLING"
    gift_certificate_item: str = "GIFTCARD"
    rounding_item: str = "ROUNDING"
    invoice_item: str = Field(
        "SALES",
        description="Non-stock item of goods on invoices and credit notes made without "
        "a sales order, which take no stock items.",
    )
    invoice_items: dict[str, str] = Field(
        default_factory=dict,
        description="Other such items by VAT rate, where sales of a rate have an item.",
    )
    gift_certificate_category: str = "EXEMPT"
    rounding_category: str = "EXEMPT"
    bundles: Literal["items", "bundle"] = "items"
    unit_price_decimals: int = Field(4, ge=2, le=6)
    closed_periods: Literal["shift", "park"] = "shift"
    item_number: Literal["sku", "ean", "product_number"] = "sku"
    items: dict[str, str] = Field(
        default_factory=dict, description="Visma.net item by Centra SKU, exceptions."
    )
    take_unpaid: bool = Field(
        default=False, description="Take DTC orders without a successful payment."
    )
    invoice_lines: Literal["item", "account", "own_items"] = Field(
        "item",
        description="What product lines name where post_as is 'invoice': one non-stock "
        "item, an account, or each SKU's own item, which must be non-stock then.",
    )
    invoice_account: str | None = Field(
        None,
        description="Account of product lines on invoices; [[posting]] may name others.",
    )


class LeaveOutRules(Frozen):
    """Which orders never go to Visma.net; each is counted with its reason."""

    internal: bool = True
    zero_value: bool = True
    pricelists: tuple[str, ...] = Field((), description="Staff, samples: by name.")
    email_domains: tuple[str, ...] = Field((), description="Test buyers, by domain.")
    accounts: tuple[int, ...] = Field((), description="Wholesale accounts, by id.")
    until: date | None = Field(None, description="Orders dated on or before are old.")


class PostingRule(Frozen):
    """Dimensions for what fits all given keys; the first rule that fits is used."""

    store: str | None = None
    market: str | None = None
    brand: str | None = None
    country: str | None = None
    product_group: str | None = None
    branch: str | None = None
    sales_account: str | None = None
    subaccount: dict[str, str] = Field(
        default_factory=dict, description="Segment value by segment id."
    )
    project: str | None = None


class RoundingRule(Frozen):
    """How Visma.net rounds amounts of one currency, where it is not the usual way."""

    digits: int | None = Field(
        None, ge=0, le=4, description="Decimals; by default those of the currency."
    )
    mode: Literal["half_up", "half_even"] = "half_up"
    cash: Literal["0.05", "0.50", "1.00"] | None = Field(
        None, description="Step to which the company rounds document totals."
    )
