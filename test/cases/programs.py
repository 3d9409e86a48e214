"""
Reference values of tensor programs: loss, gradient and HVP by mpmath at 72 digits and more, by mixed differences of the
programs written in NumPy over mpf. Run: python3 programs.py > all.json; programs.json holds a selection of the rows.
"""
import json, sys, time, numpy as np, mpmath as mp
mp.mp.dps = 72
M = mp.mpf
def arr(x):
    a = np.array(x, dtype=object)
    return np.vectorize(M, otypes=[object])(a) if a.size else a
def vf(f):
    u = np.frompyfunc(f, 1, 1)
    return lambda x: u(x)
exp, log, sin, cos, tanh, sqrt, absf = map(vf, (mp.exp, mp.log, mp.sin, mp.cos, mp.tanh, mp.sqrt, abs))
log1p = vf(lambda x: mp.log(1 + x)); sigmoid = vf(lambda x: 1/(1+mp.exp(-x))); softplus = vf(lambda x: mp.log(1+mp.exp(x)))
relu = vf(lambda x: x if x > 0 else M(0)); erf = vf(mp.erf); gelu = vf(lambda x: x*mp.ncdf(x)); atan = vf(mp.atan)
silu = vf(lambda x: x/(1+mp.exp(-x)))
def lse(x, axis=None):
    return log(np.sum(exp(x), axis=axis))
def softmax(x, axis=-1):
    e = exp(x); return e/np.sum(e, axis=axis, keepdims=True)
def logsoftmax(x, axis=-1):
    return x - log(np.sum(exp(x), axis=axis, keepdims=True))
def mean(x, axis=None, keepdims=False):
    n = x.size if axis is None else int(np.prod([x.shape[a] for a in (axis if isinstance(axis, tuple) else (axis,))]))
    return np.sum(x, axis=axis, keepdims=keepdims)/M(n)
def var(x, axis=None, keepdims=False, ddof=0):
    n = x.size if axis is None else int(np.prod([x.shape[a] for a in (axis if isinstance(axis, tuple) else (axis,))]))
    return np.sum((x-mean(x, axis, True))**2, axis=axis, keepdims=keepdims)/M(n-ddof)
def mat(a): return mp.matrix(a.tolist())
def inv(a):
    n = a.shape[0]; r = mat(a)**-1
    return np.array([[r[i, j] for j in range(n)] for i in range(n)], dtype=object)
def det(a): return mp.det(mat(a))
def solve(a, b): return inv(a).dot(b)
def chol(a):
    n = a.shape[0]; L = np.full((n, n), M(0), dtype=object)
    for i in range(n):
        for j in range(i+1):
            s = a[i, j] - sum((L[i, k]*L[j, k] for k in range(j)), M(0))
            L[i, j] = mp.sqrt(s) if i == j else s/L[j, j]
    return L
def eigs(a):
    E, Q = mp.eigsy(mat(a)); n = a.shape[0]
    ix = sorted(range(n), key=lambda i: E[i])
    return np.array([E[i] for i in ix], dtype=object), np.array([[Q[r, i] for i in ix] for r in range(n)], dtype=object)
def eye(n): return arr(np.eye(n, dtype=int).tolist())
def norm(x, axis=None, keepdims=False): return sqrt(np.sum(x*x, axis=axis, keepdims=keepdims))
def es(eq, *a): return np.einsum(eq, *a, optimize=False)
def pad(x, w): return np.pad(x, w, constant_values=M(0))
def conv2d(x, w, stride=(1,1), padding=(0,0), dilation=(1,1), groups=1):
    """NCHW, OIHW."""
    B, C, H, W = x.shape; O, I, kh, kw = w.shape
    xp = pad(x, ((0,0),(0,0),(padding[0],)*2,(padding[1],)*2))
    oh = (H+2*padding[0]-dilation[0]*(kh-1)-1)//stride[0]+1; ow = (W+2*padding[1]-dilation[1]*(kw-1)-1)//stride[1]+1
    y = np.full((B, O, oh, ow), M(0), dtype=object); og = O//groups
    for o in range(O):
        g = o//og
        for c in range(I):
            for u in range(kh):
                for v in range(kw):
                    r, s = u*dilation[0], v*dilation[1]
                    y[:, o] = y[:, o] + w[o, c, u, v]*xp[:, g*I+c, r:r+(oh-1)*stride[0]+1:stride[0], s:s+(ow-1)*stride[1]+1:stride[1]]
    return y
def g(seed, *shape, lo=-1.2, hi=1.3, dec=4):
    r = np.random.default_rng(seed); return np.round(r.uniform(lo, hi, shape), dec)
cases = []
def case(name, family, texts, params, fn, data=None, sizes=None, expect=None, **kw):
    """params: name -> float array; data: name -> array given to the model; fn(P, D) with object arrays."""
    cases.append(dict(name=name, family=family, texts=[texts] if isinstance(texts, str) else texts, params=params, fn=fn, data=data or {}, sizes=sizes or {}, expect=expect, **kw))
def scalarise(y): return y.item() if isinstance(y, np.ndarray) else y
def evaluate(c):
    P = {k: arr(np.array(v, dtype=float)) for k, v in c['params'].items()}
    D = {k: np.array(v) for k, v in c['data'].items()}
    D = {k: (arr(v) if v.dtype.kind == 'f' else v) for k, v in D.items()}
    r = np.random.default_rng(len(c['name']) + 1000)
    V = {k: np.round(r.uniform(-1, 1, v.shape), 3) for k, v in P.items()}
    for k in V: V[k] = np.array(V[k]);
    f = lambda Q: M(scalarise(c['fn'](Q, D)))
    h = M(10)**-16
    loss = f(P); grad = {}; hvp = {}
    up = {k: v + h*arr(V[k]) for k, v in P.items()}; dn = {k: v - h*arr(V[k]) for k, v in P.items()}
    for k, v in P.items():
        gk, hk = [], []
        for i in range(v.size):
            def at(base, s):
                q = {n: np.array(a, dtype=object, copy=True) for n, a in base.items()}
                if q[k].shape == (): q[k] = np.array(q[k].item() + s, dtype=object)
                else: q[k].flat[i] = q[k].flat[i] + s
                return f(q)
            a, b, cc, d = at(up, h), at(dn, h), at(up, -h), at(dn, -h)
            gk.append((a + b - cc - d)/(4*h)); hk.append((a - b - cc + d)/(4*h*h))
        grad[k] = gk; hvp[k] = hk
    return loss, grad, V, hvp
def out(path, only=None):
    res = []
    for c in cases:
        if only and not any(o in c['name'] for o in only): continue
        t = time.time()
        try:
            loss, grad, V, hvp = evaluate(c)
        except Exception as e:
            print('TRUTH FAILED', c['name'], repr(e), file=sys.stderr); continue
        if c['expect']:
            for what, vals in c['expect'].items():
                {'grad': grad, 'hvp': hvp}[what].update({k: [M(x) for x in np.ravel(v)] for k, v in vals.items()})
        tiny = lambda x: 0.0 if abs(x) < M(10)**-25 else float(x)
        res.append(dict(name=c['name'], family=c['family'], texts=c['texts'], digits=mp.nstr(loss, 30),
            params={k: dict(shape=list(np.shape(v)), data=[float(x) for x in np.ravel(v)]) for k, v in c['params'].items()},
            data={k: (v.tolist() if isinstance(v, np.ndarray) else v) for k, v in c['data'].items()}, sizes=c['sizes'], loss=float(loss),
            v={k: [float(x) for x in np.ravel(V[k])] for k in V},
            grad={k: [tiny(x) for x in grad[k]] for k in grad}, hvp={k: [tiny(x) for x in hvp[k]] for k in hvp}))
        if time.time() - t > 5: print('slow', c['name'], round(time.time() - t, 1), file=sys.stderr)
    json.dump(res, open(path, 'w'))
    print(len(res), 'cases', file=sys.stderr)

S=np.sum
# ---- broadcast
case('b1 size one both ways','broadcast',[
 "param a: [5, 1, 3], b: [1, 7, 1], c: [3]\nloss = sum(tanh(a * b + c)^2 / (1 + a^2))",
 "param a: [p, 1, 3], b: [1, q, 1], c: [3]\nloss = sum(i in 0..p, j in 0..q, k in 0..3: tanh(a[i,0,k]*b[0,j,0] + c[k])^2 / (1 + a[i,0,k]^2))",
 "param a: [p, 1, r], b: [1, q, 1], c: [r]\nlet z = broadcastTo(a, [p, q, r]) * b + c[None, None, :]\nloss = (z.tanh().square() / (1 + square(a))).sum()"],
 dict(a=g(1,5,1,3),b=g(2,1,7,1),c=g(3,3)),lambda P,D:S(tanh(P['a']*P['b']+P['c'])**2/(1+P['a']**2)))
case('b2 size 1 named','broadcast',[
 "param a: [n, m], b: [m], s\nloss = mean((a - b)^2 * s) + sum(b) / (n + m)"],
 dict(a=g(4,1,1),b=g(5,1),s=g(6)),lambda P,D: mean((P['a']-P['b'])**2*P['s'])+S(P['b'])/2)
case('b3 zero axis','broadcast',[
 "param a: [n, 3], b: [3]\nloss = sum(exp(a + b)) + sum(b^3) + prod(a) + norm(a)",
 "param a: [n, k], b: [k]\nlet z = [i in 0..n, j in 0..k: exp(a[i, j] + b[j])]\nloss = sum(z) + sum(b * b * b) + 1"],
 dict(a=np.zeros((0,3)),b=g(7,3)),lambda P,D: S(P['b']**3)+1)
case('b4 row col mix','broadcast',[
 "param u: [4], v: [6]\nlet D = u[:, None] - v[None, :]\nloss = sum(D^2 * exp(-abs(D))) + sum(max(u[:, None], v))",
 "param u: [m], v: [n]\nloss = sum(i in 0..m, j in 0..n: (u[i]-v[j])^2 * exp(-abs(u[i]-v[j])) + max(u[i], v[j]))"],
 dict(u=g(8,4),v=g(9,6)),lambda P,D:S((P['u'][:,None]-P['v'])**2*exp(-absf(P['u'][:,None]-P['v'])))+S(np.maximum(P['u'][:,None],P['v'])))
case('b5 bool arithmetic','broadcast',[
 "param x: [3, 5], t: [3, 1]\nlet m = x > t\nloss = sum(m * x^2) - 2 * sum((1 - m) * t * x) + sum(m)",
 "param x: [3, 5], t: [3, 1]\nloss = sum(where(x > t, x^2 + 1, -2 * t * x))"],
 dict(x=g(10,3,5),t=g(11,3,1)),lambda P,D:S(np.where(P['x']>P['t'],P['x']**2+1,-2*P['t']*P['x'])))
case('b6 coinciding dims','broadcast',[
 "param A: [n, m], b: [m], c: [n]\nlet R = A * b + c[:, None]\nloss = sum(sin(R @ b) * c) + sum(A' @ c * b)"],
 dict(A=g(12,3,3),b=g(13,3),c=g(14,3)),lambda P,D:S(sin((P['A']*P['b']+P['c'][:,None]).dot(P['b']))*P['c'])+S(P['A'].T.dot(P['c'])*P['b']))
# ---- einsum
case('e1 diagonals','einsum',[
 "param A: [4, 4], B: [4, 4]\nloss = einsum(\"ii,ij->\", A, B) + sum(einsum(\"ii->i\", A)^3) + einsum(\"ij,ji->\", A, B)",
 "param A: [n, n], B: [n, n]\nloss = sum(i, j: A[i,i] * B[i,j]) + sum(i: A[i,i]^3) + trace(A @ B)",
 "param A: [n, n], B: [n, n]\nloss = dot(diag(A), sum(B, axis = 1)) + sum(diagonal(A)^3) + sum(A * B')"],
 dict(A=g(20,4,4),B=g(21,4,4)),lambda P,D:es('ii,ij->',P['A'],P['B'])+S(np.diagonal(P['A'])**3)+S(P['A']*P['B'].T))
case('e2 repeated operand','einsum',[
 "param A: [3, 5]\nloss = sum(sin(einsum(\"ij,kj,kl->il\", A, A, A)))",
 "param A: [3, 5]\nloss = sum(sin(A @ A' @ A))",
 "param A: [n, m]\nloss = sum(i in 0..n, l in 0..m: sin(sum(j, k: A[i,j] * A[k,j] * A[k,l])))"],
 dict(A=g(22,3,5)),lambda P,D:S(sin(P['A'].dot(P['A'].T).dot(P['A']))))
case('e3 triple diag','einsum',[
 "param T: [3, 3, 3, 2], w: [2]\nlet d = einsum(\"iiik,k->i\", T, w)\nlet e = einsum(\"ijik->jk\", T)\nloss = sum(exp(d)) + sum(e^2 * w)",
 "param T: [n, n, n, k], w: [k]\nlet d = [i: sum(q: T[i,i,i,q] * w[q])]\nloss = sum(exp(d)) + sum(j, q: sum(i: T[i,j,i,q])^2 * w[q])"],
 dict(T=g(23,3,3,3,2),w=g(24,2)),lambda P,D:S(exp(es('iiik,k->i',P['T'],P['w'])))+S(es('ijik->jk',P['T'])**2*P['w']))
case('e4 outer with diag out','einsum',[
 "param x: [3], y: [3], z: [3]\nloss = sum(tanh(einsum(\"i,i,j->ji\", x, y, z))) * einsum(\"i,j,k->\", x, y, z)",
 "param x: [3], y: [3], z: [3]\nloss = sum(tanh(outer(z, x * y))) * sum(x) * sum(y) * sum(z)"],
 dict(x=g(25,3),y=g(26,3),z=g(27,3)),lambda P,D:S(tanh(np.outer(P['z'],P['x']*P['y'])))*S(P['x'])*S(P['y'])*S(P['z']))
case('e5 batch bilinear','einsum',[
 "param X: [2, 3, 4], W: [5, 4, 4]\nlet s = einsum(\"bid,kde,bje->bkij\", X, W, X)\nloss = sum(softmax(s, axis = -1)^2)",
 "param X: [B, n, d], W: [K, d, d]\nlet s = [b, k, i, j: sum(p, q: X[b,i,p] * W[k,p,q] * X[b,j,q])]\nloss = sum(b, k, i: sum(softmax(s[b,k,i])^2))"],
 dict(X=g(28,2,3,4),W=g(29,5,4,4)),lambda P,D:S(softmax(es('bid,kde,bje->bkij',P['X'],P['W'],P['X']))**2))
