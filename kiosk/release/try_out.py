"""Trying a release: asked whether it would serve, put into force, and waited for.

Until `put_on_trial` nothing that is in force was touched; from there on the booth's own start
decides (systemd/lib/trial). So the booth starts with the release before or with the new one,
whatever is interrupted.
"""

from pathlib import Path

from kiosk.release.errors import ReleaseError
from kiosk.release.installed import put_on_trial, read_installed
from kiosk.release.migrations import STORES, find_steps, read_schemas
from kiosk.release.worksite import Worksite
from kiosk.upkeep import maintenance
from kiosk.upkeep.told_state import find_life, read_told_state, since_boot

DRAIN_PATIENCE = 900.0
"""Seconds until nobody is served any more: each of a visit's screens ends by itself."""

HEED_PATIENCE = 20.0
"""Seconds until the booth tells that it is being taken out of service: it looks once a second, and
tells its state every three."""

TRIAL_PATIENCE = 420.0
"""Seconds until a release has passed its trial or was given up: two starts of 60 s, then one of the
release before, with the pauses between and data that migrate twice."""

BY = "kiosk update"
"""Who has taken the booth out of service; systemd/lib/trial looks for the name."""


def examine(site: Worksite, version: str, current: str) -> None:
    """Ask a release whether it would serve here; raises ReleaseError with what would not.

    What the release in force finds wrong as well is no reason against the new one: a booth with a
    dead lamp can be updated.
    """
    release, before = site.places.release(version), site.places.release(current)
    site.say(f"asking {version} whether it would serve here")
    told = site.machine.told_version(release)
    if told != version:
        raise ReleaseError(f"{release}: says that it is {told}; have the release made anew")
    excused = _require_steps(release, before)
    site.machine.prepare(release)
    wrong = [word for word in site.machine.doctor(release) if word.is_fault]
    if wrong:
        excused |= {word.check for word in site.machine.doctor(before) if word.is_fault}
        new = [f"{word.check}: {word.says}" for word in wrong if word.check not in excused]
        if new:
            raise ReleaseError(
                "\n  ".join([f"{version} would not serve here, {current} stays in force:", *new])
            )


def try_out(site: Worksite, version: str, current: str) -> None:
    """Put a release into force, and wait until it has passed its trial.

    Raises ReleaseError where it was given up, and the one before is back.
    """
    taken_out = _drain(site)
    try:
        site.say(f"{version} goes on trial")
        put_on_trial(site.places, version, current)
        site.say("the booth starts anew")
        site.machine.restart_booth()
    except BaseException:
        # From the restart on it is the trial's script that puts the booth back into service.
        if taken_out:
            maintenance.end(site.maintenance)
        raise
    _await_word(site, version, current)


def _require_steps(release: Path, before: Path) -> set[str]:
    """Find the steps that take the data to a release and back again; whose data that are.

    A release's `doctor` complains of these until then. Raises ReleaseError where a step is missing.
    """
    new, old = read_schemas(release), read_schemas(before)
    names = {store.name for store in STORES} & new.keys() & old.keys()
    for store in names:
        find_steps(store, old[store], new[store], (release, before))
        find_steps(store, new[store], old[store], (release, before))
    return {store for store in names if new[store] != old[store]}


def _drain(site: Worksite) -> bool:
    """Take a booth that runs out of service, once nobody is served; whether that was done here."""
    state = read_told_state(site.told_state)
    if state is None or find_life(state, since_boot()) != "running":
        return False
    if maintenance.is_on(site.maintenance):
        site.say("the booth is out of service already")
        begun = False
    else:
        site.say("waiting until nobody is served")
        try:
            maintenance.begin(site.maintenance, BY, "a new release")
        except OSError as error:
            raise ReleaseError(f"{site.maintenance}: cannot be written ({error})") from error
        begun = True
    try:
        _await_rest(site)
    except BaseException:
        if begun:
            maintenance.end(site.maintenance)
        raise
    return begun


def _await_rest(site: Worksite) -> None:
    waited = 0.0
    while waited < DRAIN_PATIENCE:
        state = read_told_state(site.told_state)
        if state is None or state.drained or find_life(state, since_boot()) != "running":
            return
        if waited >= HEED_PATIENCE and not state.maintenance:
            raise ReleaseError(
                f"the booth does not heed {site.maintenance}: is it run with the configuration that"
                " this command reads? kiosk config shows its sync.outbox, beside which that lies"
            )
        site.sleep(1.0)
        waited += 1.0
    raise ReleaseError(
        f"somebody was served for {DRAIN_PATIENCE / 60:.0f} minutes without end; look at the booth,"
        " then update again"
    )


def _await_word(site: Worksite, version: str, current: str) -> None:
    waited = 0.0
    site.say("waiting for the attract screen")
    while waited < TRIAL_PATIENCE:
        installed = read_installed(site.places.root)
        if installed.trial is None:
            if installed.current == version:
                return
            failed = installed.failed
            reason = failed.reason if failed and failed.version == version else "it is not told why"
            raise ReleaseError(
                f"{version} was given up, and {current} is back: {reason}; what it said:"
                " journalctl -u kiosk --since -15min"
            )
        site.sleep(1.0)
        waited += 1.0
    raise ReleaseError(
        f"{version} has neither shown the attract screen nor was it given up within"
        f" {TRIAL_PATIENCE / 60:.0f} minutes; see: systemctl status kiosk"
    )
