"""The description of the routes for whoever runs a server."""

import msgspec

from tallybook.doctor.checks import Examination
from tallybook.web.metering.metrics import OPENMETRICS
from tallybook.web.openapi_parts import Document, answer, errors, ref


def operation_paths() -> Document:
    """The metrics and the examination."""
    text = {"schema": {"type": "string"}}
    told = {"text/plain": text, OPENMETRICS: text}
    return {
        "/metrics": {
            "get": {
                "operationId": "get_metrics",
                "tags": ["health"],
                "summary": "The metrics of this server, for Prometheus",
                "description": "Open when the setting `metrics_open` is 1.",
                "responses": {
                    "200": {"description": "All metrics, as of now.", "content": told},
                    **errors(),
                },
            }
        },
        "/v1/doctor": {
            "get": {
                "operationId": "get_examination",
                "tags": ["health"],
                "summary": "What is well with this server, what is not, and what to do",
                "responses": {"200": answer("All checks.", ref("Examination")), **errors()},
            }
        },
    }


def operation_schemas() -> Document:
    """The schemas that those routes refer to."""
    _, schemas = msgspec.json.schema_components(
        [Examination], ref_template="#/components/schemas/{name}"
    )
    return schemas
