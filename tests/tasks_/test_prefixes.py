"""Two connections into one company never write the same reference."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors.errors import ConfigError
from settings.application import Application
from tasks.environment import Environment
from tests.settings_.test_loader import GOOD
from tests.tasks_.stand import a_stand


@pytest.fixture
def env(tmp_path: Path) -> Iterator[Environment]:
    """An installation in which nothing went live, and no connection file yet."""
    with a_stand(tmp_path, live=False) as stand:
        folder = tmp_path / "connections"
        folder.mkdir()
        yield Environment(Application(connections=folder), stand.environment.ledger)


def write(env: Environment, name: str, prefix: str, company: str = "t") -> None:
    """Write a connection file."""
    text = GOOD.replace('"N-"', f'"{prefix}"').replace('"t"', f'"{company}"')
    file = env.application.connections / f"{name}.toml"
    file.write_text(text, encoding="utf-8")


def go_live(env: Environment, name: str) -> None:
    """A first plan of its orders is approved."""
    with env.books(name).begin() as unit:
        unit.plans.go_live("orders", by="Kim", hash="abc")


def refusal(env: Environment, name: str) -> str | None:
    """Why a connection cannot be used, None where it can."""
    try:
        env.connection(name)
    except ConfigError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("first", "second"),
    [("N-", "N-"), ("N-", "n-"), ("N-", "N"), ("N-", ""), ("N", "NS")],
)
def test_a_prefix_that_another_has_or_begins_with_is_refused(
    env: Environment, first: str, second: str
) -> None:
    """Order 12 of 'NS' would be what shipment 12 of 'N' is."""
    write(env, "shop", first)
    write(env, "copy", second)

    assert refusal(env, "copy") == (
        f"{env.application.connections / 'copy.toml'}: prefix: '{second}' and '{first}' of "
        "connection 'shop' name documents of one Visma.net company alike, so each would "
        "take the other's for its own; give the newer one another prefix"
    )
    assert refusal(env, "shop") is not None


def test_who_is_live_goes_on_beside_a_copy_of_its_file(env: Environment) -> None:
    """The prefix is its own: nobody's mistake holds it back."""
    write(env, "shop", "N-")
    go_live(env, "shop")
    write(env, "copy", "N-")

    assert refusal(env, "shop") is None
    assert refusal(env, "copy") is not None
    write(env, "copy", "F-")
    assert refusal(env, "copy") is None


def test_two_that_are_live_both_stop(env: Environment) -> None:
    """A prefix that was changed afterwards: nobody knows whose a document is."""
    for name, prefix in (("shop", "N-"), ("copy", "N-")):
        write(env, name, prefix)
        go_live(env, name)

    assert None not in {refusal(env, "shop"), refusal(env, "copy")}


def test_another_company_may_have_the_same(env: Environment) -> None:
    """Nothing of one company is looked for in another; a wrong file is passed over."""
    write(env, "shop", "N-")
    write(env, "fjord", "N-", company="another")
    (env.application.connections / "new.toml").write_text("prefix =", encoding="utf-8")

    assert (refusal(env, "shop"), refusal(env, "fjord")) == (None, None)
