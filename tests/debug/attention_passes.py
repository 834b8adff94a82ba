"""Self-attention in two layers with a backward pass by hand: as functions, and as modules."""

from __future__ import annotations

FUNCTIONS = """
import numpy as np

rng = np.random.default_rng(3)
B, T, D, V = 2, 4, 6, 5
tokens = rng.integers(0, V, size=(B, T))
targets = rng.integers(0, V, size=(B, T))

params = {
    "E": rng.normal(size=(V, D)) * 0.5,
    "P": rng.normal(size=(T, D)) * 0.1,
    "U": rng.normal(size=(D, V)) * 0.5,
    "c": np.zeros(V),
}
for layer in range(2):
    for key in ("Wq", "Wk", "Wv", "Wo"):
        params[f"{key}{layer}"] = rng.normal(size=(D, D)) * 0.4

mask = np.triu(np.ones((T, T)), k=1) * -1e9


def softmax(s):
    e = np.exp(s - s.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_backward(dp, p):
    return p * (dp - (dp * p).sum(axis=-1, keepdims=True))


def attention(x, p, i):
    q = x @ p[f"Wq{i}"]
    k = x @ p[f"Wk{i}"]
    v = x @ p[f"Wv{i}"]
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1]) + mask
    a = softmax(scores)
    mixed = a @ v
    out = mixed @ p[f"Wo{i}"]
    return out, (x, q, k, v, a, mixed)


def weight_gradient(x, dy):
    return x.reshape(-1, x.shape[-1]).T @ dy.reshape(-1, dy.shape[-1])


def attention_backward(dout, cache, p, i, grads):
    x, q, k, v, a, mixed = cache
    grads[f"Wo{i}"] = weight_gradient(mixed, dout)
    dmixed = dout @ p[f"Wo{i}"].T
    da = dmixed @ v.transpose(0, 2, 1)
    dv = a.transpose(0, 2, 1) @ dmixed
    dscores = softmax_backward(da, a) / np.sqrt(q.shape[-1])
    dq = dscores @ k
    dk = dscores.transpose(0, 2, 1) @ q
    grads[f"Wq{i}"] = weight_gradient(x, dq)
    grads[f"Wk{i}"] = weight_gradient(x, dk)
    grads[f"Wv{i}"] = weight_gradient(x, dv)
    return dq @ p[f"Wq{i}"].T + dk @ p[f"Wk{i}"].T + dv @ p[f"Wv{i}"].T


def forward(p):
    h = p["E"][tokens] + p["P"]
    caches = []
    for i in range(2):
        out, cache = attention(h, p, i)
        h = h + out
        caches.append(cache)
    logits = h @ p["U"] + p["c"]
    probs = softmax(logits)
    rows, columns = np.indices(targets.shape)
    loss = -np.log(probs[rows, columns, targets]).mean()
    return loss, (h, probs, caches)


def backward(p, saved):
    h, probs, caches = saved
    grads = {}
    dlogits = probs.copy()
    rows, columns = np.indices(targets.shape)
    dlogits[rows, columns, targets] -= 1
    dlogits /= targets.size
    grads["U"] = weight_gradient(h, dlogits)
    grads["c"] = dlogits.sum(axis=(0, 1))
    dh = dlogits @ p["U"].T
    for i in reversed(range(2)):
        dh = dh + attention_backward(dh, caches[i], p, i, grads)
    grads["P"] = dh.sum(axis=0)
    grads["E"] = np.zeros_like(p["E"])
    np.add.at(grads["E"], tokens, dh)
    return grads


for step in range(3):
    loss, saved = forward(params)
    grads = backward(params, saved)
    for name in params:
        params[name] = params[name] - 0.1 * grads[name]
    print(step, loss)
"""

