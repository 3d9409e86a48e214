"""
Log densities with their constraints taken off, as users of Stan write them, at points where probabilities are rounded to 0 or 1:
capture histories, occupancy, mixtures, counts, items, correlations. Reference values by mpmath as in programs.py.
Run: python3 posteriors.py > posteriors.json
"""
from programs import *
cases.clear()
ls = vf(lambda x: -mp.log(1 + mp.exp(-x))); lgam = vf(mp.loggamma); sg = vf(lambda x: 1 / (1 + mp.exp(-x)))
lae = lambda *x: mp.log(sum(map(mp.exp, x)))
ints = lambda seed, high, *shape: np.random.default_rng(seed).integers(0, high, shape)
def tuned(f):
    """More digits, for what is left of one beside probabilities that are rounded to it."""
    def g(P, D):
        with mp.workdps(110): return f(P, D)
    return g

# animals that are marked and seen again, from the first time to the last, and never after
SEEN = dict(y=np.array([[1,0,1,0,0],[0,1,1,1,0],[0,0,1,0,1],[1,0,0,0,0]]), first=np.array([0,1,2,0]), last=np.array([2,3,4,0]))
def survival(P, D):
    a, b = P['a'], P['b']; chi = [None]*4 + [M(1)]
    for t in (3,2,1,0): chi[t] = sg(-a[t]) + sg(a[t])*sg(-b[t])*chi[t+1]
    L = sum(mp.log(chi[l]) for l in D['last'])
    for i in range(4):
        for t in range(D['first'][i]+1, D['last'][i]+1): L += ls(a[t-1]) + ls(b[t-1] if D['y'][i,t] else -b[t-1])
    return -L - S(ls(a)+ls(-a)+ls(b)+ls(-b))
survivals = ["param a: [T - 1], b: [T - 1]\ndata y: int[I, T], first: int[I] within 0..T, last: int[I] within 0..T\nlet phi = sigmoid(a), p = sigmoid(b)\nlet back = reverseScan(t in 0..T-1, c = 1: {\n  let now = (1 - phi[t]) + phi[t] * (1 - p[t]) * c\n  c = now\n  chi = now\n})\nlet chi = concat(back.chi, [1])\nlet lik = sum(i in 0..I: log(chi[last[i]]) + sum(t in first[i]+1..last[i]+1: log(phi[t-1]) + y[i, t] * log(p[t-1]) + (1 - y[i, t]) * log(1 - p[t-1])))\nloss = -lik - sum(log(phi) + log(1 - phi) + log(p) + log(1 - p))",
 "param a: [T - 1], b: [T - 1]\ndata y: int[I, T], first: int[I], last: int[I]\nlet phi = sigmoid(a), p = sigmoid(b)\nlet chi = concat(reverseScan(t in 0..T-1, c = 1: { let now = 1 - phi[t] * (1 - (1 - p[t]) * c); c = now; chi = now }).chi, [1])\nlet lp = [i in 0..I, t in 1..T: if first[i] < t <= last[i] then log(phi[t-1]) + (if y[i, t] == 1 then log(p[t-1]) else log1p(-p[t-1])) else 0]\nloss = -sum(lp) - sum(log(chi[last])) - sum(log(phi) + log1p(-phi) + log(p) + log1p(-p))",
 "param a: [T - 1], b: [T - 1]\ndata y: int[I, T], first: int[I], last: int[I]\nlet back = reverseScan(t in 0..T-1, c = 0: { let now = logaddexp(logSigmoid(-a[t]), logSigmoid(a[t]) + logSigmoid(-b[t]) + c); c = now; l = now })\nlet lchi = concat(back.l, [0])\nloss = -sum(lchi[last]) - sum(i in 0..I, t in first[i]+1..last[i]+1: logSigmoid(a[t-1]) + logSigmoid(if y[i, t] == 1 then b[t-1] else -b[t-1])) - sum(logSigmoid(a) + logSigmoid(-a) + logSigmoid(b) + logSigmoid(-b))"]
case('marked animals', 'capture', [survivals[0], survivals[2]], dict(a=g(1,4),b=g(2,4)), survival, data=SEEN)
case('marked animals, seen and alive almost surely', 'capture', [survivals[0], survivals[2]], dict(a=np.array([40.,41,42,39]),b=np.array([40.,38,43,41])), tuned(survival), data=SEEN)
case('marked animals, hardly ever seen', 'capture', survivals, dict(a=np.array([3.,1,2,2.5]),b=np.array([-40.,-38,-43,-41])), tuned(survival), data=SEEN)

