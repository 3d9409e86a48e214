"""
Models of statistics, learning, physics, finance and geometry, as their users would write them, with reference values by
mpmath as in programs.py. Run: python3 applied.py > all.json; applied.json holds all of the rows.
"""
from programs import *
cases.clear()
lgam = vf(mp.loggamma)
case('cox','stat',["param beta: [p]\ndata X: [n, p], event: bool[n]\n# rows are sorted by time, longest last\nlet eta = X @ beta\nloss = -sum(i in 0..n: if event[i] then eta[i] - logsumexp(eta[i..n]) else 0)",
 "param beta: [p]\ndata X: [n, p], event: int[n]\nlet eta = X @ beta\nlet risk = [i in 0..n: logsumexp(j in i..n: eta[j])]\nloss = -sum(event * (eta - risk))",
 "param beta: [p]\ndata X: [n, p], event: int[n]\nlet eta = X @ beta\nlet risk = log(reverse(cumsum(reverse(exp(eta)))))\nloss = -dot(event, eta - risk)"],
 dict(beta=g(1,3)),lambda P,D:(lambda e:-sum((e[i]-lse(e[i:]) for i in range(7) if D['event'][i]),M(0)))(D['X'].dot(P['beta'])),data=dict(X=g(2,7,3),event=np.array([1,0,1,1,0,1,1])))
case('weibull aft','stat',["param b: [p], logk\ndata X: [n, p], t: [n], delta: [n]\nlet k = exp(logk)\nlet lam = exp(X @ b)\nlet z = (t / lam)^k\nloss = -sum(delta * (logk - log(lam) + (k - 1) * log(t / lam)) - z)",
 "param b: [p], logk\ndata X: [n, p], t: [n], delta: [n]\nlet s = log(t) - X @ b\nlet w = exp(logk) * s\nloss = -sum(i: delta[i] * (logk + w[i] - log(t[i])) - exp(w[i]))"],
 dict(b=g(3,2),logk=g(4)),lambda P,D:(lambda s,lk:-S(D['delta']*(lk+mp.exp(lk)*s-log(D['t']))-exp(mp.exp(lk)*s)))(log(D['t'])-D['X'].dot(P['b']),P['logk'].item()),data=dict(X=g(5,6,2),t=g(6,6,lo=.2,hi=3),delta=np.array([1.,0,1,1,1,0])))
case('bradley terry','stat',["param s: [k]\ndata win: int[m] within 0..k, lose: int[m] within 0..k\nloss = mean(softplus(s[lose] - s[win])) + 0.05 * sum(s^2)",
 "param s: [k]\ndata win: int[m], lose: int[m]\nloss = -mean(g in 0..m: logSigmoid(s[win[g]] - s[lose[g]])) + 0.05 * dot(s, s)"],
 dict(s=g(7,4)),lambda P,D:mean(softplus(P['s'][D['lose']]-P['s'][D['win']]))+M(0.05)*S(P['s']**2),data=dict(win=np.array([0,1,2,3,0,0]),lose=np.array([1,2,3,0,2,3])))
case('irt 2pl','stat',["param theta: [n], a: [m], b: [m]\ndata y: bool[n, m]\nlet z = a * (theta[:, None] - b)\nloss = -sum(if y then logSigmoid(z) else logSigmoid(-z)) + 0.5 * sum(theta^2)",
 "param theta: [n], a: [m], b: [m]\ndata y: [n, m]\nloss = sum(i, j: { let z = a[j] * (theta[i] - b[j]); return softplus(z) - y[i, j] * z }) + sum(theta^2) / 2"],
 dict(theta=g(8,4),a=g(9,3,lo=.3,hi=2),b=g(10,3)),lambda P,D:(lambda z:S(softplus(z)-D['y']*z)+S(P['theta']**2)/2)(P['a']*(P['theta'][:,None]-P['b'])),data=dict(y=np.array([[1,0,1],[0,0,1],[1,1,0],[0,1,1]])))
case('eight schools','stat',["param mu, logtau, eta: [J]\ndata y: [J], sigma: [J]\nlet theta = mu + exp(logtau) * eta\nlet prior = -0.5 * sum(eta^2) - mu^2 / 50 - logtau^2 / 8\nloss = 0.5 * sum(((y - theta) / sigma)^2) + sum(log(sigma)) - prior",
 "param mu, logtau, eta: [J]\ndata y: [J], sigma: [J]\nlet tau = exp(logtau)\nloss = sum(j: log(sigma[j]) + (y[j] - mu - tau * eta[j])^2 / (2 * sigma[j]^2)) + norm(eta)^2 / 2 + (mu / 5)^2 / 2 + 0.5 * (logtau / 2)^2"],
 dict(mu=g(11),logtau=g(12),eta=g(13,8)),lambda P,D:(lambda mu,lt,et:S(((D['y']-mu-mp.exp(lt)*et)/D['sigma'])**2)/2+S(log(D['sigma']))+S(et**2)/2+mu**2/50+lt**2/8)(P['mu'].item(),P['logtau'].item(),P['eta']),data=dict(y=np.array([28.,8,-3,7,-1,1,18,12]),sigma=np.array([15.,10,16,11,9,11,10,18])))
