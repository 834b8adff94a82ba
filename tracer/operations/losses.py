"""Rows for losses and metrics. Shapes must match: a loss never broadcasts silently.

A mean runs over all entries (`mse`, `mae`, `bce`) or over the samples (`cross_entropy`, `nll`),
as PyTorch's default reduction does; squared errors are sums.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial

from tracer.errors import ShapeError
from tracer.expression.syntax import (
    Call,
    Display,
    Node,
    count_number,
    index_from_one,
    indexed_extreme,
    with_subscripts,
)
from tracer.operations.arithmetic import sum_of_terms
from tracer.operations.array_selection import check_labels
from tracer.operations.array_shape import Shape, fitting_shape, indices_of, shape_text
from tracer.operations.elementwise import absolute, exp, log, minimum, sign, step, where
from tracer.operations.operation import (
    Entries,
    OfDerivative,
    Term,
    TextbookWriter,
    always,
    apply,
    operation,
)
from tracer.operations.reductions import softmax_element
from tracer.operations.textbook import DrawnPart, Textbook
from tracer.sentences import say


def _same_shape(name: str, a: Shape, b: Shape) -> Shape:
    if a != b:
        raise ShapeError(
            say(
                "{name}: the shapes {a} and {b} differ",
                name=name,
                a=shape_text(a),
                b=shape_text(b),
            ),
            expected=say("a target of the same shape as the prediction"),
        )
    return ()


def _mean(x: Term) -> Term:
    return apply("mean", x) if x.shape else x


def _sum_of(x: Term) -> Term:
    return apply("sum", x) if x.shape else x


def _entry_count(x: Term) -> int:
    return math.prod(x.shape)


def _from_definition(
    definition: Callable[..., Term], writer: TextbookWriter, *operands: Term, **attributes: object
) -> Node:
    """Return a loss written out: its definition, in indices; a figure stays, also 1 and 0."""
    if not any(operand.shape for operand in operands):
        writer, operands = (
            Textbook(lambda node: ()),
            tuple(Term(DrawnPart(writer.term(operand))) for operand in operands),
        )
    return writer.term(definition(*operands, **attributes))


def _textbook_half_square(writer: TextbookWriter, a: Term, b: Term) -> Node:
    """½ ‖a − b‖²."""
    difference = Call("subtract", (writer.term(a), writer.term(b)))
    half = Call("divide", (count_number(1), count_number(2)))
    inside = Display("norm", (difference,)) if a.shape else difference
    return Call("multiply", (half, Call("power", (inside, count_number(2)))))


def _textbook_likelihood(writer: TextbookWriter, scores: Term, labels: Term, inner: str) -> Node:
    """−(1/n) ∑ ln p_y, with p the softmax of scores or given."""
    count = math.prod(labels.shape)
    letters = (
        [count_number(1)] if labels.shape and count == 1 else writer.letters(len(labels.shape))
    )
    form = writer.term(scores)
    if inner:
        form = writer.computed_as(Call(inner, (scores.node,))) or Call(inner, (form,))
    places = [*letters, index_from_one(writer.entry(labels, letters))]
    chosen = with_subscripts(form, places, scores.shape)
    logarithm: Node = Call("log", (chosen,))
    if count > 1:
        logarithm = indexed_extreme(
            "∑",
            logarithm,
            Display("relation", (letters[0], count_number(1)), "="),
            count_number(count),
        )
        share = Call("divide", (count_number(1), count_number(count)))
        logarithm = Call("multiply", (share, logarithm))
    return Call("negative", (logarithm,))


def _cross_entropy_element(index: Shape, logits: Entries, labels: Entries) -> Term:
    """Minus the mean logarithm of each label's share, as the textbook writes it."""
    rows = [*indices_of(labels.shape)]
    shares = (softmax_element((*row, labels.integer(*row)), logits, -1) for row in rows)
    return -sum_of_terms([log(share) for share in shares]) / len(rows)


operation(
    "mse",
    "a, b",
    is_loss=True,
    shape=partial(_same_shape, "mse"),
    definition=lambda a, b: _mean((a - b) ** 2),
    derivative=lambda g, out, a, b: (
        g * 2 * (a - b) / _entry_count(a),
        g * 2 * (b - a) / _entry_count(a),
    ),
    textbook=partial(_from_definition, lambda a, b: _mean((a - b) ** 2)),
    rule="derivative of the mean squared error",
    words="the mean of the squared errors, over all entries",
    example="mse(a, b); a = [0.5, 2, -1]; b = [1, 1, 0]",
    title="mean squared error",
    convention="the mean over all entries, without a factor 1/2",
)


