"""The command `kiosk`: what staff and developers type."""

import argparse
import faulthandler
import json
import logging
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from rich.console import Console
from rich.progress import track
from rich.table import Table

from kiosk.config import Config, Loaded, describe, load
from kiosk.errors import KioskError, PictureError, UsageError

if TYPE_CHECKING:
    from nacl.signing import SigningKey

    from kiosk.camera.frame import (
        Picture,
    )  # the commands import what they need, so that each starts quickly
    from kiosk.twin.stage import Rendered

FAILED, WRONG_USE = 1, 2
"""Exit status of a check that failed, and of a command used wrongly."""

BACKGROUNDS = ("light-blue", "white", "grey")
PROFILES = ("booth", "m2017")


def main(argv: list[str] | None = None) -> int:
    """Run one command, and give its exit status."""
    args = _parser().parse_args(argv)
    if not args.verbose and sys.stderr is sys.__stderr__:
        _quieten_libraries()
    logging.basicConfig(
        level=logging.INFO if args.verbose else logging.WARNING,
        format="%(levelname)s %(name)s: %(message)s",
    )
    try:
        status: int = args.command(args, load(args.config))
    except UsageError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return WRONG_USE
    except KioskError as error:
        print(f"kiosk: {error}", file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        sys.stderr.close()
        return FAILED
    except KeyboardInterrupt:
        return 130
    return status


def _quieten_libraries() -> None:
    """Keep standard error for ourselves: MediaPipe's native code writes sixty lines a start to it,
    and heeds no setting.
    """
    ours = os.fdopen(os.dup(2), "w", buffering=1)
    with open(os.devnull, "wb") as nothing:  # noqa: PTH123 (a descriptor is wanted)
        os.dup2(nothing.fileno(), 2)
    sys.stderr = ours
    faulthandler.enable(ours)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="kiosk", description="The graduation photo booth.")
    parser.add_argument("--config", type=Path, metavar="FILE", help="configuration (TOML)")
    parser.add_argument("--verbose", action="store_true", help="say more on standard error")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[argparse.Namespace, Loaded], int], help: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=help, description=help)
        sub.set_defaults(command=run)
        return sub

    run = command("run", _run, "serve students, on the camera that is configured")
    run.add_argument(
        "--twin", action="store_true", help="in a simulated booth; play the student with the mouse"
    )
    run.add_argument("--subject", metavar="NAME|PHOTO.jpg", help="who stands in the twin")

    demo = command("demo", _demo, "run one whole visit on the twin, and leave its traces in DIR")
    demo.add_argument("--headless", action="store_true", help="without a window")
    demo.add_argument("--out", type=Path, default=Path("demo"), metavar="DIR")
    demo.add_argument("--subject", default="lin", metavar="NAME|PHOTO.jpg")
    demo.add_argument("--seed", type=int, default=1)
    behaviour = demo.add_mutually_exclusive_group()
    behaviour.add_argument("--temperament", metavar="NAME", help="how the student is")
    behaviour.add_argument("--script", type=Path, metavar="FILE", help="what the student does")

    check = command("check", _check, "judge pictures by the rules of the shutter")
    check.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    check.add_argument(
        "--annotate", type=Path, metavar="DIR", help="write each picture with what was measured"
    )
    _json(check)

    standardise = command("standardise", _standardise, "make the photo from a picture")
    standardise.add_argument("input", type=Path, metavar="IN")
    standardise.add_argument("output", type=Path, metavar="OUT")
    standardise.add_argument("--size", type=_size, metavar="WxH")
    standardise.add_argument("--background", choices=BACKGROUNDS)
    standardise.add_argument("--profile", choices=PROFILES)
    _json(standardise)

    verify = command("verify", _verify, "verify finished photos against the specification")
    verify.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    verify.add_argument("--background", choices=BACKGROUNDS)
    verify.add_argument("--profile", choices=PROFILES)
    verify.add_argument(
        "--annotate", type=Path, metavar="DIR", help="write each photo with what was measured"
    )
    _json(verify)

    _provenance_commands(
        command("provenance", _provenance, "say what was done to a photo's capture, or check it")
    )

    models = command("models", _models, "list the models, or fetch those that are missing")
    models.add_argument("--fetch", action="store_true")
    models.add_argument("--mirror", type=Path, metavar="DIR", help="look here before elsewhere")
    _json(models)

    _json(command("config", _config, "print the configuration in force, and from where"))
    sync = command("sync", _sync, "hand what waits to the registrar, and fetch the roster")
    sync.add_argument(
        "--retry-refused", action="store_true", help="send again what the registrar refused"
    )
    _json(sync)

    _twin_commands(command("twin", _twin, "show the people who stand in the simulated booth"))

    bench = command("bench", _bench, "measure speed against a peer in the same run")
    bench.add_argument(
        "bench",
        choices=(
            "accuracy",
            "attendance",
            "geometry",
            "live",
            "look",
            "matting",
            "reader",
            "standardise",
            "truth",
            "twin",
        ),
        metavar="X",
    )
    bench.add_argument("--quick", action="store_true", help="a smaller sample")
    _json(bench)

    _json(command("doctor", _doctor, "check everything that the booth needs"))
    _json(command("status", _status, "say how the booth's outbox, roster and disk stand"))
    return parser


