"""``GET /organization/names``: names of the ids that answers about usage have."""

from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.errors import UnknownParameter
from tallybook.organization.names import Ids, Names, names_of
from tallybook.organization.organization import Connection
from tallybook.web.access import caller_of
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization.parameters import read_query, texts_of
from tallybook.web.organization.transactions import reading

OBJECT = "organization.names"
LISTS = ("project_ids", "user_ids", "api_key_ids")


async def get_names(request: Request) -> Response:
    """The names of ids; to a bound key those of its projects, their people and their keys."""
    # The route is our own, so a misspelt list is refused instead of being passed over.
    for name, _ in texts_of(request):
        bare = name.partition("[")[0]
        if bare not in LISTS:
            raise UnknownParameter(
                f"{bare[:60]} is not a parameter of names; they are {', '.join(LISTS)}.",
                param=bare[:60],
            )
    arrays = read_query(request, (), LISTS).arrays
    ids = Ids(**{name: frozenset(arrays.get(name, [])) for name in LISTS})
    within = caller_of(request).projects

    def work(connection: Connection) -> Names:
        return names_of(connection, ids, within)

    names = await reading(request, work)
    return JSONResponse({"object": OBJECT, **{each: getattr(names, each) for each in LISTS}})
