"""The catalogue of problems that Promessa answers with (RFC 9457, application/problem+json).

    Problem
    ├── MalformedRequest     400  the body or a parameter cannot be read at all
    ├── Unauthenticated      401  no token, or one that is no longer good
    ├── Forbidden            403  the actor is in this brand, but this is not theirs to do
    ├── NotFound             404  no such thing, or nothing that this actor may know of
    ├── MethodNotAllowed     405
    ├── Conflict             409  the thing is not in a state that allows this
    │   ├── Duplicate        409  something else already bears this code, email, …
    │   └── PullFirst        409  sync: pull, then push again
    ├── PreconditionFailed   412  If-Match names an older version
    ├── OtherTusVersion      412  uploads: Tus-Resumable is not 1.0.0
    ├── TooLarge             413
    ├── UriTooLong           414
    ├── UnsupportedMediaType 415
    ├── RangeNotSatisfiable  416  the Range header names bytes that are not there
    ├── Invalid              422  readable, but some fields are wrong; `errors` names each
    │   └── DigestMismatch   422  the bytes received are not those declared
    ├── Locked               423  uploads: another request is writing to this one
    ├── ClientTooOld         426
    ├── PreconditionRequired 428  If-Match is missing
    ├── TooManyRequests      429
    ├── HeadersTooLarge      431
    ├── ChecksumMismatch     460  uploads: the bytes are not those declared (tus 1.0)
    ├── OAuthProblem         a token refused: RFC 6749's `error` beside the problem's members
    │   ├── InvalidTokenRequest  400  invalid_request
    │   ├── InvalidGrant         400  invalid_grant
    │   ├── UnsupportedGrantType 400  unsupported_grant_type
    │   └── InvalidClient        401  invalid_client
    ├── Internal             500  our fault; the detail says nothing of the inside
    └── Unavailable          503  the database, the queue or the photo storage does not answer

Every problem has: type, title, status, code, detail (what is wrong and how to mend it), and
where it applies `errors`: a list of {pointer, detail}, pointer being an RFC 6901 JSON pointer into
the body ("" is the whole of it), or the plain name of a query's or form's parameter.
"""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar


class Problem(Exception):
    """Base of the catalogue. `extra` becomes additional members of the problem document."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "problem"
    title: ClassVar[str] = "Problem"

    def __init__(
        self,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.headers = dict(headers or {})
        self.extra = extra

    def document(self) -> dict[str, Any]:
        """The problem+json document."""
        document: dict[str, Any] = {
            "type": f"/problems/{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
        }
        if self.errors:
            document["errors"] = self.errors
        return document | self.extra


class MalformedRequest(Problem):
    """The body or a parameter cannot be read at all: broken JSON, wrong protocol shape."""

    status, code, title = 400, "malformed-request", "The request cannot be read"


class Unauthenticated(Problem):
    """No access token, or one that is expired, revoked or not ours."""

    status, code, title = 401, "unauthenticated", "Log in first"

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Bearer realm="promessa"'}, **more)


class Forbidden(Problem):
    """The actor belongs to the brand, but their role does not allow this."""

    status, code, title = 403, "forbidden", "Your role does not allow this"


class NotFound(Problem):
    """Nothing there, or nothing that this actor may know of; the two are never told apart."""

    status, code, title = 404, "not-found", "Not found"


class MethodNotAllowed(Problem):
    """The path exists, the method does not; the Allow header names those that do."""

    status, code, title = 405, "method-not-allowed", "Method not allowed"


class Conflict(Problem):
    """The thing is in a state that does not allow this."""

    status, code, title = 409, "conflict", "Not possible in the present state"


class Duplicate(Conflict):
    """Something else already bears this code, email or name."""

    status, code, title = 409, "duplicate", "Already taken"


class PullFirst(Conflict):
    """Sync: the device must pull, then push again. `push_no`, where it is there, is the highest
    X-Push-No that the server has of this device: the next is to be higher."""

    status, code, title = 409, "pull-first", "Pull, then push again"


class PreconditionFailed(Problem):
    """If-Match names a version that is no longer the current one."""

    status, code, title = 412, "precondition-failed", "Changed by someone else meanwhile"


class OtherTusVersion(Problem):
    """Uploads: the Tus-Resumable header is missing, or names a version other than 1.0.0."""

    status, code, title = 412, "other-tus-version", "Another version of tus"

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(detail, headers={"Tus-Version": "1.0.0"}, **more)


class TooLarge(Problem):
    """The body is larger than the limit, which the detail names."""

    status, code, title = 413, "too-large", "Too large"


class UriTooLong(Problem):
    """The request line is longer than 64 KiB."""

    status, code, title = 414, "uri-too-long", "URI too long"


class UnsupportedMediaType(Problem):
    """The Content-Type is not one that this route reads."""

    status, code, title = 415, "unsupported-media-type", "Unsupported media type"


class RangeNotSatisfiable(Problem):
    """The Range header names bytes that are not there."""

    status, code, title = 416, "range-not-satisfiable", "No such range"


class Invalid(Problem):
    """Readable, but some fields are wrong; `errors` names each with its pointer."""

    status, code, title = 422, "invalid", "Some fields are not valid"


class DigestMismatch(Invalid):
    """The bytes received are not those that the digest declares."""

    status, code, title = 422, "digest-mismatch", "The bytes do not match their digest"


class Locked(Problem):
    """Uploads: another request is writing to this one; Retry-After says how many seconds to wait
    at most."""

    status, code, title = 423, "locked", "Somebody is writing to this"

    def __init__(self, detail: str, *, retry_after: int = 5, **more: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, **more)


class ClientTooOld(Problem):
    """The app's sync schema version is no longer served; update the app."""

    status, code, title = 426, "client-too-old", "Update the app"


