"""Reference values of elementary functions for test/cases/kernels.json: python3 kernels.py > kernels.json (mpmath 1.3)."""

import json
import math
import random

import mpmath as m

random.seed(7)
m.mp.prec = 1400


def wide(low, high):
    return math.exp(random.uniform(math.log(low), math.log(high)))


def signed(x):
    return x if random.random() < 0.5 else -x


around_zero = lambda: signed(wide(1e-300, 700)) if random.random() < 0.4 else random.uniform(-3, 3)
positive = lambda: wide(5e-324, 1.7e308) if random.random() < 0.5 else random.uniform(0.5, 2)
near_quarter = lambda: math.pi / 2 * random.randrange(1, 1_000_000)
angle = lambda: random.choice([lambda: random.uniform(-10, 10), lambda: signed(wide(1e-300, 1e300)), near_quarter])()

functions = {
    "exp": (m.exp, lambda: random.uniform(-745, 709) if random.random() < 0.5 else around_zero()),
    "expm1": (m.expm1, around_zero),
    "log": (m.log, positive),
    "log1p": (m.log1p, lambda: positive() if random.random() < 0.5 else random.uniform(-1, 1)),
    "sinh": (m.sinh, around_zero),
    "cosh": (m.cosh, around_zero),
    "tanh": (m.tanh, around_zero),
    "sech2": (lambda x: 1 / m.cosh(x) ** 2, around_zero),
    "sigmoid": (lambda x: 1 / (1 + m.exp(-x)), around_zero),
    "softplus": (lambda x: m.log1p(m.exp(x)), around_zero),
    "sin": (m.sin, angle),
    "cos": (m.cos, angle),
    "erf": (m.erf, around_zero),
}

cases = {}


def rows_of(f, draw):
    rows = []
    while len(rows) < 80:
        x = draw()
        truth = f(m.mpf(x))
        if abs(truth) > 1.7e308:
            continue
        y = float(truth)
        rows.append([x, y, round(float((truth - m.mpf(y)) / m.mpf(math.ulp(y))), 3)])
    return rows


for name, (f, draw) in functions.items():
    cases[name] = rows_of(f, draw)
rows = []
while len(rows) < 120:
    x = random.choice([lambda: wide(1e-300, 1e300), lambda: random.uniform(0.5, 2), lambda: 1 + signed(wide(1e-16, 0.3))])()
    y = random.uniform(-5, 5) if random.random() < 0.4 else signed(min(1e14, wide(1e-3, 1) * 740 / abs(math.log(x))))
    truth = m.mpf(x) ** m.mpf(y)
    if abs(truth) > 1.7e308:
        continue
    z = float(truth)
    rows.append([x, z, round(float((truth - m.mpf(z)) / m.mpf(math.ulp(z))), 3), y])
cases["pow"] = rows

anywhere = lambda: random.choice([lambda: random.uniform(-3, 3), lambda: signed(wide(5e-324, 1.7e308))])()
above_one = lambda: random.choice([lambda: 1 + wide(1e-16, 3), lambda: wide(1, 1.7e308)])()
within_one = lambda: random.choice([lambda: random.uniform(-1, 1), lambda: signed(1 - wide(1e-16, 0.3)), lambda: signed(wide(1e-300, 1))])()
further = {
    "asinh": (m.asinh, anywhere),
    "acosh": (m.acosh, above_one),
    "atanh": (m.atanh, lambda: next(x for x in iter(within_one, None) if abs(x) < 1)),
    "cbrt": (lambda x: m.sign(x) * m.cbrt(abs(x)), anywhere),
    "log2": (lambda x: m.log(x) / m.log(2), positive),
    "log10": (m.log10, positive),
    "sigmoidSlope": (lambda x: 1 / (2 + m.exp(x) + m.exp(-x)), around_zero),
}
for name, (f, draw) in further.items():
    cases[name] = rows_of(f, draw)
rows = []
while len(rows) < 80:
    x = anywhere()
    y = signed(abs(x) * wide(1e-9, 1e9)) if random.random() < 0.7 else anywhere()
    truth = m.hypot(m.mpf(x), m.mpf(y))
    if abs(truth) > 1.7e308:
        continue
    z = float(truth)
    rows.append([x, z, round(float((truth - m.mpf(z)) / m.mpf(math.ulp(z))), 3), y])
cases["hypot"] = rows
print("{")
print(",\n".join(f'  "{name}": {json.dumps(rows)}' for name, rows in cases.items()))
print("}")
