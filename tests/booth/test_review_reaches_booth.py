"""From the booth to the desk and back: what a reviewer says is told at the next scan."""

import hashlib
import os
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import numpy as np
import pygame
import pytest

from kiosk import visit as v
from kiosk.booth.assembly import Simulation, open_parts
from kiosk.booth.loop import Booth
from kiosk.booth.parts import ShownBooth
from kiosk.booth.registrar_link import SyncLink, open_link
from kiosk.config import Config, ModelSettings
from kiosk.demo.actor import ScriptedActor
from kiosk.demo.recorder import Recorder
from kiosk.demo.town import Town
from kiosk.display.gallery import screen_states
from kiosk.display.screens import draw_screen
from kiosk.display.shown import Shown
from kiosk.sync.keys import parse_registrar_key, read_signing_key
from kiosk.sync.outbox import Outbox
from kiosk.twin import Twin
from kiosk.visit import Stage
from protocol.envelope import Metadata, seal_photo
from protocol.roster import Wait
from protocol.student import Student
from tests.desk import Browser, signed_in
from tests.town import picture, provenance

IDLE = dict(screen_states(np.full((64, 48, 3), 120, np.uint8)))["idle"]

PATIENCE = 150
"""Seconds after which a visit that has not come to its end is held to hang."""


def put_photo(town: Town, number: int) -> None:
    """Have the booth keep a photo of the town's student, as at the end of a visit."""
    sync, jpeg = town.config.sync, picture(number)
    key = read_signing_key(sync.signing_key_file)
    metadata = Metadata(
        submission_id=uuid4(),
        record_id="demo-1",
        taken_at=datetime.now(UTC),
        booth_id=sync.booth_id,
        photo_sha256=hashlib.sha256(jpeg).digest(),
        rules={"one_face": 1.0},
        kiosk_version="0.1.0",
        provenance=provenance(jpeg, key, booth_id=sync.booth_id),
    )
    assert sync.registrar_public_key is not None
    to = parse_registrar_key(sync.registrar_public_key)
    Outbox(sync.outbox).put(seal_photo(metadata, jpeg, to, key))


def review(town: Town, verdict: str, *, says: str = "1 waiting", **more: str) -> None:
    """Say in the desk what a reviewer finds of the photo that waits; its page `says` something."""
    reviewer: Browser = signed_in(town.server, "reviewer", language="en")
    waiting = reviewer.get("/review").text
    assert "1 waiting" in waiting
    assert says in waiting
    photo = town.server.store.photos.newest(1, 0)[0].metadata.submission_id
    page = reviewer.post(f"/review/{photo}", verdict=verdict, **more).text
    assert "No photo waits for you." in page


def out_of_reach(town: Town) -> SyncLink:
    """The booth's link where nothing but what the last sync has brought can answer."""
    sync = town.config.sync.model_copy(update={"socket": town.config.sync.socket.parent / "none"})
    return open_link(town.config.model_copy(update={"sync": sync}), uuid4)


def scan(link: SyncLink, code: str) -> tuple[v.Visit, Shown, bytes]:
    """Scan a code; where the visit stands then, and the screen as it is drawn."""
    answer = link.resolve(code)
    assert not isinstance(answer, Wait)
    event = v.Admitted(answer) if isinstance(answer, Student) else v.Refused(answer)
    visit, _ = v.step(v.Visit(Stage.RESOLVING), event)
    return visit, *draw(visit)


def draw(visit: v.Visit) -> tuple[Shown, bytes]:
    surface = pygame.Surface((720, 1280))
    shown = draw_screen(surface, replace(IDLE, visit=visit))
    return shown, pygame.image.tobytes(surface, "RGB")


def test_a_refusal_is_told_before_the_guide_and_an_approval_ends_it(tmp_path: Path) -> None:
    without = Config(models=ModelSettings(store=tmp_path))
    with Town(tmp_path / "town", without, headless=True) as town:
        link = out_of_reach(town)
        put_photo(town, 1)
        town.deliver()
        town.deliver()
        assert scan(link, town.capture_code)[0].reason == "already_photographed"
        review(town, "refuse", reason="hair")
        town.deliver()
        visit, shown, drawn = scan(link, town.capture_code)
        assert visit.stage is Stage.CONFIRM
        assert "refused.hair" in shown.phrases
        assert "refused.hair" in shown.spoken
        assert visit.student is not None
        untold = replace(visit, student=replace(visit.student, refused=None))
        assert drawn != draw(untold)[1]
        put_photo(town, 2)
        town.deliver()
        review(town, "approve")
        town.deliver()
        visit, shown, _ = scan(link, town.capture_code)
        assert (visit.stage, visit.reason) == (Stage.TURNED_AWAY, "photo_approved")
        assert "reason.photo_approved.title" in shown.phrases
        fail_comparison(town)
        town.deliver()
        visit, shown, _ = scan(link, town.capture_code)
        assert (visit.stage, visit.reason) == (Stage.TURNED_AWAY, "comparison_failed")
        assert {"reason.comparison_failed.title", "reason.comparison_failed.remedy"} <= set(
            shown.spoken
        )


