import { type Page } from '@playwright/test';
import { arrivedAt, boardCard, comingDown, find, greetAll, guests, lineIsLive, openCard, wordPanel } from './screens.ts';
import { expect, hydrated, type OpenDevice, restaurantExtension, signIn, stations, visit } from './test.ts';
import { words } from './words.ts';

/** What is done on each screen of the tour. `name` is the same in every language and size. */
export type Look = (page: Page, name: string) => Promise<void>;

/**
 * Goes through the main screens as the people do who work on them, with the story of Mr Zhang under
 * way, and takes a look at each.
 */
export async function tour(device: OpenDevice, look: Look): Promise<void> {
  const front = await device();
  await visit(front, '/sign-in');
  await look(front, 'sign-in');

  const floor = await device();
  await signIn(floor, 'floor');
  await look(floor, 'station');
  await floor.getByRole('button', { name: stations.floor }).click();
  await floor.waitForURL('/floor');
  await hydrated(floor);
  const host = await device();
  await signIn(host, 'host', { station: stations.restaurant });
  await host.getByRole('button', { name: words('alerts.shift.start') }).click();
  await greetAll(host);
  await look(host, 'board-quiet');

  await comingDown(floor, guests.oneill.shown);
  const oneill = boardCard(host, guests.oneill.shown);
  await oneill.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  await comingDown(floor, guests.zhang.shown);
  await expect(boardCard(host, guests.zhang.shown)).toBeVisible();
  await expect(floor.getByText(words('alerts.state.acknowledged', { name: 'Anna' }))).toBeVisible();
  await look(host, 'board');
  await look(floor, 'floor');
  await openCard(floor, guests.zhang.room, guests.zhang.shown);
  await look(floor, 'floor-card');
  await visit(floor, '/traces');
  await expect(floor.getByRole('heading', { level: 1 })).toBeVisible();
  await look(floor, 'floor-traces');

  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  await look(desk, 'desk-arrivals');
  await visit(desk, '/desk?list=in-house');
  await desk.getByRole('link').filter({ hasText: guests.zhang.shown }).click();
  await expect(desk.getByRole('article')).toContainText(guests.zhang.shown);
  await look(desk, 'desk');
  const card = await openCard(desk, guests.zhang.room, guests.zhang.shown);
  await look(desk, 'card');
  await desk.getByText(words('guests.write.preference'), { exact: true }).click();
  await look(desk, 'card-writing');
  for (const [path, name] of [
    [`${card}/timeline`, 'timeline'],
    [`${card}/points`, 'points'],
    [card.replace('/guests/', '/requests?guest='), 'requests'],
    [card.replace('/guests/', '/briefings/'), 'briefing'],
    ['/briefings', 'briefings'],
    ['/recoveries', 'recoveries'],
    ['/names', 'names'],
    ['/call?from=%2B66812345678', 'call'],
  ] as const) {
    await visit(desk, path);
    await expect(desk.getByRole('heading', { level: 1 })).toBeVisible();
    await look(desk, name);
  }
  await visit(desk, `${card}/edit`);
  await desk.getByLabel(words('guests.form.birthday'), { exact: true }).fill('31/02/1990');
  await desk.getByRole('button', { name: words('guests.form.save'), exact: true }).click();
  await expect(desk.getByText(words('common.problems.not_date', { value: '31/02/1990' }))).toBeVisible();
  await look(desk, 'profile-refused');
  await visit(desk, '/guests');
  await find(desk, 'zhang', guests.zhang.shown);
  await look(desk, 'search');
  await visit(desk, '/nowhere');
  await look(desk, 'not-found');

  const marketing = await device();
  await signIn(marketing, 'marketing');
  await openCard(marketing, 'zhang wei', guests.zhang.shown);
  await look(marketing, 'card-marketing');
  for (const [path, name] of [
    ['/campaigns', 'greetings'],
    ['/campaigns/new', 'greetings-kinds'],
    ['/campaigns/new?kind=lapsed', 'greetings-new'],
    ['/campaigns/calendar', 'greetings-calendar'],
    ['/campaigns/approvals', 'greetings-approvals'],
    ['/campaigns/outbox', 'greetings-outbox'],
    ['/campaigns/pictures', 'greetings-pictures'],
  ] as const) {
    await visit(marketing, path);
    await expect(marketing.getByRole('heading', { level: 1 })).toBeVisible();
    await look(marketing, name);
  }

  const manager = await device();
  await signIn(manager, 'manager', { station: stations.desk });
  for (const [path, name] of [
    ['/manage', 'manage'],
    ['/manage/staff', 'manage-staff'],
    ['/manage/stations', 'manage-stations'],
    ['/manage/imports', 'manage-imports'],
    ['/manage/audit', 'manage-audit'],
    ['/manage/alerts', 'manage-alerts'],
    ['/manage/alert-rules', 'manage-alert-rules'],
    ['/manage/letters', 'manage-letters'],
  ] as const) {
    await visit(manager, path);
    await expect(manager.getByRole('heading', { level: 1 })).toBeVisible();
    await look(manager, name);
  }
  await greetAll(host);
  await tourOfTheUnanswered({ floor, host, manager }, look);
}

