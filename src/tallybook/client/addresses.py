"""Which server a client talks to, when the environment says it."""

from collections.abc import Mapping

URL_VARIABLE = "TALLYBOOK_URL"
KEY_VARIABLE = "TALLYBOOK_ADMIN_KEY"
INGEST_KEY_VARIABLE = "TALLYBOOK_INGEST_KEY"


def address_of(
    url: str | None,
    key: str | None,
    environment: Mapping[str, str],
    key_variables: tuple[str, ...] = (KEY_VARIABLE,),
) -> tuple[str, str]:
    """The address and the key: what is given, else what the environment says.

    Of ``key_variables`` the first that is set counts. Raises ValueError for
    what neither says.
    """
    address = url or environment.get(URL_VARIABLE)
    if not address:
        raise ValueError(
            f"which server? Give its url, like http://127.0.0.1:8321, or set {URL_VARIABLE}."
        )
    secret = key or next((environment[name] for name in key_variables if environment.get(name)), "")
    if not secret:
        raise ValueError(f"{address} needs a key: give it, or set {' or '.join(key_variables)}.")
    return address, secret
