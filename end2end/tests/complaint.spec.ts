import { type Locator, type Page } from '@playwright/test';
import { dayAt, daysFrom, icelanders, importIcelanders, makeCampaign } from '../support/greetings.ts';
import { lookAt } from '../support/look.ts';
import { guests, openCard } from '../support/screens.ts';
import { upright } from '../support/tablets.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// One story: the house goes on with what the test before has left.
test.describe.configure({ mode: 'serial', timeout: 180_000 });

const { zhang } = guests;
const what = 'Stood in the lift for an hour, and nobody answered the bell';
const promise = 'A room below the fifth floor';
const repair = 'Moved to room 204, and flowers';

/** What the card says of complaints to those who see to them. */
const complaints = (page: Page): Locator => page.getByRole('region', { name: words('care.title'), exact: true });

const form = (page: Page): Locator =>
  page.locator('form').filter({ has: page.getByLabel(words('care.raise.what'), { exact: true }) });

/** Writes a complaint down on the card that is open. */
async function raise(page: Page, typed: { what: string; promise?: string; due?: string }): Promise<void> {
  await page.getByText(words('care.raise.open'), { exact: true }).click();
  const field = (name: string) => form(page).getByLabel(words(`care.raise.${name}`), { exact: true });
  await field('what').fill(typed.what);
  await field('cause').selectOption('defect');
  await field('place').selectOption('lift');
  await field('severity').selectOption('3');
  await field('promise').fill(typed.promise ?? '');
  await field('promise_due').fill(typed.due ?? '');
  await page.getByRole('button', { name: words('care.raise.keep'), exact: true }).click();
}

test('a complaint that the floor hears is on every card at once, and each role is told its part', async ({ device }) => {
  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  await openCard(desk, zhang.room, zhang.shown);
  const host = await device();
  await signIn(host, 'host', { station: stations.restaurant });
  await openCard(host, 'zhang wei', zhang.shown);
  await expect(complaints(desk)).toHaveCount(0);

  const floor = await device(upright);
  await signIn(floor, 'floor', { station: stations.floor });
  await openCard(floor, zhang.room, zhang.shown);
  await raise(floor, { what, promise, due: daysFrom(dayAt(new Date()), 1) });

  await expect(complaints(desk)).toContainText(what);
  await expect(complaints(desk)).toContainText(promise);
  await expect(complaints(desk), 'a manager sees to it').toContainText(words('care.line.owner', { name: 'Clara' }));
  for (const page of [host, floor]) {
    await expect(page.getByRole('article')).toContainText(words('care.card.cue_grave'));
    await expect(page.getByRole('article')).not.toContainText(promise);
  }
  await expect(host.getByRole('article')).not.toContainText(what);

  const concierge = await device();
  await signIn(concierge, 'concierge', { station: stations.concierge });
  await openCard(concierge, zhang.room, zhang.shown);
  await expect(complaints(concierge)).toContainText(what);
  await lookAt(concierge, 'complaint-card');

  const marketing = await device();
  await signIn(marketing, 'marketing');
  await openCard(marketing, 'zhang wei', zhang.shown);
  const greetings = marketing.getByRole('region', { name: words('campaigns.hold.title') });
  await expect(greetings).toContainText(words('care.hold.open'));
  await expect(marketing.getByRole('article')).not.toContainText(what);

  for (const page of [floor, host, marketing]) {
    await visit(page, '/recoveries');
    await expect(page.getByRole('heading', { name: words('common.states.forbidden') })).toBeVisible();
    await expect(page.getByText(what)).toHaveCount(0);
  }
});

