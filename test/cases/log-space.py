"""
Logarithms of sums of exponentials of which some exponents are -Infinity: alignments, paths with forbidden steps, and random programs.
Reference values by mpmath as in programs.py; None stands for -Infinity. Run: python3 log-space.py > log-space.json
"""
import random
from programs import *
cases.clear()
def total(logs):
    logs = [each for each in logs if each is not None]
    return mp.log(sum((mp.exp(each) for each in logs), M(0))) if logs else None
def plus(x, y): return None if x is None or y is None else x + y

def alignment(P, D):
    logs = [list(logsoftmax(row)) for row in P['L']]
    labels = [0] + [each for y in D['y'] for each in (int(y), 0)]
    a = [logs[0][label] if s < 2 else None for s, label in enumerate(labels)]
    for row in logs[1:]:
        a = [plus(row[label], total([a[s]] + a[max(s-1, 0):s] + ([a[s-2]] if s > 1 and label not in (0, labels[s-2]) else [])))
             for s, label in enumerate(labels)]
    return -total(a[-2:])
step = """let a = scan(k in 1..t, a = [s in 0..2*m+1: if s < 2 then lp[0, e[s]] else -inf]: [s in 0..2*m+1:
  lp[k, e[s]] + logsumexp([a[s], if s > 0 then a[s-1] else -inf, if %s then a[s-2] else -inf])])
loss = -logsumexp([a[2*m], a[2*m-1]])"""
head = "param L: [t, 3]\ndata y: int[m] within 0..3\nlet lp = logSoftmax(L, axis = 1)\nlet e = [s in 0..2*m+1: if mod(s, 2) == 1 then y[s//2] else 0]\n"
for t, y in (5, [1, 2]), (6, [2, 2, 1]), (3, [2, 2]):
    case(f'alignment of {y} with {t} rows', 'ctc', [head + step % condition for condition in (
        's > 1 and e[s] != 0 and e[s] != e[s-2]', 'not (s < 2 or e[s] == 0 or e[s] == e[s-2])', 'mod(s, 2) == 1 and s > 2 and y[s//2] != y[s//2-1]')],
        dict(L=g(t, t, 3)), alignment, data=dict(y=np.array(y)))

def chain(P, D):
    weights = [[P['T'][i, j] + mp.log(M(D['A'][i, j])) if D['A'][i, j] > 0 else None for j in range(3)] for i in range(3)]
    norms = [total(row) for row in weights]
    a = [P['e'][0], None, None]
    for t in range(1, 4):
        a = [plus(P['e'][t] * (j + 1), total([plus(a[i], None if weights[i][j] is None else weights[i][j] - norms[i]) for i in range(3)])) for j in range(3)]
    return total(a)
case('chain whose steps are forbidden by zeros', 'hmm', [
    "param T: [3, 3], e: [4]\ndata A: [3, 3]\nlet w = T + log(A)\nlet a = scan(t in 1..4, a = [e[0], -inf, -inf]: [j: e[t] * (j + 1) + logsumexp(i: a[i] + w[i, j] - logsumexp(w[i]))])\nloss = logsumexp(a)",
    "param T: [3, 3], e: [4]\ndata A: [3, 3]\nlet w = [i, j: if A[i, j] > 0 then T[i, j] + log(A[i, j]) else -inf]\nlet p = logSoftmax(w, axis = 1)\nlet a = scan(t in 1..4, a = [e[0], -inf, -inf]: [j: e[t] * (j + 1) + logsumexp([a[0] + p[0, j], a[1] + p[1, j], a[2] + p[2, j]])])\nloss = logsumexp(a)"],
    dict(T=g(1, 3, 3), e=g(2, 4)), chain, data=dict(A=np.array([[.5, .5, 0], [0, .25, .75], [0, 0, 1.]])))

class Random:
    """A program of a few sums, its text and the same over mpf."""
    def __init__(self, seed):
        self.r = random.Random(seed); r = self.r
        self.ok = [r.random() < .5 for _ in range(4)]; self.p = [r.choice([0, .5]) for _ in range(4)]
        self.lets = []; self.values = [('-inf', lambda x: None), ('x[0]', lambda x: x[0])]
        for i in range(4):
            self.values.append(r.choice([
                (f'(if ok[{i}] then x[{i}] else -inf)', lambda x, i=i: x[i] if self.ok[i] else None),
                (f'(log(p[{i}]) + 0.5*x[{i}])', lambda x, i=i: mp.log(M(.5)) + x[i]/2 if self.p[i] else None),
                (f'x[{i}]', lambda x, i=i: x[i])]))
        for _ in range(r.choice([2, 3, 4])): self.add()
        ends = self.values[:-3:-1] + [('0.5*x[1]', lambda x: x[1]/2)]
        texts = ', '.join(text for text, _ in ends)
        of = lambda x: [value(x) for _, value in ends]
        finite = lambda f: lambda x: f([each for each in of(x) if each is not None])
        loss, self.fn = r.choice([(f'logsumexp([{texts}])', finite(total)),
            (f'exp({ends[0][0]}) + sin(exp({ends[1][0]})) + x[1]^2', lambda x: (lambda e: e[0] + mp.sin(e[1]) + x[1]**2)([M(0) if each is None else mp.exp(each) for each in of(x)]))])
        self.text = 'param x: [4]\ndata ok: bool[4], p: [4]\n' + '\n'.join(self.lets) + f'\nloss = {loss}'
    def add(self):
        r = self.r; m = r.choice([2, 3, 3, 4, 5]); j = r.randrange(4)
        picked = r.choices(self.values, [1 + k for k in range(len(self.values))], k=m)
        texts = ', '.join(text for text, _ in picked); of = lambda x: [value(x) for _, value in picked]
        def loop(x):
            a = of(x)[0]
            for k in range(2): a = plus(x[k], total([a] + of(x)[1:]))
            return a
        text, value = r.choice([(f'logsumexp([{texts}])', lambda x: total(of(x))), (f'logaddexp({texts})', lambda x: total(of(x))),
            (f'x[{j}] + logsumexp([{texts}])', lambda x: plus(x[j], total(of(x)))),
            (f'log(exp({picked[0][0]}) + exp({picked[1][0]}) + 1)', lambda x: total(of(x)[:2] + [M(0)])),
            (f'scan(k in 0..2, a = {picked[0][0]}: x[k] + logsumexp([a, {", ".join(text for text, _ in picked[1:])}]))', loop)])
        memo = {}
        def once(x):
            key = tuple(x)
            if key not in memo: memo.clear(); memo[key] = value(x)
            return memo[key]
        self.lets.append(f'let v{len(self.lets)} = {text}'); self.values.append((f'v{len(self.lets)-1}', once))
# of 420, some in which a rewritten difference of infinities was NaN
for seed in (17, 48, 109, 118, 128, 145, 156, 172, 240, 314, 377, 418):
    program = Random(seed)
    case(f'random {seed}', 'random', [program.text], dict(x=g(seed, 4)), lambda P, D, program=program: program.fn(list(P['x'])),
         data=dict(ok=np.array(program.ok, dtype=int), p=np.array(program.p, dtype=float)))

if __name__ == '__main__': out('/dev/stdout', sys.argv[1:])
