import {binaryChecks} from './binary-checks.ts';
import {checks} from './checks.ts';
import {ask, readObject, type Subject} from './server.ts';

// node test/conformance/open-inference/run.ts http://127.0.0.1:8000 iris
const [url, model] = process.argv.slice(2);
if (url === undefined || model === undefined) {
  process.stderr.write('Usage: node test/conformance/open-inference/run.ts URL MODEL\n');
  process.exitCode = 2;
} else {
  process.exitCode = (await judge({url: url.replace(/\/$/, ''), model})) ? 0 : 1;
}

async function judge(subject: Subject): Promise<boolean> {
  const {extensions} = readObject(await ask(subject, '/v2'));
  const isBinary = Array.isArray(extensions) && extensions.includes('binary_tensor_data');
  let failed = 0;
  const all = [...checks, ...(isBinary ? binaryChecks : [])];
  for (const {name, run} of all) {
    const fault = await run(subject).then(
      () => undefined,
      (error: unknown) => String(error),
    );
    if (fault !== undefined) failed++;
    process.stdout.write(fault === undefined ? `ok      ${name}\n` : `FAILED  ${name}: ${fault}\n`);
  }
  process.stdout.write(`${all.length - failed} passed, ${failed} failed\n`);
  return failed === 0;
}
