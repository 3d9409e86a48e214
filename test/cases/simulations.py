"""
Simulations, layouts, filters, alignments, trees and networks, in one to three spellings each: meshes and cameras, contacts, elements,
finite volumes, recursions over tables and trees, edges and segments that int data name. Reference values by PyTorch in float64, the
products with the Hessian by a second pass backwards. Run: python3 simulations.py > simulations.json
"""
import json
import math
import numpy as np
import torch
torch.set_default_dtype(torch.float64)
t = torch; F = torch.nn.functional
rows = []
R = lambda seed, *shape, s=1.: np.round(np.random.default_rng(seed).standard_normal(shape)*s, 3)
U = lambda seed, *shape, lo=0., hi=1.: np.round(np.random.default_rng(seed).uniform(lo, hi, shape), 3)
I = lambda seed, hi, *shape: np.random.default_rng(seed).integers(0, hi, shape)
Z = lambda: torch.zeros(())
def case(name, texts, P, loss, data={}, tol=1):
    x = {k: torch.tensor(np.asarray(v, dtype=float), requires_grad=True) for k, v in P.items()}
    D = {k: torch.tensor(v) if isinstance(v, np.ndarray) else v for k, v in data.items()}
    v = {k: R(77 + i, *np.asarray(a).shape) for i, (k, a) in enumerate(P.items())}
    L = loss(x, D); g = torch.autograd.grad(L, list(x.values()), create_graph=True)
    h = torch.autograd.grad(sum((a*torch.tensor(b)).sum() for a, b in zip(g, v.values())), list(x.values()))
    flat = lambda a: np.asarray(a.detach() if torch.is_tensor(a) else a, dtype=float).ravel().tolist()
    rows.append(dict(name=name, texts=texts, params={k: dict(shape=list(np.asarray(a).shape), data=flat(a)) for k, a in P.items()},
        data={k: a.tolist() if isinstance(a, np.ndarray) else a for k, a in data.items()}, loss=L.item(),
        direction={k: flat(a) for k, a in v.items()}, gradient=dict(zip(x, map(flat, g))), hvp=dict(zip(x, map(flat, h)))))

T4=np.array([[0,1,2,3],[1,2,3,4]])
X0=np.array([[0,0,0],[1,0,0],[0,1,0],[0,0,1],[1,1,1.]])
def tet(P,D,f):
    L=0
    for q in D['tet'].tolist():
        x=P['x'];X=D['X']
        Ds=torch.stack([x[q[k]]-x[q[0]] for k in (1,2,3)],1);Dm=torch.stack([X[q[k]]-X[q[0]] for k in (1,2,3)],1)
        F=Ds@torch.linalg.inv(Dm);L=L+f(F)*torch.linalg.det(Dm).abs()/6
    return L
nh=lambda F:.5*1.3*((F*F).sum()-3)-1.3*torch.log(torch.linalg.det(F))+.5*.7*torch.log(torch.linalg.det(F))**2
nht="param x: [n,3]\ndata X: [n,3], tet: int[t,4] within 0..n\nconst mu = 1.3, lambda = 0.7\n"
case('neohookean',[nht+"def frame(x: [n,3], q: int[4]) = [i in 0..3, k in 0..3: x[q[k+1],i] - x[q[0],i]]\nloss = sum(e in 0..t: {\n let Dm = frame(X, tet[e])\n let F = frame(x, tet[e]) @ inverse(Dm)\n let J = det(F)\n return abs(det(Dm))/6 * (0.5*mu*(sum(F^2)-3) - mu*log(J) + 0.5*lambda*log(J)^2)\n})",
nht+"let Dm = [e, i in 0..3, k in 0..3: X[tet[e,k+1],i] - X[tet[e,0],i]]\nlet Ds = [e, i in 0..3, k in 0..3: x[tet[e,k+1],i] - x[tet[e,0],i]]\nlet F = Ds @ inverse(Dm)\nlet J = det(F)\nloss = sum(abs(det(Dm))/6 * (0.5*mu*(sum(F^2, axis=[1,2])-3) - mu*log(J) + 0.5*lambda*log(J)^2))",
nht+"def d3(A: [3,3]) = dot(A[0], cross(A[1], A[2]))\nloss = sum(q in tet: {\n let Dm = [X[q[1]]-X[q[0]], X[q[2]]-X[q[0]], X[q[3]]-X[q[0]]]\n let Ds = [x[q[1]]-x[q[0]], x[q[2]]-x[q[0]], x[q[3]]-x[q[0]]]\n let F = (solve(Dm, Ds))'\n let J = d3(F)\n return abs(d3(Dm))/6*(mu/2*(trace(F'@F)-3) - mu*log(J) + lambda/2*log(J)^2)})"],
 dict(x=X0+R(6,5,3,s=.1)),lambda P,D:tet(P,D,nh),dict(X=X0,tet=T4))
Q=np.array([[0,1,2,3],[1,2,3,4],[4,0,2,1]])
def dih(P,D):
    L=0
    for q,r in zip(D['q'].tolist(),D['rest']):
        a,b,c,d=[P['x'][k] for k in q]
        e=b-a;n1=torch.linalg.cross(e,c-a);n2=torch.linalg.cross(d-a,e)
        th=torch.atan2(torch.dot(torch.linalg.cross(n1,n2),e)/e.norm(),torch.dot(n1,n2))
        L=L+(th-r)**2*e.norm()**2/(n1.norm()+n2.norm())
    return L
case('dihedral',["param x: [n,3]\ndata q: int[m,4] within 0..n, rest: [m]\nloss = sum(j in 0..m: {\n let a = x[q[j,0]], b = x[q[j,1]], c = x[q[j,2]], d = x[q[j,3]]\n let e = b - a\n let n1 = cross(e, c-a), n2 = cross(d-a, e)\n let th = atan2(dot(cross(n1,n2), e)/norm(e), dot(n1,n2))\n return (th-rest[j])^2*norm(e)^2/(norm(n1)+norm(n2))\n})",
"param x: [n,3]\ndata q: int[m,4] within 0..n, rest: [m]\nlet a = x[q[:,0]], b = x[q[:,1]], c = x[q[:,2]], d = x[q[:,3]]\nlet e = b-a\nlet n1 = cross(e, c-a), n2 = cross(d-a, e)\nlet le = norm(e, axis=1)\nlet th = atan2(sum(cross(n1,n2)*e, axis=1)/le, sum(n1*n2, axis=1))\nloss = sum((th-rest)^2*le^2/(norm(n1, axis=1)+norm(n2, axis=1)))"],
 dict(x=R(8,5,3)),dih,dict(q=Q,rest=R(9,3,s=.3)))
TR=np.array([[0,1,2],[0,2,3],[0,3,4],[0,4,1]])
def cotl(P,D):
    x=P['x'];n=5;H=[torch.zeros(3) for _ in range(n)];A=[torch.zeros(()) for _ in range(n)]
    for f in D['tri'].tolist():
        ar=torch.linalg.cross(x[f[1]]-x[f[0]],x[f[2]]-x[f[0]]).norm()/2
        for k in range(3):
            a,b,c=f[k],f[(k+1)%3],f[(k+2)%3]
            u,v=x[b]-x[a],x[c]-x[a]
            ct=torch.dot(u,v)/torch.linalg.cross(u,v).norm()
            H[b]=H[b]+.5*ct*(x[c]-x[b]);H[c]=H[c]+.5*ct*(x[b]-x[c]);A[a]=A[a]+ar/3
    return sum((h*h).sum()/a for h,a in zip(H,A))
