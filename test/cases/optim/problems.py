"""Writes problems.json: regressions, convex losses, traces and systems with their answers in mpmath at 40 digits.

    python3 test/cases/optim/problems.py > test/cases/optim/problems.json

Inputs are short decimals, read as the nearest binary64. Nothing here knows of nabla: Newton's method with derivatives by
hand or by mpmath, textbook formulas step by step, dense matrices.
"""

import json
from mpmath import mp, mpf, matrix, exp, log, cos, sin, sqrt, lu_solve, eigsy, diff, inverse

mp.dps = 40


def text(x):
    return mp.nstr(x, 20)


def texts(xs):
    return [text(x) for x in xs]


def wiggle(k, scale):
    """Noise that looks like noise, as a short decimal."""
    return round(scale * (((7919 * k + 104729) % 1009) / 1009 - 0.5), 6)


# ---- regressions: y = f(x; p) + noise; s^2 (J'J)^-1 as NIST defines standard errors

REGRESSIONS = [
    ("Michaelis and Menten", "p[0]*x/(p[1] + x)", lambda x, p: p[0] * x / (p[1] + x), [205, 0.08],
     [.02, .02, .06, .06, .11, .11, .22, .22, .56, .56, 1.1, 1.1],
     [76, 47, 97, 107, 123, 139, 159, 152, 191, 201, 207, 200]),
    ("logistic growth", "p[0]/(1 + exp(p[1] - p[2]*x))", lambda x, p: p[0] / (1 + exp(p[1] - p[2] * x)), [150, 3, 0.2],
     list(range(17)),
     [3.929, 5.308, 7.24, 9.638, 12.866, 17.069, 23.192, 31.443, 38.558, 50.156, 62.948, 75.995, 91.972, 105.711,
      122.775, 131.669, 150.697]),
    ("Gompertz", "p[0]*exp(-p[1]*exp(-p[2]*x))", lambda x, p: p[0] * exp(-p[1] * exp(-p[2] * x)), [80, 3, 0.5],
     [k / 2 for k in range(24)], ((100, 5, 0.7), 1.5)),
    ("two exponentials and a floor", "p[0]*exp(-p[1]*x) + p[2]*exp(-p[3]*x) + p[4]",
     lambda x, p: p[0] * exp(-p[1] * x) + p[2] * exp(-p[3] * x) + p[4], [8, 2.5, 3, 0.3, 0.5],
     [k / 5 for k in range(50)], ((10, 2, 4, 0.25, 1), 0.1)),
    ("damped oscillation", "p[0]*exp(-p[1]*x)*cos(p[2]*x + p[3])",
     lambda x, p: p[0] * exp(-p[1] * x) * cos(p[2] * x + p[3]), [4, 0.2, 2.9, 0.2],
     [k / 8 for k in range(60)], ((5, 0.3, 3, 0.4), 0.2)),
    ("Hill", "p[0]*x^p[1]/(p[2]^p[1] + x^p[1])", lambda x, p: p[0] * x ** p[1] / (p[2] ** p[1] + x ** p[1]), [8, 1.5, 2],
     [(k + 1) / 4 for k in range(30)], ((10, 2.5, 3), 0.3)),
    ("Arrhenius", "p[0]*exp(-p[1]/x)", lambda x, p: p[0] * exp(-p[1] / x), [2e9, 8200],
     [300 + 10 * k for k in range(30)], ((1.5e9, 8000), 20)),
    ("peak on a slope", "p[0]*exp(-((x - p[1])/p[2])^2) + p[3] + p[4]*x",
     lambda x, p: p[0] * exp(-(((x - p[1]) / p[2]) ** 2)) + p[3] + p[4] * x, [8, 4.5, 1.5, 1, 0.5],
     [k / 4 for k in range(41)], ((10, 5, 1.2, 2, 0.3), 0.4)),
    ("rational", "(p[0] + p[1]*x)/(1 + p[2]*x + p[3]*x^2)",
     lambda x, p: (p[0] + p[1] * x) / (1 + p[2] * x + p[3] * x**2), [1.5, 1, 0.3, 0.3],
     [k / 3 for k in range(36)], ((2, 3, 0.4, 0.2), 0.1)),
    ("Weibull growth", "p[0] - p[1]*exp(-p[2]*x^p[3])", lambda x, p: p[0] - p[1] * exp(-p[2] * x ** p[3]),
     [65, 60, 0.05, 1.5], [(k + 1) / 2 for k in range(40)], ((70, 61, 0.02, 2), 1)),
]


