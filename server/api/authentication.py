"""Who is asking: the bearer token of a request becomes the actor of its handler."""

import flask

from server.domain.actor import Actor
from server.errors import Unauthenticated
from server.services import tokens


def present_actor() -> Actor:
    """The actor of the present request. Unauthenticated."""
    scheme, _, token = flask.request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated(
            "Send `Authorization: Bearer …` with an access token of /v1/auth/token."
        )
    return tokens.actor_of(token.strip())
