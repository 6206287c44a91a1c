"""How calls leave: repeated, renewed, counted, and told apart when they fail."""

import socket
import ssl
from decimal import Decimal

import httpx
import pytest

from connectors.errors import (
    ConfigError,
    InDoubtError,
    QuotaError,
    RecordError,
    RetryableError,
)
from connectors.transport import ApiClient
from connectors.waiting import Waiting
from tests.connectors_.builders import NOW, Clock, Script, a_client


def ok(body="{}", **headers):
    """Return a success."""
    return httpx.Response(200, text=body, headers=headers)


async def read(client, **more):
    """Make one repeatable call."""
    async with client:
        return await client.request("GET", "/things", repeatable=True, **more)


async def write(client, **more):
    """Make one call that may not be repeated."""
    async with client:
        return await client.request(
            "POST", "/things", repeatable=False, json={}, **more
        )


async def test_decimals_are_exact_both_ways():
    """An amount is the same number before and after the wire."""
    script = Script(ok('{"total": 0.12345678901234567890123, "n": 3}'))
    client = a_client(script)
    async with client:
        answer = await client.request(
            "POST",
            "",
            repeatable=True,
            json={"a": Decimal("0.1"), "b": Decimal("1250.00"), "å": "ø"},
        )

    assert answer.body == {"total": Decimal("0.12345678901234567890123"), "n": 3}
    assert script.requests[0].content == '{"a": 0.1, "b": 1250.00, "å": "ø"}'.encode()
    assert script.requests[0].headers["Content-Type"].startswith("application/json")
    assert str(script.requests[0].url) == "https://shop.example/graphql"


async def test_empty_answer_has_no_body():
    """A 201 or 204 without content is an answer, not an error."""
    answer = await write(
        a_client(Script(httpx.Response(201, headers={"Location": "/1"})))
    )

    assert answer.body is None
    assert answer.headers["location"] == "/1"


async def test_read_is_repeated_until_it_succeeds():
    """Trouble that passes costs a few seconds, not the run."""
    clock = Clock()
    script = Script(httpx.Response(503), httpx.ReadTimeout("slow"), ok('{"a": 1}'))
    client = a_client(script, clock, waiting=Waiting(jitter=lambda: 1.0))

    answer = await read(client)

    assert answer.body == {"a": 1}
    assert len(script.requests) == 3
    assert clock.slept == [0.5, 1.0]
    assert client.calls == {"GET /things": 3}
    assert not client.writes


async def test_read_gives_up_after_its_attempts():
    """Attempts are capped."""
    script = Script(httpx.Response(503))
    with pytest.raises(RetryableError, match="not available now"):
        await read(a_client(script))

    assert len(script.requests) == 5


async def test_long_waits_are_left_to_the_caller():
    """Half an hour is not waited for inside a call; the error tells it."""
    clock = Clock()
    script = Script(httpx.Response(429, headers={"Retry-After": "1800"}))
    with pytest.raises(QuotaError) as caught:
        await write(a_client(script, clock))

    assert caught.value.wait_seconds == 1800
    assert len(script.requests) == 1
    assert clock.slept == []


async def test_write_after_429_is_sent_again():
    """A write that was turned away at the door surely did not happen."""
    clock = Clock()
    script = Script(httpx.Response(429, headers={"Retry-After": "2"}), ok())
    client = a_client(script, clock)
    await write(client)

    assert len(script.requests) == 2
    assert clock.slept == [2.0]
    assert client.writes == {"POST /things": 2}


@pytest.mark.parametrize(
    "end",
    [
        httpx.ReadTimeout("t"),
        httpx.WriteTimeout("t"),
        httpx.ReadError("r"),
        httpx.RemoteProtocolError("cut"),
        httpx.DecodingError("gzip"),
        httpx.Response(500),
        httpx.Response(504),
        httpx.Response(200, text="<html>ok?</html>"),
        httpx.Response(200, text='{"a": NaN}'),
    ],
    ids=lambda end: end.__class__.__name__ + str(getattr(end, "status_code", "")),
)
async def test_unclear_end_of_a_write_is_in_doubt(end):
    """Twice is once: a write whose answer was lost is sent exactly once."""
    script = Script(end)
    with pytest.raises(InDoubtError, match="may or may not have been done"):
        await write(a_client(script))

    assert len(script.requests) == 1