# species that may never have been there, with a response to having been trapped
def augmented(P, D):
    y = D['y']; s = 3*sg(P['u'].item()); L = M(0); lo = P['o'].item()
    for i in range(5):
        lp = M(0)
        for j in range(3):
            e = P['a'][j] + s*P['e'][i] + (P['g'].item()*y[i,j-1] if j else 0); lp += ls(e) if y[i,j] else ls(-e)
        L += ls(lo)+lp if y[i].sum() else lae(ls(lo)+lp, ls(-lo))
    return -L + P['g'].item()**2/200 + S(P['e']**2)/2 - ls(lo) - ls(-lo) - S(ls(P['a'])+ls(-P['a']))
augments = ["param o, a: [T], g, u, e: [M]\ndata y: int[M, T]\nlet omega = sigmoid(o), sigma = 3 * sigmoid(u), mean_p = sigmoid(a)\nlet s = [i: sum(y[i])]\nlet logit_p = [i in 0..M, j in 0..T: logit(mean_p[j]) + sigma * e[i] + (if j > 0 then g * y[i, j-1] else 0)]\nlet lp = [i in 0..M: sum(j in 0..T: if y[i, j] == 1 then log(inv_logit(logit_p[i, j])) else log1p(-inv_logit(logit_p[i, j])))]\nloss = -sum(i in 0..M: if s[i] > 0 then log(omega) + lp[i] else log_sum_exp([log(omega) + lp[i], log1p(-omega)])) + (g / 10)^2 / 2 + 0.5 * sum(e^2) - log(omega) - log1p(-omega) - sum(log(mean_p) + log1p(-mean_p))",
 "param o, a: [T], g, u, e: [M]\ndata y: int[M, T]\nlet eta = a + 3 * sigmoid(u) * e[:, None] + g * pad(y[:, :-1], [[0, 0], [1, 0]])\nlet lp = sum(y * eta - softplus(eta), axis = 1) + logSigmoid(o)\nloss = -sum(select(any(y == 1, axis = 1), lp, logaddexp(lp, logSigmoid(-o)))) + g^2 / 200 + dot(e, e) / 2 - logSigmoid(o) - logSigmoid(-o) - sum(logSigmoid(a) + logSigmoid(-a))"]
for what, o, a in (('', .4, [.3,-.2,.1]), (', of which all are there', 40., [-40.,-38.,-39.])):
    case('augmented species'+what, 'capture', augments, dict(o=np.array(o),a=np.array(a),g=g(5),u=g(6),e=g(7,5)), tuned(augmented), data=dict(y=np.array([[1,0,1],[0,1,0],[1,1,0],[0,0,0],[0,0,0]])))

# sites that are settled and left from year to year
def seasons(P, D):
    L = M(0); y = D['y']
    for i in range(5):
        a, b = sg(P['s'].item()), sg(-P['s'].item())
        for k in range(4):
            if k: a, b = a*sg(P['f'][k-1]) + b*sg(P['c'][k-1]), a*sg(-P['f'][k-1]) + b*sg(-P['c'][k-1])
            n = int(y[i,:,k].sum()); a *= sg(P['p'][k])**n*sg(-P['p'][k])**(2-n)
            if n: b = M(0)
        L += mp.log(a+b)
    return -L + S(P['f']**2)/100
