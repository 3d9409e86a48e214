import { operationFamilies, operations } from "../../src/ops/registry.js";
/** Every primitive of the registry, and the first members of the numbered families. */
export const primitives = [
    ...[...operations.values()].map(({ primitive }) => primitive),
    ...[...operationFamilies.values()].flatMap((family) => [1, 2, 3].map((order) => family(order).primitive)),
].filter((primitive, position, all) => all.indexOf(primitive) === position);
/** Primitives of real operands that differentiate: what the complex step can judge. */
export const smooth = primitives.filter(({ operands, result, partials, isOpaque }) => !isOpaque &&
    !operands &&
    (result === undefined || result === "real" || result === "same") &&
    partials.some((partial) => typeof partial === "function"));
/** Magnitudes from tiny to huge; odd mantissas keep them off kinks and ties. */
const magnitudes = [
    1.37e-90, 2.71e-60, 1.3e-25, 3.1e-10, 0.00217, 0.131, 0.437, 0.713, 0.893, 0.9917, 1.0093, 1.213, 1.617, 2.293, 3.71,
    5.117, 7.93, 12.71, 19.37, 23.9, 39.1, 87.3, 344.7, 701.3, 1234.7, 12345.7, 1.3e8, 1.7e30, 1.9e100, 1.1e200,
];
const all = [0, ...magnitudes.flatMap((size) => [size, -1.013 * size])];
/** Fewer of them, for each of two operands, and for each of three. */
const some = [0, 2.71e-60, 3.1e-10, 0.131, 0.893, 1.617, 3.71, 12.71, 87.3, 1.3e8].flatMap((x) => [
    1.07 * x,
    -0.97 * x,
]);
const few = [0, 3.1e-10, 0.893, 1.617, 12.71].flatMap((x) => [1.07 * x, -0.97 * x]);
/** Points of the primitive's domain, ends of it left out: there the derivative may be infinite. */
export function pointsOf(primitive) {
    const count = primitive.arity === "variadic" ? 3 : primitive.arity;
    const values = [all, some, few][count - 1];
    const along = (position) => {
        const domain = domainOf(primitive, position);
        // operands on different values: equal ones would tie
        const shifted = values.map((x) => (1 + 0.0371 * position) * x);
        return [...shifted, ...nearEnds(domain)].filter((x) => x > domain[0] && x < domain[1]);
    };
    let points = along(0).map((x) => [x]);
    for (let position = 1; position < count; position++) {
        points = points.flatMap((point) => along(position).map((x) => [...point, x]));
    }
    return points;
}
export function domainOf(primitive, position) {
    const { domain } = primitive;
    return domain?.[Math.min(position, domain.length - 1)] ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
}
/** Points close to the finite ends of a domain. */
function nearEnds([low, high]) {
    const distances = [1.3e-3, 1.7e-7, 1.1e-13];
    const fromLow = Number.isFinite(low) && low !== 0 ? distances.map((d) => low + d * Math.abs(low)) : [];
    const fromHigh = Number.isFinite(high) && high !== 0 ? distances.map((d) => high - d * Math.abs(high)) : [];
    return [...fromLow, ...fromHigh];
}
