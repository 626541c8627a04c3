"""The configuration: defaults, where values come from, and what a wrong file is told."""

import re
import stat
from collections.abc import Callable, Iterable
from importlib import resources
from pathlib import Path

import pytest

from kiosk.config import Config, LampSettings, ReaderSettings, describe, load, schema
from kiosk.errors import UsageError
from kiosk.pipeline.specification import parse_specification, specification
from kiosk.reader import READERS

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration file and return its path."""

    def to_file(text: str) -> Path:
        path = tmp_path / "kiosk.toml"
        path.write_text(text, "utf-8")
        return path

    return to_file


def quoted(names: Iterable[str]) -> str:
    """Names as a complaint lists them."""
    return ", ".join(f'"{name}"' for name in names)


def complaint(path: Path) -> str:
    """What loading a wrong file says, without the file's folder."""
    with pytest.raises(UsageError) as caught:
        load(path)
    return str(caught.value).replace(f"{path.parent}/", "")


def test_a_chip_of_its_own_has_the_usual_lamps_on_its_first_channels() -> None:
    assert LampSettings(driver="pca9685").pins == {
        "key_left": 0, "key_right": 1, "fill": 2, "backdrop": 3
    }  # fmt: skip
    assert LampSettings.model_validate({"driver": "pca9685", "pins": {"fill": 7}}).pins["fill"] == 7


def test_without_a_file_the_defaults_make_the_demo_run(tmp_path: Path) -> None:
    config = load(environ={}, installed=tmp_path / "no").config
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
    assert load(environ=environ, installed=named).config.booth.name == "environment"
    assert load(environ={}, installed=named).config.booth.name == "named"


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


def test_a_further_lamp_is_accepted_and_shown_by_its_name_alone(write: Write) -> None:
    path = write("[lamps.pins]\nhair = 6\n[lamps.working]\nhair = 0.4\n")
    loaded = load(path)
    assert loaded.config.lamps.pins == LampSettings().pins | {"hair": 6}
    assert loaded.config.lamps.working == {**LampSettings().working, "hair": 0.4}
    assert loaded.config.lamps.idle == LampSettings().idle
    rows = {row.key: row for row in describe(loaded)}
    assert (rows["lamps.pins.hair"].value, rows["lamps.pins.hair"].origin) == (6, f"{path}:2")
    assert (rows["lamps.working.hair"].value, rows["lamps.working.hair"].origin) == (
        0.4,
        f"{path}:4",
    )


def test_a_scanners_prefix_and_suffix_are_as_it_is_set_up(write: Write) -> None:
    assert (ReaderSettings().prefix, ReaderSettings().suffix) == ("", "")
    reader = load(write('[reader]\nprefix = "~"\nsuffix = "\\t"\n')).config.reader
    assert (reader.prefix, reader.suffix) == ("~", "\t")


def test_every_reader_there_is_can_be_configured(write: Write) -> None:
    for kind in READERS:
        assert load(write(f'[reader]\nkind = "{kind}"\n')).config.reader.kind == kind


