"""Rows for functions of each entry: exponentials, activations, steps.

`definition` writes a function with simpler ones; it is what the witnesses know of it, and the
plan's code where the row has none of its own (`scalar`, `array`). Conventions are PyTorch's.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial

from tracer.expression import (
    Array,
    Call,
    Display,
    FunctionNames,
    Node,
    Number,
    count_number,
    letter,
    sum_of_cases,
    walk,
    with_parts,
)
from tracer.operations.arithmetic import one_minus, textbook_power
from tracer.operations.array_shape import Shape, broadcast_shape
from tracer.operations.operation import (
    CallTest,
    OfDerivative,
    Term,
    TextbookWriter,
    always,
    apply,
    operation,
    term,
)
from tracer.operations.signature import literal


def _same(x: Shape) -> Shape:
    return x


def _function(
    name: str,
    *,
    derivative: Callable[[Term, Term, Term], Term | None] | None,
    rule: str,
    words: str,
    scalar: str = "",
    array: str = "",
    definition: Callable[[Term], Term] | None = None,
    analytic: bool = True,
    look: FunctionNames | None = None,
    moves: bool = False,
    textbook: Callable[[TextbookWriter, Term], Node] | None = None,
    convention: str | Mapping[str, CallTest] = "",
    title: str = "",
    source: str = "",
) -> None:
    """Add the row of a function of one argument; its rule gives the one contribution."""
    operation(
        name,
        "x",
        elementwise=True,
        shape=_same,
        scalar=scalar,
        array=array,
        definition=definition,
        derivative=None if derivative is None else (lambda g, out, x: (derivative(g, out, x),)),
        rule=rule,
        words=words,
        example=f"{name}(x); x = 0.5",
        analytic=analytic,
        look=look,
        moves=moves,
        textbook=textbook,
        convention=convention,
        title=title,
        source=source,
    )


def operation_function(name: str) -> Callable[..., Term]:
    """Return an operation as a function of terms, to write rules with."""

    def written(*operands: Term | float, **attributes: object) -> Term:
        return apply(name, *operands, **attributes)

    return written


exp, log, sqrt, tanh, sigmoid, step, sign, where, erf, sin, cos, absolute, minimum = map(
    operation_function,
    (
        *("exp", "log", "sqrt", "tanh", "sigmoid", "step", "sign", "where"),
        *("erf", "sin", "cos", "abs", "minimum"),
    ),
)


def _textbook_step(writer: TextbookWriter, x: Term) -> Node:
    """1[x > 0], and of a difference of two of one shape, or of a number and an array, 1[a > b]."""
    sides: tuple[Node, Node] = writer.term(x), count_number(0)
    match x.node:
        case Call(operation="subtract", arguments=(a, b)):
            shapes = writer.shape_of(a), writer.shape_of(b)
            if () in shapes or shapes[0] == shapes[1]:
                sides = writer.term(Term(a, x.shape)), writer.term(Term(b, x.shape))
    return Display("indicator", (Display("relation", sides, ">"),))


_function(
    "exp",
    scalar="exp({0})",
    array="np.exp({0}, out={out})",
    derivative=lambda g, out, x: g * out,
    rule="derivative of the exponential",
    words="the exponential function",
    title="exponential function",
    look=FunctionNames("exp", latex=r"\exp"),
    textbook=lambda writer, x: (
        Call("exp", (writer.term(x),))
        if x.shape or writer.has("e")
        else Call("power", (letter("e"), writer.term(x)))
    ),
)
_function(
    "log",
    scalar="log({0})",
    array="np.log({0}, out={out})",
    derivative=lambda g, out, x: g / x,
    rule="derivative of the logarithm",
    words="the natural logarithm",
    title="natural logarithm",
    look=FunctionNames("log", unicode="ln", latex=r"\ln", also=("ln",)),
)
_function(
    "clipped_log",
    scalar="(log({0}) if {0} > 3.720075976020836e-44 else -100.0 if {0} >= 0 else nan)",
    array="np.maximum(np.log({0}, out={out}), -100.0, out={out})",
    definition=lambda x: where(step(x - 3.720075976020836e-44), log(x), -100),
    derivative=lambda g, out, x: g / apply("at_least", x, exp(-100)),
    textbook=lambda writer, x: Call("log", (writer.term(x),)),
    rule="derivative of the logarithm",
    words="the natural logarithm, never below −100",
    title="logarithm",
    convention="as in PyTorch's binary cross-entropy, the logarithm is not taken below −100",
    analytic=False,
)
_function(
    "sqrt",
    scalar="sqrt({0})",
    array="np.sqrt({0}, out={out})",
    derivative=lambda g, out, x: g / (2 * out),
    rule="derivative of a square root",
    words="the square root",
    title="square root",
    look=FunctionNames("sqrt", unicode="√", latex=r"\sqrt", form="root"),
)
_function(
    "square",
    scalar="{0} * {0}",
    array="np.square({0}, out={out})",
    definition=lambda x: x**2,
    derivative=lambda g, out, x: g * 2 * x,
    textbook=lambda writer, x: textbook_power(writer, x, term(2)),
    rule="power rule",
    words="the square",
)
_function(
    "sin",
    scalar="sin({0})",
    array="np.sin({0}, out={out})",
    derivative=lambda g, out, x: g * cos(x),
    rule="derivative of the sine",
    words="the sine of an angle in radians",
    look=FunctionNames("sin", latex=r"\sin"),
)
_function(
    "cos",
    scalar="cos({0})",
    array="np.cos({0}, out={out})",
    derivative=lambda g, out, x: -(g * sin(x)),
    rule="derivative of the cosine",
    words="the cosine of an angle in radians",
    look=FunctionNames("cos", latex=r"\cos"),
)
_function(
    "erf",
    scalar="erf({0})",
    array="kernels.erf({0}, {out})",
    derivative=lambda g, out, x: g * 2 * exp(-(x**2)) / sqrt(operation_function("pi")()),
    rule="derivative of the error function",
    words="the error function",
    source="NIST Digital Library of Mathematical Functions, 7.2.1",
)
_function(
    "abs",
    scalar="abs({0})",
    array="np.abs({0}, out={out})",
    derivative=lambda g, out, x: g * sign(x),
    rule="derivative of the absolute value",
    words="the absolute value",
    title="absolute value",
    convention=OfDerivative("the derivative of |x| at 0 is 0"),
    analytic=False,
    look=FunctionNames("abs", latex=r"\left|\right|", form="bars"),
)
_function(
    "sign",
    scalar="(({0} > 0.0) - ({0} < 0.0)) * 1.0",
    array="np.sign({0}, out={out})",
    derivative=None,
    rule="derivative of a step",
    words="the sign: −1, 0 or 1",
    title="sign",
    convention="sign(0) = 0",
    analytic=False,
)
_function(
    "step",
    scalar="(1.0 if {0} > 0.0 else 0.0)",
    array="np.greater({0}, 0, out={out})",
    derivative=None,
    textbook=_textbook_step,
    moves=True,
    rule="derivative of a step",
    words="the step: 1 where x > 0, else 0",
    title="step",
    convention="step(0) = 0",
    analytic=False,
)
operation(
    "stop_gradient",
    "x",
    elementwise=True,
    shape=_same,
    definition=lambda x: x,
    scalar="{0}",
    array="np.positive({0}, out={out})",
    derivative=None,
    stops=True,
    rule="stop of the gradient",
    words="x itself, which differentiation takes for a constant",
    example="stop_gradient(x); x = 0.5",
    title="stop of the gradient",
    look=FunctionNames("stop_gradient", unicode="sg", latex=r"\operatorname{sg}"),
    source="van den Oord, Vinyals, Kavukcuoglu, Neural Discrete Representation Learning, "
    "arXiv 1711.00937",
)
_function(
    "tanh",
    scalar="tanh({0})",
    array="np.tanh({0}, out={out})",
    definition=lambda x: (exp(x) - exp(-x)) / (exp(x) + exp(-x)),
    derivative=lambda g, out, x: g * (1 - out**2),
    rule="derivative of tanh",
    words="the hyperbolic tangent",
    look=FunctionNames("tanh", latex=r"\tanh"),
)
_function(
    "sigmoid",
    scalar="(1.0 / (1.0 + exp(-{0})) if {0} > -700.0 else exp({0}))",
    array="kernels.sigmoid({0}, {out})",
    definition=lambda x: 1 / (1 + exp(-x)),
    derivative=lambda g, out, x: g * out * (1 - out),
    rule="derivative of the sigmoid",
    words="the sigmoid 1 / (1 + exp(-x))",
    look=FunctionNames("sigmoid", unicode="σ", latex=r"\sigma"),
    source="Goodfellow, Bengio, Courville, Deep Learning, section 3.10",
)
_function(
    "relu",
    scalar="({0} if {0} > 0.0 else 0.0)",
    array="np.maximum({0}, 0, out={out})",
    definition=lambda x: where(step(x), x, 0),
    derivative=lambda g, out, x: g * step(x),
    rule="derivative of ReLU",
    words="the rectifier: x where x > 0, else 0",
    title="ReLU",
    convention=OfDerivative("the derivative of ReLU at 0 is 0"),
    analytic=False,
    look=FunctionNames("relu", unicode="ReLU", latex=r"\operatorname{ReLU}", also=("ReLU",)),
)
_function(
    "softplus",
    scalar="(({0} if {0} > 0.0 else 0.0) + log1p(exp(-abs({0}))))",
    array="np.logaddexp({0}, 0, out={out})",
    definition=lambda x: log(1 + exp(x)),
    derivative=lambda g, out, x: g * sigmoid(x),
    rule="derivative of softplus",
    words="the smooth rectifier log(1 + exp(x))",
    title="softplus",
    convention="exact for every x (PyTorch returns x itself above 20, off by up to 2e-9)",
)
_function(
    "silu",
    definition=lambda x: x * sigmoid(x),
    derivative=lambda g, out, x: g * (sigmoid(x) + out * (1 - sigmoid(x))),
    rule="derivative of SiLU",
    words="x times its sigmoid, also called swish",
    look=FunctionNames(
        "silu", unicode="SiLU", latex=r"\operatorname{SiLU}", also=("SiLU", "swish")
    ),
)
_function(
    "mish",
    definition=lambda x: x * tanh(apply("softplus", x)),
    derivative=lambda g, out, x: (
        g * (tanh(apply("softplus", x)) + x * sigmoid(x) * (1 - tanh(apply("softplus", x)) ** 2))
    ),
    rule="derivative of Mish",
    words="x times the tanh of its softplus",
    look=FunctionNames("mish", unicode="Mish", latex=r"\operatorname{Mish}", also=("Mish",)),
    source="Misra, Mish: A Self Regularized Non-Monotonic Activation Function, arXiv 1908.08681",
)


def _hard_share(x: Term) -> Term:
    return minimum(apply("relu", x + 3), 6) / 6


_function(
    "hardswish",
    definition=lambda x: x * _hard_share(x),
    derivative=lambda g, out, x: g * (_hard_share(x) + x * step(x + 3) * step(3 - x) / 6),
    rule="derivative of hard swish",
    words="x times a share that rises in a straight line from 0 at −3 to 1 at 3",
    title="hard swish",
    convention=OfDerivative("the derivative is 0 at −3 and 1 at 3"),
    analytic=False,
    look=FunctionNames(
        "hardswish", unicode="HardSwish", latex=r"\operatorname{HardSwish}", also=("HardSwish",)
    ),
    source="Howard et al., Searching for MobileNetV3, arXiv 1905.02244",
)
_function(
    "gelu",
    definition=lambda x: x * (1 + erf(x / sqrt(2))) / 2,
    derivative=lambda g, out, x: (
        g
        * ((1 + erf(x / sqrt(2))) / 2 + x * exp(-(x**2) / 2) / sqrt(2 * operation_function("pi")()))
    ),
    rule="derivative of GELU",
    words="x times the probability that a standard normal number is below x",
    title="GELU",
    convention="exact, with the error function; gelu_tanh is the approximation",
    look=FunctionNames("gelu", unicode="GELU", latex=r"\operatorname{GELU}", also=("GELU",)),
    source="Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv 1606.08415",
)


def _gelu_inner(x: Term) -> Term:
    return tanh(sqrt(2 / operation_function("pi")()) * (x + 0.044715 * x**3))


def _gelu_tanh(g: Term, out: Term, x: Term) -> Term:
    t = _gelu_inner(x)
    slope = sqrt(2 / operation_function("pi")()) * (1 + 3 * Term(term(0.044715).node) * x**2)
    return g * (0.5 * (1 + t) + 0.5 * x * (1 - t**2) * slope)


_function(
    "gelu_tanh",
    definition=lambda x: 0.5 * x * (1 + _gelu_inner(x)),
    derivative=_gelu_tanh,
    rule="derivative of GELU (tanh form)",
    words="the tanh approximation of GELU, as GPT-2 uses it",
    title="GELU (tanh form)",
    look=FunctionNames("gelu_tanh", unicode="TanhGELU", latex=r"\operatorname{TanhGELU}"),
    source="Hendrycks and Gimpel, Gaussian Error Linear Units, arXiv 1606.08415",
)

_LEAKY: Callable[[Term, Term, Term, Term], Sequence[Term]] = lambda g, out, x, a: (  # noqa: E731
    g * where(step(x), 1, a),
    g * where(step(x), 0, x),
)

operation(
    "leaky_relu",
    "x, slope=0.01",
    elementwise=True,
    shape=partial(broadcast_shape, "leaky_relu"),
    definition=lambda x, slope: where(step(x), x, slope * x),
    derivative=_LEAKY,
    rule="derivative of leaky ReLU",
    words="x where x > 0, else slope times x",
    example="leaky_relu(x); x = -0.5",
    title="leaky ReLU",
    convention=OfDerivative("the derivative at 0 is the slope"),
    analytic=False,
    look=FunctionNames("leaky_relu", unicode="LeakyReLU", latex=r"\operatorname{LeakyReLU}"),
)
operation(
    "prelu",
    "x, a",
    elementwise=True,
    shape=partial(broadcast_shape, "prelu"),
    definition=lambda x, a: where(step(x), x, a * x),
    derivative=_LEAKY,
    rule="derivative of PReLU",
    words="x where x > 0, else a times x; a is trained",
    example="prelu(x, a); x = -0.5; a = 0.25",
    title="PReLU",
    convention={
        OfDerivative("the derivative at 0 is a"): always,
        "a is one number, or one for each place along the last axis": always,
    },
    analytic=False,
    look=FunctionNames("prelu", unicode="PReLU", latex=r"\operatorname{PReLU}", also=("PReLU",)),
    source="He et al., Delving Deep into Rectifiers, arXiv 1502.01852",
)
operation(
    "elu",
    "x, alpha=1",
    elementwise=True,
    shape=partial(broadcast_shape, "elu"),
    definition=lambda x, alpha: where(step(x), x, alpha * (exp(where(step(x), 0, x)) - 1)),
    derivative=lambda g, out, x, alpha: (
        g * where(step(x), 1, out + alpha),
        g * where(step(x), 0, exp(minimum(x, 0)) - 1),
    ),
    rule="derivative of ELU",
    words="x where x > 0, else alpha * (exp(x) - 1)",
    example="elu(x); x = -0.5",
    title="ELU",
    convention=OfDerivative("the derivative at 0 is alpha"),
    analytic=False,
    look=FunctionNames("elu", unicode="ELU", latex=r"\operatorname{ELU}", also=("ELU",)),
    source="Clevert, Unterthiner, Hochreiter, Exponential Linear Units, arXiv 1511.07289",
)
operation(
    "celu",
    "x, alpha=1",
    elementwise=True,
    shape=partial(broadcast_shape, "celu"),
    definition=lambda x, alpha: where(step(x), x, alpha * (exp(minimum(x, 0) / alpha) - 1)),
    derivative=lambda g, out, x, alpha: (
        g * where(step(x), 1, exp(minimum(x, 0) / alpha)),
        g * where(step(x), 0, exp(minimum(x, 0) / alpha) * (1 - x / alpha) - 1),
    ),
    rule="derivative of CELU",
    words="x where x > 0, else alpha * (exp(x / alpha) - 1)",
    example="celu(x); x = -0.5",
    title="CELU",
    convention=OfDerivative("the derivative at 0 is 1"),
    analytic=False,
    look=FunctionNames("celu", unicode="CELU", latex=r"\operatorname{CELU}", also=("CELU",)),
    source="Barron, Continuously Differentiable Exponential Linear Units, arXiv 1704.07483",
)


def _larger(a: Term, b: Term) -> Term:
    """1 where the first is the larger one, half where both are equal, else 0."""
    return step(a - b) + apply("equal", a, b) / 2


operation(
    "maximum",
    "a, b",
    elementwise=True,
    shape=partial(broadcast_shape, "maximum"),
    scalar="({0} if {0} > {1} else {1})",
    array="np.maximum({0}, {1}, out={out})",
    derivative=lambda g, out, a, b: (g * _larger(a, b), g * _larger(b, a)),
    rule="derivative of a maximum",
    words="the larger of two",
    example="maximum(a, b); a = 0.5; b = -1.2",
    title="larger of two",
    convention=OfDerivative("where both are equal, each gets half of the gradient"),
    analytic=False,
    textbook=lambda writer, a, b: Display(
        "function",
        (*writer.align_operands((a, b), broadcast_shape("maximum", a.shape, b.shape)),),
        "max",
    ),
)
operation(
    "at_least",
    "x, floor",
    elementwise=True,
    shape=partial(broadcast_shape, "at_least"),
    scalar="({0} if {0} > {1} else {1})",
    array="np.maximum({0}, {1}, out={out})",
    derivative=lambda g, out, x, floor: (g * _larger(x, floor), g * _larger(floor, x)),
    rule="derivative of a maximum",
    words="x, but never below a floor that keeps a quotient by it finite",
    example="at_least(p, 1e-12); p = 0.5",
    title="lower bound",
    convention="a textbook writes x alone: the floor is far below every x that matters",
    analytic=False,
    textbook=lambda writer, x, floor: writer.term(x),
)
operation(
    "minimum",
    "a, b",
    elementwise=True,
    shape=partial(broadcast_shape, "minimum"),
    scalar="({0} if {0} < {1} else {1})",
    array="np.minimum({0}, {1}, out={out})",
    derivative=lambda g, out, a, b: (g * _larger(b, a), g * _larger(a, b)),
    rule="derivative of a minimum",
    words="the smaller of two",
    example="minimum(a, b); a = 0.5; b = -1.2",
    title="smaller of two",
    convention=OfDerivative("where both are equal, each gets half of the gradient"),
    analytic=False,
    textbook=lambda writer, a, b: Display(
        "function",
        (*writer.align_operands((a, b), broadcast_shape("minimum", a.shape, b.shape)),),
        "min",
    ),
)


def _textbook_where(writer: TextbookWriter, condition: Term, a: Term, b: Term) -> Node:
    """Cases; in one line, both choices times what is 1 where each is taken, but for one that is 0.

    A condition that is neither a relation nor zeros and ones may be any number, of which only 0
    chooses b.
    """
    if condition.literal is not None:  # its number was put in: what it chooses
        return writer.term(a if condition.literal else b)
    if a.node == b.node:
        return writer.term(a)
    condition_form = writer.term(condition)
    for choice, other, larger in ((a, b, "maximum"), (b, a, "minimum")):
        if other.is_number(0) and condition_form == writer.term(apply("step", choice)):
            return writer.term(apply(larger, 0, choice))
    is_relation = isinstance(condition_form, Display) and condition_form.kind == "indicator"
    is_of_two = is_relation and not (a.is_number(0) or b.is_number(0))
    chosen = _chosen_by_figures(condition.node) if is_of_two else None
    if chosen is not None:
        return writer.term(a if chosen else b)
    leaves = [part for part in walk(condition.node) if not isinstance(part, Array)]
    is_mask = all(isinstance(part, Number) and part.value in (0, 1) for part in leaves)
    is_mask = is_mask or is_relation
    mark = (
        condition_form
        if is_mask
        else Display("indicator", (Display("relation", (condition_form, count_number(0)), "="),))
    )
    there, gone = (mark, one_minus(mark)) if is_mask else (one_minus(mark), mark)
    products = " ".join("hadamard" if choice.shape else "multiply" for choice in (a, b))
    if is_relation and condition_form.content.names:
        forms = [writer.term(_in_case(it, condition, at == 0)) for at, it in enumerate((a, b))]
        return Display("cases", (forms[0], there, forms[1], gone), products)
    cases = Display("cases", (writer.term(a), there, writer.term(b), gone), products)
    return sum_of_cases(cases)


def _chosen_by_figures(condition: Node) -> bool | None:
    """Return whether figures are in an order; None for others, and where they are equal.

    Figures that differ are in the order of the numbers that they were rounded from.
    """
    match condition:
        case Call(operation="step", arguments=(Call(operation="subtract", arguments=(a, b)),)):
            left, right = literal(a), literal(b)
        case Call(operation="step", arguments=(a,)):
            left, right = literal(a), Fraction(0)
        case _:
            return None
    return None if left is None or right is None or left == right else left > right


def _in_case(choice: Term, condition: Term, is_there: bool) -> Term:
    """Return a choice by what is known where it is taken: there min(0, x) is one of the two."""

    def known(part: Node) -> Node:
        if isinstance(part, Call) and part.operation == "where":
            if part.arguments[0] == condition.node:
                return known(part.arguments[1 if is_there else 2])
        elif isinstance(part, Call) and part.operation in ("minimum", "maximum"):
            is_larger = is_there == (part.operation == "maximum")
            of_both = [it for it in part.arguments if condition.node == Call("step", (it,))]
            if of_both and any(literal(it) == 0 for it in part.arguments):
                return of_both[0] if is_larger else count_number(0)
        return with_parts(part, known)

    return Term(known(choice.node), choice.shape)


operation(
    "where",
    "condition, a, b",
    elementwise=True,
    passes_mask=True,
    shape=partial(broadcast_shape, "where"),
    scalar="({1} if {0} != 0.0 else {2})",
    array="kernels.where({0}, {1}, {2}, {out})",
    derivative=lambda g, out, condition, a, b: (
        None,
        where(condition, g, 0),
        where(condition, 0, g),
    ),
    textbook=_textbook_where,
    moves=True,
    rule=("", "derivative of a choice", "derivative of a choice"),
    words="a where the condition is not 0, else b",
    example="where(condition, a, b); condition = 1; a = 0.5; b = -1.2",
    title="choice",
    convention=OfDerivative("no gradient flows through the condition"),
    analytic=False,
)
operation(
    "equal",
    "a, b",
    elementwise=True,
    shape=partial(broadcast_shape, "equal"),
    scalar="(1.0 if {0} == {1} else 0.0)",
    array="np.equal({0}, {1}, out={out})",
    derivative=None,
    textbook=lambda writer, a, b: Display(
        "indicator", (Display("relation", (writer.term(a), writer.term(b)), "="),)
    ),
    moves=True,
    rule="derivative of a step",
    words="1 where both are equal, else 0",
    example="equal(a, b); a = 0.5; b = -1.2",
    analytic=False,
)
