"""
Likelihoods as statisticians write them: regressions of every family and link, survival, series, copulas and shares far out or near a limit.
Reference values by reading the texts themselves: a reader of the part of the language that they need, over hyper-dual numbers
v + s e1 + t e2 + w e1 e2 of mpmath at 60 digits, and at more until 25 digits of all results agree.
Run: python3 likelihoods.py > likelihoods.json
"""
import json, math, re, random, sys
import numpy as np
from mpmath import mp, mpf
class HD:
    __slots__=('v','s','t','w')
    def __init__(self,v,s=0,t=0,w=0): self.v=v;self.s=s;self.t=t;self.w=w
    def ap(self,f0,f1,f2): return HD(f0,f1*self.s,f1*self.t,f1*self.w+f2*self.s*self.t)
    def __add__(a,b):
        if isinstance(b,np.ndarray): return NotImplemented
        b=hd(b); return HD(a.v+b.v,a.s+b.s,a.t+b.t,a.w+b.w)
    __radd__=__add__
    def __neg__(a): return HD(-a.v,-a.s,-a.t,-a.w)
    def __pos__(a): return a
    def __sub__(a,b):
        if isinstance(b,np.ndarray): return NotImplemented
        return a+(-hd(b))
    def __rsub__(a,b): return hd(b)+(-a)
    def __mul__(a,b):
        if isinstance(b,np.ndarray): return NotImplemented
        b=hd(b); return HD(a.v*b.v,a.s*b.v+a.v*b.s,a.t*b.v+a.v*b.t,a.w*b.v+a.v*b.w+a.s*b.t+a.t*b.s)
    __rmul__=__mul__
    def inv(a):
        i=1/a.v; return a.ap(i,-i*i,2*i*i*i)
    def __truediv__(a,b):
        if isinstance(b,np.ndarray): return NotImplemented
        return a*hd(b).inv()
    def __rtruediv__(a,b): return hd(b)*a.inv()
    def __lt__(a,b): return a.v<hd(b).v
    def __le__(a,b): return a.v<=hd(b).v
    def __gt__(a,b): return a.v>hd(b).v
    def __ge__(a,b): return a.v>=hd(b).v
    def __eq__(a,b): return a.v==hd(b).v
    def __ne__(a,b): return a.v!=hd(b).v
    def __hash__(a): return hash(a.v)
    def const(a): return a.s==0 and a.t==0 and a.w==0
    def __pow__(a,b):
        if isinstance(b,np.ndarray): return NotImplemented
        b=hd(b)
        if b.const():
            p=b.v
            if p==int(p):
                p=int(p)
                if p==0: return HD(mpf(1))
                if p==1: return a
                return a.ap(a.v**p,p*a.v**(p-1),p*(p-1)*a.v**(p-2) if p!=2 else mpf(2))
            if a.v==0:
                return a.ap(mpf(0) if p>0 else mpf('inf'), mpf(0) if p>1 else mpf('inf'), mpf(0) if p>2 else mpf('inf')) if not a.const() else HD(mpf(0) if p>0 else mpf('inf'))
            return a.ap(a.v**p,p*a.v**(p-1),p*(p-1)*a.v**(p-2))
        if a.const() and a.v==0: return HD(mpf(0)) if b.v>0 else HD(mpf(1) if b.v==0 else mpf('inf'))
        return exp(b*log(a))
    def __rpow__(a,b): return hd(b)**a
def hd(x):
    if isinstance(x,HD): return x
    if isinstance(x,(bool,np.bool_)): return HD(mpf(int(x)))
    return HD(mpf(int(x)) if isinstance(x,(int,np.integer)) else mpf(x))
def u(fn):
    def g(x):
        if isinstance(x,np.ndarray): 
            r=np.empty(x.shape,dtype=object)
            for k in np.ndindex(x.shape): r[k]=fn(hd(x[k]))
            return r
        return fn(hd(x))
    return g
def _bc(fn):
    def g(*a):
        if any(isinstance(x,np.ndarray) for x in a):
            b=np.broadcast_arrays(*[np.asarray(x,dtype=object) for x in a]); r=np.empty(b[0].shape,dtype=object)
            for k in np.ndindex(r.shape): r[k]=fn(*[hd(x[k]) for x in b])
            return r
        return fn(*[hd(x) for x in a])
    return g
def _sc(f): return u(f)
def _exp(a): e=mp.exp(a.v); return a.ap(e,e,e)
def _log(a):
    if a.v==0: return HD(mpf('-inf')) if a.const() else a.ap(mpf('-inf'),mpf('inf'),mpf('-inf'))
    if a.v<0: return HD(mpf('nan'),mpf('nan'),mpf('nan'),mpf('nan'))
    return a.ap(mp.log(a.v),1/a.v,-1/a.v**2)
exp=u(_exp); log=u(_log)
def _sqrt(a):
    if a.v==0 and a.const(): return HD(mpf(0))
    r=mp.sqrt(a.v); return a.ap(r,1/(2*r),-1/(4*r**3))
sqrt=u(_sqrt)
def _lg(a): return a.ap(mp.re(mp.loggamma(a.v)) if a.v>0 else mp.log(abs(mp.gamma(a.v))),mp.psi(0,a.v) if not a.const() else 0,mp.psi(1,a.v) if not a.const() else 0)
lgamma=u(_lg)
digamma=u(lambda a:a.ap(mp.psi(0,a.v),mp.psi(1,a.v),mp.psi(2,a.v)))
trigamma=u(lambda a:a.ap(mp.psi(1,a.v),mp.psi(2,a.v),mp.psi(3,a.v)))
def ERFC(x):
    if x<1000: return mp.erfc(x)
    t=mpf(1); tot=mpf(1); k=0
    while abs(t)>mpf(2)**(-mp.prec-10) and k<400:
        t=t*-(2*k+1)/(2*x*x); tot+=t; k+=1
    if k==400: raise ValueError
    return mp.exp(-x*x)/(x*mp.sqrt(mp.pi))*tot
