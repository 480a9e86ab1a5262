// Loaded into a server under test with --import: tells on a Unix socket for how long its event loop was held at most
// since it was last asked. It counts processor time of the loop's own thread, which other programs do not add to.
import {createServer} from 'node:http';

let longestMs = 0;
let before = process.threadCpuUsage();

setInterval(() => {
  const {user, system} = process.threadCpuUsage(before);
  before = process.threadCpuUsage();
  longestMs = Math.max(longestMs, (user + system) / 1000);
}, 1).unref();

createServer((_, outgoing) => {
  outgoing.end(String(longestMs));
  longestMs = 0;
})
  .listen(process.env.HOLD_PROBE)
  .unref();
