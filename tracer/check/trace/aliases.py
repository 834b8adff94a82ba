r"""The ways one quantity is written: `dloss_dw`, `dL/dw` and `∂L/∂w` are one name.

Without a scenario only spellings that mean the same everywhere are joined: derivatives of a loss,
the learning rate, predictions with a hat, values after an update, subscripts with and without a
dash. `alpha` stays alpha, `L` alone stays L, and `w_t` stays apart from `w`: what these mean only
a scenario can say (`tracer.check.trace.traced_view`).
"""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from tracer.expression.names import canonical_name
from tracer.expression.syntax import Call, Name, Node, Number
from tracer.lazy_regex import lazy_regex

RATE: Final = "learning_rate"
MOST_LENGTH: Final = 100  # of a name that is looked into
MOST_LETTERS: Final = 4  # of a subscript: x, h1, hat, pred
DIGITS: Final = "0123456789"
_RATES: Final = frozenset(
    ("lr", "eta", "learning_rate", "learningrate", "learn_rate", "learnrate", "LR", "Lr", "学习率")
)
_LOSS_LETTERS: Final = frozenset(("L", "J", "E", "C", "ℓ"))
_LOSS_WORDS: Final = frozenset(
    (
        *("loss", "cost", "ell", "mse", "objective", "total_loss", "total_cost", "total_error"),
        *("loss_total", "cost_total", "e_total", "l_total", "j_total", "etotal"),
    )
)
# Quantities that people derive by or of, beside single letters.
_WORDS: Final = frozenset(
    (
        *("net", "out", "output", "hidden", "input", "weight", "weights", "bias", "pred", "ypred"),
        *("prediction", "yhat", "error", "logits", "score", "scores", "activation", "theta"),
        *("sigma", "delta", "alpha", "beta", "gamma", "mu", "phi", "rho", "omega"),
    )
)
_PREDICTED: Final = lazy_regex(r"([yY])_?(\d*)_?(?:hat_pred|hat|predicted|prediction|pred)_?(\d*)")
_HATTED: Final = lazy_regex(r"([abd-suvx-z])hat((?:_?\d+)?)")
# The marks of the value after an update (1) and before it (0).
_TIMES: Final = {
    **dict.fromkeys(
        ("_new", "_next", "_after", "_updated", "_neu", "_nuevo", "_nueva", "_novo", "_nova"), 1
    ),
    **dict.fromkeys(("_nouveau", "_nouvelle", "_新"), 1),
    **dict.fromkeys(("_old", "_before", "_旧"), 0),
}
_NEXT_STEPS: Final = ("t+1", "k+1", "n+1")
_LAYOUT: Final = lazy_regex(r"\\(?:left|right|big[lr]|cr\b|quad)|[\s{}&]+")
_TIMES_SIGN: Final = lazy_regex(r"\\cdot|\\times|[·×]")
_BRACKET: Final = lazy_regex(r"(.+?)\[([^\[\]]*)\]")
APPLIED: Final = lazy_regex(r"([^()]*[^()^])\(([^()]+)\)")
"""A function at a place, `f(3)`, or of what it is one, `f(x, y)`; a^(3) is of a layer or a step."""
NUMBERED: Final = lazy_regex(r"(.*[^\W\d_](?:_|\[|\^\()?)(\d+)([\])]?'*)")
"""A name with one number: what stands before it, the number, what stands behind it."""
ENTRY: Final = lazy_regex(r"(.+?)\[(\d+(?:, ?\d+)*)\]('*)")
"""The name of an entry by figures in brackets, and the marks of an update behind them."""
SUPERSCRIPT: Final = lazy_regex(r"\^\((\d+)\)")
"""What key a layer, a sample or a step has, which counts from 1, and is no entry."""


def is_loss(word: str) -> bool:
    """Tell whether the numerator of a derivative is some loss and not another quantity.

    `J(w, b)` is one; what a loss is at a number, `J(2)`, `J(w = 2)`, or beside the value of a name,
    `J(w + h)`, is none that anybody derives.
    """
    head, _, arguments = word.partition("(")
    is_general = not arguments or (arguments[0].isalpha() and {*"=+-"}.isdisjoint(arguments))
    return is_general and (head in _LOSS_LETTERS or head.lower() in _LOSS_WORDS)


