"""Draw the contact sheet of the twin's subjects: docs/subjects.png."""

import argparse
from pathlib import Path

from PIL import Image

from kiosk.evaluation.twin_pictures import picture_of
from kiosk.twin import find_subject, subject_names
from kiosk.twin.light_stage import RenderedPerson

COLUMNS = 6
"""Pictures in a row of those at rest; of the small ones twice as many."""

AT_REST_SIZE, POSED_SIZE = (320, 427), (160, 213)
"""Width and height of each picture, px."""


def tile_pictures(pictures: list[Image.Image], size: tuple[int, int], columns: int) -> Image.Image:
    """Scale pictures to one size and lay them out in rows."""
    rows = -(-len(pictures) // columns)
    drawn = Image.new("RGB", (columns * size[0], rows * size[1]), "white")
    for i, picture in enumerate(pictures):
        corner = i % columns * size[0], i // columns * size[1]
        drawn.paste(picture.resize(size, Image.Resampling.LANCZOS), corner)
    return drawn


def main() -> None:
    """Draw everybody at rest, large; below, all other poses, small."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/subjects.png"))
    args = parser.parse_args()
    rest: list[Image.Image] = []
    posed: list[Image.Image] = []
    for name in subject_names():
        subject = RenderedPerson(find_subject(name))
        for pose in subject.poses:
            picture = Image.fromarray(picture_of(subject, pose))
            (rest if pose == subject.poses[0] else posed).append(picture)
    above = tile_pictures(rest, AT_REST_SIZE, COLUMNS)
    below = tile_pictures(posed, POSED_SIZE, 2 * COLUMNS)
    whole = Image.new("RGB", (above.width, above.height + below.height), "white")
    whole.paste(above, (0, 0))
    whole.paste(below, (0, above.height))
    whole.save(args.out, optimize=True)
    print(f"{args.out}: {len(rest)} subjects, {len(rest) + len(posed)} pictures")


if __name__ == "__main__":
    main()
