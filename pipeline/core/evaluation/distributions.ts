import {createRequire} from 'node:module';

/**
 * The quantile of Student's t distribution, by the Cephes library.
 *
 * Agrees with scipy.stats.t.ppf to 1e-9 for up to a million degrees of freedom.
 *
 * @param probability between 0 and 1, both excluded.
 * @param degreesOfFreedom integer of at least 1; for others Cephes throws a RangeError.
 */
export function findStudentTQuantile(probability: number, degreesOfFreedom: number): number {
  return loadCephes().stdtri(degreesOfFreedom, probability);
}

/**
 * P(|T| > |t|) of Student's t distribution: the two-sided p-value.
 *
 * Abramowitz & Stegun, "Handbook of Mathematical Functions", 26.7.1 by the incomplete beta function on its small
 * side, so that no digits are lost to 1 − cdf. Agrees with 2 · scipy.stats.t.sf to 13 digits, and to 8 for a
 * million degrees of freedom; below 1e-300 it is 0.
 */
export function findStudentTTail(t: number, degreesOfFreedom: number): number {
  return loadCephes().incbet(degreesOfFreedom / 2, 1 / 2, degreesOfFreedom / (degreesOfFreedom + t * t));
}

/**
 * P(F > f) of Fisher's F distribution, by Abramowitz & Stegun 26.6.2 in the same way.
 *
 * Agrees with scipy.stats.f.sf as the tail of Student's t does.
 */
export function findFTail(f: number, numerator: number, denominator: number): number {
  return loadCephes().incbet(denominator / 2, numerator / 2, denominator / (denominator + numerator * f));
}

/** The quantile of the standard normal distribution, by the Cephes library; agrees with scipy.stats.norm.ppf. */
export function findNormalQuantile(probability: number): number {
  return loadCephes().ndtri(probability);
}

type Cephes = typeof import('cephes', { with: {'resolution-mode': 'require'}});

/**
 * Cephes is WebAssembly: as an ES module it compiles asynchronously, as a CommonJS module at once, which is
 * what a pure function needs. It takes 10 ms, so only runs that train or compare models pay for it.
 */
function loadCephes(): Cephes {
  return createRequire(import.meta.url)('cephes');
}