def garch(P,D):
    o,a,b=[mp.exp(P[k].item()) for k in ('lo','la','lb')]; m=P['m'].item(); r=[x-m for x in D['r']]
    s=o/M(0.9); L=M(0)
    for x in r:
        L+=(mp.log(s)+x*x/s)/2; s=o+a*x*x+b*s
    return L
case('garch','scan',["param lo, la, lb, m\ndata r: [n]\nlet o = exp(lo), a = exp(la), b = exp(lb)\nlet run = scan(x in r, s = o / 0.9: {\n  let e = x - m\n  nll = 0.5 * (log(s) + e^2 / s)\n  s = o + a * e^2 + b * s\n})\nloss = sum(run.nll)",
 "param lo, la, lb, m\ndata r: [n]\nlet e = r - m\nlet h = scan(i in 0..n, s = exp(lo) / 0.9: { h = s; s = exp(lo) + exp(la) * e[i]^2 + exp(lb) * s })\nloss = sum((log(h.h) + e^2 / h.h) / 2)"],
 dict(lo=np.array(-1.2),la=np.array(-2.1),lb=np.array(-.4),m=np.array(.05)),garch,data=dict(r=g(14,9)))
def sir(P,D):
    be,ga=mp.exp(P['lb'].item()),mp.exp(P['lg'].item()); y=[M(0.99),M(0.01),M(0)]
    f=lambda y:[-be*y[0]*y[1],be*y[0]*y[1]-ga*y[1],ga*y[1]]
    h=M('0.5'); L=M(0); add=lambda y,k,c:[a+c*b for a,b in zip(y,k)]
    for obs in D['obs']:
        k1=f(y);k2=f(add(y,k1,h/2));k3=f(add(y,k2,h/2));k4=f(add(y,k3,h))
        y=[a+h/6*(p+2*q+2*r+s) for a,p,q,r,s in zip(y,k1,k2,k3,k4)]
        L+=(y[1]-obs)**2
    return L
case('sir rk4','ode',["param lb, lg\ndata obs: [T]\nconst h = 0.5\ndef f(y: [3]) = {\n  let beta = exp(lb), gamma = exp(lg)\n  let new = beta * y[0] * y[1]\n  return [-new, new - gamma * y[1], gamma * y[1]]\n}\nlet path = scan(o in obs, y = [0.99, 0.01, 0.0]: {\n  let k1 = f(y)\n  let k2 = f(y + h/2 * k1)\n  let k3 = f(y + h/2 * k2)\n  let k4 = f(y + h * k3)\n  let next = y + h/6 * (k1 + 2*k2 + 2*k3 + k4)\n  y = next\n  err = (next[1] - o)^2\n})\nloss = sum(path.err)",
 "param lb, lg\ndata obs: [T]\nconst h = 0.5\nlet be = exp(lb), ga = exp(lg)\ndef ds(s, i) = -be * s * i\ndef di(s, i) = be * s * i - ga * i\nlet path = scan(t in 0..T, s = 0.99, i = 0.01: {\n  let a1 = ds(s, i), b1 = di(s, i)\n  let a2 = ds(s + h*a1/2, i + h*b1/2), b2 = di(s + h*a1/2, i + h*b1/2)\n  let a3 = ds(s + h*a2/2, i + h*b2/2), b3 = di(s + h*a2/2, i + h*b2/2)\n  let a4 = ds(s + h*a3, i + h*b3), b4 = di(s + h*a3, i + h*b3)\n  let i2 = i + h*(b1 + 2*b2 + 2*b3 + b4)/6\n  s = s + h*(a1 + 2*a2 + 2*a3 + a4)/6\n  i = i2\n  out = i2\n})\nloss = sum((path.out - obs)^2)"],
 dict(lb=np.array(.4),lg=np.array(-1.1)),sir,data=dict(obs=g(15,8,lo=0,hi=.3)))
def hawkes(P,D):
    mu,al,be=[mp.exp(P[k].item()) for k in ('a','b','c')]; t=D['t']; T=M(5)
    L=mu*T+sum((al/be*(1-mp.exp(-be*(T-x))) for x in t),M(0))
    for i in range(len(t)): L-=mp.log(mu+sum((al*mp.exp(-be*(t[i]-t[j])) for j in range(i)),M(0)))
    return L
case('hawkes','stat',["param a, b, c\ndata t: [n]\nlet mu = exp(a), alpha = exp(b), beta = exp(c), T = 5\nlet rate = [i in 0..n: mu + sum(j in 0..i: alpha * exp(-beta * (t[i] - t[j])))]\nloss = mu * T + sum(i in 0..n: alpha / beta * (1 - exp(-beta * (T - t[i])))) - sum(log(rate))",
 "param a, b, c\ndata t: [n]\nlet mu = exp(a)\nlet alpha = exp(b)\nlet beta = exp(c)\nlet A = scan(i in 0..n, A = 0, last = 0: {\n let now = exp(-beta * (t[i] - last)) * A\n rate = log(mu + alpha * now)\n A = now + 1\n last = t[i]\n})\nloss = 5 * mu - alpha / beta * sum(expm1(-beta * (5 - t))) - sum(A.rate)"],
 dict(a=np.array(.1),b=np.array(-.7),c=np.array(.3)),hawkes,data=dict(t=np.round(np.cumsum(g(16,8,lo=.1,hi=.9)),4)))
