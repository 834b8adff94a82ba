r"""Works out the TeX that documents print, with nothing of the project: no judge of itself.

A document's formulas are split into their sides. A side is read into a function of its figures, so
that moving each figure by half a unit of its last place tells what rounding may do to the side. A
name stands for the figures that were printed for it above; a side with another name has no value.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial, reduce
from itertools import product
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import numpy as np

__all__ = ["Side", "UnreadError", "formulas", "side_of", "sides_of"]

Value = Any  # of NumPy
Work = Callable[[Sequence[float]], Value]
Known = Mapping[tuple[str, ...], Sequence[str]]
"""The signs of the figures that were printed for a name, by its own signs."""

INDEX: Final = re.compile("[i-n]")
ENTRY: Final = re.compile(r"([1-9]+)|\{([0-9]+)\}|([0-9]+(?:,[0-9]+)+)")
GIVEN: Final = re.compile(
    r"^(?:\| )?\$([^$|&]*[A-Za-z][^$|&]*)\$ [|&] [^|&$]+ [|&] (?:\\[a-z]+\{)*\$([^$]+)\$\}* [|\\]",
    re.MULTILINE,
)
TOKEN: Final = re.compile(r"\s+|(\\[A-Za-z]+|\\.|[0-9]+(?:\.[0-9]+)?|.)", re.DOTALL)
DISPLAYED: Final = re.compile(r"\$\$(.+?)\$\$|\\displayed(?:rows)?\{(.+?)\}\n\n", re.DOTALL)
ROW_END: Final = re.compile(r"(?:\\cr|\\\\(?:\[[0-9.a-z]+\])?)\n *&(?:\\quad \{\})?")
SPACES: Final = (r"\,", r"\thinspace", r"\quad")
SIZES: Final = (r"\left", r"\right", r"\bigl", r"\bigr", r"\biggl", r"\biggr")
COMPARISONS: Final = {">": np.greater, "=": np.equal, r"\le": np.less_equal}
RELATIONS: Final = ("=", r"\approx", r"\leftarrow")
ROW_ENDS: Final = (r"\cr", r"\\")
BARS: Final[Mapping[str, tuple[str, Callable[[Value], Value]]]] = {
    "|": ("|", np.abs),
    r"\lvert": (r"\rvert", np.abs),
    r"\lVert": (r"\rVert", np.linalg.norm),
}
ENDS: Final = frozenset("+-)]},&>=|") | {r"\le", r"\rVert", r"\rvert", r"\end", "", *ROW_ENDS}


class UnreadError(Exception):
    """A side that has names in it, or a sign that is not known here."""


class Side(NamedTuple):
    """A side's value, and how far rounded figures may move it, entry by entry."""

    value: Value
    leeway: Value


def softmax(x: Value) -> Value:
    """Exponentials by their sum; a matrix of one column is a vector."""
    axis = 0 if np.ndim(x) == 2 and np.shape(x)[1] == 1 else -1
    powers = np.exp(x)
    return powers / powers.sum(axis=axis, keepdims=True)


def largest(*parts: Value) -> Value:
    """The largest of some numbers, or of the entries of one array."""
    return reduce(np.maximum, parts) if len(parts) > 1 else np.max(parts[0])


