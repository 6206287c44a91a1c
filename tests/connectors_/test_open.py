"""Opening both ends: what goes out as whom, within which quota."""

from decimal import Decimal

import httpx
import pytest
from pydantic import SecretStr

from connectors.errors import ConfigError, QuotaError
from connectors.open import login_scope, open_centra, open_visma, token_name
from tests.connectors_.builders import (
    Clock,
    MemoryBudgets,
    MemoryTokens,
    a_connection,
    a_token,
)


class Company:
    """Visma Connect and both services behind one transport."""

    def __init__(self, *, refuse=False):
        self.requests = []
        self.refuse = refuse

    def __call__(self, request):
        """Answer."""
        self.requests.append(request)
        if request.url.path.endswith("/connect/token"):
            name = "so" if b"salesorder" in request.content else "erp"
            return httpx.Response(200, json={"access_token": name, "expires_in": 3600})
        if self.refuse:
            return httpx.Response(401)
        if request.url.path.endswith("/branch"):
            return httpx.Response(200, json=[{"number": "1"}])
        return httpx.Response(200, json={"value": [], "totalCount": 0})


def visma_of(company, connection=None, store=None, **more):
    """Open a company over a played transport."""
    clock = Clock()
    return open_visma(
        connection or a_connection(),
        client_id=more.pop("client_id", SecretStr("isv_demo")),
        client_secret=SecretStr("s3cret"),
        token_store=store if store is not None else MemoryTokens(),
        budget_store=more.pop("budgets", MemoryBudgets()),
        clock=clock,
        sleep=clock.sleep,
        transport=httpx.MockTransport(company),
        **more,
    )


async def test_visma_has_a_token_for_each_service():
    """Two scope sets, two tokens, each kept under a name that holds the tenant."""
    company, store = Company(), MemoryTokens()
    async with visma_of(company, store=store, client_id="isv_demo") as visma:
        await visma.verify_company()
        assert await visma.find_sales_orders("x") == []
    paths = [request.url.path for request in company.requests]

    assert paths == [
        "/visma-connect/connect/token",
        "/erp/v1/branch",
        "/visma-connect/connect/token",
        "/salesorder/api/v3/SalesOrders",
    ]
    assert b"vismanet_erp_service_api%3Aread+vismanet_erp_service_api%3Acreate" in (
        company.requests[0].content
    )
    assert company.requests[1].headers["Authorization"] == "Bearer erp"
    assert company.requests[3].headers["Authorization"] == "Bearer so"
    assert "ipp-company-id" not in company.requests[1].headers
    assert sorted(store.tokens) == ["visma:erp:tenant-1", "visma:salesorder:tenant-1"]


async def test_visma_legacy_headers():
    """An older application names its company in headers."""
    company = Company()
    async with visma_of(company, a_connection(visma={"company_id": 77})) as visma:
        await visma.get_branches()

    assert company.requests[1].headers["ipp-company-id"] == "77"
    assert company.requests[1].headers["ipp-application-type"] == "Visma.net Financials"


async def test_wrong_tenant_is_explained():
    """A fresh token that is refused everywhere is the tenant trap."""
    company = Company(refuse=True)
    async with visma_of(company) as visma:
        with pytest.raises(ConfigError, match="not the COMPANY tenant id"):
            await visma.get_branches()

    tried = [one for one in company.requests if one.url.path.endswith("/branch")]
    assert len(tried) == 2


async def test_a_persons_login_serves_both_services():
    """With the authorization code there is one login, renewed for both."""
    connection = a_connection(visma={"grant": "authorization_code"})
    assert token_name(connection, "erp") == token_name(connection, "salesorder")
    store = MemoryTokens(
        **{token_name(connection, "erp"): a_token("mine", refresh="r")}
    )
    company = Company()
    async with visma_of(company, connection, store) as visma:
        await visma.get_branches()
        await visma.find_sales_orders("x")

    assert {one.headers["Authorization"] for one in company.requests} == {"Bearer mine"}
    assert "offline_access" in login_scope()


async def test_bulk_runs_stop_at_the_reserve():
    """The priority of the run decides how much of the quota it may use."""
    connection = a_connection(visma={"requests_per_hour": 4})
    async with visma_of(Company(), connection, priority="bulk") as visma:
        for _ in range(3):
            await visma.get_branches()
        with pytest.raises(QuotaError, match=r"visma\.erp"):
            await visma.get_branches()


async def centra_calls(token, handler, **centra):
    """Open a store, ask it once, and return what was counted."""
    clock, budgets = Clock(), MemoryBudgets()
    async with open_centra(
        a_connection(centra=centra),
        token=SecretStr(token),
        budget_store=budgets,
        clock=clock,
        sleep=clock.sleep,
        transport=httpx.MockTransport(handler),
    ) as client:
        await client.get_stores()
    return budgets


async def test_centra_is_asked_with_its_token():
    """The token goes along trimmed, and each bucket of the plan is counted."""
    seen = []

    def handler(request):
        seen.append(request)
        return httpx.Response(200, json={"data": {"stores": []}})

    budgets = await centra_calls(" t0ken\n", handler, requests_per_10s=600)

    assert seen[0].headers["Authorization"] == "Bearer t0ken"
    assert str(seen[0].url) == "http://127.0.0.1:9/graphql"
    assert [name for name, _ in budgets.takes] == ["requests/10", "requests/3600"]


async def test_expired_centra_token():
    """A refused token is not tried twice; the sentence says where to make a new one."""
    seen = []

    def handler(request):
        seen.append(request)
        return httpx.Response(401, json={"errors": [{"message": "x"}]})

    with pytest.raises(ConfigError, match="make a new one in AMS"):
        await centra_calls("t0ken", handler)
    assert len(seen) == 1


@pytest.mark.parametrize("token", ["", "  ", "a b", "tokön", "a\nb"])
async def test_secrets_that_cannot_be_right(token):
    """A secret that was copied badly is found before it is sent."""
    with pytest.raises(ConfigError, match="copy it again"):
        await centra_calls(token, lambda request: httpx.Response(200))


def test_reserved_share_is_a_setting():
    """The share that bulk runs leave comes from the connection's limits."""
    assert a_connection().limits.reserved_share == Decimal("0.25")