case('negative binomial','stat',["param w: [d], logr\ndata X: [n, d], y: int[n]\nlet r = exp(logr)\nlet mu = exp(X @ w)\nloss = -sum(lgamma(y + r) - lgamma(r) - lgamma(y + 1) + r * log(r / (r + mu)) + y * log(mu / (r + mu)))"],
 dict(w=g(17,2),logr=np.array(.6)),lambda P,D:(lambda r,mu,y:-S(lgam(y+r)-mp.loggamma(r)-lgam(y+1)+r*log(r/(r+mu))+y*log(mu/(r+mu))))(mp.exp(P['logr'].item()),exp(D['X'].dot(P['w'])),arr(D['y'].tolist())),data=dict(X=g(18,6,2),y=np.array([0,3,1,7,2,12])))
case('dirichlet multinomial','stat',["param la: [k]\ndata C: int[n, k]\nlet a = exp(la)\nlet A = sum(a)\nloss = -sum(i: lgamma(A) - lgamma(sum(C[i]) + A) + sum(j: lgamma(C[i, j] + a[j]) - lgamma(a[j])))",
 "param la: [k]\ndata C: [n, k]\nlet a = exp(la)\nloss = -(n * lgamma(sum(a)) - sum(lgamma(sum(C, axis=1) + sum(a))) + sum(lgamma(C + a) - lgamma(a)))"],
 dict(la=g(19,3)),lambda P,D:(lambda a,C:-sum((mp.loggamma(S(a))-mp.loggamma(S(C[i])+S(a))+S(lgam(C[i]+a)-lgam(a)) for i in range(4)),M(0)))(exp(P['la']),arr(D['C'].tolist())),data=dict(C=np.array([[1,4,0],[2,2,2],[0,0,5],[3,1,1]])))
case('student t regression','stat',["param w: [d], ls, lnu\ndata X: [n, d], y: [n]\nlet nu = 2 + exp(lnu), s = exp(ls)\nlet z = (y - X @ w) / s\nloss = sum((nu + 1) / 2 * log1p(z^2 / nu)) + n * (ls + 0.5 * log(nu * pi) + lgamma(nu / 2) - lgamma((nu + 1) / 2))"],
 dict(w=g(20,2),ls=np.array(-.3),lnu=np.array(.4)),lambda P,D:(lambda nu,s:S((nu+1)/2*log(1+((D['y']-D['X'].dot(P['w']))/s)**2/nu))+6*(P['ls'].item()+mp.log(nu*mp.pi)/2+mp.loggamma(nu/2)-mp.loggamma((nu+1)/2)))(2+mp.exp(P['lnu'].item()),mp.exp(P['ls'].item())),data=dict(X=g(21,6,2),y=g(22,6)))
case('matrix factorisation','ml',["param U: [n, k], V: [m, k]\ndata R: [n, m], seen: bool[n, m]\nlet E = if seen then R - U @ V' else 0\nloss = sum(E^2) + 0.1 * (sum(U^2) + sum(V^2))",
 "param U: [n, k], V: [m, k]\ndata R: [n, m], seen: bool[n, m]\nloss = sum(i in 0..n, j in 0..m: if seen[i, j] then (R[i, j] - dot(U[i], V[j]))^2 else 0) + 0.1 * (norm(U)^2 + norm(V)^2)",
 "param U: [n, k], V: [m, k]\ndata R: [n, m], seen: [n, m]\nloss = sum((seen * (R - einsum('ik,jk->ij', U, V)))^2) + 0.1 * (sum(U^2) + sum(V^2))"],
 dict(U=g(23,4,2),V=g(24,3,2)),lambda P,D:S((arr(D['seen'].tolist())*(D['R']-P['U'].dot(P['V'].T)))**2)+M(0.1)*(S(P['U']**2)+S(P['V']**2)),data=dict(R=g(25,4,3),seen=np.array([[1,0,1],[1,1,0],[0,1,1],[1,1,1]])))