case('willmore',["param x: [n,3]\ndata tri: int[t,3] within 0..n\nlet area = [f: 0.5*norm(cross(x[tri[f,1]]-x[tri[f,0]], x[tri[f,2]]-x[tri[f,0]]))]\nlet ct = [f in 0..t, k in 0..3: {\n let u = x[tri[f,mod(k+1,3)]] - x[tri[f,k]], v = x[tri[f,mod(k+2,3)]] - x[tri[f,k]]\n return dot(u,v)/norm(cross(u,v))\n}]\nlet flow = [f in 0..t, k in 0..3, c in 0..3: 0.5*ct[f,k]*(x[tri[f,mod(k+2,3)],c] - x[tri[f,mod(k+1,3)],c])]\nlet b = [f in 0..t, k in 0..3: tri[f,mod(k+1,3)]], c = [f in 0..t, k in 0..3: tri[f,mod(k+2,3)]]\nlet H = scatterAdd(reshape(flow,[3*t,3]), flatten(b), n) - scatterAdd(reshape(flow,[3*t,3]), flatten(c), n)\nlet A = [i in 0..n: sum(f in 0..t, k in 0..3: if tri[f,k] == i then area[f]/3 else 0)]\nloss = sum(sum(H^2, axis=1)/A)"],
 dict(x=R(11,5,3)),cotl,dict(tri=TR))
def bsp(P,D):
    c=P['c'];n=c.shape[0];L=0
    for u in D['u']:
        i=int(math.floor(u));f=u-i
        w=[(1-f)**3/6,(3*f**3-6*f**2+4)/6,(-3*f**3+3*f**2+3*f+1)/6,f**3/6]
        p=sum(w[k]*c[(i+k-1)%n] for k in range(4))
        L=L+torch.sin(p).sum()
    return L
case('bspline closed',["param c: [n,2]\ndata u: [m]\nloss = sum(j in 0..m: {\n let i = toInt(floor(u[j]))\n let f = u[j]-i\n let w = [(1-f)^3/6, (3*f^3-6*f^2+4)/6, (-3*f^3+3*f^2+3*f+1)/6, f^3/6]\n return sum(sin(sum(k in 0..4: w[k]*c[mod(i+k-1,n)])))\n})",
"param c: [n,2]\ndata u: [m]\nlet i = floor(u)\nlet f = u - i\nlet W = stack((1-f)^3/6, (3*f^3-6*f^2+4)/6, (-3*f^3+3*f^2+3*f+1)/6, f^3/6, axis=1)\nlet at = [j, k in 0..4: toInt(mod(i[j]+k-1, n))]\nlet p = [j, d: sum(k: W[j,k]*c[at[j,k],d])]\nloss = sum(sin(p))"],
 dict(c=R(16,7,2)),bsp,dict(u=np.array([0,.5,1,3.3,6.9,6.])))
def curv(P,D):
    p=P['p'];n=p.shape[0];L=0
    for i in range(n):
        a,b,c=p[(i-1)%n],p[i],p[(i+1)%n]
        u,v=b-a,c-b
        k=torch.atan2(u[0]*v[1]-u[1]*v[0],(u*v).sum())
        L=L+2*k**2/(u.norm()+v.norm())
    return L
case('elastica closed',["param p: [n,2]\nlet u = p - roll(p, 1, axis=0)\nlet v = roll(p, -1, axis=0) - p\nlet k = atan2(u[:,0]*v[:,1]-u[:,1]*v[:,0], sum(u*v, axis=1))\nloss = sum(2*k^2/(norm(u, axis=1)+norm(v, axis=1)))",
"param p: [n,2]\nloss = sum(i in 0..n: {\n let u = p[i] - p[mod(i-1,n)], v = p[mod(i+1,n)] - p[i]\n let k = atan2(u[0]*v[1]-u[1]*v[0], dot(u,v))\n return 2*k^2/(norm(u)+norm(v))\n})"],
 dict(p=R(18,7,2)),curv)
def sdf(P,D):
    p=D['p'];c=P['c'];
    box=(p-c[:2]).abs()-c[2:4].abs()
    o=torch.clamp(box,min=0);a=((o**2).sum(1)+ (o.sum(1)==0)*1.).sqrt()*(o.sum(1)>0)+torch.clamp(torch.max(box[:,0],box[:,1]),max=0)
    ci=(p-P['q']).norm(dim=1)-P['r']
    k=.3;h=torch.clamp(.5+.5*(ci-a)/k,0,1)
    s=ci*(1-h)+a*h-k*h*(1-h)
    return (s**2).sum()
case('sdf smooth union',["param c: [4], q: [2], r\ndata p: [n,2]\ndef box(p: [2]) = {\n let d = abs(p - c[0..2]) - abs(c[2..4])\n return norm(max(d, 0)) + min(max(d[0], d[1]), 0)\n}\ndef smin(a, b, k) = {\n let h = clamp(0.5 + 0.5*(b-a)/k, 0, 1)\n return b*(1-h) + a*h - k*h*(1-h)\n}\nloss = sum(i in 0..n: smin(box(p[i]), norm(p[i]-q)-r, 0.3)^2)",
"param c: [4], q: [2], r\ndata p: [n,2]\nlet d = abs(p - c[:2]) - abs(c[2:])\nlet a = norm(relu(d), axis=1) + min(max(d, axis=1), 0)\nlet b = norm(p-q, axis=1) - r\nlet h = clip(0.5 + 0.5*(b-a)/0.3, 0, 1)\nloss = sum((b*(1-h)+a*h-0.3*h*(1-h))^2)"],
 dict(c=np.array([.1,.2,.5,.4]),q=np.array([.6,.5]),r=np.array(.5)),sdf,dict(p=np.array([[0,0],[1,1],[.2,.9],[-.7,.1],[.61,.61],[.55,.62],[.7,-.9]])))
def rod(w):
    th=(w*w).sum().sqrt();K=torch.stack([torch.stack([w[0]*0,-w[2],w[1]]),torch.stack([w[2],w[0]*0,-w[0]]),torch.stack([-w[1],w[0],w[0]*0])])
    return torch.eye(3)+torch.sin(th)/th*K+(1-torch.cos(th))/th**2*K@K
def pnp(P,D):
    Rm=rod(P['w']);L=0
    for X,u in zip(D['X'],D['u']):
        p=Rm@X+P['t'];x=p[:2]/p[2];r2=(x*x).sum();d=1+P['k'][0]*r2+P['k'][1]*r2**2
        xd=torch.stack([x[0]*d+2*P['k'][2]*x[0]*x[1]+P['k'][3]*(r2+2*x[0]**2),x[1]*d+P['k'][2]*(r2+2*x[1]**2)+2*P['k'][3]*x[0]*x[1]])
        e=P['f']*xd+P['c']-u
        s=(e*e).sum();L=L+torch.log(1+s)
    return L
case('pnp distortion',["param w: [3], t: [3], k: [4], f, c: [2]\ndata X: [n,3], u: [n,2]\ndef rotate(w: [3], x: [3]) = {\n let th = norm(w)\n let a = w/th\n return x*cos(th) + cross(a,x)*sin(th) + a*dot(a,x)*(1-cos(th))\n}\ndef project(X: [3]) = {\n let p = rotate(w,X) + t\n let x = p[0]/p[2], y = p[1]/p[2]\n let r2 = x^2+y^2\n let d = 1 + k[0]*r2 + k[1]*r2^2\n return f*[x*d+2*k[2]*x*y+k[3]*(r2+2*x^2), y*d+k[2]*(r2+2*y^2)+2*k[3]*x*y] + c\n}\nloss = sum(i in 0..n: log1p(sum((project(X[i])-u[i])^2)))",
"param w: [3], t: [3], k: [4], f, c: [2]\ndata X: [n,3], u: [n,2]\nlet th = sqrt(dot(w,w))\nlet K = [[0,-w[2],w[1]],[w[2],0,-w[0]],[-w[1],w[0],0]]\nlet Rm = eye(3) + sin(th)/th*K + (1-cos(th))/th^2*K@K\nlet p = X @ Rm' + t\nlet z = p[:,:2]/p[:,2:]\nlet x = z[:,0], y = z[:,1]\nlet r2 = x^2+y^2\nlet d = 1 + k[0]*r2 + k[1]*r2^2\nlet v = stack(x*d+2*k[2]*x*y+k[3]*(r2+2*x^2), y*d+k[2]*(r2+2*y^2)+2*k[3]*x*y, axis=1)\nlet e = f*v + c - u\nloss = sum(log(1+sum(e^2, axis=1)))"],
 dict(w=R(23,3,s=.4),t=np.array([.1,-.2,4.]),k=R(24,4,s=.1),f=np.array(2.),c=R(25,2)),pnp,dict(X=R(26,5,3),u=R(27,5,2)))
