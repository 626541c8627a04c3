"""Shaders for skin, eyes, cloth and hair, as Cycles node trees."""

from pathlib import Path

import bpy
import numpy as np
from PIL import Image

Colour = tuple[float, float, float]  # linear-light, Rec. 709 primaries

CHEEK = (0.888, 0.570)  # where a cheek lies in the skins' pictures, from their left and top


def _cheek(picture: Path) -> Colour:
    """The colour around a cheek in a skin's picture."""
    with Image.open(picture) as opened:
        size = opened.size[0]
        x, y, r = int(CHEEK[0] * size), int(CHEEK[1] * size), size // 100
        patch = np.asarray(opened.convert("RGB").crop((x - r, y - r, x + r, y + r)), float) / 255
    linear = np.where(patch < 0.04045, patch / 12.92, ((patch + 0.055) / 1.055) ** 2.4)
    red, green, blue = linear.mean((0, 1))
    return float(red), float(green), float(blue)


class Shader:
    """A material being built: its principled shader and helpers that wire nodes to it."""

    def __init__(self, name: str, **inputs: float | Colour | tuple[float, ...]) -> None:
        """Set the principled shader's inputs; `base_color` sets "Base Color" and so on."""
        self.material = bpy.data.materials.new(name)
        self.material.use_nodes = True
        self.tree = self.material.node_tree
        self.principled = self.tree.nodes["Principled BSDF"]
        titles = {socket.name.lower().replace(" ", "_"): socket for socket in self.inputs}
        for key, value in inputs.items():
            titles[key].default_value = value

    @property
    def inputs(self) -> "bpy.types.NodeInputs":
        """The principled shader's input sockets."""
        return self.principled.inputs

    def node(self, kind: str, **settings: object) -> "bpy.types.Node":
        """Add a node; `settings` are attributes, or input values where a socket has the name."""
        node = self.tree.nodes.new(f"ShaderNode{kind}")
        for key, value in settings.items():
            if hasattr(node, key):
                setattr(node, key, value)
            else:
                socket = next(s for s in node.inputs if s.name.lower().replace(" ", "_") == key)
                socket.default_value = value
        return node

    def link(self, source: "bpy.types.NodeSocket", target: "bpy.types.NodeSocket") -> None:
        """Feed one socket into another."""
        self.tree.links.new(source, target)

    def multiply(self, a: "bpy.types.NodeSocket", b: "bpy.types.NodeSocket | Colour"):
        """Multiply two colours; `b` may be a constant."""
        mix = self.node("MixRGB", blend_type="MULTIPLY")
        mix.inputs[0].default_value = 1.0
        self.link(a, mix.inputs[1])
        if isinstance(b, tuple):
            mix.inputs[2].default_value = (*b, 1.0)
        else:
            self.link(b, mix.inputs[2])
        return mix.outputs[0]

    def noise(self, scale: float, detail: float = 4.0) -> "bpy.types.NodeSocket":
        """Fractal noise in 0..1, fixed to the mesh; `scale` in cycles per metre."""
        where = self.node("TexCoord")
        noise = self.node("TexNoise", scale=scale, detail=detail)
        self.link(where.outputs["Object"], noise.inputs["Vector"])
        return noise.outputs["Fac"]

    def range(self, source: "bpy.types.NodeSocket", low: float, high: float):
        """Map 0.3..0.7, where most noise lies, to `low`..`high`."""
        node = self.node("MapRange")
        for i, value in enumerate((0.3, 0.7, low, high), 1):
            node.inputs[i].default_value = value
        self.link(source, node.inputs[0])
        return node.outputs[0]

    def bump(self, height: "bpy.types.NodeSocket", metres: float, strength: float = 1.0) -> None:
        """Raise the surface by `height` times `metres`."""
        bump = self.node("Bump", strength=strength, distance=metres)
        self.link(height, bump.inputs["Height"])
        earlier = self.inputs["Normal"].links
        if earlier:
            self.link(earlier[0].from_socket, bump.inputs["Normal"])
        self.link(bump.outputs[0], self.inputs["Normal"])

    def picture(self, path: Path, gain: Colour = (1, 1, 1), alpha: bool = False):
        """Colour the surface by a texture times `gain`; its alpha cuts holes if asked."""
        texture = self.node("TexImage")
        texture.image = bpy.data.images.load(str(path.resolve()), check_existing=True)
        colour = self.multiply(texture.outputs["Color"], gain)
        self.link(colour, self.inputs["Base Color"])
        if alpha:
            self.link(texture.outputs["Alpha"], self.inputs["Alpha"])
        return colour