def pooled(x: Value, places: Value) -> Value:
    """The largest of each square window of so many places: 2 × 2 is read as a product."""
    *others, height, width = x.shape
    side = math.isqrt(int(places))
    return x.reshape(*others, height // side, side, width // side, side).max(axis=(-1, -3))


def correlated(kernel: Value, image: Value) -> Value:
    """A filter, or each of a list, laid on each place of an image."""
    if np.ndim(image) != 2 or np.ndim(kernel) not in (2, 3) or len(kernel) == len(image):
        raise UnreadError("a filter of several channels")
    if np.ndim(kernel) == 3:
        return np.stack([correlated(part, image) for part in kernel])
    windows = np.lib.stride_tricks.sliding_window_view(image, np.shape(kernel))
    return (windows * kernel).sum(axis=(-1, -2))


FUNCTIONS: Final[Mapping[str, Callable[..., Value]]] = {
    r"\tanh": np.tanh,
    r"\ln": np.log,
    r"\exp": np.exp,
    r"\sigma": lambda x: 1 / (1 + np.exp(-x)),
    r"\max": largest,
    "ReLU": lambda x: np.maximum(x, 0),
    "LeakyReLU": lambda x, slope: np.where(x > 0, x, slope * x),
    "PReLU": lambda x, slope: np.where(x > 0, x, slope * x),
    "ELU": lambda x, scale: np.where(x > 0, x, scale * (np.exp(np.minimum(x, 0)) - 1)),
    "erf": np.vectorize(math.erf),
    "softmax": softmax,
    "maxpool": pooled,
    r"\mu": lambda x: np.mean(x, axis=0 if np.shape(x)[1] == 1 else 1, keepdims=True),
    "Var": lambda x: np.var(x, axis=0 if np.shape(x)[1] == 1 else 1, keepdims=True),
}


class Reader:
    """Reads the signs of one side into a function of its figures."""

    def __init__(self, tokens: Sequence[str], known: Known = MappingProxyType({})) -> None:
        self.tokens = [token for token in tokens if token not in SIZES]
        self.at = 0
        self.figures: list[str] = []
        self.known = known
        self.longest = max(map(len, known), default=0)
        self.named: dict[tuple[str, ...], Work] = {}  # names that were met, each read once

    @property
    def next(self) -> str:
        """The next sign; '' at the end."""
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, *wanted: str) -> str:
        """Return the next sign, which has to be one of those wanted."""
        token = self.next
        if not token or (wanted and token not in wanted):
            raise UnreadError(f"{token!r} where {wanted} may stand")
        self.at += 1
        return token

    def raw(self) -> str:
        """Return what stands in braces, or one sign, as it is."""
        if self.next != "{":
            return self.take()
        depth, begins = 0, self.at + 1
        while True:
            depth += {"{": 1, "}": -1}.get(self.take(), 0)
            if not depth:
                return "".join(self.tokens[begins : self.at - 1])

    def whole(self) -> Work:
        """Return the side's function."""
        work = self.sum()
        if self.next:
            raise UnreadError(self.next)
        return work

    def inside(self, closing: str) -> Work:
        """Return the sum up to a sign that closes it."""
        work = self.sum()
        self.take(closing)
        return work

    def braced(self) -> Work:
        """Return what stands in braces, or one sign, as a function."""
        if self.next != "{":
            return self.atom()
        self.take("{")
        return self.inside("}")

    def sum(self) -> Work:
        """Return terms and what joins them."""
        sign = 1
        while self.next in ("+", "-"):
            sign *= -1 if self.take() == "-" else 1
        first = self.product()
        work: Work = first if sign > 0 else lambda figures: -first(figures)
        while self.next in ("+", "-"):
            joined = np.add if self.take() == "+" else np.subtract
            work = joined_by(joined, work, self.product())
        return work

    def product(self) -> Work:
        """Return factors: with signs between them, or side by side."""
        work = self.power()
        while self.next not in ENDS:
            joined: Callable[..., Value] = np.multiply
            if self.next == r"\odot":
                self.take()
            elif self.next == r"\cdot":
                self.take()
                joined = beside
            elif self.next == r"\star":
                self.take()
                joined = correlated
            elif self.next == "/":
                self.take()
                joined = np.divide
            else:
                joined = beside
            negative = self.next == "-" and bool(self.take())
            factor = self.power()
            work = joined_by(joined, work, negated(factor) if negative else factor)
        return work

    def power(self) -> Work:
        """Return a factor with what is raised beside it, or an entry of an array."""
        work = self.name() or self.atom()
        while self.next in ("^", "_"):
            if self.take() == "_":
                place = self.raw()
                if not ENTRY.fullmatch(place):
                    raise UnreadError("a part of an array")
                work = applied(partial(entry_at, place=place), work)
                continue
            begins = self.at
            if self.raw() == r"\top":
                work = applied(lambda x: np.swapaxes(x, -1, -2) if np.ndim(x) > 1 else x, work)
            else:
                self.at = begins
                work = joined_by(np.power, work, self.braced())
        return work

    def name(self) -> Work | None:
        """Return the figures of the longest name that stands here; None for what has none."""
        ends = range(min(self.at + self.longest, len(self.tokens)), self.at, -1)
        names = (tuple(self.tokens[self.at : end]) for end in ends)
        name = next((name for name in names if name in self.known), None)
        if name is None:
            return None
        self.at += len(name)
        if self.next == "'":
            raise UnreadError("another quantity")
        if name not in self.named:
            inner = Reader(self.known[name])
            work, first = inner.whole(), len(self.figures)
            self.figures += inner.figures
            last = len(self.figures)
            self.named[name] = lambda figures: work(figures[first:last])
        return self.named[name]

    def atom(self) -> Work:
        """Return a figure, an array, a function or what stands in brackets."""
        token = self.take()
        if token == "{" and self.next == "}":  # nothing, which keeps signs apart
            self.take()
            return self.atom()
        if token[0].isdigit():
            self.figures.append(token)
            place = len(self.figures) - 1
            return lambda figures: np.float64(figures[place])
        if token in (r"\pi", "π"):
            return lambda figures: np.float64(math.pi)
        if token in ("(", "{"):
            return self.inside(")" if token == "(" else "}")
        if token == "[":
            items = self.items("]")
            if len(items) == 1:
                return applied(lambda x: x if np.ndim(x) else np.array([[x]]), items[0])
            return lambda figures: listed([item(figures) for item in items])
        if token == "e" and self.next == "^":
            self.take()
            return applied(np.exp, self.braced())
        if token == r"\begin":
            return self.matrix()
        if token == r"\frac":
            return joined_by(np.divide, self.braced(), self.braced())
        if token == r"\sqrt":
            return applied(np.sqrt, self.braced())
        if token == r"\underbrace":
            return self.labelled()
        if token == r"\sum":
            return self.running_sum()
        if token in BARS:
            closing, function = BARS[token]
            return applied(function, self.inside(closing))
        name = self.raw() if token in (r"\mathrm", r"\operatorname") else token
        if token == r"\mathbf":
            return self.indicator()
        if name not in FUNCTIONS or self.next in ("_", "^", "'"):
            raise UnreadError(name)
        arguments = self.items(")") if self.next == "(" and self.take() else [self.power()]
        return lambda figures: FUNCTIONS[name](*[argument(figures) for argument in arguments])

    def running_sum(self) -> Work:
        """Return what is added up with an index, or two, from 1 to the length of an array."""
        self.take("_")
        letters, _, first = self.raw().partition("=")
        indices, upper = letters.split(","), ""
        if self.next == "^":
            self.take()
            upper = self.raw()
        if first not in ("", "1") or not all(map(INDEX.fullmatch, indices)):
            raise UnreadError("another sum")
        begins, works = self.at, []
        sizes = [int(upper)] if upper.isdigit() else self.lengths(indices)
        for places in product(*(range(1, size + 1) for size in sizes)):
            body = Reader(self.tokens[begins:], self.known)
            body.figures, body.named = self.figures, self.named
            body.tokens = [*put_in(body.tokens, dict(zip(indices, places, strict=True)))]
            works.append(body.product())
            self.at = begins + body.at
        return lambda figures: reduce(np.add, [work(figures) for work in works])

    def lengths(self, indices: Sequence[str]) -> Sequence[int]:
        """Return how long the axes of the first array are that has these subscripts."""
        below = ["_", "{", *indices, "}"]
        for at in range(self.at, len(self.tokens)):
            if self.tokens[at : at + len(below)] == below:
                begins = [
                    start
                    for start in range(self.at, at)
                    if tuple(self.tokens[start:at]) in self.known
                ]
                if begins:
                    figures = Reader(self.known[tuple(self.tokens[begins[0] : at])])
                    work = figures.whole()
                    return [*np.shape(np.squeeze(work([0.0] * len(figures.figures))))]
        raise UnreadError("a sum of what is not known")

    def items(self, closing: str) -> list[Work]:
        """Return what stands between commas."""
        found = [self.sum()]
        while self.take(",", closing) == ",":
            found.append(self.sum())
        return found

    def matrix(self) -> Work:
        """Return rows and columns."""
        if self.raw() not in ("bmatrix", "matrix"):
            raise UnreadError("cases")
        rows = [[self.sum()]]
        while self.next in ("&", *ROW_ENDS):
            if self.take() == "&":
                rows[-1].append(self.sum())
            else:
                rows.append([self.sum()])
        self.take(r"\end")
        self.raw()

        def work(figures: Sequence[float]) -> Value:
            cells = [[cell(figures) for cell in row] for row in rows]
            try:
                return np.block(cells)
            except ValueError as fault:
                raise UnreadError("arrays within an array") from fault

        return work

    def labelled(self) -> Work:
        """Return what has a brace below it; left-out terms are what stands below theirs."""
        begins = self.at
        is_rest = r"\cdots" in self.raw()
        self.at = self.at if is_rest else begins
        work = None if is_rest else self.braced()
        self.take("_")
        if work is None:
            work = self.braced()
        else:
            self.raw()
        if self.tokens[self.at : self.at + 2] == ["{", "}"]:  # which keeps the label off the next
            self.at += 2
        return work

    def indicator(self) -> Work:
        """Return 1 where a relation holds, else 0."""
        if self.raw() != "1" or self.next != "[":
            raise UnreadError("a bold letter")
        self.take("[")
        left, sign, right = self.sum(), self.take(*COMPARISONS), self.inside("]")
        compare = COMPARISONS[sign]
        return lambda figures: 1.0 * compare(left(figures), right(figures))