case('word2vec','ml',["param E: [v, d], C: [v, d]\ndata centre: int[b] within 0..v, context: int[b] within 0..v, neg: int[b, k] within 0..v\nlet pos = [i: dot(E[centre[i]], C[context[i]])]\nlet negs = [i, q: dot(E[centre[i]], C[neg[i, q]])]\nloss = -mean(logSigmoid(pos)) - sum(logSigmoid(-negs)) / b",
 "param E: [v, d], C: [v, d]\ndata centre: int[b], context: int[b], neg: int[b, k]\nlet e = E[centre]\nloss = mean(softplus(-sum(e * C[context], axis = 1))) + mean(sum(softplus(sum(e[:, None, :] * C[neg], axis = 2)), axis = 1))"],
 dict(E=g(26,5,3),C=g(27,5,3)),lambda P,D:(lambda e:mean(softplus(-S(e*P['C'][D['context']],axis=1)))+mean(S(softplus(S(e[:,None,:]*P['C'][D['neg']],axis=2)),axis=1)))(P['E'][D['centre']]),data=dict(centre=np.array([0,1,4]),context=np.array([1,1,2]),neg=np.array([[3,3],[0,2],[4,1]])))
def gcn(P,D):
    n=4; H=D['X'].dot(P['W']); out=np.full(H.shape,M(0),dtype=object); deg=[1]*n
    for t in D['dst']: deg[t]+=1
    for s,t in zip(D['src'],D['dst']): out[t]=out[t]+H[s]/M(deg[t])
    out=np.array([out[i]+H[i]/M(deg[i]) for i in range(n)])
    return S(logsoftmax(relu(out))**2)
case('gcn','ml',["param W: [f, h]\ndata X: [n, f], src: int[e] within 0..n, dst: int[e] within 0..n\nlet H = X @ W\nlet deg = [i in 0..n: 1 + sum(q in 0..e: if dst[q] == i then 1 else 0)]\nlet agg = [i in 0..n, c in 0..h: (H[i, c] + sum(q in 0..e: if dst[q] == i then H[src[q], c] else 0)) / deg[i]]\nloss = sum(logSoftmax(relu(agg), axis = 1)^2)",
 "param W: [f, h]\ndata X: [n, f], src: int[e] within 0..n, dst: int[e] within 0..n\nlet H = X @ W\nlet deg = 1 + scatterAdd(ones([e]), dst, n)\nlet agg = (H + scatterAdd(H[src], dst, n)) / deg[:, None]\nloss = sum(logSoftmax(relu(agg), -1)^2)"],
 dict(W=g(28,3,2)),gcn,data=dict(X=g(29,4,3),src=np.array([0,1,2,3,0]),dst=np.array([1,2,3,0,2])))
def infonce(P,D):
    nz=lambda x:x/np.array([[norm(r)] for r in x],dtype=object)
    A=nz(D['X'].dot(P['W'])); B=nz(D['Y'].dot(P['W'])); L=A.dot(B.T)/mp.exp(P['lt'].item())
    return -mean(np.diagonal(logsoftmax(L)))/2-mean(np.diagonal(logsoftmax(L.T)))/2
case('infonce','ml',["param W: [d, k], lt\ndata X: [n, d], Y: [n, d]\nlet a = X @ W, b = Y @ W\nlet A = a / norm(a, axis = 1, keepdims = true)\nlet B = b / norm(b, axis = 1, keepdims = true)\nlet L = A @ B' / exp(lt)\nloss = -0.5 * (mean(diag(logSoftmax(L, axis = 1))) + mean(diag(logSoftmax(L, axis = 0))))",
 "param W: [d, k], lt\ndata X: [n, d], Y: [n, d]\nlet a = X @ W, b = Y @ W\nlet L = [i in 0..n, j in 0..n: dot(a[i], b[j]) / (norm(a[i]) * norm(b[j])) * exp(-lt)]\nloss = -mean(i in 0..n: L[i, i] - 0.5 * (logsumexp(L[i]) + logsumexp(L[:, i])))"],
 dict(W=g(30,3,2),lt=np.array(-.4)),infonce,data=dict(X=g(31,4,3),Y=g(32,4,3)))
case('focal','ml',["param W: [d, k]\ndata X: [n, d], label: int[n] within 0..k\nlet lp = logSoftmax(X @ W, axis = 1)\nloss = -mean(i in 0..n: (1 - exp(lp[i, label[i]]))^2 * lp[i, label[i]])",
 "param W: [d, k]\ndata X: [n, d], label: int[n] within 0..k\nlet p = softmax(X @ W)\nlet pt = [i in 0..n: p[i, label[i]]]\nloss = mean(-(1 - pt)^2 * log(pt))"],
 dict(W=g(33,3,4)),lambda P,D:(lambda lp:-mean((1-exp(lp))**2*lp))(np.array([r[l] for r,l in zip(logsoftmax(D['X'].dot(P['W'])),D['label'])],dtype=object)),data=dict(X=g(34,5,3),label=np.array([0,3,1,2,2])))
