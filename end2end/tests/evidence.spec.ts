import { type Locator, type Page } from '@playwright/test';
import { lookAt } from '../support/look.ts';
import { guests, openCard } from '../support/screens.ts';
import { upright } from '../support/tablets.ts';
import { expect, people, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// What is not seen for a month fades, and nobody waits for it: the clock of this server can be moved.
test.use({ program: 'movable', house: 'evidence' });
// One story: the house goes on with what the test before has left.
test.describe.configure({ mode: 'serial', timeout: 180_000 });

const { oneill } = guests;
const [tea, cool, warm] = ['Jasmine tea', '18 degrees', '22 degrees'];
const house = 'The Cedars';

const says = (key: string, values: Record<string, string> = {}): string => words(`memory.evidence.${key}`, values);

/** What the card says of something that holds. */
const held = (page: Page, what: string): Locator =>
  page.getByRole('article').getByRole('definition').filter({ hasText: what });

/** What it says of something that somebody said not to hold. */
const doubted = (page: Page, what: string): Locator =>
  page.getByRole('region', { name: says('doubted'), exact: true }).getByRole('listitem').filter({ hasText: what });

/** A mark of a line: how well it is known, that it is to be said, or where alone it holds. */
const mark = (line: Locator, text: string): Locator => line.getByText(text, { exact: true });

/** What can be said of something in one tap. */
const tap = (line: Locator, key: string, what: string): Locator =>
  line.getByRole('button', { name: `${says(key)} ${what}`, exact: true });

/** How the stay goes, whatever else was known. */
function score(honoured: number, missed: number): string {
  const text = says('score', { known: '#', honoured: `${honoured}`, missed: `${missed}` });
  return text.slice(text.indexOf('#') + 1);
}

/** Says how something is used. The ways stand behind a first tap. */
async function use(line: Locator, key: string, what: string): Promise<void> {
  const way = tap(line, key, what);
  if (!(await way.isVisible())) await line.locator('summary').filter({ hasText: says('how') }).click();
  await way.click();
}

/** Writes something down in words, as noticed. */
async function notice(page: Page, group: string, what: string): Promise<void> {
  const groups = page.getByLabel(words('guests.write.group'), { exact: true });
  const form = page.getByRole('article').locator('form').filter({ has: groups });
  const own = form.getByLabel(words('guests.write.own_words'), { exact: true });
  if (!(await own.isVisible())) await page.getByText(words('guests.write.preference'), { exact: true }).click();
  await form.getByText(words('guests.write.we_noticed'), { exact: true }).click();
  await form.getByLabel(words('guests.write.group'), { exact: true }).selectOption(group);
  await own.fill(what);
  await form.getByRole('button', { name: words('guests.write.keep'), exact: true }).click();
  await expect(own, 'it was kept').toHaveValue('');
}

const field = (page: Page, name: string): Locator =>
  page.getByRole('main').getByLabel(words(`memory.settings.${name}`), { exact: true });
const save = (page: Page): Locator =>
  page.getByRole('main').getByRole('button', { name: words('common.save'), exact: true });

/** Sends what the browser itself would have held back. */
async function saveAnyway(page: Page): Promise<void> {
  const days = page.getByLabel(words('memory.settings.fade_days'), { exact: true });
  const form = page.locator('form').filter({ has: days });
  await form.evaluate((form: HTMLFormElement) => {
    form.noValidate = true;
  });
  await save(page).click();
}

test('what three colleagues have seen is a habit, on every open card', async ({ device }) => {
  const [host, desk, manager] = [await device(), await device(), await device()];
  await signIn(host, 'host', { station: stations.restaurant });
  await signIn(desk, 'reception', { station: stations.desk });
  await signIn(manager, 'manager', { station: stations.desk });
  const all = [host, desk, manager];
  for (const page of all) await openCard(page, "O'Neill", oneill.shown);

  await notice(host, 'drinks', tea);
  for (const page of all) await expect(mark(held(page, tea), says('once'))).toBeVisible();
  // Of one colleague it counts once a day.
  const kept = host.waitForResponse((answer) => answer.url().includes('confirm_preference'));
  await tap(held(host, tea), 'confirm', tea).click();
  expect((await kept).ok()).toBe(true);
  await tap(held(desk, tea), 'confirm', tea).click();
  for (const page of all) await expect(mark(held(page, tea), says('twice'))).toBeVisible();
  // Written down anew, it is confirmed.
  await notice(manager, 'drinks', tea.toLowerCase());
  for (const page of all) {
    await expect(mark(held(page, tea), says('habit', { times: '3' }))).toBeVisible();
    await expect(held(page, tea)).toHaveCount(1);
    await expect(held(page, tea)).toContainText('Clara');
  }
  await lookAt(desk, 'evidence-card');

  // Who serves no table is not told.
  for (const who of ['concierge', 'floor', 'marketing'] as const) {
    const other = await device();
    const station = { concierge: stations.concierge, floor: stations.floor, marketing: undefined }[who];
    await signIn(other, who, station ? { station } : {});
    await openCard(other, "O'Neill", oneill.shown);
    await expect(other.getByRole('article'), people[who]).not.toContainText(tea);
  }
});

test('two that speak against each other stand together with the question, until one is said not to hold', async ({
  device,
}) => {
  const [desk, floor] = [await device(), await device(upright)];
  await signIn(desk, 'reception', { station: stations.desk });
  await signIn(floor, 'floor', { station: stations.floor });
  for (const page of [desk, floor]) await openCard(page, oneill.room, oneill.shown);
  await notice(desk, 'temperature', cool);
  await expect(held(floor, cool)).toBeVisible();
  await notice(floor, 'temperature', warm);
  for (const page of [desk, floor]) {
    for (const what of [cool, warm]) await expect(held(page, what)).toBeVisible();
    await expect(page.getByText(says('conflict'), { exact: true })).toBeVisible();
  }
  await lookAt(floor, 'evidence-conflict');

  await tap(held(floor, cool), 'contradict', cool).click();
  for (const page of [desk, floor]) {
    await expect(doubted(page, cool)).toContainText(says('contradicted', { by: 'Wei', on: '' }).trim());
    await expect(held(page, cool), 'it is no instruction').toHaveCount(0);
    await expect(held(page, warm)).toBeVisible();
    await expect(page.getByText(says('conflict'), { exact: true })).toHaveCount(0);
  }
  await expect(tap(doubted(desk, cool), 'contradict', cool), 'that is said already').toHaveCount(0);
  await lookAt(desk, 'evidence-contradicted');
  await tap(doubted(desk, cool), 'confirm', cool).click();
  for (const page of [desk, floor]) {
    await expect(held(page, cool)).toBeVisible();
    await expect(page.getByText(says('conflict'), { exact: true })).toBeVisible();
  }
});

test('a colleague says how to use it, and what the stay made of it', async ({ device }) => {
  const [host, desk] = [await device(), await device()];
  await signIn(host, 'host', { station: stations.restaurant });
  await signIn(desk, 'reception', { station: stations.desk });
  for (const page of [host, desk]) await openCard(page, "O'Neill", oneill.shown);
  await use(held(host, tea), 'say', tea);
  for (const page of [host, desk]) await expect(mark(held(page, tea), says('cue_say'))).toBeVisible();
  await use(held(host, tea), 'only_here', tea);
  for (const page of [host, desk]) await expect(mark(held(page, tea), says('only_in', { house }))).toBeVisible();
  await use(held(desk, tea), 'everywhere', tea);
  await expect(mark(held(host, tea), says('only_in', { house }))).toHaveCount(0);
  await expect(mark(held(host, tea), says('cue_say')), 'the other is as it was').toBeVisible();

  await tap(held(host, tea), 'honoured', tea).click();
  for (const page of [host, desk]) {
    await expect(tap(held(page, tea), 'honoured', tea)).toHaveAttribute('aria-pressed', 'true');
    await expect(page.getByRole('article')).toContainText(score(1, 0));
  }
  await lookAt(host, 'evidence-honoured');
  await tap(held(desk, tea), 'missed', tea).click();
  for (const page of [host, desk]) {
    await expect(tap(held(page, tea), 'missed', tea)).toHaveAttribute('aria-pressed', 'true');
    await expect(tap(held(page, tea), 'honoured', tea)).toHaveAttribute('aria-pressed', 'false');
    await expect(page.getByRole('article')).toContainText(score(0, 1));
  }
});

test('without scripts a tap is a form, and refused settings stay as typed', async ({ device }) => {
  const bare = { javaScriptEnabled: false } as const;
  const host = await device(bare);
  await signIn(host, 'host', { station: stations.restaurant, scripts: false });
  await host.goto('/guests');
  await host.getByRole('searchbox').fill("O'Neill");
  await host.getByRole('button', { name: words('guests.search.submit'), exact: true }).click();
  await host.getByRole('link').filter({ hasText: oneill.shown }).click();
  await tap(held(host, tea), 'contradict', tea).click();
  await expect(host).toHaveURL(/\/guests\/[0-9a-f-]{36}\??$/);
  await expect(doubted(host, tea)).toContainText(says('contradicted', { by: 'Anna', on: '' }).trim());
  await tap(doubted(host, tea), 'confirm', tea).click();
  await expect(mark(held(host, tea), says('habit', { times: '3' }))).toBeVisible();

  const manager = await device(bare);
  await signIn(manager, 'manager', { station: stations.desk, scripts: false });
  await manager.goto('/manage/memory');
  await field(manager, 'fade_days').fill('29');
  await field(manager, 'reconfirm_days').fill('');
  await field(manager, 'ring_minutes').fill('25');
  await saveAnyway(manager);
  await expect(manager).toHaveURL('/manage/memory');
  await expect(field(manager, 'fade_days')).toHaveAttribute('aria-invalid', 'true');
  await expect(field(manager, 'fade_days')).toHaveValue('29');
  await expect(field(manager, 'reconfirm_days')).toHaveValue('');
  await expect(field(manager, 'ring_minutes')).toHaveValue('25');
  const problem = words('common.problems.not_known', { value: '29', expected: words('common.expected.memory_days') });
  await expect(manager.getByText(problem)).toBeVisible();
  await manager.goto('/manage/memory');
  await expect(field(manager, 'fade_days'), 'nothing was kept').toHaveValue('730');
});

test('the house decides after how long it asks again', async ({ device, server }) => {
  const manager = await device();
  await signIn(manager, 'manager', { station: stations.desk });
  await visit(manager, '/manage');
  await manager.getByRole('link', { name: words('memory.settings.title'), exact: true }).first().click();
  await manager.waitForURL('/manage/memory');
  await field(manager, 'fade_days').fill('4000');
  await saveAnyway(manager);
  await expect(field(manager, 'fade_days')).toHaveAttribute('aria-invalid', 'true');
  await expect(field(manager, 'fade_days')).toHaveValue('4000');
  await field(manager, 'fade_days').fill('30');
  await field(manager, 'ring_minutes').fill('20');
  await save(manager).click();
  await expect(field(manager, 'fade_days')).not.toHaveAttribute('aria-invalid', 'true');
  await expect(manager.getByRole('main').getByText(words('common.saved'), { exact: true }).first()).toBeVisible();
  await lookAt(manager, 'manage-memory');
  await visit(manager, '/manage/memory');
  await expect(field(manager, 'fade_days')).toHaveValue('30');
  await expect(field(manager, 'ring_minutes')).toHaveValue('20');

  const host = await device();
  await signIn(host, 'host', { station: stations.restaurant });
  await visit(host, '/manage/memory');
  await expect(host.getByRole('heading', { name: words('common.states.forbidden') }).first()).toBeVisible();

  await server.moveOn(31 * 24 * 3600);
  const later = await device();
  await signIn(later, 'reception', { station: stations.desk });
  await openCard(later, "O'Neill", oneill.shown);
  await expect(mark(held(later, tea), says('fading'))).toBeVisible();
  await expect(mark(held(later, warm), says('fading'))).toBeVisible();
  await lookAt(later, 'evidence-faded');
  await tap(held(later, tea), 'confirm', tea).click();
  await expect(mark(held(later, tea), says('habit', { times: '4' }))).toBeVisible();
  await expect(mark(held(later, warm), says('fading')), 'of the other nobody asked').toBeVisible();
});
