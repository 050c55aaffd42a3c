"""The parameters of the operations: four signatures for nine endpoints.

``start_time`` (inclusive) and ``end_time`` (exclusive) are Unix seconds,
``limit`` counts buckets, ``page`` is the ``next_page`` of the answer before.
Each list narrows the usage to those values; ``group_by`` names dimensions.

``_request_timeout`` is in seconds, or a pair for the connection and for the
answer. ``_request_auth`` has a key for this call, in the form that
``Configuration.auth_settings`` gives. ``_headers`` go with this call.
``_content_type`` and ``_host_index`` are there for their names: a GET has no
content and there is one host.
"""

from collections.abc import Mapping
from typing import Any

from openapiopenai.calls import RequestTimeout


def of_people(  # noqa: PLR0917 - the generated form
    start_time: int,
    end_time: int | None = None,
    bucket_width: str | None = None,
    project_ids: list[str] | None = None,
    user_ids: list[str] | None = None,
    api_key_ids: list[str] | None = None,
    models: list[str] | None = None,
    group_by: list[str] | None = None,
    limit: int | None = None,
    page: str | None = None,
    _request_timeout: RequestTimeout = None,
    _request_auth: Mapping[str, Any] | None = None,
    _content_type: str | None = None,
    _headers: Mapping[str, Any] | None = None,
    _host_index: int = 0,
) -> None:
    """Usage by people, keys and models."""


def of_completions(  # noqa: PLR0917 - the generated form
    start_time: int,
    end_time: int | None = None,
    bucket_width: str | None = None,
    project_ids: list[str] | None = None,
    user_ids: list[str] | None = None,
    api_key_ids: list[str] | None = None,
    models: list[str] | None = None,
    batch: bool | None = None,  # noqa: FBT001 - the generated form
    group_by: list[str] | None = None,
    limit: int | None = None,
    page: str | None = None,
    _request_timeout: RequestTimeout = None,
    _request_auth: Mapping[str, Any] | None = None,
    _content_type: str | None = None,
    _headers: Mapping[str, Any] | None = None,
    _host_index: int = 0,
) -> None:
    """Usage by people, keys and models, in batches or not."""


def of_images(  # noqa: PLR0917 - the generated form
    start_time: int,
    end_time: int | None = None,
    bucket_width: str | None = None,
    sources: list[str] | None = None,
    sizes: list[str] | None = None,
    project_ids: list[str] | None = None,
    user_ids: list[str] | None = None,
    api_key_ids: list[str] | None = None,
    models: list[str] | None = None,
    group_by: list[str] | None = None,
    limit: int | None = None,
    page: str | None = None,
    _request_timeout: RequestTimeout = None,
    _request_auth: Mapping[str, Any] | None = None,
    _content_type: str | None = None,
    _headers: Mapping[str, Any] | None = None,
    _host_index: int = 0,
) -> None:
    """Usage by people, keys and models, and by what made images of which size."""


def of_projects(  # noqa: PLR0917 - the generated form
    start_time: int,
    end_time: int | None = None,
    bucket_width: str | None = None,
    project_ids: list[str] | None = None,
    group_by: list[str] | None = None,
    limit: int | None = None,
    page: str | None = None,
    _request_timeout: RequestTimeout = None,
    _request_auth: Mapping[str, Any] | None = None,
    _content_type: str | None = None,
    _headers: Mapping[str, Any] | None = None,
    _host_index: int = 0,
) -> None:
    """Usage or costs by projects."""
