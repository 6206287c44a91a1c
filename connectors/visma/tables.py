"""The small tables of a company that settings are checked against."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from pydantic import Field, model_validator

from connectors.answers import Answer
from connectors.errors import ConfigError
from connectors.paging import Page, iter_pages
from connectors.transport import ApiClient
from connectors.visma.lists import get_list
from connectors.visma.models import Period
from connectors.visma.paging import numbered_page, rows_of
from connectors.wire import Incoming

__all__ = [
    "Account",
    "Attribute",
    "Branch",
    "CashAccount",
    "CompanyCurrency",
    "CreditTerm",
    "CustomerClass",
    "OrderType",
    "PaymentMethod",
    "Tables",
    "VatCategory",
    "VatId",
    "VatRate",
    "VatZone",
    "Warehouse",
]


class _Country(Incoming):
    id: str | None = None


class _BranchAddress(Incoming):
    country: _Country | None = None


class Branch(Incoming):
    """A branch of the company."""

    number: str
    name: str | None = None
    is_active: bool = True
    default_country: _Country | None = None
    main_address: _BranchAddress | None = None

    @property
    def country(self) -> str | None:
        """Its country's code (ISO 3166): of its address, else its default."""
        address = self.main_address.country if self.main_address else None
        for one in (address, self.default_country):
            if one is not None and one.id:
                return one.id
        return None


class VatRate(Incoming):
    """The rate of a VAT id from a date on."""

    start_date: str | None = None
    vat_rate: Decimal = Decimal(0)
    group_type: str | None = None


class _VatCategoryLine(Incoming):
    vat_id: str


class VatCategory(Incoming):
    """What a line is, for VAT; it lists VAT ids, or leaves just those out."""

    vat_category_id: str
    description: str | None = None
    active: bool = True
    exclude_listed_taxes: bool = False
    vat_category_lines: tuple[_VatCategoryLine, ...] = ()


class VatZone(Incoming):
    """Where a document belongs, for VAT."""

    id: str
    description: str | None = None
    default_vat_category: str | None = None


class VatId(Incoming):
    """A VAT: used on a line when its category and the document's zone both have it."""

    vat_id: str
    description: str | None = None
    type: str | None = None
    calculate_on: str | None = None
    reverse_vat: bool = False
    statistical_vat: bool = False
    schedules: tuple[VatRate, ...] = ()
    categories: tuple[VatCategory, ...] = ()
    zones: tuple[VatZone, ...] = ()


class _ClassAttribute(Incoming):
    attribute_id: str
    required: bool = False


class CustomerClass(Incoming):
    """A customer class: default terms, VAT zone, and which attributes it has."""

    id: str
    description: str | None = None
    tax_zone_id: str | None = None
    attributes: tuple[_ClassAttribute, ...] = ()


class OrderType(Incoming):
    """A sales order type of the company."""

    order_type: str
    active: bool = True
    description: str | None = None
    behavior: str | None = None


class PaymentMethod(Incoming):
    """A payment method."""

    payment_method_id: str = Field(alias="paymentMethodID")
    active: bool = True
    description: str | None = None


class CashAccount(Incoming):
    """A cash account; it is kept in one currency."""

    number: str
    currency: str | None = None
    account_number: str | None = None
    """The general ledger account behind it; None where it is not told."""

    @model_validator(mode="before")
    @classmethod
    def _bare_account(cls, data: Any) -> Any:  # noqa: ANN401 - any wire value
        # On the wire the account is {type, number, description}.
        if isinstance(data, dict) and isinstance(kept := data.get("account"), dict):
            return {**data, "accountNumber": kept.get("number")}
        return data


class Account(Incoming):
    """A general ledger account, and whether journals may use it by hand."""

    number: str = Field(alias="accountCD")
    type: str | None = None
    active: bool = True
    currency: str | None = None
    allow_manual_entry: bool = True


class CreditTerm(Incoming):
    """Credit terms."""

    terms_id: str
    description: str | None = None


class CompanyCurrency(Incoming):
    """A currency that the company keeps books in, or may use."""

    id: str
    is_base_currency: bool = False
    decimal_precision: int | None = None
    is_used_for_accounting: bool = True


class Warehouse(Incoming):
    """A warehouse."""

    warehouse_id: str = Field(alias="warehouseID")
    active: bool = True
    description: str | None = None


class Attribute(Incoming):
    """An attribute that records can carry."""

    attribute_id: str = Field(alias="attributeID")
    description: str | None = None
    control_type: str | None = None