def is_cost(word: str) -> bool:
    """Tell whether a word names a loss that nobody raises: an objective may be meant to grow."""
    return word.lower() in _LOSS_WORDS - {"objective"}


@lru_cache(8192)
def quantity_key(name: str) -> str:
    """Return one spelling for the ways in which a quantity is written.

    Names are those of the parser (`name_of`); an index (`w[0, 1]`) keeps its brackets, for a name
    alone does not say whether it counts from 0: `key_of` knows.
    """
    if len(name) > MOST_LENGTH:
        return name
    name = _parser_spelling(name)
    derivative = derivative_of(name)
    if derivative is not None:
        above, below = derivative
        stem, sign, number = below.rpartition("#")  # one of several terms
        stem, term = (stem, sign + number) if stem and number.isdecimal() else (below, "")
        if is_loss(above):
            above = f"({above})" if is_of_part(name) else "loss"
        else:
            above = quantity_key(above)
        return f"d{above}/d{quantity_key(stem)}{term}"
    stem = name.rstrip("'")
    primes = len(name) - len(stem)
    stem, newer = _without_time(stem)
    head, bracket = stem, ""
    match = _BRACKET.fullmatch(stem)
    if match:
        head, bracket = match[1], f"[{', '.join(map(str.strip, match[2].split(',')))}]"
    return _stem_spelling(head) + bracket + "'" * (primes + newer)


def is_of_part(name: str) -> bool:
    """Tell whether a derivative is of one loss among others, `d(E)/dw` where J = E + R."""
    return name.startswith("d(")


def opaque_name(text: str) -> str:
    r"""Return one name for what no parser reads, `(…)_{\text{via } z}` or `f(x, y)`."""
    key = _TIMES_SIGN.sub("*", _LAYOUT.sub("", text)).replace("\\", "").replace("][", ", ")
    for chinese, word in (("经", "via"), ("直接到", "into"), ("见于", "in")):  # the same share
        key = key.replace(chinese, word)
    return key


def key_of(node: Node) -> str | None:
    """Return the key of a name or an entry as a tree; None where it is neither.

    Subscripts from 1 have one key, `w_{1,2}` that of w₁₂. An entry that code writes, `w[0, 1]`,
    counts from 0, as `w_1` may not: it keeps its brackets, and so do a superscript and `∇W[0, 1]`.
    """
    name = name_of(node)
    match = None if name is None else ENTRY.fullmatch(name)
    if match is None or name is None or match[3]:
        return None if name is None else quantity_key(name)
    places, base = [*map(int, match[2].split(","))], quantity_key(match[1])
    if not isinstance(node, Name) or match[1].startswith(("∇", "nabla")):
        return f"{base}[{', '.join(map(str, places))}]"
    if len(places) == 1:
        return f"{base}^({places[0]})"  # a layer, a sample or a step
    if base[-1].isdigit() or base[-1] == "'" or not all(0 < place < 10 for place in places):
        return f"{base}[{', '.join(str(place - 1) for place in places)}]"
    return base + "".join(map(str, places))


def name_of(node: Node) -> str | None:
    """Return the name that a tree is: a Name, an entry (`w[0, 1]`), w_new (`w^{new}`), or None."""
    match node:
        case Name(id=name):
            return name
        case Call(operation="index", keywords=()):
            return _entry_name(node)
        case Call(operation="power", arguments=(Name(id=base), Name(id=mark)), keywords=()):
            return f"{base}_{mark}" if f"_{mark}" in _TIMES else None
    return None


def family_of(name: str) -> tuple[str, str] | None:
    """Return what stands before and behind the one number of a name; None where it has none."""
    match = NUMBERED.fullmatch(name)
    return None if match is None else (match[1], match[3])


