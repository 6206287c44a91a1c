"""Tokens of Visma Connect: kept, rotated, renewed once, by one worker at a time."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from pydantic import SecretStr

from connectors.errors import ConfigError, RetryableError
from connectors.visma.auth import Application, VismaAuth, judge_token_answer
from connectors.visma.login import begin_login, finish_login
from connectors.waiting import Waiting
from tests.connectors_.builders import (
    NOW,
    Clock,
    MemoryTokens,
    Script,
    a_client,
    a_token,
)

APPLICATION = Application("isv_demo", SecretStr("s3cret"))


def an_answer(token="t1", **more):
    """Return an answer with the parts that a test is about."""
    body = {
        "access_token": token,
        "expires_in": 3600,
        "token_type": "Bearer",
        "scope": "s",
    }
    return httpx.Response(200, json=body | more)


def an_auth(script, store, clock=None, grant="client_credentials", **more):
    """Return a login over a played Visma Connect."""
    clock = clock or Clock()
    connect = a_client(
        script,
        clock,
        name="Visma Connect",
        base_url="https://connect.example",
        setting="visma.connect_url",
        judge=judge_token_answer,
        waiting=Waiting(attempts=1),
    )
    return VismaAuth(
        connect,
        APPLICATION,
        store,
        name=more.pop("name", "erp"),
        grant=grant,
        tenant_id="tenant-1",
        scope="a:read a:create",
        clock=clock,
        sleep=clock.sleep,
    )


def form_of(request):
    """Return the fields of a form."""
    return {
        name: values[0] for name, values in parse_qs(request.content.decode()).items()
    }


async def test_client_credentials():
    """A service token is asked for once and kept until it is about to end."""
    clock, store, script = (
        Clock(),
        MemoryTokens(),
        Script(an_answer("t1"), an_answer("t2")),
    )
    auth = an_auth(script, store, clock)

    assert await auth.headers() == {"Authorization": "Bearer t1"}
    assert await auth.headers() == {"Authorization": "Bearer t1"}
    assert form_of(script.requests[0]) == {
        "client_id": "isv_demo",
        "client_secret": "s3cret",
        "grant_type": "client_credentials",
        "scope": "a:read a:create",
        "tenant_id": "tenant-1",
    }
    assert str(script.requests[0].url) == "https://connect.example/connect/token"
    await clock.sleep(3541)
    assert await auth.headers() == {"Authorization": "Bearer t2"}
    assert len(script.requests) == 2


async def test_token_of_another_worker_is_used():
    """What a worker was given serves all of them."""
    store, script = MemoryTokens(erp=a_token("kept")), Script(an_answer())

    assert await an_auth(script, store).headers() == {"Authorization": "Bearer kept"}
    assert script.requests == []


async def test_many_at_once_ask_once():
    """Single flight within a process."""
    store, script = MemoryTokens(), Script(an_answer("t1"), an_answer("t2"))
    auth = an_auth(script, store)
    found = await asyncio.gather(*(auth.headers() for _ in range(10)))

    assert {one["Authorization"] for one in found} == {"Bearer t1"}
    assert len(script.requests) == 1


async def test_waits_for_another_process():
    """Single flight across processes: who does not hold the lock waits and reads again."""
    clock, store, script = Clock(), MemoryTokens(), Script(an_answer())
    store.busy = 3
    store.while_busy = lambda: store.tokens.update(erp=a_token("theirs"))

    assert await an_auth(script, store, clock).headers() == {
        "Authorization": "Bearer theirs"
    }
    assert script.requests == []
    assert clock.slept == [0.5, 0.5, 0.5]


async def test_gives_up_on_a_lock_that_stays():
    """A lock that nobody releases is trouble that may pass."""
    store = MemoryTokens()
    store.busy = 1000
    with pytest.raises(RetryableError, match="another worker holds the login"):
        await an_auth(Script(an_answer()), store).headers()


async def test_rejected_token_is_replaced():
    """After a 401 the rejected token is not used again, even if it looks fresh."""
    store, script = MemoryTokens(erp=a_token("old")), Script(an_answer("new"))
    auth = an_auth(script, store)
    rejected = await auth.headers()

    assert await auth.renew(rejected) is True
    assert await auth.headers() == {"Authorization": "Bearer new"}
    assert len(script.requests) == 1


async def test_rejected_token_that_someone_replaced_already():
    """Another worker renewed it first, so nothing is asked."""
    store, script = MemoryTokens(erp=a_token("old")), Script(an_answer("new"))
    auth = an_auth(script, store)
    rejected = await auth.headers()
    store.tokens["erp"] = a_token("theirs")
    await auth.renew(rejected)

    assert await auth.headers() == {"Authorization": "Bearer theirs"}
    assert script.requests == []


async def test_refresh_tokens_rotate():
    """A one-time refresh token is replaced by the new one, stored before any use."""
    store = MemoryTokens(erp=a_token("old", seconds=0, refresh="r1"))
    script = Script(an_answer("t1", refresh_token="r2"))
    auth = an_auth(script, store, grant="authorization_code")
    await auth.headers()

    assert form_of(script.requests[0])["grant_type"] == "refresh_token"
    assert form_of(script.requests[0])["refresh_token"] == "r1"
    assert store.saves == ["t1"]
    assert store.tokens["erp"].refresh_token.get_secret_value() == "r2"


async def test_refresh_token_for_repeated_use_is_kept():
    """Where the answer brings none, the old one is still good."""
    store = MemoryTokens(erp=a_token("old", seconds=0, refresh="r1"))
    auth = an_auth(Script(an_answer("t1")), store, grant="authorization_code")
    await auth.headers()

    assert store.tokens["erp"].refresh_token.get_secret_value() == "r1"


async def test_nobody_logged_in():
    """Without a login there is nothing to renew; the sentence says what to do."""
    with pytest.raises(
        ConfigError, match="log in once with 'centra-visma login' as a user"
    ):
        await an_auth(
            Script(an_answer()), MemoryTokens(), grant="authorization_code"
        ).headers()


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        ("invalid_client", "client id and the client secret"),
        ("invalid_scope", "developer portal"),
        ("invalid_grant", "COMPANY tenant id"),
        ("unauthorized_client", "grant type"),
        ("access_denied", "role API user"),
        ("new_error", "check the application"),
    ],
)
async def test_refusals_of_visma_connect(error, advice):
    """Each OAuth error says which setting or approval is missing."""
    for description in ("why", ""):
        body = {"error": error, "error_description": description}
        script = Script(httpx.Response(400, json=body))
        with pytest.raises(ConfigError, match=advice) as caught:
            await an_auth(script, MemoryTokens()).headers()
        assert "s3cret" not in str(caught.value)


async def test_trouble_of_visma_connect():
    """A failing server or an answer without a token may pass."""
    for answer in (httpx.Response(503), httpx.Response(200, json={})):
        with pytest.raises(RetryableError):
            await an_auth(Script(answer), MemoryTokens()).headers()


def a_login():
    """Begin a login."""
    return begin_login(
        "https://connect.example/",
        APPLICATION,
        redirect_uri="http://127.0.0.1:8400/back",
        scope="x offline_access",
    )


def test_login_page_address():
    """PKCE with S256, a state, and the scopes are in the address; the secret is not."""
    login = a_login()
    parts = urlsplit(login.address)
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}

    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == (
        "https://connect.example/connect/authorize"
    )
    challenge = create_s256_code_challenge(login.verifier.get_secret_value())
    assert query == {
        "client_id": "isv_demo",
        "response_type": "code",
        "redirect_uri": "http://127.0.0.1:8400/back",
        "scope": "x offline_access",
        "state": login.state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    assert a_login().state != login.state


def connect_client(script):
    """Return a client of a played Visma Connect."""
    clock = Clock()
    return a_client(
        script, clock, base_url="https://connect.example", judge=judge_token_answer
    )


async def test_login_is_finished():
    """The code of the return address becomes tokens."""
    login, script = a_login(), Script(an_answer("t1", refresh_token="r1"))
    token = await finish_login(
        login,
        f"http://127.0.0.1:8400/back?code=c1&state={login.state}",
        connect=connect_client(script),
        application=APPLICATION,
        clock=lambda: NOW,
    )
    form = form_of(script.requests[0])

    assert token.refresh_token.get_secret_value() == "r1"
    assert form["code"] == "c1"
    assert form["code_verifier"] == login.verifier.get_secret_value()
    assert form["redirect_uri"] == login.redirect_uri


@pytest.mark.parametrize(
    "query", ["code=c1&state=other", "error=access_denied", "code=c1"]
)
async def test_login_of_someone_else_is_refused(query):
    """A wrong state or a refusal ends the login; nothing is asked for."""
    script = Script(an_answer())
    with pytest.raises(ConfigError, match="did not succeed"):
        await finish_login(
            a_login(),
            f"http://127.0.0.1:8400/back?{query}",
            connect=connect_client(script),
            application=APPLICATION,
            clock=lambda: NOW,
        )
    assert script.requests == []


async def test_login_without_refresh_token():
    """A login that cannot be renewed would end within the hour."""
    login = a_login()
    with pytest.raises(ConfigError, match="add offline_access"):
        await finish_login(
            login,
            f"http://127.0.0.1:8400/back?code=c1&state={login.state}",
            connect=connect_client(Script(an_answer())),
            application=APPLICATION,
            clock=lambda: NOW,
        )