case('tv denoise','image',["param u: [h, w]\ndata f: [h, w]\nconst eps = 1e-2\nlet dx = u[1:, :-1] - u[:-1, :-1]\nlet dy = u[:-1, 1:] - u[:-1, :-1]\nloss = 0.5 * sum((u - f)^2) + 0.3 * sum(sqrt(dx^2 + dy^2 + eps))",
 "param u: [h, w]\ndata f: [h, w]\nloss = sum((u - f)^2) / 2 + 0.3 * sum(i in 0..h-1, j in 0..w-1: sqrt((u[i+1, j] - u[i, j])^2 + (u[i, j+1] - u[i, j])^2 + 1e-2))",
 "param u: [h, w]\ndata f: [h, w]\nlet a = diff(u, axis = 0), b = diff(u, axis = 1)\nloss = sum((u - f)^2) / 2 + 0.3 * sum(sqrt(a[:, :-1]^2 + b[:-1]^2 + 0.01))"],
 dict(u=g(35,5,4)),lambda P,D:(lambda u:S((u-D['f'])**2)/2+M(0.3)*S(sqrt((u[1:,:-1]-u[:-1,:-1])**2+(u[:-1,1:]-u[:-1,:-1])**2+M(0.01))))(P['u']),data=dict(f=g(36,5,4)))
case('ginzburg landau','pde',["param u: [n, n]\nloss = sum(i in 0..n, j in 0..n: 0.5 * ((u[mod(i + 1, n), j] - u[i, j])^2 + (u[i, mod(j + 1, n)] - u[i, j])^2) + 0.25 * (1 - u[i, j]^2)^2)",
 "param u: [n, n]\nlet gx = roll(u, -1, axis = 0) - u\nlet gy = roll(u, -1, axis = 1) - u\nloss = sum(gx^2 + gy^2) / 2 + sum((u^2 - 1)^2) / 4"],
 dict(u=g(37,4,4)),lambda P,D:(lambda u:S((np.roll(u,-1,0)-u)**2+(np.roll(u,-1,1)-u)**2)/2+S((u**2-1)**2)/4)(P['u']))
def lj(P,D):
    x=P['x']; E=M(0)
    for i in range(5):
        for j in range(i):
            r2=S((x[i]-x[j])**2)
            if r2<9: E+=4*(r2**-6-r2**-3)
    return E
case('lennard jones cutoff','physics',["param x: [n, 3]\nloss = sum(i in 0..n, j in 0..i: {\n  let r2 = sum((x[i] - x[j])^2)\n  return if r2 < 9 then 4 * (r2^-6 - r2^-3) else 0\n})",
 "param x: [n, 3]\nlet r2 = [i in 0..n, j in 0..n: sum(k in 0..3: (x[i, k] - x[j, k])^2)]\nloss = 0.5 * sum(i in 0..n, j in 0..n: if i != j and r2[i, j] < 9 then 4 * (1 / r2[i, j]^6 - 1 / r2[i, j]^3) else 0)"],
 dict(x=np.array([[0,0,0],[1.1,0.1,0],[0.2,1.2,0.1],[2.3,0.4,1.1],[0.3,3.4,2.2]])),lj)
case('mds stress','layout',["param P: [n, 2]\ndata D: [n, n]\nloss = sum(i in 0..n, j in 0..i: (norm(P[i] - P[j]) - D[i, j])^2 / D[i, j]^2)",
 "param P: [n, 2]\ndata D: [n, n]\nlet G = P @ P'\nlet s = diag(G)\nlet R = sqrt(max(s[:, None] + s - 2 * G, 1e-300))\nloss = sum(i in 0..n, j in 0..n: if j < i then ((R[i, j] - D[i, j]) / D[i, j])^2 else 0)"],
 dict(P=g(38,5,2)),lambda P,D:sum(((norm(P['P'][i]-P['P'][j])-D['D'][i,j])**2/D['D'][i,j]**2 for i in range(5) for j in range(i)),M(0)),data=dict(D=g(39,5,5,lo=.5,hi=2)))
def ard(P,D):
    ell=exp(P['ll']); X=D['X']/ell; n=5
    K=np.array([[mp.exp(-S((X[i]-X[j])**2)/2)*mp.exp(2*P['ls'].item())+(mp.exp(2*P['ln'].item()) if i==j else 0) for j in range(n)] for i in range(n)],dtype=object)
    return D['y'].dot(inv(K)).dot(D['y'])/2+mp.log(det(K))/2+M(n)/2*mp.log(2*mp.pi)
case('gp ard','linalg',["param ll: [d], ls, ln\ndata X: [n, d], y: [n]\nlet Z = X / exp(ll)\nlet K = [i in 0..n, j in 0..n: exp(2 * ls - 0.5 * sum((Z[i] - Z[j])^2))] + exp(2 * ln) * eye(n)\nloss = 0.5 * dot(y, solve(K, y)) + 0.5 * logdet(K) + n / 2 * log(2 * pi)",
 "param ll: [d], ls, ln\ndata X: [n, d], y: [n]\nlet Z = X * exp(-ll)\nlet s2 = sum(Z^2, axis = 1)\nlet K = exp(2 * ls) * exp(-(s2[:, None] + s2 - 2 * Z @ Z') / 2) + diag(full([n], exp(2 * ln)))\nlet L = cholesky(K)\nlet a = solveTriangular(L, y)\nloss = sum(a^2) / 2 + sum(log(diag(L))) + 0.5 * n * log(2 * pi)"],
 dict(ll=g(40,2),ls=np.array(.2),ln=np.array(-.6)),ard,data=dict(X=g(41,5,2),y=g(42,5)))
