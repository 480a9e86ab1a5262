import {formatCurl, type HttpRequest} from '../curl.ts';
import {formatJson, isJsonType} from '../json-text.ts';
import {bringCopyButtonsToLife} from './copy.ts';
import {create, renderText} from './element.ts';
import {showExchange} from './exchange-view.ts';
import type {BodyObject, MediaType, Operation, ParameterObject} from './openapi.ts';
import {renderSchema} from './schema-view.ts';

/** Shows an operation: a form that sends it, the command that does the same, and its schemas. */
export function renderOperation(operation: Operation): Node[] {
  const {id, description} = operation;
  const parameters = (operation.parameters ?? []).map(parameter => createParameter(id, parameter));
  const body = operation.requestBody?.content && createBody(id, operation.requestBody.content);
  const accept = createAccept(id, operation);
  const command = create('pre', {id: `${id}-curl`, tabIndex: 0, role: 'group', ariaLabel: 'Command'});
  const copy = create('button', {type: 'button', className: 'copy'}, 'Copy');
  copy.dataset.copies = command.id;
  const answer = create('div', {className: 'answer'});
  const form = create(
    'form',
    {noValidate: true, autocomplete: 'off'},
    ...parameters.map(({row}) => row),
    ...(body?.rows ?? []),
    ...(accept === undefined ? [] : [accept.row]),
    create(
      'p',
      {className: 'send'},
      create('button', {type: 'submit'}, 'Send'),
      create('span', {className: 'soft small'}, 'or Ctrl Enter'),
    ),
  );
  const read = (): HttpRequest => {
    const url = new URL(operation.path.slice(1), document.baseURI);
    const headers: Record<string, string> = {};
    if (accept !== undefined) headers.accept = accept.read();
    for (const {parameter, input} of parameters) {
      if (input.value === '') continue;
      if (parameter.in === 'query') url.searchParams.set(parameter.name, input.value);
      if (parameter.in === 'header') headers[parameter.name] = input.value;
    }
    if (body === undefined) return {method: operation.method, url: url.href, headers};
    headers['content-type'] = body.mediaType();
    return {method: operation.method, url: url.href, headers, body: body.text()};
  };
  const showCommand = () => {
    command.textContent = formatCurl(read());
  };
  // a select fires both, and fills in the body between them
  form.addEventListener('input', showCommand);
  form.addEventListener('change', showCommand);
  form.addEventListener('keydown', event => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  form.addEventListener('submit', event => {
    event.preventDefault();
    showExchange(read(), answer);
  });
  showCommand();
  const commandBox = create('div', {className: 'command'}, command, copy);
  bringCopyButtonsToLife(commandBox);
  return [
    ...(description === undefined ? [] : [create('p', {}, ...renderText(description))]),
    form,
    commandBox,
    answer,
    ...renderSchemas(operation),
  ];
}

function createParameter(id: string, parameter: ParameterObject) {
  const {name, schema, description = schema?.description ?? '', required} = parameter;
  const [example] = schema?.examples ?? [];
  const input = create('input', {
    id: `${id}-${name}`,
    placeholder: example === undefined ? '' : String(example),
    value: required && example !== undefined ? String(example) : '',
  });
  const about = create('p', {id: `${id}-${name}-about`, className: 'soft small'}, ...renderText(description));
  input.setAttribute('aria-describedby', about.id);
  const kind = create('span', {className: 'soft'}, `${parameter.in}${required ? ', required' : ''}`);
  const label = create('label', {htmlFor: input.id}, create('code', {}, name), ' ', kind);
  return {parameter, input, row: create('div', {className: 'parameter'}, label, input, about)};
}

/** The media type, the examples for it, and the text of the body to edit. */
function createBody(id: string, content: Record<string, MediaType>) {
  const type = createSelect(`${id}-type`, 'Body as', Object.keys(content));
  const example = createSelect(`${id}-example`, 'Example', []);
  const area = create('textarea', {id: `${id}-body`, rows: 6, spellcheck: false, ariaLabel: 'Body'});
  const showExample = () => {
    area.value = listExamples(type.select.value, content)[example.select.selectedIndex]?.text ?? '';
    area.rows = Math.min(16, Math.max(3, area.value.split('\n').length + 1));
  };
  const showExamples = () => {
    const examples = listExamples(type.select.value, content);
    example.select.replaceChildren(...examples.map(({name}) => create('option', {}, name)));
    example.row.hidden = examples.length < 2;
    showExample();
  };
  type.select.addEventListener('change', showExamples);
  example.select.addEventListener('change', showExample);
  type.row.hidden = Object.keys(content).length < 2;
  showExamples();
  const choices = create('div', {className: 'choices'}, type.row, example.row);
  return {rows: [choices, area], mediaType: () => type.select.value, text: () => area.value};
}

function listExamples(mediaType: string, content: Record<string, MediaType>): {name: string; text: string}[] {
  const {example, examples = example === undefined ? {} : {example: {value: example}}} =
    content[mediaType] ?? {};
  return Object.entries(examples).map(([name, {summary = name, value}]) => {
    return {
      name: summary,
      text: typeof value === 'string' && !isJsonType(mediaType) ? value : formatJson(value),
    };
  });
}

/** A choice among the media types of the answer, where there are some. */
function createAccept(id: string, {responses = {}}: Operation) {
  const types = Object.keys(responses['200']?.content ?? {});
  if (types.length < 2) return undefined;
  const {row, select} = createSelect(`${id}-accept`, 'Answer as', types);
  return {row, read: () => select.value};
}

function createSelect(id: string, label: string, options: string[]) {
  const select = create('select', {id}, ...options.map(option => create('option', {}, option)));
  return {
    select,
    row: create('p', {}, create('label', {htmlFor: id}, label), ' ', select),
  };
}

/** The body and the answer each in a fold, and all errors in one: they mostly look the same. */
function renderSchemas({requestBody, responses = {}}: Operation): Node[] {
  const answers = Object.entries(responses);
  const isError = ([status]: [string, BodyObject]) => !status.startsWith('2');
  const errors = answers.filter(isError);
  const shapes = new Map(errors.map(([, {content = {}}]) => [JSON.stringify(content), content]));
  return [
    ...(requestBody === undefined ? [] : [createFold('Body', renderContent(requestBody.content))]),
    ...answers
      .filter(answer => !isError(answer))
      .map(([status, {content}]) => createFold(`Answer ${status}`, renderContent(content))),
    ...(errors.length === 0
      ? []
      : [createFold('Errors', [renderErrors(errors), ...[...shapes.values()].flatMap(renderContent)])]),
  ];
}

function createFold(title: string, content: Node[]): HTMLElement {
  return create('details', {}, create('summary', {}, create('b', {}, title)), ...content);
}

function renderContent(content: Record<string, MediaType> = {}): Node[] {
  return Object.entries(content).flatMap(([type, {schema}]) => {
    const [example] = listExamples(type, content);
    return [
      create('h4', {}, create('code', {}, type)),
      create('div', {className: 'small'}, ...(schema === undefined ? [] : renderSchema(schema))),
      ...(example === undefined ? [] : [create('pre', {tabIndex: 0, className: 'body'}, example.text)]),
    ];
  });
}

function renderErrors(errors: [string, BodyObject][]): Node {
  const items = errors.map(([status, {description = ''}]) =>
    create('li', {}, create('b', {}, status), ' ', ...renderText(description)),
  );
  return create('ul', {className: 'members small'}, ...items);
}
