"""Benchmarks: each row is measured against a peer or a plain way of doing it, in the same run."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import mediapipe as mp
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from kiosk.booth.loop import BURST
from kiosk.camera.frame import Camera, Controls, Picture
from kiosk.config import Config
from kiosk.errors import UsageError
from kiosk.evaluation import truth as accuracy
from kiosk.lighting import control_law
from kiosk.models import find
from kiosk.pipeline.cutout.matting import composite
from kiosk.pipeline.judge.judge import judge
from kiosk.pipeline.judge.steady import Steady, follow
from kiosk.pipeline.loading import LoadedModels, load_looker, load_models
from kiosk.pipeline.look.attendance import FRAMES, swing
from kiosk.pipeline.photo.burst import best_shot
from kiosk.pipeline.photo.standardise import Photo, Wanted
from kiosk.pipeline.specification import Size, specification
from kiosk.twin import Posture, Twin, names


@dataclass(frozen=True, slots=True)
class Row:
    """One measured value."""

    bench: str
    row: str
    value: float
    unit: str
    goal: float | None
    ok: bool | None
    baseline: float | None
    """The peer's value in the same run."""

    def as_json(self) -> dict[str, Any]:
        """Give one object for `--json`."""
        return asdict(self)


def _times(works: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Time each work in turn, round by round, so that a drifting machine drifts for all; in ms."""
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    console = Console(stderr=True)
    for _ in track(range(rounds), "measuring", transient=True, console=console):
        for name, work in works.items():
            began = time.perf_counter()
            work()
            times[name].append((time.perf_counter() - began) * 1000)
    return times


def _camera(config: Config) -> tuple[Twin, Camera]:
    """The twin's camera in this process, with somebody before it and the lamps at work."""
    pins = config.lamps.pins
    twin = Twin("lin", pins, seed=0)
    twin.wires.posture = Posture()
    for lamp, level in control_law.WORKING.items():
        twin.wires.set_level(lamp, level)
    camera = twin.open_camera()
    camera.start()
    camera.control(Controls())
    return twin, camera


def _frames(config: Config, large: bool) -> tuple[Twin, Callable[[], Picture]]:
    """The same, giving one stream's pictures."""
    twin, camera = _camera(config)

    def frame() -> Picture:
        read = camera.read(main=large)
        if not large:
            return read.preview
        if read.image is None:
            raise UsageError("the twin gave no main picture")
        return read.image

    return twin, frame


def look(config: Config, quick: bool) -> Iterator[Row]:
    """`pipeline.look` on a preview, against MediaPipe's landmarker alone on the main stream."""
    from mediapipe.tasks.python import BaseOptions, vision

    _, frame = _frames(config, large=True)
    large = frame()
    half = (large.shape[1] // 2, large.shape[0] // 2)
    small = np.asarray(cv2.resize(large, half, interpolation=cv2.INTER_AREA), np.uint8)
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(
            model_asset_path=str(find("face_landmarker", config.models.store))
        ),
        output_face_blendshapes=True,
    )
    with (
        load_looker(config.models.store) as looker,
        vision.FaceLandmarker.create_from_options(options) as plain,
    ):
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=large)
        times = _times(
            {"look": lambda: looker.look(small), "plain": lambda: plain.detect(image)},
            20 if quick else 200,
        )
    median, tail = float(np.median(times["look"])), float(np.percentile(times["look"], 99))
    plain_median = float(np.median(times["plain"]))
    plain_tail = float(np.percentile(times["plain"], 99))
    yield Row("look", "a frame, median", median, "ms", 25, median <= 25, plain_median)
    yield Row("look", "a frame, 99th percentile", tail, "ms", 60, tail <= 60, plain_tail)


STREAM = 8
"""Frames of the twin that a stream repeats: rendering them is not what is measured."""


