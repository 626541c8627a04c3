"""Benches: one module each, called like the bench."""
