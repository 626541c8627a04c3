"""What the student sees and hears: screens, window and chimes."""

import os

# pygame greets on standard output when it is first imported; the booth's output is its own.
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