class PreconditionRequired(Problem):
    """An edit without If-Match; send the ETag of what was read."""

    status, code, title = 428, "precondition-required", "If-Match is required"


class TooManyRequests(Problem):
    """Rate limit reached; Retry-After says how many seconds to wait."""

    status, code, title = 429, "too-many-requests", "Too many requests"

    def __init__(self, detail: str, *, retry_after: int = 60, **more: Any) -> None:
        super().__init__(detail, headers={"Retry-After": str(retry_after)}, **more)


class HeadersTooLarge(Problem):
    """A header field is longer than 8 KiB, there are more than 100, or all are more than 64 KiB."""

    status, code, title = 431, "headers-too-large", "Header fields too large"


class ChecksumMismatch(Problem):
    """Uploads: the bytes are not those that a checksum declares, and were forgotten (tus 1.0)."""

    status, code, title = 460, "checksum-mismatch", "The bytes do not match their checksum"


class OAuthProblem(Problem):
    """A token request refused; its document is RFC 6749's error answer (5.2) too."""

    status, code, title = 400, "oauth-error", "No token was issued"
    error: ClassVar[str] = "invalid_request"

    def document(self) -> dict[str, Any]:
        """The problem+json document, with `error` and `error_description`."""
        return super().document() | {"error": self.error, "error_description": self.detail}


class InvalidTokenRequest(OAuthProblem):
    """The form lacks a parameter, has one twice or with an impossible value, or is no form."""

    code, title = "invalid-token-request", "The token request cannot be read"
    error = "invalid_request"


class InvalidGrant(OAuthProblem):
    """E-mail and password do not match, or the refresh token is expired, revoked or not ours."""

    code, title = "invalid-grant", "Not a login of ours"
    error = "invalid_grant"


class UnsupportedGrantType(OAuthProblem):
    """The grant_type is none of password, refresh_token and client_credentials."""

    code, title = "unsupported-grant-type", "No such grant type"
    error = "unsupported_grant_type"


class InvalidClient(OAuthProblem):
    """The client is unknown or revoked, or its secret is wrong."""

    status, code, title = 401, "invalid-client", "Not a client of ours"
    error = "invalid_client"

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": 'Basic realm="promessa"'}, **more)


class Internal(Problem):
    """A fault of ours. The detail says nothing of the inside; the log says the rest."""

    status, code, title = 500, "internal", "Something broke on our side"


class Unavailable(Problem):
    """The database, the queue or the photo storage does not answer; try again later."""

    status, code, title = 503, "unavailable", "Temporarily unavailable"

    def __init__(self, detail: str, **more: Any) -> None:
        super().__init__(detail, headers={"Retry-After": "5"}, **more)
