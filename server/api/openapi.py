"""What openapi.yaml says beside the operations."""

from typing import Any

DESCRIPTION = """\
Promessa serves touchpoint checklists to mystery shoppers' phones, accepts their visit reports
however late, twice or out of order they arrive, and ranks stores by what the brand promised.

Times are ISO 8601 with offset, except in `/v1/sync`, whose times are integer milliseconds UTC.
Ids are opaque strings. Every error is `application/problem+json` (RFC 9457); switch on its `code`.
Lists are paged by `cursor`. What people edit carries an ETag, and an edit sends it as If-Match.
"""

OPENAPI: dict[str, Any] = {
    "API_TITLE": "Promessa",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {"description": DESCRIPTION, "license": {"name": "Proprietary"}},
        "servers": [{"url": "/", "description": "This server"}],
        "components": {
            "securitySchemes": {
                "client": {
                    "type": "http",
                    "scheme": "basic",
                    "description": "An integrator's client_id and client_secret.",
                },
                "bearer": {
                    "type": "oauth2",
                    "description": "An access token of /v1/auth/token, as a Bearer token.",
                    "flows": {
                        "password": {
                            "tokenUrl": "/v1/auth/token",
                            "refreshUrl": "/v1/auth/token",
                            "scopes": {},
                        },
                        "clientCredentials": {"tokenUrl": "/v1/auth/token", "scopes": {}},
                    },
                },
            }
        },
    },
}
