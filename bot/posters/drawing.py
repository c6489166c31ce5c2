"""Draws a sheet from a template and words.

typst does the work in a process of its own (typesetter.py), for a running Vertti shall neither wait for it nor keep
what it needs: about a tenth of a second and 54 MiB a sheet (measured).  It reads nothing but the folder of the
template and our own font, so a sheet looks the same on every machine.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final, Literal

from bot.errors import VerttiError
from bot.posters.letters import drawable

FONTS: Final = Path(__file__).parent.parent / "fonts"
TEMPLATES: Final = Path(__file__).parent / "templates"
TYPESETTER: Final = Path(__file__).parent / "typesetter.py"
PATIENCE: Final = 60  # seconds; a sheet of a thousand events takes one

Form = Literal["pdf", "png", "svg"]


class DrawingError(VerttiError):
    """A sheet could not be drawn: a fault of its template, or no memory was left."""


def draw(
    template: Path, given: Mapping[str, Any], *, at: datetime, form: Form = "pdf", ppi: float = 144.0
) -> tuple[bytes, ...]:
    """Draw a sheet; the same words at the same instant give the same bytes.

    Args:
        template: a .typ file; it finds the words as JSON in ``sys.inputs.given``, and reads its own folder alone.
        given: plain JSON values; letters that the font does not have are left out.
        at: the instant that a PDF says it was made.
        form: of a PDF, all pages are in the one file; PNG and SVG give a picture a page.
        ppi: pixels an inch of a PNG.

    Raises:
        DrawingError: there is no sheet.  It never holds any words of it.
    """
    order = {
        "template": str(template),
        "root": str(template.parent),
        "fonts": str(FONTS),
        "given": json.dumps(_drawable(given)),
        "form": form,
        "ppi": ppi,
        "timestamp": int(at.timestamp()),
    }
    # -P: the folder of the script holds modules of ours, which must not stand before the libraries.
    command = [sys.executable, "-P", str(TYPESETTER)]
    try:
        done = subprocess.run(  # noqa: S603 - nothing in it comes from outside
            command, input=json.dumps(order).encode(), capture_output=True, check=True, timeout=PATIENCE
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise DrawingError(type(error).__name__) from None
    return tuple(base64.b64decode(page) for page in json.loads(done.stdout))


def _drawable(value: Any) -> Any:
    match value:
        case str():
            return drawable(value)
        case Mapping():
            return {name: _drawable(part) for name, part in value.items()}
        case Sequence():
            return [_drawable(part) for part in value]
        case _:
            return value
