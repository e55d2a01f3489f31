import { type Page } from '@playwright/test';
import { boardCard, comingDown, find, greetAll, guests, openCard } from './screens.ts';
import { expect, hydrated, type OpenDevice, signIn, stations, visit } from './test.ts';
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

  const manager = await device();
  await signIn(manager, 'manager', { station: stations.desk });
  for (const [path, name] of [
    ['/manage', 'manage'],
    ['/manage/staff', 'manage-staff'],
    ['/manage/stations', 'manage-stations'],
    ['/manage/imports', 'manage-imports'],
    ['/manage/audit', 'manage-audit'],
  ] as const) {
    await visit(manager, path);
    await expect(manager.getByRole('heading', { level: 1 })).toBeVisible();
    await look(manager, name);
  }
  await greetAll(host);
}
