"""What a method of an API does: arguments are checked, asked, and the answer is read."""

import inspect
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, Generic, ParamSpec, Protocol, Self, TypeVar, get_type_hints, overload

from openapiopenai.api_client import ApiClient
from openapiopenai.api_response import ApiResponse
from openapiopenai.calls import Call
from openapiopenai.documents.fields import field_of
from openapiopenai.documents.rules import MISSING, Refused
from openapiopenai.exceptions import ApiException, ApiTypeError, ApiValueError
from openapiopenai.models.usage_response import UsageResponse
from openapiopenai.rest import RESTResponse

P = ParamSpec("P")
R_co = TypeVar("R_co", covariant=True)

_OPTION = "_"


class HasClient(Protocol):
    """An object whose methods are operations."""

    api_client: ApiClient


class Operation(Generic[P, R_co]):
    """A method that asks for a path, with the parameters of ``signature``.

    ``form`` makes of the answer what the method gives. Types and values of the
    arguments are checked before anything is sent.
    """

    def __init__(
        self, path: str, signature: Callable[P, None], form: Callable[[RESTResponse], R_co]
    ) -> None:
        self.__doc__ = f"{signature.__doc__} GET {path}.\n\nGives: {form.__doc__}"
        self._path = path
        self._form = form
        given = get_type_hints(form)["return"]
        self._signature = inspect.signature(signature).replace(return_annotation=given)
        hints = get_type_hints(signature)
        self._fields = [
            field_of(name, hints[name], MISSING)
            for name in self._signature.parameters
            if not name.startswith(_OPTION)
        ]

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, api: None, owner: type) -> Self: ...
    @overload
    def __get__(self, api: HasClient, owner: type) -> Callable[P, R_co]: ...
    def __get__(self, api: HasClient | None, owner: type) -> Self | Callable[P, R_co]:
        if api is None:
            return self
        client = api.api_client

        def ask(*arguments: P.args, **named: P.kwargs) -> R_co:
            given = self._given(arguments, named)
            call = Call.of(self._name, given)
            return self._form(client.get(self._path, self._query(given), call))

        ask.__name__ = ask.__qualname__ = self._name
        ask.__doc__ = self.__doc__
        ask.__signature__ = self._signature  # type: ignore[attr-defined]
        return ask

    def _given(self, arguments: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        """The arguments by their names, with the defaults. Raises ApiTypeError."""
        try:
            bound = self._signature.bind(*arguments, **named)
        except TypeError as fault:
            raise ApiTypeError(f"{self._name}: {fault}.") from None
        bound.apply_defaults()
        return dict(bound.arguments)

    def _query(self, given: Mapping[str, Any]) -> list[tuple[str, str]]:
        """The parameters as a query string has them. Raises ApiValueError with all faults."""
        faults, query = [], []
        for field in self._fields:
            try:
                value = field.read(given[field.name], ())
            except Refused as refused:
                faults.append(refused.sentence(()))
            else:
                query += [(field.name, text) for text in _texts(value)]
        if faults:
            raise ApiValueError(f"{self._name}: {'; '.join(faults)}.")
        return query


def page(response: RESTResponse) -> UsageResponse:
    """The page. Raises the ApiException of an error, ApiValueError for what is no page."""
    return described(response).data


def described(response: RESTResponse) -> ApiResponse[UsageResponse]:
    """The page, with status, headers and body. Raises as for the page alone."""
    if not HTTPStatus.OK <= response.status < HTTPStatus.MULTIPLE_CHOICES:
        ApiException.from_response(http_resp=response, body=None, data=None)
    return ApiResponse(
        response.status, response.headers, UsageResponse.from_json(response.data), response.data
    )


def as_it_came(response: RESTResponse) -> RESTResponse:
    """The answer as it came, an error too, and nothing is read out of it."""
    return response


def _texts(value: Any) -> list[str]:
    """The values of a parameter in a query string: none, one, or one for each item."""
    if isinstance(value, list):
        return [text for item in value for text in _texts(item)]
    if isinstance(value, bool):
        return [str(value).lower()]
    return [] if value is None else [str(value)]