def test_a_head_covering_granted_at_the_desk_is_known_at_the_booth_and_not_to_be_taken_off(
    tmp_path: Path,
) -> None:
    without = Config(models=ModelSettings(store=tmp_path))
    with Town(tmp_path / "town", without, headless=True) as town:
        link = out_of_reach(town)
        grant(town, "headwear")
        town.deliver()
        visit, *_ = scan(link, town.capture_code)
        assert visit.terms.excused == {"bareheaded", "ears_visible", "brows_clear"}
        visit, _ = v.step(visit, v.Tapped("yes"))
        assert visit.stage is Stage.CHECKLIST
        said = draw(visit)[0].phrases
        assert "checklist.bare_granted" in said
        assert "checklist.bare" not in said


def grant(town: Town, name: str) -> None:
    """Have the registrar's office grant the student something at the desk."""
    office = signed_in(town.server, "registrar", language="en")
    office.get("/students/demo-1")
    page = office.post("/grants", record_id="demo-1", grant=name, reason="a certificate").text
    assert "Granted. Booths know it after their next sync." in page


def fail_comparison(town: Town) -> None:
    """Import that the national comparison refused the student's photo."""
    office = signed_in(town.server, "registrar", language="en")
    office.get("/export")
    table = b"student_no,result\n2022010001,failed\n"
    assert office.upload("/results", "results.csv", table).status_code == 200


class Reader(Recorder):
    """Records a visit, and which phrases stood on the screen at each stage."""

    def __init__(self, out: Path) -> None:
        super().__init__(out, time.monotonic)
        self.read: dict[Stage, set[str]] = {}
        self.insisted: set[str] = set()

    def shown(self, booth: ShownBooth, at: float) -> None:
        super().shown(booth, at)
        self.read.setdefault(booth.visit.stage, set()).update(booth.parts.window.shown.phrases)
        if booth.visit.stage is Stage.GUIDE:
            self.insisted |= booth.visit.terms.insisted


def visit_booth(town: Town, out: Path, last: Stage | None = None) -> Reader:
    """One visit at the booth on the twin, or its beginning, until its `last` stage."""
    out.mkdir(parents=True)
    twin = Twin("lin", town.config.lamps.pins, seed=3)
    reader, actor = Reader(out), ScriptedActor(twin.student(town.capture_code))
    simulation = Simulation(twin, actor, reader)
    ends = time.monotonic() + PATIENCE
    with open_parts(town.config, open_link(town.config, uuid4), simulation) as parts:
        booth = Booth(parts)
        actor.ready = lambda: booth.prepared
        booth.run(done=lambda _: reader.over or last in reader.read or time.monotonic() > ends)
    return reader


@pytest.mark.soak
def test_a_rendered_student_is_refused_comes_again_and_is_approved(
    tmp_path: Path, models_store: Path
) -> None:
    out = Path(os.environ.get("DESK_SHOTS", tmp_path)) / "booth"
    config = Config(models=ModelSettings(store=models_store))
    with Town(tmp_path / "town", config, headless=True) as town:
        grant(town, "mouth")
        town.deliver()
        first = visit_booth(town, out / f"first-{uuid4().hex[:6]}")
        assert first.insisted == set()
        town.deliver()
        (held,) = town.server.store.photos.newest(1, 0)
        by = held.metadata.provenance.excused
        assert by == {"mouth_closed": "granted", "neutral": "granted"}
        review(town, "refuse", says="a certificate", reason="glasses")
        town.deliver()
        again = visit_booth(town, out / f"again-{uuid4().hex[:6]}")
        assert "refused.glasses" in again.read[Stage.CONFIRM]
        stages = again.stages
        assert stages.index(Stage.CONFIRM) < stages.index(Stage.GUIDE)
        assert again.insisted == {"glasses_tint", "glare"}
        assert "checklist.glasses" in again.read[Stage.CHECKLIST]
        town.deliver()
        review(town, "approve")
        town.deliver()
        told = visit_booth(town, out / f"told-{uuid4().hex[:6]}", last=Stage.TURNED_AWAY)
        assert "reason.photo_approved.title" in told.read[Stage.TURNED_AWAY]
        assert Stage.GUIDE not in told.read
        fail_comparison(town)
        told = visit_booth(town, out / f"failed-{uuid4().hex[:6]}", last=Stage.TURNED_AWAY)
        assert "reason.comparison_failed.title" in told.read[Stage.TURNED_AWAY]
        assert Stage.GUIDE not in told.read
        assert town.server.store.counts().photos == 2
