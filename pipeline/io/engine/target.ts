import type {Repository} from '../registry/registry.ts';
import type {RegistryAccess} from './engine.ts';

/** A repository, through its registry's HTTP interface and through an engine. */
export interface Target {
  repository: Repository;
  access: RegistryAccess;
}
