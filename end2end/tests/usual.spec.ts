import { type Locator, type Page } from '@playwright/test';
import { lookAt } from '../support/look.ts';
import { boardCard, comingDownButton, guests, openCard } from '../support/screens.ts';
import { openBoard, upright } from '../support/tablets.ts';
import { expect, signIn, stations, test } from '../support/test.ts';
import { words } from '../support/words.ts';

// One story: the house goes on with what the test before has left.
test.describe.configure({ mode: 'serial', timeout: 180_000 });

const { zhang } = guests;
const [tea, eggs, coffee] = ['Jasmine tea', 'Two eggs', 'Coffee with milk'];

/** What a card says of the usual. */
const part = (page: Page): Locator => page.getByRole('region', { name: words('memory.usual.title'), exact: true });

/** What it says of the restaurant. */
const outlet = (page: Page): Locator =>
  part(page)
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: stations.restaurant, exact: true }) });

const button = (place: Locator, key: string): Locator =>
  place.getByRole('button', { name: words(`memory.usual.${key}`), exact: true });

const counts = (offered: number, taken: number): string =>
  words('memory.usual.counts', { offered: `${offered}`, taken: `${taken}` });

/** Unfolds the form of the restaurant, fills it in and sends it. */
async function write(page: Page, typed: Record<string, string>): Promise<void> {
  await outlet(page).locator('summary').click();
  for (const [name, text] of Object.entries(typed)) {
    await outlet(page).getByLabel(words(`memory.usual.${name}`), { exact: true }).fill(text);
  }
  await button(outlet(page), 'keep').click();
}

test('what a guest had is written down once and offered with one tap', async ({ device }) => {
  const [desk, host, floor] = [await device(), await device(), await device(upright)];
  await signIn(desk, 'reception', { station: stations.desk });
  await openCard(desk, zhang.room, zhang.shown);
  await openBoard(host, 'host', stations.restaurant);
  const waiter = await device();
  await signIn(waiter, 'host', { station: stations.restaurant });
  await openCard(waiter, 'zhang wei', zhang.shown);

  await write(waiter, { seat: '12', drinks: tea, dishes: eggs });
  for (const page of [waiter, desk]) {
    await expect(outlet(page), 'every open card follows').toContainText(
      `${words('memory.usual.table', { table: '12' })} · ${tea} · ${eggs}`,
    );
  }
  await expect(button(outlet(waiter), 'keep'), 'the form is folded away').toBeHidden();
  await lookAt(waiter, 'usual-card');

  // The floor sends word, and at the restaurant the same is offered on the board.
  await signIn(floor, 'floor', { station: stations.floor });
  await openCard(floor, zhang.room, zhang.shown);
  await comingDownButton(floor).click();
  const ticket = boardCard(host, zhang.shown);
  await expect(ticket).toContainText(words('memory.usual.at', { outlet: stations.restaurant }));
  await expect(ticket).toContainText(tea);
  await lookAt(host, 'usual-board');
  await button(ticket, 'same_again').click();
  await expect(ticket.getByText(words('memory.usual.noted'), { exact: true })).toBeVisible();
  await expect(button(ticket, 'same_again'), 'it is not asked again').toHaveCount(0);
  for (const page of [waiter, desk]) await expect(outlet(page)).toContainText(counts(1, 1));

  // Where the guest is seated is the table to offer next time.
  await ticket.getByRole('button', { name: words('alerts.answer.got_it'), exact: true }).click();
  await ticket.getByText(words('alerts.answer.seat'), { exact: true }).click();
  await ticket.getByLabel(words('alerts.answer.table'), { exact: true }).fill('14');
  await ticket.getByRole('button', { name: words('alerts.answer.seated_at', { table: '14' }), exact: true }).click();
  await expect(boardCard(host, zhang.shown)).toHaveCount(0);
  await expect(outlet(desk)).toContainText(words('memory.usual.table', { table: '14' }));
});

test('refused twice it is not offered again, until it is something else', async ({ device }) => {
  const [host, desk] = [await device(), await device()];
  await signIn(host, 'host', { station: stations.restaurant });
  await signIn(desk, 'reception', { station: stations.desk });
  for (const page of [host, desk]) await openCard(page, 'zhang wei', zhang.shown);
  await button(outlet(host), 'not_today').click();
  await expect(outlet(host)).toContainText(counts(2, 1));
  await expect(button(outlet(host), 'same_again'), 'once is no rule').toBeVisible();
  await button(outlet(host), 'not_today').click();
  for (const page of [host, desk]) {
    await expect(outlet(page)).toContainText(words('memory.usual.over'));
    await expect(button(outlet(page), 'same_again')).toHaveCount(0);
    await expect(button(outlet(page), 'not_today')).toHaveCount(0);
  }

  await write(desk, { drinks: coffee });
  for (const page of [host, desk]) {
    await expect(outlet(page)).toContainText(coffee);
    await expect(outlet(page)).not.toContainText(words('memory.usual.over'));
    await expect(outlet(page)).not.toContainText(counts(3, 1));
    await expect(button(outlet(page), 'same_again')).toBeVisible();
  }
});

test('who serves no table is told nothing of it', async ({ device }) => {
  const floor = await device(upright);
  await signIn(floor, 'floor', { station: stations.floor });
  await openCard(floor, zhang.room, zhang.shown);
  await expect(part(floor)).toHaveCount(0);
  await expect(floor.getByRole('article')).not.toContainText(coffee);
  const board = await device();
  await openBoard(board, 'floor', stations.restaurant);
  const sender = await device(upright);
  await signIn(sender, 'floor', { station: stations.floor });
  await openCard(sender, zhang.room, zhang.shown);
  await comingDownButton(sender).click();
  await expect(boardCard(board, zhang.shown)).toBeVisible();
  await expect(boardCard(board, zhang.shown)).not.toContainText(coffee);
  await expect(button(boardCard(board, zhang.shown), 'same_again')).toHaveCount(0);
});

test('without scripts it is written down, refused where it is wrong, and answered', async ({ device }) => {
  const manager = await device({ javaScriptEnabled: false });
  await signIn(manager, 'manager', { station: stations.restaurant, scripts: false });
  await manager.goto('/guests');
  await manager.getByRole('searchbox').fill('zhang wei');
  await manager.getByRole('button', { name: words('guests.search.submit'), exact: true }).click();
  await manager.getByRole('link').filter({ hasText: zhang.shown }).click();
  const many = Array.from({ length: 9 }, (_, at) => `Dish ${at + 1}`).join('\n');
  await write(manager, { dishes: many });
  const dishes = outlet(manager).getByLabel(words('memory.usual.dishes'), { exact: true });
  await expect(dishes).toHaveAttribute('aria-invalid', 'true');
  await expect(dishes).toHaveValue(many);
  await expect(outlet(manager)).toContainText(words('common.expected.usual_items'));
  await dishes.fill(eggs);
  await button(outlet(manager), 'keep').click();
  await expect(outlet(manager)).toContainText(eggs);
  await button(outlet(manager), 'same_again').click();
  await expect(outlet(manager)).toContainText(counts(1, 1));
});
