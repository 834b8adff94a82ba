"""The table of slips that people make in a backward pass, undone: one change of a statement each.

A row takes a statement and writes it as it would be without the slip, in each way that it can.
Whether that gives the right numbers is for others to find out: a row knows neither values nor
gradients, only which names there are and their shapes.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from tracer.check.model.finding import SlipKind
from tracer.operations import Shape
from tracer.sentences import Sentence, say

__all__ = ["Mutation", "Scope", "mutations"]


class Scope(NamedTuple):
    """What a statement can use: the shapes of arrays and the single numbers, as Python writes
    them, and the shape of what it gives (None: not known).
    """

    arrays: Mapping[str, Shape]
    numbers: Sequence[str]
    shape: Shape | None
    forward: frozenset[str]  # the arrays of the forward pass
    counts: frozenset[str] = frozenset()  # of the numbers, those that count something
    is_halved: bool = False  # the forward pass has a half, which takes a square's 2 away


class Mutation(NamedTuple):
    """A statement without a slip: the slip's kind, what was wrong, and the statement.

    `added` is a statement that belongs below it.
    """

    kind: SlipKind
    words: Sentence
    statement: ast.stmt
    added: ast.stmt | None = None

    def statements(self) -> list[ast.stmt]:
        """Return what stands in the place of the statement."""
        return [self.statement] if self.added is None else [self.statement, self.added]

    def text(self) -> str:
        """Return what stands there, as Python writes it."""
        copies = [ast.fix_missing_locations(copy.deepcopy(item)) for item in self.statements()]
        return "; ".join(map(ast.unparse, copies))


Edit = tuple[SlipKind, Sentence, ast.expr]
Rule = Callable[[ast.expr, Scope], Iterator[Edit]]


def mutations(statement: ast.stmt, scope: Scope, *, unlikely: bool = False) -> list[Mutation]:
    """Return a statement with each change of the table; the unlikely ones are many.

    The shortest come first, and among those of one length what stands higher in the table: the
    simplest statement that gives the right numbers is the most likely to be meant.
    """
    found: dict[str, Mutation | None] = {ast.unparse(statement): None}
    for mutation in _all(statement, scope, unlikely=unlikely):
        found.setdefault(mutation.text(), mutation)
    return sorted(filter(None, found.values()), key=_length)


def _length(mutation: Mutation) -> int:
    """Return how many names, numbers and operations a change leaves; `X.shape[0]` counts once."""

    def count(node: ast.AST) -> int:
        is_size = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        if isinstance(node, ast.Attribute) or is_size:
            return count(node.value)  # type: ignore[attr-defined]
        return isinstance(node, ast.expr) + sum(map(count, ast.iter_child_nodes(node)))

    return sum(map(count, mutation.statements()))


def _all(statement: ast.stmt, scope: Scope, *, unlikely: bool) -> Iterator[Mutation]:
    for statement_rule in () if unlikely else STATEMENT_RULES:
        yield from statement_rule(statement, scope)
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr) and isinstance(value, ast.Call) and value.args:
        value = value.args[-1]  # what np.add.at adds
    if isinstance(value, ast.expr):
        for rule in UNLIKELY_PART_RULES if unlikely else PART_RULES:
            for part in _parts(value):
                for kind, words, new in rule(part, scope):
                    yield Mutation(kind, words, _replaced(statement, part, new))
        for rule in UNLIKELY_WHOLE_RULES if unlikely else WHOLE_RULES:
            for kind, words, new in rule(value, scope):
                yield Mutation(kind, words, _replaced(statement, value, new))
    if not unlikely:
        yield from _rescaled(statement, scope)


def _parts(value: ast.expr) -> list[ast.expr]:
    """Return the parts of an expression that are computed."""
    return [node for node in ast.walk(value) if isinstance(node, ast.expr)]


def _replaced(statement: ast.stmt, part: ast.expr, new: ast.expr) -> ast.stmt:
    """Return a copy of a statement with another expression in the place of a part."""
    memo: dict[int, object] = {id(part): new}
    return copy.deepcopy(statement, memo)


def _parse(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _call(node: ast.expr, *names: str) -> bool:
    """Tell whether an expression calls one of NumPy's reductions."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    )


# Whole statements ---------------------------------------------------------------------------------


