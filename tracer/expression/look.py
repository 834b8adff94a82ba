"""How an operation is written: its form in each dialect, and how tightly it binds.

The operations table holds one look per operation and hands the whole mapping to the parser and
the printer; this package knows no operation but the infix ones of `syntax.Call`.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

from tracer.expression.names import COMMANDS
from tracer.frozen import Value

Dialect = Literal["ascii", "unicode", "latex"]


class FunctionNames(Value):
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


class Vocabulary:
    """The looks of all functions, by operation name; no two have the same ASCII name."""

    __slots__ = ("constants", "looks", "spelled")

    def __init__(self, looks: Mapping[str, FunctionNames] = MappingProxyType({})) -> None:
        self.looks: Final = looks
        spelled: dict[str, str] = {}
        # A name in ASCII is never lost to another operation's sign: those come second.
        first = [(look.ascii, operation) for operation, look in looks.items()]
        others = (
            (spelling, operation)
            for operation, look in looks.items()
            for spelling in (look.unicode, plain_latex(look.latex), operation, *look.also)
            if spelling
        )
        for spelling, operation in (*first, *others):
            spelled.setdefault(spelling, operation)
        self.spelled: Final[Mapping[str, str]] = spelled
        """The operation that each spelling means; LaTeX ones without their backslash or style."""
        self.constants: Final[Mapping[str, str]] = {
            spelling: operation
            for spelling, operation in spelled.items()
            if looks[operation].form == "constant"
        }
        """The spellings of constants among them."""

    def with_form(self, form: str, otherwise: str) -> str:
        """Return the operation that has a form, `otherwise` where none has."""
        formed = (operation for operation, look in self.looks.items() if look.form == form)
        return next(formed, otherwise)


def plain_latex(look: str) -> str:
    r"""Return the bare spelling of a function's LaTeX: `\tanh` and `\operatorname{tanh}` tanh."""
    if look.endswith("}") and look.count("{") == 1:
        look = look[look.index("{") + 1 : -1]
    elif look in COMMANDS:
        return COMMANDS[look]
    return look.removeprefix("\\").replace(r"\_", "_")
