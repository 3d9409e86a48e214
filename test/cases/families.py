"""
Tensor programs of the families of the tensor cases as users of NumPy and PyTorch write them, with reference values by
mpmath as in programs.py. Run: python3 families.py > all.json; families.json holds all of the rows.
"""
from programs import *
cases.clear()
S = np.sum
def mha(P, D):
    X = P['X']; H, d = 2, 2; out = []
    for h in range(H):
        q, k, v = (X.dot(P[w][:, 2*h:2*h+2]) for w in ('Wq', 'Wk', 'Wv'))
        out.append(softmax(q.dot(k.T)/mp.sqrt(2)).dot(v))
    return S((np.concatenate(out, axis=1).dot(P['Wo']))**2)
case('multi-head self attention, 2 heads, concat, Wo', 'attention', ["param X: [3, 4], Wq: [4, 4], Wk: [4, 4], Wv: [4, 4], Wo: [4, 4]\nlet Q = transpose(reshape(X @ Wq, [3, 2, 2]), [1, 0, 2])\nlet K = transpose(reshape(X @ Wk, [3, 2, 2]), [1, 0, 2])\nlet V = transpose(reshape(X @ Wv, [3, 2, 2]), [1, 0, 2])\nlet A = softmax(Q @ K' / sqrt(2), axis = -1)\nlet O = reshape(transpose(A @ V, [1, 0, 2]), [3, 4])\nloss = sum((O @ Wo)^2)",
 "param X: [n, 4], Wq: [4, 4], Wk: [4, 4], Wv: [4, 4], Wo: [4, 4]\ndef head(Q: [n, 2], K: [n, 2], V: [n, 2]) = softmax(Q @ K.T / sqrt(2)) @ V\nlet Q = X @ Wq, K = X @ Wk, V = X @ Wv\nlet O = concat(head(Q[:, :2], K[:, :2], V[:, :2]), head(Q[:, 2:], K[:, 2:], V[:, 2:]), axis = 1)\nloss = sum((O @ Wo)^2)",
 "param X: [3, 4], Wq: [4, 4], Wk: [4, 4], Wv: [4, 4], Wo: [4, 4]\nlet q = (X @ Wq).reshape(3, 2, 2), k = (X @ Wk).reshape(3, 2, 2), v = (X @ Wv).reshape(3, 2, 2)\nlet a = softmax(einsum(\"ihd,jhd->hij\", q, k) / sqrt(2), axis = -1)\nlet o = einsum(\"hij,jhd->ihd\", a, v).reshape(3, 4)\nloss = ((o @ Wo)^2).sum()"],
 dict(X=g(1,3,4), Wq=g(2,4,4), Wk=g(3,4,4), Wv=g(4,4,4), Wo=g(5,4,4)), mha)
def cross(P, D):
    q, k, v = P['X'].dot(P['Wq']), P['Y'].dot(P['Wk']), P['Y'].dot(P['Wv'])
    s = q.dot(k.T)/mp.sqrt(2)
    out = M(0)
    for i in range(2):
        js = [j for j in range(4) if D['mask'][i][j]]
        w = softmax(s[i, js]); out += S(tanh(w.dot(v[js])))
    return out
case('cross attention with key mask', 'attention', ["param X: [2, 3], Y: [4, 3], Wq: [3, 2], Wk: [3, 2], Wv: [3, 2]\ndata mask: bool[2, 4]\nlet S = (X @ Wq) @ (Y @ Wk)' / sqrt(2)\nlet A = softmax(where(mask, S, -inf), axis = 1)\nloss = sum(tanh(A @ (Y @ Wv)))",
 "param X: [n, d], Y: [m, d], Wq: [d, h], Wk: [d, h], Wv: [d, h]\ndata mask: int[n, m]\nlet q = X @ Wq, k = Y @ Wk, v = Y @ Wv\nlet s = q @ k.T / sqrt(2) + (1 - mask) * -1e9\nloss = softmax(s).matmul(v).tanh().sum()",
 "param X: [n, d], Y: [m, d], Wq: [d, h], Wk: [d, h], Wv: [d, h]\ndata mask: [n, m]\nlet q = X @ Wq, k = Y @ Wk, v = Y @ Wv\nlet e = [i, j: if mask[i, j] == 1 then exp(dot(q[i], k[j]) / sqrt(2)) else 0]\nloss = sum(i, c: tanh(sum(j: e[i, j] * v[j, c]) / sum(j: e[i, j])))"],
 dict(X=g(6,2,3), Y=g(7,4,3), Wq=g(8,3,2), Wk=g(9,3,2), Wv=g(10,3,2)), cross, data=dict(mask=np.array([[1,0,1,1],[0,1,1,0]])))
def alibi(P, D):
    out = M(0)
    for i in range(4):
        s = np.array([P['Q'][i].dot(P['K'][j])/mp.sqrt(3) - P['m'].item()*(i-j) for j in range(i+1)])
        out += S(sin(softmax(s).dot(P['V'][:i+1])))
    return out
case('causal attention with ALiBi slope m', 'attention', ["param Q: [4, 3], K: [4, 3], V: [4, 2], m\nlet S = [i in 0..4, j in 0..4: if j <= i then dot(Q[i], K[j]) / sqrt(3) - m * (i - j) else -inf]\nloss = sum(sin(softmax(S) @ V))",
 "param Q: [t, d], K: [t, d], V: [t, e], m\nlet pos = arange(t)\nlet bias = -m * (pos[:, None] - pos[None, :])\nlet S = Q @ K' / sqrt(d) + bias\nlet causal = pos[:, None] >= pos[None, :]\nloss = sum(sin(softmax(where(causal, S, -inf), axis = -1) @ V))",
 "param Q: [t, d], K: [t, d], V: [t, e], m\nlet S = Q @ K.T / sqrt(d) - m * [i in 0..t, j in 0..t: i - j]\nlet A = softmax(S + triu(full([t, t], -1e30), 1))\nloss = sum(sin(A @ V))"],
 dict(Q=g(11,4,3), K=g(12,4,3), V=g(13,4,2), m=g(14)), alibi)
