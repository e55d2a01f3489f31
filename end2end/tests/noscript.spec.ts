import { boardCard, comingDownButton, guests } from '../support/screens.ts';
import { expect, people, signIn, stations, test } from '../support/test.ts';
import { words } from '../support/words.ts';

/** A tablet on which no script runs: everything is a link or a form. */
const bare = { javaScriptEnabled: false } as const;

test('signing in: a wrong password is told, the right one leads to work', async ({ device }) => {
  const desk = await device(bare);
  await desk.goto('/desk');
  await expect(desk).toHaveURL(/\/sign-in/);
  await desk.getByLabel(words('staff.sign_in.login')).fill(people.concierge);
  await desk.getByLabel(words('staff.sign_in.password')).fill('not the password');
  await desk.getByRole('button', { name: words('staff.sign_in.submit') }).click();
  await expect(desk.getByText(words('common.problems.wrong_credentials'))).toBeVisible();
  await expect(desk.getByLabel(words('staff.sign_in.password'))).toHaveAttribute('aria-invalid', 'true');
  await expect(desk.getByLabel(words('staff.sign_in.login'))).toHaveValue(people.concierge);
  await expect(desk, 'it still leads on, and the reason is not in the address').toHaveURL(/\/sign-in\?next=%2Fdesk$/);

  await signIn(desk, 'concierge', { station: stations.desk, scripts: false });
  await expect(desk).toHaveURL(/\/desk$/);
  await expect(desk.getByRole('link', { name: words('guests.lists.arrivals') })).toBeVisible();
});

test('searching, and changing a profile', async ({ device }) => {
  const desk = await device(bare);
  await signIn(desk, 'reception', { station: stations.desk, scripts: false });
  await desk.getByRole('searchbox').fill('sato');
  await desk.getByRole('button', { name: words('guests.search.submit'), exact: true }).click();
  await desk.getByRole('link').filter({ hasText: '佐藤恵子' }).click();
  const card = desk.getByRole('article');
  await expect(card.getByRole('heading', { name: 'Dr Sato' })).toBeVisible();

  await card.getByRole('link', { name: words('guests.card.edit') }).click();
  const say = desk.getByLabel(words('guests.form.say'), { exact: true });
  const birthday = desk.getByLabel(words('guests.form.birthday'), { exact: true });
  await say.fill('KAY-koh SAH-toh');
  await birthday.fill('21 June');
  await desk.getByRole('button', { name: words('guests.form.save'), exact: true }).click();

  await expect(birthday).toHaveAttribute('aria-invalid', 'true');
  await expect(desk.getByText(words('common.problems.not_date', { value: '21 June' }))).toBeVisible();
  await expect(birthday).toHaveValue('21 June');
  await expect(say).toHaveValue('KAY-koh SAH-toh');

  await birthday.fill('--06-21');
  await desk.getByRole('button', { name: words('guests.form.save'), exact: true }).click();
  await expect(desk).toHaveURL(/\/guests\/[0-9a-f-]{36}$/);
  await expect(desk.getByRole('article')).toContainText('KAY-koh SAH-toh');
});

test('sending word, and answering it', async ({ device }) => {
  const [floor, host] = [await device(bare), await device(bare)];
  await signIn(floor, 'floor', { station: stations.floor, scripts: false });
  await signIn(host, 'host', { station: stations.restaurant, scripts: false });
  await floor.getByRole('link').filter({ hasText: guests.zhang.shown }).click();
  await comingDownButton(floor).click();
  await expect(floor.getByRole('region', { name: words('alerts.raise.title') })).toContainText(
    words('alerts.state.sent', { station: stations.restaurant }),
  );

  await host.reload();
  const card = boardCard(host, guests.zhang.shown);
  await card.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  await card.getByText(words('alerts.answer.seat'), { exact: true }).click();
  await card.getByLabel(words('alerts.answer.table'), { exact: true }).fill('7');
  await card.getByRole('button', { name: words('alerts.answer.seated') }).click();
  await expect(card).toHaveCount(0);

  await floor.reload();
  await expect(floor.getByRole('region', { name: words('alerts.raise.title') })).toContainText(
    words('alerts.state.seated', { table: '7' }),
  );
});

test('a new colleague whose password is too short stays as typed', async ({ device }) => {
  const office = await device(bare);
  await signIn(office, 'manager', { scripts: false });
  await office.goto('/manage/staff');
  const name = office.getByLabel(words('staff.people.name'), { exact: true });
  const login = office.getByLabel(words('staff.people.login'), { exact: true });
  const role = office.getByLabel(words('staff.people.role'), { exact: true });
  const password = office.getByLabel(words('staff.people.first_password'), { exact: true });
  const send = office.getByRole('button', { name: words('staff.people.add_submit'), exact: true });
  await name.fill('Nuno Reis');
  await login.fill('nuno');
  await role.selectOption('host');
  await password.fill('short');
  await send.click();

  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toHaveAccessibleDescription(
    new RegExp(`^(! )?${words('common.problems.too_short', { least: '10' })}`),
  );
  await expect(password).toHaveValue('');
  await expect(name).toHaveValue('Nuno Reis');
  await expect(login).toHaveValue('nuno');
  await expect(role).toHaveValue('host');
  await expect(office).toHaveURL(/\/manage\/staff#add$/);

  await password.fill('long enough now');
  await send.click();
  await expect(office.getByRole('row').filter({ hasText: 'Nuno Reis' })).toBeVisible();
  await expect(name).toHaveValue('');
});

test('a new station whose extension is no number stays as typed', async ({ device }) => {
  const office = await device(bare);
  await signIn(office, 'manager', { scripts: false });
  await office.goto('/manage/stations');
  const send = office.getByRole('button', { name: words('house.stations.add_submit'), exact: true });
  const form = office.locator('form').filter({ has: send });
  const name = form.getByLabel(words('house.stations.name'), { exact: true });
  const kind = form.getByLabel(words('house.stations.kind'), { exact: true });
  const extension = form.getByLabel(words('house.stations.extension'), { exact: true });
  await name.fill('Pool bar');
  await kind.selectOption('restaurant');
  await extension.fill('12a');
  await send.click();

  await expect(extension).toHaveAttribute('aria-invalid', 'true');
  const problem = { value: '12a', expected: words('common.expected.extension') };
  await expect(form.getByText(words('common.problems.not_known', problem))).toBeVisible();
  await expect(extension).toHaveValue('12a');
  await expect(name).toHaveValue('Pool bar');
  await expect(kind).toHaveValue('restaurant');
  await expect(office).toHaveURL(/\/manage\/stations#station$/);

  await office.goto('/manage/stations');
  await expect(name, 'it is told once').toHaveValue('');
});