def quat(P,D):
    q=P['q']/P['q'].norm();w,v=q[0],q[1:]
    X=D['X'];Y=X+2*w*torch.linalg.cross(v.expand_as(X),X)+2*torch.linalg.cross(v.expand_as(X),torch.linalg.cross(v.expand_as(X),X))
    return ((P['s']*Y+P['t']-D['Y'])**2).sum()
case('quaternion procrustes',["param q: [4], s, t: [3]\ndata X: [n,3], Y: [n,3]\nlet u = q/norm(q)\nlet v = u[1..4]\nloss = sum(i: sum((s*(X[i] + 2*u[0]*cross(v,X[i]) + 2*cross(v,cross(v,X[i]))) + t - Y[i])^2))",
"param q: [4], s, t: [3]\ndata X: [n,3], Y: [n,3]\nlet n2 = dot(q,q)\nlet w = q[0], x = q[1], y = q[2], z = q[3]\nlet R = [[w^2+x^2-y^2-z^2, 2*(x*y-w*z), 2*(x*z+w*y)],[2*(x*y+w*z), w^2-x^2+y^2-z^2, 2*(y*z-w*x)],[2*(x*z-w*y), 2*(y*z+w*x), w^2-x^2-y^2+z^2]]/n2\nloss = sum((s*X@R' + t - Y)^2)",
"param q: [4], s, t: [3]\ndata X: [n,3], Y: [n,3]\ndef mulq(a: [4], b: [4]) = concat([a[0]*b[0]-dot(a[1:],b[1:])], a[0]*b[1:] + b[0]*a[1:] + cross(a[1:],b[1:]))\nlet c = q/norm(q)\nlet cc = c*[1,-1,-1,-1]\nloss = sum(i: sum((s*mulq(mulq(c, concat([0],X[i])), cc)[1:] + t - Y[i])^2))"],
 dict(q=R(28,4),s=np.array(1.2),t=R(29,3)),quat,dict(X=R(30,4,3),Y=R(31,4,3)))
def se3(P,D):
    xi=P['xi'];Z=torch.zeros(());L=0
    M=lambda v:torch.stack([torch.stack([Z,-v[2],v[1],v[3]]),torch.stack([v[2],Z,-v[0],v[4]]),torch.stack([-v[1],v[0],Z,v[5]]),torch.zeros(4)])
    T=torch.eye(4)
    for i in range(xi.shape[0]):
        T=T@torch.matrix_exp(M(xi[i]))
        L=L+((T@D['p']-D['z'][i])**2).sum()
    return L
case('se3 chain',["param xi: [m,6]\ndata p: [4], z: [m,4]\ndef hat(w: [3]) = [[0,-w[2],w[1]],[w[2],0,-w[0]],[-w[1],w[0],0]]\ndef expse3(x: [6]) = {\n let w = x[:3], v = x[3:]\n let th = norm(w)\n let K = hat(w)\n let R = eye(3) + sin(th)/th*K + (1-cos(th))/th^2*(K@K)\n let V = eye(3) + (1-cos(th))/th^2*K + (th-sin(th))/th^3*(K@K)\n return concat(concat(R, (V@v)[:,None], axis=1), [[0,0,0,1]])\n}\nlet run = scan(x in xi, T = eye(4): {\n let U = T @ expse3(x)\n T = U\n y = U @ p\n})\nloss = sum((run.y - z)^2)"],
 dict(xi=R(32,3,6,s=.5)),se3,dict(p=np.array([.3,.2,1.,1.]),z=R(33,3,4)))
def dh(P,D):
    T=torch.eye(4)
    for i in range(5):
        q=P['q'][i];a,al,d=D['dh'][i];c,s=torch.cos(q),torch.sin(q);ca,sa=torch.cos(al),torch.sin(al);Z=q*0
        T=T@torch.stack([torch.stack([c,-s*ca,s*sa,a*c]),torch.stack([s,c*ca,-c*sa,a*s]),torch.stack([Z,sa+Z,ca+Z,d+Z]),torch.stack([Z,Z,Z,Z+1])])
    return ((T[:3,3]-D['g'])**2).sum()+((T[:3,2]-D['g'])**2).sum()
def ljp(P,D):
    x=P['x'];n=x.shape[0];L=0;B=D['box'];rc=D['rc']
    for i in range(n):
        for j in range(i+1,n):
            d=x[i]-x[j];d=d-B*torch.round(d/B);r2=(d*d).sum()
            if r2<rc*rc:
                s=1/r2**3;sc=1/rc**6;L=L+4*(s*s-s)-4*(sc*sc-sc)
    return L
case('lj periodic',["param x: [n,3]\ndata box: [3], rc\nlet shift = 4*(rc^-12 - rc^-6)\nloss = sum(i in 0..n, j in i+1..n: {\n let d = x[i]-x[j]\n let m = d - box*round(d/box)\n let r2 = dot(m,m)\n return if r2 < rc^2 then 4*(r2^-6 - r2^-3) - shift else 0\n})",
"param x: [n,3]\ndata box: [3], rc\nlet d = x[:,None,:] - x[None,:,:]\nlet m = d - box*round(d/box)\nlet r2 = sum(m^2, axis=2) + eye(n)\nlet s6 = 1/r2^3\nlet e = 4*(s6^2-s6) - 4*(1/rc^12-1/rc^6)\nlet near = (r2 < rc^2) and (eye(n) == 0)\nloss = 0.5*sum(where(near, e, 0))"],
 dict(x=np.array([[.1,.2,.3],[1.2,.1,.4],[2.9,.2,2.8],[1.5,1.6,1.4],[.2,2.8,1.5],[2.,2.9,.1],[1.,.9,2.]])),ljp,dict(box=np.array([3.,3.1,2.9]),rc=1.4))
def ewald(P,D):
    x=P['x'];q=D['q'];L=0
    for k in D['k']:
        ph=x@k;L=L+torch.exp(-(k@k)/4)/(k@k)*(((q*torch.cos(ph)).sum())**2+((q*torch.sin(ph)).sum())**2)
    for i in range(4):
        for j in range(i):
            r=(x[i]-x[j]).norm();L=L+q[i]*q[j]*torch.erfc(r)/r
    return L
case('ewald',["param x: [n,3]\ndata q: [n], k: [m,3]\nlet rec = sum(j in 0..m: exp(-dot(k[j],k[j])/4)/dot(k[j],k[j])*(sum(i: q[i]*cos(dot(k[j],x[i])))^2 + sum(i: q[i]*sin(dot(k[j],x[i])))^2))\nlet real = sum(i in 0..n, j in 0..i: { let r = norm(x[i]-x[j]); return q[i]*q[j]*erfc(r)/r })\nloss = rec + real",
"param x: [n,3]\ndata q: [n], k: [m,3]\nlet ph = k @ x'\nlet k2 = sum(k^2, axis=1)\nlet S = (cos(ph)@q)^2 + (sin(ph)@q)^2\nlet r = [i in 0..n, j in 0..n: if i > j then norm(x[i]-x[j]) else 1]\nloss = sum(exp(-k2/4)/k2*S) + sum(i in 0..n, j in 0..n: if i > j then q[i]*q[j]*erfc(r[i,j])/r[i,j] else 0)"],
 dict(x=R(45,4,3)),ewald,dict(q=R(46,4),k=R(47,5,3)))
def ipc(P,D):
    x=P['x'];dh=D['dhat'];L=0
    for i in range(x.shape[0]):
        for s in D['seg']:
            a,b=s[:2],s[2:];ab=b-a
            tt=torch.clamp(((x[i]-a)*ab).sum()/(ab*ab).sum(),0,1)
            d=((x[i]-a-tt*ab)**2).sum().sqrt()
            if d<dh: L=L-(d-dh)**2*torch.log(d/dh)
    return L
