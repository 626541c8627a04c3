"""Verifying: a finished file against the specification, independent of what made it."""
