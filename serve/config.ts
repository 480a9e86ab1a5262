import {type AccessConfig, readAccessConfig} from './access/access-config.ts';
import {defaultLimits, type Limits} from './http/limits.ts';
import {type LogLevel, logLevels} from './observe/log.ts';

export type ServerConfig = Limits & {
  host: string;
  /** 0 lets the system choose a free one. */
  port: number;
  modelPath: string;
  logLevel: LogLevel;
  maxRows: number;
  access: AccessConfig;
  /** The paths that Vertex AI uses, where it runs the server. */
  vertex: {healthRoute: string | undefined; predictRoute: string | undefined};
};

/** The environment cannot be used. `message` names every variable at fault, and what to set instead. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** A body must fit in one string, for which the engine has room for 2²⁹ − 24 characters. */
const largestBodyBytes = 256 * 1024 * 1024;

/** Segments of plain characters, none of them `.` or `..`, and no colon at their start, where routers see a parameter. */
const sanePath = /^\/(?:(?!\.\.?(?:\/|$))[\w.~@-][\w.~:@-]*(?:\/|$))*$/;

/**
 * Reads the server's configuration from environment variables; one that is empty counts as not set.
 *
 * @param defaultModelPath used without MODEL_PATH.
 * @throws ConfigError with all problems at once.
 */
export function parseConfig(
  env: Readonly<Record<string, string | undefined>>,
  defaultModelPath: string,
): ServerConfig {
  const problems: string[] = [];
  const maxBodyBytes = readInteger('MAX_BODY_BYTES', defaultLimits.maxBodyBytes, 1, largestBodyBytes);
  const config = {
    host: env.HOST || '127.0.0.1',
    // The image sets PORT, so the platform's own variable must win over it.
    port: env.AIP_HTTP_PORT
      ? readInteger('AIP_HTTP_PORT', 8080, 0, 65_535)
      : readInteger('PORT', 8000, 0, 65_535),
    modelPath: env.MODEL_PATH || defaultModelPath,
    logLevel: readLogLevel(),
    maxBodyBytes,
    maxRows: readInteger('MAX_ROWS', 100_000, 1, 100_000_000),
    maxConnections: readInteger('MAX_CONNECTIONS', defaultLimits.maxConnections, 1, 1_000_000),
    maxInFlight: readInteger('MAX_IN_FLIGHT', defaultLimits.maxInFlight, 1, 1_000_000),
    maxBufferedBytes: readInteger(
      'MAX_BUFFERED_BYTES',
      Math.max(defaultLimits.maxBufferedBytes, maxBodyBytes),
      // Less, and the largest body would be refused for ever.
      maxBodyBytes,
      2 ** 40,
    ),
    vertex: readVertexRoutes(),
    access: readAccessConfig(env, problems),
  };
  if (problems.length > 0) {
    throw new ConfigError(`The server cannot start with this environment:\n  ${problems.join('\n  ')}`);
  }
  return config;

  function readInteger(name: string, fallback: number, min: number, max: number): number {
    const text = env[name] || String(fallback);
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= min && value <= max) return value;
    problems.push(
      `${name}: expected a whole number from ${min} to ${max}, found ${JSON.stringify(text)}. ` +
        `Set ${name}=${fallback}, or leave it out.`,
    );
    return fallback;
  }

  function readLogLevel(): LogLevel {
    const text = env.LOG_LEVEL || 'info';
    const level = logLevels.find(known => known === text);
    if (level !== undefined) return level;
    problems.push(
      `LOG_LEVEL: expected one of ${logLevels.join(', ')}, found ${JSON.stringify(text)}. ` +
        'Set LOG_LEVEL=info, or leave it out.',
    );
    return 'info';
  }

  function readVertexRoutes(): ServerConfig['vertex'] {
    const healthRoute = readPath('AIP_HEALTH_ROUTE', '/healthz');
    const predictRoute = readPath('AIP_PREDICT_ROUTE', '/predict');
    if (healthRoute !== undefined && healthRoute === predictRoute) {
      problems.push(
        `AIP_PREDICT_ROUTE: expected another path than AIP_HEALTH_ROUTE, found ${JSON.stringify(predictRoute)} ` +
          'in both. Set AIP_PREDICT_ROUTE=/predict, or leave it out.',
      );
    }
    return {healthRoute, predictRoute};
  }

  function readPath(name: string, example: string): string | undefined {
    const text = env[name] || undefined;
    if (text === undefined || sanePath.test(text)) return text;
    problems.push(
      `${name}: expected a path of letters, digits and -._~:@ between slashes, such as ${example}, without a ` +
        `query; found ${JSON.stringify(text)}. Set ${name}=${example}, or leave it out.`,
    );
    return undefined;
  }
}
