import { type Locator, type Page } from '@playwright/test';
import { expectAccessible } from '../support/axe.ts';
import { dayAt, timeAt } from '../support/greetings.ts';
import { boardCard, guests, openCard } from '../support/screens.ts';
import { openBoard, upright } from '../support/tablets.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// A taxi rings ten minutes before its time: the clock of this server can be moved.
test.use({ program: 'movable', house: 'taxi' });

const door = 'Door';
const place = 'the airport';
/** She leaves today. */
const guest = guests.oneill;

/** What is asked for is thirteen minutes from now, so that it rings in two or three. */
const soon = (): { day: string; time: string } => {
  const at = new Date(Date.now() + 13 * 60_000);
  return { day: dayAt(at), time: timeAt(at) };
};

const field = (page: Page, name: string): Locator => page.getByLabel(words(`requests.form.${name}`), { exact: true });
const button = (page: Page, key: string): Locator => page.getByRole('button', { name: words(key), exact: true });
/** What a card says of it. */
const asked = (page: Page): Locator => page.getByRole('region', { name: words('requests.card.title'), exact: true });
/** The request in the list of its page. */
const row = (page: Page): Locator =>
  page.getByRole('list', { name: words('requests.list.open') }).getByRole('listitem').filter({ hasText: place });

/** From the guest's card to the form, and a taxi into it. */
async function typeTaxi(page: Page, { day, time }: { day: string; time: string }): Promise<void> {
  await page.getByRole('link', { name: words('requests.card.enter'), exact: true }).click();
  await page.waitForURL(/\/requests\?guest=/);
  await expect(field(page, 'place')).toBeVisible();
  await page.getByLabel(words('requests.kind.taxi'), { exact: true }).check();
  await field(page, 'place').fill(place);
  await field(page, 'day').fill(day);
  await field(page, 'time').fill(time);
}

test('a taxi is asked for once, known at four stations, arranged, rung and handed over', async ({ device, server }) => {
  const [desk, floor, host] = [await device(), await device(upright), await device()];
  const [porter, lodge] = [await device(), await device()];
  await signIn(desk, 'reception', { station: stations.desk });
  await signIn(floor, 'floor', { station: stations.floor });
  await signIn(host, 'host', { station: stations.restaurant });
  const card = await openCard(desk, guest.room, guest.shown);
  await visit(floor, card);
  await visit(host, card);
  await openBoard(porter, 'manager', door);
  await openBoard(lodge, 'concierge', stations.concierge);
  await expect(asked(floor)).toHaveCount(0);

  // The desk asks, with words of the house beside its own.
  const when = soon();
  await typeTaxi(desk, when);
  await desk.getByLabel('Two suitcases', { exact: true }).check();
  await expect(desk.getByLabel('Another pillow', { exact: true }), 'for the room').toBeHidden();
  await expectAccessible(desk, 'entering a request');
  await button(desk, 'requests.form.keep').click();
  await expect(desk.getByText(words('requests.form.kept')).first()).toBeVisible();
  await expect(row(desk)).toHaveCount(1);

  // Nobody who meets her needs to ask again: it is on open cards and on the board of the door.
  const ordered = words('requests.line.ordered_at', { by: 'Li', station: stations.desk });
  for (const page of [floor, host]) {
    await expect(asked(page)).toContainText(words('requests.to.taxi', { place }));
    await expect(asked(page)).toContainText(when.time);
    await expect(asked(page)).toContainText('Two suitcases');
    await expect(asked(page)).toContainText(ordered);
    await expect(asked(page)).toContainText(words('requests.state.asked'));
  }
  const departing = porter.getByRole('region', { name: words('requests.board.title') });
  await expect(departing).toContainText(guest.address);
  await expect(departing).toContainText(words('requests.to.taxi', { place }));

  // Whoever asks all the same is shown the open one first.
  await typeTaxi(floor, when);
  const known = floor.getByRole('region', { name: words('requests.form.known') });
  await expect(known).toContainText(ordered);
  await button(floor, 'requests.form.keep').click();
  await expect(known).toBeVisible();
  await expect(button(floor, 'requests.form.anyway')).toBeVisible();
  await expect(row(floor)).toHaveCount(1);

  // The concierge has the trace, and arranges it with its plate.
  await visit(lodge, '/traces');
  await expect(lodge.getByRole('main')).toContainText(place);
  await visit(lodge, '/requests');
  await expectAccessible(lodge, 'the list of requests');
  await row(lodge).getByText(words('requests.change.arrange'), { exact: true }).click();
  await row(lodge).getByLabel(words('requests.change.details'), { exact: true }).fill('12-AB-34, blue');
  await row(lodge).getByRole('button', { name: words('requests.change.arrange_keep') }).click();
  const arranged = words('requests.state.arranged_details', { who: 'Marco', details: '12-AB-34, blue' });
  await expect(row(lodge)).toContainText(arranged);
  await expect(asked(host)).toContainText(arranged);
  await expect(departing).toContainText(arranged);

  // Ten minutes before, it rings; and when nobody answers, it rings at the backup too.
  await visit(lodge, '/board');
  await server.moveOn(200);
  const due = boardCard(lodge, guest.shown).filter({ hasText: words('requests.due.kind') });
  await expect(due).toHaveCount(1);
  await expect(due).toContainText(when.time);
  await expect(due).toContainText(arranged);
  await server.moveOn(21);
  await expect(due.getByText(words('alerts.tablet.copied', { station: stations.desk }))).toBeVisible();
  await due.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  await expect(due.getByRole('button', { name: words('alerts.answer.greeted') })).toHaveCount(0);
  await due.getByRole('button', { name: words('requests.due.seen_to'), exact: true }).click();
  await expect(due).toHaveCount(0);

  // What is not done is left to the next colleague.
  await lodge.getByRole('link', { name: words('alerts.shift.end') }).click();
  await lodge.waitForURL('/board/end-shift');
  const left = lodge.getByRole('region', { name: words('requests.handover.title') });
  await expect(left).toContainText(words('requests.to.taxi', { place }));
  await lodge.getByRole('button', { name: words('alerts.handover.end') }).click();
  await lodge.waitForURL('/board');
  const said = words('alerts.handover.said', { name: 'Marco', at: '' }).trim();
  const handOver = lodge.getByRole('region', { name: said });
  await expect(handOver).toContainText(guest.address);
  await expect(handOver).toContainText(arranged);

  // It is done, and off every card and board.
  await row(desk).getByRole('button', { name: words('requests.change.done'), exact: true }).click();
  await expect(row(desk)).toHaveCount(0);
  await expect(asked(host)).toHaveCount(0);
  await expect(departing).toHaveCount(0);
  await expect(handOver).toContainText(words('requests.state.done', { who: 'Li' }));
});

