"""The lamps, and the law by which they follow the face."""
