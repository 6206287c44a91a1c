"""Visma Connect: grants, scopes, rotating refresh tokens, tenants."""

import base64
import hashlib
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.sandbox.visma_stand import SERVICE, Stand, a_stand

CONNECT = "/visma-connect/connect"
BACK = "http://127.0.0.1:8080/callback"
USER_SCOPES = "openid offline_access vismanet_erp_interactive_api:read"
VERIFIER = "a-verifier-that-is-long-enough-to-be-one-00000000000"


@pytest.fixture
async def stand() -> AsyncIterator[Stand]:
    """Return a stand with a world of its own."""
    async with a_stand() as stand:
        yield stand


async def sign_in(stand: Stand, client_id: str = "isv_sandbox", **form: str) -> str:
    """Sign in on the login page and return the address that the browser is sent to."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    asked = {
        "client_id": client_id,
        "response_type": "code",
        "redirect_uri": BACK,
        "scope": USER_SCOPES,
        "state": "s1",
        "code_challenge": challenge.decode().rstrip("="),
        "code_challenge_method": "S256",
    }
    page = await stand.client.get(f"{CONNECT}/authorize", params=asked)
    assert "vismanet_erp_interactive_api:read" in page.text
    entered = {
        "username": "api-user@nordhem.example",
        "password": "sandbox",
        "consent": "yes",
    }
    response = await stand.client.post(
        f"{CONNECT}/authorize", params=asked, data={**entered, **form}
    )
    return response.headers.get("location", response.text)


async def tokens_of(stand: Stand, client_id: str = "isv_sandbox") -> dict[str, str]:
    """Sign in and exchange the code."""
    query = parse_qs(urlsplit(await sign_in(stand, client_id)).query)
    assert query["state"] == ["s1"]
    response = await stand.connect(
        client_id=client_id,
        grant_type="authorization_code",
        code=query["code"][0],
        redirect_uri=BACK,
        code_verifier=VERIFIER,
    )
    assert response.status_code == 200, response.text
    return response.json()


async def refresh(stand: Stand, token: str, client_id: str = "isv_sandbox"):
    """Exchange a refresh token."""
    return await stand.connect(
        client_id=client_id, grant_type="refresh_token", refresh_token=token
    )


async def test_service_token_has_no_refresh_token(stand: Stand) -> None:
    """Client credentials give an access token for an hour and nothing to renew it with."""
    answer = await stand.connect(tenant_id=stand.company.tenant_id, scope=SERVICE)
    body = answer.json()
    assert body["expires_in"] == 3600
    assert "refresh_token" not in body
    assert set(body["scope"].split()) == set(SERVICE.split())


async def test_basic_authentication_is_accepted(stand: Stand) -> None:
    """The client may authenticate in the header instead of the form."""
    response = await stand.client.post(
        f"{CONNECT}/token",
        data={"grant_type": "client_credentials", "scope": SERVICE},
        auth=("isv_sandbox", "sandbox-secret"),
    )
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("form", "status", "error"),
    [
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"scope": "vismanet_erp_service_api:everything"}, 400, "invalid_scope"),
        ({"client_id": "isv_sandbox_readonly"}, 400, "invalid_scope"),
        ({"scope": "vismanet_erp_interactive_api:read"}, 400, "invalid_scope"),
        ({"scope": ""}, 400, "invalid_scope"),
        ({"tenant_id": "33333333-3333-4333-8333-333333333333"}, 400, "invalid_grant"),
        ({"client_id": "isv_unapproved"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
async def test_refusals(
    stand: Stand, form: dict[str, str], status: int, error: str
) -> None:
    """Each way to ask wrongly has its own OAuth error."""
    asked = {"tenant_id": stand.company.tenant_id, "scope": SERVICE, **form}
    response = await stand.connect(**asked)
    assert (response.status_code, response.json()["error"]) == (status, error)


async def test_token_expires_by_the_world_clock(stand: Stand) -> None:
    """After an hour of the world's time the token is refused with 401."""
    assert (await stand.get("/erp/v1/branch")).status_code == 200
    stand.world.clock.advance(3601)
    assert (await stand.get("/erp/v1/branch")).status_code == 401