def _erf(a): d=2/mp.sqrt(mp.pi)*mp.exp(-a.v**2); return a.ap(mp.erf(a.v),d,-2*a.v*d)
def _erfc(a): d=-2/mp.sqrt(mp.pi)*mp.exp(-a.v**2); return a.ap(ERFC(a.v),d,-2*a.v*d)
erf=u(_erf); erfc=u(_erfc)
def _ncdf(a): d=mp.exp(-a.v**2/2)/mp.sqrt(2*mp.pi); return a.ap(ERFC(-a.v/mp.sqrt(2))/2,d,-a.v*d)
normalCdf=u(_ncdf)
normalPdf=u(lambda a:_exp(-(a*a)/2)/mp.sqrt(2*mp.pi))
logNormalCdf=u(lambda a:_log(_ncdf(a)))
def _sincos(a): return mp.sin(a.v),mp.cos(a.v)
sin=u(lambda a:a.ap(mp.sin(a.v),mp.cos(a.v),-mp.sin(a.v)))
cos=u(lambda a:a.ap(mp.cos(a.v),-mp.sin(a.v),-mp.cos(a.v)))
tan=u(lambda a:sin(a)/cos(a))
atan=u(lambda a:a.ap(mp.atan(a.v),1/(1+a.v**2),-2*a.v/(1+a.v**2)**2))
asin=u(lambda a:a.ap(mp.asin(a.v),1/mp.sqrt(1-a.v**2),a.v/mp.sqrt(1-a.v**2)**3))
acos=u(lambda a:mp.pi/2-asin(a))
sinh=u(lambda a:a.ap(mp.sinh(a.v),mp.cosh(a.v),mp.sinh(a.v)))
cosh=u(lambda a:a.ap(mp.cosh(a.v),mp.sinh(a.v),mp.cosh(a.v)))
tanh=u(lambda a:sinh(a)/cosh(a))
asinh=u(lambda a:a.ap(mp.asinh(a.v),1/mp.sqrt(1+a.v**2),-a.v/mp.sqrt(1+a.v**2)**3))
atanh=u(lambda a:a.ap(mp.atanh(a.v),1/(1-a.v**2),2*a.v/(1-a.v**2)**2))
acosh=u(lambda a:log(a+sqrt(a*a-1)))
expm1=u(lambda a:a.ap(mp.expm1(a.v),mp.exp(a.v),mp.exp(a.v)))
log1p=u(lambda a:_log(1+a))
softplus=u(lambda a:_log(1+_exp(a)))
sigmoid=u(lambda a:1/(1+_exp(-a)))
logSigmoid=u(lambda a:-_log(1+_exp(-a)))
logit=u(lambda a:_log(a/(1-a)))
log1mexp=u(lambda a:_log(1-_exp(a)))
logCosh=u(lambda a:_log(cosh(a)))
absf=u(lambda a:a if a.v>0 else (-a if a.v<0 else HD(mpf(0))))
floor=u(lambda a:HD(mp.floor(a.v)))
sign=u(lambda a:HD(mpf(mp.sign(a.v))))
relu=u(lambda a:a if a.v>0 else HD(mpf(0)))
square=u(lambda a:a*a)
def _half(a,b): return (a+b)/2
maxf=_bc(lambda a,b:a if a.v>b.v else (b if b.v>a.v else _half(a,b)))
minf=_bc(lambda a,b:a if a.v<b.v else (b if b.v<a.v else _half(a,b)))
def _xlogy(x,y): return HD(mpf(0)) if x.v==0 and x.const() else x*_log(y)
xlogy=_bc(_xlogy); xlog1py=_bc(lambda x,y:_xlogy(x,1+y))
logaddexp=_bc(lambda a,b:b if a.v==-mp.inf else a if b.v==-mp.inf else _log(_exp(a)+_exp(b)))
def _erfinv(a):
    z=mp.erfinv(a.v); d=mp.sqrt(mp.pi)/2*mp.exp(z*z); return a.ap(z,d,2*z*d*d)
erfinv=u(_erfinv)
def _huber(x,d): return x*x/2 if abs(x.v)<=d.v else d*(absf(x)-d/2)
huber=_bc(_huber)
cbrt=u(lambda a:a**(mpf(1)/3) if a.v>0 else -((-a)**(mpf(1)/3)))
atan2=_bc(lambda y,x:None)
TOK=re.compile(r'\s*(?:(#[^\n]*)|(\d+(?:\.(?!\.)\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)|([A-Za-z_]\w*)|(\.\.|//|<=|>=|==|!=|[-+*/@^<>=()\[\]{},:.\';]))')
def tokens(text):
    out=[]
    for line in text.split('\n'):
        pos=0; start=True
        line=line.rstrip()
        lt=[]
        while pos<len(line):
            m=TOK.match(line,pos)
            if not m: raise SyntaxError(line[pos:])
            pos=m.end()
            if m[1]: break
            lt.append(('n',m[2]) if m[2] else ('w',m[3]) if m[3] else ('o',m[4]))
        if lt:
            if out and out[-1]==('nl','') and lt[0][0]=='o' and lt[0][1] in '+-*/@^': out.pop()
            out+=lt; out.append(('nl',''))
    res=[]; depth=[]
    for t in out:
        if t[0]=='o' and t[1] in '([{': depth.append(t[1])
        if t[0]=='o' and t[1] in ')]}': depth.pop()
        if t[0]=='nl' and depth and depth[-1]!='{': continue
        if t==('o',';'): t=('nl','')
        res.append(t)
    return res
