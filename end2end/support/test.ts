import { test as base, expect, type BrowserContextOptions, type Page } from '@playwright/test';
import { Server } from './server.ts';
import { words } from './words.ts';

export { expect };

/** Opens a tablet of its own: its own cookies, its own station. */
export type OpenDevice = (options?: BrowserContextOptions) => Promise<Page>;

/** What no page may ever report: a script that broke, or something that the content policy had to stop. */
const BROKEN = /content security policy|panicked|unreachable|hydrat|uncaught/i;

export const test = base.extend<{ device: OpenDevice }, { program: 'shipped' | 'movable'; house: string; server: Server }>({
  // A file whose tests move the clock asks for the other one.
  program: ['shipped', { scope: 'worker', option: true }],

  // Files with the same word share a house. One whose clock was moved is of no use to another story.
  house: ['any', { scope: 'worker', option: true }],

  server: [
    async ({ program, house }, use, worker) => {
      const name = `${worker.project.name}-${house}-${worker.workerIndex}`;
      const server = await Server.start(name, program);
      await use(server);
      await server.stop();
    },
    { scope: 'worker', timeout: 120_000 },
  ],

  baseURL: async ({ server }, use) => use(server.url),

  device: async ({ browser }, use) => {
    const broken: string[] = [];
    await use(async (options) => {
      const context = await browser.newContext(options);
      context.on('weberror', (event) => broken.push(String(event.error())));
      context.on('console', (message) => {
        if (BROKEN.test(message.text())) broken.push(message.text());
      });
      return context.newPage();
    });
    await Promise.all(browser.contexts().map((context) => context.close()));
    expect(broken, 'what the pages reported').toEqual([]);
  },
});

/** The people of the demo house, by what they do. */
export const people = {
  reception: 'li',
  floor: 'wei',
  host: 'anna',
  concierge: 'marco',
  marketing: 'sofia',
  manager: 'clara',
  admin: 'ada',
} as const;

export const password = 'welcome-2-rapport';

/** Stations of the demo house. */
export const stations = {
  desk: 'Front desk',
  floor: 'Floors 1 to 9',
  upperFloor: 'Floors 10 to 18',
  restaurant: 'Restaurant',
  concierge: 'Concierge',
} as const;

/** The restaurant's telephone. */
export const restaurantExtension = '200';

/** Waits until the page is alive. Before that a tap is a plain form or link, which is tested without scripts. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator('html[data-hydrated="true"]').waitFor({ state: 'attached' });
}

/** Opens a page and waits until it is alive. */
export async function visit(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await hydrated(page);
}

/**
 * Signs in, and says where the device stands when it is asked or when `station` is given. Ends on the
 * page on which the role's work begins.
 */
export async function signIn(
  page: Page,
  role: keyof typeof people,
  { station, scripts = true }: { station?: string; scripts?: boolean } = {},
): Promise<void> {
  const settled = () => (scripts ? hydrated(page) : Promise.resolve());
  await page.goto('/sign-in');
  await settled();
  await page.getByLabel(words('staff.sign_in.login')).fill(people[role]);
  await page.getByLabel(words('staff.sign_in.password')).fill(password);
  await page.getByRole('button', { name: words('staff.sign_in.submit') }).click();
  await page.waitForURL((url) => !['/', '/sign-in'].includes(url.pathname));
  if (station) {
    if (new URL(page.url()).pathname !== '/station') await page.goto('/station');
    await settled();
    await page.getByRole('button', { name: station }).click();
    await page.waitForURL((url) => !['/', '/station'].includes(url.pathname));
  }
  await settled();
}
