"""The description of the organization's routes, written from the shapes of bodies and answers."""

import re

import msgspec

from tallybook.organization.audit import EVENT_TYPES
from tallybook.organization.names import IDS_MAX
from tallybook.organization.windows import LIMIT_DEFAULT, LIMIT_MAX
from tallybook.web.openapi_parts import Document, answer, errors, object_of, parameter, ref
from tallybook.web.organization import answers, names, wishes
from tallybook.web.organization.audit_logs import CHANGES
from tallybook.web.organization.audit_logs import LISTS as AUDIT_LISTS
from tallybook.web.organization.bodies import BODY_BYTES_MAX
from tallybook.web.organization.keys import ACCESS, REVOKED
from tallybook.web.organization.lists import ORDERS
from tallybook.web.organization.parameters import INCLUDE
from tallybook.web.organization.project_keys import OWNER_ACCESS, OWNER_ACCESSES
from tallybook.web.organization.projects import INCLUDE_ARCHIVED
from tallybook.web.organization.users import EMAILS

_PREFIX = "/v1/organization"
_PROJECT = f"{_PREFIX}/projects/{{project_id}}"
_TEXTS: Document = {"type": "array", "items": {"type": "string"}}
_ACCESS = "`access` adds `scopes`, `project_ids`, `requests_per_minute_max`: beyond the contract."
_REVOKED = "`revoked` adds keys that were revoked, and `revoked_at`."
_BEYOND = "Beyond the contract."
_SECRET = "The secret is in this answer alone, as `value`."  # noqa: S105 - it is none


def organization_paths() -> Document:
    """The routes of the organization."""
    paths = {
        **_admin_keys(),
        **_projects(),
        **_project_keys(),
        **_service_accounts(),
        **_members(),
        **_users(),
        f"{_PREFIX}/audit_logs": {"get": _audit_logs()},
        f"{_PREFIX}/names": {"get": _names()},
    }
    for path, operations in paths.items():
        for operation in operations.values():
            _name_ids(path, operation)
    return paths


def _name_ids(path: str, operation: Document) -> None:
    """Describe the ids that a path names; without one, nothing can be missing."""
    ids = re.findall(r"{(\w+)}", path)
    operation["parameters"] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": {"type": "string", "minLength": 1},
        }
        for name in ids
    ] + operation["parameters"]
    if not ids:
        del operation["responses"]["404"]


def organization_schemas() -> Document:
    """The schemas of bodies and answers, by their names."""
    shapes = [
        shape
        for module in (answers, wishes)
        for shape in vars(module).values()
        if isinstance(shape, type)
        and issubclass(shape, msgspec.Struct)
        and shape.__module__ == module.__name__
    ]
    _, schemas = msgspec.json.schema_components(shapes, ref_template="#/components/schemas/{name}")
    for schema in schemas.values():
        schema["description"] = schema["description"].replace("``", "`")
    # An entry has its details under the name of its type.
    details = {name: {"type": "object"} for name in EVENT_TYPES}
    schemas["AuditLog"]["properties"] |= details
    schemas["AuditLog"]["properties"]["type"] = {"type": "string", "enum": list(EVENT_TYPES)}
    return schemas


def _admin_keys() -> Document:
    access = _include(_ACCESS, ACCESS)
    listed = _include(f"{_ACCESS} {_REVOKED}", ACCESS, REVOKED)
    order = parameter(
        "order", "By creation.", {"type": "string", "enum": list(ORDERS), "default": "asc"}
    )
    made = f"{_SECRET} Scopes that are left out are all those of the key that makes it."
    return {
        f"{_PREFIX}/admin_api_keys": {
            "get": _list("admin_keys", "Keys of the organization", "AdminKey", order, listed),
            "post": _post("create_admin_key", "Make a key", "NewAdminKey", "AdminKey", access)
            | {"description": made},
        },
        f"{_PREFIX}/admin_api_keys/{{key_id}}": {
            "get": _get("admin_key", "A key of the organization", "AdminKey", access),
            "post": _post("update_admin_key", "Change a key", "AdminKeyChanges", "AdminKey", access)
            | {"description": _BEYOND},
            "delete": _delete(
                "delete_admin_key", "End a key at once", "organization.admin_api_key.deleted"
            ),
        },
    }


