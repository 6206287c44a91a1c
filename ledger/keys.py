"""Master keys: where they come from, and what they wrap."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from ledger.errors import KeyringError

__all__ = ["KEY_FILE", "KEY_VARIABLE", "Keyring", "read_key_file"]

KEY_VARIABLE = "CENTRA_VISMA_KEY"
KEY_FILE = "ledger.key"


class Keyring:
    """The master keys, newest first: the first wraps, every one unwraps."""

    def __init__(self, keys: Sequence[str]) -> None:
        """Take Fernet keys.

        Raises:
            KeyringError: there is none, or one is malformed.
        """
        self.fingerprints = tuple(_fingerprint(key) for key in keys)
        """By which people tell keys apart, newest first; no key follows from it."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            message = (
                f"The master key is no list of Fernet keys; set {KEY_VARIABLE} to keys "
                "that 'centra-visma key' made, newest first, with commas between."
            )
            raise KeyringError(message) from error

    @staticmethod
    def is_there(folder: Path, environ: Mapping[str, str] = os.environ) -> bool:
        """Whether `load` would find a key, rather than make one."""
        return bool(environ.get(KEY_VARIABLE)) or (folder / KEY_FILE).exists()

    @staticmethod
    def generate() -> str:
        """Make a new master key."""
        return Fernet.generate_key().decode()

    @classmethod
    def load(cls, folder: Path, environ: Mapping[str, str] = os.environ) -> Keyring:
        """Take the keys from the environment, else from a file made on first use.

        Raises:
            KeyringError: a key is malformed.
        """
        named = environ.get(KEY_VARIABLE, "")
        text = named or read_key_file(folder / KEY_FILE)
        return cls([key.strip() for key in text.split(",") if key.strip()])

    def wrap(self, secret: bytes) -> bytes:
        """Encrypt with the newest master key."""
        return self._fernet.encrypt(secret)

    def unwrap(self, wrapped: bytes) -> bytes:
        """Decrypt what any of the master keys wrapped.

        Raises:
            KeyringError: none of them did.
        """
        try:
            return self._fernet.decrypt(wrapped)
        except InvalidToken as error:
            message = (
                f"The master key does not open this ledger; put the key it was made "
                f"with into {KEY_VARIABLE}, after the new one if you are rotating."
            )
            raise KeyringError(message) from error

    def rewrap(self, wrapped: bytes) -> bytes:
        """Wrap again with the newest master key.

        Raises:
            KeyringError: none of the keys opens it.
        """
        return self.wrap(self.unwrap(wrapped))


def _fingerprint(key: str) -> str:
    return hashlib.sha256(f"centra-visma {key}".encode()).hexdigest()[:12]


def read_key_file(path: Path) -> str:
    """Read the key file; make it first if there is none, once among racing processes."""
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        descriptor = os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(Keyring.generate() + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)  # unlike a rename, loses to whoever was first
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()
