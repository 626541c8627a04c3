"""The files are made once: of words that changed anew, and staff's recordings go before them."""

import io
import json
import shutil
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from kiosk.commands.main import main
from kiosk.errors import UsageError
from kiosk.voice.espeak import Espeak
from kiosk.voice.files import SAMPLE_RATE, look_up, place_of, unknown_recordings
from kiosk.voice.kokoro import Kokoro
from kiosk.voice.making import LOUDNESS, PAUSE, make_files, speak
from kiosk.voice.phrases import Utterance
from kiosk.voice.shipped import FOLDER, shipped_file
from kiosk.voice.synthesizer import Samples, Synthesizer
from tests.tracing import find_doers, needs_strace, traced

GAZE = Utterance("rule.gaze", "en", ("Look into the lens",))
STILL = Utterance("rule.still", "en", ("Keep still, please",))


class Hummer:
    """A synthesizer that hums each line for half a second, and notes what it was asked."""

    sample_rate = 8_000

    def __init__(self, name: str = "espeak-ng-9.1") -> None:
        self.name = name
        self.asked: list[str] = []

    def speaks(self, language: str) -> bool:
        return language != "tlh"

    def speak(self, line: str, language: str) -> Samples:
        self.asked.append(line)
        silence = np.zeros(self.sample_rate, np.float32)
        hum = np.sin(np.arange(self.sample_rate // 2) * 0.3).astype(np.float32)
        return np.concatenate([silence, hum * 0.2, silence])


def make(
    store: Path, synthesizer: Synthesizer, *phrases: Utterance, shipped: Path | None = None
) -> int:
    return make_files(phrases, store, (synthesizer,), lambda *_: None, shipped)


def test_what_is_made_already_costs_nothing_and_changed_words_are_made_anew(tmp_path: Path) -> None:
    hummer = Hummer()
    assert make(tmp_path, hummer, GAZE, STILL) == 2
    assert make(tmp_path, hummer, GAZE, STILL) == 0
    reworded = Utterance("rule.still", "en", ("Hold still, please",))
    assert make(tmp_path, hummer, GAZE, reworded) == 1
    assert hummer.asked == ["Look into the lens", "Keep still, please", "Hold still, please"]
    assert sorted(tmp_path.rglob("*.wav")) == sorted(
        place_of(each, tmp_path, hummer.name) for each in (GAZE, reworded)
    )


def test_another_version_speaks_everything_anew(tmp_path: Path) -> None:
    make(tmp_path, Hummer("espeak-ng-9.1"), GAZE)
    assert make(tmp_path, Hummer("espeak-ng-9.2"), GAZE) == 1
    assert [path.parent.parent.name for path in tmp_path.rglob("*.wav")] == ["espeak-ng-9.2"]


def test_a_more_natural_voice_replaces_the_other_and_is_not_replaced_by_it(tmp_path: Path) -> None:
    make(tmp_path, Hummer("espeak-ng-9.1"), GAZE)
    assert make(tmp_path, Hummer("kokoro-1.0.1"), GAZE) == 1
    assert make(tmp_path, Hummer("espeak-ng-9.1"), GAZE, STILL) == 1
    found = look_up((GAZE, STILL), tmp_path, None)
    assert [each.synthesizer for each in found] == ["kokoro-1.0.1", "espeak-ng-9.1"]


def test_a_language_that_nothing_speaks_has_no_file(tmp_path: Path) -> None:
    klingon = Utterance("rule.gaze", "tlh", ("nuqneH",))
    assert make(tmp_path, Hummer(), klingon) == 0
    assert look_up((klingon,), tmp_path, None)[0].origin == "none"


def test_what_was_spoken_ahead_goes_before_the_synthesizer(tmp_path: Path) -> None:
    spoken_ahead = min(FOLDER.rglob("*.ogg"), key=lambda path: path.stat().st_size)
    shipped = shipped_file(GAZE, tmp_path / "shipped")
    shipped.parent.mkdir(parents=True)
    shutil.copy(spoken_ahead, shipped)
    hummer = Hummer()
    store = tmp_path / "store"
    assert make(store, hummer, GAZE, STILL, shipped=tmp_path / "shipped") == 2
    assert hummer.asked == ["Keep still, please"]
    gaze, still = look_up((GAZE, STILL), store, None)
    assert (gaze.synthesizer, still.synthesizer) == (Kokoro.name, hummer.name)
    assert gaze.file is not None
    samples, rate = read_wav(gaze.file.read_bytes())
    assert rate == SAMPLE_RATE
    assert 0.2 < len(samples) / rate < 5
    assert np.sqrt(np.mean(samples**2)) > 0.05


def test_a_file_spoken_ahead_that_is_broken_is_named(tmp_path: Path) -> None:
    shipped = shipped_file(GAZE, tmp_path / "shipped")
    shipped.parent.mkdir(parents=True)
    shipped.write_bytes(b"no sound")
    with pytest.raises(UsageError, match=shipped.name):
        make(tmp_path / "store", Hummer(), GAZE, shipped=tmp_path / "shipped")


def test_staffs_recordings_go_before_what_was_made(tmp_path: Path) -> None:
    store, recordings = tmp_path / "store", tmp_path / "recordings"
    make(store, Hummer(), GAZE, STILL)
    (recordings / "en").mkdir(parents=True)
    recorded = recordings / "en" / "rule.gaze.ogg"
    recorded.touch()
    (recordings / "en" / "rule.gase.wav").touch()
    gaze, still = look_up((GAZE, STILL), store, recordings)
    assert (gaze.origin, gaze.file) == ("recording", recorded)
    assert still.origin == "synthesized"
    assert [path.name for path in unknown_recordings((GAZE, STILL), recordings)] == [
        "rule.gase.wav"
    ]


def read_wav(content: bytes) -> tuple[Samples, int]:
    with wave.open(io.BytesIO(content)) as wav:
        assert (wav.getnchannels(), wav.getsampwidth()) == (1, 2)
        samples = np.frombuffer(wav.readframes(wav.getnframes()), "<i2")
        return (samples / 32_768).astype(np.float32), wav.getframerate()


def test_silence_around_a_line_is_cut_and_a_pause_put_between_two() -> None:
    samples, rate = read_wav(speak(Utterance("a.b", "en", ("one", "two")), Hummer()))
    assert len(samples) / rate == pytest.approx(0.5 + PAUSE + 0.5, abs=0.15)
    heard = samples[np.abs(samples) > 0.01]
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(LOUDNESS, rel=0.02)


@pytest.fixture(scope="module")
def espeak() -> Espeak:
    found = Espeak.find()
    assert found is not None, "espeak-ng is missing: run make setup"
    return found


@pytest.mark.parametrize(
    ("language", "line", "seconds"),
    [("en", "Look into the lens", (0.7, 2.0)), ("zh-CN", "请看镜头", (0.6, 2.0))],
)
def test_a_line_is_really_spoken(
    espeak: Espeak, language: str, line: str, seconds: tuple[float, float]
) -> None:
    samples, rate = read_wav(speak(Utterance("rule.gaze", language, (line,)), espeak))
    assert seconds[0] < len(samples) / rate < seconds[1]
    assert np.sqrt(np.mean(samples**2)) > 0.05
    assert np.abs(samples).max() < 0.96


@needs_strace
def test_the_synthesizer_reaches_for_no_network(espeak: Espeak, tmp_path: Path) -> None:
    log = tmp_path / "trace"
    speaking = [espeak.program, "-v", "en-us", "--stdout", "Look into the lens"]
    subprocess.run([*traced(log), *speaking], capture_output=True, check=True)
    assert "openat" in log.read_text()
    _, reaching = find_doers(log.read_text())
    assert not reaching


@pytest.fixture
def configuration(tmp_path: Path) -> list[str]:
    """The command line's begin, for a store in the test's folder."""
    path = tmp_path / "kiosk.toml"
    path.write_text('[voice]\nstore = "store"\nrecordings = "recordings"\n')
    return ["--config", str(path)]


def test_the_list_tells_from_where_each_phrase_is_heard(
    configuration: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    recorded = tmp_path / "recordings" / "zh-CN" / "rule.gaze.wav"
    recorded.parent.mkdir(parents=True)
    recorded.touch()
    (recorded.parent / "rule.gaez.wav").touch()
    assert main([*configuration, "voice", "--json"]) == 0
    told = capsys.readouterr()
    rows = [json.loads(line) for line in told.out.splitlines()]
    heard = {(row["language"], row["phrase"]): row["origin"] for row in rows}
    assert heard["zh-CN", "rule.gaze"] == "recording"
    assert heard["en", "rule.gaze"] == "none"
    assert "rule.gaez.wav: no phrase is called so" in told.err
    assert main([*configuration, "voice"]) == 0
    assert "rule.gaze" in capsys.readouterr().out


def test_without_a_synthesizer_the_package_is_named(
    configuration: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert main([*configuration, "voice", "--make"]) == 2
    assert "apt-get install espeak-ng" in capsys.readouterr().err


def test_a_store_that_cannot_be_written_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "store").write_text("a file")
    path = tmp_path / "kiosk.toml"
    path.write_text('[voice]\nstore = "store"\n')
    assert main(["--config", str(path), "voice", "--make"]) == 2
    assert "voice.store" in capsys.readouterr().err
