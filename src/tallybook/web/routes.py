"""The routes, and the authorization table: every route has a row, with its scope."""

from collections.abc import Iterator

import msgspec

from tallybook.domain import costs
from tallybook.domain.kinds import KINDS
from tallybook.organization.scopes import Scope
from tallybook.settings import Settings
from tallybook.usage.dialects import LEGACY_PREFIX
from tallybook.web.access import Reach
from tallybook.web.backups import post_backup
from tallybook.web.costs import get_costs
from tallybook.web.dashboard import get_asset, get_page
from tallybook.web.doors import Door, Handler
from tallybook.web.events import get_events
from tallybook.web.examination import get_examination
from tallybook.web.health import healthz, readyz
from tallybook.web.ingest import post_events
from tallybook.web.login import SESSION_SCOPE, delete_session, get_session, post_session
from tallybook.web.metering.metrics import get_metrics
from tallybook.web.organization import (
    admin_api_keys,
    audit_logs,
    members,
    names,
    project_keys,
    projects,
    service_accounts,
    users,
)
from tallybook.web.prices import (
    get_cards,
    get_explanation,
    get_price_list,
    get_repricings,
    post_repricing,
)
from tallybook.web.reference import get_docs, get_openapi
from tallybook.web.usage import get_usage
from tallybook.web.voids import get_event, post_void

BASE_PATH = "/v1"
ORGANIZATION_PATH = f"{BASE_PATH}/organization"
METRICS_PATH = "/metrics"
PROJECT_PATH = "/projects/{project_id}"


def _organization(path: str, reach: Reach, **handlers: Handler) -> Iterator[Door]:
    """The doors of a path of the organization, by method: to get is to read, all else changes."""
    for method, handler in handlers.items():
        scope = Scope.ORGANIZATION_READ if method == "get" else Scope.ORGANIZATION_WRITE
        yield Door(f"{ORGANIZATION_PATH}{path}", method.upper(), scope, handler, reach)


ORGANIZATION_DOORS: tuple[Door, ...] = (
    *_organization(
        "/admin_api_keys",
        Reach.ORGANIZATION,
        get=admin_api_keys.get_admin_keys,
        post=admin_api_keys.post_admin_key,
    ),
    *_organization(
        "/admin_api_keys/{key_id}",
        Reach.ORGANIZATION,
        get=admin_api_keys.get_admin_key,
        post=admin_api_keys.post_admin_key_changes,
        delete=admin_api_keys.delete_admin_key,
    ),
    *_organization("/projects", Reach.PROJECTS, get=projects.get_projects),
    *_organization("/projects", Reach.ORGANIZATION, post=projects.post_project),
    *_organization(
        PROJECT_PATH,
        Reach.PROJECTS,
        get=projects.get_project,
        post=projects.post_project_changes,
    ),
    *_organization(f"{PROJECT_PATH}/archive", Reach.PROJECTS, post=projects.post_archive),
    *_organization(
        f"{PROJECT_PATH}/api_keys",
        Reach.PROJECTS,
        get=project_keys.get_project_keys,
        post=project_keys.post_project_key,
    ),
    *_organization(
        f"{PROJECT_PATH}/api_keys/{{api_key_id}}",
        Reach.PROJECTS,
        get=project_keys.get_project_key,
        delete=project_keys.delete_project_key,
    ),
    *_organization(
        f"{PROJECT_PATH}/service_accounts",
        Reach.PROJECTS,
        get=service_accounts.get_service_accounts,
        post=service_accounts.post_service_account,
    ),
    *_organization(
        f"{PROJECT_PATH}/service_accounts/{{service_account_id}}",
        Reach.PROJECTS,
        get=service_accounts.get_service_account,
        post=service_accounts.post_service_account_changes,
        delete=service_accounts.delete_service_account,
    ),
    *_organization(
        f"{PROJECT_PATH}/service_accounts/{{service_account_id}}/api_keys",
        Reach.PROJECTS,
        post=service_accounts.post_service_account_key,
    ),
    *_organization(
        f"{PROJECT_PATH}/users",
        Reach.PROJECTS,
        get=members.get_members,
        post=members.post_member,
    ),
    *_organization(
        f"{PROJECT_PATH}/users/{{user_id}}",
        Reach.PROJECTS,
        get=members.get_member,
        post=members.post_member_changes,
        delete=members.delete_member,
    ),
    *_organization("/users", Reach.ORGANIZATION, get=users.get_users, post=users.post_user),
    *_organization(
        "/users/{user_id}",
        Reach.ORGANIZATION,
        get=users.get_user,
        post=users.post_user_changes,
        delete=users.delete_user,
    ),
    *_organization("/audit_logs", Reach.ORGANIZATION, get=audit_logs.get_audit_logs),
    # Of use to whoever reads usage, and told no more than that.
    Door(f"{ORGANIZATION_PATH}/names", "GET", Scope.USAGE_READ, names.get_names, Reach.PROJECTS),
)

