"""The key by which the Prefect server encrypts what people keep in its blocks.

Without one of ours Prefect makes one, and keeps it in the database that it encrypts.
"""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.fernet import Fernet

from connectors.errors import ConfigError
from ledger import read_key_file

__all__ = ["KEY_FILE", "KEY_VARIABLE", "block_key"]

KEY_VARIABLE = "PREFECT_SERVER_ENCRYPTION_KEY"
"""As Prefect names it; what it holds wins over the file."""
KEY_FILE = "prefect.key"


def block_key(home: Path) -> str:
    """The key from the environment, else from a file that its owner alone can read.

    The file is made on first use, apart from the database.

    Raises:
        ConfigError: What is there is no key.
    """
    named = os.environ.get(KEY_VARIABLE, "").strip()
    key = named or read_key_file(home / KEY_FILE).strip()
    try:
        Fernet(key)
    except ValueError as error:
        where = KEY_VARIABLE if named else home / KEY_FILE
        message = f"{where} holds no Fernet key: 'centra-visma key' prints one"
        raise ConfigError(message) from error
    return key
