"""Work out the figures of a line, for the proof of the corpus; it knows nothing of the checker.

A small evaluator of its own, in decimal numbers of 60 digits. What it cannot read raises
`UnreadableError`: the expectation is then proved by a formula beside it in the corpus, or by hand.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, DecimalException, getcontext
from typing import TypeAlias

getcontext().prec = 60

Value: TypeAlias = "Decimal | list[Value]"

# What people write, and what the evaluator reads instead, in this order.
SPELLINGS: tuple[tuple[str, str], ...] = (
    (r"\\(?:left|right|mathrm|operatorname|text)\b", " "),
    (r"\\[,;:! ]", " "),
    (r"\\[dt]?frac\s*(\d)\s*(\d)", r"((\1)/(\2))"),
    (r"\^\{?\\top\}?|\.T\b", "'"),
    (r"\\(?:cdot|times)\b|[×·⋅]", "*"),
    (r"\\(?:ln|log)\b", " ln "),
    (r"\\(exp|tanh|max|sqrt)\b", r" \1 "),
    (r"\\sigma\b|σ", " sigmoid "),
    (r"ReLU", "relu"),
    (r"÷", "/"),
    (r"[−–]", "-"),
    (r"½", "(1/2)"),
    (r"²", "^2"),
    (r"√", " sqrt "),
    (r"\*\*", "^"),
)
MATRIX = re.compile(r"\\begin\{([bp]?matrix)\}(.*?)\\end\{\1\}", re.DOTALL)
FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
TOKEN = re.compile(r"\s*(?:((?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)|([A-Za-z]\w*)|([-+*/^@'()\[\],|%]))")


class UnreadableError(Exception):
    """The text is no expression that can be worked out."""


def half_width(text: str) -> str:
    """Return the text with full-width signs as plain ones, place by place."""
    return "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)


def plain(text: str) -> str:
    """Return a member of a chain in the evaluator's own spelling."""
    text = MATRIX.sub(_rows, half_width(text))
    for pattern, instead in SPELLINGS:
        text = re.sub(pattern, instead, text)
    while True:
        braced = re.sub(r"\^\{([^{}]*)\}", r"^(\1)", text)
        braced = re.sub(r"sqrt\s*\{([^{}]*)\}", r"sqrt(\1)", braced)
        braced = FRACTION.sub(r"((\1)/(\2))", braced)
        braced = re.sub(r"(?<![\^}])\{([a-z]+)\}", r" \1 ", braced)
        if braced == text:
            return text
        text = braced


def evaluate(text: str) -> Value:
    """Work out an expression of figures. Raises: UnreadableError."""
    reader = _Reader(plain(text))
    try:
        value = reader.sum()
    except (DecimalException, IndexError, OverflowError) as error:
        raise UnreadableError(str(error)) from error
    if reader.place < len(reader.tokens):
        raise UnreadableError(f"left over: {reader.tokens[reader.place :]}")
    return value


def flat(value: Value) -> list[Decimal]:
    """Return the entries of a value, row by row."""
    if isinstance(value, Decimal):
        return [value]
    return [entry for row in value for entry in flat(row)]


def _rows(found: re.Match[str]) -> str:
    rows = [row for row in re.split(r"\\\\|\\cr\b", found[2]) if row.strip()]
    return "[" + ",".join("[" + ",".join(row.split("&")) + "]" for row in rows) + "]"


def _zip(rule: Callable[[Decimal, Decimal], Decimal], a: Value, b: Value) -> Value:
    if isinstance(a, Decimal) and isinstance(b, Decimal):
        return rule(a, b)
    if isinstance(a, Decimal) and isinstance(b, list):
        return [_zip(rule, a, entry) for entry in b]
    if isinstance(a, list) and isinstance(b, Decimal):
        return [_zip(rule, entry, b) for entry in a]
    if not isinstance(a, list) or not isinstance(b, list) or len(a) != len(b):
        raise UnreadableError("different sizes")
    return [_zip(rule, one, other) for one, other in zip(a, b, strict=True)]


def _each(rule: Callable[[Decimal], Decimal], value: Value) -> Value:
    if isinstance(value, Decimal):
        return rule(value)
    return [_each(rule, entry) for entry in value]


def _dot(a: Value, b: Value) -> Decimal:
    products = _zip(lambda x, y: x * y, a, b)
    return sum(flat(products), Decimal(0))


def _is_matrix(value: Value) -> bool:
    return isinstance(value, list) and isinstance(value[0], list)


def _transposed(value: Value) -> Value:
    if not isinstance(value, list) or not isinstance(value[0], list):
        raise UnreadableError("no matrix to transpose")
    width = len(value[0])
    return [[row[j] for row in value if isinstance(row, list)] for j in range(width)]


