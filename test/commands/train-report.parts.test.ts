import {spawn} from 'node:child_process';
import {join} from 'node:path';
import {stripVTControlCharacters} from 'node:util';
import {describe, expect} from 'vitest';
import {projectRoot, runCli} from '../helpers/cli-run.ts';
import {makeFolder} from '../helpers/folder.ts';
import {testWith} from '../helpers/parts.ts';

const folder = makeFolder();
const csi = '\u001b[';

/** Trains on a pseudo-terminal of 80 columns; stdout and stderr together, as a person sees them. */
async function trainOnTerminal(name: string, env: Record<string, string>): Promise<string> {
  const command = `stty cols 80; ${process.execPath} --import tsx pipeline/cli.ts train --artifacts ${join(folder, name)}`;
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: projectRoot,
    // Node takes a CI's terminal for one without colours
    env: {
      ...process.env,
      CI: undefined,
      TERM: 'xterm-256color',
      NO_COLOR: undefined,
      FORCE_COLOR: undefined,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  let text = '';
  child.stdout.on('data', chunk => (text += chunk));
  const code = await new Promise(resolve => child.on('close', resolve));
  expect(code).toBe(0);
  return text.replaceAll('\r\n', '\n');
}

describe('what train reports on a terminal', () => {
  testWith('script')('has colours on a terminal, and the same text', async () => {
    const text = await trainOnTerminal('terminal', {});
    expect(text).toContain(`${csi}32mTRAINED${csi}39m iris`);
    expect(text).toContain(`at most 0.2   ${csi}32mmet${csi}39m`);
    const plain = await runCli(['train', '--artifacts', join(folder, 'terminal')]);
    expect(stripVTControlCharacters(text)).toContain(plain.stdout.slice(0, plain.stdout.indexOf('  data')));
    expect(stripVTControlCharacters(text)).toContain(plain.stdout.slice(plain.stdout.indexOf('\n\n')));
  });

  testWith('script')('has no colours on a terminal with NO_COLOR', async () => {
    const text = await trainOnTerminal('no-colour', {NO_COLOR: '1'});
    expect(text).toContain('\nTRAINED iris ');
    expect(text).toContain('  at most 0.2   met\n');
    // codes for the cursor are no colours
    const codes = text.split(csi).slice(1);
    expect(codes.filter(code => /^[\d;]*m/.test(code))).toEqual([]);
  });
});
