"""The dashboard's routes: the page at ``/``, and its files below ``/assets``."""

import mimetypes

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tallybook.domain.errors import UnknownPath
from tallybook.web.security_headers import CONTENT_SECURITY_POLICY, policy
from tallybook.web.services import services_of

# Scripts, styles, pictures and requests of this very server, and nothing written into the page.
POLICY = policy(
    script_src="'self'",
    style_src="'self'",
    img_src="'self' data:",
    connect_src="'self'",
    font_src="'self'",
)

# Their names hold a digest of what is in them, so that another content has another name.
_FOR_GOOD = "public, max-age=31536000, immutable"
# The page names the files: it is asked for each time.
_ASKED_EACH_TIME = "no-cache"

_NOT_BUILT = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Tallybook</title>
<h1>The dashboard is not built</h1>
<p>This server runs, and its API answers: see <a href="docs">its reference</a>. The page that
belongs here is made when the package is built. From a checkout:</p>
<pre><code>make serve</code></pre>
<p>builds it and starts again. A wheel of Tallybook has it already.</p>
</html>
"""


async def get_page(request: Request) -> Response:
    """The page, or one that says how to build it."""
    page = services_of(request).dashboard.page
    headers = {CONTENT_SECURITY_POLICY: POLICY, "cache-control": _ASKED_EACH_TIME}
    return HTMLResponse(_NOT_BUILT if page is None else page, headers=headers)


async def get_asset(request: Request) -> Response:
    """One of the page's files. Raises UnknownPath."""
    name = request.path_params["name"]
    content = services_of(request).dashboard.assets.get(name)
    if content is None:
        raise UnknownPath(f"The dashboard has no file {name[:60]!r}.")
    media_type, _ = mimetypes.guess_type(name)
    return Response(content, media_type=media_type, headers={"cache-control": _FOR_GOOD})
