"""Customers, accounts and buyers, as they are read and written."""

from collections.abc import Mapping
from typing import Any

from sandbox.centra.filters import Test, date_test, matches, page_of, text_test
from sandbox.centra.people import Account, Customer
from sandbox.centra.registry import Request, resolves
from sandbox.centra.resolvers.inputs import pick, put_external_id
from sandbox.centra.resolvers.payloads import Payload

__all__: list[str] = []

Arguments = Mapping[str, Any]

_WRITABLE = {
    "name": "name",
    "status": "status",
    "creditLimit": "credit_limit",
    "applyCreditLimit": "apply_credit_limit",
    "blockIfUnpaidInvoices": "block_if_unpaid_invoices",
    "isInternal": "is_internal",
    "internalComment": "internal_comment",
    "otherComment": "other_comment",
    "websiteUrl": "website_url",
}


@resolves("Query", "customers")
def _customers(_: None, request: Request, arguments: Arguments) -> list[Customer]:
    where = arguments.get("where") or {}
    tests: list[Test] = []
    if where.get("email") is not None:
        tests.append(text_test(where["email"], lambda customer: customer.email))
    if where.get("id") is not None:
        ids = set(where["id"])
        tests.append(lambda customer: customer.id in ids)
    if where.get("updatedAt") is not None:
        tests.append(date_test(where["updatedAt"], lambda c: c.updated_at, request))
    return page_of(matches(request.instance.customers.values(), tests), arguments)


@resolves("Query", "accounts")
def _accounts(_: None, request: Request, arguments: Arguments) -> list[Account]:
    where = arguments.get("where") or {}
    tests: list[Test] = [lambda a: request.token.sees_store(a.market.store.id)]
    if where.get("id") is not None:
        ids = set(where["id"])
        tests.append(lambda account: account.id in ids)
    if where.get("status") is not None:
        statuses = set(where["status"])
        tests.append(lambda account: account.status in statuses)
    if where.get("externalId") is not None:
        find = request.instance.conversions.internal
        name = request.token.integration
        known = {find(name, "Account", text) for text in where["externalId"]}
        tests.append(lambda account: account.id in known)
    if where.get("updatedAt") is not None:
        tests.append(date_test(where["updatedAt"], lambda a: a.updated_at, request))
    return page_of(matches(request.instance.accounts.values(), tests), arguments)


@resolves("Account", "externalId")
def _external_id(
    account: Account, request: Request, _arguments: Arguments
) -> str | None:
    name = request.token.integration
    return request.instance.conversions.external(name, "Account", account.id)


@resolves("Mutation", "createAccount")
def _create(_: None, request: Request, arguments: Arguments) -> Payload:
    given = arguments["input"]
    payload = Payload()
    market = _market(request, given, payload)
    pricelist = _pricelist(request, given, payload)
    if payload.user_errors:
        return payload
    account = Account(
        id=request.instance.next_id("account"),
        name=given["name"],
        market=market,
        pricelist=pricelist,
        created_at=request.now,
        updated_at=request.now,
    )
    _write(account, given, request)
    request.instance.add_account(account)
    payload.account = account
    return payload


@resolves("Mutation", "updateAccount")
def _update(_: None, request: Request, arguments: Arguments) -> Payload:
    given, payload = arguments["input"], Payload()
    account = request.instance.accounts.get(arguments["id"])
    if account is None:
        return payload.failed(f"Account {arguments['id']} does not exist", "id")
    market = _market(request, given, payload)
    pricelist = _pricelist(request, given, payload)
    if payload.user_errors:
        return payload
    account.market = market or account.market
    account.pricelist = pricelist or account.pricelist
    _write(account, given, request)
    request.instance.account_changed(account)
    payload.account = account
    return payload


def _write(account: Account, given: Mapping[str, Any], request: Request) -> None:
    for name, attribute in _WRITABLE.items():
        if name in given:
            setattr(account, attribute, given[name])
    put_external_id(request, "Account", account.id, given.get("externalId"))


def _market(request: Request, given: Arguments, payload: Payload) -> Any:  # noqa: ANN401
    rows = request.instance.markets
    return pick(
        request, payload, "Market", rows, given.get("market"), "input", "market"
    )


def _pricelist(request: Request, given: Arguments, payload: Payload) -> Any:  # noqa: ANN401
    rows, wanted = request.instance.pricelists, given.get("pricelist")
    return pick(request, payload, "Pricelist", rows, wanted, "input", "pricelist")
