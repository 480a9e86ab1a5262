import {Failure} from '../../pipeline/core/failure.ts';

/** All that the awaited `Failure` tells its reader, as one text to snapshot, with what `names` names (folders, ports) replaced by its name. */
export async function failureText(outcome: unknown, names: Record<string, string> = {}): Promise<string> {
  try {
    const value = await outcome;
    return `No failure: ${JSON.stringify(value)}`;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const told = `${error.kind} ${error.code}\n${error.message}\nFix: ${error.fix}`;
    return Object.entries(names).reduce((all, [name, text]) => all.replaceAll(text, name), told);
  }
}
