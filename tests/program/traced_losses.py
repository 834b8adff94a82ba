"""Loss functions as people write them in NumPy: each with its parameters and its data."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

Arrays = Mapping[str, Any]


class TracedLoss(NamedTuple):
    """A loss function, and the names of what it takes; the first are its parameters."""

    name: str
    function: Callable[..., Any]
    parameters: tuple[str, ...]
    data: tuple[str, ...]


rng = np.random.default_rng(7)
VALUES: Arrays = {
    "X": rng.normal(size=(5, 3)),
    "y": rng.normal(size=5),
    "t": rng.normal(size=(5, 2)),
    "labels": np.array([0, 1, 1, 0, 1]),
    "signs": np.array([-1.0, 1, 1, -1, 1]),
    "tokens": np.array([[0, 2, 1], [3, 1, 0]]),
    "w": rng.normal(size=3),
    "b": np.array(0.3),
    "W": rng.normal(size=(3, 2)),
    "c": rng.normal(size=2),
    "V": rng.normal(size=(2, 2)),
    "E": rng.normal(size=(4, 3)),
    "Q": rng.normal(size=(3, 3)),
    "images": rng.normal(size=(2, 4, 4)),
    "K": rng.normal(size=(2, 2)),
}
LOSSES: list[TracedLoss] = []


def loss(parameters: str, data: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Enter a function into the table."""

    def enter(function: Callable[..., Any]) -> Callable[..., Any]:
        row = TracedLoss(
            function.__name__, function, tuple(parameters.split()), tuple(data.split())
        )
        LOSSES.append(row)
        return function

    return enter


# ruff: noqa: D103 - the functions are what somebody without hints writes
# mypy: disable-error-code="no-untyped-def"


@loss("w b", "X y")
def mean_squared_error(w, b, X, y):
    return np.mean((X @ w + b - y) ** 2)


@loss("w b", "X y")
def half_sum_of_squares(w, b, X, y):
    return 0.5 * ((X @ w + b - y) ** 2).sum()


@loss("w", "X y")
def root_mean_squared_error(w, X, y):
    return np.sqrt(np.mean(np.square(X.dot(w) - y)))


@loss("w", "X y")
def mean_absolute_error(w, X, y):
    return np.abs(X @ w - y).mean()


@loss("w", "X y")
def huber(w, X, y):
    e = X @ w - y
    return np.where(np.abs(e) < 0.7, 0.5 * e**2, 0.7 * (np.abs(e) - 0.35)).mean()


@loss("w", "X y")
def log_cosh(w, X, y):
    return np.mean(np.log(np.cosh(X @ w - y)))


@loss("w", "X y")
def quantile(w, X, y):
    e = y - X @ w
    return np.mean(np.maximum(0.9 * e, -0.1 * e))


@loss("w b", "X labels")
def binary_cross_entropy(w, b, X, labels):
    p = 1 / (1 + np.exp(-(X @ w + b)))
    return -np.mean(labels * np.log(p) + (1 - labels) * np.log(1 - p))


@loss("w b", "X labels")
def clipped_cross_entropy(w, b, X, labels):
    p = np.clip(1 / (1 + np.exp(-(X @ w + b))), 1e-7, 1 - 1e-7)
    return -(labels * np.log(p) + (1 - labels) * np.log(1 - p)).mean()


@loss("w", "X signs")
def logistic_of_margins(w, X, signs):
    return np.log1p(np.exp(-signs * (X @ w))).mean()


@loss("w", "X signs")
def log_add_exp(w, X, signs):
    return np.logaddexp(0, -signs * (X @ w)).mean()


@loss("w", "X signs")
def hinge(w, X, signs):
    return np.maximum(0, 1 - signs * (X @ w)).mean() + 0.01 * np.dot(w, w)


@loss("w", "X signs")
def squared_hinge(w, X, signs):
    return np.sum(np.maximum(0, 1 - signs * (X @ w)) ** 2)


