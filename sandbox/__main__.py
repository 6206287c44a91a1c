"""Run the sandbox as a process of its own: `python -m sandbox`."""

import argparse
import asyncio
import ipaddress
import json
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.app import build_world, create_app
from sandbox.faults import ConnectionCut

__all__ = ["Closing", "main"]

_TURNS = 5


class Closing:
    """Turns a `ConnectionCut` into a socket that is really closed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and close the socket where a fault says so."""
        try:
            await self._app(scope, receive, send)
        except ConnectionCut:
            # uvicorn hands out `send` as a method of the request cycle that owns the socket
            send.__self__.transport.close()  # type: ignore[attr-defined]
            for _ in range(_TURNS):  # until the loop has told uvicorn of the end
                await asyncio.sleep(0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)

    parser.add_argument(
        "--port", type=int, default=0, help="0 takes a free one; it is printed"
    )
    parser.add_argument(
        "--host", default="127.0.0.1", help="an address of this machine"
    )
    parser.add_argument(
        "--seed", type=int, default=1, help="the same seed gives the same data"
    )
    parser.add_argument(
        "--orders", type=int, default=120, help="orders in the first store"
    )
    parser.add_argument(
        "--orders-from", type=Path, help="CSV or CSV.GZ with real order lines instead"
    )
    parser.add_argument(
        "--life",
        action="store_true",
        help="let the sales go on: shipments, returns, refunds",
    )
    parser.add_argument(
        "--sizes",
        type=int,
        default=0,
        help="so many more sizes in the first store, with stock, that nobody orders",
    )
    parser.add_argument(
        "--stock-excludes",
        choices=["orders", "shipments"],
        default="orders",
        help="since when Visma.net's available for shipment leaves out an order's units",
    )
    parser.add_argument(
        "--quotas",
        choices=["unlimited", "vendor"],
        default="unlimited",
        help="whether the vendors' quotas are enforced",
    )
    parser.add_argument(
        "--visma-calls-per-hour",
        type=int,
        default=15_000,
        help="Visma.net's quota, where it is enforced",
    )
    wanted = parser.parse_args()
    if wanted.orders_from and not wanted.orders_from.is_file():
        parser.error(f"--orders-from: there is no file {wanted.orders_from}")
    return wanted


def _listen(host: str, port: int) -> socket.socket:
    if not ipaddress.ip_address(host).is_loopback:
        sys.exit(f"the sandbox listens on loopback only: --host {host} is not allowed")
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind((host, port))
    listener.listen(128)
    return listener


def main() -> None:
    """Build the world, listen, and say where in one JSON line."""
    options = _arguments()
    listener = _listen(options.host, options.port)
    world = build_world(
        seed=options.seed,
        orders=options.orders,
        orders_from=options.orders_from,
        quotas=options.quotas,
        visma_calls_per_hour=options.visma_calls_per_hour,
        life=options.life,
        stock_excludes=options.stock_excludes,
        sizes=options.sizes,
    )
    host, port = listener.getsockname()[:2]
    sys.stdout.write(json.dumps({"url": f"http://{host}:{port}"}) + "\n")
    sys.stdout.flush()
    uvicorn.Server(
        uvicorn.Config(
            Closing(create_app(world)),
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            lifespan="off",
        )
    ).run(sockets=[listener])


if __name__ == "__main__":
    main()
