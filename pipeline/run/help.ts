import {type CommandName, commandTable} from './command-table.ts';

/** Says how a command is used: an example, what its exit codes mean, and the variables that decide what it does. */
export function describeUse(command: CommandName): string {
  const variables = command === 'serve' ? serverVariables : runVariables;
  return [
    'Example:',
    `  npm run ${commandTable[command].example}`,
    '',
    ...(command === 'serve' ? [] : ['Exit codes:', ...exitCodeLines, '']),
    'Environment:',
    ...variables.map(([name, text]) => `  ${name.padEnd(24)}${text}`),
  ].join('\n');
}

const exitCodeLines = [
  '  0  done as asked; 1 a fault of the program; 2 the command line, the environment or a folder;',
  '  3  the data; 4 rejected by smoke test or gate; 5 the engine or the registry',
];

const runVariables: [name: string, text: string][] = [
  ['REGISTRY', 'host[:port][/path] to promote to'],
  ['REGISTRY_USERNAME', 'account that may pull and push there, with REGISTRY_PASSWORD'],
  ['IMAGE_NAME', 'repository of the image (default: the dataset’s name)'],
  ['CHANNEL', 'tag that names the promoted release (default: production)'],
  ['CONTAINER_ENGINE', 'docker, podman or none (default: the first that answers)'],
  ['BASE_IMAGE', 'image with Node 24 at /nodejs/bin/node'],
];

const serverVariables: [name: string, text: string][] = [
  ['HOST', 'address to listen on (default: 127.0.0.1)'],
  ['PORT', 'port to listen on (default: 8000; 0 finds a free one)'],
  ['MODEL_PATH', 'model.json to serve (default: what was promoted here, else the newest)'],
  ['LOG_LEVEL', 'debug, info, warn, error or silent (default: info)'],
  ['API_KEY_FILE', 'file of keys that clients must send, one a line, plain or as sha256:HEX'],
  ['OPEN_ROUTES', 'what needs no key besides health: page, metrics, both or none (default: page)'],
  ['TLS_CERT_FILE', 'certificate to speak HTTPS with, and TLS_KEY_FILE its key: PEM files'],
  ['TLS_CLIENT_CA_FILE', 'CA that must vouch for the certificates of clients: a PEM file'],
  ['CORS_ORIGINS', 'origins whose scripts may ask, with commas (default: none)'],
];