def test_a_profile_brings_its_own_size_and_background(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = resources.files("kiosk.pipeline").joinpath("specification.toml").read_text("utf-8")
    with_another = parse_specification(
        f'{text}\n[profiles.wide]\nsize = [576, 768]\nbackground = "white"\n'
    )
    monkeypatch.setattr(schema, "specification", lambda: with_another)

    photo = load(write('[photo]\nprofile = "wide"\n')).config.photo
    assert (photo.size, photo.background) == ((576, 768), "white")

    said_otherwise = '[photo]\nbackground = "grey"\nsize = [480, 640]\nprofile = "wide"\n'
    photo = load(write(said_otherwise)).config.photo
    assert (photo.size, photo.background) == ((480, 640), "grey")

    photo = load(write('[photo]\nbackground = "grey"\n')).config.photo
    assert (photo.size_for("wide"), photo.background_for("wide")) == ((576, 768), "grey")


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
            '[booth]\ninstitution_code = "１００００"\n',
            "kiosk.toml:2: booth.institution_code: must be 5 digits, 0 to 9",
        ),
        (
            '[booth]\nname = """\n[x]\ny = 1\n"""\ninstitution_code = "12"\n',
            "kiosk.toml:6: booth.institution_code: must be 5 digits, 0 to 9",
        ),
        ("lamps.pins.fill = 12\n", "kiosk.toml:1: lamps.pins: one lamp a pin: 12 is named"),
        (
            '[lamps]\ndriver = "pca9685"\npins.fill = 16\n',
            'kiosk.toml:3: lamps.pins: fill = 16: driver "pca9685" has 0, 1, 2',
        ),
        (
            '[lamps]\ndriver = "pca9685"\nfrequency = 2000\n',
            'kiosk.toml:3: lamps.frequency: must be at most 1526 with driver "pca9685"',
        ),
        ("[fan]\nfull = 55\n", "kiosk.toml:2: fan.full: must be off < on < full; given are 50, 60"),
        ("[display]\nrotate = 45\n", 'kiosk.toml:2: display.rotate: "45" is not one of "0", "90"'),
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
        (
            "[display]\ndiagonal = 156\n",
            "kiosk.toml:2: display.diagonal: should be less than or equal to 65; given is 156",
        ),
        (
            '[display.lens]\nside = "above"\n',
            'kiosk.toml:2: display.lens.side: "above" is not one of "top", "bottom", "left"',
        ),
        (
            '[booth]\nreceipt_url = "photo.example.edu/"\n',
            "kiosk.toml:2: booth.receipt_url: must be an address that begins with https://",
        ),
        ("camera = 3\n", "kiosk.toml:1: camera: should be a valid dictionary"),
        ("[booth]\nname = \n", "kiosk.toml:2: not TOML: Invalid value"),
        ("[booth]\nname = 'x", "kiosk.toml:2: not TOML: "),
        ("a = 1\na = 2\n", "kiosk.toml:2: not TOML: Cannot overwrite a value"),
    ],
)
def test_a_wrong_file_is_told_the_line_and_the_key(write: Write, text: str, said: str) -> None:
    assert complaint(write(text)).startswith(said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[sync]\ninterval = 60\n",
            "kiosk.toml:2: sync.interval: no such key in [sync]; it has ",
        ),
        (
            '[reader]\nkind = "wegde"\n',
            f'kiosk.toml:2: reader.kind: "wegde" is not one of {quoted(READERS)} '
            '(did you mean "wedge"?)',
        ),
        (
            '[photo]\nprofile = "boot"\n',
            'kiosk.toml:2: photo.profile: "boot" is not one of '
            f'{quoted(specification().profiles)} (did you mean "booth"?)',
        ),
        (
            "[lamps.limits]\nfil = 0.5\n",
            'kiosk.toml:1: lamps.limits: no pin for this lamp: "fil" is not one of ',
        ),
        ("lamps.limits.fill = 0\n", "kiosk.toml:1: lamps.limits.fill: should be greater than 0"),
        ("lamps.limits.fill = nan\n", "kiosk.toml:1: lamps.limits.fill: "),
        (
            "lamps.limits.fill = 1.5\n",
            "kiosk.toml:1: lamps.limits.fill: should be less than or equal to 1",
        ),
        (
            "[lamps.curves]\nfill = [[0.3, 0.6], [0.6, 0.5]]\n",
            "kiosk.toml:2: lamps.curves.fill: light must rise with the duty cycle: [0.6, 0.5]",
        ),
        (
            "lamps.curves.fill = [[0.3, nan]]\n",
            "kiosk.toml:1: lamps.curves.fill: [0.3, nan]: duty cycle and light go from 0 to 1",
        ),
        (
            "lamps.curves.fill = [0.3, 0.6]\n",
            "kiosk.toml:1: lamps.curves.fill: must be points [duty cycle, light], as",
        ),
        (
            "[lamps.frequencies]\nfill = 20_000\n",
            'kiosk.toml:1: lamps.frequencies: fill = 20000: at most 10000 with driver "gpio"',
        ),
        (
            '[lamps]\ndriver = "pca9685"\nfrequencies.fill = 500\n',
            "kiosk.toml:3: lamps.frequencies: fill = 500: a PCA9685 has one frequency for all",
        ),
        ("lamps.frequencies.fill = 0\n", "kiosk.toml:1: lamps.frequencies.fill: should be greater"),
        ("lamps.hot = 200\n", "kiosk.toml:1: lamps.hot: should be less than or equal to 100"),
        (
            "[lamps.working]\nfil = 0.5\n",
            'kiosk.toml:1: lamps.working: no pin for this lamp: "fil" is not one of '
            f'{quoted(LampSettings().pins)} (did you mean "fill"?)',
        ),
        (
            "[lamps.pins]\n\nHair = 6\n",
            'kiosk.toml:3: lamps.pins.Hair: "Hair" is no name for a lamp: take a small letter',
        ),
        (
            "lamps.pins.hair = 6\nlamps.idle.hair = 2\n",
            "kiosk.toml:2: lamps.idle.hair: should be less than or equal to 1; given is 2",
        ),
    ],
)
def test_a_name_that_is_not_there_is_refused_by_its_key(write: Write, text: str, said: str) -> None:
    assert complaint(write(text)).startswith(said)
    assert complaint(write(text)).count("\n") == 0


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


CORPUS = Path(__file__).parent / "corpus"
"""Files that have ended a program with a traceback, and others of their kinds."""


@pytest.mark.parametrize("file", sorted(CORPUS.glob("*.toml")), ids=lambda path: path.stem)
def test_an_odd_file_is_refused_in_words_with_its_line(file: Path) -> None:
    for line in complaint(file).splitlines():
        assert re.match(rf"{re.escape(file.name)}(:\d+)?: ", line)
        assert len(line) < 600


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("deep-lists", ":1: tables or lists lie within each other more than 8 deep"),
        ("deep-dots", ":2: tables or lists lie within each other more than 8 deep"),
        ("digits-4301", ":2: a number of too many digits"),
        ("beyond-64-bits", ":2: lamps.pins.fill: a number beyond 64 bits"),
        ("nul-in-a-path", ":2: models.store: no path has a character 0 in it"),
        ("nobodys-home", ":2: sync.outbox: there is no home of no-such-person here"),
    ],
)
def test_what_is_odd_is_named(name: str, said: str) -> None:
    assert complaint(CORPUS / f"{name}.toml").startswith(f"{name}.toml{said}")


def test_a_file_of_nothing_but_empty_lines_and_remarks_is_read_at_once(write: Write) -> None:
    # Each line was once parsed with all before it.
    text = "\n# a remark\n" * 1000 + '[booth]\nname = "7"\n'
    loaded = load(write(text))
    assert loaded.lines[("booth", "name")] == 2002
