"""Opens the client of either end of a connection, login and quota included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from decimal import Decimal

import httpx
from pydantic import SecretStr

from connectors.answers import Identity
from connectors.budget import Budget, BudgetStore, Priority, Window
from connectors.centra import problems as centra_problems
from connectors.centra.client import CentraClient
from connectors.credentials import TokenStore
from connectors.errors import ConfigError
from connectors.transport import ApiClient
from connectors.visma import problems as visma_problems
from connectors.visma.auth import Application, VismaAuth, judge_token_answer
from connectors.visma.client import VismaClient
from settings.connection import Connection

__all__ = ["connect_client", "login_scope", "open_centra", "open_visma", "token_name"]

Clock = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]

# Only a draft of a credit note whose return was undone is ever deleted.
_VERBS = ("read", "create", "update", "delete")
_ERP_SCOPE = " ".join(f"vismanet_erp_service_api:{verb}" for verb in _VERBS)
_SALESORDER_SCOPE = "visma.net.erp.salesorder:read visma.net.erp.salesorder:write"
_LOGIN_SCOPE = " ".join(
    [
        *(f"vismanet_erp_interactive_api:{verb}" for verb in _VERBS),
        _SALESORDER_SCOPE,
        "offline_access",
    ]
)
# The vendor cuts ERP calls after four minutes.
_VISMA_TIMEOUT = httpx.Timeout(250.0, connect=10.0, write=60.0, pool=120.0)
_CENTRA_TIMEOUT = httpx.Timeout(60.0, connect=10.0, write=30.0, pool=60.0)
_CONNECT_TIMEOUT = httpx.Timeout(30.0, connect=10.0)
_CENTRA_LOGIN = Identity(
    "the Centra token",
    "it expired, was revoked, or is of another environment: make a new one in AMS, "
    "System > API Tokens",
    "add the permission in AMS, System > API Tokens",
)
_VISMA_LOGIN = Identity(
    "the application",
    "its token is fresh, so visma.tenant_id is most likely not the COMPANY tenant id, "
    "or the company has not approved the application",
    "add the API and its scopes in the developer portal, and let the company approve them",
)
_CENTRA_AT_ONCE = 2
# The plan sets mutations and complexity with the requests: 1/3 and 5/14 an hour of them.
_MUTATION_SHARE = {10: Decimal(1) / 3, 3600: Decimal("0.36")}
_COMPLEXITY_PER_REQUEST = {10: 4_000, 3600: 6_000}


class _CentraToken:
    """The static token of Centra; there is nothing to renew it with."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    async def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token.get_secret_value().strip()}"}

    async def renew(self, rejected: Mapping[str, str]) -> bool:
        del rejected
        return False


@asynccontextmanager
async def open_centra(
    connection: Connection,
    *,
    token: SecretStr,
    budget_store: BudgetStore,
    clock: Clock,
    sleep: Sleep = asyncio.sleep,
    transport: httpx.AsyncBaseTransport | None = None,
    priority: Priority = "urgent",
) -> AsyncIterator[CentraClient]:
    """Open the Centra store of a connection.

    Raises:
        ConfigError: Address or token cannot be right.
    """
    end = connection.centra
    _check_secret(token, "the Centra token")
    budget = Budget(
        "centra",
        windows=_centra_windows(end.requests_per_10s, end.requests_per_hour),
        store=budget_store,
        clock=clock,
        sleep=sleep,
        priority=priority,
        reserved_share=connection.limits.reserved_share,
        backfill_share=connection.limits.backfill_share,
        per_second=Decimal(end.requests_per_10s) / 10,
    )
    api = ApiClient(
        "Centra",
        str(end.url),
        setting="centra.url",
        login=_CENTRA_LOGIN,
        auth=_CentraToken(token),
        budget=budget,
        judge=centra_problems.judge,
        clock=clock,
        sleep=sleep,
        transport=transport,
        timeout=_CENTRA_TIMEOUT,
        at_once=_CENTRA_AT_ONCE,
    )
    async with api:
        yield CentraClient(
            api, page_size=end.page_size, verified_fields=end.verified_fields
        )


