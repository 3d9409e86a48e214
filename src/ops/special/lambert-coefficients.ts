import type { RationalFunction } from "../elementary/polynomial.ts";

// Rational approximations, lowest power first, that agree with the function in Chebyshev nodes. Fitted with mpmath at 240 bits; "relative error"
// is that of the fit before rounding.

/** (1 + W)/p in p = sqrt(2 (e x + 1)), -1/e <= x <= -0.2; relative error 2.0e-17. */
export const lambertBranch: RationalFunction = {
  numerator: [
    1.0, 1.5747918563078358, 0.8563803934686524, 0.1870414590338536, 0.01390105968387474, 0.00011450441849560678,
    -1.374507376854618e-6,
  ],
  denominator: [
    1.0, 1.9081251896411624, 1.3396443455716165, 0.4217000776514395, 0.05724085351143511, 0.002512497651140347,
  ],
};

/** x/W in x, -0.2 <= x <= 2; relative error 0.003. */
export const lambertCentre: RationalFunction = {
  numerator: [0.998979124597481, 2.1651174389879064, 0.7453455246281228],
  denominator: [1.0, 1.1631076488135517, 0.05416559090590732],
};

/** W/L of L = log x in L/(L + 8), x >= 2; relative error 0.002. */
export const lambertTail: RationalFunction = {
  numerator: [11.866851023470021, 20.89239860501021, 146.2331946193758, -147.07469454158888],
  denominator: [1.0, 137.45897330754303, -32.015736677622606, -74.4494298892321],
};
