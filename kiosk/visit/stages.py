"""The stages of a visit, and what can be said, tapped and lacking in each."""

from collections.abc import Mapping
from enum import Enum
from typing import Literal

from kiosk.reader.wrong_code import WrongCode


class Stage(Enum):
    """Where a visit stands; each stage has a screen."""

    IDLE = "idle"
    CONSENT = "consent"
    SCAN = "scan"
    RESOLVING = "resolving"
    WAITING = "waiting"
    CONFIRM = "confirm"
    CHECKLIST = "checklist"
    GUIDE = "guide"
    SHUTTER = "shutter"
    STANDARDISING = "standardising"
    REVIEW = "review"
    SAVING = "saving"
    DONE = "done"
    TURNED_AWAY = "turned_away"


Reason = Literal[
    "code_unknown",
    "code_unreadable",
    "code_payment",
    "code_contact",
    "code_wifi",
    "code_own_link",
    "code_link",
    "already_photographed",
    "photo_approved",
    "comparison_failed",
    "resubmissions_used",
    "not_admitted",
    "record_abnormal",
    "other_institution",
    "not_me",
    "no_consent",
    "no_answer",
    "needs_staff",
    "registrar_unreachable",
    "decryptor_failed",
    "wait",
    "network_needed",
    "too_early",
    "too_late",
    "wrong_place",
    "cannot_standardise",
    "cannot_save",
]
"""Why a visit ended without a photo."""

UnreadCode = WrongCode
"""What was scanned that is no capture code; each is a reason too."""

Proof = Literal["card", "staff"]
"""What a student shows beside a plain code, which proves nothing: the student card, to whoever
asks; or that to the staff, without whose word the visit does not go on."""

FaultName = Literal[
    "camera", "clock", "colour", "disk", "door", "lamps", "maintenance", "models", "reader"
]
"""What the booth needs and may lack. Each has its stages in BLOCKED, its line in
kiosk/booth/faults.py where it is felt, and its words; staff set `maintenance` in their menu."""

Button = Literal[
    "start",
    "agree",
    "decline",
    "yes",
    "no",
    "ready",
    "cancel",
    "leave",
    "stay",
    "as_it_is",
    "go_on",
    "staffed",
    "approve",
    "retake",
    "shot_1",
    "shot_2",
    "shot_3",
    "close",
    "language",
    "contrast",
    "larger",
]

DESTRUCTIVE: frozenset[Button] = frozenset({"decline", "no", "cancel", "leave", "staffed"})
"""Buttons that lead out of a visit: none lies where another screen has one that leads on."""

BLOCKED: Mapping[FaultName, frozenset[Stage]] = {
    "camera": frozenset({Stage.IDLE, Stage.GUIDE, Stage.SHUTTER}),
    "clock": frozenset({Stage.IDLE, Stage.GUIDE}),  # a photo says when it was taken
    "colour": frozenset({Stage.IDLE, Stage.GUIDE}),
    "disk": frozenset({Stage.IDLE, Stage.SAVING}),
    "door": frozenset({Stage.IDLE, Stage.GUIDE}),  # who works inside changes the light
    "models": frozenset({Stage.IDLE, Stage.GUIDE, Stage.SHUTTER, Stage.STANDARDISING}),
    "reader": frozenset({Stage.IDLE, Stage.SCAN}),
    "lamps": frozenset(),  # there is daylight
    "maintenance": frozenset({Stage.IDLE}),  # who is being served is served to the end
}
"""The stages that each fault stops."""

PATIENCE: Mapping[Stage, float] = {
    Stage.CONSENT: 60,
    Stage.SCAN: 60,
    Stage.RESOLVING: 12,
    Stage.WAITING: 600,
    Stage.CONFIRM: 30,
    Stage.CHECKLIST: 60,
    Stage.GUIDE: 180,
    Stage.SHUTTER: 20,
    Stage.STANDARDISING: 60,
    Stage.REVIEW: 90,
    Stage.SAVING: 60,
    Stage.DONE: 30,
    Stage.TURNED_AWAY: 20,
}
"""Seconds that a stage waits, for the student or for the booth's own work, before it gives up (or,
at the end, makes room). Each but idle has its bound, so that nothing that hangs holds the booth.
Whose time is farther away than WAITING waits is told when to come."""

OWN_WORK = frozenset(
    {Stage.RESOLVING, Stage.WAITING, Stage.SHUTTER, Stage.STANDARDISING, Stage.SAVING}
)
"""The stages that wait for the booth, or for the hour, and not for the student."""

ATTENDED = frozenset({Stage.CONFIRM, Stage.CHECKLIST, Stage.REVIEW})
"""The stages in which the booth only looks whether somebody is there."""

PROGRESS: tuple[tuple[str, frozenset[Stage]], ...] = (
    ("consent", frozenset({Stage.CONSENT})),
    ("scan", frozenset({Stage.SCAN, Stage.RESOLVING, Stage.WAITING, Stage.CONFIRM})),
    ("prepare", frozenset({Stage.CHECKLIST})),
    ("photo", frozenset({Stage.GUIDE, Stage.SHUTTER, Stage.STANDARDISING})),
    ("review", frozenset({Stage.REVIEW, Stage.SAVING, Stage.DONE})),
)
"""The steps that a student is told of, in order: a name (phrase `step.<name>`) and its stages."""
