"""Accounts: who can log in, and by which password."""

import base64
import secrets
import unicodedata
from functools import cache

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from server import clock, config
from server.config import PasswordCost
from server.db import atomic
from server.domain import emails
from server.errors import Duplicate, Invalid, NotFound
from server.models import Account

SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 1000


def create(email: str, name: str, password: str, *, locale: str = "en") -> Account:
    """A new account. Invalid, Duplicate. Hash before any transaction: it takes its time."""
    address, hashed = address_of(email), hash_of(password)
    account, made = obtain(address, name, hashed, locale=locale)
    if not made:
        raise Duplicate(f"{address} has an account already: log in, or change its password.")
    return account


def obtain(
    email: str, name: str, password_hash: str, *, locale: str = "en"
) -> tuple[Account, bool]:
    """The account of that e-mail, and whether it is new. One that exists stays as it is."""
    with atomic():
        made = (
            Account.insert(
                id=clock.new_id(),
                email=address_of(email),
                name=name,
                password_hash=password_hash,
                locale=locale,
                created_at=clock.now(),
            )
            .on_conflict_ignore()
            .as_rowcount()
            .execute()
        )
        return Account.get(Account.email == address_of(email)), bool(made)


def find(email: str) -> Account:
    """The account of that e-mail. NotFound."""
    account: Account | None = Account.get_or_none(Account.email == address_of(email))
    if account is None:
        raise NotFound(f"Nobody has an account as {email}.")
    return account


def authenticate(email: str, password: str) -> Account | None:
    """The account, if the password is its. An unknown e-mail takes as long as a wrong password.
    A hash of another cost than the settings' is renewed."""
    try:
        account: Account | None = Account.get_or_none(Account.email == emails.normalised(email))
    except ValueError:
        account = None
    if not verified(account.password_hash if account else None, password) or account is None:
        return None
    if _hasher(config.settings().password_cost).check_needs_rehash(account.password_hash):
        _renew(account, password)
    return account


def verified(password_hash: str | None, password: str) -> bool:
    """Whether the password has that hash; without a hash, False after the same work."""
    hasher = _hasher(config.settings().password_cost)
    try:
        return hasher.verify(password_hash or _decoy(), _spelled(password))
    except VerificationError:
        return False
    except InvalidHashError:  # an account that nobody can log in to by password
        return password_hash is not None and verified(None, password)


def hash_of(password: str) -> str:
    """The argon2id hash of a new password. Invalid if it is too short, or too long to hash."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        bounds = f"{SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters"
        wrong = {"pointer": "/password", "detail": f"Must have {bounds}."}
        raise Invalid(f"A password has {bounds}.", errors=[wrong])
    return _hasher(config.settings().password_cost).hash(_spelled(password))


def set_password(account_id: str, password_hash: str) -> None:
    """Replace an account's password hash."""
    Account.update(password_hash=password_hash).where(Account.id == account_id).execute()


def _renew(account: Account, password: str) -> None:
    """Unless the password was changed meanwhile."""
    fresh = _hasher(config.settings().password_cost).hash(_spelled(password))
    unchanged = (Account.id == account.id) & (Account.password_hash == account.password_hash)
    with atomic():
        if Account.update(password_hash=fresh).where(unchanged).execute():
            account.password_hash = fresh


def _spelled(password: str) -> bytes:
    """One keyboard types "è" as one character, another as two (NIST SP 800-63B, 5.1.1.2)."""
    return unicodedata.normalize("NFKC", password).encode("utf-8", "surrogatepass")


def address_of(email: str) -> str:
    """The address as accounts keep it. Invalid."""
    try:
        return emails.normalised(email)
    except ValueError as error:
        wrong = {"pointer": "/email", "detail": str(error)}
        raise Invalid(f"{email!r} is not an e-mail address.", errors=[wrong]) from error


@cache
def _hasher(cost: PasswordCost) -> argon2.PasswordHasher:
    return argon2.PasswordHasher(cost.passes, cost.memory, cost.lanes)


def _decoy() -> str:
    """A well-formed hash of the present cost that no password is known to have."""
    cost = config.settings().password_cost
    salt, digest = (
        base64.b64encode(secrets.token_bytes(size)).decode().rstrip("=") for size in (16, 32)
    )
    return f"$argon2id$v=19$m={cost.memory},t={cost.passes},p={cost.lanes}${salt}${digest}"
