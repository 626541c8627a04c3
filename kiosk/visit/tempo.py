"""How long the guide waits, and for what: seconds, each with its reason.

Tuned by playing visits whose measures waver (tests/visit/test_tempo.py says how, and holds what
came of it).
"""

HOLD = 0.9
"""Asking to hold still, before the countdown: so long it takes to hear or read it."""

COUNT = 0.8
"""Each of the countdown's numbers."""

COUNTS = 3

SETTLED = 0.4
"""How long all must be good before it is praised; four times as long after each praise that was
not borne out, up to MOST_SETTLED, so that who wavers about a bound is not praised again and again.
"""

MOST_SETTLED = 5.0

BLINK = 0.35
"""How long rules may fail meanwhile: a blink lasts 0.1–0.3 s."""

SLIP = 1.0
"""How long rules may fail while a student holds still: a blink (0.1–0.3 s), a breath, a sway; as
long again with each hold that has failed before, for whose measure wavers never holds longer. The
shutter waits for all to hold again, and the shot itself is judged once more."""

CALM = 0.15
"""How long all must hold before the shutter is released, so that it does not fall into a blink."""

OVERDUE = 3.0
"""How long the shutter waits for that, before hold and countdown have failed."""

RECOVER = 2.2
"""How long after a praise that was not borne out nothing is told: mostly what failed comes right
again, and "good" with "not so" upon it helps nobody."""

VANISHED = 0.5
"""How long no face may be found before it is said: a detector misses one in a frame or two."""

HIDDEN = 1.5
"""How long a face may be seen that cannot be measured, before its owner is asked to show it whole:
it is masked, behind a hand, or turned far aside."""

UNSEEN = 6.0
"""The same for who was asked to sit and is not seen: to sit down takes a few seconds, and what
hides a face may hide it from every detector."""

NOTICED = 0.5
"""How long a rule must be broken before it is spoken of; twice as long each time that it was told
and mended before, up to MOST_NOTICED: who wavers about a bound is not nagged."""

MOST_NOTICED = 4.0

MENDED_ENOUGH = 2
"""How often a rule's goal is asked for: who has reached it so often, and does not keep it, has done
what they can, and what a photo may have will do."""

EYES_NOTICED = 0.9
"""The same for closed eyes: the longest blink, and what smoothing adds to it, must be over."""

READING = 1.5
"""How long an instruction stays that is not followed, so that it can be read."""

LAMPS_SHOWN = 1.0
"""How long it stays at least what the lamps do, however soon they have done it."""

SEEN = 0.8
"""How long it stays at least, however soon it is followed: none flits by."""

SURE = 0.3
"""How long a rule must hold again before it is ticked off."""

MENDED = 0.7
"""How long it is shown that an instruction was followed."""

STRIVE = 15.0
"""How long the booth guides to every rule's goal; after that what a photo may have will do, for a
face's own asymmetry cannot be mended by its owner."""

INSIST = 60.0
"""Seconds for which a rule that no student can mend, but lamps or staff, is held to its goal where
the photo before was refused for it: a booth that can do no better shall still serve them. A rule
that they can mend themselves is held to it to the end."""

LAMPS_TRY = 8.0
"""How long the lamps may try to mend the light, and a face be called on to answer them, before the
student is asked to help."""

SHOW_OTHERWISE = 15.0
"""How long the same instruction is told before it is shown another way."""

OFFER_HELP = 30.0
"""How long before help is offered."""

STILL_STUCK = 4.0
"""How long a rule must hold before its time starts anew, should it break again."""

SLOWER = 1.8
"""By how much times to read are longer for who wants it slower."""

STERNER = 0.625
"""How far from its goal's middle a measure may lie after a shot of which no photo could be made
because of it, as a share of the goal: inside the goal it was not good enough."""

STERNER_STEP, STERNER_LEAST = 0.25, 0.25
"""By how much it must lie nearer to the middle than at the shot that failed, as a share of the
goal's half; and what is asked for at most."""
