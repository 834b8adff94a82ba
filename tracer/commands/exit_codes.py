"""The codes that commands end with."""

from __future__ import annotations

from typing import Final

DONE: Final = 0
FAILED: Final = 1  # a check has found something, or not all could be done
BAD_INPUT: Final = 2  # and where nothing could be checked
NOT_FINITE: Final = 3  # a run ends in a value that is no number
FAULT: Final = 70  # of ours
INTERRUPTED: Final = 130
