"""Writes first-order.json: iterates of first-order methods on three problems, by the published formulas in NumPy.

    python3 test/cases/optim/first-order.py > test/cases/optim/first-order.json

The formulas are those of PyTorch's documentation of torch.optim; bias corrections, decays and dampening as there.
"""

import json
import numpy as np


def rosenbrock(x):
    a, b = x
    return np.array([-400 * a * (b - a * a) - 2 * (1 - a), 200 * (b - a * a)])


A = np.array([[5.0, 1.0, 0.0], [1.0, 3.0, -1.0], [0.0, -1.0, 2.0]])
b = np.array([1.0, -2.0, 3.0])


def quadratic(x):
    return A @ x - b


X = np.array([[1, 2, -1], [0, -1, 3], [2, 0, 1], [-1, 1, 1], [-2, -1, 0], [1, -3, 2]], dtype=float)
y = np.array([1, -1, 1, -1, -1, 1], dtype=float)


def logistic(w):
    """loss = mean(log(1 + exp(-y X w))) + 0.05 |w|^2"""
    margin = y * (X @ w)
    return -(X.T @ (y / (1 + np.exp(margin)))) / len(y) + 0.1 * w


PROBLEMS = {
    "rosenbrock": (rosenbrock, [-1.2, 1.0], 1e-3),
    "quadratic": (quadratic, [1.0, 1.0, 1.0], 0.05),
    "logistic": (logistic, [0.5, -0.5, 0.25], 0.1),
}


def sgd(x, grad, steps, lr, weight_decay=0.0, momentum=0.0, dampening=0.0, nesterov=False):
    buf = None
    for _ in range(steps):
        d = grad(x) + weight_decay * x
        if momentum:
            buf = d.copy() if buf is None else momentum * buf + (1 - dampening) * d
            d = d + momentum * buf if nesterov else buf
        x = x - lr * d
        yield x


def adam(x, grad, steps, lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0, decoupled=False, amsgrad=False):
    b1, b2 = betas
    m, v, vmax = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    for t in range(1, steps + 1):
        g = grad(x)
        if decoupled:
            x = x * (1 - lr * weight_decay)
        else:
            g = g + weight_decay * x
        m = b1 * m + (1 - b1) * g
        v = b2 * v + (1 - b2) * g**2
        vmax = np.maximum(vmax, v)
        mh = m / (1 - b1**t)
        vh = (vmax if amsgrad else v) / (1 - b2**t)
        x = x - lr * mh / (np.sqrt(vh) + eps)
        yield x


def rmsprop(x, grad, steps, lr, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
    v, m, buf = np.zeros_like(x), np.zeros_like(x), np.zeros_like(x)
    for _ in range(steps):
        g = grad(x) + weight_decay * x
        v = alpha * v + (1 - alpha) * g**2
        m = alpha * m + (1 - alpha) * g
        root = np.sqrt(v - m**2 if centered else v) + eps
        buf = momentum * buf + g / root
        x = x - lr * buf
        yield x


def adagrad(x, grad, steps, lr, lr_decay=0.0, weight_decay=0.0, initial=0.0, eps=1e-10):
    s = np.full_like(x, initial)
    for t in range(1, steps + 1):
        g = grad(x) + weight_decay * x
        s = s + g**2
        x = x - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(s) + eps)
        yield x


# nabla's name and options, then the formula and its arguments; "rate" is added to both
METHODS = [
    ("sgd", {}, sgd, {}),
    ("sgd", {"weightDecay": 0.1}, sgd, {"weight_decay": 0.1}),
    ("momentum", {"momentum": 0.9}, sgd, {"momentum": 0.9}),
    ("momentum", {"momentum": 0.8, "dampening": 0.5, "weightDecay": 0.01}, sgd,
     {"momentum": 0.8, "dampening": 0.5, "weight_decay": 0.01}),
    ("nesterov", {"momentum": 0.7}, sgd, {"momentum": 0.7, "nesterov": True}),
    ("adam", {}, adam, {}),
    ("adam", {"beta1": 0.8, "beta2": 0.99, "epsilon": 1e-3, "weightDecay": 0.1}, adam,
     {"betas": (0.8, 0.99), "eps": 1e-3, "weight_decay": 0.1}),
    ("adamw", {}, adam, {"decoupled": True, "weight_decay": 1e-2}),
    ("amsgrad", {"beta2": 0.9}, adam, {"amsgrad": True, "betas": (0.9, 0.9)}),
    ("rmsprop", {}, rmsprop, {}),
    ("rmsprop", {"centered": True}, rmsprop, {"centered": True}),
    ("rmsprop", {"momentum": 0.9, "alpha": 0.9, "weightDecay": 0.01}, rmsprop,
     {"momentum": 0.9, "alpha": 0.9, "weight_decay": 0.01}),
    ("adagrad", {}, adagrad, {}),
    ("adagrad", {"rateDecay": 0.01, "initialSum": 0.1, "weightDecay": 0.01}, adagrad,
     {"lr_decay": 0.01, "initial": 0.1, "weight_decay": 0.01}),
]
KEPT = [1, 2, 3, 5, 10, 50, 200]

cases = []
for problem, (grad, start, lr) in PROBLEMS.items():
    for name, options, formula, arguments in METHODS:
        # velocities are up to ten times as long as gradients; rmsprop near a minimum amplifies rounding by its rate
        rate = lr / 10 if name in ("momentum", "nesterov", "rmsprop") else lr
        with np.errstate(all="raise"):
            trace = list(formula(np.array(start), grad, max(KEPT), rate, **arguments))
        after = {str(t): list(trace[t - 1]) for t in KEPT}
        cases.append({"problem": problem, "method": name, "options": {"rate": rate, **options}, "start": start, "after": after})

source = f"published formulas in NumPy {np.__version__}, see first-order.py"
print('{"source": ' + json.dumps(source) + ', "cases": [')
print(",\n".join(json.dumps(case) for case in cases))
print("]}")