def _provenance_commands(provenance: argparse.ArgumentParser) -> None:
    kinds = provenance.add_subparsers(required=True, metavar="show|verify", dest="what")
    show = kinds.add_parser("show", help="say what a record says; nothing is checked")
    show.add_argument("record", type=Path, metavar="RECORD.json")
    _json(show)
    verify = kinds.add_parser("verify", help="check that a booth made a photo, and as recorded")
    verify.add_argument("photo", type=Path, metavar="PHOTO.jpg")
    verify.add_argument(
        "record",
        type=Path,
        nargs="?",
        metavar="RECORD.json",
        help="default: the photo's name, with .provenance.json for .jpg",
    )
    verify.add_argument(
        "--key",
        metavar="BASE64",
        help="the booth's public key, as registrar booth list prints it (default: this booth's)",
    )
    _json(verify)


def _twin_commands(twin: argparse.ArgumentParser) -> None:
    kinds = twin.add_subparsers(required=True, metavar="list|show|frame", dest="what")
    _json(kinds.add_parser("list", help="who there is; damaged ones are named and left out"))
    show = kinds.add_parser("show", help="what is true of one, pose by pose")
    show.add_argument("name", metavar="NAME")
    _json(show)
    frame = kinds.add_parser("frame", help="write one frame as a PNG")
    frame.add_argument("name", metavar="NAME|PHOTO.jpg")
    frame.add_argument("--pose", default="neutral", metavar="P")
    frame.add_argument(
        "--lamps",
        default="key_left=0.6,key_right=0.6,fill=0.6,backdrop=0.6,room=1",
        metavar="NAME=LEVEL,…",
        help="lamps that are lit, 0 to 1; all others are dark (default: %(default)s)",
    )
    frame.add_argument("--no-noise", action="store_true", help="as a perfect sensor sees it")
    frame.add_argument("-o", "--out", type=Path, required=True, metavar="F.png")


def _json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    if not (cross and width.isdigit() and height.isdigit()):
        raise argparse.ArgumentTypeError(f"{text} is no size; give it as 480x640")
    return int(width), int(height)


def _print_json(row: dict[str, Any]) -> None:
    print(json.dumps(row, ensure_ascii=False), flush=True)


