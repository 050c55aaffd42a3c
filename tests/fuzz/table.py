"""All targets, in one table: both Hypothesis and atheris run what stands here."""

from fuzz import asked, connected, cursors, imported, observed, posted, spooled, written
from fuzz.target import Target

_MODULES = (posted, imported, cursors, asked, connected, written, observed, spooled)

TARGETS: dict[str, Target] = {
    target.name: target for module in _MODULES for target in module.TARGETS
}
# The module that each stands in.
HOMES = {target.name: module.__name__ for module in _MODULES for target in module.TARGETS}
