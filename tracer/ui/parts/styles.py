"""The style sheet, read no more often than the colours in it change."""

from __future__ import annotations

from textual.css.stylesheet import Stylesheet

__all__ = ["Styles"]


class Styles(Stylesheet):
    """A style sheet that is parsed anew only where one of its variables has another value.

    Textual asks for it at every start, as the theme is set for the first time: with the variables
    that it was parsed with, that is a tenth of what our start costs over an empty app.
    """

    def __init__(self, *, variables: dict[str, str] | None = None) -> None:
        super().__init__(variables=variables)
        self._given = variables or {}
        self._is_outdated = False

    def set_variables(self, variables: dict[str, str]) -> None:
        """Take the variables of a theme."""
        if variables != self._given:
            self._given = variables
            self._is_outdated = True
            super().set_variables(variables)

    def reparse(self) -> None:
        """Parse all rules again, where a variable has changed since the last time."""
        if self._is_outdated:
            super().reparse()
            self._is_outdated = False
