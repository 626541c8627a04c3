"""Signed releases side by side, and which of them runs."""
