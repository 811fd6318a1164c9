"""What people and spreadsheets are shown: counts, and text of pages and servers without the characters that command them.

Those are control characters and their sequences (ECMA-48), which move the cursor, rename the window or type for the user;
line and paragraph separators; and format characters, which reorder, join or hide what stands around them (UAX #9, "Unicode
Bidirectional Algorithm"; UTR #36, "Unicode Security Considerations"). JSON (ask/formats.py) escapes them in its own way.
"""

from __future__ import annotations

import logging
import re
from typing import Any

# Cc, Cs, Zl, Zp, and of Cf all but signs that are seen (U+0600 and others, set before digits).
COMMANDS = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e007f]"
)

# What a spreadsheet takes for a formula (OWASP, "CSV Injection"), full-width, small, raised and lowered forms included;
# it overlooks blanks before it.
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−]")


def escaped(text: str, but: str = "") -> str:
    r"""For sentences: each such character as Python writes it, `\x1b`. but: those that stay."""
    return COMMANDS.sub(lambda found: found[0] if found[0] in but else ascii(found[0])[1:-1], text)


def blanked(text: str) -> str:
    """For cells: a space in the place of each."""
    return text if text.isprintable() else COMMANDS.sub(" ", text)


def counted(number: int, what: str) -> str:
    """`1 page`, `1,234 pages`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def no_formula(text: str) -> str:
    """For cells of a spreadsheet: it takes it for no formula, and no terminal for a command."""
    text = blanked(text)
    is_plain = text[:1].isalnum()  # most are, and an export has millions
    return f"'{text}" if not is_plain and _FORMULA.match(text) else text


class EscapedRecord(logging.LogRecord):
    """A record for every logger, whoever wrote the message: `logging.setLogRecordFactory`. Lines stay lines."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        if self.exc_info and self.exc_info[0]:
            self.exc_text = escaped(logging.Formatter().formatException(self.exc_info), but="\n")

    def getMessage(self) -> str:  # noqa: N802  logging's name
        return escaped(super().getMessage(), but="\n\t")
