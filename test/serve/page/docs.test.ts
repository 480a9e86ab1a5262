import {execFileSync} from 'node:child_process';
import type {Locator, Page} from 'playwright-core';
import {describe, expect} from 'vitest';
import type {ArtifactContent} from '../../../serve/artifact/artifact.ts';
import {findBarriers} from '../../helpers/browser.ts';
import {preparePages} from '../../helpers/pages.ts';
import {testWith} from '../../helpers/parts.ts';
import {irisContent, oddContent, uncertainPlaneContent} from '../../helpers/server-artifact.ts';

const {serve, open} = preparePages();

type Listed = {tags: string[]; summary: string};

async function openDocs(
  model: ArtifactContent,
  {hash = '', ...options}: Parameters<typeof open>[1] & {hash?: string} = {},
) {
  const server = await serve(model);
  const opened = await open(`${server.url}/docs${hash}`, options);
  await opened.page.locator('.operation').first().waitFor();
  return {server, ...opened, predict: opened.page.locator('#post-predict')};
}

/** Sends what stands in the form, and waits for all of the answer. */
async function send(operation: Locator): Promise<{status: string; body: string}> {
  await operation.getByRole('button', {name: 'Send'}).click();
  const answer = operation.locator('.answer');
  await answer.getByText(/ bytes$/).waitFor();
  return {
    status: await answer.getByRole('status').innerText(),
    body: await answer.locator('pre.body').innerText(),
  };
}

async function openAll(page: Page): Promise<Locator[]> {
  const operations = await page.locator('.operation').all();
  for (const operation of operations) {
    if ((await operation.getAttribute('open')) === null) await operation.locator('summary').first().click();
    await operation.locator('form').waitFor();
  }
  return operations;
}