def partials(f, x, p):
    return [diff(lambda t: f(x, p[:j] + [t] + p[j + 1:]), p[j]) for j in range(len(p))]


def regression(name, formula, f, start, xs, made):
    if isinstance(made, tuple):
        truth, scale = made
        ys = [round(float(f(mpf(x), [mpf(t) for t in truth])), 4) + wiggle(k, scale) for k, x in enumerate(xs)]
        ys = [round(y, 6) for y in ys]
        p = [mpf(t) for t in truth]
    else:
        ys = made
        p = [mpf(t) for t in start]
    X, Y = [mpf(x) for x in xs], [mpf(y) for y in ys]
    n, m = len(p), len(X)
    rss = lambda q: sum((y - f(x, q)) ** 2 for x, y in zip(X, Y))
    for _ in range(60):
        J = matrix([partials(f, x, p) for x in X])
        r = matrix([y - f(x, p) for x, y in zip(X, Y)])
        step = lu_solve(J.T * J, J.T * r)
        t = mpf(1)
        while rss([a + t * b for a, b in zip(p, step)]) > rss(p) and t > mpf(2) ** -20:
            t /= 2
        p = [a + t * b for a, b in zip(p, step)]
        if max(abs(b / a) for a, b in zip(p, step)) < mpf(10) ** -25:
            break
    else:
        raise ValueError(name)
    J = matrix([partials(f, x, p) for x in X])
    C = inverse(J.T * J) * rss(p) / (m - n)
    return {"name": name, "formula": formula, "start": start, "x": xs, "y": ys, "params": texts(p),
            "errors": texts([sqrt(C[j, j]) for j in range(n)]), "rss": text(rss(p))}


# ---- convex losses, by Newton's method with derivatives by hand

ROWS, COLUMNS = 40, 5
FEATURES = [[round(2 * (((2971 * (COLUMNS * i + j) + 17) % 997) / 997) - 1, 3) for j in range(COLUMNS)] for i in range(ROWS)]
SIGNS = [1 if (FEATURES[i][0] + FEATURES[i][1] + wiggle(i, 2.5)) > 0 else -1 for i in range(ROWS)]
COUNTS = [int(3 + 2 * FEATURES[i][0] - FEATURES[i][2] + wiggle(i + 500, 3)) for i in range(ROWS)]
RESPONSES = [round(1 + 2 * FEATURES[i][0] - FEATURES[i][3] + wiggle(i, 1) + (9 if i % 8 == 0 else 0), 3) for i in range(ROWS)]

# loss of a row by its margin z = x'w + b: value, first and second derivative in z
KINDS = {
    "logistic": ("softplus(-s*z)", SIGNS,
                 lambda z, s: (log(1 + exp(-s * z)), -s / (1 + exp(s * z)), 1 / ((1 + exp(z)) * (1 + exp(-z))))),
    "Poisson": ("exp(z) - s*z", COUNTS, lambda z, s: (exp(z) - s * z, exp(z) - s, exp(z))),
    "pseudo-Huber": ("sqrt(1 + (z - s)^2) - 1", RESPONSES,
                     lambda z, s: (sqrt(1 + (z - s) ** 2) - 1, (z - s) / sqrt(1 + (z - s) ** 2), (1 + (z - s) ** 2) ** mpf("-1.5"))),
    "smooth hinge": ("softplus(8*(1 - s*z))/8", SIGNS,
                     lambda z, s: (log(1 + exp(8 * (1 - s * z))) / 8, -s / (1 + exp(-8 * (1 - s * z))),
                                   8 / ((1 + exp(8 * (1 - s * z))) * (1 + exp(-8 * (1 - s * z)))))),
    "ridge": ("(z - s)^2/2", RESPONSES, lambda z, s: ((z - s) ** 2 / 2, z - s, mpf(1))),
}


