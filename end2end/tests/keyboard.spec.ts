import { type Locator, type Page } from '@playwright/test';
import { boardCard, comingDown, find, floorRow, guests } from '../support/screens.ts';
import { twoStations } from '../support/tablets.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

/** More steps than any of these pages has. */
const STEPS = 80;

/** Goes on with the Tab key until it stands on something. */
async function tabTo(page: Page, goal: Locator, what: string): Promise<void> {
  await expect(goal).toBeEnabled();
  for (let step = 0; step < STEPS; step += 1) {
    if (await goal.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${what} cannot be reached with the Tab key`);
}

test('a board is answered by keyboard alone, and the keyboard never loses its place', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { zhang, muller } = guests;
  const [first, second] = [boardCard(host, zhang.shown), boardCard(host, muller.shown)];
  await comingDown(floor, zhang.shown);
  await expect(first).toHaveCount(1);
  await comingDown(floor, muller.shown);
  await expect(second).toHaveCount(1);
  const gotIt = (card: Locator) => card.getByRole('button', { name: words('alerts.answer.got_it') });
  const greeted = (card: Locator) => card.getByRole('button', { name: words('alerts.answer.greeted') });

  // The newest stands first. What can be said next about it is where the keyboard goes.
  await tabTo(host, gotIt(second), 'the newest ticket');
  await host.keyboard.press('Enter');
  await expect(greeted(second)).toBeFocused();
  await tabTo(host, second.locator('summary').filter({ hasText: words('alerts.answer.seat') }), 'the choice of a table');
  await host.keyboard.press('Enter');
  await expect(second.getByLabel(words('alerts.answer.table'), { exact: true })).toBeFocused();
  await host.keyboard.type('12');
  await host.keyboard.press('Enter');
  await expect(second).toHaveCount(0);
  await expect(floorRow(floor, muller.shown).getByText(words('alerts.state.seated', { table: '12' }))).toBeVisible();

  // The ticket that takes its place, and after the last one the heading of the board.
  await expect(gotIt(first)).toBeFocused();
  await host.keyboard.press('Enter');
  await expect(greeted(first)).toBeFocused();
  await host.keyboard.press('Enter');
  await expect(first).toHaveCount(0);
  await expect(floorRow(floor, zhang.shown).getByText(words('alerts.state.greeted', { name: 'Anna' }))).toBeVisible();
  await expect(host.getByRole('heading', { name: stations.restaurant, level: 1 })).toBeFocused();
});

test('whoever works in another ticket is not called away from it by a colleague', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { zhang, muller } = guests;
  for (const guest of [zhang, muller]) {
    await comingDown(floor, guest.shown);
    await expect(boardCard(host, guest.shown)).toHaveCount(1);
  }
  const [mine, theirs] = [boardCard(host, zhang.shown), boardCard(host, muller.shown)];
  const gotIt = mine.getByRole('button', { name: words('alerts.answer.got_it') });
  await gotIt.focus();
  await floorRow(floor, muller.shown).getByRole('button', { name: words('alerts.raise.withdraw') }).click();
  await expect(theirs).toHaveCount(0);
  await expect(gotIt).toBeFocused();
  await host.keyboard.press('Enter');
  await expect(mine.getByRole('button', { name: words('alerts.answer.greeted') })).toBeFocused();
  await host.keyboard.press('Enter');
  await expect(mine).toHaveCount(0);
});

test('a guest is found and opened at the desk without a mouse', async ({ device }) => {
  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  const { zhang } = guests;
  const box = desk.getByRole('searchbox');
  const results = desk.getByRole('region', { name: words('guests.search.results') });
  const lines = results.getByRole('link');
  const arrivals = desk.getByRole('link', { name: words('guests.lists.arrivals') });
  const card = desk.getByRole('article');
  // From here on the index has everyone.
  await find(desk, 'zhang wei', zhang.shown);
  await visit(desk, '/desk?list=in-house');

  await tabTo(desk, desk.getByRole('listitem').getByRole('link').filter({ hasText: zhang.shown }), 'a line of the list');
  await desk.keyboard.press('/');
  await expect(box).toBeFocused();
  await expect(box, 'the key itself is not typed').toHaveValue('');
  await desk.keyboard.type('zhang');
  await expect(lines.filter({ hasText: zhang.shown })).toHaveCount(1);
  await expect(lines.filter({ hasNotText: zhang.shown }).first(), 'there are others of the name').toBeVisible();
  await expect(box, 'the cursor stays while results come').toBeFocused();

  await desk.keyboard.press('ArrowDown');
  await expect(lines.nth(0)).toBeFocused();
  await desk.keyboard.press('ArrowDown');
  await expect(lines.nth(1)).toBeFocused();
  const chosen = await lines.nth(1).locator('.line__name').innerText();
  await desk.keyboard.press('ArrowUp');
  await expect(lines.nth(0)).toBeFocused();
  await desk.keyboard.press('ArrowDown');
  await desk.keyboard.press('Enter');
  await expect(desk).toHaveURL(/[?&]guest=[0-9a-f-]{36}$/);
  await expect(card.getByRole('heading', { name: chosen })).toBeVisible();
  await expect(lines.nth(1), 'the line says that it is open').toHaveAttribute('aria-current', 'true');

  // What is typed next takes the place of what was sought; Enter opens the first that is found.
  await desk.keyboard.press('/');
  await expect(box).toBeFocused();
  await desk.keyboard.type(zhang.room);
  await desk.keyboard.press('Enter');
  await expect(card.getByRole('heading', { name: zhang.address })).toBeVisible();
  await expect(card).toContainText(zhang.shown);
  await expect(box).toHaveValue(zhang.room);

  await box.focus();
  await desk.keyboard.press('Escape');
  await expect(box).toHaveValue('');
  await expect(box).toBeFocused();
  await expect(results).toHaveCount(0);
  await expect(arrivals).toBeVisible();
  await expect(card, 'the open card stays').toContainText(zhang.shown);
});
