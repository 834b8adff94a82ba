"""Pieces of code as articles have them: right ones, and wrong ones with what must be found."""

from __future__ import annotations

import random


def collapsed(code: str, seed: int) -> str:
    """Return code of which some lines were joined to the line before, as web pages do."""
    source = random.Random(seed)
    lines: list[str] = []
    for line in code.strip("\n").split("\n"):
        indent = len(line) - len(line.lstrip())
        before = lines[-1].rstrip() if lines else ""
        follows = before.endswith(":") or indent == len(before) - len(before.lstrip())
        if before and line.strip() and follows and source.random() < 0.3:
            lines[-1] = before + line.strip()
        else:
            lines.append(line)
    return "\n".join(lines)


DATA = """
import numpy as np
X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]])
y = np.array([1.0, 0.0, 1.0])
w = np.array([0.5, -0.5])
b = 0.0
"""

NETWORK = """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def sigmoid_derivative(a):
    return a * (1 - a)
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([[0], [1], [1], [0]])
np.random.seed(1)
W1 = np.random.randn(2, 3)
b1 = np.zeros((1, 3))
W2 = np.random.randn(3, 1)
b2 = np.zeros((1, 1))
lr = 0.1
for epoch in range(1000):
    z1 = X @ W1 + b1
    a1 = sigmoid(z1)
    z2 = a1 @ W2 + b2
    a2 = sigmoid(z2)
"""