def convex(kind, lam):
    formula, targets, of = KINDS[kind]
    rows = [[mpf(x) for x in row] + [mpf(1)] for row in FEATURES]
    S = [mpf(s) for s in targets]
    L = mpf(lam)
    n = COLUMNS + 1

    def loss(w):
        total = sum(of(sum(a * b for a, b in zip(row, w)), s)[0] for row, s in zip(rows, S)) / ROWS
        return total + L / 2 * sum(w[j] ** 2 for j in range(COLUMNS))

    w = [mpf(0)] * n
    for _ in range(100):
        g, H = matrix(n, 1), matrix(n, n)
        for row, s in zip(rows, S):
            _, d, dd = of(sum(a * b for a, b in zip(row, w)), s)
            for i in range(n):
                g[i] += d * row[i] / ROWS
                for j in range(n):
                    H[i, j] += dd * row[i] * row[j] / ROWS
        for j in range(COLUMNS):
            g[j] += L * w[j]
            H[j, j] += L
        step = lu_solve(H, -g)
        t = mpf(1)
        while loss([a + t * b for a, b in zip(w, step)]) > loss(w) and t > mpf(2) ** -40:
            t /= 2
        w = [a + t * b for a, b in zip(w, step)]
        if max(abs(x) for x in step) < mpf(10) ** -25:
            return {"kind": kind, "lambda": lam, "formula": formula, "targets": targets, "loss": text(loss(w)), "point": texts(w)}
    raise ValueError(kind)


# ---- traces of the methods by averages, on sum_i c_i x_i^2 / 2 + x_0^4 / 4 with the noise ((7t + 3i) mod 11 - 5) / 10

CURVATURE = [mpf(1) / 2, mpf(2), mpf(8)]


def gradient(x, t):
    noise = [mpf((7 * t + 3 * i) % 11 - 5) / 10 for i in range(3)]
    return [c * a + e + (a**3 if i == 0 else 0) for i, (c, a, e) in enumerate(zip(CURVATURE, x, noise))]


def product(x, v):
    return [(c + (3 * a**2 if i == 0 else 0)) * b for i, (c, a, b) in enumerate(zip(CURVATURE, x, v))]


def window_adam(rate, N1, N2, eps):
    x, m, s = [mpf(1)] * 3, [mpf(0)] * 3, [mpf(0)] * 3
    for t in range(1, 10**6):
        g = gradient(x, t - 1)
        m = [a + (b - a) / min(t, N1) for a, b in zip(m, g)]
        s = [a + (b * b - a) / min(t, N2) for a, b in zip(s, g)]
        x = [a - rate * b / (sqrt(c) + eps) for a, b, c in zip(x, m, s)]
        yield x


def second_order_adam(rate, N1, N2, N3, eps, correction):
    x, m, s, d = [mpf(1)] * 3, [mpf(0)] * 3, [mpf(0)] * 3, [mpf(0)] * 3
    for t in range(1, 10**6):
        g = gradient(x, t - 1)
        if correction:
            m = [a - b for a, b in zip(m, d)]
        m = [a + (b - a) / min(t, N1) for a, b in zip(m, g)]
        s = [a + (b * b - a) / min(t, N2) for a, b in zip(s, g)]
        move = [rate * b / (sqrt(c) + eps) for b, c in zip(m, s)]
        d = [a + (b - a) / min(t, N3) for a, b in zip(d, product(x, move))]
        x = [a - b for a, b in zip(x, move)]
        yield x


class Average:
    """g^, v and rho of adaptive descent: see section 24 of the lecture's systems."""

    def __init__(self, window, warm_up):
        self.window, self.warm_up, self.t = window, warm_up, 0

    def learn(self, g):
        self.t += 1
        if self.t == 1:
            self.mean, self.v, self.rho, self.before = list(g), [mpf(0)] * 3, [mpf(1)] * 3, g
            return
        for i in range(3):
            self.v[i] += ((g[i] - self.before[i]) ** 2 / 2 - self.v[i]) / min(self.t - 1, self.window)
            m = self.mean[i]
            self.rho[i] = mpf(1) / self.t
            if self.t > self.warm_up and m != 0:
                self.rho[i] = min(max(m * m / (4 * self.v[i]), mpf(1) / self.t), mpf(1))
            self.mean[i] += self.rho[i] * (g[i] - m)
        self.before = g