@loss("W c", "X labels")
def softmax_cross_entropy(W, c, X, labels):
    z = X @ W + c
    e = np.exp(z - z.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    return -np.log(p[np.arange(len(labels)), labels]).mean()


@loss("W", "X labels")
def log_sum_exp(W, X, labels):
    z = X @ W
    return np.mean(np.log(np.exp(z).sum(axis=1)) - z[range(5), labels])


@loss("W", "X labels")
def one_hot_cross_entropy(W, X, labels):
    z = X @ W
    Y = np.eye(2)[labels]
    return -np.sum(Y * (z - np.log(np.sum(np.exp(z), axis=1, keepdims=True)))) / X.shape[0]


@loss("W", "X labels")
def focal(W, X, labels):
    z = X @ W
    p = np.exp(z) / np.exp(z).sum(1)[:, None]
    q = p[np.arange(X.shape[0]), labels]
    return -np.mean((1 - q) ** 2 * np.log(q))


@loss("W", "X labels")
def label_smoothing(W, X, labels):
    z = X @ W
    logp = z - np.log(np.exp(z).sum(axis=-1))[:, np.newaxis]
    return -0.9 * logp[np.arange(5), labels].mean() - 0.1 * logp.mean()


@loss("w", "X y")
def ridge(w, X, y):
    return np.mean((X @ w - y) ** 2) + 0.1 * np.sum(w**2)


@loss("w", "X y")
def lasso(w, X, y):
    return np.mean((X @ w - y) ** 2) + 0.1 * np.linalg.norm(w, 1)


@loss("w", "X y")
def elastic_net(w, X, y):
    return ((X @ w - y) ** 2).mean() + 0.1 * np.abs(w).sum() + 0.05 * np.linalg.norm(w) ** 2


@loss("W", "X t")
def frobenius(W, X, t):
    return np.linalg.norm(X @ W - t) ** 2 / len(X)


@loss("W", "X t")
def norm_of_rows(W, X, t):
    return np.linalg.norm(X @ W - t, axis=1).mean()


@loss("W", "X t")
def cosine_similarity(W, X, t):
    z = X @ W
    dots = np.sum(z * t, axis=1)
    return 1 - np.mean(dots / (np.linalg.norm(z, axis=1) * np.linalg.norm(t, axis=1)))


@loss("W", "X t")
def einsum_layer(W, X, t):
    return np.mean((np.einsum("ij,jk->ik", X, W) - t) ** 2)


@loss("Q", "X")
def quadratic_form(Q, X):
    return np.einsum("ni,ij,nj->", X, Q, X) / X.shape[0]


@loss("Q", "X")
def trace_of_product(Q, X):
    return np.trace(X @ Q @ X.T) / len(X)


@loss("W V", "X t")
def two_layers(W, V, X, t):
    h = np.tanh(X @ W)
    out = h @ V
    return np.mean((out - t) ** 2)


@loss("W V c", "X t")
def relu_layers(W, V, c, X, t):
    h = np.maximum(X @ W + c, 0)
    return ((h @ V - t) ** 2).sum(axis=1).mean()


@loss("W V", "X t")
def leaky_relu(W, V, X, t):
    z = X @ W
    return np.mean((np.where(z > 0, z, 0.1 * z) @ V - t) ** 2)


@loss("W V", "X t")
def masked_relu(W, V, X, t):
    z = X @ W
    return np.mean((z * (z > 0) @ V - t) ** 2)


@loss("W V", "X t")
def elu(W, V, X, t):
    z = X @ W
    return np.mean((np.where(z > 0, z, np.expm1(z)) @ V - t) ** 2)


@loss("W V", "X t")
def swish(W, V, X, t):
    z = X @ W
    return np.mean((z / (1 + np.exp(-z)) @ V - t) ** 2)


@loss("W V", "X t")
def gelu(W, V, X, t):
    z = X @ W
    a = 0.5 * z * (1 + np.tanh(math.sqrt(2 / math.pi) * (z + 0.044715 * z**3)))
    return np.mean((a @ V - t) ** 2)


@loss("W V", "X t")
def layer_norm(W, V, X, t):
    z = X @ W
    normal = (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 0.1)
    return np.mean((normal @ V - t) ** 2)


@loss("W V", "X t")
def batch_norm(W, V, X, t):
    z = X @ W
    normal = (z - z.mean(0)) / (z.std(axis=0) + 1e-3)
    return ((normal @ V - t) ** 2).mean()


@loss("W V", "X t")
def residual(W, V, X, t):
    h = X @ W
    h = h + np.tanh(h @ V)
    return np.mean((h - t) ** 2)


@loss("Q", "X")
def attention(Q, X):
    s = (X @ Q) @ X.T / np.sqrt(X.shape[-1])
    a = np.exp(s - s.max(axis=-1, keepdims=True))
    a = a / a.sum(axis=-1, keepdims=True)
    return np.mean((a @ X) ** 2)


@loss("Q", "X")
def causal_attention(Q, X):
    s = X @ Q @ X.T
    a = np.exp(s) * np.tril(np.ones((5, 5)))
    a /= a.sum(axis=1)[:, None]
    return np.sum((a @ X)[-1] ** 2)


@loss("E w", "tokens")
def embeddings(E, w, tokens):
    return np.mean(np.tanh(E[tokens] @ w))


@loss("E w", "tokens")
def bag_of_words(E, w, tokens):
    return np.mean((E[tokens].mean(axis=1) @ w) ** 2)


@loss("W Q", "X t")
def recurrent(W, Q, X, t):
    h = np.zeros(3)
    for x in X:
        h = np.tanh(x + h @ Q)
    return np.sum((h @ W - t[-1]) ** 2)


@loss("W Q", "X t")
def outputs_in_a_list(W, Q, X, t):
    h = np.zeros(3)
    outputs = []
    for i in range(len(X)):
        h = np.tanh(X[i] + Q @ h)
        outputs.append(h @ W)
    return np.mean((np.stack(outputs) - t) ** 2)


@loss("K", "images")
def convolution_by_hand(K, images):
    total = 0
    for i in range(3):
        for j in range(3):
            total = total + ((images[:, i : i + 2, j : j + 2] * K).sum(axis=(1, 2)) ** 2).sum()
    return total


@loss("w", "X y")
def part_of_columns(w, X, y):
    return np.mean((X[:, :2] @ w[:2] + w[-1] - y) ** 2)


@loss("w", "X y labels")
def chosen_samples(w, X, y, labels):
    e = X @ w - y
    return np.mean(e[[0, 2, 4]] ** 2)


@loss("w", "X y")
def masked_mean(w, X, y):
    mask = np.array([1.0, 1, 0, 1, 0])
    return np.sum(mask * (X @ w - y) ** 2) / mask.sum()


@loss("w", "X y")
def weighted_average(w, X, y):
    return np.average((X @ w - y) ** 2, weights=np.array([1.0, 2, 1, 2, 1]))


@loss("W", "X t")
def kl_divergence(W, X, t):
    p = np.exp(t) / np.exp(t).sum(axis=1, keepdims=True)
    z = X @ W
    q = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return np.sum(p * (np.log(p) - np.log(q))) / len(X)


@loss("W", "X")
def entropy(W, X):
    z = X @ W
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    return -(p * np.log2(p)).sum(axis=1).mean()


@loss("W c", "X")
def variational(W, c, X):
    mu = X @ W
    logvar = c
    return 0.5 * np.sum(np.exp(logvar) + mu**2 - 1 - logvar) / X.shape[0]


@loss("w b", "X y")
def gaussian_likelihood(w, b, X, y):
    return np.mean(b + 0.5 * ((y - X @ w) / np.exp(b)) ** 2)


@loss("w", "X labels")
def poisson(w, X, labels):
    rate = X @ w
    return np.mean(np.exp(rate) - labels * rate)


@loss("W", "X t")
def contrastive(W, X, t):
    z = X @ W
    distances = np.sqrt(((z[:, None, :] - t[None, :, :]) ** 2).sum(-1) + 1e-3)
    return np.mean(np.maximum(0, 1 - distances))


@loss("W", "X")
def triplet(W, X):
    z = X @ W
    near = np.sum((z[0] - z[1]) ** 2)
    far = np.sum((z[0] - z[2]) ** 2)
    return np.maximum(near - far + 5.0, 0.0)


@loss("W", "X")
def pairwise_ranking(W, X):
    s = (X @ W).sum(axis=1)
    d = s[:, None] - s
    return np.log1p(np.exp(-d)).mean()


@loss("W V", "X")
def autoencoder(W, V, X):
    code = np.tanh(X @ W)
    return np.mean((code @ V @ W.T - X) ** 2) + 0.1 * code.var()


@loss("W", "X")
def information_of_a_batch(W, X):
    z = X @ W
    z = z / np.linalg.norm(z, axis=1, keepdims=True)
    s = z @ z.T / 0.5
    return np.mean(np.log(np.exp(s).sum(axis=1)) - np.diag(s))


@loss("w", "X y")
def standardized(w, X, y):
    x = (X - X.mean(axis=0)) / X.std(axis=0)
    return ((x @ w - y) ** 2).mean()


@loss("W", "X t")
def mean_of_products(W, X, t):
    return -np.prod(1 / (1 + np.exp(-(X @ W)[0]))) + np.mean((X @ W - t) ** 2)


@loss("W", "X t")
def decorrelated(W, X, t):
    a, b = X @ W, t
    a, b = (a - a.mean(0)) / a.std(0), (b - b.mean(0)) / b.std(0)
    m = a.T @ b / len(X)
    return ((np.diag(m) - 1) ** 2).sum() + 0.01 * ((m - np.diag(np.diag(m))) ** 2).sum()


@loss("W c", "X labels")
def log_probabilities(W, c, X, labels):
    z = X @ W + c
    log_p = z - np.logaddexp.reduce(z, axis=1, keepdims=True)
    return -np.take_along_axis(log_p, labels[:, None], axis=1).mean()


@loss("w", "X y")
def pseudo_huber(w, X, y):
    return np.mean(np.hypot(1, X @ w - y) - 1)


@loss("w", "X y")
def areas_of_hyperbolas(w, X, y):
    z = np.outer(X @ w, y).flatten()
    return np.mean(np.arcsinh(z) ** 2) + np.mean(np.arctanh(np.tanh(z) / 2))


@loss("w", "X y")
def angles_and_roots(w, X, y):
    z = X @ w
    return np.mean(np.radians(z) - np.cbrt(1 + z**2)) + np.mean(np.rad2deg(np.exp2(z) - y) ** 2)


@loss("W", "X y")
def mahalanobis_distance(W, X, y):
    z = X @ W
    return np.sum(z * np.linalg.solve(z.T @ z + np.eye(2), z.T).T)


@loss("W", "X y")
def volume(W, X, y):
    moment = (X @ W).T @ (X @ W) + np.eye(2)
    return np.log(np.linalg.det(moment)) + np.trace(np.linalg.inv(moment))


@loss("Q c", "X t")
def weighed_by_an_inverse(Q, c, X, t):
    r = np.cross(X @ Q, X)
    spread = np.sum(r @ np.linalg.inv(Q) * r, axis=1)
    return np.mean(spread) + np.linalg.det(np.kron(Q[:2, :2], c * np.eye(2)))


@loss("w", "X y")
def band_limited(w, X, y):
    return np.mean((np.sinc(X @ w) - np.sinc(0 * y) + np.tan(0.1 * y)) ** 2)


@loss("w c", "X y")
def through_a_table(w, c, X, y):
    z = np.interp(X @ w, [-1.5, -0.2, 0.4, 1.7], np.concatenate([c, [0.3, -1.0]]))
    return np.mean((z - y) ** 2 + np.interp(z, [-1, 0.5, 2], [0.1, 0.7, -0.2]))


@loss("w", "X y")
def trimmed(w, X, y):
    r = (X @ w - y) ** 2
    return np.sort(r)[: int(0.75 * len(r))].mean()


@loss("w", "X y")
def scaled_by_the_median(w, X, y):
    r = X @ w - y
    return np.mean(np.sqrt(1 + (r / np.median(np.abs(r))) ** 2)) + np.percentile(r, 30)


@loss("w", "X y")
def largest_errors(w, X, y):
    r = (X @ w - y) ** 2
    return r[np.argsort(r)[-2:]].mean()


@loss("W", "X t")
def sorted_rows(W, X, t):
    return np.sum((np.sort(X @ W, axis=0) - np.sort(t, axis=0)) ** 2)


@loss("w", "X labels")
def pairs_of_two_classes(w, X, labels):
    z = X @ w
    below, above = z[labels == 0], z[(labels > 0) & np.isfinite(z.shape[0])]
    return np.mean(np.log1p(np.exp(below[:, None] - above)))


@loss("W", "X labels")
def class_centres(W, X, labels):
    h = np.tanh(X @ W)
    total = 0.0
    for k in np.unique(labels):
        group = h[labels == k]
        total = total + ((group - group.mean(axis=0)) ** 2).sum()
    return total / (labels.max() + 1)


@loss("W", "X labels")
def weighted_by_counts(W, X, labels):
    share = len(labels) / np.bincount(labels, minlength=2)
    z = X @ W
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    return -np.mean(share[labels] * log_p[np.arange(len(labels)), labels])


@loss("W", "X t")
def only_where_positive(W, X, t):
    if np.isnan(t).any():
        raise ValueError("a target is missing")
    keep = t > 0
    return ((X @ W - t)[keep] ** 2).sum() / keep.sum()


@loss("W", "X t")
def by_order_of_the_target(W, X, t):
    s = np.take_along_axis(X @ W, np.argsort(-t, axis=1), axis=1)
    return np.mean(np.log(np.exp(s).sum(axis=1)) - s[:, 0])


@loss("w", "X y")
def rolled(w, X, y):
    p = X @ w
    smooth = np.convolve(p, [0.25, 0.5, 0.25], mode="same")
    return np.mean((np.roll(p, 1) - smooth) ** 2) + np.ptp(np.append(p, y))


@loss("W", "X t")
def covariances(W, X, t):
    shared = np.cov(X @ W, rowvar=False)
    return np.sum((shared - np.eye(2)) ** 2) - np.corrcoef((X @ W)[:, 0], t[:, 0])[0, 1]


@loss("W", "X t")
def list_of_rows(W, X, t):
    return np.mean([np.nansum((x @ W - y) ** 2) for x, y in zip(X, t, strict=True)])


@loss("w", "X y")
def changed_data(w, X, y):
    X = X - X.mean(axis=0)
    X /= X.std(axis=0)
    X[:, 1] = 0
    return np.mean((X @ w - y)[X[:, 0] > X[:, 1]] ** 2)


@loss("w", "X y")
def arctangent(w, X, y):
    return np.mean(np.arctan(X @ w - y) ** 2)