def _projects() -> Document:
    archived = parameter(
        INCLUDE_ARCHIVED, "Archived ones too.", {"type": "boolean", "default": False}
    )
    return {
        f"{_PREFIX}/projects": {
            "get": _list("projects", "Projects", "Project", archived),
            "post": _post("create_project", "Make a project", "NewProject", "Project"),
        },
        _PROJECT: {
            "get": _get("project", "A project", "Project"),
            "post": _post("update_project", "Rename a project", "ProjectChanges", "Project"),
        },
        f"{_PROJECT}/archive": {
            "post": _operation("archive_project", "End a project and its keys", ref("Project"))
        },
    }


def _project_keys() -> Document:
    access = _include(_ACCESS, ACCESS)
    listed = _include(f"{_ACCESS} {_REVOKED}", ACCESS, REVOKED)
    owners = parameter(
        OWNER_ACCESS,
        "Keys whose owner has access to the project, those whose owner has none, or any.",
        {"type": "string", "enum": list(OWNER_ACCESSES), "default": "any"},
    )
    registered = f"{_BEYOND} The id is the one that events have; the key opens nothing here."
    return {
        f"{_PROJECT}/api_keys": {
            "get": _list("project_keys", "Keys of a project", "ProjectKey", owners, listed),
            "post": _post(
                "register_project_key",
                "Name a key that another system issued",
                "RegisteredKey",
                "ProjectKey",
                access,
            )
            | {"description": registered},
        },
        f"{_PROJECT}/api_keys/{{api_key_id}}": {
            "get": _get("project_key", "A key of a project", "ProjectKey", access),
            "delete": _delete(
                "delete_project_key", "End a key at once", "organization.project.api_key.deleted"
            ),
        },
    }


def _service_accounts() -> Document:
    account = f"{_PROJECT}/service_accounts/{{service_account_id}}"
    deleted = "organization.project.service_account.deleted"
    shape = "ServiceAccount"
    return {
        f"{_PROJECT}/service_accounts": {
            "get": _list("service_accounts", "Service accounts of a project", shape),
            "post": _post(
                "create_service_account", "Make a service account", "NewServiceAccount", shape
            )
            | {"description": _SECRET},
        },
        account: {
            "get": _get("service_account", "A service account", shape),
            "post": _post(
                "update_service_account",
                "Change a service account",
                "ServiceAccountChanges",
                shape,
            ),
            "delete": _delete("delete_service_account", "End it and its keys at once", deleted),
        },
        f"{account}/api_keys": {
            "post": _post(
                "create_service_account_key",
                "Make a key of a service account",
                "NewServiceAccountKey",
                "ServiceAccountKey",
            )
            | {"description": f"{_SECRET} Without scopes it may send the project's events."}
        },
    }


def _members() -> Document:
    deleted = "organization.project.user.deleted"
    shape = "ProjectUser"
    return {
        f"{_PROJECT}/users": {
            "get": _list("members", "People of a project", shape),
            "post": _post("add_member", "Let someone into a project", "NewMember", shape),
        },
        f"{_PROJECT}/users/{{user_id}}": {
            "get": _get("member", "A person of a project", shape),
            "post": _post("update_member", "Change a role in a project", "MemberChanges", shape),
            "delete": _delete("remove_member", "Take someone out of a project", deleted),
        },
    }