/** The screens on which something is wrong: nobody answers, a kind is muted, a shift ends with word open. */
async function tourOfTheUnanswered(
  { floor, host, manager }: Record<'floor' | 'host' | 'manager', Page>,
  look: Look,
): Promise<void> {
  // At the door nobody may wait: in this house such word is carried as far as it goes within seconds.
  const rules = '/manage/alert-rules';
  const atTheDoor = words('alerts.kind.at_the_door');
  const choice = manager.locator('form[method="get"]');
  await visit(manager, rules);
  await choice.getByLabel(words('alerts.rules.station'), { exact: true }).selectOption({ label: stations.restaurant });
  await choice.getByLabel(words('alerts.rules.kind'), { exact: true }).selectOption({ label: atTheDoor });
  await choice.getByRole('button').click();
  const rule = manager.locator('form').filter({ has: manager.getByRole('combobox') });
  const type = (label: string, text: string) => rule.getByLabel(words(`alerts.rules.${label}`), { exact: true }).fill(text);
  await expect(rule.getByLabel(words('alerts.rules.duty_label'), { exact: true })).toBeVisible();
  await hydrated(manager);
  await type('again_label', '5');
  await type('duty_label', '3');
  await rule.getByRole('button', { name: words('common.save') }).click();
  await expect(rule.getByText(words('alerts.rules.too_early', {
    given: words('alerts.age.seconds', { seconds: '3' }),
    step: words('alerts.rules.steps.duty'),
    before: words('alerts.rules.before.again'),
    at: words('alerts.age.seconds', { seconds: '5' }),
  }))).toBeVisible();
  await look(manager, 'manage-alert-rule-refused');
  await type('again_label', '1');
  await type('duty_label', '2');
  await type('unanswered_label', '3');
  await rule.getByLabel(words('alerts.rules.backup_label'), { exact: true }).selectOption({ label: stations.concierge });
  await rule.getByRole('button', { name: words('common.save') }).click();
  const row = manager.getByRole('row').filter({ hasText: atTheDoor });
  await expect(row.getByRole('cell', { name: stations.concierge })).toBeVisible();
  await visit(manager, '/manage');

  const leaving = words('alerts.kind.leaving');
  await host.getByText(words('alerts.quiet.title'), { exact: true }).click();
  await host.getByRole('button', { name: words('alerts.quiet.mute', { kind: leaving }) }).click();
  await expect(host.getByRole('button', { name: words('alerts.quiet.unmute', { kind: leaving }) })).toBeVisible();
  await look(host, 'board-quiet-kinds');
  await host.getByText(/^Quiet/).click();

  for (const [guest, kind] of [[guests.oneill, leaving], [guests.zhang, atTheDoor]] as const) {
    await openCard(floor, guest.room, guest.shown);
    await floor.getByText(words('alerts.raise.more'), { exact: true }).click();
    if (kind === leaving) await look(floor, 'floor-words');
    await floor
      .locator('form')
      .filter({ has: floor.getByText(stations.restaurant, { exact: true }) })
      .getByRole('button', { name: kind, exact: true })
      .click();
    await expect(wordPanel(floor).getByText(arrivedAt(stations.restaurant))).toBeVisible();
  }
  await expect(boardCard(host, guests.zhang.shown)).toContainText(words('alerts.tablet.told_managers'));
  await expect(boardCard(host, guests.oneill.shown)).toContainText(
    words('alerts.tablet.quiet', { station: stations.restaurant }),
  );
  await look(host, 'board-unanswered');
  await expect(wordPanel(floor)).toContainText(
    words('alerts.state.unanswered', { extension: restaurantExtension }),
  );
  await look(floor, 'floor-unanswered');
  await expect(manager.getByRole('alert').filter({ hasText: guests.zhang.address })).toBeVisible();
  await look(manager, 'manage-called');

  await host.getByRole('link', { name: words('alerts.shift.end') }).click();
  await host.waitForURL('/board/end-shift');
  await expect(host.getByRole('region', { name: words('alerts.handover.open') })).toContainText(guests.zhang.address);
  await look(host, 'end-shift');
  await host.getByLabel(words('alerts.handover.note'), { exact: true }).fill('He waits at the door. Table 12 is ready.');
  await host.getByRole('button', { name: words('alerts.handover.end') }).click();
  await host.waitForURL('/board');
  await expect(host.getByRole('button', { name: words('alerts.handover.take') })).toBeVisible();
  await expect(lineIsLive(host)).toBeVisible();
  await look(host, 'board-handed-over');

  // The house as it was, for the next tour.
  await host.getByRole('button', { name: words('alerts.handover.take') }).click();
  await greetAll(host);
  await host.getByText(/^Quiet/).click();
  await host.getByRole('button', { name: words('alerts.quiet.unmute', { kind: leaving }) }).click();
  await expect(host.getByText(words('alerts.quiet.title'), { exact: true })).toBeVisible();
  await visit(manager, rules);
  await row.getByRole('link').click();
  await manager.getByRole('button', { name: words('alerts.rules.remove') }).click();
  await expect(row).toHaveCount(0);
}
