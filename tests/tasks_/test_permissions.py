"""Permissions of Centra's token: one table for README and `check`."""

from __future__ import annotations

import re

from tasks.permissions import PERMISSIONS, write_permissions
from tests.docs_.pages import ROOT
from tests.mapping_.builders import a_connection

_ROW = re.compile(r"^   \| (?P<name>[^|]+) \| (?P<some>`[^|]+`) \|$", re.MULTILINE)


def test_readme_has_the_permissions_of_the_code() -> None:
    """Row by row, in the same order: nobody sets up a token by an older list."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")

    told = {
        row["name"].replace("`", ""): tuple(re.findall(r"`([^`]+)`", row["some"]))
        for row in _ROW.finditer(text)
    }

    assert told == PERMISSIONS


def test_only_what_is_on_needs_its_permission() -> None:
    """Credit status, products, prices and stock are asked for where they are carried."""
    optional = {"Account:write", "Product:write", "Price:write", "StockChange:write"}
    settings = a_connection()
    credit = a_connection(
        credit_status={"enabled": True}, stock={"warehouses": {"Shop": ["MAIN"]}}
    )

    assert not optional & set(write_permissions(settings))
    needed = optional & set(write_permissions(credit))
    assert needed == {"Account:write", "StockChange:write"}
    assert "Order:write" in write_permissions(settings)
