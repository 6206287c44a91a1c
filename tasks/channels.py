"""Channels: where alerts are sent, by Apprise.

The addresses hold secrets. They come from the environment, and appear in no message,
log or file: a channel is named by its place among them and its kind.
Source: Apprise, "Supported notifications" (one address is one channel).
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pydantic import SecretStr

from connectors.errors import ConfigError

if TYPE_CHECKING:  # it takes seconds to load: only who sends waits for it
    from apprise import Apprise

__all__ = ["Channel", "channels_of"]

VARIABLE = "CENTRA_VISMA_ALERTS"
_SECONDS = 30.0
_BETWEEN = re.compile(r"\s+|,(?=\s*[A-Za-z][\w+.-]*://)")


@dataclass(frozen=True)
class Channel:
    """One address of Apprise, such as a chat, a mailbox or a phone."""

    name: str
    """Its place and kind, such as `1 slack`."""
    apprise: Apprise = field(repr=False)

    async def send(self, title: str, body: str, *, solved: bool = False) -> bool:
        """Send a message; whether it was taken, without a word of why not."""
        from apprise import NotifyType

        kind = NotifyType.SUCCESS if solved else NotifyType.WARNING
        with _silence():
            try:
                sent = await asyncio.wait_for(
                    asyncio.to_thread(
                        self.apprise.notify, body=body, title=title, notify_type=kind
                    ),
                    _SECONDS,
                )
            except Exception:  # noqa: BLE001 - any of a hundred plugins; it may name the address
                return False
        return bool(sent)


def channels_of(value: SecretStr | None) -> list[Channel]:
    """The channels of CENTRA_VISMA_ALERTS; none if it is not set.

    Raises:
        ConfigError: An address is not understood; its place is named, never itself.
    """
    text = value.get_secret_value() if value else ""
    addresses = [one for one in _BETWEEN.split(text) if one]
    return [_channel(place, one) for place, one in enumerate(addresses, 1)]


def _channel(place: int, address: str) -> Channel:
    from apprise import Apprise, AppriseAsset

    asset = AppriseAsset(app_id="centra-visma", app_desc="centra-visma", app_url="")
    made = Apprise(asset=asset)
    with _silence():
        is_understood = made.add(address)
    if not is_understood:
        message = (
            f"{VARIABLE}: address no. {place} is none that Apprise understands: write it "
            "like mailto://user:password@host or slack://token, several with spaces"
        )
        raise ConfigError(message)
    kind = address.partition("://")[0].lower()
    return Channel(f"{place} {kind}", made)


@contextmanager
def _silence() -> Iterator[None]:
    """Keep Apprise's log out of ours: it names addresses."""
    log = logging.getLogger("apprise")
    log.addFilter(_refuse)
    try:
        yield
    finally:
        log.removeFilter(_refuse)


def _refuse(record: logging.LogRecord) -> bool:
    del record
    return False
