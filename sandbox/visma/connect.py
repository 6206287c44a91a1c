"""Visma Connect: discovery, login and consent, tokens, revocation, introspection."""

import base64
import binascii
import html
from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs, unquote_plus, urlencode

from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    RedirectResponse,
    Response,
)
from starlette.routing import BaseRoute, Route

from sandbox.serving import Call, serve
from sandbox.visma.connect_wording import NO_STORE, ConnectWording, refusal
from sandbox.visma.tokens import Client, CodeGrant, Refused, TokenStore, demo_clients
from sandbox.visma.wire import answer
from sandbox.world import World

__all__ = ["Connect"]

_PREFIX = "/visma-connect"
_USERS = {
    "api-user@nordhem.example": ("nordhem",),
    "api-user@group.example": ("nordhem", "fjord"),
}
_NO_ROLE = "bookkeeper@nordhem.example"
_PAGE = """<!doctype html><html lang="en"><title>Visma Connect (sandbox)</title>
<h1>Sign in</h1>{problem}
<form method="post">
<label>User <input name="username" value="{user}"></label>
<label>Password <input name="password" type="password" value="sandbox"></label>
<h2>{client} asks for</h2><ul>{scopes}</ul>
<button name="consent" value="yes">Allow</button> <button name="consent" value="no">Deny</button>
</form></html>"""