BIN={'or':1,'and':2,'<':4,'<=':4,'>':4,'>=':4,'==':4,'!=':4,'..':5,'+':6,'-':6,'*':7,'/':7,'//':7,'@':7}
class P:
    def __init__(s,text): s.t=tokens(text)+[('end','')]; s.i=0
    def pk(s): return s.t[s.i]
    def nx(s): s.i+=1; return s.t[s.i-1]
    def at(s,v): return s.pk()[1]==v and s.pk()[0] in 'ow'
    def eat(s,v):
        if not s.at(v): raise SyntaxError(f'want {v} got {s.t[s.i-3:s.i+4]}')
        s.i+=1
    def opt(s,v):
        if s.at(v): s.i+=1; return True
        return False
    def nls(s):
        while s.pk()[0]=='nl': s.i+=1
    def program(s):
        st=[]; s.nls()
        while s.pk()[0]!='end':
            k=s.pk()[1]
            if k in('param','data','size','model'):
                s.nx(); d=0
                while s.pk()[0]!='nl': s.nx()
            elif k=='def':
                s.nx(); n=s.nx()[1]; s.eat('('); ps=[]
                while not s.opt(')'):
                    ps.append(s.nx()[1])
                    if s.opt(':'): s.skiptype()
                    s.opt(',')
                s.eat('='); st.append(('def',n,ps,s.ex()))
            else: st+=s.assigns()
            s.nls()
        return st
    def skiptype(s):
        if s.pk()[0]=='w': s.nx()
        if s.opt('['):
            d=1
            while d:
                t=s.nx()[1]
                d+= t=='['; d-= t==']'
    def assigns(s):
        if s.pk()[1] in('let','const','output'): s.nx()
        out=[]
        while True:
            n=s.nx()[1]
            if s.opt(':'): s.skiptype()
            s.eat('='); out.append(('let',n,s.ex()))
            if not s.opt(','): return out
    def ex(s,p=0):
        l=s.operand()
        while True:
            t=s.pk()
            if t[1] in BIN and t[0] in 'ow' and BIN[t[1]]>p:
                s.nx(); r=s.ex(BIN[t[1]])
                if BIN[t[1]]==4 and l[0]=='bin' and l[1] in('<','<=') and t[1] in('<','<=') : l=('bin','and',l,('bin',t[1],l[3],r))
                else: l=('bin',t[1],l,r)
            else: return l
    def operand(s):
        if s.opt('-'): return ('neg',s.operand())
        if s.opt('+'): return s.operand()
        if s.opt('not'): return ('not',s.operand())
        if s.opt('if'):
            c=s.ex(); s.nls(); s.eat('then'); a=s.ex(); s.nls(); s.eat('else'); return ('if',c,a,s.ex())
        b=s.post()
        if s.opt('^'): return ('bin','^',b,s.operand())
        return b
    def post(s):
        a=s.atom()
        while True:
            if s.at('['):
                s.nx(); ix=[]
                while not s.opt(']'):
                    if s.at(':') : s.nx(); ix.append(('all',) if s.at(',') or s.at(']') else ('to',s.ex()))
                    else:
                        e=s.ex()
                        if s.opt(':'): e=('from',e) if s.at(']') or s.at(',') else ('bin','..',e,s.ex())
                        ix.append(e)
                    s.opt(',')
                a=('ix',a,ix)
            elif s.at('.') : s.nx(); a=('dot',a,s.nx()[1])
            elif s.at("'"): s.nx(); a=('T',a)
            else: return a
    def args(s,close):
        ar=[]; named=[]; body=None; its=[]
        while not s.opt(close):
            if s.pk()[0]=='w' and s.t[s.i+1]==('w','in'):
                n=s.nx()[1]; s.nx(); its.append((n,s.ex()))
            elif s.pk()[0]=='w' and s.t[s.i+1]==('o','='):
                n=s.nx()[1]; s.nx(); named.append((n,s.ex()))
            elif s.at(':'):
                s.nx(); s.nls(); body=s.ex(); s.nls(); s.eat(close); break
            else: ar.append(s.ex())
            s.opt(',')
        if body is not None: its=[(a[1],None) for a in ar]+its; ar=[]
        return ar,named,its,body
    def atom(s):
        k,v=s.nx()
        if k=='n': return ('num',v)
        if v=='(':
            e=s.ex(); s.eat(')'); return e
        if v=='[':
            ar,named,its,body=s.args(']')
            return ('arr',ar) if body is None else ('build',its,body)
        if v=='{':
            st=[]; ret=None; s.nls()
            while not s.opt('}'):
                if s.opt('return'): ret=s.ex()
                elif s.at('let'): st+=s.assigns()
                else: st+=[('field',)+a[1:] for a in s.assigns()]
                s.nls()
            return ('block',st,ret)
        if k=='w':
            if s.at('('):
                s.nx(); return ('call',v)+s.args(')')
            return ('name',v)
        raise SyntaxError(f'{k} {v} {s.t[s.i-4:s.i+3]}')
FN=dict(exp=exp,log=log,sqrt=sqrt,lgamma=lgamma,digamma=digamma,trigamma=trigamma,erf=erf,erfc=erfc,normalCdf=normalCdf,Phi=normalCdf,normalPdf=normalPdf,
 logNormalCdf=logNormalCdf,sin=sin,cos=cos,tan=tan,atan=atan,asin=asin,acos=acos,sinh=sinh,cosh=cosh,tanh=tanh,asinh=asinh,atanh=atanh,acosh=acosh,expm1=expm1,
 log1p=log1p,softplus=softplus,sigmoid=sigmoid,inv_logit=sigmoid,logSigmoid=logSigmoid,logit=logit,log1mexp=log1mexp,logCosh=logCosh,abs=absf,floor=floor,sign=sign,relu=relu,square=square,
 xlogy=xlogy,xlog1py=xlog1py,logaddexp=logaddexp,erfinv=erfinv,huber=huber,cbrt=cbrt,pow=lambda a,b:hd(a)**b,erfcx=u(lambda a:exp(a*a)*erfc(a)),
 step=u(lambda a:HD(mpf(1 if a.v>0 else 0))),log2=u(lambda a:log(a)/mp.log(2)),log10=u(lambda a:log(a)/mp.log(10)),rsqrt=u(lambda a:1/sqrt(a)),sinc=u(lambda a:sin(a)/a),logErfc=u(lambda a:log(erfc(a))))
def find_range(body,name,ev,env):
    best=None
    def walk(e):
        nonlocal best
        if isinstance(e,tuple):
            if e and e[0]=='ix':
                for k,i in enumerate(e[2]):
                    if i==('name',name):
                        try:
                            n=np.shape(ev(e[1],env))[k] if len(e)>1 else None
                            best=n if best is None else min(best,n)
                        except Exception: pass
            for x in e: walk(x)
        elif isinstance(e,list):
            for x in e: walk(x)
    walk(body)
    if best is None: raise ValueError('no range for '+name)
    return range(best)
def arr(l): 
    r=np.empty((len(l),)+np.shape(l[0]),dtype=object) if len(l) else np.empty((0,),dtype=object)
    for k,x in enumerate(l): r[k]=x
    return r
def chol(A):
    n=len(A); L=np.full((n,n),HD(mpf(0)),dtype=object)
    for i in range(n):
        for j in range(i+1):
            s=A[i,j]-sum((L[i,k]*L[j,k] for k in range(j)),HD(mpf(0))); L[i,j]=sqrt(s) if i==j else s/L[j,j]
    return L
