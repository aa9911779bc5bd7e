"""Access tokens: whose they are, in one query, and what is none."""

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from joserfc import jwt
from playhouse.test_utils import assert_query_count

from server import clock
from server.config import Settings
from server.domain.actor import Grant, Role
from server.errors import Unauthenticated
from server.models import Client, Device, Membership
from server.services import clients, tokens
from tests import factories
from tests.cast import Cast


def signed(header: dict[str, str], claims: dict[str, object]) -> str:
    return jwt.encode(header, claims, tokens._key(), algorithms=["HS256"])


def test_a_persons_actor_is_one_query(cast: Cast) -> None:
    rita = cast.person("rita", Role.REGIONAL_MANAGER, region_id="r")
    factories.membership(rita.account_id, cast.other_brand.id, Role.SHOPPER, suspended=True)
    gone = factories.membership(rita.account_id, cast.brand.id, Role.ADMIN)
    Membership.update(archived_at=clock.now()).where(Membership.id == gone.id).execute()
    token = tokens.issue_access(account_id=rita.account_id, device_id="phone-1")
    with assert_query_count(1):
        actor = tokens.actor_of(token)
    assert set(actor.grants) == {
        Grant(cast.brand.id, Role.REGIONAL_MANAGER, region_id="r"),
        Grant(cast.other_brand.id, Role.SHOPPER, suspended=True),
    }


def test_a_clients_actor_is_one_query(cast: Cast) -> None:
    made = clients.create(cast.alice.actor, cast.brand.id, "Warehouse")
    token = tokens.issue_access(client_id=made.id)
    with assert_query_count(1):
        actor = tokens.actor_of(token)
    assert (actor.account_id, actor.client_id) == (None, made.id)
    assert actor.grants == (Grant(cast.brand.id, Role.INTEGRATOR),)


def test_revoked_devices_and_clients_are_nobody(cast: Cast) -> None:
    made = clients.create(cast.alice.actor, cast.brand.id, "Warehouse")
    both = (
        tokens.issue_access(account_id=cast.sonia.account_id, device_id="phone-1"),
        tokens.issue_access(client_id=made.id),
        tokens.issue_access(account_id=cast.sonia.account_id, device_id="phone-2"),
    )
    Device.update(revoked_at=clock.now()).execute()
    Client.update(revoked_at=clock.now()).execute()
    for token in both:
        with pytest.raises(Unauthenticated):
            tokens.actor_of(token)


def test_other_things_of_the_same_key_are_no_tokens(cast: Cast) -> None:
    claims = {"sub": cast.sonia.account_id, "dev": "phone-1", "cli": None, "exp": 2**40}
    good = signed({"alg": "HS256", "typ": "at+jwt"}, claims)
    assert tokens.actor_of(good).account_id == cast.sonia.account_id
    for header in ({"alg": "HS256"}, {"alg": "HS256", "typ": "JWT"}):
        with pytest.raises(Unauthenticated):
            tokens.actor_of(signed(header, claims))


@given(text=st.text(max_size=60) | st.from_regex(r"[\w-]{0,9}\.[\w-]{0,9}\.[\w-]{0,9}"))
@examples(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_no_token_is_refused(settings: Settings, text: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens.actor_of(text)