case('ipc barrier',["param x: [n,2]\ndata seg: [m,4], dhat\ndef dist(p: [2], a: [2], b: [2]) = {\n let t = clamp(dot(p-a,b-a)/sum((b-a)^2), 0, 1)\n return norm(p-a-t*(b-a))\n}\ndef barrier(d) = if d < dhat then -(d-dhat)^2*log(d/dhat) else 0\nloss = sum(i in 0..n, j in 0..m: barrier(dist(x[i], seg[j,0..2], seg[j,2..4])))",
"param x: [n,2]\ndata seg: [m,4], dhat\nlet a = seg[:,:2], ab = seg[:,2:] - seg[:,:2]\nlet p = x[:,None,:] - a\nlet t = clip(sum(p*ab, axis=2)/sum(ab^2, axis=1), 0, 1)\nlet d = norm(p - t[:,:,None]*ab, axis=2)\nloss = sum(where(d < dhat, -(d-dhat)^2*log(d/dhat), 0))"],
 dict(x=R(48,7,2)),ipc,dict(seg=R(49,5,4),dhat=.9))
EL=np.array([[0,1],[1,2],[2,3],[0,2],[1,3]])
def truss(P,D):
    n=4;K=torch.zeros(8,8)
    for e,(i,j) in enumerate(D['el'].tolist()):
        d=D['X'][j]-D['X'][i];l=d.norm();c=d/l;B=torch.zeros(8);B[2*i:2*i+2]=-c;B[2*j:2*j+2]=c
        K=K+torch.exp(P['a'][e])/l*torch.outer(B,B)
    fr=D['free'].tolist();Kf=K[fr][:,fr];f=D['f'][fr]
    u=torch.linalg.solve(Kf,f);return f@u+(torch.exp(P['a'])).sum()
case('truss compliance',["param a: [e]\ndata X: [n,2], el: int[e,2] within 0..n, free: int[q] within 0..2*n, f: [2*n]\nlet d = X[el[:,1]] - X[el[:,0]]\nlet l = norm(d, axis=1)\nlet B = [k in 0..e, r in 0..2*n: if r//2 == el[k,0] then -d[k,mod(r,2)]/l[k] else if r//2 == el[k,1] then d[k,mod(r,2)]/l[k] else 0]\nlet K = [i in 0..2*n, j in 0..2*n: sum(k: exp(a[k])/l[k]*B[k,i]*B[k,j])]\nlet Kf = [i in 0..q, j in 0..q: K[free[i],free[j]]]\nlet u = solve(Kf, f[free])\nloss = dot(f[free],u) + sum(exp(a))",
"param a: [e]\ndata X: [n,2], el: int[e,2] within 0..n, free: int[q] within 0..2*n, f: [2*n]\nlet d = X[el[:,1]] - X[el[:,0]]\nlet l = norm(d, axis=1)\nlet dof = [k in 0..e, c in 0..4: 2*el[k,c//2]+mod(c,2)]\nlet b = [k in 0..e, c in 0..4: (if c < 2 then -1 else 1)*d[k,mod(c,2)]/l[k]]\nlet B = einsum(\"kcr,kc->kr\", oneHot(dof, 2*n), b)\nlet K = B' @ diag(exp(a)/l) @ B\nlet Kf = K[free][:,free]\nloss = dot(f[free], solve(Kf, f[free], positiveDefinite=true)) + sum(exp(a))"],
 dict(a=R(6,5)),truss,dict(X=np.array([[0,0],[1,0],[1.2,1],[0,1.1]]),el=EL,free=np.array([2,4,5,6,7]),f=R(7,8)))
def swe(P,D):
    h,q=P['h'],P['q']
    for k in range(4):
        def fl(h,q): return q,q*q/h+.5*9.81*h*h
        hl,hr,ql,qr=h[:-1],h[1:],q[:-1],q[1:]
        s=torch.maximum((ql/hl).abs()+(9.81*hl).sqrt(),(qr/hr).abs()+(9.81*hr).sqrt())
        a,b=fl(hl,ql);c,d=fl(hr,qr);F=.5*(a+c)-.5*s*(hr-hl);G=.5*(b+d)-.5*s*(qr-ql)
        h=torch.cat([h[:1],h[1:-1]-.02*(F[1:]-F[:-1]),h[-1:]]);q=torch.cat([-q[1:2],q[1:-1]-.02*(G[1:]-G[:-1]),-q[-2:-1]])
    return ((h-1)**2).sum()+(q**3).sum()
case('shallow water',["param h: [n], q: [n]\nconst g = 9.81\ndef speed(h, q) = abs(q/h) + sqrt(g*h)\nlet s = scan(k in 0..4, h = h, q = q: {\n let s = [i in 0..n-1: max(speed(h[i],q[i]), speed(h[i+1],q[i+1]))]\n let F = [i in 0..n-1: 0.5*(q[i]+q[i+1]) - 0.5*s[i]*(h[i+1]-h[i])]\n let m = q^2/h + 0.5*g*h^2\n let G = [i in 0..n-1: 0.5*(m[i]+m[i+1]) - 0.5*s[i]*(q[i+1]-q[i])]\n let p = q\n h = [i in 0..n: if 0 < i < n-1 then h[i]-0.02*(F[i]-F[i-1]) else h[i]]\n q = [i in 0..n: if i == 0 then -p[1] else if i == n-1 then -p[n-2] else p[i]-0.02*(G[i]-G[i-1])]\n})\nloss = sum((s.h-1)^2) + sum(s.q^3)",
"param h: [n], q: [n]\nlet g = 9.81\nlet s = scan(k in 0..4, h = h, q = q: {\n let hl = h[:-1], hr = h[1:], ql = q[:-1], qr = q[1:]\n let s = max(abs(ql/hl)+sqrt(g*hl), abs(qr/hr)+sqrt(g*hr))\n let F = 0.5*(ql+qr)-0.5*s*(hr-hl)\n let G = 0.5*(ql^2/hl+g*hl^2/2+qr^2/hr+g*hr^2/2)-0.5*s*(qr-ql)\n let h2 = concat(h[:1], h[1:-1]-0.02*(F[1:]-F[:-1]), h[-1:])\n let q2 = concat(-q[1:2], q[1:-1]-0.02*(G[1:]-G[:-1]), -q[-2:-1])\n h = h2\n q = q2\n})\nloss = sum((s.h-1)^2) + sum(s.q^3)"],
 dict(h=U(13,7,lo=.8,hi=1.5),q=R(14,7,s=.3)),swe)
def biquad(P,D):
    b,a=P['b'],P['a'];x=D['x'];y=[];x1=x2=y1=y2=torch.zeros(())
    for v in x:
        o=b[0]*v+b[1]*x1+b[2]*x2-a[0]*y1-a[1]*y2;x2,x1,y2,y1=x1,v,y1,o;y.append(o)
    return ((torch.stack(y)-D['d'])**2).mean()
case('biquad',["param b: [3], a: [2]\ndata x: [T], d: [T]\nlet run = scan(v in x, x1 = 0, x2 = 0, y1 = 0, y2 = 0: {\n let o = b[0]*v+b[1]*x1+b[2]*x2-a[0]*y1-a[1]*y2\n x2 = x1\n x1 = v\n y2 = y1\n y1 = o\n y = o\n})\nloss = mean((run.y-d)^2)",
"param b: [3], a: [2]\ndata x: [T], d: [T]\nlet u = [t in 0..T: b[0]*x[t] + (if t > 0 then b[1]*x[t-1] else 0) + (if t > 1 then b[2]*x[t-2] else 0)]\nlet run = scan(v in u, s = [0.0,0.0]: { let o = v - dot(a,s); s = [o, s[0]]; y = o })\nloss = mean((run.y-d)^2)",
"param b: [3], a: [2]\ndata x: [T], d: [T]\nlet A = [[-a[0],1],[-a[1],0]]\nlet run = scan(v in x, s = zeros(2): { let o = s[0]+b[0]*v; s = A@s + [(b[1]-a[0]*b[0])*v, (b[2]-a[1]*b[0])*v]; y = o })\nloss = mean((run.y-d)^2)"],
 dict(b=R(24,3),a=np.array([-.5,.2])),biquad,dict(x=R(25,11),d=R(26,11)))
