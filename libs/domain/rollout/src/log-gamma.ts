const COEFFICIENTS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;
const G = 7;

/**
 * Natural logarithm of Γ(x), x > 0, to about 15 digits.
 *
 * @see Lanczos, "A Precision Approximation of the Gamma Function", 1964; coefficients by Godfrey for g = 7, n = 9
 */
export function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  const shifted = x - 1;
  const base = shifted + G + 0.5;
  const series = COEFFICIENTS.reduce((sum, value, index) => (index === 0 ? value : sum + value / (shifted + index)), 0);
  return 0.5 * Math.log(2 * Math.PI) + (shifted + 0.5) * Math.log(base) - base + Math.log(series);
}

/** Natural logarithm of the beta function B(a, b). */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}