def skin(picture: Path, tone: Colour, evenness: float) -> bpy.types.Material:
    """Living skin: light scatters beneath it, pores break up its shine.

    `tone` is what a cheek reflects; the picture gives what differs from it, but for `evenness`.
    """
    gain = tuple(t / p for t, p in zip(tone, _cheek(picture), strict=True))
    shader = Shader(
        "skin",
        subsurface_weight=1.0,
        subsurface_scale=0.0025,
        subsurface_radius=(1.0, 0.36, 0.18),
        roughness=0.47,
        specular_ior_level=0.45,
    )
    painted = shader.picture(picture, gain)
    # The picture has shadows painted in; an even complexion leaves shading to the lamps.
    even = shader.node("MixRGB")
    even.inputs[0].default_value = evenness
    even.inputs[2].default_value = (*tone, 1.0)
    shader.link(painted, even.inputs[1])
    colour = even.outputs[0]
    blotches = shader.range(shader.noise(55.0), 0.93, 1.05)
    tint = shader.node("CombineColor")
    shader.link(shader.range(shader.noise(40.0), 0.98, 1.02), tint.inputs[0])
    shader.link(blotches, tint.inputs[1])
    shader.link(blotches, tint.inputs[2])
    shader.link(shader.multiply(colour, tint.outputs[0]), shader.inputs["Base Color"])
    shader.link(shader.range(shader.noise(260.0), 0.36, 0.5), shader.inputs["Roughness"])
    shader.bump(shader.noise(1500.0, 3.0), 0.00012, 0.7)
    return shader.material


def cloth(colour: Colour, normal_map: Path | None, stripes: Colour | None) -> bpy.types.Material:
    """Cotton: a fine weave, soft folds where the garment brings a normal map; stripes if any."""
    shader = Shader(
        "cloth",
        base_color=(*colour, 1.0),
        roughness=0.85,
        specular_ior_level=0.2,
        sheen_weight=0.15,
    )
    if stripes:
        shader.link(_striped(shader, colour, stripes), shader.inputs["Base Color"])
    if normal_map:
        texture = shader.node("TexImage")
        texture.image = bpy.data.images.load(str(normal_map.resolve()))
        texture.image.colorspace_settings.name = "Non-Color"
        normal = shader.node("NormalMap", strength=0.8)
        shader.link(texture.outputs["Color"], normal.inputs["Color"])
        shader.link(normal.outputs[0], shader.inputs["Normal"])
    shader.bump(shader.noise(14.0, 1.0), 0.010, 0.45)
    shader.bump(shader.noise(60.0, 2.0), 0.0016, 0.5)
    shader.bump(shader.noise(2500.0, 1.0), 0.0001, 0.4)
    return shader.material


STRIPE = 0.011  # m from one stripe to the next


def _striped(shader: Shader, colour: Colour, stripes: Colour) -> "bpy.types.NodeSocket":
    where = shader.node("SeparateXYZ")
    shader.link(shader.node("TexCoord").outputs["Object"], where.inputs[0])
    place = where.outputs[0]
    for operation, value in (("DIVIDE", STRIPE), ("FRACT", 0.0), ("GREATER_THAN", 0.62)):
        step = shader.node("Math", operation=operation)
        step.inputs[1].default_value = value
        shader.link(place, step.inputs[0])
        place = step.outputs[0]
    mix = shader.node("MixRGB")
    mix.inputs[1].default_value, mix.inputs[2].default_value = (*colour, 1.0), (*stripes, 1.0)
    shader.link(place, mix.inputs[0])
    return mix.outputs[0]


