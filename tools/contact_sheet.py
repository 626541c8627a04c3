"""Draw the contact sheet of the twin's subjects: docs/subjects.png."""

import argparse
from pathlib import Path

from PIL import Image

from kiosk.evaluation.truth import frame
from kiosk.twin import find, names
from kiosk.twin.stage import Rendered

COLUMNS = 6
LARGE, SMALL = (320, 427), (160, 213)


def sheet(pictures: list[Image.Image], size: tuple[int, int], columns: int) -> Image.Image:
    """Lay pictures out in rows."""
    rows = -(-len(pictures) // columns)
    drawn = Image.new("RGB", (columns * size[0], rows * size[1]), "white")
    for i, picture in enumerate(pictures):
        place = i % columns * size[0], i // columns * size[1]
        drawn.paste(picture.resize(size, Image.Resampling.LANCZOS), place)
    return drawn


def main() -> None:
    """Everybody at rest, large; below, all other poses, small."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/subjects.png"))
    args = parser.parse_args()
    rest, posed = [], []
    for name in names():
        subject = Rendered(find(name))
        for pose in subject.poses:
            picture = Image.fromarray(frame(subject, pose))
            (rest if pose == subject.poses[0] else posed).append(picture)
    above = sheet(rest, LARGE, COLUMNS)
    below = sheet(posed, SMALL, 2 * COLUMNS)
    whole = Image.new("RGB", (above.width, above.height + below.height), "white")
    whole.paste(above, (0, 0))
    whole.paste(below, (0, above.height))
    whole.save(args.out, optimize=True)
    print(f"{args.out}: {len(rest)} subjects, {len(rest) + len(posed)} pictures")


if __name__ == "__main__":
    main()
