"""`kiosk verify`: hold finished photos against the specification."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.commands.arguments import add_json, add_photo_kind
from kiosk.commands.output import print_json
from kiosk.commands.pictures import judge_each, write_annotated

if TYPE_CHECKING:
    from kiosk.config import Loaded

HELP = "verify finished photos against the specification"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("images", nargs="+", type=Path, metavar="IMAGE")
    add_photo_kind(parser)
    parser.add_argument(
        "--annotate", type=Path, metavar="DIR", help="write each photo with what was measured"
    )
    add_json(parser)


def run(args: argparse.Namespace, loaded: "Loaded") -> int:
    """Verify each photo, and say why those that are not accepted are not."""
    from kiosk.drawing.verification import draw_verification
    from kiosk.pipeline.loading import load_looker
    from kiosk.pipeline.specification import specification
    from kiosk.pipeline.verify.verify import verify_file

    photo = loaded.config.photo
    profile = args.profile or photo.profile
    background = args.background or photo.background_for(profile)
    with load_looker(loaded.config.models.store) as looker:

        def verify_one(image: Path) -> bool:
            found = verify_file(image, looker, specification(), background, profile)
            if args.annotate is not None:
                geometry = specification().profile(profile).geometry
                write_annotated(args.annotate, image, draw_verification(found, geometry))
            if args.json:
                print_json(
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
            return found.accepted

        return judge_each(args.images, verify_one, json_lines=args.json)
