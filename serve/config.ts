import {type LogLevel, logLevels} from './log.ts';

export type ServerConfig = {
  host: string;
  /** 0 lets the system choose a free one. */
  port: number;
  modelPath: string;
  logLevel: LogLevel;
  maxBodyBytes: number;
  maxRows: number;
};

/** The environment cannot be used. `message` names every variable at fault, and what to set instead. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

/** MAX_BODY_BYTES where it is not set. */
export const defaultMaxBodyBytes = 10 * 1024 * 1024;

/** A body must fit in one string, for which the engine has room for 2²⁹ − 24 characters. */
const largestBodyBytes = 256 * 1024 * 1024;

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
  const config = {
    host: env.HOST || '127.0.0.1',
    port: readInteger('PORT', 8000, 0, 65_535),
    modelPath: env.MODEL_PATH || defaultModelPath,
    logLevel: readLogLevel(),
    maxBodyBytes: readInteger('MAX_BODY_BYTES', defaultMaxBodyBytes, 1, largestBodyBytes),
    maxRows: readInteger('MAX_ROWS', 100_000, 1, 100_000_000),
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
}
