"""The grants of the token endpoint (RFC 6749): password for people's devices, refresh_token,
client_credentials for integrators. See docs/decisions/0002-token-endpoint.md."""

from dataclasses import dataclass

from server.db import atomic, is_postgres
from server.domain import emails
from server.errors import InvalidClient, InvalidGrant
from server.models import Account
from server.services import accounts, clients, devices, login_limits, refresh_tokens, tokens
from server.services.refresh_tokens import Session


@dataclass(frozen=True, slots=True)
class Tokens:
    """What the endpoint answers (RFC 6749, 5.1). `expires_in` is seconds."""

    access_token: str
    refresh_token: str | None
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int = int(tokens.ACCESS_LIFETIME.total_seconds())


def by_password(
    *, address: str, email: str, password: str, device_id: str, device_name: str | None
) -> Tokens:
    """Log a person in with a device. A suspended shopper may: they still push and see their own
    reports. TooManyRequests, InvalidGrant."""
    name = _one_spelling(email)
    login_limits.admit(address, name)
    account = accounts.authenticate(email, password)
    session = _begin(account, device_id, device_name) if account else None
    if session is None:
        login_limits.count_failure(address, name)
        raise InvalidGrant("E-mail and password do not match: try again.")
    return _of_session(session)


def by_refresh_token(refresh_token: str) -> Tokens:
    """Go on with a login. The same old token gives the same successor until that has been used;
    so a lost answer logs nobody out. InvalidGrant."""
    with atomic():
        session = refresh_tokens.advance(refresh_token)
        if session is not None and not devices.see(session.account_id, session.device_id):
            session = None
    if session is None:
        raise InvalidGrant("The refresh token is expired, revoked or not ours: log in again.")
    return _of_session(session)


def by_client_credentials(client_id: str, client_secret: str) -> Tokens:
    """Log an integrator's client in. InvalidClient."""
    client = clients.authenticate(client_id, client_secret)
    if client is None:
        raise InvalidClient("The client is unknown or revoked, or its secret is wrong.")
    return Tokens(tokens.issue_access(client_id=client.id), None)


def revoke(refresh_token: str) -> None:
    """End the login that the token belongs to; an unknown one is ended already."""
    with atomic():
        refresh_tokens.revoke(refresh_token)


def _one_spelling(email: str) -> str:
    """So that no account has more tries by being spelled in more ways."""
    try:
        return emails.normalised(email)
    except ValueError:
        return "no address"


def _begin(account: Account, device_id: str, device_name: str | None) -> Session | None:
    """None if the password was changed since it was verified: its change ended all logins."""
    with atomic():
        current = Account.select(Account.password_hash).where(Account.id == account.id)
        if is_postgres():
            current = current.for_update()
        if current.scalar() != account.password_hash:
            return None
        devices.enter(account.id, device_id, device_name)
        return refresh_tokens.begin(account.id, device_id)


def _of_session(session: Session) -> Tokens:
    access = tokens.issue_access(
        account_id=session.account_id, device_id=session.device_id, family_id=session.family_id
    )
    return Tokens(access, session.token)
