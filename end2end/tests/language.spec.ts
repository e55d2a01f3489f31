import { expect, password, people, stations, test } from '../support/test.ts';
import { type Language, words } from '../support/words.ts';

const names: [Language, string][] = [
  ['zh', '中文'],
  ['es', 'Español'],
  ['en', 'English'],
];

for (const scripts of [true, false]) {
  test(`each person reads in their own language (scripts ${scripts ? 'on' : 'off'})`, async ({ device }) => {
    const desk = await device({ javaScriptEnabled: scripts });
    await desk.goto('/sign-in');
    for (const [language, name] of names) {
      await desk.getByRole('button', { name, exact: true }).click();
      await expect(desk.locator('html')).toHaveAttribute('lang', language);
      const title = words('staff.sign_in.title', {}, language);
      await expect(desk.getByRole('heading', { name: title, exact: true })).toBeVisible();
    }
    await desk.getByRole('button', { name: '中文', exact: true }).click();
    await expect(desk.locator('html')).toHaveAttribute('lang', 'zh');
    await desk.getByLabel(words('staff.sign_in.login', {}, 'zh')).fill(people.reception);
    await desk.getByLabel(words('staff.sign_in.password', {}, 'zh')).fill(password);
    await desk.getByRole('button', { name: words('staff.sign_in.submit', {}, 'zh'), exact: true }).click();
    await desk.getByRole('button', { name: stations.desk }).click();
    await expect(desk).toHaveURL(/\/desk$/);
    await expect(desk.getByRole('link', { name: words('guests.lists.arrivals', {}, 'zh') })).toBeVisible();
  });
}
