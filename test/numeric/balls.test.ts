import { describe, expect, it } from "vitest";
import { ballArithmetic } from "../../src/numeric/balls/arithmetic.ts";
import { ballOf, certain, isOpen, none, numberOf, signOf } from "../../src/numeric/balls/balls.ts";
import { fraction, holds } from "./enclosure.ts";

/** To 60 digits, from mpmath. */
const references = [
  ["exp", 0.1, "1.10517091807564763094663882345877965774166341637421962084148"],
  ["exp", -30.5, "0.0000000000000567568523263272246187278872380665127714771085120751161713262"],
  ["exp", 700.25, "1.3022997366991783935335422386192166013495422384341132008902e+304"],
  ["exp", -100000.0, "3.56294956530937312107117441874865236860876622218263051987578e-43430"],
  ["exp", 1e-20, "1.00000000000000000000999999999999999945158271454209571651181"],
  ["expm1", 1e-30, "1.0000000000000000833364206075864853509313360269519909229721e-30"],
  ["expm1", 0.2, "0.221402758160169847481366639140597766829575159122783638863115"],
  ["expm1", -3.5, "-0.96980261657768149926021370763638015492833946775234299332866"],
  ["expm1", 50, "5184705528587072464086.45332293348538482746910058384640190406"],
  ["log", 1e-300, "-690.775527898213705180338344570100502908613341583641344062547"],
  ["log", 0.99999, "-0.0000100000500002878251160207257580545659459012241040114560753706"],
  ["log", 1.0000001, "0.0000000999999950583870451775160996834544912302987959214771887459571"],
  ["log", 3, "1.09861228866810969139524523692252570464749055782274945173469"],
  ["log", 1e300, "690.775527898213705257902196660513681150659990441493231550394"],
  ["log1p", 1e-40, "9.99999999999999929292879399880145002330595119061973673988403e-41"],
  ["log1p", 0.3, "0.26236426446749104349531887437975020363199491437272898584292"],
  ["log1p", -0.75, "-1.38629436111989061883446424291635313615100026872051050824136"],
  ["log1p", 10000000000.0, "23.0258509300404568401749145468439754093443232196210650936666"],
  ["sin", 1e-50, "1.00000000000000000761622370578234285759930916419271389895138e-50"],
  ["sin", 1, "0.841470984807896506652502321630298999622563060798371065672752"],
  ["sin", 3.1, "0.0415806624332904904536703879398227424426101447481684694561069"],
  ["sin", 1e22, "-0.852200849767188801772705893753029368261762150410043656256509"],
  ["cos", 1e-5, "0.999999999950000000000416658486359886510984914274094149464222"],
  ["cos", 1.5707963267948966, "0.0000000000000000612323399573676588613032966137500146464037779883628305209605"],
  ["cos", 1e22, "0.523214785395138945497594473384709492140919972439387953527211"],
  ["atan", 1e-60, "9.99999999999999970433463913134255209226123025818520725722338e-61"],
  ["atan", 0.5, "0.463647609000806116214256231461214402028537054286120263810933"],
  ["atan", 3, "1.24904577239825442582991707728109012307782940412989671905467"],
  ["atan", -1e20, "-1.57079632679489661922132169163975144209858469968755291048747"],
  ["sqrt", 2, "1.41421356237309504880168872420969807856967187537694807317668"],
  ["sqrt", 1e-300, "1.00000000000000001252954591760437976435331295317356317150956e-150"],
  ["sqrt", 1e301, "3.16227766016837941501620874819749411615007746664422844961735e+150"],
] as const;

describe("numbers with bounds on their errors", () => {
  for (const p of [64, 150, 400]) {
    const arithmetic = ballArithmetic(p);
    it.each(references)(`%s(%d) holds the value, with ${p} bits`, (f, x, text) => {
      const ball = arithmetic[f](ballOf(x));
      expect(holds(ball, fraction(text))).toBe(true);
      const value = Number(text);
      expect(Math.abs(certain(ball, p - 40) - value)).toBeLessThanOrEqual(1e-12 * Math.abs(value));
    });
  }

  it("takes angles below all numbers for what they are beside 0", () => {
    const { sin, cos, sub, div } = ballArithmetic(200);
    for (const x of [
      { m: 3n, e: -(10n ** 7n) },
      { m: 1n, e: -(2n ** 64n), r: -(2n ** 64n) - 100n },
    ]) {
      expect(certain(div(sin(x), x), 60)).toBe(1);
      expect(certain(cos(x), 150)).toBe(1);
      expect(certain(sub(cos(x), ballOf(1)), 10)).toBe(0);
    }
  });

  it("knows what rounding leaves of a difference", () => {
    const { sub, add, mul } = ballArithmetic(100);
    const small = ballOf(2 ** -200);
    const rest = sub(add(ballOf(1), small), ballOf(1));
    expect(certain(rest, 10)).toBeNaN();
    expect(signOf(rest)).toBeUndefined();
    expect(certain(ballArithmetic(300).sub(ballArithmetic(300).add(ballOf(1), small), ballOf(1)), 50)).toBe(2 ** -200);
    expect(certain(mul(ballOf(3), ballOf(1e-320)), 50)).toBe(3e-320);
  });

  it("tells what has no value from what is not known", () => {
    const { sqrt, log, div, sub, exp } = ballArithmetic(100);
    expect(sqrt(ballOf(-1))).toBe(none);
    expect(log(ballOf(-1))).toBe(none);
    const zero = sub(exp(ballOf(1)), exp(ballOf(1)));
    expect(isOpen(div(ballOf(1), zero))).toBe(true);
    expect(isOpen(log(zero))).toBe(true);
  });

  it("comes back to the numbers it was made of", () => {
    for (const value of [0, 1, -3.7, 1e300, -1e-300, 5e-324, Number.MAX_VALUE, Number.POSITIVE_INFINITY]) {
      expect(numberOf(ballOf(value))).toBe(value);
    }
  });

  it("holds e^x of any size", () => {
    const { exp, div, sub, log } = ballArithmetic(200);
    const far = exp(ballOf(1e18));
    expect(certain(far, 40)).toBe(Number.POSITIVE_INFINITY);
    expect(certain(log(far), 40)).toBe(1e18);
    expect(certain(div(far, exp(sub(ballOf(1e18), ballOf(1)))), 40)).toBe(Math.E);
    expect(certain(exp(ballOf(-1e18)), 40)).toBe(0);
  });
});
