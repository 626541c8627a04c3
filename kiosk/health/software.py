"""Checks of what is installed: models, fonts, screens with their words, and the voice."""

from collections.abc import Iterator

from kiosk.health.finding import Finding, Verdict, check
from kiosk.health.site import Site

FETCH = "sudo kiosk models --fetch"


@check("models")
def models(site: Site) -> Iterator[Finding]:
    """Whether every model is there, and is the one that the manifest names."""
    from kiosk.models import load_manifest, status

    store, manifest = site.config.models.store, load_manifest()
    if not site.thorough:
        absent = [
            model
            for model in manifest.values()
            if model.required and not (store / model.file).is_file()
        ]
        if absent:
            names = ", ".join(model.name for model in absent)
            says = f"missing: {names}, so nobody is photographed"
            yield Finding("models", "fail", says, FETCH)
        else:
            yield Finding("models", "ok", "all there that are needed")
        return
    wrong = [row for row in status(manifest.values(), store) if not row.ok]
    for row in wrong:
        name, required = row.model.name, row.model.required
        so = "nobody is photographed" if required else f"not judged: {row.model.used_for}"
        verdict: Verdict = "fail" if required else "warn"
        yield Finding("models", verdict, f"{name} {row.error}, so {so}", FETCH)
    if not wrong:
        yield Finding("models", "ok", "all there and verified")


@check("fonts")
def fonts(site: Site) -> Iterator[Finding]:
    """Whether the characters of rare names can be drawn."""
    from kiosk.display.fonts import SAMPLES
    from kiosk.display.text import FAMILY, load_font

    font = load_font("bold")
    lacking = {package: font.undrawable(sample) for package, sample in SAMPLES.items()}
    missing = [package for package, characters in lacking.items() if characters]
    if missing:
        characters = "".join(lacking.values())
        yield Finding(
            "fonts",
            "fail",
            f"names with characters such as {characters} would be shown as codes in frames",
            f"sudo apt install {' '.join(missing)} libfribidi0",
        )
    else:
        yield Finding("fonts", "ok", f"{FAMILY}, and others for rare characters and other scripts")


@check("screens")
def screens(site: Site) -> Iterator[Finding]:
    """Whether all that must be said has room. Raises TextOverflow."""
    import numpy as np
    import pygame

    from kiosk.display.gallery import FULLEST, screen_states
    from kiosk.display.monitor import Monitor, usual_distance
    from kiosk.display.screens import draw_screen

    display = site.config.display
    distance = display.distance or usual_distance(display.diagonal)
    monitor = Monitor(display.size, display.diagonal, distance)
    surface, picture = pygame.Surface(display.size), np.zeros((64, 48, 3), np.uint8)
    first, second = display.languages
    for languages in ((first, second), (second, first)):
        states = dict(screen_states(picture, languages, monitor))
        for name in FULLEST:
            draw_screen(surface, states[name])
    yield Finding("screens", "ok", f"room for all that must be said on {monitor}")


@check("voice")
def voice(site: Site) -> Iterator[Finding]:
    """Whether every phrase can be heard."""
    from kiosk.voice.files import look_up
    from kiosk.voice.phrases import utterances

    settings = site.config.voice
    if not settings.enabled:
        yield Finding("voice", "ok", "switched off")
        return
    found = look_up(utterances(), settings.store, settings.recordings)
    unheard = sum(spoken.origin == "none" for spoken in found)
    if unheard:
        says = f"{unheard} of {len(found)} phrases are not heard"
        yield Finding("voice", "warn", says, "sudo kiosk voice --make")
    else:
        heard = sorted({spoken.synthesizer or "recordings" for spoken in found})
        yield Finding("voice", "ok", f"{len(found)} phrases, spoken by {', '.join(heard)}")