def live(config: Config, quick: bool) -> Iterator[Row]:
    """The whole rule set on a stream of 960 × 1280, one core, against the plain use of its models.

    That is what an application does that runs each model on each whole frame.
    """
    booth, camera = _camera(config)
    frames: list[Picture] = []
    for number in range(STREAM):
        booth.wires.posture = Posture(dx=0.002 * number)
        image = camera.read(main=True).image
        if image is None:
            raise UsageError("the twin gave no main picture")
        frames.append(image)
    rules, steady, took, plain_took = specification(), Steady(), [], []
    store = config.models.store
    with _one_core(), load_looker(store) as looker, _plain(store) as plain:
        for number in range(30 if quick else 300):
            frame, at = frames[number % STREAM], number / CAMERA_RATE
            began = time.perf_counter()
            # One vote on attendance a visit, of some ten seconds.
            swung = swing(control_law.WORKING, number) if 30 <= number % 300 < 30 + FRAMES else None
            steady, _ = follow(steady, judge(looker.follow(frame, at, swung), rules), at)
            between = time.perf_counter()
            plain(frame)
            took.append((between - began) * 1000)
            plain_took.append((time.perf_counter() - between) * 1000)
    # The first ones set the models up.
    took, plain_took = took[5:], plain_took[5:]
    for name, share, goal in (("median", 50, 25.0), ("99th percentile", 99, 60.0)):
        ours, theirs = float(np.percentile(took, share)), float(np.percentile(plain_took, share))
        yield Row("live", f"a frame, {name}", ours, "ms", goal, ours <= goal, theirs)
    with get_context("spawn").Pool(1) as pool:
        resident = pool.apply(_resident, (store,))
    yield Row("live", "resident with all models", resident, "MiB", 500, resident <= 500, None)


@contextmanager
def _plain(store: Path) -> Iterator[Callable[[Picture], object]]:
    """MediaPipe's tasks as their guides show them: every model, every frame, at full size."""
    from mediapipe.tasks.python import BaseOptions, vision

    def base(name: str) -> BaseOptions:
        return BaseOptions(model_asset_path=str(find(name, store)))

    meshes = vision.FaceLandmarkerOptions(
        base_options=base("face_landmarker"),
        output_face_blendshapes=True,
        output_facial_transformation_matrixes=True,
    )
    faces = vision.FaceDetectorOptions(base_options=base("face_detector_full_range"))
    people = vision.ImageSegmenterOptions(
        base_options=base("selfie_segmenter"), output_confidence_masks=True
    )
    hairs = vision.ImageSegmenterOptions(
        base_options=base("hair_segmenter"), output_confidence_masks=True
    )
    with (
        vision.FaceLandmarker.create_from_options(meshes) as mesh,
        vision.FaceDetector.create_from_options(faces) as face,
        vision.ImageSegmenter.create_from_options(people) as person,
        vision.ImageSegmenter.create_from_options(hairs) as hair,
    ):

        def use(picture: Picture) -> object:
            image = mp.Image(image_format=mp.ImageFormat.SRGB, data=picture)
            found = mesh.detect(image), face.detect(image)
            return found, person.segment(image), hair.segment(image)

        yield use


def _resident(store: Path) -> float:
    """A process's resident memory, MiB, that has looked and cut out; NaN where none is told."""
    _loaded(store)
    return _status("VmRSS")


def _loaded(store: Path) -> LoadedModels:
    """All models, each used once."""
    eyes = load_models(store)
    blank = np.full((1280, 960, 3), 128, np.uint8)
    eyes.looker.look(blank)
    eyes.matter.alpha(blank)
    return eyes


def _status(field: str) -> float:
    """What the system tells of this process's memory, MiB; NaN where it tells nothing."""
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    line = next(row for row in status.read_text().splitlines() if row.startswith(field))
    return int(line.split()[1]) / 1024


def rates(config: Config, quick: bool) -> Iterator[Row]:
    """How often each rule errs, on labelled portraits where they lie and on rendered people."""
    from kiosk.evaluation import accuracy as counted

    with load_looker(config.models.store) as looker:
        for rate in counted.measure(looker, counted.PORTRAITS, quick=quick):
            goal, ok = rate.goal, None if rate.goal is None else rate.holds
            yield Row("accuracy", rate.says, 100 * rate.share, f"% of {rate.of}", goal, ok, None)


def attendance(config: Config, quick: bool) -> Iterator[Row]:
    """A vote of 15 frames on rendered people, and on prints and screens that show them."""
    from kiosk.evaluation.accuracy import Rate
    from kiosk.evaluation.attendance import turnout

    with load_looker(config.models.store) as looker:
        if not looker.attends:
            raise UsageError("there is no anti-spoofing model: see kiosk models")
        votes = list(turnout(looker, quick=quick))
    refused = {vote: vote.score is None or vote.score < 0.5 for vote in votes}
    for kind, says, goal in (
        ("live", "live people refused", 1.0),
        ("print", "prints caught", 90.0),
        ("screen", "screens caught", 90.0),
    ):
        hits = [no for vote, no in refused.items() if vote.kind == kind]
        rate = Rate(says, sum(hits), len(hits), goal, at_most=kind == "live")
        low, high = rate.interval
        unit = f"% of {rate.of} ({100 * low:.0f} to {100 * high:.0f})"
        yield Row("attendance", says, 100 * rate.share, unit, goal, rate.holds, None)


