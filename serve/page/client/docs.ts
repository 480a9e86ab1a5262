import {create} from './element.ts';
import {find} from './find.ts';
import {groupOperations, type Operation, resolveReferences} from './openapi.ts';
import {renderOperation} from './operation-view.ts';

const place = find(document, 'main', '#operations');
const contents = find(document, 'nav', '#contents');

showDocument();

async function showDocument(): Promise<void> {
  const loading = find(place, 'p', '#loading');
  try {
    const response = await fetch('openapi.json');
    const groups = groupOperations(resolveReferences(await response.json()));
    // what one comes to a model server for goes first
    const isAbout = ([, operations]: [string, Operation[]]) =>
      operations.every(({requestBody}) => requestBody === undefined);
    const inOrder = [...groups].sort((a, b) => Number(isAbout(a)) - Number(isAbout(b)));
    for (const [tag, operations] of inOrder) showGroup(tag, operations);
  } catch {
    loading.textContent =
      'openapi.json cannot be read from this server. Load the page again when it answers.';
    return;
  }
  loading.remove();
  addEventListener('hashchange', openChosen);
  openChosen();
}

function showGroup(tag: string, operations: Operation[]): void {
  const links = operations.map(({id, method, path}) => {
    return create(
      'li',
      {},
      create('a', {href: `#${id}`}, create('span', {className: 'soft'}, method), ` ${path}`),
    );
  });
  contents.append(create('h2', {}, tag), create('ul', {}, ...links));
  place.append(create('section', {ariaLabel: tag}, create('h2', {}, tag), ...operations.map(createFold)));
}

/** An operation folded to one line; the rest is made when it is first opened. */
function createFold(operation: Operation): HTMLElement {
  const {id, method, path, summary = ''} = operation;
  const title = create(
    'h3',
    {},
    create('span', {className: 'method'}, method),
    ' ',
    create('code', {}, path),
  );
  const fold = create(
    'details',
    {id, className: 'operation'},
    create('summary', {}, title, create('span', {className: 'soft'}, summary)),
  );
  fold.addEventListener('toggle', () => fold.append(...renderOperation(operation)), {once: true});
  return fold;
}

/** Opens what the address names, else the first operation with a body: the one that most came for. */
function openChosen(): void {
  const named = document.getElementById(location.hash.slice(1));
  const fold = named ?? place.querySelector('details[id^="post-"]');
  if (!(fold instanceof HTMLDetailsElement)) return;
  fold.open = true;
  if (named !== null) fold.scrollIntoView();
}
