"""Checks the arguments of public functions against their annotations."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping
from functools import cache, wraps
from itertools import chain, repeat
from types import FunctionType
from typing import Any, Final, TypeVar, cast

from tracer.option_limits import not_allowed

CO_VARARGS: Final = 4  # the flag of code that takes any number of arguments
Checked = TypeVar("Checked")

# What a value must have to be of a kind, where objects of other libraries are of that kind too.
ATTRIBUTES: Final = {
    "int": "__index__",
    "float": "__float__",
    "Mapping": "items",
    "Sequence": "__iter__",
    "Callable": "__call__",
}


def with_checked_arguments(checked: Checked) -> Checked:
    """Return a function, or a class with methods, that raises RunError for a value of another type.

    Only public methods are meant, inherited ones too.
    """
    if isinstance(checked, FunctionType):
        return cast("Checked", _with_checked_arguments(checked))
    for name in dir(checked):
        method = getattr(checked, name)
        if isinstance(method, FunctionType) and not name.startswith("_"):
            setattr(checked, name, _with_checked_arguments(method))
    return checked


def _with_checked_arguments(function: Any) -> Any:
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    has_others = code.co_flags & CO_VARARGS
    others = code.co_varnames[code.co_argcount + code.co_kwonlyargcount] if has_others else ""
    fitting: set[tuple[type, ...]] = set()  # types of arguments that fit
    by_type = not any("Mapping[" in kind for kind in function.__annotations__.values())

    @wraps(function)
    def call(*arguments: Any, **options: Any) -> Any:
        types = tuple(map(type, arguments))
        if types in fitting and not options:
            return function(*arguments)
        places = zip(chain(names, repeat(others)), arguments, strict=False)
        for name, value in (*places, *options.items()):
            expected = function.__annotations__.get(name, "Any")
            is_same = expected == type(value).__name__  # as most are
            if not (is_same or _fits(value, _kind_of(expected), function.__globals__)):
                raise not_allowed(name, value, expected).at(f"{function.__name__}()")
        if by_type and not options:  # no entries and no names were looked at
            fitting.add(types)
        return function(*arguments, **options)

    return call


@cache
def _kind_of(annotation: str) -> ast.expr:
    return ast.parse(annotation, mode="eval").body


def _fits(value: Any, kind: ast.expr, names: Mapping[str, Any]) -> bool:
    """Tell whether a value is of the kind that an annotation says, among the names of its module.

    What is no class when the program runs (`Any`, a set of words) fits everything.
    """
    match kind:
        case ast.BinOp(left, ast.BitOr(), right):
            return _fits(value, left, names) or _fits(value, right, names)
        case ast.Constant(constant):
            return value is constant
        case ast.Name("Any"):
            return True
        case ast.Subscript(ast.Name("Mapping") as whole, ast.Tuple([key, entry])):
            # Entries of any type may be a large array of a file.
            is_read = ast.unparse(entry) != "Any"
            return _fits(value, whole, names) and all(
                _fits(one, key, names) and (not is_read or _fits(value[one], entry, names))
                for one in value
            )
        case ast.Subscript(whole):
            return _fits(value, whole, names)
        case ast.Name(name) if name in ATTRIBUTES:
            return hasattr(value, ATTRIBUTES[name])
        case ast.Name(name):
            found = names.get(name, getattr(builtins, name, None))
            return not isinstance(found, type) or isinstance(value, found)
    return True
