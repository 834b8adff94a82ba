"""Which lines of a text are Python, and which comments of Python hold equations. Nothing is run."""

from __future__ import annotations

import re
import warnings
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from itertools import accumulate, groupby
from typing import Final

from tracer.check.read.word_tables import FUNCTIONS
from tracer.errors import TracerError
from tracer.expression import Node, parse
from tracer.lazy_regex import lazy_regex
from tracer.operations import table

_STRONG: Final = lazy_regex(
    r"\s*(?:import [A-Za-z_]|from [\w.]+ import\b|(?:async )?def \w+ ?\(|class \w+ ?[(:]"
    r"|for [\w, ()]+ in [^:]+:|while [^:]+:|if [^:]+:\s*(?:#|$|\w)|elif [^:]+:|else ?:|try ?:"
    r"|except\b[^:]*:|with [\w.]+ ?\([^:]*:|with [^:]+ as \w+:|return\b(?! to)"
    r"|print ?\(|assert [\w(]|raise \w+"
    r"|@\w[\w.]*\s*(?:\(|$)"
    r"|>>> |[A-Za-z_]\w*(?:\.\w+)+ ?\(.*\)?\s*(?:#.*)?$"
    r"|[A-Za-z_][\w, .\[\]]*=\s*[A-Za-z_]\w*(?:\.\w+)+ ?\(|[A-Za-z_]\w* ?\+= (?!.* = ))"
)
_ASSIGNMENT: Final = lazy_regex(
    r"\s*\*?[A-Za-z_][\w.]*(?:\[[^\]]*\])?(?:, ?[A-Za-z_][\w.]*)*\s*(?:[-+*/@]|\*\*|//)?=(?!=)\s*\S"
)
_SIGN: Final = lazy_regex(r"[(\[{]|[)\]}]|(?<![=<>!+\-*/%@:])=(?!=)")
_STRING_PATTERN: Final = r'"(?:[^"\\\n]|\\.)*"|\'(?:[^\'\\\n]|\\.)*\''
_STRING: Final = lazy_regex(_STRING_PATTERN)
_LITERAL: Final = lazy_regex(
    r"""#[^\n]*|(?P<prefix>[A-Za-z]{0,2})(?P<mark>"{3}|'{3})(?P<text>.*?)(?:(?P=mark)|\Z)"""
    rf"|{_STRING_PATTERN}",
    re.DOTALL,
)
_FIRST_RELATIONS: Final = ("=", ":=", "≈", "≃", "≐", "≅", "≔", "＝", r"\approx")
_FILLED_IN: Final = frozenset("{%\\")  # of a string that is no text as it stands
_NO_CODE: Final = frozenset("≈×÷−²³½∂√·←→：，。（）\\^")
_ONLY_PARSED: Final = 0x400  # ast.PyCF_ONLY_AST: nothing is compiled; `ast` is not loaded for it
_JOINT: Final = lazy_regex(
    r"[)\]][A-Za-z_]|\w#\s*[^\s#]|^\s*(?:def|class|for|if|with|while)\b[^#]*:\s*\w.*="
)


def looks_like_python(lines: Sequence[str], *, is_marked: bool = False) -> bool:
    """Say whether a block of code is Python: a statement that is no equation stands in it.

    One that is marked as Python is, but for a derivation: `n = np.tanh(0.3) ≈ 0.29`.
    """
    is_code = is_marked or any(map(_is_no_equation, lines))
    return is_code and not any(map(begins_with_relation, lines))


def _is_no_equation(line: str) -> bool:
    """Say whether nothing but Python has a line: a statement, a comment that works one out."""
    is_strong = _STRONG.match(line) or comment_joint(*line.partition("#")[::2])
    return bool(is_strong) and not is_working(line)


def begins_with_relation(line: str) -> bool:
    """Say whether a line begins with a sign that goes on with the one before."""
    bare = line.lstrip(" \t\n>\u200b-•+").removeprefix("$").lstrip(" &")
    return bare.startswith(_FIRST_RELATIONS) and not bare.startswith(("==", "=>"))