def _table(columns: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    table = Table(*columns, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*row)
    Console(soft_wrap=True).print(table)


def _mark(ok: bool | None) -> str:
    return {True: "ok", False: "FAIL", None: "not judged"}[ok]


# ---- pictures ----


def _annotate(folder: Path, image: Path, annotated: "Picture") -> None:
    from PIL import Image

    out = folder / f"{image.stem}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(annotated).save(out)
    except OSError as error:
        raise UsageError(f"{out}: cannot be written ({error.strerror})") from error


def _check(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.drawing.assessment import annotate
    from kiosk.pipeline.judge.judge import judge
    from kiosk.pipeline.loading import load_looker
    from kiosk.pipeline.observation import to_json
    from kiosk.pipeline.picture import read_picture
    from kiosk.pipeline.specification import specification

    status = 0
    with load_looker(loaded.config.models.store) as looker:
        for image in args.images:
            try:
                picture = read_picture(image)
            except PictureError as error:
                status = max(status, WRONG_USE)
                _unreadable(args, image, error)
                continue
            seen = looker.look(picture)
            assessment = judge(seen, specification())
            if not assessment.passed:
                status = max(status, FAILED)
            rules = assessment.rules
            if args.annotate is not None:
                _annotate(args.annotate, image, annotate(picture, seen, assessment))
            if args.json:
                _print_json(
                    {
                        "file": str(image),
                        "faces": seen.faces,
                        "verdict": "pass" if assessment.passed else "fail",
                        "rules": {
                            r.id: {
                                "value": r.value,
                                "ok": r.ok,
                                "bounds": r.limit,
                                "force": r.force,
                                "who": r.who,
                            }
                            for r in rules
                        },
                        "observation": to_json(seen),
                    }
                )
            else:
                print(f"{image}: {'pass' if assessment.passed else 'fail'}")
                _table(
                    ("  rule", "value", "bounds", ""),
                    (
                        (
                            f"  {r.id}",
                            "–" if r.value is None else f"{r.value:.3g}",
                            f"{r.limit[0]:g} to {r.limit[1]:g}",
                            r.force if r.ok is None and r.force == "asked" else _mark(r.ok),
                        )
                        for r in rules
                    ),
                )
    return status


def _unreadable(args: argparse.Namespace, image: Path, error: PictureError) -> None:
    if args.json:
        _print_json({"file": str(image), "error": str(error)})
    print(f"kiosk: {error}", file=sys.stderr)


def _standardise(args: argparse.Namespace, loaded: Loaded) -> int:
    from contextlib import suppress
    from dataclasses import asdict
    from datetime import UTC, datetime
    from importlib.metadata import version

    from kiosk.files import write_together
    from kiosk.pipeline.loading import load_models
    from kiosk.pipeline.photo.provenance import beside, models_in, record
    from kiosk.pipeline.photo.standardise import Wanted
    from kiosk.pipeline.picture import read_picture
    from kiosk.pipeline.specification import specification

    photo = loaded.config.photo
    size = args.size or photo.size
    sizes = specification().sizes()
    if size not in sizes:
        raise UsageError(
            f"--size {size[0]}x{size[1]}: sizes are 3:4 in steps of 48 × 64, from"
            f" {sizes[0][0]}x{sizes[0][1]} to {sizes[-1][0]}x{sizes[-1][1]}"
        )
    if args.output.suffix.lower() not in (".jpg", ".jpeg"):
        raise UsageError(f"{args.output}: a photo is a JPEG; let its name end in .jpg")
    if args.output.exists() and args.input.exists() and args.output.samefile(args.input):
        raise UsageError(f"{args.output}: would take the place of the picture it is made from")
    wanted = Wanted(size, args.background or photo.background, args.profile or photo.profile)
    picture = read_picture(args.input)
    eyes = load_models(loaded.config.models.store)
    try:
        made = eyes.standardiser.standardise(picture, wanted)
    except KioskError as error:
        if args.json:
            _print_json({"file": str(args.input), "error": str(error)})
        raise type(error)(f"{args.input}: {error}") from error
    finally:
        eyes.looker.close()
    signing_key, proof = _signing_key(loaded.config), beside(args.output)
    if signing_key is None:
        write_together({args.output: made.encoded.data})
        with suppress(OSError):
            proof.unlink()  # it told of the photo before
    else:
        signed = record(
            made,
            picture,
            made_at=datetime.now(UTC),
            booth_id=loaded.config.sync.booth_id,
            kiosk_version=version("graduation-photo-booth"),
            models=models_in(loaded.config.models.store),
            signing_key=signing_key,
        )
        write_together({proof: signed.as_file(), args.output: made.encoded.data})
    crop = made.crop
    if args.json:
        _print_json(
            {
                "file": str(args.input),
                "photo": str(args.output),
                "size": made.size,
                "bytes": len(made.encoded.data),
                "quality": made.encoded.quality,
                "chroma": made.encoded.chroma,
                "crop": [crop.left, crop.top, crop.width, crop.height],
                "margin": crop.margin,
                "fidelity": asdict(made.fidelity),
                "provenance": None if signing_key is None else str(proof),
            }
        )
    else:
        print(
            f"{args.output}: {made.size[0]} × {made.size[1]}, {len(made.encoded.data):,} bytes,"
            f" JPEG quality {made.encoded.quality}; the face as captured,"
            f" {made.fidelity.psnr_jpeg:.1f} dB after the JPEG"
        )
    return 0


def _signing_key(config: Config) -> "SigningKey | None":
    """Read the key that records are signed with; None, and word of it, where there is none."""
    from kiosk.sync import read_signing_key

    file = config.sync.signing_key_file
    try:
        file.open("rb").close()
    except OSError as error:
        _say(
            f"kiosk: no record of provenance is written: {file} cannot be read ({error.strerror});"
            " to get a signing key: registrar booth add NAME"
        )
        return None
    return read_signing_key(file)


def _verify(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.drawing.verification import draw
    from kiosk.pipeline.loading import load_looker
    from kiosk.pipeline.specification import specification
    from kiosk.pipeline.verify.verify import verify_file

    photo = loaded.config.photo
    background = args.background or photo.background
    profile = args.profile or photo.profile
    status = 0
    with load_looker(loaded.config.models.store) as looker:
        for image in args.images:
            try:
                found = verify_file(image, looker, specification(), background, profile)
            except PictureError as error:
                status = max(status, WRONG_USE)
                _unreadable(args, image, error)
                continue
            if not found.accepted:
                status = max(status, FAILED)
            if args.annotate is not None:
                _annotate(args.annotate, image, draw(found, specification().geometry))
            if args.json:
                _print_json(
                    {
                        "file": str(image),
                        "verdict": "pass" if found.accepted else "fail",
                        "findings": {
                            f.id: {"value": f.value, "ok": f.ok, "bounds": f.bounds}
                            for f in found.findings
                        },
                        "reasons": found.reasons,
                    }
                )
            else:
                print(f"{image}: {'accepted' if found.accepted else '; '.join(found.reasons)}")
    return status


def _provenance(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.pipeline.photo.provenance import lines, read_record

    if args.what == "verify":
        return _provenance_verify(args, loaded.config)
    record = read_record(args.record)
    if args.json:
        _print_json(record.model_dump(mode="json"))
    else:
        rows = list(lines(record))
        wide = max(len(thing) for thing, _ in rows)
        for thing, words in rows:
            print(f"{thing:<{wide}}  {words}")
    return 0


def _provenance_verify(args: argparse.Namespace, config: Config) -> int:
    from kiosk.pipeline.photo.provenance import beside, check, read_photo, read_record
    from kiosk.sync import booth_verify_key, read_signing_key

    path = args.record or beside(args.photo)
    jpeg, record = read_photo(args.photo), read_record(path)
    if args.key is not None:
        try:
            key = booth_verify_key(args.key)
        except UsageError as error:
            raise UsageError(f"--key {error}") from error
    else:
        try:
            key = read_signing_key(config.sync.signing_key_file).verify_key
        except UsageError as error:
            raise UsageError(f"{error}; or give the booth's public key: --key BASE64") from error
    reasons = check(record, jpeg, key)
    if args.json:
        _print_json(
            {
                "file": str(args.photo),
                "record": str(path),
                "verdict": "fail" if reasons else "pass",
                "reasons": reasons,
            }
        )
    else:
        made = f"{record.booth_id} made it on {record.made_at.isoformat(' ', 'seconds')}"
        print(f"{args.photo}: {'; '.join(reasons) or f'the record holds: {made}'}")
    return FAILED if reasons else 0


# ---- the booth ----


def _run(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.booth.assembly import Simulation, open_parts
    from kiosk.booth.loop import Booth
    from kiosk.booth.registrar_link import open_link
    from kiosk.twin import Posture, Twin

    config = loaded.config
    # systemd stops a unit with SIGTERM: the lamps shall go out, and the camera be let go of.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if args.subject is not None and not args.twin:
        raise UsageError("--subject is who stands in the twin: add --twin")
    if args.twin:
        from kiosk.demo.demo import play

        return play(config, args.subject or "lin")
    office = open_link(config, uuid4)
    twin = None
    if config.camera.kind == "twin":
        twin = Twin("lin", config.lamps.pins, seed=0)
        twin.wires.posture = Posture()
    with open_parts(config, office, Simulation(twin=twin)) as parts:
        Booth(parts).run()
    return 0


def _demo(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.demo.demo import Demo

    behaviour = args.script or args.temperament
    if args.headless:
        os.environ["SDL_VIDEODRIVER"] = "dummy"
    demo = Demo(args.out, loaded.config, args.subject, args.seed, behaviour, headless=args.headless)
    return demo.run()


def _sync(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.booth.registrar_link import open_client
    from kiosk.sync import REFUSED, Outbox, sync_once

    client, _ = open_client(loaded.config)
    outbox = Outbox(loaded.config.sync.outbox)

    if args.retry_refused:
        outbox.retry_refused()

    def progress(done: int, total: int) -> None:
        if not args.json:
            print(f"\r{done} of {total}", end="" if done < total else "\n", file=sys.stderr)

    with client:
        result = sync_once(outbox, client, loaded.config.sync.roster, progress)
    row = {"sent": result.sent, "refused": result.refused, "pending": result.pending}
    reasons = outbox.refusals() if result.refused else {}
    for reason, number in reasons.items():
        _say(f"kiosk: {number} refused: {REFUSED[reason]}")
    if args.json:
        _print_json(row | {"reasons": reasons, "roster": len(result.extract)})
    else:
        print(
            f"{result.sent} sent, {result.refused} refused by the registrar, {result.pending}"
            f" waiting; the roster has {len(result.extract)} entries"
        )
    return FAILED if result.refused else 0


# ---- its state ----


def _models(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.models import fetch, load_manifest, status

    models = load_manifest().values()
    table = loaded.config.models
    if args.fetch:
        rows = fetch(models, table.store, args.mirror or table.mirror, _say)
    else:
        rows = status(models, table.store)
    for row in rows:
        if args.json:
            _print_json(row.as_json())
    if not args.json:
        _table(
            ("model", "bytes", "licence", "state"),
            (
                (
                    row.model.name,
                    f"{row.model.bytes:,}",
                    row.model.licence,
                    "ok" if row.ok else f"{'' if row.model.required else '(optional) '}{row.error}",
                )
                for row in rows
            ),
        )
    return 0 if all(row.ok or not row.model.required for row in rows) else FAILED


def _say(text: str) -> None:
    print(text, file=sys.stderr)


def _config(args: argparse.Namespace, loaded: Loaded) -> int:
    rows = describe(loaded)
    for row in rows:
        if args.json:
            _print_json({"key": row.key, "value": row.value, "from": row.origin})
    if not args.json:
        _table(("key", "value", "from"), ((r.key, str(r.value), r.origin) for r in rows))
    return 0


def _status(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.health import status

    return _findings(args, status(loaded.config))


def _doctor(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.health import CHECKS

    console = Console(stderr=True)
    checks = track(CHECKS, "checking", transient=True, console=console)
    return _findings(args, [check(loaded.config) for check in checks])


def _findings(args: argparse.Namespace, findings: Iterable[Any]) -> int:
    findings = list(findings)
    for found in findings:
        if args.json:
            _print_json({"check": found.name, "ok": found.ok, "says": found.says})
    if not args.json:
        _table(("check", "", "says"), ((f.name, _mark(f.ok), f.says) for f in findings))
    return FAILED if any(found.ok is False for found in findings) else 0


# ---- twin ----


def _twin(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.twin import find
    from kiosk.twin.stage import Rendered

    if args.what == "list":
        return _twin_list(json_lines=args.json)
    if args.what == "show":
        return _twin_show(Rendered(find(args.name)), args.json)
    return _twin_frame(args, loaded.config)


def _twin_list(*, json_lines: bool) -> int:
    from kiosk.twin.show import people
    from kiosk.twin.stage import SubjectError

    found = list(people())
    whole = [subject for subject in found if not isinstance(subject, SubjectError)]
    for error in found:
        if isinstance(error, SubjectError):
            print(f"kiosk: skipped: {error}", file=sys.stderr)
    if json_lines:
        for subject in whole:
            _print_json(
                {"name": subject.name, "words": subject.words, "poses": list(subject.poses)}
            )
    else:
        rows = ((s.name, str(len(s.poses)), s.words) for s in whole)
        _table(("name", "poses", "who it is"), rows)
    return 0


def _twin_show(subject: "Rendered", json_lines: bool) -> int:
    from kiosk.twin.show import truths

    if json_lines:
        for truth in truths(subject):
            _print_json(truth)
        return 0
    print(f"{subject.name}: {subject.words}")
    print(f"lamps: {', '.join(subject.lamps)}; {subject.size[0]}×{subject.size[1]} px")
    keys = ("yaw", "pitch", "roll", "shoulders_slope", "eye_opening", "mouth_opening")
    _table(
        ("pose", *keys, "gaze", "brows covered", "ears covered"),
        (
            (
                truth["pose"],
                *(f"{truth[key]:g}" for key in keys),
                f"{truth['gaze']['aside']:g}, {truth['gaze']['up']:g}",
                *(f"{max(truth[f'{part}_covered'].values()):.0%}" for part in ("brows", "ears")),
            )
            for truth in truths(subject)
        ),
    )
    return 0


def _twin_frame(args: argparse.Namespace, config: Config) -> int:
    from PIL import Image

    from kiosk.demo.demo import subject_source
    from kiosk.twin import find
    from kiosk.twin.camera import open_subject
    from kiosk.twin.show import frame, levels
    from kiosk.twin.stage import EmptyBooth

    if args.out.suffix.lower() != ".png":
        raise UsageError(f"{args.out}: frames are written as PNG; name the file *.png")
    lit = levels(args.lamps, EmptyBooth().lamps)
    with tempfile.TemporaryDirectory(prefix="kiosk-") as folder:
        who = subject_source(args.name, Path(folder), config)
        subject = open_subject(find(who) if isinstance(who, str) else who)
    picture = frame(subject, args.pose, lit, noise=not args.no_noise)
    try:
        Image.fromarray(picture).save(args.out)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{args.out}: cannot be written ({reason}); choose another") from error
    return 0


def _bench(args: argparse.Namespace, loaded: Loaded) -> int:
    from kiosk.evaluation.benches import BENCHES, Row

    config: Config = loaded.config
    rows: list[Row] = list(BENCHES[args.bench](config, args.quick))
    for row in rows:
        if args.json:
            _print_json(row.as_json())
    if not args.json:
        _table(
            ("row", "value", "unit", "goal", "baseline", ""),
            (
                (
                    row.row,
                    f"{row.value:.3g}",
                    row.unit,
                    "" if row.goal is None else f"{row.goal:g}",
                    "" if row.baseline is None else f"{row.baseline:.3g}",
                    "" if row.ok is None else _mark(row.ok),
                )
                for row in rows
            ),
        )
        if args.quick:
            print("a quick sample: figures are rougher than without --quick")
    return FAILED if any(row.ok is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
