import { type Page } from '@playwright/test';
import { boardCard, comingDown, floorRow, greetAll, guests, lineIsLive } from '../support/screens.ts';
import { signOut, twoStations } from '../support/tablets.ts';
import { expect, hydrated, stations, test } from '../support/test.ts';
import { words } from '../support/words.ts';

const { restaurant } = stations;
const what = words('alerts.raise.kind_to', { kind: words('alerts.kind.coming_down'), station: restaurant });
const waiting = words('alerts.queue.waiting', { what });

/** The session that this device is still to end, if any. */
const left = (page: Page): Promise<string | null> => page.evaluate(() => localStorage.getItem('rapport.leaving'));

/** The same of a page that may be on its way to another one just then. */
const leftByNow = (page: Page): Promise<string | null> => left(page).catch(() => 'on its way');

/** How many taps the device keeps. */
const keptTaps = (page: Page): Promise<number> =>
  page.evaluate(
    () =>
      new Promise<number>((done, failed) => {
        const opening = indexedDB.open('rapport');
        opening.onerror = () => failed(opening.error);
        opening.onsuccess = () => {
          const counting = opening.result.transaction('queue').objectStore('queue').count();
          counting.onsuccess = () => {
            opening.result.close();
            done(counting.result);
          };
        };
      }),
  );

test('signing out does not wait for a line that swallows what is said', async ({ device }) => {
  const { floor } = await twoStations(device);
  // Never answered.
  await floor.context().route('**/api/who_am_i', () => undefined);
  await signOut(floor);
  await expect(floor.getByLabel(words('staff.sign_in.password'))).toBeVisible();
  await expect.poll(() => leftByNow(floor)).toBe(null);
  await floor.context().unroute('**/api/who_am_i');
  await floor.goto('/floor');
  await expect(floor.getByLabel(words('staff.sign_in.password')), 'nobody is signed in').toBeVisible();
});

test('whoever has left before takes nobody along who has signed in since', async ({ device }) => {
  const { floor } = await twoStations(device);
  await floor.evaluate(() => localStorage.setItem('rapport.leaving', 'a session that has ended'));
  await floor.reload();
  await hydrated(floor);
  await expect.poll(() => leftByNow(floor)).toBe(null);
  await floor.reload();
  await expect(lineIsLive(floor)).toBeVisible();
  expect(new URL(floor.url()).pathname).toBe('/floor');
});

test('what cannot be deleted at signing out is said, and whoever stays goes on with it', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { oneill } = guests;
  await floor.context().route('**/api/raise', (route) => route.abort('internetdisconnected'));
  const row = floorRow(floor, oneill.shown);
  await comingDown(floor, oneill.shown);
  await expect(row.getByText(waiting)).toBeVisible();
  await floor.evaluate(() => {
    const { prototype } = IDBObjectStore;
    const intact = prototype.delete;
    prototype.delete = () => {
      throw new DOMException('The disk is broken.', 'UnknownError');
    };
    Object.assign(globalThis, { mend: () => (prototype.delete = intact) });
  });
  await signOut(floor);
  const question = floor.getByRole('dialog', { name: words('alerts.queue.sign_out_title') });
  await question.getByRole('button', { name: words('alerts.queue.delete') }).click();
  await expect(question.getByRole('alert')).toHaveText(words('alerts.queue.not_deleted'));
  await expect(question.getByRole('button', { name: words('alerts.queue.leave_it') })).toBeVisible();
  expect(await left(floor), 'nobody has left').toBe(null);

  await floor.evaluate(() => (globalThis as unknown as { mend: () => void }).mend());
  await floor.context().unroute('**/api/raise');
  await question.getByRole('button', { name: words('alerts.queue.stay') }).click();
  await expect(question).toBeHidden();
  await expect(boardCard(host, oneill.shown)).toHaveCount(1);
  await greetAll(host);
});