def matting(config: Config, quick: bool) -> Iterator[Row]:
    """Mattes of the twin's people against the truth, and against MODNet alone in the same run."""
    from kiosk.evaluation import matting as mattes
    from kiosk.pipeline.photo.standardise import Evidence

    eyes = load_models(config.models.store)
    found: dict[str, list[mattes.Errors]] = {}
    console = Console(stderr=True)
    who = list(mattes.people(names()[:3] if quick else names(), 1))
    for subject, pose in track(who, "cutting out", transient=True, console=console):
        shot = mattes.shoot(subject, pose, seed=1)
        part, chin = mattes.ours(eyes, shot, shot.evidence)
        true = mattes.truth(shot, part, chin)
        alone = mattes.again(eyes, shot, Evidence(plate=shot.evidence.plate), part.crop)
        nothing = mattes.again(eyes, shot, Evidence(), part.crop)
        peer_alpha, peer_photo = mattes.hivision(eyes.matter, shot.capture, part.crop)
        for way, alpha, photo in (
            ("plate and lamp pair", part.cutout.alpha, mattes.photo(part)),
            ("plate only", alone.cutout.alpha, mattes.photo(alone)),
            ("one plain photo", nothing.cutout.alpha, mattes.photo(nothing)),
            ("HivisionIDPhotos' steps", peer_alpha, peer_photo),
            ("MODNet alone", part.soft.clip(0, 1), mattes.plain(part)),
        ):
            found.setdefault(way, []).append(mattes.errors(alpha, photo, true))
    eyes.looker.close()
    yield from _matte_rows(found)


GAIN_GOALS: Mapping[str, float] = {
    "plate and lamp pair": 3.0,
    "plate only": 1.7,
    "one plain photo": 1.2,
}
"""By how many times a matte's error is to be less than MODNet's alone."""


def _matte_rows(found: Mapping[str, list[Any]]) -> Iterator[Row]:
    """The sums over all people, and how many times less they are than MODNet's."""

    def each(way: str, kind: str) -> NDArray[np.float64]:
        return np.array([getattr(errors, kind) for errors in found[way]])

    def row(name: str, value: float, unit: str, goal: float | None, ok: bool | None) -> Row:
        return Row("matting", name, value, unit, goal, ok, None)

    peer = "MODNet alone"
    for way in found:
        for kind, unit in (
            ("sad", "thousand"),
            ("mse", "thousandths"),
            ("gradient", ""),
            ("connectivity", "thousand"),
            ("hair", "thousand"),
        ):
            mean, base = float(each(way, kind).mean()), float(each(peer, kind).mean())
            yield Row("matting", f"{way}: {kind}", mean, unit, None, None, base)
    for way, goal in GAIN_GOALS.items():
        gains = each(peer, "sad") / each(way, "sad")
        gain = float(each(peer, "sad").sum() / each(way, "sad").sum())
        yield row(f"{way}: SAD less than MODNet's", gain, "times", goal, gain >= goal)
        least = float(gains.min())
        yield row(f"{way}: the same, worst person", least, "times", 1.0, least >= 1)
    best = "plate and lamp pair"
    hair = float(each(peer, "hair").sum() / each(best, "hair").sum())
    yield row(f"{best}: hair's error less", hair, "times", 3.0, hair >= 3)
    fringe, pasted = float(each(best, "fringe").mean()), float(each(peer, "fringe").mean())
    goal = min(3.0, pasted / 2)
    yield Row("matting", f"{best}: fringe", fringe, "ΔE", goal, fringe <= goal, pasted)


BENCHED: Size = (1296, 1728)
"""A capture of 2.2 megapixels: the twin's, enlarged. Only how long it takes is asked of it."""


