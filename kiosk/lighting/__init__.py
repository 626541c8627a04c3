"""The lamps, and the control law by which they follow the face."""
