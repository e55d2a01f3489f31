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
  openCard,
  wordPanel,
} from '../support/screens.ts';
import { asked, countTones, openBoard, painted, ring, startShift, turn, twoStations, upright } from '../support/tablets.ts';
import { expect, restaurantExtension, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// Nobody waits for two minutes here: the clock of this server can be moved.
test.use({ program: 'movable', house: 'live' });

const { restaurant, concierge, floor: lowerFloor, upperFloor, desk } = stations;
const sent = words('alerts.state.sent', { station: restaurant });
const onScreen = words('alerts.state.on_screen', { station: restaurant });
const nobody = words('alerts.presence.nobody', { station: restaurant, extension: restaurantExtension });

/** The manager's line about a station. */
const stationLine = (page: Page, station: string) =>
  page.getByRole('main').getByRole('listitem').filter({ hasText: station });

test('word that nobody acknowledges is carried further, step by step, until somebody does', async ({
  device,
  server,
}) => {
  const manager = await device();
  await signIn(manager, 'manager', { station: desk });
  await visit(manager, '/manage/alert-rules');
  const row = manager.getByRole('row').filter({ hasText: restaurant });
  await row.getByRole('link', { name: restaurant }).click();
  const rule = manager.locator('form').filter({ has: manager.getByRole('combobox') });
  const first = rule.getByLabel(words('alerts.rules.again_label'), { exact: true });
  await expect(first).toBeFocused();
  await expect(first).toBeInViewport();
  await rule.getByLabel(words('alerts.rules.backup_label'), { exact: true }).selectOption({ label: concierge });
  await rule.getByRole('button', { name: words('common.save') }).click();
  await expect(row.getByRole('cell', { name: concierge })).toBeVisible();

  const floor = await device(upright);
  const host = await device();
  const backup = await device();
  const tones = await countTones(host);
  const backupTones = await countTones(backup);
  await signIn(floor, 'floor', { station: lowerFloor });
  await openBoard(host, 'host', restaurant);
  await openBoard(backup, 'concierge', concierge);
  await visit(manager, '/manage/staff');
  await expect(lineIsLive(manager)).toBeVisible();

  const { muller } = guests;
  await comingDown(floor, muller.shown);
  const state = floorRow(floor, muller.shown);
  const card = boardCard(host, muller.shown);
  const copy = boardCard(backup, muller.shown);
  await expect(card).toHaveCount(1);
  await expect(state.getByText(onScreen)).toBeVisible();
  await expect(copy).toHaveCount(0);
  const [before, backupBefore] = [await tones(), await backupTones()];

  // 20 s: it chimes again, and the backup station has it too.
  await server.moveOn(21);
  await expect(card.getByText(words('alerts.tablet.copied', { station: concierge }))).toBeVisible();
  await expect(copy.getByText(words('alerts.tablet.copied_here', { station: restaurant }))).toBeVisible();
  await expect.poll(tones, 'tones at the restaurant').toBeGreaterThan(before);
  await expect.poll(backupTones, 'tones at the backup station').toBeGreaterThan(backupBefore);
  const address = await card.getByRole('heading').innerText();
  const values = { name: address, station: restaurant, extension: restaurantExtension };
  const told = words('alerts.tablet.duty', { ...values, kind: words('alerts.kind.coming_down') });
  await expect(manager.getByText(told)).toHaveCount(0);

  // 60 s: whoever manages reads it on every page.
  await server.moveOn(40);
  const band = manager.getByRole('alert').filter({ hasText: told });
  await expect(band).toBeVisible();
  await expect(band.getByRole('link', { name: words('alerts.tablet.open_board') })).toBeVisible();
  await expect(state.getByText(onScreen)).toBeVisible();

  // 120 s: the sender is told, with the telephone.
  await server.moveOn(60);
  await expect(state.getByText(words('alerts.state.unanswered', { extension: restaurantExtension }))).toBeVisible();
  const unanswered = floor.getByRole('alert').filter({ hasText: words('alerts.tablet.unanswered', values) });
  await expect(unanswered).toBeVisible();

  // Whoever is first ends it everywhere.
  await copy.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  const acknowledged = words('alerts.state.acknowledged', { name: 'Marco' });
  await expect(card.getByText(acknowledged)).toBeVisible();
  await expect(state.getByText(acknowledged)).toBeVisible();
  await expect(band).toHaveCount(0);
  await expect(unanswered).toHaveCount(0);
  await expect(card).toHaveCount(1);
  await expect(copy).toHaveCount(1);
  await greetAll(backup);
  await expect(card).toHaveCount(0);
});

test('whoever sends word reads before and after the tap whether anyone listens', async ({ device }) => {
  const floor = await device(upright);
  await signIn(floor, 'floor', { station: lowerFloor });
  const { zhang } = guests;
  await openCard(floor, zhang.room, zhang.shown);
  const panel = wordPanel(floor);
  // The table of all stations says the same once more, behind its own tap.
  const silent = panel.getByText(nobody).locator('visible=true');
  await expect(silent).toHaveCount(1);
  await expect(comingDownButton(floor)).toBeVisible();

  await comingDownButton(floor).click();
  await expect(panel.getByText(sent)).toBeVisible();
  await expect(silent).toHaveCount(1);

  const host = await device();
  await signIn(host, 'host', { station: restaurant });
  const listening = words('alerts.presence.listening', { station: restaurant, who: 'Anna' });
  await expect(panel.getByText(listening).locator('visible=true')).toHaveCount(1);
  await expect(silent).toHaveCount(0);
  await expect(panel.getByText(onScreen)).toBeVisible();

  const manager = await device();
  await signIn(manager, 'manager', { station: desk });
  await expect(stationLine(manager, restaurant)).toContainText('Anna');
  await startShift(host);
  await expect(panel.getByText(words('alerts.state.greeted', { name: 'Anna' }))).toBeVisible();

  await host.context().close();
  await expect(panel.getByText(nobody).locator('visible=true')).toHaveCount(1);
  await expect(stationLine(manager, restaurant)).not.toContainText('Anna');
});

test('it is on screen once somebody could see it, and its notification names no guest', async ({ device }) => {
  const floor = await device(upright);
  const host = await device({ permissions: ['notifications'] });
  await signIn(floor, 'floor', { station: lowerFloor });
  await openBoard(host, 'host', restaurant);
  await host.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  const reports = asked(host, '/api/displayed');
  await turn(host, 'hidden');

  const { oneill } = guests;
  await comingDown(floor, oneill.shown);
  const state = floorRow(floor, oneill.shown);
  await expect(boardCard(host, oneill.shown)).toHaveCount(1);
  await painted(host);
  expect(reports, 'reports of a screen that nobody sees').toEqual([]);
  await expect(state.getByText(sent)).toBeVisible();
  const shown = () =>
    host.evaluate(async () => {
      const worker = await navigator.serviceWorker.ready;
      return (await worker.getNotifications()).map(({ title, body }) => [title, body]);
    });
  await expect.poll(shown).toEqual([
    [words('alerts.tablet.word_for', { station: restaurant }), words('alerts.tablet.word_waiting', { number: '1' })],
  ]);

  await turn(host, 'visible');
  await expect(state.getByText(onScreen)).toBeVisible();
  expect(reports).toHaveLength(1);
  await expect.poll(shown).toEqual([]);
  await greetAll(host);
});

test('the next colleague sees what was left, and takes it over', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { zhang } = guests;
  await comingDown(floor, zhang.shown);
  await expect(boardCard(host, zhang.shown)).toHaveCount(1);
  await host.getByRole('link', { name: words('alerts.shift.end') }).click();
  await host.waitForURL('/board/end-shift');
  await expect(host.getByRole('region', { name: words('alerts.handover.open') })).toContainText(zhang.address);
  const note = 'Mr Zhang wants the window, table 12 is held for him.';
  await host.getByLabel(words('alerts.handover.note'), { exact: true }).fill(note);
  await host.getByRole('button', { name: words('alerts.handover.end') }).click();
  await host.waitForURL('/board');
  await expect(host.getByRole('button', { name: words('alerts.shift.start') })).toBeVisible();

  const next = await device();
  await signIn(next, 'manager', { station: restaurant });
  await visit(next, '/board');
  const said = words('alerts.handover.said', { name: 'Anna', at: '' }).trim();
  const left = (page: Page) => page.getByRole('region', { name: said });
  await expect(left(next)).toContainText(note);
  await expect(left(next)).toContainText(zhang.address);
  await expect(left(host)).toContainText(note);
  await left(next).getByRole('button', { name: words('alerts.handover.take') }).click();
  await expect(left(next)).toHaveCount(0);
  await expect(left(host)).toHaveCount(0);
  await next.reload();
  await expect(boardCard(next, zhang.shown)).toHaveCount(1);
  await expect(left(next)).toHaveCount(0);
  await greetAll(host);
});