def standardise(config: Config, quick: bool) -> Iterator[Row]:
    """Shutter to finished, verified file with all evidence, against a matte pasted as it is."""
    from kiosk.evaluation import matting as mattes
    from kiosk.twin import find
    from kiosk.twin.stage import Rendered

    # One whom the rules let pass, and one whose hair is the most work.
    shot, loose = (
        mattes.enlarged(mattes.shoot(Rendered(find(name)), "neutral", seed=1), BENCHED)
        for name in ("wei", "mei")
    )
    eyes = load_models(config.models.store)
    wanted = Wanted((480, 640), "light-blue", "booth")
    blue = specification().background["light-blue"]

    def paste() -> bytes:
        alpha = eyes.matter.alpha(shot.capture)
        pasted = composite((shot.capture / np.float32(255)).astype(np.float32), alpha, blue)
        small = cv2.resize(pasted, (480, 640), interpolation=cv2.INTER_AREA)
        return bytes(cv2.imencode(".jpg", small)[1])

    def burst() -> object:
        return best_shot([shot.capture] * BURST, eyes.looker, specification())

    def make() -> Photo:
        return eyes.standardiser.standardise(shot.capture, wanted, shot.evidence)

    def make_loose() -> Photo:
        return eyes.standardiser.standardise(loose.capture, wanted, loose.evidence)

    times = _times(
        {"burst": burst, "ours": make, "loose": make_loose, "paste": paste},
        3 if quick else 15,
    )
    fidelity = make().fidelity
    eyes.looker.close()
    chosen, made = float(np.median(times["burst"])), float(np.median(times["ours"]))
    pasted, both = float(np.median(times["paste"])), chosen + made
    yield Row("standardise", "best of the burst, median", chosen, "ms", None, None, None)
    yield Row("standardise", "capture to file, median", made, "ms", None, None, pasted)
    longer = float(np.median(times["loose"]))
    yield Row("standardise", "capture to file, loose hair", longer, "ms", None, None, pasted)
    yield Row("standardise", "shutter to file, median", both, "ms", 1500, both <= 1500, pasted)
    psnr = fidelity.psnr
    yield Row("standardise", "face before the JPEG", psnr, "dB", 40, psnr >= 40, None)
    after = fidelity.psnr_jpeg
    yield Row("standardise", "face after the JPEG", after, "dB", None, None, None)
    with get_context("spawn").Pool(1) as pool:
        idle, peak = pool.apply(_photo_memory, (config.models.store, shot))
    grown = peak - idle
    yield Row("standardise", "memory above the idle booth", grown, "MiB", 250, grown <= 250, idle)