def solve(A,b):
    A=np.array(A,dtype=object); b=np.array(b,dtype=object); one=b.ndim==1
    if one: b=b[:,None]
    n=len(A); A=A.copy(); b=b.copy()
    for i in range(n):
        p=max(range(i,n),key=lambda r:abs(hd(A[r,i]).v))
        if p!=i: A[[i,p]]=A[[p,i]]; b[[i,p]]=b[[p,i]]
        for r in range(i+1,n):
            f=hd(A[r,i])/A[i,i]; A[r]=A[r]-f*A[i]; b[r]=b[r]-f*b[i]
    x=np.empty_like(b)
    for i in range(n-1,-1,-1): x[i]=(b[i]-sum((A[i,k]*x[k] for k in range(i+1,n)),HD(mpf(0))))/hd(A[i,i])
    return x[:,0] if one else x
def det(A):
    A=np.array(A,dtype=object).copy(); d=HD(mpf(1)); n=len(A)
    for i in range(n):
        p=max(range(i,n),key=lambda r:abs(hd(A[r,i]).v))
        if p!=i: A[[i,p]]=A[[p,i]]; d=-d
        d=d*A[i,i]
        for r in range(i+1,n): A[r]=A[r]-hd(A[r,i])/A[i,i]*A[i]
    return d
def ev(e,env):
    k=e[0]
    if k=='num': return int(e[1]) if re.fullmatch(r'\d+',e[1]) else HD(mpf(float(e[1])))
    if k=='name':
        if e[1] in env: return env[e[1]]
        if e[1]=='pi': return HD(+mp.pi)
        if e[1]=='inf': return HD(mpf('inf'))
        raise NameError(e[1])
    if k=='neg': return -ev(e[1],env)
    if k=='not': return not ev(e[1],env)
    if k=='if':
        c=ev(e[1],env)
        if isinstance(c,np.ndarray): return sel(c,ev(e[2],env),ev(e[3],env))
        return ev(e[2],env) if c else ev(e[3],env)
    if k=='bin':
        o=e[1]
        if o=='and': 
            a=ev(e[2],env); return a & ev(e[3],env) if isinstance(a,np.ndarray) else a and ev(e[3],env)
        if o=='or': 
            a=ev(e[2],env); return a | ev(e[3],env) if isinstance(a,np.ndarray) else a or ev(e[3],env)
        a=ev(e[2],env); b=ev(e[3],env)
        if o=='+': return a+b
        if o=='-': return a-b
        if o=='*': return a*b
        if o=='/':
            if isinstance(b,np.ndarray): return a*u(lambda x:x.inv())(b)
            return a*hd(b).inv()
        if o=='//': return a//b
        if o=='^': return (a if isinstance(a,np.ndarray) else hd(a))**b
        if o=='@': return np.dot(a,b)
        if o=='..': return range(int(a),int(b))
        f={'<':lambda x,y:x<y,'<=':lambda x,y:x<=y,'>':lambda x,y:x>y,'>=':lambda x,y:x>=y,'==':lambda x,y:x==y,'!=':lambda x,y:x!=y}[o]
        if isinstance(a,np.ndarray) or isinstance(b,np.ndarray):
            r=np.vectorize(lambda x,y:bool(f(hd(x),hd(y))),otypes=[bool])(a,b); return r
        return bool(f(hd(a),hd(b)))
    if k=='ix':
        a=ev(e[1],env); ix=[]
        for i in e[2]:
            if i[0]=='all': ix.append(slice(None))
            elif i[0]=='to': ix.append(slice(None,ev(i[1],env)))
            elif i[0]=='from': ix.append(slice(ev(i[1],env),None))
            elif i==('name','None'): ix.append(None)
            else:
                v=ev(i,env)
                ix.append(slice(v.start,v.stop) if isinstance(v,range) else v if isinstance(v,np.ndarray) else int(v.v) if isinstance(v,HD) else int(v))
        return a[tuple(x.astype(int) if isinstance(x,np.ndarray) else x for x in ix)]
    if k=='dot':
        a=ev(e[1],env)
        return a[e[2]] if isinstance(a,dict) else a
    if k=='T': 
        a=ev(e[1],env); return a.T
    if k=='arr': return arr([ev(x,env) for x in e[1]])
    if k=='build': return build(e[1],e[2],env)
    if k=='block':
        en=dict(env); f={}
        for s in e[1]:
            v=ev(s[2],en)
            if s[0]=='let': en[s[1]]=v
            else: f[s[1]]=v
        return ev(e[2],en) if e[2] is not None else f
    if k=='call': return call(e,env)
    raise ValueError(k)
def sel(c,a,b):
    c,a,b=np.broadcast_arrays(np.asarray(c,dtype=object),np.asarray(a,dtype=object),np.asarray(b,dtype=object)); r=np.empty(c.shape,dtype=object)
    for k in np.ndindex(r.shape): r[k]=a[k] if c[k] else b[k]
    return r
def rng(r,body,n,env):
    if r is None: return find_range(body,n,ev,env)
    v=ev(r,env)
    return v
def build(its,body,env):
    if not its: return ev(body,env)
    n,r=its[0]; return arr([build(its[1:],body,{**env,n:v}) for v in rng(r,body,n,env)])
def each(its,body,env):
    if not its: yield ev(body,env); return
    n,r=its[0]
    for v in rng(r,body,n,env): yield from each(its[1:],body,{**env,n:v})
def lse(l):
    l=[hd(x) for x in l]; m=max(x.v for x in l)
    if m==-mp.inf: return HD(m)
    return log(sum((exp(x-m) for x in l if x.v!=-mp.inf),HD(mpf(0))))+m
def total(it):
    s=HD(mpf(0))
    for x in it: s=s+x
    return s