test('a kind that a station has muted comes without a sound, and the manager knows', async ({ device }) => {
  const floor = await device(upright);
  const host = await device();
  const manager = await device();
  const tones = await countTones(host);
  await signIn(floor, 'floor', { station: lowerFloor });
  await openBoard(host, 'host', restaurant);
  await signIn(manager, 'manager', { station: desk });
  const kind = words('alerts.kind.coming_down');
  const muted = words('alerts.stations.quiet', { kinds: kind });
  await expect(stationLine(manager, restaurant)).not.toContainText(muted);

  const before = await tones();
  await comingDown(floor, guests.oneill.shown);
  await expect.poll(tones, 'tones while it is loud').toBeGreaterThan(before);
  await host.getByText(words('alerts.quiet.title'), { exact: true }).click();
  await host.getByRole('button', { name: words('alerts.quiet.mute', { kind }) }).click();
  await expect(host.getByRole('button', { name: words('alerts.quiet.unmute', { kind }) })).toBeVisible();
  await expect(stationLine(manager, restaurant)).toContainText(muted);

  const loud = await tones();
  await comingDown(floor, guests.muller.shown);
  const card = boardCard(host, guests.muller.shown);
  await expect(card).toContainText(words('alerts.tablet.quiet', { station: restaurant }));
  await expect(floorRow(floor, guests.muller.shown).getByText(onScreen)).toBeVisible();
  expect(await tones(), 'tones for what is muted').toBe(loud);

  await host.getByRole('button', { name: words('alerts.quiet.unmute', { kind }) }).click();
  await expect(stationLine(manager, restaurant)).not.toContainText(muted);
  await greetAll(host);
});

