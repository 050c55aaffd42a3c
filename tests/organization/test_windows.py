"""Lists, page by page: the same records in the same order as one whole list."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from organization.asking import EVERYTHING, NOW, SOMEONE
from tallybook.domain.errors import InvalidValue
from tallybook.organization.organization import Organization, open_organization
from tallybook.organization.projects import archive_project, create_project, list_projects
from tallybook.organization.windows import Window

COUNT = 12


@pytest.fixture(scope="module")
def twelve(tmp_path_factory: pytest.TempPathFactory) -> Organization:
    """Projects 0 to 11, of which every third is archived."""
    return _filled(open_organization(tmp_path_factory.mktemp("twelve"), ""))


def _filled(organization: Organization) -> Organization:
    with organization.changing(SOMEONE, NOW) as change:
        for number in range(COUNT):
            create_project(change, "P", chosen_id=str(number))
        for number in range(0, COUNT, 3):
            archive_project(change, str(number))
    return organization


def expected(window: Window) -> tuple[list[str], bool]:
    """The naive way: cut a list of all."""
    order = [str(n) for n in range(COUNT)]
    if window.newest_first:
        order.reverse()
    first = 0 if window.after is None else order.index(window.after) + 1
    last = COUNT if window.before is None else order.index(window.before)
    found = [each for each in order[first:last] if int(each) % 3]
    if window.before is not None and window.after is None:
        return found[-window.limit :], len(found) > window.limit
    return found[: window.limit], len(found) > window.limit


ids = st.none() | st.integers(0, COUNT - 1).map(str)


@given(window=st.builds(
    Window, limit=st.integers(1, COUNT + 1), after=ids, before=ids, newest_first=st.booleans()
))  # fmt: skip
def test_any_window_is_the_part_of_the_list_that_it_says(
    twelve: Organization, window: Window
) -> None:
    with twelve.reading() as connection:
        page = list_projects(connection, window)
    assert ([each.id for each in page.records], page.has_more) == expected(window)


def test_pages_follow_each_other_on_both_databases(organization: Organization) -> None:
    _filled(organization)
    for newest_first in (False, True):
        seen: list[str] = []
        after = None
        while True:
            with organization.reading() as connection:
                page = list_projects(
                    connection, Window(limit=3, after=after, newest_first=newest_first)
                )
            seen += [each.id for each in page.records]
            if not page.has_more:
                break
            after = seen[-1]
        assert seen == expected(Window(limit=COUNT, newest_first=newest_first))[0]


def test_a_cursor_that_nothing_has_is_refused_by_name(tmp_path: Path) -> None:
    organization = open_organization(tmp_path, "")
    for name, window in (("after", Window(after="proj_x")), ("before", Window(before="proj_x"))):
        with organization.reading() as connection, pytest.raises(InvalidValue) as fault:
            list_projects(connection, window)
        assert fault.value.param == name
        assert "'proj_x', but nothing in this list has that id" in fault.value.message


def test_a_cursor_of_what_a_key_may_not_see_is_unknown(organization: Organization) -> None:
    _filled(organization)
    with organization.reading() as connection:
        assert list_projects(connection, EVERYTHING, within={"1"}).records
        with pytest.raises(InvalidValue):
            list_projects(connection, Window(after="2"), within={"1"})
