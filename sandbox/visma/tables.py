"""The tables of the company's setup in ERP v1 and v2, for reading."""

from calendar import monthrange
from collections.abc import Callable, Iterable
from typing import Any

from starlette.responses import Response
from starlette.routing import BaseRoute

from sandbox.visma.company import Company
from sandbox.visma.door import Door, Handler, Visit
from sandbox.visma.erp import bare, equal, not_found, page, scopes_for
from sandbox.visma.journal import AR_ACCOUNT
from sandbox.visma.tables_goods import attribute_rows, warehouse_rows
from sandbox.visma.vat import digits_of
from sandbox.visma.vat_tables import category_rows, vat_rows, zone_rows
from sandbox.visma.wire import answer

__all__ = ["table_routes"]

_Rows = Callable[[Company], Iterable[dict[str, Any]]]
_LARGEST_PAGE = 1000
_ACCOUNT_TYPES = {"1": "Asset", "2": "Liability", "3": "Income"}
_SYMBOLS = {"EUR": "€", "GBP": "£", "USD": "$", "JPY": "¥"}


def table_routes(door: Door) -> list[BaseRoute]:
    """Return the routes of all tables: those that know no paging, and those that page."""
    whole: dict[str, _Rows] = {
        "/v1/branch": _branches,
        "/v1/organization": _organizations,
        "/v1/vat": vat_rows,
        "/v1/vatCategory": category_rows,
        "/v1/customer/customerClass": _classes,
        "/v1/currency": _currencies,
        "/v1/paymentmethod": _payment_methods,
        "/v1/cashaccount": _cash_accounts,
        "/v1/account": _accounts,
        "/v1/financialPeriod": _periods,
    }
    paged: dict[str, tuple[_Rows, dict[str, str]]] = {
        "/v1/vatZone": (zone_rows, {}),
        "/v1/warehouse": (warehouse_rows, {"active": "active", "branch": "branch"}),
        "/v1/salesordertype": (_order_types, {}),
        "/v1/attribute": (attribute_rows, {"attributeID": "attributeID"}),
        "/v1/country": (_countries, {}),
        "/v1/carrier": (_carriers, {}),
    }
    read = scopes_for("read")
    single: dict[str, tuple[_Rows, str]] = {
        "/v1/cashaccount/{accountNumber}": (_cash_accounts, "number"),
        "/v1/paymentmethod/{paymentMethodNumber}": (
            _payment_methods,
            "paymentMethodID",
        ),
        "/v1/warehouse/{warehouseID}": (warehouse_rows, "warehouseID"),
        "/v1/attribute/{attributeId}": (attribute_rows, "attributeID"),
    }
    return [
        *(door.route("GET", path, _whole(rows), read) for path, rows in whole.items()),
        *(
            door.route("GET", path, _single(rows, field), read)
            for path, (rows, field) in single.items()
        ),
        *(
            door.route("GET", path, _paged(rows, filters), read)
            for path, (rows, filters) in paged.items()
        ),
        door.route("GET", "/v1/creditTerm", _credit_terms, read),
    ]


def _whole(rows: _Rows) -> Handler:
    def handle(visit: Visit) -> Response:
        if visit.company.company_id == 0:
            return answer([])
        return bare(rows(visit.company), lambda row: row)

    return handle


def _single(rows: _Rows, field: str) -> Handler:
    def handle(visit: Visit) -> Response:
        [parameter] = visit.request.path_params
        wanted = visit.path(parameter)
        for row in rows(visit.company):
            if row[field] == wanted:
                return answer(row)
        raise not_found(field, wanted)

    return handle


def _paged(rows: _Rows, filters: dict[str, str]) -> Handler:
    def handle(visit: Visit) -> Response:
        shown = [
            row
            for row in rows(visit.company)
            if all(
                equal(visit.query(name), _compared(row[field]))
                for name, field in filters.items()
            )
        ]
        return page(visit, shown, lambda row: row, largest=_LARGEST_PAGE)

    return handle


def _compared(value: object) -> object:
    """Return what a filter compares: of an object its number."""
    if isinstance(value, dict):
        return value.get("number")
    return str(value) if isinstance(value, bool) else value


def _credit_terms(visit: Visit) -> Response:
    """Answer with an object that holds the records, unlike the other tables."""
    wanted = visit.query("termsId")
    records = [
        {"termsId": terms, "description": title, "dueDateType": "FixedNumberOfDays"}
        | {"dueDay1": int(terms), "visibleTo": "Customer"}
        for terms, title in visit.company.setup.terms.items()
        if equal(wanted, terms)
    ]
    return answer(
        {
            "pageNumber": 1,
            "pageSize": _LARGEST_PAGE,
            "totalCount": len(records),
            "records": records,
        }
    )