def acf(P,D):
    x=P['x'];x=x-x.mean();n=len(x);v=(x*x).sum();return sum(((x[:n-k]*x[k:]).sum()/v-D['r'][k])**2 for k in range(5))
case('autocorrelation',["param x: [n]\ndata r: [K]\nlet z = x - mean(x)\nlet acf = [k in 0..K: sum(t in 0..n-k: z[t]*z[t+k])/sum(z^2)]\nloss = sum((acf-r)^2)","param x: [n]\ndata r: [K]\nlet z = x - mean(x)\nloss = sum(k in 0..K: (dot(z[:n-k],z[k:])/dot(z,z)-r[k])^2)"],
 dict(x=R(33,7)),acf,dict(r=R(34,5)))
def krts(P,D):
    A=P['A'];Q=torch.diag(torch.exp(P['q']));Rr=torch.exp(P['r']);H=D['H'];m=torch.zeros(2);S=torch.eye(2);fm=[];fS=[];L=0
    for y in D['y']:
        m=A@m;S=A@S@A.T+Q;v=y-H@m;s=H@S@H+Rr;K=S@H/s;m=m+K*v;S=S-torch.outer(K,H@S);fm.append(m);fS.append(S);L=L+.5*(torch.log(s)+v*v/s)
    sm=fm[-1];out=[sm]
    for k in range(len(fm)-2,-1,-1):
        Pp=A@fS[k]@A.T+Q;G=fS[k]@A.T@torch.linalg.inv(Pp);sm=fm[k]+G@(sm-A@fm[k]);out.append(sm)
    return L+(torch.stack(out[::-1])*D['w']).sum()
case('kalman rts',["param A: [2,2], q: [2], r\ndata H: [2], y: [T], w: [T,2]\nlet Q = diag(exp(q))\nlet f = scan(z in y, m = zeros(2), S = eye(2): {\n let mp = A@m\n let Sp = A@S@A' + Q\n let v = z - dot(H,mp)\n let s = dot(H,Sp@H) + exp(r)\n let K = Sp@H/s\n let m1 = mp + K*v\n let S1 = Sp - outer(K, H@Sp)\n m = m1\n S = S1\n ms = m1\n Ss = S1\n cost = 0.5*(log(s)+v^2/s)\n})\nlet b = reverseScan(t in 0..T-1, x = f.m: {\n let Pp = A@f.Ss[t]@A' + Q\n let G = f.Ss[t]@A'@inverse(Pp)\n let x1 = f.ms[t] + G@(x - A@f.ms[t])\n x = x1\n xs = x1\n})\nloss = sum(f.cost) + sum(concat(b.xs, [f.m])*w)",
"param A: [2,2], q: [2], r\ndata H: [2], y: [T], w: [T,2]\nlet f = scan(z in y, m = [0,0], S = [[1,0],[0,1]]: {\n let mp = A@m\n let Sp = A@S@A' + diag(exp(q))\n let s = H@Sp@H + exp(r)\n let v = z - H@mp\n cost = 0.5*(log(s)+v^2/s)\n ms = mp + Sp@H/s*v\n Ss = Sp - outer(Sp@H,Sp@H)/s\n m = mp + Sp@H/s*v\n S = Sp - outer(Sp@H,Sp@H)/s\n})\nlet b = reverseScan(t in 0..T, x = zeros(2): {\n let Pp = A@f.Ss[t]@A' + diag(exp(q))\n let x1 = if t == T-1 then f.ms[t] else f.ms[t] + (solve(Pp, A@f.Ss[t]))'@(x - A@f.ms[t])\n x = x1\n xs = x1\n})\nloss = sum(f.cost) + sum(b.xs*w)"],
 dict(A=np.array([[.9,.3],[-.2,.8]]),q=R(35,2),r=np.array(-.5)),krts,dict(H=np.array([1.,.5]),y=R(36,7),w=R(37,7,2)))
def ctc(P,D):
    lp=torch.log_softmax(P['x'],1);ext=[0]
    for c in D['lab'].tolist(): ext+=[c,0]
    S=len(ext);NI=torch.tensor(-math.inf);al=[lp[0,0],lp[0,ext[1]]]+[None]*(S-2)
    for t in range(1,lp.shape[0]):
        n=[]
        for s in range(S):
            c=[al[s]]
            if s>0:c.append(al[s-1])
            if s>1 and ext[s]!=0 and ext[s]!=ext[s-2]:c.append(al[s-2])
            c=[x for x in c if x is not None]
            n.append(torch.logsumexp(torch.stack(c),0)+lp[t,ext[s]] if c else None)
        al=n
    c=[x for x in al[-2:] if x is not None]
    return -torch.logsumexp(torch.stack(c),0)
case('ctc',["param x: [T,C]\ndata lab: int[L] within 0..C\nlet lp = logSoftmax(x, axis=1)\nlet ext = [s in 0..2*L+1: if mod(s,2) == 1 then lab[(s-1)//2] else 0]\nlet a0 = [s in 0..2*L+1: if s < 2 then lp[0,ext[s]] else -inf]\nlet a = scan(t in 1..T, a = a0: [s in 0..2*L+1: {\n let stay = a[s]\n let prev = if s > 0 then a[s-1] else -inf\n let skip = if s > 1 and ext[s] != 0 and ext[s] != ext[s-2] then a[s-2] else -inf\n return logsumexp([stay,prev,skip]) + lp[t,ext[s]]\n}])\nloss = -logaddexp(a[2*L], a[2*L-1])",
"param x: [T,C]\ndata lab: int[L]\nlet lp = logSoftmax(x, axis=1)\nlet ext = flatten([i in 0..L+1, k in 0..2: if k == 1 and i < L then lab[i] else 0])[:-1]\nlet skip = [s in 0..2*L+1: if s > 1 and ext[s] != 0 then ext[s] != ext[s-2] else false]\nlet p0 = [s in 0..2*L+1: if s < 2 then exp(lp[0,ext[s]]) else 0]\nlet r = scan(t in 1..T, p = p0, c = 0: {\n let q = (p + pad(p,[1,0])[:-1] + where(skip, pad(p,[2,0])[:-2], 0))*exp(lp[t][ext])\n let z = sum(q)\n p = q/z\n c = c + log(z)\n})\nloss = -log(r.p[2*L]+r.p[2*L-1]) - r.c"],
 dict(x=R(38,7,4)),ctc,dict(lab=np.array([1,1,3])))
def sdtw(P,D):
    x,y=P['x'],D['y'];g=.5;n,m=len(x),len(y);Rm={(0,0):Z()}
    for i in range(1,n+1):
        for j in range(1,m+1):
            c=[Rm[k] for k in((i-1,j),(i,j-1),(i-1,j-1)) if k in Rm]
            Rm[i,j]=((x[i-1]-y[j-1])**2).sum()-g*torch.logsumexp(-torch.stack(c)/g,0)
    return Rm[n,m]
case('soft-dtw',["param x: [n,d]\ndata y: [m,d]\nconst g = 0.5\nlet C = [i, j: sum(c: (x[i,c]-y[j,c])^2)]\nlet last = scan(i in 0..n, row = [j in 0..m+1: if j == 0 then 0 else inf]: {\n let r = scan(j in 1..m+1, left = inf: {\n  let v = C[i,j-1] - g*logsumexp([-row[j]/g, -row[j-1]/g, -left/g])\n  left = v\n  out = v\n })\n row = concat([inf], r.out)\n})\nloss = last.row[m]",
"param x: [n,d]\ndata y: [m,d]\nconst g = 0.5\ndef softmin(a, b, c) = -g*log(exp(-a/g)+exp(-b/g)+exp(-c/g))\nlet C = [i, j: sum(c: (x[i,c]-y[j,c])^2)]\nlet run = scan(k in 0..n+m-1, p = full([n],inf), q = full([n],inf): {\n let new = [i in 0..n: if 0 <= k-i < m then C[i,k-i] + (if k == 0 then 0 else softmin(if i > 0 then p[i-1] else inf, p[i], if i > 0 then q[i-1] else inf)) else inf]\n q = p\n p = new\n})\nloss = run.p[n-1]"],
 dict(x=R(39,5,2)),sdtw,dict(y=R(40,3,2)))
