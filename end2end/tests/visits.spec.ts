import { type Locator, type Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { dayAt } from '../support/greetings.ts';
import { lookAt } from '../support/look.ts';
import { guests, openCard } from '../support/screens.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// One house: what a test has called stands in the timeline of the next.
test.describe.configure({ mode: 'serial' });

const { zhang } = guests;
const known = '+86 139 1234 5678';
const unknown = '+66 81 234 5678';

const sheet = (page: Page): Locator => page.getByRole('article');
const part = (page: Page, key: string): Locator => page.getByRole('region', { name: words(key), exact: true });
const forbidden = (page: Page): Locator => page.getByRole('heading', { name: words('common.states.forbidden') });

test('the desk briefs itself before a guest arrives, and prints the sheet', async ({ device }) => {
  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  await desk.getByRole('link', { name: words('common.nav.briefings'), exact: true }).click();
  await desk.waitForURL('/briefings');
  await expect(desk.getByLabel(words('visits.briefing.day'), { exact: true }), 'some days ahead').not.toHaveValue(
    dayAt(new Date()),
  );
  await expectAccessible(desk, 'the arrivals of a day');

  // Who comes today, and the sheet about Dr Sato.
  await desk.getByLabel(words('visits.briefing.day'), { exact: true }).fill(dayAt(new Date()));
  await desk.getByRole('button', { name: words('visits.briefing.show'), exact: true }).click();
  await desk.waitForURL(/\/briefings\?day=/);
  const arrivals = desk.getByRole('listitem').filter({ has: desk.getByRole('link', { name: 'Dr Sato', exact: true }) });
  await expect(arrivals).toHaveCount(1);
  await arrivals.getByRole('link', { name: 'Dr Sato', exact: true }).click();
  await desk.waitForURL(/\/briefings\/[0-9a-f-]{36}$/);
  await expect(desk.getByRole('heading', { level: 1 })).toHaveText('Dr Sato');
  await expect(part(desk, 'visits.briefing.to_ask')).toContainText(words('visits.briefing.ask.dietary'));

  // Mr Zhang has been here before.
  const card = await openCard(desk, zhang.room, zhang.shown);
  await visit(desk, card.replace('/guests/', '/briefings/'));
  await expect(sheet(desk)).toContainText('No shellfish');
  await expect(part(desk, 'visits.briefing.who')).toContainText('room 904');
  await expect(part(desk, 'visits.briefing.likes')).toContainText(words('visits.briefing.standing.stated'));
  await lookAt(desk, 'briefing-sheet');

  // On paper there is nothing to tap, and everything to read.
  await desk.emulateMedia({ media: 'print' });
  await expect(desk.getByRole('button', { name: words('visits.briefing.print') })).toBeHidden();
  await expect(desk.getByRole('navigation').first()).toBeHidden();
  await expect(sheet(desk)).toContainText('No shellfish');
  await desk.emulateMedia({ media: 'screen' });
  const printed = desk.evaluate(
    () =>
      new Promise<boolean>((resolve) => {
        window.print = () => resolve(true);
      }),
  );
  await desk.getByRole('button', { name: words('visits.briefing.print'), exact: true }).click();
  expect(await printed).toBe(true);

  // The host prepares the table, and is told neither dates nor questions.
  const host = await device();
  await signIn(host, 'host', { station: stations.restaurant });
  await visit(host, card.replace('/guests/', '/briefings/'));
  await expect(sheet(host)).toContainText('No shellfish');
  await expect(part(host, 'visits.briefing.to_ask')).toHaveCount(0);
  const office = await device();
  await signIn(office, 'marketing');
  await expect(office.getByRole('link', { name: words('common.nav.briefings'), exact: true })).toHaveCount(0);
  await visit(office, '/briefings');
  await expect(forbidden(office)).toBeVisible();
});

test('a known number opens the card, and an unknown one begins a profile', async ({ device }) => {
  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });

  // As a telephone system opens it; a plus that nobody escaped arrives as a space.
  for (const number of [encodeURIComponent(known), known, '0086-139-1234-5678', '139 1234 5678']) {
    await desk.goto(`/call?from=${number}`);
    await desk.waitForURL(/\/guests\/[0-9a-f-]{36}\?call=1$/);
    await expect(sheet(desk), number).toContainText(zhang.shown);
  }
  await expect(part(desk, 'visits.call.on_call')).toBeVisible();
  await lookAt(desk, 'on-call');
  await desk.goto('/call?member=cedar0904');
  await desk.waitForURL(/\?call=1$/);

  await visit(desk, '/call');
  await desk.getByLabel(words('visits.call.number'), { exact: true }).fill(unknown);
  await desk.getByRole('button', { name: words('visits.call.look_up'), exact: true }).click();
  await expect(desk.getByRole('heading', { name: words('visits.call.nobody') })).toBeVisible();
  await lookAt(desk, 'call-unknown');
  await desk.getByRole('link', { name: words('visits.call.new_guest'), exact: true }).click();
  await desk.waitForURL(/\/guests\/new\?phone=/);
  await expect(desk.getByLabel(words('guests.form.phones'), { exact: true })).toHaveValue(unknown.replaceAll(' ', ''));

  // Whoever does not see telephone numbers has nobody to look up.
  const floor = await device();
  await signIn(floor, 'floor', { station: stations.floor });
  await visit(floor, `/call?from=${encodeURIComponent(known)}`);
  await expect(forbidden(floor)).toBeVisible();
  await expect(floor.getByText(zhang.shown)).toHaveCount(0);
});

