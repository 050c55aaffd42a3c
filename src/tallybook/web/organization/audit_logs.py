"""``GET /organization/audit_logs``: every change, the newest first."""

from starlette.requests import Request
from starlette.responses import Response

from tallybook.domain.moments import SECONDS_MAX
from tallybook.organization.audit import Sought, list_entries
from tallybook.organization.names import Ids, names_of
from tallybook.organization.organization import Connection
from tallybook.organization.owners import owners_of_ids
from tallybook.web.envelope import JSONResponse
from tallybook.web.organization.audit_details import Told, audit_log
from tallybook.web.organization.lists import PAGING, envelope_of, window_of
from tallybook.web.organization.parameters import INCLUDE, included, read_query
from tallybook.web.organization.transactions import reading
from tallybook.web.query_strings import Parameters

# What ``include[]`` may ask for.
CHANGES = "changes"
# Bounds of the time of a change, in Unix seconds, and what turns each into an inclusive one.
SINCE = {"effective_at[gt]": 1, "effective_at[gte]": 0}
UNTIL = {"effective_at[lt]": -1, "effective_at[lte]": 0}
LISTS = ("event_types", "actor_ids", "actor_emails", "project_ids", "resource_ids")


async def get_audit_logs(request: Request) -> Response:
    """A list of changes, those that meet every filter."""
    scalars = (*PAGING, "before", *SINCE, *UNTIL)
    parameters = read_query(request, scalars, (*LISTS, INCLUDE))
    window = window_of(parameters, newest_first=True)
    changes = CHANGES in included(parameters, CHANGES)
    sought = _sought(parameters)

    def work(connection: Connection) -> Response:
        page = list_entries(connection, window, sought)
        actors = {entry.actor.id for entry in page.records if entry.actor.id is not None}
        projects = {entry.project_id for entry in page.records if entry.project_id is not None}
        told = Told(
            owners_of_ids(connection, actors),
            names_of(connection, Ids(project_ids=projects)).project_ids,
        )
        data = [audit_log(entry, told, changes=changes) for entry in page.records]
        ids = [entry.id for entry in page.records]
        return JSONResponse(envelope_of(data, ids, has_more=page.has_more))

    return await reading(request, work)


def _sought(parameters: Parameters) -> Sought:
    arrays = parameters.arrays
    return Sought(
        types=arrays.get("event_types", ()),
        actor_ids=arrays.get("actor_ids", ()),
        actor_emails=arrays.get("actor_emails", ()),
        project_ids=arrays.get("project_ids", ()),
        subject_ids=arrays.get("resource_ids", ()),
        since=max(_bounds(parameters, SINCE), default=None),
        until=min(_bounds(parameters, UNTIL), default=None),
    )


def _bounds(parameters: Parameters, inward: dict[str, int]) -> list[int]:
    """The inclusive bounds that are given, no further out than times can be."""
    given = [(parameters.integer(name), step) for name, step in inward.items()]
    return [
        min(max(second + step, -1), SECONDS_MAX) for second, step in given if second is not None
    ]