@pytest.mark.parametrize(
    "end",
    [
        httpx.ReadError("r"),
        httpx.WriteTimeout("t"),
        httpx.DecodingError("gzip"),
        httpx.Response(200, text="<html>maintenance</html>"),
    ],
    ids=lambda end: end.__class__.__name__,
)
async def test_unclear_end_of_a_read_is_repeated(end):
    """A read does no harm, so it is asked again."""
    script = Script(end, ok('{"a": 2}'))
    answer = await read(a_client(script))

    assert answer.body == {"a": 2}


async def test_not_json_names_the_setting():
    """An address that leads to a web page is found in the settings."""
    with pytest.raises(RetryableError, match=r"text/html.*check that centra.url"):
        await read(
            a_client(
                Script(httpx.Response(200, html="<html/>")),
                waiting=Waiting(attempts=1),
            )
        )


def caused(outer, inner):
    """Return an error with a cause, as httpx raises it."""
    outer.__cause__ = inner
    return outer


def grouped(outer, *inner):
    """Return an error with several causes, as connection attempts give."""
    outer.__cause__ = OSError("All connection attempts failed")
    outer.__cause__.__cause__ = ExceptionGroup("many", list(inner))
    return outer


UNTRUSTED = ssl.SSLCertVerificationError(1, "certificate verify failed")
UNTRUSTED.verify_message = "self-signed certificate"
FAILURES = {
    "unknown name": (
        caused(httpx.ConnectError("x"), socket.gaierror(socket.EAI_NONAME, "no")),
        ConfigError,
        "no host with the name",
    ),
    "dns down": (
        caused(httpx.ConnectError("x"), socket.gaierror(socket.EAI_AGAIN, "later")),
        RetryableError,
        "check the DNS of this machine",
    ),
    "certificate": (
        caused(httpx.ConnectError("x"), UNTRUSTED),
        ConfigError,
        "not trusted .self-signed certificate",
    ),
    "tls": (
        caused(httpx.ConnectError("x"), ssl.SSLError(1, "wrong version")),
        RetryableError,
        "port speaks TLS",
    ),
    "refused": (
        grouped(httpx.ConnectError("x"), ConnectionRefusedError(), OSError()),
        RetryableError,
        "nothing listens at",
    ),
    "unreachable": (httpx.ConnectError("x"), RetryableError, "check the network"),
    "connect timeout": (httpx.ConnectTimeout("x"), RetryableError, "in time.*firewall"),
    "pool": (httpx.PoolTimeout("x"), RetryableError, "allow fewer at once"),
    "proxy login": (httpx.ProxyError("407 Proxy"), ConfigError, "check HTTPS_PROXY"),
    "proxy down": (
        httpx.ProxyError("503 Service"),
        RetryableError,
        "check HTTPS_PROXY",
    ),
    "no address": (httpx.UnsupportedProtocol("x"), ConfigError, "is not an address"),
    "bad header": (httpx.LocalProtocolError("x"), ConfigError, "copy the secret again"),
}


@pytest.mark.parametrize("name", FAILURES)
async def test_failures_below_http_are_told_apart(name):
    """Name, TLS, proxy, refusal and time each have their own sentence and setting."""
    failure, kind, words = FAILURES[name]
    script = Script(failure)
    with pytest.raises(kind, match=words) as caught:
        await write(a_client(script, waiting=Waiting(attempts=2, jitter=lambda: 0.0)))

    assert type(caught.value) is kind
    assert "centra.url = https://shop.example/graphql" in str(caught.value)
    assert len(script.requests) == (2 if kind is RetryableError else 1)


