"""The cast: Alice owns the brand, Bob and Marta are on her team, Charlie owns another brand and
must be refused; Sonia shops for Alice's brand, Sergio for Charlie's."""

from dataclasses import dataclass, field

from server.domain.actor import Actor, Role
from server.models import Brand
from tests import factories


@dataclass(frozen=True, slots=True)
class Person:
    """One of the cast: the actor, and headers that log in as them."""

    account_id: str
    actor: Actor
    headers: dict[str, str]


@dataclass(slots=True)
class Cast:
    """Made fresh in each test's transaction, on first use."""

    brand: Brand = field(default_factory=lambda: factories.brand("Aurea"))
    other_brand: Brand = field(default_factory=lambda: factories.brand("Borealis"))
    _people: dict[str, Person] = field(default_factory=dict)

    def person(self, name: str, role: Role, brand: Brand | None = None, **bounds: str) -> Person:
        """The person of that name with that role in `brand` (Alice's unless said)."""
        if name not in self._people:
            self._people[name] = factories.person(name, role, brand or self.brand, **bounds)
        return self._people[name]

    @property
    def alice(self) -> Person:
        """Admin of the brand."""
        return self.person("alice", Role.ADMIN)

    @property
    def bob(self) -> Person:
        """Reviewer of the brand: reads, does not manage."""
        return self.person("bob", Role.REVIEWER)

    @property
    def marta(self) -> Person:
        """Programme manager of the brand: manages everything but people."""
        return self.person("marta", Role.PROGRAMME_MANAGER)

    @property
    def charlie(self) -> Person:
        """Admin of another brand: a stranger here."""
        return self.person("charlie", Role.ADMIN, self.other_brand)

    @property
    def sonia(self) -> Person:
        """Shopper of the brand."""
        return self.person("sonia", Role.SHOPPER)

    @property
    def sergio(self) -> Person:
        """Another shopper of the brand."""
        return self.person("sergio", Role.SHOPPER)