case('e6 antidiagonal and toeplitz','einsum',[
 "param A: [5, 5], t: [9]\nlet a = sum(i in 0..5: A[i, 4 - i] * A[4 - i, i])\nlet T = [i in 0..5, j in 0..5: t[i - j + 4]]\nloss = a + sum((T @ A)^2) + sum(i in 0..5, j in 0..5: A[i, j] * t[i + j])"],
 dict(A=g(30,5,5),t=g(31,9)),lambda P,D:S(np.array([P['A'][i,4-i]*P['A'][4-i,i] for i in range(5)]))+S(np.array([[P['t'][i-j+4] for j in range(5)] for i in range(5)]).dot(P['A'])**2)+S(np.array([[P['A'][i,j]*P['t'][i+j] for j in range(5)] for i in range(5)])))
case('e7 trace powers','einsum',[
 "param A: [3, 3]\nloss = trace(A @ A @ A) + einsum(\"ij,jk,kl,li->\", A, A, A, A) + sum((A @ A')'' @ A)",
 "param A: [3, 3]\nlet B = A @ A\nloss = trace(B @ A) + sum(B * B') + sum(A @ A' @ A)"],
 dict(A=g(32,3,3)),lambda P,D:np.trace(P['A'].dot(P['A']).dot(P['A']))+S(P['A'].dot(P['A'])*P['A'].dot(P['A']).T)+S(P['A'].dot(P['A'].T).dot(P['A'])))
# ---- matmul
case('m1 vector forms','matmul',[
 "param x: [4], A: [4, 6], y: [6], B: [3, 4, 6]\nloss = x @ A @ y + sum((B @ y)^2) + sum(tanh(x @ A)) + sum(B * (x[:, None] * y))",
 "param x: [m], A: [m, n], y: [n], B: [k, m, n]\nloss = dot(x, A @ y) + sum(b, i: dot(B[b, i], y)^2) + sum(j: tanh(dot(x, A[:, j]))) + sum(b: x @ B[b] @ y)"],
 dict(x=g(40,4),A=g(41,4,6),y=g(42,6),B=g(43,3,4,6)),lambda P,D:P['x'].dot(P['A']).dot(P['y'])+S(P['B'].dot(P['y'])**2)+S(tanh(P['x'].dot(P['A'])))+S(P['B']*(P['x'][:,None]*P['y'])))
case('m2 matpower loop','matmul',[
 "param A: [3, 3], x: [3]\nlet y = scan(i in 0..5, y = x: A @ y / (1 + norm(y)))\nloss = dot(y, y)",
 "param A: [3, 3], x: [3]\ndef f(y: [3]) = A @ y / (1 + norm(y))\nloss = sum(f(f(f(f(f(x)))))^2)"],
 dict(A=g(44,3,3),x=g(45,3)),lambda P,D:(lambda y:S(y**2))(__import__('functools').reduce(lambda y,_:P['A'].dot(y)/(1+norm(y)),range(5),P['x'])))
case('m3 chain with ones','matmul',[
 "param A: [1, 5], B: [5, 1], C: [1, 1], D: [1, 4]\nloss = sum(sigmoid(A @ B @ C @ D)) + sum((B @ A)^2)"],
 dict(A=g(46,1,5),B=g(47,5,1),C=g(48,1,1),D=g(49,1,4)),lambda P,D:S(sigmoid(P['A'].dot(P['B']).dot(P['C']).dot(P['D'])))+S(P['B'].dot(P['A'])**2))
case('m4 batched broadcasting','matmul',[
 "param A: [2, 3, 4], B: [4, 3], C: [2, 3, 3]\nloss = sum(cos(A @ B @ C)) + sum(A @ B @ C')",
 "param A: [n, p, q], B: [q, p], C: [n, p, p]\nlet Z = [b, i, k: sum(j, l: A[b,i,j] * B[j,l] * C[b,l,k])]\nlet Y = [b, i, k: sum(j, l: A[b,i,j] * B[j,l] * C[b,k,l])]\nloss = sum(cos(Z)) + sum(Y)"],
 dict(A=g(50,2,3,4),B=g(51,4,3),C=g(52,2,3,3)),lambda P,D:S(cos(np.matmul(np.matmul(P['A'],P['B']),P['C'])))+S(np.matmul(np.matmul(P['A'],P['B']),np.swapaxes(P['C'],1,2))))
case('m5 zero inner','matmul',[
 "param A: [2, k], B: [k, 3], c: [3]\nloss = sum(exp(A @ B + c))"],
 dict(A=np.zeros((2,0)),B=np.zeros((0,3)),c=g(53,3)),lambda P,D:2*S(exp(P['c'])),sizes={})
case('m6 kron and outer','matmul',[
 "param A: [2, 3], B: [3, 2], x: [6]\nloss = sum(tanh(kron(A, B) @ x)^2)",
 "param A: [2, 3], B: [3, 2], x: [6]\nlet X = reshape(x, [3, 2])\nloss = sum(tanh(A @ X @ B')^2)"],
 dict(A=g(54,2,3),B=g(55,3,2),x=g(56,6)),lambda P,D:S(tanh(np.kron(P['A'],P['B']).dot(P['x']))**2))
# ---- reduce
case('r1 all reductions','reduce',[
 "param X: [3, 4, 2]\nloss = sum(prod(X, axis = 1)) + sum(logsumexp(X, axis = [0, 2])) + sum(norm(X, axis = 0)) + sum(max(X, axis = 2) * min(X, axis = 2)) + variance(X) + sum(var(X, axis = (0, 1), ddof = 1))",
 "param X: [a, b, c]\nloss = sum(i, k: prod(j: X[i,j,k])) + sum(j: logsumexp(i, k: X[i,j,k])) + sum(j, k: sqrt(sum(i: X[i,j,k]^2))) + sum(i, j: max(k: X[i,j,k]) * min(k: X[i,j,k])) + mean(i, j, k: (X[i,j,k] - mean(X))^2) + sum(k: sum(i, j: (X[i,j,k] - mean(X[:, :, k]))^2) / (a * b - 1))"],
 dict(X=g(60,3,4,2)),lambda P,D:(lambda X:S(np.prod(X,axis=1))+S(lse(X,(0,2)))+S(norm(X,0))+S(X.max(2)*X.min(2))+var(X)+S(var(X,(0,1),ddof=1)))(P['X']))
case('r2 nan mean of ones','reduce',[
 "param x: [n]\nloss = standardDeviation(x)^2 + mean(x) * sum(x) + max(x) + logsumexp(x) + prod(x)"],
 dict(x=np.array([0.7])),lambda P,D:P['x'][0]**2+3*P['x'][0])
case('r3 median quantile','reduce',[
 "param x: [7], W: [2, 5]\nloss = median(x)^2 + quantile(x, 0.3) * 2 + sum(median(W, axis = 1) * [1, 2]) + sum(sort(x) * [1,2,3,4,5,6,7]) + sum(topK(x, 3)^2)"],
 dict(x=g(61,7),W=g(62,2,5)),lambda P,D:(lambda s,W:s[3]**2+2*(s[1]+(M('0.3')*0+arr(0.3*6).item()-1)*(s[2]-s[1]))+W[0,2]+2*W[1,2]+S(s*arr([1,2,3,4,5,6,7]))+s[6]**2+s[5]**2+s[4]**2)(np.sort(P['x']),np.sort(P['W'],axis=1)))
case('r4 prod zeros','reduce',[
 "param x: [4], Y: [2, 3]\nloss = prod(x) + sum(prod(Y, axis = 1)^2) + sum(cumprod(x))",
 "param x: [n], Y: [m, k]\nloss = prod(i in 0..n: x[i]) + sum(i: prod(j: Y[i,j])^2) + sum(i in 0..n: prod(j in 0..i+1: x[j]))"],
 dict(x=np.array([0.5,0.0,-1.5,0.0]),Y=np.array([[0.0,2.0,3.0],[1.0,0.0,0.0]])),lambda P,D:np.prod(P['x'])+S(np.prod(P['Y'],axis=1)**2)+S(np.cumprod(P['x'])))
case('r5 triangular ranges','reduce',[
 "param A: [5, 5]\nloss = sum(i in 0..5, j in 0..i: A[i,j]^2 * A[j,i]) + sum(i in 0..5, j in i..5: sin(A[i,j])) + max(i in 0..5, j in 0..i+1: A[i,j])",
 "param A: [5, 5]\nloss = sum(tril(A, diagonal = -1)^2 * tril(A', diagonal = -1)) + sum(sin(triu(A))) + max([i in 0..5: max(j in 0..i+1: A[i,j])])"],
 dict(A=g(63,5,5)),lambda P,D:(lambda A:sum(A[i,j]**2*A[j,i] for i in range(5) for j in range(i))+sum(mp.sin(A[i,j]) for i in range(5) for j in range(i,5))+max(A[i,j] for i in range(5) for j in range(i+1)))(P['A']))
case('r6 argmax selects','reduce',[
 "param X: [4, 5], w: [5]\nlet k = argmax(X, axis = 1)\nloss = sum(i: X[i, k[i]] * w[k[i]]) + sum(w[argmin(X, axis = 1)]^2)"],
 dict(X=g(64,4,5),w=g(65,5)),lambda P,D:sum(max(P['X'][i])*P['w'][list(P['X'][i]).index(max(P['X'][i]))]+P['w'][list(P['X'][i]).index(min(P['X'][i]))]**2 for i in range(4)))
case('r7 geometric harmonic','reduce',[
 "param x: [5]\nlet p = exp(x)\nloss = prod(p)^(1/5) + 5 / sum(1 / p) + sqrt(mean(p^2)) + log(mean(p))",
 "param x: [n]\nlet p = exp(x)\nloss = exp(mean(log(p))) + n / sum(p^-1) + norm(p) / sqrt(n) + logsumexp(x) - log(n)"],
 dict(x=g(66,5)),lambda P,D:(lambda p:mp.exp(S(P['x'])/5)+5/S(1/p)+mp.sqrt(S(p*p)/5)+mp.log(S(p)/5))(exp(P['x'])))
# ---- loss
def smooth(Z,lab,e):
    lp=logsoftmax(Z); k=Z.shape[1]; e=M(e)
    return -sum(sum(((1-e)*(1 if j==lab[i] else 0)+e/k)*lp[i,j] for j in range(k)) for i in range(len(lab)))/len(lab)
case('l1 label smoothing','loss',[
 "param Z: [5, 4]\ndata y: int[5] within 0..4\nconst e = 0.125\nlet lp = logSoftmax(Z)\nloss = mean(i: -(1 - e) * lp[i, y[i]] - e * mean(lp[i]))",
 "param Z: [n, k]\ndata y: int[n]\nlet q = oneHot(y, k) * (1 - 0.125) + 0.125 / k\nloss = -mean(sum(q * log_softmax(Z, axis = -1), axis = 1))"],
 dict(Z=g(70,5,4)),lambda P,D:smooth(P['Z'],D['y'],0.125),data=dict(y=[0,3,3,1,2]))
case('l2 focal','loss',[
 "param z: [6], gam\ndata y: [6]\nlet p = sigmoid(z)\nlet pt = y * p + (1 - y) * (1 - p)\nloss = -sum((1 - pt)^gam * log(pt))",
 "param z: [n], gam\ndata y: [n]\nlet s = 2 * y - 1\nloss = sum(i: sigmoid(-s[i] * z[i])^gam * softplus(-s[i] * z[i]))"],
 dict(z=g(71,6,lo=-3,hi=3),gam=np.array(2.25)),lambda P,D:(lambda pt:-S((1-pt)**P['gam'].item()*log(pt)))(D['y']*sigmoid(P['z'])+(1-D['y'])*(1-sigmoid(P['z']))),data=dict(y=[1.,0.,1.,1.,0.,0.]))
case('l3 ctc','scan',[
 """param Z: [6, 4]
const ext = [0, 2, 0, 3, 0]
let lp = logSoftmax(Z, axis = 1)
let a0 = [s in 0..5: if s < 2 then lp[0, ext[s]] else -1e30]
let run = scan(t in 1..6, a = a0: [s in 0..5: {
  let stay = a[s]
  let one = if s > 0 then a[max(s - 1, 0)] else -1e30
  let two = if s > 1 and s % 2 == 1 then a[max(s - 2, 0)] else -1e30
  return logsumexp([stay, one, two]) + lp[t, ext[s]]
}])
loss = -logaddexp(run[4], run[3])""".replace("s % 2","mod(s, 2)"),
 """param Z: [T, k]
data ext: int[5] within 0..k
let lp = logSoftmax(Z)
let p = scan(t in 1..T, a = [s in 0..5: if s < 2 then exp(lp[0, ext[s]]) else 0]:
   [s in 0..5: exp(lp[t, ext[s]]) * (a[s] + (if s > 0 then a[s-1] else 0) + (if s == 3 then a[s-2] else 0))])
loss = -log(p[4] + p[3])"""],
 dict(Z=g(72,6,4)),lambda P,D:ctc(P['Z'],[0,2,0,3,0]),data=dict(ext=[0,2,0,3,0]))
def ctc(Z,ext):
    p=softmax(Z); T=Z.shape[0]; a=[p[0,ext[0]],p[0,ext[1]],M(0),M(0),M(0)]
    for t in range(1,T):
        a=[p[t,ext[s]]*(a[s]+(a[s-1] if s>0 else 0)+(a[s-2] if s==3 else 0)) for s in range(5)]
    return -mp.log(a[4]+a[3])
case('l4 huber quantile hinge','loss',[
 "param r: [7], d\nloss = sum(huber(r, d)) + sum(max(0.3 * r, (0.3 - 1) * r)) + sum(relu(1 - r)) + sum(square(relu(1 - r)))",
 "param r: [n], d\nloss = sum(i: if abs(r[i]) <= d then r[i]^2/2 else d * (abs(r[i]) - d/2)) + sum(i: r[i] * (0.3 - (r[i] < 0))) + sum(max(0, 1 - r)) + sum(max(1 - r, 0)^2)"],
 dict(r=g(73,7,lo=-2,hi=2.5),d=np.array(0.75)),lambda P,D:(lambda r,d:S(np.where(absf(r)<=d,r**2/2,d*(absf(r)-d/2)))+S(np.where(r>0,M(0.3)*r,(M(0.3)-1)*r))+S(relu(1-r))+S(relu(1-r)**2))(P['r'],P['d'].item()))
case('l5 hinge multiclass','loss',[
 "param W: [3, 4]\ndata X: [5, 3], y: int[5] within 0..4\nlet S = X @ W\nloss = mean(i: sum(j in 0..4: if j == y[i] then 0 else relu(S[i,j] - S[i,y[i]] + 1)))",
 "param W: [d, k]\ndata X: [n, d], y: int[n]\nlet S = X @ W\nlet c = S[arange(n), y]\nloss = (sum(relu(S - c[:, None] + 1)) - n) / n"],
 dict(W=g(74,3,4)),lambda P,D:(lambda T:sum(sum((relu(arr([T[i,j]-T[i,D['y'][i]]+1]))[0] if j!=D['y'][i] else M(0)) for j in range(4)) for i in range(5))/5)(D['X'].dot(P['W'])),data=dict(X=g(75,5,3),y=[3,0,1,1,2]))