test('a call is looked up where no script runs', async ({ device }) => {
  const desk = await device({ javaScriptEnabled: false });
  await signIn(desk, 'reception', { station: stations.desk, scripts: false });
  await desk.goto('/call');
  await desk.getByLabel(words('visits.call.number'), { exact: true }).fill(known);
  await desk.getByRole('button', { name: words('visits.call.look_up'), exact: true }).click();
  await desk.waitForURL(/\/guests\/[0-9a-f-]{36}\?call=1$/);
  await expect(sheet(desk)).toContainText(zhang.shown);
});

test('one stream tells what happened, as much of it as the role may see', async ({ device }) => {
  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  const card = await openCard(desk, zhang.room, zhang.shown);
  await desk.getByRole('link', { name: words('visits.timeline.title'), exact: true }).click();
  await desk.waitForURL(`${card}/timeline`);
  const moments = (page: Page): Locator => page.getByRole('main').getByRole('listitem').filter({ has: page.locator('p') });
  const called = words('visits.timeline.called', { number: known.replaceAll(' ', '') });
  await expect(moments(desk).filter({ hasText: called }).first()).toBeVisible();
  await expect(moments(desk).filter({ hasText: 'The Cedars, room 904' })).toHaveCount(2);
  await lookAt(desk, 'timeline');

  // Calls alone, and everything again.
  await desk.getByRole('link', { name: words('visits.timeline.kind.call'), exact: true }).click();
  await desk.waitForURL(/\?kinds=call$/);
  await expect(moments(desk).filter({ hasText: 'The Cedars, room 904' })).toHaveCount(0);
  await expect(moments(desk).filter({ hasText: called }).first()).toBeVisible();
  await desk.getByRole('link', { name: words('visits.timeline.all'), exact: true }).click();
  await expect(moments(desk).filter({ hasText: 'The Cedars, room 904' })).toHaveCount(2);

  // Neither the host nor marketing is told who called, nor offered to ask.
  for (const who of ['host', 'marketing'] as const) {
    const other = await device();
    await signIn(other, who, who === 'host' ? { station: stations.restaurant } : {});
    await visit(other, `${card}/timeline`);
    await expect(other.getByRole('heading', { level: 1 })).toHaveText(zhang.address);
    await expect(other.getByText(called)).toHaveCount(0);
    await expect(other.getByRole('link', { name: words('visits.timeline.kind.call'), exact: true })).toHaveCount(0);
    await visit(other, `${card}/timeline?kinds=call`);
    await expect(other.getByText(called)).toHaveCount(0);
  }
});
