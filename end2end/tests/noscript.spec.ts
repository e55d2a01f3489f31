import { boardCard, comingDownButton, guests } from '../support/screens.ts';
import { upright } from '../support/tablets.ts';
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

for (const place of ['on its own page', 'at the desk'] as const) {
  test(`a note that is refused stays as typed, with the reason beside it (${place})`, async ({ device }) => {
    const desk = await device(bare);
    await signIn(desk, 'reception', { station: stations.desk, scripts: false });
    await desk.goto(place === 'at the desk' ? '/desk?list=in-house' : '/guests?q=904');
    await desk.getByRole('main').getByRole('link').filter({ hasText: guests.zhang.shown }).click();
    const card = desk.getByRole('article');
    const address = desk.url();
    const add = card.getByText(words('guests.write.note'), { exact: true });
    const form = card.locator('form').filter({ has: desk.getByLabel(words('guests.write.note_text'), { exact: true }) });
    const text = form.getByLabel(words('guests.write.note_text'), { exact: true });
    const audience = form.getByLabel(words('guests.write.audience'), { exact: true });
    const notes = card.getByRole('region', { name: words('guests.card.notes') });
    const most = 2_000;
    const kept = `Likes <quiet> & "the window" (${place})`;
    const tooLong = `${kept}\n${'x'.repeat(most)}`;

    await add.click();
    for (const [typed, problem] of [
      // Nothing at all is stopped by the browser; a blank is not.
      ['   ', words('common.problems.empty')],
      [tooLong, words('common.problems.too_long', { most: String(most) })],
    ] as const) {
      await text.fill(typed);
      await audience.selectOption(words('guests.audience.desk'));
      await form.getByRole('button', { name: words('guests.write.keep') }).click();
      await expect(text, 'the form comes back open').toBeVisible();
      await expect(text).toHaveAttribute('aria-invalid', 'true');
      await expect(text).toHaveAccessibleDescription(new RegExp(`^(! )?${problem}$`));
      await expect(form.getByText(problem)).toBeVisible();
      await expect(text).toHaveValue(typed);
      await expect(audience.locator('option:checked')).toHaveText(words('guests.audience.desk'));
      await expect(card.getByRole('alert')).toHaveText(words('common.problems.see_fields'));
      await expect(desk, 'it is the same card, and nothing of it is in the address').toHaveURL(address);
    }

    await text.fill(kept);
    await form.getByRole('button', { name: words('guests.write.keep') }).click();
    const note = notes.getByRole('listitem').filter({ hasText: kept });
    await expect(note).toHaveCount(1);
    await expect(note).toContainText(words('guests.audience.desk'));
    await expect(text, 'the form is closed and empty again').toBeHidden();
    await expect(text).toHaveValue('');
  });
}

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

test('the form for a rule is in sight with the focus in it, and a refused rule stays as typed', async ({ device }) => {
  const office = await device({ ...bare, ...upright });
  await signIn(office, 'manager', { scripts: false });
  await office.goto('/manage/alert-rules');
  const table = office.getByRole('region', { name: words('alerts.rules.table') });
  const sideways = await table.evaluate((frame) => frame.scrollWidth - frame.clientWidth);
  expect(sideways, 'pixels that are out of sight').toBeLessThanOrEqual(0);

  const field = (label: string) => office.getByLabel(words(`alerts.rules.${label}`), { exact: true });
  await table.getByRole('rowheader', { name: stations.restaurant }).first().getByRole('link').click();
  await expect(field('again_label')).toBeFocused();
  await expect(field('again_label')).toBeInViewport();
  await expect(office.getByRole('heading', { level: 2, name: new RegExp(`^${stations.restaurant}`) })).toBeInViewport();
  await office.goto('/manage/alert-rules');
  await office.getByRole('button', { name: words('alerts.rules.add_submit'), exact: true }).click();
  await expect(field('again_label')).toBeFocused();
  await expect(field('again_label')).toBeInViewport();

  await field('again_label').fill('20');
  await field('duty_label').fill('3');
  await office.getByRole('button', { name: words('common.save'), exact: true }).first().click();
  const early = words('alerts.rules.too_early', {
    given: words('alerts.age.seconds', { seconds: '3' }),
    step: words('alerts.rules.steps.duty'),
    before: words('alerts.rules.before.again'),
    at: words('alerts.age.seconds', { seconds: '20' }),
  });
  await expect(office.getByText(early)).toBeVisible();
  await expect(field('duty_label')).toHaveAttribute('aria-invalid', 'true');
  await expect(field('duty_label')).toHaveValue('3');
  await expect(field('again_label')).toHaveValue('20');
  await expect(office).toHaveURL(/#rule$/);
});
