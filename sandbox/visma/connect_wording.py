"""How Visma Connect words its refusals."""

from starlette.responses import PlainTextResponse, Response

from sandbox.visma.tokens import Refused
from sandbox.visma.wire import answer

__all__ = ["NO_STORE", "ConnectWording", "refusal"]

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


def refusal(refused: Refused, status: int = 400) -> Response:
    """Return an OAuth error."""
    return answer(
        {"error": refused.error, "error_description": refused.description},
        status=status,
        headers=NO_STORE,
    )


class ConnectWording:
    """The refusals of Visma Connect."""

    def unavailable(self, status: int) -> Response:
        """Return a failure of the server."""
        return PlainTextResponse("Service unavailable", status_code=status)

    def rate_limited(self, seconds: float | None) -> Response:
        """Return 429."""
        return Response(
            status_code=429, headers={"Retry-After": str(round(seconds or 5))}
        )

    def unauthorized(self) -> Response:
        """Return the error of an unknown client."""
        return refusal(
            Refused("invalid_client", "The client is not known."), status=401
        )

    def forbidden(self) -> Response:
        """Return the error of a scope that was not granted."""
        return refusal(
            Refused("invalid_scope", "The scope is not granted to the application.")
        )

    def wrong_tenant(self) -> Response:
        """Return the error of a tenant that has not approved."""
        return refusal(
            Refused("invalid_grant", "The tenant has not approved the application.")
        )

    def empty(self) -> Response:
        """Return an empty object."""
        return answer({})
