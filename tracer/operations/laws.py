"""The laws of the table's rows: definition and derivative for any size. See `law` for the words.

The last line of each is what flows back; the lines before it say how it comes about.
"""

from __future__ import annotations

from typing import Final

from tracer.operations.law import Law, LawLine

_CHAIN: Final = "The chain rule: each entry of y brings its share."


def _law(
    *lines: str | tuple[str, str],
    shapes: str = "",
    purpose: str = "",
    call: str = "",
    ranges: str = "",
    loss: str = "",
    share: bool = False,
) -> Law:
    """Return a law; a line comes with its sentence or alone."""
    rows = tuple(LawLine(it) if isinstance(it, str) else LawLine(*it) for it in lines)
    return Law(rows, shapes, purpose, call, ranges, loss, share)


def _single(definition: str, *lines: str | tuple[str, str], purpose: str = "") -> Law:
    """Return the law of a function of one number."""
    return _law(f"y = {definition}", *lines, purpose=purpose)


_ROOT: Final = "The slope of a root is 1 over twice the root, that of a square twice the number."


def _standardized(result: str) -> tuple[str, ...]:
    """Return the lines that bring a row to mean 0 and spread 1, under a letter."""
    return (
        "m = over(i, n, x[i]) / n",
        "s = sqrt(over(i, n, (x[i] - m)**2) / n + epsilon)",
        f"{result}[i] = (x[i] - m) / s",
    )


def _standardized_back(h: str) -> tuple[tuple[str, str], ...]:
    """Return how the gradient of a standardized row comes back: by mean, spread and quotient."""
    return (
        ("d(m, x[k]) = 1 / n", "Every entry has the same share in the mean."),
        (
            f"d(s, x[k]) = (x[k] - m) / (n * s) = {h}[k] / n",
            f"{_ROOT} That the mean moves too does not matter, because the deviations add up to 0.",
        ),
        (
            f"d({h}[i], x[k]) = (same(i, k) - d(m, x[k]) - {h}[i] * d(s, x[k])) / s"
            f" = (same(i, k) - 1 / n - {h}[i] * {h}[k] / n) / s",
            "The quotient rule: entry k is itself in the numerator only where i = k, but the mean "
            "and the spread are in all of them.",
        ),
        (
            f"d(L, x[k]) = over(i, n, d(L, {h}[i]) * d({h}[i], x[k]))"
            f" = (d(L, {h}[k]) - over(i, n, d(L, {h}[i])) / n"
            f" - {h}[k] * over(i, n, d(L, {h}[i]) * {h}[i]) / n) / s",
            "The chain rule. What would only shift or only stretch the row is taken out of the "
            "gradient, because the standardized row cannot change that way.",
        ),
    )


_SQUARE: Final = (
    "Only the term with i = k has entry k of a in it. The square brings down its 2, and the inner "
    "derivative of a − b by a is 1."
)
_OTHER: Final = "Of b the inner derivative is −1: the same with the other sign."
_WINDOW: Final = (
    "An entry under the window at place i is multiplied by one weight; that weight is the slope."
)
_UNDER: Final = (
    "An entry may lie under the window at several places and under every filter, each time under "
    "another weight, the one that the brackets let through; all these shares are added up."
)

_MOVED: Final = "Each entry has moved to one place, and its gradient comes back from there."
_SEEN: Final = "An entry may lie under several windows; the shares of all of them add up."
_ADDED: Final = "A sum has the slope 1 in each of its terms: what was added gets all of it back."
_STRONGEST: Final = (
    "Only the largest entry of a window is seen, so it alone gets the gradient; the others could "
    "be a little larger or smaller, and nothing would change. Where several are equally large, the "
    "formula names each of them; by convention only the first gets it."
)
_BESIDE: Final = "The windows lie side by side: n = l / w of them."
_TILES: Final = "The windows lie side by side: n = r / h of them down and q = s / w across."
_AVERAGE: Final = "Each entry of a window moves its mean by the same share, and gets that share."
_TURNED: Final = (
    "It is linear in what comes in, so its own backward pass is the convolution forward again."
)
_FLAT: Final = (
    "It is flat wherever it does not jump: there a small change changes nothing, so no gradient "
    "flows."
)