case('occupied sites', 'occupancy', ["param s, f: [K - 1], c: [K - 1], p: [K]\ndata y: int[R, J, K]\nlet psi = inv_logit(s), phi = inv_logit(f), gamma = inv_logit(c), q = inv_logit(p)\nlet n = [i in 0..R, k in 0..K: sum(j in 0..J: y[i, j, k])]\nlet po = [k in 0..K, m in 0..J+1: [q[k]^m * (1 - q[k])^(J - m), if m == 0 then 1 else 0]]\nlet lik = sum(i in 0..R: {\n  let a = scan(k in 1..K, a = [psi * po[0, n[i, 0], 0], (1 - psi) * po[0, n[i, 0], 1]]: [\n    (a[0] * phi[k - 1] + a[1] * gamma[k - 1]) * po[k, n[i, k], 0],\n    (a[0] * (1 - phi[k - 1]) + a[1] * (1 - gamma[k - 1])) * po[k, n[i, k], 1]\n  ])\n  return log(sum(a))\n})\nloss = -lik + sum(f^2) / 100",
 "param s, f: [K - 1], c: [K - 1], p: [K]\ndata y: int[R, J, K]\nlet n = sum(y, axis = 1)\nlet o = n * logSigmoid(p) + (J - n) * logSigmoid(-p)\nlet none = [i in 0..R, k in 0..K: if n[i, k] == 0 then 0 else -inf]\nlet run = scan(k in 1..K, a = logSigmoid(s) + o[:, 0], b = logSigmoid(-s) + none[:, 0]: {\n  let before = a\n  a = logaddexp(a + logSigmoid(f[k-1]), b + logSigmoid(c[k-1])) + o[:, k]\n  b = logaddexp(before + logSigmoid(-f[k-1]), b + logSigmoid(-c[k-1])) + none[:, k]\n})\nloss = -sum(logaddexp(run.a, run.b)) + sum(f^2) / 100"],
 dict(s=np.array(-.3),f=np.array([40.,2.,38.]),c=np.array([-41.,-1.,-40.]),p=np.array([.3,1.,-.5,.2])), tuned(seasons), data=dict(y=ints(8,2,5,2,4)*np.array([1,0,1,0,1])[:,None,None]))

# two normal distributions of which one has almost all of the weight
def mixture(P, D):
    m = [P['m'][0], P['m'][0]+mp.exp(P['m'][1])]; s = P['s']; h = P['h'].item()
    return -sum(lae(ls(h)-((x-m[0])/mp.exp(s[0]))**2/2-s[0], ls(-h)-((x-m[1])/mp.exp(s[1]))**2/2-s[1]) for x in D['y']) - 4*ls(h) - 4*ls(-h)
case('mixture of two', 'mixture', ["param m: [2], s: [2], h\ndata y: [N]\nlet mu = [m[0], m[0] + exp(m[1])], sigma = exp(s), theta = sigmoid(h)\ndef normal_lpdf(x, m, s) = -0.5 * ((x - m) / s)^2 - log(s)\nloss = -sum(n in 0..N: logaddexp(log(theta) + normal_lpdf(y[n], mu[0], sigma[0]), log1p(-theta) + normal_lpdf(y[n], mu[1], sigma[1]))) - 4 * log(theta) - 4 * log1p(-theta)",
 "param m: [2], s: [2], h\ndata y: [N]\nlet z = (y[:, None] - concat([m[0]], [m[0] + exp(m[1])])) / exp(s)\nloss = -sum(logsumexp([logSigmoid(h), logSigmoid(-h)] - 0.5 * z^2 - s, axis = 1)) - 4 * logSigmoid(h) - 4 * logSigmoid(-h)"],
 dict(m=np.array([-1.2,1.1]),s=np.array([.1,-.4]),h=np.array(45.)), tuned(mixture), data=dict(y=g(9,9,lo=-3,hi=4)))

# counts with more zeros than a negative binomial has, which is nearly a Poisson distribution
def counts(P, D):
    f = mp.exp(P['f'].item()); t = P['t'].item(); L = M(0)
    for x, y in zip(D['X'], D['y']):
        e = x.dot(P['b']); k = int(y); m = mp.exp(e)
        lp = mp.loggamma(k+f)-mp.loggamma(f)-mp.loggamma(k+1)-f*mp.log(1+m/f)-k*mp.log(1+f/m)
        L += lae(ls(t), ls(-t)+lp) if k == 0 else ls(-t)+lp
    return -L - P['f'].item() + 1/f - ls(t) - ls(-t)
