"""The running booth: its loop, and the parts that loop puts to work."""
