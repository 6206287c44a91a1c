"""Webhooks of both systems: what has changed is told to an address, signed.

Centra: form-encoded, `payload` with up to 100 events, `X-Centra-Signature: t=…,v1=…` over
time and raw body, five seconds for an answer, and no second try. Visma.net: its form is
published nowhere, so JSON of our own making; signed with base64 of HMAC-SHA256 over the
raw body, in a header that can be chosen.
"""

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import uuid4

import httpx

from sandbox.world import World

__all__ = ["Target", "Webhooks"]

System = Literal["centra", "visma"]

_GATHERED = 0.2
_EVENTS_A_CALL = 100
_ANSWER_SECONDS = 5.0
_KEPT = 1000
_TYPES = {
    "Order": "order",
    "Shipment": "shipment",
    "Customer": "customer",
    "Account": "account",
    "Return": "return",
}


@dataclass
class Target:
    """Where one side of an instance tells what has changed."""

    url: str
    secret: str
    header: str = "X-Visma-Signature"
    deliveries: list[dict[str, Any]] = field(default_factory=list)


class Webhooks:
    """The webhooks of a world; nothing is told before somebody gives an address."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._targets: dict[tuple[System, str], Target] = {}
        self._of_visma: dict[str, list[dict[str, Any]]] = {}
        self._sending: set[asyncio.Task[None]] = set()

    def set(self, system: System, instance: str, target: Target | None) -> None:
        """Tell what changes from now on to an address, or to nobody."""
        if target is None:
            self._targets.pop((system, instance), None)
        else:
            self._targets[system, instance] = target
        if system == "centra":
            self._world.centra[instance].events.heard = None if target is None else []

    def stay(self) -> None:
        """Go on telling when the world was planted anew."""
        for (system, instance), target in self._targets.items():
            self.set(system, instance, target)

    def get(self, system: System, instance: str) -> Target | None:
        """Where an instance tells what has changed."""
        return self._targets.get((system, instance))

    def note_visma(self, instance: str, event: str, resource: str, key: str) -> None:
        """Remember something that was done in a company, to be told."""
        if ("visma", instance) in self._targets:
            told = {
                "notificationId": str(uuid4()),
                "event": event,
                "resource": resource,
                "resourceId": key,
                "occurredAt": self._world.clock.now().isoformat(),
            }
            self._of_visma.setdefault(instance, []).append(told)

    def tell(self) -> None:
        """Begin to tell what has changed; nobody waits for it."""
        if self._targets and (
            self._of_visma
            or any(one.events.heard for one in self._world.centra.values())
        ):
            task = asyncio.get_running_loop().create_task(self._tell())
            self._sending.add(task)
            task.add_done_callback(self._sending.discard)

    async def _tell(self) -> None:
        await asyncio.sleep(_GATHERED)
        for (system, instance), target in list(self._targets.items()):
            if system == "centra":
                await self._tell_centra(instance, target)
            else:
                for told in self._of_visma.pop(instance, []):
                    body = json.dumps(told).encode()
                    await self._deliver(system, target, 1, [_visma(target, body)])

    async def _tell_centra(self, instance: str, target: Target) -> None:
        shop = self._world.centra[instance]
        heard, shop.events.heard = shop.events.heard or [], []
        events = [
            {
                "type": _TYPES[kind],
                "action": "create" if change == "CREATED" else "update",
                "date": f"{at.astimezone(shop.zone):%Y-%m-%d %H:%M:%S.%f}",
                "id": reference,
            }
            for kind, change, reference, at in heard
            if kind in _TYPES
        ]
        calls = [
            events[start : start + _EVENTS_A_CALL]
            for start in range(0, len(events), _EVENTS_A_CALL)
        ]
        if len(calls) > 1 and self._armed("reordered_webhook", "centra"):
            calls.reverse()
        for some in calls:
            body = urlencode({"payload": json.dumps({"events": some})}).encode()
            t = int(self._world.clock.now().timestamp())
            made = _hmac(target.secret, f"{t}.".encode() + body).hex()
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "X-Centra-Signature": f"t={t},v1={made}",
            }
            await self._deliver("centra", target, len(some), [(body, headers)])

    async def _deliver(
        self,
        system: System,
        target: Target,
        events: int,
        calls: Sequence[tuple[bytes, dict[str, str]]],
    ) -> None:
        if self._armed("lost_webhook", system):
            return
        if self._armed("duplicate_webhook", system):
            calls = [*calls, *calls]
        async with httpx.AsyncClient(timeout=_ANSWER_SECONDS) as client:
            for body, headers in calls:
                try:
                    answer = await client.post(
                        target.url, content=body, headers=headers
                    )
                    status: int | None = answer.status_code
                except httpx.HTTPError:
                    status = None
                told = {"events": events, "status": status}
                target.deliveries = [*target.deliveries[-_KEPT:], told]

    def _armed(self, name: Any, system: System) -> bool:  # noqa: ANN401 - the name of a fault
        return self._world.faults.take(name, [f"{system}.webhook"]) is not None


def _visma(target: Target, body: bytes) -> tuple[bytes, dict[str, str]]:
    made = base64.b64encode(_hmac(target.secret, body)).decode()
    return body, {"Content-Type": "application/json", target.header: made}


def _hmac(secret: str, signed: bytes) -> bytes:
    return hmac.new(secret.encode(), signed, hashlib.sha256).digest()
