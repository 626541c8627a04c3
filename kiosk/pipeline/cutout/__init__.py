"""The cut-out: how much of each pixel is the person, and their own colour there."""
