"""Projects: made under ids of one's own, renamed, archived for good."""

import pytest

from organization.asking import EVERYTHING, NOW, SOMEONE, entries, told, wish
from tallybook.domain.errors import InvalidValue, RecordExists, UnknownRecord
from tallybook.organization.keys import create_key, find_key
from tallybook.organization.organization import Organization
from tallybook.organization.projects import (
    active_project,
    archive_project,
    create_project,
    find_project,
    get_project,
    list_projects,
    rename_project,
)
from tallybook.organization.records import Project


def test_a_project_is_kept_as_it_was_made(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW + 0.9) as change:
        made = create_project(change, "  Atlas ")
    assert made == Project(id=made.id, name="Atlas", created_at=NOW, archived_at=None)
    assert made.id.startswith("proj_")
    with organization.reading() as connection:
        assert get_project(connection, made.id) == made
        assert find_project(connection, "proj_other") is None


def test_a_project_gets_the_id_that_events_have(organization: Organization) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        assert create_project(change, "Atlas", chosen_id="team:atlas").id == "team:atlas"
    with (
        pytest.raises(RecordExists, match="There is a project team:atlas already") as fault,
        organization.changing(SOMEONE, NOW) as change,
    ):
        create_project(change, "Another", chosen_id="team:atlas")
    assert fault.value.param == "id"


@pytest.mark.parametrize(
    "chosen", ["", "a b", "a/b", "..", "a\nb", "x" * 201, "a%2fb", "a?b", "\0"]
)
def test_an_id_that_would_not_fit_a_path_is_refused(
    organization: Organization, chosen: str
) -> None:
    with (
        pytest.raises(InvalidValue, match="printable characters") as fault,
        organization.changing(SOMEONE, NOW) as change,
    ):
        create_project(change, "Atlas", chosen_id=chosen)
    assert fault.value.param == "id"


@pytest.mark.parametrize("name", ["", "   ", "x" * 201, "a\nb", "a\0b"])
def test_a_name_that_is_none_is_refused_and_nothing_is_kept(
    organization: Organization, name: str
) -> None:
    def make(*names: str) -> None:
        with organization.changing(SOMEONE, NOW) as change:
            for each in names:
                create_project(change, each)

    with pytest.raises(InvalidValue, match="name is ") as fault:
        make("Before it, in the same change", name)
    assert fault.value.param == "name"
    assert entries(organization) == []
    with organization.reading() as connection:
        assert list_projects(connection, EVERYTHING).records == []


def test_renaming_tells_what_it_was_and_a_second_time_changes_nothing(
    organization: Organization,
) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        made = create_project(change, "Atlas")
        assert rename_project(change, made.id, "Borea").name == "Borea"
        assert rename_project(change, made.id, "Borea").name == "Borea"
    _, entry = entries(organization)
    assert (entry.type, entry.subject_id, entry.project_id) == ("project.updated", made.id, made.id)
    assert (entry.before, entry.after) == ({"name": "Atlas"}, {"name": "Borea"})


def test_an_archived_project_ends_its_own_keys_and_cannot_be_changed(
    organization: Organization,
) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        made = create_project(change, "Atlas")
        own, _ = create_key(change, wish("own", project_id=made.id))
        wide, _ = create_key(change, wish("wide", projects=(made.id,)))
    with organization.changing(SOMEONE, NOW + 5) as change:
        assert archive_project(change, made.id).archived_at == NOW + 5
        assert archive_project(change, made.id).archived_at == NOW + 5
    with organization.reading() as connection:
        found = find_key(connection, own.id)
        assert found is not None
        assert found.revoked_at == NOW + 5
        found = find_key(connection, wide.id)
        assert found is not None
        assert found.revoked_at is None
        with pytest.raises(InvalidValue, match="is archived, which is for good"):
            active_project(connection, made.id)
    assert told(organization)[-2:] == [("api_key.deleted", own.id), ("project.archived", made.id)]


def test_lists_leave_out_what_is_archived_and_what_a_key_may_not_see(
    organization: Organization,
) -> None:
    with organization.changing(SOMEONE, NOW) as change:
        for name in "abc":
            create_project(change, name, chosen_id=name)
        archive_project(change, "b")
    with organization.reading() as connection:

        def ids(**more: object) -> list[str]:
            page = list_projects(connection, EVERYTHING, **more)  # type: ignore[arg-type]
            return [project.id for project in page.records]

        assert ids() == ["a", "c"]
        assert ids(include_archived=True) == ["a", "b", "c"]
        assert ids(within={"c", "b"}) == ["c"]
        assert ids(within=set()) == []


def test_an_unknown_project_is_named(organization: Organization) -> None:
    with (
        pytest.raises(UnknownRecord, match="No project has the id 'proj_x'"),
        organization.changing(SOMEONE, NOW) as change,
    ):
        archive_project(change, "proj_x")