def ordinal(P,D):
    c=[P['c0'].item()]
    for d in P['ld']: c.append(c[-1]+mp.exp(d))
    sg=lambda x:1/(1+mp.exp(-x)); L=M(0)
    for x,y in zip(D['X'].dot(P['w']),D['y']):
        up=sg(c[y]-x) if y<len(c) else M(1); lo=sg(c[y-1]-x) if y>0 else M(0); L-=mp.log(up-lo)
    return L
case('ordinal','stat',["param w: [d], c0, ld: [q]\ndata X: [n, d], y: int[n] within 0..q+2\nlet cuts = concat([c0], c0 + cumsum(exp(ld)))\nlet eta = X @ w\nlet all = concat([-inf], cuts, [inf])\nloss = -sum(i in 0..n: log(sigmoid(all[y[i] + 1] - eta[i]) - sigmoid(all[y[i]] - eta[i])))",
 "param w: [d], c0, ld: [q]\ndata X: [n, d], y: int[n] within 0..q+2\nlet cuts = [k in 0..q+1: c0 + sum(j in 0..k: exp(ld[j]))]\nlet eta = X @ w\nloss = -sum(i in 0..n: {\n  let up = if y[i] <= q then sigmoid(cuts[y[i]] - eta[i]) else 1\n  let lo = if y[i] > 0 then sigmoid(cuts[y[i] - 1] - eta[i]) else 0\n  return log(up - lo)\n})"],
 dict(w=g(43,2),c0=np.array(-.8),ld=g(44,2)),ordinal,data=dict(X=g(45,6,2),y=np.array([0,1,2,3,1,2])))
case('tobit','stat',["param w: [d], ls\ndata X: [n, d], y: [n]\nlet s = exp(ls)\nlet z = (y - X @ w) / s\nloss = sum(i: if y[i] > 0 then 0.5 * z[i]^2 + ls + 0.5 * log(2 * pi) else -log(0.5 * erfc(-z[i] / sqrt(2))))"],
 dict(w=g(46,2),ls=np.array(-.2)),lambda P,D:sum(((z*z/2+P['ls'].item()+mp.log(2*mp.pi)/2) if y>0 else -mp.log(mp.ncdf(z)) for z,y in zip((D['y']-D['X'].dot(P['w']))/mp.exp(P['ls'].item()),D['y'])),M(0)),data=dict(X=g(47,6,2),y=np.array([.5,0,1.2,0,.3,2.])))
def kepler(P,D):
    e=1/(1+mp.exp(-P['a'].item())); w=mp.exp(P['b'].item()); L=M(0)
    for t,o in zip(D['t'],D['x']):
        Mn=w*t; E=Mn
        for _ in range(100): E=E-(E-e*mp.sin(E)-Mn)/(1-e*mp.cos(E))
        L+=(mp.cos(E)-e-o)**2
    return L
case('kepler','implicit',["param a, b\ndata t: [n], x: [n]\nlet e = sigmoid(a), w = exp(b)\nlet E = [i in 0..n: root(E = w * t[i]: E - e * sin(E) - w * t[i])]\nloss = sum((cos(E) - e - x)^2)",
 "param a, b\ndata t: [n], x: [n]\nlet e = sigmoid(a)\ndef kepler(M) = fixedPoint(E = M: M + e * sin(E))\nloss = sum(i in 0..n: (cos(kepler(exp(b) * t[i])) - e - x[i])^2)"],
 dict(a=np.array(-.7),b=np.array(.2)),kepler,data=dict(t=g(48,5,lo=.1,hi=4),x=g(49,5)))
def bezier(P,D):
    c=P['c']; L=M(0); prev=c[0]
    for k in range(1,21):
        t=M(k)/20; p=(1-t)**3*c[0]+3*t*(1-t)**2*c[1]+3*t*t*(1-t)*c[2]+t**3*c[3]; L+=norm(p-prev); prev=p
    return L
case('bezier length','geometry',["param c: [4, 2]\nlet t = [k in 0..21: k / 20]\nlet B = stack([(1 - t)^3, 3 * t * (1 - t)^2, 3 * t^2 * (1 - t), t^3], axis = 1)\nlet p = B @ c\nloss = sum(norm(p[1:] - p[:-1], axis = 1))",
 "param c: [4, 2]\ndef at(t) = (1 - t)^3 * c[0] + 3 * t * (1 - t)^2 * c[1] + 3 * t^2 * (1 - t) * c[2] + t^3 * c[3]\nloss = sum(k in 0..20: norm(at((k + 1) / 20) - at(k / 20)))"],
 dict(c=g(50,4,2)),bezier)
