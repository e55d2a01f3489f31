import { type Page } from '@playwright/test';
import {
  arrivedAt,
  boardCard,
  comingDown,
  comingDownButton,
  floorRow,
  greetAll,
  guests,
  lineIsLive,
  lineIsLost,
  openCard,
  wordPanel,
} from '../support/screens.ts';
import { Server } from '../support/server.ts';
import { asked, countTones, openBoard, signOut, twoStations, upright } from '../support/tablets.ts';
import { expect, hydrated, restaurantExtension, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

const { restaurant, floor: lowerFloor } = stations;
const what = words('alerts.raise.kind_to', { kind: words('alerts.kind.coming_down'), station: restaurant });
const waiting = words('alerts.queue.waiting', { what });

/** Waits until the page is one that the service worker stands behind. */
async function shellIsKept(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (navigator.serviceWorker.controller) return;
    await new Promise((done) => navigator.serviceWorker.addEventListener('controllerchange', done, { once: true }));
  });
}

test('a server that is killed and started again loses nothing and shows nothing twice', async ({ device }) => {
  const server = await Server.start('killed');
  try {
    const floor = await device({ baseURL: server.url, ...upright });
    const host = await device({ baseURL: server.url });
    const tones = await countTones(host);
    // So that the test need not wait for as long as a board trusts a silent line.
    await host.clock.install();
    await signIn(floor, 'floor', { station: lowerFloor });
    await openBoard(host, 'host', restaurant);
    await expect(lineIsLive(floor)).toBeVisible();
    await comingDown(floor, guests.zhang.shown);
    await expect(boardCard(host, guests.zhang.shown)).toHaveCount(1);
    await expect(floorRow(floor, guests.zhang.shown).getByText(arrivedAt(restaurant))).toBeVisible();
    const before = await tones();

    await server.kill();
    await host.clock.fastForward(30_000);
    await expect(lineIsLost(host)).toBeVisible();
    // The band does not lie over the way out.
    await host.getByRole('banner').getByRole('group').locator('summary').click();
    const out = host.getByRole('button', { name: words('common.masthead.sign_out'), exact: true });
    await out.click({ trial: true });
    await host.getByRole('banner').getByRole('group').locator('summary').click();
    await comingDown(floor, guests.oneill.shown);
    await expect(floorRow(floor, guests.oneill.shown).getByText(waiting)).toBeVisible();
    await expect(boardCard(host, guests.zhang.shown)).toHaveCount(1);

    await server.startAgain();
    await expect(lineIsLive(host)).toBeVisible({ timeout: 30_000 });
    await expect(lineIsLost(host)).toHaveCount(0);
    await expect(boardCard(host, guests.oneill.shown)).toHaveCount(1, { timeout: 30_000 });
    await expect(floorRow(floor, guests.oneill.shown).getByText(arrivedAt(restaurant))).toBeVisible();
    await comingDown(floor, guests.muller.shown);
    for (const guest of [guests.zhang, guests.oneill, guests.muller]) {
      await expect(boardCard(host, guest.shown)).toHaveCount(1);
    }
    await expect(host.getByRole('article')).toHaveCount(3);
    expect(await tones(), 'two tones for each new card, none for the one that was there').toBe(before + 4);
    await greetAll(host);
    await expect(
      floorRow(floor, guests.zhang.shown).getByText(words('alerts.state.greeted', { name: 'Anna' })),
    ).toBeVisible();
  } finally {
    await server.remove();
  }
});