def put_in(tokens: Sequence[str], places: Mapping[str, int]) -> Iterator[str]:
    """Yield signs with numbers in the place of indices."""
    for token in tokens:
        number = places.get(token)
        yield from (
            [token] if number is None else [str(number)] if number < 10 else ["{", str(number), "}"]
        )


def listed(items: Sequence[Value]) -> Value:
    """Return numbers between commas as a row, arrays as a list of them."""
    return np.stack(items) if np.ndim(items[0]) else np.array([items])


def joined_by(operation: Callable[..., Value], left: Work, right: Work) -> Work:
    """Return two sides of an operation as one function."""

    def work(figures: Sequence[float]) -> Value:
        one, other = left(figures), right(figures)
        if operation is np.add and np.ndim(one) == 3 and np.shape(other) == (len(one), 1):
            other = other[:, :, None]  # a number for each of the filters
        return operation(one, other)

    return work


def applied(function: Callable[[Value], Value], inner: Work) -> Work:
    """Return a function of a function."""
    return lambda figures: function(inner(figures))


def negated(inner: Work) -> Work:
    """Return minus a function."""
    return lambda figures: -inner(figures)


def beside(left: Value, right: Value) -> Value:
    """Return the product of what stands side by side."""
    return left @ right if np.ndim(left) and np.ndim(right) else left * right


