"""Labels that a print shows beside a value: `print("loss =", dloss_dw)` names another quantity.

A label is a slip only where it is the name of another known quantity, or says loss of a gradient
(or gradient of a loss); a label in words of its own is not.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from tracer.check_code.code_names import is_gradient, is_loss, role_of, words_of

__all__ = ["Label", "names_stored", "wrong_labels"]

ROUNDING: Final = frozenset(("round", "float", "int", "str", "repr"))
HOLDING: Final = frozenset(("item", "tolist", "numpy", "detach", "cpu", "mean", "copy", "round"))
NAME: Final = re.compile(r"[^\W\d]\w*(?:/[^\W\d]\w*)?\Z")
TAIL: Final = re.compile(r"[\s=::≈→>-]+\Z")
SEPARATORS: Final = re.compile(r"[,;,;|\n\t]|\\[nt]|  ")
LOSS_WORDS: Final = ("loss", "cost", "mse", "损失", "代价")
GRADIENT_WORDS: Final = (
    *("grad", "deriv", "slope", "dloss", "dl/", "w.r.t", "wrt", "∂", "update", "delta"),
    *("梯度", "导数", "偏导", "斜率", "求导", "关于", "更新", "变化"),
    *("'", "′", "∇", "d(", "sensitiv", "change", "jacobian", "partial"),
)
GOES_ON: Final = re.compile(r"\s*[*·×/+−^]")  # `y = {w} * x`: an equation, no label
NO_GRADIENT: Final = re.compile(
    r"gradient\s+(?:descent|ascent|check\w*|clip\w*|step|norm|boost\w*)|梯度(?:下降|上升|检验|检查|法)"
)
SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


class Label(NamedTuple):
    """A label that names another quantity: its word, the quantity shown, and where it stands.

    `row` and `column` are counted as `ast` counts: from 1, and in bytes from 0.
    """

    word: str
    shown: str
    node: ast.expr
    start: int  # characters from the beginning of the node's text


class _Pair(NamedTuple):
    text: str
    node: ast.expr
    shown: str


def wrong_labels(tree: ast.Module, text_of: dict[int, str], before: frozenset[str]) -> list[Label]:
    """Return the labels that are wrong.

    `text_of` has the source of each string by the id of its node; `before` are the quantities that
    code before it computes. A label names a quantity that is known where it is printed: what
    another function computes is none.
    """
    same = _same_quantity(tree)
    counted = _counted(tree)
    found = []
    for node, known in _prints(tree, before | names_stored(tree)):
        for pair in _pairs(node):
            if pair.shown in known and pair.shown not in counted:
                word = _wrong_word(pair, known, same)
                source = text_of.get(id(pair.node), "")
                start = _place(source, word, pair) if word else -1
                if start >= 0:
                    found.append(Label(word, pair.shown, pair.node, start))
    return found


def _prints(scope: ast.AST, known: frozenset[str]) -> Iterator[tuple[ast.Call, frozenset[str]]]:
    """Yield the calls of `print` with the names that are known where they stand."""
    for node in ast.iter_child_nodes(scope):
        if isinstance(node, SCOPES):
            yield from _prints(node, known | names_stored(node))
            continue
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            yield node, known
        yield from _prints(node, known)


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


def _pairs(node: ast.Call) -> Iterator[_Pair]:
    """Yield each text of a print with the name that follows it."""
    for place, (first, second) in enumerate(zip(node.args, node.args[1:], strict=False)):
        if isinstance(first, ast.Constant) and isinstance(first.value, str):
            after = node.args[place + 2 : place + 3]
            several = bool(after) and not isinstance(after[0], (ast.Constant, ast.JoinedStr))
            if (shown := _shown(second)) and not several:
                yield _Pair(first.value, first, shown)
    for item in node.args:
        if isinstance(item, ast.JoinedStr):
            yield from _formatted(item)
        elif isinstance(item, ast.BinOp) and isinstance(item.op, ast.Mod):
            values = item.right.elts if isinstance(item.right, ast.Tuple) else [item.right]
            yield from _filled(item.left, values, r"%[-+ 0#]*\d*(?:\.\d+)?[a-zA-Z]")
        elif (
            isinstance(item, ast.Call)
            and isinstance(item.func, ast.Attribute)
            and item.func.attr == "format"
            and not item.keywords
        ):
            yield from _filled(item.func.value, item.args, r"\{[^{}0-9a-zA-Z]?(?::[^{}]*)?\}")


def _formatted(node: ast.JoinedStr) -> Iterator[_Pair]:
    after: Sequence[ast.expr | None] = (*node.values[2:], None)
    for first, second, third in zip(node.values, node.values[1:], after, strict=False):
        if not isinstance(first, ast.Constant) or not isinstance(second, ast.FormattedValue):
            continue
        goes_on = isinstance(third, ast.Constant) and GOES_ON.match(str(third.value))
        if not goes_on and (shown := _shown(second.value)):
            yield _Pair(str(first.value), node, shown)


def _filled(node: ast.expr, values: list[ast.expr], pattern: str) -> Iterator[_Pair]:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return
    texts = re.split(pattern, node.value)
    if len(texts) == len(values) + 1:
        for text, value, after in zip(texts, values, texts[1:], strict=False):
            if not GOES_ON.match(after) and (shown := _shown(value)):
                yield _Pair(text, node, shown)


def _shown(node: ast.expr) -> str:
    """Return the name of the quantity that is shown, rounded or not; '' where it is none."""
    while True:
        if isinstance(node, ast.Name):
            return node.id
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id not in ROUNDING or not node.args:
                return ""
            node = node.args[0]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr not in HOLDING:
                return ""
            rounded = node.func.attr == "round" and bool(node.args)
            node = node.args[0] if rounded and _is_module(node.func.value) else node.func.value
        else:
            return ""


def _is_module(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id in ("np", "numpy", "torch")


def _wrong_word(pair: _Pair, known: frozenset[str], same: dict[str, set[str]]) -> str:
    """Return the word of a label that names another quantity than the one shown."""
    phrase = SEPARATORS.split(pair.text)[-1]
    marked = TAIL.search(phrase)
    phrase = TAIL.sub("", phrase).strip().lstrip("-*·#•> ")
    if not phrase or marked is None or not re.search(r"[=::]", marked.group()):
        return ""
    word = _named(phrase, known)
    if word not in ("", pair.shown) and not _alike(word, pair.shown, same):
        return phrase
    return _other_class(phrase, pair.shown, known)


def _named(phrase: str, known: frozenset[str]) -> str:
    """Return the quantity that a label names; '' where it is no name."""
    if not NAME.match(phrase):
        return ""
    flat = phrase.replace("/", "_")
    options = [name for name in known if name == flat]
    options = options or [name for name in known if len(flat) > 1 and name.lower() == flat.lower()]
    return options[0] if len(options) == 1 else ""


def _alike(word: str, shown: str, same: dict[str, set[str]]) -> bool:
    """Tell whether a label may stand for the shown quantity all the same."""
    if is_gradient(word) != is_gradient(shown):
        return False
    if shown in same.get(word, ()) or word in same.get(shown, ()):
        return True
    if is_gradient(word):
        return words_of(word) == words_of(shown)
    if shown.startswith(word) or word.startswith(shown):
        return True
    if role_of(word) in ("target", "prediction") and role_of(shown) == "prediction":
        return word in ("y", "Y", "t", "T") or role_of(word) == "prediction"
    if set(words_of(word)) & set(words_of(shown)):
        return True
    return is_loss(word) and is_loss(shown)


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


def _place(source: str, word: str, pair: _Pair) -> int:
    """Return where a word stands in the source of a string, -1 where that is not plain."""
    text = SEPARATORS.split(pair.text)[-1]
    at = source.find(text) if text in source else -1
    inside = text.lower().rfind(word.lower())
    if at < 0 or inside < 0 or source.count(text) > 1:
        at = source.lower().find(word.lower())
        return at if source.lower().count(word.lower()) == 1 else -1
    return at + inside


def _same_quantity(tree: ast.Module) -> dict[str, set[str]]:
    """Return the names that are given each other's values."""
    same: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Name):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    same.setdefault(target.id, set()).add(node.value.id)
    return same


def _counted(tree: ast.Module) -> set[str]:
    """Return the variables of loops."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.comprehension)):
            names.update(item.id for item in ast.walk(node.target) if isinstance(item, ast.Name))
    return names
