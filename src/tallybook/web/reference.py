"""``/openapi.json``, and ``/docs``: the same as a page to read, without a script or a download."""

import base64
import hashlib
from html import escape
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from tallybook.web.envelope import JSONResponse
from tallybook.web.openapi import openapi_document
from tallybook.web.openapi_parts import Document
from tallybook.web.security_headers import CONTENT_SECURITY_POLICY, policy

_STYLE = """
  :root { color-scheme: light dark; --line: color-mix(in srgb, currentColor 18%, transparent); }
  body { font: 16px/1.55 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 2rem; }
  code { font: 0.9em ui-monospace, monospace; overflow-wrap: anywhere; }
  section { border-top: 1px solid var(--line); padding: 0.5rem 0 1rem; }
  h2 { font-size: 1.1rem; }
  table { border-collapse: collapse; width: 100%; margin: 0.75rem 0; font-size: 0.92rem; }
  caption { text-align: left; font-weight: 600; padding: 0.25rem 0; }
  th, td { text-align: left; vertical-align: top; padding: 0.3rem 0.8rem 0.3rem 0;
            border-bottom: 1px solid var(--line); }
  td:first-child { white-space: nowrap; width: 16rem; }
  td:nth-child(2) { width: 14rem; }
  nav { columns: 26rem; }
  nav a { display: block; padding: 0.15rem 0; break-inside: avoid; }
  pre { overflow-x: auto; padding: 1rem; border: 1px solid var(--line); border-radius: 6px; }
  section { overflow-x: auto; }
"""
# The page may have this style and no other: its policy names it by its digest.
_STYLE_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} API</title>
<style>{style}</style>
<h1>{title} {version}</h1>
<p>{description}</p>
<p>The machine-readable form is <a href="openapi.json">openapi.json</a>.</p>
<p>A first event, and its sum:</p>
<pre><code>{example}</code></pre>
<nav aria-label="Routes">{index}</nav>
{sections}
</html>
"""


_EXAMPLE = """\
curl -H "Authorization: Bearer $TALLYBOOK_ADMIN_KEY" -H "Content-Type: application/json" \\
  -d '{"id": "req_1", "time": '$(date +%s)', "kind": "completions", "model": "gpt-5.5-2026-04-23",
       "input_tokens": 1830, "input_cached_tokens": 1024, "output_tokens": 212}' \\
  "$TALLYBOOK_URL/v1/events"

curl -H "Authorization: Bearer $TALLYBOOK_ADMIN_KEY" \\
  "$TALLYBOOK_URL/v1/organization/usage/completions?start_time=$(date -d -1day +%s)&group_by=model"
"""


async def get_openapi(request: Request) -> Response:
    """The description as JSON."""
    return JSONResponse(openapi_document(request.app.state.doors))


async def get_docs(request: Request) -> Response:
    """The description as a page."""
    headers = {CONTENT_SECURITY_POLICY: policy(style_src=f"'sha256-{_STYLE_DIGEST}'")}
    return HTMLResponse(docs_page(openapi_document(request.app.state.doors)), headers=headers)


def docs_page(document: Document) -> str:
    """A page that lists every route with its parameters, fields and answers."""
    schemas = document["components"]["schemas"]
    routes = [
        (method.upper(), path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    return _PAGE.format(
        style=_STYLE,
        title=escape(document["info"]["title"]),
        version=escape(document["info"]["version"]),
        description=_text(document["info"]["description"]),
        example=escape(_EXAMPLE),
        index="".join(
            f'<a href="#{operation["operationId"]}"><code>{method} {escape(path)}</code></a>'
            for method, path, operation in routes
        ),
        sections="\n".join(_section(*route, schemas) for route in routes),
    )


def _text(markdown: str) -> str:
    """Text whose only markup is code between backticks."""
    parts = escape(markdown).split("`")
    return "".join(f"<code>{part}</code>" if odd % 2 else part for odd, part in enumerate(parts))


def _section(method: str, path: str, operation: Document, schemas: Document) -> str:
    tables = [_table("Parameters", [_parameter_row(p) for p in operation.get("parameters", [])])]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        schema = body["schema"]
        choices = schema["anyOf"][0]["oneOf"] if "anyOf" in schema else [schema]
        tables.extend(_schema_table(choice, schemas) for choice in choices)
    result = operation["operationId"].removeprefix("usage_")
    name = "".join(word.capitalize() for word in result.split("_")) + "Result"
    if name in schemas:
        tables.append(_schema_table({"$ref": f"#/{name}"}, schemas))
    answers = [
        [status, _text(answer["description"])]
        for status, answer in sorted(operation["responses"].items())
    ]
    tables.append(_table("Answers", answers))
    return (
        f'<section id="{operation["operationId"]}"><h2><code>{method} {escape(path)}</code>'
        f"</h2><p>{_text(operation['summary'])}. {_text(operation.get('description', ''))}</p>"
        f"{''.join(tables)}</section>"
    )


def _schema_table(reference: Document, schemas: Document) -> str:
    name = reference["$ref"].rpartition("/")[2]
    schema = schemas[name]
    rows = [
        [
            f"<code>{escape(field)}</code>",
            _type(detail) + (", required" if field in schema.get("required", ()) else ""),
            _text(detail.get("description", "")),
        ]
        for field, detail in schema["properties"].items()
    ]
    return _table(name, rows)


def _parameter_row(parameter: Document) -> list[str]:
    return [
        f"<code>{escape(parameter['name'])}</code>",
        _type(parameter["schema"]) + (", required" if parameter.get("required") else ""),
        _text(parameter.get("description", "")),
    ]


def _type(schema: Document) -> str:
    """A schema's type in words: ``integer``, ``string or null``, its values, or its constant."""
    if "const" in schema:
        return f"<code>{escape(schema['const'])}</code>"
    if "items" in schema:
        return f"list of {_type(schema['items'])}"
    if "anyOf" in schema:
        return " | ".join(map(_type, schema["anyOf"]))
    if "pattern" in schema:
        return f"<code>{escape(schema['pattern'])}</code>"
    if "enum" in schema:
        return " | ".join(f"<code>{escape(str(value))}</code>" for value in _shown(schema["enum"]))
    types = schema.get("type", "object")
    return escape(types if isinstance(types, str) else " or ".join(types))


def _shown(values: list[Any]) -> list[Any]:
    return ["null" if value is None else value for value in values]


def _table(caption: str, rows: list[list[str]]) -> str:
    if not rows:
        return ""
    body = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(caption)}</caption>{body}</table>"
