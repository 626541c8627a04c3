"""What the benches look with finds what it is to find."""

import base64
from pathlib import Path

import pytest

from registrar.bench.faults import PERSONAL, count_readable, measure_faults
from registrar.bench.proxy import as_sent

NEEDLE = bytes(range(64))


@pytest.mark.parametrize("encode", [bytes, base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("before", range(4))
def test_what_must_not_be_readable_is_found_wherever_it_begins(
    encode: type[bytes], before: int
) -> None:
    passing = encode(b"\xfb" * before + NEEDLE + b"after")
    assert any(needle in passing for needle in as_sent([NEEDLE]))


def test_a_name_is_found_on_a_disk_and_chance_is_none(tmp_path: Path) -> None:
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "one").write_text("示范大学")
    (tmp_path / "two").write_bytes(bytes(100_000))
    assert count_readable([tmp_path], PERSONAL) == 1


@pytest.mark.soak
def test_every_photo_arrives_once_whatever_fails() -> None:
    found = measure_faults(photos=60, booths=6, settings=None, disturb=None, patience=600)
    assert (found.held, found.unfinished) == (60, 0)
    assert found.is_sound
