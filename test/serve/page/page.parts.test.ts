import {execFileSync} from 'node:child_process';
import {readFileSync, writeFileSync} from 'node:fs';
import {createServer, request} from 'node:http';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';
import type {Page} from 'playwright-core';
import {beforeAll, describe, expect, onTestFinished} from 'vitest';
import {type ArtifactContent, parseArtifact} from '../../../serve/artifact/artifact.ts';
import {findBarriers} from '../../helpers/browser.ts';
import {runCli} from '../../helpers/cli-run.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {preparePages} from '../../helpers/pages.ts';
import {testWith} from '../../helpers/parts.ts';
import {
  oddContent,
  pairContent,
  planeContent,
  uncertainPlaneContent,
  yearContent,
} from '../../helpers/server-artifact.ts';

const {serve, open} = preparePages();
const artifacts = makeFolder();
let iris: ArtifactContent;

// LinearRegression of scikit-learn, and OLS(…).get_prediction(…).summary_frame(0.05) of statsmodels, for this row
const irisRow = {sepal_length: '5.1', sepal_width: '3.5', petal_width: '0.2'};
const [irisLength, irisBounds] = ['1.4892105741903334', 'between 0.873 and 2.105, with 95 % probability'];

beforeAll(async () => {
  const run = await runCli(['train', '--artifacts', artifacts, '--json']);
  const path = join(run.result().artifact ?? '', 'model.json');
  const {version: _, formatVersion: __, ...content} = parseArtifact(readFileSync(path, 'utf8'), path);
  iris = content;
});

async function openModel(model: ArtifactContent, options?: Parameters<typeof open>[1]) {
  const server = await serve(model);
  return {server, ...(await open(`${server.url}/`, options))};
}

const input = (page: Page, name: string) => page.getByLabel(name, {exact: false}).first();
const prediction = (page: Page) => page.locator('#prediction data');

async function fill(page: Page, values: Record<string, string>): Promise<void> {
  for (const [name, value] of Object.entries(values)) await input(page, name).fill(value);
}

/** Waits for what the page says, with the full number behind the rounded one. */
async function waitForPrediction(page: Page, values: string[]): Promise<void> {
  await expect
    .poll(() => prediction(page).evaluateAll(all => all.map(data => data.getAttribute('value'))), {
      timeout: 10_000,
    })
    .toEqual(values);
}

async function copyCommand(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.getByRole('button', {name: 'Copy'}).click();
  await page.getByRole('button', {name: 'Copied'}).waitFor();
  return page.evaluate('navigator.clipboard.readText()');
}

function runInShell(command: string): unknown {
  return JSON.parse(execFileSync('sh', ['-c', command.replace(/^curl/, 'curl -sS')], {encoding: 'utf8'}));
}

