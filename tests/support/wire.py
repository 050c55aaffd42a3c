"""How the tests look at answers: one assertion for every error there is."""

from typing import Any

import httpx2


def fault(answer: httpx2.Response) -> dict[str, Any]:
    """What an error says, without its message, once it is known to be in the one envelope."""
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"]
    assert not answer.is_success, f"{answer.request.url} was answered"
    error: dict[str, Any] = answer.json()["error"]
    assert sorted(error) == ["code", "message", "param", "type"]
    assert isinstance(error["message"], str)
    assert error["message"]
    return {"status": answer.status_code} | {key: error[key] for key in ("type", "param", "code")}


def refusal(param: str | None, code: str | None, status: int = 400) -> dict[str, Any]:
    """What ``fault`` finds in the refusal of a request."""
    return {"status": status, "type": "invalid_request_error", "param": param, "code": code}
