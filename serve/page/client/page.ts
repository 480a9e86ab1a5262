import {formatCurl, type HttpRequest} from '../curl.ts';
import {formatEstimate} from '../number-text.ts';
import {createPredictRequest, keyPlaceholder} from '../predict-request.ts';
import {findSide, placeOnStrip, readFromStrip} from '../strip.ts';
import {bringCopyButtonsToLife} from './copy.ts';
import {find} from './find.ts';

/** The server's answer to one row, be it a prediction or an error. */
type Answer = {
  prediction?: [number | number[]];
  interval?: {lower: [number | number[]]; upper: [number | number[]]};
  warnings?: {message: string}[];
  model_version?: string;
  error?: {message: string; fields: {message: string}[]};
};

/** After the last key; the answer takes a few milliseconds, and a word between keys would only flicker. */
const pauseMs = 80;
const deadlineMs = 10_000;
const retryMs = 2000;
/** More warnings would push what they are about off a phone's screen; the inputs at fault are all marked. */
const maxWarnings = 3;

const form = find(document, 'form', '#inputs');
const {version} = form.dataset;
const features = [...form.querySelectorAll<HTMLElement>('.feature')].map(row => {
  const range = {min: Number(row.dataset.min), max: Number(row.dataset.max)};
  return {
    name: row.dataset.name ?? '',
    range,
    row,
    input: find(row, 'input'),
    strip: find(row, 'svg', '.strip'),
  };
});
const level = document.querySelector('select');
const key = document.querySelector<HTMLInputElement>('#key');
const targets = [...document.querySelectorAll<HTMLElement>('#prediction .target')];
const result = find(document, 'section', '.result');
const problem = find(document, 'p', '#problem');
const warnings = find(document, 'ul', '#warnings');
const curl = find(document, 'pre', '#curl');

let timer: ReturnType<typeof setTimeout> | undefined;
/** Number of the latest request; an older one that is answered later is ignored. */
let latest = 0;

for (const feature of features) followPointer(feature);
form.addEventListener('input', update);
form.addEventListener('submit', event => event.preventDefault());
// the event comes before the inputs have their old values back
form.addEventListener('reset', () => setTimeout(update));
key?.addEventListener('input', update);
bringCopyButtonsToLife(document);
update();

function update(): void {
  for (const feature of features) markPlace(feature);
  if (hasEveryNumber())
    curl.textContent = formatCurl(describeRequest(key === null ? undefined : keyPlaceholder));
  askAfter(pauseMs);
}

/** Shows where an input lies in its training range. */
function markPlace({range, row, input, strip}: (typeof features)[number]): void {
  const value = input.valueAsNumber;
  const isNumber = Number.isFinite(value);
  const side = isNumber ? findSide(value, range) : undefined;
  row.dataset.side = side ?? '';
  if (isNumber) find(strip, 'svg').setAttribute('x', `${placeOnStrip(value, range)}%`);
  input.setAttribute('aria-invalid', String(!isNumber));
  find(row, 'p', '.side').textContent = isNumber
    ? side === undefined
      ? ''
      : `${side} the training range`
    : 'a number is missing';
}

/** Lets the marker be dragged along the strip; the keyboard does the same in the input. */
function followPointer({range, input, strip}: (typeof features)[number]): void {
  const move = (event: PointerEvent) => {
    const {left, width} = strip.getBoundingClientRect();
    input.value = String(readFromStrip(((event.clientX - left) / width) * 100, range));
    input.dispatchEvent(new Event('input', {bubbles: true}));
  };
  strip.addEventListener('pointerdown', event => {
    strip.setPointerCapture(event.pointerId);
    move(event);
  });
  strip.addEventListener('pointermove', event => {
    if (strip.hasPointerCapture(event.pointerId)) move(event);
  });
}

function describeRequest(sentKey: string | undefined): HttpRequest {
  const address = new URL('predict', document.baseURI).href;
  const inputs = features.map(({name, input}) => ({name, value: input.valueAsNumber}));
  return createPredictRequest(address, {level: level?.value, key: sentKey}, inputs);
}

function hasEveryNumber(): boolean {
  return features.every(({input}) => Number.isFinite(input.valueAsNumber));
}

function askAfter(ms: number): void {
  clearTimeout(timer);
  timer = setTimeout(predict, ms);
}

async function predict(): Promise<void> {
  const number = ++latest;
  if (!hasEveryNumber()) return showProblem('Each input needs a number.');
  const sentKey = key?.value.trim();
  if (sentKey === '') return showProblem('Enter an API key of this server to predict.');
  const {url, ...init} = describeRequest(sentKey);
  result.ariaBusy = 'true';
  let response: Response;
  try {
    response = await fetch(url, {...init, signal: AbortSignal.timeout(deadlineMs)});
  } catch {
    if (number !== latest) return;
    showProblem('The server does not answer. This page goes on asking.');
    return askAfter(retryMs);
  }
  const answer = await readAnswer(response);
  if (number !== latest) return;
  if (answer.prediction !== undefined && answer.model_version !== version) {
    return showProblem('This server has another model now. Load the page again.');
  }
  if (answer.prediction !== undefined) return showPrediction(answer);
  showProblem(describeError(answer, response.status));
  if (response.status === 429 || response.status >= 500) askAfter(retryMs);
}

async function readAnswer(response: Response): Promise<Answer> {
  try {
    return await response.json();
  } catch {
    // a gateway on the way may answer with a page of its own
    return {};
  }
}

function describeError({error}: Answer, status: number): string {
  if (error === undefined)
    return `Something on the way to the server answered instead of it, with status ${status}.`;
  return [error.message, ...error.fields.map(({message}) => message)].join(' ');
}

function showPrediction({prediction, interval, warnings: found = []}: Answer): void {
  result.ariaBusy = 'false';
  const values = [prediction ?? []].flat(2);
  const [lower, upper] = [[interval?.lower ?? []].flat(2), [interval?.upper ?? []].flat(2)];
  for (const [k, target] of targets.entries()) {
    const value = values[k] ?? Number.NaN;
    const [low, high] = [lower[k], upper[k]];
    const bounds = low === undefined || high === undefined ? [] : [low, high];
    const [text = '', ...texts] = formatEstimate(
      [value, ...bounds],
      bounds.length === 0 ? undefined : ((high ?? 0) - (low ?? 0)) / 2,
    );
    const data = find(target, 'data');
    data.value = String(value);
    data.textContent = text;
    find(target, 'dd', '.interval').textContent = describeInterval(texts);
  }
  problem.hidden = true;
  result.classList.remove('stale');
  showWarnings(found.map(({message}) => message));
}

function describeInterval([low, high]: string[]): string {
  if (low === undefined || high === undefined || level === null) return '';
  const chance = level.selectedOptions[0]?.textContent ?? '';
  return `between ${low} and ${high}, with ${chance} probability`;
}

function showWarnings(messages: string[]): void {
  // counted here: the server lists the first 20 only
  const more = features.filter(({row}) => row.dataset.side !== '').length - maxWarnings;
  const shown = more > 1 ? [...messages.slice(0, maxWarnings), `and ${more} more inputs`] : messages;
  warnings.hidden = shown.length === 0;
  warnings.replaceChildren(
    ...shown.map(message => {
      const item = document.createElement('li');
      item.textContent = message;
      return item;
    }),
  );
}

/** The last prediction stays, but greyed: it is no longer that of the inputs. */
function showProblem(message: string): void {
  result.ariaBusy = 'false';
  problem.textContent = message;
  problem.hidden = false;
  result.classList.add('stale');
  showWarnings([]);
}