def frame(colour: Colour, metallic: float) -> bpy.types.Material:
    """What glasses' frames are made of: metal, or polished plastic."""
    return Shader("frame", base_color=(*colour, 1.0), metallic=metallic, roughness=0.22).material


def lens() -> bpy.types.Material:
    """Glass that bends light and mirrors the lamps; light passes it straight on its way to skin,
    or there would be a shadow where there is none."""
    shader = Shader("lens")
    glass = shader.node("BsdfGlass", ior=1.5, roughness=0.0)
    clear, mix, path = (
        shader.node("BsdfTransparent"),
        shader.node("MixShader"),
        shader.node("LightPath"),
    )
    either = shader.node("Math", operation="MAXIMUM")
    shader.link(path.outputs["Is Shadow Ray"], either.inputs[0])
    shader.link(path.outputs["Is Diffuse Ray"], either.inputs[1])
    shader.link(either.outputs[0], mix.inputs[0])
    shader.link(glass.outputs[0], mix.inputs[1])
    shader.link(clear.outputs[0], mix.inputs[2])
    shader.link(mix.outputs[0], shader.tree.nodes["Material Output"].inputs["Surface"])
    return shader.material


def wet(name: str, picture: Path, gain: Colour = (1, 1, 1), roughness: float = 0.05):
    """A wet surface that mirrors the lamps: teeth, tongue."""
    shader = Shader(name, roughness=roughness, specular_ior_level=0.6)
    shader.picture(picture, gain, alpha=True)
    return shader.material


def eye(picture: Path, gain: Colour) -> bpy.types.Material:
    """An eyeball: a matt iris under a clear cornea, and a wet white.

    The picture's alpha is 0 on the cornea's shell; the iris behind it must not mirror the lamps
    itself, for it is hollow and would show them upside down.
    """
    shader = Shader("eye", roughness=0.5, specular_ior_level=0.1, coat_roughness=0.04)
    colour = shader.picture(picture, gain)
    texture = colour.node.inputs[1].links[0].from_node
    channels = shader.node("SeparateColor")
    shader.link(texture.outputs["Color"], channels.inputs[0])
    shader.link(shader.range(channels.outputs[2], 0.0, 1.0), shader.inputs["Coat Weight"])
    shader.inputs["Subsurface Weight"].default_value = 0.3
    shader.inputs["Subsurface Scale"].default_value = 0.001
    clear, gloss = shader.node("BsdfTransparent"), shader.node("BsdfGlossy", roughness=0.02)
    cornea, whole = shader.node("MixShader"), shader.node("MixShader")
    shader.link(shader.node("Fresnel", ior=1.4).outputs[0], cornea.inputs[0])
    shader.link(clear.outputs[0], cornea.inputs[1])
    shader.link(gloss.outputs[0], cornea.inputs[2])
    shader.link(texture.outputs["Alpha"], whole.inputs[0])
    shader.link(cornea.outputs[0], whole.inputs[1])
    shader.link(shader.principled.outputs[0], whole.inputs[2])
    shader.link(whole.outputs[0], shader.tree.nodes["Material Output"].inputs["Surface"])
    return shader.material


def hair(melanin: float, redness: float) -> bpy.types.Material:
    """Hair fibres by their pigment, 0..1 each."""
    material = bpy.data.materials.new("hair")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    fibre = nodes.new("ShaderNodeBsdfHairPrincipled")
    fibre.parametrization = "MELANIN"
    for key, value in {
        "Melanin": melanin,
        "Melanin Redness": redness,
        "Roughness": 0.2,
        "Radial Roughness": 0.4,
        "Random Roughness": 0.2,
        "Random Color": 0.25,
        "IOR": 1.47,  # below keratin's 1.55, or black hair looks grey from the side
    }.items():
        fibre.inputs[key].default_value = value
    links.new(fibre.outputs[0], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])
    return material


def matt(name: str, colour: Colour) -> bpy.types.Material:
    """Painted paper."""
    return Shader(name, base_color=(*colour, 1.0), roughness=0.95, specular_ior_level=0.05).material
