"""What the signs in drawn formulas mean, said behind the line that first has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from itertools import chain
from typing import Final

from tracer.expression import (
    DOT,
    Call,
    Display,
    Name,
    Node,
    Number,
    array_of,
    case_rows,
    letter,
    walk,
    with_parts,
    with_subscripts,
)
from tracer.narrative.blocks import Block, EquationLine, Paragraph, equality
from tracer.narrative.line_forms import MOST_FORMS, FilledForm
from tracer.operations import Term, table
from tracer.operations.textbook import Textbook, index_list
from tracer.sentences import Sentence, say

_INDICES: Final = (letter("i"), letter("j"), letter("k"), letter("l"))
_LOWER: Final = "uvtsrqpcdefghklmnwxyz"  # what a letter gives way to
_UPPER: Final = "MBCDEFGHJKPQRSTUVWXYZ"
_NORMALIZED: Final = Name("x_hat")  # the sign of what is standardized
SHARED_SUM: Final = letter("r")
"""With what it is of below it, a sum that the entries of a row share."""
SHARED_KINDS: Final = ("own", "gradient", "derivative", "labelled")
"""Of signs that have one meaning, whatever they hold."""
_ENTRY: Final = with_subscripts(letter("a"), _INDICES[:2])
SIGNS: Final = {
    ("bold", "1"): say("{sign} has a 1 at every entry.", sign=Display("bold", text="1")),
    ("bold", "0"): say("{sign} has a 0 at every entry.", sign=Display("bold", text="0")),
    ("bold", "e"): say(
        "{sign} with the subscript k has a 1 at place k, and 0 elsewhere.",
        sign=Display("bold", text="e"),
    ),
    ("letter", "·"): say(
        "{sign} in place of a subscript stands for every entry along that axis.", sign=DOT
    ),
    ("array", ""): say(
        "{sign} is the array whose entry at place {place} is {entry}.",
        sign=array_of(_ENTRY, _INDICES[:2]),
        place=index_list(_INDICES[:2]),
        entry=_ENTRY,
    ),
    ("through", "via"): say(
        "A gradient with “via” below it is a share: what comes back along the way named there."
    ),
    ("through", "in"): say(
        "A local derivative with “in” below it holds all else in its formula fixed, also what "
        "depends on the same quantity: that is a path of its own. “In” names the operation that is "
        "differentiated."
    ),
    ("through", "into"): say(
        "A gradient with “into” below it is the share from where the quantity itself stands in "
        "what is named there."
    ),
    ("letter", "•"): say(
        "In what stands below a gradient {sign} is the place of the quantity itself.",
        sign=letter("•"),
    ),
    ("indicator", ""): say(
        "{sign} is 1 where what stands in its brackets holds, else 0.",
        sign=Display("indicator", (letter("⋯"),)),
    ),
    ("function", "unpool"): say(
        "unpool(g, a) puts each entry of g at the place where its window of a was largest, and 0 "
        "at all others; what falls on one place is added up."
    ),
    ("function", "unflatten"): say(
        "unflatten(x) undoes the flattening: it puts the entries of x back in their shape."
    ),
    ("function", "pad"): say("pad(x, n) puts a border of zeros around x, n wide."),
    ("function", "crop"): say("crop(x, n) takes a border off x, n wide."),
    ("function", "downsample"): say("downsample(x, n) keeps every n-th entry along each axis."),
    ("function", "upsample"): say("upsample(x, n) puts n − 1 zeros between neighbouring entries."),
    ("function", "patches"): say("patches(x) holds what a window sees at each place."),
    ("function", "spread"): say(
        "spread(g) puts each entry of g at every place of its window; what falls on one place is "
        "added up."
    ),
    ("function", "fold"): say(
        "fold(x) adds up, for each entry of an array, what all windows that see it hold there."
    ),
    ("function", "μ"): say(
        "μ is a mean: of a vector's entries, of each row of a matrix, or of the part that a "
        "subscript names."
    ),
    ("function", "Var"): say("Var is their variance: the mean of the squared distances from μ."),
    ("over", "argmax"): say(
        "“argmax” over an index is the place where what follows is largest, from 1 as all "
        "subscripts are."
    ),
    ("norm", ""): say(
        "{sign} is the length of {array}: its square is the sum of the squares of all entries.",
        sign=Display("norm", (letter("a"),)),
        array=letter("a"),
    ),
    ("call", "convolve"): say(
        "In {sign}, a convolution, each filter of {kernel} is flipped along the axes that it "
        "slides on, and laid on {array}, also where it overlaps only in part. What all filters "
        "give is added up.",
        sign=Call("convolve", (letter("k"), letter("g"))),
        kernel=letter("k"),
        array=letter("g"),
    ),
}
"""What signs mean that formulas are drawn with, by their kind and text."""
OPERATION_SIGNS: Final = {
    "hadamard": say(
        "In {sign} the entries at the same place are multiplied.",
        sign=Call("hadamard", (letter("a"), letter("b"))),
    ),
    "transpose_last": say(
        "{sign} is {array} with rows and columns exchanged; of a column it is the row.",
        sign=Call("transpose_last", (letter("A"),)),
        array=letter("A"),
    ),
}
"""What signs of operations mean that formulas are drawn with."""


def with_sign_words(
    blocks: Iterable[Block], used: frozenset[str] = frozenset(), *, arrays: bool = True
) -> Iterator[Block]:
    """Yield drawn blocks, and behind a line what its signs mean that no line before had.

    By which rules it is as it is stands between. `used` are the letters of quantities, which no
    sentence takes for anything else; `arrays` says that there are any.
    """
    known: set[str] = set()
    new: list[Sentence] = []
    losses: set[str] = set()  # of which gradients are
    for block in blocks:
        if new and not (isinstance(block, Paragraph) and block.names_rules):
            yield from _word_blocks(new)
            new = []
        yield block
        line = block.form if isinstance(block, FilledForm) else block
        if isinstance(line, EquationLine):
            words = sign_words(line.left, line.formula, used=used)
            unknown = [sign for sign in words if sign not in known]
            unknown.sort(key=lambda sign: sign != "gradient")  # of which the others are made
            new = [words[sign] for sign in unknown]
            if arrays and "gradient" in unknown:
                new[0] = say(
                    "{sign} is the gradient of {of} with respect to {by}: how fast {of} changes "
                    "when {by} alone changes a little. The gradient of an array has a partial "
                    "derivative for each entry, by that entry alone.",
                    **new[0].slots,
                )
            known.update(words)
            match line.left:
                case Name(id=name) if "/d" in name:
                    losses.add(name[1:].partition("/d")[0])
                case Display(kind="gradient", parts=(Name() as of, by)):
                    if arrays and of.id not in losses and "local" not in known:
                        known.add("local")
                        new.append(_local_words(line.left, of, by))
    yield from _word_blocks(new)


def _word_blocks(sentences: Iterable[Sentence]) -> Iterator[Block]:
    """Yield sentences as a paragraph; a function that is defined by cases has a line of its own."""
    paragraph: list[Sentence] = []
    for sentence in sentences:
        match sentence.slots.get("formula"):
            case Display(kind="relation", parts=(left, Display(kind="cases") as cases)):
                yield EquationLine(left=left, formula=cases)
            case _:
                paragraph.append(sentence)
    if paragraph:
        yield Paragraph(paragraph)


@lru_cache(MOST_FORMS)
def sign_words(*formulas: Node, used: frozenset[str] = frozenset()) -> Mapping[str, Sentence]:
    """Return what the signs in drawn formulas mean, by what tells them from each other.

    `used` are letters that stand for quantities.
    """
    words: dict[str, Sentence] = {}
    for part in _signs_in(formulas):
        if isinstance(part, Name):
            of, is_gradient, by = part.id[1:].partition("/d")
            if part.id.startswith("d") and is_gradient and of != by:
                words.setdefault("gradient", _gradient_words(part, Name(of), Name(by)))
        elif isinstance(part, Display):
            sentence = _display_words(part, used)
            if sentence is not None:
                is_shared = part.kind in SHARED_KINDS or ":" in part.text
                kinds = {"array": len(part.parts), "below": part.parts and part.parts[0]}
                text = kinds.get(part.kind, part.text)
                words.setdefault(part.kind if is_shared else f"{part.kind} {text}", sentence)
        elif isinstance(part, Call):
            definition = _definition(part.operation, used)
            meaning = OPERATION_SIGNS.get(part.operation) or SIGNS.get(("call", part.operation))
            if meaning is not None:
                words.setdefault(part.operation, _in_free_letters(meaning, used))
            elif definition is not None and part.operation not in words:
                words[part.operation] = say("{formula}.", formula=equality(*definition))
                for sign, sentence in sign_words(definition[1], used=used).items():
                    words.setdefault(sign, sentence)
    return words


def _signs_in(formulas: Iterable[Node]) -> Iterator[Node]:
    """Yield what stands in drawn formulas; beside its case a condition stands as it is."""
    for node in formulas:
        if isinstance(node, Display) and node.kind == "cases":
            yield from _signs_in(chain.from_iterable(case_rows(node)))
        else:
            yield node
            yield from _signs_in(node.children())


def sign_sentences(formulas: Iterable[Node]) -> list[Sentence]:
    """Return what the signs in drawn formulas mean that only this notation has."""
    signs: set[tuple[str, str]] = set()
    for part in _signs_in(formulas):
        if isinstance(part, Display):
            signs.add((part.kind, part.text))
        elif isinstance(part, Call):
            signs.add(("call", part.operation))
    return [*dict.fromkeys(words for sign, words in SIGNS.items() if sign in signs)]


def _in_free_letters(sentence: Sentence, used: frozenset[str]) -> Sentence:
    """Return a sentence in which no letter of its own is one that is used for a quantity."""
    nodes = {name: slot for name, slot in sentence.slots.items() if isinstance(slot, Node)}
    own = [
        part.text
        for part in chain.from_iterable(map(walk, nodes.values()))
        if isinstance(part, Display) and part.kind == "letter" and part not in _INDICES
    ]
    letters = _free_letters(own, used)

    def changed(node: Node) -> Node:
        if isinstance(node, Display):
            return Display(
                node.kind, tuple(map(changed, node.parts)), letters.get(node.text, node.text)
            )
        return with_parts(node, changed)

    return Sentence(
        sentence.template, {**sentence.slots, **{name: changed(it) for name, it in nodes.items()}}
    )


def _free_letters(own: Iterable[str], used: frozenset[str]) -> Mapping[str, str]:
    """Return what to write for some letters: themselves, or others where they are used."""
    free: dict[str, str] = {}
    for text in dict.fromkeys(own):
        others = _UPPER if text.isupper() else _LOWER
        taken = used.union(free.values())
        free[text] = next((it for it in (text, *others) if it not in taken), text)
    return free


def _display_words(part: Display, used: frozenset[str]) -> Sentence | None:
    """Return what a drawn sign means; None where it needs no words."""
    if part.kind == "gradient":
        return _gradient_words(part, *part.parts)
    if part.kind == "letter" and ":" in part.text:
        return say(
            "{sign} in place of a subscript stands for the entries from the first number to the "
            "second.",
            sign=part,
        )
    if part.kind == "own":
        return say(
            "{sign} is the net input of {name}: what its activation is applied to.",
            sign=part,
            name=part.parts[0],
        )
    if part.kind == "below" and part.parts[0] == _NORMALIZED:
        source = part.parts[1]
        if isinstance(source, (Number, Display)):
            return None  # an entry
        return say(
            "{sign} is {source} normalized, before any gain or bias.", sign=part, source=source
        )
    if part.kind == "below" and part.parts[0] == SHARED_SUM:
        return say(
            "{sign} is a sum that all entries of a row, or of a vector, share.",
            sign=part,
        )
    if part.kind == "labelled":
        return say(
            "Below the braces: “upstream” is the gradient that comes in from the side of the loss, "
            "“local” the derivative of the step itself. Their product is the gradient."
        )
    if part.kind == "derivative":
        return say(
            "The prime in {sign} marks the derivative of the function: its slope at that place.",
            sign=part,
        )
    indices = _INDICES[: len(part.parts) - 1]
    if part.kind == "array" and len(indices) != 2:
        entry = with_subscripts(letter("a"), indices)
        meaning = say(
            "{sign} is the array whose entry at place {place} is {entry}.",
            sign=array_of(entry, indices),
            place=index_list(indices),
            entry=entry,
        )
        return _in_free_letters(meaning, used)
    static = SIGNS.get((part.kind, part.text))
    return static and _in_free_letters(static, used)


def _gradient_words(sign: Node, of: Node, by: Node) -> Sentence:
    return say(
        "{sign} is the gradient of {of} with respect to {by}, its partial derivative: how fast "
        "{of} changes when {by} alone changes a little.",
        sign=sign,
        of=of,
        by=by,
    )


def _local_words(sign: Node, of: Node, by: Node) -> Sentence:
    return say(
        "A local derivative of arrays, such as {sign}, is taken entry by entry: how fast each "
        "entry of {of} changes with the entry of {by} at its place.",
        sign=sign,
        of=of,
        by=by,
    )


def _definition(name: str, used: frozenset[str]) -> tuple[Node, Node] | None:
    """Return what a function is that formulas have by its name: σ(x) = 1 / (1 + exp(−x))."""
    row = table().get(name)
    is_function = row is not None and row.elementwise and row.derivative is not None
    if row is None or row.definition is None or not is_function or row.textbook is not None:
        return None
    operands = list(map(Name, _free_letters(row.operands, used).values()))
    whole = row.definition(*map(Term, operands), **row.attributes).node
    textbook = Textbook(lambda node: (), names=used)  # of one entry
    return Call(row.name, tuple(operands)), textbook.expression(whole)