def _photo_memory(store: Path, shot: Any) -> tuple[float, float]:
    """A process's resident memory, MiB, with all models at rest, and its peak while it works."""
    eyes = _loaded(store)
    idle = _status("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # begin the peak anew
    wanted = Wanted((480, 640), "light-blue", "booth")
    for _ in range(3):
        best_shot([shot.capture] * BURST, eyes.looker, specification())
        eyes.standardiser.standardise(shot.capture, wanted, shot.evidence)
    return idle, _status("VmHWM")


def geometry(config: Config, quick: bool) -> Iterator[Row]:
    """How many of all people's photos lie inside the specification, against a peer's crop."""
    from kiosk.evaluation import geometry as crops

    with load_looker(config.models.store) as looker:
        eyes = load_models(config.models.store)
        people = list(crops.pictures(quick=quick))
        console = Console(stderr=True)
        found = [
            crops.measure(person, eyes, looker)
            for person in track(people, "cropping", transient=True, console=console)
        ]
        eyes.looker.close()
    for kind in dict.fromkeys(person.kind for person in found):
        group = [person for person in found if person.kind == kind]
        passing = [person for person in group if person.passes]
        made = [person for person in passing if person.inside]
        share = 100 * len(made) / max(len(passing), 1)
        theirs = 100 * sum(person.peer_inside for person in passing) / max(len(passing), 1)
        unit = f"% of {len(passing)} that check passes"
        yield Row("geometry", f"{kind}: inside", share, unit, 100, share == 100, theirs)
        others = [person for person in group if person.made]
        ok = 100 * sum(person.inside for person in others) / max(len(others), 1)
        unit = f"% of {len(others)} photos made, of {len(group)} pictures"
        yield Row("geometry", f"{kind}: inside, all made", ok, unit, 100, ok == 100, None)
        margins = [person.margin for person in others if person.margin is not None]
        if margins:
            least = float(min(margins))
            yield Row("geometry", f"{kind}: least margin", least, "of 1", 0, least >= 0, None)


def reader(config: Config, quick: bool) -> Iterator[Row]:
    """The cascade on a clear code, against ZBar alone."""
    import zxingcpp
    from pyzbar import pyzbar

    from kiosk.reader.picture import decode

    code = zxingcpp.create_barcode("CHSI-0123456789-ABCDEF", zxingcpp.BarcodeFormat.QRCode)
    drawn = np.asarray(zxingcpp.write_barcode_to_image(code, scale=6))
    scene = np.full((640, 480), 90, np.uint8)
    scene[100 : 100 + drawn.shape[0], 100 : 100 + drawn.shape[1]] = drawn
    blurred = np.asarray(cv2.GaussianBlur(scene, (0, 0), 1.2), np.uint8)
    picture = np.repeat(blurred[..., None], 3, 2)
    if decode(picture) is None:
        raise UsageError("the benchmark's own code cannot be read")
    times = _times(
        {"ours": lambda: decode(picture), "zbar": lambda: pyzbar.decode(picture)},
        20 if quick else 200,
    )
    ours, zbar = float(np.median(times["ours"])), float(np.median(times["zbar"]))
    yield Row("reader", "a code in a preview, median", ours, "ms", None, None, zbar)


CAMERA_RATE = 30.0
"""Frames a second that the camera gives, and that the twin must not hold back."""


@contextmanager
def _one_core() -> Iterator[None]:
    """Stay on one core, and let OpenCV use no other, where the system lets a process choose."""
    threads = cv2.getNumThreads()
    cv2.setNumThreads(1)
    cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    if cores:
        os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        if cores:
            os.sched_setaffinity(0, cores)
        cv2.setNumThreads(threads)


@dataclass(frozen=True, slots=True)
class _Strain:
    """What the twin's camera has to do."""

    row: str
    moves: bool = True
    """Whether the student stands otherwise in each frame."""
    frequency: int = 1000
    """Hz of the lamps' PWM."""
    main_each: int | None = None
    """Every how many frames the main stream is wanted."""
    goal: float | None = CAMERA_RATE


STRAINS = (
    _Strain("preview, nobody moves", moves=False),
    _Strain("preview, the student moves"),
    _Strain("preview, bands of lamps at 170 Hz", frequency=170),
    _Strain("main stream each tenth frame", main_each=10),
    _Strain("main stream each frame", main_each=1, goal=None),
)


def twin(config: Config, quick: bool) -> Iterator[Row]:
    """Frames a second that one core can make, however seldom they are due, against the camera's."""
    count = 30 if quick else 200
    with _one_core():
        for strain in STRAINS:
            booth, camera = _camera(config)
            for lamp in control_law.WORKING:
                booth.wires.set_frequency(lamp, strain.frequency)
            camera.control(Controls(exposure_time=8_000))
            camera.read(main=True)  # the first reads the files
            spent = 0.0
            for number in range(count):
                if strain.moves:
                    # To and fro by a hundredth of the picture a frame, and nearer, and back.
                    swing = abs(number % 20 - 10)
                    booth.wires.posture = Posture(dx=0.01 * swing, scale=1 + 0.01 * swing)
                began = time.process_time()
                camera.read(main=strain.main_each is not None and number % strain.main_each == 0)
                spent += time.process_time() - began
            rate = count / spent
            ok = None if strain.goal is None else rate >= strain.goal
            yield Row("twin", strain.row, rate, "frames/s", strain.goal, ok, CAMERA_RATE)


def truth(config: Config, quick: bool) -> Iterator[Row]:
    """Mean errors of the models on the rendered people; a face off by 5 degrees is a bad render."""
    people = names()[:2] if quick else names()
    eyes = load_models(config.models.store)
    rows = [row for name in people for row in accuracy.measure(name, eyes)]
    eyes.looker.close()
    for name in people:
        for quantity in (*accuracy.ANGLES, "eye opening", "matte"):
            off = accuracy.errors(rows, name, quantity)
            if not off:
                continue
            goal = 5.0 if quantity in ("yaw", "roll") else None
            ok = None if goal is None else max(off) <= goal
            unit = "degrees" if quantity in accuracy.ANGLES else "share"
            steady = float(np.mean(accuracy.steady_errors(rows, name, quantity)))
            yield Row("truth", f"{name}: {quantity}", float(np.mean(off)), unit, goal, ok, steady)


BENCHES: Mapping[str, Callable[[Config, bool], Iterator[Row]]] = {
    "accuracy": rates,
    "attendance": attendance,
    "geometry": geometry,
    "live": live,
    "look": look,
    "matting": matting,
    "standardise": standardise,
    "reader": reader,
    "truth": truth,
    "twin": twin,
}