RIGHT = {
    "one weight": """
w = 0.5
lr = 0.1
x = 1
y = 2
for i in range(3):
    y_pred = w * x
    loss = (y_pred - y)**2
    print("loss =", loss)
    dloss_dw = 2 * (y_pred - y) * x
    print("dloss_dw =", dloss_dw)
    w = w - lr * dloss_dw
    print("w =", w)
""",
    "mean squared error": DATA
    + """
y_hat = X @ w + b
loss = np.mean((y_hat - y) ** 2)
dw = 2 * X.T @ (y_hat - y) / len(y)
db = 2 * np.mean(y_hat - y)
w -= 0.1 * dw
b -= 0.1 * db
""",
    "half of the mean": DATA
    + """
m = len(y)
h = np.dot(X, w)
J = 1 / (2 * m) * np.sum((h - y) ** 2)
grad = 1 / m * np.dot(X.T, h - y)
w = w - 0.01 * grad
""",
    "the sum": DATA
    + """
y_hat = X.dot(w)
loss = ((y_hat - y) ** 2).sum()
grad = 2 * X.T.dot(y_hat - y)
""",
    "descending with the error reversed": DATA
    + """
error = y - X @ w
loss = np.mean(error ** 2)
grad = 2 * X.T @ error / len(y)
w += 0.1 * grad
""",
    "no name for the gradient": DATA
    + """
error = y - X @ w
loss = (error ** 2).mean()
w = w + 0.1 * X.T @ error
""",
    "logistic": DATA
    + """
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
p = sigmoid(np.dot(X, w) + b)
loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
dw = np.dot(X.T, p - y) / len(X)
db = np.sum(p - y) / len(X)
""",
    "logistic with clipped outputs": DATA
    + """
eps = 1e-15
p = 1 / (1 + np.exp(-(X @ w + b)))
p = np.clip(p, eps, 1 - eps)
loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
dw = X.T @ (p - y) / len(X)
""",
    "softmax": """
import numpy as np
X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0]])
Y = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
W = np.random.randn(2, 3) * 0.01
b = np.zeros(3)
def softmax(z):
    e = np.exp(z - np.max(z, axis=1, keepdims=True))
    return e / np.sum(e, axis=1, keepdims=True)
P = softmax(X @ W + b)
loss = -np.sum(Y * np.log(P)) / len(X)
dW = X.T @ (P - Y) / len(X)
db = np.sum(P - Y, axis=0) / len(X)
W -= 0.1 * dW
b -= 0.1 * db
""",
    "a network with mean squared error": NETWORK
    + """
    loss = np.mean((a2 - y) ** 2)
    d2 = 2 * (a2 - y) / len(y) * sigmoid_derivative(a2)
    dW2 = a1.T @ d2
    db2 = d2.sum(axis=0, keepdims=True)
    d1 = (d2 @ W2.T) * sigmoid_derivative(a1)
    dW1 = X.T @ d1
    db1 = d1.sum(axis=0, keepdims=True)
    W2 -= lr * dW2
    b2 -= lr * db2
    W1 -= lr * dW1
    b1 -= lr * db1
""",
    "a network that adds the reversed error": NETWORK
    + """
    loss = np.mean((y - a2) ** 2)
    error = y - a2
    d2 = error * sigmoid_derivative(a2)
    d1 = d2.dot(W2.T) * sigmoid_derivative(a1)
    W2 += a1.T.dot(d2) * lr
    W1 += X.T.dot(d1) * lr
""",
    "columns are samples": """
import numpy as np
X = np.random.randn(2, 5)
Y = np.array([[1, 0, 1, 1, 0]])
m = X.shape[1]
W1 = np.random.randn(4, 2) * 0.01
b1 = np.zeros((4, 1))
W2 = np.random.randn(1, 4) * 0.01
b2 = np.zeros((1, 1))
Z1 = np.dot(W1, X) + b1
A1 = np.tanh(Z1)
Z2 = np.dot(W2, A1) + b2
A2 = 1 / (1 + np.exp(-Z2))
cost = -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / m
dZ2 = A2 - Y
dW2 = np.dot(dZ2, A1.T) / m
db2 = np.sum(dZ2, axis=1, keepdims=True) / m
dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))
dW1 = np.dot(dZ1, X.T) / m
db1 = np.sum(dZ1, axis=1, keepdims=True) / m
W1 = W1 - 0.5 * dW1
b1 = b1 - 0.5 * db1
W2 = W2 - 0.5 * dW2
b2 = b2 - 0.5 * db2
""",
    "functions with tables": """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def forward(X, params):
    Z = np.dot(params["W"], X) + params["b"]
    return sigmoid(Z), {"Z": Z}
def compute_cost(A, Y):
    m = Y.shape[1]
    return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
def backward(X, Y, A):
    m = X.shape[1]
    dW = np.dot(A - Y, X.T) / m
    db = np.sum(A - Y, axis=1, keepdims=True) / m
    return {"dW": dW, "db": db}
X = np.random.randn(3, 6)
Y = np.array([[1, 0, 1, 0, 0, 1]])
params = {"W": np.random.randn(1, 3), "b": np.zeros((1, 1))}
for i in range(100):
    A, cache = forward(X, params)
    cost = compute_cost(A, Y)
    grads = backward(X, Y, A)
    params["W"] = params["W"] - 0.1 * grads["dW"]
""",
    "sums over samples in a loop": """
x = [1, 2, 3]
y = [2, 4, 6]
w = 0.5
n = len(x)
loss = 0
dw = 0
for i in range(n):
    y_pred = w * x[i]
    loss += (y_pred - y[i]) ** 2
    dw += 2 * (y_pred - y[i]) * x[i]
loss /= n
dw /= n
w -= 0.1 * dw
""",
    "sums over samples without an index": """
data = [(1.0, 2.0), (2.0, 4.0), (3.0, 6.5)]
w = 0.1
b = 0.2
grad_w, grad_b, loss = 0.0, 0.0, 0.0
for x, y in data:
    error = w * x + b - y
    loss += error ** 2 / len(data)
    grad_w += 2 * error * x / len(data)
    grad_b += 2 * error / len(data)
""",
    "one sample at a time": """
import numpy as np
X = np.array([1.0, 2.0, 3.0])
Y = np.array([2.0, 4.0, 6.0])
w = 0.0
for epoch in range(20):
    for x, y in zip(X, Y):
        y_pred = w * x
        loss = (y_pred - y) ** 2
        grad = 2 * (y_pred - y) * x
        w = w - 0.01 * grad
""",
    "sizes handed to a function": """
import numpy as np
def initialize(n_x, n_y):
    return np.random.randn(n_x, n_y), np.zeros((1, n_y))
n_in = 3
n_out = 2
W, b = initialize(n_in, n_out)
X = np.random.randn(5, n_in)
Y = np.random.randn(5, n_out)
A = X @ W + b
loss = np.sum((A - Y) ** 2) / 5
dW = 2 * X.T @ (A - Y) / 5
db = 2 * np.sum(A - Y, axis=0, keepdims=True) / 5
""",
    "names that another function uses for sizes": """
def layer(x, w):
    x = tf.reshape(x, [-1, w])
    return x[w]
w = 0.5
x = 1
y = 2
y_pred = w * x
loss = (y_pred - y) ** 2
dloss_dw = 2 * (y_pred - y) * x
""",
    "momentum": DATA
    + """
v = np.zeros(2)
y_hat = X @ w
loss = np.mean((y_hat - y) ** 2)
g = 2 * X.T @ (y_hat - y) / len(y)
v = 0.9 * v + g
w -= 0.1 * v
""",
    "adam": DATA
    + """
m = np.zeros(2)
v = np.zeros(2)
for t in range(1, 10):
    y_hat = X @ w
    loss = np.mean((y_hat - y) ** 2)
    g = 2 * X.T @ (y_hat - y) / len(y)
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g ** 2
    w = w - 0.01 * m / (np.sqrt(v) + 1e-8)
""",
    "weight decay that the printed loss leaves out": DATA
    + """
lam = 0.01
y_hat = X @ w
loss = np.mean((y_hat - y) ** 2)
grad = 2 * X.T @ (y_hat - y) / len(y) + 2 * lam * w
w -= 0.1 * grad
""",
    "weight decay": DATA
    + """
lam = 0.01
y_hat = X @ w
loss = np.mean((y_hat - y) ** 2) + lam * np.sum(w ** 2)
grad = 2 * X.T @ (y_hat - y) / len(y) + 2 * lam * w
w -= 0.1 * grad
""",
    "absolute error": DATA
    + """
y_hat = X @ w
mae = np.mean(np.abs(y_hat - y))
grad = X.T @ np.sign(y_hat - y) / len(y)
""",
    "a rectified layer": """
import numpy as np
X = np.random.randn(8, 3)
y = np.random.randn(8, 1)
W1 = np.random.randn(3, 4)
W2 = np.random.randn(4, 1)
h = X.dot(W1)
h_relu = np.maximum(h, 0)
y_pred = h_relu.dot(W2)
loss = np.square(y_pred - y).sum()
grad_y_pred = 2.0 * (y_pred - y)
grad_w2 = h_relu.T.dot(grad_y_pred)
grad_h_relu = grad_y_pred.dot(W2.T)
grad_h = grad_h_relu.copy()
grad_h[h < 0] = 0
grad_w1 = X.T.dot(grad_h)
W1 -= 1e-6 * grad_w1
W2 -= 1e-6 * grad_w2
""",
    "a difference quotient": DATA
    + """
def loss_of(w):
    return np.mean((X @ w - y) ** 2)
h = 1e-5
loss = loss_of(w)
grad = 2 * X.T @ (X @ w - y) / len(y)
""",
    "the learning rate inside the step": DATA
    + """
lr = 0.1
y_hat = X @ w
loss = np.mean((y_hat - y) ** 2)
dw = lr * 2 * X.T @ (y_hat - y) / len(y)
w = w - dw
""",
    "gradient ascent": DATA
    + """
# gradient ascent on the log-likelihood
p = 1 / (1 + np.exp(-(X @ w)))
loss = np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))
grad = X.T @ (y - p)
w += 0.1 * grad
""",
    "functions that nobody calls": """
import numpy as np
def predict(X, w, b):
    return np.dot(X, w) + b
def compute_loss(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)
def compute_gradient(X, y_true, y_pred):
    n = len(y_true)
    grad_w = -2 / n * np.dot(X.T, y_true - y_pred)
    grad_b = -2 / n * np.sum(y_true - y_pred)
    return grad_w, grad_b
""",
    "a step in a function": """
import numpy as np
def cost_function(X, y, theta):
    m = len(y)
    return np.sum((X @ theta - y) ** 2) / (2 * m)
def gradient_descent(X, y, theta, alpha, iterations):
    m = len(y)
    for i in range(iterations):
        gradient = X.T @ (X @ theta - y) / m
        theta = theta - alpha * gradient
        cost = cost_function(X, y, theta)
    return theta
""",
    "the derivative by the output": """
import numpy as np
def mse(y_true, y_pred):
    return np.mean(np.power(y_true - y_pred, 2))
def mse_prime(y_true, y_pred):
    return 2 * (y_pred - y_true) / np.size(y_true)
""",
    "labels in words": """
mse = 0.5
gradient_w = 0.1
loss = 0.25
total_loss = loss + mse
print("Mean Squared loss:", mse)
print("Gradient of weights:", gradient_w)
print("loss:", total_loss)
print(f"loss: {mse:.4f}, grad of loss: {gradient_w}")
print("Derivative of loss w.r.t. w:", gradient_w)
print("损失:", loss, "梯度:", gradient_w)
print("损失对w的梯度:", gradient_w)
""",
    "labels that are words, or longer than the names": """
accuracy = evaluate(model)
feedback = 1.0
acc, fb, classifier = 0.5, 2.0, build()
print("Accuracy:", acc)
print(f"accuracy: {acc}, feedback={fb}, Model: {classifier}")
""",
    "labels of loops": """
Epoch = 3
x = 1
w = 2
x_new = x - w
for i in range(Epoch):
    print("Epoch:", i)
    print("x =", x_new)
    print("=" * 20, w)
    print(f"迭代{i+1}:")
    print("w: %.2f x: %.2f" % (w, x))
    print("w = {}, x = {}".format(w, x))
""",
    "a framework": """
import torch
import torch.nn as nn
model = nn.Linear(2, 1)
loss_fn = nn.MSELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(10):
    optimizer.zero_grad()
    loss = loss_fn(model(x), y)
    loss.backward()
    optimizer.step()
    print("loss:", loss.item())
    grad = model.weight.grad
""",
    "tensors updated by hand": """
import torch
w = torch.tensor(0.5, requires_grad=True)
y_pred = w * 2.0
loss = (y_pred - 1.0) ** 2
loss.backward()
with torch.no_grad():
    w -= 0.1 * w.grad
print("loss =", loss.item(), "grad =", w.grad)
""",
    "a class": """
import numpy as np
class Neuron:
    def __init__(self, w):
        self.w = w
    def backward(self, x, y):
        self.dw = -2 * (y - self.w * x) * x
""",
    "the root is printed": """
import numpy as np
X = np.random.randn(20, 3)
y = np.random.randn(20)
w = np.zeros(3)
for i in range(100):
    p = X @ w
    rmse = np.sqrt(np.mean((p - y) ** 2))
    grad = 2 * X.T @ (p - y) / len(y)
    w -= 0.1 * grad
""",
    "back through time": """
import numpy as np
T = 4
Wx = np.random.randn(3, 2)
Wh = np.random.randn(3, 3)
Wy = np.random.randn(1, 3)
xs = np.random.randn(4, 2)
ys = np.random.randn(4, 1)
h = {}
h[-1] = np.zeros(3)
loss = 0
for t in range(T):
    h[t] = np.tanh(Wx @ xs[t] + Wh @ h[t - 1])
    y_hat = Wy @ h[t]
    loss += np.sum((y_hat - ys[t]) ** 2)
dWx = np.zeros_like(Wx)
dWh = np.zeros_like(Wh)
dWy = np.zeros_like(Wy)
dh_next = np.zeros(3)
for t in reversed(range(T)):
    dy = 2 * (Wy @ h[t] - ys[t])
    dWy += np.outer(dy, h[t])
    dh = Wy.T @ dy + dh_next
    dz = dh * (1 - h[t] ** 2)
    dWx += np.outer(dz, xs[t])
    dWh += np.outer(dz, h[t - 1])
    dh_next = Wh.T @ dz
for p, dp in zip([Wx, Wh, Wy], [dWx, dWh, dWy]):
    p -= 0.1 * dp
""",
    "batches": """
import numpy as np
X = np.random.randn(10, 3)
y = np.random.randn(10)
w = np.zeros(3)
bs = 5
for e in range(5):
    for s in range(0, len(X), bs):
        xb = X[s:s + bs]
        yb = y[s:s + bs]
        p = xb @ w
        loss = np.mean((p - yb) ** 2)
        grad = 2 / bs * xb.T @ (p - yb)
        w -= 0.1 * grad
""",
    "a perceptron": """
import numpy as np
X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
y = np.array([0, 0, 0, 1])
w = np.zeros(2)
b = 0
for xi, t in zip(X, y):
    out = np.where(xi @ w + b >= 0, 1, 0)
    loss = (t - out) ** 2
    w += 0.1 * (t - out) * xi
    b += 0.1 * (t - out)
""",
    "hinge loss": """
import numpy as np
X = np.random.randn(6, 2)
y = np.array([1, -1, 1, 1, -1, -1])
w = np.zeros(2)
margin = y * (X @ w)
loss = np.mean(np.maximum(0, 1 - margin))
grad = -(X.T @ (y * (margin < 1))) / len(y)
w -= 0.1 * grad
""",
    "an adaline": """
import numpy as np
X = np.random.randn(6, 2)
y = np.random.randn(6)
w_ = np.zeros(3)
cost_ = []
for i in range(10):
    output = np.dot(X, w_[1:]) + w_[0]
    errors = y - output
    w_[1:] += 0.01 * X.T.dot(errors)
    w_[0] += 0.01 * errors.sum()
    cost = (errors ** 2).sum() / 2.0
    cost_.append(cost)
""",
    "another loss later": """
import numpy as np
X = np.random.randn(6, 2)
y = np.random.randn(6)
X_test = np.random.randn(3, 2)
y_test = np.random.randn(3)
w = np.zeros(2)
for i in range(10):
    p = X @ w
    loss = np.mean((p - y) ** 2)
    dw = 2 * X.T @ (p - y) / len(y)
    w = w - 0.1 * dw
loss = np.mean((X_test @ w - y_test) ** 2)
print('test loss:', loss)
""",
    "a chain of derivatives": """
import numpy as np

def sigmoid(x):
    return 1 / (1 + np.exp(-x))

def deriv_sigmoid(x):
    fx = sigmoid(x)
    return fx * (1 - fx)

def mse_loss(y_true, y_pred):
    return ((y_true - y_pred) ** 2).mean()
w1 = 0.3
w2 = 0.4
b1 = 0.1
x0 = 2.0
x1 = 3.0
y_true = 1
sum_h1 = w1 * x0 + w2 * x1 + b1
y_pred = sigmoid(sum_h1)
d_L_d_ypred = -2 * (y_true - y_pred)
d_ypred_d_w1 = x0 * deriv_sigmoid(sum_h1)
d_ypred_d_b1 = deriv_sigmoid(sum_h1)
lr = 0.1
loss = mse_loss(y_true, y_pred)
w1 -= lr * d_L_d_ypred * d_ypred_d_w1
b1 -= lr * d_L_d_ypred * d_ypred_d_b1
""",
    "a label over several values": """
x = 2.0
y = 4.0
w = 1.0

def forward(x):
    return x * w

def loss(x, y):
    y_pred = forward(x)
    return (y_pred - y) ** 2

def gradient(x, y):
    return 2 * x * (x * w - y)
print('predict (before training)', 4, forward(4))
for epoch in range(10):
    grad = gradient(x, y)
    w = w - 0.01 * grad
    print('\\tgrad:', x, y, grad)
    l = loss(x, y)
    print('progress:', epoch, 'w=', w, 'loss=', l)
""",
    "points in a table": """
def compute_error(b, w, points):
    totalError = 0
    for i in range(0, len(points)):
        x = points[i, 0]
        y = points[i, 1]
        totalError += (y - (w * x + b)) ** 2
    return totalError / float(len(points))

def step_gradient(b_current, w_current, points, learningRate):
    b_gradient = 0
    w_gradient = 0
    N = float(len(points))
    for i in range(0, len(points)):
        x = points[i, 0]
        y = points[i, 1]
        b_gradient += -(2 / N) * (y - (w_current * x + b_current))
        w_gradient += -(2 / N) * x * (y - (w_current * x + b_current))
    new_b = b_current - learningRate * b_gradient
    new_m = w_current - learningRate * w_gradient
    return [new_b, new_m]
""",
    "a branch that is known": """
import numpy as np

def nonlin(x, deriv=False):
    if deriv == True:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T
syn0 = 2 * np.random.random((3, 4)) - 1
syn1 = 2 * np.random.random((4, 1)) - 1
for j in range(6000):
    l0 = X
    l1 = nonlin(np.dot(l0, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    l2_error = y - l2
    loss = np.mean(np.abs(l2_error))
    if j % 1000 == 0:
        print('Error:', loss)
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)
    syn1 += l1.T.dot(l2_delta)
    syn0 += l0.T.dot(l1_delta)
""",
    "labels as indices": """
import numpy as np
N, D, K = (5, 2, 3)
X = np.random.randn(N, D)
y = np.array([0, 1, 2, 1, 0])
W = 0.01 * np.random.randn(D, K)
b = np.zeros((1, K))
scores = np.dot(X, W) + b
exp_scores = np.exp(scores)
probs = exp_scores / np.sum(exp_scores, axis=1, keepdims=True)
correct_logprobs = -np.log(probs[range(N), y])
data_loss = np.sum(correct_logprobs) / N
reg_loss = 0.5 * 0.001 * np.sum(W * W)
loss = data_loss + reg_loss
dscores = probs
dscores[range(N), y] -= 1
dscores /= N
dW = np.dot(X.T, dscores)
db = np.sum(dscores, axis=0, keepdims=True)
dW += 0.001 * W
W += -1.0 * dW
b += -1.0 * db
""",
    "two parameters": """
import numpy as np
x = np.linspace(0, 1, 10)
t = 3 * x + 2 + np.random.randn(10) * 0.1
a = 0.0
c = 0.0
for i in range(50):
    y = a * x + c
    loss = np.sum((y - t) ** 2) / len(x)
    grad_a = 2 * np.sum((y - t) * x) / len(x)
    grad_c = 2 * np.sum(y - t) / len(x)
    a -= 0.1 * grad_a
    c -= 0.1 * grad_c
""",
    "a loop of difference quotients": """
import numpy as np

def f(w):
    return np.sum((X @ w - y) ** 2)
X = np.random.randn(4, 2)
y = np.random.randn(4)
w = np.random.randn(2)
loss = f(w)
grad = np.zeros(2)
h = 0.0001
for i in range(2):
    wp = w.copy()
    wp[i] += h
    wm = w.copy()
    wm[i] -= h
    grad[i] = (f(wp) - f(wm)) / (2 * h)
w -= 0.1 * grad
""",
    "momentum on a number": """
x = 1.0
y = 3.0
w = 0.2
v = 0.0
for i in range(5):
    loss = (w * x - y) ** 2
    grad = 2 * (w * x - y) * x
    v = 0.9 * v - 0.1 * grad
    w = w + v
""",
    "huber loss": """
import numpy as np
X = np.random.randn(6, 2)
y = np.random.randn(6)
w = np.random.randn(2)
delta = 1.0
e = X @ w - y
loss = np.mean(np.where(np.abs(e) <= delta, 0.5 * e ** 2, delta * (np.abs(e) - 0.5 * delta)))
g = np.where(np.abs(e) <= delta, e, delta * np.sign(e))
dw = X.T @ g / len(y)
w -= 0.1 * dw
""",
    "a neuron": """
import math

def sigmoid(z):
    return 1 / (1 + math.exp(-z))
w = 0.5
b = 0.1
x = 2.0
y = 1
z = w * x + b
a = sigmoid(z)
loss = -(y * math.log(a) + (1 - y) * math.log(1 - a))
dz = a - y
dw = dz * x
db = dz
lr = 0.1
w = w - lr * dw
b = b - lr * db
""",
    "the chain rule by steps": """
w = 0.5
x = 1.5
y = 2.0
b = 0.1
z = w * x + b
loss = 0.5 * (z - y) ** 2
dL_dz = z - y
dz_dw = x
dL_dw = dL_dz * dz_dw
dL_db = dL_dz * 1
""",
    "a chain through the output": """
w = 0.5
x = 1.5
y = 2.0
y_pred = w * x
loss = (y_pred - y) ** 2
dloss_dy_pred = 2 * (y_pred - y)
dy_pred_dw = x
dloss_dw = dloss_dy_pred * dy_pred_dw
""",
    "functions of a logistic neuron": """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def forward(x, w, b):
    return sigmoid(np.dot(w, x) + b)
def loss(y, p):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))
def gradient(x, y, w, b):
    p = forward(x, w, b)
    dz = p - y
    return dz * x, dz
""",
    "two names in one statement": """
import numpy as np
theta, alpha = np.zeros(2), 0.01
X = np.array([[1., 1.], [1., 2.], [1., 3.]]); y = np.array([1., 2., 3.])
m = len(y)
for _ in range(100):
    h = X.dot(theta)
    cost = 1/(2*m) * np.sum((h - y)**2)
    gradient = 1/m * X.T.dot(h - y)
    theta = theta - alpha * gradient
""",
    "updates of two names in one statement": """
import numpy as np
x, y = 2.0, 1.0
w1, w2, b1, b2 = 0.5, -0.3, 0.1, 0.2
lr = 0.1
def sigmoid(z): return 1/(1+np.exp(-z))
for step in range(10):
    z1 = w1*x + b1
    h = sigmoid(z1)
    y_hat = w2*h + b2
    loss = 0.5*(y_hat - y)**2
    delta = y_hat - y
    dw2 = delta*h
    db2 = delta
    dh = delta*w2
    dz1 = dh*h*(1-h)
    dw1 = dz1*x
    db1 = dz1
    w1, w2 = w1 - lr*dw1, w2 - lr*dw2
    b1, b2 = b1 - lr*db1, b2 - lr*db2
""",
    "derivatives of activations": """
import numpy as np
def gelu(x): return 0.5*x*(1+np.tanh(np.sqrt(2/np.pi)*(x+0.044715*x**3)))
def gelu_grad(x):
    t = np.tanh(np.sqrt(2/np.pi)*(x+0.044715*x**3))
    return 0.5*(1+t) + 0.5*x*(1-t**2)*np.sqrt(2/np.pi)*(1+3*0.044715*x**2)
def silu(x): return x/(1+np.exp(-x))
def silu_derivative(x):
    s = 1/(1+np.exp(-x)); return s + x*s*(1-s)
def elu(x, a=1.0): return np.where(x>0, x, a*(np.exp(x)-1))
def elu_derivative(x, a=1.0): return np.where(x>0, 1, a*np.exp(x))
def softplus(x): return np.log(1+np.exp(x))
def d_softplus(x): return 1/(1+np.exp(-x))
def relu(x): return x*(x>0)
def relu_prime(x): return 1.0*(x>0)
def relu_deriv(a):
    d = np.zeros_like(a)
    d[a>0] = 1
    return d
def tanh(x): return np.tanh(x)
def tanh_prime(x): return 1/np.cosh(x)**2
def sigmoid(x): return np.where(x>=0, 1/(1+np.exp(-x)), np.exp(x)/(1+np.exp(x)))
def sigmoid_prime(x): return np.exp(-x)/(1+np.exp(-x))**2
""",
    "a function with outer products": """
import numpy as np
def step(x, t, W1, b1, W2, b2, lr):
    z1 = W1 @ x + b1
    a1 = np.maximum(0, z1)
    z2 = W2 @ a1 + b2
    loss = 0.5 * np.sum((z2 - t) ** 2)
    dz2 = z2 - t
    dW2 = np.outer(dz2, a1)
    db2 = dz2
    da1 = W2.T @ dz2
    dz1 = da1 * (z1 > 0)
    dW1 = np.outer(dz1, x)
    db1 = dz1
    return W1 - lr*dW1, b1 - lr*db1, W2 - lr*dW2, b2 - lr*db2
""",
    "a penalty that the loss leaves out": """
import numpy as np
def train(X, y, w, b, lr, lam):
    n = len(y)
    y_pred = X @ w + b
    loss = np.mean((y_pred - y) ** 2)
    dw = 2 / n * X.T @ (y_pred - y) + 2 * lam * w
    db = 2 * np.mean(y_pred - y)
    w -= lr * dw
    b -= lr * db
    return w, b, loss
""",
    "derivatives of activations in other words": """
import numpy as np
def relu(x): return np.maximum(0, x)
def relu_derivative(x):
    dx = np.ones_like(x)
    dx[x <= 0] = 0
    return dx
ALPHA = 0.01
def leaky_relu(x): return np.where(x > 0, x, ALPHA * x)
def leaky_relu_grad(x):
    dx = np.ones_like(x)
    dx[x < 0] = ALPHA
    return dx
sigmoid = lambda x: 2/(1+np.exp(-x)) - 1
def sigmoid_derivative(x): return 0.5*(1+x)*(1-x)
def gelu(x): return 0.5*x*(1+np.tanh(0.7978845608*(x+0.044715*x**3)))
def gelu_derivative(x):
    s = 1/(1+np.exp(-1.702*x)); return s + x*1.702*s*(1-s)
def softplus(x, beta=2): return np.log(1+np.exp(beta*x))/beta
def softplus_derivative(x, beta=1): return 1/(1+np.exp(-beta*x))
tanh_derivative = lambda a: 1 - a**2
""",
    "hidden layers with names of predictions": """
import numpy as np
def loss(p, y): return np.mean((p - y)**2)
def grads(X, y, W1, W2):
    h = np.tanh(X @ W1)
    y_hat = h @ W2
    d = 2*(y_hat - y)/len(y)
    dW2 = h.T @ d
    dW1 = X.T @ ((d @ W2.T)*(1 - h**2))
    return dW1, dW2
""",
    "a learning rate below 0": """
import numpy as np
lr = -0.1
x, y, w = 2.0, 1.0, 0.5
two, half = 2, 0.5
p = w*x
loss = half*(p - y)**2
dw = (p - y)*x
w = w + lr*dw
""",
    "an index that is drawn": """
import numpy as np
X = np.random.randn(20, 3)
y = np.random.randn(20)
w = np.zeros(3)
i = np.random.randint(20)
e = X[i] @ w - y[i]
loss = e**2
dw = 2*e*X[i]
w -= 0.01*dw
""",
    "dy beside y": """
x, y, w, b = 2.0, 1.0, 0.5, 0.1
y_pred = w*x + b
loss = 0.5*(y_pred - y)**2
dy = y_pred - y
dw = dy*x
db = dy
""",
    "a gradient check": """
def loss(w):
    return (w*2 - 3)**2
w = 1.0
h = 1e-5
numeric = (loss(w + h) - loss(w - h))/(2*h)
grad = 2*(w*2 - 3)*2
""",
    "an equation in a print": """
w, b = 2.0, 1.0
y = w*3 + b
print(f"y = {w:.2f} * x + {b:.2f}")
""",
    "gradient descent in a print": """
w = 1.0
loss = (w - 2)**2
grad = 2*(w - 2)
print("Gradient descent:", loss)
print("loss' =", grad)
""",
    "a penalty that leaves the bias out": """
import numpy as np
X = np.random.randn(20, 3)
y = np.random.randn(20)
theta = np.zeros(3)
lam = 0.1
h = X @ theta
J = np.sum((h - y)**2)/40 + lam/40*np.sum(theta[1:]**2)
grad = X.T @ (h - y)/20
grad[1:] = grad[1:] + lam/20*theta[1:]
theta -= 0.1*grad
""",
    "a symmetric matrix": """
import numpy as np
A = np.array([[3., 1.], [1., 2.]])
b = np.array([1., 1.])
x = np.zeros(2)
loss = 0.5*x @ A @ x - b @ x
g = A @ x - b
x = x - 0.1*g
""",
    "gradient ascent on a likelihood": """
import numpy as np
# gradient ascent
X = np.random.randn(20, 3)
y = np.random.randint(0, 2, 20)
w = np.zeros(3)
p = 1/(1 + np.exp(-X @ w))
ll = np.sum(y*np.log(p) + (1 - y)*np.log(1 - p))
loss = -ll
gradient = X.T @ (y - p)
w += 0.01*gradient
""",
}