def adaptive_descent(L, window, warm_up):
    x, average = [mpf(1)] * 3, Average(window, warm_up)
    for t in range(1, 10**6):
        average.learn(gradient(x, t - 1))
        if t > warm_up:
            x = [a - r / (2 * L) * m for a, r, m in zip(x, average.rho, average.mean)]
        yield x


def second_order_adaptive_descent(rate, growth, look_back, window, warm_up):
    x, average = [mpf(1)] * 3, Average(window, warm_up)
    eta, push, pull = [rate] * 3, [mpf(0)] * 3, [mpf(0)] * 3
    for t in range(1, 10**6):
        average.learn(gradient(x, t - 1))
        move = [a * b for a, b in zip(eta, average.mean)]
        H = product(x, move)
        push = [a + (abs(b) - a) / min(t, look_back) for a, b in zip(push, move)]
        pull = [a + (abs(b) - a) / min(t, look_back) for a, b in zip(pull, H)]
        eta = [e if a == 0 or b == 0 else min(r * a / (2 * b), growth * e) for e, a, b, r in zip(eta, push, pull, average.rho)]
        if t > warm_up:
            x = [a - e * m for a, e, m in zip(x, eta, average.mean)]
        yield x


TRACES = [
    ("window-adam", {"rate": 0.125, "gradientWindow": 5, "squareWindow": 20, "epsilon": 0},
     window_adam(mpf(1) / 8, 5, 20, 0)),
    ("second-order-adam", {"rate": 0.0625, "gradientWindow": 5, "squareWindow": 20, "driftWindow": 3, "epsilon": 0},
     second_order_adam(mpf(1) / 16, 5, 20, 3, 0, True)),
    ("second-order-adam", {"rate": 0.0625, "gradientWindow": 5, "squareWindow": 20, "driftWindow": 3, "epsilon": 0, "correction": False},
     second_order_adam(mpf(1) / 16, 5, 20, 3, 0, False)),
    ("adaptive-descent", {"curvature": 16, "window": 10, "warmUp": 4}, adaptive_descent(mpf(16), 10, 4)),
    ("second-order-adaptive-descent", {"rate": 0.0009765625, "growth": 2, "curvatureWindow": 8, "window": 10, "warmUp": 4},
     second_order_adaptive_descent(mpf(2) ** -10, 2, 8, 10, 4)),
]


def trace(method, options, steps):
    return {"method": method, "options": options, "points": [texts(next(steps)) for _ in range(40)]}


# ---- matrices: L-BFGS directions by dense updates, CG and MINRES iterates by their definitions, steps in balls

def entries(seed, rows, columns):
    return matrix([[mpf(((seed * 7919 + 104729 * (columns * i + j)) % 2003) - 1001) / 1000 for j in range(columns)] for i in range(rows)])


def numbers(M):
    return [[float(M[i, j]) for j in range(M.cols)] for i in range(M.rows)]


def spd(seed, n):
    B = matrix([[mpf(float(x)) for x in row] for row in numbers(entries(seed, n, n))])
    A = B.T * B + mp.eye(n) / 4
    # as float64 has it
    return matrix([[mpf(float(A[i, j])) for j in range(n)] for i in range(n)])


def dot(a, b):
    return (a.T * b)[0]


def direction(seed, n, m):
    A = spd(seed, n)
    S = [matrix([mpf(float(x)) for x in entries(seed + 10 + k, n, 1)]) for k in range(m)]
    Y = [matrix([mpf(float(x)) for x in A * s]) for s in S]
    g = matrix([mpf(float(x)) for x in entries(seed + 99, n, 1)])
    M = mp.eye(n) * dot(Y[-1], S[-1]) / dot(Y[-1], Y[-1])
    for s, y in zip(S, Y):
        rho = 1 / dot(y, s)
        V = mp.eye(n) - rho * y * s.T
        M = V.T * M * V + rho * s * s.T
    columns = lambda vectors: [[float(x) for x in v] for v in vectors]
    return {"S": columns(S), "Y": columns(Y), "gradient": [float(x) for x in g], "direction": texts(-M * g)}