class Connect:
    """The identity provider of all companies of the world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._clients = demo_clients()
        self.tokens = TokenStore(world.clock, world.random("connect"))

    def companies_of(self, user: str) -> tuple[str, ...]:
        """Return the instances that an interactive user may work in."""
        return _USERS.get(user, ())

    def routes(self) -> list[BaseRoute]:
        """Return the routes under `/visma-connect`."""
        return [
            self._route("GET", "/.well-known/openid-configuration", self._discovery),
            self._route("GET", "/connect/authorize", self._login_page),
            self._route("POST", "/connect/authorize", self._consent),
            self._route("POST", "/connect/token", self._token),
            self._route("POST", "/connect/revocation", self._revocation),
            self._route("POST", "/connect/introspect", self._introspect),
            self._route("GET", "/connect/userinfo", self._userinfo),
        ]

    def _route(
        self, method: str, path: str, handle: Callable[[Request], Awaitable[Response]]
    ) -> Route:
        call = Call((f"connect.{method} {path}",), write=False)

        async def endpoint(request: Request) -> Response:
            async def work() -> Response:
                try:
                    return await handle(request)
                except Refused as refused:
                    unknown = refused.error == "invalid_client"
                    return refusal(refused, status=401 if unknown else 400)

            return await serve(self._world, call, work, ConnectWording())

        return Route(f"{_PREFIX}{path}", endpoint, methods=[method])

    async def _discovery(self, request: Request) -> Response:
        issuer = f"{request.base_url}".rstrip("/") + _PREFIX
        return answer(
            {
                "issuer": issuer,
                "authorization_endpoint": f"{issuer}/connect/authorize",
                "token_endpoint": f"{issuer}/connect/token",
                "revocation_endpoint": f"{issuer}/connect/revocation",
                "introspection_endpoint": f"{issuer}/connect/introspect",
                "userinfo_endpoint": f"{issuer}/connect/userinfo",
                "grant_types_supported": [
                    "authorization_code",
                    "client_credentials",
                    "refresh_token",
                ],
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": [
                    "client_secret_basic",
                    "client_secret_post",
                ],
                "scopes_supported": sorted(self._clients["isv_sandbox"].scopes),
            }
        )

    async def _login_page(self, request: Request) -> Response:
        return self._page(request, problem="")

    def _page(self, request: Request, *, problem: str) -> Response:
        client, scopes = self._asked(request)
        items = "".join(f"<li>{html.escape(scope)}</li>" for scope in sorted(scopes))
        return HTMLResponse(
            _PAGE.format(
                problem=f"<p role=alert>{problem}</p>" if problem else "",
                user=next(iter(_USERS)),
                client=html.escape(client.id),
                scopes=items,
            )
        )

    async def _consent(self, request: Request) -> Response:
        client, scopes = self._asked(request)
        form = await _form(request)
        user = form.get("username", "")
        if user == _NO_ROLE:
            return self._page(
                request, problem="The user does not have the role API user."
            )
        if user not in _USERS or not form.get("password"):
            return self._page(request, problem="The user or the password is wrong.")
        asked = request.query_params
        back = {"state": asked["state"]} if "state" in asked else {}
        if form.get("consent") != "yes":
            back |= {"error": "access_denied"}
        else:
            back["code"] = self.tokens.add_code(
                CodeGrant(
                    client=client.id,
                    user=user,
                    scopes=scopes,
                    redirect_uri=asked["redirect_uri"],
                    challenge=asked.get("code_challenge"),
                )
            )
        joint = "&" if "?" in asked["redirect_uri"] else "?"
        return RedirectResponse(
            f"{asked['redirect_uri']}{joint}{urlencode(back)}", status_code=302
        )

    def _asked(self, request: Request) -> tuple[Client, frozenset[str]]:
        asked = request.query_params
        client = self._clients.get(asked.get("client_id", ""))
        if client is None:
            raise Refused("invalid_client", "The client is not known.")
        if asked.get("response_type") != "code" or not asked.get("redirect_uri"):
            raise Refused(
                "invalid_request", "response_type and redirect_uri are required."
            )
        if asked.get("code_challenge_method", "S256") != "S256":
            raise Refused("invalid_request", "Only the S256 challenge is supported.")
        scopes = _granted(client, asked.get("scope", ""))
        if any("service_api" in scope for scope in scopes):
            raise Refused("invalid_scope", "Service scopes need client credentials.")
        return client, scopes

    async def _token(self, request: Request) -> Response:
        form = await _form(request)
        client = self._authenticated(request, form)
        match form.get("grant_type"):
            case "client_credentials":
                tokens = self._for_service(client, form)
            case "authorization_code":
                tokens = self.tokens.exchange_code(
                    form.get("code", ""),
                    client=client.id,
                    redirect_uri=form.get("redirect_uri", ""),
                    verifier=form.get("code_verifier"),
                )
            case "refresh_token":
                tokens = self.tokens.rotate(form.get("refresh_token", ""), client)
            case _:
                raise Refused(
                    "unsupported_grant_type", "The grant type is not supported."
                )
        return answer(tokens, headers=NO_STORE)

    def _for_service(self, client: Client, form: dict[str, str]) -> dict[str, object]:
        scopes = _granted(client, form.get("scope", ""))
        if any("interactive" in scope or ":" not in scope for scope in scopes):
            raise Refused(
                "invalid_scope", "Interactive scopes need a user who signs in."
            )
        tenant = form.get("tenant_id")
        known = {
            tenant_id: company.tenant_id
            for company in self._world.visma.values()
            for tenant_id in (company.tenant_id, company.customer_tenant_id)
        }
        if tenant is not None and (
            tenant not in known
            or (client.tenants is not None and known[tenant] not in client.tenants)
        ):
            raise Refused(
                "invalid_grant", "The tenant has not approved the application."
            )
        return self.tokens.issue(client.id, scopes, tenant=tenant)

    async def _revocation(self, request: Request) -> Response:
        form = await _form(request)
        self.tokens.revoke(form.get("token", ""), self._authenticated(request, form).id)
        return Response()

    async def _introspect(self, request: Request) -> Response:
        form = await _form(request)
        self._authenticated(request, form)
        held = self.tokens.find(form.get("token", ""))
        if held is None:
            return answer({"active": False})
        return answer(
            {
                "active": True,
                "client_id": held.client,
                "scope": " ".join(sorted(held.scopes)),
                "exp": int(held.expires_at.timestamp()),
                **({"tenant_id": held.tenant} if held.tenant else {}),
            }
        )

    async def _userinfo(self, request: Request) -> Response:
        held = self.tokens.find(
            request.headers.get("authorization", "").removeprefix("Bearer ")
        )
        if held is None or held.user is None:
            return Response(status_code=401, headers={"WWW-Authenticate": "Bearer"})
        return answer({"sub": held.user, "email": held.user})

    def _authenticated(self, request: Request, form: dict[str, str]) -> Client:
        identity, secret = form.get("client_id", ""), form.get("client_secret", "")
        scheme, _, coded = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "basic":
            try:
                pair = base64.b64decode(coded).decode()
            except (binascii.Error, UnicodeDecodeError):
                pair = ""
            identity, secret = (unquote_plus(part) for part in pair.partition(":")[::2])
        client = self._clients.get(identity)
        if client is None or client.secret != secret:
            raise Refused(
                "invalid_client", "The client is not known or its secret is wrong."
            )
        return client


def _granted(client: Client, scope: str) -> frozenset[str]:
    scopes = frozenset(scope.split())
    if not scopes or not scopes <= client.scopes:
        raise Refused(
            "invalid_scope", "A scope is unknown or not granted to the application."
        )
    return scopes


async def _form(request: Request) -> dict[str, str]:
    fields = parse_qs((await request.body()).decode(), keep_blank_values=True)
    return {name: values[-1] for name, values in fields.items()}
