import type {Metric} from '../core/gate/metrics.ts';

/** A column as a table or an axis names it, "petal_length (cm)". */
export function labelWithUnit(name: string, unit: string | null): string {
  return unit === null ? name : `${name} (${unit})`;
}

/** The unit of a squared error: "cm²", "(km/h)²"; empty without a unit. */
export function squareUnit(unit: string | null): string {
  if (unit === null) return '';
  return /^[\p{L}%°$€£¥]+$/u.test(unit) ? `${unit}²` : `(${unit})²`;
}

/** The unit of errors over several targets; null where they have none or do not share it. */
export function findCommonUnit(targets: readonly {unit: string | null}[]): string | null {
  const units = new Set(targets.map(({unit}) => unit));
  const [unit = null] = units;
  return units.size === 1 ? unit : null;
}

/** The unit of a metric of targets with this unit; empty for none. */
export function nameUnit(metric: Metric, unit: string | null): string {
  switch (metric.unit) {
    case 'target':
      return unit ?? '';
    case 'target squared':
      return squareUnit(unit);
    default:
      return metric.unit ?? '';
  }
}
