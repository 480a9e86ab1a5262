// Runs in a thread of its own, which figure-worker.ts starts: the one file besides the entry points that acts on import.
import {parentPort} from 'node:worker_threads';
import {drawFigures} from '../core/report/figures/draw-figures.ts';
import type {FigureData} from '../core/report/figures/figure-data.ts';

parentPort?.once('message', (data: FigureData) => parentPort?.postMessage(drawFigures(data)));
