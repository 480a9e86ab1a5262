import {randomBytes} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {readFile} from 'node:fs/promises';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {AccessError} from './access/named-file.ts';
import {openAccess} from './access/open-access.ts';
import {type Artifact, ArtifactError, parseArtifact} from './artifact/artifact.ts';
import {ConfigError, parseConfig, type ServerConfig} from './config.ts';
import {createFastPath} from './dialects/predict/fast-path.ts';
import {prepareDrain} from './http/drain.ts';
import {checkHealth} from './http/healthcheck.ts';
import {listen, StartError} from './http/listen.ts';
import {createNodeServer} from './http/node-server.ts';
import type {Phase} from './http/reply.ts';
import {createRequestIds} from './http/request-id.ts';
import {createService} from './http/service.ts';
import {createLog} from './observe/log.ts';
import {createLogOutput} from './observe/log-output.ts';
import {describeConnections, describeLog} from './observe/program-metrics.ts';

/** Together within the 10 s that container engines grant between SIGTERM and SIGKILL. */
const drainDeadlineMs = 8_500;
const logDeadlineMs = 500;

const programFolder = dirname(fileURLToPath(import.meta.url));

try {
  const config = parseConfig(process.env, join(programFolder, 'model.json'));
  // Other arguments are ignored: platforms append their own, such as `serve`.
  if (process.argv.includes('--healthcheck')) await runHealthcheck(config);
  else await runServer(config);
} catch (error) {
  const known = [ConfigError, AccessError, ArtifactError, StartError];
  if (!(error instanceof Error && known.some(type => error instanceof type))) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = process.argv.includes('--healthcheck') ? 1 : 2;
}

async function runHealthcheck(config: ServerConfig): Promise<void> {
  const problem = await checkHealth({...config, isSecure: config.access.tls !== undefined});
  if (problem === undefined) return;
  process.stderr.write(`Not ready: ${problem}.\n`);
  process.exitCode = 1;
}

async function runServer(config: ServerConfig): Promise<void> {
  const artifact = readArtifact(config.modelPath);
  const output = createLogOutput(process.stdout, {
    onRecovery: lines => log.write('warn', 'log lines dropped', {lines}),
  });
  const log = createLog({level: config.logLevel, now: () => Date.now(), output: output.write});
  process.on('uncaughtExceptionMonitor', error => log.write('error', 'fatal', {error: describeError(error)}));

  const access = await openAccess(config.access, artifact.name, (what, problem) => {
    if (problem === undefined) log.write('info', 'read again', {what});
    else log.write('error', 'what was read before is kept', {what, error: problem.message});
  });
  let phase: Phase = 'starting';
  const newRequestId = createRequestIds(randomBytes(6).toString('hex'));
  const service = createService(artifact, {
    maxBodyBytes: config.maxBodyBytes,
    maxRows: config.maxRows,
    vertex: config.vertex,
    guard: access.guard,
    cors: access.cors,
    phase: () => phase,
    newRequestId,
    now: () => performance.now(),
    onRequest: log.enabled('info') ? log.request : undefined,
    onError: (id, error) => log.write('error', 'request failed', {id, error: describeError(error)}),
    onIgnored: entry => log.write('warn', 'unknown columns or params ignored', entry),
    card: readCard(config.modelPath),
    readFile: name => readFile(join(programFolder, name)).catch(ignoreMissing),
    extraMetrics: () => [...describeConnections(server.connections), describeLog(output)],
  });
  const countRefused = service.metrics.createRecorder('refused');
  const server = createNodeServer(async () => (await import('./app.ts')).createApp(service), {
    fastPath: createFastPath(service),
    createServer: access.createServer,
    cors: access.cors,
    newRequestId,
    modelVersion: artifact.version,
    limits: config,
    onRefused: refused => {
      countRefused(refused.method, refused.status);
      log.write('info', 'request refused', refused);
    },
  });
  const drain = prepareDrain(server);
  const stop = async (signal: NodeJS.Signals) => {
    // Asked twice, the operator is in a hurry.
    if (phase === 'draining') return drain.cut();
    phase = 'draining';
    log.write('info', 'stopping', {signal});
    const cut = await drain.start(drainDeadlineMs);
    log.write(cut > 0 ? 'warn' : 'info', 'stopped', {cut_connections: cut});
    log.flush();
    await output.finish(logDeadlineMs);
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  // Without keys it keeps its usual effect: who closes the terminal ends the server.
  if (access.reloadKeys !== undefined) process.on('SIGHUP', access.reloadKeys);

  const address = await listen(server, config);
  if (phase === 'starting') phase = 'ready';
  log.write('info', 'listening', {
    address,
    model: artifact.name,
    model_version: artifact.version,
    node: process.version,
  });
  log.flush();
}

function readArtifact(path: string): Artifact {
  try {
    return parseArtifact(readFileSync(path, 'utf8'), path);
  } catch (cause) {
    if (cause instanceof ArtifactError) throw cause;
    throw new StartError(
      `The model cannot be read from ${path} (${describeCode(cause)}). Set MODEL_PATH to a model.json that this user may read.`,
      {cause},
    );
  }
}

/** Reads the model card beside the model; undefined where there is none. */
function readCard(modelPath: string): string | undefined {
  const path = join(dirname(modelPath), 'model-card.md');
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if (describeCode(cause) === 'ENOENT') return undefined;
    throw new StartError(
      `The model card cannot be read from ${path} (${describeCode(cause)}). Let this user read it, or remove it.`,
      {cause},
    );
  }
}

function ignoreMissing(error: unknown): undefined {
  if (describeCode(error) !== 'ENOENT') throw error;
}

function describeCode(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}

function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