def call(e,env):
    _,f,ar,named,its,body=e
    if f in('sum','mean','prod','logsumexp','max','min') and body is not None:
        l=list(each(its,body,env))
        if f=='sum': return total(l)
        if f=='mean': return total(l)/len(l)
        if f=='prod':
            p=HD(mpf(1))
            for x in l: p=p*x
            return p
        if f=='logsumexp': return lse(l)
        m=l[0]
        for x in l[1:]: m=(maxf if f=='max' else minf)(m,x)
        return m
    if f in('scan','reverseScan'):
        seqs=[(n,list(ev(r,env))) for n,r in its]; c={n:ev(x,env) for n,x in named}; st={}
        N=len(seqs[0][1]); order=range(N) if f=='scan' else range(N-1,-1,-1)
        for i in order:
            r=ev(body,{**env,**c,**{n:s[i] for n,s in seqs}})
            if not isinstance(r,dict): r={list(c)[0]:r}
            for n,v in r.items():
                if n in c: c[n]=v
                else: st.setdefault(n,[]).append(v)
        out={**c,**{n:arr(v if f=='scan' else v[::-1]) for n,v in st.items()}}
        return list(c.values())[0] if len(out)==1 else out
    if f=='map':
        n,r=its[0]; return arr([ev(body,{**env,n:v}) for v in ev(r,env)])
    if f=='while':
        nm={n:x for n,x in named}; c={n:ev(x,env) for n,x in named if n not in('test','limit')}; lim=int(ev(nm['limit'],env)) if 'limit' in nm else 10**6
        for _ in range(lim):
            if not ev(nm['test'],{**env,**c}): break
            r=ev(body,{**env,**c}); c=r if isinstance(r,dict) else {list(c)[0]:r}
        return list(c.values())[0] if len(c)==1 else c
    if f in env and isinstance(env[f],tuple):
        _,ps,b,e0=env[f]; vals=dict(zip(ps,[ev(x,env) for x in ar])); vals.update({n:ev(x,env) for n,x in named})
        return ev(b,{**e0,f:env[f],**vals})
    a=[ev(x,env) for x in ar]; nm={n:ev(x,env) for n,x in named}
    if f in FN: return FN[f](*a)
    ax=nm.get('axis')
    if f in('max','min'):
        if len(a)==1: 
            m=a[0].flat[0]
            for x in a[0].flat: m=m if x is m else (maxf if f=='max' else minf)(m,x)
            return m
        m=a[0]
        for x in a[1:]: m=(maxf if f=='max' else minf)(m,x)
        return m
    if f=='clamp': return minf(maxf(a[0],a[1]),a[2])
    if f=='select':
        return sel(*a) if any(isinstance(x,np.ndarray) for x in a) else a[1] if a[0] else a[2]
    if f in('sum','mean','logsumexp'):
        def red(l): l=list(l); return total(l) if f=='sum' else total(l)/len(l) if f=='mean' else lse(l)
        if ax is None: return red(np.asarray(a[0],dtype=object).flat)
        return np.apply_along_axis(lambda v:red(v),ax,a[0])
    if f=='prod':
        p=HD(mpf(1))
        for x in a[0].flat: p=p*x
        return p
    if f=='dot': return total((a[0]*a[1]).flat)
    if f=='norm': return sqrt(total((a[0]*a[0]).flat))
    if f=='variance':
        x=a[0]; m=total(x.flat)/x.size; return total(((x-m)**2).flat)/x.size
    if f=='concat': return np.concatenate([np.atleast_1d(x) for x in a])
    if f=='cumsum': return np.array([total(a[0][:k+1]) for k in range(len(a[0]))],dtype=object)
    if f=='cholesky': return chol(a[0])
    if f=='solve': return solve(a[0],a[1])
    if f=='solveTriangular': return solve(a[0],a[1])
    if f=='inverse': return solve(a[0],np.eye(len(a[0]),dtype=int).astype(object))
    if f=='logdet': return log(absf(det(a[0])))
    if f=='det': return det(a[0])
    if f=='diag': return np.diag(a[0]) if a[0].ndim==2 else np.array([[a[0][i] if i==j else 0 for j in range(len(a[0]))] for i in range(len(a[0]))],dtype=object)
    if f=='eye': return np.eye(int(hd(a[0]).v),dtype=int).astype(object)
    if f=='zeros': return np.full([int(hd(x).v) for x in np.atleast_1d(a[0])],0,dtype=object)
    if f=='logSoftmax':
        x=a[0]; return np.array([z-lse(x) for z in x],dtype=object) if x.ndim==1 else np.array([[z-lse(r) for z in r] for r in x],dtype=object)
    if f=='softmax':
        x=a[0]; return np.array([exp(z-lse(x)) for z in x],dtype=object)
    if f=='stopGradient': return u(lambda x:HD(x.v))(a[0])
    raise NameError(f)
def lift(v,isint=False):
    if isinstance(v,list): return np.array([lift(x) for x in v] if not any(isinstance(x,list) for x in v) else [list(lift(x)) for x in v],dtype=object) if v else np.empty((0,),dtype=object)
    if isinstance(v,bool): return v
    return v if isinstance(v,int) else HD(mpf(v))
cache={}
def sizes_of(text,inputs):
    out={}
    for m in re.finditer(r"(\w+): (?:int|real|bool)?\[([^\]]*)\]",text):
        if m[1] in inputs:
            for s,n in zip(m[2].split(","),np.shape(inputs[m[1]])):
                if re.fullmatch(r"[A-Za-z]\w*",s.strip()): out[s.strip()]=n
    return out
def run(text,inputs,sizes={}):
    st=cache.get(text)
    if st is None: st=cache[text]=P(text).program()
    env={**sizes_of(text,inputs),**sizes,**inputs}
    for s in st:
        if s[0]=='def': env[s[1]]=('def',s[2],s[3],env)
        else:
            env[s[1]]=ev(s[2],env)
    return hd(env['loss'])

R = random.Random(7)
def vec(n, lo=-1.5, hi=1.5): return [round(R.uniform(lo, hi), 3) for _ in range(n)]
def mat(n, d, lo=-1.5, hi=1.5): return [vec(d, lo, hi) for _ in range(n)]
rows = []
def row(name, texts, params, **data): rows.append((name, texts, params, data))
FAR = [[40., -3.], [1., .5], [-38., 2.], [.2, .1], [25., -30.], [0., 0.]]
NEAR = mat(6, 2); COUNTS = [0, 3, 1, 7, 2, 0]; BITS = [1, 0, 1, 1, 0, 0]; TIMES = vec(6, .1, 4); SHARES = vec(6, .05, .95); B = vec(2)
REG = "param b: [d]{}\ndata X: [n, d], y: [n]\n"
BINARY = ["loss = -sum(y * log(p) + (1 - y) * log(1 - p))", "loss = -sum(i: if y[i] == 1 then log(p[i]) else log(1 - p[i]))",
          "loss = -sum(i: log(p[i]^y[i] * (1 - p[i])^(1 - y[i])))", "loss = -sum(xlogy(y, p) + xlog1py(1 - y, -p))"]
