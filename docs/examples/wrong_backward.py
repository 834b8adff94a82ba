"""A classifier of two layers by hand: one of its gradients is wrong.

`tracer debug docs/examples/wrong_backward.py --run` finds it.
"""

import numpy as np

rng = np.random.default_rng(0)
X = rng.normal(size=(6, 4))
y = np.array([0, 2, 1, 1, 0, 2])
W1 = rng.normal(size=(4, 5))
b1 = np.zeros(5)
W2 = rng.normal(size=(5, 3))
b2 = np.zeros(3)


def forward(X, y, W1, b1, W2, b2):
    """Return the loss, and what the backward pass needs."""
    z1 = X @ W1 + b1
    h = np.maximum(z1, 0)
    z2 = h @ W2 + b2
    e = np.exp(z2 - z2.max(axis=1, keepdims=True))
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(len(y)), y]).mean()
    return loss, (z1, h, p)


def backward(X, y, W2, cache):
    """Return the gradients of the parameters."""
    z1, h, p = cache
    n = len(y)
    dz2 = p.copy()
    dz2[np.arange(n), y] -= 1
    dz2 /= n
    dW2 = h.T @ dz2
    db2 = dz2.sum(axis=0)
    dh = dz2 @ W2.T
    dz1 = dh * (dh > 0)
    dW1 = X.T @ dz1
    db1 = dz1.sum(axis=0)
    return {"W1": dW1, "b1": db1, "W2": dW2, "b2": db2}


for step in range(3):
    loss, cache = forward(X, y, W1, b1, W2, b2)
    gradients = backward(X, y, W2, cache)
    W1 -= 0.1 * gradients["W1"]
    b1 -= 0.1 * gradients["b1"]
    W2 -= 0.1 * gradients["W2"]
    b2 -= 0.1 * gradients["b2"]
    print(step, loss)
