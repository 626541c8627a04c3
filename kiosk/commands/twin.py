"""`kiosk twin`: show the people who stand in the simulated booth."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.arguments import add_json
from kiosk.commands.output import print_json, print_remark, print_table
from kiosk.errors import UsageError

if TYPE_CHECKING:
    from kiosk.config import Config, Loaded

HELP = "show the people who stand in the simulated booth"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    kinds = parser.add_subparsers(required=True, metavar="list|show|frame", dest="what")
    add_json(kinds.add_parser("list", help="who there is; damaged ones are named and left out"))
    show = kinds.add_parser("show", help="what is true of one, pose by pose")
    show.add_argument("name", metavar="NAME")
    add_json(show)
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


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """List, show or photograph, as asked."""
    if args.what == "list":
        return _list(json_lines=args.json)
    if args.what == "show":
        return _show(args.name, json_lines=args.json)
    return _frame(args, loaded.config)


def _list(*, json_lines: bool) -> int:
    from kiosk.twin.light_stage import SubjectError
    from kiosk.twin.people import OTHERS_ARE_ELSEWHERE, SHIPPED, open_all_subjects, subject_names

    found = list(open_all_subjects())
    whole = [subject for subject in found if not isinstance(subject, SubjectError)]
    for error in found:
        if isinstance(error, SubjectError):
            print_remark(f"kiosk: skipped: {error}")
    if json_lines:
        for subject in whole:
            print_json({"name": subject.name, "words": subject.words, "poses": list(subject.poses)})
    else:
        rows = ((s.name, str(len(s.poses)), s.words) for s in whole)
        print_table(("name", "poses", "who it is"), rows)
    if subject_names() == SHIPPED:
        print_remark(OTHERS_ARE_ELSEWHERE)
    return 0


def _show(name: str, *, json_lines: bool) -> int:
    from kiosk.twin import find_subject
    from kiosk.twin.light_stage import RenderedPerson
    from kiosk.twin.people import read_truths

    subject = RenderedPerson(find_subject(name))
    if json_lines:
        for truth in read_truths(subject):
            print_json(truth)
        return 0
    print(f"{subject.name}: {subject.words}")
    print(f"lamps: {', '.join(subject.lamps)}; {subject.size[0]}×{subject.size[1]} px")
    keys = ("yaw", "pitch", "roll", "shoulders_slope", "eye_opening", "mouth_opening")
    print_table(
        ("pose", *keys, "gaze", "brows covered", "ears covered"),
        (
            (
                truth["pose"],
                *(f"{truth[key]:g}" for key in keys),
                f"{truth['gaze']['aside']:g}, {truth['gaze']['up']:g}",
                *(f"{max(truth[f'{part}_covered'].values()):.0%}" for part in ("brows", "ears")),
            )
            for truth in read_truths(subject)
        ),
    )
    return 0


def _frame(args: argparse.Namespace, config: "Config") -> int:
    from PIL import Image

    from kiosk.demo.subject import subject_source
    from kiosk.files import private_folder
    from kiosk.twin import find_subject
    from kiosk.twin.camera import open_subject
    from kiosk.twin.light_stage import EmptyBooth
    from kiosk.twin.single_frame import parse_levels, take_frame

    if args.out.suffix.lower() != ".png":
        raise UsageError(f"{args.out}: frames are written as PNG; name the file *.png")
    lit = parse_levels(args.lamps, EmptyBooth().lamps)
    with private_folder() as folder:
        who = subject_source(args.name, folder, config)
        subject = open_subject(find_subject(who) if isinstance(who, str) else who)
    picture = take_frame(subject, args.pose, lit, noise=not args.no_noise)
    try:
        Image.fromarray(picture).save(args.out)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UsageError(f"{args.out}: cannot be written ({reason}); choose another") from error
    return 0
