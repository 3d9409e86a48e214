"""Fresh inputs for the evals of GradBench, with outputs from mpmath at 50 digits: values by the formulas of the suite's
descriptions, derivatives by central differences of high precision. particle is run in doubles, with the force written
out. Prints gradbench-fresh.json: python3 gradbench-fresh.py SEED > gradbench-fresh.json"""

import json
import random
import sys

from mpmath import mp, mpf

mp.dps = 50
generator = random.Random(int(sys.argv[1]) if len(sys.argv) > 1 else 2026)
cases = []


def uniform(low=-1, high=1):
    return generator.uniform(low, high)


def uniforms(*shape, low=-1, high=1):
    if not shape:
        return uniform(low, high)
    return [uniforms(*shape[1:], low=low, high=high) for _ in range(shape[0])]


def exact(values):
    return [exact(value) if isinstance(value, list) else mpf(value) for value in values]


def flat(values):
    return [entry for value in values for entry in (flat(value) if isinstance(value, list) else [value])]


def gradient(f, x, step=mpf(10) ** -15):
    x = exact(x)
    moved = lambda i, by: x[:i] + [x[i] + by] + x[i + 1 :]
    return [(f(moved(i, step)) - f(moved(i, -step))) / (2 * step) for i in range(len(x))]


def add(module, function, given, expected):
    written = [value if isinstance(value, int) else mp.nstr(value, 20) for value in expected]
    cases.append({"module": module, "function": function, "input": given, "expected": written})


def log_sum_exp(values):
    largest = max(values)
    return largest + mp.log(sum(mp.exp(value - largest) for value in values))


def llsq(x, n):
    total = mpf(0)
    for i in range(n):
        t = mpf(-1) + mpf(2) * i / (n - 1)
        sign = (t > 0) - (t < 0)
        total += (sign - sum(x[j] * t**j for j in range(len(x)))) ** 2
    return total / 2


def gmm(alpha, mu, q, l, x, m, gamma):
    k, d, n = len(alpha), len(mu[0]), len(x)
    total = mpf(0)
    for point in x:
        terms = []
        for c in range(k):
            L = [[mpf(0)] * d for _ in range(d)]
            at = 0
            for j in range(d):
                L[j][j] = mp.exp(q[c][j])
                for i in range(j + 1, d):
                    L[i][j] = l[c][at]
                    at += 1
            difference = [mpf(point[j]) - mu[c][j] for j in range(d)]
            z = [sum(L[i][j] * difference[j] for j in range(d)) for i in range(d)]
            terms.append(alpha[c] + sum(q[c]) - sum(entry**2 for entry in z) / 2)
        total += log_sum_exp(terms)
    total -= n * (mpf(d) / 2 * mp.log(2 * mp.pi) + log_sum_exp(alpha))
    freedom = d + m + 1
    log_gamma = mpf(d) * (d - 1) / 4 * mp.log(mp.pi) + sum(mp.loggamma(mpf(freedom - j) / 2) for j in range(d))
    prior = k * (freedom * d * mp.log(mpf(gamma) / mp.sqrt(2)) - log_gamma)
    squares = sum(mp.exp(2 * entry) for row in q for entry in row) + sum(entry**2 for row in l for entry in row)
    return total + prior - mpf(gamma) ** 2 / 2 * squares + m * sum(entry for row in q for entry in row)


def ode(x, s):
    n, h = len(x), mpf(2) / s
    slope = lambda y: [x[i] * (1 if i == 0 else y[i - 1]) for i in range(n)]
    shifted = lambda y, by, k: [a + by * b for a, b in zip(y, k)]
    y = [mpf(0)] * n
    for _ in range(s):
        k1 = slope(y)
        k2 = slope(shifted(y, h / 2, k1))
        k3 = slope(shifted(y, h / 2, k2))
        k4 = slope(shifted(y, h, k3))
        y = [a + h / 6 * (p + 2 * q + 2 * r + t) for a, p, q, r, t in zip(y, k1, k2, k3, k4)]
    return y


def reprojection(camera, x, w, seen):
    r, centre, focal, principal, (k1, k2) = camera[:3], camera[3:6], camera[6], camera[7:9], camera[9:11]
    X = [a - b for a, b in zip(x, centre)]
    square = sum(entry**2 for entry in r)
    cross = [r[1] * X[2] - r[2] * X[1], r[2] * X[0] - r[0] * X[2], r[0] * X[1] - r[1] * X[0]]
    angle = mp.sqrt(square)
    along = sum(a * b for a, b in zip(r, X)) * (1 - mp.cos(angle)) / square
    Y = [X[i] * mp.cos(angle) + cross[i] * mp.sin(angle) / angle + r[i] * along for i in range(3)]
    p = [Y[0] / Y[2], Y[1] / Y[2]]
    radius = p[0] ** 2 + p[1] ** 2
    return [w * (p[i] * (1 + k1 * radius + k2 * radius**2) * focal + principal[i] - mpf(seen[i])) for i in range(2)]


def path(w):
    x, v, step = [0.0, 8.0], [0.75, 0.0], 0.1
    while True:
        force = [0.0, 0.0]
        for charge in ((10.0, 10.0 - w), (10.0, 0.0)):
            away = [x[0] - charge[0], x[1] - charge[1]]
            cube = (away[0] ** 2 + away[1] ** 2) ** 1.5
            force = [force[0] + away[0] / cube, force[1] + away[1] / cube]
        after = [x[0] + step * v[0], x[1] + step * v[1]]
        v_after = [v[0] + step * force[0], v[1] + step * force[1]]
        if after[1] < 0:
            return (x[0] - x[1] / v[1] * v[0]) ** 2
        x, v = after, v_after


