import {Failure} from '../core/failure.ts';
import type {BuildEvidence} from '../core/release/evidence.ts';
import {readEvidence} from '../io/artifacts/evidence-files.ts';
import type {StoredArtifact} from '../io/artifacts/version-folder.ts';
import type {Engine} from '../io/engine/engine.ts';
import {readChampion} from '../io/registry/champion.ts';
import {enterFound} from '../io/registry/channel.ts';
import type {Repository} from '../io/registry/registry.ts';
import type {Release} from '../io/registry/release-image.ts';
import {findBase, openImageCache} from '../run/base.ts';
import {findEngine, findTarget} from '../run/connect.ts';
import {type Finding, know, runStage, type Success} from '../run/facts.ts';
import type {Run} from '../run/run.ts';
import {openChosen} from '../run/selection.ts';
import {build, loadRecipe, planRelease} from '../stages/build.ts';
import {requireSameImage} from '../stages/push.ts';

/** The command `build`: puts a trained model and the server into an image. */
export async function* runBuild(run: Run): Finding<Success> {
  const stored = await openChosen(run.options);
  yield know('write', stored);
  const engine = await findEngine(run);
  const target = await findTarget(run);
  const champion = target === null ? null : yield* findChampion(run, target);
  const built = yield* buildRelease(run, stored, {engine, target, champion});
  return 'champion' in built ? 'unchanged' : 'built';
}

/** Reads what the channel points at, the model that the challenger must stand up to; null where there is none. */
export async function* findChampion(run: Run, repository: Repository): Finding<Release | null> {
  const {channel} = run.environment;
  return yield* runStage(
    run,
    'champion',
    async () => (await readChampion(repository, channel)) ?? null,
    champion =>
      champion === null
        ? `none: ${repository.reference}:${channel} does not exist, this is the first promotion`
        : `${champion.modelVersion} ${champion.digest}`,
  );
}

/** Builds what will be tested and pushed; gives the champion where it is that very release. */
export async function* buildRelease(
  run: Run,
  stored: StoredArtifact,
  {engine, target, champion}: {engine: Engine; target: Repository | null; champion: Release | null},
): Finding<BuildEvidence | {champion: Release}> {
  const {environment, signal} = run;
  const {baseImage, channel} = environment;
  const recipe = await loadRecipe(baseImage);
  const base = await findBase(run, engine, {reference: recipe.base});
  const plan = await planRelease(stored, recipe, {base, cache: openImageCache()});
  if (champion !== null && target !== null && champion.digest === plan.image?.digest) {
    yield* runStage(
      run,
      'unchanged',
      async () => {
        await enterFound(target, channel, champion.digest, () => new Date());
        const ref = `${target.reference}:${plan.tag}`;
        return {store: 'registry', ref, digest: champion.digest, channel};
      },
      () => 'nothing to build: the channel holds this very image',
    );
    return {champion};
  }
  let isTaken = false;
  return yield* runStage(
    run,
    'build',
    async () => {
      const existing = await target?.getManifest(plan.tag);
      isTaken = existing !== undefined;
      if (target !== null && existing !== undefined)
        requireSameImage(existing.digest, plan.image?.digest ?? '', `${target.reference}:${plan.tag}`);
      const imageName = environment.imageName ?? stored.artifact.name;
      return build(stored, plan, {engine, imageName, signal});
    },
    ({imageName, layerBytes, platforms}) => {
      const layer = `server and model ${(layerBytes / 2 ** 20).toFixed(3)} MiB`;
      if (imageName === null) return `no image; ${layer}`;
      return `${engine.name} ${imageName} for ${platforms.join(', ')}; ${layer}${isTaken ? ' (the registry has it already)' : ''}`;
    },
  );
}

/** Reads what was built from a version. Throws a Failure of kind `rejected` where nothing was. */
export async function requireBuild({folder}: StoredArtifact): Promise<BuildEvidence> {
  const built = await readEvidence(folder, 'build.json');
  if (built !== undefined) return built;
  throw new Failure('rejected', {
    code: 'EVIDENCE_MISSING',
    message: `${folder} holds no build.json: nothing was built from this model yet.`,
    fix: 'Run npm run build first.',
  });
}
