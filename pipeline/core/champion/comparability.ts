import type {Artifact} from '../../../serve/artifact/artifact.ts';

export interface Named {
  name: string;
  unit: string | null;
}

/** A number column of the test rows; null where a cell is missing. */
export interface NumberColumn extends Named {
  values: (number | null)[];
}

/**
 * Lists why a champion cannot be scored on a challenger's test rows, one line each, with what both sides have;
 * nothing when it can.
 *
 * @param columns the number columns of the test rows.
 */
export function listIncomparabilities(
  champion: Artifact,
  challenger: Artifact,
  columns: readonly NumberColumn[],
): string[] {
  return [
    ...compareTargets(champion, challenger),
    ...compareFeatures(champion, challenger, columns),
    ...compareUnits(champion, [...columns, ...challenger.targets]),
  ];
}

/** Names of the columns that are wanted and not present. */
export function listMissing(wanted: readonly Named[], present: readonly Named[]): string[] {
  return wanted.flatMap(({name}) => (present.some(other => other.name === name) ? [] : [name]));
}

function compareTargets(champion: Artifact, challenger: Artifact): string[] {
  const [before, today] = [champion.targets, challenger.targets];
  if (before.length === today.length && listMissing(before, today).length === 0) return [];
  return [`targets: the champion predicts ${quoteNames(before)}, today's model ${quoteNames(today)}`];
}

function compareFeatures(
  champion: Artifact,
  challenger: Artifact,
  columns: readonly NumberColumn[],
): string[] {
  const [before, today] = [champion.features, challenger.features].map(quoteNames);
  const absent = listMissing(champion.features, columns);
  if (absent.length > 0) {
    const names = absent.map(quoteName).join(', ');
    return [
      `features: today's rows lack the champion's ${names} (the champion uses ${before}, today's model ${today})`,
    ];
  }
  return champion.features.flatMap(({name}) => {
    const values = columns.find(column => column.name === name)?.values ?? [];
    const gaps = values.filter(value => value === null).length;
    return gaps === 0
      ? []
      : [`features: the champion's ${quoteName(name)} is missing in ${gaps} of ${values.length} test rows`];
  });
}

/** Units that are declared on both sides and differ; one that is declared on one side only may be the same. */
function compareUnits(champion: Artifact, today: readonly Named[]): string[] {
  return [...champion.features, ...champion.targets].flatMap(({name, unit}) => {
    const found = today.find(column => column.name === name)?.unit ?? null;
    if (unit === null || found === null || unit === found) return [];
    return [`unit of ${quoteName(name)}: the champion has ${quoteName(unit)}, today ${quoteName(found)}`];
  });
}

function quoteNames(items: readonly Named[]): string {
  return items.map(({name}) => quoteName(name)).join(', ');
}

function quoteName(name: string): string {
  return JSON.stringify(name);
}