test('who writes to guests neither sees what they asked for nor opens its page', async ({ device }) => {
  const [desk, office] = [await device(), await device()];
  await signIn(desk, 'reception', { station: stations.desk });
  const card = await openCard(desk, guest.room, guest.shown);
  await typeTaxi(desk, soon());
  await button(desk, 'requests.form.keep').click();
  await expect(row(desk)).toHaveCount(1);

  await signIn(office, 'marketing');
  await visit(office, card);
  await expect(office.getByRole('article')).toContainText(guest.shown);
  await expect(asked(office)).toHaveCount(0);
  await expect(office.getByRole('main')).not.toContainText(place);
  await expect(office.getByRole('link', { name: words('requests.card.enter'), exact: true })).toHaveCount(0);
  await expect(office.getByRole('link', { name: words('common.nav.requests'), exact: true })).toHaveCount(0);
  await visit(office, '/requests');
  await expect(office.getByText(words('common.states.forbidden')).locator('visible=true').first()).toBeVisible();
  await expect(office.getByText(place)).toHaveCount(0);

  // Off the list again, with the reason.
  await row(desk).getByText(words('requests.change.decline'), { exact: true }).click();
  await row(desk).getByLabel(words('requests.change.reason'), { exact: true }).fill('She walks');
  await row(desk).getByRole('button', { name: words('requests.change.decline_keep') }).click();
  await expect(row(desk)).toHaveCount(0);
  await expect(desk.getByText(words('requests.state.declined', { who: 'Li', reason: 'She walks' }))).toBeVisible();
});

test('a request is entered and arranged where no script runs', async ({ device }) => {
  const desk = await device({ javaScriptEnabled: false });
  await signIn(desk, 'reception', { station: stations.desk, scripts: false });
  await desk.goto('/desk?list=due-out');
  await desk.getByRole('main').getByRole('link').filter({ hasText: guests.muller.shown }).click();
  await typeTaxi(desk, soon());
  await button(desk, 'requests.form.keep').click();
  await expect(desk.getByText(words('requests.form.kept'))).toBeVisible();
  await expect(row(desk)).toHaveCount(1);
  await row(desk).getByText(words('requests.change.arrange'), { exact: true }).click();
  await row(desk).getByLabel(words('requests.change.details'), { exact: true }).fill('56-CD-78');
  await row(desk).getByRole('button', { name: words('requests.change.arrange_keep') }).click();
  await expect(row(desk)).toContainText('56-CD-78');
  await row(desk).getByRole('button', { name: words('requests.change.done'), exact: true }).click();
  await expect(row(desk)).toHaveCount(0);
});
