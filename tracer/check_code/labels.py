"""Labels that a print shows beside a value: `print("loss =", dloss_dw)` names another quantity.

A label is a slip only where it is the name of another known quantity, or says loss of a gradient
(or gradient of a loss); a label in words of its own is not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise, product, zip_longest
from typing import Final

from tracer.check_code.code_names import is_gradient, is_loss, role_of, words_of
from tracer.frozen import Frozen
from tracer.lazy_regex import lazy_regex

ROUNDING: Final = frozenset(("round", "float", "int", "str", "repr"))
HOLDING: Final = frozenset(("item", "tolist", "numpy", "detach", "cpu", "mean", "copy", "round"))
NAME: Final = lazy_regex(r"[^\W\d]\w*(?:/[^\W\d]\w*)?\Z")
TAIL: Final = lazy_regex(r"[\s=::≈→>-]+\Z")
SEPARATORS: Final = lazy_regex(r"[,;,;|\n\t]|\\[nt]|  ")
LOSS_WORDS: Final = ("loss", "cost", "mse", "损失", "代价")
GRADIENT_WORDS: Final = (
    *("grad", "deriv", "slope", "dloss", "dl/", "w.r.t", "wrt", "∂", "update", "delta"),
    *("梯度", "导数", "偏导", "斜率", "求导", "关于", "更新", "变化"),
    *("'", "′", "∇", "d(", "sensitiv", "change", "jacobian", "partial"),
)
GOES_ON: Final = lazy_regex(r"\s*[*·×/+−^]")  # `y = {w} * x`: an equation, no label
NO_GRADIENT: Final = lazy_regex(
    r"gradient\s+(?:descent|ascent|check\w*|clip\w*|step|norm|boost\w*)|梯度(?:下降|上升|检验|检查|法)"
)
PERCENT: Final = lazy_regex(r"%[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z]")
BRACES: Final = lazy_regex(r"\{[^{}0-9a-zA-Z]?(?::[^{}]*)?\}")
SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Label(Frozen):
    """A label that names another quantity: its word, the quantity shown, and where it stands.

    `row` and `column` are counted as `ast` counts: from 1, and in bytes from 0.
    """

    word: str
    shown_name: str
    node: ast.expr
    start: int  # characters from the beginning of the node's text


class _Pair(Frozen):
    text: str
    node: ast.expr
    shown_name: str


def wrong_labels(tree: ast.Module, text_of: dict[int, str], before: frozenset[str]) -> list[Label]:
    """Return the labels that are wrong.

    `text_of` has the source of each string by the id of its node; `before` are the quantities that
    code before it computes. A label names a quantity that is known where it is printed: what
    another function computes is none.
    """
    same = {  # names that are given each other's value
        frozenset((target.id, node.value.id))
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    counted = {
        item.id
        for node in ast.walk(tree)
        if isinstance(node, (ast.For, ast.comprehension))
        for item in ast.walk(node.target)
        if isinstance(item, ast.Name)
    }
    found = []
    for node, known in _print_calls(tree, before | names_stored(tree)):
        for pair in _label_pairs(node):
            if pair.shown_name in known and pair.shown_name not in counted:
                word = _wrong_word(pair, known, same)
                source = text_of.get(id(pair.node), "")
                start = _place_in_source(source, word, pair) if word else -1
                if start >= 0:
                    found.append(Label(word, pair.shown_name, pair.node, start))
    return found


def _print_calls(
    scope: ast.AST, known: frozenset[str]
) -> Iterator[tuple[ast.Call, frozenset[str]]]:
    """Yield the calls of `print` with the names that are known where they stand."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, SCOPES):
            yield from _print_calls(node, known | names_stored(node))
            continue
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            yield node, known
        yield from _print_calls(node, known)


def names_stored(scope: ast.AST) -> frozenset[str]:
    """Return the names that a scope gives values to, without the functions within it."""
    found: set[str] = set()
    waiting = list(ast.iter_child_nodes(scope))
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        if not isinstance(node, SCOPES):
            waiting += ast.iter_child_nodes(node)
    return frozenset(found)


def _label_pairs(node: ast.Call) -> Iterator[_Pair]:
    """Yield each text of a print with the name that follows it."""
    for source, pieces in _shown_pieces(node):
        for text, value, after in zip(pieces, pieces[1:], [*pieces[2:], ""], strict=False):
            goes_on = isinstance(after, str) and GOES_ON.match(after)
            shown = "" if goes_on or isinstance(value, str) else _printed_name(value)
            if isinstance(text, str) and shown:
                yield _Pair(text, source, shown)


