"""From the registrar's table to the student: the booth on the twin says whose turn it is."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from kiosk.config import Config, ModelSettings
from kiosk.demo.town import Town
from kiosk.sync.configuration import bring_configuration
from kiosk.sync.enrolment import open_client
from kiosk.visit import Stage
from protocol.turn import Ruling
from registrar.configuration import set_for_booths
from registrar.storage.tables import SCHEDULE_SLOT
from tests.booth.test_review_reaches_booth import visit_booth


def say(town: Town, begins: datetime, early: Ruling) -> None:
    """Give the town's student a time here, say what becomes of who is early, and sync."""
    code, now = town.config.booth.institution_code, datetime.now(UTC)
    slots = [("法学院", now - timedelta(hours=1), begins), ("文学院", begins, None)]
    rows = [
        {
            "institution_code": code,
            "place": town.config.booth.name,
            "starts_at": starts.timestamp(),
            "ends_at": (ends or starts + timedelta(hours=1)).timestamp(),
            "colleges": f'["{college}"]',
        }
        for college, starts, ends in slots
    ]
    with town.server.store.database.transaction() as db:
        db.execute(insert(SCHEDULE_SLOT), rows)
        set_for_booths(db, code, "early", early, "tom", now)
    with open_client(town.config.sync) as client:
        bring_configuration(client, town.config.sync.roster, code)


@pytest.mark.soak
def test_a_rendered_student_who_is_early_is_told_when_to_come(
    tmp_path: Path, models_store: Path
) -> None:
    config = Config(models=ModelSettings(store=models_store))
    with Town(tmp_path / "town", config, headless=True) as town:
        town.deliver()
        say(town, datetime.now(UTC) + timedelta(hours=3), "turn_away")
        told = visit_booth(town, tmp_path / "booth", last=Stage.TURNED_AWAY)
    assert {"turn.now", "turn.next"} & told.read[Stage.IDLE]
    assert {"reason.too_early.title", "turn.when"} <= told.read[Stage.TURNED_AWAY]
    assert Stage.CONFIRM not in told.read


@pytest.mark.soak
def test_a_rendered_student_who_may_wait_goes_on_by_themselves(
    tmp_path: Path, models_store: Path
) -> None:
    config = Config(models=ModelSettings(store=models_store))
    with Town(tmp_path / "town", config, headless=True) as town:
        town.deliver()
        say(town, datetime.now(UTC) + timedelta(seconds=75), "wait")
        waited = visit_booth(town, tmp_path / "booth", last=Stage.CONFIRM)
    assert {"waiting.title", "turn.when"} <= waited.read[Stage.WAITING]
    assert waited.stages.index(Stage.WAITING) < waited.stages.index(Stage.CONFIRM)
    assert "confirm.welcome" in waited.read[Stage.CONFIRM]