case('counts with more zeros', 'counts', ["param b: [d], f, t\ndata X: [n, d], y: int[n]\nlet mu = exp(X @ b), phi = exp(f), theta = inv_logit(t)\ndef neg_binomial_2_lpmf(k, m, p) = lgamma(k + p) - lgamma(p) - lgamma(k + 1) + p * log(p / (m + p)) + k * log(m / (m + p))\nlet lp = [i in 0..n: if y[i] == 0 then log_sum_exp([log(theta), log1p(-theta) + neg_binomial_2_lpmf(0, mu[i], phi)]) else log1p(-theta) + neg_binomial_2_lpmf(y[i], mu[i], phi)]\nloss = -sum(lp) - f + 1 / phi - log(theta) - log1p(-theta)"],
 dict(b=g(10,2),f=np.array(24.),t=np.array(-.4)), tuned(counts), data=dict(X=g(11,7,2),y=np.array([0,3,0,1,7,0,2])))

# items with steps of their own
ITEMS = dict(ii=np.array([0,1,2,0,1,2]), jj=np.array([0,0,0,1,1,1]), y=np.array([2,0,1,1,3,0]), m=np.array([2,3,1]), pos=np.array([0,2,5]))
def credit(P, D):
    be = list(P['b'])+[-S(P['b'])]; L = M(0)
    for n in range(6):
        i = D['ii'][n]; s = [M(0)]
        for k in range(D['m'][i]): s.append(s[-1]+mp.exp(P['a'][i])*P['t'][D['jj'][n]]-be[D['pos'][i]+k])
        L += s[D['y'][n]]-lae(*s)
    return -L+S(P['t']**2)/2+sum(x*x for x in be)/18
case('items with steps of their own', 'items', ["size I, J, S, K = 4\nparam a: [I], b: [S - 1], t: [J]\ndata ii: int[N] within 0..I, jj: int[N] within 0..J, y: int[N], m: int[I], pos: int[I]\nlet beta = concat(b, [-sum(b)])\nlet below = [i in 0..I, k in 0..K: if k <= m[i] then -sum(q in 0..k: beta[pos[i] + q]) else -inf]\nlet lp = [n in 0..N: { let z = [k in 0..K: k * exp(a[ii[n]]) * t[jj[n]] + below[ii[n], k]]; return z[y[n]] - logsumexp(z) }]\nloss = -sum(lp) + 0.5 * sum(t^2) + sum(beta^2) / 18"],
 dict(a=g(12,3),b=g(13,5),t=g(14,2)), credit, data=ITEMS)

# a normal distribution with the Cholesky factor of its correlations
def correlated(P, D):
    z = tanh(P['z']); L = np.full((3,3),M(0),dtype=object); lj = M(0); c = 0
    for i in range(3):
        rem = M(1)
        for j in range(i): L[i,j] = z[c]*mp.sqrt(rem); lj += mp.log(1-z[c]**2)+mp.log(rem)/2; rem *= 1-z[c]**2; c += 1
        L[i,i] = mp.sqrt(rem)
    A = exp(P['l'])[:,None]*L; X = inv(A).dot((D['y']-P['m']).T)
    return S(X*X)/2 + 5*sum(mp.log(A[i,i]) for i in range(3)) - lj - 3*mp.log(L[1,1]) - 2*mp.log(L[2,2])
case('correlations', 'matrices', ["size K\nparam z: [K * (K - 1) // 2], l: [K], m: [K]\ndata y: [N, K]\nlet Z = [i in 0..K, j in 0..K: if j < i then z[i * (i - 1) // 2 + j] else 0]\nlet left = [i in 0..K, j in 0..K: -sum(q in 0..j: logCosh(Z[i, q]))]\nlet L = [i in 0..K, j in 0..K: (if j < i then tanh(Z[i, j]) else if j == i then 1 else 0) * exp(left[i, j])]\nlet A = exp(l)[:, None] * L\nlet X = solveTriangular(A, (y - m)')\nlet turn = sum(i in 0..K, j in 0..i: left[i, j] - 2 * logCosh(Z[i, j]))\nloss = 0.5 * sum(X^2) + N * sum(k: log(A[k, k])) - turn - sum(k in 1..K: (K - k + 1) * log(L[k, k]))",
 "size K\nparam z: [K * (K - 1) // 2], l: [K], m: [K]\ndata y: [N, K]\nlet t = tanh(z)\nlet sq = [i in 0..K, j in 0..K: if j < i then t[i * (i - 1) // 2 + j]^2 else 0]\nlet rem = [i in 0..K, j in 0..K: prod(q in 0..j: 1 - sq[i, q])]\nlet L = [i in 0..K, j in 0..K: if j < i then t[i * (i - 1) // 2 + j] * sqrt(rem[i, j]) else (if j == i then sqrt(rem[i, i]) else 0)]\nlet lj = sum(i in 0..K, j in 0..i: log(1 - sq[i, j]) + 0.5 * log(rem[i, j]))\nlet A = exp(l)[:, None] * L\nloss = sum(n in 0..N: 0.5 * sum(solveTriangular(A, y[n] - m)^2)) + N * sum(k: log(A[k, k])) - lj - sum(k in 1..K: (K - k + 1) * log(L[k, k]))"],
 dict(z=g(15,3),l=g(16,3),m=g(17,3)), correlated, data=dict(y=g(18,5,3)))