def _shown_pieces(node: ast.Call) -> Iterator[tuple[ast.expr, list[str | ast.expr]]]:
    """Yield what a print shows, texts and values in their order, and where the texts stand."""
    for place, (first, second) in enumerate(pairwise(node.args)):
        match first, node.args[place + 2 :]:
            case ast.Constant(str(text)), [] | [ast.Constant() | ast.JoinedStr(), *_]:
                yield first, [text, second]
    for item in node.args:
        match item:
            case ast.JoinedStr(parts):
                yield (
                    item,
                    [
                        part.value if isinstance(part, ast.FormattedValue) else str(part.value)  # type: ignore[attr-defined] # a constant
                        for part in parts
                    ],
                )
            case ast.BinOp(ast.Constant(str(text)) as source, ast.Mod(), values):
                every = values.elts if isinstance(values, ast.Tuple) else [values]
                yield source, _interleave(PERCENT.split(text), every)
            case ast.Call(ast.Attribute(ast.Constant(str(text)) as source, "format"), values, []):
                yield source, _interleave(BRACES.split(text), values)


def _interleave(texts: Sequence[str], values: Sequence[ast.expr]) -> list[str | ast.expr]:
    """Return texts with the values between them; nothing where these are more or fewer."""
    pairs = zip_longest(texts, values, fillvalue="") if len(texts) == len(values) + 1 else ()
    return [piece for pair in pairs for piece in pair]


def _printed_name(node: ast.expr) -> str:
    """Return the name of the quantity that is shown, rounded or not; '' where it is none."""
    while not isinstance(node, ast.Name):
        match node:
            case ast.Call(ast.Name(name), [inner, *_]) if name in ROUNDING:
                node = inner
            case ast.Call(ast.Attribute(ast.Name("np" | "numpy" | "torch"), "round"), [inner, *_]):
                node = inner
            case ast.Call(ast.Attribute(inner, name)) if name in HOLDING:
                node = inner
            case _:
                return ""
    return node.id


def _wrong_word(pair: _Pair, known: frozenset[str], same: set[frozenset[str]]) -> str:
    """Return the word of a label that names another quantity than the one shown."""
    phrase = SEPARATORS.split(pair.text)[-1]
    marked = TAIL.search(phrase)
    phrase = TAIL.sub("", phrase).strip().lstrip("-*·#•> ")
    if not phrase or marked is None or not re.search(r"[=::]", marked.group()):
        return ""
    word = _labelled_name(phrase, pair.shown_name, known)
    if word not in ("", pair.shown_name) and not _may_stand_for(word, pair.shown_name, same):
        return phrase
    return _other_class(phrase, pair.shown_name, known)


def _labelled_name(phrase: str, shown: str, known: frozenset[str]) -> str:
    """Return the quantity that a label names; '' where it is no name.

    With another capital it is one beside a loss or a gradient alone, `Loss: {accuracy}`: else it
    is a word, as in `Model: {classifier}`.
    """
    flat = phrase.replace("/", "_")
    if not NAME.match(phrase):
        return ""
    if flat in known:
        return flat
    options = [name for name in known if len(flat) > 1 and name.lower() == flat.lower()]
    is_told = any(is_loss(each) or is_gradient(each) for each in (*options, shown))
    return options[0] if len(options) == 1 and is_told else ""


def _may_stand_for(word: str, shown: str, same: set[frozenset[str]]) -> bool:
    """Tell whether a label may stand for the shown quantity all the same."""
    are_same = {word, shown} in same
    if is_gradient(word) or is_gradient(shown):
        are_gradients = is_gradient(word) and is_gradient(shown)
        return are_gradients and (are_same or words_of(word) == words_of(shown))
    are_same = are_same or shown.startswith(word) or _abbreviates(shown, word)
    roles = role_of(word), role_of(shown)
    if roles == ("target", "prediction"):
        return are_same or word in ("y", "Y", "t", "T")
    are_losses = is_loss(word) and is_loss(shown)
    share_words = any(_abbreviates(*each) for each in product(words_of(shown), words_of(word)))
    return are_same or are_losses or share_words or roles == ("prediction", "prediction")


def _abbreviates(short: str, word: str) -> bool:
    """Tell whether the letters of a word stand in another in their order, `fb` in `feedback`."""
    letters = iter(word)
    return short[:1] == word[:1] and all(letter in letters for letter in short)


def _other_class(phrase: str, shown: str, known: frozenset[str]) -> str:
    """Return the word of a label that says loss of a gradient, or gradient of a loss."""
    lower = NO_GRADIENT.sub("", phrase.lower())
    of_gradient = any(word in lower for word in GRADIENT_WORDS)
    of_loss = any(word in lower for word in LOSS_WORDS)
    if of_loss and not of_gradient and is_gradient(shown) and any(map(is_loss, known)):
        return next(word for word in LOSS_WORDS if word in lower)
    gradient_alone = re.search(r"gradient|grad\b|derivative|梯度|导数", lower)
    if gradient_alone and not of_loss and is_loss(shown) and any(map(is_gradient, known)):
        return gradient_alone.group()
    return ""


def _place_in_source(source: str, word: str, pair: _Pair) -> int:
    """Return where a word stands in the source of a string, -1 where that is not plain."""
    text = SEPARATORS.split(pair.text)[-1]
    at = source.find(text) if text in source else -1
    inside = text.lower().rfind(word.lower())
    if at < 0 or inside < 0 or source.count(text) > 1:
        at = source.lower().find(word.lower())
        return at if source.lower().count(word.lower()) == 1 else -1
    return at + inside
