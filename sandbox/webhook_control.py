"""The control API of webhooks: where they go, and what became of them."""

import json
from typing import get_args

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.webhooks import System, Target, Webhooks
from sandbox.world import World

__all__ = ["note_hand", "webhook_routes"]

_OF_HANDS = {
    "orders": ("SALESORDER_UPDATED", "SalesOrder"),
    "shipments": ("Shipment Changed", "Shipment"),
    "invoices": ("AR Invoice Changed", "CustomerInvoice"),
    "creditnotes": ("AR Invoice Changed", "CustomerCreditNote"),
    "customers": ("Customer Changed", "Customer"),
    "items": ("Inventory Item Changed", "InventoryItem"),
}
"""What people do in a company, by the path of its control; the rest has no event."""


def note_hand(webhooks: Webhooks, method: str, path: str) -> None:
    """Let a company tell what was just done in it by hand."""
    parts = path.strip("/").split("/")
    if method == "POST" and parts[:2] == ["_sandbox", "visma"] and len(parts) > 3:  # noqa: PLR2004
        found = _OF_HANDS.get(parts[3])
        if found is not None:
            webhooks.note_visma(parts[2], *found, parts[-1])


def webhook_routes(world: World, webhooks: Webhooks) -> list[BaseRoute]:
    """Return the routes under which an instance gets, shows and loses its webhook."""

    async def endpoint(request: Request, system: System) -> Response:
        instance = request.path_params["instance"]
        if instance not in world.centra:
            return JSONResponse({"error": f"there is no instance {instance!r}"}, 400)
        if request.method == "DELETE":
            webhooks.set(system, instance, None)
        if request.method == "POST":
            try:
                body = json.loads(await request.body())
                target = Target(**body)
            except (TypeError, ValueError) as error:
                return JSONResponse({"error": str(error)}, 400)
            webhooks.set(system, instance, target)
        found = webhooks.get(system, instance)
        told = {"url": found.url, "deliveries": found.deliveries} if found else {}
        return JSONResponse(told)

    def of(system: System) -> Route:
        async def mine(request: Request) -> Response:
            return await endpoint(request, system)

        path = f"/_sandbox/{system}/{{instance}}/webhook"
        return Route(path, mine, methods=["GET", "POST", "DELETE"])

    return [of(system) for system in get_args(System)]
