import {spawnSync} from 'node:child_process';
import {onTestFinished} from 'vitest';
import type {FaultProxy} from './fault-proxy.ts';
import {type RegistryOptions, readManifest, startRegistry} from './registry.ts';

/** Starts a registry that is removed when the test ends. */
export async function registryForTest(options: RegistryOptions = {}) {
  const registry = await startRegistry(options);
  onTestFinished(() => registry.remove());
  return registry;
}

export function closeAfterTest(proxy: FaultProxy): FaultProxy {
  onTestFinished(() => proxy.close());
  return proxy;
}

/** A name of a test's own, so that no run finds images of another; its images go when the test ends. */
export function imageNameForTest(engine: 'docker' | 'podman' = 'docker'): string {
  const name = `test-${Math.random().toString(36).slice(2, 10)}`;
  onTestFinished(() => {
    const format = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'];
    const images = spawnSync(engine, format, {encoding: 'utf8'}).stdout ?? '';
    const own = images.split('\n').filter(image => image.includes(name));
    if (own.length > 0) spawnSync(engine, ['image', 'rm', '--force', ...own]);
  });
  return name;
}

/**
 * Asks the registry, and nothing of ours, whether a tag resolves to a whole release: its index, and of each image the
 * manifest, the configuration and every layer.
 */
export async function isWhole(host: string, repository: string, reference: string): Promise<boolean> {
  const found = await readManifest(host, repository, reference);
  if (found === undefined) return false;
  const {config, layers = [], manifests = []} = found.manifest;
  for (const {digest} of manifests) if (!(await isWhole(host, repository, digest))) return false;
  for (const {digest} of [...(config === undefined ? [] : [config]), ...layers]) {
    const blob = await fetch(`http://${host}/v2/${repository}/blobs/${digest}`, {method: 'HEAD'});
    if (!blob.ok) return false;
  }
  return true;
}
