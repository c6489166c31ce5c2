"""Sets one sheet with typst, in a process of its own that knows nothing of Vertti; drawing.py starts it.

It reads one JSON object from its standard input (see `order` in drawing.py) and writes the pages to its standard
output: a JSON list of texts in base64, of which a PDF has one.
"""

import base64
import json
import sys
from typing import Final

import typst

ACCESSIBLE: Final = (
    "ua-1"  # PDF/UA-1: typst draws nothing without title, language, headings, words for a picture
)


def main() -> None:
    """Do what the standard input says."""
    order = json.load(sys.stdin)
    compiler = typst.Compiler(
        order["template"],
        root=order["root"],
        font_paths=typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[order["fonts"]]
        ),
        sys_inputs={"given": order["given"]},
    )
    drawn = compiler.compile(
        format=order["form"],
        ppi=order["ppi"],
        pdf_standards=[ACCESSIBLE] if order["form"] == "pdf" else [],
        timestamp=order["timestamp"],
    )
    pages = drawn if isinstance(drawn, list) else [drawn or b""]
    json.dump([base64.b64encode(page).decode() for page in pages], sys.stdout)


if __name__ == "__main__":
    main()
