"""`python -m kiosk`: the command `kiosk`."""

import sys

from kiosk.commands.main import main

if __name__ == "__main__":
    sys.exit(main())