describe('the documentation', () => {
  testWith('chromium')('lists each operation of openapi.json, under its tag', async () => {
    const {page, server} = await openDocs(irisContent());
    const answer = await fetch(`${server.url}/openapi.json`);
    const {paths} = (await answer.json()) as {paths: Record<string, {get?: Listed; post?: Listed}>};
    const listed = Object.entries(paths).flatMap(([path, {get, post}]) => [
      ...(get === undefined ? [] : [`${get.tags[0]}: GET ${path} ${get.summary}`]),
      ...(post === undefined ? [] : [`${post.tags[0]}: POST ${path} ${post.summary}`]),
    ]);
    const shown: string[] = [];
    for (const section of await page.locator('main section').all()) {
      const tag = await section.getByRole('heading', {level: 2}).innerText();
      for (const summary of await section.locator('.operation > summary').all()) {
        shown.push(`${tag}: ${(await summary.innerText()).replace(/\s+/g, ' ')}`);
      }
    }
    expect(listed.length).toBeGreaterThan(5);
    expect(shown.sort()).toEqual(listed.sort());
    const links = await page
      .locator('#contents a')
      .evaluateAll(all => all.map(link => link.getAttribute('href')));
    expect(links).toHaveLength(listed.length);
  });

  testWith('chromium')('sends what stands in the body, and shows the whole answer', async () => {
    const {predict, server} = await openDocs(irisContent());
    await predict.getByLabel('Body', {exact: true}).fill('{"features": [[5.1, 3.5, 0.2]]}');
    const {status, body} = await send(predict);
    expect(status).toMatch(/^200 OK, \d+ ms, \d+ bytes$/);
    const {version} = (await (await fetch(`${server.url}/model`)).json()) as {version: string};
    // scikit-learn's for this row
    expect(JSON.parse(body)).toEqual({prediction: [1.4892105741903334], model_version: version});
    await predict.getByText(/^\d+ headers$/).click();
    const headers = await predict.locator('.answer details pre').innerText();
    expect(headers).toContain('content-type: application/json');
    expect(headers).toContain(`x-model-version: ${version}`);
  });

  testWith('chromium')('fills in the example that is chosen, for the media type that is chosen', async () => {
    const {predict} = await openDocs(uncertainPlaneContent());
    const body = predict.getByLabel('Body', {exact: true});
    const first = await body.inputValue();
    await predict.getByLabel('Example').selectOption('rows by name');
    expect(await body.inputValue()).not.toBe(first);
    expect(JSON.parse(await body.inputValue())).toHaveProperty('instances');
    await predict.getByLabel('Body as').selectOption('text/csv');
    expect(await body.inputValue()).toMatch(/^a,b\n1,2\n/);
    const command = await predict.locator('pre[id$=curl]').innerText();
    expect(command).toContain("-H 'content-type: text/csv'");
    expect(command).toContain("-d 'a,b\n1,2\n");
    await predict.getByLabel('Answer as').selectOption('text/csv');
    await predict.getByLabel('interval query').fill('0.95');
    const answer = await send(predict);
    expect(answer.status).toMatch(/^200 OK/);
    // y = 2a + 3b + 5 at the means, ± t(0.975, 1) · 0.5 · √(1 + 1/4)
    const [names, row = ''] = answer.body.split('\n');
    expect(names).toMatch(/^y,/);
    const half = 12.706204736174694 * 0.5 * Math.sqrt(1.25);
    expect(row.split(',').map(Number)).toEqual([
      13,
      expect.closeTo(13 - half, 9),
      expect.closeTo(13 + half, 9),
    ]);
  });

  testWith('chromium', 'curl')('gives a curl that gets the same answer', async () => {
    const {predict} = await openDocs(irisContent());
    await predict
      .getByLabel('Body', {exact: true})
      .fill('{"instances": [{"sepal_length": 5.1, "sepal_width": 3.5, "petal_width": 9}]}');
    await predict.getByLabel('x-request-id header').fill('from-the-docs');
    const {body} = await send(predict);
    const command = await predict.locator('pre[id$=curl]').innerText();
    const output = execFileSync('sh', ['-c', command.replace(/^curl/, 'curl -sS -i')], {encoding: 'utf8'});
    expect(output).toContain('x-request-id: from-the-docs');
    expect(JSON.parse(output.slice(output.indexOf('\r\n\r\n')))).toEqual(JSON.parse(body));
  });

  testWith('chromium')('shows an error of the server as an answer', async () => {
    const {predict, problems} = await openDocs(irisContent());
    await predict.getByLabel('Body', {exact: true}).fill('{"features": ');
    const {status, body} = await send(predict);
    expect(status).toMatch(/^400 Bad Request, /);
    expect(JSON.parse(body)).toMatchObject({error: {code: 'malformed_json'}});
    expect(problems.splice(0)).toEqual([expect.stringContaining('400')]);
  });

  testWith('chromium')('says that the server does not answer', async () => {
    const {predict, problems, server} = await openDocs(irisContent());
    server.child.kill('SIGKILL');
    await server.exited;
    await predict.getByRole('button', {name: 'Send'}).click();
    await predict.getByText('The server does not answer, or not to the end, within 60 s.').waitFor();
    expect(problems.splice(0)).toEqual([expect.stringContaining('ERR_CONNECTION_REFUSED')]);
  });

  testWith('chromium')('gets 200 for each operation as it stands, whatever the names', async () => {
    const {page} = await openDocs(oddContent());
    for (const operation of await openAll(page)) {
      const id = await operation.getAttribute('id');
      expect(`${id} ${(await send(operation)).status}`).toMatch(/^[\w-]+ 200 OK/);
    }
  });

  testWith('chromium')('tells names, units, ranges and what is required', async () => {
    const {predict} = await openDocs(irisContent());
    await predict.locator('summary', {hasText: /^Body$/}).click();
    const text = (await predict.innerText()).replace(/\s+/g, ' ');
    expect(text).toContain(
      'sepal_width required number, such as 3 sepal_width in cm; the model was trained on 0.1 to 7.9',
    );
    expect(text).toContain('interval number, > 0, ≤ 0.9999, such as 0.95');
    await predict.locator('summary', {hasText: /^Errors$/}).click();
    expect(await predict.innerText()).toContain('415 ');
  });

  testWith('chromium')('opens the operation that the address names', async () => {
    const {page, predict} = await openDocs(irisContent(), {hash: '#get-model'});
    await page.locator('#get-model form').waitFor();
    expect(await predict.getAttribute('open')).toBe(null);
    await page.getByRole('link', {name: 'GET /healthz'}).click();
    await page.locator('#get-healthz form').waitFor();
  });

  testWith('chromium')('needs no mouse', async () => {
    const {page} = await openDocs(irisContent(), {hash: '#get-model'});
    await page.locator('#get-model > summary').focus();
    await page.keyboard.press('Enter');
    await page.locator('#get-model form').waitFor({state: 'hidden'});
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    await page.keyboard.type('typed');
    await page.keyboard.press('Control+Enter');
    await page
      .locator('#get-model .answer')
      .getByText(/^200 OK/)
      .waitFor();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Send');
    await page.keyboard.press('Enter');
    await page
      .locator('#get-model .answer')
      .getByText(/^200 OK/)
      .waitFor();
    expect(await page.locator('#get-model pre[id$=curl]').innerText()).toContain('x-request-id: typed');
  });

  testWith('chromium')('fits on a phone', async () => {
    const {page} = await openDocs(oddContent(), {
      viewport: {width: 360, height: 640},
      hasTouch: true,
      isMobile: true,
    });
    for (const operation of await openAll(page)) await send(operation);
    for (const summary of await page.locator('.operation > details > summary').all()) await summary.click();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
  });

  for (const colorScheme of ['light', 'dark'] as const) {
    testWith('chromium')(`has no barriers that axe-core finds, ${colorScheme}`, async () => {
      const {page, predict} = await openDocs(irisContent(), {colorScheme});
      await openAll(page);
      await send(predict);
      for (const summary of await page.locator('.operation > details > summary').all()) await summary.click();
      expect(await findBarriers(page)).toEqual([]);
    });
  }

  testWith('chromium')('says when there is nothing to show', async () => {
    const server = await serve(irisContent());
    const {page, problems} = await open(`${server.url}/docs`);
    await page.route('**/openapi.json', route => route.fulfill({status: 502, body: '<html>'}));
    await page.reload();
    await page.getByText('openapi.json cannot be read from this server.').waitFor();
    expect(problems.splice(0)).toEqual([expect.stringContaining('502')]);
  });
});
