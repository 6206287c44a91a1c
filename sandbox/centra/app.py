"""The HTTP side: the GraphQL endpoint of each instance, and the control verbs for its orders."""

import json
import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from graphql import GraphQLError, GraphQLList, GraphQLNonNull, GraphQLObjectType
from starlette.requests import Request as HttpRequest
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.centra.api import answer, error_body, operation_names
from sandbox.centra.documents import Operation, prepare
from sandbox.centra.permissions import permission_for
from sandbox.centra.play import play_routes
from sandbox.centra.registry import Request
from sandbox.centra.requests import settle_due
from sandbox.centra.store import CentraInstance
from sandbox.centra.tokens import Token
from sandbox.serving import Call, serve
from sandbox.world import World

__all__ = ["routes"]

_WAIT = 10
_LAG = 60
_CREATES = {
    f"centra.mutation.{name}"
    for name in ("createProduct", "createProductVariant", "createProductSize")
}
_PAYS = {
    f"centra.mutation.{name}"
    for name in ("createShipment", "captureShipment", "captureOrder", "refundReturn")
}


def routes(world: World) -> list[BaseRoute]:
    """Return the routes of all Centra instances of a world, and of the hands on them."""
    endpoint = _Endpoint(world)
    return [
        Route("/centra/{instance}/graphql", endpoint.post, methods=["POST"]),
        *play_routes(world),
    ]


class _Endpoint:
    def __init__(self, world: World) -> None:
        self._world = world

    async def post(self, http: HttpRequest) -> Response:
        instance = self._world.centra.get(http.path_params["instance"])
        if instance is None:
            return Response("Not Found", 404, media_type="text/html")
        body, prepared = _read(await http.body())
        call = Call(("centra.query.invalid",), write=False)
        answers = _Answers(instance)
        if isinstance(prepared, Operation):
            names, write = operation_names(prepared)
            call = Call(names, write)
            answers = _Answers(instance, prepared)

        async def handle() -> Response:
            return self._handle(http, answers, body, prepared, call)

        return await serve(self._world, call, handle, answers)

    def _handle(
        self,
        http: HttpRequest,
        answers: "_Answers",
        body: Mapping[str, Any],
        prepared: Operation | list[GraphQLError],
        call: Call,
    ) -> Response:
        now, instance = self._world.clock.now(), answers.instance
        token = _token_of(http, instance)
        if token is None or not token.is_valid(now):
            return answers.unauthorized()
        if not isinstance(prepared, Operation):
            return _json({"errors": [error_body(error) for error in prepared]}, 400)
        if self._world.faults.take("duplicate_events", call.operations):
            instance.events.repeat(token.integration)
        settle_due(instance, now)
        request = Request(instance, token, now)
        if any(name in _PAYS for name in call.operations):
            request.is_refused = bool(
                self._world.faults.take("psp_refuses", call.operations)
            )
        if any(name in _CREATES for name in call.operations):
            late = self._world.faults.take("late_visibility", call.operations)
            request.lag = (late.seconds or _LAG) if late else None
        done = answer(
            prepared,
            body.get("variables") or {},
            request,
            limited=self._world.quotas == "vendor",
        )
        if isinstance(done, datetime):
            return answers.limited_until(done)
        return _json(done.body, done.status)


class _Answers:
    """How this API words what goes wrong around it."""

    def __init__(
        self, instance: CentraInstance, operation: Operation | None = None
    ) -> None:
        self.instance = instance
        self._operation = operation

    def unavailable(self, status: int) -> Response:
        return _json({"errors": [{"message": "Internal server error"}]}, status)

    def rate_limited(self, seconds: float | None) -> Response:
        now = self.instance.clock.now()
        return self.limited_until(now + timedelta(seconds=seconds or _WAIT))

    def limited_until(self, at: datetime) -> Response:
        """Say when to come back, as a point in time."""
        response = _json({"errors": [{"message": "Too many requests"}]}, 429)
        response.headers["Retry-After"] = self._point_in_time(at)
        return response

    def _point_in_time(self, at: datetime) -> str:
        if self.instance.retry_after_form == "http_date":
            return format_datetime(at.astimezone(UTC), usegmt=True)
        return str(math.ceil(at.timestamp()))

    def unauthorized(self) -> Response:
        error = {
            "message": "The token is not valid.",
            "extensions": {"category": "authentication"},
        }
        return _json({"errors": [error]}, 401)

    def wrong_tenant(self) -> Response:
        return self.unauthorized()

    def forbidden(self) -> Response:
        """Refuse the first root field, as a token without its permission would see it."""
        data = self._no_data()
        if self._operation is None or not data:
            return self.unauthorized()
        node = self._operation.root_fields()[0]
        name = node.name.value
        permission = permission_for(self._operation.root_type, name) or "Order:read"
        error = {
            "message": f"You need {permission} permission to access {name}.",
            "path": [next(iter(data))],
            "extensions": {"category": "authorization"},
        }
        return _json({"errors": [error], "data": dict.fromkeys(data)}, 200)

    def empty(self) -> Response:
        return _json({"data": self._no_data()}, 200)

    def _no_data(self) -> dict[str, Any]:
        return _empty_data(self._operation) if self._operation else {}


def _read(raw: bytes) -> tuple[dict[str, Any], Operation | list[GraphQLError]]:
    try:
        body = json.loads(raw)
    except ValueError:
        return {}, [GraphQLError("The body is not JSON.")]
    if not isinstance(body, dict) or not isinstance(body.get("query"), str):
        return {}, [GraphQLError('The body must hold "query".')]
    return body, prepare(body["query"], body.get("operationName"))


def _token_of(http: HttpRequest, instance: CentraInstance) -> Token | None:
    scheme, _, value = http.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer":
        value = http.cookies.get("graphql-access", "")
    return instance.tokens.get(value.strip())


def _empty_data(operation: Operation) -> dict[str, Any]:
    """Return the data of an answer that found nothing."""
    data: dict[str, Any] = {}
    for node in operation.root_fields():
        field = operation.root_type.fields.get(node.name.value)
        type_ = field.type if field else None
        if isinstance(type_, GraphQLNonNull):
            type_ = type_.of_type
        key = node.alias.value if node.alias else node.name.value
        if isinstance(type_, GraphQLList):
            data[key] = []
        elif isinstance(type_, GraphQLObjectType) and "edges" in type_.fields:
            data[key] = {
                "totalCount": 0,
                "edges": [],
                "pageInfo": {"hasNextPage": False},
            }
        else:
            data[key] = None
    return data


def _json(content: object, status: int) -> Response:
    if status == 200:  # noqa: PLR2004  # by far the most, and the largest
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        return Response(text, media_type="application/json")
    return JSONResponse(content, status_code=status)
