"""Text as it looks: without the characters that nobody sees and that can turn a line around."""

import re

# Bidirectional marks, zero-width characters and blanks that pass for letters (T-07), control characters other
# than tab and line feed, soft hyphens, tags, and lone surrogates, which no database takes.
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
_LINE_END = re.compile("\r\n?|[\u0085\u2028\u2029]")


def clean(text: str) -> str:
    """Remove what nobody sees; line ends become line feeds, all other text stays."""
    return _UNSEEN.sub("", _LINE_END.sub("\n", text))


def single_line(text: str) -> str:
    """Clean a title or a place and put it on one line, with single spaces."""
    return " ".join(clean(text).split())