operation(
    "mae",
    "a, b",
    is_loss=True,
    shape=partial(_same_shape, "mae"),
    definition=lambda a, b: _mean(absolute(a - b)),
    derivative=lambda g, out, a, b: (
        g * sign(a - b) / _entry_count(a),
        g * sign(b - a) / _entry_count(a),
    ),
    textbook=partial(_from_definition, lambda a, b: _mean(absolute(a - b))),
    rule="derivative of the mean absolute error",
    words="the mean of the absolute errors, over all entries",
    example="mae(a, b); a = [0.5, 2, -1]; b = [1, 1, 0]",
    title="mean absolute error",
    convention={
        "the mean over all entries": always,
        OfDerivative("the derivative at an error of 0 is 0"): always,
    },
    analytic=False,
)


def _huber(a: Term, b: Term, delta: Fraction) -> Term:
    far = absolute(a - b)
    return _mean(where(step(far - delta), delta * (far - delta / 2), (a - b) ** 2 / 2))


def _clip(x: Term, delta: Fraction) -> Term:
    return minimum(apply("maximum", x, -delta), delta)


operation(
    "huber",
    "a, b; delta:positive=1",
    is_loss=True,
    shape=lambda a, b, delta: _same_shape("huber", a, b),
    definition=_huber,
    derivative=lambda g, out, a, b, delta: (
        g * _clip(a - b, delta) / _entry_count(a),
        g * _clip(b - a, delta) / _entry_count(a),
    ),
    textbook=partial(_from_definition, _huber),
    rule="derivative of the Huber loss",
    words="half the square of an error up to delta, a straight line beyond; "
    "the mean of all entries",
    example="huber(a, b); a = [0.5, 3, -1]; b = [1, 1, 0]",
    title="Huber loss",
    convention="the mean over all entries; with delta 1 it is also the smooth L1 loss",
    analytic=False,
    source="Huber, Robust Estimation of a Location Parameter, 1964",
)
operation(
    "squared_error",
    "a, b",
    is_loss=True,
    shape=partial(_same_shape, "squared_error"),
    definition=lambda a, b: _sum_of((a - b) ** 2),
    derivative=lambda g, out, a, b: (
        g * 2 * (a - b),
        g * 2 * (b - a),
    ),
    textbook=partial(_from_definition, lambda a, b: _sum_of((a - b) ** 2)),
    rule="derivative of the squared error",
    words="the sum of the squared errors, over all entries",
    example="squared_error(a, b); a = [0.5, 2, -1]; b = [1, 1, 0]",
    title="squared error",
    convention="a sum over all entries, no mean, without a factor 1/2",
)
operation(
    "half_squared_error",
    "a, b",
    is_loss=True,
    shape=partial(_same_shape, "half_squared_error"),
    definition=lambda a, b: _sum_of((a - b) ** 2) / 2,
    derivative=lambda g, out, a, b: (g * (a - b), g * (b - a)),
    textbook=_textbook_half_square,
    rule="derivative of the half squared error",
    words="half the sum of the squared errors, over all entries",
    example="half_squared_error(a, b); a = [0.5, 2, -1]; b = [1, 1, 0]",
    title="half squared error",
    convention="a sum over all entries, no mean, with a factor 1/2",
)


def _mean_shape(name: str, scores: Shape, labels: Shape) -> Shape:
    """Return the shape of a mean over the samples. Raises ShapeError for labels that do not fit."""
    check_labels(name, scores, labels)
    return ()


def _row_count(labels: Term) -> int:
    return max(math.prod(labels.shape), 1)


operation(
    "cross_entropy",
    "logits, labels:int",
    is_loss=True,
    shape=lambda logits, labels: fitting_shape(
        _mean_shape("cross_entropy", logits, labels),
        len(logits) < 3,
        say("cross_entropy: logits {logits}", logits=shape_text(logits)),
        say("(samples, classes); reshape longer ones first"),
    ),
    limit=lambda logits, labels: logits[-1],
    definition=lambda logits, labels: _mean(
        apply("logsumexp", logits) - apply("pick", logits, labels)
    ),
    element=_cross_entropy_element,
    derivative=lambda g, out, logits, labels: (
        g
        * (apply("softmax", logits) - apply("one_hot", labels, classes=logits.shape[-1]))
        / _row_count(labels),
        None,
    ),
    metric=lambda logits, labels: apply("accuracy", logits, labels),
    textbook=lambda writer, logits, labels: _textbook_likelihood(writer, logits, labels, "softmax"),
    rule="softmax with cross-entropy",
    words="minus the logarithm of the softmax probability of the label, averaged over the samples",
    example="cross_entropy(logits, labels); logits = [[1, -0.5, 2], [0, 1, 0.5]]; labels = [2, 0]",
    title="cross-entropy",
    convention={
        "takes logits, not probabilities; labels count from 0": lambda shapes, _: True,
        "the mean over the samples": lambda shapes, _: math.prod(shapes[1]) > 1,
    },
    source="Goodfellow, Bengio, Courville, Deep Learning, section 6.2.2.3",
)


