"""Benches: how fast the registrar is, and what it holds through faults, against a real one."""
