import { describe, it } from "vitest";
import { compileText } from "../../src/language/all.ts";
import { expectClose, expectReference, type Reference } from "./references.ts";

/** Exponentials that overflow or vanish on their own. Values, gradients and products from mpmath, at 600 digits. */
const references: readonly Reference[] = [
  {
    name: "a mixture",
    text: "param m: [k], ls: [k], a: [k]\ndata x: [n]\nlet s = exp(ls)\nlet w = softmax(a)\nloss = -mean(i: log(sum(j: w[j]*exp(-0.5*((x[i]-m[j])/s[j])^2)/s[j])))",
    at: { m: [-1.0, 0.5, 4.0], ls: [-6.0, -6.5, -7.0], a: [0.5, -0.5, 1.0], x: [1.0, -2.0, 3.0] },
    along: { m: [1.0, -1.0, 1.0], ls: [-1.0, 1.0, -1.0], a: [1.0, -1.0, 1.0] },
    loss: 245988.50806160714,
    gradient: {
      m: [54251.597139667974, -73735.56533482009, 400868.09472159226],
      ls: [-54251.26380633464, -36867.44933407671, -400867.76138825895],
      a: [-0.0018343729092418282, -0.21138168102360447, 0.21321605393284632],
    },
    product: {
      m: [162754.79141900392, 0, 1202604.2841647768],
      ls: [-217006.3885586719, -73735.56533482009, -1603472.378886369],
      a: [0.08085369192535075, -0.21415889361731172, 0.13330520169196097],
    },
  },
  {
    name: "a mixture with a weight that vanishes",
    text: "param m: [k], ls: [k], a: [k]\ndata x: [n]\nlet s = exp(ls)\nlet w = softmax(a)\nloss = -mean(i: log(sum(j: w[j]*exp(-0.5*((x[i]-m[j])/s[j])^2)/s[j])))",
    at: { m: [-1.0, 0.5, 4.0], ls: [-6.0, -6.5, -7.0], a: [900.0, -900.0, 100.0], x: [1.0, -2.0, 3.0] },
    along: { m: [1.0, -1.0, 1.0], ls: [-1.0, 1.0, -1.0], a: [1.0, -1.0, 1.0] },
    loss: 246853.9039310018,
    gradient: {
      m: [54251.597139667974, -73735.56533482009, 400868.09472159226],
      ls: [-54251.26380633464, -36867.44933407671, -400867.76138825895],
      a: [0.6666666666666666, -0.3333333333333333, -0.3333333333333333],
    },
    product: {
      m: [162754.79141900392, 0, 1202604.2841647768],
      ls: [-217006.3885586719, -73735.56533482009, -1603472.378886369],
      a: [0, 0, 0],
    },
  },
  {
    name: "a mixture of Poisson distributions",
    text: "param l: [k], a: [k]\ndata x: [n]\nlet w = softmax(a)\nloss = -mean(i: log(sum(j: w[j]*exp(x[i]*l[j]-exp(l[j])))))",
    at: { l: [5.0, 6.5, 7.0], a: [0.5, -0.5, 1.0], x: [3.0, 200.0, 1000.0] },
    along: { l: [1.0, -1.0, 1.0], a: [-1.0, 1.0, -1.0] },
    loss: -2206.2427105167926,
    gradient: {
      l: [31.275439401717737, -4.399929198193658e-29, 32.2110528094862],
      a: [-0.33516770624257514, 0.12195165230972886, 0.21321605393284632],
    },
    product: {
      l: [98.9421060683844, 1.0306344492777226e-26, 365.5443861428195],
      a: [-0.08085369192535075, 0.21415889361731172, -0.13330520169196097],
    },
  },
  {
    name: "a mixture over a circle",
    text: "param k, m: [j], a: [j]\ndata t: [n]\nlet w = softmax(a)\nloss = -mean(i: log(sum(j: w[j]*exp(k*cos(t[i]-m[j])))))",
    at: { k: 5000.0, m: [-1.0, 0.5, 1.0], a: [0.5, -0.5, 1.0], t: [1.25, -2.0, 3.0] },
    along: { k: 1.0, m: [-1.0, 1.0, -1.0], a: [1.0, -1.0, 1.0] },
    loss: -1821.0090211140669,
    gradient: {
      k: [-0.364355963677214],
      m: [1402.4516413464942, 0, -1927.8356434670077],
      a: [-0.0018343729092418282, 0.12195165230972886, -0.12011727940048703],
    },
    product: {
      k: [0.10507680042410271],
      m: [-900.2233527852969, 0, -921.6615424011974],
      a: [0.08085369192535075, -0.21415889361731172, 0.13330520169196097],
    },
  },
  {
    name: "weights of a mixture",
    text: "param m: [k], ls: [k], a: [k]\ndata x: [n]\nlet s = exp(ls)\nlet w = softmax(a)\nlet q = [i,j: w[j]*exp(-0.5*((x[i]-m[j])/s[j])^2)/s[j]]\nlet r = [i,j: q[i,j]/sum(k: q[i,k])]\nloss = sum(r^2)",
    at: { m: [-1.0, 0.5, 0.5], ls: [-6.0, -6.5, -6.5], a: [0.5, -0.5, -0.25], x: [1.0, -2.0, 3.0] },
    along: { m: [1.0, -1.0, 1.0], ls: [-1.0, 1.0, -1.0], a: [1.0, -1.0, 1.0] },
    loss: 2.507731834524803,
    gradient: {
      m: [0, -13541.173216694482, 13541.173216694482],
      ls: [0, -6770.525393323188, 6770.525393323188],
      a: [0, -0.06121502405343755, 0.06121502405343755],
    },
    product: {
      m: [0, -11485409518.918655, 11485409518.918655],
      ls: [0, -5742666379.0147705, 5742639296.668337],
      a: [0, -51921.617773663915, 51921.617773663915],
    },
  },
  {
    name: "a mean by Boltzmann",
    text: "param z: [n], T\nloss = sum(z*exp(z/T))/sum(exp(z/T))",
    at: { z: [3.0, 2.75, 2.75, -1.0], T: 0.0009765625 },
    along: { z: [1.0, -1.0, 1.0, -1.0], T: 1.0 },
    loss: 3.0,
    gradient: { z: [1.0, 0, 0, 0], T: [0] },
    product: { z: [0, 0, 0, 0], T: [0] },
  },
  {
    name: "a divergence of softmaxes",
    text: "param a: [n], b: [n]\nlet p = softmax(a)\nlet q = softmax(b)\nloss = sum(p*log(p/q))",
    at: { a: [500.0, -400.0, 300.0], b: [-100.0, 200.0, 0] },
    along: { a: [1.0, -1.0, 1.0], b: [-1.0, 1.0, -1.0] },
    loss: 300.0,
    gradient: { a: [0, 0, 0], b: [-1.0, 1.0, 0] },
    product: { a: [0, 0, 0], b: [0, 0, 0] },
  },
  {
    name: "a distance of softmaxes",
    text: "param a: [n], b: [n]\nloss = 1-sum(sqrt(softmax(a)*softmax(b)))",
    at: { a: [800.0, -400.0, 300.0], b: [800.5, 200.0, 0] },
    along: { a: [1.0, -1.0, 1.0], b: [-1.0, 1.0, -1.0] },
    loss: 0,
    gradient: { a: [0, 0, 0], b: [0, 0, 0] },
    product: { a: [0, 0, 0], b: [0, 0, 0] },
  },
  {
    name: "one more than a sum",
    text: "param x: [n]\nloss = log(1+sum(exp(x)))",
    at: { x: [800.0, 801.0, -5.0] },
    along: { x: [1.0, -1.0, 1.0] },
    loss: 801.3132616875182,
    gradient: { x: [0.2689414213699951, 0.7310585786300049, 0] },
    product: { x: [0.3932238664829637, -0.3932238664829637, 0] },
  },
  {
    name: "a share of sums",
    text: "param a: [n], b: [n]\nloss = sum(exp(a))/(sum(exp(a))+sum(exp(b)))",
    at: { a: [-800.0, -801.0, -1500.0], b: [-801.0, -801.5, -900.0] },
    along: { a: [1.0, -1.0, 1.0], b: [-1.0, 1.0, -1.0] },
    loss: 0.698293477323133,
    gradient: {
      a: [0.1540191997261656, 0.05666049712493456, 0],
      b: [-0.13113954319974527, -0.07954015365135489, -1.3261112461469882e-44],
    },
    product: {
      a: [0.03965711924720273, -0.09873195538273893, 0],
      b: [0.13579270468281524, -0.07671786854727904, 1.3731650151496629e-44],
    },
  },
  {
    name: "a logarithm of a quotient of sums",
    text: "param a: [n], b: [n]\nloss = log(sum(exp(a))/sum(exp(b)))",
    at: { a: [-900.0, -901.0], b: [1000.0, 1001.0] },
    along: { a: [1.0, -1.0], b: [1.0, -1.0] },
    loss: -1901.0,
    gradient: { a: [0.7310585786300049, 0.2689414213699951], b: [-0.2689414213699951, -0.7310585786300049] },
    product: { a: [0.3932238664829637, -0.3932238664829637], b: [-0.3932238664829637, 0.3932238664829637] },
  },
  {
    name: "a logarithm of a mean",
    text: "param a: [n, k]\nloss = mean(i: log(mean(j: exp(a[i,j]))))",
    at: {
      a: [
        [900.0, 901.0],
        [-900.0, -902.0],
      ],
    },
    along: {
      a: [
        [1.0, -1.0],
        [1.0, -1.0],
      ],
    },
    loss: 0.026947668720652355,
    gradient: { a: [0.13447071068499755, 0.36552928931500245, 0.4403985389889412, 0.05960146101105878] },
    product: { a: [0.19661193324148185, -0.19661193324148185, 0.10499358540350652, -0.10499358540350652] },
  },
  {
    name: "a mixture of two",
    text: "param a: [n], b: [n], q\nloss = sum(log(q*exp(a)+(1-q)*exp(b)))",
    at: { a: [900.0, -900.0], b: [901.0, -901.0], q: 0.25 },
    along: { a: [1.0, -1.0], b: [1.0, -1.0], q: 1.0 },
    loss: 0.18536295875165829,
    gradient: {
      a: [0.10923177257303593, 0.4753668864186717],
      b: [0.890768227426964, 0.5246331135813284],
      q: [0.45119284795577397],
    },
    product: {
      a: [0.5189343596458053, 1.3300971184815433],
      b: [-0.5189343596458053, -1.3300971184815433],
      q: [-2.008346377869538],
    },
  },
  {
    name: "how many weights count",
    text: "param a: [n]\nlet w = exp(a)\nloss = sum(w)^2/sum(w^2)",
    at: { a: [-800.0, -801.0, -802.5] },
    along: { a: [1.0, -1.0, 1.0] },
    loss: 1.8408599562719197,
    gradient: { a: [-0.6845366936687703, 0.4978293803291512, 0.1867073133396192] },
    product: { a: [0.13066752935445974, -0.12515142664506088, -0.005516102709398856] },
  },
  {
    name: "a curve by weighted points, in quotients of huge sums that are no powers alone",
    text: "param c: [4, 2], lw: [4]\ndata u: [n], o: [n, 2]\nlet w = exp(lw)\nlet choose = [1, 3, 3, 1]\nlet B = [s, i in 0..4: choose[i] * u[s]^i * (1 - u[s])^(3 - i) * w[i]]\nlet point = B @ c / sum(B, axis = 1, keepdims = true)\nloss = sum((point - o)^2)",
    at: {
      c: [
        [0.2002, 1.2806],
        [-0.7083, 0.0632],
        [-0.6991, -0.7692],
        [-0.281, -0.4805],
      ],
      lw: [700, 0, 1, 700],
      u: [0, 0.3, 0.5, 1],
      o: [
        [1.1587, 0.1083],
        [-1.0357, -0.4036],
        [0.946, -0.9886],
        [1.2634, 0.3635],
      ],
    },
    along: {
      c: [
        [-0.346, 0.975],
        [-0.363, 0.577],
        [0.74, -0.218],
        [-0.124, -0.255],
      ],
      lw: [-0.786, -0.042, -0.517, -0.486],
    },
    loss: 12.153899239306794,
    gradient: {
      c: [
        -0.6770789510591673, 6.617578340394449, -9.542907102817422e-306, 7.763876240327577e-304,
        -4.643209473472895e-304, 1.5424927716803576e-303, -3.899950238130022, -0.07230374579985387,
      ],
      lw: [1.4342971090770615, -5.88119244286561e-304, -1.885610415136158e-303, -1.4342971090770615],
    },
    product: {
      c: [
        -1.4934414561530411, 3.481500740596608, -1.2950827347286333e-304, 7.75092791715747e-304,
        -3.240777133136047e-304, 6.539820148630818e-304, -0.6678698507863305, 0.11333989665686137,
      ],
      lw: [1.617106054729464, -4.848322492948525e-304, -2.202422961349478e-303, -1.617106054729464],
    },
  },
];