# name: code, kind, the texts of the spans
WRONG = {
    "one weight, wrong label": (
        """
w = 0.5
x = 1
y = 2
y_pred = w * x
loss = (y_pred - y)**2
dloss_dw = 2 * (y_pred - y) * x
print("loss =", dloss_dw)
""",
        "label_error",
        ["loss"],
    ),
    "a label in a formatted text": (
        "loss = 1.0\ndloss_dw = 2 * loss\nprint(f'loss: {dloss_dw:.3f}')",
        "label_error",
        ["loss"],
    ),
    "a label in a template": (
        "cost = 1.0\ngrad_w = 2 * cost\nprint('cost = %.2f' % grad_w)",
        "label_error",
        ["cost"],
    ),
    "a label with a capital": (
        "loss = 1.0\naccuracy = 0.5\nprint(f'Loss: {accuracy}')",
        "label_error",
        ["Loss"],
    ),
    "a label with format": (
        "loss = 1.0\ngrad_w = 2 * loss\nprint('w: {}, loss: {}'.format(3, grad_w))",
        "label_error",
        ["loss"],
    ),
    "a Chinese label": (
        "loss = 1.0\ndw = 2 * loss\ngrad = dw\nprint('损失:', grad)",
        "label_error",
        ["损失"],
    ),
    "a gradient's label on the loss": (
        "loss = 1.0\ngrad_w = 2 * loss\nprint('梯度:', loss)",
        "label_error",
        ["梯度"],
    ),
    "another parameter's label": (
        "w = 1.0\nb = 2.0\nprint('w =', b)",
        "label_error",
        ["w"],
    ),
    "reversed error": (
        DATA
        + """
y_hat = X @ w + b
loss = np.mean((y_hat - y) ** 2)
dw = 2 * X.T @ (y - y_hat) / len(y)
db = 2 * np.mean(y - y_hat)
w -= 0.1 * dw
b -= 0.1 * db
""",
        "sign_error",
        ["dw = 2 * X.T @ (y - y_hat) / len(y)", "db = 2 * np.mean(y - y_hat)"],
    ),
    "added gradient": (
        DATA
        + """
y_hat = X @ w
loss = np.mean((y_hat - y) ** 2)
grad = 2 * X.T @ (y_hat - y) / len(y)
w = w + 0.1 * grad
""",
        "sign_error",
        ["w = w + 0.1 * grad"],
    ),
    "added without a name": (
        DATA
        + """
error = X @ w - y
loss = np.mean(error ** 2)
w += 0.1 * X.T @ error
""",
        "sign_error",
        ["w += 0.1 * X.T @ error"],
    ),
    "the 2 left out": (
        DATA
        + """
y_hat = X @ w
loss = ((y_hat - y) ** 2).mean()
grad = X.T @ (y_hat - y) / len(y)
""",
        "missing_factor_2",
        ["grad = X.T @ (y_hat - y) / len(y)"],
    ),
    "the 2 kept beside a half": (
        DATA
        + """
m = len(y)
h = X @ w
J = np.sum((h - y) ** 2) / (2 * m)
grad = 2 * X.T @ (h - y) / m
""",
        "missing_factor_2",
        ["grad = 2 * X.T @ (h - y) / m"],
    ),
    "the sum for the mean": (
        DATA
        + """
p = 1 / (1 + np.exp(-(X @ w + b)))
loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
dw = X.T @ (p - y)
db = np.sum(p - y)
""",
        "missing_1_over_n",
        ["dw = X.T @ (p - y)", "db = np.sum(p - y)"],
    ),
    "the mean for the sum": (
        DATA
        + """
h = X @ w
sse = np.sum((h - y) ** 2)
grad = 2 * X.T @ (h - y) / X.shape[0]
""",
        "missing_1_over_n",
        ["grad = 2 * X.T @ (h - y) / X.shape[0]"],
    ),
    "the input left out": (
        """
w = 0.5
x = 3.0
y = 2.0
y_pred = w * x
loss = (y_pred - y) ** 2
dloss_dw = 2 * (y_pred - y)
w = w - 0.1 * dloss_dw
""",
        "wrong_formula",
        ["dloss_dw = 2 * (y_pred - y)"],
    ),
    "the activation's derivative left out": (
        DATA
        + """
p = 1 / (1 + np.exp(-(X @ w)))
loss = np.mean((p - y) ** 2)
dw = 2 * X.T @ (p - y) / len(y)
w -= 0.1 * dw
""",
        "wrong_formula",
        ["dw = 2 * X.T @ (p - y) / len(y)"],
    ),
    "an extra activation's derivative": (
        DATA
        + """
p = 1 / (1 + np.exp(-(X @ w)))
loss = -np.mean(y * np.log(p) + (1 - y) * np.log(1 - p))
dw = X.T @ ((p - y) * p * (1 - p)) / len(y)
w -= 0.1 * dw
""",
        "wrong_formula",
        ["dw = X.T @ ((p - y) * p * (1 - p)) / len(y)"],
    ),
    "a hidden layer's sign": (
        NETWORK
        + """
    loss = np.mean((a2 - y) ** 2)
    d2 = 2 * (a2 - y) / len(y) * sigmoid_derivative(a2)
    dW2 = a1.T @ d2
    d1 = -(d2 @ W2.T) * sigmoid_derivative(a1)
    dW1 = X.T @ d1
    W2 -= lr * dW2
    W1 -= lr * dW1
""",
        "sign_error",
        ["dW1 = X.T @ d1"],
    ),
    "a hidden layer without its derivative": (
        NETWORK
        + """
    loss = np.mean((a2 - y) ** 2)
    d2 = 2 * (a2 - y) / len(y) * sigmoid_derivative(a2)
    dW2 = a1.T @ d2
    d1 = d2 @ W2.T
    dW1 = X.T @ d1
    W2 -= lr * dW2
    W1 -= lr * dW1
""",
        "wrong_formula",
        ["d1 = d2 @ W2.T"],
    ),
    "softmax, sign": (
        """
import numpy as np
X = np.array([[1.0, 2.0], [0.0, 1.0], [3.0, -1.0], [1.0, 1.0]])
Y = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 0, 0]])
W = np.random.randn(2, 3)
def softmax(z):
    e = np.exp(z)
    return e / e.sum(axis=1, keepdims=True)
P = softmax(X @ W)
cross_entropy = -np.mean(np.sum(Y * np.log(P), axis=1))
dW = X.T @ (Y - P) / len(X)
W = W - 0.1 * dW
""",
        "sign_error",
        ["dW = X.T @ (Y - P) / len(X)"],
    ),
    "sums over samples, sign": (
        """
x = [1.0, 2.0, 3.0]
y = [2.0, 4.0, 6.5]
w = 0.5
total_loss = 0
dw = 0
for i in range(len(x)):
    e = y[i] - w * x[i]
    total_loss += e ** 2
    dw += 2 * e * x[i]
w -= 0.1 * dw
""",
        "sign_error",
        ["dw += 2 * e * x[i]"],
    ),
    "a function that nobody calls": (
        """
import numpy as np
def squared_loss(t, o):
    return np.mean((t - o) ** 2)
def loss_gradient(t, o, A):
    m = len(t)
    dA = 2 * np.dot(A.T, (t - o)) / m
    return dA
""",
        "sign_error",
        ["dA = 2 * np.dot(A.T, (t - o)) / m"],
    ),
    "returned gradients": (
        """
import numpy as np
def predict(x, w, b):
    return w * x + b
def loss(x, y, w, b):
    return np.mean((predict(x, w, b) - y) ** 2)
def gradients(x, y, w, b):
    error = predict(x, w, b) - y
    return np.mean(error * x), np.mean(error)
""",
        "missing_factor_2",
        ["error = predict(x, w, b) - y"],
    ),
    "the derivative by the output, sign": (
        """
import numpy as np
def mse(y_true, y_pred):
    return np.mean((y_true - y_pred) ** 2)
def mse_prime(y_true, y_pred):
    return 2 * (y_true - y_pred) / y_true.size
""",
        "sign_error",
        ["return 2 * (y_true - y_pred) / y_true.size"],
    ),
    "a transpose left out": (
        DATA
        + """
y_hat = X @ w
loss = np.mean((y_hat - y) ** 2)
dw = 2 * X @ (y_hat - y) / len(y)
""",
        "transpose_shape",
        ["dw = 2 * X @ (y_hat - y) / len(y)"],
    ),
    "a neuron, sign": (
        """
import math

def sigmoid(z):
    return 1 / (1 + math.exp(-z))
w = 0.5
b = 0.1
x = 2.0
y = 1
z = w * x + b
a = sigmoid(z)
loss = -(y * math.log(a) + (1 - y) * math.log(1 - a))
dz = y - a
dw = dz * x
db = dz
lr = 0.1
w = w - lr * dw
b = b - lr * db
""",
        "sign_error",
        ["dz = y - a"],
    ),
    "the chain rule by steps, the 2 left out": (
        """
w = 0.5
x = 1.5
y = 2.0
b = 0.1
z = w * x + b
loss = (z - y) ** 2
dL_dz = z - y
dz_dw = x
dL_dw = dL_dz * dz_dw
dL_db = dL_dz * 1
""",
        "missing_factor_2",
        ["dL_dz = z - y"],
    ),
    "the mean of a dot product": (
        """
import numpy as np
X = np.array([1.0, 2, 3])
Y = np.array([2.0, 4, 6])
w = 0.0

def forward(x):
    return w * x

def loss(y, y_predicted):
    return ((y_predicted - y) ** 2).mean()

def gradient(x, y, y_predicted):
    return np.dot(2 * x, y_predicted - y).mean()
lr = 0.01
for epoch in range(20):
    y_pred = forward(X)
    l = loss(Y, y_pred)
    dw = gradient(X, Y, y_pred)
    w -= lr * dw
    print(f'epoch {epoch + 1}: w = {w:.3f}, loss = {l:.8f}')
""",
        "missing_1_over_n",
        ["return np.dot(2 * x, y_predicted - y).mean()"],
    ),
    "a network that adds the error": (
        """
import numpy as np

def nonlin(x, deriv=False):
    if deriv == True:
        return x * (1 - x)
    return 1 / (1 + np.exp(-x))
X = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
y = np.array([[0, 1, 1, 0]]).T
syn0 = 2 * np.random.random((3, 4)) - 1
syn1 = 2 * np.random.random((4, 1)) - 1
for j in range(6000):
    l0 = X
    l1 = nonlin(np.dot(l0, syn0))
    l2 = nonlin(np.dot(l1, syn1))
    l2_error = l2 - y
    loss = np.mean(l2_error ** 2)
    if j % 1000 == 0:
        print('Error:', loss)
    l2_delta = l2_error * nonlin(l2, deriv=True)
    l1_error = l2_delta.dot(syn1.T)
    l1_delta = l1_error * nonlin(l1, deriv=True)
    syn1 += l1.T.dot(l2_delta)
    syn0 += l0.T.dot(l1_delta)
""",
        "sign_error",
        ["syn1 += l1.T.dot(l2_delta)", "syn0 += l0.T.dot(l1_delta)"],
    ),
    "x left out of the gradient, in a script": (
        """
import numpy as np
x = np.array([1.0, 2.0, 3.0])
y = np.array([2.0, 4.0, 6.0])
w, b = 0.5, 0.0
lr = 0.1
for epoch in range(3):
    y_pred = w * x + b
    loss = np.mean((y_pred - y) ** 2)
    dw = 2 * np.mean(y_pred - y)
    db = 2 * np.mean(y_pred - y)
    w = w - lr * dw
    b = b - lr * db
""",
        "wrong_formula",
        [
            "dw = 2 * np.mean(y_pred - y)",
        ],
    ),
    "x left out of the gradient, in a function": (
        """
import numpy as np
def train(x, y, w, b, lr):
    y_pred = w * x + b
    loss = np.mean((y_pred - y) ** 2)
    dw = 2 * np.mean(y_pred - y)
    db = 2 * np.mean(y_pred - y)
    w = w - lr * dw
    b = b - lr * db
    return w, b
""",
        "wrong_formula",
        [
            "dw = 2 * np.mean(y_pred - y)",
        ],
    ),
    "uphill after two names in one statement": (
        """
import numpy as np
x = np.array([1.0, 2.0, 3.0])
y = np.array([2.0, 4.0, 6.0])
w, b = 0.5, 0.0
lr = 0.1
for epoch in range(3):
    y_pred = w * x + b
    loss = np.mean((y_pred - y) ** 2)
    dw = 2 * np.mean((y_pred - y) * x)
    db = 2 * np.mean(y_pred - y)
    w = w + lr * dw
    b = b + lr * db
""",
        "sign_error",
        [
            "w = w + lr * dw",
            "b = b + lr * db",
        ],
    ),
    "uphill in a function with a learning rate": (
        """
def train(x, y, w, b, lr):
    y_pred = w * x + b
    loss = (y_pred - y) ** 2
    dw = 2 * (y_pred - y) * x
    db = 2 * (y_pred - y)
    w = w + lr * dw
    b = b + lr * db
    return w, b
""",
        "sign_error",
        [
            "w = w + lr * dw",
            "b = b + lr * db",
        ],
    ),
    "a sigmoid's derivative with the wrong sign inside": (
        """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
def sigmoid_derivative(z):
    return sigmoid(z) * (1 + sigmoid(z))
""",
        "wrong_formula",
        [
            "return sigmoid(z) * (1 + sigmoid(z))",
        ],
    ),
    "the gate of relu turned round": (
        """
import numpy as np
def relu(z):
    return np.maximum(0, z)
def relu_grad(z):
    return (z < 0).astype(float)
""",
        "wrong_formula",
        [
            "return (z < 0).astype(float)",
        ],
    ),
    "the derivative of tanh turned round": (
        """
import numpy as np
def tanh_derivative(z):
    return np.tanh(z) ** 2 - 1
""",
        "sign_error",
        [
            "return np.tanh(z) ** 2 - 1",
        ],
    ),
}

# Collapsed code, and the statements that it holds.
COLLAPSED = {
    "a function on a line": (
        "def f(y, p):n = len(y)g = 2 * np.sum(y - p) / nreturn g# note",
        ["n = len(y)", "g = 2 * np.sum(y - p) / n", "return g"],
    ),
    "an import and a comment": (
        " import numpy as np# 注释\nx = 1.0y = 2 * x",
        ["import numpy as np", "x = 1.0", "y = 2 * x"],
    ),
    "two calls": (
        "a = [1, 2]print(a)b = a[0]print('b =', b)",
        ["a = [1, 2]", "print(a)", "b = a[0]", "print('b =', b)"],
    ),
    "a loop": (
        "w = 1.0for i in range(3):g = 2 * ww = w - 0.1 * gprint(w)",
        ["w = 1.0", "g = 2 * w", "w = w - 0.1 * g", "print(w)"],
    ),
    "a comment that swallowed a line": (
        "x = 1.0# 输入w = 2.0# 权重p = w * x\nprint(w, p)",
        ["x = 1.0", "w = 2.0", "p = w * x", "print(w, p)"],
    ),
    "prompts": (">>> x = 1\n>>> y = x + 1\n", ["x = 1", "y = x + 1"]),
}
