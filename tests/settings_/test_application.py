"""Where an installation keeps its things, and the secrets of a connection."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings.application import Application, Secrets
from tasks.environment import environment, open_environment


def test_secrets_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each connection has variables of its own."""
    monkeypatch.setenv("CENTRA_VISMA_SHOP_NO_CENTRA_TOKEN", "s3cret")
    monkeypatch.setenv("CENTRA_VISMA_OTHER_CENTRA_TOKEN", "two")

    found = Secrets.of("shop-no")

    assert found.centra_token is not None
    assert found.centra_token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(found)
    assert found.visma_client_id is None


def test_the_ledger_is_embedded_unless_it_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a database address the ledger lives in the home folder."""
    monkeypatch.setenv("CENTRA_VISMA_HOME", str(tmp_path))
    monkeypatch.delenv("CENTRA_VISMA_LEDGER", raising=False)
    assert Application().ledger_url == f"sqlite:///{tmp_path / 'ledger.db'}"

    monkeypatch.setenv("CENTRA_VISMA_LEDGER", "postgresql://db/ledger")
    assert Application().ledger_url == "postgresql://db/ledger"


def test_an_installation_opens_by_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first use makes folder, key and database; the next one finds them."""
    home = tmp_path / "home"
    for name in ("CENTRA_VISMA_KEY", "CENTRA_VISMA_LEDGER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CENTRA_VISMA_HOME", "")
    monkeypatch.setenv("CENTRA_VISMA_CONNECTIONS", "")
    variables = {
        "CENTRA_VISMA_HOME": str(home),
        "CENTRA_VISMA_CONNECTIONS": str(tmp_path),
    }

    opened = open_environment(variables)

    try:
        assert (home / "ledger.db").exists()
        assert environment() is opened
        with opened.books("shop").begin() as unit:
            assert not unit.plans.is_live("orders")
    finally:
        opened.ledger.close()