class Tokens:
    """A login whose tokens can be renewed."""

    def __init__(self, *tokens):
        self.tokens = list(tokens)
        self.renewed = 0

    async def headers(self):
        """Return the header of the token in use."""
        return {"Authorization": f"Bearer {self.tokens[0]}"}

    async def renew(self, rejected):
        """Go on to the next token."""
        self.renewed += 1
        if len(self.tokens) == 1:
            return False
        self.tokens.pop(0)
        return True


async def test_rejected_token_is_renewed_once():
    """A 401 was not carried out, so even a write goes out again with a new token."""
    script = Script(httpx.Response(401), ok())
    tokens = Tokens("old", "new", "spare")
    await write(a_client(script, auth=tokens))

    sent = [request.headers["Authorization"] for request in script.requests]
    assert sent == ["Bearer old", "Bearer new"]
    assert tokens.renewed == 1


async def test_second_401_is_a_setting():
    """A fresh token that is refused too will not get better by trying."""
    script = Script(httpx.Response(401))
    with pytest.raises(ConfigError, match="refuses the credentials"):
        await read(a_client(script, auth=Tokens("old", "new", "spare")))

    assert len(script.requests) == 2


async def test_token_that_cannot_be_renewed():
    """A static token is refused once, and that is that."""
    script = Script(httpx.Response(401))
    with pytest.raises(ConfigError):
        await read(a_client(script, auth=Tokens("only")))

    assert len(script.requests) == 1


async def test_judge_comes_first():
    """The vendor's own error forms go before the plain meaning of a status."""

    def judge(answer, call, peer):
        return RecordError("read by the judge", code="X", fix="y")

    with pytest.raises(RecordError, match="read by the judge"):
        await write(a_client(Script(httpx.Response(500)), judge=judge))


@pytest.mark.parametrize(
    "address",
    ["http://shop.example/graphql", "ftp://shop.example", "shop.example", ""],
)
def test_only_https_leaves_this_machine(address):
    """A secret never crosses a network in clear text."""
    with pytest.raises(ConfigError, match=r"centra.url = .* is not safe"):
        a_client(Script(ok()), base_url=address)


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8/x", "http://localhost/x", "http://[::1]:1/x"]
)
def test_this_machine_may_be_plain(address):
    """The sandbox listens without TLS."""
    assert isinstance(a_client(Script(ok()), base_url=address), ApiClient)


async def test_form_params_and_headers():
    """Forms, query parameters and headers reach the wire as given."""
    script = Script(ok())
    client = a_client(script, base_url="https://x.example/api/", headers={"X-A": "1"})
    async with client:
        await client.request(
            "POST",
            "/token",
            form={"grant_type": "x y"},
            params={"ids": "1,2", "expand": ["A", "B"]},
            headers={"If-Match": '"e"'},
            repeatable=True,
            write=True,
            operation="token",
        )
    request = script.requests[0]

    assert request.content == b"grant_type=x+y"
    assert str(request.url) == "https://x.example/api/token?ids=1%2C2&expand=A&expand=B"
    assert request.headers["X-A"] == "1"
    assert request.headers["If-Match"] == '"e"'
    assert client.writes == {"token": 1}


async def test_budget_sees_every_call_and_answer():
    """Each try counts, the renewed one included."""

    class Seen:
        def __init__(self):
            self.entered = []
            self.learned = []

        async def enter(self, call):
            self.entered.append(call.operation)

        def learn(self, answer):
            self.learned.append(answer.status)

    seen = Seen()
    script = Script(httpx.Response(401), httpx.Response(503), ok())
    client = a_client(script, auth=Tokens("a", "b"), budget=seen)
    await read(client)

    assert seen.entered == ["GET /things"] * 3
    assert seen.learned == [401, 503, 200]
    assert client.budget is seen


def test_clock_is_the_only_time():
    """Two clients with one clock agree on the time."""
    assert Clock()() == NOW