def _sides_of_code(line: str) -> list[str]:
    """Return what stands between the equals signs of a line of code, outside brackets."""
    code = _STRING.sub("", line.partition("#")[0])
    depth = start = 0
    sides: list[str] = []
    for sign in _SIGN.finditer(code):
        if sign[0] != "=":
            depth += 1 if sign[0] in "([{" else -1
        elif depth == 0:
            sides.append(code[start : sign.start()])
            start = sign.end()
    return [*sides, code[start:]]


def is_working(line: str) -> bool:
    """Say whether a line is a calculation and no code: an assignment to `2 * 3`, or a `×`."""
    sides = _sides_of_code(line)
    are_names = all(_ASSIGNMENT.match(f"{target}=0") for target in sides[:-1])
    return len(sides) > 1 and (not _NO_CODE.isdisjoint("".join(sides)) or not are_names)


def find_workings(lines: Sequence[str]) -> list[int]:
    """Return which lines are calculations: none is Python, or goes on with an open bracket.

    One of figures alone is none in brackets either, `(2 + 3)/2 = 2.5,` of a list.
    """
    places: list[int] = []
    depth = 0
    for place, line in enumerate(lines):
        is_apart = depth <= 0 or not any(map(str.isalpha, line))
        if is_apart and "=" in line and is_working(line) and not _is_statement(line):
            places.append(place)
        code = _STRING.sub("", line.partition("#")[0])
        depth += sum(map(code.count, "([{")) - sum(map(code.count, ")]}"))
        depth *= bool(line.strip())  # a blank line ends what was never closed
    return places


def _is_statement(line: str) -> bool:
    """Say whether a line is Python by itself, be it two statements or one after a colon."""
    if _STRONG.match(line):
        return True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd escapes in strings are not our concern
            compile(line.strip(), "<line>", "exec", _ONLY_PARSED)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return False
    return True


def formulas_assigned(code: str, names: Set[str]) -> Iterator[tuple[str, Node | None]]:
    """Yield those of some names to which code gives a formula of the language, with it.

    None stands for a step, `L += p**2`. What a call gives may be just what the text says.
    """
    for line in code.splitlines():
        target, sign, formula = line.partition("#")[0].partition("=")
        name = target.partition(":")[0].strip().rstrip("+-*/ ")
        if name not in names or not sign or formula[:1] == "=":
            continue
        if target.rstrip()[-1:] in "+-*/":
            yield name, None
            continue
        with suppress(TracerError):
            tree = parse(formula.strip(), "ascii")
            if tree.content.operations <= table().keys():
                yield name, tree


def are_givens(lines: Sequence[str]) -> bool:
    """Say whether lines of code do nothing but give names their figures."""
    statements = [line.partition("#")[0].strip().removesuffix(")") for line in lines]
    pairs = [statement.partition("=") for statement in statements if statement]
    values = [value.strip().removeprefix("np.array(") for _, _, value in pairs]
    return all(name.strip().isidentifier() for name, _, _ in pairs) and all(
        not set(value) - set("-+.0123456789eE, []") and value[:1].strip("eE,]") for value in values
    )


def given_lines(lines: Sequence[str]) -> Sequence[int]:
    """Return which lines of code only give a name its figures, which no other line changes."""
    if are_givens(lines):
        return range(len(lines))
    targets = [line.partition("=")[0].strip(" \t+-*/@") for line in lines]
    counts = Counter(targets)
    return [
        place
        for place, line in enumerate(lines)
        if counts[targets[place]] == 1 and line[:1].isalpha() and are_givens([line])
    ]