for link, p in dict(logit='1 / (1 + exp(-(X @ b)))', probit='Phi(X @ b)', cloglog='1 - exp(-exp(X @ b))', loglog='exp(-exp(-(X @ b)))', cauchit='0.5 + atan(X @ b) / pi').items():
    if link == 'cloglog': x = [[2., -3.], [1., .5], [-38., 2.], [.2, .1], [-25., -30.], [0., 0.]]
    elif link == 'loglog': x = [[-2., 3.], [1., .5], [38., 2.], [.2, .1], [25., 30.], [0., 0.]]
    else: x = FAR
    row(f'binary, {link}', [REG.format('') + f"let p = {p}\n" + t for t in BINARY], dict(b=[.9, .4]), X=x, y=BITS)
row('cauchit, far out', [REG.format('') + "let p = 0.5 + atan(X @ b) / pi\n" + BINARY[0]], dict(b=[3e9, 1e7]), X=FAR, y=BITS)
row('gamma, nearly normal', [REG.format(', a') + "let mu = exp(X @ b)\nloss = -sum(a * log(a / mu) + (a - 1) * log(y) - a * y / mu - lgamma(a))"], dict(b=[.1, -.2], a=1e4), X=NEAR, y=TIMES)
NB = [REG.format(', f') + t for t in ("let mu = exp(X @ b), r = exp(f)\nloss = -sum(lgamma(y + r) - lgamma(r) - lgamma(y + 1) + r * log(r / (r + mu)) + y * log(mu / (r + mu)))",
      "let eta = X @ b, a = exp(-f)\nloss = -sum(lgamma(y + 1/a) - lgamma(1/a) - lgamma(y + 1) + y * log(a * exp(eta) / (1 + a * exp(eta))) - log(1 + a * exp(eta)) / a)")]
row('negative binomial, nearly Poisson', NB, dict(b=B, f=22.), X=NEAR, y=COUNTS)
row('negative binomial, of huge means', NB, dict(b=[.9, .3], f=2.), X=FAR, y=COUNTS)
row('counts with more zeros', [REG.format(', g: [d]') + t for t in ("let mu = exp(X @ b), p = 1 / (1 + exp(-(X @ g)))\nloss = -sum(i: if y[i] == 0 then log(p[i] + (1 - p[i]) * exp(-mu[i])) else log(1 - p[i]) + y[i] * log(mu[i]) - mu[i] - lgamma(y[i] + 1))",
    "let mu = exp(X @ b), z = X @ g\nloss = -sum(select(y == 0, log(exp(z) + exp(-mu)), y * log(mu) - mu - lgamma(y + 1)) - log(1 + exp(z)))")], dict(b=[.3, .1], g=[1., -.5]), X=FAR, y=COUNTS)
row('counts behind a hurdle', [REG.format(', g: [d]') + "let mu = exp(X @ b), z = X @ g\nloss = -sum(i: if y[i] == 0 then -log(1 + exp(z[i])) else z[i] - log(1 + exp(z[i])) + y[i] * log(mu[i]) - mu[i] - lgamma(y[i] + 1) - log(1 - exp(-mu[i])))"], dict(b=[.9, .1], g=[1., -.5]), X=FAR, y=COUNTS)
for f in (1.2, 20., -15.): row(f'shares by a beta distribution of precision e^{f:g}', [REG.format(', f') + "let mu = 1 / (1 + exp(-(X @ b))), phi = exp(f)\nloss = -sum(lgamma(phi) - lgamma(mu * phi) - lgamma((1 - mu) * phi) + (mu * phi - 1) * log(y) + ((1 - mu) * phi - 1) * log(1 - y))"], dict(b=B, f=f), X=NEAR, y=SHARES)
SURVIVAL = "param b: [d], s\ndata X: [n, d], t: [n], e: [n]\n"
row('times of Weibull, some censored', [SURVIVAL + t for t in ("let z = (log(t) - X @ b) / exp(s)\nloss = -sum(e * (z - exp(z) - s - log(t)) + (1 - e) * (-exp(z)))",
    "let k = exp(-s), l = exp(X @ b)\nloss = -sum(i: if e[i] == 1 then log(k / l[i] * (t[i] / l[i])^(k - 1) * exp(-(t[i] / l[i])^k)) else -(t[i] / l[i])^k)")], dict(b=[.3, .1], s=-1.), X=[[-r for r in x] if x[0] > 0 else x for x in NEAR], t=TIMES, e=BITS)
row('log-logistic times, some censored', [SURVIVAL + t for t in ("let z = (log(t) - X @ b) / exp(s)\nloss = -sum(e * (z - s - log(t) - 2 * log(1 + exp(z))) - (1 - e) * log(1 + exp(z)))",
    "let a = exp(X @ b), k = exp(-s)\nlet h = (k / a) * (t / a)^(k - 1) / (1 + (t / a)^k), S = 1 / (1 + (t / a)^k)\nloss = -sum(e * log(h) + log(S))")], dict(b=[.3, .1], s=-2.), X=FAR, t=TIMES, e=BITS)
row('log-normal times, some censored', [SURVIVAL + "let z = (log(t) - X @ b) / exp(s)\nloss = -sum(e * (-0.5 * z^2 - s - log(t)) + (1 - e) * log(1 - Phi(z)))"], dict(b=[.25, .1], s=-1.), X=FAR, t=TIMES, e=BITS)
for g in (1e-9, -1e-5): row(f'times of Gompertz, ageing by {g:g}', ["param b: [d], g\ndata X: [n, d], t: [n], e: [n]\nlet r = exp(X @ b)\nloss = -sum(e * (log(r) + g * t) - r / g * (exp(g * t) - 1))"], dict(b=B, g=g), X=NEAR, t=TIMES, e=BITS)
row('hazards of Cox, ties by Breslow', ["param b: [d]\ndata X: [n, d], t: [n], e: [n]\nlet eta = X @ b\n" + t for t in ("loss = -sum(i in 0..n: e[i] * (eta[i] - log(sum(j in 0..n: if t[j] >= t[i] then exp(eta[j]) else 0))))",
    "loss = -sum(i in 0..n: e[i] * (eta[i] - logsumexp(j in 0..n: if t[j] >= t[i] then eta[j] else -inf)))")], dict(b=[.5, .4]), X=FAR, t=[1., 2., 2., 3., 3., 5.], e=BITS)
