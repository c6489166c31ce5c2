"""What in a person's own words points at somebody, made unreadable before it is kept (T-15)."""

import re
from typing import Final

MASK: Final = "***"

# Personal identity codes with the separators of 2023 (A-F, Y-U), e-mail addresses, telephone and account numbers.
_POINTS_AT_SOMEBODY: Final = re.compile(
    r"\b\d{6}\s?[-+A-FU-Y]\s?\d{3}[0-9A-Z]\b"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?<!\w)(?:\+|[A-Z]{2}\d\d\s)?\d(?:[\s()-]{0,2}\d){6,}(?!\w)",
    re.IGNORECASE,
)


def masked(text: str) -> str:
    """Give the text with codes, addresses and numbers taken out; names a machine does not know."""
    return _POINTS_AT_SOMEBODY.sub(MASK, text)
