"""The cast: projects, their people, keys and vector stores."""

import msgspec

from tallybook.demo.chance import Chance, chance_of, new_words

USERS = 150
KEYS = 300

# Part of the seed, so that no two sources of chance are the same one.
_CAST = 1

# How likely a further key of a project goes to somebody who has one there.
_COLLEAGUE = 0.8
# Mostly production: that is where the traffic is. Each with its running share.
_ENVS = (("prod", 0.65), ("staging", 0.85), ("dev", 1.0))


class Project(msgspec.Struct, frozen=True):
    """A project: who runs it, where (hours ahead of UTC), and how much it has."""

    id: str
    team: str
    utc_offset: int
    keys: int
    stores: int = 0


class Key(msgspec.Struct, frozen=True):
    """An API key: it belongs to one project and one user."""

    id: str
    project: Project
    user_id: str
    env: str


class Store(msgspec.Struct, frozen=True):
    """A vector store and what it holds when the month begins, and gains in an hour, in bytes."""

    id: str
    project: Project
    start_bytes: int
    hourly_bytes: int


class Organization(msgspec.Struct, frozen=True):
    """The whole cast. The keys of a project are in order of how much they are used."""

    keys: tuple[Key, ...]
    stores: tuple[Store, ...]

    def keys_of(self, project_id: str) -> list[Key]:
        """The keys of one project, the busiest first."""
        return [key for key in self.keys if key.project.id == project_id]

    def stores_of(self, project_id: str) -> list[Store]:
        """The vector stores of one project."""
        return [store for store in self.stores if store.project.id == project_id]


PROJECTS: tuple[Project, ...] = (
    Project("proj_atlas", "search", 1, 60, stores=2),
    Project("proj_borealis", "support", 1, 48, stores=1),
    Project("proj_cobalt", "developers", 1, 38),
    Project("proj_dune", "data", 0, 31),
    Project("proj_ember", "growth", -5, 26),
    Project("proj_fjord", "voice", 1, 22),
    Project("proj_garnet", "research", 0, 18),
    Project("proj_harbor", "documents", 1, 16, stores=3),
    Project("proj_iris", "vision", 2, 13),
    Project("proj_juniper", "trust", 1, 11),
    Project("proj_kestrel", "data", 0, 9),
    Project("proj_lumen", "workplace", -5, 8),
)


def cast_of(seed: int) -> Organization:
    """The organization of a seed: 12 projects, 150 users, 300 keys, 6 vector stores."""
    chance = chance_of(_CAST, seed)
    return Organization(tuple(_keys(chance)), tuple(_stores(chance)))


def _keys(chance: Chance) -> list[Key]:
    """Every other key is a new user's first; the others go to somebody who has one.

    That is mostly a colleague on the same project, so that most people work
    on one project and some on two or three.
    """
    users = iter([f"user-{word}" for word in new_words(chance, 4, USERS)])
    known: list[str] = []
    keys: list[Key] = []
    words = iter(new_words(chance, 4, KEYS))
    for project in PROJECTS:
        members: list[str] = []
        for _ in range(project.keys):
            if len(keys) % 2 == 0:
                user = next(users)
                known.append(user)
            else:
                circle = members if members and chance() < _COLLEAGUE else known
                user = circle[int(chance() * len(circle))]
            members.append(user)
            keys.append(Key(f"key_{next(words)}", project, user, _env(chance())))
    return keys


def _env(place: float) -> str:
    return next(env for env, share in _ENVS if place < share)


def _stores(chance: Chance) -> list[Store]:
    projects = [project for project in PROJECTS for _ in range(project.stores)]
    words = new_words(chance, 3, len(projects))
    return [
        Store(
            f"vs_{word}",
            project,
            start_bytes=int((0.2 + 2 * chance()) * (1 << 30)),
            hourly_bytes=int((0.1 + chance()) * (1 << 20)),
        )
        for word, project in zip(words, projects, strict=True)
    ]