def half_a_unit(figure: str, digits: int) -> float:
    """Return half a unit of a figure's last place where it has all its digits, else 0."""
    if len(figure.replace(".", "").lstrip("0")) < digits:
        return 0.0
    return float(0.5 * 10.0 ** -len(figure.partition(".")[2])) if "." in figure else 0.5


def entry_at(array: Value, place: str) -> Value:
    """Return an entry by its subscripts from 1; of a column, or a row, by its place in it."""
    found = ENTRY.fullmatch(place)
    assert found is not None, place
    digits, number, numbers = found.groups()
    at = [int(part) - 1 for part in digits or ([number] if number else numbers.split(","))]
    long = np.squeeze(array)
    if np.ndim(long) != len(at):
        raise UnreadError("a row of a matrix")
    return long[tuple(at)]


def side_of(tokens: Sequence[str], digits: int, known: Known = MappingProxyType({})) -> Side:
    """Work a side out, where names are `known` by their figures. Raises UnreadError."""
    reader = Reader(tokens, known)
    work = reader.whole()
    figures = [float(figure) for figure in reader.figures]
    with np.errstate(all="ignore"):
        value = np.asarray(work(figures), float)
        leeway = np.zeros_like(value)
        for place, figure in enumerate(reader.figures):
            moved = figures.copy()
            moved[place] += half_a_unit(figure, digits)
            if moved != figures:
                leeway += np.abs(np.asarray(work(moved), float) - value)
    return Side(value, leeway)


def sides_of(formula: str) -> tuple[list[list[str]], list[str]]:
    """Return the signs of each side of a formula, and the relations between them."""
    sides: list[list[str]] = [[]]
    relations: list[str] = []
    depth = 0
    for token in (found[1] for found in TOKEN.finditer(formula) if found[1]):
        depth += (token in ("(", "[", "{", r"\begin")) - (token in (")", "]", "}", r"\end"))
        if not depth and token in RELATIONS:
            relations.append(token)
            sides.append([])
        elif token not in SPACES and not (token == "&" and not depth):
            sides[-1].append(token)
    return sides, relations


def key_of(tokens: Sequence[str]) -> tuple[str, ...]:
    """Return a name by its signs, whatever the size of its brackets."""
    return tuple(token for token in tokens if token not in SIZES)


def given(text: str) -> Iterator[tuple[list[str], list[str]]]:
    """Yield the names and the figures of a table of what is given, in Markdown or LaTeX."""
    for name, value in GIVEN.findall(text):
        (left,), (*_, right) = sides_of(name)[0], sides_of(value)[0]
        yield left, right


def formulas(text: str) -> Iterator[str]:
    """Yield the formulas on lines of their own, in Markdown or LaTeX, each in one row."""
    for found in DISPLAYED.finditer(text):
        inside = re.sub(r"\\(?:begin|end)\{aligned\}", "", found[1] or found[2])
        yield ROW_END.sub(" ", inside)