@asynccontextmanager
async def open_visma(
    connection: Connection,
    *,
    client_id: SecretStr | str,
    client_secret: SecretStr,
    token_store: TokenStore,
    budget_store: BudgetStore,
    clock: Clock,
    sleep: Sleep = asyncio.sleep,
    transport: httpx.AsyncBaseTransport | None = None,
    priority: Priority = "urgent",
) -> AsyncIterator[VismaClient]:
    """Open the Visma.net company of a connection.

    Raises:
        ConfigError: An address or a secret cannot be right.
    """
    end = connection.visma
    application = _application(client_id, client_secret)
    async with AsyncExitStack() as stack:
        connect = await stack.enter_async_context(
            connect_client(connection, clock=clock, sleep=sleep, transport=transport)
        )

        async def service(name: str, setting: str, url: str, api: str) -> ApiClient:
            auth = VismaAuth(
                connect,
                application,
                token_store,
                name=token_name(connection, api),
                grant=end.grant,
                tenant_id=end.tenant_id,
                scope=_scope(connection, api),
                clock=clock,
                sleep=sleep,
            )
            budget = Budget(
                f"visma.{api}",
                windows=(Window("requests", 3600, end.requests_per_hour),),
                store=budget_store,
                clock=clock,
                sleep=sleep,
                priority=priority,
                reserved_share=connection.limits.reserved_share,
                backfill_share=connection.limits.backfill_share,
                per_second=end.requests_per_second,
            )
            client = ApiClient(
                name,
                url,
                setting=setting,
                login=_VISMA_LOGIN,
                auth=auth,
                budget=budget,
                judge=visma_problems.judge,
                clock=clock,
                sleep=sleep,
                transport=transport,
                timeout=_VISMA_TIMEOUT,
                at_once=end.at_once,
                headers=_company_headers(connection),
            )
            return await stack.enter_async_context(client)

        erp = await service("Visma.net", "visma.erp_url", str(end.erp_url), "erp")
        salesorder = await service(
            "Visma.net sales orders",
            "visma.salesorder_url",
            str(end.salesorder_url),
            "salesorder",
        )
        yield VismaClient(erp, salesorder, page_size=end.page_size)


def connect_client(
    connection: Connection,
    *,
    clock: Clock,
    sleep: Sleep = asyncio.sleep,
    transport: httpx.AsyncBaseTransport | None = None,
) -> ApiClient:
    """Return a client of Visma Connect, for tokens and logins."""
    return ApiClient(
        "Visma Connect",
        str(connection.visma.connect_url),
        setting="visma.connect_url",
        login=Identity("the client id and secret"),
        judge=judge_token_answer,
        clock=clock,
        sleep=sleep,
        transport=transport,
        timeout=_CONNECT_TIMEOUT,
    )


def login_scope() -> str:
    """Return what an interactive login asks for: both services, and to stay."""
    return _LOGIN_SCOPE


def token_name(connection: Connection, api: str) -> str:
    """Return the name that a token is kept under: no tenant sees another's.

    A person's login covers both services; service tokens are one an API.
    """
    end = connection.visma
    family = "login" if end.grant == "authorization_code" else api
    return f"visma:{family}:{end.tenant_id}"


def _scope(connection: Connection, api: str) -> str:
    if connection.visma.grant == "authorization_code":
        return _LOGIN_SCOPE
    return _ERP_SCOPE if api == "erp" else _SALESORDER_SCOPE


def _company_headers(connection: Connection) -> dict[str, str]:
    if connection.visma.company_id is None:
        return {}
    return {
        "ipp-company-id": str(connection.visma.company_id),
        "ipp-application-type": "Visma.net Financials",
    }


def _application(client_id: SecretStr | str, secret: SecretStr) -> Application:
    plain = client_id if isinstance(client_id, str) else client_id.get_secret_value()
    _check_secret(secret, "the Visma.net client secret")
    return Application(plain.strip(), SecretStr(secret.get_secret_value().strip()))


def _check_secret(secret: SecretStr, what: str) -> None:
    text = secret.get_secret_value().strip()
    if text and text.isascii() and text.isprintable() and " " not in text:
        return
    message = f"{what} is empty or holds blanks or special characters: copy it again"
    raise ConfigError(message)


def _centra_windows(per_10s: int, per_hour: int) -> tuple[Window, ...]:
    windows: list[Window] = []
    for seconds, requests in ((10, per_10s), (3600, per_hour)):
        mutations = max(1, int(requests * _MUTATION_SHARE[seconds]))
        windows += [
            Window("requests", seconds, requests),
            Window("mutations", seconds, mutations),
            Window("complexity", seconds, requests * _COMPLEXITY_PER_REQUEST[seconds]),
        ]
    return tuple(windows)