describe("sums of exponentials with weights", () => {
  it.each(references)("have values and derivatives: $name", (reference) => {
    expectReference(reference);
  });

  it.each([
    [
      "log(sum(j: if K[i, j] then exp(b*S[i, j]) else 0))",
      801 + Math.log1p(Math.exp(-1)),
      8 + 0.01 / (1 + Math.exp(-1)),
    ],
    [
      "sum(j: if K[i, j] then S[i, j]*exp(b*S[i, j]) else 0) / sum(j: if K[i, j] then exp(b*S[i, j]) else 0)",
      8 + 0.01 / (1 + Math.exp(-1)),
      1e-4 / (2 + 2 * Math.cosh(1)),
    ],
  ])("are of what a mask keeps, in more rows than are computed once more: %s", (term, value, slope) => {
    const rows = 1000;
    const at = { b: 100, S: Array(rows).fill([8, 20, 8.01]), K: Array(rows).fill([true, false, true]) };
    const { loss, gradient } = compileText(`param b\ndata S: [n, m], K: bool[n, m]\nloss = mean(i: ${term})`);
    expectClose([loss(at)], [value]);
    expectClose(gradient(at).b!, [slope]);
  });

  it("have slopes in weights that are 0", () => {
    const { gradient } = compileText("param w: [n], x: [n]\nloss = log(sum(w*exp(x)))");
    expectClose(gradient({ w: [0, 2, 1], x: [901, 900, 900] }).w!, [Math.E / 3, 1 / 3, 1 / 3]);
  });
});
