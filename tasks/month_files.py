"""The files of a month's pack: a workbook and a page."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from mapping.month_tables import Pack
from tasks.environment import environment
from tasks.month_html import render_html
from tasks.month_xlsx import write_xlsx

__all__ = ["PackFiles", "write_pack"]


@dataclass(frozen=True, slots=True)
class PackFiles:
    """Where the files of a pack are."""

    workbook: Path
    page: Path


def write_pack(pack: Pack, folder: Path | None = None) -> PackFiles:
    """Write a pack; by default into the installation's own folder.

    Files of the same month are replaced. The SHA-256 of each file goes into the audit
    chain: so a file can be proved to be the one that was made.
    """
    env = environment()
    zone = env.connection(pack.connection).zone
    folder = folder or env.application.home / "month-end" / pack.connection
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"month-end-{pack.connection}-{pack.month}"
    files = PackFiles(folder / f"{stem}.xlsx", folder / f"{stem}.html")
    write_xlsx(pack, files.workbook, zone)
    files.page.write_text(render_html(pack, zone), encoding="utf-8")
    digests = {
        one.name: sha256(one.read_bytes()).hexdigest()
        for one in (files.workbook, files.page)
    }
    with env.books(pack.connection).begin() as unit:
        unit.audit.append(
            "month_end.made",
            document=f"month {pack.month}",
            detail={"findings": str(len(pack.findings)), **digests},
        )
    return files