def rope(P, D):
    def rot(x):
        out = np.full(x.shape, M(0), dtype=object)
        for p in range(x.shape[0]):
            for k in range(x.shape[1]//2):
                th = p*M(10000)**(-M(2*k)/x.shape[1]); c, s = mp.cos(th), mp.sin(th)
                out[p, 2*k] = x[p, 2*k]*c - x[p, 2*k+1]*s; out[p, 2*k+1] = x[p, 2*k]*s + x[p, 2*k+1]*c
        return out
    return S(softmax(rot(P['Q']).dot(rot(P['K']).T)/2).dot(P['V'])**3)
case('rotary embeddings on q and k (interleaved pairs, base 10000) then attention', 'attention', ["param Q: [3, 4], K: [3, 4], V: [3, 2]\ndef rope(x: [3, 4]) = [p in 0..3, c in 0..4: {\n  let k = c // 2\n  let th = p * 10000^(-2 * k / 4)\n  return if mod(c, 2) == 0 then x[p, c] * cos(th) - x[p, c+1] * sin(th) else x[p, c-1] * sin(th) + x[p, c] * cos(th)\n}]\nloss = sum((softmax(rope(Q) @ rope(K)' / 2) @ V)^3)",
 "param Q: [t, 4], K: [t, 4], V: [t, e]\nlet freq = 10000^(-2 * arange(2) / 4)\nlet th = outer(arange(t), freq)\nlet c = cos(th), s = sin(th)\ndef rot(x: [t, 4]) = reshape(stack(x[:, ::2] * c - x[:, 1::2] * s, x[:, ::2] * s + x[:, 1::2] * c, axis = -1), [t, 4])\nloss = sum((softmax(rot(Q) @ rot(K)' / sqrt(4)) @ V)^3)",
 "param Q: [t, d], K: [t, d], V: [t, e]\nlet th = [p in 0..t, k in 0..d//2: p / 10000.0^(2 * k / d)]\ndef re(x: [t, d]) = [p in 0..t, k in 0..d//2: x[p, 2*k] * cos(th[p, k]) - x[p, 2*k+1] * sin(th[p, k])]\ndef im(x: [t, d]) = [p in 0..t, k in 0..d//2: x[p, 2*k] * sin(th[p, k]) + x[p, 2*k+1] * cos(th[p, k])]\nlet S = re(Q) @ re(K)' + im(Q) @ im(K)'\nloss = sum((softmax(S / sqrt(d)) @ V)^3)"],
 dict(Q=g(15,3,4), K=g(16,3,4), V=g(17,3,2)), rope)
def lin(P, D):
    phi = lambda x: np.vectorize(lambda z: z+1 if z > 0 else mp.exp(z), otypes=[object])(x)
    q, k = phi(P['Q']), phi(P['K']); out = M(0)
    for i in range(4):
        kv = sum(np.outer(k[j], P['V'][j]) for j in range(i+1)); z = sum(k[j] for j in range(i+1))
        out += S((q[i].dot(kv)/q[i].dot(z))**2)
    return out
case('causal linear attention phi=elu+1', 'attention', ["param Q: [4, 2], K: [4, 2], V: [4, 3]\nlet q = elu(Q) + 1, k = elu(K) + 1\nlet run = scan(t in 0..4, kv = zeros(2, 3), z = zeros(2): {\n  let kv2 = kv + outer(k[t], V[t])\n  let z2 = z + k[t]\n  kv = kv2\n  z = z2\n  o = q[t] @ kv2 / dot(q[t], z2)\n})\nloss = sum(run.o^2)",
 "param Q: [t, d], K: [t, d], V: [t, e]\nlet q = elu(Q) + 1, k = elu(K) + 1\nlet KV = cumsum(k[:, :, None] * V[:, None, :], axis = 0)\nlet Z = cumsum(k, axis = 0)\nloss = sum((einsum(\"td,tde->te\", q, KV) / sum(q * Z, axis = 1, keepdims = true))^2)",
 "param Q: [t, d], K: [t, d], V: [t, e]\nlet q = elu(Q) + 1, k = elu(K) + 1\nlet A = tril(q @ k')\nloss = sum((A / sum(A, axis = 1, keepdims = true) @ V)^2)"],
 dict(Q=g(18,4,2), K=g(19,4,2), V=g(20,4,3)), lin)
def gqa(P, D):
    out = M(0)
    for h in range(4):
        kvh = h//2
        out += S(tanh(softmax(P['Q'][h].dot(P['K'][kvh].T)/mp.sqrt(2)).dot(P['V'][kvh]))*P['R'][h])
    return out
case('grouped-query attention, 4 query heads share 2 key-value heads', 'attention', ["param Q: [4, 3, 2], K: [2, 3, 2], V: [2, 3, 2], R: [4, 3, 2]\nlet K4 = repeatElements(K, 2, axis = 0), V4 = repeatElements(V, 2, axis = 0)\nloss = sum(tanh(softmax(Q @ K4' / sqrt(2)) @ V4) * R)",
 "param Q: [4, t, d], K: [2, t, d], V: [2, t, d], R: [4, t, d]\nlet A = [h in 0..4, i in 0..t: softmax(K[h//2] @ Q[h, i] / sqrt(d))]\nloss = sum(h, i, c: R[h, i, c] * tanh(sum(j: A[h, i, j] * V[h//2, j, c])))",
 "param Q: [4, 3, 2], K: [2, 3, 2], V: [2, 3, 2], R: [4, 3, 2]\nlet Qg = reshape(Q, [2, 2, 3, 2])\nlet A = softmax(einsum(\"gqid,gjd->gqij\", Qg, K) / sqrt(2))\nlet O = einsum(\"gqij,gjd->gqid\", A, V)\nloss = sum(tanh(O) * reshape(R, [2, 2, 3, 2]))"],
 dict(Q=g(21,4,3,2), K=g(22,2,3,2), V=g(23,2,3,2), R=g(24,4,3,2)), gqa)
def relpos(P, D):
    n = 3; s = np.array([[P['Q'][i].dot(P['K'][j]+P['E'][i-j+2]) for j in range(n)] for i in range(n)])
    return S(softmax(s/mp.sqrt(2)).dot(P['V'])*P['R'])
case('relative position embeddings E[i-j+n-1] added to keys', 'attention', ["param Q: [3, 2], K: [3, 2], V: [3, 2], E: [5, 2], R: [3, 2]\nlet S = [i in 0..3, j in 0..3: dot(Q[i], K[j] + E[i - j + 2])]\nloss = sum(softmax(S / sqrt(2)) @ V * R)",
 "param Q: [n, d], K: [n, d], V: [n, e], E: [2*n-1, d], R: [n, e]\nlet B = [i in 0..n, j in 0..n: sum(c in 0..d: Q[i, c] * E[i - j + n - 1, c])]\nlet S = (Q @ K.T + B) / sqrt(d)\nloss = sum((softmax(S, axis = -1) @ V) * R)",
 "param Q: [3, 2], K: [3, 2], V: [3, 2], E: [5, 2], R: [3, 2]\nlet rel = arange(3)[:, None] - arange(3)[None, :] + 2\nlet Erel = E[rel]\nlet S = Q @ K.T + einsum(\"id,ijd->ij\", Q, Erel)\nloss = sum(softmax(S / sqrt(2)) @ V * R)"],
 dict(Q=g(29,3,2), K=g(30,3,2), V=g(31,3,2), E=g(32,5,2), R=g(33,3,2)), relpos)
def pool_att(P, D):
    out = M(0)
    for b, n in enumerate(D['len']):
        X = P['X'][b][:n]; w = softmax(tanh(X.dot(P['W'])).dot(P['u'])); out += S(w.dot(X)**2)
    return out
case('attention pooling over padded batch with lengths [3,1]', 'attention', ["param X: [2, 3, 2], W: [2, 4], u: [4]\ndata len: int[2] within 1..4\nlet s = tanh(X @ W) @ u\nlet w = softmax([b in 0..2, t in 0..3: if t < len[b] then s[b, t] else -inf], axis = 1)\nloss = sum(sum(w[:, :, None] * X, axis = 1)^2)",
 "param X: [B, T, d], W: [d, h], u: [h]\ndata len: int[B]\nlet pooled = [b in 0..B: softmax(tanh(X[b, :len[b]] @ W) @ u) @ X[b, :len[b]]]\nloss = sum(pooled^2)",
 "param X: [B, T, d], W: [d, h], u: [h]\ndata len: int[B]\nlet mask = arange(T)[None, :] < len[:, None]\nlet e = exp(tanh(X @ W) @ u) * mask\nlet w = e / sum(e, axis = 1, keepdims = true)\nloss = sum(einsum(\"bt,btd->bd\", w, X)^2)"],
 dict(X=g(34,2,3,2), W=g(35,2,4), u=g(36,4)), pool_att, data=dict(len=np.array([3,1])))
case('bcast middle axis', 'broadcast', ["param a: [2, 1, 3], b: [1, 4, 1]\nloss = sum(tanh(a * b) + a / (2 + b^2))",
 "param a: [n, 1, k], b: [1, m, 1]\nloss = sum(i in 0..n, j in 0..m, l in 0..k: tanh(a[i, 0, l] * b[0, j, 0]) + a[i, 0, l] / (2 + b[0, j, 0]^2))",
 "param a: [2, 1, 3], b: [1, 4, 1]\nlet A = broadcastTo(a, [2, 4, 3]), B = broadcastTo(b, [2, 4, 3])\nloss = (A * B).tanh().sum() + (A / (2 + B^2)).sum()"],
 dict(a=g(40,2,1,3), b=g(41,1,4,1)), lambda P, D: S(tanh(P['a']*P['b']) + P['a']/(2+P['b']**2)))
S = np.sum
def conv(x, w, stride=None, pads=None, dil=None, groups=1):
    """any dims; x [B,C,*sp], w [O,I,*k], pads list of (before, after)"""
    n = x.ndim - 2; stride = stride or (1,)*n; dil = dil or (1,)*n; pads = pads or ((0,0),)*n
    xp = pad(x, ((0,0),(0,0)) + tuple(pads)); B = x.shape[0]; O, I = w.shape[:2]; ks = w.shape[2:]
    os_ = [(xp.shape[2+a] - dil[a]*(ks[a]-1) - 1)//stride[a] + 1 for a in range(n)]
    y = np.full((B, O, *os_), M(0), dtype=object); og = O//groups
    for o in range(O):
        for c in range(I):
            for k in np.ndindex(*ks):
                sl = tuple(slice(k[a]*dil[a], k[a]*dil[a] + (os_[a]-1)*stride[a] + 1, stride[a]) for a in range(n))
                y[:, o] = y[:, o] + w[(o, c) + k]*xp[(slice(None), (o//og)*I + c) + sl]
    return y
case('conv1d NCW x[2,3,7] w[4,3,3] pad 1 stride 2 bias, relu', 'conv', ["param x: [2, 3, 7], w: [4, 3, 3], b: [4]\nloss = sum(relu(conv1d(x, w, stride = 2, padding = 1, channels = first) + b[:, None])^2)",
 "param x: [2, 3, 7], w: [4, 3, 3], b: [4]\nlet xp = pad(x, [0, 0, 1])\nlet y = [n in 0..2, o in 0..4, t in 0..4: b[o] + sum(c in 0..3, k in 0..3: w[o, c, k] * xp[n, c, 2*t + k])]\nloss = sum(relu(y)^2)",
 "param x: [N, C, W], w: [O, C, K], b: [O]\nlet y = conv1d(x, w, 2, 1, channels = \"first\") + b.reshape(1, O, 1)\nloss = (relu(y)^2).sum()"],
 dict(x=g(1,2,3,7), w=g(2,4,3,3), b=g(3,4)), lambda P, D: S(relu(conv(P['x'],P['w'],(2,),((1,1),))+P['b'][:,None])**2))
case('conv3d single channel', 'conv', ["param x: [1, 1, 3, 3, 4], w: [2, 1, 2, 2, 2]\nloss = sum(sin(conv3d(x, w, channels = first)))",
 "param x: [1, 1, 3, 3, 4], w: [2, 1, 2, 2, 2]\nloss = sum(n, o, a, b, c: sin(sum(i, u, v, s: w[o, i, u, v, s] * x[n, i, a + u, b + v, c + s])))",
 "param x: [1, 1, D, H, W], w: [O, 1, kd, kh, kw]\nlet y = [o in 0..O, a in 0..D-kd+1, b in 0..H-kh+1, c in 0..W-kw+1: sum(x[0, 0, a..a+kd, b..b+kh, c..c+kw] * w[o, 0])]\nloss = sum(sin(y))"],
 dict(x=g(4,1,1,3,3,4), w=g(5,2,1,2,2,2)), lambda P, D: S(sin(conv(P['x'],P['w']))))
case('asymmetric padding (1 left, 0 right; 0 top, 2 bottom), NHWC', 'conv', ["param x: [1, 3, 4, 2], w: [2, 2, 2, 3]\nloss = sum(softplus(conv2d(x, w, padding = [[0, 2], [1, 0]])))",
 "param x: [1, 3, 4, 2], w: [2, 2, 2, 3]\nlet xp = pad(x, [0, [0, 2], [1, 0], 0])\nlet y = [i in 0..4, j in 0..4, o in 0..3: sum(u, v, c: xp[0, i + u, j + v, c] * w[u, v, c, o])]\nloss = sum(softplus(y))",
 "param x: [1, 3, 4, 2], w: [2, 2, 2, 3]\nloss = softplus(conv2d(pad(x, ((0, 0), (0, 2), (1, 0), (0, 0))), w)).sum()"],
 dict(x=g(10,1,3,4,2), w=g(11,2,2,2,3)), lambda P, D: S(softplus(conv(P['x'].transpose(0,3,1,2), P['w'].transpose(3,2,0,1), None, ((0,2),(1,0))))))
def convt(x, w, stride, pad_, extra=0):
    """PyTorch conv_transpose: x [B,C,*sp], w [C,O,*k]"""
    n = x.ndim-2; ks = w.shape[2:]; sp = x.shape[2:]
    full = [(sp[a]-1)*stride[a] + ks[a] + extra for a in range(n)]
    y = np.full((x.shape[0], w.shape[1], *full), M(0), dtype=object)
    for i in np.ndindex(*sp):
        for k in np.ndindex(*ks):
            at = tuple(i[a]*stride[a] + k[a] for a in range(n))
            y[(slice(None), slice(None)) + at] = y[(slice(None), slice(None)) + at] + x[(slice(None), slice(None)) + i].dot(w[(slice(None), slice(None)) + k])
    return y[(slice(None), slice(None)) + tuple(slice(pad_[a], full[a]-pad_[a]) for a in range(n))]
case('conv transpose 2d stride 2 pad 1 (PyTorch weight [in,out,kh,kw])', 'conv', ["param x: [1, 2, 3, 3], w: [2, 3, 3, 3]\nloss = sum(sin(convTranspose2d(x, w, stride = 2, padding = 1, channels = first)))",
 "param x: [1, 2, 3, 3], w: [2, 3, 3, 3]\nlet y = [o in 0..3, a in 0..5, b in 0..5: sum(c in 0..2, i in 0..3, j in 0..3, u in 0..3, v in 0..3: if 2*i + u - 1 == a and 2*j + v - 1 == b then x[0, c, i, j] * w[c, o, u, v] else 0)]\nloss = sum(sin(y))",
 "param x: [1, 2, 3, 3], w: [2, 3, 3, 3]\nlet z = [c in 0..2, a in 0..5, b in 0..5: if mod(a, 2) == 0 and mod(b, 2) == 0 then x[0, c, a // 2, b // 2] else 0]\nlet zp = pad(z, [0, 1, 1])\nlet y = [o in 0..3, a in 0..5, b in 0..5: sum(c, u, v: zp[c, a + u, b + v] * w[c, o, 2 - u, 2 - v])]\nloss = sum(sin(y))"],
 dict(x=g(12,1,2,3,3), w=g(13,2,3,3,3)), lambda P, D: S(sin(convt(P['x'],P['w'],(2,2),(1,1)))))
case('depthwise separable: depthwise 3x3 pad 1 then 1x1', 'conv', ["param x: [1, 3, 4, 4], dw: [3, 1, 3, 3], pw: [2, 3, 1, 1]\nlet d = conv2d(x, dw, padding = 1, groups = 3, channels = first)\nloss = sum(tanh(conv2d(d, pw, channels = first))^2)",
 "param x: [1, 3, 4, 4], dw: [3, 1, 3, 3], pw: [2, 3, 1, 1]\nlet xp = pad(x[0], [0, 1, 1])\nlet d = [c in 0..3, i in 0..4, j in 0..4: sum(u, v: dw[c, 0, u, v] * xp[c, i+u, j+v])]\nloss = sum(o, i, j: tanh(sum(c: pw[o, c, 0, 0] * d[c, i, j]))^2)",
 "param x: [1, 3, 4, 4], dw: [3, 1, 3, 3], pw: [2, 3, 1, 1]\nlet d = conv2d(x, dw, padding = \"same\", groups = 3, channels = \"first\")\nloss = sum(tanh(einsum(\"oc,nchw->nohw\", pw[:, :, 0, 0], d))^2)"],
 dict(x=g(14,1,3,4,4), dw=g(15,3,1,3,3), pw=g(16,2,3,1,1)), lambda P, D: S(tanh(conv(conv(P['x'],P['dw'],None,((1,1),(1,1)),None,3),P['pw']))**2))
case('causal dilated conv1d stack (wavenet gate): tanh(conv)*sigmoid(conv), left pad only', 'conv', ["param x: [8], wf: [2], wg: [2]\nlet xp = pad(x, [[2, 0]])\nlet f = [t in 0..8: wf[0] * xp[t] + wf[1] * xp[t + 2]]\nlet g = [t in 0..8: wg[0] * xp[t] + wg[1] * xp[t + 2]]\nloss = sum((tanh(f) * sigmoid(g) + x)^2)",
 "param x: [n], wf: [2], wg: [2]\nlet f = [t in 0..n: wf[1] * x[t] + (if t >= 2 then wf[0] * x[t-2] else 0)]\nlet g = [t in 0..n: wg[1] * x[t] + (if t >= 2 then wg[0] * x[t-2] else 0)]\nloss = sum((tanh(f) * sigmoid(g) + x)^2)",
 "param x: [n], wf: [2], wg: [2]\nlet X = x[None, None, :]\nlet f = conv1d(X, wf.reshape(1, 1, 2), padding = [[2, 0]], dilation = 2, channels = first)\nlet g = conv1d(X, wg.reshape(1, 1, 2), padding = [[2, 0]], dilation = 2, channels = first)\nloss = sum((f.tanh() * g.sigmoid() + X)^2)"],
 dict(x=g(17,8), wf=g(18,2), wg=g(19,2)), lambda P, D: (lambda xp: S((tanh(P['wf'][0]*xp[:8]+P['wf'][1]*xp[2:])*sigmoid(P['wg'][0]*xp[:8]+P['wg'][1]*xp[2:])+P['x'])**2))(pad(P['x'],((2,0),))))
case('circular conv1d (wrap) and true convolution (flipped kernel)', 'conv', ["param x: [6], w: [3]\nlet y = [t in 0..6: sum(k in 0..3: w[k] * x[mod(t + k, 6)])]\nlet z = [t in 0..8: sum(k in 0..3: if t - k >= 0 and t - k < 6 then w[k] * x[t - k] else 0)]\nloss = sum(y^3) + sum(sin(z))",
 "param x: [n], w: [3]\nlet y = w[0] * x + w[1] * roll(x, -1) + w[2] * roll(x, -2)\nlet z = conv1d(x[:, None], flip(w)[:, None, None], padding = 2)\nloss = sum(y^3) + sum(sin(z))",
 "param x: [n], w: [m]\nlet y = [t in 0..n: sum(k in 0..m: w[k] * x[mod(t + k, n)])]\nlet xp = pad(x, m - 1)\nlet z = [t in 0..n+m-1: sum(k in 0..m: w[k] * xp[t - k + m - 1])]\nloss = sum(y^3) + sum(sin(z))"],
 dict(x=g(20,6), w=g(21,3)), lambda P, D: S(np.array([sum(P['w'][k]*P['x'][(t+k)%6] for k in range(3)) for t in range(6)])**3)+S(sin(np.convolve(P['x'],P['w']))))
def avgp(x, w, s=None):
    s = s or w; B, C, H, W = x.shape; oh, ow = (H-w)//s+1, (W-w)//s+1
    return np.array([[[[S(x[b,c,i*s:i*s+w,j*s:j*s+w])/M(w*w) for j in range(ow)] for i in range(oh)] for c in range(C)] for b in range(B)])
def unet(P, D):
    e = relu(conv(P['x'],P['we'],None,((1,1),(1,1)))); d = avgp(e, 2); m = tanh(conv(d,P['wm'],None,((1,1),(1,1))))
    up = m.repeat(2, axis=2).repeat(2, axis=3); cat = np.concatenate([e, up], axis=1)
    return mean((conv(cat,P['wo'])-P['x'])**2)
case('tiny unet: conv, avgpool, conv, nearest upsample x2, concat skip, 1x1 conv, mse to input', 'cnn', ["param x: [1, 1, 4, 4], we: [2, 1, 3, 3], wm: [2, 2, 3, 3], wo: [1, 4, 1, 1]\nlet e = relu(conv2d(x, we, padding = 1, channels = first))\nlet m = tanh(conv2d(avgPool2d(e, window = 2, channels = first), wm, padding = 1, channels = first))\nlet up = repeatElements(repeatElements(m, 2, axis = 2), 2, axis = 3)\nloss = mean((conv2d(concat(e, up, axis = 1), wo, channels = first) - x)^2)",
 "param x: [1, 1, 4, 4], we: [2, 1, 3, 3], wm: [2, 2, 3, 3], wo: [1, 4, 1, 1]\nlet xp = pad(x[0, 0], 1)\nlet e = [k in 0..2, i in 0..4, j in 0..4: relu(sum(u, v: we[k, 0, u, v] * xp[i+u, j+v]))]\nlet p = [k in 0..2, i in 0..2, j in 0..2: mean(u in 0..2, v in 0..2: e[k, 2*i+u, 2*j+v])]\nlet pp = pad(p, [0, 1, 1])\nlet m = [k in 0..2, i in 0..2, j in 0..2: tanh(sum(c, u, v: wm[k, c, u, v] * pp[c, i+u, j+v]))]\nlet out = [i in 0..4, j in 0..4: sum(k in 0..2: wo[0, k, 0, 0] * e[k, i, j] + wo[0, k+2, 0, 0] * m[k, i//2, j//2])]\nloss = mean((out - x[0, 0])^2)"],
 dict(x=g(48,1,1,4,4), we=g(49,2,1,3,3), wm=g(50,2,2,3,3), wo=g(51,1,4,1,1)), unet)
def psh(P, D):
    y = conv(P['x'],P['w'],None,((1,1),(1,1)))[0]; out = np.full((6,6), M(0), dtype=object)
    for i in range(6):
        for j in range(6): out[i,j] = y[2*(i%2)+(j%2), i//2, j//2]
    return S(absf(out-D['t'])**3)
case('pixel shuffle x2 super-resolution, L3 loss', 'cnn', ["param x: [1, 1, 3, 3], w: [4, 1, 3, 3]\ndata t: [6, 6]\nlet y = conv2d(x, w, padding = 1, channels = first)\nlet out = [i in 0..6, j in 0..6: y[0, 2*mod(i, 2) + mod(j, 2), i//2, j//2]]\nloss = sum(abs(out - t)^3)",
 "param x: [1, 1, 3, 3], w: [4, 1, 3, 3]\ndata t: [6, 6]\nlet y = conv2d(x, w, padding = 1, channels = \"first\")\nlet out = y.reshape(2, 2, 3, 3).transpose([2, 0, 3, 1]).reshape(6, 6)\nloss = sum(abs(out - t)^3)"],
 dict(x=g(59,1,1,3,3), w=g(60,4,1,3,3)), psh, data=dict(t=g(61,6,6)))
case('cummax of x axis 0, squared times w', 'cumulative', ["param x: [5, 2], w: [5, 2]\nloss = sum(cummax(x, axis = 0)^2 * w)",
 "param x: [n, m], w: [n, m]\nloss = sum(i, j: max(k in 0..i+1: x[k, j])^2 * w[i, j])",
 "param x: [n, m], w: [n, m]\nlet r = scan(row in x, m = full([m], -inf): { m = max(m, row); out = max(m, row) })\nloss = sum(r.out^2 * w)"],
 dict(x=g(72,5,2), w=g(73,5,2)), lambda P, D: S(np.maximum.accumulate(P['x'],axis=0)**2*P['w']))
case('logcumsumexp', 'cumulative', ["param x: [6]\nloss = sum(i in 0..6: sin(logsumexp(x[0..i+1])))",
 "param x: [n]\nloss = sum(sin(log(cumsum(exp(x)))))",
 "param x: [n]\nloss = sum(sin(logcumsumexp(x)))",
 "param x: [n]\nlet r = scan(v in x, m = -inf: { m = logaddexp(m, v); y = logaddexp(m, v) })\nloss = sum(sin(r.y))"],
 dict(x=g(74,6)), lambda P, D: S(sin(log(np.cumsum(exp(P['x']))))))
case('reverse cumsum (reward to go, discount gamma)', 'cumulative', ["param r: [6], gam\nlet G = reverseScan(x in r, G = 0: { G = x + gam * G; out = x + gam * G }).out\nloss = sum(G^2)",
 "param r: [n], gam\nlet G = [t in 0..n: sum(k in t..n: gam^(k - t) * r[k])]\nloss = sum(G^2)",
 "param r: [n], gam\nlet w = gam^arange(n)\nlet G = flip(cumsum(flip(r * w))) / w\nloss = dot(G, G)"],
 dict(r=g(75,6), gam=np.array(0.8)), lambda P, D: S(np.array([sum(P['gam'].item()**(k-t)*P['r'][k] for k in range(t,6)) for t in range(6)])**2))
def ema(P):
    a = 1/(1+mp.exp(-P['la'].item())); e = P['x'][0]; t = e*e
    for v in P['x'][1:]: e = a*v+(1-a)*e; t += e*e
    return t
case('exponential moving average ema_t=a x_t+(1-a) ema_{t-1}, ema_0=x_0', 'cumulative', ["param x: [6], la\nlet a = sigmoid(la)\nlet m = scan(v in x[1:], e = x[0]: { e = a * v + (1 - a) * e; y = a * v + (1 - a) * e }).y\nloss = x[0]^2 + sum(m^2)",
 "param x: [n], la\nlet a = sigmoid(la)\nlet m = scan(t in 0..n, e = x[0]: { e = if t == 0 then x[0] else a * x[t] + (1 - a) * e; y = if t == 0 then x[0] else a * x[t] + (1 - a) * e }).y\nloss = sum(m^2)"],
 dict(x=g(76,6), la=g(77)), lambda P, D: ema(P))
case('survival: log S_t = cumsum log(1-h), h=sigmoid(z); loss = -sum(d*(log h + logS_{t-1})) exclusive cumsum', 'cumulative', ["param z: [6]\ndata d: [6]\nlet h = sigmoid(z)\nlet c = cumsum(log(1 - h))\nlet prev = concat([0], c[:-1])\nloss = -sum(d * (log(h) + prev))",
 "param z: [n]\ndata d: [n]\nloss = -sum(t in 0..n: d[t] * (logSigmoid(z[t]) + sum(s in 0..t: logSigmoid(-z[s]))))",
 "param z: [n]\ndata d: [n]\nlet l = log(1 - sigmoid(z))\nloss = -sum(d * (log(sigmoid(z)) + cumsum(l) - l))"],
 dict(z=g(79,6)), lambda P, D: -S(D['d']*(-softplus(-P['z'])+(lambda l: np.cumsum(l)-l)(-softplus(P['z'])))), data=dict(d=np.array([1.,0,2,0,1,1])))
S = np.sum
case('einsum trace of product of three, ii', 'einsum', ["param A: [3, 3], B: [3, 3]\nloss = einsum(\"ij,jk,ki\", A, B, A) + einsum(\"ii->\", B)^2 + sum(einsum(\"ii->i\", A)^3)",
 "param A: [n, n], B: [n, n]\nloss = trace(A @ B @ A) + trace(B)^2 + sum(i: A[i, i]^3)",
 "param A: [n, n], B: [n, n]\nloss = sum(i, j, k: A[i, j] * B[j, k] * A[k, i]) + sum(i: B[i, i])^2 + sum(diag(A)^3)"],
 dict(A=g(4,3,3), B=g(5,3,3)), lambda P, D: S(np.diag(P['A'].dot(P['B']).dot(P['A'])))+S(np.diag(P['B']))**2+S(np.diag(P['A'])**3))
case('einsum ellipsis', 'einsum', ["param A: [2, 2, 3], B: [2, 3, 2]\nloss = sum(einsum(\"...ij,...jk->...ik\", A, B)^2) + einsum(\"...i->\", A)^2",
 "param A: [b, i, j], B: [b, j, k]\nloss = sum((A @ B)^2) + sum(A)^2"],
 dict(A=g(6,2,2,3), B=g(7,2,3,2)), lambda P, D: S(es('bij,bjk->bik',P['A'],P['B'])**2)+S(P['A'])**2)
case('gather columns per row', 'index', ["param X: [3, 4]\ndata idx: int[3, 2] within 0..4\nloss = sum(takeAlongAxis(X, idx, axis = 1)^2 * [[1, 2], [3, 4], [5, 6]])",
 "param X: [n, m]\ndata idx: int[n, k]\nloss = sum(i, j: (2*i + j + 1) * X[i, idx[i, j]]^2)",
 "param X: [3, 4]\ndata idx: [3, 2]\nlet Y = X[arange(3)[:, None], idx]\nloss = sum(Y^2 * [[1, 2], [3, 4], [5, 6]])"],
 dict(X=g(24,3,4)), lambda P, D: sum((2*i+j+1)*P['X'][i,D['idx'][i][j]]**2 for i in range(3) for j in range(2)), data=dict(idx=np.array([[0,3],[1,1],[2,0]])))
case('segment mean then softplus', 'index', ["param x: [6]\ndata seg: int[6] within 0..3\nlet s = scatterAdd(x, seg, 3), c = scatterAdd(ones(6), seg, 3)\nloss = sum(softplus(s / c))",
 "param x: [n]\ndata seg: int[n]\nsize k = 3\nlet s = [g in 0..k: sum(i: if seg[i] == g then x[i] else 0)]\nlet c = [g in 0..k: sum(i: if seg[i] == g then 1 else 0)]\nloss = sum(softplus(s / c))",
 "param x: [n]\ndata seg: int[n] within 0..3\nlet h = one_hot(seg, 3)\nloss = sum(softplus((x @ h) / sum(h, axis = 0)))",
 "param x: [n]\ndata seg: int[n] within 0..3\nloss = sum(g in 0..3: softplus(sum((seg == g) * x) / sum(seg == g)))"],
 dict(x=g(25,6)), lambda P, D: S(softplus(np.array([S(P['x'][np.array(D['seg'])==k])/M(int(np.sum(np.array(D['seg'])==k))) for k in range(3)]))), data=dict(seg=np.array([0,2,1,0,2,2])))
def gcn(P, D):
    A = eye(4)
    for s, t in zip(D['src'], D['dst']): A[t, s] = A[t, s] + 1
    O = A.dot(relu(A.dot(P['X']).dot(P['W1']))).dot(P['W2']); return -S(logsoftmax(O)[:,0])
case('message passing gcn two layers relu', 'index', ["param X: [4, 2], W1: [2, 3], W2: [3, 2]\ndata src: int[5] within 0..4, dst: int[5] within 0..4\nlet M1 = (X @ W1)[src]\nlet H = relu(scatterAdd(M1, dst, 4) + X @ W1)\nlet O = scatterAdd((H @ W2)[src], dst, 4) + H @ W2\nloss = sum(logsumexp(O, axis = 1) - O[:, 0])",
 "param X: [n, d], W1: [d, h], W2: [h, c]\ndata src: int[m], dst: int[m]\nlet A = [i in 0..n, j in 0..n: (if i == j then 1 else 0) + sum(e in 0..m: if dst[e] == i and src[e] == j then 1 else 0)]\nlet H = relu(A @ X @ W1)\nlet O = A @ H @ W2\nloss = -sum(logSoftmax(O)[:, 0])"],
 dict(X=g(28,4,2), W1=g(29,2,3), W2=g(30,3,2)), lambda P, D: gcn(P, D), data=dict(src=np.array([0,1,2,3,0]), dst=np.array([1,2,3,0,2])))
def soft(P):
    h = [M(0)]*4
    for v, y in zip(P['v'], P['y']):
        k = int(mp.floor(v)); t = v-k; h[k] += (1-t)*y; h[k+1] += t*y
    return sum(z*z for z in h)
case('scatter with weights: histogram soft-binned by linear interpolation', 'index', ["param v: [5], y: [5]\ndata lo: int[5] within 0..3\nlet t = v - lo\nlet h = [k in 0..4: sum(i: if lo[i] == k then (1 - t[i]) * y[i] else if lo[i] + 1 == k then t[i] * y[i] else 0)]\nloss = sum(h^2)",
 "param v: [n], y: [n]\ndata lo: int[n] within 0..3\nlet t = v - lo\nlet h = scatterAdd((1 - t) * y, lo, 4) + scatterAdd(t * y, lo + 1, 4)\nloss = sum(h^2)",
 "param v: [n], y: [n]\nlet lo = toInt(floor(v))\nlet t = v - lo\nlet h = scatterAdd((1 - t) * y, lo, 4) + scatterAdd(t * y, lo + 1, 4)\nloss = sum(h^2)"],
 dict(v=np.array([0.3,1.6,2.2,0.9,1.1]), y=g(35,5)), lambda P, D: soft(P), data=dict(lo=np.array([0,1,2,0,1])))
case('nuclear norm, spectral norm by eigvals of A^T A', 'linalg', ["param A: [3, 2]\nlet s = sqrt(eigenvalues(A' @ A))\nloss = sum(s) + s[1]^3",
 "param A: [m, n]\nlet s2 = eigh(A.T @ A).values\nloss = sum(sqrt(s2)) + sqrt(max(s2))^3"],
 dict(A=g(46,3,2)), lambda P, D: (lambda s: S(s)+s[-1]**3)(sqrt(eigs(P['A'].T.dot(P['A']))[0])))
def spd(A, c=1): return A.dot(A.T) + c*eye(A.shape[0])
case('matrix square root via eigh: sum of sqrtm(S) * C', 'linalg', ["param A: [3, 3], C: [3, 3]\nlet S = A @ A' + eye(3)\nlet e = eigh(S)\nlet R = e.vectors @ diag(sqrt(e.values)) @ e.vectors'\nloss = sum(R * C)",
 "param A: [n, n], C: [n, n]\nlet S = A @ A.T + eye(n)\nlet e = eigh(S)\nlet R = (e.vectors * sqrt(e.values)) @ e.vectors.T\nloss = sum(R * C)"],
 dict(A=g(47,3,3), C=g(48,3,3)), lambda P, D: (lambda e: S((e[1]*sqrt(e[0])).dot(e[1].T)*P['C']))(eigs(spd(P['A']))))
case('kalman gain matrix P H^T (H P H^T + R)^-1, trace of posterior', 'linalg', ["param A: [3, 3], H: [2, 3], r: [2]\nlet P = A @ A' + eye(3)\nlet Sg = H @ P @ H' + diag(exp(r))\nlet K = P @ H' @ inverse(Sg)\nloss = trace((eye(3) - K @ H) @ P)",
 "param A: [n, n], H: [m, n], r: [m]\nlet P = A @ A.T + eye(n)\nlet Sg = H @ P @ H.T + diag(exp(r))\nlet K = solve(Sg, H @ P).T\nloss = trace(P) - sum(K * (P @ H.T))"],
 dict(A=g(49,3,3), H=g(50,2,3), r=g(51,2)), lambda P, D: (lambda Pm: (lambda K: S(np.diag((eye(3)-K.dot(P['H'])).dot(Pm))))(Pm.dot(P['H'].T).dot(inv(P['H'].dot(Pm).dot(P['H'].T)+np.array([[mp.exp(P['r'][0]),M(0)],[M(0),mp.exp(P['r'][1])]])))))(spd(P['A'])))
case('lyapunov by kron: vec X = (I kron A + A kron I)^-1 vec Q', 'linalg', ["param A: [2, 2], Q: [2, 2]\nlet M = kron(eye(2), A) + kron(A, eye(2))\nlet X = reshape(solve(M, flatten(Q)), [2, 2])\nloss = sum(X^2)",
 "param A: [n, n], Q: [n, n]\nlet M = [i in 0..n, j in 0..n, k in 0..n, l in 0..n: (if i == k then A[j, l] else 0) + (if j == l then A[i, k] else 0)]\nlet x = solve(M.reshape(n*n, n*n), Q.reshape(n*n))\nloss = dot(x, x)"],
 dict(A=g(53,2,2)+2*np.eye(2), Q=g(54,2,2)), lambda P, D: (lambda Mx: S(solve(Mx, P['Q'].ravel())**2))(np.kron(eye(2),P['A'])+np.kron(P['A'],eye(2))))
def powit(P):
    u = P['v']
    for _ in range(6): w = P['A'].dot(u); u = w/norm(w)
    return u.dot(P['A'].dot(u))
case('power iteration 6 steps, rayleigh quotient', 'linalg', ["param A: [3, 3], v: [3]\nlet u = scan(i in 0..6, u = v: { let w = A @ u; return w / norm(w) })\nloss = dot(u, A @ u)",
 "param A: [n, n], v: [n]\ndef step(u: [n]) = (A @ u) / sqrt(sum((A @ u)^2))\nlet u = step(step(step(step(step(step(v))))))\nloss = u @ A @ u"],
 dict(A=g(55,3,3)+np.eye(3), v=g(56,3)), lambda P, D: powit(P))
case('multi-class hinge (Crammer-Singer) margin 1', 'loss', ["param Z: [3, 4]\ndata y: int[3] within 0..4\nloss = mean(i: max(j: (if j == y[i] then 0 else 1) + Z[i, j]) - Z[i, y[i]])",
 "param Z: [n, k]\ndata y: int[n]\nlet zy = takeAlongAxis(Z, y[:, None], axis = 1)\nlet m = 1 - one_hot(y, k) + Z - zy\nloss = mean(max(m, axis = 1))"],
 dict(Z=g(2,3,4)), lambda P, D: mean(np.array([max((0 if j==y else 1)+P['Z'][i,j] for j in range(4))-P['Z'][i,y] for i,y in enumerate(D['y'])])), data=dict(y=np.array([2,0,3])))
case('NT-Xent contrastive (SimCLR), 2 views of 2, temperature 0.5', 'loss', ["param Z: [4, 3]\nlet u = Z / norm(Z, axis = 1, keepdims = true)\nlet S = u @ u' / 0.5\nlet pos = [2, 3, 0, 1]\nlet l = [i in 0..4: logsumexp(j in 0..4: if j == i then -inf else S[i, j]) - S[i, pos[i]]]\nloss = mean(l)",
 "param Z: [n, d]\nlet u = Z / norm(Z, axis = 1)[:, None]\nlet S = u @ u.T / 0.5\nlet M = S - 1e9 * eye(n)\nloss = mean(i in 0..4: logsumexp(M[i]) - S[i, mod(i + 2, 4)])",
 "param Z: [n, d]\nlet C = [i, j: dot(Z[i], Z[j]) / (norm(Z[i]) * norm(Z[j])) / 0.5]\nloss = mean(i in 0..n: log(sum(j in 0..n: if i != j then exp(C[i, j]) else 0)) - C[i, mod(i + n // 2, n)])"],
 dict(Z=g(12,4,3)), lambda P, D: (lambda u: (lambda s: mean(np.array([lse(np.array([s[i,j] for j in range(4) if j!=i]))-s[i,(i+2)%4] for i in range(4)])))(u.dot(u.T)*2))(P['Z']/norm(P['Z'],1,True)))
def ctc(P, D):
    lp = logsoftmax(P['Z']); lab = [0, 1, 0, 2, 0]; T, s = 4, 5; a = [M(0)]*s
    p = exp(lp); a = [p[0,0], p[0,1], M(0), M(0), M(0)]
    for t in range(1, T):
        n = []
        for j in range(s):
            v = a[j] + (a[j-1] if j > 0 else 0)
            if j > 1 and lab[j] != 0 and lab[j] != lab[j-2]: v += a[j-2]
            n.append(v*p[t, lab[j]])
        a = n
    return -mp.log(a[-1]+a[-2])
case('CTC of target [1,2] with blank 0, T=4, 3 classes', 'loss', ["param Z: [4, 3]\ndata lab: int[5] within 0..3\nlet lp = logSoftmax(Z)\nlet a0 = [s in 0..5: if s < 2 then lp[0, lab[s]] else -inf]\nlet a = scan(t in 1..4, a = a0: [s in 0..5: lp[t, lab[s]] + logsumexp([\n  a[s],\n  if s > 0 then a[s-1] else -inf,\n  if s > 1 and lab[s] != 0 then (if lab[s] != lab[s-2] then a[s-2] else -inf) else -inf])])\nloss = -logaddexp(a[3], a[4])",
 "param Z: [T, C]\ndata lab: int[L]\nlet p = softmax(Z)\nlet skip = [s in 0..L: if s >= 2 then (if lab[s] != 0 and lab[s] != lab[s-2] then 1 else 0) else 0]\nlet a0 = [s in 0..L: if s < 2 then p[0, lab[s]] else 0]\nlet a = scan(t in 1..T, a = a0: {\n  let s1 = concat([0], a[:-1])\n  let s2 = concat([0, 0], a[:-2]) * skip\n  return (a + s1 + s2) * p[t][lab]\n})\nloss = -log(a[L-1] + a[L-2])"],
 dict(Z=g(13,4,3)), ctc, data=dict(lab=np.array([0,1,0,2,0])))
S = np.sum
case('dice loss, IoU loss of sigmoid mask; label smoothing 0.1 cross entropy', 'loss', ["param z: [3, 3], Z: [2, 3]\ndata m: [3, 3], y: int[2] within 0..3\nlet p = sigmoid(z)\nlet dice = 1 - 2 * sum(p * m) / (sum(p) + sum(m))\nlet iou = 1 - sum(p * m) / (sum(p) + sum(m) - sum(p * m))\nlet t = 0.9 * oneHot(y, 3) + 0.1 / 3\nloss = dice + iou - mean(sum(t * logSoftmax(Z), axis = 1))",
 "param z: [a, b], Z: [n, k]\ndata m: [a, b], y: int[n]\nlet p = 1 / (1 + exp(-z))\nlet inter = sum(i, j: p[i, j] * m[i, j])\nlet tot = sum(p) + sum(m)\nlet ls = log_softmax(Z, dim = -1)\nloss = 2 - 2 * inter / tot - inter / (tot - inter) - mean(i: 0.9 * ls[i, y[i]] + 0.1 * mean(ls[i]))"],
 dict(z=g(17,3,3), Z=g(18,2,3)), lambda P, D: (lambda p: (lambda I,T: 2-2*I/T-I/(T-I))(S(p*D['m']),S(p)+S(D['m'])))(sigmoid(P['z']))-mean(np.array([M(0.9)*logsoftmax(P['Z'])[i,y]+M(0.1)*mean(logsoftmax(P['Z'])[i]) for i,y in enumerate(D['y'])])), data=dict(m=np.array([[1.,0,1],[0,1,1],[0,0,1]]), y=np.array([2,0])))
case('group norm, 2 groups of 2 channels', 'norm', ["param x: [2, 4, 3], g: [4], b: [4]\nlet h = layerNorm(reshape(x, [2, 2, 6]))\nloss = sum(tanh(reshape(h, [2, 4, 3]) * g[:, None] + b[:, None]))",
 "param x: [N, 4, L], g: [4], b: [4]\nlet mu = [n in 0..N, k in 0..2: mean(c in 2*k..2*k+2, l in 0..L: x[n, c, l])]\nlet v = [n in 0..N, k in 0..2: mean(c in 2*k..2*k+2, l in 0..L: (x[n, c, l] - mu[n, k])^2)]\nloss = sum(n, c, l: tanh((x[n, c, l] - mu[n, c//2]) / sqrt(v[n, c//2] + 1e-5) * g[c] + b[c]))"],
 dict(x=g(23,2,4,3), g=g(24,4), b=g(25,4)), lambda P, D: (lambda h: S(tanh(((h-mean(h,2,True))/sqrt(var(h,2,True)+M(1e-5))).reshape(2,4,3)*P['g'][:,None]+P['b'][:,None])))(P['x'].reshape(2,2,6)))
def spn(P, D):
    u = D['u0']; W = P['W']
    for _ in range(3):
        v = W.T.dot(u); v = v/norm(v); u = W.dot(v); u = u/norm(u)
    return S((W/norm(W.T.dot(u)))**3)
case('spectral norm by 3 power steps (u fixed data), W/sigma', 'norm', ["param W: [3, 2]\ndata u0: [3]\nlet u = scan(k in 0..3, u = u0: { let v = W' @ u; let vn = v / norm(v); let t = W @ vn; return t / norm(t) })\nlet v = W' @ u\nloss = sum((W / (norm(v)))^3)",
 "param W: [m, n]\ndata u0: [m]\ndef nrm(x) = x / sqrt(sum(x^2))\ndef step(u) = nrm(W @ nrm(W.T @ u))\nlet u3 = step(step(step(u0)))\nlet sigma = u3 @ W @ nrm(W.T @ u3)\nloss = sum((W / sigma)^3)"],
 dict(W=g(32,3,2)), lambda P, D: spn(P, D), data=dict(u0=g(33,3)))
case('norms: L1, L2, L3, Linf, Frobenius, L2,1', 'norm', ["param x: [4], A: [2, 3]\nloss = sum(abs(x)) + norm(x) + sum(abs(x)^3)^(1/3) + max(abs(x)) + norm(A) + sum(norm(A, axis = 0))",
 "param x: [n], A: [m, k]\nloss = sum(i: abs(x[i])) + sqrt(sum(x^2)) + cbrt(sum(i: abs(x[i])^3)) + max(i: abs(x[i])) + sqrt(sum(A * A)) + sum(j: norm(A[:, j]))",
 "param x: [n], A: [m, k]\nloss = norm(x, ord = 1) + norm(x, ord = 2) + norm(x, ord = 3) + norm(x, ord = inf) + norm(A) + sum(norm(A, axis = 0))"],
 dict(x=g(35,4), A=g(36,2,3)), lambda P, D: S(absf(P['x']))+norm(P['x'])+mp.cbrt(S(absf(P['x'])**3))+max(absf(P['x']))+norm(P['A'])+S(norm(P['A'],0)))
case('local response normalisation over channels size 3, k=2 alpha=.1 beta=.75', 'norm', ["param x: [5, 2]\nlet p = pad(x^2, [1, 0])\nlet s = p[0..5] + p[1..6] + p[2..7]\nloss = sum((x / (2 + 0.1 / 3 * s)^0.75)^2)",
 "param x: [C, L]\nlet s = [c in 0..C, l in 0..L: sum(k in 0..3: if c + k >= 1 and c + k - 1 < C then x[c + k - 1, l]^2 else 0)]\nloss = sum(c, l: (x[c, l] / (2 + 0.1 * s[c, l] / 3)^0.75)^2)",
 "param x: [C, L]\nlet s = [c in 0..C, l in 0..L: sum(k in max(0, c-1)..min(C, c+2): x[k, l]^2)]\nloss = sum((x / (2 + 0.1 * s / 3)^0.75)^2)"],
 dict(x=g(37,5,2)), lambda P, D: (lambda p: S((P['x']/(2+M(0.1)/3*(p[:5]+p[1:6]+p[2:7]))**M(0.75))**2))(pad(P['x']**2,((1,1),(0,0)))))
def maxpp(x, w, s, p, dil=1):
    B,C,H,W = x.shape; oh=(H+2*p-dil*(w-1)-1)//s+1; ow=(W+2*p-dil*(w-1)-1)//s+1
    return np.array([[[[max(x[b,c,r,q] for u in range(w) for v in range(w) for r in [i*s+u*dil-p] for q in [j*s+v*dil-p] if 0<=r<H and 0<=q<W) for j in range(ow)] for i in range(oh)] for c in range(C)] for b in range(B)])
case('max pool 3x3 stride 2 padding 1', 'pool', ["param x: [1, 2, 5, 4], w: [3, 2]\nloss = sum(maxPool2d(x, window = 3, stride = 2, padding = 1, channels = first)^2 * w)",
 "param x: [1, 2, 5, 4], w: [3, 2]\nlet y = [c in 0..2, i in 0..3, j in 0..2: max(u in 0..3, v in 0..3: if 2*i+u >= 1 and 2*i+u-1 < 5 and 2*j+v >= 1 and 2*j+v-1 < 4 then x[0, c, 2*i+u-1, 2*j+v-1] else -inf)]\nloss = sum(y^2 * w)"],
 dict(x=g(40,1,2,5,4), w=g(41,3,2)), lambda P, D: S(maxpp(P['x'],3,2,1)**2*P['w']))
case('avg pool 3x3 stride 1 pad 1 count_include_pad false', 'pool', ["param x: [4, 4]\nlet y = avgPool2d(x[:, :, None], window = 3, stride = 1, padding = 1) / avgPool2d(ones(4, 4, 1), window = 3, stride = 1, padding = 1)\nloss = sum(y^3)",
 "param x: [n, m]\nlet s = [i in 0..n, j in 0..m: sum(u in 0..3, v in 0..3: pad(x, 1)[i+u, j+v])]\nlet c = [i in 0..n, j in 0..m: sum(u in 0..3, v in 0..3: pad(ones(n, m), 1)[i+u, j+v])]\nloss = sum((s / c)^3)"],
 dict(x=g(42,4,4)), lambda P, D: sum(mean(P['x'][max(i-1,0):i+2,max(j-1,0):j+2])**3 for i in range(4) for j in range(4)))
case('adaptive avg pool 5 -> 3 (pytorch start floor(i*5/3), end ceil((i+1)*5/3))', 'pool', ["param x: [5], w: [3]\nloss = sum(i in 0..3: w[i] * exp(mean(x[i * 5 // 3..((i + 1) * 5 + 2) // 3])))",
 "param x: [n], w: [k]\nlet y = [i in 0..k: mean(x[i*n//k..((i+1)*n+k-1)//k])]\nloss = sum(w * exp(y))",
 "param x: [5], w: [3]\nlet y = [mean(x[0:2]), mean(x[1:4]), mean(x[3:5])]\nloss = dot(w, exp(y))"],
 dict(x=g(45,5), w=g(46,3)), lambda P, D: P['w'][0]*mp.exp(mean(P['x'][0:2]))+P['w'][1]*mp.exp(mean(P['x'][1:4]))+P['w'][2]*mp.exp(mean(P['x'][3:5])))
case('min pool 2 stride 2 and median pool window 3 stride 1', 'pool', ["param x: [7]\nlet mn = -maxPool1d(-x[:, None], window = 2)\nlet md = [i in 0..5: median(x[i..i+3])]\nloss = sum(mn^2) + sum(md^3)",
 "param x: [n]\nlet mn = [i in 0..3: min(x[2*i..2*i+2])]\nlet md = [i: sort(x[i..i+3])[1]]\nloss = sum(mn^2) + sum(md^3)"],
 dict(x=g(51,7)), lambda P, D: sum(min(P['x'][2*i:2*i+2])**2 for i in range(3))+sum(sorted(P['x'][i:i+3])[1]**3 for i in range(5)))
case('upper triangle sum excluding diagonal, trace^2, anti-diagonal product', 'reduce', ["param A: [4, 4]\nloss = sum(triu(A, 1)^2) + trace(A)^2 + prod(i in 0..4: A[i, 3 - i])",
 "param A: [n, n]\nloss = sum(i, j in i+1..n: A[i, j]^2) + sum(i: A[i, i])^2 + prod(diagonal(flip(A, axis = 1)))",
 "param A: [n, n]\nloss = sum(i in 0..n, j in 0..n: if j > i then A[i, j]^2 else 0) + sum(diag(A))^2 + prod(i in 0..n: A[i, n - 1 - i])"],
 dict(A=g(65,4,4)), lambda P, D: S(np.triu(P['A'],1)**2)+S(np.diag(P['A']))**2+np.prod([P['A'][i,3-i] for i in range(4)]))
if __name__ == '__main__': out('/dev/stdout', sys.argv[1:])
