"""What is shipped for others' tools: dashboard, alerts, unit, container, held to what there is."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from prometheus_client.parser import text_string_to_metric_families
from typer.core import TyperGroup

from support.events import DAY, event
from support.server import Server, running
from tallybook.cli.main import command_line
from tallybook.settings import BY_NAME, ENVIRONMENT_PREFIX

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
DOCKER = DEPLOY / "docker"
DASHBOARD = json.loads((DEPLOY / "grafana/tallybook.json").read_text())
ALERTS = yaml.safe_load((DEPLOY / "prometheus/alerts.yml").read_text())
COMPOSE = yaml.safe_load((DOCKER / "compose.yaml").read_text())
ANALYZE = shutil.which("systemd-analyze") or ""
RULES = [rule for group in ALERTS["groups"] for rule in group["rules"]]
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]

# Of Prometheus itself, and of every target.
OWN = {"up": {"job", "instance"}}
_PRINT_KEY = "import os; print(os.environ['TALLYBOOK_ADMIN_KEY'])"
FUNCTIONS = {
    "sum", "min", "max", "rate", "increase", "histogram_quantile", "time", "predict_linear",
}  # fmt: skip
_TOKEN = re.compile(
    r'\s+|(?P<string>"[^"]*")|(?P<range>\[(?:[0-9]+[smhd]|\$__rate_interval)\])'
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?)|(?P<name>[a-zA-Z_][a-zA-Z0-9_]*)"
    r"|(?P<sign>=~|!=|==|[-+*/<>(){},=])"
)
_PAIRS = {")": "(", "}": "{"}


def tokens(expression: str) -> list[tuple[str, str]]:
    """An expression taken apart; every sign of it is one that PromQL knows."""
    found, at = [], 0
    while at < len(expression):
        match = _TOKEN.match(expression, at)
        assert match, f"{expression!r} at {expression[at:]!r}"
        if match.lastgroup:
            found.append((match.lastgroup, match[0]))
        at = match.end()
    return found


def metrics_of(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics that an expression names, with the labels that it picks them by."""
    found = tokens(expression)
    open_: list[str] = []
    for place, (sort, text) in enumerate(found):
        if text in "({":
            open_.append(text)
        elif text in _PAIRS:
            assert open_.pop() == _PAIRS[text], expression
        elif sort == "name" and "{" not in open_:
            following = found[place + 1][1] if place + 1 < len(found) else ""
            if text == "by" or _is_in_by(found, place):
                continue
            if following in ("(", "by"):
                assert text in FUNCTIONS, text
            else:
                yield text, {name for _, name in _labels(found, place + 1)}
    assert not open_, expression


def _is_in_by(found: list[tuple[str, str]], place: int) -> bool:
    """Whether a name stands in the list that follows ``by``."""
    while place and found[place][1] not in "()":
        place -= 1
    return found[place][1] == "(" and found[place - 1][1] == "by"


def _labels(found: list[tuple[str, str]], place: int) -> list[tuple[str, str]]:
    if place >= len(found) or found[place][1] != "{":
        return []
    end = next(at for at in range(place, len(found)) if found[at][1] == "}")
    return [each for each in found[place:end] if each[0] == "name"]


def by_labels(expression: str) -> set[str]:
    return {
        name.strip()
        for names in re.findall(r"by \(([^)]*)\)", expression)
        for name in names.split(",")
    }