case('robot arm','geometry',["param q: [n]\ndata goal: [2], len: [n]\nlet a = cumsum(q)\nloss = (sum(len * cos(a)) - goal[0])^2 + (sum(len * sin(a)) - goal[1])^2 + 0.01 * sum(q^2)",
 "param q: [n]\ndata goal: [2], len: [n]\nlet end = scan(i in 0..n, x = 0, y = 0, a = 0: {\n  let b = a + q[i]\n  x = x + len[i] * cos(b)\n  y = y + len[i] * sin(b)\n  a = b\n})\nloss = norm([end.x, end.y] - goal)^2 + 0.01 * norm(q)^2"],
 dict(q=g(51,4)),lambda P,D:(lambda a:(S(D['len']*cos(a))-D['goal'][0])**2+(S(D['len']*sin(a))-D['goal'][1])**2+M(0.01)*S(P['q']**2))(np.cumsum(P['q'])),data=dict(goal=np.array([1.5,.7]),len=np.array([1.,.8,.6,.4])))
case('sharpe','finance',["param w: [k]\ndata R: [t, k]\nlet p = R @ softmax(w)\nloss = -mean(p) / std(p) + 0.1 * sum(xlogy(softmax(w), softmax(w)))",
 "param w: [k]\ndata R: [t, k]\nlet a = softmax(w)\nlet p = R @ a\nloss = -mean(p) / sqrt(variance(p)) + 0.1 * dot(a, log(a))"],
 dict(w=g(52,3)),lambda P,D:(lambda a:(lambda p:-mean(p)/mp.sqrt(var(p))+M(0.1)*S(a*log(a)))(D['R'].dot(a)))(softmax(P['w'])),data=dict(R=g(53,7,3)))
def bs(P,D):
    L=M(0); v=mp.exp(P['ls'].item()); r=P['r'].item()
    for K,T,c in zip(D['K'],D['T'],D['c']):
        d1=(mp.log(1/K)+(r+v*v/2)*T)/(v*mp.sqrt(T)); d2=d1-v*mp.sqrt(T)
        L+=(mp.ncdf(d1)-K*mp.exp(-r*T)*mp.ncdf(d2)-c)**2
    return L
case('black scholes','finance',["param ls, r\ndata K: [n], T: [n], c: [n]\ndef ncdf(x) = 0.5 * erfc(-x / sqrt(2))\nlet v = exp(ls)\nlet d1 = (log(1 / K) + (r + v^2 / 2) * T) / (v * sqrt(T))\nlet d2 = d1 - v * sqrt(T)\nloss = sum((ncdf(d1) - K * exp(-r * T) * ncdf(d2) - c)^2)"],
 dict(ls=np.array(-1.3),r=np.array(.03)),bs,data=dict(K=g(54,5,lo=.7,hi=1.4),T=g(55,5,lo=.2,hi=2),c=g(56,5,lo=.05,hi=.3)))
def bilin(P,D):
    L=M(0)
    for (x,y),v in zip(D['xy'],D['v']):
        i,j=int(mp.floor(x)),int(mp.floor(y)); fx,fy=x-i,y-j; G=P['G']
        L+=((1-fx)*(1-fy)*G[i,j]+fx*(1-fy)*G[i+1,j]+(1-fx)*fy*G[i,j+1]+fx*fy*G[i+1,j+1]-v)**2
    return L
case('bilinear','image',["param G: [h, w]\ndata xy: [n, 2], v: [n]\nlet at = [q in 0..n: sum(i in 0..h, j in 0..w: G[i, j] * relu(1 - abs(xy[q, 0] - i)) * relu(1 - abs(xy[q, 1] - j)))]\nloss = sum((at - v)^2)",
 "param G: [h, w]\ndata xy: [n, 2], v: [n], ix: int[n], iy: int[n]\nlet fx = xy[:, 0] - ix, fy = xy[:, 1] - iy\nlet at = [q in 0..n: (1 - fx[q]) * (1 - fy[q]) * G[ix[q], iy[q]] + fx[q] * (1 - fy[q]) * G[ix[q] + 1, iy[q]] + (1 - fx[q]) * fy[q] * G[ix[q], iy[q] + 1] + fx[q] * fy[q] * G[ix[q] + 1, iy[q] + 1]]\nloss = sum((at - v)^2)"],
 dict(G=g(57,4,5)),bilin,data=dict(xy=np.array([[.3,1.2],[2.7,3.9],[1.5,0.1],[0.9,2.5]]),v=g(58,4),ix=np.array([0,2,1,0]),iy=np.array([1,3,0,2])))
def hazard(P,D):
    L=M(0)
    for i in range(4):
        h=[1/(1+mp.exp(-(P['a'][k]+P['b'].item()*D['x'][i]))) for k in range(5)]; s=M(1)
        for k in range(D['t'][i]): s*=1-h[k]
        L-=mp.log(s*h[D['t'][i]]) if D['e'][i] else mp.log(s*(1-h[D['t'][i]]))
    return L
