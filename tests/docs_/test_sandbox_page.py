"""sandbox.md names every option, fault and control of the sandbox."""

from __future__ import annotations

import ast
import re
from typing import get_args

from sandbox.app import build_world, create_app
from sandbox.faults import FaultName
from sandbox.visma.tokens import demo_clients
from sandbox.world import World
from tests.docs_.code import module_of
from tests.docs_.pages import (
    blocks,
    codes_in_first_column,
    page,
    section,
)

_PAGE = page("sandbox.md")


def _world() -> World:
    return build_world(orders=10)


def test_every_fault_is_explained() -> None:
    """A fault that can be armed can be looked up."""
    named = codes_in_first_column(section(_PAGE, "Faults"))

    assert named == set(get_args(FaultName))


def test_every_option_is_named() -> None:
    """What the process takes stands in the table."""
    taken = {
        str(call.args[0].value)
        for call in ast.walk(module_of("sandbox/__main__.py"))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "add_argument"
        and isinstance(call.args[0], ast.Constant)
    }

    assert codes_in_first_column(section(_PAGE, "Start it")) == taken


def test_every_control_is_shown() -> None:
    """Each path of the control API has an example."""
    examples = "\n".join(blocks(_PAGE, "console"))
    examples = examples.replace("$V/", "$SANDBOX/_sandbox/visma/nordhem/")
    for route in create_app(_world()).routes:
        path = str(getattr(route, "path", ""))
        if path.startswith("/_sandbox/"):
            example = re.sub(r"\\\{.*?\\\}", "[^ /{}]+", re.escape(path))
            assert re.search(rf"{example}(?=\s|\?|$)", examples), path


def test_logins_and_companies_are_the_real_ones() -> None:
    """Tokens, applications and ids can be copied from the page."""
    world = _world()
    known = {token for one in world.centra.values() for token in one.tokens}
    known |= {client.id for client in demo_clients().values()}
    known |= {client.secret for client in demo_clients().values()}
    for company in world.visma.values():
        known |= {company.tenant_id, company.customer_tenant_id}
        known |= {str(company.company_id), company.name}

    assert [text for text in sorted(known) if text not in _PAGE] == []