operation(
    "nll",
    "probabilities:probability, labels:int",
    is_loss=True,
    shape=partial(_mean_shape, "nll"),
    limit=lambda p, labels: p[-1],
    definition=lambda p, labels: -_mean(apply("clipped_log", apply("pick", p, labels))),
    derivative=lambda g, out, p, labels: (
        apply(
            "unpick",
            -g / apply("at_least", apply("pick", p, labels), exp(-100)) / _row_count(labels),
            labels,
            classes=p.shape[-1],
        ),
        None,
    ),
    metric=lambda p, labels: apply("accuracy", p, labels),
    textbook=lambda writer, p, labels: _textbook_likelihood(writer, p, labels, ""),
    rule="derivative of the negative log-likelihood",
    words="minus the logarithm of the label's probability, averaged over the samples",
    example="nll(probabilities, labels); "
    "probabilities = [[0.2, 0.3, 0.5], [0.6, 0.3, 0.1]]; labels = [2, 0]",
    title="negative log-likelihood",
    convention="takes probabilities, not logarithms; a logarithm below −100 counts as −100",
    analytic=False,
)


def _bce(p: Term, y: Term) -> Term:
    return -_mean(y * apply("clipped_log", p) + (1 - y) * apply("clipped_log", 1 - p))


operation(
    "bce",
    "p:probability, y:probability",
    is_loss=True,
    shape=partial(_same_shape, "bce"),
    definition=_bce,
    derivative=lambda g, out, p, y: (
        g * (p - y) / apply("at_least", p * (1 - p), 1e-12) / _entry_count(p),
        g * (apply("clipped_log", 1 - p) - apply("clipped_log", p)) / _entry_count(p),
    ),
    metric=lambda p, y: apply("accuracy", p, y),
    textbook=partial(_from_definition, _bce),
    rule="derivative of the binary cross-entropy",
    words="the binary cross-entropy of probabilities, averaged over all entries",
    example="bce(p, t); p = [0.8, 0.3]; t = [1, 0]",
    title="binary cross-entropy",
    convention="takes probabilities; a logarithm below −100 counts as −100, and p (1 − p) as at "
    "least 10⁻¹², as in PyTorch",
    analytic=False,
)
operation(
    "bce_with_logits",
    "z, y:probability",
    is_loss=True,
    shape=partial(_same_shape, "bce_with_logits"),
    definition=lambda z, y: _mean(apply("softplus", z) - z * y),
    derivative=lambda g, out, z, y: (
        g * (apply("sigmoid", z) - y) / _entry_count(z),
        -(g * z) / _entry_count(z),
    ),
    metric=lambda z, y: apply("accuracy", apply("sigmoid", z), y),
    textbook=partial(_from_definition, lambda z, y: _mean(apply("softplus", z) - z * y)),
    rule="sigmoid with binary cross-entropy",
    words="the binary cross-entropy of the sigmoid of z, averaged over all entries",
    example="bce_with_logits(z, t); z = [1.5, -0.5]; t = [1, 0]",
    title="binary cross-entropy",
    convention="takes logits, not probabilities: with p the sigmoid of z, "
    "−y ln(p) − (1 − y) ln(1 − p) comes to softplus(z) − z y; the mean over all entries",
)


def _accuracy(scores: Term, labels: Term) -> Term:
    if scores.shape == labels.shape:
        return _mean(apply("equal", step(scores - 0.5), labels))
    return _mean(apply("equal", apply("argmax", scores), labels))


operation(
    "accuracy",
    "scores, labels",
    shape=lambda scores, labels: (
        () if scores == labels else _mean_shape("accuracy", scores, labels)
    ),
    definition=_accuracy,
    derivative=None,
    textbook=partial(_from_definition, _accuracy),
    rule="derivative of a step",
    words="the share of samples whose largest score is at their label",
    example="accuracy(scores, labels); scores = [[1, -0.5, 2], [0, 1, 0.5]]; labels = [2, 0]",
    title="accuracy",
    convention={
        "the share of samples whose largest score is at their label": (
            lambda shapes, _: shapes[0] != shapes[1]
        ),
        "of probabilities of class 1, the share that lies on the label's side of 0.5, which "
        "itself counts as class 0": lambda shapes, _: shapes[0] == shapes[1],
    },
    analytic=False,
)