DOORS: tuple[Door, ...] = (
    Door("/", "GET", None, get_page),
    Door("/assets/{name}", "GET", None, get_asset),
    Door("/healthz", "GET", None, healthz),
    Door("/readyz", "GET", None, readyz),
    Door("/openapi.json", "GET", None, get_openapi),
    Door("/docs", "GET", None, get_docs),
    Door("/session", "POST", None, post_session),
    Door("/session", "GET", SESSION_SCOPE, get_session, Reach.PROJECTS),
    Door("/session", "DELETE", SESSION_SCOPE, delete_session, Reach.PROJECTS),
    Door(f"{BASE_PATH}/events", "POST", Scope.USAGE_WRITE, post_events, Reach.PROJECTS),
    Door(f"{BASE_PATH}/events", "GET", Scope.USAGE_READ, get_events, Reach.PROJECTS),
    Door(f"{BASE_PATH}/events/void", "POST", Scope.USAGE_WRITE, post_void, Reach.PROJECTS),
    Door(f"{BASE_PATH}/events/{{event_id}}", "GET", Scope.USAGE_READ, get_event, Reach.PROJECTS),
    *(
        Door(f"{prefix}{kind.path}", "GET", Scope.USAGE_READ, get_usage(kind), Reach.PROJECTS)
        for prefix in (BASE_PATH, LEGACY_PREFIX)
        for kind in KINDS.values()
    ),
    Door(f"{BASE_PATH}/prices/cards", "GET", Scope.USAGE_READ, get_cards),
    # Of the price book, and of no usage.
    Door(f"{BASE_PATH}/prices/list", "GET", Scope.USAGE_READ, get_price_list, Reach.PROJECTS),
    Door(
        f"{BASE_PATH}/prices/explanation",
        "GET",
        Scope.USAGE_READ,
        get_explanation,
        Reach.PROJECTS,
    ),
    Door(f"{BASE_PATH}/prices/repricings", "GET", Scope.USAGE_READ, get_repricings),
    Door(f"{BASE_PATH}/prices/repricings", "POST", Scope.PRICES_WRITE, post_repricing),
    *(
        Door(f"{prefix}{costs.PATH}", "GET", Scope.USAGE_READ, get_costs, Reach.PROJECTS)
        for prefix in (BASE_PATH, LEGACY_PREFIX)
    ),
    Door(METRICS_PATH, "GET", Scope.USAGE_READ, get_metrics),
    Door(f"{BASE_PATH}/doctor", "GET", Scope.ORGANIZATION_READ, get_examination),
    *ORGANIZATION_DOORS,
    # It holds every event, and what keys are told by.
    Door(
        f"{BASE_PATH}/backups",
        "POST",
        Scope.ORGANIZATION_WRITE,
        post_backup,
        also=Scope.USAGE_READ,
    ),
)


def doors_for(settings: Settings) -> tuple[Door, ...]:
    """The doors of a server: that of the metrics is open when the settings say so."""
    return tuple(
        msgspec.structs.replace(door, scope=None)
        if door.path == METRICS_PATH and settings.metrics_open
        else door
        for door in DOORS
    )
