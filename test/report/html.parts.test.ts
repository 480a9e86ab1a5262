import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {pathToFileURL} from 'node:url';
import {HtmlValidate} from 'html-validate';
import type {Browser} from 'playwright-core';
import {afterAll, describe, expect, test} from 'vitest';
import {describeRun} from '../../pipeline/report/describe-run.ts';
import {renderHtml} from '../../pipeline/report/html.ts';
import {findBarriers, launchBrowser, visit} from '../helpers/browser.ts';
import {makeFolder} from '../helpers/folder.ts';
import {testWith} from '../helpers/parts.ts';
import {cases, style} from '../helpers/report-cases.ts';

const validator = new HtmlValidate({
  extends: ['html-validate:recommended', 'html-validate:document'],
  rules: {'doctype-style': ['error', {style: 'lowercase'}]},
});

describe.each(Object.entries(cases))('a report with %s', (_, facts) => {
  test('is valid HTML', async () => {
    const report = await validator.validateString(renderHtml(describeRun(facts), style));
    expect(report.results.flatMap(({messages}) => messages)).toEqual([]);
  });
});

describe('in a browser', () => {
  const folder = makeFolder();
  let browser: Browser | undefined;
  afterAll(() => browser?.close());

  for (const [name, facts] of Object.entries(cases)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      testWith('chromium')(
        `a report with ${name} has no barriers that axe-core finds, ${colorScheme}`,
        async () => {
          browser ??= await launchBrowser();
          const file = join(folder, `${Object.keys(cases).indexOf(name)}.html`);
          writeFileSync(file, renderHtml(describeRun(facts), style));
          const {page, problems} = await visit(browser, pathToFileURL(file).href, {colorScheme});
          expect(await findBarriers(page)).toEqual([]);
          for (const width of [360, 1280]) {
            await page.setViewportSize({width, height: 900});
            expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
          }
          await page.emulateMedia({media: 'print', colorScheme});
          expect(await page.evaluate('getComputedStyle(document.body).backgroundColor')).toBe(
            'rgb(255, 255, 255)',
          );
          expect(problems).toEqual([]);
          await page.context().close();
        },
      );
    }
  }
});
