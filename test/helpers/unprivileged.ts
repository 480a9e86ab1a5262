/** Does work as a user whom file permissions bind; root, whom they do not, becomes nobody for so long. */
export async function asUnprivileged<Value>(work: () => Promise<Value>): Promise<Value> {
  if (process.getuid?.() !== 0 || process.seteuid === undefined) return work();
  process.seteuid(65_534);
  try {
    return await work();
  } finally {
    process.seteuid(0);
  }
}
