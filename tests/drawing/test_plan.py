"""The plan is to scale, shows the configured screen, and can be read."""

from kiosk.config import Config
from kiosk.drawing.plan import LEGEND, draw_plan


def test_no_label_lies_over_another_and_all_is_told() -> None:
    drawing = draw_plan(Config())
    assert not list(drawing.overlapping())
    texts = [label.text for label in drawing.labels]
    assert all(f"{what} · {chinese}" in texts for what, chinese in LEGEND)
    assert {str(number) for number in range(1, len(LEGEND) + 1)} <= set(texts)


def test_a_larger_screen_is_drawn_larger() -> None:
    larger = Config.model_validate({"display": {"diagonal": 21.5}})
    assert draw_plan(larger).to_svg("") != draw_plan(Config()).to_svg("")