def code_runs(lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the runs of lines of a plain text that are Python, each from a line up to another.

    A run has a statement that nothing but Python has, or a comment that works an assignment out;
    assignments, comments and blank lines between belong to it.
    """
    grades = {
        place: _python_grade(lines, place) for place, line in enumerate(lines) if line.strip()
    }
    runs = ([*run] for is_code, run in groupby(grades, lambda place: grades[place] > 0) if is_code)
    return [(run[0], run[-1] + 1) for run in runs if max(map(grades.__getitem__, run)) > 1]


def _python_grade(lines: Sequence[str], place: int) -> int:
    """Return 2 for a line that is Python, 1 for one that may be, 0 for any other."""
    line = lines[place]
    code = line.partition("#")[0].strip()
    goes_on = any(map(begins_with_relation, lines[place + 1 : place + 2]))
    if goes_on or (is_working(line) and not _JOINT.search(_STRING.sub("", code))):
        return 0  # `p = np.tanh(0.5) = 0.46`
    if not code:
        return not line.lstrip().startswith("##")
    is_new = len(_sides_of_code(line)) == 2 or code.endswith(")")
    may_be = is_new and code.isascii() and _is_statement(code)
    return 2 if _STRONG.match(line) else may_be * (1 + _is_no_equation(line))


def comment_joint(code: str, comment: str) -> str:
    """Return what joins a comment to the assignment that it goes on with; nothing if it does not.

    It has the result, `z = w * x  # = 0.5`, or works it out, `h = w * x  # 0.5 * 2 = 1`: then
    nothing but figures, signs and functions stand in it, and no list, as shapes are; code of
    figures is worked out already.
    """
    if _ASSIGNMENT.match(code) is None or _STRONG.match(code) is not None:
        return ""
    if begins_with_relation(comment):
        return " "
    has_relation = "=" in comment or "≈" in comment
    target, _, value = code.partition("=")
    is_of_figures = has_relation and "," not in comment and bool(_names_in(value))
    is_of_figures = is_of_figures and _names_in(comment) <= {*FUNCTIONS, target.strip()}
    return "=" * (is_of_figures and target.strip().isidentifier())


def _names_in(text: str) -> set[str]:
    """Return the names and the functions of a line, without their modules."""
    spaced = "".join(sign if sign.isalnum() or sign in "_." else " " for sign in text)
    return {word.rpartition(".")[2] for word in spaced.split() if not word[0].isdigit()}


def is_collapsed(lines: Sequence[str]) -> bool:
    """Say whether the line breaks of a piece of code were lost: statements touch each other."""
    return any(_JOINT.search(_STRING.sub('""', line)) for line in lines)


def _literals(lines: Sequence[str]) -> Iterator[tuple[int, int, re.Match[str]]]:
    """Yield the comments and the strings of Python code, each with its line's place and column."""
    ends = [*accumulate(len(line) + 1 for line in lines)]
    for found in _LITERAL.finditer("\n".join(lines)):
        place = bisect_right(ends, found.start())
        yield place, found.start() - (ends[place - 1] if place else 0), found


def comments_in(lines: Sequence[str]) -> Iterator[tuple[int, int, str]]:
    """Yield the comments of Python code: the line's place, the column after `#`, the text."""
    for place, column, found in _literals(lines):
        if found[0][0] == "#":
            yield place, column + 1, found[0][1:]


def texts_in(lines: Sequence[str]) -> Iterator[tuple[range, int, int]]:
    """Yield the lines of strings of several, where the first begins and the last one ends.

    Something is put into those that are marked with an f.
    """
    for place, column, found in _literals(lines):
        text = found["text"] or ""
        if "\n" in text and "f" not in found["prefix"].lower():
            begin = column + found.start("text") - found.start()
            yield range(place, place + text.count("\n") + 1), begin, len(text.rpartition("\n")[2])


def printed_in(lines: Sequence[str]) -> Iterator[tuple[int, int, int]]:
    """Return the strings that are printed as they stand there: the line's place, their columns."""
    return (
        (place, string.start() + 1, string.end() - 1)
        for place, line in enumerate(lines)
        if line.lstrip().startswith("print(")
        for string in _STRING.finditer(line)
        if line[string.start() - 1] in "( ," and _FILLED_IN.isdisjoint(string[0])
    )