@pytest.fixture(scope="module")
def worked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has done some of everything."""
    folder = tmp_path_factory.mktemp("worked")
    (folder / "prices.toml").write_text('[[price]]\nmodel = "m"\ninput = "1 / token"\n')
    with running(folder) as server:
        server.post([event(), event(id="bad", bogus=1)])
        server.usage("completions", start_time=DAY)
        server.usage("completions")
        yield server


@pytest.fixture(scope="module")
def told(worked: Server) -> dict[str, set[str]]:
    """The labels of every sample that the server tells, by name; those of a target are added."""
    found = {name: set(labels) for name, labels in OWN.items()}
    for family in text_string_to_metric_families(worked.http.get("/metrics").text):
        for sample in family.samples:
            found.setdefault(sample.name, {"job", "instance"}).update(sample.labels)
    return found


EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_names_what_a_server_tells(
    expression: str, told: dict[str, set[str]]
) -> None:
    found = list(metrics_of(expression))
    assert found
    for name, labels in found:
        assert name in told, name
        assert labels <= told[name]
    assert by_labels(expression) <= set().union(*(told[name] for name, _ in found))


@pytest.mark.parametrize(
    "expression",
    ["sum(tallybook_nothing)", "sum((up)", "nope(up)", "up{job=}}", "up & up"],
)
def test_an_expression_that_is_wrong_is_found(expression: str, told: dict[str, set[str]]) -> None:
    with pytest.raises((AssertionError, IndexError, StopIteration, RuntimeError)):
        test_an_expression_names_what_a_server_tells(expression, told)


def test_every_panel_says_what_it_shows() -> None:
    assert len(PANELS) >= 25
    for panel in PANELS:
        assert panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"]
        for target in panel["targets"]:
            # Of several lines each has a name.
            assert target["legendFormat"] or len(panel["targets"]) == 1
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))


def test_no_two_panels_lie_on_each_other() -> None:
    taken: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        assert place["x"] + place["w"] <= 24
        cells = {
            (place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])
        }
        assert not cells & taken, panel["title"]
        taken |= cells


def test_every_alert_says_what_to_do() -> None:
    headings = re.findall(r"^#+ (.*)$", (ROOT / "docs/operations.md").read_text(), re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}
    names = [rule["alert"] for rule in RULES]
    assert len(names) == len(set(names))
    for rule in RULES:
        page, _, anchor = rule["annotations"]["runbook"].partition("#")
        assert page == "docs/operations.md"
        assert anchor in anchors, anchor
        assert rule["labels"]["severity"] in ("page", "ticket")
        assert re.fullmatch(r"[0-9]+[mh]", rule["for"])
        assert rule["annotations"]["summary"].endswith(".")
        for label in re.findall(r"\$labels\.(\w+)", rule["annotations"]["summary"]):
            assert label in by_labels(rule["expr"]) | {"instance", "job"}


def parsed(words: list[str]) -> dict[str, Any]:
    """A command line taken apart by our own parser; only the command itself is not run."""
    group = typer.main.get_command(command_line())
    assert isinstance(group, TyperGroup)
    name, *rest = words
    context = group.commands[name].make_context(name, rest)
    return dict(context.params)


def unit() -> list[tuple[str, str]]:
    lines = (DEPLOY / "systemd/tallybook.service").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line and line[0] not in "#[")
    return [(name, text) for name, _, text in pairs]


def test_the_unit_starts_a_command_that_there_is() -> None:
    (start,) = [text for name, text in unit() if name == "ExecStart"]
    program, *words = shlex.split(start)
    assert Path(program).name == "tallybook"
    parameters = parsed(words)
    (state,) = [text for name, text in unit() if name == "StateDirectory"]
    assert parameters["data"] == f"/var/lib/{state}"
    (stop,) = [text for name, text in unit() if name == "TimeoutStopSec"]
    assert int(stop) > BY_NAME["shutdown_seconds"].default


@pytest.mark.skipif(not ANALYZE, reason="there is no systemd-analyze")
def test_the_unit_is_good_and_hardened(tmp_path: Path) -> None:
    text = (DEPLOY / "systemd/tallybook.service").read_text()
    # The program has to be there to be verified.
    path = tmp_path / "tallybook.service"
    path.write_text(text.replace("/opt/tallybook/bin/tallybook", sys.executable))
    done = subprocess.run([ANALYZE, "verify", path], capture_output=True, text=True, check=False)
    assert (done.returncode, "tallybook.service" in done.stderr) == (0, False), done.stderr
    done = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--no-pager", path],
        capture_output=True,
        text=True,
        check=False,
    )
    exposure = re.search(r"Overall exposure level for \S+: ([0-9.]+)", done.stdout)
    assert exposure, done.stderr
    assert float(exposure[1]) < 2


def dockerfile() -> list[list[str]]:
    text = (DOCKER / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines()]
    return [shlex.split(line) for line in lines if line and not line.startswith("#")]


def test_what_the_image_copies_is_there_and_is_let_through() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    allowed = [line[1:] for line in ignored if line.startswith("!")]
    copies = [words[1:-1] for words in dockerfile() if words[0] == "COPY"]
    sources = [each for words in copies if "--from=build" not in words for each in words]
    assert len(sources) >= 10
    for source in sources:
        assert (ROOT / source).exists(), source
        assert source in allowed, f"{source} is not in .dockerignore"


def test_the_image_runs_a_command_that_there_is_as_nobody_in_particular() -> None:
    steps = {words[0]: words[1:] for words in dockerfile()}
    command = "".join(steps["CMD"]).strip("[]").split(",")
    assert command[0] == "tallybook"
    parsed(command[1:])
    assert steps["USER"] == ["10001:10001"]
    variables = dict(
        pair.split("=", 1) for words in dockerfile() if words[0] == "ENV" for pair in words[1:]
    )
    for name in variables:
        if name.startswith(ENVIRONMENT_PREFIX):
            assert name.removeprefix(ENVIRONMENT_PREFIX).lower() in BY_NAME
    assert steps["EXPOSE"] == [variables["TALLYBOOK_PORT"]]
    assert steps["VOLUME"] == [variables["TALLYBOOK_DATA"]]
    stages = [words for words in dockerfile() if words[0] == "FROM"]
    assert len(stages) == 2


def test_the_health_check_tells_a_server_that_is_ready_from_none(worked: Server) -> None:
    port = worked.address.rpartition(":")[2]
    for given, status in ((port, 0), ("1", 1)):
        done = subprocess.run(
            [sys.executable, DOCKER / "healthcheck.py"],
            env=os.environ | {"TALLYBOOK_PORT": given},
            check=False,
        )
        assert done.returncode == status


def test_the_entry_point_reads_secrets_from_files_and_becomes_the_command(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("sk-admin-in-a-file\n")
    script = DOCKER / "entrypoint.sh"
    names = re.search(r"for name in ([A-Z_ ]+);", script.read_text())
    assert names
    for name in names[1].split():
        assert BY_NAME[name.lower()].secret
    done = subprocess.run(
        ["/bin/sh", script, sys.executable, "-c", _PRINT_KEY],
        env=os.environ | {"TALLYBOOK_ADMIN_KEY_FILE": str(tmp_path / "key")},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "sk-admin-in-a-file\n"


def test_compose_names_files_secrets_and_settings_that_there_are() -> None:
    services = COMPOSE["services"]
    assert services.keys() == {"tallybook", "prometheus", "grafana"}
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                assert (DOCKER / source).exists(), source
            else:
                assert source in COMPOSE["volumes"]
        assert set(service.get("secrets", [])) <= COMPOSE["secrets"].keys()
        for name, text in service["environment"].items() if "environment" in service else ():
            if name.startswith(ENVIRONMENT_PREFIX):
                setting = name.removeprefix(ENVIRONMENT_PREFIX).removesuffix("_FILE").lower()
                assert setting in BY_NAME
            if name.endswith("_FILE"):
                assert text.removeprefix("/run/secrets/") in service["secrets"]
    own = services["tallybook"]
    assert (DOCKER / own["build"]["context"]).resolve() == ROOT
    assert (ROOT / own["build"]["dockerfile"]).is_file()
    assert own["read_only"]
    assert own["ports"] == [f"127.0.0.1:{BY_NAME['port'].default}:{BY_NAME['port'].default}"]
    assert int(own["stop_grace_period"].rstrip("s")) > BY_NAME["shutdown_seconds"].default


def test_prometheus_and_grafana_find_what_they_are_given() -> None:
    prometheus = yaml.safe_load((DOCKER / "prometheus.yml").read_text())
    mounted = {
        volume.split(":")[1]: volume.split(":")[0]
        for name in ("prometheus", "grafana")
        for volume in COMPOSE["services"][name]["volumes"]
    }
    assert all(path in mounted for path in prometheus["rule_files"])
    (job,) = prometheus["scrape_configs"]
    assert job["job_name"] == "tallybook"
    assert job["static_configs"][0]["targets"] == [f"tallybook:{BY_NAME['port'].default}"]
    provided = yaml.safe_load((DOCKER / "grafana-dashboards.yaml").read_text())
    folder = provided["providers"][0]["options"]["path"]
    assert any(path.startswith(f"{folder}/") for path in mounted)
    sources = yaml.safe_load((DOCKER / "grafana-datasources.yaml").read_text())
    assert sources["datasources"][0]["url"] == "http://prometheus:9090"
