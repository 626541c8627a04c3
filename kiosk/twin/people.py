"""The rendered people: who there is, where they lie, and whether their files can be read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from kiosk.twin.light_stage import RenderedPerson, SubjectError

SUBJECTS = Path(__file__).parent / "subjects"

STRANGERS = Path(__file__).parent / "strangers"
"""Rendered people apart from the others, hard to cut out: what is measured on them tells how what
was fitted on the others holds on somebody new. Only whoever names this folder finds them."""

KEPT_OUT = ("deon", "freya", "ning", "sofia")
"""The strangers whom nothing is ever fitted on, no table and no threshold. The others of that
folder may be fitted on, where the twelve are too few."""

SHIPPED = ("lin",)
"""Who comes with the wheel, for the demo (pyproject.toml leaves the others out)."""

OTHERS_ARE_ELSEWHERE = "the other rendered people are in the repository, under kiosk/twin"
"""What to say where only those are there."""


def subject_names(folder: Path = SUBJECTS) -> tuple[str, ...]:
    """The names of the rendered people there are, in alphabetical order."""
    return tuple(sorted(path.parent.name for path in folder.glob("*/subject.json")))


def find_subject(name: str, folder: Path = SUBJECTS) -> Path:
    """Find a rendered person's folder; raises SubjectError, naming those there are."""
    there = subject_names(folder)
    if name not in there:
        elsewhere = f"; {OTHERS_ARE_ELSEWHERE}" if there in ((), SHIPPED) else ""
        raise SubjectError(f"no subject {name}: there are {', '.join(there) or 'none'}{elsewhere}")
    return folder / name


def open_all_subjects(folder: Path = SUBJECTS) -> Iterator[RenderedPerson | SubjectError]:
    """Open every rendered person; in the place of one who is damaged comes what is wrong.

    All pictures of all poses are read: no other way finds a file that cannot be.
    """
    for name in subject_names(folder):
        try:
            subject = RenderedPerson(folder / name)
            for pose in subject.poses:
                subject.stage(pose, large=False)
                subject.truth(pose)
        except SubjectError as error:
            yield error
        else:
            yield subject


def read_truths(subject: RenderedPerson) -> Iterator[dict[str, Any]]:
    """Read what is true of each of a person's poses, with the pose's name first."""
    for pose in subject.poses:
        yield {"pose": pose, **subject.truth(pose)}
