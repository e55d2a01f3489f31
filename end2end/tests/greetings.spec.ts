import { type Page } from '@playwright/test';
import {
  begin,
  dayAt,
  daysFrom,
  figure,
  icelanders,
  importIcelanders,
  makeCampaign,
  timeAt,
  within,
} from '../support/greetings.ts';
import { type Letter, undeliverable } from '../support/letters.ts';
import { lookAt, picture } from '../support/look.ts';
import { openCard } from '../support/screens.ts';
import { type Server } from '../support/server.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// The hour at which letters leave comes when the clock is moved there.
test.use({ program: 'movable', house: 'greetings' });
// One story: the house goes on with what the test before has left.
test.describe.configure({ mode: 'serial', timeout: 240_000 });

/** Letters leave so long after the story begins, in minutes: longer than its first half takes. */
const LEAVES_AFTER = 60;

const { helga, bjorn, saga, sigga, gunnar, katla, freyja, einar } = icelanders;
const hold = 'Asked for a quiet birthday';

/** What the tests hand on to each other. */
const story = { today: '', leavesAt: '', birthdays: '', lapsed: '' };

const letterTo = (server: Server, email: string): Letter => {
  const letter = server.letters().find(({ to }) => to === email);
  if (!letter) throw new Error(`no letter to ${email} has left`);
  return letter;
};

/** The line of a guest in the list of whom a campaign reaches. */
const personLine = (page: Page, { last }: { last: string }) => page.getByRole('row').filter({ hasText: last });

test('a birthday campaign begins on an empty page, and tells by name whom it reaches', async ({ device, server }) => {
  // The whole story is of one day at the house.
  let now = new Date();
  if (dayAt(new Date(now.getTime() + (LEAVES_AFTER + 60) * 60_000)) !== dayAt(now)) {
    const toMidnight = 24 * 60 - (Number(timeAt(now).slice(0, 2)) * 60 + Number(timeAt(now).slice(3)));
    await server.moveOn((toMidnight + 1) * 60);
    now = new Date(now.getTime() + (toMidnight + 1) * 60_000);
  }
  story.today = dayAt(now);
  story.leavesAt = timeAt(new Date(now.getTime() + LEAVES_AFTER * 60_000));

  const manager = await device();
  await signIn(manager, 'manager', { station: stations.desk });
  await importIcelanders(manager, story.today);
  await openCard(manager, `${freyja.first} ${freyja.last}`, `${freyja.first} ${freyja.last}`);
  const greetings = manager.getByRole('region', { name: words('campaigns.hold.title') });
  await greetings.getByText(words('campaigns.hold.say'), { exact: true }).click();
  await greetings.getByLabel(words('campaigns.hold.reason'), { exact: true }).fill(hold);
  await greetings.getByLabel(words('campaigns.hold.until'), { exact: true }).fill(daysFrom(story.today, 5));
  await greetings.getByRole('button', { name: words('campaigns.hold.keep'), exact: true }).click();
  await expect(greetings.getByRole('status').filter({ hasText: hold })).toBeVisible();

  const marketing = await device();
  await signIn(marketing, 'marketing');
  await visit(marketing, '/campaigns');
  await expect(marketing.getByText(words('campaigns.list.empty'), { exact: true })).toBeVisible();
  const name = 'Birthdays, house letter';
  story.birthdays = await makeCampaign(marketing, 'birthday', {
    name,
    send_at: story.leavesAt,
    signer: 'Clara Sousa',
    signer_title: 'General Manager',
  });
  await lookAt(marketing, 'campaign-draft');
  await visit(marketing, `${story.birthdays}/edit`);
  await lookAt(marketing, 'campaign-settings');

  await visit(marketing, `${story.birthdays}/letters`);
  await marketing.getByLabel(words('campaigns.preview.guest'), { exact: true }).fill(helga.last);
  await marketing.getByRole('button', { name: words('campaigns.preview.show'), exact: true }).click();
  const found = marketing.getByRole('list', { name: words('campaigns.preview.found') });
  await found.getByRole('link', { name: helga.last }).click();
  const subject = `A happy birthday, Ms ${helga.last}`;
  await expect(marketing.getByRole('definition').filter({ hasText: subject })).toBeVisible();
  await lookAt(marketing, 'campaign-letters');

  await visit(marketing, `${story.birthdays}/preflight`);
  for (const [outcome, count] of [['reached', 3], ['trace', 1], ['held', 2], ['skipped', 1]] as const) {
    const total = `${count} ${words(`campaigns.preflight.${outcome}`)}`;
    await expect(marketing.getByRole('link', { name: total, exact: true }), outcome).toBeVisible();
  }
  for (const guest of [helga, bjorn, saga]) await expect(personLine(marketing, guest)).toBeVisible();
  await lookAt(marketing, 'campaign-preflight');
  await visit(marketing, `${story.birthdays}/preflight?show=held`);
  await expect(personLine(marketing, freyja)).toContainText(words('campaigns.reason.on_hold'));
  await expect(personLine(marketing, freyja)).toContainText(hold);
  await expect(personLine(marketing, gunnar)).toContainText(words('campaigns.reason.in_house'));
  await lookAt(marketing, 'campaign-preflight-held');
  await visit(marketing, `${story.birthdays}/preflight?show=skipped`);
  await expect(personLine(marketing, sigga)).toContainText(words('campaigns.reason.no_consent'));

  await begin(marketing, story.birthdays);
  await visit(marketing, '/campaigns/calendar');
  await expect(marketing.getByRole('columnheader', { name })).toBeVisible();
  // The Icelanders whose birthday is today, and nobody else's.
  const today = marketing.getByRole('row').filter({ hasText: words('campaigns.calendar.today') });
  await expect(today.getByRole('link', { name: /^7\b/ })).toBeVisible();
  await lookAt(marketing, 'campaign-calendar');
  expect(server.letters(), 'before their hour').toEqual([]);
});

