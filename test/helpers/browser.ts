import axe from 'axe-core';
import {type Browser, type BrowserContextOptions, chromium, type Page} from 'playwright-core';
import {findChromium} from './chromium.ts';

export type Visit = {
  page: Page;
  /** Whatever a page should not do: errors in its console (a breach of its own policy is one), requests to others. */
  problems: string[];
};

/** @throws Error when this machine has no Chromium: tests that need it say so with `testWith('chromium')`. */
export function launchBrowser(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('No Chromium here. Install it, or set CHROMIUM_PATH.');
  return chromium.launch({
    executablePath,
    args: [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}

/** Opens a page as a visitor who comes for the first time. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Visit> {
  const context = await browser.newContext(options);
  context.setDefaultTimeout(10_000);
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', message => {
    if (message.type() === 'error' || message.type() === 'warning') problems.push(message.text());
  });
  page.on('pageerror', error => problems.push(String(error)));
  page.on('request', request => {
    const {origin, protocol} = new URL(request.url());
    if (protocol !== 'data:' && origin !== new URL(url).origin) problems.push(`request to ${request.url()}`);
  });
  await page.goto(url);
  return {page, problems};
}

/**
 * Asks axe-core what speaks against the accessibility of a page.
 *
 * @param apartFrom selector of what others made.
 * @returns a line per element.
 */
export async function findBarriers(page: Page, {apartFrom}: {apartFrom?: string} = {}): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async selector => {
    // in the page, where it was just loaded
    const {axe: loaded} = globalThis as unknown as {axe: typeof axe};
    return (await loaded.run(selector === undefined ? {} : {exclude: [[selector]]})).violations;
  }, apartFrom);
  return violations.flatMap(({id, help, nodes}) => nodes.map(({html}) => `${id}: ${help}: ${html}`));
}