def crf(P,D):
    u,T=P['u'],P['T'];y=D['y'];L=0
    for b in range(u.shape[0]):
        n=int(D['len'][b])
        if n==0: continue
        a=u[b,0];s=u[b,0,y[b,0]]
        for t in range(1,n): a=torch.logsumexp(a[:,None]+T,0)+u[b,t];s=s+u[b,t,y[b,t]]+T[y[b,t-1],y[b,t]]
        L=L+torch.logsumexp(a,0)-s
    return L
uu=R(41,3,5,3)
case('crf padded',["param T: [K,K], u: [B,N,K]\ndata y: int[B,N], len: int[B]\nloss = sum(b in 0..B: if len[b] > 0 then {\n let a = scan(t in 1..N, a = u[b,0]: if t < len[b] then [k in 0..K: logsumexp(j in 0..K: a[j]+T[j,k]) + u[b,t,k]] else a)\n let s = sum(t in 0..len[b]: u[b,t,y[b,t]]) + sum(t in 1..len[b]: T[y[b,t-1],y[b,t]])\n return logsumexp(a) - s\n} else 0)",
"param T: [K,K], u: [B,N,K]\ndata y: int[B,N] within 0..K, len: int[B]\nlet m = [b in 0..B, t in 0..N: t < len[b]]\nlet a = scan(t in 1..N, a = u[:,0]: where(m[:,t][:,None], logsumexp(a[:,:,None]+T, axis=1) + u[:,t], a))\nlet s = [b in 0..B: sum(t in 0..N: if m[b,t] then u[b,t,y[b,t]] + (if t > 0 then T[y[b,t-1],y[b,t]] else 0) else 0)]\nloss = sum(b: if len[b] > 0 then logsumexp(a[b]) - s[b] else 0)"],
 dict(T=R(42,3,3),u=uu),crf,dict(y=I(43,3,3,5),len=np.array([5,0,2])))
def inside(P,D):
    n=5;K=2;r=P['r'];e=P['e'];ch={}
    for i in range(n): ch[i,i+1]=e[i]
    for w in range(2,n+1):
        for i in range(n-w+1):
            j=i+w;v=[]
            for k in range(i+1,j): v.append(r+ch[i,k][None,:,None]+ch[k,j][None,None,:])
            ch[i,j]=torch.logsumexp(torch.stack(v,1).reshape(K,-1),1)
    return -ch[0,n][0]
case('inside cky',["param r: [K,K,K], e: [n,K]\nlet c0 = [i in 0..n, j in 0..n+1, k in 0..K: if j == i+1 then e[i,k] else -inf]\nlet c = scan(w in 2..n+1, c = c0: [i in 0..n, j in 0..n+1, a in 0..K: if j == i+w then logsumexp(m in i+1..j, b in 0..K, d in 0..K: r[a,b,d] + c[i,m,b] + c[m,j,d]) else c[i,j,a]])\nloss = -c[0,n,0]",
"param r: [K,K,K], e: [n,K]\nlet c0 = [w in 0..n+1, i in 0..n, k in 0..K: if w == 1 then e[i,k] else -inf]\nlet c = scan(w in 2..n+1, c = c0: [v in 0..n+1, i in 0..n, a in 0..K: if v == w and i + w <= n then logsumexp(m in 1..w, b in 0..K, d in 0..K: r[a,b,d] + c[m,i,b] + c[w-m,i+m,d]) else c[v,i,a]])\nloss = -c[n,0,0]"],
 dict(r=R(44,2,2,2),e=R(45,5,2)),inside,{})
def felsjc(P,D):
    L=0;ch=D['child'].tolist();lik=[None]*9
    for s in range(D['tip'].shape[1]):
        for i in range(5): lik[i]=torch.nn.functional.one_hot(D['tip'][i,s],4).double() if D['tip'][i,s]>=0 else torch.ones(4)
        pr=lambda a:(1-torch.exp(-4/3*torch.exp(P['b'][a])))*lik[a].sum()/4+torch.exp(-4/3*torch.exp(P['b'][a]))*lik[a]
        for k,(a,b) in enumerate(ch): lik[5+k]=pr(a)*pr(b)
        L=L-torch.log((lik[8]/4).sum())
    return L
TIP=I(48,4,5,3); TIP[2,1]=-1
TIP[2,1]=-1
case('felsenstein',["param b: [2*n-2]\ndata child: int[n-1,2], tip: int[n,S]\nlet l0 = [i in 0..2*n-1, s in 0..S, c in 0..4: if i < n then (if tip[i,s] < 0 or tip[i,s] == c then 1 else 0) else 0]\nlet e = exp(-4/3*exp(b))\nlet l = scan(k in 0..n-1, l = l0: {\n let a = child[k,0], d = child[k,1]\n let up = [s in 0..S, c in 0..4: ((1-e[a])*sum(l[a,s])/4+e[a]*l[a,s,c])*((1-e[d])*sum(l[d,s])/4+e[d]*l[d,s,c])]\n l = [i in 0..2*n-1, s in 0..S, c in 0..4: if i == n+k then up[s,c] else l[i,s,c]]\n})\nloss = -sum(s: log(sum(l.l[2*n-2,s])/4))",
"param b: [2*n-2]\ndata child: int[n-1,2], tip: int[n,S]\nloss = -sum(s in 0..S: {\n let tips = [i in 0..2*n-1, c in 0..4: if i < n then (if tip[i,s] < 0 then 1 else tip[i,s] == c) else 0]\n let l = scan(k in 0..n-1, l = tips: {\n  let p = [j in 0..2: { let q = child[k,j], e = exp(-4/3*exp(b[q])); return (1-e)*mean(l[q])+e*l[q] }]\n  l = l + outer([i in 0..2*n-1: i == n+k], p[0]*p[1])\n })\n return log(mean(l.l[2*n-2]))\n})"],
 dict(b=R(49,8,s=.5)-1),felsjc,dict(child=np.array([[0,1],[2,3],[5,6],[7,4]]),tip=TIP))
def nw(P,D):
    S=P['E'][D['a']]@P['E'][D['b']].T;g=P['g'];n,m=S.shape;H={}
    for i in range(n+1):
        for j in range(m+1):
            if i==0 or j==0: H[i,j]=g*(i+j);continue
            H[i,j]=torch.logsumexp(torch.stack([H[i-1,j-1]+S[i-1,j-1],H[i-1,j]+g,H[i,j-1]+g]),0)
    return -H[n,m]
case('needleman-wunsch soft',["param E: [V,d], g\ndata a: int[n] within 0..V, b: int[m] within 0..V\nlet S = E[a] @ E[b]'\nlet rows = scan(i in 0..n, row = [j in 0..m+1: g*j]: {\n let first = g*(i+1)\n let r = scan(j in 0..m, left = first: { let v = logsumexp([row[j]+S[i,j], row[j+1]+g, left+g]); left = v; o = v })\n row = concat([first], r.o)\n})\nloss = -rows.row[m]","param E: [V,d], g\ndata a: int[n], b: int[m]\nlet row = scan(s in E[a] @ E[b]', row = g*arange(m+1): {\n let c = logaddexp(row[:-1]+s, row[1:]+g)\n row = concat([row[0]+g], scan(x in c, l = row[0]+g: { let v = logaddexp(x, l+g); l = v; o = v }).o)\n})\nloss = -row.row[-1]"],
 dict(E=R(50,5,3),g=np.array(-.7)),nw,dict(a=I(51,5,7),b=I(52,5,3)))