test('what was tapped without network outlives the page, and is sent once', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { oneill } = guests;
  const card = await openCard(floor, oneill.room, oneill.shown);
  await expect(comingDownButton(floor)).toBeVisible();
  await shellIsKept(floor);

  await floor.context().setOffline(true);
  await comingDownButton(floor).click();
  await expect(floor.getByText(waiting)).toBeVisible();
  await floor.reload();
  await expect(floor.getByRole('heading', { name: 'The house cannot be reached' })).toBeVisible();
  await expect(floor.getByText('1 tap waits on this device for the network.')).toBeVisible();
  await expect(floor.getByText('1 toque espera la red en este dispositivo.')).toBeVisible();
  await expect(floor.getByText('本设备有1项操作等待网络。')).toBeVisible();
  await expect(floor.getByText('was not sent')).toBeHidden();
  await expect(host.getByRole('article')).toHaveCount(0);

  // The page comes back by itself, and sends what it finds.
  const raised = asked(floor, '/api/raise');
  await floor.context().setOffline(false);
  await hydrated(floor);
  expect(new URL(floor.url()).pathname).toBe(card);
  await expect(wordPanel(floor).getByText(arrivedAt(restaurant))).toBeVisible();
  await expect(boardCard(host, oneill.shown)).toHaveCount(1);
  expect(raised).toHaveLength(1);
  await greetAll(host);
});

test('whoever signs out is asked about what has not been sent, and nobody sends it after', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { oneill } = guests;
  await floor.context().route('**/api/raise', (route) => route.abort('internetdisconnected'));
  await openCard(floor, oneill.room, oneill.shown);
  await comingDownButton(floor).click();
  await expect(floor.getByText(waiting)).toBeVisible();
  await floor.reload();
  await hydrated(floor);
  await expect(floor.getByText(waiting)).toBeVisible();
  await expect(comingDownButton(floor)).toBeDisabled();

  await signOut(floor);
  const question = floor.getByRole('dialog', { name: words('alerts.queue.sign_out_title') });
  await expect(question).toContainText(words('alerts.queue.sign_out_text_one', { count: '1' }));
  await question.getByRole('button', { name: words('alerts.queue.stay') }).click();
  await expect(question).toBeHidden();
  await expect(floor.getByText(waiting)).toBeVisible();
  await floor.getByRole('button', { name: words('common.masthead.sign_out'), exact: true }).click();
  await question.getByRole('button', { name: words('alerts.queue.delete') }).click();
  // Whoever comes next begins at the beginning, not on the page of the colleague before.
  await floor.waitForURL((url) => url.pathname === '/sign-in' && url.search === '');
  await hydrated(floor);

  await floor.context().unroute('**/api/raise');
  const raised = asked(floor, '/api/raise');
  await signIn(floor, 'floor');
  await openCard(floor, oneill.room, oneill.shown);
  await expect(lineIsLive(floor)).toBeVisible();
  await expect(comingDownButton(floor)).toBeEnabled();
  await expect(floor.getByText(waiting)).toHaveCount(0);
  await expect(host.getByRole('article')).toHaveCount(0);
  expect(raised).toEqual([]);
});

test('whoever signs out without network leaves nothing behind, and is signed out when it is back', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { oneill } = guests;
  await openCard(floor, oneill.room, oneill.shown);
  await expect(comingDownButton(floor)).toBeVisible();
  await shellIsKept(floor);
  await floor.context().setOffline(true);
  await comingDownButton(floor).click();
  await expect(floor.getByText(waiting)).toBeVisible();
  await signOut(floor);
  const question = floor.getByRole('dialog', { name: words('alerts.queue.sign_out_title') });
  await question.getByRole('button', { name: words('alerts.queue.delete') }).click();
  await expect(floor.getByRole('heading', { name: 'The house cannot be reached' })).toBeVisible();
  await expect(floor.getByText(oneill.shown)).toHaveCount(0);
  await expect(floor.getByText('waits on this device'), 'what was tapped has been deleted').toBeHidden();

  const raised = asked(floor, '/api/raise');
  await floor.context().setOffline(false);
  await expect(floor.getByLabel(words('staff.sign_in.password'))).toBeVisible();
  await floor.goto('/floor');
  await expect(floor.getByLabel(words('staff.sign_in.password')), 'nobody is signed in').toBeVisible();
  expect(raised).toEqual([]);
  await expect(host.getByRole('article')).toHaveCount(0);
});

