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

type Cephes = typeof import('cephes', { with: {'resolution-mode': 'require'}});

/**
 * Cephes is WebAssembly: as an ES module it compiles asynchronously, as a CommonJS module at once, which is
 * what a pure function needs. It takes 10 ms, so only runs that compare models pay for it.
 */
function loadCephes(): Cephes {
  return createRequire(import.meta.url)('cephes');
}