def _product(a: Value, b: Value) -> Value:
    if isinstance(a, Decimal) or isinstance(b, Decimal):
        return _zip(lambda x, y: x * y, a, b)
    columns = _transposed(b) if _is_matrix(b) else [b]
    if isinstance(columns, Decimal):
        raise UnreadableError("no columns")
    rows = a if _is_matrix(a) else [a]
    table: list[Value] = [[_dot(row, column) for column in columns] for row in rows]
    if not _is_matrix(b):
        table = [row[0] for row in table if isinstance(row, list)]
    return table if _is_matrix(a) else table[0]


def _sigmoid(x: Decimal) -> Decimal:
    return 1 / (1 + (-x).exp())


def _tanh(x: Decimal) -> Decimal:
    return (x.exp() - (-x).exp()) / (x.exp() + (-x).exp())


def _relu(x: Decimal) -> Decimal:
    return max(x, Decimal(0))


def _softmax(value: Value) -> Value:
    powers = [entry.exp() for entry in flat(value)]
    return [power / sum(powers, Decimal(0)) for power in powers]


ELEMENTWISE: dict[str, Callable[[Decimal], Decimal]] = {
    "exp": lambda x: x.exp(),
    "ln": lambda x: x.ln(),
    "log": lambda x: x.ln(),
    "log2": lambda x: x.ln() / Decimal(2).ln(),
    "log10": lambda x: x.log10(),
    "sqrt": lambda x: x.sqrt(),
    "tanh": _tanh,
    "sigmoid": _sigmoid,
    "s": _sigmoid,
    "relu": _relu,
    "abs": abs,
    "softplus": lambda x: (1 + x.exp()).ln(),
    "sp": lambda x: (1 + x.exp()).ln(),
}
OF_ALL: dict[str, Callable[[list[Value]], Value]] = {
    "max": lambda given: max(entry for value in given for entry in flat(value)),
    "softmax": lambda given: _softmax(given[0]),
    "dot": lambda given: _dot(given[0], given[1]),
    "mean": lambda given: sum(flat(given[0]), Decimal(0)) / len(flat(given[0])),
    "outer": lambda given: [[x * y for y in flat(given[1])] for x in flat(given[0])],
}


class _Reader:
    """Reads one expression, from the loosest sign to the tightest."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = []
        self.place = 0
        at = 0
        text = text.rstrip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if found is None:
                raise UnreadableError(text[at:])
            self.tokens.append(found[0].strip())
            at = found.end()
        if not self.tokens:
            raise UnreadableError("nothing there")

    def next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def take(self, *signs: str) -> str:
        if self.next() in signs and self.next():
            self.place += 1
            return self.tokens[self.place - 1]
        return ""

    def expect(self, sign: str) -> None:
        if not self.take(sign):
            raise UnreadableError(f"{sign} expected, not {self.next()!r}")

    def sum(self) -> Value:
        value = self.term()
        while sign := self.take("+", "-"):
            other = self.term()
            value = _zip(
                (lambda a, b: a + b) if sign == "+" else (lambda a, b: a - b), value, other
            )
        return value

    def term(self) -> Value:
        value = self.signed()
        while True:
            if self.take("*"):
                other = self.signed()
                if isinstance(value, list) and isinstance(other, list):
                    raise UnreadableError("which product of arrays is meant?")
                value = _zip(lambda a, b: a * b, value, other)
            elif self.take("/"):
                value = _zip(lambda a, b: a / b, value, self.signed())
            elif self.take("@") or self.next() in ("(", "[") or self.next() in ELEMENTWISE:
                value = _product(value, self.signed())
            else:
                return value

    def signed(self) -> Value:
        if self.take("-"):
            return _each(lambda x: -x, self.signed())
        if self.take("+"):
            return self.signed()
        return self.power()

    def power(self) -> Value:
        value = self.atom()
        while self.take("'"):
            value = _transposed(value)
        if self.take("^"):
            exponent = self.signed()
            if not isinstance(exponent, Decimal) or abs(exponent) > 100:
                raise UnreadableError("a power too high")
            return _each(lambda x: x**exponent, value)
        if self.take("%"):
            return _each(lambda x: x / 100, value)
        return value

    def atom(self) -> Value:
        token = self.next()
        self.place += 1
        if token in ("(", "|"):
            value = self.sum()
            self.expect(")" if token == "(" else "|")
            return value if token == "(" else _each(abs, value)
        if token == "[":
            entries = self.entries("]")
            single = len(entries) == 1 and isinstance(entries[0], Decimal)
            return entries[0] if single else entries
        if token[:1].isdigit() or token[:1] == ".":
            return Decimal(token)
        if token == "e" and self.next() == "^":
            return Decimal(1).exp()
        if token in ELEMENTWISE:
            inside = self.atom() if self.next() == "(" else self.power()
            return _each(ELEMENTWISE[token], inside)
        if token in OF_ALL and self.take("("):
            return OF_ALL[token](self.entries(")"))
        raise UnreadableError(f"{token!r}")

    def entries(self, end: str) -> list[Value]:
        found = [self.sum()]
        while self.take(","):
            found.append(self.sum())
        self.expect(end)
        return found
