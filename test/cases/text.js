const infix = {
    add: "+",
    sub: "-",
    mul: "*",
    div: "/",
    pow: "^",
    lt: "<",
    le: "<=",
    gt: ">",
    ge: ">=",
    eq: "==",
    ne: "!=",
};
/** Operators of the files under the names of the language; the others are called alike. */
const named = {
    recip: "reciprocal",
    logsigmoid: "logSigmoid",
    leaky_relu: "leakyRelu",
    maxn: "max",
};
/** Operators over a list of operands, as the language has them over an array. */
const overArray = {
    logsumexp: (list) => `logsumexp(${list})`,
    softmax0: (list) => `softmax(${list})[0]`,
    logsoftmax0: (list) => `logSoftmax(${list})[0]`,
    norm: (list) => `norm(${list})`,
    sum: (list) => `sum(${list})`,
    mean: (list) => `mean(${list})`,
    var: (list) => `variance(${list})`,
};
/** A tree as text of the model language. */
export function textOf(tree) {
    if (typeof tree === "number")
        return tree < 0 ? `(${tree})` : String(tree);
    if (typeof tree === "string")
        return tree;
    const [operator, ...operands] = tree;
    const texts = operands.map(textOf);
    const sign = infix[operator];
    if (sign)
        return `(${texts.join(` ${sign} `)})`;
    if (operator === "neg")
        return `(-${texts[0]})`;
    const ofList = overArray[operator];
    return ofList ? ofList(`[${texts.join(", ")}]`) : `${named[operator] ?? operator}(${texts.join(", ")})`;
}
