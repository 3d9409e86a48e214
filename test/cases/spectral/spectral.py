"""Third derivatives of sum(f(eigenvalues)) and of <W, f(A)> along a direction, by mpmath in 80 digits.

A = Q diag(x) Q' with Q orthogonal (products of rotations by the angle of 3, 4 and 5), so that A has the eigenvalues x, equal or
nearly so. The matrices are taken as the numbers of float64 that are printed, symmetric. Run: python3 spectral.py > spectral.json
"""
import json
from mpmath import mp, mpf, matrix, eigsy, exp, sqrt, tanh, log

mp.dps = 80
c, s = mpf(3) / 5, mpf(4) / 5
Q = matrix([[c, -s, 0], [s * c, c * c, -s], [s * s, s * c, c]])
V = matrix([[0.25, 0.5, -0.125], [0.5, -0.25, 0.75], [-0.125, 0.75, 1]])
W = matrix([[1, 0.5, -2], [0.5, 3, 0.25], [-2, 0.25, -1]])
functions = {
    "exp(x)": exp,
    "sqrt(x)": sqrt,
    "tanh(x)": tanh,
    "x * log(x)": lambda x: x * log(x),
}
gaps = [0, 1e-15, 1e-12, 1e-9, 1e-6, 1e-4, 1e-3, 1e-2, 1e-1]


def points(gap):
    g = mpf(gap)
    yield "two", [2 + g, mpf(2), mpf(5)]
    yield "three", [2 + g, mpf(2), 2 - g / 2]
    yield "small", [mpf("0.001") * (1 + g), mpf("0.001"), mpf(3)]


def derivatives(f, A):
    """Third derivatives of tr f(A + t V) and <W, f(A + t V)>, by differences in steps far below all gaps."""
    h = mpf(10) ** -12

    def at(t):
        x, U = eigsy(A + t * V)
        F = U * mp.diag([f(e) for e in x]) * U.T
        return sum(f(e) for e in x), sum(W[i, j] * F[i, j] for i in range(3) for j in range(3))

    values = {k: at(k * h) for k in range(-4, 5)}
    third = {-3: 1, -2: -8, -1: 13, 1: -13, 2: 8, 3: -1}
    return [sum(w * values[k][which] for k, w in third.items()) / (8 * h**3) for which in (0, 1)]


rows = []
for name, f in functions.items():
    for gap in gaps:
        for kind, x in points(gap):
            exact = Q * mp.diag(x) * Q.T
            A = [[float((exact[i, j] + exact[j, i]) / 2) for j in range(3)] for i in range(3)]
            trace, weighted = derivatives(f, matrix(A))
            rows.append({
                "f": name, "gap": gap, "kind": kind, "A": A,
                "trace": float(trace), "weighted": float(weighted),
            })
as_lists = lambda M: [[float(M[i, j]) for j in range(3)] for i in range(3)]
print('{"V": %s, "W": %s, "rows": [' % (json.dumps(as_lists(V)), json.dumps(as_lists(W))))
print(",\n".join(json.dumps(row) for row in rows))
print("]}")
