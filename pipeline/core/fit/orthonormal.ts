// The casts `as number` here and in refinement.ts say that an index is in range, which the compiler cannot see.

/** A column of a design matrix, and the Euclidean length of the numbers it was computed from, in its own scale. */
export interface DesignColumn {
  values: Float64Array;
  /** A centred column is shorter than its source; the source's rounding is what limits its digits. */
  sourceLength: number;
}

/** A column that is, but for rounding, a combination of those listed in `on` (indices into the columns). */
export interface Dependence {
  column: number;
  on: number[];
}

/** The independent columns A as Q·R: `q` orthonormal, `r[j][i]` (i ≤ j) the upper triangle, column by column. */
export interface Factors {
  q: Float64Array[];
  r: number[][];
  /** Columns left out of Q and R; empty when all columns are independent. */
  dependences: Dependence[];
}

/**
 * Rounding of the source numbers that a column must exceed to count as independent: that of 15 significant
 * digits. A column is dependent when its distance from the span of the columns before it is at most this
 * tolerance times (its own source length + Σ |coefficient| · source length of the columns that make it up),
 * which is how far such rounding can move it. No unit, row count or order of magnitude enters. Powers of one
 * variable up to the tenth stay clear of it by four orders of magnitude.
 */
const dependenceTolerance = 1e-14;

/**
 * Factors columns of n values by modified Gram–Schmidt, orthogonalising each column twice, which keeps Q
 * orthonormal to working precision (Giraud, Langou & Rozložník, "The loss of orthogonality in the
 * Gram–Schmidt orthogonalization process", Comput. Math. Appl. 50, 2005).
 */
export function orthonormalise(columns: DesignColumn[]): Factors {
  const basis: {column: number; sourceLength: number; q: Float64Array; r: number[]}[] = [];
  const dependences: Dependence[] = [];
  for (const [column, {values, sourceLength}] of columns.entries()) {
    const rest = Float64Array.from(values);
    const along = basis.map(() => 0);
    for (let pass = 0; pass < 2; pass++) {
      for (const [k, {q}] of basis.entries()) {
        const part = dot(q, rest);
        subtractMultiple(rest, part, q);
        along[k] = (along[k] as number) + part;
      }
    }
    const r = basis.map(element => element.r);
    const combination = solveUpper(r, along);
    const rounding =
      dependenceTolerance *
      basis.reduce(
        (sum, element, k) => sum + Math.abs(combination[k] as number) * element.sourceLength,
        sourceLength,
      );
    const distance = Math.sqrt(dot(rest, rest));
    if (distance > rounding) {
      basis.push({column, sourceLength, q: rest.map(value => value / distance), r: [...along, distance]});
    } else {
      // A column belongs to the combination when the rest could not make up for its absence.
      const on = basis.filter(
        (_, k) => Math.abs(combination[k] as number) * distanceFromOthers(r, k) > rounding,
      );
      dependences.push({column, on: on.map(element => element.column)});
    }
  }
  return {q: basis.map(({q}) => q), r: basis.map(({r}) => r), dependences};
}

/** x of R·x = b. */
export function solveUpper(r: number[][], b: number[]): number[] {
  const x = [...b];
  for (let j = r.length - 1; j >= 0; j--) {
    const column = r[j] as number[];
    const value = (x[j] as number) / (column[j] as number);
    x[j] = value;
    for (let i = 0; i < j; i++) x[i] = (x[i] as number) - (column[i] as number) * value;
  }
  return x;
}

/** x of Rᵀ·x = b. */
export function solveLower(r: number[][], b: number[]): number[] {
  const x: number[] = [];
  for (const [j, column] of r.entries()) {
    const known = x.reduce((sum, value, i) => sum + (column[i] as number) * value, 0);
    x.push(((b[j] as number) - known) / (column[j] as number));
  }
  return x;
}

/** R⁻ᵀ, a lower triangle: row i has its i + 1 numbers. */
export function invertTransposed(r: number[][]): number[][] {
  const columns = r.map((_, k) =>
    solveLower(
      r,
      r.map((_, i) => (i === k ? 1 : 0)),
    ),
  );
  return r.map((_, i) => columns.slice(0, i + 1).map(column => column[i] as number));
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number);
  return sum;
}

/** Takes `factor · column` away from `values`, in place. */
export function subtractMultiple(values: Float64Array, factor: number, column: Float64Array): void {
  for (let i = 0; i < values.length; i++) values[i] = (values[i] as number) - factor * (column[i] as number);
}

/** Distance of column k of A = Q·R from the span of the other columns: 1/√((AᵀA)⁻¹)ₖₖ. */
function distanceFromOthers(r: number[][], k: number): number {
  const row = solveLower(
    r,
    r.map((_, i) => (i === k ? 1 : 0)),
  );
  return 1 / Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
}
