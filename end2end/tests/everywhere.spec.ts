import { type Page } from '@playwright/test';
import { boardCard, comingDown, floorRow, greetAll, guests, lineIsLive, openCard } from '../support/screens.ts';
import { openBoard, ring, twoStations, upright } from '../support/tablets.ts';
import { expect, hydrated, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// Nobody waits for a minute here: the clock of this server can be moved.
test.use({ program: 'movable', house: 'everywhere' });

const { restaurant, concierge, floor: lowerFloor, desk } = stations;
const sent = words('alerts.state.sent', { station: restaurant });

test('a manager without a station answers from the board', async ({ device, server }) => {
  const manager = await device();
  const floor = await device(upright);
  await signIn(manager, 'manager');
  await visit(manager, '/manage');
  await expect(lineIsLive(manager)).toBeVisible();
  await signIn(floor, 'floor', { station: lowerFloor });
  const { muller } = guests;
  await comingDown(floor, muller.shown);
  const state = floorRow(floor, muller.shown);
  await expect(state.getByText(sent)).toBeVisible();
  await server.moveOn(61);
  const band = manager.getByRole('alert').filter({ hasText: restaurant });
  await band.getByRole('link', { name: words('alerts.tablet.open_board') }).click();
  await manager.waitForURL('/board');
  await expect(manager.getByRole('heading', { name: words('alerts.board.anywhere') })).toBeVisible();
  const card = boardCard(manager, muller.shown);
  await expect(card).toContainText(words('alerts.raise.to', { station: restaurant }));
  await card.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  await expect(state.getByText(words('alerts.state.acknowledged', { name: 'Clara' }))).toBeVisible();
  await expect(band).toHaveCount(0);
  await greetAll(manager);
  await expect(state.getByText(words('alerts.state.greeted', { name: 'Clara' }))).toBeVisible();
});

test('word for a station on shift is answered from any page', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { oneill } = guests;
  const nav = host.getByRole('navigation', { name: words('common.nav.label') });
  await nav.getByRole('link', { name: words('common.nav.guests') }).click();
  await host.waitForURL('/guests');
  const band = host.getByRole('region', { name: words('alerts.tablet.band') });
  await expect(band, 'an empty band is no landmark').toHaveCount(0);
  await comingDown(floor, oneill.shown);
  await expect(band).toContainText(oneill.address);
  await band.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  await expect(
    floorRow(floor, oneill.shown).getByText(words('alerts.state.acknowledged', { name: 'Anna' })),
  ).toBeVisible();
  await expect(band, 'nothing is left to be found on the way through the page').toHaveCount(0);
  await nav.getByRole('link', { name: words('common.nav.board') }).click();
  await expect(boardCard(host, oneill.shown)).toHaveCount(1);
  await expect(band).toHaveCount(0);
  await greetAll(host);
});

test('a device that cannot be heard says so on every page', async ({ device }) => {
  const page = await device();
  await signIn(page, 'reception', { station: desk });
  await expect(ring(page)).toBeVisible();
  await openCard(page, guests.zhang.room, guests.zhang.shown);
  await expect(ring(page)).toHaveCount(1);
  await ring(page).click();
  await expect(ring(page)).toHaveCount(0);
});

test('the tabs of a device stand at one station, and lose nothing that was typed', async ({ device }) => {
  const list = await device();
  await signIn(list, 'reception', { station: desk });
  const form = await list.context().newPage();
  await visit(form, '/guests/new');
  const name = form.getByLabel(words('guests.form.last'), { exact: true });
  await name.fill('Half a name');
  const stands = (page: Page, station: string) => page.getByRole('banner').getByText(station, { exact: true });
  await expect(stands(list, desk)).toBeVisible();
  await expect(stands(form, desk)).toBeVisible();

  const chosen = await list.context().newPage();
  await visit(chosen, '/station');
  await chosen.getByRole('button', { name: concierge }).click();
  await chosen.waitForURL((url) => url.pathname !== '/station');
  await expect(stands(chosen, concierge)).toBeVisible();
  await expect(stands(list, concierge)).toBeVisible();
  await expect(stands(form, concierge)).toBeVisible();
  await expect(name).toHaveValue('Half a name');

  // Its line is the new station's too: word for that station is heard there.
  await expect(lineIsLive(form)).toBeVisible();
  await form.getByRole('navigation', { name: words('common.nav.label') }).getByRole('link').first().click();
  await form.waitForURL((url) => url.pathname !== '/guests/new');
  await hydrated(form);
  await expect(stands(form, concierge)).toBeVisible();
});

test('a board that could not be loaded again is asked for again', async ({ device }) => {
  const { host } = await twoStations(device);
  const other = await device();
  await openBoard(other, 'manager', restaurant);
  let asked = 0;
  await host.context().route('**/api/board', async (route) => {
    asked += 1;
    if (asked > 1) return route.continue();
    return route.fulfill({ status: 500, contentType: 'application/json', body: JSON.stringify({ Internal: '1a2b3c4d' }) });
  });
  const kind = words('alerts.kind.coming_down');
  await other.getByText(words('alerts.quiet.title'), { exact: true }).click();
  await other.getByRole('button', { name: words('alerts.quiet.mute', { kind }) }).click();
  await expect(host.getByText(words('alerts.quiet.some_one', { count: '1' }), { exact: true })).toBeVisible();
  expect(asked, 'times that the board was asked for').toBeGreaterThan(1);
  await other.getByRole('button', { name: words('alerts.quiet.unmute', { kind }) }).click();
  await expect(host.getByText(words('alerts.quiet.title'), { exact: true })).toBeVisible();
});
