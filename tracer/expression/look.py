"""How an operation is written: its form in each dialect, and how tightly it binds.

The operations table holds one look per operation and hands the whole mapping to the parser and
the printer; this package knows no operation but the infix ones of `syntax.Call`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tracer.expression.names import COMMANDS

__all__ = ["Dialect", "Look", "Vocabulary"]

Dialect = Literal["ascii", "unicode", "latex"]


@dataclass(frozen=True, slots=True)
class Look:
    r"""A function's names. Each is written `name(arguments)`, in LaTeX `name\left(…\right)`.

    `unicode` and `latex` are '' where the ASCII name serves: then Unicode writes it as it is
    and LaTeX `\operatorname{name}`. `also` lists further spellings that are read, never written
    (`ln` for `log`). `form` picks a special LaTeX form: 'root' (\sqrt{x}), 'bars' (|x|),
    'function' (the default) or 'constant' (no brackets: \pi).
    """

    ascii: str
    unicode: str = ""
    latex: str = ""
    also: tuple[str, ...] = ()
    form: Literal["function", "root", "bars", "constant"] = "function"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The looks of all functions, by operation name; no two have the same ASCII name."""

    looks: Mapping[str, Look] = field(default_factory=dict)
    spelled: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The operation that each spelling means; LaTeX ones without their backslash or style."""
    constants: Mapping[str, str] = field(init=False, repr=False, compare=False)
    """The spellings of constants among them."""

    def __post_init__(self) -> None:
        spelled: dict[str, str] = {}
        # A name in ASCII is never lost to another operation's sign: those come second.
        for operation, look in self.looks.items():
            spelled.setdefault(look.ascii, operation)
        for operation, look in self.looks.items():
            for spelling in (look.unicode, plain_latex(look.latex), operation, *look.also):
                if spelling:
                    spelled.setdefault(spelling, operation)
        constants = {
            spelling: operation
            for spelling, operation in spelled.items()
            if operation in self.looks and self.looks[operation].form == "constant"
        }
        object.__setattr__(self, "spelled", spelled)
        object.__setattr__(self, "constants", constants)

    def with_form(self, form: str, otherwise: str) -> str:
        """Return the operation that has a form, `otherwise` where none has."""
        for operation, look in self.looks.items():
            if look.form == form:
                return operation
        return otherwise


def plain_latex(look: str) -> str:
    r"""Return the bare spelling of a function's LaTeX: `\tanh` and `\operatorname{tanh}` tanh."""
    if look.endswith("}") and look.count("{") == 1:
        look = look[look.index("{") + 1 : -1]
    elif look in COMMANDS:
        return COMMANDS[look]
    return look.removeprefix("\\").replace(r"\_", "_")