test('word that may have arrived is not overtaken by taking it back', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { muller } = guests;
  const row = floorRow(floor, muller.shown);
  const order: string[] = [];
  floor.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (['/api/raise', '/api/withdraw'].includes(pathname)) order.push(pathname);
  });
  // Whether this arrives the tablet cannot know.
  await floor.context().route('**/api/raise', (route) => route.abort('internetdisconnected'));
  await comingDown(floor, muller.shown);
  await expect(row.getByText(waiting)).toBeVisible();
  await row.getByRole('button', { name: words('alerts.raise.withdraw') }).click();
  const takingBack = words('alerts.queue.waiting', { what: words('alerts.raise.withdraw') });
  await expect(row.getByText(takingBack)).toBeVisible();
  await expect(row.getByText(waiting), 'only that is shown of it').toHaveCount(0);
  expect(order).not.toContain('/api/withdraw');

  await floor.context().unroute('**/api/raise');
  await expect(row.getByText(words('alerts.state.withdrawn', { name: 'Wei' }))).toBeVisible({ timeout: 20_000 });
  expect(order.slice(-2), 'first what is to be taken back, then that it is').toEqual(['/api/raise', '/api/withdraw']);
  await expect(row.getByText(takingBack)).toHaveCount(0);
  await expect(host.getByRole('article')).toHaveCount(0);
});

test('what has waited for five minutes is not sent, and says so', async ({ device }) => {
  const floor = await device(upright);
  await floor.clock.install();
  const host = await device();
  await signIn(floor, 'floor', { station: lowerFloor });
  await openBoard(host, 'host', restaurant);
  const { muller } = guests;
  const row = floorRow(floor, muller.shown);
  await floor.context().setOffline(true);
  await comingDown(floor, muller.shown);
  await expect(row.getByText(waiting)).toBeVisible();

  const raised = asked(floor, '/api/raise');
  await floor.clock.fastForward(5 * 60_000);
  const late = row.getByRole('alert').filter({ hasText: words('alerts.queue.too_old', { what }) });
  await expect(late).toContainText(words('alerts.queue.call', { station: restaurant, extension: restaurantExtension }));
  await floor.context().setOffline(false);
  await expect(lineIsLive(floor)).toBeVisible();
  await expect(late).toBeVisible();
  expect(raised, 'sent after five minutes').toEqual([]);
  await expect(host.getByRole('article')).toHaveCount(0);

  await late.getByRole('button', { name: words('alerts.queue.raise_anew') }).click();
  await expect(boardCard(host, muller.shown)).toHaveCount(1);
  await expect(late).toHaveCount(0);
  expect(raised).toHaveLength(1);
  await greetAll(host);
});

test('answers that are tapped without network arrive in their order', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { zhang } = guests;
  await comingDown(floor, zhang.shown);
  const card = boardCard(host, zhang.shown);
  await expect(card).toHaveCount(1);
  await host.context().setOffline(true);
  await card.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  await expect(card.getByText(words('alerts.queue.waiting', { what: words('alerts.answer.got_it') }))).toBeVisible();
  await card.getByRole('button', { name: words('alerts.answer.greeted') }).click();
  await expect(card.getByText(words('alerts.queue.waiting', { what: words('alerts.answer.greeted') }))).toBeVisible();
  await host.context().setOffline(false);
  await expect(
    floorRow(floor, zhang.shown).getByText(words('alerts.state.greeted', { name: 'Anna' })),
  ).toBeVisible();
  await expect(card).toHaveCount(0);
});

