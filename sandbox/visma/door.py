"""The way into both Visma.net services: token, tenant, scopes, limits, background, faults."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sandbox.serving import Answers, Call, serve
from sandbox.visma.company import Company, Stamp
from sandbox.visma.company_setup import Setup
from sandbox.visma.connect import Connect
from sandbox.visma.limits import Limits
from sandbox.visma.tokens import AccessToken
from sandbox.visma.wire import parse_json, path_id
from sandbox.world import World

__all__ = ["Api", "Door", "Handler", "Visit", "Wording"]

Api = Literal["erp", "salesorder"]
_LATE_SECONDS = 60.0
_PREFIXES: dict[Api, str] = {"erp": "/erp", "salesorder": "/salesorder"}


@dataclass
class Visit:
    """One authorised call to a company, as an endpoint sees it."""

    world: World
    request: Request
    company: Company
    call: Call
    body: bytes

    def path(self, name: str) -> str:
        """Return an id from the path, decoded."""
        return path_id(str(self.request.path_params[name]))

    def query(self, name: str) -> str | None:
        """Return a query parameter; an empty one counts as absent."""
        return self.request.query_params.get(name) or None

    def json(self) -> object:
        """Return the body.

        Raises:
            ValueError: it is not JSON.
        """
        return parse_json(self.body)

    def visible_from(self, stamp: Stamp) -> datetime:
        """Return when a new record shows in lists: at once, unless a fault makes it late."""
        fault = self.world.faults.take("late_visibility", self.call.operations)
        if fault is None:
            return stamp.at
        return stamp.at + timedelta(seconds=fault.seconds or _LATE_SECONDS)

    @property
    def base(self) -> str:
        """The address that the sandbox is reached at."""
        return str(self.request.base_url).rstrip("/")


Handler = Callable[[Visit], Response]


class Wording(Answers, Protocol):
    """How one of the two services words refusals, its own errors included."""

    def too_many(self) -> Response:
        """Return 429 without its headers."""

    def not_allowed(self, company: Company) -> Response:
        """Return 400 for what the company's setup does not allow."""

    def refused(self, error: Exception, company: Company) -> Response | None:
        """Return the answer to an error of an endpoint, None when it is not one."""


class Background(Protocol):
    """Where a service keeps the answers of calls that run in the background."""

    def accept(self, visit: Visit, response: Response) -> Response:
        """Keep an answer and return 202."""


class Door:
    """Lets calls to one service in, or turns them away as the service would."""

    def __init__(
        self,
        world: World,
        connect: Connect,
        limits: Limits,
        api: Api,
        wording: Wording,
        background: Background | None = None,
    ) -> None:
        self._world = world
        self._connect = connect
        self._limits = limits
        self._api = api
        self._wording = wording
        self._background = background

    def route(
        self,
        method: str,
        template: str,
        handle: Handler,
        scopes: frozenset[str],
        *,
        accepted: bool = False,
    ) -> Route:
        """Return a route whose endpoint is guarded; one of the scopes is needed.

        An `accepted` one always answers 202 with the reference of a background call.
        """
        call = Call((f"visma.{method} {template}",), write=method != "GET")

        async def endpoint(request: Request) -> Response:
            body = await request.body()

            async def work() -> Response:
                return self._admit(request, body, call, handle, scopes, accepted)

            return await serve(self._world, call, work, self._wording)

        return Route(f"{_PREFIXES[self._api]}{template}", endpoint, methods=[method])

    def _admit(
        self,
        request: Request,
        body: bytes,
        call: Call,
        handle: Handler,
        scopes: frozenset[str],
        accepted: bool,  # noqa: FBT001
    ) -> Response:
        wording = self._wording
        token = self._connect.tokens.find(_bearer(request))
        if token is None:
            return wording.unauthorized()
        company = self._company(request, token)
        if company is None:
            return wording.wrong_tenant()
        if not call.write and self._world.faults.take("wrong_company", call.operations):
            company = self._nowhere()
        verdict = self._limits.spend(company.tenant_id, token.client, self._api)
        if not verdict.allowed:
            response = wording.too_many()
        elif not scopes & token.scopes:
            response = wording.forbidden()
        else:
            company.books.catch_up(company.clock.now())
            response = self._run(
                Visit(self._world, request, company, call, body), handle, accepted
            )
        response.headers.update(verdict.headers)
        return response

    def _run(
        self,
        visit: Visit,
        handle: Handler,
        accepted: bool,  # noqa: FBT001
    ) -> Response:
        if visit.world.faults.take("refused", visit.call.operations):
            return self._wording.not_allowed(visit.company)
        try:
            response = handle(visit)
        except Exception as error:  # the wording knows its own and lets the others pass
            refusal = self._wording.refused(error, visit.company)
            if refusal is None:
                raise
            response = refusal
        mode = visit.request.headers.get("erp-api-background", "none")
        if self._background is None or (mode.lower() == "none" and not accepted):
            return response
        return self._background.accept(visit, response)

    def _company(self, request: Request, token: AccessToken) -> Company | None:
        """Return the company of a call: None for a customer tenant, an empty one when unclear."""
        companies = self._world.visma.values()
        if token.tenant is not None:
            return next(
                (one for one in companies if one.tenant_id == token.tenant), None
            )
        asked = request.headers.get("ipp-company-id", "")
        allowed = (
            self._connect.companies_of(token.user)
            if token.user is not None
            else tuple(self._world.visma)
        )
        for one in companies:
            if str(one.company_id) == asked and one.instance in allowed:
                return one
        return self._nowhere()

    def _nowhere(self) -> Company:
        """Return the company that a wrong company id shows: without setup, without anything."""
        return Company(
            name="",
            instance="",
            company_id=0,
            tenant_id="",
            customer_tenant_id="",
            clock=self._world.clock,
            random=self._world.random("nowhere"),
            setup=Setup(),
        )


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
