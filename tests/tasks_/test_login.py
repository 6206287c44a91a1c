"""Interactive applications: a person logs in once, and the login renews itself."""

from __future__ import annotations

from contextlib import contextmanager
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from connectors.errors import ConfigError
from tasks.environment import use_environment
from tasks.login import log_in
from tests.tasks_.stand import a_stand

BACK = "http://127.0.0.1:8400/back"
INTERACTIVE = {"visma.grant": "authorization_code", "visma.company_id": 1990001}


@contextmanager
def a_login_stand(folder, **changes):
    """A stand whose environment is the one in use."""
    with (
        a_stand(folder, orders=3, **changes) as stand,
        use_environment(stand.environment),
    ):
        yield stand


def a_person(stand, **entered):
    """Somebody who opens the address, logs in and comes back."""

    async def ask(address):
        parts = urlsplit(address)
        asked = dict(parse_qsl(parts.query))
        form = {
            "username": "api-user@nordhem.example",
            "password": "sandbox",
            "consent": "yes",
            **entered,
        }
        async with httpx.AsyncClient(transport=stand.wire) as browser:
            page = f"{parts.scheme}://{parts.netloc}{parts.path}"
            answer = await browser.post(page, params=asked, data=form)
        return answer.headers["location"]

    return ask


async def test_a_person_logs_in_once_and_orders_flow(tmp_path):
    """The login is kept, renewed with rotating tokens, and opens both services."""
    with a_login_stand(tmp_path, **INTERACTIVE) as stand:
        await log_in("nordhem", BACK, a_person(stand))
        first = await stand.run("orders", full=True)
        stand.world.clock.advance(2 * 3600)
        again = await stand.run("orders")

    assert first.counts.created + first.counts.left_out + first.counts.parked >= 3
    assert again.counts.created == 0


async def test_a_person_who_declines_is_told_to_begin_again(tmp_path):
    """Without consent there is no token, and nothing is kept."""
    with a_login_stand(tmp_path, **INTERACTIVE) as stand:
        with pytest.raises(ConfigError, match="begin again"):
            await log_in("nordhem", BACK, a_person(stand, consent="no"))

        with pytest.raises(ConfigError, match="centra-visma login"):
            await stand.run("orders")


async def test_a_service_application_needs_no_login(tmp_path):
    """The sentence says which setting decides it."""
    with (
        a_login_stand(tmp_path) as stand,
        pytest.raises(ConfigError, match=r"needs no login: visma\.grant"),
    ):
        await log_in("nordhem", BACK, a_person(stand))
