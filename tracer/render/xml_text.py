"""Text for XML and HTML: the signs that mean something there, and those that may not be there."""

from __future__ import annotations

import re
from typing import Final

from tracer.errors import printable_text

_ESCAPED: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"})
_FORBIDDEN: Final = re.compile("[\ud800-\udfff\ufffe\uffff\u2066-\u2069]")


def xml_text(text: str) -> str:
    """Return a text as it may stand in an element or in double quotes."""
    return _FORBIDDEN.sub("�", printable_text(text)).translate(_ESCAPED)
