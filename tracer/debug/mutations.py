"""The table of slips that people make in a backward pass, undone: one change of a statement each.

A row says how a part of a statement is written where the slip is, and what belongs there. Whether
that gives the right numbers is for others to find out: a row knows neither values nor gradients,
only which names there are and their shapes.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import combinations, permutations, product
from typing import Any, Final, NamedTuple

from tracer.check.model.finding import SlipKind
from tracer.operations import Shape
from tracer.sentences import Sentence, say


class Scope(NamedTuple):
    """What a statement can use: the shapes of arrays and the single numbers, as Python writes
    them, and the shape of what it gives (None: not known).
    """

    arrays: Mapping[str, Shape]
    numbers: Sequence[str]
    shape: Shape | None
    counts: frozenset[str] = frozenset()  # names of numbers that count something
    written: Sequence[str] = ()  # numbers between 0 and 1 that the code itself writes
    turns: Sequence[str] = ()  # loop variables
    unused: Collection[str] = ()  # arrays of which no gradient is made
    has_roots: bool = True  # the code takes the root of something


class Mutation(NamedTuple):
    """A statement without a slip: the slip's kind, what was wrong, and what stands in its place.

    `below` is the line below which the statement belongs, unchanged; None: it stays where it is.
    """

    kind: SlipKind
    words: Sentence
    statement: ast.stmt
    statements: Sequence[ast.stmt]
    below: int | None = None

    @property
    def text(self) -> str:
        """The corrected statement as Python code."""
        every = self.statements if self.below is None else [self.statement]
        return "; ".join(map(ast.unparse, every))

    @property
    def factor(self) -> str:
        """The factor that it says is missing: 2 also where 1 / 2 does not belong; '' for none."""
        text, template = str(self.words.slots.get("factor", "")), self.words.template
        if template == MISSING[1][1].template:
            return text
        if template == SUPERFLUOUS.template and text.startswith("1 / "):
            return text.removeprefix("1 / ")
        is_divisor = template in (SUPERFLUOUS.template, MISSING[0][1].template)
        return f"1 / {text}" if is_divisor else ""

    def is_other_factor(self, found: Mutation) -> bool:
        """Tell whether it changes another factor than a change does; sizes have many names."""
        is_one_way = self.factor.startswith("1 / ") == found.factor.startswith("1 / ")
        is_size = is_one_way and ".shape" in self.factor
        return "" not in (self.factor, found.factor) and self.factor != found.factor and not is_size


class SlipRow(NamedTuple):
    """A slip: how it is written, what belongs there, its kind and what is said of it.

    Capital letters stand for expressions, which `CLASSES` may restrict; with `_T` for what they are
    transposed. Words of `RANGES` stand for each of what a statement can use. Slots of `words` are
    written in the same way. Where `kind` is None, it is that of the missing factor.
    """

    kind: SlipKind | None
    words: Sentence
    wrong: str
    right: str


Edit = tuple[SlipKind, Sentence, str]  # the text of what belongs there


def mutations(
    statement: ast.stmt, scope: Scope, *, unlikely: bool = False, only: SlipKind | None = None
) -> list[Mutation]:
    """Return a statement with each change of the table, or of one kind; the unlikely ones are many.

    The shortest come first, and among those of one length what stands higher in the table: the
    simplest statement that gives the right numbers is the most likely to be meant.
    """
    own = ast.unparse(statement)
    by_text: dict[str, Mutation] = {}
    for mutation in _all_changes(statement, scope, unlikely=unlikely, only=only):
        by_text.setdefault(mutation.text, mutation)
    by_text.pop(own, None)
    return [
        by_text[text]
        for text in sorted(by_text, key=lambda text: _length_of_change(by_text[text], text, own))
    ]


def _length_of_change(mutation: Mutation, text: str, own: str) -> tuple[int, int, int]:
    """Return how many names, numbers and operations a change leaves; `X.shape[0]` counts once.

    Of two of one length the one comes first that brings fewer words which were not there, then the
    one that reads fewer entries and attributes. `text` is the change's, `own` the statement's.
    """
    text = re.sub(r"\.shape\[-?\d\]", "", text)
    words, old = ({*re.findall(r"[^\W\d]\w*", each)} for each in (text, own))
    is_two = mutation.words.slots.get("factor") == "2" and re.search(
        r"(?<!\*)\* 2\b|(?<![\w.])2 \*(?!\*)", own
    )
    extra = EXTRA_LENGTH.get(mutation.words.template, 0) if is_two else 0
    length = sum(map(_count_names, mutation.statements)) + extra
    return length, len(words - old), text.count(".") + text.count("[")


@lru_cache(maxsize=4096)  # changes of one statement have most parts in common
def _count_names(node: ast.AST) -> int:
    is_size = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
    if isinstance(node, ast.Attribute) or is_size:
        return _count_names(node.value)  # type: ignore[attr-defined]
    return isinstance(node, ast.expr) + sum(map(_count_names, ast.iter_child_nodes(node)))


def _all_changes(
    statement: ast.stmt, scope: Scope, *, unlikely: bool, only: SlipKind | None
) -> Iterator[Mutation]:
    """Yield every change that is Python."""

    @cache
    def shared(node: ast.AST) -> dict[int, object]:
        """Return the parts of the statement that a change of one of them leaves as they are."""
        return {id(each): each for each in ast.walk(statement) if node not in ast.walk(each)}

    for node, edits in _changes_at_nodes(statement, scope, unlikely=unlikely, only=only):
        for kind, words, text in edits:
            try:
                is_whole = node is statement
                memo = {} if is_whole else shared(node) | {id(node): _shared_tree(text)}
                body = ast.parse(text).body if is_whole else [copy.deepcopy(statement, memo)]
            except SyntaxError:
                continue  # an index in the place of a number, a tuple in that of a name
            yield Mutation(kind, words, statement, body)


def _changes_at_nodes(
    statement: ast.stmt, scope: Scope, *, unlikely: bool, only: SlipKind | None
) -> Iterator[tuple[ast.AST, Iterable[Edit]]]:
    """Yield the nodes of a statement, each with what may stand in its place."""
    value = getattr(statement, "value", None)
    if isinstance(statement, ast.Expr) and isinstance(value, ast.Call) and value.args:
        value = value.args[-1]  # what np.add.at adds
    if not isinstance(value, ast.expr):
        return
    places_read = [value, *(each.slice for each in _assigned_entries(statement))]
    nodes = [node for each in places_read for node in ast.walk(each)]
    steps = [each.step for each in nodes if isinstance(each, ast.Slice)]  # a sign is a direction
    parts = [node for node in nodes if isinstance(node, ast.expr) and node not in steps]
    tables: Sequence[Sequence[SlipRow]] = UNLIKELY_ROWS if unlikely else ROWS
    wholes = value.elts if isinstance(value, ast.Tuple) else [value]
    places: tuple[list[ast.AST], ...] = ([statement], [*parts], [*wholes])
    for rows, nodes in zip(tables, places, strict=True):
        chosen_rows = [row for row in rows if only in (None, row.kind)]
        yield from (
            (node, _rewrite_parts(row, node, scope)) for row in chosen_rows for node in nodes
        )
    if unlikely and not only:
        yield from ((node, _exchange_operands(node)) for node in parts)
    elif not only:
        yield value, _exchange_arrays(value, parts, scope)


def _assigned_entries(statement: ast.stmt) -> list[ast.Subscript]:
    """Return the entries that an assignment gives values."""
    targets = getattr(statement, "targets", None) or [getattr(statement, "target", None)]
    return [target for target in targets if isinstance(target, ast.Subscript)]


# How a row is applied -----------------------------------------------------------------------------


def _rewrite_parts(row: SlipRow, node: ast.AST, scope: Scope) -> Iterator[Edit]:
    """Yield what belongs in the place of a node, where it is written as a row says."""
    bindings: dict[str, str] = {}
    if not _matches(_shared_tree(row.wrong), node, bindings, scope):
        return
    ranges = [word for word in RANGES if re.search(rf"\b{word}\b", row.right)]
    turned = {
        f"{key}_T": _transpose(bindings[key], scope) for key in bindings if f"{key}_T" in row.right
    }
    for chosen in product(*(RANGES[word](scope, bindings) for word in ranges)):
        texts = bindings | turned | dict(zip(ranges, chosen, strict=True))
        slots = {key: _slot_text(str(slot), texts) for key, slot in row.words.slots.items()}
        if "/ {factor}" in row.words.template and isinstance(
            _shared_tree(slots["factor"]), ast.BinOp
        ):
            slots["factor"] = f"({slots['factor']})"
        kind = row.kind or _kind_of_factor(chosen[0], scope)
        yield kind, Sentence(row.words.template, slots), _fill_template(row.right, texts, "({})")


def _slot_text(slot: str, texts: Mapping[str, str]) -> str:
    """Return what stands in a sentence: of a product or a quotient with the brackets it needs."""
    if " * " in slot or " / " in slot:
        return ast.unparse(ast.parse(_fill_template(slot, texts, "({})"), mode="eval"))
    return _fill_template(slot, texts, "{}")


def _tree(text: str) -> ast.AST:
    """Return an expression, a statement, or of an index in brackets what stands in them."""
    if text.startswith("["):
        return ast.parse(f"_{text}", mode="eval").body.slice  # type: ignore[attr-defined, no-any-return]
    [statement] = ast.parse(text).body
    return statement.value if isinstance(statement, ast.Expr) else statement


_shared_tree: Final = lru_cache(maxsize=4096)(_tree)  # the trees are shared: nobody changes them
_written: Final = lru_cache(maxsize=4096)(ast.unparse)  # each row asks it of each part


def _matches(pattern: Any, node: Any, found: dict[str, str], scope: Scope) -> bool:
    """Tell whether a node is written like a pattern, and note what its letters stand for."""
    if isinstance(pattern, ast.Name) and pattern.id.isupper():
        # A slice may have no end.
        if node is None or (pattern.id in CLASSES and not CLASSES[pattern.id](node, scope)):
            return False
        text = _written(node)[1:-1] if isinstance(node, ast.Tuple) else _written(node)
        return found.setdefault(pattern.id, text) == text
    if isinstance(pattern, list):
        pairs = zip(pattern, node, strict=False)
        return len(pattern) == len(node) and all(_matches(*pair, found, scope) for pair in pairs)
    if not isinstance(pattern, ast.AST):
        return bool(pattern == node)
    return type(pattern) is type(node) and all(
        _matches(getattr(pattern, name), getattr(node, name, None), found, scope)
        for name in reversed(pattern._fields)  # names and counts, which differ most, come last
        if name != "ctx"
    )


def _fill_template(template: str, texts: Mapping[str, str], form: str) -> str:
    """Return a template with texts in the place of its letters and words; `form` holds a text."""
    return re.sub(
        r"(\[?)\b([A-Za-z_]+)\b",
        lambda match: (
            match[0]
            if match[2] not in texts
            else f"[{texts[match[2]]}"  # an index may be `:, 0`
            if match[1]
            else form.format(texts[match[2]])
        ),
        template,
    )


def _transpose(text: str, scope: Scope) -> str:
    """Return an operand transposed: of a batch of matrices, each."""
    match ast.parse(text, mode="eval").body:
        case ast.Attribute(value, "T") | ast.Call(ast.Attribute(value, "transpose" | "swapaxes")):
            return ast.unparse(value)
    is_batch = len(scope.arrays.get(text, ())) > 2
    return f"({text}).swapaxes(-1, -2)" if is_batch else f"({text}).T"


def _kind_of_factor(text: str, scope: Scope) -> SlipKind:
    """Return the kind of slip that leaves out a factor: 2, a count or a scale, or a quantity."""
    if text in ("2", "0.5"):
        return "missing_factor_2"
    parts = text.split(" * ")
    is_count = all(
        part in scope.counts or re.fullmatch(r"[\w.]+\.shape\[\d\]", part) for part in parts
    )
    return "missing_1_over_n" if is_count else "wrong_formula"


CLASSES: Final[Mapping[str, Callable[[Any, Scope], bool]]] = {
    # A name, or a calculation that ends with no number: of an index.
    "I": lambda node, _: (
        isinstance(node, (ast.Name, ast.BinOp, ast.UnaryOp))
        and not isinstance(getattr(node, "operand", node), ast.Constant)
        and not isinstance(getattr(node, "right", node), ast.Constant)
    ),
    "K": lambda node, scope: _written(node) in scope.arrays,
    "N": lambda node, _: isinstance(node, ast.Constant) and type(node.value) in (int, float),
    "V": lambda node, scope: (
        isinstance(node, ast.Name) or _written(node) in {*scope.arrays, *scope.numbers}
    ),
}


# What the words of a row range over ---------------------------------------------------------------


def _possible_factors(scope: Scope, found: Mapping[str, str]) -> list[str]:
    """Return what factors are made of: 2, n, the size of an axis, its root where code has any."""
    sizes = [
        f"{name}.shape[{axis}]"
        for name, shape in scope.arrays.items()
        for axis in range(len(shape))
    ]
    roots = [f"np.sqrt({text})" for text in (*scope.numbers, *sizes) if scope.has_roots]
    every = dict.fromkeys((*scope.numbers, *sizes, *roots))
    # Where a size is 2 too, a 2 that stands there already is not the one that is missing.
    has_two = re.search(r"(?<![\w.])2(?![\w.])", found.get("A", ""))
    return [*every, "2"] if has_two else ["2", *every]


def _addable_arrays(scope: Scope, _: Mapping[str, str]) -> list[str]:
    """Return the arrays that can be added to what a statement gives without making it larger."""
    whole = scope.shape
    return [
        name
        for name, shape in scope.arrays.items()
        if whole is None
        or (
            len(shape) <= len(whole)
            and all(size in (1, to) for size, to in zip(shape[::-1], whole[::-1], strict=False))
        )
    ]


def _fitting_products(scope: Scope, _: Mapping[str, str]) -> list[str]:
    """Return the products of two arrays that have the shape of what a statement gives."""
    names = _addable_arrays(scope, {})
    pairs = [
        *(f"{one} * {other}" for one, other in combinations(names, 2)),
        *(f"{one} * (1 - {other})" for one, other in permutations(names, 2)),
    ]
    matrices = {name: shape for name, shape in scope.arrays.items() if len(shape) > 1}
    matrices |= {
        f"{name}.T" if len(shape) == 2 else f"{name}.swapaxes(-1, -2)": (
            *shape[:-2],
            *shape[:-3:-1],
        )
        for name, shape in matrices.items()
    }
    pairs += [
        f"{one} @ {other}"
        for (one, (*lead, rows, inner)), (other, (*own, first, last)) in product(
            matrices.items(), repeat=2
        )
        if inner == first and own in ([], lead) and (*lead, rows, last) == scope.shape
    ]
    of_samples = (  # summed over samples and steps
        f"np.einsum('{axes}i,{axes}j->ij', {one}, {other})"
        for (one, (*lead, rows)), (other, (*own, last)) in permutations(scope.arrays.items(), 2)
        for axes in ["abcd"[: len(lead)]]
        if len(axes) > 1 and own == lead and (rows, last) == scope.shape
    )
    return [*pairs, *of_samples]


def _arrays_of_shape(scope: Scope, found: Mapping[str, str]) -> list[str]:
    """Return the arrays of the shape of one."""
    own = found["K"]
    return [
        name for name, each in scope.arrays.items() if each == scope.arrays[own] and name != own
    ]


def _nearby_numbers(_: Scope, found: Mapping[str, str]) -> list[str]:
    """Return other numbers than one: of another sign, twice and half as large, one off."""
    number = ast.literal_eval(found["N"])
    return list(map(repr, (-number, 2 * number, number / 2, number + 1, number - 1)))


RANGES: Final[Mapping[str, Callable[[Scope, Mapping[str, str]], Sequence[str]]]] = {
    "factor": _possible_factors,
    "area": lambda scope, _: [
        f"{one} * {other}"
        for sizes in (
            sorted(scope.counts),
            *(
                [f"{name}.shape[{axis}]" for axis in range(len(shape))]
                for name, shape in scope.arrays.items()
            ),
        )
        for one, other in combinations(sizes, 2)
    ],
    "number": lambda scope, _: scope.written,
    "scale": lambda scope, _: scope.numbers,
    "turn": lambda scope, _: scope.turns,
    "same": _arrays_of_shape,
    "widened": lambda scope, _: [
        f"{name}[{':, ' * axis}None]" if axis < len(shape) else f"{name}[..., None]"
        for name, shape in scope.arrays.items()
        for axis in range(1, len(scope.shape or ()))
        if scope.shape and shape == (*scope.shape[:axis], *scope.shape[axis + 1 :])
    ],
    "other": lambda scope, _: [*scope.arrays, *scope.numbers],
    "fitting": _addable_arrays,
    "unused": lambda scope, found: [
        name for name in _arrays_of_shape(scope, found) if name in scope.unused
    ],
    "used": lambda scope, found: [name for name in scope.arrays if name in found["A"]],
    "mate": lambda scope, found: [name for name in scope.arrays if name in found["A"]],
    "near": _nearby_numbers,
    "axes": lambda _, __: ("0", "1", "-1", "2", "0, 1"),
    "following": lambda _, found: [repr(ast.literal_eval(found["N"]) + 1)],
    "product": _fitting_products,
}


# The table ----------------------------------------------------------------------------------------

SIGN: Final = say("its sign is wrong")
TWICE: Final = say("it is added to what was there before, and is counted twice")
REPLACED: Final = say("it replaces what other paths or steps gave, and must be added to it")
ONE_ARRAY: Final = say("both names are one array, which is changed in place later")
TRANSPOSED: Final = say("a transpose is missing or superfluous, or the operands are swapped")
REPEATED: Final = say("where an index occurs twice, only one of its values is added")
DIVIDED: Final = say("{factor} is a divisor here", factor="B")
MULTIPLIED: Final = say("{factor} is a factor here, not a divisor", factor="B")
ONE_OFF: Final = say("the index is off by one")
COMPARISON: Final = say("the comparison is the wrong way round")
SUPERFLUOUS: Final = say("the factor {factor} does not belong here", factor="factor")

MISSING: Final = (
    ("/", say("the factor 1 / {factor} is missing", factor="factor")),
    ("*", say("the factor {factor} is missing", factor="factor")),
)

MISSING_AREA: Final = ("/", Sentence(MISSING[0][1].template, {"factor": "area"}))

# A 2 that stands there is seldom too many: it is left out after a size is missed, not its root.
EXTRA_LENGTH: Final = {SUPERFLUOUS.template: 5, MISSING[0][1].template: 2}

STATEMENT_ROWS: Final = (
    SlipRow("stale_value", ONE_ARRAY, "A = V", "A = V.copy()"),
    SlipRow("sign_error", SIGN, "A += B", "A -= B"),
    SlipRow("sign_error", SIGN, "A -= B", "A += B"),
    SlipRow("wrong_formula", DIVIDED, "A *= B", "A /= B"),
    SlipRow("wrong_formula", MULTIPLIED, "A /= B", "A *= B"),
    *(
        SlipRow("wrong_formula", Sentence(SUPERFLUOUS.template, {"factor": factor}), *texts)
        for factor, *texts in (("B", "A *= B", "A *= 1"), ("1 / B", "A /= B", "A /= 1"))
    ),
    SlipRow("wrong_formula", REPEATED, "A[B] += C", "np.add.at(A, B, C)"),
    SlipRow("wrong_formula", REPEATED, "A[B] -= C", "np.add.at(A, B, -C)"),
    SlipRow("wrong_formula", TWICE, "A += B", "A = B"),
    SlipRow("wrong_formula", TWICE, "A -= B", "A = B"),
    SlipRow("wrong_formula", REPLACED, "A = B", "A += B"),
    *(
        SlipRow(None, MISSING[0][1], f"A[B] {sign} C", f"A[B] {sign} C; A /= factor")
        for sign in ("-=", "+=")
    ),
)
"""Changes of whole statements; the last after a change of some entries, `dz[…] -= 1`."""

REDUCTIONS: Final = [
    (name, settings, form)
    for name in ("sum", "mean", "max")
    for settings in ("", "axis=B", "axis=B, keepdims=C", "B", "B, keepdims=C")
    for form in ("A.{}({})", "np.{}(A, {})")
]
REDUCTION_ROWS: Final = (
    *(
        SlipRow("wrong_formula", words, form.format(name, settings), form.format(name, new))
        for name, settings, form in REDUCTIONS
        for words, new in (
            (say("the axis must be {axis}", axis="axes"), "axis=axes"),
            (say("the axis must be {axis}", axis="axes"), "axis=axes, keepdims=True"),
            (say("no axis belongs here"), ""),
            (say("no axis belongs here"), "keepdims=True"),
        )
    ),
    *(
        SlipRow(
            "missing_1_over_n",
            say("{name} belongs here, not {other}", name=new, other=name),
            form.format(name, settings),
            form.format(new, settings),
        )
        for name, settings, form in REDUCTIONS
        for new in {"sum", "mean"} - {name}
        if name != "max"
    ),
)
"""A sum or a mean as the other one, over other axes, or with its axis kept."""

PART_ROWS: Final = (
    *(
        SlipRow("transpose_shape", TRANSPOSED, form.format("A", "B"), form.format(*operands))
        for form in ("{} @ {}", "np.dot({}, {})", "np.matmul({}, {})", "{}.dot({})")
        for one, other in (("A", "B"), ("B", "A"))
        for operands in product((one, f"{one}_T"), (other, f"{other}_T"))
    ),
    *(
        SlipRow(
            "sign_error",
            say("{name} belongs here, not {other}", name=right, other=written),
            written,
            right,
        )
        for written, right in (("A + B", "A - B"), ("A - B", "A + B"), ("A - B", "B - A"))
    ),
    SlipRow("sign_error", SIGN, "-A", "A"),
    *(
        SlipRow("wrong_substitution", ONE_OFF, f"A[{wrong}]", f"A[{right}]")
        for wrong, right in (
            *(("I", "I - 1"), ("I", "I + 1"), ("B + N", "B"), ("B - N", "B")),
            *(("B + N", "B + following"), ("B - N", "B - following")),
        )
    ),
    *(
        SlipRow("wrong_formula", say("the term {term} does not belong here", term=term), *texts)
        for term, *texts in (
            *(("B", "A + B", "A"), ("A", "A + B", "B"), ("B", "A - B", "A")),
            ("[B]", "A[B]", "A"),
        )
    ),
    *(
        SlipRow("wrong_formula", Sentence(SUPERFLUOUS.template, {"factor": factor}), *texts)
        for factor, *texts in (
            *(("B", "A * B", "A"), ("A", "A * B", "B"), ("1 / B", "A / B", "A")),
            ("B * C", "A * B * C", "A"),
        )
    ),
    SlipRow(
        "wrong_substitution",
        say("{name} belongs here, not {other}", name="same", other="K"),
        "K",
        "same",
    ),
    SlipRow(
        "wrong_formula", say("the term {term} is missing", term="unused"), "K", "K + unused"
    ),
    *REDUCTION_ROWS,
)  # fmt: skip
"""Changes of each part of what a statement computes."""

LOCAL: Final = (
    *("(fitting > 0)", "(1 - fitting ** 2)", "fitting * (1 - fitting)", "fitting"),
    *("(1 - fitting)", "1 / fitting", "widened"),
    *("np.exp(fitting)", "np.exp(-fitting)", "np.cos(fitting)", "np.sign(fitting)"),
)
"""Derivatives of the usual functions, by their argument or by their result."""

WHOLE_ROWS: Final = (
    SlipRow("sign_error", SIGN, "A", "-A"),
    *(SlipRow(None, words, "A", f"A {sign} factor") for sign, words in MISSING),
    SlipRow(
        "wrong_formula",
        say("each output of softmax depends on every input"),
        "A",
        "used * (mate - (mate * used).sum(axis=-1, keepdims=True))",
    ),
    SlipRow(
        "wrong_formula",
        say("each entry of a vector divided by its length depends on every input"),
        "A / B",
        "(A - fitting * (fitting * A).sum(axis=-1, keepdims=True)) / B",
    ),
)
"""Changes of all that a statement computes."""

UNLIKELY_STATEMENT_ROWS: Final = (
    SlipRow(
        "wrong_formula",
        say("the factor {factor} is missing", factor="number"),
        "A[B] = N",
        "A[B] *= number",
    ),
)

UNLIKELY_PART_ROWS: Final = (
    SlipRow(
        "wrong_substitution",
        say("{name} belongs here, not {other}", name="other", other="V"),
        "V",
        "other",
    ),
    *(
        SlipRow(
            "wrong_substitution",
            say("{name} belongs here, not {other}", name=right, other=wrong),
            f"A[:, {wrong}]",
            f"A[:, {right}]",
        )
        for wrong, right in ((":B", "-B:"), (":B", "B:"), ("B:", ":B"))
    ),
    *(
        SlipRow(
            "wrong_substitution",
            say("{name} belongs here, not {other}", name=right, other=wrong),
            wrong,
            right,
        )
        for wrong, right in (
            ("[:B]", "[turn:turn + B]"),
            ("[:B]", "[other]"),
            ("[A:A + B]", "[turn:turn + B]"),
            ("[A:A + B]", "[:B]"),
        )
    ),
    *(
        SlipRow(
            "wrong_formula",
            say("{name} belongs here, not {other}", name=right, other=wrong),
            f"A.{wrong}()",
            f"A.{right}()",
        )
        for wrong, right in permutations(("argmin", "argmax"))
    ),
    SlipRow(
        "wrong_formula",
        say("{name} belongs here, not {other}", name="1 - K", other="K"),
        "K",
        "1 - K",
    ),
    SlipRow("wrong_formula", DIVIDED, "A * B", "A / B"),
    SlipRow("wrong_formula", MULTIPLIED, "A / B", "A * B"),
    SlipRow("wrong_formula", say("the power does not belong here"), "A ** B", "A"),
    SlipRow("wrong_formula", say("the exponent is wrong"), "A ** N", "A ** near"),
    SlipRow("wrong_formula", say("its square belongs here"), "K", "K ** 2"),
    SlipRow("wrong_formula", say("its square belongs here"), "A / B", "A / B ** 2"),
    SlipRow(
        "wrong_substitution",
        say("{name} belongs here, not {other}", name="other[:, None]", other="N"),
        "A / N",
        "A / other[:, None]",
    ),
    SlipRow("wrong_formula", say("only its sign belongs here"), "K", "np.sign(K)"),
    SlipRow(
        "wrong_formula",
        say("the exponent applies to {term} alone", term="B"),
        "(A - B) ** N",
        "A - B ** N",
    ),
    *(
        SlipRow(
            "wrong_formula",
            say("the term {term} is missing", term=f"A.mean({axis})"),
            "A - B",
            f"A - A.mean({axis}) - B",
        )
        for axis in ("axis=0", "axis=-1, keepdims=True")
    ),
    *(
        SlipRow(
            "transpose_shape",
            say("the axes must be swapped first"),
            "A.reshape(B, C)",
            f"A.transpose({axes}).reshape(B, C)",
        )
        for axes in ("0, 2, 3, 1", "0, 3, 1, 2", "1, 0, 2, 3", "0, 2, 1")
    ),
    SlipRow(
        "transpose_shape",
        say("it must be split along other axes, which are swapped afterwards"),
        "A.reshape(B, C, D, E)",
        "A.reshape(B, D, C, E).swapaxes(1, 2)",
    ),
    SlipRow(
        "wrong_substitution",
        say("its entry for this pass of the loop belongs here"),
        "K",
        "K[turn]",
    ),
    SlipRow(
        "wrong_formula",
        say("the factor {factor} is missing", factor="following"),
        "A ** N",
        "following * A ** N",
    ),
    *(
        SlipRow("wrong_formula", say("this is the derivative of another function"), *texts)
        for texts in (
            ("A * B * (1 - B)", "A * (1 - B ** 2)"),
            ("A * (1 - B ** 2)", "A * (B * (1 - B))"),
        )
    ),
    *(
        SlipRow("wrong_formula", say("the factor {factor} is missing", factor=text), "K", right)
        for text, right in (("same", "same * K"), ("1 - K", "K * (1 - K)"))
    ),
    *(
        SlipRow("wrong_formula", say("the term {term} is missing", term=term), "K", f"K + {term}")
        for term in ("1", "widened")
    ),
    *(
        SlipRow("wrong_formula", say("the number is wrong"), "N", each)
        for each in ("near", "number")
    ),
    SlipRow(
        "wrong_formula",
        say("where this is false, the factor is {factor}, not 0", factor="number"),
        "A > B",
        "np.where(A > B, 1, number)",
    ),
    *(
        SlipRow("wrong_formula", words, f"A {one} B", f"A {other} B")
        for words, pairs in (
            (COMPARISON, ((">", "<"), ("<", ">"), (">=", "<="), ("<=", ">="))),
            (say("two equal numbers do not belong here"), ((">=", ">"), ("<=", "<"))),
        )
        for one, other in pairs
    ),
    SlipRow("transpose_shape", say("an axis is missing"), "K", "K[:, None]"),
    *(
        SlipRow("wrong_formula", say("no sum belongs here"), form.format(name, settings), "A")
        for name, settings, form in REDUCTIONS
    ),
    *(
        SlipRow("transpose_shape", say("an axis is missing"), text, f"{text}[:, None]")
        for name, settings, form in REDUCTIONS
        for text in [form.format(name, settings)]
    ),
    SlipRow("transpose_shape", say("it is transposed"), "V", "V_T"),
    SlipRow("transpose_shape", say("it is transposed"), "V.T", "V"),
    *(
        SlipRow(None, words, f"A {sign} B", f"{left} {sign} {right}")
        for sign in "+-"
        for operator, words in (*MISSING, MISSING_AREA)
        for size in [str(words.slots["factor"])]
        for left, right in (("A", f"B {operator} {size}"), (f"A {operator} {size}", "B"))
    ),
)
"""The same, of what is seldom meant."""

UNLIKELY_WHOLE_ROWS: Final = (
    SlipRow(None, MISSING_AREA[1], "A", "A / area"),
    *(
        SlipRow("wrong_formula", say("the term {term} is missing", term=mean), "A", f"A - {mean}")
        for mean in ("A.mean(axis=0)", "A.mean(axis=-1, keepdims=True)")
    ),
    *(
        SlipRow(
            "wrong_formula", say("the term {term} is missing", term=term), "A", f"A {sign} {term}"
        )
        for term in (
            *("1 / factor", "fitting", "widened", "fitting / scale", "scale * fitting", "product"),
        )
        for sign in "+-"
    ),
    *(
        SlipRow(
            "wrong_formula",
            say("the factor {factor} is missing", factor=local),
            "A",
            f"A * ({local})",
        )
        for local in LOCAL
    ),
)

ROWS: Final = (STATEMENT_ROWS, PART_ROWS, WHOLE_ROWS)
UNLIKELY_ROWS: Final = (UNLIKELY_STATEMENT_ROWS, UNLIKELY_PART_ROWS, UNLIKELY_WHOLE_ROWS)


# Slips that no row can write ----------------------------------------------------------------------


def _exchange_operands(node: ast.expr) -> Iterator[Edit]:
    """Yield operands of a list, arguments or indices with two of them exchanged."""
    field = "args" if isinstance(node, ast.Call) else "elts"
    items: Sequence[ast.expr] = getattr(node, field, ())
    for one, other in combinations(items, 2):
        places = {id(one): other, id(other): one}
        new = copy.copy(node)
        setattr(new, field, [places.get(id(item), item) for item in items])
        words = say("{one} and {other} are swapped", one=ast.unparse(one), other=ast.unparse(other))
        yield "wrong_substitution", words, ast.unparse(new)


def _exchange_arrays(whole: ast.expr, parts: Sequence[ast.expr], scope: Scope) -> Iterator[Edit]:
    """Yield another array wherever one stands: z * (1 - z) for a * (1 - a)."""
    texts = [ast.unparse(part) for part in parts]
    for text in dict.fromkeys(texts):
        if texts.count(text) > 1 and text in scope.arrays:
            for name in _arrays_of_shape(scope, {"K": text}):
                new = ast.parse(name, mode="eval").body
                memo: dict[int, object] = {
                    id(part): new for part in parts if ast.unparse(part) == text
                }
                words = say("{name} belongs here, not {other}", name=name, other=text)
                yield "wrong_substitution", words, ast.unparse(copy.deepcopy(whole, memo))
