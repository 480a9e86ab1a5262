import {formatJson} from '../json-text.ts';
import {create, renderText} from './element.ts';
import type {Schema} from './openapi.ts';

/** Longer lists are folded. */
const maxMembers = 12;

/** Shows a schema: its type and constraints, its description, and its members as a list. */
export function renderSchema(schema: Schema): Node[] {
  const facts = [describeType(schema), ...listConstraints(schema)].join(', ');
  const description =
    schema.description === undefined ? [] : [create('p', {}, ...renderText(schema.description))];
  return [create('span', {className: 'soft'}, facts), ...description, ...renderMembers(listMembers(schema))];
}

type Member = {name: Node | string; schema: Schema; isRequired?: boolean};

function renderMembers(members: Member[]): Node[] {
  if (members.length === 0) return [];
  const list = create(
    'ul',
    {className: 'members'},
    ...members.map(({name, schema, isRequired}) =>
      create(
        'li',
        {},
        name,
        ' ',
        ...(isRequired ? [create('b', {}, 'required'), ' '] : []),
        ...renderSchema(schema),
      ),
    ),
  );
  if (members.length <= maxMembers) return [list];
  return [create('details', {}, create('summary', {}, `${members.length} members`), list)];
}

function listMembers(schema: Schema): Member[] {
  const {properties = {}, required = [], additionalProperties, prefixItems = [], items} = schema;
  const choices = schema.anyOf ?? schema.oneOf ?? [];
  return [
    ...Object.entries(properties).map(([name, schema]) => {
      return {name: create('code', {}, name), schema, isRequired: required.includes(name)};
    }),
    ...(isSchema(additionalProperties) ? [{name: 'each other', schema: additionalProperties}] : []),
    ...prefixItems.map((schema, i) => ({name: create('code', {}, String(i)), schema})),
    ...(isSchema(items) && !isPlain(items) ? [{name: 'each', schema: items}] : []),
    ...(choices.every(isPlain)
      ? []
      : choices.map((schema, i) => ({name: i === 0 ? 'either' : 'or', schema}))),
    ...(schema.allOf ?? []).map(schema => ({name: 'and', schema})),
  ];
}

function describeType(schema: Schema): string {
  const {type, items, prefixItems} = schema;
  if (schema.const !== undefined) return formatJson(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(value => formatJson(value)).join(' or ');
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined)
    return choices.every(isPlain) ? choices.map(describeType).join(' or ') : 'one of';
  if (prefixItems !== undefined) return `array of ${prefixItems.length}, in this order`;
  if (type === 'array' && isSchema(items))
    return isPlain(items) ? `array of ${describeType(items)}` : 'array';
  return [type ?? 'anything'].flat().join(' or ');
}

function listConstraints(schema: Schema): string[] {
  const {minimum, maximum, exclusiveMinimum, exclusiveMaximum, minItems, maxItems, minLength, maxLength} =
    schema;
  // zod names the limits of a double's exact integers, which nobody means
  const isMeant = (limit: number | undefined) =>
    limit !== undefined && Math.abs(limit) < Number.MAX_SAFE_INTEGER;
  const [example] = schema.examples ?? [];
  return [
    ...(isMeant(minimum) ? [`≥ ${minimum}`] : []),
    ...(isMeant(exclusiveMinimum) ? [`> ${exclusiveMinimum}`] : []),
    ...(isMeant(maximum) ? [`≤ ${maximum}`] : []),
    ...(isMeant(exclusiveMaximum) ? [`< ${exclusiveMaximum}`] : []),
    ...(minItems === undefined || schema.prefixItems !== undefined ? [] : [`at least ${minItems} of them`]),
    ...(maxItems === undefined || schema.prefixItems !== undefined ? [] : [`at most ${maxItems} of them`]),
    ...(minLength === undefined ? [] : [`at least ${minLength} characters`]),
    ...(maxLength === undefined ? [] : [`at most ${maxLength} characters`]),
    ...(schema.format === undefined ? [] : [schema.format]),
    ...(schema.pattern === undefined ? [] : [`matches ${schema.pattern}`]),
    ...(schema.default === undefined ? [] : [`${formatJson(schema.default)} unless given`]),
    ...(example === undefined ? [] : [`such as ${formatJson(example)}`]),
  ];
}

/** Whether its type says all of it. */
function isPlain(schema: Schema): boolean {
  return (
    schema.description === undefined &&
    listMembers(schema).length === 0 &&
    listConstraints(schema).length === 0
  );
}

function isSchema(value: Schema | boolean | undefined): value is Schema {
  return typeof value === 'object';
}
