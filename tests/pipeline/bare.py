"""A head and face that nothing covers."""

from dataclasses import fields

from kiosk.pipeline.observation import Coverage

BARE = Coverage(*[0.0 for _ in fields(Coverage)])
