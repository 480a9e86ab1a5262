import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import type {Locator, Page} from 'playwright-core';
import {describe, expect} from 'vitest';
import type {ArtifactContent} from '../../../serve/artifact/artifact.ts';
import {findBarriers} from '../../helpers/browser.ts';
import {makeFolder} from '../../helpers/folder.ts';
import {preparePages} from '../../helpers/pages.ts';
import {testWith} from '../../helpers/parts.ts';
import {irisContent, oddContent} from '../../helpers/server-artifact.ts';

const {serve, open} = preparePages();
const keys = makeFolder();

type Listed = Record<string, Partial<Record<'get' | 'post', {summary: string}>>>;

async function openDocs(
  model: ArtifactContent,
  options?: Parameters<typeof open>[1],
  env?: Record<string, string>,
) {
  const server = await serve(model, 0, env);
  const opened = await open(`${server.url}/docs`, options);
  await opened.page.locator('.opblock').first().waitFor();
  return {server, ...opened, predict: opened.page.locator('#operations-Prediction-postPredict')};
}

async function unfold(operation: Locator): Promise<void> {
  await operation.locator('.opblock-summary-control').click();
  await operation.getByRole('button', {name: 'Execute'}).waitFor();
}

/** Sends what stands in an unfolded operation, and waits for the answer. */
async function execute(operation: Locator): Promise<{status: string; body: string}> {
  await operation.getByRole('button', {name: 'Execute'}).click();
  const answer = operation.locator('.live-responses-table');
  await answer.waitFor();
  return {
    status: (await answer.locator('tbody .response-col_status').innerText()).trim(),
    body: await answer.locator('.highlight-code > .microlight, .highlight-code code').first().innerText(),
  };
}

async function listOperations(page: Page): Promise<string[]> {
  const summaries = await page.locator('.opblock-summary').allInnerTexts();
  // Swagger UI lets long paths break at their slashes, with characters that nobody sees
  return summaries.map(text => text.replaceAll('\u200b', '').replace(/\s+/g, ' ').trim());
}

describe('the documentation', () => {
  testWith('chromium')('lists each operation of openapi.json', async () => {
    const {page, server} = await openDocs(irisContent());
    const answer = await fetch(`${server.url}/openapi.json`);
    const {paths} = (await answer.json()) as {paths: Listed};
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([method]) => method === 'get' || method === 'post')
        .map(([method, operation]) => `${method.toUpperCase()} ${path} ${operation.summary}`),
    );
    expect(listed.length).toBeGreaterThan(5);
    expect((await listOperations(page)).sort()).toEqual(listed.sort());
  });

  testWith('chromium')('sends what stands in the body, and shows the answer', async () => {
    const {predict, server} = await openDocs(irisContent());
    await unfold(predict);
    await predict.locator('textarea').fill('{"features": [[5.1, 3.5, 0.2]]}');
    const {status, body} = await execute(predict);
    expect(status).toBe('200');
    const {version} = (await (await fetch(`${server.url}/model`)).json()) as {version: string};
    // scikit-learn's for this row
    expect(JSON.parse(body)).toEqual({prediction: [1.4892105741903334], model_version: version});
  });

  testWith('chromium')('sends the key that was entered once', async () => {
    const keyFile = join(keys, 'keys');
    writeFileSync(keyFile, 'open-sesame');
    const {page, predict} = await openDocs(irisContent(), {}, {API_KEY_FILE: keyFile});
    await page.getByRole('button', {name: 'Authorize'}).first().click();
    await page.locator('.auth-container input').first().fill('open-sesame');
    await page.locator('.auth-container').getByRole('button', {name: 'Apply credentials'}).first().click();
    await page.getByRole('button', {name: 'Close'}).first().click();
    await unfold(predict);
    await predict.locator('textarea').fill('{"features": [[5.1, 3.5, 0.2]]}');
    expect((await execute(predict)).status).toBe('200');
  });

  testWith('chromium')('shows an error of the server as an answer', async () => {
    const {predict, problems} = await openDocs(irisContent());
    await unfold(predict);
    await predict.locator('textarea').fill('{"features": ');
    const {status, body} = await execute(predict);
    expect(status).toMatch(/^400/);
    expect(JSON.parse(body)).toMatchObject({error: {code: 'malformed_json'}});
    expect(problems.splice(0)).toEqual([expect.stringContaining('400')]);
  });

  testWith('chromium')(
    'gets 200 for each operation with a body as it stands, whatever the names',
    async () => {
      const {page} = await openDocs(oddContent());
      for (const operation of await page.locator('.opblock-post').all()) {
        await unfold(operation);
        await operation.getByRole('button', {name: 'Execute'}).click();
        const status = operation.locator('.live-responses-table tbody .response-col_status');
        const id = await operation.getAttribute('id');
        expect(`${id} ${(await status.innerText()).trim()}`).toMatch(/^[\w-]+ 200$/);
      }
    },
  );

  for (const colorScheme of ['light', 'dark'] as const) {
    testWith('chromium')(`has no barriers of ours that axe-core finds, ${colorScheme}`, async () => {
      const {page} = await openDocs(irisContent(), {colorScheme});
      expect(await findBarriers(page, {apartFrom: '#swagger-ui > *'})).toEqual([]);
      const background = await page.evaluate<string>('getComputedStyle(document.body).backgroundColor');
      expect(Number(/\d+/.exec(background)?.[0]) > 128).toBe(colorScheme === 'light');
    });
  }
});