case('l6 gaussian nll kl','loss',[
 "param mu: [4, 2], s: [4, 2]\ndata x: [4, 2]\nloss = 0.5 * sum(2 * s + (x - mu)^2 * exp(-2 * s) + log(2 * pi)) + 0.5 * sum(exp(2*s) + mu^2 - 1 - 2*s)",
 ],dict(mu=g(76,4,2),s=g(77,4,2)),lambda P,D:S(2*P['s']+(D['x']-P['mu'])**2*exp(-2*P['s'])+mp.log(2*M(float(mp.pi))))/2+S(exp(2*P['s'])+P['mu']**2-1-2*P['s'])/2,data=dict(x=g(78,4,2)))
case('l7 poisson negbin beta','loss',[
 "param e: [5], r\ndata k: [5]\nlet m = exp(e)\nlet a = exp(r)\nloss = sum(m - k * e + lgamma(k + 1)) - sum(lgamma(k + a) - lgamma(a) - lgamma(k + 1) + a * log(a / (a + m)) + k * log(m / (m + a)))"],
 dict(e=g(79,5),r=g(80)),lambda P,D:(lambda m,a,k:S(m-k*P['e'])-sum(mp.loggamma(k[i]+a)-mp.loggamma(a)-2*mp.loggamma(k[i]+1)+a*mp.log(a/(a+m[i]))+k[i]*mp.log(m[i]/(m[i]+a)) for i in range(5)))(exp(P['e']),mp.exp(P['r'].item()),D['k']),data=dict(k=[0.,3.,1.,7.,2.]))
case('l8 triplet margin','loss',[
 "param A: [4, 3], P: [4, 3], Q: [4, 3]\nlet dp = norm(A - P, axis = 1), dn = norm(A - Q, axis = 1)\nloss = mean(relu(dp - dn + 0.5)) + sum(1 - sum(A * P, axis = 1) / (norm(A, axis = 1) * norm(P, axis = 1)))"],
 dict(A=g(81,4,3),P=g(82,4,3),Q=g(83,4,3)),lambda P,D:mean(relu(norm(P['A']-P['P'],1)-norm(P['A']-P['Q'],1)+M(0.5)))+S(1-S(P['A']*P['P'],axis=1)/(norm(P['A'],1)*norm(P['P'],1))))
case('l9 bce stable dice','loss',[
 "param z: [3, 4], w: [4]\ndata y: [3, 4]\nlet bce = max(z, 0) - z * y + log1p(exp(-abs(z)))\nlet p = sigmoid(z)\nloss = mean(bce * w) + 1 - (2 * sum(p * y) + 1) / (sum(p) + sum(y) + 1)",
 "param z: [n, m], w: [m]\ndata y: [n, m]\nlet bce = softplus(z) - z * y\nlet p = 1 / (1 + exp(-z))\nloss = mean(i, j: bce[i,j] * w[j]) + 1 - (1 + 2 * sum(p * y)) / (1 + sum(p + y))"],
 dict(z=g(84,3,4,lo=-3,hi=3),w=g(85,4)),lambda P,D:(lambda p:mean((softplus(P['z'])-P['z']*D['y'])*P['w'])+1-(2*S(p*D['y'])+1)/(S(p)+S(D['y'])+1))(sigmoid(P['z'])),data=dict(y=(g(86,3,4)>0).astype(float)))
# ---- norms
case('n1 p norms','norm',[
 "param x: [6], p\nloss = sum(abs(x)^p)^(1/p) + sum(abs(x)) + max(abs(x)) + norm(x) + sum(abs(x)^3)^(1/3)"],
 dict(x=g(90,6),p=np.array(2.5)),lambda P,D:(lambda a,p:S(a**p)**(1/p)+S(a)+max(a)+norm(P['x'])+S(a**3)**(M(1/3)))(absf(P['x']),P['p'].item()))
case('n2 batchnorm','norm',[
 "param X: [5, 3], g: [3], b: [3], R: [5, 3]\nlet mu = mean(X, axis = 0), v = variance(X, axis = 0)\nloss = sum(tanh((X - mu) / sqrt(v + 1e-5) * g + b) * R)",
 "param X: [n, d], g: [d], b: [d], R: [n, d]\nloss = sum(tanh(layerNorm(X, axis = 0, epsilon = 1e-5) * g + b) * R)"],
 dict(X=g(91,5,3),g=g(92,3),b=g(93,3),R=g(94,5,3)),lambda P,D:S(tanh((P['X']-mean(P['X'],0))/sqrt(var(P['X'],0)+M(1e-5))*P['g']+P['b'])*P['R']))
