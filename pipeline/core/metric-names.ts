const scores = ['mse', 'rmse', 'mae', 'r2'];
const errors = ['mse', 'rmse', 'mae'];

/**
 * Lists every metric that a gate rule may name, for a model with these targets:
 * scores over all targets and per target (`mse.petal_length`), the mean baseline's mse and the model's ratio
 * to it, and what the image and the smoke test measured.
 */
export function listMetricNames(targets: readonly string[]): string[] {
  return [
    ...withTargets(scores, targets),
    'baseline.mse',
    'baseline.ratio',
    'image.layerMiB',
    'image.sizeMiB',
    'smoke.startupMs',
    'smoke.p50Ms',
    'smoke.p99Ms',
  ];
}

/** Lists the metrics in which a challenger is compared with the champion: the errors, where less is better. */
export function listChampionMetricNames(targets: readonly string[]): string[] {
  return withTargets(errors, targets);
}

function withTargets(metrics: readonly string[], targets: readonly string[]): string[] {
  return [...metrics, ...targets.flatMap(target => metrics.map(metric => `${metric}.${target}`))];
}
