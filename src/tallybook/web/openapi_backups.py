"""The description of ``POST /v1/backups``, written from what it reads and sends."""

from typing import Any

import msgspec

from tallybook.backup.archive import MEDIA_TYPE
from tallybook.backup.manifest import Manifest
from tallybook.web.backups import Wish
from tallybook.web.openapi_parts import Document, answer, errors, ref


def backup_paths() -> Document:
    """The route."""
    return {
        "/v1/backups": {
            "post": {
                "operationId": "post_backup",
                "tags": ["backups"],
                "summary": "A backup of the ledger, the organization and the prices, as of now",
                "description": "A tar archive: Parquet for each UTC day of events and for each"
                " table, the organization's rows, the price file, and at its end `manifest.json`."
                " An archive without that was cut off, and is no backup. Days that the body names"
                " and that have not changed are left out, and named all the same. `tallybook"
                " backup` asks for it, and the audit log has who did.",
                "requestBody": {
                    "required": False,
                    "content": {"application/json": {"schema": ref("BackupWish")}},
                },
                "responses": {
                    "200": {
                        "description": "The archive.",
                        "content": {MEDIA_TYPE: {"schema": {"type": "string"}}},
                    },
                    **errors(),
                    "409": answer("Another backup is under way.", ref("Error")),
                    "413": answer("The body is too large.", ref("Error")),
                    "507": answer("The disk is full.", ref("Error")),
                },
            }
        }
    }


def backup_schemas() -> Document:
    """What a body names, and what a manifest says."""
    types: list[Any] = [Wish, Manifest]
    # Other schemas have days and tables of their own.
    template = "#/components/schemas/Backup{name}"
    _, schemas = msgspec.json.schema_components(types, ref_template=template)
    return {f"Backup{name}": schema for name, schema in schemas.items()}