async def test_customer_tenant_gives_a_token_and_401(stand: Stand) -> None:
    """The customer tenant id is accepted by Connect and refused by every call."""
    tenant = stand.company.customer_tenant_id
    answer = await stand.connect(tenant_id=tenant, scope=SERVICE)
    assert answer.status_code == 200
    stand.token = answer.json()["access_token"]
    refused = await stand.get("/erp/v1/branch")
    assert (refused.status_code, refused.json()["ExceptionFaultCode"]) == (401, "12027")
    assert (await stand.get("/salesorder/api/v3/SalesOrders")).status_code == 401


async def test_missing_scope_is_403(stand: Stand) -> None:
    """A token without the verb's scope may not do it."""
    scope = "vismanet_erp_service_api:read visma.net.erp.salesorder:read"
    answer = await stand.connect(tenant_id=stand.company.tenant_id, scope=scope)
    stand.token = answer.json()["access_token"]
    assert (await stand.get("/erp/v1/customer")).status_code == 200
    assert (await stand.call("POST", "/erp/v1/customer", json={})).status_code == 403
    assert (await stand.order()).status_code == 403
    assert len(stand.company.orders) == 0


async def test_interactive_sign_in_needs_the_company_header(stand: Stand) -> None:
    """A user's token carries no company: without the right header lists are empty, with 200."""
    stand.token = (await tokens_of(stand))["access_token"]
    for headers in ({}, {"ipp-company-id": "1"}, {"ipp-company-id": "1990002"}):
        response = await stand.call("GET", "/erp/v1/branch", headers=headers)
        assert (response.status_code, response.json()) == (200, [])
    right = {"ipp-company-id": str(stand.company.company_id)}
    assert len((await stand.call("GET", "/erp/v1/branch", headers=right)).json()) == 1


async def test_code_is_bound_to_its_verifier_and_used_once(stand: Stand) -> None:
    """A code with a wrong verifier is refused, and is spent by the attempt."""
    code = parse_qs(urlsplit(await sign_in(stand)).query)["code"][0]
    for verifier in ("wrong", VERIFIER):
        response = await stand.connect(
            grant_type="authorization_code",
            code=code,
            redirect_uri=BACK,
            code_verifier=verifier,
        )
        assert response.json()["error"] == "invalid_grant"


async def test_denied_consent_and_wrong_user(stand: Stand) -> None:
    """Without consent the browser comes back with an error; a user without the role stays."""
    assert "error=access_denied" in await sign_in(stand, consent="no")
    page = await sign_in(stand, username="bookkeeper@nordhem.example")
    assert "API user" in page


async def test_refresh_tokens_rotate_and_reuse_ends_the_family(stand: Stand) -> None:
    """A one-time token works once; used again, it ends all tokens that came of it."""
    first = await tokens_of(stand)
    second = (await refresh(stand, first["refresh_token"])).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert (await refresh(stand, first["refresh_token"])).json()[
        "error"
    ] == "invalid_grant"
    assert (await refresh(stand, second["refresh_token"])).json()[
        "error"
    ] == "invalid_grant"
    stand.token = second["access_token"]
    assert (await stand.get("/erp/v1/branch")).status_code == 401


async def test_reusable_refresh_tokens_stay(stand: Stand) -> None:
    """An application with re-use tokens gets the same one back."""
    first = await tokens_of(stand, "isv_sandbox_reuse")
    again = (await refresh(stand, first["refresh_token"], "isv_sandbox_reuse")).json()
    assert again["refresh_token"] == first["refresh_token"]


async def test_revoked_token_is_not_active(stand: Stand) -> None:
    """Revocation answers 200, and introspection and the APIs know of it."""
    secret = {"client_id": "isv_sandbox", "client_secret": "sandbox-secret"}
    form = {"token": stand.token, **secret}
    assert (await stand.client.post(f"{CONNECT}/introspect", data=form)).json()[
        "active"
    ] is True
    assert (
        await stand.client.post(f"{CONNECT}/revocation", data=form)
    ).status_code == 200
    assert (await stand.client.post(f"{CONNECT}/introspect", data=form)).json() == {
        "active": False
    }
    assert (await stand.get("/erp/v1/branch")).status_code == 401


async def test_discovery_names_the_endpoints(stand: Stand) -> None:
    """The discovery document points at this very server."""
    response = await stand.client.get("/visma-connect/.well-known/openid-configuration")
    assert response.json()["token_endpoint"] == f"http://sandbox{CONNECT}/token"
