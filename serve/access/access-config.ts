import {type OpenPart, openParts} from './guard.ts';

/** Who may ask, and how. */
export type AccessConfig = {
  apiKeyFile: string | undefined;
  /** What needs neither key nor certificate, besides health and readiness. */
  open: readonly OpenPart[];
  tls: TlsFiles | undefined;
  corsOrigins: readonly string[];
};

/** Paths of PEM files. */
export type TlsFiles = {certFile: string; keyFile: string; clientCaFile: string | undefined};

type Env = Readonly<Record<string, string | undefined>>;

/** Reads from environment variables who may ask; adds what is wrong with them to `problems`. */
export function readAccessConfig(env: Env, problems: string[]): AccessConfig {
  return {
    apiKeyFile: env.API_KEY_FILE || undefined,
    open: readOpenParts(env.OPEN_ROUTES, problems),
    tls: readTlsFiles(env, problems),
    corsOrigins: readOrigins(env.CORS_ORIGINS, problems),
  };
}

function readOpenParts(text: string | undefined, problems: string[]): OpenPart[] {
  if (!text) return ['page'];
  if (text === 'none') return [];
  const names = splitList(text);
  const parts = openParts.filter(part => names.includes(part));
  if (parts.length < new Set(names).size) {
    problems.push(
      `OPEN_ROUTES: expected none, or a list of ${openParts.join(' and ')} with commas, found ` +
        `${JSON.stringify(text)}. Set OPEN_ROUTES=page, or leave it out.`,
    );
  }
  return parts;
}

function readTlsFiles(env: Env, problems: string[]): TlsFiles | undefined {
  const [certFile, keyFile] = [env.TLS_CERT_FILE || undefined, env.TLS_KEY_FILE || undefined];
  const clientCaFile = env.TLS_CLIENT_CA_FILE || undefined;
  if (certFile !== undefined && keyFile !== undefined) return {certFile, keyFile, clientCaFile};
  const given = [
    ...(certFile === undefined ? [] : ['TLS_CERT_FILE']),
    ...(keyFile === undefined ? [] : ['TLS_KEY_FILE']),
    ...(clientCaFile === undefined ? [] : ['TLS_CLIENT_CA_FILE']),
  ];
  const lacking = ['TLS_CERT_FILE', 'TLS_KEY_FILE'].filter(name => !given.includes(name)).join(' and ');
  if (given.length > 0) {
    problems.push(
      `${lacking}: expected the path of a PEM file beside ${given.join(' and ')}, found nothing. Set ${lacking}, ` +
        `or leave ${given.join(' and ')} out to serve plain HTTP.`,
    );
  }
  return undefined;
}

function readOrigins(text: string | undefined, problems: string[]): string[] {
  const origins = splitList(text ?? '');
  const wrong = origins.filter(origin => !isOrigin(origin));
  if (wrong.length > 0) {
    problems.push(
      'CORS_ORIGINS: expected origins with commas between them, each a scheme and a host in lower case and a port ' +
        `where it is not the usual one, found ${wrong.map(origin => JSON.stringify(origin)).join(', ')}. ` +
        'Set CORS_ORIGINS=https://app.example.com, or leave it out.',
    );
  }
  return origins;
}

/** As browsers send it, which compare it character by character: no slash at the end, no port that goes without saying. */
function isOrigin(text: string): boolean {
  return /^https?:\/\/[^*]+$/.test(text) && URL.canParse(text) && new URL(text).origin === text;
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map(item => item.trim())
    .filter(item => item !== '');
}