row('hazards of Cox, ties by Efron', ["param b: [d]\ndata X: [n, d], t: [n], e: [n]\nlet r = exp(X @ b)\nlet risk = [i in 0..n: sum(j in 0..n: if t[j] >= t[i] then r[j] else 0)]\nlet tied = [i in 0..n: sum(j in 0..n: if t[j] == t[i] and e[j] == 1 then r[j] else 0)]\nlet m = [i in 0..n: sum(j in 0..n: if t[j] == t[i] and e[j] == 1 then 1 else 0)]\nlet k = [i in 0..n: sum(j in 0..i: if t[j] == t[i] and e[j] == 1 then 1 else 0)]\nloss = -sum(i in 0..n: if e[i] == 1 then log(r[i]) - log(risk[i] - k[i] / m[i] * tied[i]) else 0)"], dict(b=B), X=NEAR, t=[1., 2., 2., 3., 3., 5.], e=[1, 1, 1, 0, 1, 1])
row('volatility of t, nearly normal', ["param w, a, g, b, v\ndata y: [n]\nlet run = scan(z in y, l = 0: {\n  let e = z / exp(0.5 * l)\n  cost = lgamma((v + 1) / 2) - lgamma(v / 2) - 0.5 * log(pi * (v - 2)) - 0.5 * l - (v + 1) / 2 * log(1 + e^2 / (v - 2))\n  l = w + a * (abs(e) - sqrt(2 / pi)) + g * e + b * l\n})\nloss = -sum(run.cost)"], dict(w=-.1, a=.2, g=-.1, b=.9, v=1e9), y=vec(7))
row('volatility of GARCH', ["param mu, w, a, b\ndata y: [n]\nlet run = scan(z in y, h = 1: {\n  let e = z - mu\n  cost = 0.5 * (log(h) + e^2 / h)\n  h = w + a * e^2 + b * h\n})\nloss = sum(run.cost)"], dict(mu=.1, w=.2, a=.1, b=.8), y=vec(8))
row('covariance of many length scales', ["param l, a, v\ndata x: [n], y: [n]\nlet K = [i in 0..n, j in 0..n: (1 + (x[i] - x[j])^2 / (2 * a * l^2))^(-a) + (if i == j then v^2 else 0)]\nloss = 0.5 * dot(y, solve(K, y)) + 0.5 * logdet(K)"], dict(l=1.2, a=1e10, v=.5), x=vec(5), y=vec(5))
ORDINAL = "param b: [d], c: [k]\ndata X: [n, d], y: int[n]\nlet eta = X @ b\nloss = -sum(i in 0..n: log((if y[i] == k then 1 else {0}(c[min(y[i], k - 1)] - eta[i])) - (if y[i] == 0 then 0 else {0}(c[max(y[i], 1) - 1] - eta[i]))))"
for f in ('sigmoid', 'Phi'): row(f'grades by {f}', [ORDINAL.format(f)], dict(b=[1., .2], c=[-1., .2, 1.3]), X=FAR, y=[0, 1, 2, 3, 1, 2])
row('counts of classes, nearly multinomial', ["param a: [k]\ndata x: [n, k]\nloss = -sum(i in 0..n: lgamma(sum(a)) - lgamma(sum(a) + sum(x[i])) + sum(j in 0..k: lgamma(x[i, j] + a[j]) - lgamma(a[j])))"], dict(a=[1e8, 2e8, 1e7]), x=[[1, 0, 4], [2, 2, 2], [0, 0, 9]])
row('mixture, far apart', ["param w: [k], m: [k], s: [k]\ndata y: [n]\nlet p = softmax(w)\nloss = -sum(i in 0..n: log(sum(j in 0..k: p[j] / (exp(s[j]) * sqrt(2 * pi)) * exp(-0.5 * ((y[i] - m[j]) / exp(s[j]))^2))))"], dict(w=[30., -30.], m=[-40., 50.], s=[0., -2.]), y=vec(5))
for l in (1e-7, -1e-12): row(f'profile of Box and Cox at {l:g}', ["param l\ndata y: [n]\n" + t for t in ("let z = (y^l - 1) / l\nloss = 0.5 * n * log(mean((z - mean(z))^2)) - (l - 1) * sum(log(y))", "let g = exp(mean(log(y)))\nlet z = (y^l - 1) / (l * g^(l - 1))\nloss = 0.5 * n * log(variance(z))")], dict(l=l), y=TIMES)
row('rankings', ["param w: [k]\ndata r: int[n, k]\nloss = -sum(i in 0..n, j in 0..k: log(exp(w[r[i, j]]) / sum(l in j..k: exp(w[r[i, l]]))))"], dict(w=[300., -10., 30.]), r=[[0, 1, 2], [2, 0, 1]])
for k in (1e-7, -1e-13): row(f'extremes of shape {k:g}', ["param a, b, s, k\ndata x: [n], y: [n]\nlet z = (y - a - b * x) / exp(s)\n" + t for t in ("let t = (1 + k * z)^(-1/k)\nloss = sum(s - (1 + k) * log(t) + t)", "loss = sum(s + (1 + 1/k) * log(1 + k * z) + (1 + k * z)^(-1/k))")], dict(a=.1, b=.2, s=.3, k=k), x=vec(5), y=vec(5))
row('excesses, nearly exponential', ["param s, k\ndata y: [n]\nloss = sum(log(s) + (1/k + 1) * log(1 + k * y / s))"], dict(s=1.2, k=-1e-14), y=TIMES)
row('errors of t, nearly normal', [REG.format(', s, v') + "let z = (y - X @ b) / exp(s)\nloss = -sum(lgamma((v + 1) / 2) - lgamma(v / 2) - 0.5 * log(v * pi) - s - (v + 1) / 2 * log(1 + z^2 / v))"], dict(b=B, s=.1, v=1e12), X=NEAR, y=TIMES)
row('errors that are skew', [REG.format(', s, a') + "let z = (y - X @ b) / exp(s)\nloss = -sum(log(2) - s - 0.5 * z^2 + log(Phi(a * z)))"], dict(b=B, s=-3., a=-9.), X=NEAR, y=TIMES)
row('limits on both sides', [REG.format(', s') + "let mu = X @ b, e = exp(s)\nloss = -sum(i in 0..n: if y[i] <= 0.5 then log(Phi((0.5 - mu[i]) / e)) else if y[i] >= 3 then log(1 - Phi((3 - mu[i]) / e)) else -0.5 * ((y[i] - mu[i]) / e)^2 - s)"], dict(b=[.9, .1], s=-1.), X=FAR, y=[.5, 3., 1., 2., .5, 3.])
row('times within intervals', ["param k, l\ndata a: [n], b: [n]\nloss = -sum(log(exp(-(a / l)^k) - exp(-(b / l)^k)))"], dict(k=9., l=.2), a=[.5, 1., 2.], b=[1., 1.5, 6.])
row('selection of Heckman', ["param b, g, r, s\ndata x: [n], y: [n], d: [n]\nlet rho = tanh(r), e = (y - b * x) / exp(s)\nloss = -sum(i in 0..n: if d[i] == 1 then log(Phi((g * x[i] + rho * e[i]) / sqrt(1 - rho^2))) - 0.5 * e[i]^2 - s else log(1 - Phi(g * x[i])))"], dict(b=.3, g=.5, r=9., s=.1), x=vec(5), y=vec(5), d=[1, 0, 1, 1, 0])
# densities as books print them, and shares of distributions
row('gamma density as a product', ["param a, b\ndata x: [n]\nloss = -sum(log(b^a * x^(a - 1) * exp(-b * x)) - lgamma(a))", "param a, b\ndata x: [n]\nloss = -sum(i: log(x[i]^(a - 1) * exp(-b * x[i]) / b^(-a)) - lgamma(a))"], dict(a=363.5, b=.001), x=[1., 2e-3, 3.])
row('beta density as a product', ["param a, b\ndata x: [n]\nloss = -sum(lgamma(a + b) - lgamma(a) - lgamma(b) + log(x^(a - 1) * (1 - x)^(b - 1)))"], dict(a=1.5, b=8902.5), x=[.798, .472, 3e-9])
row('density of Burr', ["param c, k\ndata x: [n]\nloss = -sum(log(c * k) + (c - 1) * log(x) - (k + 1) * log(1 + x^c))", "param c, k\ndata x: [n]\nloss = -sum(i: log(c * k * x[i]^(c - 1) / (1 + x[i]^c)^(k + 1)))"], dict(c=180.5, k=4.25), x=[2e6, .6, 1.])
row('logistic share by tanh', ["param m, s\ndata x: [n]\nloss = -sum(log(0.5 + 0.5 * tanh((x - m) / (2 * s))))"], dict(m=30.5, s=.375), x=[318., 34., 0.])
row('logarithm of a logarithm', ["param c\ndata x: [n]\nloss = -sum(log(c) - log(log(1 + c)) - log(1 + c * x))"], dict(c=1e-12), x=[.307, .9, .5])
row('share of a half-normal distribution', ["param s\ndata x: [n]\nloss = -sum(log(2 * Phi(x / s) - 1))", "param s\ndata x: [n]\nloss = -sum(log(1 - 2 * Phi(-x / s)))"], dict(s=1e12), x=[.307, .9, .5])
row('share of a Cauchy distribution', ["param m, s\ndata x: [n]\nloss = -sum(log(0.5 - atan((x - m) / s) / pi))"], dict(m=.5, s=1e-9), x=[3., .5, -2.])
row('share of a half-Cauchy distribution', ["param s\ndata x: [n]\nloss = -sum(log(1 - 2 / pi * atan(x / s)))"], dict(s=2e-17), x=[1.25, 3e-17, .5])
row('share of a hyperbolic secant distribution', ["param m, s\ndata x: [n]\nloss = -sum(log(1 - 2 / pi * atan(exp((x - m) / s))))"], dict(m=.5, s=.02), x=[3., .5, -2.])

