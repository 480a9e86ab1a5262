// Runs in a thread of its own, which figure-worker.ts starts: the one file besides the entry points that acts on import.
import {parentPort} from 'node:worker_threads';
import {drawFigures} from './draw-figures.ts';
import type {FigureData} from './figure-data.ts';

parentPort?.once('message', (data: FigureData) => parentPort?.postMessage(drawFigures(data)));
