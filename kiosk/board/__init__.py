"""What hangs on the board beside camera, lamps and reader: switches, fan, backlight."""
