"""What a booth is made of, by the names that staff order by: spare parts and consumables.

`kiosk doctor` names them where one is to be exchanged, and hardware.md's tables are made from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

YUAN_A_EURO = 8.0
"""CNY for one EUR in November 2026, near enough for an order of magnitude."""


@dataclass(frozen=True, slots=True)
class SparePart:
    """One part of the booth, or something that it uses up."""

    name: str
    """What it is called in a shop, and on the shelf."""
    other: str
    """What serves as well; "" for nothing else."""
    euros: float
    """Order of magnitude of the price of one, November 2026; to be asked anew."""
    shelf: int
    """How many lie ready for each booth: none of what fails seldom and can be bought in a day."""

    @property
    def yuan(self) -> float:
        """The same in CNY, to one digit."""
        return float(f"{self.euros * YUAN_A_EURO:.0e}")


SPARE_PARTS: Mapping[str, SparePart] = MappingProxyType(
    {
        "computer": SparePart("Raspberry Pi 5, 8 GB", "Raspberry Pi 5, 4 GB", 90, 1),
        "computer supply": SparePart("Raspberry Pi 27 W USB-C supply", "", 15, 1),
        "computer cooler": SparePart("Raspberry Pi Active Cooler", "a case with its fan", 8, 1),
        "storage": SparePart(
            "NVMe drive, 256 GB, on the Raspberry Pi M.2 HAT+",
            'SD card, 32 GB, "industrial" (pSLC)',
            50,
            1,
        ),
        "clock battery": SparePart("RTC battery ML-2020 for Raspberry Pi 5", "", 6, 1),
        "camera": SparePart(
            "Raspberry Pi HQ Camera, C/CS mount", "Camera Module 3 at 0.9 m: see the lens", 55, 1
        ),
        "lens": SparePart("C-mount lens, 10 mm, with iris and locks", "12 mm", 50, 0),
        "camera cable": SparePart(
            "Raspberry Pi 5 camera cable, 22 to 15 pins, 500 mm", "300 mm", 3, 2
        ),
        "screen": SparePart(
            "15.6″ IPS monitor, 1920 × 1080, with USB touch", "10.1″, for a nearer screen", 150, 0
        ),
        "screen cable": SparePart(
            "micro-HDMI to HDMI cable, 1.5 m, and USB cable, 1.5 m", "", 15, 1
        ),
        "code reader": SparePart(
            "Newland FM430 (USB, window up)",
            "Honeywell HF680; Zebra DS9308, which looks out",
            150,
            1,
        ),
        "four keys": SparePart(
            "USB keypad of four keys, programmed as the arrow keys",
            "a USB encoder with four 30 mm buttons",
            30,
            1,
        ),
        "loudspeaker": SparePart("USB loudspeaker, 3 W", "HDMI, where the screen has one", 15, 0),
        "key lamp": SparePart(
            "LED panel, 36 V, 36 W, 5000–5600 K, CRI ≥ 95, 0.4 × 0.6 m, opal", "", 120, 1
        ),
        "fill lamp": SparePart(
            "LED panel, 36 V, 18 W, the same light, 0.3 × 0.3 m, opal", "", 60, 0
        ),
        "backdrop lamp": SparePart("LED bar, 36 V, 18 W, the same light, 1 m", "", 40, 0),
        "lamp driver": SparePart(
            "Mean Well LDH-45B-1050 (36 V, 1.05 A: key lamps)",
            "another, constant current, dimmed by a voltage",
            25,
            1,
        ),
        "smaller lamp driver": SparePart(
            "Mean Well LDH-45B-500 (36 V, 0.5 A: fill, backdrop)", "the same", 25, 1
        ),
        "dimming module": SparePart(
            "PWM-to-voltage module, 0–100 % to 0–10 V, with its output scaled to the driver",
            "",
            5,
            1,
        ),
        "PWM chip": SparePart("PCA9685 board, 16 channels, I²C", "", 8, 0),
        "lamp supply": SparePart("Mean Well HDR-150-24", "Mean Well NDR-240-24", 45, 1),
        "fuse": SparePart("blade fuses, 2 A, 3 A and 7.5 A (ISO 8820-3)", "", 0.5, 5),
        "switch": SparePart("micro switch with roller lever, or a reed contact", "", 3, 1),
        "fan": SparePart("fan, 5 V, 2 wires, 60 mm, behind an N-MOSFET board", "", 12, 1),
        "dust filter": SparePart("filter mat for the 60 mm fan", "", 1, 2),
        "backdrop": SparePart("backdrop's fabric, 2 × 2 m, or 1 l of its paint", "", 60, 0),
        "network cable": SparePart("network cable, category 6, 5 m", "", 8, 1),
    }
)
"""The parts, each by the word that code and hardware.md use for it."""

CONSUMABLES: Mapping[str, SparePart] = MappingProxyType(
    {
        "wipes": SparePart("wipes, 70 % isopropanol, for keys, ledge and screen", "", 0.05, 200),
        "mirrors": SparePart("hand mirror, unbreakable, 15 cm", "", 3, 2),
        "lens cloths": SparePart("lens cloth, microfibre, in its bag", "", 1, 5),
        "paper": SparePart("sheet that says where and when to go, A5", "", 0.02, 100),
    }
)
"""What `kiosk stock` counts down."""
