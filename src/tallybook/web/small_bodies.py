"""Bodies that hold no events: a wish, a record, a list of names. Each route says how large."""

from starlette.requests import Request

from tallybook.domain.errors import BodyTooLarge
from tallybook.intake.body import receive


async def small_body(request: Request, bytes_max: int, too_large: str) -> bytes:
    """The body of a request, of at most ``bytes_max`` bytes (inclusive), as sent.

    Raises BodyTooLarge, which says ``too_large``: the settings say nothing of such bodies.
    """
    declared = request.headers.get("content-length")
    try:
        return await receive(request.stream(), declared, bytes_max)
    except BodyTooLarge as fault:
        raise BodyTooLarge(too_large) from fault
