"""A look at one preview with every model, as after the shutter, against MediaPipe's landmarker
alone on the main stream. What a frame of the stream takes is the bench `live`.
"""

from collections.abc import Iterator

import cv2
import mediapipe as mp
import numpy as np
from mediapipe.tasks.python import BaseOptions, vision

from kiosk.config import Config
from kiosk.evaluation.rows import Row
from kiosk.evaluation.timing import time_in_turns
from kiosk.evaluation.twin_pictures import open_camera, read_main
from kiosk.models import read_model
from kiosk.pipeline.loading import load_looker


def measure(config: Config, *, quick: bool) -> Iterator[Row]:
    """Time both in turns on the twin."""
    _, camera = open_camera(config)
    main = read_main(camera)
    half = main.shape[1] // 2, main.shape[0] // 2
    preview = np.asarray(cv2.resize(main, half, interpolation=cv2.INTER_AREA), np.uint8)
    store = config.models.store
    options = vision.FaceLandmarkerOptions(
        base_options=BaseOptions(model_asset_buffer=read_model("face_landmarker", store)),
        output_face_blendshapes=True,
    )
    with (
        load_looker(store) as looker,
        vision.FaceLandmarker.create_from_options(options) as landmarker,
    ):
        image = mp.Image(image_format=mp.ImageFormat.SRGB, data=main)
        times = time_in_turns(
            {"look": lambda: looker.look(preview), "landmarker": lambda: landmarker.detect(image)},
            20 if quick else 200,
        )
    for name, share, goal in (("median", 50, 250), ("99th percentile", 99, 500)):
        value = float(np.percentile(times["look"], share))
        baseline = float(np.percentile(times["landmarker"], share))
        yield Row.at_most("look", f"a picture, {name}", value, "ms", goal, baseline)