def _accumulated(statement: ast.stmt, scope: Scope) -> Iterator[Mutation]:
    """`dW = …` in a loop for `dW += …`, the other way round, and += for -=."""
    if isinstance(statement, ast.AugAssign):
        swaps: dict[type[ast.operator], ast.operator] = {ast.Add: ast.Sub(), ast.Sub: ast.Add()}
        other = swaps.get(type(statement.op))
        if other is not None:
            changed = copy.deepcopy(statement)
            changed.op = other
            yield Mutation("sign_error", say("its sign is wrong"), changed)
        own_target = copy.deepcopy(statement.target)
        yield Mutation(
            "wrong_formula",
            say("it is added to what was there before, and is counted twice"),
            ast.copy_location(ast.Assign([own_target], statement.value), statement),
        )
    elif isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = copy.deepcopy(statement.targets[0])
        if isinstance(target, (ast.Name, ast.Attribute, ast.Subscript)):
            yield Mutation(
                "wrong_formula",
                say("it replaces what other paths or steps gave, and must be added to it"),
                ast.copy_location(ast.AugAssign(target, ast.Add(), statement.value), statement),
            )


def _aliased(statement: ast.stmt, scope: Scope) -> Iterator[Mutation]:
    """`dz = dh` for `dz = dh.copy()`: both are one array, and a change of one changes both."""
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Assign) and isinstance(
        value, (ast.Name, ast.Attribute, ast.Subscript)
    ):
        new = ast.Call(ast.Attribute(copy.deepcopy(value), "copy", ast.Load()), [], [])
        words = say("both names are one array, which is changed in place later")
        yield Mutation("stale_value", words, _replaced(statement, value, new))


def _rescaled(statement: ast.stmt, scope: Scope) -> Iterator[Mutation]:
    """After a change of some entries, `dz[…] -= 1`, the whole array is to be scaled."""
    if not (isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Subscript)):
        return
    whole = copy.deepcopy(statement.target.value)
    if not isinstance(whole, (ast.Name, ast.Attribute, ast.Subscript)):
        return
    whole.ctx = ast.Store()
    for text in _factors(scope):
        new = ast.AugAssign(whole, ast.Div(), _parse(text))
        words = say("the factor 1 / {factor} is missing", factor=text)
        yield Mutation("missing_1_over_n", words, statement, new)


STATEMENT_RULES: Final = (_aliased, _accumulated)

# Parts of the right-hand side ---------------------------------------------------------------------