class Tables:
    """Reads the small tables; those without paging come in one call."""

    def __init__(self, erp: ApiClient, page_size: int) -> None:
        """Read from the ERP service."""
        self._erp = erp
        self._size = page_size

    async def verify_company(self) -> tuple[Branch, ...]:
        """Prove that the token opens this company: a wrong one answers "200, nothing".

        Raises:
            ConfigError: The company shows no branch.
        """
        branches = await self.get_branches()
        if branches:
            return branches
        message = (
            f"{self._erp.peer} lets us in but shows no branch: visma.tenant_id must be "
            "the COMPANY tenant id, and visma.company_id the number of that company"
        )
        raise ConfigError(message)

    async def get_branches(self) -> tuple[Branch, ...]:
        """Return the branches."""
        return tuple(map(Branch.model_validate, await self._all("/v1/branch")))

    async def get_periods(self) -> tuple[Period, ...]:
        """Return the financial periods."""
        rows = await self._all("/v1/financialPeriod")
        return tuple(map(Period.model_validate, rows))

    async def get_vat_ids(self) -> tuple[VatId, ...]:
        """Return the VAT ids with their rates, categories and zones."""
        return tuple(map(VatId.model_validate, await self._all("/v1/vat")))

    async def get_vat_categories(self) -> tuple[VatCategory, ...]:
        """Return the VAT categories."""
        rows = await self._all("/v1/vatCategory")
        return tuple(map(VatCategory.model_validate, rows))

    async def get_vat_zones(self) -> tuple[VatZone, ...]:
        """Return the VAT zones."""
        rows = await self._paged("/v1/vatZone", "id")
        return tuple(map(VatZone.model_validate, rows))

    async def get_customer_classes(self) -> tuple[CustomerClass, ...]:
        """Return the customer classes."""
        rows = await self._all("/v1/customer/customerClass")
        return tuple(map(CustomerClass.model_validate, rows))

    async def get_order_types(self) -> tuple[OrderType, ...]:
        """Return the sales order types."""
        rows = await self._paged("/v1/salesordertype", "orderType")
        return tuple(map(OrderType.model_validate, rows))

    async def get_payment_methods(self) -> tuple[PaymentMethod, ...]:
        """Return the payment methods."""
        rows = await self._all("/v1/paymentmethod")
        return tuple(map(PaymentMethod.model_validate, rows))

    async def get_cash_accounts(self) -> tuple[CashAccount, ...]:
        """Return the cash accounts."""
        rows = await self._all("/v1/cashaccount")
        return tuple(map(CashAccount.model_validate, rows))

    async def get_accounts(self) -> tuple[Account, ...]:
        """Return the general ledger accounts."""
        return tuple(map(Account.model_validate, await self._all("/v1/account")))

    async def get_credit_terms(self) -> tuple[CreditTerm, ...]:
        """Return the credit terms."""
        rows = await self._paged("/v1/creditTerm", "termsId")
        return tuple(map(CreditTerm.model_validate, rows))

    async def get_currencies(self) -> tuple[CompanyCurrency, ...]:
        """Return the currencies."""
        rows = await self._all("/v1/currency")
        return tuple(map(CompanyCurrency.model_validate, rows))

    async def get_warehouses(self) -> tuple[Warehouse, ...]:
        """Return the warehouses."""
        rows = await self._paged("/v1/warehouse", "warehouseID")
        return tuple(map(Warehouse.model_validate, rows))

    async def get_attributes(self) -> tuple[Attribute, ...]:
        """Return the attributes."""
        rows = await self._paged("/v1/attribute", "attributeID")
        return tuple(map(Attribute.model_validate, rows))

    async def _all(self, path: str) -> list[Mapping[str, Any]]:
        answer = await self._get(path)
        return rows_of(answer.body, self._erp.peer)

    async def _paged(self, path: str, key: str) -> list[Mapping[str, Any]]:
        async def fetch(number: int) -> Page[Mapping[str, Any]]:
            answer = await self._get(
                path, {"pageNumber": number, "pageSize": self._size}
            )
            return numbered_page(answer, self._size, self._erp.peer)

        found: dict[str, Mapping[str, Any]] = {}
        pages = iter_pages(
            fetch, first=1, key=lambda row: str(row[key]), what=f"the list of {path}"
        )
        async for page in pages:
            found |= {str(row[key]): row for row in page.rows}
        return list(found.values())

    async def _get(self, path: str, params: Mapping[str, int] | None = None) -> Answer:
        return await get_list(self._erp, path, params)