def descend(f, x):
    def slope(w, h=1e-5):
        return (8 * (f(w + h) - f(w - h)) - (f(w + 2 * h) - f(w - 2 * h))) / (12 * h)

    value, g, helped, rate = f(x), slope(x), 0, 1e-5
    while True:
        if abs(g) <= 1e-5:
            return x
        if helped == 10:
            rate, helped = 2 * rate, 0
            continue
        after = x - rate * g
        if abs(after - x) <= 1e-5:
            return x
        if f(after) < value:
            x, value, g, helped = after, f(after), slope(after), helped + 1
        else:
            rate, helped = rate / 2, 0


for x in (2.5, -7.25):
    add("hello", "square", x, [mpf(x) ** 2])
    add("hello", "double", x, [2 * mpf(x)])
for n in (1, 7, 40):
    x = uniforms(n, low=-30, high=30)
    add("lse", "primal", {"x": x}, [log_sum_exp(exact(x))])
    add("lse", "gradient", {"x": x}, gradient(log_sum_exp, x))
for n, m in ((5, 3), (16, 8), (9, 1)):
    x = uniforms(m, low=-2, high=2)
    add("llsq", "primal", {"x": x, "n": n}, [llsq(exact(x), n)])
    add("llsq", "gradient", {"x": x, "n": n}, gradient(lambda z: llsq(z, n), x))
for d, k, n, m in ((2, 3, 4, 0), (1, 2, 3, 1), (3, 2, 3, 2)):
    triangle = d * (d - 1) // 2
    given = {"d": d, "k": k, "n": n, "x": uniforms(n, d), "m": m, "gamma": uniform(0.5, 1.5)}
    given |= {"alpha": uniforms(k), "mu": uniforms(k, d), "q": uniforms(k, d), "l": uniforms(k, triangle)}

    def density(z):
        rows = lambda start, width: [z[start + i * width : start + (i + 1) * width] for i in range(k)]
        alpha, mu, q, l = z[:k], rows(k, d), rows(k + k * d, d), rows(k + 2 * k * d, triangle)
        return gmm(alpha, mu, q, l, given["x"], given["m"], given["gamma"])

    z = given["alpha"] + flat(given["mu"]) + flat(given["q"]) + flat(given["l"])
    add("gmm", "objective", given, [density(exact(z))])
    g = gradient(density, z)
    # the parts by their names: alpha, l, mu, q
    add("gmm", "jacobian", given, g[:k] + g[k + 2 * k * d :] + g[k : k + 2 * k * d])
for n, k, d in ((6, 2, 2), (9, 3, 1)):
    points, centroids = uniforms(n, d), uniforms(k, d)
    given = {"points": points, "centroids": centroids}

    def cost(z):
        rows = [z[j * d : (j + 1) * d] for j in range(k)]
        return sum(min(sum((a - mpf(b)) ** 2 for a, b in zip(row, point)) for row in rows) for point in points)

    z, step = exact(flat(centroids)), mpf(10) ** -12
    moved = lambda i, by: z[:i] + [z[i] + by] + z[i + 1 :]
    diagonal = [(cost(moved(i, step)) - 2 * cost(z) + cost(moved(i, -step))) / step**2 for i in range(k * d)]
    add("kmeans", "cost", given, [cost(z)])
    if all(entry > 1 for entry in diagonal):
        add("kmeans", "dir", given, [a / b for a, b in zip(gradient(cost, flat(centroids)), diagonal)])
for n, s in ((3, 5), (1, 4), (6, 10)):
    x = uniforms(n, low=0.2, high=2)
    add("ode", "primal", {"x": x, "s": s}, ode(exact(x), s))
    add("ode", "gradient", {"x": x, "s": s}, gradient(lambda z: ode(z, s)[-1], x))
for n, m, p, turn in ((2, 3, 4, 1), (1, 1, 1, 1), (3, 2, 5, 1e-4)):
    camera = [turn * uniform() for _ in range(3)] + [uniform(), uniform(), uniform() - 3, uniform(300, 500)]
    camera += [uniform(), uniform(), uniform(-0.1, 0.1), uniform(-0.01, 0.01)]
    given = {"n": n, "m": m, "p": p, "cam": camera, "x": [uniform(), uniform(), uniform(2, 4)], "w": uniform(0.3, 1)}
    given["feat"] = uniforms(2, low=-50, high=50)
    z = camera + given["x"] + [given["w"]]
    error = lambda z, i: reprojection(z[:11], z[11:14], z[14], given["feat"])[i]
    both = [error(exact(z), i) for i in range(2)]
    add("ba", "objective", given, both + [p, 1 - mpf(given["w"]) ** 2, p])
    own = list(range(11)) + [11 * n + i for i in range(3)] + [11 * n + 3 * m]
    rows = [15 * i for i in range(2 * p + 1)] + [30 * p + i + 1 for i in range(p)]
    values = [entry for i in range(2) for entry in gradient(lambda z: error(z, i), z)]
    # cols, rows and vals, each by its first thirty entries and its last
    expected = own + own + [11 * n + 3 * m + p - 1] + rows[:30] + [rows[-1]] + values + [-2 * mpf(given["w"])]
    add("ba", "jacobian", given, expected)
for w in (0.0, 0.4):
    best = descend(path, w)
    for function in ("ff", "fr", "rf", "rr"):
        add("particle", function, {"w": w}, [mpf(best)])

json.dump({"cases": cases}, sys.stdout, indent=1)
print()