def gn(X,G,eps):
    B,C,H,W=X.shape; Y=X.reshape(B,G,C//G,H,W); m=mean(Y,(2,3,4),True); v=var(Y,(2,3,4),True)
    return ((Y-m)/sqrt(v+M(eps))).reshape(B,C,H,W)
case('n3 groupnorm','norm',[
 "param X: [2, 6, 2, 3], g: [6], b: [6], R: [2, 6, 2, 3]\nlet Y = reshape(X, [2, 3, 2, 2, 3])\nlet Z = reshape(layerNorm(Y, axis = [2, 3, 4], epsilon = 1e-3), [2, 6, 2, 3])\nloss = sum((Z * g[None, :, None, None] + b[:, None, None]) * R)",
 "param X: [B, 6, H, W], g: [6], b: [6], R: [B, 6, H, W]\nlet m = [n in 0..B, q in 0..3: mean(X[n, 2*q..2*q+2])]\nlet v = [n in 0..B, q in 0..3: variance(X[n, 2*q..2*q+2])]\nloss = sum(n in 0..B, c in 0..6, i in 0..H, j in 0..W: ((X[n,c,i,j] - m[n, c//2]) / sqrt(v[n, c//2] + 1e-3) * g[c] + b[c]) * R[n,c,i,j])"],
 dict(X=g(95,2,6,2,3),g=g(96,6),b=g(97,6),R=g(98,2,6,2,3)),lambda P,D:S((gn(P['X'],3,1e-3)*P['g'][None,:,None,None]+P['b'][:,None,None])*P['R']))
case('n4 weightnorm rms cosine','norm',[
 "param V: [4, 3], g: [4], x: [3]\nlet W = g[:, None] * V / norm(V, axis = 1, keepdims = true)\nlet y = W @ x\nloss = sum(y / sqrt(mean(y^2) + 1e-6)) + sum(y^2)"],
 dict(V=g(99,4,3),g=g(100,4),x=g(101,3)),lambda P,D:(lambda y:S(y/sqrt(mean(y**2)+M(1e-6)))+S(y**2))((P['g'][:,None]*P['V']/norm(P['V'],1,True)).dot(P['x'])))
case('n5 zero rows','norm',[
 "param X: [3, 4]\nloss = sum(norm(X, axis = 1)) + norm(X, axis = 0)[2]"],
 dict(X=np.array([[0.,0,0,0],[1,2,0.5,-1],[0.3,0,2,1]])),lambda P,D:S(norm(P['X'],1))+norm(P['X'],0)[2],expect=dict(grad=dict(X=[[0,0,0,0]]+[[None]*4]*2)) if False else None)
cases.pop()
case('n6 frobenius nuclearish','norm',[
 "param A: [3, 4]\nlet G = A @ A'\nloss = norm(A) + sqrt(trace(G)) + sum(norm(A, axis = 0)^3) + sum(sqrt(eigenvalues(G)))"],
 dict(A=g(102,3,4)),lambda P,D:(lambda A:2*norm(A)+S(norm(A,0)**3)+S(sqrt(eigs(A.dot(A.T))[0])))(P['A']))
cases[-1]['family']='linalg'


S=np.sum
# ---- mlp
case('p1 relu net residual','mlp',[
 "param W1: [3, 5], b1: [5], W2: [5, 5], b2: [5], W3: [5, 1]\ndata X: [4, 3], y: [4]\nlet h = relu(X @ W1 + b1)\nlet h2 = h + gelu(h @ W2 + b2)\nlet out = (h2 @ W3)[:, 0]\nloss = mean((out - y)^2) + 1e-3 * (sum(W1^2) + sum(abs(W2)))",
 "param W1: [d, h], b1: [h], W2: [h, h], b2: [h], W3: [h, 1]\ndata X: [n, d], y: [n]\nlet r = [i in 0..n: {\n let a = relu(W1' @ X[i] + b1)\n let c = a + gelu(W2' @ a + b2)\n return dot(c, W3[:, 0]) - y[i]\n}]\nloss = mean(r^2) + 1e-3 * sum(W1^2) + 1e-3 * sum(abs(W2))"],
 dict(W1=g(1,3,5),b1=g(2,5),W2=g(3,5,5),b2=g(4,5),W3=g(5,5,1)),lambda P,D:(lambda h:(lambda h2:mean((h2.dot(P['W3'])[:,0]-D['y'])**2))(h+gelu(h.dot(P['W2'])+P['b2']))+M(1e-3)*(S(P['W1']**2)+S(absf(P['W2']))))(relu(D['X'].dot(P['W1'])+P['b1'])),data=dict(X=g(6,4,3),y=g(7,4)))
case('p2 moe swiglu','mlp',[
 "param x: [4], G: [3, 4], A: [3, 5, 4], B: [3, 5, 4], O: [3, 2, 5]\nlet gate = softmax(G @ x)\nlet e = [k in 0..3: O[k] @ (silu(A[k] @ x) * (B[k] @ x))]\nloss = sum((gate @ e)^2) + logsumexp(G @ x)^2",
 "param x: [d], G: [K, d], A: [K, h, d], B: [K, h, d], O: [K, m, h]\nlet gate = softmax(G @ x)\nlet y = [j in 0..m: sum(k in 0..K, q in 0..h: gate[k] * O[k,j,q] * silu(dot(A[k,q], x)) * dot(B[k,q], x))]\nloss = dot(y, y) + logsumexp(G @ x)^2"],
 dict(x=g(10,4),G=g(11,3,4),A=g(12,3,5,4),B=g(13,3,5,4),O=g(14,3,2,5)),lambda P,D:(lambda gt:S(sum(gt[k]*P['O'][k].dot(silu(P['A'][k].dot(P['x']))*P['B'][k].dot(P['x'])) for k in range(3))**2)+lse(P['G'].dot(P['x']))**2)(softmax(P['G'].dot(P['x']))))
case('p3 repeated layer weights','mlp',[
 "param W: [4, 4], x: [4]\ndef f(h: [4]) = tanh(W @ h) + 0 * h + 1 * h - h'' + h\nloss = sum(f(f(f(x)))^2) / 1 + 0",
 "param W: [4, 4], x: [4]\nlet h = scan(i in 0..3, h = x: tanh(W @ h) + h)\nloss = dot(h, h)"],
 dict(W=g(15,4,4),x=g(16,4)),lambda P,D:(lambda f:S(f(f(f(P['x'])))**2))(lambda h:tanh(P['W'].dot(h))+h))
cases[-1]['texts'][0]=cases[-1]['texts'][0].replace("h''","h")
# ---- attention
def att(Q,K,V,mask):
    s=Q.dot(K.T)/mp.sqrt(Q.shape[1]); e=np.where(mask,exp(s),M(0)); return (e/S(e,axis=1,keepdims=True)).dot(V)
case('a1 causal masked attention','mlp',[
 "param X: [5, 3], Wq: [3, 2], Wk: [3, 2], Wv: [3, 4], R: [5, 4]\nlet s = (X @ Wq) @ (X @ Wk)' / sqrt(2)\nlet m = [i in 0..5, j in 0..5: if j <= i then s[i, j] else -inf]\nloss = sum(softmax(m, axis = 1) @ (X @ Wv) * R)",
 "param X: [5, 3], Wq: [3, 2], Wk: [3, 2], Wv: [3, 4], R: [5, 4]\nlet Q = X @ Wq, K = X @ Wk, V = X @ Wv\nlet s = where(tril(ones(5, 5)) == 1, Q @ K' / sqrt(2), -1e9)\nloss = sum(softmax(s) @ V * R)",
 "param X: [n, d], Wq: [d, h], Wk: [d, h], Wv: [d, e], R: [n, e]\nlet Q = X @ Wq, K = X @ Wk, V = X @ Wv\nloss = sum(i in 0..n: {\n let w = [j in 0..n: if j <= i then exp(dot(Q[i], K[j]) / sqrt(h)) else 0]\n return dot(w @ V, R[i]) / sum(w)\n})"],
 dict(X=g(20,5,3),Wq=g(21,3,2),Wk=g(22,3,2),Wv=g(23,3,4),R=g(24,5,4)),lambda P,D:S(att(P['X'].dot(P['Wq']),P['X'].dot(P['Wk']),P['X'].dot(P['Wv']),np.tril(np.ones((5,5)))==1)*P['R']))
case('a2 multihead relative','mlp',[
 "param X: [4, 6], Wq: [6, 6], Wk: [6, 6], Wv: [6, 6], pos: [7]\nlet Q = reshape(X @ Wq, [4, 2, 3]), K = reshape(X @ Wk, [4, 2, 3]), V = reshape(X @ Wv, [4, 2, 3])\nlet s = [h in 0..2, i in 0..4, j in 0..4: dot(Q[i, h], K[j, h]) / sqrt(3) + pos[i - j + 3]]\nlet P = softmax(s, axis = -1)\nlet O = [i in 0..4, h in 0..2, k in 0..3: sum(j: P[h, i, j] * V[j, h, k])]\nloss = sum(reshape(O, [4, 6])^2)",
 "param X: [4, 6], Wq: [6, 6], Wk: [6, 6], Wv: [6, 6], pos: [7]\nlet Q = transpose(reshape(X @ Wq, [4, 2, 3]), [1, 0, 2]), K = transpose(reshape(X @ Wk, [4, 2, 3]), [1, 2, 0]), V = transpose(reshape(X @ Wv, [4, 2, 3]), [1, 0, 2])\nlet bias = [i in 0..4, j in 0..4: pos[i - j + 3]]\nlet O = softmax(Q @ K / sqrt(3) + bias) @ V\nloss = sum(O * O)"],
 dict(X=g(25,4,6),Wq=g(26,6,6,lo=-.6,hi=.6),Wk=g(27,6,6,lo=-.6,hi=.6),Wv=g(28,6,6,lo=-.6,hi=.6),pos=g(29,7)),lambda P,D:mha(P))
def mha(P):
    q,k,v=[P['X'].dot(P[w]).reshape(4,2,3).transpose(1,0,2) for w in('Wq','Wk','Wv')]
    b=np.array([[P['pos'][i-j+3] for j in range(4)] for i in range(4)])
    return S(np.matmul(softmax(np.matmul(q,k.transpose(0,2,1))/mp.sqrt(3)+b),v)**2)
# ---- cumulative
case('c1 cumprod cummax lse','cumulative',[
 "param x: [6], w: [6]\nlet l = [i in 0..6: logsumexp(x[0..i+1])]\nloss = sum(cumprod(x) * w) + sum(cummax(x) * w) + sum(l * w) + sum(cummin(w)^2)",
 "param x: [n], w: [n]\nlet r = scan(v in x, p = 1, m = -inf, l = -inf: { p = p * v; m = max(m, v); l = logaddexp(l, v); pp = p * v; mm = max(m, v); ll = logaddexp(l, v) })\nloss = dot(r.pp, w) + dot(r.mm, w) + dot(r.ll, w) + sum(cummin(w)^2)"],
 dict(x=g(30,6),w=g(31,6)),lambda P,D:S(np.cumprod(P['x'])*P['w'])+S(np.maximum.accumulate(P['x'])*P['w'])+S(log(np.cumsum(exp(P['x'])))*P['w'])+S(np.minimum.accumulate(P['w'])**2))
case('c2 exclusive reverse two axes','cumulative',[
 "param X: [3, 4], w: [3, 4]\nlet a = cumsum(X, axis = 0) - X\nlet b = reverse(cumsum(reverse(X, axis = 1), axis = 1), axis = 1)\nlet c = cumsum(cumsum(X, axis = 0), axis = 1)\nloss = sum(sin(a) * w) + sum(cos(b) * w) + sum(tanh(c) * w)",
 "param X: [n, m], w: [n, m]\nloss = sum(i in 0..n, j in 0..m: w[i,j] * (sin(sum(k in 0..i: X[k,j])) + cos(sum(k in j..m: X[i,k])) + tanh(sum(p in 0..i+1, q in 0..j+1: X[p,q]))))"],
 dict(X=g(32,3,4),w=g(33,3,4)),lambda P,D:(lambda X,w:S(sin(np.cumsum(X,0)-X)*w)+S(cos(np.cumsum(X[:,::-1],1)[:,::-1])*w)+S(tanh(np.cumsum(np.cumsum(X,0),1))*w))(P['X'],P['w']))
case('c3 cumprod zeros size1','cumulative',[
 "param x: [5], y: [1]\nloss = sum(cumprod(x)) + sum(cumprod(y)^2) + sum(cumsum(y)) * sum(cumprod(x, axis = 0))",
 "param x: [n], y: [m]\nlet c = sum([i in 0..n: prod(x[0..i+1])])\nloss = c + sum([i in 0..m: prod(k in 0..i+1: y[k])]^2) + sum(cumsum(y)) * c"],
 dict(x=np.array([1.5,0.0,2.0,0.0,-1.0]),y=np.array([0.3])),lambda P,D:S(np.cumprod(P['x']))+P['y'][0]**2+P['y'][0]*S(np.cumprod(P['x'])))
case('c4 ema and diff','cumulative',[
 "param x: [7], a\nlet r = scan(v in x, m = x[0]: { m = sigmoid(a) * m + (1 - sigmoid(a)) * v; out = m })\nlet d = diff(x)\nloss = sum((r.out - x)^2) + sum(abs(d)) + sum(diff(diff(x))^2) + r.m"],
 dict(x=g(34,7),a=g(35)),lambda P,D:ema(P))
def ema(P):
    s=1/(1+mp.exp(-P['a'].item())); m=P['x'][0]; t=M(0)
    for v in P['x']: t+=(m-v)**2; m=s*m+(1-s)*v
    d=np.diff(P['x']); return t+S(absf(d))+S(np.diff(d)**2)+m
case('c5 cummax two axis & zero','cumulative',[
 "param X: [4, 3], E: [0, 3]\nloss = sum(cummax(X, axis = 0)^2) + sum(cummax(X, axis = 1)) + sum(cumsum(E, axis = 0)) + sum(cumprod(E, axis = 1)) + 1"],
 dict(X=g(36,4,3),E=np.zeros((0,3))),lambda P,D:S(np.maximum.accumulate(P['X'],0)**2)+S(np.maximum.accumulate(P['X'],1))+1)
cases[-1]['params'].pop('E'); cases[-1]['texts']=["param X: [4, 3]\nlet E = zeros(0, 3)\nloss = sum(cummax(X, axis = 0)^2) + sum(cummax(X, axis = 1)) + sum(cumsum(E, axis = 0)) + sum(cumprod(E, axis = 1)) + 1"]
# ---- conv
case('v1 dilated grouped','conv',[
 "param x: [2, 4, 7, 5], w: [6, 2, 3, 2]\nloss = sum(tanh(conv2d(x, w, stride = [2, 1], padding = [2, 1], dilation = [2, 3], groups = 2, channels = first))^2)",
 "param x: [2, 4, 7, 5], w: [6, 2, 3, 2]\nlet xp = pad(x, [0, 0, 2, 1])\nlet y = [n in 0..2, o in 0..6, i in 0..4, j in 0..4: sum(c in 0..2, u in 0..3, v in 0..2: w[o, c, u, v] * xp[n, 2 * (o // 3) + c, 2 * i + 2 * u, j + 3 * v])]\nloss = sum(tanh(y)^2)"],
 dict(x=g(40,2,4,7,5,lo=-.5,hi=.5),w=g(41,6,2,3,2,lo=-.4,hi=.4)),lambda P,D:S(tanh(conv2d(P['x'],P['w'],(2,1),(2,1),(2,3),2))**2),)
case('v2 depthwise 1d','conv',[
 "param x: [2, 3, 9], w: [3, 1, 4], b: [3]\nlet y = conv1d(x, w, stride = 2, padding = 1, groups = 3, channels = first) + b[:, None]\nloss = sum(sin(y))",
 "param x: [2, 3, 9], w: [3, 1, 4], b: [3]\nlet y = [n in 0..2, c in 0..3, i in 0..4: b[c] + sum(u in 0..4: w[c, 0, u] * (if 2*i + u >= 1 and 2*i + u < 10 then x[n, c, 2*i + u - 1] else 0))]\nloss = sum(sin(y))"],
 dict(x=g(42,2,3,9),w=g(43,3,1,4),b=g(44,3)),lambda P,D:S(sin(conv2d(P['x'][:,:,None,:],P['w'][:,:,None,:],(1,2),(0,1),(1,1),3)[:,:,0]+P['b'][:,None])))
case('v3 filter larger than stride 3 leftover','conv',[
 "param x: [1, 8, 8, 2], w: [3, 3, 2, 2]\nloss = sum(conv2d(x, w, stride = 3)^2) + sum(conv2d(x, w, padding = 2, stride = 3))",
 "param x: [1, H, H, 2], w: [F, F, 2, K]\nsize s = 3\nlet y = [m in 0..1, i in 0..(H - F)//s + 1, j in 0..(H - F)//s + 1, k in 0..K: sum(u, v, c: w[u,v,c,k] * x[m, s*i+u, s*j+v, c])]\nlet z = [m in 0..1, i in 0..(H + 4 - F)//s + 1, j in 0..(H + 4 - F)//s + 1, k in 0..K: sum(u, v, c: w[u,v,c,k] * pad(x, [0,2,2,0])[m, s*i+u, s*j+v, c])]\nloss = sum(y^2) + sum(z)"],
 dict(x=g(45,1,8,8,2,lo=-.5,hi=.5),w=g(46,3,3,2,2)),lambda P,D:(lambda x,w:S(conv2d(x,w,(3,3))**2)+S(conv2d(x,w,(3,3),(2,2))))(P['x'].transpose(0,3,1,2),P['w'].transpose(3,2,0,1)))
def convT(x,w,s,p,extra=0,d=1):
    B,K,H,W=x.shape; K2,C,kh,kw=w.shape; OH=(H-1)*s-2*p+d*(kh-1)+1+extra; OW=(W-1)*s-2*p+d*(kw-1)+1+extra
    y=np.full((B,C,OH,OW),M(0),dtype=object)
    for i in range(H):
        for j in range(W):
            for u in range(kh):
                for v in range(kw):
                    a,b=i*s+u*d-p,j*s+v*d-p
                    if 0<=a<OH and 0<=b<OW: y[:,:,a,b]=y[:,:,a,b]+x[:,:,i,j].dot(w[:,:,u,v])
    return y
case('v4 transposed conv','conv',[
 "param x: [1, 2, 3, 4], w: [2, 3, 3, 3]\nloss = sum(tanh(convTranspose2d(x, w, stride = 2, padding = 1, channels = first))^2)"],
 dict(x=g(47,1,2,3,4),w=g(48,2,3,3,3)),lambda P,D:S(tanh(convT(P['x'],P['w'],2,1))**2))
case('v5 1x1 conv and full','conv',[
 "param x: [1, 3, 4, 4], w: [2, 3, 1, 1], q: [2, 2, 4, 4]\nlet y = conv2d(x, w, channels = first)\nlet z = conv2d(y, q, channels = first)\nloss = sum(exp(z)) + sum(y^2)",
 "param x: [1, C, H, H], w: [K, C, 1, 1], q: [K, K, H, H]\nlet y = einsum(\"bchw,kc->bkhw\", x, w[:, :, 0, 0])\nlet z = einsum(\"bkhw,jkhw->bj\", y, q)\nloss = sum(exp(z)) + sum(square(y))"],
 dict(x=g(49,1,3,4,4,lo=-.4,hi=.4),w=g(50,2,3,1,1),q=g(51,2,2,4,4,lo=-.4,hi=.4)),lambda P,D:(lambda y:S(exp(conv2d(y,P['q'])))+S(y**2))(conv2d(P['x'],P['w'])))
case('v6 autocorrelation','conv',[
 "param x: [8]\nlet a = [k in 0..8: sum(i in 0..8-k: x[i] * x[i+k])]\nloss = sum(tanh(a)) + sum(k in 0..8: sum(i in 0..8: x[i] * x[mod(i + k, 8)])^2)",
 "param x: [n]\nlet f = pad(x, [[0, n - 1]])\nlet a = [k in 0..n: sum(i in 0..n: x[i] * f[i + k])]\nlet c = [k in 0..n: dot(x, roll(x, -k))]\nloss = sum(tanh(a)) + sum(c^2)"],
 dict(x=g(52,8)),lambda P,D:(lambda x:S(tanh(np.array([S(x[:8-k]*x[k:]) for k in range(8)])))+S(np.array([S(x*np.roll(x,-k)) for k in range(8)])**2))(P['x']))
cases[-1]['texts'].pop()
case('v7 conv3d valid','conv',[
 "param x: [1, 1, 3, 4, 3], w: [2, 1, 2, 2, 2]\nloss = sum(conv3d(x, w, stride = [1, 2, 1], padding = [1, 0, 1], channels = first)^3)"],
 dict(x=g(53,1,1,3,4,3),w=g(54,2,1,2,2,2)),lambda P,D:S(conv3(P['x'],P['w'],(1,2,1),(1,0,1))**3))
def conv3(x,w,s,p):
    xp=pad(x,((0,0),(0,0))+tuple((q,q) for q in p)); O=w.shape[0]; k=w.shape[2:]
    o=[(xp.shape[2+a]-k[a])//s[a]+1 for a in range(3)]
    return np.array([[[[S(xp[0,:,s[0]*a:s[0]*a+k[0],s[1]*b:s[1]*b+k[1],s[2]*c:s[2]*c+k[2]]*w[q]) for c in range(o[2])] for b in range(o[1])] for a in range(o[0])] for q in range(O)],dtype=object)
# ---- pooling
def pool(x,k,s,p,f):
    H,W=x.shape; o1=(H+2*p-k)//s+1; o2=(W+2*p-k)//s+1
    return np.array([[f([x[a,b] for a in range(i*s-p,i*s-p+k) for b in range(j*s-p,j*s-p+k) if 0<=a<H and 0<=b<W]) for j in range(o2)] for i in range(o1)],dtype=object)
case('q1 overlapping max','pooling',[
 "param x: [1, 1, 7, 6]\nlet y = maxPool2d(x, window = 3, stride = 2, padding = 1, channels = first)\nloss = sum(y^2)",
 "param x: [1, 1, 7, 6]\nlet y = max_pool2d(x, kernel_size = 3, stride = 2, padding = 1, channels = \"first\")\nloss = sum(square(y))"],
 dict(x=g(60,1,1,7,6)),lambda P,D:S(pool(P['x'][0,0],3,2,1,max)**2))
case('q2 avg overlapping and lp','pooling',[
 "param x: [2, 6, 5, 1]\nlet y = avgPool2d(x, window = [3, 2], stride = [2, 1])\nlet z = avgPool2d(abs(x)^3, window = 2, stride = 2)^(1/3)\nloss = sum(sin(y)) + sum(z)",
 "param x: [B, 6, 5, 1]\nlet y = [b in 0..B, i in 0..2, j in 0..4: mean(u in 0..3, v in 0..2: x[b, 2*i + u, j + v, 0])]\nlet z = [b in 0..B, i in 0..3, j in 0..2: mean(u in 0..2, v in 0..2: abs(x[b, 2*i + u, 2*j + v, 0])^3)^(1/3)]\nloss = sum(sin(y)) + sum(z)"],
 dict(x=g(61,2,6,5,1)),lambda P,D:sum(S(sin(np.array([[mean(P['x'][b,2*i:2*i+3,j:j+2]) for j in range(4)] for i in range(2)])))+S(np.array([[mean(absf(P['x'][b,2*i:2*i+2,2*j:2*j+2])**3)**M(1/3) for j in range(2)] for i in range(3)])) for b in range(2)))
case('q3 global and logsumexp pool','pooling',[
 "param x: [2, 3, 4, 4]\nlet m = max(x, axis = [2, 3])\nlet a = mean(x, axis = (2, 3))\nlet l = logsumexp(5 * x, axis = [2, 3]) / 5\nloss = sum(m * a) + sum(l^2)"],
 dict(x=g(62,2,3,4,4)),lambda P,D:S(P['x'].max((2,3))*mean(P['x'],(2,3)))+S((lse(5*P['x'],(2,3))/5)**2))
case('q4 pool 1d dilation','pooling',[
 "param x: [9, 2]\nlet y = maxPool1d(x, window = 3, stride = 1, dilation = 2)\nlet a = avgPool1d(x, window = 4, stride = 3)\nloss = sum(y * [1, -2]) + sum(a^3)"],
 dict(x=g(63,9,2)),lambda P,D:sum(max(P['x'][i,c],P['x'][i+2,c],P['x'][i+4,c])*(1,-2)[c] for i in range(5) for c in range(2))+sum(mean(P['x'][3*i:3*i+4,c])**3 for i in range(2) for c in range(2)))
# ---- indexing
case('i1 gather scatter repeats','indexing',[
 "param x: [5], s: [7]\ndata p: int[7], q: int[3, 2]\nlet z = scatterAdd(s, p, 5)\nloss = sum(z * x) + sum(x[q]^3) + sum(i in 0..7: x[p[i]] * s[6 - i]) + sum(takeAlongAxis(stack(x, z), q'[:, :2], axis = 1))",
 "param x: [n], s: [m]\ndata p: int[m] within 0..n, q: int[k, 2] within 0..n\nlet z = [j in 0..n: sum(i in 0..m: if p[i] == j then s[i] else 0)]\nloss = dot(z, x) + sum(a in 0..k, b in 0..2: x[q[a,b]]^3) + sum(i in 0..m: x[p[i]] * s[m - 1 - i]) + sum(b in 0..2: x[q[b, 0]] + z[q[b, 1]])"],
 dict(x=g(70,5),s=g(71,7)),lambda P,D:idx1(P,D),data=dict(p=[0,4,4,2,0,0,3],q=[[1,1],[4,0],[2,1]]))
def idx1(P,D):
    x,s=P['x'],P['s']; p,q=D['p'],D['q']; z=np.full(5,M(0),dtype=object)
    for i,k in enumerate(p): z[k]=z[k]+s[i]
    return S(z*x)+S(x[q]**3)+sum(x[p[i]]*s[6-i] for i in range(7))+sum(x[q[b,0]]+z[q[b,1]] for b in range(2))
case('i2 slices steps negatives','indexing',[
 "param A: [6, 5]\nloss = sum(A[::2, 1:4]^2) + sum(A[::-1, -1] * A[:, 0]) + prod(A[1:3, -2]) + sum(A[-1] * A[0]) + sum(A[2:, None, ::3])",
 "param A: [n, m]\nloss = sum(i in 0..3, j in 1..4: A[2*i, j]^2) + sum(i in 0..n: A[n-1-i, m-1] * A[i, 0]) + A[1, m-2] * A[2, m-2] + dot(A[n-1], A[0]) + sum(i in 2..n: A[i, 0] + A[i, 3])"],
 dict(A=g(72,6,5)),lambda P,D:(lambda A:S(A[::2,1:4]**2)+S(A[::-1,-1]*A[:,0])+np.prod(A[1:3,-2])+S(A[-1]*A[0])+S(A[2:,::3]))(P['A']))
case('i3 concat stack pad roll tile','indexing',[
 "param x: [3], y: [4]\nlet c = concat(x, y, x)\nlet r = roll(c, 3)\nlet t = tile(y, 2)\nlet e = repeatElements(x, 3)\nloss = sum(c * r) + sum(t[1..8] * pad(c, [[1, 0]])[0..7]) + dot(e, concat(y, y, [1])) + sum(flip(x) * x[::-1])",
 ],dict(x=g(73,3),y=g(74,4)),lambda P,D:(lambda x,y:(lambda c:S(c*np.roll(c,3))+S(np.tile(y,2)[1:8]*np.concatenate([[M(0)],c])[:7])+np.repeat(x,3).dot(np.concatenate([y,y,[M(1)]]))+S(x**2))(np.concatenate([x,y,x])))(P['x'],P['y']))
case('i4 one place alone','indexing',[
 "param x: [9], y: [9]\nloss = sum(i in 0..9: y[i] * (x[i]^2 + (if i > 0 then x[i-1] else 0) + (if i == 4 then x[i-3] * x[i+2] else 0) + (if i < 7 then sin(x[i+2]) else 0) + (if i != 8 then x[i+1] else 1)))",
 "param x: [n], y: [n]\nlet u = [i in 0..n: x[i]^2 + (if i > 0 then x[i-1] else 0) + (if i == 4 then x[i-3] * x[i+2] else 0) + (if i < n - 2 then sin(x[i+2]) else 0) + (if i + 1 == n then 1 else x[i+1])]\nloss = dot(u, y)"],
 dict(x=g(75,9),y=g(76,9)),lambda P,D:(lambda x,y:sum(y[i]*(x[i]**2+(x[i-1] if i>0 else 0)+(x[i-3]*x[i+2] if i==4 else 0)+(mp.sin(x[i+2]) if i<7 else 0)+(x[i+1] if i!=8 else 1)) for i in range(9)))(P['x'],P['y']))
case('i5 graph message passing','indexing',[
 "param h: [4, 2], W: [2, 2]\ndata src: int[e] within 0..4, dst: int[e] within 0..4\nlet m = tanh(h[src] @ W)\nlet agg = scatterAdd(m, dst, 4)\nlet deg = scatterAdd(ones(e), dst, 4)\nloss = sum((h + agg / max(deg[:, None], 1))^2) + sum(max(agg, axis = 0))",
 "param h: [n, 2], W: [2, 2]\ndata src: int[e] within 0..n, dst: int[e] within 0..n\nlet agg = [i in 0..n, k in 0..2: sum(q in 0..e: if dst[q] == i then tanh(sum(j in 0..2: h[src[q], j] * W[j, k])) else 0)]\nlet deg = [i in 0..n: sum(q in 0..e: dst[q] == i)]\nloss = sum(i in 0..n, k in 0..2: (h[i,k] + agg[i,k] / (if deg[i] > 0 then deg[i] else 1))^2) + sum(k in 0..2: max(i in 0..n: agg[i,k]))"],
 dict(h=g(77,4,2),W=g(78,2,2)),lambda P,D:gnn(P,D),data=dict(src=[0,1,2,3,0,1],dst=[1,2,0,0,2,1]))
def gnn(P,D):
    m=tanh(P['h'][D['src']].dot(P['W'])); a=np.full((4,2),M(0),dtype=object); d=[0]*4
    for q,i in enumerate(D['dst']): a[i]=a[i]+m[q]; d[i]+=1
    return S((P['h']+np.array([a[i]/max(d[i],1) for i in range(4)]))**2)+S(a.max(0))


S=np.sum
def dfd(f,x,h=M(10)**-36):
    """inner gradient by central differences at 150 digits"""
    r=[]
    for i in range(x.size):
        a=np.array(x,dtype=object);b=np.array(x,dtype=object);a.flat[i]=a.flat[i]+h;b.flat[i]=b.flat[i]-h
        r.append((f(a)-f(b))/(2*h))
    return np.array(r,dtype=object).reshape(x.shape)
mp.mp.dps=150
# ---- scan
case('s1 lstm two carries reverse','scan',[
 """param W: [12, 2], U: [12, 3], b: [12], xs: [4, 2]
let run = reverseScan(x in xs, s = zeros(3), c = zeros(3): {
  let a = W @ x + U @ s + b
  let cell = sigmoid(a[3..6]) * c + sigmoid(a[0..3]) * tanh(a[6..9])
  s = sigmoid(a[9..12]) * tanh(cell)
  c = cell
  y = sum(cell^2)
})
loss = sum(run.s^2) + dot(run.y, [1, 2, 3, 4]) + sum(run.c)""",
 """param W: [4*h, d], U: [4*h, h], b: [4*h], xs: [T, d]
let run = scan(t in 0..T, s = zeros(h), c = zeros(h), tot = 0: {
  let x = xs[T - 1 - t]
  let a = [k in 0..4*h: dot(W[k], x) + dot(U[k], s) + b[k]]
  let i = sigmoid(a[0..h]), f = sigmoid(a[h..2*h]), gg = tanh(a[2*h..3*h]), o = sigmoid(a[3*h..4*h])
  let cn = f * c + i * gg
  c = cn
  s = o * tanh(cn)
  tot = tot + (T - t) * sum(cn^2)
})
loss = dot(run.s, run.s) + run.tot + sum(run.c)"""],
 dict(W=g(1,12,2),U=g(2,12,3),b=g(3,12),xs=g(4,4,2)),lambda P,D:lstm(P))
def lstm(P):
    s=c=arr([0,0,0]); tot=M(0)
    for t in range(3,-1,-1):
        a=P['W'].dot(P['xs'][t])+P['U'].dot(s)+P['b']
        c=sigmoid(a[3:6])*c+sigmoid(a[:3])*tanh(a[6:9]); s=sigmoid(a[9:])*tanh(c); tot+=(t+1)*S(c**2)
    return S(s**2)+tot+S(c)
case('s2 hmm forward both','scan',[
 """param A: [3, 3], B: [3, 4], p: [3]
data o: int[6] within 0..4
let T = logSoftmax(A, axis = 1), E = logSoftmax(B, axis = 1), q = logSoftmax(p)
let a = scan(t in 1..6, a = q + E[:, o[0]]: [j: logsumexp(i: a[i] + T[i, j]) + E[j, o[t]]])
let v = scan(t in 1..6, v = q + E[:, o[0]]: [j: max(i: v[i] + T[i, j]) + E[j, o[t]]])
loss = -logsumexp(a) - 0.5 * max(v)""",
 """param A: [k, k], B: [k, m], p: [k]
data o: int[T] within 0..m
let P = softmax(A), E = softmax(B), q = softmax(p)
let r = scan(t in 1..T, a = [i in 0..k: q[i] * E[i, o[0]]], l = 0: {
  let n = [j in 0..k: sum(i in 0..k: a[i] * P[i, j]) * E[j, o[t]]]
  let z = sum(n)
  a = n / z
  l = l + log(z)
})
let v = scan(t in 1..T, v = [i in 0..k: log(q[i] * E[i, o[0]])]: [j in 0..k: max(i in 0..k: v[i] + log(P[i, j])) + log(E[j, o[t]])])
loss = -(r.l + log(sum(r.a) * sum(i in 0..k: q[i] * E[i, o[0]]) / sum(i in 0..k: q[i] * E[i, o[0]]))) - max(v) / 2"""],
 dict(A=g(5,3,3),B=g(6,3,4),p=g(7,3)),lambda P,D:hmm(P,D['o']),data=dict(o=[0,3,1,2,2,0]))
def hmm(P,o):
    T,E,q=softmax(P['A']),softmax(P['B']),softmax(P['p']); a=q*E[:,o[0]]; v=a
    for t in o[1:]:
        a=a.dot(T)*E[:,t]; v=np.array([max(v*T[:,j])*E[j,t] for j in range(3)],dtype=object)
    return -mp.log(S(a))-mp.log(max(v))/2
cases[-1]['texts'].pop()
case('s3 kalman 2d','scan',[
 """param F: [2, 2], q: [2], r
data y: [5]
let run = scan(z in y, m = zeros(2), P = eye(2): {
  let mp = F @ m
  let Pp = F @ P @ F' + diag(exp(q))
  let S = Pp[0, 0] + exp(r)
  let K = Pp[:, 0] / S
  m = mp + K * (z - mp[0])
  P = Pp - outer(K, Pp[0])
  nll = 0.5 * (log(S) + (z - mp[0])^2 / S)
})
loss = sum(run.nll) + trace(run.P)""",
 """param F: [2, 2], q: [2], r
data y: [5]
let H = [[1, 0]]
let run = scan(t in 0..5, m = zeros(2), P = eye(2), c = 0: {
  let mp = F @ m
  let Pp = F @ P @ F' + [i in 0..2, j in 0..2: if i == j then exp(q[i]) else 0]
  let S = H @ Pp @ H' + exp(r)
  let K = Pp @ H' @ inverse(S)
  let e = y[t] - H @ mp
  m = mp + K @ e
  P = (eye(2) - K @ H) @ Pp
  c = c + 0.5 * (logdet(S) + e @ solve(S, e))
})
loss = run.c + run.P[0, 0] + run.P[1, 1]"""],
 dict(F=g(8,2,2),q=g(9,2),r=g(10)),lambda P,D:kal(P,D['y']),data=dict(y=g(11,5)))
def kal(P,y):
    F=P['F'];m=arr([0,0]);C=eye(2);c=M(0)
    for z in y:
        m=F.dot(m);C=F.dot(C).dot(F.T)+np.diag(exp(P['q']))*1
        s=C[0,0]+mp.exp(P['r'].item());K=C[:,0]/s;e=z-m[0];c+=(mp.log(s)+e*e/s)/2;m=m+K*e;C=C-np.outer(K,C[0])
    return c+C[0,0]+C[1,1]
case('s4 nested scans','scan',[
 """param x: [3, 4], a
let r = scan(row in x, t = 1: {
  let inner = scan(v in row, u = t: tanh(a * u + v))
  t = inner * t + 0.5
  out = inner
})
loss = r.t^2 + sum(r.out)""",
 """param x: [n, m], a
def f(t, row: [m]) = scan(v in row, u = t: tanh(a * u + v))
let r = scan(i in 0..n, t = 1, s = 0: { let q = f(t, x[i]); t = q * t + 0.5; s = s + q })
loss = r.t * r.t + r.s"""],
 dict(x=g(12,3,4),a=g(13)),lambda P,D:nest(P))
def nest(P):
    t=M(1);s=M(0);a=P['a'].item()
    for row in P['x']:
        u=t
        for v in row: u=mp.tanh(a*u+v)
        t=u*t+M(0.5); s+=u
    return t*t+s
case('s5 leapfrog verlet','scan',[
 """param q0: [3], p0: [3], k
def V(q: [3]) = 0.25 * sum(q^4) + 0.5 * k * sum(i: (q[i+1] - q[i])^2)
let r = scan(t in 0..6, q = q0, p = p0: {
  let h = p - 0.05 * grad(V(q), q)
  let qn = q + 0.1 * h
  p = h - 0.05 * grad(V(qn), qn)
  q = qn
})
loss = V(r.q) + 0.5 * sum(r.p^2)""",
 """param q0: [3], p0: [3], k
def force(q: [3]) = [i in 0..3: -q[i]^3 - k * ((if i > 0 then q[i] - q[i-1] else 0) + (if i < 2 then q[i] - q[i+1] else 0))]
let r = scan(t in 0..6, q = q0, p = p0: {
  let h = p + 0.05 * force(q)
  let qn = q + 0.1 * h
  p = h + 0.05 * force(qn)
  q = qn
})
loss = 0.25 * sum(r.q^4) + 0.5 * k * sum(diff(r.q)^2) + 0.5 * dot(r.p, r.p)"""],
 dict(q0=g(14,3),p0=g(15,3),k=g(16)),lambda P,D:verlet(P))
def verlet(P):
    k=P['k'].item();q=P['q0'];p=P['p0'];a,b=M(0.05),M(0.1)
    def F(q): return np.array([-q[i]**3-k*((q[i]-q[i-1] if i>0 else 0)+(q[i]-q[i+1] if i<2 else 0)) for i in range(3)],dtype=object)
    for _ in range(6): h=p+a*F(q);q=q+b*h;p=h+a*F(q)
    return S(q**4)/4+k*S(np.diff(q)**2)/2+S(p*p)/2
case('s6 zero and one step','scan',[
 """param x: [n], a
let r = scan(v in x, s = a, t = a^2: { s = sin(s + v); t = t * s; y = s * t })
let e = scan(i in 0..0, s = a: s * 5)
let o = reverseScan(i in 2..3, s = a: s * i + a)
loss = r.s + r.t + sum(r.y) + e + o"""],
 dict(x=np.array([0.7]),a=np.array(0.4)),lambda P,D:(lambda x,a:mp.sin(a+x)+a**3+a**3+a+2*a+a)(P['x'][0],P['a'].item()))
case('s7 gru bidirectional','scan',[
 """param xs: [3, 2], Wi: [6, 2], Wh: [6, 2], bi: [6], bh: [6]
def cell(x: [2], h: [2]) = {
  let gi = Wi @ x + bi, gh = Wh @ h + bh
  let r = sigmoid(gi[0..2] + gh[0..2]), z = sigmoid(gi[2..4] + gh[2..4])
  let n = tanh(gi[4..6] + r * gh[4..6])
  return (1 - z) * n + z * h
}
let f = scan(x in xs, h = zeros(2): { h = cell(x, h); y = cell(x, h) })
let b = reverseScan(x in xs, h = zeros(2): { h = cell(x, h); y = cell(x, h) })
loss = sum(concat(f.y, b.y, axis = 1)^2) + sum(f.y * b.y)"""],
 dict(xs=g(17,3,2),Wi=g(18,6,2),Wh=g(19,6,2),bi=g(20,6),bh=g(21,6)),lambda P,D:bigru(P))
def bigru(P):
    def cell(x,h):
        gi=P['Wi'].dot(x)+P['bi'];gh=P['Wh'].dot(h)+P['bh'];r=sigmoid(gi[:2]+gh[:2]);z=sigmoid(gi[2:4]+gh[2:4]);n=tanh(gi[4:]+r*gh[4:]);return (1-z)*n+z*h
    def run(o):
        h=arr([0,0]);y={}
        for t in o:h=cell(P['xs'][t],h);y[t]=h
        return np.array([y[t] for t in range(3)])
    f,b=run([0,1,2]),run([2,1,0]);return S(f**2)+S(b**2)+S(f*b)
case('s8 rk4 lotka','scan',[
 """param th: [4], y0: [2]
data obs: [5, 2]
def f(y: [2]) = [th[0] * y[0] - th[1] * y[0] * y[1], th[2] * y[0] * y[1] - th[3] * y[1]]
def step(y: [2], h) = { let k1 = f(y); let k2 = f(y + h/2 * k1); let k3 = f(y + h/2 * k2); let k4 = f(y + h * k3); return y + h/6 * (k1 + 2*k2 + 2*k3 + k4) }
let r = scan(t in 0..5, y = y0: { let a = step(step(y, 0.1), 0.1); y = a; out = a })
loss = sum((r.out - obs)^2)"""],
 dict(th=g(22,4,lo=.3,hi=1),y0=g(23,2,lo=.5,hi=1.5)),lambda P,D:lotka(P,D),data=dict(obs=g(24,5,2)))
def lotka(P,D):
    th=P['th'];h=M(0.1);f=lambda y:np.array([th[0]*y[0]-th[1]*y[0]*y[1],th[2]*y[0]*y[1]-th[3]*y[1]],dtype=object);y=P['y0'];t=M(0)
    def st(y): k1=f(y);k2=f(y+h/2*k1);k3=f(y+h/2*k2);k4=f(y+h*k3);return y+h/6*(k1+2*k2+2*k3+k4)
    for o in D['obs']: y=st(st(y));t+=S((y-o)**2)
    return t
case('s9 edit distance soft dtw','scan',[
 """param x: [4], y: [5], gam
let D = [i, j: (x[i] - y[j])^2]
let big = 1e10
let r = scan(i in 0..4, prev = concat([0], big * ones(5)): {
  let row = scan(j in 0..5, left = big: {
    let v = D[i, j] - exp(gam) * logsumexp([-left / exp(gam), -prev[j + 1] / exp(gam), -prev[j] / exp(gam)])
    left = v
    out = v
  })
  prev = concat([big], row.out)
})
loss = r.prev[5]"""],
 dict(x=g(25,4),y=g(26,5),gam=np.array(-0.5)),lambda P,D:sdtw(P))
cases[-1]['texts'][0]=cases[-1]['texts'][0].replace("r.prev[5]","r[5]").replace("  prev = concat([big], row.out)\n})","  return concat([big], row.out)\n})")
def sdtw(P):
    x,y=P['x'],P['y'];gm=mp.exp(P['gam'].item());B=M(10)**10;R=[[B]*6 for _ in range(5)];R[0][0]=M(0)
    for i in range(4):
        for j in range(5):
            R[i+1][j+1]=(x[i]-y[j])**2-gm*mp.log(sum(mp.exp(-v/gm) for v in(R[i+1][j],R[i][j+1],R[i][j])))
    return R[4][5]
case('s10 newton unrolled momentum adam','scan',[
 """param w: [3], lr
def f(w: [3]) = sum((w^2 - [1, 2, 3])^2) + prod(w)
let r = scan(t in 0..4, x = w, m = zeros(3), v = zeros(3): {
  let g = grad(f(x), x)
  let m1 = 0.9 * m + 0.1 * g
  let v1 = 0.99 * v + 0.01 * g^2
  x = x - exp(lr) * m1 / (1 - 0.9^(t + 1)) / (sqrt(v1 / (1 - 0.99^(t + 1))) + 1e-3)
  m = m1
  v = v1
})
loss = f(r.x)"""],
 dict(w=g(27,3),lr=np.array(-2.)),lambda P,D:adam(P))
def adam(P):
    x=P['w'];m=v=arr([0,0,0]);lr=mp.exp(P['lr'].item())
    f=lambda w:S((w**2-arr([1,2,3]))**2)+w[0]*w[1]*w[2]
    for t in range(4):
        gg=4*x*(x**2-arr([1,2,3]))+np.array([x[1]*x[2],x[0]*x[2],x[0]*x[1]]);m=M(.9)*m+M(.1)*gg;v=M(.99)*v+M(.01)*gg**2
        x=x-lr*m/(1-M(.9)**(t+1))/(sqrt(v/(1-M(.99)**(t+1)))+M(1e-3))
    return f(x)
# ---- linalg
case('k1 gp marginal','linalg',[
 """param l: [2], s, n
data X: [5, 2], y: [5]
let K = [i, j: exp(2 * s) * exp(-0.5 * sum(k: ((X[i,k] - X[j,k]) / exp(l[k]))^2)) + (if i == j then exp(2 * n) else 0)]
let L = cholesky(K)
let a = solveTriangular(L, y)
loss = 0.5 * dot(a, a) + sum(log(diagonal(L))) + 2.5 * log(2 * pi)""",
 """param l: [d], s, n
data X: [N, d], y: [N]
let Z = X / exp(l)
let sq = sum(Z^2, axis = 1)
let K = exp(2*s - 0.5 * (sq[:, None] + sq - 2 * Z @ Z')) + exp(2*n) * eye(N)
loss = 0.5 * y @ solve(K, y, positiveDefinite = true) + 0.5 * logdet(K) + N / 2 * log(2 * pi)"""],
 dict(l=g(30,2),s=g(31),n=np.array(-0.4)),lambda P,D:gp(P,D),data=dict(X=g(32,5,2),y=g(33,5)))
def gp(P,D):
    X,y=D['X'],D['y'];K=np.array([[mp.exp(2*P['s'].item()-S(((X[i]-X[j])/exp(P['l']))**2)/2)+(mp.exp(2*P['n'].item()) if i==j else 0) for j in range(5)] for i in range(5)],dtype=object)
    return y.dot(inv(K)).dot(y)/2+mp.log(det(K))/2+M(2.5)*mp.log(2*M(float(mp.pi)))
case('k2 qr least squares','linalg',[
 "param A: [5, 3], b: [5]\nlet f = qr(A)\nlet x = solveTriangular(f.r, f.q' @ b, lower = false)\nloss = sum(x^2) + sum(tanh(f.q)) + sum(f.r^3)",
 "param A: [5, 3], b: [5]\nlet R = cholesky(A' @ A)'\nlet Q = A @ inverse(R)\nlet x = solve(A' @ A, A' @ b)\nloss = dot(x, x) + sum(tanh(Q)) + sum(R^3)"],
 dict(A=g(34,5,3),b=g(35,5)),lambda P,D:(lambda A,R:(lambda Q:S(inv(R).dot(Q.T.dot(P['b']))**2)+S(tanh(Q))+S(R**3))(A.dot(inv(R))))(P['A'],chol(P['A'].T.dot(P['A'])).T))
case('k3 eigen functions','linalg',[
 "param A: [4, 4]\nlet e = eigh(A + A')\nlet v = e.vectors[:, 0]\nloss = sum(exp(e.values / 2)) + v[0]^2 + e.values[3] * e.values[1] + sum((e.vectors * exp(-e.values)) @ e.vectors')",
 "param A: [4, 4]\nlet B = (A + A') / 1\nlet w = eigenvalues(B)\nlet V = eigh(B).vectors\nloss = sum(i: exp(w[i] / 2)) + V[0, 0]^2 + w[3] * w[1] + sum(V @ diag(exp(-w)) @ V')"],
 dict(A=g(36,4,4)),lambda P,D:(lambda wv:(lambda w,V:S(exp(w/2))+V[0,0]**2+w[3]*w[1]+S((V*exp(-w)).dot(V.T)))(*wv))(eigs(P['A']+P['A'].T)))
case('k4 det cofactor wilson','linalg',[
 "param A: [4, 4], b: [4]\nloss = det(A)^2 + sum(inverse(A)^2) + logdet(A @ A' + eye(4)) + b @ solve(A', b) + sum(solve(A, outer(b, b)))",
 "param A: [n, n], b: [n]\nlet I = inv(A)\nlet s = slogdet(A @ A.T + eye(n))\nloss = det(A' @ A) + trace(I' @ I) + s.logabsdet * s.sign + b @ I @ b + sum(I @ b[:, None] @ b[None, :])"],
 dict(A=g(37,4,4)+1.5*np.eye(4),b=g(38,4)),lambda P,D:(lambda A,b,I:det(A)**2+S(I**2)+mp.log(det(A.dot(A.T)+eye(4)))+b.dot(I).dot(b)+S(I.dot(np.outer(b,b))))(P['A'],P['b'],inv(P['A'])))
case('k5 singular det, batch','linalg',[
 "param A: [2, 3, 3], B: [2, 3, 2]\nlet C = A @ transpose(A) + [[2,0,0],[0,2,0],[0,0,2]]\nloss = sum(logdet(C)) + sum(solve(C, B)^2) + sum(cholesky(C)) + sum(det(A)) + sum(eigenvalues(C)^1.5)"],
 dict(A=g(39,2,3,3),B=g(40,2,3,2)),lambda P,D:sum((lambda A,B,C:mp.log(det(C))+S(inv(C).dot(B)**2)+S(chol(C))+det(A)+S(eigs(C)[0]**M(1.5)))(P['A'][i],P['B'][i],P['A'][i].dot(P['A'][i].T)+2*eye(3)) for i in range(2)))
case('k6 1x1 matrices','linalg',[
 "param a: [1, 1], b: [1]\nloss = logdet(a) + sum(solve(a, b)) + sum(cholesky(a)) + sum(eigh(a).values^2) + det(a)^3 + sum(qr(a).r) + sum(inverse(a))"],
 dict(a=np.array([[1.7]]),b=np.array([0.6])),lambda P,D:(lambda a,b:mp.log(a)+b/a+mp.sqrt(a)+a**2+a**3+a+1/a)(P['a'][0,0],P['b'][0]))
case('k7 det of rank deficient','linalg',[
 "param A: [3, 3]\nloss = det(A) + sum(A)",
 "param A: [3, 3]\nloss = A[0,0]*(A[1,1]*A[2,2]-A[1,2]*A[2,1]) - A[0,1]*(A[1,0]*A[2,2]-A[1,2]*A[2,0]) + A[0,2]*(A[1,0]*A[2,1]-A[1,1]*A[2,0]) + sum(A)"],
 dict(A=np.array([[1.,2,3],[2,4,6],[0.5,1,1.5]])),lambda P,D:(lambda A:A[0,0]*(A[1,1]*A[2,2]-A[1,2]*A[2,1])-A[0,1]*(A[1,0]*A[2,2]-A[1,2]*A[2,0])+A[0,2]*(A[1,0]*A[2,1]-A[1,1]*A[2,0])+S(A))(P['A']))
case('k8 triangular transpose, whiten','linalg',[
 "param L: [3, 3], x: [2, 3], m: [3]\nlet T = tril(L) + 2 * eye(3)\nlet z = solveTriangular(T, (x - m)')\nlet u = solveTriangular(T, z, transpose = true)\nloss = sum(z^2) + sum(sin(u)) + 2 * sum(log(diag(T)))",
 "param L: [3, 3], x: [2, 3], m: [3]\nlet T = [i in 0..3, j in 0..3: (if j <= i then L[i,j] else 0) + (if i == j then 2 else 0)]\nlet Sg = T @ T'\nlet r = x - m[None, :]\nloss = sum(i in 0..2: r[i] @ solve(Sg, r[i])) + sum(sin(inv(Sg) @ r')) + logdet(Sg)"],
 dict(L=g(42,3,3),x=g(43,2,3),m=g(44,3)),lambda P,D:(lambda T,r:S(inv(T).dot(r)**2)+S(sin(inv(T.dot(T.T)).dot(r)))+2*S(log(np.diagonal(T))))(np.tril(P['L'])*1+2*eye(3),(P['x']-P['m']).T))
case('k9 matrix exponential newton-schulz','linalg',[
 "param A: [3, 3]\nlet E = scan(k in 1..13, E = eye(3), T = eye(3): { let t = T @ A / k; E = E + t; T = t }).E\nlet X = scan(i in 0..8, X = (A @ A' + eye(3))' / 20: X @ (2 * eye(3) - (A @ A' + eye(3)) @ X))\nloss = sum(E^2) + trace(X)"],
 dict(A=g(45,3,3)),lambda P,D:mexp(P['A']))
def mexp(A):
    E=T=eye(3)
    for k in range(1,13): T=T.dot(A)/k;E=E+T
    B=A.dot(A.T)+eye(3);X=B.T/20
    for _ in range(8): X=X.dot(2*eye(3)-B.dot(X))
    return S(E**2)+np.trace(X)
# ---- ot
def sink(C,a,b,e,n):
    f=np.full(C.shape[0],M(0),dtype=object);gg=np.full(C.shape[1],M(0),dtype=object)
    for _ in range(n):
        f=e*(log(a)-lse((gg[None]-C)/e,1)); gg=e*(log(b)-lse((f[:,None]-C)/e,0))
    return f,gg,exp((f[:,None]+gg-C)/e)
case('o1 sinkhorn weights','ot',[
 """param x: [3, 2], y: [4, 2], w: [3]
let a = softmax(w), b = ones(4) / 4
let C = [i, j: sum((x[i] - y[j])^2)]
let r = scan(t in 0..6, f = zeros(3), g = zeros(4): {
  let fn = 0.4 * (log(a) - logsumexp((g - C) / 0.4, axis = 1))
  f = fn
  g = 0.4 * (log(b) - logsumexp((fn[:, None] - C) / 0.4, axis = 0))
})
let P = exp((r.f[:, None] + r.g - C) / 0.4)
loss = sum(P * C) + 0.4 * sum(P * (log(P) - 1))""",
 """param x: [n, d], y: [m, d], w: [n]
const e = 0.4
let a = softmax(w)
let K = [i in 0..n, j in 0..m: exp(-sum(k in 0..d: (x[i,k] - y[j,k])^2) / e)]
let r = scan(t in 0..6, u = ones(n), v = ones(m): {
  let un = a / (K @ v)
  u = un
  v = 1 / m / (K' @ un)
})
let P = r.u[:, None] * K * r.v
loss = sum(i in 0..n, j in 0..m: P[i,j] * (-e * log(K[i,j]) + e * (log(P[i,j]) - 1)))"""],
 dict(x=g(50,3,2,lo=-.7,hi=.7),y=g(51,4,2,lo=-.7,hi=.7),w=g(52,3)),lambda P,D:(lambda C,a:(lambda T:S(T*C)+M(.4)*S(T*(log(T)-1)))(sink(C,a,arr([.25]*4),M(.4),6)[2]))(np.array([[S((p-q)**2) for q in P['y']] for p in P['x']]),softmax(P['w'])))
case('o2 sorted wasserstein, unbalanced','ot',[
 "param x: [6], y: [6]\nloss = mean(abs(sort(x) - sort(y))^2) + mean(abs(sort(x) - sort(y))) + mmd(x, y)".replace(" + mmd(x, y)"," + mean([i, j: exp(-(x[i] - x[j])^2)]) - 2 * mean([i, j: exp(-(x[i] - y[j])^2)]) + mean([i, j: exp(-(y[i] - y[j])^2)])")],
 dict(x=g(53,6),y=g(54,6)),lambda P,D:(lambda x,y,k:mean((np.sort(x)-np.sort(y))**2)+mean(absf(np.sort(x)-np.sort(y)))+k(x,x)-2*k(x,y)+k(y,y))(P['x'],P['y'],lambda a,b:mean(exp(-(a[:,None]-b)**2))))
case('o3 sinkhorn fixed point','ot',[
 """param C: [3, 3]
let a = [0.2, 0.3, 0.5], b = [0.4, 0.4, 0.2]
let v = fixedPoint(v = ones(3): { let K = exp(-C / 0.5); let u = a / (K @ v); let n = b / (K' @ u); return n / mean(n) })
let K = exp(-C / 0.5)
let u = a / (K @ v)
loss = sum(u[:, None] * K * v * C)"""],
 dict(C=g(55,3,3,lo=0,hi=1)),lambda P,D:(lambda T:S(T*P['C']))(sink(P['C'],arr([.2,.3,.5]),arr([.4,.4,.2]),M(.5),150)[2]))
# ---- nested
case('t1 pinn','nested',[
 """param W1: [4], b1: [4], w2: [4]
data x: [5]
def u(t) = dot(w2, tanh(W1 * t + b1))
let res = [i in 0..5: { let t = x[i]; let d = grad(u(t), t); return grad(d, t) + u(t) - d^2 }]
loss = mean(res^2) + u(0)^2""",
 """param W1: [h], b1: [h], w2: [h]
data x: [n]
let res = [i in 0..n: {
  let s = tanh(W1 * x[i] + b1)
  let d = sum(w2 * W1 * (1 - s^2))
  let dd = sum(-2 * w2 * W1^2 * s * (1 - s^2))
  return dd + dot(w2, s) - d^2
}]
loss = sum(res^2) / n + dot(w2, tanh(b1))^2"""],
 dict(W1=g(60,4),b1=g(61,4),w2=g(62,4)),lambda P,D:pinn(P,D),data=dict(x=g(63,5)))
def pinn(P,D):
    W,b,w=P['W1'],P['b1'],P['w2'];r=M(0)
    for x in D['x']:
        s=tanh(W*x+b);d=S(w*W*(1-s**2));dd=S(-2*w*W**2*s*(1-s**2));r+=(dd+S(w*s)-d**2)**2
    return r/5+S(w*tanh(b))**2
case('t2 maml inner steps','nested',[
 """param w: [3], lr
data X: [4, 3], y: [4], Xv: [2, 3], yv: [2]
def f(w: [3]) = mean((tanh(X @ w) - y)^2)
let a = w - exp(lr) * grad(f(w), w)
let b = a - exp(lr) * grad(f(a), a)
loss = mean((tanh(Xv @ b) - yv)^2)"""],
 dict(w=g(64,3),lr=np.array(-1.)),lambda P,D:maml(P,D),data=dict(X=g(65,4,3),y=g(66,4),Xv=g(67,2,3),yv=g(68,2)))
def maml(P,D):
    lr=mp.exp(P['lr'].item());w=P['w']
    def gr(w): s=tanh(D['X'].dot(w));return D['X'].T.dot(2*(s-D['y'])*(1-s**2))/4
    for _ in range(2): w=w-lr*gr(w)
    return mean((tanh(D['Xv'].dot(w))-D['yv'])**2)
case('t3 jacobian hessian laplacian','nested',[
 """param x: [3], W: [3, 3]
let f = sin(W @ x) * x
let J = jacobian(f, x)
let q = sum(f^3)
let H = hessian(q, x)
loss = logdet(J @ J' + eye(3)) + trace(H) + sum(hvp(q, x, x)) + norm(jvp(f, x, W[0]))^2"""],
 dict(x=g(69,3),W=g(70,3,3)),lambda P,D:jhl(P))
def jhl(P):
    x,W=P['x'],P['W'];f=lambda x:sin(W.dot(x))*x
    a=W.dot(x);J=cos(a)[:,None]*x[:,None]*W+np.diag(sin(a))*1
    fx=f(x)
    # second derivatives of f_i: d2[sin(a_i) x_i]/dxj dxk = -sin(a_i)W_ij W_ik x_i + cos(a_i)(W_ij d_ik + W_ik d_ij)
    H=np.full((3,3),M(0),dtype=object)
    for i in range(3):
        for j in range(3):
            for k in range(3):
                f2=-mp.sin(a[i])*W[i,j]*W[i,k]*x[i]+mp.cos(a[i])*(W[i,j]*(i==k)+W[i,k]*(i==j))
                H[j,k]+=3*fx[i]**2*f2+6*fx[i]*J[i,j]*J[i,k]
    return mp.log(det(J.dot(J.T)+eye(3)))+np.trace(H)+S(H.dot(x))+S(J.dot(W[0])**2)
case('t4 root argmin inside','nested',[
 """param a, b
let s = root(s = 1: s^3 + a^2 * s - exp(b))
let m = argmin(z = [0, 0]: (z[0] - a)^2 + (z[1] - s)^2 + 0.5 * z[0]^2 * z[1]^2 + 0.1 * sum(z^4))
let k = fixedPoint(k = 0.5: 0.5 * cos(k * a + b))
loss = s^2 + dot(m, [1, 2]) + k * s""",
 ],dict(a=np.array(0.7),b=np.array(0.3)),lambda P,D:impl(P))
def impl(P):
    a,b=P['a'].item(),P['b'].item();s=mp.findroot(lambda s:s**3+a*a*s-mp.exp(b),M(1))
    z=mp.findroot(lambda x,y:[2*(x-a)+x*y*y+M(.1)*4*x**3,2*(y-s)+x*x*y+M(.1)*4*y**3],(M(.5),M(.8)))
    k=mp.findroot(lambda k:k-mp.cos(k*a+b)/2,M(.4));return s**2+z[0]+2*z[1]+k*s
case('t5 score matching, ntk, whitened','nested',[
 """param W: [3, 2], v: [3]
data X: [4, 2]
def e(x: [2]) = dot(v, softplus(W @ x)) + 0.5 * sum(x^2)
loss = mean(i in 0..4: { let x = X[i]; let s = -grad(e(x), x); return 0.5 * sum(s^2) - trace(hessian(e(x), x)) })
  + sum(i in 0..4, j in 0..4: { let x = X[i], y = X[j]; return dot(grad(e(x), v), grad(e(y), v)) }) / 16"""],
 dict(W=g(71,3,2),v=g(72,3)),lambda P,D:score(P,D),data=dict(X=g(73,4,2)))
def score(P,D):
    W,v=P['W'],P['v'];t=M(0);K=[]
    for x in D['X']:
        a=W.dot(x);s=sigmoid(a);gr=W.T.dot(v*s)+x;t+=S(gr**2)/2-(S(v*s*(1-s)*S(W**2,axis=1))+2);K.append(softplus(a))
    return t/4+sum(p.dot(q) for p in K for q in K)/16
case('t6 while inside','nested',[
 """param a
let w = while(w = exp(a), n = 0, test = w > 1.1, limit = 40: { w = sqrt(w) * (1 + 0.01 * a); n = n + 1 })
loss = w.w^2 + a * w.n""",
 """param a
let w = while(w = exp(a), test = w > 1.1, limit = 40: sqrt(w) * (1 + 0.01 * a))
let n = while(w = exp(a), n = 0, test = w > 1.1, limit = 40: { w = sqrt(w) * (1 + 0.01 * a); n = n + 1 }).n
loss = w * w + a * n"""],
 dict(a=np.array(2.3)),lambda P,D:wh(P['a'].item()))
def wh(a):
    w=mp.exp(a);n=0
    while w>M(1.1): w=mp.sqrt(w)*(1+M(.01)*a);n+=1
    return w*w+a*n
case('t7 newton step in loss, log det hessian','nested',[
 """param w: [3]
data X: [6, 3]
let f = sum(softplus(X @ w)) + 0.5 * dot(w, w)
let g = grad(f, w)
let H = hessian(f, w)
let n = w - solve(H, g)
loss = 0.5 * logdet(H) + dot(g, solve(H, g)) + sum(n^2) + f"""],
 dict(w=g(74,3)),lambda P,D:lap(P,D),data=dict(X=g(75,6,3)))
def lap(P,D):
    X,w=D['X'],P['w'];a=X.dot(w);s=sigmoid(a);gr=X.T.dot(s)+w;H=(X.T*(s*(1-s))).dot(X)+eye(3);I=inv(H)
    return mp.log(det(H))/2+gr.dot(I).dot(gr)+S((w-I.dot(gr))**2)+S(softplus(a))+S(w*w)/2


S=np.sum
mp.mp.dps=100
# kinks: subgradients as documented
K=lambda name,texts,params,loss,grad,hvp=None,**k: case(name,'kink',texts,params,lambda P,D:M(0),expect=None,**k)
# more linalg hessian traps and scatter outputs
case('x1 inverse times stacked','linalg',["param A: [2, 2], w: [2, 2]\nlet M = A @ A' + eye(2)\nloss = sum(hessian(logdet(M), A)^2) / 100 + sum(inverse(M) @ w)"],dict(A=g(1,2,2),w=g(2,2,2)),lambda P,D:x1(P))
def x1(P):
    A=P['A']; M0=A.dot(A.T)+eye(2); I=inv(M0)
    # grad = 2 I A ; d(2 I A)[E] = 2 I E - 2 I (E A' + A E') I A
    t=M(0)
    for a in range(2):
        for b in range(2):
            E=np.full((2,2),M(0),dtype=object);E[a,b]=M(1)
            H=2*I.dot(E)-2*I.dot(E.dot(A.T)+A.dot(E.T)).dot(I).dot(A); t+=S(H**2)
    return t/100+S(I.dot(P['w']))
case('x2 jacobian of solve','linalg',["param A: [3, 3], b: [3]\nlet M = A' @ A + 2 * eye(3)\nlet x = solve(M, b)\nloss = sum(jacobian(x, b)^2) + sum(jacobian(x, A)^2)"],dict(A=g(3,3,3),b=g(4,3)),lambda P,D:x2(P))
def x2(P):
    A,b=P['A'],P['b'];I=inv(A.T.dot(A)+2*eye(3));x=I.dot(b);t=S(I**2)
    for a in range(3):
        for c in range(3):
            E=np.full((3,3),M(0),dtype=object);E[a,c]=M(1);d=-I.dot((E.T.dot(A)+A.T.dot(E)).dot(x));t+=S(d**2)
    return t
case('x3 mahalanobis mixture','linalg',["param mu: [2, 2], L: [2, 2, 2], w: [2]\ndata X: [5, 2]\nlet lp = [n in 0..5, k in 0..2: {\n let T = tril(L[k]) + eye(2)\n let z = solveTriangular(T, X[n] - mu[k])\n return logSoftmax(w)[k] - 0.5 * dot(z, z) - sum(log(abs(diagonal(T))))\n}]\nloss = -sum(logsumexp(lp, axis = 1))",
 "param mu: [k, d], L: [k, d, d], w: [k]\ndata X: [N, d]\nlet lp = [n in 0..N, c in 0..k: {\n let T = tril(L[c]) + eye(d)\n let C = T @ T'\n let r = X[n] - mu[c]\n return w[c] - logsumexp(w) - 0.5 * r @ inv(C) @ r - 0.5 * logdet(C)\n}]\nloss = -sum(logsumexp(lp, axis = -1))"],dict(mu=g(5,2,2),L=g(6,2,2,2,lo=-.4,hi=.6),w=g(7,2)),lambda P,D:x3(P,D),data=dict(X=g(8,5,2)))
def x3(P,D):
    t=M(0);lw=logsoftmax(P['w'])
    for x in D['X']:
        q=M(0)
        for k in range(2):
            T=np.tril(P['L'][k])*1+eye(2);z=inv(T).dot(x-P['mu'][k]);q+=mp.exp(lw[k]-S(z*z)/2)/abs(T[0,0]*T[1,1])
        t-=mp.log(q)
    return t
case('x4 stencils','indexing',["param u: [8], k: [8]\nlet lap = [i in 0..8: (if i > 0 then u[i-1] else u[7]) - 2 * u[i] + (if i < 7 then u[i+1] else u[0])]\nlet f = [i in 0..8: k[i] * lap[i] + (if i == 2 then u[5] * k[i+1] else 0) + (if i >= 3 then u[i-3]^2 else u[i+3])]\nloss = sum(f^2)",
 "param u: [n], k: [n]\nlet lap = [i in 0..n: u[mod(i - 1 + n, n)] - 2 * u[i] + u[mod(i + 1, n)]]\nlet q = [i in 0..n: if i < 3 then u[i+3] else u[i-3]^2]\nlet e = [i in 0..n: if i != 2 then 0 else u[5] * k[3]]\nloss = sum((k * lap + q + e)^2)"],dict(u=g(9,8),k=g(10,8)),lambda P,D:x4(P['u'],P['k']))
def x4(u,k):
    n=8;return sum((k[i]*(u[(i-1)%n]-2*u[i]+u[(i+1)%n])+(u[5]*k[3] if i==2 else 0)+(u[i-3]**2 if i>=3 else u[i+3]))**2 for i in range(n))
case('x5 2d stencil wave','scan',["param u: [4, 5], c\nlet r = scan(t in 0..3, a = u, b = u: {\n let L = [i in 0..4, j in 0..5: (if i > 0 then a[i-1,j] else 0) + (if i < 3 then a[i+1,j] else 0) + (if j > 0 then a[i,j-1] else 0) + (if j < 4 then a[i,j+1] else 0) - 4 * a[i,j] + (if i == 1 and j == 2 then a[i+1,j-1] else 0)]\n a = 2 * a - b + 0.1 * c^2 * L\n b = a\n})\nloss = sum(r.a^2) + r.b[1, 2]"],dict(u=g(11,4,5),c=g(12)),lambda P,D:x5(P))
def x5(P):
    a=b=P['u'];c=P['c'].item();q=M(.1)*c*c
    for _ in range(3):
        p=pad(a,1);L=p[:-2,1:-1]+p[2:,1:-1]+p[1:-1,:-2]+p[1:-1,2:]-4*a;L=L.copy();L[1,2]=L[1,2]+a[2,1];a,b=2*a-b+q*L,a
    return S(a**2)+b[1,2]
case('x6 hostile twists','einsum',["param x: [3], y: [3], z: [2]\ndata one = 1, zero = 0\nlet A = outer(x, x)'' \nlet B = transpose(transpose(A))\nlet s = sum(A * B) * one + zero * sum(y) + 0 * x[0] + dot(x, y) * 1 - 0\nloss = s + dot(x, x) + einsum(\"i,i,i->\", x, x, x) + sum(0 * y) + x[0]^1 + y[1]^0 + (x[1] - x[1]) * y[2] + sum((x + y) - y)".replace("''","").replace("data one = 1, zero = 0","data one, zero")],dict(x=g(13,3),y=g(14,3),z=g(15,2)),lambda P,D:(lambda x,y:S(np.outer(x,x)**2)+x.dot(y)+x.dot(x)+S(x**3)+x[0]+1+S(x))(P['x'],P['y']),data=dict(one=1.0,zero=0.0))
case('x7 random keyed','norm',["param m: [4], s: [4]\nlet e = normal(7, [4]), u = uniform(3, [4]), k = bernoulli(5, 0.5, [4])\nlet z = m + exp(s) * e\nloss = sum((z - (m + exp(s) * e))^2) + sum(k * m^2) - sum(where(k, m^2, 0)) + sum(u * s) - dot(s, u) + sum(m^2) + sum(dropout(1, m, 0.5) * 0) "],dict(m=g(16,4),s=g(17,4)),lambda P,D:S(P['m']**2))
case('x8 crf path','scan',["param E: [5, 3], T: [3, 3]\ndata y: int[5] within 0..3\nlet a = scan(t in 1..5, a = E[0]: logsumexp(a[:, None] + T, axis = 0) + E[t])\nlet p = sum(t in 0..5: E[t, y[t]]) + sum(t in 0..4: T[y[t], y[t+1]])\nlet b = reverseScan(t in 1..5, b = zeros(3): logsumexp(T + E[t] + b, axis = 1))\nloss = logsumexp(a) - p + 0.5 * logsumexp(b + E[0])"],dict(E=g(18,5,3),T=g(19,3,3)),lambda P,D:x8(P,D['y']),data=dict(y=[2,0,0,1,2]))
def x8(P,y):
    E,T=P['E'],P['T'];a=exp(E[0])
    for t in range(1,5): a=a.dot(exp(T))*exp(E[t])
    return M(1.5)*mp.log(S(a))-sum(E[t,y[t]] for t in range(5))-sum(T[y[t],y[t+1]] for t in range(4))
case('x9 viterbi soft alignments gather in scan','scan',["param A: [4, 3], h0: [3]\ndata p: int[6] within 0..4\nlet r = scan(k in p, h = h0, best = -inf: { let n = tanh(A[k] * h + sum(h)); h = n; best = max(best, max(n)); s = n[argmax(n)] })\nloss = sum(r.h^2) + r.best + sum(r.s)"],dict(A=g(20,4,3),h0=g(21,3)),lambda P,D:x9(P,D['p']),data=dict(p=[0,3,3,1,2,0]))
def x9(P,p):
    h=P['h0'];b=None;s=M(0)
    for k in p: h=tanh(P['A'][k]*h+S(h));m=max(h);b=m if b is None or m>b else b;s+=m
    return S(h**2)+b+s
case('x10 batchnorm conv attention small','cnn',["param x: [2, 2, 4, 4], w: [3, 2, 3, 3], g: [3], b: [3]\nlet y = conv2d(x, w, padding = 1, channels = first)\nlet mu = mean(y, axis = [0, 2, 3], keepdims = true), v = var(y, axis = [0, 2, 3], keepdims = true)\nlet n = (y - mu) / sqrt(v + 1e-5) * g[:, None, None] + b[:, None, None]\nloss = sum(maxPool2d(n, 2, channels = first)^2)"],dict(x=g(22,2,2,4,4,lo=-.5,hi=.5),w=g(23,3,2,3,3,lo=-.5,hi=.5),g=g(24,3),b=g(25,3)),lambda P,D:x10(P))
def x10(P):
    y=conv2d(P['x'],P['w'],(1,1),(1,1));mu=mean(y,(0,2,3),True);v=var(y,(0,2,3),True);n=(y-mu)/sqrt(v+M(1e-5))*P['g'][:,None,None]+P['b'][:,None,None]
    return sum(max(n[b,c,2*i:2*i+2,2*j:2*j+2].ravel())**2 for b in range(2) for c in range(3) for i in range(2) for j in range(2))
case('x11 scatter products','einsum',["param x: [6], y: [6]\ndata p: int[6] within 0..3, q: int[6] within 0..3\nlet H = [a in 0..3, b in 0..3: sum(i in 0..6: if p[i] == a and q[i] == b then x[i] * y[i] else 0)]\nlet R = H / (1 + sum(H, axis = 1, keepdims = true)^2)\nloss = sum(R @ R') + sum(log(1 + H^2)) + sum(i in 0..6: H[p[i], q[i]] * x[5 - i])"],dict(x=g(26,6),y=g(27,6)),lambda P,D:x11(P,D),data=dict(p=[0,1,1,2,0,1],q=[0,1,1,0,2,2]))
def x11(P,D):
    H=np.full((3,3),M(0),dtype=object)
    for i,(a,b) in enumerate(zip(D['p'],D['q'])): H[a,b]=H[a,b]+P['x'][i]*P['y'][i]
    R=H/(1+S(H,axis=1,keepdims=True)**2);return S(R.dot(R.T))+S(log(1+H**2))+sum(H[a,b]*P['x'][5-i] for i,(a,b) in enumerate(zip(D['p'],D['q'])))
case('x12 primes and padded reads','conv',["param x: [13], w: [5]\nlet y = [i in 0..7: sum(k in 0..5: w[k] * (if 2*i + 3*k - 6 >= 0 and 2*i + 3*k - 6 < 13 then x[2*i + 3*k - 6] else 0))]\nloss = sum(sin(y)) + prod(y[0..3])",
 "param x: [13], w: [5]\nlet y = [i in 0..7: sum(k in 0..5: w[k] * pad(x, 6)[2*i + 3*k])]\nloss = sum(sin(y)) + y[0] * y[1] * y[2]",
 "param x: [13], w: [5]\nlet y = conv1d(x[:, None], w[:, None, None], stride = 2, padding = 6, dilation = 3)[:, 0]\nloss = sum(sin(y)) + prod(y[:3])"],dict(x=g(28,13),w=g(29,5)),lambda P,D:(lambda y:S(sin(y))+y[0]*y[1]*y[2])(np.array([S(P['w']*pad(P['x'],6)[2*i:2*i+13:3]) for i in range(7)])))
case('f1 causal attention','attention',["param Q: [4, 2], K: [4, 2], V: [4, 3]\nlet o = [i in 0..4: softmax(K[0..i+1] @ Q[i] / sqrt(2)) @ V[0..i+1]]\nloss = sum(sin(o))",
 "param Q: [t, d], K: [t, d], V: [t, e]\nlet A = Q @ K.T / sqrt(2)\nlet P = softmax([i in 0..t, j in 0..t: if j <= i then A[i, j] else -inf])\nloss = sum(sin(P @ V))",
 "param Q: [t, d], K: [t, d], V: [t, e]\nloss = sum(i in 0..t, c in 0..e: sin(sum(j in 0..i+1: exp(dot(Q[i], K[j]) / sqrt(2)) * V[j, c]) / sum(j in 0..i+1: exp(dot(Q[i], K[j]) / sqrt(2)))))"],dict(Q=g(1,4,2),K=g(2,4,2),V=g(3,4,3)),
 lambda P,D:S(np.array([S(sin(softmax(P['K'][:i+1].dot(P['Q'][i])/sqrt(np.array([M(2)]))[0]).dot(P['V'][:i+1]))) for i in range(4)])))
case('f2 segments','ragged',["param x: [9], w: [9]\ndata ends: int[5] within 0..10\nloss = sum(s in 0..4: logsumexp(x[ends[s]..ends[s+1]]) * norm(w[ends[s]..ends[s+1]]))",
 "param x: [n], w: [n]\ndata ends: int[k+1] within 0..n+1\nloss = sum(s in 0..k: logsumexp(i in ends[s]..ends[s+1]: x[i]) * sqrt(sum(i in ends[s]..ends[s+1]: w[i]^2)))"],dict(x=g(4,9),w=g(5,9)),
 lambda P,D:sum((lse(P['x'][a:b])*norm(P['w'][a:b]) for a,b in zip(D['ends'][:-1],D['ends'][1:])),M(0)),data=dict(ends=[0,2,3,7,9]))
case('f7 implicit layer in scan','nested',["param a: [3], b\nlet r = scan(v in a, s = 0.3: root(z = 0.1: z + 0.2 * tanh(z) - v * s - b))\nloss = r^2 + r",
 "param a: [3], b\nlet r = scan(v in a, s = 0.3: fixedPoint(z = 0.1: v * s + b - 0.2 * tanh(z)))\nloss = r^2 + r",
 "param a: [3], b\nlet r = scan(v in a, s = 0.3: argmin(z = 0.1: z^2 / 2 + 0.2 * log(cosh(z)) - (v * s + b) * z))\nloss = r^2 + r"],dict(a=g(15,3),b=g(16)),
 lambda P,D:f7(P))
def f7(P):
    s=M(0.3)
    b=P['b'].item()
    for v in P['a']:
        t=v*s+b; z=t
        for _ in range(400): z=t-M(0.2)*mp.tanh(z)
        s=z
    return s*s+s
case('f11 transposed conv','conv',["param x: [4, 2], w: [3, 2, 3]\nloss = sum(sin(convTranspose1d(x, transpose(w, axis = [0, 2, 1]), stride = 2, padding = 1)))",
 "param x: [4, 2], w: [3, 2, 3]\nlet y = [t in 0..7, o in 0..3: sum(i in 0..4, k in 0..3, c in 0..2: if 2*i + k - 1 == t then x[i, c] * w[k, c, o] else 0)]\nloss = sum(sin(y))"],dict(x=g(23,4,2),w=g(24,3,2,3)),
 lambda P,D:f11(P))
def f11(P):
    y=np.full((7,3),M(0),dtype=object)
    for i in range(4):
        for k in range(3):
            t=2*i+k-1
            if 0<=t<7: y[t]=y[t]+P['x'][i].dot(P['w'][k])
    return S(sin(y))
case('f14 pairwise logs below the diagonal','masks',["param x: [5], a: [5]\nloss = sum(i in 0..5, j in 0..i: a[j] * log(abs(x[i] - x[j])))",
 "param x: [5], a: [5]\nloss = sum(i in 0..5, j in 0..5: if j < i then a[j] * log(abs(x[i] - x[j])) else 0)",
 "param x: [5], a: [5]\nloss = sum(i in 0..5: dot(a[0..i], log(abs(x[i] - x[0..i]))))"],dict(x=g(29,5),a=g(30,5)),
 lambda P,D:sum((P['a'][j]*mp.log(abs(P['x'][i]-P['x'][j])) for i in range(5) for j in range(i)),M(0)))
case('f16 all prefixes','cumulative',["param x: [5]\nloss = sum(i in 0..6: sin(sum(j in 0..i: x[j])) * (i + 1))",
 "param x: [n]\nloss = sum(i in 0..n+1: sin(sum(x[0..i])) * (i + 1))",
 "param x: [n]\nlet p = concat([0.0], cumsum(x))\nloss = sum(i in 0..n+1: sin(p[i]) * (i + 1))"],dict(x=g(32,5)),
 lambda P,D:sum((mp.sin(S(P['x'][:i]) if i else M(0))*(i+1) for i in range(6)),M(0)))
case('f17 all suffixes products','cumulative',["param x: [5]\nloss = sum(i in 0..6: cos(prod(j in i..5: x[j])) * (i + 1))",
 "param x: [n]\nloss = sum(i in 0..n+1: cos(prod(x[i..n])) * (i + 1))"],dict(x=g(33,5)),
 lambda P,D:sum((mp.cos(np.prod(P['x'][i:]) if i<5 else M(1))*(i+1) for i in range(6)),M(0)))
case('f20 gru gates with masks','scan',["param W: [3, 3], U: [3, 2], h0: [3]\ndata X: [5, 2], len: int\nlet h = scan(row in X, t in 0..5, h = h0: if t < len then h + sigmoid(W @ h) * (tanh(U @ row) - h) else h)\nloss = dot(h, h)",
 "param W: [3, 3], U: [3, 2], h0: [3]\ndata X: [5, 2], len: int\nlet h = scan(t in 0..5, h = h0: { let m = if t < len then 1.0 else 0.0; return h + m * sigmoid(W @ h) * (tanh(U @ X[t]) - h) })\nloss = sum(h^2)"],dict(W=g(39,3,3),U=g(40,3,2),h0=g(41,3)),lambda P,D:f20(P,D),data=dict(X=g(42,5,2).tolist(),len=3))
def f20(P,D):
    h=P['h0']
    for t in range(3): h=h+sigmoid(P['W'].dot(h))*(tanh(P['U'].dot(D['X'][t]))-h)
    return h.dot(h)


if __name__ == '__main__': out('/dev/stdout', sys.argv[1:])