test('what two floors say of one guest is one card with both names', async ({ device, server }) => {
  const { floor, host } = await twoStations(device);
  const other = await device(upright);
  await signIn(other, 'reception', { station: upperFloor });
  const { zhang } = guests;
  await openCard(other, zhang.room, zhang.shown);
  await expect(comingDownButton(other)).toBeVisible();

  await comingDown(floor, zhang.shown);
  await expect(floorRow(floor, zhang.shown).getByText(arrivedAt(restaurant))).toBeVisible();
  await comingDownButton(other).click();
  const card = boardCard(host, zhang.shown);
  const both = ['Wei', 'Li'].join(words('alerts.presence.comma'));
  await expect(card).toContainText(words('alerts.board.from', { station: lowerFloor, name: both }));
  await expect(card).toHaveCount(1);
  await card.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  const acknowledged = words('alerts.state.acknowledged', { name: 'Anna' });
  await expect(floor.getByText(acknowledged)).toBeVisible();
  await expect(wordPanel(other).getByText(acknowledged)).toBeVisible();
  await greetAll(host);

  // What is said half a minute later is said again.
  await comingDown(floor, zhang.shown);
  await expect(card).toHaveCount(1);
  await server.moveOn(31);
  await comingDownButton(other).click();
  await expect(card).toHaveCount(2);
  await greetAll(host);
});

