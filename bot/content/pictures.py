"""Pictures of the content folder, as a platform takes them."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

TYPES: Final[Mapping[str, str]] = MappingProxyType(
    {".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".webp": "image/webp"}
)


def media_type_of(path: Path) -> str | None:
    """Say what kind of picture it is, by its name; None: none that the schedule may name."""
    return TYPES.get(path.suffix.lower())


def read_picture(path: Path) -> bytes | None:
    """Read a picture; None: it is not there any more, cannot be read, or is none."""
    if media_type_of(path) is None:
        return None
    try:
        return path.read_bytes()
    except OSError:
        return None