test('a letter to a guest who has not come back waits until its signer has read it', async ({ device }) => {
  const marketing = await device();
  await signIn(marketing, 'marketing');
  story.lapsed = await makeCampaign(marketing, 'lapsed', {
    name: 'We miss you',
    send_at: story.leavesAt,
    signer: 'Clara Sousa',
    signer_title: 'General Manager',
    personal_from_vip: '3',
  });
  await begin(marketing, story.lapsed);

  const signer = await device();
  await signIn(signer, 'manager', { station: stations.desk });
  const waiting = signer.getByRole('list', { name: words('campaigns.approve.title') });
  const open = waiting.getByRole('link', { name: einar.last });
  await within(signer, '/campaigns/approvals', () => expect(open).toBeVisible({ timeout: 1_000 }));
  await open.click();
  const passage = new RegExp(`^${words('campaigns.approve.passage', { number: '\\d+' })}$`);
  const passages = signer.getByRole('textbox', { name: passage });
  await expect(passages.first()).toBeVisible();
  await lookAt(signer, 'approvals');
  let changed = 0;
  for (const line of await passages.all()) {
    if (!(await line.inputValue()).startsWith('Dear ')) continue;
    await line.fill('Dear Einar, old friend,');
    changed += 1;
  }
  expect(changed, 'passages that begin the letter').toBe(1);
  const text = signer.getByLabel(words('campaigns.letter.text'), { exact: true });
  await text.fill((await text.inputValue()).replace(/^Dear .*$/m, 'Dear Einar, old friend,'));
  await signer.getByRole('button', { name: words('campaigns.approve.send'), exact: true }).click();
  await expect(signer.getByText(words('campaigns.approve.sent'), { exact: true })).toBeVisible();
  await expect(open).toHaveCount(0);
});

test('what is paused does not leave, and goes on when it is resumed', async ({ device, server }) => {
  const planned = words('campaigns.occurrence.planned');
  const before = await device();
  await signIn(before, 'marketing');
  await within(before, story.birthdays, () => expect(figure(before, planned)).toHaveText('3', { timeout: 1_000 }));
  await before.getByRole('button', { name: words('campaigns.overview.pause'), exact: true }).click();
  await expect(before.getByText(words('campaigns.pause.by_hand', { who: 'Sofia' }))).toBeVisible();
  await lookAt(before, 'campaign-paused');

  // The same run of the sender that takes the signed letter finds the paused campaign's due as well.
  await server.moveOn((LEAVES_AFTER + 1) * 60);
  await expect.poll(() => server.letters().map(({ to }) => to), { timeout: 30_000 }).toEqual([einar.email]);

  // Whoever was signed in has been away for an hour.
  const marketing = await device();
  await signIn(marketing, 'marketing');
  await visit(marketing, story.birthdays);
  await expect(figure(marketing, planned)).toHaveText('3');
  expect(server.letters(), 'while it is paused').toHaveLength(1);
  await marketing.getByRole('button', { name: words('campaigns.overview.resume'), exact: true }).click();
  await expect(marketing.getByText(words('campaigns.overview.is_active'), { exact: true })).toBeVisible();
  const everybody = [bjorn, einar, helga, saga].map(({ email }) => email);
  await expect.poll(() => server.letters().map(({ to }) => to).sort(), { timeout: 30_000 }).toEqual(everybody);
  const sent = words('campaigns.occurrence.sent');
  await within(marketing, story.birthdays, () => expect(figure(marketing, sent)).toHaveText('3', { timeout: 1_000 }));
  await lookAt(marketing, 'campaign-sent');
});

