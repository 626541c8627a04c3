"""Draw the idle screen's pictures, of what passes and what fails, from the twin's people.

.venv/bin/python tools/sample_pictures.py
"""

from PIL import Image

from kiosk.display.samples import FOLDER, SAMPLES
from kiosk.lighting import usual_levels
from kiosk.twin import find_subject
from kiosk.twin.light_stage import RenderedPerson
from kiosk.twin.single_frame import take_frame

SIZE = (300, 400)
"""Width and height: on the largest screen they are shown at about this size."""

FRAME = (110, 120, 850, 1107)
"""What is shown of the main picture of 960 × 1280: left, top, right and bottom."""

QUALITY = 84


def main() -> None:
    """Write one file for each person and pose that the screen shows."""
    FOLDER.mkdir(exist_ok=True)
    lamps = {**usual_levels.WORKING, "room": 1.0}
    for name in sorted({name for sample in SAMPLES for name in (sample.passes, sample.fails)}):
        person, pose = name.split("-")
        taken = take_frame(RenderedPerson(find_subject(person)), pose, lamps, noise=False)
        small = Image.fromarray(taken).crop(FRAME).resize(SIZE, Image.Resampling.LANCZOS)
        small.save(FOLDER / f"{name}.webp", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()
