"""centra-visma audit: whether the ledger is as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from console.exits import Exit, ends_well
from console.options import Json, Name, connection_named, tell
from mapping.counting import counted

if TYPE_CHECKING:
    from ledger import Verified

__all__ = ["audit_app"]

audit_app = typer.Typer(help="The audit chain, and what it vouches for.")


@audit_app.callback()
def audit() -> None:
    """The audit chain, and what it vouches for."""


@audit_app.command("verify")
@ends_well
def audit_verify(*, connection: Name = None, as_json: Json = False) -> None:
    """Prove that nobody changed the ledger behind its back.

    The hash of every line, every payload that is kept, every certificate, and every
    row that a line vouches for. Ends with 5 when something is not as it was written.
    """
    from tasks.environment import environment

    name = connection_named(connection)
    with environment().books(name).read() as unit:
        found = unit.verification.verify()
    tell(_as_json(found), _sentences(found), as_json=as_json)
    raise SystemExit(int(Exit.OK if found.ok else Exit.ABORTED))


def _as_json(found: Verified) -> dict[str, Any]:
    return {
        "ok": found.ok,
        "lines": found.lines,
        "documents": found.documents,
        "payloads": found.payloads,
        "erased": found.erased,
        "expired": found.expired,
        "certificates": found.certificates,
        "signatures": found.signatures,
        "first_broken_line": min(
            (one.line for one in found.faults if one.line is not None), default=None
        ),
        "faults": [
            {"what": one.what, "line": one.line, "message": one.message}
            for one in found.faults
        ],
    }


def _sentences(found: Verified) -> str:
    looked_at = (
        f"{found.lines} lines of the audit chain, {found.documents} documents, "
        f"{found.payloads} payloads, {found.certificates} certificates and "
        + counted(found.signatures, "signature")
    )
    notes = []
    if found.erased:
        notes.append(
            f"{found.erased} payloads cannot be read: their persons' data was erased, as the chain tells."
        )
    if found.expired:
        notes.append(
            f"{found.expired} payloads were emptied when their retention was over, as the chain tells."
        )
    if found.unhashed:
        notes.append(
            f"{found.unhashed} payloads are older than their digests: they open, and that is all."
        )
    if found.ok:
        return "\n".join([f"Everything is as it was written: {looked_at}.", *notes])
    lines = [
        (f"line {one.line}: " if one.line is not None else "") + one.message
        for one in found.faults
    ]
    return "\n".join(["Not as it was written:", *lines, *notes])