def colloc(P,D):
    # Gauss 2 stage
    s3=math.sqrt(3);A=torch.tensor([[.25,.25-s3/6],[.25+s3/6,.25]]);y=D['y0'];h=.25;f=lambda y:torch.stack([y[1],P['m']*(1-y[0]**2)*y[1]-y[0]])
    for k in range(3):
        K=torch.stack([f(y),f(y)])
        for _ in range(80):K=torch.stack([f(y+h*(A[i]@K)) for i in range(2)])
        y=y+h*.5*(K[0]+K[1])
    return (y**2).sum()
case('gauss collocation',["param m\ndata y0: [2]\nlet h = 0.25, s = sqrt(3)/6\nlet A = [[0.25, 0.25-s],[0.25+s, 0.25]]\ndef f(y: [2]) = [y[1], m*(1-y[0]^2)*y[1]-y[0]]\nlet y = scan(k in 0..3, y = y0: {\n let K = root(K = [f(y), f(y)]: [i in 0..2: K[i] - f(y + h*(A[i]@K))])\n return y + h/2*(K[0]+K[1])\n})\nloss = sum(y^2)"],
 dict(m=np.array(1.3)),colloc,dict(y0=np.array([1.,.4])),10)
def lqr(P,D):
    A,B=P['A'],D['B'];Q=torch.eye(2);Rr=.1*torch.eye(1);S=Q
    Ks=[]
    for k in range(6):
        K=torch.linalg.solve(Rr+B.T@S@B,B.T@S@A);S=Q+A.T@S@(A-B@K);Ks.append(K)
    x=D['x0'];L=0
    for K in Ks[::-1]:
        u=-K@x;L=L+(x*x).sum()+.1*(u*u).sum();x=A@x+B@u+.01*torch.sin(x)
    return L+S.trace()
case('lqr riccati',["param A: [2,2]\ndata B: [2,1], x0: [2]\nlet Q = eye(2), R = 0.1*eye(1)\nlet g = scan(k in 0..6, S = Q: {\n let K = solve(R + B'@S@B, B'@S@A)\n S = Q + A'@S@(A-B@K)\n Ks = K\n})\nlet sim = scan(k in 0..6, x = x0: {\n let u = -g.Ks[5-k]@x\n c = dot(x,x) + 0.1*dot(u,u)\n x = A@x + B@u + 0.01*sin(x)\n})\nloss = sum(sim.c) + trace(g.S)",
"param A: [n,n]\ndata B: [n,m], x0: [n]\nlet g = reverseScan(k in 0..6, S = eye(n): {\n let K = inverse(0.1*eye(m) + B'@S@B)@B'@S@A\n S = eye(n) + A'@S@A - A'@S@B@K\n Ks = K\n})\nlet sim = scan(K in g.Ks, x = x0: {\n c = sum(x^2) + 0.1*sum((K@x)^2)\n x = A@x - B@(K@x) + 0.01*sin(x)\n})\nloss = sum(sim.c) + trace(g.S)"],
 dict(A=np.array([[1.,.1],[-.2,1.]])),lqr,dict(B=np.array([[0.],[.1]]),x0=np.array([1.,-.5])))
def bill(P,D):
    X,y=D['X'],D['y'];lam=torch.exp(P['lam']);w=torch.zeros(2)
    for _ in range(12):
        p=torch.sigmoid(X@w);g=X.T@(p-y)+lam*w;H=X.T@((p*(1-p))[:,None]*X)+lam*torch.eye(2);w=w-torch.linalg.solve(H,g)
    return torch.nn.functional.softplus(-(2*D['yv']-1)*(D['Xv']@w)).mean()
case('bilevel logistic',["param lam\ndata X: [n,d], y: [n], Xv: [m,d], yv: [m]\nlet w = argmin(w = zeros(d): sum(softplus(X@w) - y*(X@w)) + 0.5*exp(lam)*dot(w,w))\nloss = mean(softplus(-(2*yv-1)*(Xv@w)))"],
 dict(lam=np.array(.3)),bill,dict(X=R(63,7,2),y=I(64,2,7).astype(float),Xv=R(65,5,2),yv=I(66,2,5).astype(float)))
def tsne(P,D):
    y=P['y'];n=6;d=((y[:,None]-y[None])**2).sum(-1);q=(1/(1+d))*(1-torch.eye(n));Q=q/q.sum();p=D['p'];m=p>0
    return (p[m]*torch.log(p[m]/Q[m])).sum()
pp=U(3,6,6)
pp[0,3]=pp[3,0]=0
pp=(pp+pp.T)*(1-np.eye(6))
pp=pp/pp.sum()
case('tsne',["param y: [n,2]\ndata p: [n,n]\nlet q = [i in 0..n, j in 0..n: if i == j then 0 else 1/(1+sum((y[i]-y[j])^2))]\nlet Q = q/sum(q)\nloss = sum(i in 0..n, j in 0..n: if p[i,j] > 0 then p[i,j]*log(p[i,j]/Q[i,j]) else 0)","param y: [n,2]\ndata p: [n,n]\nlet d = sum((y[:,None]-y)^2, axis=-1)\nlet num = (1-eye(n))/(1+d)\nlet Q = num/sum(num)\nloss = sum(xlogy(p,p)) - sum(where(p > 0, p*log(Q), 0))","param y: [n,2]\ndata p: [n,n]\nlet l = [i in 0..n, j in 0..n: -log1p(sum((y[i]-y[j])^2))]\nlet Zl = log(sum(i in 0..n, j in 0..n: if i != j then exp(l[i,j]) else 0))\nloss = sum(xlogy(p,p)) - sum(p*l) + Zl"],
 dict(y=R(4,6,2)),tsne,dict(p=pp))
SRC=np.array([0,1,2,2,3,4,0,5])
DST=np.array([1,0,1,3,2,0,4,4])
def gat(P,D):
    h=P['X']@P['W'];s,d=D['src'],D['dst'];e=F.leaky_relu(h[s]@P['a1']+h[d]@P['a2'],.2);out=[]
    for i in range(h.shape[0]):
        m=(d==i)
        out.append((torch.softmax(e[m],0)[:,None]*h[s[m]]).sum(0) if m.any() else torch.zeros(h.shape[1]))
    return (torch.tanh(torch.stack(out))**2*D['y']).sum()
case('gat',["param X: [n,d], W: [d,h], a1: [h], a2: [h]\ndata src: int[m] within 0..n, dst: int[m] within 0..n, y: [n,h]\nlet H = X@W\nlet e = leakyRelu(H[src]@a1 + H[dst]@a2, 0.2)\nlet mx = [i in 0..n: logsumexp(j in 0..m: if dst[j] == i then e[j] else -inf)]\nlet al = exp(e - mx[dst])\nlet out = scatterAdd(al[:,None]*H[src], dst, n)\nloss = sum(tanh(out)^2*y)",
"param X: [n,d], W: [d,h], a1: [h], a2: [h]\ndata src: int[m] within 0..n, dst: int[m] within 0..n, y: [n,h]\nlet H = X@W\nlet p = exp(leakyRelu(H[src]@a1 + H[dst]@a2, 0.2))\nlet den = scatterAdd(p, dst, n)\nlet out = scatterAdd((p/den[dst])[:,None]*H[src], dst, n)\nloss = sum(tanh(out)^2*y)",
"param X: [n,d], W: [d,h], a1: [h], a2: [h]\ndata src: int[m] within 0..n, dst: int[m] within 0..n, y: [n,h]\nlet H = X@W\nlet A = [i in 0..n, j in 0..n: if sum(k in 0..m: dst[k] == i and src[k] == j) > 0 then leakyRelu(dot(H[j],a1)+dot(H[i],a2), 0.2) else -inf]\nlet any_ = [i in 0..n: sum(dst == i) > 0]\nlet out = [i in 0..n: if any_[i] then softmax(A[i])@H else zeros(h)]\nloss = sum(tanh(out)^2*y)"],
 dict(X=R(6,6,3),W=R(7,3,2),a1=R(8,2),a2=R(9,2)),gat,dict(src=SRC,dst=DST,y=R(10,6,2)))