LAWS: Final[dict[str, Law]] = {
    # Arithmetic
    "add": _single(
        "a + b",
        (
            "d(y, a) = 1",
            "A bit more of a makes y larger by just that bit: the gradient goes on unchanged.",
        ),
        "d(y, b) = 1",
        purpose="A sum joins what several sources contribute: each moves it by as much as it "
        "moves itself.",
    ),
    "subtract": _single(
        "a - b",
        "d(y, a) = 1",
        ("d(y, b) = -1", "The more is taken away, the less is left: the sign flips."),
        purpose="A difference says how far two numbers are apart, and in which direction.",
    ),
    "multiply": _single(
        "a * b",
        ("d(y, a) = b", "With b held fixed, y is a straight line in a, and b is its slope."),
        "d(y, b) = a",
        purpose="A product scales one number by another.",
    ),
    "divide": _single(
        "a / b",
        "d(y, a) = 1 / b",
        (
            "d(y, b) = -a / b**2 = -y / b",
            "The power rule for 1/b: the larger b is in size, the smaller y is in size.",
        ),
        purpose="A quotient measures one number by another.",
    ),
    "negative": _single(
        "-x",
        "d(y, x) = -1",
        purpose="The sign flips, so that something to be made large becomes a loss to be made "
        "small.",
    ),
    "power": _single(
        "a**n",
        (
            "d(y, a) = n * a**(n - 1)",
            "A change of one of n equal factors is multiplied by the other n − 1. All n change, so "
            "this counts n times.",
        ),
        (
            "d(y, n) = y * log(a)",
            "A power is e to the n ln a; its inner derivative with respect to n is ln a.",
        ),
        purpose="A number times itself, n times over: squares leave no error negative and weigh "
        "the large ones more, the power ½ is the root, and −1 the reciprocal.",
    ),
    "matmul": _law(
        "y[i, j] = over(k, d, a[i, k] * b[k, j])",
        (
            "d(y[i, j], a[i, k]) = b[k, j]",
            "Entry (i, j) uses row i of a and column j of b, and nothing else.",
        ),
        (
            "d(L, a[i, k]) = over(j, m, d(L, y[i, j]) * b[k, j])",
            "The entry (i, k) of a helps to make the whole row i of y. Adding up over that row is "
            "a product with the transpose of b.",
        ),
        (
            "d(L, b[k, j]) = over(i, n, a[i, k] * d(L, y[i, j]))",
            "The entry (k, j) of b helps to make column j of y: a product with the transpose of a.",
        ),
        shapes="a: n d; b: d m; y: n m",
        purpose="Each row of a meets each column of b: entry by entry they are multiplied, and the "
        "products are added up to one number.",
    ),
    "outer": _law(
        "y[i, j] = a[i] * b[j]",
        ("d(L, a[i]) = over(j, m, d(L, y[i, j]) * b[j])", "Entry i of a stands in all of row i."),
        "d(L, b[j]) = over(i, n, a[i] * d(L, y[i, j]))",
        shapes="a: n; b: m; y: n m",
        purpose="Every entry of one vector meets every entry of the other, as incoming gradient "
        "and activation do in the gradient of a weight matrix.",
    ),
    "diag": _law(
        "y[i, j] = same(i, j) * x[i]",
        ("d(L, x[k]) = d(L, y[k, k])", "Entry k stands on the diagonal and nowhere else."),
        shapes="x: n; y: n n",
        purpose="It makes a matrix of a vector that is multiplied entry by entry: diag(x) v is "
        "x ⊙ v. The Jacobian matrix of what works entry by entry is one.",
    ),
    # Arrangement
    "transpose_last": _law(
        "y[j, i] = x[i, j]",
        (
            "d(L, x[i, j]) = d(L, y[j, i])",
            "Each entry has moved to one place, and its gradient comes back from there.",
        ),
        shapes="x: n m; y: m n",
        purpose="Rows become columns, so that the same connections can be read the other way.",
    ),
    "broadcast": _law(
        "y[i, j] = x[j]",
        (
            "d(L, x[j]) = over(i, n, d(L, y[i, j]))",
            "One number was used many times: as many shares come back, and shares add.",
        ),
        shapes="x: m; y: n m",
        purpose="One row serves all rows, without being written down for each.",
    ),
    "sum_to": _law(
        "y[j] = over(i, n, x[i, j])",
        ("d(L, x[i, j]) = d(L, y[j])", "Each term of a sum has the slope 1."),
        shapes="x: n m; y: m",
        purpose="The backward pass of a repetition: the gradients of all copies are added.",
    ),
    "gather": _law(
        "y[i, j] = x[ids[i] + 1, j]",
        (
            "d(L, x[k, j]) = over(i, n, same(ids[i] + 1, k) * d(L, y[i, j]))",
            "A row gets the gradient of every place where it was looked up. Rows that nobody asked "
            "for get 0, so they do not learn in this step.",
        ),
        shapes="x: v d; ids: n; y: n d",
    ),
    "scatter_add": _law(
        "y[k, j] = over(i, n, same(ids[i] + 1, k) * g[i, j])",
        ("d(L, g[i, j]) = d(L, y[ids[i] + 1, j])", "Each row comes back from where it was added."),
        shapes="g: n d; ids: n; y: v d",
        purpose="The gradient of a table of vectors: what each use sends back is added to its row.",
    ),
    "pick": _law(
        "y[i] = x[i, labels[i] + 1]",
        (
            "d(L, x[i, c]) = same(c, labels[i] + 1) * d(L, y[i])",
            "Only the entry at the label is seen; the others could be anything.",
        ),
        shapes="x: n m; labels: n; y: n",
        purpose="Of each row only the entry of the right class matters.",
    ),
    # Functions of one number
    "exp": _single(
        "exp(x)",
        ("d(y, x) = exp(x) = y", "The exponential grows at a rate equal to its own value."),
    ),
    "log": _single(
        "log(x)",
        (
            "d(y, x) = 1 / x",
            "The inverse of the exponential: exp(y) = x, and by the chain rule exp(y) times the "
            "slope of y is 1.",
        ),
        purpose="The logarithm turns products into sums. Minus the logarithm of a probability is a "
        "loss: 0 for a probability of 1; the smaller the probability, the larger the loss.",
    ),
    "sqrt": _single(
        "sqrt(x)",
        ("d(y, x) = 1 / (2 * sqrt(x)) = 1 / (2 * y)", "From y² = x, so 2y times the slope is 1."),
        purpose="The root brings a mean of squares back to the size of the numbers themselves.",
    ),
    "square": _single(
        "x**2",
        ("d(y, x) = 2 * x", "x is a factor twice, and each time the other factor is the slope."),
        purpose="Squares leave no error negative and weigh the large ones more.",
    ),
    "sin": _single(
        "sin(x)",
        (
            "d(y, x) = cos(x)",
            "As x grows, the point (cos x, sin x) moves round the unit circle, at right angles to "
            "its radius: in the direction (−sin x, cos x).",
        ),
        purpose="Sine and cosine mark places in a sequence by waves of different lengths.",
    ),
    "cos": _single(
        "cos(x)",
        (
            "d(y, x) = -sin(x)",
            "As x grows, the point (cos x, sin x) moves round the unit circle, at right angles to "
            "its radius: in the direction (−sin x, cos x).",
        ),
        purpose="Sine and cosine mark places in a sequence by waves of different lengths.",
    ),
    "erf": _single(
        "erf(x)",
        (
            "d(y, x) = 2 * exp(-x**2) / sqrt(pi)",
            "erf is the area from 0 to x under the curve of this slope.",
        ),
        purpose="The area under a bell curve: a smooth switch from −1 to 1, which gives GELU its "
        "shape.",
    ),
    "abs": _single(
        "abs(x)",
        ("d(y, x) = above(x, 0) - above(0, x)", "Right of 0 the slope is 1, left of it −1."),
        purpose="The size of a number, whichever side of 0 it lies on.",
    ),
    "tanh": _single(
        "(exp(x) - exp(-x)) / (exp(x) + exp(-x))",
        (
            "d(y, x) = ((exp(x) + exp(-x))**2 - (exp(x) - exp(-x))**2) / (exp(x) + exp(-x))**2"
            " = 1 - y**2",
            "The quotient rule: numerator and denominator are each other's derivative.",
        ),
    ),
    "sigmoid": _single(
        "1 / (1 + exp(-x))",
        (
            "d(y, x) = exp(-x) / (1 + exp(-x))**2",
            "The power rule for 1/(…), times the inner derivative −exp(−x): two minus signs.",
        ),
        (
            "d(y, x) = 1 / (1 + exp(-x)) * (exp(-x) / (1 + exp(-x))) = y * (1 - y)",
            "One of the two factors is y, the other 1 − y.",
        ),
    ),
    "relu": _single(
        "maximum(0, x)",
        ("d(y, x) = above(x, 0)", "A line of slope 1 right of 0, and nothing left of it."),
    ),
    "softplus": _single(
        "log(1 + exp(x))",
        (
            "d(y, x) = exp(x) / (1 + exp(x)) = sigmoid(x)",
            "The derivative of the inside, divided by the inside.",
        ),
        purpose="A ReLU with a rounded corner, whose slope is the sigmoid.",
    ),
    "silu": _single(
        "x * sigmoid(x)",
        (
            "d(y, x) = sigmoid(x) + x * sigmoid(x) * (1 - sigmoid(x))",
            "The product rule: first x changes, then its gate.",
        ),
    ),
    "gelu": _single(
        "x * (1 + erf(x / sqrt(2))) / 2",
        (
            "d(y, x) = (1 + erf(x / sqrt(2))) / 2 + x * exp(-x**2 / 2) / sqrt(2 * pi)",
            "The product rule: first x changes, then its gate, whose slope is the bell curve.",
        ),
    ),
    "leaky_relu": _single(
        "where(above(x, 0), x, slope * x)",
        ("d(y, x) = where(above(x, 0), 1, slope)", "Two lines, each with its slope."),
    ),
    "prelu": _single(
        "where(above(x, 0), x, a * x)",
        ("d(y, x) = where(above(x, 0), 1, a)", "Two lines, each with its slope."),
        ("d(y, a) = where(above(x, 0), 0, x)", "The slope a is in use only left of 0."),
    ),
    "elu": _single(
        "where(above(x, 0), x, alpha * (exp(x) - 1))",
        (
            "d(y, x) = where(above(x, 0), 1, alpha * exp(x))",
            "Right of 0 a line of slope 1; left of 0 an exponential, which is its own slope.",
        ),
        (
            "d(y, x) = where(above(x, 0), 1, y + alpha)",
            "Left of 0 the exponential is the function's own value, moved up.",
        ),
    ),
    "celu": _single(
        "where(above(x, 0), x, alpha * (exp(x / alpha) - 1))",
        (
            "d(y, x) = where(above(x, 0), 1, exp(x / alpha))",
            "Right of 0 a line of slope 1. Left of 0 an exponential of x / alpha, times alpha: in "
            "the slope the two cancel, so that it is 1 on both sides of 0.",
        ),
    ),
    "maximum": _single(
        "where(above(a, b), a, b)",
        (
            "d(y, a) = above(a, b) + equal(a, b) / 2",
            "The larger one is y itself; the smaller one does not matter. Where both are equal, "
            "each gets half by convention.",
        ),
        "d(y, b) = above(b, a) + equal(a, b) / 2",
        purpose="The stronger of two goes on, and the gradient goes back to it alone.",
    ),
    "minimum": _single(
        "where(above(b, a), a, b)",
        (
            "d(y, a) = above(b, a) + equal(a, b) / 2",
            "The smaller one is y itself; the larger one does not matter. Where both are equal, "
            "each gets half by convention.",
        ),
        "d(y, b) = above(a, b) + equal(a, b) / 2",
        purpose="The smaller of two goes on, and the gradient goes back to it alone.",
    ),
    # Reductions
    "sum": _law(
        "y = over(i, n, x[i])",
        ("d(y, x[i]) = 1", "Each term of a sum has the slope 1: all get the same gradient."),
        shapes="x: n",
        purpose="Many numbers become one; each counts alike.",
    ),
    "mean": _law(
        "y = over(i, n, x[i]) / n",
        ("d(y, x[i]) = 1 / n", "One of n numbers moves their mean by an nth of its own move."),
        shapes="x: n",
    ),
    "max": _law(
        "y = top(i, n, x[i])",
        (
            "d(y, x[i]) = same(x[i], y)",
            "The largest entry is y itself; the others do not matter. Where several are equally "
            "large, the convention says which of them get it.",
        ),
        shapes="x: n",
    ),
    "min": _law(
        "y = -top(i, n, -x[i])",
        (
            "d(y, x[i]) = same(x[i], y)",
            "The smallest entry is y itself; the others do not matter. Where several are equally "
            "small, the convention says which of them get it.",
        ),
        shapes="x: n",
        purpose="Only the smallest entry goes on.",
    ),
    "softmax": _law(
        "y[i] = exp(z[i]) / over(k, n, exp(z[k]))",
        (
            "d(y[i], z[j]) = y[i] * (same(i, j) - y[j])",
            "The quotient rule. The exponential of entry j is in every denominator, which makes "
            "the result smaller; it is in the numerator only where i = j, which makes it larger.",
        ),
        (
            "d(L, z[j]) = over(i, n, d(L, y[i]) * d(y[i], z[j]))"
            " = y[j] * (d(L, y[j]) - over(i, n, d(L, y[i]) * y[i]))",
            "The gradient of a score compares the gradient of its own share with the average of "
            "all, weighted by the shares, and is scaled by its share.",
        ),
        shapes="z: n; y: n",
        loss="-log(y[0])",
    ),
    "logsumexp": _law(
        "y = log(over(k, n, exp(z[k])))",
        (
            "d(y, z[i]) = exp(z[i]) / over(k, n, exp(z[k]))",
            "The derivative of the inside, divided by the inside: that is softmax.",
        ),
        shapes="z: n",
        purpose="A smooth maximum: close to the largest entry, but every entry has a say.",
    ),
    "log_softmax": _law(
        "y[i] = z[i] - log(over(k, n, exp(z[k])))",
        (
            "d(y[i], z[j]) = same(i, j) - exp(y[j])",
            "The first term is entry j itself where i = j; the second is a log-sum-exp, whose "
            "slope is the softmax.",
        ),
        ("d(L, z[j]) = d(L, y[j]) - exp(y[j]) * over(i, n, d(L, y[i]))", _CHAIN),
        shapes="z: n; y: n",
        purpose="The logarithms of shares, without the rounding that tiny shares would suffer.",
    ),
    # Losses
    "mse": _law(
        "y = over(i, n, (a[i] - b[i])**2) / n",
        ("d(y, a[k]) = 2 * (a[k] - b[k]) / n", _SQUARE),
        ("d(y, b[k]) = -2 * (a[k] - b[k]) / n", _OTHER),
        shapes="a: n; b: n",
        purpose="How far a is from b: the square of each error, on average. An error twice as "
        "large counts four times.",
    ),
    "mae": _law(
        "y = over(i, n, abs(a[i] - b[i])) / n",
        (
            "d(y, a[k]) = sign(a[k] - b[k]) / n",
            "Only the direction of the error is left: a small one pulls as hard as a large one.",
        ),
        ("d(y, b[k]) = -sign(a[k] - b[k]) / n", _OTHER),
        shapes="a: n; b: n",
        purpose="How far a is from b on average, whichever way it errs. An error twice as "
        "large counts twice, so one wild value does not rule the fit.",
    ),
    "huber": _law(
        "y = over(i, n, above(abs(a[i] - b[i]), delta) * delta * (abs(a[i] - b[i]) - delta / 2)"
        " + (1 - above(abs(a[i] - b[i]), delta)) * (a[i] - b[i])**2 / 2) / n",
        (
            "d(y, a[k]) = minimum(maximum(a[k] - b[k], -delta), delta) / n",
            "A small error pulls as hard as it is large, as in half its square; every larger one "
            "pulls as hard as one of the size delta.",
        ),
        ("d(y, b[k]) = minimum(maximum(b[k] - a[k], -delta), delta) / n", _OTHER),
        shapes="a: n; b: n",
        purpose="How far a is from b: small errors count by their squares, so the fit comes to "
        "rest; large ones count only by their size, so one wild value does not rule it.",
    ),
    "squared_error": _law(
        "y = over(i, n, (a[i] - b[i])**2)",
        ("d(y, a[k]) = 2 * (a[k] - b[k])", _SQUARE),
        ("d(y, b[k]) = -2 * (a[k] - b[k])", _OTHER),
        shapes="a: n; b: n",
        purpose="How far a is from b: the squares of all errors, added up. With more entries it "
        "grows, and the gradient of the weights with it.",
    ),
    "half_squared_error": _law(
        "y = over(i, n, (a[i] - b[i])**2) / 2",
        ("d(y, a[k]) = 2 * (a[k] - b[k]) / 2 = a[k] - b[k]", "The ½ cancels the 2 of the square."),
        ("d(y, b[k]) = -(a[k] - b[k])", _OTHER),
        shapes="a: n; b: n",
    ),
    "cross_entropy": _law(
        "p[i, j] = exp(logits[i, j]) / over(k, m, exp(logits[i, k]))",
        (
            "y = -over(i, n, log(p[i, labels[i] + 1])) / n",
            "Of each sample the loss sees only the probability of its label.",
        ),
        (
            "d(p[i, c], logits[i, j]) = p[i, c] * (same(c, j) - p[i, j])",
            "That is softmax's own derivative.",
        ),
        (
            "d(log(p[i, c]), logits[i, j]) = d(p[i, c], logits[i, j]) / p[i, c]"
            " = same(c, j) - p[i, j]",
            "The logarithm divides by the probability, and the factor in front cancels: a wrong "
            "answer keeps its full pull, however sure the network is of it.",
        ),
        (
            "d(y, logits[i, j]) = (p[i, j] - same(j, labels[i] + 1)) / n",
            "So the gradient is the prediction p minus the right answer, a row of zeros with a 1 "
            "at the label. The n is that of the mean over the samples.",
        ),
        shapes="logits: n m; labels: n; p: n m",
    ),
    "nll": _law(
        "y = -over(i, n, log(probabilities[i, labels[i] + 1])) / n",
        (
            "d(y, probabilities[i, j]) = -same(j, labels[i] + 1) / (n * probabilities[i, j])",
            "Only the label's own probability matters; the smaller it is, the harder the pull.",
        ),
        shapes="probabilities: n m; labels: n",
        share=True,
    ),
    "bce": _law(
        "y = -over(i, n, t[i] * log(p[i]) + (1 - t[i]) * log(1 - p[i])) / n",
        (
            "d(y, p[k]) = -(t[k] / p[k] - (1 - t[k]) / (1 - p[k])) / n",
            "Each logarithm brings the reciprocal of its inside; 1 − p falls as p grows.",
        ),
        ("d(y, p[k]) = (p[k] - t[k]) / (n * p[k] * (1 - p[k]))", "Over a common denominator."),
        shapes="p: n; t: n",
        purpose="Each prediction costs minus the logarithm of the probability that was given to "
        "the right answer: −ln p if that is yes, −ln(1 − p) if it is no. The loss is the mean of "
        "these costs.",
        share=True,
    ),
    "bce_with_logits": _law(
        (
            "y = -over(i, n, t[i] * log(sigmoid(z[i])) + (1 - t[i]) * log(1 - sigmoid(z[i]))) / n"
            " = over(i, n, log(1 + exp(z[i])) - t[i] * z[i]) / n",
            "Minus the logarithm of what was given to the right answer, for p = σ(z). ln σ(z) is "
            "z − ln(1 + eᶻ), and "
            "ln(1 − σ(z)) is −ln(1 + eᶻ): the two logarithms become one, and no p is rounded to 0.",
        ),
        (
            "d(y, z[k]) = (sigmoid(z[k]) - t[k]) / n",
            "The slope of softplus is the sigmoid, so the gradient is p − t: the prediction "
            "minus the right answer.",
        ),
        shapes="z: n; t: n",
        purpose="The loss of a yes or no that takes the score z itself, before the sigmoid.",
    ),
    # Layers
    "standardize": _law(*_standardized("y"), *_standardized_back("y"), shapes="x: n; y: n"),
    "layer_norm": _law(
        *_standardized("h"),
        "y[i] = gain[i] * h[i] + bias[i]",
        ("d(L, bias[i]) = d(L, y[i])", "The shift is added: its gradient is the incoming one."),
        ("d(L, gain[i]) = d(L, y[i]) * h[i]", "The gain multiplies what was standardized."),
        ("d(L, h[i]) = d(L, y[i]) * gain[i]", "What comes back to the standardized row."),
        *_standardized_back("h"),
        shapes="x: n; gain: n; bias: n; h: n; y: n",
    ),
    "rms_norm": _law(
        "s = sqrt(over(i, n, x[i]**2) / n + epsilon)",
        "h[i] = x[i] / s",
        "y[i] = gain[i] * h[i]",
        ("d(L, gain[i]) = d(L, y[i]) * h[i]", "The gain multiplies what was scaled."),
        ("d(L, h[i]) = d(L, y[i]) * gain[i]", "What comes back to the scaled row."),
        ("d(s, x[k]) = x[k] / (n * s) = h[k] / n", _ROOT),
        (
            "d(h[i], x[k]) = (same(i, k) - h[i] * d(s, x[k])) / s"
            " = (same(i, k) - h[i] * h[k] / n) / s",
            "The quotient rule: entry k is in the numerator only where i = k, and in every root.",
        ),
        (
            "d(L, x[k]) = over(i, n, d(L, h[i]) * d(h[i], x[k]))"
            " = (d(L, h[k]) - h[k] * over(i, n, d(L, h[i]) * h[i]) / n) / s",
            "The chain rule. What would only stretch the row is taken out of the gradient, because "
            "the scaled row cannot change that way.",
        ),
        shapes="x: n; gain: n; h: n; y: n",
        purpose="A row is brought to one length, whatever its own, then stretched by a gain, "
        "which is trained. Unlike layer_norm it subtracts no mean.",
    ),
    "group_mean": _law(
        "y[i, w * (j - 1) + a] = over(b, w, x[i, w * (j - 1) + b]) / w",
        (
            "d(L, x[i, w * (j - 1) + b]) = over(a, w, d(L, y[i, w * (j - 1) + a])) / w",
            "Each entry of a group has a share of 1 over w in every place of it.",
        ),
        shapes="x: n p; y: n p",
        ranges="a: w; b: w; j: h",
        purpose="A group normalization takes this from each entry, and what comes back loses it "
        "too.",
        call="group_mean(x, {h})",
    ),
    "group_norm": _law(
        (
            "m[i, j] = over(a, w, x[i, w * (j - 1) + a]) / w",
            "The p channels of a sample make h groups of w.",
        ),
        "s[i, j] = sqrt(over(a, w, (x[i, w * (j - 1) + a] - m[i, j])**2) / w + epsilon)",
        "z[i, w * (j - 1) + a] = (x[i, w * (j - 1) + a] - m[i, j]) / s[i, j]",
        "y[i, c] = gain[c] * z[i, c] + bias[c]",
        ("d(L, bias[c]) = over(i, n, d(L, y[i, c]))", "All n samples share the shift."),
        (
            "d(L, gain[c]) = over(i, n, d(L, y[i, c]) * z[i, c])",
            "The gain multiplies what was standardized, in each sample.",
        ),
        ("d(L, z[i, c]) = d(L, y[i, c]) * gain[c]", "What comes back to the standardized entry."),
        (
            "d(L, x[i, w * (j - 1) + b]) = (d(L, z[i, w * (j - 1) + b])"
            " - over(a, w, d(L, z[i, w * (j - 1) + a])) / w - z[i, w * (j - 1) + b]"
            " * over(a, w, d(L, z[i, w * (j - 1) + a]) * z[i, w * (j - 1) + a]) / w) / s[i, j]",
            "Every entry also moves the mean and the spread of its group, and of no other. What "
            "would only shift or only stretch the group is taken out of the gradient.",
        ),
        shapes="x: n p; gain: p; bias: p; m: n h; s: n h; z: n p; y: n p",
        ranges="a: w; b: w; j: h",
        purpose="In each sample the channels are brought to mean 0 and spread 1 group by group, "
        "then stretched by a gain and shifted by a bias, which are trained. Other samples "
        "do not matter, so it works with a batch of one.",
        call="group_norm(x, gain, bias, {h})",
    ),
    "deviation": _law(
        "m = over(i, n, x[i]) / n",
        "y = sqrt(over(i, n, (x[i] - m)**2) / n + epsilon)",
        (
            "d(y, x[k]) = (x[k] - m) / (n * y)",
            f"{_ROOT} That the mean moves too does not matter, because the deviations add up to 0.",
        ),
        shapes="x: n",
        purpose="It measures how widely the entries of a row are spread.",
    ),
    "root_mean_square": _law(
        "y = sqrt(over(i, n, x[i]**2) / n + epsilon)",
        (
            "d(y, x[k]) = x[k] / (n * y)",
            _ROOT,
        ),
        shapes="x: n",
        purpose="It measures how large the entries of a row are, whatever their signs.",
    ),
    "dropout_with": _law(
        "y[i] = x[i] * mask[i] / (1 - rate)",
        (
            "d(y[i], x[i]) = mask[i] / (1 - rate)",
            "What was struck out passes nothing back; the rest is scaled up as it was forward.",
        ),
        shapes="x: n; mask: n; y: n",
        purpose="Some entries are set to 0, so that no unit relies on a single other unit.",
    ),
    # Sequences and images
    "conv1d": _law(
        (
            "y[o, i] = over(c, m, over(a, w, k[o, c, a] * x[c, i + a - 1]))",
            "There are m channels and f filters. A window of w entries fits at n = l − w + 1 "
            "places. With padding, zeros at both ends, and a stride, the window's step, it fits at "
            "n = (l + 2 · padding − w) / stride + 1, rounded down.",
        ),
        ("d(y[o, i], x[c, i + a - 1]) = k[o, c, a]", _WINDOW),
        (
            "d(L, x[c, t]) = over(o, f, over(i, n, over(a, w,"
            " same(t, i + a - 1) * k[o, c, a] * d(L, y[o, i]))))",
            _UNDER,
        ),
        (
            "d(L, k[o, c, a]) = over(i, n, d(L, y[o, i]) * x[c, i + a - 1])",
            "A weight of the filter is multiplied by another input at each place; all these "
            "shares are added up.",
        ),
        shapes="x: m l; k: f m w; y: f n",
        call="conv1d(x, k)",
    ),
    "conv2d": _law(
        (
            "y[o, i, j] = over(c, m, over(a, h, over(b, w, k[o, c, a, b]"
            " * x[c, i + a - 1, j + b - 1])))",
            "There are m channels and f filters. A window of h rows and w columns fits at "
            "n = r − h + 1 places down and q = s − w + 1 across. With padding, zeros on all sides, "
            "and a stride, the window's step, it fits at n = (r + 2 · padding − h) / stride + 1 "
            "down, rounded down, and so across.",
        ),
        ("d(y[o, i, j], x[c, i + a - 1, j + b - 1]) = k[o, c, a, b]", _WINDOW),
        (
            "d(L, x[c, p, t]) = over(o, f, over(i, n, over(j, q, over(a, h, over(b, w,"
            " same(p, i + a - 1) * same(t, j + b - 1) * k[o, c, a, b] * d(L, y[o, i, j]))))))",
            _UNDER,
        ),
        (
            "d(L, k[o, c, a, b]) = over(i, n, over(j, q, d(L, y[o, i, j])"
            " * x[c, i + a - 1, j + b - 1]))",
            "A weight of the filter is multiplied by another input at each place; all these "
            "shares are added up.",
        ),
        shapes="x: m r s; k: f m h w; y: f n q",
        call="conv2d(x, k)",
    ),
    # What only moves entries
    "transpose": _law(
        "y[j, i, k] = x[i, j, k]",
        ("d(L, x[i, j, k]) = d(L, y[j, i, k])", _MOVED),
        shapes="x: n m p; y: m n p",
        call="transpose(x, (1, 0, 2))",
        purpose="The same numbers are read in another order of their axes, as heads before "
        "positions in attention.",
    ),
    "reshape": _law(
        ("y[m * (i - 1) + j] = x[i, j]", "Row after row: y has q = n · m entries."),
        ("d(L, x[i, j]) = d(L, y[m * (i - 1) + j])", _MOVED),
        shapes="x: n m; y: q",
        purpose="The same numbers, counted row by row, stand in rows of another length.",
        call="reshape(x, ({n * m},))",
    ),
    "flatten": _law(
        ("y[i, p * (j - 1) + k] = x[i, j, k]", "A row of y has q = m · p entries."),
        ("d(L, x[i, j, k]) = d(L, y[i, p * (j - 1) + k])", _MOVED),
        shapes="x: n m p; y: n q",
        call="flatten(x, start=1)",
        purpose="A picture becomes one long row, which a fully connected layer can read.",
    ),
    "index": _law(
        "y[i] = x[i + 1]",
        (
            "d(L, x[k]) = over(i, m, same(k, i + 1) * d(L, y[i]))",
            "What was chosen gets the gradient of its new place. What was left out gets 0: the "
            "loss does not see it here.",
        ),
        shapes="x: l; y: m",
        purpose="Some entries are picked out: a time step, a row, a part of a sentence.",
    ),
    "place": _law(
        "y[k] = same(k, 2) * g",
        ("d(L, g) = d(L, y[2])", "It comes back from the one place where it was put."),
        shapes="y: n",
        purpose="The gradient of an index: what comes back is put where it was taken from, among "
        "zeros.",
    ),
    "unpick": _law(
        "y[i, j] = same(j, labels[i] + 1) * g[i]",
        ("d(L, g[i]) = d(L, y[i, labels[i] + 1])", "It comes back from the one place of its row."),
        shapes="g: n; labels: n; y: n m",
        purpose="The gradient of picking the entry at a label: the rest of the row gets 0.",
    ),
    "one_hot": _law(
        "y[i, j] = same(j, labels[i] + 1)",
        shapes="labels: n; y: n m",
        purpose="A label becomes a row that can be subtracted from probabilities: the y of p − y.",
    ),
    "concat": _law(
        "y[i] = a[i]",
        ("y[n + j] = b[j]", "y has q = n + m entries."),
        (
            "d(L, a[i]) = d(L, y[i])",
            "Each entry stands at one place of the whole, and its gradient comes back from there: "
            "the gradient is cut where the pieces were joined.",
        ),
        "d(L, b[j]) = d(L, y[n + j])",
        shapes="a: n; b: m; y: q",
    ),
    "stack": _law(
        "y[1, i] = a[i]",
        ("y[2, i] = b[i]", "Of two pieces y has q = 2 rows."),
        ("d(L, a[i]) = d(L, y[1, i])", "Each piece is a row of the whole and gets that row back."),
        "d(L, b[i]) = d(L, y[2, i])",
        shapes="a: n; b: n; y: q n",
    ),
    # Windows and pooling
    "windows1d": _law(
        ("y[i, a] = x[i + a - 1]", "A window of w entries fits at n = l − w + 1 places."),
        ("d(L, x[k]) = over(i, n, over(a, w, same(k, i + a - 1) * d(L, y[i, a])))", _SEEN),
        shapes="x: l; y: n w",
        purpose="What a filter or a pool sees at each place is laid side by side.",
    ),
    "windows1d_add": _law(
        "y[k] = over(i, n, over(a, w, same(k, i + a - 1) * g[i, a]))",
        ("d(L, g[i, a]) = d(L, y[i + a - 1])", _ADDED),
        shapes="g: n w; y: l",
        purpose="The backward pass of windows: an entry collects from every window that saw it.",
        call="windows1d_add(g, ({n + w - 1},), {w})",
    ),
    "windows2d": _law(
        (
            "y[i, j, w * (a - 1) + b] = x[i + a - 1, j + b - 1]",
            "A window fits at n = r − h + 1 places down and q = s − w + 1 across, and shows "
            "p = h · w entries.",
        ),
        ("d(y[i, j, w * (a - 1) + b], x[i + a - 1, j + b - 1]) = 1", _SEEN),
        shapes="x: r s; y: n q p",
        ranges="a: h; b: w",
        purpose="What a filter or a pool sees at each place is laid side by side.",
        call="windows2d(x, ({h}, {w}))",
    ),
    "windows2d_add": _law(
        "y[r, s] = over(i, n, over(j, q, over(a, h, over(b, w,"
        " same(r, i + a - 1) * same(s, j + b - 1) * g[i, j, w * (a - 1) + b]))))",
        ("d(L, g[i, j, w * (a - 1) + b]) = d(L, y[i + a - 1, j + b - 1])", _ADDED),
        shapes="g: n q p; y: u t",
        ranges="a: h; b: w",
        purpose="The backward pass of windows: an entry collects from every window that saw it.",
        call="windows2d_add(g, ({n + h - 1}, {q + w - 1}), ({h}, {w}))",
    ),
    "max_pool1d": _law(
        ("y[i] = top(a, w, x[w * (i - 1) + a])", _BESIDE),
        ("d(y[i], x[w * (i - 1) + a]) = same(x[w * (i - 1) + a], y[i])", _STRONGEST),
        shapes="x: l; y: n",
        ranges="a: w",
        call="max_pool1d(x, {w})",
    ),
    "avg_pool1d": _law(
        ("y[i] = over(a, w, x[w * (i - 1) + a]) / w", _BESIDE),
        ("d(y[i], x[w * (i - 1) + a]) = 1 / w", _AVERAGE),
        shapes="x: l; y: n",
        ranges="a: w",
        call="avg_pool1d(x, {w})",
    ),
    "max_pool2d": _law(
        ("y[i, j] = top(a, h, top(b, w, x[h * (i - 1) + a, w * (j - 1) + b]))", _TILES),
        (
            "d(y[i, j], x[h * (i - 1) + a, w * (j - 1) + b])"
            " = same(x[h * (i - 1) + a, w * (j - 1) + b], y[i, j])",
            _STRONGEST,
        ),
        shapes="x: r s; y: n q",
        ranges="a: h; b: w",
        call="max_pool2d(x, ({h}, {w}))",
    ),
    "avg_pool2d": _law(
        ("y[i, j] = over(a, h, over(b, w, x[h * (i - 1) + a, w * (j - 1) + b])) / (h * w)", _TILES),
        ("d(y[i, j], x[h * (i - 1) + a, w * (j - 1) + b]) = 1 / (h * w)", _AVERAGE),
        shapes="x: r s; y: n q",
        ranges="a: h; b: w",
        call="avg_pool2d(x, ({h}, {w}))",
    ),
    # The two ways back from a convolution
    "conv1d_input": _law(
        "y[c, t] = over(o, f, over(i, n, over(a, w, same(t, i + a - 1) * g[o, i] * k[o, c, a])))",
        ("d(L, g[o, i]) = over(c, m, over(a, w, k[o, c, a] * d(L, y[c, i + a - 1])))", _TURNED),
        (
            "d(L, k[o, c, a]) = over(i, n, g[o, i] * d(L, y[c, i + a - 1]))",
            "A weight was used at every place; the shares of all places add up.",
        ),
        shapes="g: f n; k: f m w; y: m l",
        purpose="The backward pass of a convolution to its input: every result sends its "
        "gradient, times the filter, to what lay under the window.",
        call="conv1d_input(g, k, ({m}, {n + w - 1}))",
    ),
    "conv1d_kernel": _law(
        "y[o, c, a] = over(i, u, g[o, i] * x[c, i + a - 1])",
        (
            "d(L, x[c, t]) = over(o, f, over(i, u, over(a, w,"
            " same(t, i + a - 1) * g[o, i] * d(L, y[o, c, a]))))",
            "At each place an input is multiplied by another weight.",
        ),
        (
            "d(L, g[o, i]) = over(c, m, over(a, w, d(L, y[o, c, a]) * x[c, i + a - 1]))",
            _TURNED,
        ),
        shapes="x: m l; g: f u; y: f m w",
        purpose="The backward pass of a convolution to its filter: every input that a weight was "
        "multiplied by, times the gradient that came back from there.",
        call="conv1d_kernel(x, g, {l - u + 1})",
    ),
    "conv2d_input": _law(
        "y[c, r, s] = over(o, f, over(i, n, over(j, q, over(a, h, over(b, w,"
        " same(r, i + a - 1) * same(s, j + b - 1) * g[o, i, j] * k[o, c, a, b])))))",
        (
            "d(L, g[o, i, j]) = over(c, m, over(a, h, over(b, w,"
            " k[o, c, a, b] * d(L, y[c, i + a - 1, j + b - 1]))))",
            _TURNED,
        ),
        (
            "d(L, k[o, c, a, b]) = over(i, n, over(j, q,"
            " g[o, i, j] * d(L, y[c, i + a - 1, j + b - 1])))",
            "A weight was used at every place; the shares of all places add up.",
        ),
        shapes="g: f n q; k: f m h w; y: m u t",
        purpose="The backward pass of a convolution to its input: every result sends its "
        "gradient, times the filter, to what lay under the window.",
        call="conv2d_input(g, k, ({m}, {n + h - 1}, {q + w - 1}))",
    ),
    "conv2d_kernel": _law(
        "y[o, c, a, b] = over(i, u, over(j, t, g[o, i, j] * x[c, i + a - 1, j + b - 1]))",
        (
            "d(L, g[o, i, j]) = over(c, m, over(a, h, over(b, w,"
            " d(L, y[o, c, a, b]) * x[c, i + a - 1, j + b - 1])))",
            _TURNED,
        ),
        (
            "d(L, x[c, p, q]) = over(o, f, over(i, u, over(j, t, over(a, h, over(b, w,"
            " same(p, i + a - 1) * same(q, j + b - 1) * g[o, i, j] * d(L, y[o, c, a, b]))))))",
            "At each place an input is multiplied by another weight.",
        ),
        shapes="x: m r s; g: f u t; y: f m h w",
        purpose="The backward pass of a convolution to its filter: every input that a weight was "
        "multiplied by, times the gradient that came back from there.",
        call="conv2d_kernel(x, g, ({r - u + 1}, {s - t + 1}))",
    ),
    # Switches, masks and counts
    "sign": _single(
        "above(x, 0) - above(0, x)",
        ("d(y, x) = 0", _FLAT),
        purpose="Which side of 0 a number is on, without how far: the slope of its absolute value.",
    ),
    "stop_gradient": _law(
        (
            "y = x",
            "Forward it is x itself. Backward a convention takes it for a constant: nothing comes "
            "back through it, though y moves with x.",
        ),
        purpose="What a loss uses and is not to change, such as a target that the network has "
        "made itself, is wrapped in it.",
    ),
    "step": _single(
        "above(x, 0)",
        ("d(y, x) = 0", _FLAT),
        purpose="A switch: on right of 0, off left of it, and nothing in between.",
    ),
    "equal": _single(
        "same(a, b)",
        ("d(y, a) = 0", _FLAT),
        ("d(y, b) = 0", _FLAT),
        purpose="It compares entry by entry: whether an answer is the right one.",
    ),
    "argmax": _law(
        (
            "x[y + 1] = top(j, n, x[j])",
            "The result is the place of the first largest entry, counted from 0.",
        ),
        ("d(y, x[j]) = 0", _FLAT),
        shapes="x: n",
        purpose="It turns scores into an answer: the class with the largest score.",
    ),
    "zeros": _law(
        "y[i, j] = 0",
        shapes="y: n m",
        purpose="An array to begin with, as the state before the first time step.",
    ),
    "ones": _law(
        "y[i, j] = 1",
        shapes="y: n m",
        purpose="An array of the neutral factor, as a gain before anything is learnt.",
    ),
    "pi": _law(
        (
            "cos(y) = -1",
            "Of all positive numbers with that cosine it is the smallest: half a turn.",
        ),
        purpose="It stands in the bell curve, and so in GELU.",
    ),
    "first_max": _law(
        (
            "y[i] = same(x[i], top(k, n, x[k]))",
            "Where several entries are equally large, only the first of them counts.",
        ),
        ("d(y[i], x[j]) = 0", _FLAT),
        shapes="x: n; y: n",
        purpose="It marks the winner: where the gradient of a maximum goes.",
    ),
    "even_max": _law(
        "y[i] = same(x[i], top(k, n, x[k])) / over(j, n, same(x[j], top(k, n, x[k])))",
        ("d(y[i], x[j]) = 0", _FLAT),
        shapes="x: n; y: n",
        purpose="It marks the winners: several that are equal share the gradient of a maximum.",
    ),
    "accuracy": _law(
        "y = over(i, n, same(scores[i, labels[i] + 1], top(j, m, scores[i, j]))) / n",
        (
            "d(y, scores[i, j]) = 0",
            "Where no two scores are equal, a small change of one changes no answer, so the slope "
            "is 0. Accuracy can be reported, but not trained on: training needs a loss that has a "
            "slope.",
        ),
        shapes="scores: n m; labels: n",
        purpose="It counts what people care about: the share of right answers.",
    ),
    "where": _single(
        "(1 - same(condition, 0)) * a + same(condition, 0) * b",
        ("d(y, a) = 1 - same(condition, 0)", "Only the branch that was taken matters."),
        "d(y, b) = same(condition, 0)",
        purpose="A choice entry by entry: one value where a condition holds, another elsewhere.",
    ),
    "causal_keep": _law(
        "y[i, j] = (1 - above(j, i)) * x[i, j]",
        (
            "d(L, x[i, j]) = (1 - above(j, i)) * d(L, y[i, j])",
            "What was struck out is not seen, so nothing comes back to it.",
        ),
        shapes="x: n n; y: n n",
        purpose="Row by row only what came before stays: the future is set to 0.",
    ),
    "causal_mask": _law(
        "y[i, j] = (1 - above(j, i)) * exp(scores[i, j])"
        " / over(k, n, (1 - above(k, i)) * exp(scores[i, k]))",
        (
            "d(L, scores[i, j]) = y[i, j] * (d(L, y[i, j]) - over(k, n, d(L, y[i, k]) * y[i, k]))",
            "Softmax's own law. A weight that the mask has made 0 stands in front as a factor, so "
            "nothing comes back to a score that was struck out.",
        ),
        shapes="scores: n n; y: n n",
    ),
    "dropout": _law(
        "y[i] = x[i] * mask[i] / (1 - rate)",
        (
            "d(y[i], x[i]) = mask[i] / (1 - rate)",
            "What was struck out passes nothing back; the rest is scaled up as it was forward.",
        ),
        shapes="x: n; mask: n; y: n",
        call="dropout_with(x, mask)",
    ),
    "clipped_log": _single(
        "log(maximum(x, exp(-100)))",
        (
            "d(y, x) = 1 / maximum(x, exp(-100))",
            "The reciprocal, which the bound keeps finite. Below the bound the value is flat; by "
            "convention the slope of the bound is passed on there, so that a probability that was "
            "rounded to 0 can still be raised.",
        ),
        purpose="A logarithm that stays finite where a probability has been rounded to 0.",
    ),
    "gelu_tanh": _law(
        "u = sqrt(2 / pi) * (x + 0.044715 * x**3)",
        "y = x * (1 + tanh(u)) / 2",
        (
            "d(u, x) = sqrt(2 / pi) * (1 + 3 * 0.044715 * x**2)",
            "What goes into the tanh, differentiated term by term.",
        ),
        (
            "d(y, x) = (1 + tanh(u)) / 2 + x * (1 - tanh(u)**2) / 2 * d(u, x)",
            "The product rule: first x changes, then its gate, by the chain rule through u.",
        ),
    ),
    "hardswish": _law(
        "u = minimum(maximum(x + 3, 0), 6) / 6",
        "y = x * u",
        ("d(u, x) = step(x + 3) * step(3 - x) / 6", "A straight line between −3 and 3, else flat."),
        (
            "d(y, x) = u + x * d(u, x)",
            "The product rule: first x changes, then its gate.",
        ),
        purpose="Nearly the same as silu, x times a sigmoid, but from straight lines alone, which "
        "small processors compute quickly.",
    ),
    "mish": _law(
        "u = log(1 + exp(x))",
        "y = x * tanh(u)",
        ("d(u, x) = sigmoid(x)", "The derivative of the inside, divided by the inside."),
        (
            "d(y, x) = tanh(u) + x * (1 - tanh(u)**2) * d(u, x)",
            "The product rule: first x changes, then its gate, by the chain rule through u.",
        ),
    ),
}
