"""Status 0 when the server of this container is ready, 1 when it is not."""

import os
import sys
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException

connection = HTTPConnection("127.0.0.1", int(os.environ.get("TALLYBOOK_PORT", "8321")), timeout=4)
try:
    connection.request("GET", "/readyz")
    sys.exit(connection.getresponse().status != HTTPStatus.OK)
except (OSError, HTTPException):
    sys.exit(1)
