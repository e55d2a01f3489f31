import { type Locator, type Page } from '@playwright/test';
import { upright } from '../support/tablets.ts';
import { expect, hydrated, password, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

/** Two guests of the demo house who want no feathers: one comes tomorrow, the other in five days. */
const tomorrow = 'Eduarda Ferreira';
const later = 'Danilo Schiavo';
const feathers = words('work.preset.feather_free_text');

/** The line of a work list that holds a text. */
const line = (page: Page, text: string): Locator =>
  page.getByRole('main').getByRole('listitem').filter({ hasText: text });

/** A button of a line: what it says stands before the guest's name. */
const button = (at: Locator, key: string): Locator => at.getByRole('button', { name: words(key) });

/** Writes a trace for the floors, due today. */
async function write(page: Page, text: string): Promise<void> {
  await page.getByText(words('campaigns.trace.write'), { exact: true }).click();
  await page.getByLabel(words('campaigns.trace.write_for'), { exact: true }).selectOption('floor');
  await page.getByLabel(words('campaigns.trace.write_text'), { exact: true }).fill(text);
  await page.getByRole('button', { name: words('campaigns.trace.write_keep') }).click();
}

test('a preference is work before each arrival, until its rule is paused', async ({ device }) => {
  const [manager, floor] = [await device(), await device(upright)];
  await signIn(manager, 'manager', { station: stations.desk });
  await visit(manager, '/traces/rules');
  await manager.getByRole('link', { name: words('work.preset.feather_free'), exact: true }).click();
  await manager.waitForURL(/preset=feather_free/);
  await hydrated(manager);
  await expect(manager.getByLabel(words('campaigns.trace.write_text'), { exact: true })).toHaveValue(feathers);
  await manager.getByRole('button', { name: words('work.rules.save') }).click();
  await expect(manager.getByRole('main').getByText(words('work.rules.saved'))).toBeVisible();
  const rule = line(manager, feathers);
  await expect(rule).toContainText(words('work.department.floor'));

  await signIn(floor, 'floor', { station: stations.floor });
  await visit(floor, '/traces?department=floor');
  const trace = line(floor, tomorrow);
  await expect(trace).toContainText(feathers);
  await expect(trace).toContainText(words('guests.preference.feather_free'));
  await expect(trace).toContainText(words('campaigns.trace.today'));
  await expect(line(floor, later)).toHaveCount(1);
  await button(trace, 'work.line.take').click();
  await expect(trace.getByText(words('work.line.mine'), { exact: true })).toBeVisible();
  const departments = floor.getByRole('navigation', { name: words('campaigns.trace.departments') });
  await departments.getByRole('link', { name: words('work.list.mine') }).click();
  await expect(line(floor, later)).toHaveCount(0);
  await button(trace, 'campaigns.trace.resolve').click();
  await expect(trace).toContainText(words('campaigns.trace.resolved_by', { who: 'Wei', at: '' }).trim());

  await visit(floor, '/traces?department=floor');
  await expect(line(floor, later)).toHaveCount(1);
  await button(rule, 'work.rules.pause').click();
  await expect(rule.getByText(words('work.rules.paused'), { exact: true })).toBeVisible();
  await expect(line(floor, later), 'the open page of the floor follows').toHaveCount(0);
  await expect(trace, 'what was done stays').toContainText('Wei');
});

test('all open work of a colleague who leaves goes to another', async ({ device }) => {
  const [manager, desk, nora] = [await device(), await device(), await device(upright)];
  await signIn(manager, 'manager', { station: stations.desk });
  await visit(manager, '/manage/staff');
  await manager.getByLabel(words('staff.people.name'), { exact: true }).fill('Nora');
  await manager.getByLabel(words('staff.people.login'), { exact: true }).fill('nora');
  await manager.getByLabel(words('staff.people.role'), { exact: true }).selectOption('floor');
  await manager.getByLabel(words('staff.people.first_password'), { exact: true }).fill(password);
  await manager.getByRole('button', { name: words('staff.people.add_submit') }).click();
  await expect(manager.getByText(words('staff.people.added'))).toBeVisible();

  await nora.goto('/sign-in');
  await hydrated(nora);
  await nora.getByLabel(words('staff.sign_in.login')).fill('nora');
  await nora.getByLabel(words('staff.sign_in.password')).fill(password);
  await nora.getByRole('button', { name: words('staff.sign_in.submit') }).click();
  await nora.waitForURL((url) => url.pathname !== '/sign-in');
  await nora.goto('/station');
  await hydrated(nora);
  await nora.getByRole('button', { name: stations.floor }).click();
  await nora.waitForURL((url) => url.pathname !== '/station');
  await visit(nora, '/traces?department=floor');
  const what = 'The lamp in 904 flickers';
  await write(nora, what);
  await button(line(nora, what), 'work.line.take').click();
  await expect(line(nora, what).getByText(words('work.line.mine'), { exact: true })).toBeVisible();

  await signIn(desk, 'reception', { station: stations.desk });
  await visit(desk, '/traces?department=floor');
  await expect(line(desk, what)).toContainText(words('work.line.whose', { name: 'Nora' }));

  await manager.getByRole('link', { name: 'Nora', exact: true }).click();
  const remove = async () => {
    await manager.getByText(words('work.removal.remove')).click();
    await manager.getByRole('button', { name: words('common.remove_yes') }).click();
  };
  await remove();
  await expect(manager.getByText(words('work.removal.open_work_one', { who: 'Nora', count: '1' }))).toBeVisible();
  await manager.getByRole('link', { name: words('work.leaver.title') }).click();
  await manager.waitForURL(/\/traces\/leaver/);
  await hydrated(manager);
  await manager.getByLabel(words('work.leaver.to'), { exact: true }).selectOption({ label: 'Anna' });
  await manager.getByRole('button', { name: words('work.leaver.submit') }).click();
  await expect(manager.getByText(words('work.leaver.moved', { traces: '1', recoveries: '0' }))).toBeVisible();
  await expect(line(desk, what)).toContainText(words('work.line.whose', { name: 'Anna' }));

  await visit(manager, '/manage/staff');
  await manager.getByRole('link', { name: 'Nora', exact: true }).click();
  await remove();
  await expect(manager.getByRole('link', { name: 'Nora', exact: true })).toHaveCount(0);
  // The page may be leaving by itself already.
  await nora.goto('/traces').catch(() => undefined);
  await expect(nora).toHaveURL(/\/sign-in/);
  await expect(line(desk, what), 'what she wrote stays under her name').toContainText('Nora');
  await button(line(desk, what), 'campaigns.trace.resolve').click();
  await expect(line(desk, what)).toContainText(words('campaigns.trace.resolved_by', { who: 'Li', at: '' }).trim());
});

test('work is given by those who hand it out, and rules are theirs', async ({ device }) => {
  const [desk, floor, marketing] = [await device(), await device(upright), await device()];
  await signIn(desk, 'reception', { station: stations.desk });
  await visit(desk, '/traces?department=floor');
  const what = 'Vases for the landing';
  await write(desk, what);
  const given = line(desk, what);
  await given.locator('summary').click();
  await given.getByLabel(words('work.line.give_to'), { exact: true }).selectOption({ label: 'Wei' });
  await given.getByRole('button', { name: words('work.line.give_submit'), exact: true }).click();
  await expect(given).toContainText(words('work.line.whose', { name: 'Wei' }));

  await signIn(floor, 'floor', { station: stations.floor });
  await visit(floor, '/traces?person=me');
  await expect(line(floor, what)).toHaveCount(1);
  await expect(line(floor, what).locator('summary'), 'the floor gives nothing to others').toHaveCount(0);
  await button(line(floor, what), 'campaigns.trace.resolve').click();
  await expect(line(floor, what)).toContainText(words('campaigns.trace.resolved_by', { who: 'Wei', at: '' }).trim());

  const refused = (page: Page) => page.getByRole('heading', { name: words('common.states.forbidden') });
  for (const path of ['/traces/rules', '/traces/leaver']) {
    await visit(floor, path);
    await expect(refused(floor).first()).toBeVisible();
    await expect(floor.getByRole('button', { name: words('work.rules.save') })).toHaveCount(0);
  }
  await signIn(marketing, 'marketing');
  await visit(marketing, '/traces');
  await expect(refused(marketing).first()).toBeVisible();
});

test('work is written, taken and done where no script runs', async ({ device }) => {
  const floor = await device({ javaScriptEnabled: false, ...upright });
  await signIn(floor, 'floor', { station: stations.floor, scripts: false });
  await floor.goto('/traces?department=floor');
  const what = 'Batteries for the door of 712';
  await write(floor, what);
  await expect(line(floor, what)).toHaveCount(1);
  await button(line(floor, what), 'work.line.take').click();
  await expect(line(floor, what)).toContainText(words('work.line.mine'));
  await button(line(floor, what), 'campaigns.trace.resolve').click();
  await expect(line(floor, what)).toContainText(words('campaigns.trace.resolved_by', { who: 'Wei', at: '' }).trim());
});
