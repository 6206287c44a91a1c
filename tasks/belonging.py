"""A connection stays with the store and the company that it began with.

What the ledger knows (links, the index of the target, cursors) is of those two. With
another company behind the same name it would take foreign documents for its own, and
leave out what has yet to be carried over.
"""

from __future__ import annotations

from connectors.errors import ConfigError
from ledger import ConnectionLedger
from settings.connection import Connection

__all__ = ["stay_with"]


def stay_with(books: ConnectionLedger, settings: Connection) -> None:
    """Keep which store and company a connection reads first, and refuse another.

    Raises:
        ConfigError: The settings lead to another store or company than before.
    """
    company = settings.visma.tenant_id.strip().lower()
    if settings.visma.company_id is not None:
        company = f"{company}/{settings.visma.company_id}"
    ends = {
        "centra.url": str(settings.centra.url).rstrip("/"),
        "visma.tenant_id": company,
    }
    with books.begin() as unit:
        for setting, now in ends.items():
            before = unit.cursors.get(setting)
            if before is None:
                unit.cursors.move(setting, now)
            elif before != now:
                message = (
                    f"{setting} is now {now}, but what the ledger knows of connection "
                    f"'{settings.name}' is of {before}: set it back, or give the other "
                    "one a connection file with a name of its own; what stands there "
                    "already is found by its references, nothing is made twice"
                )
                raise ConfigError(message)
