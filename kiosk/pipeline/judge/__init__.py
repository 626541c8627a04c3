"""Judging: an observation against the specification. Pure."""
