"""The rules of the house, held by reading the source: each fault says what to do instead."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
MODULES = sorted(SOURCE.rglob("*.py"))

MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60

# A name that says what a module is, and not what it knows.
BANNED_NAMES = {"utils", "util", "helpers", "common", "base", "manager", "types", "misc"}

# Calls that hide an input, and what takes their place.
BANNED_CALLS = {
    "datetime.now": "pass the moment in (web/services.py: Clock)",
    "datetime.utcnow": "pass the moment in (web/services.py: Clock)",
    "datetime.today": "pass the moment in (web/services.py: Clock)",
    "time.sleep": "wait for the thing itself, with a deadline",
    "print": "return the text; only the command line prints, through rich or typer.echo",
    "open": "read and write at the edges, with pathlib",
}
# Money and counts are exact from event to wire.
FLOAT_FREE = ("domain", "ledger", "pricing", "usage")
# Where amounts are made: there a quotient of whole numbers would be a float, and a literal one.
AMOUNTS_ARE_MADE = ("domain", "pricing", "usage")


def nodes(path: Path) -> Iterator[ast.AST]:
    yield from ast.walk(ast.parse(path.read_text()))


def where(path: Path, node: ast.AST | None = None) -> str:
    line = f":{node.lineno}" if isinstance(node, ast.stmt | ast.expr) else ""
    return f"{path.relative_to(SOURCE)}{line}"


def stage(path: Path) -> str:
    """The folder of a module within its package."""
    return path.relative_to(SOURCE).parts[1]


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def is_public(name: str) -> bool:
    return not name.startswith("_")


def is_overload(node: ast.AST) -> bool:
    """Whether it is one of a function's signatures, which says what all of them mean."""
    return "overload" in [dotted(each) for each in getattr(node, "decorator_list", [])]


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_a_module_knows_one_thing_and_fits_a_reader(path: Path) -> None:
    text = path.read_text()
    lines = text.count("\n")
    assert lines <= MODULE_LINES_MAX, f"{where(path)} has {lines} lines; split it by what it knows"
    assert path.stem not in BANNED_NAMES, f"{where(path)}: name it for what it knows"
    if path.name == "__init__.py":
        code = [
            node
            for node in ast.parse(text).body
            if not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr | ast.Assign)
        ]
        assert not code, f"{where(path)}: only the names that the package hands on"


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_a_function_fits_a_screen(path: Path) -> None:
    for node in nodes(path):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            assert lines <= FUNCTION_LINES_MAX, f"{where(path, node)} {node.name}: {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_every_public_name_is_documented(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree), f"{where(path)}: no docstring"
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    members = [member for owner in classes if is_public(owner.name) for member in owner.body]
    for node in [*tree.body, *members]:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            documented = ast.get_docstring(node) or not is_public(node.name) or is_overload(node)
            assert documented, f"{where(path, node)} {node.name}: no docstring"


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_inputs_are_passed_in(path: Path) -> None:
    for node in nodes(path):
        if isinstance(node, ast.Call):
            called = dotted(node.func)
            assert called not in BANNED_CALLS, f"{where(path, node)}: {BANNED_CALLS[called]}"


@pytest.mark.parametrize("path", [path for path in MODULES if stage(path) in FLOAT_FREE], ids=where)
def test_no_count_and_no_money_becomes_a_float(path: Path) -> None:
    for node in nodes(path):
        found = isinstance(node, ast.Call) and dotted(node.func) == "float"
        if stage(path) in AMOUNTS_ARE_MADE:
            found |= isinstance(node, ast.Constant) and isinstance(node.value, float)
            found |= isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        assert not found, f"{where(path, node)}: use int or Decimal, which are exact"


@pytest.mark.parametrize("path", MODULES, ids=where)
def test_nothing_is_left_to_do(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        left = re.search(r"\b(TODO|FIXME|XXX|HACK)\b", line)
        assert not left, f"{where(path)}:{number}: do it, or open an issue"


def test_tests_outweigh_the_source() -> None:
    tests = sum(path.read_text().count("\n") for path in Path(__file__).parent.rglob("*.py"))
    source = sum(path.read_text().count("\n") for path in MODULES)
    assert tests >= source, f"{tests} lines of tests for {source} of source"
