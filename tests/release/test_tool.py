"""`make release`: the same archive of the same tree, and nothing that leaves no way back."""

import os
import stat
from argparse import Namespace
from pathlib import Path

import pytest
from nacl.signing import SigningKey

from kiosk.errors import UsageError
from kiosk.release.errors import ReleaseError
from kiosk.release.manifest import INDEX_FILE, INDEX_KIND
from kiosk.release.signed import read_release_keys, sign_text
from kiosk.sync.keys import read_signing_key
from tests.release.published import Publisher, contents
from tools.release import (
    add_to_index,
    describe,
    make_key,
    pack,
    read_contents,
    read_models,
    require_other_models,
    require_steps,
)

KEY = SigningKey(bytes(32))


def test_an_archive_is_the_same_whenever_and_wherever_it_is_packed(tmp_path: Path) -> None:
    packed = []
    for name, time in (("one", 1_000_000_000), ("other", 1_700_000_000)):
        tree = tmp_path / name
        (tree / "tools").mkdir(parents=True)
        (tree / "tools/release-files").write_text("tools\ninstall.sh\nnot-there\n")
        (tree / "install.sh").write_text("#!/bin/sh\n")
        (tree / "install.sh").chmod(stat.S_IRWXU)
        (tree / "a.whl").write_text("wheel")
        os.utime(tree / "install.sh", (time, time))
        found = read_contents(tree, tree / "a.whl")
        assert list(found) == ["a.whl", "install.sh", "tools/release-files"]
        assert [executable for _, executable in found.values()] == [False, True, False]
        packed.append(pack(found))
    assert packed[0] == packed[1]


def test_each_index_counts_up_and_a_version_is_published_once(tmp_path: Path) -> None:
    for serial in (1, 2):
        index = add_to_index(tmp_path, "0.2.0", b"manifest", KEY)
        assert index.serial == serial
        (tmp_path / INDEX_FILE).write_bytes(sign_text(INDEX_KIND, index, KEY))
    with pytest.raises(UsageError, match="count `version` up"):
        add_to_index(tmp_path, "0.2.0", b"another", KEY)
    assert sorted(add_to_index(tmp_path, "0.3.0", b"another", KEY).releases) == ["0.2.0", "0.3.0"]


def test_an_index_of_another_key_is_not_added_to(tmp_path: Path) -> None:
    index = add_to_index(tmp_path, "0.2.0", b"manifest", KEY)
    (tmp_path / INDEX_FILE).write_bytes(sign_text(INDEX_KIND, index, SigningKey(b"1" * 32)))
    with pytest.raises(ReleaseError, match="none of the keys"):
        add_to_index(tmp_path, "0.3.0", b"manifest", KEY)


def test_a_schema_without_a_way_to_it_and_back_is_not_released(tmp_path: Path, root: Path) -> None:
    require_steps(root)
    steps = tmp_path / "migrations/outbox"
    steps.mkdir(parents=True)
    (tmp_path / "migrations/schemas.json").write_text('{"outbox": 2}')
    (steps / "0002.forward.sql").touch()
    with pytest.raises(ReleaseError, match=r"outbox/0002\.back\.sql"):
        require_steps(tmp_path)


def test_a_model_that_is_another_has_another_name(tmp_path: Path, root: Path) -> None:
    publisher = Publisher(tmp_path)
    before = publisher.publish("0.1.0", contents("0.1.0"), models=read_models(root))
    require_other_models(tmp_path, before, publisher.key)
    other = before.model_copy(update={"models": {"modnet.onnx": describe(b"another").sha256}})
    with pytest.raises(UsageError, match=r"modnet\.onnx is another model than in 0\.1\.0"):
        require_other_models(tmp_path, other, publisher.key)


def test_a_new_key_signs_and_its_public_part_is_the_booths(tmp_path: Path) -> None:
    make_key(Namespace(file=tmp_path / "key"))
    signing = read_signing_key(tmp_path / "key")
    assert read_release_keys(tmp_path / "key.pub") == [signing.verify_key]
    with pytest.raises(UsageError, match="is there already"):
        make_key(Namespace(file=tmp_path / "key"))