def _transposed(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A product with a transpose missing, one too many, or its operands exchanged."""
    if not (isinstance(part, ast.BinOp) and isinstance(part.op, ast.MatMult)):
        if _call(part, "dot", "matmul") and isinstance(part, ast.Call):
            method = not isinstance(part.func, ast.Attribute) or (
                ast.unparse(part.func.value) not in ("np", "numpy")
            )
            operands = [part.func.value, *part.args] if method else part.args  # type: ignore[attr-defined]
            if len(operands) == 2:
                product = ast.BinOp(operands[0], ast.MatMult(), operands[1])
                for kind, words, new in _transposed(product, scope):
                    assert isinstance(new, ast.BinOp)
                    changed = copy.deepcopy(part)
                    if method:
                        changed.func.value, changed.args = new.left, [new.right]  # type: ignore[attr-defined]
                    else:
                        changed.args = [new.left, new.right]
                    yield kind, words, changed
        return
    for one, other in ((part.left, part.right), (part.right, part.left)):
        for left in _turned(one, scope):
            for right in _turned(other, scope):
                words = say("a transpose is missing or superfluous, or the operands are swapped")
                yield "transpose_shape", words, ast.BinOp(left, ast.MatMult(), right)


def _turned(node: ast.expr, scope: Scope) -> Iterator[ast.expr]:
    """Yield an operand, and its transpose: of a batch of matrices, that of each."""
    yield node
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield node.value
    elif isinstance(node, ast.Call) and _call(node, "transpose", "swapaxes"):
        yield node.func.value  # type: ignore[attr-defined] # `_call` says that it has one
    elif len(scope.arrays.get(ast.unparse(node), ())) > 2:
        yield _parse(f"{ast.unparse(node)}.swapaxes(-1, -2)")
    else:
        yield ast.Attribute(node, "T", ast.Load())


def _single_transposed(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """An array transposed that should not be, or the other way round."""
    if isinstance(part, (ast.Name, ast.Attribute, ast.BinOp)):
        for new in list(_turned(part, scope))[1:]:
            yield "transpose_shape", say("it is transposed"), new


def _other_axis(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A sum or a mean over another axis, over all, or with its axis kept."""
    if not _call(part, "sum", "mean", "max") or not isinstance(part, ast.Call):
        return
    assert isinstance(part.func, ast.Attribute)
    is_method = ast.unparse(part.func.value) not in ("np", "numpy")
    operands = part.args[: 0 if is_method else 1]
    others = [key for key in part.keywords if key.arg not in ("axis", "keepdims")]
    for axis in ("0", "1", "-1", "2", "(0, 1)", "None"):
        for keepdims in (False, True):
            keywords = [*others]
            if axis != "None":
                keywords.append(ast.keyword("axis", _parse(axis)))
            if keepdims:
                keywords.append(ast.keyword("keepdims", ast.Constant(True)))
            words = (
                say("the sum is over axis {axis}", axis=axis)
                if axis != "None"
                else say("the sum is over all axes")
            )
            yield "wrong_formula", words, ast.Call(part.func, operands, keywords)


def _sum_or_mean(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A sum for a mean, or the other way round."""
    for one, other, words in (
        ("sum", "mean", say("it is a mean, not a sum")),
        ("mean", "sum", say("it is a sum, not a mean")),
    ):
        if _call(part, one):
            new = copy.deepcopy(part)
            new.func.attr = other  # type: ignore[attr-defined]
            yield "missing_1_over_n", words, new


def _summed(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A sum over the samples that is missing, or that is not wanted."""
    if _call(part, "sum", "mean") and isinstance(part, ast.Call):
        assert isinstance(part.func, ast.Attribute)
        is_method = ast.unparse(part.func.value) not in ("np", "numpy")
        whole = part.func.value if is_method else part.args[0]
        yield "wrong_formula", say("nothing is summed here"), whole


def _sign(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A sign: + for -, - for +, a minus too many."""
    words = say("its sign is wrong")
    if isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Add, ast.Sub)):
        other = ast.Sub() if isinstance(part.op, ast.Add) else ast.Add()
        yield "sign_error", words, ast.BinOp(part.left, other, part.right)
        if isinstance(part.op, ast.Sub):
            yield "sign_error", words, ast.BinOp(part.right, ast.Sub(), part.left)
    if isinstance(part, ast.UnaryOp) and isinstance(part.op, ast.USub):
        yield "sign_error", words, part.operand


def _dropped(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A term or a factor too many."""
    if not isinstance(part, ast.BinOp):
        return
    if isinstance(part.op, (ast.Add, ast.Sub)):
        words = say("the term {term} does not belong here", term=ast.unparse(part.right))
        yield "wrong_formula", words, part.left
        if isinstance(part.op, ast.Add):
            words = say("the term {term} does not belong here", term=ast.unparse(part.left))
            yield "wrong_formula", words, part.right
    elif isinstance(part.op, (ast.Mult, ast.Div)):
        if not _is_square_factor(part.right, scope):
            words = say("the factor {factor} does not belong here", factor=_factor(part))
            yield "wrong_formula", words, part.left
        if isinstance(part.op, ast.Mult) and not _is_square_factor(part.left, scope):
            words = say("the factor {factor} does not belong here", factor=ast.unparse(part.left))
            yield "wrong_formula", words, part.right


def _is_square_factor(factor: ast.expr, scope: Scope) -> bool:
    """Tell whether a factor is the 2 of a square, which only a size of 2 makes look too many."""
    is_two = isinstance(factor, ast.Constant) and factor.value == 2
    sizes = {size for shape in scope.arrays.values() for size in shape}
    return is_two and 2 in sizes and not scope.is_halved


def _factor(part: ast.BinOp) -> str:
    text = ast.unparse(part.right)
    return text if isinstance(part.op, ast.Mult) else f"1 / {text}"


def _indexed(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A part of an array, or its entries in another order, where the whole belongs."""
    if isinstance(part, ast.Subscript) and ast.unparse(part.value) in scope.arrays:
        words = say("the term {term} does not belong here", term=f"[{ast.unparse(part.slice)}]")
        yield "wrong_formula", words, part.value


def _other_name(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """Another array of the same shape: the mask of another layer, another step's value."""
    text = ast.unparse(part)
    shape = scope.arrays.get(text)
    if shape is None or not isinstance(part, (ast.Name, ast.Attribute, ast.Subscript)):
        return
    for name, other in scope.arrays.items():
        if other == shape and name != text:
            words = say("{name} belongs here, not {other}", name=name, other=text)
            yield "wrong_substitution", words, _parse(name)


def _other_array(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """Another array, of whatever shape: the mask of another layer, or one for a number."""
    written = [part.id] if isinstance(part, ast.Name) else []
    every = dict.fromkeys((*scope.arrays, *scope.numbers, *written), ())
    yield from _other_name(part, scope._replace(arrays=every))


def _shifted(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """An index that is one off."""
    if isinstance(part, ast.Subscript) and isinstance(part.slice, (ast.Name, ast.BinOp)):
        for step in (-1, 1):
            index = _moved(part.slice, step)
            words = say("the index is one off")
            yield "wrong_substitution", words, ast.Subscript(part.value, index, ast.Load())
        if isinstance(part.slice, ast.BinOp):
            words = say("the index is one off")
            new_part = ast.Subscript(part.value, part.slice.left, ast.Load())
            yield "wrong_substitution", words, new_part


def _moved(index: ast.expr, step: int) -> ast.expr:
    """Return an index with a step added to its number: t for t + 1 - 1."""
    if isinstance(index, ast.BinOp) and isinstance(index.op, (ast.Add, ast.Sub)):
        number = index.right.value if isinstance(index.right, ast.Constant) else None
        if isinstance(number, int):
            step += number if isinstance(index.op, ast.Add) else -number
            index = index.left
    if not step:
        return index
    operator = ast.Add() if step > 0 else ast.Sub()
    return ast.BinOp(index, operator, ast.Constant(abs(step)))


def _renamed(whole: ast.expr, scope: Scope) -> Iterator[Edit]:
    """Another array wherever one stands: z * (1 - z) for a * (1 - a)."""
    texts = [ast.unparse(part) for part in _parts(whole)]
    for text in dict.fromkeys(texts):
        if texts.count(text) < 2 or text not in scope.arrays:
            continue
        for name, other in scope.arrays.items():
            if other == scope.arrays[text] and name != text:
                parts = [part for part in _parts(whole) if ast.unparse(part) == text]
                memo: dict[int, object] = {id(part): _parse(name) for part in parts}
                words = say("{name} belongs here, not {other}", name=name, other=text)
                yield "wrong_substitution", words, copy.deepcopy(whole, memo)


def _term_scaled(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A factor 2 or a count that is missing in one term: that of a penalty."""
    if not (isinstance(part, ast.BinOp) and isinstance(part.op, (ast.Add, ast.Sub))):
        return
    for text in dict.fromkeys(("2", *scope.numbers)):
        factor = _parse(text)
        kind = _kind_of_factor(text, scope)
        for side in (part.right, part.left):
            for operator, words in (
                (ast.Mult(), say("the factor {factor} is missing", factor=text)),
                (ast.Div(), say("the factor 1 / {factor} is missing", factor=text)),
            ):
                new = ast.BinOp(factor, operator, side)
                if isinstance(operator, ast.Div):
                    new = ast.BinOp(side, operator, factor)
                left, right = (new, part.right) if side is part.left else (part.left, new)
                yield kind, words, ast.BinOp(left, part.op, right)


def _power(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A square that is missing or too many, another exponent, another number."""
    if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Pow):
        yield "wrong_formula", say("the power does not belong here"), part.left
        if isinstance(part.right, ast.Constant) and isinstance(part.right.value, (int, float)):
            for step in (-1, 1, 2):
                new = ast.BinOp(part.left, ast.Pow(), ast.Constant(part.right.value + step))
                yield "wrong_formula", say("the exponent is wrong"), new
    elif isinstance(part, ast.Subscript) or ast.unparse(part) in scope.arrays:
        new = ast.BinOp(part, ast.Pow(), ast.Constant(2))
        yield "wrong_formula", say("its square belongs here"), new
    elif isinstance(part, ast.Constant) and isinstance(part.value, (int, float)):
        for value in (-part.value, 2 * part.value, part.value / 2, part.value + 1, part.value - 1):
            yield "wrong_formula", say("the number is wrong"), _parse(repr(value))


def _kind_of_factor(text: str, scope: Scope) -> SlipKind:
    """Return the kind of slip that leaves out a factor: 2, a count or a scale, or a quantity."""
    if text in ("2", "0.5"):
        return "missing_factor_2"
    is_quantity = text in scope.numbers and text not in scope.counts
    return "wrong_formula" if is_quantity else "missing_1_over_n"


def _factors(scope: Scope) -> Iterator[str]:
    """Yield the counts and scales that factors are made of: n, the size of an axis, its root."""
    sizes = [
        f"{name}.shape[{axis}]"
        for name, shape in scope.arrays.items()
        for axis in range(len(shape))
    ]
    roots = [f"np.sqrt({text})" for text in (*scope.numbers, *sizes)]
    yield from (*scope.numbers, *sizes, *roots)


def _scaled(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A factor that is missing: 1/n of a mean, the scale of attention, a sign."""
    yield "sign_error", say("its sign is wrong"), ast.UnaryOp(ast.USub(), part)
    has_two = any(isinstance(item, ast.Constant) and item.value == 2 for item in _parts(part))
    # Where a size is 2 too, a 2 that stands there already is not the one that is missing.
    sizes = dict.fromkeys(_factors(scope))
    for text in (*sizes, "2") if has_two else ("2", *sizes):
        for operator, words in (
            (ast.Div(), say("the factor 1 / {factor} is missing", factor=text)),
            (ast.Mult(), say("the factor {factor} is missing", factor=text)),
        ):
            kind = _kind_of_factor(text, scope)
            yield kind, words, ast.BinOp(part, operator, _parse(text))


LOCAL: Final = ("({0} > 0)", "(1 - {0} ** 2)", "{0} * (1 - {0})", "{0}", "(1 - {0})", "1 / {0}")
"""Derivatives of the usual functions, by their argument or by their result."""


def _masked(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """The derivative of a function on the way is missing: a ReLU's mask, that of tanh."""
    for name, shape in scope.arrays.items():
        if scope.shape is not None and not _fits(shape, scope.shape):
            continue
        for local in LOCAL:
            text = local.format(name)
            words = say("the factor {factor} is missing", factor=text)
            yield "wrong_formula", words, ast.BinOp(part, ast.Mult(), _parse(text))


def _softmax(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """The derivative of softmax, whose outputs depend on every input: not p * (1 - p)."""
    used = [text for node in _parts(part) if (text := ast.unparse(node)) in scope.arrays]
    for p in dict.fromkeys(used):
        for g in dict.fromkeys(used):
            if g != p and scope.arrays[g] == scope.arrays[p]:
                new = _parse(f"{p} * ({g} - ({g} * {p}).sum(axis=-1, keepdims=True))")
                yield "wrong_formula", say("each output of softmax depends on every input"), new


def _added(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A term is missing: the gradient of another path."""
    for name, shape in scope.arrays.items():
        if scope.shape is not None and not _fits(shape, scope.shape):
            continue
        scales = ["", *(f" / {number}" for number in scope.numbers)]
        for scale in scales:
            text = f"{name}{scale}"
            words = say("the term {term} is missing", term=text)
            yield "wrong_formula", words, ast.BinOp(part, ast.Add(), _parse(text))
            yield "wrong_formula", words, ast.BinOp(part, ast.Sub(), _parse(text))


def _fits(shape: Shape, whole: Shape) -> bool:
    """Tell whether an array can be added to one of another shape without making it larger."""
    return len(shape) <= len(whole) and all(
        size in (1, other) for size, other in zip(shape[::-1], whole[::-1], strict=False)
    )


def _with_columns(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """A broadcast along the wrong axis: an axis is to be added."""
    text = ast.unparse(part)
    shape = scope.arrays.get(text)
    if shape is not None and len(shape) == 1:
        yield "transpose_shape", say("an axis is missing"), _parse(f"{text}[:, None]")
    if isinstance(part, ast.Call) and _call(part, "sum", "mean"):
        new = _parse(f"{text}[:, None]")
        yield "transpose_shape", say("an axis is missing"), new


def _derivative_of(part: ast.expr, scope: Scope) -> Iterator[Edit]:
    """`1 - h` for `1 - h**2`, `x > 0` of another sign."""
    if isinstance(part, ast.Compare) and len(part.ops) == 1:
        swaps: dict[type[ast.cmpop], ast.cmpop] = {
            **{ast.Gt: ast.Lt(), ast.Lt: ast.Gt(), ast.GtE: ast.LtE(), ast.LtE: ast.GtE()}
        }
        other = swaps.get(type(part.ops[0]))
        if other is not None:
            new = ast.Compare(part.left, [other], part.comparators)
            yield "wrong_formula", say("the comparison is the wrong way round"), new


PART_RULES: Final[tuple[Rule, ...]] = (
    _transposed,
    _other_axis,
    _sum_or_mean,
    _sign,
    _shifted,
    _dropped,
    _indexed,
    _other_name,
)
WHOLE_RULES: Final[tuple[Rule, ...]] = (_scaled, _softmax, _renamed)
UNLIKELY_PART_RULES: Final[tuple[Rule, ...]] = (
    _other_array,
    _summed,
    _power,
    _derivative_of,
    _with_columns,
    _single_transposed,
    _term_scaled,
)
UNLIKELY_WHOLE_RULES: Final[tuple[Rule, ...]] = (_added, _masked)