@lru_cache(maxsize=4096)  # the names of a document are asked about at each of its lines
def derivative_of(name: str) -> tuple[str, str] | None:
    """Return what is derived and by what: ("loss", "w") for `dloss/dw`, `dL_dw` or `grad_w`.

    None for a name that only looks like one (`data_dim`).
    """
    if name.startswith(("d", "∂")) and "/" in name:
        above, _, below = name[1:].partition("/")
        if above and below[:1] in ("d", "∂") and len(below) > 1:
            below = below[1:]
            above, below = (
                each[1:-1] if each[0] == "(" and each[-1] == ")" else each
                for each in (above, below)
            )
            return above, below
        return None
    bare = [name.removeprefix(prefix) for prefix in ("grad_", "gradient_", "nabla_", "nabla", "∇")]
    bare += [name.removesuffix(suffix) for suffix in ("_grad", "_gradient")]
    for variable in bare:
        if variable != name and _is_quantity(variable):
            return "loss", variable
    if name[:1] not in ("d", "∂") or "_" not in name:
        return None
    begin = 2 if name[1:2] == "_" else 1
    middle = name.find("_d", begin)
    while middle > 0:
        above, below = name[begin:middle], name[middle + 2 :].removeprefix("_")
        if below[:1].isalpha() and (is_loss(above) or all(map(_is_quantity, (above, below)))):
            return above, below
        middle = name.find("_d", middle + 1)
    return None


def _parser_spelling(name: str) -> str:
    """Return a name in the parser's spelling: θ is theta, ŷ is y_hat."""
    if name.isascii():
        return name
    derivative = derivative_of(name)
    if derivative is not None:
        return f"d{_parser_spelling(derivative[0])}/d{_parser_spelling(derivative[1])}"
    applied = APPLIED.fullmatch(name)
    if applied is not None and applied[1][-1] != "^":  # what it is applied to is no name
        return f"{_parser_spelling(applied[1])}({applied[2]})"
    return canonical_name(name.replace("∂", "d"))


def _stem_spelling(stem: str) -> str:
    """Return the one spelling of a name without primes and brackets."""
    if stem in _RATES:
        return RATE
    match = _PREDICTED.fullmatch(stem)
    if match:
        return f"{match[1]}_pred{match[2] or match[3]}"
    match = _HATTED.fullmatch(stem)
    if match:
        stem = f"{match[1]}_hat{match[2]}"
    head, _, number = stem.rpartition("_")
    return head + number if number.isdecimal() and head[-1:].isalpha() else stem


def _without_time(stem: str) -> tuple[str, int]:
    """Return a name without the mark of the value after (1) or before (0) an update."""
    match = _BRACKET.fullmatch(stem)
    if match:
        items = [item.strip() for item in match[2].split(",")]
        last = f"_{items[-1]}"
        if items[-1].replace(" ", "") in _NEXT_STEPS or last in _TIMES:
            rest = f"[{', '.join(items[:-1])}]" if len(items) > 2 else "".join(items[:-1])
            return match[1] + rest, _TIMES.get(last, 1)
        return stem, 0
    for mark, newer in _TIMES.items():
        head, separator, tail = stem.rpartition(mark)
        if separator and head and (not tail or tail.removeprefix("_").isdigit()):
            return head + tail, newer
        word = mark[1:] + "_"
        if stem.startswith(word) and _is_quantity(stem.removeprefix(word)):
            return stem.removeprefix(word), newer
    return stem, 0


def _is_quantity(word: str) -> bool:
    """Tell whether a word is one that people derive by: a letter with subscripts, or `bias`."""
    head, *below = word.removesuffix("'").split("_")
    letters = head.rstrip(DIGITS)
    single = letters.isalpha() and (len(letters) == 1 or letters[1:] in ("hat", "pred"))
    return letters.lower() in _WORDS or (single and all(map(_is_subscript, below)))


def _is_subscript(part: str) -> bool:
    letters = part.rstrip(DIGITS)
    return bool(part) and (not letters or (letters.isalpha() and len(letters) <= MOST_LETTERS))


def _entry_name(node: Call) -> str | None:
    """Return the name of an entry, `W[1][2]` as `W[1, 2]`."""
    items: list[str] = []
    base: Node = node
    while isinstance(base, Call) and base.operation == "index" and not base.keywords:
        if not all(isinstance(item, Number) and item.text.isdigit() for item in base.arguments[1:]):
            return None
        items[:0] = [item.text for item in base.arguments[1:] if isinstance(item, Number)]
        base = base.arguments[0]
    name = name_of(base)
    return None if name is None or not items else f"{name}[{', '.join(items)}]"