describe('the page', () => {
  testWith('chromium')('predicts as one types, with the interval', async () => {
    const {page} = await openModel(iris);
    await fill(page, irisRow);
    await waitForPrediction(page, [irisLength]);
    expect(await page.getByRole('status').innerText()).toBe(`petal_length\n1.489 cm\n${irisBounds}`);
  });

  testWith('chromium')('begins with the training means', async () => {
    const {page} = await openModel(uncertainPlaneContent());
    // y = 2a + 3b + 5 at (1, 2), ± t(0.975, 1) · 0.5 · √(1 + 1/4) = 7.103
    await waitForPrediction(page, ['13']);
    expect(await page.locator('.interval').innerText()).toBe('between 5.90 and 20.10, with 95 % probability');
    await fill(page, {a: '2'});
    await waitForPrediction(page, ['15']);
    await page.getByRole('button', {name: 'Back to the training means'}).click();
    await waitForPrediction(page, ['13']);
  });

  testWith('chromium')('begins with and goes back to means that no rounding moves', async () => {
    const {page} = await openModel(yearContent());
    expect(await page.locator('.range').innerText()).toBe('2006 to 2010, mean 2007.79');
    await waitForPrediction(page, [expect.stringMatching(/^180000\.?/)]);
    await fill(page, {Year_Sold: '2010'});
    await waitForPrediction(page, ['202100']);
    await page.getByRole('button', {name: 'Back to the training means'}).click();
    await waitForPrediction(page, [expect.stringMatching(/^180000\.?/)]);
  });

  testWith('chromium')('predicts with the key that is entered, and shows it nowhere', async () => {
    const keyFile = join(artifacts, 'keys');
    writeFileSync(keyFile, 'open-sesame');
    const {url} = await serve(iris, 0, {API_KEY_FILE: keyFile});
    const {page, problems} = await open(`${url}/`);
    await fill(page, irisRow);
    await expect
      .poll(() => page.locator('#problem').innerText())
      .toBe('Enter an API key of this server to predict.');
    await page.getByLabel('API key').fill('wrong');
    await expect.poll(() => page.locator('#problem').innerText()).toContain('The API key is not');
    expect(problems.splice(0)).toEqual([expect.stringContaining('401')]);
    await page.getByLabel('API key').fill('open-sesame');
    await waitForPrediction(page, [irisLength]);
    expect(await page.locator('#curl').innerText()).toContain("-H 'authorization: Bearer YOUR_KEY'");
    expect(await page.content()).not.toContain('sesame');
    expect(await findBarriers(page)).toEqual([]);
  });

  testWith('chromium')('asks for the interval that is chosen', async () => {
    const {page} = await openModel(iris);
    await fill(page, irisRow);
    await page.getByLabel('Prediction interval').selectOption('99 %');
    // statsmodels, summary_frame(0.01)
    await expect
      .poll(() => page.locator('.interval').innerText())
      .toBe('between 0.674 and 2.304, with 99 % probability');
  });

  testWith('chromium')(
    'marks an input outside its training range, and shows what the server says',
    async () => {
      const {page} = await openModel(iris);
      await fill(page, {petal_width: '3'});
      const row = page.locator('.feature', {hasText: 'petal_width'});
      expect(await row.locator('.side').innerText()).toBe('above the training range');
      expect(await row.locator('.here path').isVisible()).toBe(true);
      const warnings = page.locator('#warnings');
      await warnings.waitFor();
      expect(await warnings.innerText()).toBe('petal_width is above its training range, 0.1 to 2.5 cm');
      await fill(page, {petal_width: '2.5'});
      await warnings.waitFor({state: 'hidden'});
      expect(await row.locator('.here path').isVisible()).toBe(false);
    },
  );

  testWith('chromium')('puts each marker where the input lies between minimum and maximum', async () => {
    const {page} = await openModel(planeContent());
    const places = () => page.locator('.here').evaluateAll(all => all.map(here => here.getAttribute('x')));
    // the range is 10 to 90 % of the strip
    await fill(page, {a: '0', b: '4'});
    expect(await places()).toEqual(['10%', '90%']);
    await fill(page, {a: '1.5', b: '-100'});
    expect(await places()).toEqual(['70%', '3%']);
  });

  testWith('chromium')('takes a number from the strip, by dragging', async () => {
    const {page} = await openModel(planeContent());
    const box = await page.locator('.strip').first().boundingBox();
    if (box === null) throw new Error('the strip has no box');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.5, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.7, y, {steps: 3});
    await page.mouse.up();
    expect(await input(page, 'a m').inputValue()).toBe('1.5');
    await waitForPrediction(page, ['14']);
  });

  testWith('chromium')('says which input has no number', async () => {
    const {page} = await openModel(planeContent());
    await waitForPrediction(page, ['13']);
    const command = await page.locator('#curl').innerText();
    await fill(page, {b: ''});
    await page.getByText('Each input needs a number.').waitFor();
    expect(await page.locator('.feature').nth(1).locator('.side').innerText()).toBe('a number is missing');
    expect(await input(page, 'b').getAttribute('aria-invalid')).toBe('true');
    // the last that would work
    expect(await page.locator('#curl').innerText()).toBe(command);
  });

  testWith('chromium')('passes on why the server refuses', async () => {
    const {page, problems} = await openModel(planeContent());
    await fill(page, {a: '1e308', b: '1e308'});
    await page.getByText('expected smaller numbers: the prediction is too large for a double').waitFor();
    // the browser's own line about the status
    expect(problems.splice(0)).toEqual([expect.stringContaining('400')]);
  });

  testWith('chromium')('says that the server does not answer, and goes on when it does', async () => {
    const {page, problems, server} = await openModel(planeContent());
    await waitForPrediction(page, ['13']);
    server.child.kill('SIGKILL');
    await server.exited;
    await fill(page, {a: '2'});
    await page.getByText('The server does not answer. This page goes on asking.').waitFor();
    await serve(planeContent(), server.port);
    await waitForPrediction(page, ['15']);
    expect(await page.locator('#problem').isVisible()).toBe(false);
    expect(new Set(problems.splice(0))).toEqual(new Set([expect.stringContaining('ERR_CONNECTION_REFUSED')]));
  });

  testWith('chromium')('asks to be loaded again when another model answers', async () => {
    const {page, problems, server} = await openModel(planeContent());
    await waitForPrediction(page, ['13']);
    server.child.kill('SIGTERM');
    await server.exited;
    await serve({...planeContent(), name: 'plane of today'}, server.port);
    await fill(page, {a: '2'});
    await page.getByText('This server has another model now. Load the page again.').waitFor();
    await page.reload();
    await waitForPrediction(page, ['13']);
    expect(problems).toEqual([]);
  });

  testWith('chromium')('ignores an answer that comes after a later one', async () => {
    const {page} = await openModel(planeContent());
    await waitForPrediction(page, ['13']);
    const late = Promise.withResolvers<void>();
    await page.route('**/predict', async route => {
      const isFirst = route.request().postData()?.includes('"a": 2') ?? false;
      if (isFirst) await late.promise;
      await route.continue();
    });
    const asked = page.waitForRequest('**/predict');
    await fill(page, {a: '2'});
    const first = await asked;
    await fill(page, {a: '0'});
    await waitForPrediction(page, ['11']);
    late.resolve();
    await first.response();
    await page.evaluate(() => new Promise(resolve => setTimeout(resolve, 100)));
    await waitForPrediction(page, ['11']);
  });

  testWith('chromium')('needs no mouse', async () => {
    const {page} = await openModel(uncertainPlaneContent());
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    const focused = () => page.evaluate('document.activeElement.id || document.activeElement.textContent');
    const seen: unknown[] = [];
    const press = async (...keys: string[]) => {
      for (const key of keys) await page.keyboard.press(key);
      seen.push(await focused());
    };
    for (let links = 0; links < 5; links++) await press('Tab');
    await page.keyboard.type('2');
    await press('ArrowUp', 'Tab');
    await page.keyboard.type('0');
    await press('Tab', 'ArrowUp', 'Tab');
    await press('Tab', 'Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('button', {name: 'Copied'}).waitFor();
    expect(seen).toEqual([
      'Documentation',
      'Model',
      'Metrics',
      'OpenAPI',
      'f0',
      'f1',
      'Back to the training means',
      'Copy',
    ]);
    // a stepped up from 2 by a tenth, b is 0, and the interval went from 95 to 90 %
    await waitForPrediction(page, ['9.2']);
    expect(await page.evaluate('navigator.clipboard.readText()')).toContain("predict?interval=0.9'");
  });

  testWith('chromium', 'curl')('copies a curl that does the same', async () => {
    const {page} = await openModel(iris);
    await fill(page, {...irisRow, petal_width: '0.05'});
    const command = await copyCommand(page);
    expect(runInShell(command)).toMatchObject({
      // scikit-learn's for 0.2, less 0.15 times its coefficient
      prediction: [expect.closeTo(1.4892105741903334 - 0.15 * 1.4663220431585142, 12)],
      interval: {level: 0.95},
      warnings: [{message: 'petal_width is below its training range, 0.1 to 2.5 cm'}],
    });
  });

  testWith('chromium')('fits on a phone, with the prediction in view at the last input', async () => {
    const {page} = await openModel(iris, {
      viewport: {width: 360, height: 640},
      hasTouch: true,
      isMobile: true,
    });
    await waitForPrediction(page, [expect.any(String)]);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await fill(page, {petal_width: '3'});
    await page.locator('#warnings').waitFor();
    const [result, last] = [
      await page.locator('.result').boundingBox(),
      await input(page, 'petal_width').boundingBox(),
    ];
    expect(result?.y).toBeGreaterThanOrEqual(0);
    expect(last?.y).toBeGreaterThanOrEqual((result?.y ?? 0) + (result?.height ?? 0));
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    testWith('chromium')(`has no barriers that axe-core finds, ${colorScheme}`, async () => {
      const {page} = await openModel(iris, {colorScheme});
      await fill(page, {petal_width: '3'});
      await page.locator('#warnings').waitFor();
      expect(await findBarriers(page)).toEqual([]);
      await fill(page, {petal_width: ''});
      await page.getByText('Each input needs a number.').waitFor();
      expect(await findBarriers(page)).toEqual([]);
      const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      const lightness = Number(/\d+/.exec(background)?.[0]);
      expect(lightness > 128).toBe(colorScheme === 'light');
    });
  }

  testWith('chromium')('tells what the model is and where it comes from', async () => {
    const {page} = await openModel(iris);
    const text = await page.locator('body').innerText();
    expect(text).toContain('Predicts petal_length from sepal_length, sepal_width and petal_width');
    expect(text).toContain('sepal_width cm\n\n2 to 4.4, mean 3.058');
    expect(text).toContain('150: 120 to train on, 30 to test on');
    expect(text).toContain('20 % for testing, seed 42');
    expect(text).toContain('6f608b71a7317216319b4d27b4d9bc84e6abd734eda7872b71a458569e2656c0');
    const scores = page.getByRole('row');
    // scikit-learn's on the same split; the mean's is 3.3016729…
    expect(await scores.nth(1).innerText()).toMatch(
      /^petal_length, cm\s+0\.1299\s+0\.3604\s+0\.2606\s+0\.9604$/,
    );
    expect(await scores.nth(2).innerText()).toMatch(/^Always the training mean\s+3\.302\s*$/);
    const links = page.getByRole('link');
    expect(await links.evaluateAll(all => all.map(link => link.getAttribute('href')))).toEqual([
      'docs',
      'model',
      'metrics',
      'openapi.json',
      'https://archive.ics.uci.edu/ml/machine-learning-databases/iris/iris.data',
    ]);
  });

  testWith('chromium')('shows each target of a model that has several', async () => {
    const {page} = await openModel(pairContent());
    await fill(page, {a: '1.5', b: '3.25'});
    await waitForPrediction(page, ['4.75', '-1.75']);
    expect(await page.getByRole('status').innerText()).toBe('sum\n4.75\ndifference\n−1.75');
    expect(await findBarriers(page)).toEqual([]);
  });

  testWith('chromium', 'curl')(
    'takes names with quotes, brackets and line breaks as what they are',
    async () => {
      const odd = oddContent();
      const model = {
        ...odd,
        name: `<b>Größe</b> & "it's" \${x} $(x) \`x\``,
        features: odd.features.map((feature, j) =>
          j === 0 ? {...feature, name: "it's <i>длина</i> &amp; 長さ"} : feature,
        ),
      };
      const {page} = await openModel(model);
      expect(await page.getByRole('heading', {level: 1}).innerText()).toBe(model.name);
      expect(await page.locator('b, i').count()).toBe(0);
      expect(await page.locator('label').first().innerText()).toBe("it's <i>длина</i> &amp; 長さ <µm²>");
      await page.locator('input').nth(0).fill('1.5');
      await page.locator('input').nth(1).fill('3');
      await waitForPrediction(page, ['17']);
      expect(runInShell(await copyCommand(page))).toMatchObject({prediction: [17]});
      expect(await findBarriers(page)).toEqual([]);
    },
  );

  testWith('chromium', 'curl')('has room for 200 features', async () => {
    const plane = planeContent();
    const features = Array.from({length: 200}, (_, j) => {
      return {name: `x${j}`, unit: null, mean: j, scale: 1, min: j - 2, max: j + 2};
    });
    const {page} = await openModel(
      {
        ...plane,
        features,
        targets: [{name: 'y', unit: null, intercept: 5, coefficients: features.map(() => 1)}],
        heldOut: [],
      },
      {viewport: {width: 360, height: 640}},
    );
    // the sum of 0 … 199, each shown with three digits, plus 5
    await waitForPrediction(page, ['19905']);
    await page.locator('input').last().fill('300');
    await waitForPrediction(page, ['20006']);
    expect(await page.locator('.result').boundingBox()).toMatchObject({y: 0});
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    expect(runInShell(await copyCommand(page))).toMatchObject({prediction: [20006]});
  });

  testWith('chromium')('takes negative, tiny and huge numbers', async () => {
    const plane = planeContent();
    const ranges = [
      {mean: -1.23456e-7, scale: 8e-8, min: -2e-7, max: 1e-7},
      {mean: 2e12, scale: 1e12, min: -4e12, max: 4e12},
    ];
    const {page} = await openModel({
      ...plane,
      features: plane.features.map((feature, j) => ({...feature, ...ranges[j]})),
      targets: [{name: 'y', unit: null, intercept: 0, coefficients: [1, 0]}],
      heldOut: [],
    });
    await waitForPrediction(page, ['-1.235e-7']);
    expect(await prediction(page).innerText()).toBe('−1.235 × 10⁻⁷');
    expect(await page.locator('.range').allInnerTexts()).toEqual([
      '−2 × 10⁻⁷ to 1 × 10⁻⁷, mean −1.235 × 10⁻⁷',
      '−4 × 10¹² to 4 × 10¹², mean 2 × 10¹²',
    ]);
  });

  testWith('chromium')('works behind a gateway that serves it under a prefix', async () => {
    const {port} = await serve(planeContent());
    const gateway = createServer((incoming, outgoing) => {
      const {method, headers, url = ''} = incoming;
      const path = url.replace(/^\/models\/plane/, '');
      if (path === url) return outgoing.writeHead(404).end();
      const onward = request({port, method, headers, path}, answer => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      });
      return incoming.pipe(onward);
    });
    await new Promise<void>(resolve => gateway.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      gateway.closeAllConnections();
      gateway.close();
    });
    const address = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/models/plane/`;
    const {page} = await open(address);
    await waitForPrediction(page, ['13']);
    expect(await page.locator('#curl').innerText()).toContain(`curl ${address}predict `);
    await page.getByRole('link', {name: 'Documentation'}).click();
    await page.getByText('/predict').first().waitFor();
    await page.getByRole('link', {name: 'Try it'}).click();
    await waitForPrediction(page, ['13']);
  });

  testWith('chromium', 'curl')('tells the curl where no script runs', async () => {
    const {page, server} = await openModel(uncertainPlaneContent(), {javaScriptEnabled: false});
    expect(await page.locator('noscript').innerText()).toContain('Without scripts');
    const command = await page.locator('#curl').innerText();
    expect(await page.getByRole('button', {name: 'Copy'}).count()).toBe(0);
    expect(runInShell(command.replace('http://localhost:8000', server.url))).toMatchObject({
      prediction: [13],
      interval: {level: 0.95},
    });
  });
});
