import { type Locator, type Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { lookAt } from '../support/look.ts';
import { guests } from '../support/screens.ts';
import { upright } from '../support/tablets.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// One night: what a test has practised, the next one finds.
test.describe.configure({ mode: 'serial', timeout: 120_000 });

const { zhang } = guests;
/** Of the questions of one floor, more than there are. */
const MOST = 60;

const main = (page: Page): Locator => page.getByRole('main');
const line = (page: Page, shown: string): Locator =>
  main(page).getByRole('listitem').filter({ has: page.getByRole('link') }).filter({ hasText: shown });
const question = (page: Page): Locator => main(page).getByRole('article');
const showAnswer = (page: Page): Locator =>
  question(page).getByText(words('people.names.drill.show'), { exact: true });
const grade = (page: Page, how: 'again' | 'hard' | 'good' | 'easy'): Locator =>
  question(page).getByRole('button', { name: words(`people.names.grade.${how}`), exact: true });
const isDone = (page: Page): Locator =>
  main(page).getByRole('heading', { name: words('people.names.drill.all_known'), exact: true });
const forbidden = (page: Page): Locator => page.getByRole('heading', { name: words('common.states.forbidden') });
const practice = (page: Page): Locator =>
  main(page).getByRole('region', { name: words('people.names.share.title'), exact: true });

test('the floor learns the names of the ninth floor in a few minutes', async ({ device }) => {
  const floor = await device(upright);
  await signIn(floor, 'floor', { station: stations.floor });
  await floor.getByRole('link', { name: words('common.nav.names'), exact: true }).click();
  await floor.waitForURL('/names');
  await main(floor).getByLabel(words('people.names.floor'), { exact: true }).selectOption('9');
  await main(floor).getByRole('button', { name: words('people.names.show'), exact: true }).click();
  await floor.waitForURL(/\/names\?floor=9/);
  const ninth = words('people.names.one_floor', { floor: '9' });
  await expect(main(floor).getByRole('heading', { name: ninth, exact: true })).toBeVisible();
  await expect(line(floor, zhang.shown)).toHaveCount(1);
  await expect(line(floor, zhang.shown)).toContainText(zhang.say);
  await expect(line(floor, guests.oneill.shown), 'she is on the sixth floor').toHaveCount(0);
  await lookAt(floor, 'names-floor');

  await main(floor).getByRole('link', { name: words('people.names.to_drill'), exact: true }).click();
  await floor.waitForURL(/\/names\/drill\?floor=9/);
  await expect(question(floor)).toBeVisible();
  await expect(grade(floor, 'good'), 'first one thinks').toBeHidden();
  await lookAt(floor, 'names-drill');
  await showAnswer(floor).click();
  await lookAt(floor, 'names-drill-answer');

  // Mr Zhang takes two questions: who he is, and how his name is said.
  const said = words('people.names.drill.say');
  let askedOfZhang = 0;
  let askedToSay = false;
  for (let asked = 0; asked < MOST; asked += 1) {
    await expect(question(floor).or(isDone(floor))).toBeVisible();
    if (await isDone(floor).isVisible()) break;
    const once = question(floor).locator('input[name="once"]');
    const under = await once.inputValue();
    if (!(await grade(floor, 'good').isVisible())) await showAnswer(floor).click();
    const isZhang = (await question(floor).innerText()).includes(zhang.shown);
    if (isZhang) {
      askedOfZhang += 1;
      askedToSay ||= await question(floor).getByRole('heading', { name: said, exact: true }).isVisible();
      await expect(question(floor)).toContainText(zhang.say);
    }
    await grade(floor, isZhang ? 'good' : 'easy').click();
    await expect(floor.locator(`input[name="once"][value="${under}"]`), 'it was kept').toHaveCount(0);
  }
  expect(askedOfZhang).toBe(2);
  expect(askedToSay, 'the name was shown, and asked how it is said').toBe(true);
  await expect(isDone(floor)).toBeVisible();
  await expectAccessible(floor, 'the end of the drill');

  await main(floor).getByRole('link', { name: words('people.names.to_list'), exact: true }).click();
  await floor.waitForURL(/\/names\?floor=9/);
  await expect(line(floor, zhang.shown)).toContainText(words('people.names.known'));
  await expect(main(floor)).toContainText('(100 %)');
  await expect(practice(floor), 'what others know is not his business').toHaveCount(0);

  // The manager sees a share, and none of the names.
  const manager = await device();
  await signIn(manager, 'manager');
  await visit(manager, '/names?floor=1');
  await expect(practice(manager).getByRole('row').filter({ hasText: 'Wei' })).toContainText('100 %');
  await expect(practice(manager)).not.toContainText(zhang.shown);
  await lookAt(manager, 'names-manager');
});

test('the list is printed, and that is recorded', async ({ device }) => {
  const host = await device();
  await signIn(host, 'host', { station: stations.restaurant });
  await visit(host, '/names?floor=9');
  await main(host).getByRole('link', { name: words('people.names.to_print'), exact: true }).click();
  await host.waitForURL(/\/names\/print\?floor=9/);
  const row = main(host).getByRole('row').filter({ hasText: zhang.shown });
  await expect(row).toContainText(zhang.room);
  await expect(row).toContainText(zhang.say);
  await lookAt(host, 'names-print');

  // On paper there is nothing to tap, and everything to read.
  const print = main(host).getByRole('button', { name: words('people.names.paper.print'), exact: true });
  await host.emulateMedia({ media: 'print' });
  await expect(print).toBeHidden();
  await expect(host.getByRole('navigation').first()).toBeHidden();
  await expect(row).toBeVisible();
  await host.emulateMedia({ media: 'screen' });
  const printed = host.evaluate(
    () =>
      new Promise<boolean>((resolve) => {
        window.print = () => resolve(true);
      }),
  );
  await print.click();
  expect(await printed).toBe(true);

  const manager = await device();
  await signIn(manager, 'manager');
  await visit(manager, '/manage/audit');
  const entry = main(manager).getByRole('row').filter({ hasText: words('staff.actions.printed_names') });
  await expect(entry.first()).toContainText('Anna');

  // The concierge learns the names and does not take them along.
  const concierge = await device();
  await signIn(concierge, 'concierge', { station: stations.concierge });
  await visit(concierge, '/names?floor=9');
  await expect(line(concierge, zhang.shown)).toHaveCount(1);
  await expect(main(concierge).getByRole('link', { name: words('people.names.to_print'), exact: true })).toHaveCount(0);
  await visit(concierge, '/names/print?floor=9');
  await expect(forbidden(concierge)).toBeVisible();
  await expect(concierge.getByText(zhang.shown)).toHaveCount(0);
});

test('whoever does not meet guests has no names to learn', async ({ device }) => {
  const office = await device();
  await signIn(office, 'marketing');
  await expect(office.getByRole('link', { name: words('common.nav.names'), exact: true })).toHaveCount(0);
  for (const path of ['/names', '/names/drill', '/names/print']) {
    await visit(office, path);
    await expect(forbidden(office), path).toBeVisible();
    await expect(office.getByText(zhang.shown), path).toHaveCount(0);
  }
});

test('names are practised where no script runs', async ({ device }) => {
  const host = await device({ javaScriptEnabled: false });
  await signIn(host, 'host', { station: stations.restaurant, scripts: false });
  await host.goto('/names?floor=9');
  await main(host).getByRole('link', { name: words('people.names.to_drill'), exact: true }).click();
  const place = question(host).getByText(/^Question 1 of \d+$/);
  const before = await place.innerText();
  await showAnswer(host).click();
  await grade(host, 'easy').click();
  await expect(host).toHaveURL(/\/names\/drill\?floor=9/);
  await expect(place).not.toHaveText(before);
  await expect(grade(host, 'easy'), 'the next answer is not shown yet').toBeHidden();
});