test('what was deleted at signing out is not written back by a store that opens late', async ({ device }) => {
  const { floor } = await twoStations(device);
  await floor.context().route('**/api/raise', (route) => route.abort('internetdisconnected'));
  await floor.evaluate(() => {
    // The browser has closed the store, as some do while a tablet sleeps.
    const { transaction } = IDBDatabase.prototype;
    IDBDatabase.prototype.transaction = () => {
      IDBDatabase.prototype.transaction = transaction;
      throw new DOMException('It is closed.', 'InvalidStateError');
    };
    // And it takes its time to open it again, once.
    const { open } = IDBFactory.prototype;
    const { set } = Object.getOwnPropertyDescriptor(IDBRequest.prototype, 'onsuccess')!;
    const held: (() => void)[] = [];
    IDBFactory.prototype.open = function (this: IDBFactory, ...asked: Parameters<IDBFactory['open']>) {
      IDBFactory.prototype.open = open;
      const request = open.apply(this, asked);
      Object.defineProperty(request, 'onsuccess', {
        configurable: true,
        set(heard: ((event: Event) => void) | null) {
          set!.call(request, heard && ((event: Event) => held.push(() => heard.call(request, event))));
        },
      });
      return request;
    };
    Object.assign(globalThis, { release: () => held.forEach((hear) => hear()) });
  });
  await comingDown(floor, guests.oneill.shown);
  await signOut(floor);
  // The page is not left before it has been looked at.
  let goOn: () => void = () => undefined;
  const seen = new Promise<void>((done) => {
    goOn = () => done();
  });
  await floor.context().route('**/api/who_am_i', async (route) => {
    await seen;
    await route.continue();
  });
  const leaving = floor.waitForRequest('**/api/who_am_i');
  const question = floor.getByRole('dialog', { name: words('alerts.queue.sign_out_title') });
  await question.getByRole('button', { name: words('alerts.queue.delete') }).click();
  await leaving;
  await floor.evaluate(() => (globalThis as unknown as { release: () => void }).release());
  const kept = await keptTaps(floor);
  goOn();
  expect(kept, 'taps that the device keeps').toBe(0);
  await expect(floor.getByLabel(words('staff.sign_in.password'))).toBeVisible();
});

test('what one tab deletes at signing out, another one neither writes back nor sends', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { oneill } = guests;
  const other = await floor.context().newPage();
  await other.goto('/floor');
  await expect(lineIsLive(other)).toBeVisible();
  // The answer comes late, and there is no line by then.
  let fail: () => void = () => undefined;
  const late = new Promise<void>((done) => {
    fail = () => done();
  });
  await floor.context().route('**/api/raise', async (route) => {
    await late;
    await route.abort('internetdisconnected');
  });
  const row = floorRow(other, oneill.shown);
  await comingDown(other, oneill.shown);
  await expect(row.getByText(waiting)).toBeVisible();
  // There is no room for word that the other tab is to be closed.
  await floor.evaluate(() => {
    const { setItem } = Storage.prototype;
    Storage.prototype.setItem = function (this: Storage, name: string, value: string) {
      if (name !== 'rapport.leaving') setItem.call(this, name, value);
    };
  });
  await floor.context().route('**/api/who_am_i', () => undefined);
  await signOut(floor);
  const question = floor.getByRole('dialog', { name: words('alerts.queue.sign_out_title') });
  await question.getByRole('button', { name: words('alerts.queue.delete') }).click();
  await expect(row.getByText(waiting)).toHaveCount(0);
  const failed = other.waitForEvent('requestfailed', (request) => request.url().includes('/api/raise'));
  fail();
  await failed;
  // What the page does about it has been done by the time it is asked something else.
  await other.evaluate(() => new Promise((done) => setTimeout(done)));
  expect(await keptTaps(other), 'taps that the device keeps').toBe(0);
  await floor.context().unroute('**/api/raise');
  await expect(boardCard(host, oneill.shown)).toHaveCount(0);
});