def shaped(x): return np.array(x, dtype=object)
def truth(text, given, params, V, dps):
    with mp.workdps(dps):
        base = {k: lift(v) for k, v in given.items()}
        g, h = {}, {}
        for name in params:
            g[name], h[name] = [], []
            for at in np.ndindex(np.shape(params[name])):
                env = dict(base)
                for w in params:
                    x, v = shaped(given[w]), shaped(V[w]); r = np.empty(x.shape, dtype=object)
                    for ix in np.ndindex(x.shape): r[ix] = HD(mpf(x[ix]), mpf(int(w == name and ix == at)), mpf(v[ix]))
                    env[w] = r if x.shape else r[()]
                z = run(text, env); g[name].append(mpf(z.s)); h[name].append(mpf(z.w))
        return [z.v, *sum(g.values(), []), *sum(h.values(), [])], (z.v, g, h)
def close(a, b, part): return all(abs(x - y) <= part * abs(y) or abs(x - y) < mpf(10)**-330 for x, y in zip(a, b))

if __name__ == '__main__':
    out = []
    for name, texts, params, data in rows:
        part = lambda x: round(R.uniform(.2, 1) * R.choice([-1, 1]), 3) * min(abs(x) or 1, 1)
        along = lambda x: [along(y) for y in x] if isinstance(x, list) else part(x)
        V = {k: along(x) for k, x in params.items()}; given = {**params, **data}
        found = []
        for text in texts:
            last = None
            for dps in (60, 150, 400, 1000):
                flat, result = truth(text, given, params, V, dps)
                if last and close(last, flat, mpf(10)**-25): break
                last = flat
            else: raise ValueError(f'no digits: {name}')
            found.append(flat)
        assert all(close(found[0], other, mpf(10)**-20) for other in found), (name, [[mp.nstr(x, 25) for x in f] for f in found])
        loss, g, h = result
        tiny = lambda x: 0.0 if abs(x) < mpf(10)**-320 else float(x)
        flat = lambda by: {k: [tiny(x) for x in v] for k, v in by.items()}
        out.append(json.dumps(dict(name=f'likelihood: {name}', texts=texts, params={k: dict(shape=list(np.shape(v)), data=[float(x) for x in np.ravel(v)]) for k, v in params.items()},
            data=data, loss=float(loss), direction={k: [float(x) for x in np.ravel(v)] for k, v in V.items()}, gradient=flat(g), hvp=flat(h))))
    print('{"source": "mpmath by hyper-dual numbers over the texts, likelihoods.py beside it", "programs": [\n' + ',\n'.join(out) + '\n]}')
