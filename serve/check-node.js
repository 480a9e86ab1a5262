// The first statement of the server's bundle, before any that needs Node 24: JavaScript as the oldest Node reads it.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    'This server needs Node.js 24 or later, and ' +
      process.version +
      ' has started it: start it with a newer node (https://nodejs.org), or run its image.\n',
  );
  process.exit(2);
}