# infections that follow from all before them, and deaths between two days of each place
RENEWAL = dict(X=ints(19,2,2,9,2).astype(float), w=np.array([.4,.3,.2,.1,0,0,0,0,0]), f=np.array([.1,.2,.3,.2,.1,.05,.05,0,0]), deaths=ints(20,5,9,2), high=np.array([9,7]), low=np.array([3,4]), pop=np.array([90.,150.]))
def renewal(P, D):
    L = M(0); phi = mp.exp(P['f0'].item())
    for m in range(2):
        y = mp.exp(P['y'][m]); p = [y]*3; R = [mp.exp(P['r'][m]-D['X'][m,i].dot(P['a'])) for i in range(9)]
        for i in range(3,9): p.append((D['pop'][m]-sum(p))/D['pop'][m]*R[i]*sum(p[j]*D['w'][i-j-1] for j in range(i)))
        for i in range(D['low'][m], D['high'][m]):
            e = sum(p[j]*D['f'][i-j-1] for j in range(i)); k = int(D['deaths'][i,m])
            L += mp.loggamma(k+phi)-mp.loggamma(phi)-mp.loggamma(k+1)+phi*mp.log(phi/(e+phi))+k*mp.log(e/(e+phi))
    return -L+S(P['a']**2)+S(P['r']**2)
case('renewal of infections', 'series', ["size M, N, P, N0 = 3\nparam r: [M], a: [P], y: [M], f0\ndata X: [M, N, P], w: [N], f: [N], deaths: int[N, M], low: int[M], high: int[M], pop: [M]\nlet phi = exp(f0)\nlet R = [m in 0..M, i in 0..N: exp(r[m] - dot(X[m, i], a))]\nlet infected = [m in 0..M: scan(i in N0..N, p = [j in 0..N: if j < N0 then exp(y[m]) else 0]: {\n  let new = (pop[m] - sum(p[0..i])) / pop[m] * R[m, i] * sum(j in 0..i: p[j] * w[i - j - 1])\n  return [j in 0..N: if j == i then new else p[j]]\n})]\ndef neg_binomial_2_lpmf(k, m, p) = lgamma(k + p) - lgamma(p) - lgamma(k + 1) + p * log(p / (m + p)) + k * log(m / (m + p))\nlet lik = sum(m in 0..M, i in low[m]..high[m]: neg_binomial_2_lpmf(deaths[i, m], sum(j in 0..i: infected[m, j] * f[i - j - 1]), phi))\nloss = -lik + sum(a^2) + sum(r^2)"],
 dict(r=g(21,2),a=g(22,2),y=g(23,2),f0=np.array(.3)), renewal, data=RENEWAL)

if __name__ == '__main__':
    rows = []
    tiny = lambda x: 0.0 if abs(x) < M(10)**-25 else float(x)
    for c in cases:
        loss, grad, V, hvp = evaluate(c)
        flat = lambda by: {k: [tiny(M(x)) for x in np.ravel(v)] for k, v in by.items()}
        rows.append(json.dumps(dict(name=f"{c['family']}: {c['name']}", texts=c['texts'], params={k: dict(shape=list(np.shape(v)), data=[float(x) for x in np.ravel(v)]) for k, v in c['params'].items()},
            data={k: v.tolist() for k, v in c['data'].items()}, loss=float(loss), direction={k: [float(x) for x in np.ravel(v)] for k, v in V.items()}, gradient=flat(grad), hvp=flat(hvp))))
    print('{"source": "mpmath at 72 digits and more by mixed differences, posteriors.py beside it", "programs": [\n' + ',\n'.join(rows) + '\n]}')