test('a shift can be heard, and its page says how many wait', async ({ device }) => {
  const floor = await device(upright);
  const host = await device();
  const tones = await countTones(host);
  await signIn(floor, 'floor', { station: lowerFloor });
  await signIn(host, 'host', { station: restaurant });
  await expect(host.getByRole('button', { name: words('alerts.shift.start') })).toBeVisible();
  expect(await tones(), 'tones before anyone has touched the page').toBe(0);
  await startShift(host);
  const soundOn = host.getByText(words('alerts.shift.sound_on'), { exact: true });
  await expect(soundOn).toBeVisible();
  await expect.poll(tones, 'tones of the trial').toBe(2);
  const title = `${words('alerts.board.title')} · ${words('common.brand')}`;
  await expect(host).toHaveTitle(title);
  const icon = host.locator('link[rel="icon"]');
  await expect(icon).toHaveAttribute('href', '/favicon.svg');

  await comingDown(floor, guests.oneill.shown);
  await expect(host).toHaveTitle(`(1) ${title}`);
  await expect(icon).toHaveAttribute('href', '/icons/badge-1.svg');
  await expect.poll(tones, 'tones of the first card').toBe(4);
  await comingDown(floor, guests.muller.shown);
  await expect(host).toHaveTitle(`(2) ${title}`);

  // Loaded anew, nobody has touched the page: it says that it cannot be heard, until somebody does.
  await host.reload();
  await expect(host.getByText(words('alerts.shift.muted'), { exact: true })).toBeVisible();
  await host.getByRole('button', { name: words('alerts.shift.turn_on') }).click();
  await expect(soundOn).toBeVisible();

  await greetAll(host);
  await expect(host).toHaveTitle(title);
  await expect(icon).toHaveAttribute('href', '/favicon.svg');
});

test('the sound stays on from the board to another page and back', async ({ device }) => {
  const floor = await device(upright);
  const host = await device();
  const tones = await countTones(host);
  await signIn(floor, 'floor', { station: lowerFloor });
  await openBoard(host, 'host', restaurant);
  const soundOn = host.getByText(words('alerts.shift.sound_on'), { exact: true });
  await expect(soundOn).toBeVisible();
  const nav = host.getByRole('navigation', { name: words('common.nav.label') });
  const heard = await tones();

  await nav.getByRole('link', { name: words('common.nav.guests') }).click();
  await host.waitForURL('/guests');
  await comingDown(floor, guests.oneill.shown);
  await expect.poll(tones, 'tones on a page that shows no board').toBe(heard + 2);

  await nav.getByRole('link', { name: words('common.nav.board') }).click();
  await expect(boardCard(host, guests.oneill.shown)).toHaveCount(1);
  await expect(host.getByRole('link', { name: words('alerts.shift.end') })).toBeVisible();
  // Nobody touches the board before the next word comes: a touch would give the sound back.
  await comingDown(floor, guests.muller.shown);
  await expect(boardCard(host, guests.muller.shown)).toHaveCount(1);
  await expect(soundOn).toBeVisible();
  await expect(host.getByRole('button', { name: words('alerts.shift.turn_on') })).toHaveCount(0);
  await expect.poll(tones, 'tones back on the board').toBe(heard + 4);
  await greetAll(host);
});

test('a manager without a station is told on every page, and may let the device ring', async ({ device, server }) => {
  const manager = await device();
  const floor = await device(upright);
  const tones = await countTones(manager);
  const senderTones = await countTones(floor);
  // She is asked where the device stands, and goes on without saying so.
  await signIn(manager, 'manager');
  await visit(manager, '/manage');
  await expect(lineIsLive(manager)).toBeVisible();
  await signIn(floor, 'floor', { station: lowerFloor });
  for (const [page, heard] of [
    [manager, tones],
    [floor, senderTones],
  ] as const) {
    await ring(page).click();
    await expect(ring(page)).toHaveCount(0);
    await expect.poll(heard, 'tones of the trial').toBe(2);
  }
  const title = await manager.title();
  const { oneill } = guests;
  await comingDown(floor, oneill.shown);
  const state = floorRow(floor, oneill.shown);
  await expect(state.getByText(sent)).toBeVisible();
  await server.moveOn(61);
  const kind = words('alerts.kind.coming_down');
  const band = manager.getByRole('alert').filter({ hasText: kind }).filter({ hasText: restaurant });
  await expect(band).toBeVisible();
  await expect(manager).toHaveTitle(`(1) ${title}`);
  // What stands under the band says the same as the band.
  await expect(manager.getByRole('main')).toContainText(words('house.manage.unanswered_alerts_one', { count: '1' }));
  await expect(manager.getByText(words('house.manage.nothing_waits'))).toHaveCount(0);
  await expect.poll(tones, 'tones of the band').toBeGreaterThan(2);
  await server.moveOn(60);
  await expect(floor.getByRole('alert').filter({ hasText: restaurant })).toBeVisible();
  await expect.poll(senderTones, 'tones of what nobody answered').toBeGreaterThan(2);
  await state.getByRole('button', { name: words('alerts.raise.withdraw') }).click();
  await expect(band).toHaveCount(0);
});