def _users() -> Document:
    emails = parameter(EMAILS, "Only people with one of these.", _TEXTS)
    return {
        f"{_PREFIX}/users": {
            "get": _list("users", "People of the organization", "User", emails),
            "post": _post("add_user", "Add a person", "NewUser", "User") | {"description": _BEYOND},
        },
        f"{_PREFIX}/users/{{user_id}}": {
            "get": _get("user", "A person of the organization", "User"),
            "post": _post("update_user", "Change a person", "UserChanges", "User")
            | {"description": "`name` and `email` are beyond the contract."},
            "delete": _delete("delete_user", "Erase a person", "organization.user.deleted")
            | {"description": "Name and email are forgotten; the id stays in the sums."},
        },
    }


def _audit_logs() -> Document:
    second: Document = {"type": "integer"}
    bounds = dict.fromkeys(("gt", "gte", "lt", "lte"), second)
    span = parameter(
        "effective_at",
        "The time of the change, in Unix seconds.",
        object_of(bounds, []),
        style="deepObject",
        explode=True,
    )
    before = parameter("before", "The id that the page ends before.", {"type": "string"})
    filters = [parameter(name, "Only entries with one of these.", _TEXTS) for name in AUDIT_LISTS]
    text = f"`{CHANGES}` adds what changed, by whom and from where: beyond the contract."
    operation = _list(
        "audit_logs",
        "Changes, the newest first",
        "AuditLog",
        before,
        span,
        *filters,
        _include(text, CHANGES),
    )
    return operation | {"description": "The details are under the name of the entry's type."}


def _names() -> Document:
    table: Document = {"type": "object", "additionalProperties": {"type": "string"}}
    tables = dict.fromkeys(names.LISTS, table)
    shape = object_of({"object": {"const": names.OBJECT}, **tables})
    text = f"At most {IDS_MAX} ids in all lists together."
    return _operation(
        "names",
        "Names of ids that answers about usage have",
        shape,
        *(parameter(name, text, _TEXTS) for name in names.LISTS),
    ) | {"description": f"{_BEYOND} What has no name is left out."}


def _get(name: str, summary: str, shape: str, *parameters: Document) -> Document:
    return _operation(name, summary, ref(shape), *parameters)


def _list(name: str, summary: str, shape: str, *parameters: Document) -> Document:
    ids: Document = {"type": ["string", "null"]}
    envelope = object_of(
        {
            "object": {"const": "list"},
            "data": {"type": "array", "items": ref(shape)},
            "first_id": ids,
            "last_id": ids,
            "has_more": {"type": "boolean"},
        }
    )
    limit: Document = {
        "type": "integer",
        "minimum": 1,
        "maximum": LIMIT_MAX,
        "default": LIMIT_DEFAULT,
    }
    return _operation(
        name,
        summary,
        envelope,
        parameter("limit", "Records of a page.", limit),
        parameter("after", "The `last_id` of the page before.", {"type": "string"}),
        *parameters,
    )


def _post(name: str, summary: str, body: str, shape: str, *parameters: Document) -> Document:
    operation = _operation(name, summary, ref(shape), *parameters)
    operation["requestBody"] = {
        "required": True,
        "content": {"application/json": {"schema": ref(body)}},
    }
    large = f"The body has more than {BODY_BYTES_MAX} bytes."
    operation["responses"]["413"] = answer(large, ref("Error"))
    return operation


def _delete(name: str, summary: str, deleted: str) -> Document:
    fields: Document = {
        "object": {"const": deleted},
        "id": {"type": "string"},
        "deleted": {"const": True},
    }
    return _operation(name, summary, object_of(fields))


def _operation(name: str, summary: str, shape: Document, *parameters: Document) -> Document:
    missing = answer("Nothing that the path names has that id.", ref("Error"))
    return {
        "operationId": name,
        "tags": ["organization"],
        "summary": summary,
        "parameters": list(parameters),
        "responses": {"200": answer(f"{summary}.", shape), **errors(), "404": missing},
    }


def _include(text: str, *values: str) -> Document:
    items: Document = {"type": "array", "items": {"type": "string", "enum": list(values)}}
    return parameter(INCLUDE, text, items)
