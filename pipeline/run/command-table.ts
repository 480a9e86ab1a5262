/** Every command: what it does, and how it is called. */
export const commandTable = {
  pipeline: {
    about: 'fetch, train, build, smoke-test, judge and promote: all stages',
    example: 'pipeline -- --csv flats.csv --target price --max-mse 1000',
  },
  fetch: {
    about: 'bring the data and check it',
    example: 'fetch -- --dataset data/iris.json',
  },
  train: {
    about: 'fetch … write: a versioned model and its report',
    example: 'train -- --csv flats.csv --target price --features "area,rooms"',
  },
  build: {
    about: 'put a trained model and the server into an image',
    example: 'build -- --version 1439a0421940',
  },
  smoke: {
    about: 'run the image and ask it everything that a client relies on',
    example: 'smoke',
  },
  gate: {
    about: 'judge model and image by the rules of the descriptor',
    example: 'gate -- --min-r2 0.9',
  },
  push: {
    about: 'promote what passed: version tag first, channel last',
    example: 'push',
  },
  history: {
    about: 'list the releases that the registry holds, and which one each channel points at',
    example: 'history -- --json',
  },
  rollback: {
    about: 'move the channel back to an earlier release, after smoke-testing it',
    example: 'rollback -- --to previous',
  },
  serve: {
    about: 'serve the promoted model, else the newest, on this machine',
    example: 'serve -- --version 1439a0421940',
  },
} as const;
export type CommandName = keyof typeof commandTable;