test('the application can be installed, and keeps no guest on the device', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { zhang } = guests;
  await shellIsKept(host);
  await shellIsKept(floor);
  await comingDown(floor, zhang.shown);
  await expect(boardCard(host, zhang.shown)).toHaveCount(1);
  await greetAll(host);
  await openCard(host, zhang.room, zhang.shown);
  await visit(host, '/guests');
  await visit(host, '/board');

  const link = host.locator('link[rel="manifest"]');
  await expect(link).toHaveAttribute('href', '/manifest.webmanifest');
  const answer = await host.request.get('/manifest.webmanifest');
  expect(answer.headers()['content-type']).toContain('application/manifest+json');
  const manifest = (await answer.json()) as {
    name: string;
    display: string;
    start_url: string;
    icons: { src: string; sizes: string; type: string; purpose: string }[];
  };
  expect(manifest).toMatchObject({ name: 'Rapport', display: 'standalone', start_url: '/' });
  expect(manifest.icons.map(({ sizes, purpose }) => `${purpose} ${sizes}`).sort()).toEqual([
    'any 192x192',
    'any 512x512',
    'maskable 192x192',
    'maskable 512x512',
  ]);
  for (const { src, type } of manifest.icons) {
    const icon = await host.request.get(src);
    expect([icon.status(), icon.headers()['content-type']], src).toEqual([200, type]);
  }

  const kept = await host.evaluate(async () => {
    const found: { path: string; body: string }[] = [];
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const { pathname, search } = new URL(request.url);
        found.push({ path: pathname + search, body: (await (await cache.match(request))?.text()) ?? '' });
      }
    }
    return found;
  });
  const shell = /^\/(offline\.(html|js)|favicon\.svg|manifest\.webmanifest|icons\/[a-z0-9-]+\.(svg|png)|pkg\/rapport\.(js|wasm|css))$/;
  expect(kept.map(({ path }) => path)).toContain('/offline.html');
  expect(kept.filter(({ path }) => !shell.test(path)).map(({ path }) => path)).toEqual([]);
  // Nothing of him stands in the application itself, as his names do, which are an example on a form.
  const telling = ['Table 12, by the window', 'Jasmine tea'];
  expect(kept.filter(({ body }) => telling.some((text) => body.includes(text))).map(({ path }) => path)).toEqual([]);
});

test('the page that stands in for a lost house is as new as the house', async ({ device }) => {
  const floor = await device(upright);
  await signIn(floor, 'floor', { station: lowerFloor });
  await shellIsKept(floor);
  const kept = () => floor.evaluate(async () => (await (await caches.match('/offline.html'))?.text()) ?? '');
  await expect.poll(kept).toContain('The house cannot be reached');
  const fresh = await kept();
  await floor.evaluate(async () => {
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      if (await cache.match('/offline.html')) await cache.put('/offline.html', new Response('of an older version'));
    }
  });
  expect(await kept()).toBe('of an older version');
  await floor.reload();
  await expect.poll(kept).toBe(fresh);
});

test('a stand-in page that was renewed by half is never shown', async ({ device }) => {
  const floor = await device(upright);
  await signIn(floor, 'floor', { station: lowerFloor });
  await shellIsKept(floor);
  // The renewal was cut short: the tablet was switched off in the middle of it.
  await floor.evaluate(async () => {
    const cut = await caches.open('rapport-reserve-9999999999999');
    await cut.put('/offline.html', new Response('half of another version', { headers: { 'content-type': 'text/html' } }));
  });
  await floor.context().setOffline(true);
  await floor.reload();
  await expect(floor.getByRole('heading', { level: 1 })).toHaveText('The house cannot be reached');
  // The next look at the house of this page has it there again, and so has the next renewal.
  await floor.context().setOffline(false);
  await expect(lineIsLive(floor)).toBeVisible({ timeout: 30_000 });
  await floor.evaluate(async () => {
    const [name] = (await caches.keys()).filter((name) => name.startsWith('rapport-reserve-')).sort();
    await (await caches.open(name!)).put('/offline.html', new Response('of an older version'));
  });
  await floor.reload();
  const kept = () =>
    floor.evaluate(async () => {
      const names = (await caches.keys()).filter((name) => name.startsWith('rapport-reserve-'));
      const paths = await Promise.all(names.map(async (name) => (await (await caches.open(name)).keys()).length));
      const text = (await (await caches.match('/offline.html'))?.text()) ?? '';
      return `${paths.join(' ')} ${text.includes('The house cannot be reached')}`;
    });
  await expect.poll(kept, 'one reserve, and whole').toBe('2 true');
});
