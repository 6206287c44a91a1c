"""What the benchmarks share: a connection to a sandbox, and what it was asked."""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path

__all__ = ["calls_of", "variables"]

_TEMPLATE = Path("console/templates/nordhem.toml")


def variables(home: Path, url: str, *, customers: str = "collective") -> dict[str, str]:
    """Write the demo's connection to a sandbox; answer the variables that lead there."""
    folder = home / "connections"
    folder.mkdir()
    text = _TEMPLATE.read_text(encoding="utf-8").replace("@SANDBOX@", url)
    text = text.replace(
        'dtc_customers = "collective"', f'dtc_customers = "{customers}"'
    )
    (folder / "nordhem.toml").write_text(text, encoding="utf-8")
    return {
        "CENTRA_VISMA_HOME": str(home),
        "CENTRA_VISMA_CONNECTIONS": str(folder),
        "CENTRA_VISMA_NORDHEM_CENTRA_TOKEN": "centra-nordhem-token",
        "CENTRA_VISMA_NORDHEM_VISMA_CLIENT_ID": "isv_sandbox",
        "CENTRA_VISMA_NORDHEM_VISMA_CLIENT_SECRET": "sandbox-secret",
    }


def calls_of(url: str) -> dict[str, int]:
    """How often a sandbox was asked, by operation."""
    with urllib.request.urlopen(f"{url}/_sandbox/calls", timeout=30) as answer:  # noqa: S310
        return dict(json.load(answer)["by_operation"])