test('the letters are in the words of the house, of the signer, and of the guest', async ({ device, server }) => {
  const birthday = letterTo(server, helga.email);
  expect(birthday.subject).toBe(`A happy birthday, Ms ${helga.last}`);
  for (const part of [birthday.text, birthday.html]) {
    expect(part).toContain(`Dear Ms ${helga.last}`);
    expect(part).toContain('Clara Sousa');
    expect(part).toContain(birthday.unsubscribe);
  }
  expect(birthday.headers.get('list-unsubscribe-post')).toBe('List-Unsubscribe=One-Click');
  expect(birthday.headers.get('auto-submitted')).toBe('auto-generated');
  expect(letterTo(server, bjorn.email).subject).toMatch(/^Feliz cumpleaños/);
  const personal = letterTo(server, einar.email);
  for (const part of [personal.text, personal.html]) expect(part).toContain('Dear Einar, old friend,');

  const reader = await device();
  await reader.setContent(birthday.html);
  for (const [side, viewport] of [
    ['telephone', { width: 390, height: 844 }],
    ['computer', { width: 1024, height: 768 }],
  ] as const) {
    await reader.setViewportSize(viewport);
    await expect(reader.getByText(`Dear Ms ${helga.last}`).locator('visible=true')).toHaveCount(1);
    const wide = await reader.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect.soft(wide, `${side}: wider than the screen`).toBeLessThanOrEqual(0);
    await picture(reader, `letter-${side}`);
  }
});

test('the floor greets in person whose birthday falls in house', async ({ device }) => {
  const floor = await device();
  await signIn(floor, 'floor', { station: stations.floor });
  await visit(floor, '/traces?department=floor');
  const trace = floor.getByRole('main').getByRole('listitem').filter({ hasText: katla.last });
  await expect(trace).toContainText(words('campaigns.trace.birthday'));
  await expect(trace).toContainText('712');
  await lookAt(floor, 'traces');
  await trace.getByRole('button', { name: words('campaigns.trace.resolve') }).click();
  await expect(trace).toContainText(words('campaigns.trace.resolved_by', { who: 'Wei', at: '' }).trim());
});

test('a guest unsubscribes by the link of a letter, and by the button of the mail program', async ({
  device,
  server,
}) => {
  const guest = await device();
  await guest.goto(letterTo(server, helga.email).unsubscribe);
  const kind = words('campaigns.public.kinds.birthday.within');
  const button = guest.getByRole('button', { name: words('campaigns.public.unsubscribe.kind', { kind }) });
  await expect(button).toBeVisible();
  await lookAt(guest, 'unsubscribe');
  await button.click();
  await expect(guest.getByText(words('campaigns.public.unsubscribe.done_kind', { kind }))).toBeVisible();
  await guest.getByRole('link', { name: words('campaigns.public.unsubscribe.choose') }).click();
  await expect(guest.getByLabel(words('campaigns.public.kinds.birthday.name'), { exact: true })).not.toBeChecked();
  await expect(guest.getByLabel(words('campaigns.public.kinds.lapsed.name'), { exact: true })).toBeChecked();
  await lookAt(guest, 'preferences');

  // As a mail program does it: no page, no cookie, and no way on.
  const answer = await fetch(letterTo(server, saga.email).unsubscribe, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: 'List-Unsubscribe=One-Click',
    redirect: 'manual',
  });
  expect(answer.status).toBe(200);

  const manager = await device();
  await signIn(manager, 'manager', { station: stations.desk });
  for (const [who, source] of [[helga, 'unsubscribe_page'], [saga, 'one_click']] as const) {
    await openCard(manager, `${who.first} ${who.last}`, `${who.first} ${who.last}`);
    const greetings = manager.getByRole('region', { name: words('campaigns.hold.title') });
    await greetings.getByText(words('campaigns.hold.history'), { exact: true }).click();
    const about = words('campaigns.kind.birthday');
    const said = greetings.getByRole('listitem').filter({ hasText: words('campaigns.hold.refused', { about }) });
    await expect(said).toContainText(words(`campaigns.hold.source.${source}`));
  }
});

test('an address from which a letter comes back is not written to any more', async ({ device, server }) => {
  server.returnMail('undeliverable.eml', undeliverable(letterTo(server, bjorn.email)));
  const marketing = await device();
  await signIn(marketing, 'marketing');
  const bounced = figure(marketing, words('campaigns.results.bounced'));
  await within(marketing, `${story.birthdays}/results`, () => expect(bounced).toHaveText('1', { timeout: 1_000 }));
  await expect(figure(marketing, words('campaigns.results.sent'))).toHaveText('3');
  await expect(figure(marketing, words('campaigns.results.unsubscribed'))).toHaveText('2');
  await lookAt(marketing, 'campaign-results');

  const news = await makeCampaign(marketing, 'one_off', {
    name: 'The garden is open',
    starts: story.today,
    send_at: story.leavesAt,
  });
  await visit(marketing, `${news}/preflight?show=skipped&reason=suppressed`);
  const suppressed = words('campaigns.reason.suppressed');
  await expect(marketing.getByRole('link', { name: `1 ${suppressed}`, exact: true })).toBeVisible();
  await expect(personLine(marketing, bjorn)).toContainText(suppressed);
  // The others have had a letter today.
  await visit(marketing, `${news}/preflight?show=held&reason=frequency_cap`);
  await expect(personLine(marketing, helga)).toContainText(words('campaigns.reason.frequency_cap'));
});
