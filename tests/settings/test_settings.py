"""Where settings come from, which one wins, and what is refused."""

from pathlib import Path

import pytest

from tallybook.settings import SETTINGS, InvalidSetting, Settings, load_settings


def test_later_sources_win(tmp_path: Path) -> None:
    config = tmp_path / "tallybook.toml"
    config.write_text('port = 1000\nevents_max = 5\nhost = "0.0.0.0"\n')
    environment = {"TALLYBOOK_PORT": "2000", "TALLYBOOK_EVENTS_MAX": "6"}
    settings = load_settings({"port": 3000, "host": None}, environment, config)
    assert (settings.port, settings.events_max, settings.host) == (3000, 6, "0.0.0.0")  # noqa: S104
    assert settings.body_bytes_max == 32 << 20


def test_the_table_and_the_struct_name_the_same_settings() -> None:
    assert [setting.name for setting in SETTINGS] == list(Settings.__struct_fields__)


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"TALLYBOOK_PORT": "http"}, "port is 'http'; it must be a whole number of port."),
        ({"TALLYBOOK_EVENTS_MAX": "0"}, "events_max is 0 events; it must be at least 1."),
        ({"TALLYBOOK_EVENTS_MAX": "1e5"}, "events_max is '1e5'; it must be a whole number"),
    ],
)
def test_an_impossible_value_is_named_with_its_source(
    environment: dict[str, str], sentence: str
) -> None:
    with pytest.raises(InvalidSetting) as fault:
        load_settings({}, environment)
    assert sentence in str(fault.value)
    assert str(fault.value).startswith("environment: ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prot = 1\n", "prot is not a setting; the settings are data, prices, host, port,"),
        ("port = true\n", "port is True; it must be a whole number"),
        ("data = 5\n", "data is 5; it must be a string"),
        ("port = \n", "cannot be read"),
        ("port = " + "[" * 1_200, "cannot be read"),
        ("port = " + "9" * 5_000, "cannot be read"),
        ("port = 0x" + "9" * 5_000, "port is a number of too many digits; it must be a whole"),
        ("data = 0x" + "9" * 5_000, "data is a number of too many digits; it must be a string"),
    ],
)
def test_a_bad_file_is_refused_by_name(tmp_path: Path, text: str, sentence: str) -> None:
    config = tmp_path / "tallybook.toml"
    config.write_text(text)
    with pytest.raises(InvalidSetting, match=r"tallybook\.toml") as fault:
        load_settings({}, {}, config)
    assert sentence in str(fault.value)


def test_a_secret_is_never_shown() -> None:
    settings = load_settings({}, {"TALLYBOOK_ADMIN_KEY": "sk-admin-very-secret-0123456789"})
    assert "very-secret" not in repr(settings)
    assert settings.admin_key == "sk-admin-very-secret-0123456789"