test('the desk puts it right, tells the guest, and closes it; what was promised stays', async ({ device }) => {
  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  const nav = desk.getByRole('navigation', { name: words('common.nav.label') });
  await nav.getByRole('link', { name: words('common.nav.complaints'), exact: true }).click();
  await desk.waitForURL('/recoveries');
  await lookAt(desk, 'complaints');
  await desk.getByRole('main').getByRole('link', { name: zhang.address }).click();
  await desk.waitForURL(/\/recoveries\/[0-9a-f-]{36}$/);
  await expect(desk.getByRole('main')).toContainText(what);

  const step = 'Called the lift company; Wei stayed with him';
  await desk.getByLabel(words('care.page.step'), { exact: true }).fill(step);
  await desk.getByRole('button', { name: words('care.page.step_keep'), exact: true }).click();
  await expect(desk.getByRole('listitem').filter({ hasText: step })).toBeVisible();
  await lookAt(desk, 'complaint');

  await desk.getByText(words('care.page.change'), { exact: true }).click();
  const save = form(desk).getByRole('button', { name: words('care.page.save'), exact: true });
  await form(desk).getByLabel(words('care.page.state'), { exact: true }).selectOption('closed');
  await save.click();
  const result = form(desk).getByLabel(words('care.page.result'), { exact: true });
  await expect(result, 'it is not closed without a word').toHaveAttribute('aria-invalid', 'true');
  await result.fill(repair);
  await save.click();
  await expect(desk.getByRole('main')).toContainText(words('care.line.result', { result: repair }));
  await desk.getByRole('button', { name: words('care.page.told_now'), exact: true }).click();
  await expect(desk.getByRole('button', { name: words('care.page.told_now'), exact: true })).toHaveCount(0);

  const floor = await device(upright);
  await signIn(floor, 'floor', { station: stations.floor });
  await openCard(floor, zhang.room, zhang.shown);
  await expect(floor.getByRole('article')).toContainText(words('care.card.cue_promised'));
  await openCard(desk, zhang.room, zhang.shown);
  await expect(complaints(desk), 'at the next arrival').toContainText(promise);
  await complaints(desk).getByRole('link', { name: words('care.line.see') }).click();
  await desk.waitForURL(/\/recoveries\/[0-9a-f-]{36}$/);
  await desk.getByRole('button', { name: words('care.page.kept_now'), exact: true }).click();
  await expect(desk.getByRole('main')).toContainText(words('care.line.kept', { promise }));
  await expect(floor.getByRole('article')).not.toContainText(words('care.card.cue_promised'));
  await openCard(desk, zhang.room, zhang.shown);
  await expect(complaints(desk)).toHaveCount(0);
});

test('the manager sees what repeats itself and what it cost', async ({ device }) => {
  const manager = await device();
  await signIn(manager, 'manager', { station: stations.desk });
  await visit(manager, '/recoveries?state=closed');
  await manager.getByRole('main').getByRole('link', { name: zhang.address }).click();
  const amount = manager.getByLabel(words('care.page.amount', { currency: 'EUR' }), { exact: true });
  await amount.fill('45.50');
  await manager
    .getByRole('region', { name: words('care.page.cost') })
    .getByRole('button', { name: words('common.save'), exact: true })
    .click();
  await expect(manager.getByRole('region', { name: words('care.page.cost') })).toContainText('45.50');

  await openCard(manager, guests.oneill.room, guests.oneill.shown);
  await raise(manager, { what: 'The lift again' });
  await expect(complaints(manager)).toContainText('The lift again');
  await visit(manager, '/recoveries/causes');
  const lift = manager.getByRole('row').filter({
    hasText: words('care.line.what_where', { cause: words('care.cause.defect'), place: words('care.place.lift') }),
  });
  await expect(lift).toContainText(words('care.causes.again'));
  await expect(lift.getByRole('cell').last()).toHaveText('2');
  await lookAt(manager, 'complaint-causes');

  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  await visit(desk, '/recoveries?state=closed');
  await desk.getByRole('main').getByRole('link', { name: zhang.address }).click();
  await expect(desk.getByRole('main')).toContainText(what);
  await expect(desk.getByRole('region', { name: words('care.page.cost') })).toHaveCount(0);
});

test('no greeting goes to somebody whose complaint is open, and the preflight says why', async ({ device }) => {
  const { helga } = icelanders;
  const name = `${helga.first} ${helga.last}`;
  const manager = await device();
  await signIn(manager, 'manager', { station: stations.desk });
  await importIcelanders(manager, dayAt(new Date()));
  await openCard(manager, name, name);
  await raise(manager, { what: 'Charged twice' });
  await expect(complaints(manager)).toContainText('Charged twice');

  const marketing = await device();
  await signIn(marketing, 'marketing');
  const campaign = await makeCampaign(marketing, 'birthday', {
    name: 'Birthdays',
    send_at: '23:50',
    signer: 'Clara Sousa',
    signer_title: 'General Manager',
  });
  await visit(marketing, `${campaign}/preflight?show=held`);
  const held = marketing.getByRole('row').filter({ hasText: helga.last });
  await expect(held).toContainText(words('campaigns.reason.open_recovery'));
});
