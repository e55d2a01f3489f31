import { type BrowserContextOptions, type Locator, type Page } from '@playwright/test';
import { greetAll, lineIsLive } from './screens.ts';
import { expect, type OpenDevice, type people, signIn, stations } from './test.ts';
import { words } from './words.ts';

/** A floor's tablet is held upright. */
export const upright = { viewport: { width: 768, height: 1024 } } satisfies BrowserContextOptions;

/** Begins the shift on a board that is open. From that tap on it can be heard. */
export async function startShift(board: Page): Promise<void> {
  await board.getByRole('button', { name: words('alerts.shift.start') }).click();
  await expect(board.getByRole('link', { name: words('alerts.shift.end') })).toBeVisible();
  await greetAll(board);
}

/** Someone's board at a station, on shift, quiet and live. */
export async function openBoard(board: Page, who: keyof typeof people, station: string): Promise<void> {
  await signIn(board, who, { station });
  if (new URL(board.url()).pathname !== '/board') {
    await board.getByRole('link', { name: words('common.nav.board'), exact: true }).click();
    await board.waitForURL('/board');
  }
  await startShift(board);
  await expect(lineIsLive(board)).toBeVisible();
}

/** The floor's tablet, and the restaurant's on its stand and on shift. */
export async function twoStations(
  device: OpenDevice,
  options: BrowserContextOptions = {},
): Promise<{ floor: Page; host: Page }> {
  const floor = await device({ ...options, ...upright });
  const host = await device(options);
  await signIn(floor, 'floor', { station: stations.floor });
  await openBoard(host, 'host', stations.restaurant);
  await expect(lineIsLive(floor)).toBeVisible();
  return { floor, host };
}

/** Signs out by the menu in the masthead. */
export async function signOut(page: Page): Promise<void> {
  await page.getByRole('banner').getByRole('group').locator('summary').click();
  await page.getByRole('button', { name: words('common.masthead.sign_out'), exact: true }).click();
}

/** What lets a device ring that is on no shift. */
export const ring = (page: Page): Locator => page.getByRole('button', { name: words('alerts.shift.let_ring') });

/** Counts the tones that a page makes. To be called before the page is opened. */
export async function countTones(page: Page): Promise<() => Promise<number>> {
  await page.addInitScript(() => {
    const { prototype } = BaseAudioContext;
    const { createOscillator } = prototype;
    const count = { tones: 0 };
    Object.assign(globalThis, { count });
    prototype.createOscillator = function (this: BaseAudioContext) {
      count.tones += 1;
      return createOscillator.call(this);
    };
  });
  return () => page.evaluate(() => (globalThis as unknown as { count: { tones: number } }).count.tones);
}

/** Turns the page's screen away from whoever stands before it, or back. */
export async function turn(page: Page, to: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate((to) => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => to });
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => to === 'hidden' });
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, to);
}

/** Waits until everything that is to be painted has been. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => requestAnimationFrame(done)))),
  );
}

/** Collects what a page asks of the house under `path`. */
export function asked(page: Page, path: string): string[] {
  const found: string[] = [];
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === path) found.push(request.postData() ?? '');
  });
  return found;
}
