"""The configuration: defaults, where values come from, and what a wrong file is told."""

import re
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from kiosk.config import Config, LampSettings, describe, load
from kiosk.errors import UsageError

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration file and give its path."""

    def to_file(text: str) -> Path:
        path = tmp_path / "kiosk.toml"
        path.write_text(text, "utf-8")
        return path

    return to_file


def complaint(path: Path) -> str:
    """What loading a wrong file says, without the file's folder."""
    with pytest.raises(UsageError) as caught:
        load(path)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_without_a_file_the_defaults_make_the_demo_run(tmp_path: Path) -> None:
    config = load(environ={}, place=tmp_path / "no").config
    assert config.camera.kind == "twin"
    assert config.reader.kind == "wedge"
    assert config.photo.size == (480, 640)
    assert config.photo.background == "light-blue"


def test_the_default_exposure_holds_whole_periods_of_lamps_and_mains_light() -> None:
    config = Config()
    exposure = config.camera.exposure_time
    assert (exposure * config.lamps.frequency) % 1_000_000 == 0
    assert (exposure * 100) % 1_000_000 == 0  # 50 Hz mains light flickers 100 times a second


def test_a_file_is_named_by_the_caller_before_the_environment(write: Write, tmp_path: Path) -> None:
    named = write('[booth]\nname = "named"\n')
    other = tmp_path / "other.toml"
    other.write_text('[booth]\nname = "environment"\n')
    environ = {"KIOSK_CONFIG": str(other)}
    assert load(named, environ=environ).config.booth.name == "named"
    assert load(environ=environ, place=named).config.booth.name == "environment"
    assert load(environ={}, place=named).config.booth.name == "named"


def test_the_example_is_a_valid_configuration(root: Path) -> None:
    config = load(root / "systemd" / "kiosk.toml").config
    assert config.camera.kind == "pi"
    assert config.lamps == LampSettings()


def test_every_key_is_shown_with_its_value_and_where_it_comes_from(write: Write) -> None:
    path = write('# a booth\n[booth]\n\nname = "7"\n[lamps.pins]\nfill = 5\n')
    rows = {row.key: row for row in describe(load(path))}
    assert (rows["booth.name"].value, rows["booth.name"].origin) == ("7", f"{path}:4")
    assert (rows["lamps.pins.fill"].value, rows["lamps.pins.fill"].origin) == (5, f"{path}:6")
    assert rows["booth.institution"].origin == "default"
    sections = Config.model_fields
    assert {key.split(".")[0] for key in rows} == set(sections)


def test_a_relative_path_is_taken_from_the_files_folder(write: Write, tmp_path: Path) -> None:
    config = load(write('[models]\nmirror = "stick"\n[sync]\nsigning_key_file = "k"\n')).config
    assert config.models.mirror == tmp_path / "stick"
    assert config.sync.signing_key_file == tmp_path / "k"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[camera]\n\nkidn = 1\n",
            'kiosk.toml:3: camera.kidn: no such key in [camera] (did you mean "kind"?); it has ',
        ),
        (
            "\n[camra]\nkind = 1\n",
            'kiosk.toml:2: camra: no such key in the configuration (did you mean "camera"?); it ',
        ),
        (
            '[photo]\nbackground = "gray"\n',
            'kiosk.toml:2: photo.background: "gray" is not one of "light-blue", "white", "grey" '
            '(did you mean "grey"?)',
        ),
        (
            "[camera]\npreview_size = [\n  480,\n  'a',\n]\n",
            "kiosk.toml:2: camera.preview_size[1]: should be a valid integer",
        ),
        ("[camera]\ncolour_gains = [1.0]\n", "kiosk.toml:2: camera.colour_gains[1]: is missing"),
        (
            '[booth]\nname = """\n[x]\ny = 1\n"""\ninstitution_code = "12"\n',
            "kiosk.toml:6: booth.institution_code: string should match pattern",
        ),
        ("lamps.pins.fill = 12\n", "kiosk.toml:1: lamps.pins: one lamp a pin: GPIO12 is named"),
        ("lamps.pins.fill = 28\n", "kiosk.toml:1: lamps.pins.fill: should be less than or equal"),
        (
            "[photo]\nsize = [480, 641]\n",
            "kiosk.toml:2: photo.size: must be 3:4 in steps of 48 × 64, from [480, 640] to ",
        ),
        (
            '[sync]\nregistrar_public_key = "abc"\n',
            "kiosk.toml:2: sync.registrar_public_key: must be a public key: 32 bytes in base64",
        ),
        (
            '[sync]\nregistrar = "https://user:word@host/"\n',
            "kiosk.toml:2: sync.registrar: takes no user or password",
        ),
        ("camera = 3\n", "kiosk.toml:1: camera: should be a valid dictionary"),
        ("[booth]\nname = \n", "kiosk.toml:2: not TOML: Invalid value"),
        ("[booth]\nname = 'x", "kiosk.toml:2: not TOML: "),
        ("a = 1\na = 2\n", "kiosk.toml:2: not TOML: Cannot overwrite a value"),
    ],
)
def test_a_wrong_file_is_told_the_line_and_the_key(write: Write, text: str, said: str) -> None:
    assert complaint(write(text)).startswith(said)


def test_all_mistakes_of_a_file_are_told_at_once_in_its_order(write: Write) -> None:
    said = complaint(write('[sync]\ninterval = 0\n[camera]\nkind = "pie"\n[booth]\nnane = 1\n'))
    assert re.findall(r"^kiosk\.toml:(\d+):", said, re.MULTILINE) == ["2", "4", "6"]


def test_a_password_is_not_repeated_in_the_complaint(write: Write) -> None:
    assert "secret" not in complaint(write('[sync]\nregistrar = "https://u:secret@host/"\n'))


def test_a_file_that_cannot_be_read_is_named_with_the_way_out(tmp_path: Path) -> None:
    assert "cannot be read (No such file or directory); name another" in complaint(tmp_path / "no")
    assert "cannot be read (Is a directory)" in complaint(tmp_path)


def test_a_file_that_is_no_text_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_bytes(b'[booth]\nname = "\xff"\n')
    assert complaint(path).startswith("kiosk.toml:2: not UTF-8 text")
    path.write_bytes(b"#" * 100_000)
    assert "this is no configuration" in complaint(path)


def test_what_a_file_says_cannot_be_changed_afterwards() -> None:
    booth = Config().booth
    with pytest.raises(ValueError, match="frozen"):
        setattr(booth, "name", "other")  # noqa: B010  the type checker forbids it as well


def test_the_tools_that_staff_run_can_be_executed(root: Path) -> None:
    for name in ("tools/setup.sh", ".ci/run"):
        assert (root / name).stat().st_mode & stat.S_IXUSR
