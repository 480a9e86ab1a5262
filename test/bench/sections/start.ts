import type {Bench} from '../bench.ts';
import {compare} from '../compare.ts';
import {listContenders} from '../contenders.ts';
import {type ServerCommand, withServer} from '../server.ts';
import {atMost, formatMs, type Table} from '../table.ts';

/** A start takes a fraction of a second and varies much: more of them for each round of the others. */
const startsPerRound = 4;

/** The time from making the process to its first 200. */
export async function benchStart(bench: Bench): Promise<Table[]> {
  const {ours, keyed, bare} = await listContenders(bench);
  const start = (command: ServerCommand) => () => withServer(command, async ({startMs}) => ({startMs}));
  const rounds = bench.rounds * startsPerRound;
  const medians = await compare(
    {ours: start(ours), keyed: start(keyed), bare: start(bare)},
    {rounds, uncounted: 1},
  );
  const rows = [
    {what: ours.title, measured: formatMs(medians.ours.startMs)},
    {what: keyed.title, measured: formatMs(medians.keyed.startMs)},
    {what: bare.title, measured: formatMs(medians.bare.startMs)},
    atMost('start ÷ bare', medians.ours.startMs / medians.bare.startMs, 1.1),
  ];
  return [{title: `Start to first 200, ${rounds} starts each`, rows}];
}