def mpnn(P,D):
    h=P['h'];s,d=D['src'],D['dst']
    for l in range(3):
        m=torch.relu(torch.cat([h[s],h[d],D['ef']],1)@P['M']);a=torch.zeros_like(h).index_add(0,d,m);c=torch.zeros(6).index_add(0,d,torch.ones(8));a=a/torch.clamp(c,min=1)[:,None]
        h=torch.tanh(h@P['U']+a)
    return (h.mean(0)**3).sum()
case('mpnn',["param h: [n,d], M: [2*d+1,d], U: [d,d]\ndata src: int[m] within 0..n, dst: int[m] within 0..n, ef: [m,1]\nlet deg = scatterAdd(ones(m), dst, n)\nlet out = scan(l in 0..3, h = h: {\n let msg = relu(concat(h[src], h[dst], ef, axis=1)@M)\n return tanh(h@U + scatterAdd(msg, dst, n)/max(deg,1)[:,None])\n})\nloss = sum(mean(out, axis=0)^3)","param h: [n,d], M: [2*d+1,d], U: [d,d]\ndata src: int[m] within 0..n, dst: int[m] within 0..n, ef: [m,1]\nlet deg = [i in 0..n: max(sum(k: dst[k] == i), 1)]\nlet out = scan(l in 0..3, h = h: {\n let a = h@M[0..d], b = h@M[d..2*d]\n let msg = [k in 0..m, c in 0..d: relu(a[src[k],c]+b[dst[k],c]+ef[k,0]*M[2*d,c])]\n return tanh(h@U + [i in 0..n, c in 0..d: sum(k in 0..m: if dst[k] == i then msg[k,c] else 0)/deg[i]])\n})\nloss = sum(mean(out, axis=0)^3)"],
 dict(h=R(15,6,2),M=R(16,5,2),U=R(17,2,2)),mpnn,dict(src=SRC,dst=DST,ef=R(18,8,1)))
def planar(P,D):
    z=D['z'];ld=0
    for l in range(2):
        u,w,b=P['u'][l],P['w'][l],P['b'][l];wu=w@u;uh=u+(-1+F.softplus(wu)-wu)*w/(w@w);a=z@w+b
        z=z+torch.tanh(a)[:,None]*uh;ld=ld+torch.log((1+(1-torch.tanh(a)**2)*(w@uh)).abs())
    return (D['al']*(z[:,0]**2-z[:,1])**2-ld).mean()
case('planar flow',["param u: [L,d], w: [L,d], b: [L]\ndata z: [n,d], al\nlet f = scan(l in 0..L, z = z, ld = zeros(n): {\n let wu = dot(w[l],u[l])\n let uh = u[l] + (softplus(wu)-1-wu)*w[l]/dot(w[l],w[l])\n let a = z@w[l]+b[l]\n ld = ld + log(abs(1+(1-tanh(a)^2)*dot(w[l],uh)))\n z = z + tanh(a)[:,None]*uh\n})\nloss = mean(al*(f.z[:,0]^2-f.z[:,1])^2 - f.ld)"],
 dict(u=R(39,2,2),w=R(40,2,2),b=R(41,2)),planar,dict(z=R(42,5,2),al=.3))
def trip(P,D):
    z=D['x']@P['W'];L=0;y=D['y']
    d=((z[:,None]-z[None])**2).sum(-1)
    for i in range(7):
        pos=[j for j in range(7) if y[j]==y[i] and j!=i];neg=[j for j in range(7) if y[j]!=y[i]]
        if pos and neg: L=L+torch.relu(torch.stack([d[i,j] for j in pos]).amax()-torch.stack([d[i,j] for j in neg]).amin()+.5)
    return L/7
case('batch hard triplet',["param W: [d,k]\ndata x: [n,d], y: int[n]\nlet z = x@W\nlet D = [i, j: sum((z[i]-z[j])^2)]\nloss = mean(i in 0..n: if sum(j in 0..n: y[j] == y[i]) > 1 then relu(max(j in 0..n: if y[j] == y[i] and j != i then D[i,j] else -inf) - min(j in 0..n: if y[j] != y[i] then D[i,j] else inf) + 0.5) else 0)","param W: [d,k]\ndata x: [n,d], y: int[n]\nlet z = x@W\nlet D = sum((z[:,None]-z[None,:])^2, axis=2)\nlet same = y[:,None] == y[None,:]\nlet hp = max(where(same and eye(n) == 0, D, -inf), axis=1)\nlet hn = min(where(same, inf, D), axis=1)\nloss = mean(relu(hp-hn+0.5))"],
 dict(W=R(48,3,2)),trip,dict(x=R(49,7,3),y=np.array([0,1,1,0,2,0,1])))
def ragged(P,D):
    L=0;e=D['ends']
    for s in range(len(e)-1):
        a,b=int(e[s]),int(e[s+1])
        if b>a:
            z=P['E'][D['tok'][a:b]];w=torch.softmax(z@P['q'],0);v=w@z;L=L+torch.log1p(torch.exp(-D['y'][s]*(v@P['c'])))
        else: L=L+math.log(2)
    return L
case('ragged attention pooling',["param E: [V,d], q: [d], c: [d]\ndata tok: int[N] within 0..V, ends: int[S+1], y: [S]\nloss = sum(s in 0..S: {\n let z = E[tok[ends[s]..ends[s+1]]]\n return softplus(-y[s]*dot(softmax(z@q)@z, c))\n})","param E: [V,d], q: [d], c: [d]\ndata tok: int[N] within 0..V, ends: int[S+1], y: [S]\nlet sc = E@q\nlet v = [s in 0..S: {\n let lz = logsumexp(i in ends[s]..ends[s+1]: sc[tok[i]])\n return sum(i in ends[s]..ends[s+1]: exp(sc[tok[i]]-lz)*dot(E[tok[i]],c))\n}]\nloss = sum(softplus(-y*v))"],
 dict(E=R(80,6,2),q=R(81,2),c=R(82,2)),ragged,dict(tok=I(83,6,7),ends=np.array([0,3,3,7]),y=np.array([1.,-1,1])))
def moe(P,D):
    g=torch.softmax(D['x']@P['G'],1);tk,ix=g.topk(2,1);L=0
    for i in range(5):
        w=tk[i]/tk[i].sum();L=L+((sum(w[j]*torch.tanh(D['x'][i]@P['E'][ix[i,j]]) for j in range(2))-D['y'][i])**2).sum()
    f=g.mean(0);return L+(f*f).sum()*4
case('moe top2',["param G: [d,m], E: [m,d,k]\ndata x: [n,d], y: [n,k]\nlet g = softmax(x@G)\nlet ix = [i in 0..n: argsort(g[i], descending=true)[:2]]\nlet h = [i in 0..n, j in 0..2: tanh(x[i]@E[ix[i,j]])]\nlet w = topK(g, 2)\nlet o = [i in 0..n: sum(j in 0..2: w[i,j]*h[i,j])/sum(w[i])]\nloss = sum((o-y)^2) + m*sum(mean(g,axis=0)^2)","param G: [d,m], E: [m,d,k]\ndata x: [n,d], y: [n,k]\nlet g = softmax(x@G)\nlet th = topK(g,2)[:,1]\nlet w = where(g >= th[:,None], g, 0)\nlet H = tanh(einsum(\"nd,mdk->nmk\", x, E))\nlet o = einsum(\"nm,nmk->nk\", w/sum(w,axis=1,keepdims=true), H)\nloss = sum((o-y)^2) + m*sum(mean(g,axis=0)^2)"],
 dict(G=R(92,3,4),E=R(93,4,3,2)),moe,dict(x=R(94,5,3),y=R(95,5,2)))
print('{"source": "PyTorch 2.6 in float64, simulations.py beside it", "programs": [')
print(",\n".join(json.dumps(row) for row in rows) + "\n]}")