case('discrete hazard','stat',["param a: [K], b\ndata x: [n], t: int[n] within 0..K, e: bool[n]\nlet h = sigmoid(a + b * x[:, None])\nlet S = cumprod(1 - h, axis = 1)\nloss = -sum(i in 0..n: if e[i] then log(h[i, t[i]]) + (if t[i] > 0 then log(S[i, t[i] - 1]) else 0) else log(S[i, t[i]]))",
 "param a: [K], b\ndata x: [n], t: int[n] within 0..K, e: bool[n]\nloss = sum(i in 0..n, k in 0..K: { let z = a[k] + b * x[i]; return if k < t[i] then softplus(z) else (if k == t[i] then (if e[i] then softplus(-z) else softplus(z)) else 0) })",
 "param a: [K], b\ndata x: [n], t: int[n] within 0..K, e: bool[n]\nlet Z = [i in 0..n, k in 0..K: a[k] + b * x[i]]\nloss = sum(i in 0..n: sum(softplus(Z[i, 0..t[i]])) + softplus((if e[i] then -1 else 1) * Z[i, t[i]]))"],
 dict(a=g(59,5),b=np.array(.7)),hazard,data=dict(x=g(60,4),t=np.array([0,2,4,3]),e=np.array([1,0,1,1])))
def lv(P,D):
    a,b,c,d=[mp.exp(x) for x in P['p']]; x,y=M(1),M('0.5'); L=M(0); h=M(0.1)
    for k in range(30):
        u=x+h/2*(a*x-b*x*y); v=y+h/2*(d*x*y-c*y)
        x,y=x+h*(a*u-b*u*v),y+h*(d*u*v-c*v)
        if k%10==9: L+=(mp.log(x)-D['o'][k//10,0])**2+(mp.log(y)-D['o'][k//10,1])**2
    return L
case('lotka volterra','ode',["param p: [4]\ndata o: [m, 2]\nconst h = 0.1\nlet q = exp(p)\ndef f(z: [2]) = [q[0] * z[0] - q[1] * z[0] * z[1], q[3] * z[0] * z[1] - q[2] * z[1]]\nlet run = scan(row in o, z = [1.0, 0.5]: {\n  let end = scan(k in 0..10, u = z: u + h * f(u + h / 2 * f(u)))\n  z = end\n  cost = sum((log(end) - row)^2)\n})\nloss = sum(run.cost)",
 "param p: [4]\ndata o: [m, 2]\nconst h = 0.1\nlet a = exp(p[0]), b = exp(p[1]), c = exp(p[2]), d = exp(p[3])\nlet run = scan(k in 0..10*m, x = 1.0, y = 0.5: {\n  let u = x + h / 2 * (a * x - b * x * y)\n  let v = y + h / 2 * (d * x * y - c * y)\n  let x2 = x + h * (a * u - b * u * v), y2 = y + h * (d * u * v - c * v)\n  x = x2\n  y = y2\n  cost = if mod(k, 10) == 9 then (log(x2) - o[k // 10, 0])^2 + (log(y2) - o[k // 10, 1])^2 else 0\n})\nloss = sum(run.cost)"],
 dict(p=np.array([-.4,-.2,.1,-.3])),lv,data=dict(o=g(61,3,2)))
case('layer norm block','ml',["param W: [d, e], V: [e, d], g: [d], b: [d]\ndata X: [n, d]\nlet mu = mean(X, axis = 1, keepdims = true)\nlet sd = sqrt(variance(X, axis = 1, keepdims = true) + 1e-5)\nlet Y = (X - mu) / sd * g + b\nlet Z = X + gelu(Y @ W) @ V\nlet out = (Z - mean(Z, axis = 1, keepdims = true)) / sqrt(variance(Z, axis = 1, keepdims = true) + 1e-5)\nloss = sum(sin(out) * X)"],
 dict(W=g(62,3,4),V=g(63,4,3),g=g(64,3),b=g(65,3)),lambda P,D:(lambda ln,X:S(sin(ln(X+gelu((ln(X)*P['g']+P['b']).dot(P['W'])).dot(P['V'])))*X))(lambda x:(x-mean(x,1,True))/sqrt(var(x,1,True)+M(1e-5)),D['X']),data=dict(X=g(66,4,3)))
case('fem p1','pde',["param u: [n]\ndata x: [n], f: [n]\nlet h = x[1:] - x[:-1]\nlet du = (u[1:] - u[:-1]) / h\nlet um = (u[1:] + u[:-1]) / 2\nloss = sum(h * (0.5 * (1 + um^2) * du^2)) - sum(i in 0..n-1: h[i] * (f[i] * u[i] + f[i+1] * u[i+1]) / 2) + 100 * (u[0]^2 + u[-1]^2)"],
 dict(u=g(67,6)),lambda P,D:(lambda u,x,f:(lambda h:S(h*((1+((u[1:]+u[:-1])/2)**2)*((u[1:]-u[:-1])/h)**2/2))-S(h*(f[:-1]*u[:-1]+f[1:]*u[1:])/2)+100*(u[0]**2+u[-1]**2))(x[1:]-x[:-1]))(P['u'],D['x'],D['f']),data=dict(x=np.round(np.cumsum(g(68,6,lo=.1,hi=.5)),4),f=g(69,6)))
if __name__ == '__main__': out('/dev/stdout', sys.argv[1:])
