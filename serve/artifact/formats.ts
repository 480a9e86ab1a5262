import type {Format} from './format.ts';
import {type Artifact, formatOne} from './format-1.ts';

/** Every format that a `model.json` was ever written in, the newest last. A new one is a file and its place here. */
export const formats: readonly Format<Artifact>[] = [formatOne];
