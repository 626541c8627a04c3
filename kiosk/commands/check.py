"""`kiosk check`: judge pictures by the rules of the shutter."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.arguments import add_json
from kiosk.commands.output import outcome, print_json, print_table
from kiosk.commands.pictures import judge_each, write_annotated

if TYPE_CHECKING:
    from kiosk.config import Loaded
    from kiosk.pipeline.assessment import Assessment
    from kiosk.pipeline.observation import Observation

HELP = "judge pictures by the rules of the shutter"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    parser.add_argument(
        "--annotate", type=Path, metavar="DIR", help="write each picture with what was measured"
    )
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Judge each picture, and tell every rule's value."""
    from kiosk.drawing.assessment import draw_assessment
    from kiosk.pipeline.judge.judge import judge
    from kiosk.pipeline.loading import load_looker
    from kiosk.pipeline.picture import read_picture
    from kiosk.pipeline.specification import specification

    with load_looker(loaded.config.models.store) as looker:

        def judge_one(image: Path) -> bool:
            picture = read_picture(image)
            seen = looker.look(picture)
            assessment = judge(seen, specification())
            if args.annotate is not None:
                write_annotated(args.annotate, image, draw_assessment(picture, seen, assessment))
            if args.json:
                _print_as_json(image, seen, assessment)
            else:
                _print_for_people(image, assessment)
            return assessment.passed

        return judge_each(args.images, judge_one, json_lines=args.json)


def _print_as_json(image: Path, seen: "Observation", assessment: "Assessment") -> None:
    from kiosk.pipeline.observation import to_json

    print_json(
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
                for r in assessment.rules
            },
            "observation": to_json(seen),
        }
    )


def _print_for_people(image: Path, assessment: "Assessment") -> None:
    print(f"{image}: {'pass' if assessment.passed else 'fail'}")
    print_table(
        ("  rule", "value", "bounds", ""),
        (
            (
                f"  {r.id}",
                "–" if r.value is None else f"{r.value:.3g}",
                "" if r.limit is None else f"{r.limit[0]:g} to {r.limit[1]:g}",
                r.force if r.ok is None and r.force == "asked" else outcome(r.ok),
            )
            for r in assessment.rules
        ),
    )
