"""Write hardware.md's tables and drawings anew, as the code calculates them: `make hardware`."""

import tomllib
from pathlib import Path

from kiosk.config import Config
from kiosk.drawing.hardware_tables import fill_in
from kiosk.drawing.plan import draw_plan
from kiosk.drawing.wiring_drawing import draw_wiring

ROOT = Path(__file__).parent.parent

example = Config.model_validate(tomllib.loads((ROOT / "systemd/kiosk.toml").read_text("utf-8")))
guide = ROOT / "hardware.md"
guide.write_text(fill_in(guide.read_text("utf-8")), "utf-8")
wiring = draw_wiring(example).to_svg("Wiring of the booth")
(ROOT / "docs/wiring.svg").write_text(wiring, "utf-8")
plan = draw_plan(example).to_svg("Where things stand")
(ROOT / "docs/plan.svg").write_text(plan, "utf-8")
