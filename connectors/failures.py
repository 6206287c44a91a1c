"""Tells failures below HTTP apart: name, TLS, proxy, refusal, time, a cut answer."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator

import httpx

from connectors.answers import Call, Peer, unclear
from connectors.errors import ConfigError, ConnectorError, RetryableError

__all__ = ["error_of_failure"]

# Raised before any byte of the request left: the call surely was not carried out.
_BEFORE_SENDING = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.ProxyError,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
    httpx.LocalProtocolError,
)


def error_of_failure(error: Exception, call: Call, peer: Peer) -> ConnectorError:
    """Turn what httpx raised into the error that says what to do next."""
    if isinstance(error, _BEFORE_SENDING):
        return _not_sent(error, peer)
    happened = _happened(error)
    if not call.repeatable:
        return unclear(call, peer, happened)
    return RetryableError(f"{peer} {happened} to {call.operation}; it is tried again")


def _happened(error: Exception) -> str:
    match error:
        case httpx.ReadTimeout():
            return "did not answer in time"
        case httpx.WriteTimeout():
            return "did not take the request in time"
        case httpx.DecodingError():
            return "sent an answer that cannot be unpacked"
        case _:
            return "closed the connection before its answer was complete"


def _not_sent(error: Exception, peer: Peer) -> ConnectorError:
    match error:
        case httpx.InvalidURL() | httpx.UnsupportedProtocol():
            text = f"{peer} is not an address; write it like https://host/path"
            return ConfigError(text)
        case httpx.LocalProtocolError():
            return ConfigError(
                f"{peer.login.name} for {peer} cannot be put into a header: "
                "copy the secret again, without line breaks"
            )
        case httpx.ProxyError():
            return _proxy(error, peer)
        case _:
            found = (_by_cause(cause, peer) for cause in _causes(error))
            return next((one for one in found if one), None) or _no_connection(
                error, peer
            )


def _by_cause(cause: BaseException, peer: Peer) -> ConnectorError | None:
    match cause:
        case socket.gaierror():
            return _no_name(cause, peer)
        case ssl.SSLCertVerificationError():
            return ConfigError(
                f"the certificate of {peer} is not trusted ({getattr(cause, 'verify_message', 'unknown')}): "
                "check the host name, and SSL_CERT_FILE if your network inspects TLS"
            )
        case ssl.SSLError():
            return RetryableError(
                f"no TLS connection to {peer} ({getattr(cause, 'reason', None) or 'handshake failed'}): "
                "check that the port speaks TLS and no firewall cuts it"
            )
        case ConnectionRefusedError():
            return RetryableError(
                f"nothing listens at {peer}: check host and port, "
                "and that the service or sandbox is running"
            )
        case _:
            return None


def _no_connection(error: Exception, peer: Peer) -> ConnectorError:
    match error:
        case httpx.PoolTimeout():
            text = (
                f"all connections to {peer} were busy for too long: allow fewer at once"
            )
        case httpx.ConnectTimeout():
            text = (
                f"no connection to {peer} in time: check the network, the firewall, "
                "and HTTPS_PROXY if you need a proxy"
            )
        case _:
            text = f"no connection to {peer}: check the network and the address"
    return RetryableError(text)


def _proxy(error: Exception, peer: Peer) -> ConnectorError:
    advice = "check HTTPS_PROXY and NO_PROXY"
    message = (
        f"the proxy on the way to {peer} does not let us through ({error}): {advice}"
    )
    if any(code in str(error) for code in ("502", "503", "504")):
        return RetryableError(message)
    return ConfigError(message)


def _no_name(cause: socket.gaierror, peer: Peer) -> ConnectorError:
    if cause.errno == socket.EAI_AGAIN:
        return RetryableError(
            f"the name of {peer} cannot be looked up now: check the DNS of this machine"
        )
    return ConfigError(
        f"there is no host with the name in {peer}: check the spelling of the address"
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Walk an error's causes, groups included, once each."""
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions)
        waiting += [one.__cause__, one.__context__]
