"""From a picture to a photo: looking, judging, cutting out, standardising, verifying."""

import os

# ONNX Runtime reads this as it is imported; otherwise it sends metrics to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
