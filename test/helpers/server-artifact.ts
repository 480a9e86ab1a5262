import {type Artifact, type ArtifactContent, sealArtifact} from '../../serve/artifact/artifact.ts';

/** What both models below share: a small, complete content to change at will. */
function contentFor(
  name: string,
  features: ArtifactContent['features'],
  targets: ArtifactContent['targets'],
  heldOut: ArtifactContent['heldOut'],
): ArtifactContent {
  const scores = {mse: 0.25, rmse: 0.5, mae: 0.4, r2: 0.95};
  return {
    name,
    features,
    targets,
    metrics: {
      ...scores,
      targets: Object.fromEntries(targets.map(target => [target.name, scores])),
      baseline: {mse: 5},
    },
    heldOut,
    provenance: {
      dataset: {sha256: 'ab'.repeat(32), rows: 10, url: null},
      split: {testSize: 0.2, seed: 42, train: 8, test: 2},
      descriptor: {name},
      libraries: {'ml-regression-multivariate-linear': '2.0.4'},
    },
  };
}

/** The content of a model with the closed formula y = 2a + 3b + 5. */
export function planeContent(): ArtifactContent {
  return contentFor(
    'plane',
    [
      {name: 'a', unit: 'm', mean: 1, scale: 0.5, min: 0, max: 2},
      {name: 'b', unit: null, mean: 2, scale: 1, min: 0, max: 4},
    ],
    [{name: 'y', unit: 'kg', intercept: 5, coefficients: [2, 3]}],
    [
      {row: 3, features: [1, 1], actual: [10.5], prediction: [10]},
      {row: 7, features: [2, 0.5], actual: [10], prediction: [10.5]},
    ],
  );
}

/**
 * The plane's content with what prediction intervals need: t(0.975, 1) = 12.706204736174694 times s = 0.5 times
 * √(1 + h), where h = 1/4 + ((a - 1) / 0.5)² / 4 + ((b - 2) / 1)² / 4.
 */
export function uncertainPlaneContent(): ArtifactContent {
  return {
    ...planeContent(),
    uncertainty: {
      degreesOfFreedom: 1,
      residualStandardErrors: [0.5],
      inverseFactor: [[0.5], [0, 0.5], [0, 0, 0.5]],
    },
  };
}

/** The content of a model with two targets: sum = a + b and difference = a − b. */
export function pairContent(): ArtifactContent {
  const {features} = planeContent();
  return contentFor(
    'pair',
    features,
    [
      {name: 'sum', unit: null, intercept: 0, coefficients: [1, 1]},
      {name: 'difference', unit: null, intercept: 0, coefficients: [1, -1]},
    ],
    [{row: 1, features: [5, 3], actual: [8, 2], prediction: [8, 2]}],
  );
}

/** The content of a model with names that need care: in JSON, JavaScript, CSV, Prometheus' text and OpenAPI's paths. */
export function oddContent(): ArtifactContent {
  const {features} = planeContent();
  const names = ['constructor', 'a "quoted\\\n{line}, ~1/2'];
  return contentFor(
    'odd.model-1',
    features.map((feature, j) => ({...feature, name: names[j] ?? feature.name, unit: '<µm²>'})),
    [{name: 'to\\String,\n"%7B"', unit: '"', intercept: 5, coefficients: [2, 3]}],
    [{row: 1, features: [1, 1], actual: [10], prediction: [10]}],
  );
}

/**
 * The content of the iris model; its coefficients are those that scikit-learn's LinearRegression finds for the
 * petal length on the 120 training rows of `train_test_split(test_size=0.2, random_state=42)`.
 */
export function irisContent(): ArtifactContent {
  return contentFor(
    'iris',
    ['sepal_length', 'sepal_width', 'petal_width'].map(name => {
      return {name, unit: 'cm', mean: 3, scale: 1, min: 0.1, max: 7.9};
    }),
    [
      {
        name: 'petal_length',
        unit: 'cm',
        intercept: -0.2504659324864589,
        coefficients: [0.7241730561968364, -0.6419629967310787, 1.4663220431585142],
      },
    ],
    [{row: 1, features: [5.1, 3.5, 0.2], actual: [1.4], prediction: [1.4892105741903334]}],
  );
}

/** The content of a model of a year, far from zero and close to the others: y = 180,000 + 10,000 · (year − 2007.79). */
export function yearContent(): ArtifactContent {
  return contentFor(
    'houses',
    [{name: 'Year_Sold', unit: null, mean: 2007.79, scale: 1.33, min: 2006, max: 2010}],
    [{name: 'SalePrice', unit: null, intercept: -19_897_900, coefficients: [10_000]}],
    [{row: 1, features: [2008], actual: [182_000], prediction: [182_100]}],
  );
}

export function planeArtifact(): Artifact {
  return sealArtifact(planeContent()).artifact;
}

export function pairArtifact(): Artifact {
  return sealArtifact(pairContent()).artifact;
}

export function oddArtifact(): Artifact {
  return sealArtifact(oddContent()).artifact;
}

export function irisArtifact(): Artifact {
  return sealArtifact(irisContent()).artifact;
}