MODULES = """
import numpy as np


class Parameter:
    def __init__(self, data):
        self.data = data
        self.grad = np.zeros_like(data)


class Module:
    def parameters(self):
        for value in vars(self).values():
            if isinstance(value, Parameter):
                yield value
            elif isinstance(value, Module):
                yield from value.parameters()
            elif isinstance(value, list):
                for item in value:
                    yield from item.parameters()

    def zero_grad(self):
        for p in self.parameters():
            p.grad[...] = 0

    def __call__(self, *inputs):
        return self.forward(*inputs)


class Linear(Module):
    def __init__(self, n_in, n_out, rng):
        self.weight = Parameter(rng.uniform(-1, 1, size=(n_out, n_in)) / np.sqrt(n_in))
        self.bias = Parameter(np.zeros(n_out))

    def forward(self, x):
        self.x = x
        return x @ self.weight.data.T + self.bias.data

    def backward(self, grad_output):
        self.weight.grad += grad_output.T @ self.x
        self.bias.grad += grad_output.sum(axis=0)
        return grad_output @ self.weight.data


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def softmax_grad(grad, out):
    inner = np.sum(grad * out, axis=-1, keepdims=True)
    return out * (grad - inner)


class SelfAttention(Module):
    def __init__(self, dim, rng):
        self.query = Linear(dim, dim, rng)
        self.key = Linear(dim, dim, rng)
        self.value = Linear(dim, dim, rng)
        self.dim = dim

    def forward(self, x):
        self.q = self.query(x)
        self.k = self.key(x)
        self.v = self.value(x)
        self.weights = softmax(self.q @ self.k.T / np.sqrt(self.dim))
        return self.weights @ self.v

    def backward(self, grad_output):
        grad_weights = grad_output @ self.v.T
        grad_v = self.weights.T @ grad_output
        grad_scores = softmax_grad(grad_weights, self.weights) / np.sqrt(self.dim)
        grad_q = grad_scores @ self.k
        grad_k = grad_scores.T @ self.q
        grad_x = self.query.backward(grad_q)
        grad_x = grad_x + self.key.backward(grad_k)
        grad_x = grad_x + self.value.backward(grad_v)
        return grad_x


class Network(Module):
    def __init__(self, dim, rng):
        self.layers = [SelfAttention(dim, rng), SelfAttention(dim, rng)]
        self.head = Linear(dim, 1, rng)

    def forward(self, x):
        for layer in self.layers:
            x = x + layer(x)
        return self.head(x)[:, 0]

    def backward(self, grad_output):
        grad = self.head.backward(grad_output[:, None])
        for layer in reversed(self.layers):
            grad = grad + layer.backward(grad)
        return grad


class MSELoss:
    def forward(self, prediction, target):
        self.prediction, self.target = prediction, target
        return np.mean((prediction - target) ** 2)

    def backward(self):
        return 2 * (self.prediction - self.target) / len(self.target)


rng = np.random.default_rng(0)
x = rng.normal(size=(6, 3))
target = rng.normal(size=6)
net = Network(3, rng)
criterion = MSELoss()
for epoch in range(3):
    prediction = net(x)
    loss = criterion.forward(prediction, target)
    net.zero_grad()
    net.backward(criterion.backward())
    for p in net.parameters():
        p.data -= 0.05 * p.grad
    print(f"epoch {epoch}: loss {loss:.4f}")
"""

SLIPS = (
    # the code, the right text, the wrong one, the line that is to be located, is it corrected
    (FUNCTIONS, "dk = dscores.transpose(0, 2, 1) @ q", "dk = dscores @ q", "", True),
    (FUNCTIONS, "(dp * p).sum(axis=-1,", "(dp * p).sum(axis=1,", "return p * (dp", True),
    (MODULES, "grad_output.sum(axis=0)", "grad_output.mean(axis=0)", "", True),
    (MODULES, "grad_k = grad_scores.T @ self.q", "grad_k = grad_scores @ self.q", "", True),
    (
        MODULES,
        "2 * (self.prediction - self.target)",
        "2 * (self.target - self.prediction)",
        "",
        True,
    ),
)