def krylov(seed, n, shift):
    A = spd(seed, n) - mpf(shift) * mp.eye(n)
    b = matrix([mpf(float(x)) for x in entries(seed + 5, n, 1)])
    basis, cg, minres = [], [], []
    v = b
    for k in range(n):
        w = v.copy()
        for _ in range(2):
            for q in basis:
                w -= q * dot(q, w)
        basis.append(w / sqrt(dot(w, w)))
        v = A * basis[-1]
        Q = matrix(n, k + 1)
        for j, q in enumerate(basis):
            for i in range(n):
                Q[i, j] = q[i]
        AQ = A * Q
        minres.append(texts(Q * lu_solve(AQ.T * AQ, AQ.T * b)))
        if shift == 0:
            cg.append(texts(Q * lu_solve(Q.T * AQ, Q.T * b)))
    return {"A": numbers(A), "b": [float(x) for x in b], "conjugateGradient": cg, "minres": minres}


def ball(seed, n, radius, hard):
    A = spd(seed, n) - 2 * mp.eye(n)
    A = matrix([[mpf(float(A[i, j])) for j in range(n)] for i in range(n)])
    values, Q = eigsy(A)
    g = matrix([mpf(float(x)) for x in entries(seed + 3, n, 1)])
    if hard:
        # diagonal, so that the gradient has exactly no part along the least eigenvalue
        A = matrix(n, n)
        for i in range(n):
            A[i, i] = mpf(i * i) / 2 - 1
        g[0] = mpf(0)
        values, Q = [A[i, i] for i in range(n)], mp.eye(n)
    least = min(values[i] for i in range(n))
    coefficients = Q.T * g
    length = lambda mu: sqrt(sum((coefficients[i] / (values[i] + mu)) ** 2 for i in range(n) if coefficients[i] != 0))
    low, R = max(mpf(0), -least), mpf(radius)
    if least > 0 and length(0) <= R:
        mu = mpf(0)
        p = -lu_solve(A, g)
        value = dot(g, p) + dot(p, A * p) / 2
    elif hard and length(low) <= R:
        mu = low
        p2 = sum((coefficients[i] / (values[i] + mu)) ** 2 for i in range(n) if coefficients[i] != 0)
        value = sum(-coefficients[i] ** 2 / (values[i] + mu) + coefficients[i] ** 2 * values[i] / (values[i] + mu) ** 2 / 2
                    for i in range(n) if coefficients[i] != 0) + least * (R**2 - p2) / 2
    else:
        a, b = low, low + 100
        for _ in range(200):
            mu = (a + b) / 2
            a, b = (mu, b) if length(mu) > R else (a, mu)
        p = -lu_solve(A + mu * mp.eye(n), g)
        value = dot(g, p) + dot(p, A * p) / 2
    return {"H": numbers(A), "g": [float(x) for x in g], "radius": radius, "value": text(value)}


problems = {
    "source": f"mpmath at {mp.dps} digits, see problems.py",
    "regressions": [regression(*each) for each in REGRESSIONS],
    "features": FEATURES,
    "convex": [convex(kind, lam) for kind in KINDS for lam in (0.1, 0.001)],
    "traces": [trace(*each) for each in TRACES],
    "directions": [direction(seed, n, m) for seed, n, m in ((1, 4, 2), (2, 6, 5), (3, 8, 3))],
    "systems": [krylov(1, 5, 0), krylov(4, 7, 0), krylov(2, 6, 0.75)],
    "balls": [ball(1, 4, 1.0, False), ball(2, 6, 0.25, False), ball(3, 6, 50.0, False), ball(4, 5, 3.0, True), ball(5, 5, 0.125, True)],
}
print("{")
for k, (name, value) in enumerate(problems.items()):
    ends = "," if k < len(problems) - 1 else ""
    if isinstance(value, list):
        print(f' "{name}": [')
        print(",\n".join("  " + json.dumps(entry) for entry in value))
        print(f" ]{ends}")
    else:
        print(f' "{name}": {json.dumps(value)}{ends}')
print("}")