def _branches(company: Company) -> Iterable[dict[str, Any]]:
    for position, (number, name) in enumerate(company.setup.branches.items(), 1):
        yield {
            "branchId": position,
            "number": number,
            "name": name,
            "organizationId": company.company_id,
            "isMainBranch": position == 1,
            "isActive": True,
            "defaultCountry": {
                "id": company.setup.home,
                "name": company.setup.countries.get(company.setup.home),
            },
            "currency": {"id": company.setup.base_currency},
        }


def _organizations(company: Company) -> Iterable[dict[str, Any]]:
    yield {
        "organizationCd": str(company.company_id),
        "name": company.name,
        "organizationType": "WithoutBranches",
        "baseCurrency": company.setup.base_currency,
        "currency": {"id": company.setup.base_currency},
        "branches": [
            {"number": number, "name": name}
            for number, name in company.setup.branches.items()
        ],
    }


def _classes(company: Company) -> Iterable[dict[str, Any]]:
    for group in company.setup.classes.values():
        yield {
            "id": group.id,
            "description": group.description,
            "taxZoneId": group.vat_zone,
            "requiredTaxzoneId": False,
            "paymentMethodId": group.payment_method,
            "attributes": [
                {
                    "attributeId": attribute,
                    "description": company.setup.attributes[attribute],
                    "sortOrder": 1,
                    "required": False,
                    "attributeType": "Text",
                }
                for attribute in group.attributes
            ],
        }


def _currencies(company: Company) -> Iterable[dict[str, Any]]:
    for code, name in company.setup.currencies.items():
        yield {
            "id": code,
            "description": name,
            "symbol": _SYMBOLS.get(code, "kr"),
            "isBaseCurrency": code == company.setup.base_currency,
            "decimalPrecision": digits_of(code),
            "isUsedForAccounting": True,
        }


def _payment_methods(company: Company) -> Iterable[dict[str, Any]]:
    for method, title in company.setup.payment_methods.items():
        yield {
            "paymentMethodID": method,
            "active": True,
            "meansOfPayment": "CashOrCheck",
            "description": title,
            "useInAP": False,
            "details": [],
        }


def _cash_accounts(company: Company) -> Iterable[dict[str, Any]]:
    for kept in company.setup.cash_accounts.values():
        title = company.setup.payment_methods[kept.method]
        yield {
            "number": kept.number,
            "description": f"Clearing {title}, {kept.currency}",
            "currency": kept.currency,
            "account": {"type": "Asset", "number": kept.number},
            "entryTypes": [
                {"entryTypeId": "PSPFEE", "description": "Fee of the provider"}
            ],
        }


def _accounts(company: Company) -> Iterable[dict[str, Any]]:
    """Return the accounts; by hand nothing is booked on that of the customer ledger."""
    kept = company.setup.cash_accounts
    numbers = sorted(company.setup.accounts | set(kept))
    for position, number in enumerate(numbers, 1):
        is_control = number == AR_ACCOUNT
        yield {
            "accountID": position,
            "accountCD": number,
            "type": _ACCOUNT_TYPES.get(number[0], "Expense"),
            "active": True,
            "description": f"Account {number}",
            "postOption": "Detail",
            "cashAccount": number in kept,
            "allowManualEntry": not is_control,
            **({"controlAccountModule": "AR"} if is_control else {}),
            **({"currency": kept[number].currency} if number in kept else {}),
        }


def _periods(company: Company) -> Iterable[dict[str, Any]]:
    first = company.setup.first_year
    for year in range(first, first + company.setup.years):
        for month in range(1, 13):
            period = f"{year}{month:02d}"
            closed = period in company.closed_periods
            yield {
                "year": year,
                "period": period,
                "startDate": f"{year}-{month:02d}-01T00:00:00",
                "endDate": f"{year}-{month:02d}-{monthrange(year, month)[1]:02d}T00:00:00",
                "description": f"{month:02d}-{year}",
                "active": True,
                "closedInCustomerLedger": closed,
                "closedInInventoryManagement": closed,
                "closedInGeneralLedger": closed,
                "closedInSupplierLedger": closed,
                "closedInCashManagement": closed,
                "closedInFixedAssets": closed,
            }


def _order_types(company: Company) -> Iterable[dict[str, Any]]:
    for kind in company.setup.order_types.values():
        yield {
            "orderType": kind.id,
            "active": True,
            "description": kind.description,
            "behavior": kind.behavior,
            "defaultOperation": kind.operation,
            "customerDocumentType": kind.document,
        }


def _countries(company: Company) -> Iterable[dict[str, Any]]:
    for code, name in company.setup.countries.items():
        yield {"id": code, "name": name}


def _carriers(company: Company) -> Iterable[dict[str, Any]]:
    for code, title in company.setup.carriers.items():
        yield {"carrierId": code, "carrierDescription": title}
