"""
Formulas that scientists and engineers fit, by sums of squares, at points where they cancel, overflow or are 0/0 as they are written.
Reference values by the reader of likelihoods.py beside it, with the point moved by 1e-60 at 500 digits where a formula has a gap there.
Run: python3 fits.py > fits.json
"""
import json, random, re
import numpy as np
import likelihoods as L
from likelihoods import HD, hd, mp, mpf

def _atan2(y, x):
    r = x.v**2 + y.v**2; fx, fy = -y.v/r, x.v/r; fxx = 2*x.v*y.v/r**2; fxy = (y.v**2 - x.v**2)/r**2
    return HD(mp.atan2(y.v, x.v), fx*x.s + fy*y.s, fx*x.t + fy*y.t,
              fx*x.w + fy*y.w + fxx*(x.s*x.t - y.s*y.t) + fxy*(x.s*y.t + x.t*y.s))
L.FN['atan2'] = L._bc(_atan2)
call = L.call
def with_roots(e, env):
    """Newton's method for the value; the derivatives follow by steps with its slope."""
    _, f, ar, named, its, body = e
    if f != 'root': return call(e, env)
    name, start = named[0]; x = hd(L.ev(start, env)).v; F = lambda z: hd(L.ev(body, {**env, name: z})); h = mpf(10)**(-mp.dps//3)
    slope = lambda v: (F(HD(v + h)).v - F(HD(v)).v)/h
    for _ in range(60):
        step = F(HD(x)).v/slope(x); x -= step
        if abs(step) <= abs(x)*mpf(10)**(-mp.dps*2//3): break
    m = slope(x); z = HD(x)
    for _ in range(8): z = z - F(z)*(1/m)
    return z
L.call = with_roots

# name, parameters, data, values in between, formula, the parameters there, the data there
rows = [
    ('sabr implied volatility', 'alpha rho nu', 'K', 'F = 1.05; beta = 0.5; T = 2; fk = (F*K)^((1-beta)/2); L = log(F/K); z = nu/alpha*fk*L; xz = log((sqrt(1 - 2*rho*z + z^2) + z - rho)/(1 - rho))', 'alpha/(fk*(1 + (1-beta)^2/24*L^2 + (1-beta)^4/1920*L^4)) * (z/xz) * (1 + ((1-beta)^2/24*alpha^2/fk^2 + rho*beta*nu*alpha/(4*fk) + (2 - 3*rho^2)/24*nu^2)*T)', (0.3, -0.4, 0.5), ([0.6, 1.05, 1.0500000010000001, 1.2, 1.5],)),
    ('sabr implied volatility', 'alpha rho nu', 'K', 'F = 1.05; beta = 0.5; T = 2; fk = (F*K)^((1-beta)/2); L = log(F/K); z = nu/alpha*fk*L; xz = log((sqrt(1 - 2*rho*z + z^2) + z - rho)/(1 - rho))', 'alpha/(fk*(1 + (1-beta)^2/24*L^2 + (1-beta)^4/1920*L^4)) * (z/xz) * (1 + ((1-beta)^2/24*alpha^2/fk^2 + rho*beta*nu*alpha/(4*fk) + (2 - 3*rho^2)/24*nu^2)*T)', (0.3, -0.4, 1e-09), ([0.6, 0.8, 1.1, 1.2, 1.5],)),
    ('sabr normal volatility', 'alpha rho nu', 'K', 'F = 0.02; z = nu/alpha*(F - K); D = log((sqrt(1 - 2*rho*z + z^2) - rho + z)/(1 - rho))', 'alpha*z/D*(1 + (2 - 3*rho^2)/24*nu^2*5)', (0.01, -0.3, 1e-12), ([0.005, 0.01, 0.02, 0.03],)),
    ('slerp by angle', 'om', 't x y', '', '(sin((1 - t)*om)*x + sin(t*om)*y)/sin(om)', (0.0,), ([0, 0.25, 0.5, 1], [1, 2, 1, 0], [0, 1, 1, 2])),
    ('slerp by angle', 'om', 't x y', '', '(sin((1 - t)*om)*x + sin(t*om)*y)/sin(om)', (1e-08,), ([0, 0.25, 0.5, 1], [1, 2, 1, 0], [0, 1, 1, 2])),
    ('fisheye with moving camera', 'f cx cy', 'X Y', 'x = X - cx; y = Y - cy; r = sqrt(x^2 + y^2); th = atan(r)', 'f*th*(1 + 0.1*th^2)*x/r', (3.0, 0.1, 0.2), ([0.1, -0.5, 0.3], [0.2, 0.1, 0])),
    ('field of view distortion', 'w', 'r', '', 'atan(2*r*tan(w/2))/w', (0.0,), ([0, 0.1, 0.5, 2],)),
    ('odometry on an arc', 'v w', 't', '', 'v/w*sin(w*t) + v/w*(1 - cos(w*t))', (1.0, 0.0), ([0.1, 1, 2],)),
    ('odometry on an arc', 'v w', 't', '', 'v/w*sin(w*t) + v/w*(1 - cos(w*t))', (1.0, 1e-09), ([0, 1, 2],)),
    ('radial velocity', 'K e w', 'M', 'E = root(E = M: E - e*sin(E) - M); nu = 2*atan2(sqrt(1 + e)*sin(E/2), sqrt(1 - e)*cos(E/2))', 'K*(cos(nu + w) + e*cos(w))', (30.0, 0.0, 0.5), ([0, 1, 2, 3.14159265],)),
    ('first order series intermediates', 'k1 k2', 't', '', 'k1/(k2 - k1)*(exp(-k1*t) - exp(-k2*t))', (1.0, 1.000000001), ([0, 1, 500],)),
    ('final product of series', 'k1 k2', 't', '', '1 + (k1*exp(-k2*t) - k2*exp(-k1*t))/(k2 - k1)', (1.0, 1.0), ([0.5, 1, 5],)),
    ('second order unequal', 'k a b', 't', '', '(exp(k*(a - b)*t) - 1)/(a*exp(k*(a - b)*t) - b)*a*b', (1.0, 0.5, 0.500000001), ([0, 1, 5],)),
    ('nth order kinetics', 'k n', 't', '', '(1 + (n - 1)*k*t)^(1/(1 - n))', (1.0, 1.0), ([0, 1, 5],)),
    ('bateman', 'ka ke V', 't', '', '100/V*ka/(ka - ke)*(exp(-ke*t) - exp(-ka*t))', (0.5, 0.5, 10.0), ([0, 1, 5],)),
    ('bateman', 'ka ke V', 't', '', '100/V*ka/(ka - ke)*(exp(-ke*t) - exp(-ka*t))', (0.5000000001, 0.5, 10.0), ([0, 1, 5],)),
    ('bateman', 'ka ke V', 't', '', '100/V*ka/(ka - ke)*(exp(-ke*t) - exp(-ka*t))', (800.0, 0.5, 10.0), ([0, 1, 5],)),
    ('log bateman', 'lka lke', 't', 'ka = exp(lka); ke = exp(lke)', 'log(ka/(ka - ke)*(exp(-ke*t) - exp(-ka*t)))', (-1.5, -1.5), ([0.5, 1, 5],)),
    ('multiple doses by geometric sum', 'k', 't n', 'tau = 1', 'exp(-k*t)*(1 - exp(-n*k*tau))/(1 - exp(-k*tau))', (0.0,), ([0.1, 0.5, 0.9], [1, 5, 100])),
    ('double exponential synapse', 't1 t2', 't', 'tp = t1*t2/(t2 - t1)*log(t2/t1); f = exp(-tp/t2) - exp(-tp/t1)', '(exp(-t/t2) - exp(-t/t1))/f', (2.0, 2.0), ([0.5, 1, 5],)),
    ('double exponential synapse', 't1 t2', 't', 'tp = t1*t2/(t2 - t1)*log(t2/t1); f = exp(-tp/t2) - exp(-tp/t1)', '(exp(-t/t2) - exp(-t/t1))/f', (2.0, 2.000000001), ([0, 1, 5],)),
    ('drift diffusion accuracy and time', 'v a', 's', '', 'a/(2*v)*tanh(v*a/2) + 1/(1 + exp(-v*a*s))', (0.0, 2.0), ([0.1, 1, 3],)),
    ('exponentially modified gaussian', 'mu s tau', 'x', '', '1/(2*tau)*exp(s^2/(2*tau^2) - (x - mu)/tau)*erfc((s/tau - (x - mu)/s)/sqrt(2))', (0.0, 1.0, 0.01), ([-2, 0, 5],)),
    ('kubelka munk', 'R', 'K', '', '(1 - R)^2/(2*R)*K', (0.999999999,), ([1, 2],)),
    ('ogden uniaxial', 'mu a', 'l', '', '2*mu/a*(l^(a - 1) - l^(-a/2 - 1))', (1.0, 0.0), ([0.5, 1, 2],)),
    ('ogden uniaxial', 'mu a', 'l', '', '2*mu/a*(l^(a - 1) - l^(-a/2 - 1))', (1.0, 1e-09), ([0.5, 1, 2],)),
    ('carreau yasuda', 'l a n', 'g', '', '(1 + (l*g)^a)^((n - 1)/a)', (1.0, 2000.0, 0.5), ([0.1, 1, 10],)),
    ('paris law life', 'C m', 'a b', '', '(b^(1 - m/2) - a^(1 - m/2))/(C*(1 - m/2))', (1.0, 2.0), ([1, 2], [2, 5])),
    ('murnaghan', 'K Kp', 'v', '', 'K/Kp*(v^(-Kp) - 1)', (1.0, 1e-08), ([0.8, 1, 1.1],)),
    ('logistic 4pl', 'a d c b', 'x', '', 'd + (a - d)/(1 + (x/c)^b)', (1.0, 2.0, 0.5, -1.5), ([0, 1, 5],)),
    ('box cox growth', 'l', 't y0', '', '(y0^l + l*t)^(1/l)', (0.0,), ([0, 1, 2], [1, 2, 3])),
    ('box cox growth', 'l', 't y0', '', '(y0^l + l*t)^(1/l)', (1e-09,), ([0, 1, 2], [1, 2, 3])),
    ('queue mm1k', 'r', 'K', '', '(1 - r)*r^K/(1 - r^(K + 1))', (1.0,), ([1, 2, 10],)),
    ('queue mm1k', 'r', 'K', '', '(1 - r)*r^K/(1 - r^(K + 1))', (1.000000001,), ([0, 2, 10],)),
    ('hill number diversity', 'q', 'p', '', 'p^q/(1 - q) - p/(1 - q)', (1.0,), ([0.5, 0.3, 0.2],)),
    ('schnute growth', 'y z b a', 't', '', '(y^b + (z^b - y^b)*(1 - exp(-a*t))/(1 - exp(-a*3)))^(1/b)', (1.0, 2.0, 0.5, 0.0), ([0.5, 1, 2],)),
    ('schnute growth', 'y z b a', 't', '', '(y^b + (z^b - y^b)*(1 - exp(-a*t))/(1 - exp(-a*3)))^(1/b)', (1.0, 2.0, 0.0, 0.5), ([0.5, 1, 2],)),
    ('growth between two sizes', 'c d a', 't', '', '(c + d)*(1 - exp(-a*t))/(1 - exp(-a*3))', (2.0, 1.0, 0.0), ([0.5, 1, 2],)),
    ('ratio of bose factors', 'c a b', 't', '', 'c*a*sin(b*t)/((exp(a*t) - 1)*sinh(b))', (2.0, 0.0, 0.0), ([0.5, 1, 2],)),
    ('boys function', 'c', 't', '', 'c*sqrt(pi/t)/2*erf(sqrt(t))', (2.0,), ([1e-9, 1e-4, 1, 800],)),
]

def spell(P, X, lets, f, loss=True):
    parts = [s.strip() for s in lets.split(';') if s.strip()]; own = [p.split('=')[0].strip() for p in parts]
    at = lambda s: re.sub(r'[A-Za-z_]\w*', lambda m: f'{m[0]}[i]' if m[0] in X + ['obs'] and m[0] not in own else m[0], s)
    head = f"param {', '.join(P)}\ndata " + ', '.join(f'{x}: [rows]' for x in X + ['obs']) + '\n'
    block = lambda of, ret: '{ ' + ''.join(f'let {of(p)}; ' for p in parts) + f'return {ret} }}' if parts else ret
    index = head + f"loss = sum(i in 0..rows: {block(at, at(f'(obs - ({f}))^2'))})"
    if not loss: return head.replace(', obs: [rows]', '') + f'loss = [i in 0..rows: {block(at, at(f))}]'
    vector = head + ''.join(f'let {p}\n' for p in parts) + f'loss = sum((obs - ({f}))^2)'
    named = head + f"def model({', '.join(X + P)}) = {block(str, f)}\n" + \
        f"let fit = [i in 0..rows: model({', '.join([x + '[i]' for x in X] + P)})]\nloss = sum((fit - obs)^2)"
    return [index, named] + ([] if 'root(' in lets else [vector])

def moved(rnd, eps, x):
    if isinstance(x, list): return [moved(rnd, eps, q) for q in x]
    return mpf(x) + eps*(abs(mpf(x)) if x else mpf(1))*mpf(rnd.uniform(.3, 1))*(rnd.choice([-1, 1]) if x else 1)

def evaluated(text, P, D, V=None):
    """Values of an array, or value, gradient and product."""
    st = L.P(text).program(); runs = []
    for k in (list(P) if V else [None]):
        env = {n: np.array([HD(mpf(q)) for q in x], dtype=object) for n, x in D.items()}
        env.update({w: HD(mpf(x), mpf(int(w == k)), mpf(V[w]) if V else 0) for w, x in P.items()}); env.update(L.sizes_of(text, env))
        for s in st: env[s[1]] = ('def', s[2], s[3], env) if s[0] == 'def' else L.ev(s[2], env)
        runs.append(env['loss'])
    if V is None: return [hd(x).v for x in runs[0]]
    return [hd(runs[0]).v] + [hd(z).s + mpf(0) for z in runs] + [hd(z).w + mpf(0) for z in runs]

def limit(text, P, D, V=None):
    """The values there, or where points around lead to."""
    found = []
    for seed in range(-1, 9):
        rnd = random.Random(seed); eps = mpf(10)**-60 if seed % 2 else mpf(10)**-66
        with mp.workdps(100 if seed < 0 else 500):
            move = (lambda x: x) if seed < 0 else (lambda x: moved(rnd, eps, x))
            try: r = evaluated(text, {n: move(x) for n, x in P.items()}, {n: x if n == 'obs' else move(x) for n, x in D.items()}, V)
            except (ZeroDivisionError, ValueError, TypeError, OverflowError): continue
        if not all(isinstance(x, mpf) and mp.isfinite(x) for x in r): continue
        if seed < 0 or V is None: return r
        found.append(r)
        if len(found) == 2: break
    a, b = found
    assert all(abs(x - y) <= mpf(10)**-14*max(map(abs, a)) for x, y in zip(a, b)), text
    return a

if __name__ == '__main__':
    out = []
    for at, (name, P, X, lets, f, p, d) in enumerate(rows):
        P, X = P.split(), X.split(); rnd = random.Random(name + str(at)); p, d = dict(zip(P, p)), dict(zip(X, d))
        V = {n: round(rnd.uniform(.2, 1)*rnd.choice([-1, 1]), 3)*(abs(x) if 0 < abs(x) < 1 else 1) for n, x in p.items()}
        d['obs'] = [float(f'{mp.nstr(v, 8)}')*rnd.choice([.9, 1.1]) if abs(v) > 1e-20 else 0.1 for v in limit(spell(P, X, lets, f, False), p, d)]
        d['obs'] = [float(f'{v:.4g}') for v in d['obs']]
        texts = spell(P, X, lets, f); r = limit(texts[0], p, d, V); n = len(P)
        tiny = lambda x: 0.0 if abs(x) < mpf(10)**-40 else float(x)
        out.append(json.dumps(dict(name=f'fit: {name}, {at}', texts=texts, params={k: dict(shape=[], data=[float(x)]) for k, x in p.items()}, data=d,
            loss=float(r[0]), direction={k: [float(x)] for k, x in V.items()}, gradient={k: [tiny(x)] for k, x in zip(P, r[1:1 + n])},
            hvp={k: [tiny(x)] for k, x in zip(P, r[1 + n:])})))
    print('{"source": "mpmath by hyper-dual numbers over the texts, fits.py beside it", "programs": [\n' + ',\n'.join(out) + '\n]}')
