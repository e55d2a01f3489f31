import { type Locator, type Page } from '@playwright/test';
import { dayAt, daysFrom } from '../support/greetings.ts';
import { lookAt } from '../support/look.ts';
import { find, guests, openCard } from '../support/screens.ts';
import { upright } from '../support/tablets.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// One story: the house goes on with what the test before has left.
test.describe.configure({ mode: 'serial', timeout: 180_000 });

const { zhang, oneill } = guests;
/** What the tests hand on to each other: the paths of the guests' cards. */
const story = { zhang: '', oneill: '' };

const main = (page: Page): Locator => page.getByRole('main');
const field = (page: Page, key: string): Locator => main(page).getByLabel(words(key), { exact: true });
const button = (page: Page, key: string, values: Record<string, string> = {}): Locator =>
  main(page).getByRole('button', { name: words(key, values), exact: true });
const part = (page: Page, key: string): Locator => main(page).getByRole('region', { name: words(key), exact: true });
/** The part of a card that tells who is around the guest. */
const around = (page: Page): Locator => part(page, 'people.title');

/** Opens a form that is folded away. */
const unfold = (page: Page, key: string): Promise<void> => main(page).getByText(words(key), { exact: true }).click();

/** Takes a line of the page away, in two taps. */
async function takeAway(line: Locator): Promise<void> {
  await line.locator('summary').click();
  await line.getByRole('button', { name: words('common.remove_yes') }).click();
}

/** Finds a guest from the page of another and chooses him. */
async function choose(page: Page, typed: string, shown: string): Promise<void> {
  await (await find(page, typed, shown)).click();
  await page.waitForURL(/\/people\?with=[0-9a-f-]{36}$/);
}

test('who is related to whom is found by name and told on both cards, live', async ({ device }) => {
  const [desk, host] = [await device(), await device()];
  await signIn(host, 'host', { station: stations.restaurant });
  story.oneill = await openCard(host, "O'Neill", oneill.shown);
  await signIn(desk, 'reception', { station: stations.desk });
  story.zhang = await openCard(desk, zhang.room, zhang.shown);
  await main(desk).getByRole('link', { name: words('people.title'), exact: true }).click();
  await desk.waitForURL(/\/people$/);
  await choose(desk, oneill.room, oneill.shown);
  const what = words('people.around.relate.what', { other: oneill.address, name: zhang.address });
  await main(desk).getByLabel(what, { exact: true }).selectOption('assistant');
  await button(desk, 'people.around.relate.keep').click();
  const relations = part(desk, 'people.around.people.title');
  await expect(relations).toContainText(oneill.address);
  await expect(relations).toContainText(words('visits.people.assistant'));
  await expect(around(host), 'the open card of the other follows').toContainText(zhang.address);
  await expect(around(host)).toContainText(words('visits.people.works_for'));
  await around(host).getByRole('link', { name: zhang.address, exact: true }).click();
  await host.waitForURL(story.zhang);
  await expect(around(host)).toContainText(words('visits.people.assistant'));
});

test('the children and the days of the guest are told to those who may know them', async ({ device }) => {
  const [desk, host, concierge] = [await device(), await device(upright), await device()];
  await signIn(desk, 'reception', { station: stations.desk });
  await visit(desk, `${story.zhang}/people`);
  await unfold(desk, 'people.around.child.open');
  await field(desk, 'people.around.child.name').fill('Mila');
  await field(desk, 'people.around.child.birthday').fill('03-42');
  await button(desk, 'people.around.child.keep').click();
  await expect(main(desk)).toContainText(words('common.problems.not_date', { value: '--03-42' }));
  await field(desk, 'people.around.child.birthday').fill('03-24');
  await field(desk, 'people.around.child.likes').fill('Dinosaurs');
  await button(desk, 'people.around.child.keep').click();
  await expect(part(desk, 'people.around.child.title')).toContainText('Dinosaurs');

  await unfold(desk, 'people.around.occasion.open');
  await field(desk, 'people.around.occasion.text').fill('Their wedding');
  await field(desk, 'people.around.occasion.day').fill(daysFrom(dayAt(new Date()), 2).slice(5));
  await button(desk, 'people.around.occasion.keep').click();
  const days = part(desk, 'people.around.occasion.title');
  await expect(days).toContainText('Their wedding');
  await expect(days, 'it is time to prepare it').toContainText(words('people.around.soon'));
  await lookAt(desk, 'people-around');

  await signIn(host, 'host', { station: stations.restaurant });
  await visit(host, story.zhang);
  await expect(around(host)).toContainText('Mila');
  await expect(around(host), 'while he is in house').toContainText('Their wedding');
  await lookAt(host, 'people-card');

  await signIn(concierge, 'concierge', { station: stations.concierge });
  await visit(concierge, `${story.zhang}/people`);
  await expect(part(concierge, 'people.around.child.title')).toContainText('Mila');
  await expect(part(concierge, 'people.around.occasion.title')).toHaveCount(0);
  await expect(main(concierge)).not.toContainText('Their wedding');
});

test('a party is told on the cards of all who travel in it', async ({ device }) => {
  const [desk, floor] = [await device(), await device(upright)];
  await signIn(floor, 'floor', { station: stations.floor });
  await visit(floor, story.oneill);
  await signIn(desk, 'reception', { station: stations.desk });
  await visit(desk, `${story.zhang}/people`);
  await choose(desk, oneill.room, oneill.shown);
  await field(desk, 'people.around.travel.name').fill('The autumn congress');
  await button(desk, 'people.around.travel.begin').click();
  const along = words('people.around.travel.along', { party: 'The autumn congress' });
  await expect(main(desk).getByText(along, { exact: true })).toBeVisible();
  await expect(part(desk, 'people.around.party.title')).toContainText(oneill.address);
  await expect(around(floor)).toContainText('The autumn congress');

  await takeAway(part(desk, 'people.around.party.title').getByRole('listitem').filter({ hasText: oneill.address }));
  await expect(part(desk, 'people.around.party.title'), 'one alone is no party').toHaveCount(0);
  await expect(main(floor)).not.toContainText('The autumn congress');
});

test('a note is for its audience, and says until when it is shown', async ({ device }) => {
  const [desk, floor] = [await device(), await device(upright)];
  const text = 'His mother had surgery: ask how she is';
  await signIn(desk, 'reception', { station: stations.desk });
  await visit(desk, story.zhang);
  await unfold(desk, 'guests.write.note');
  await field(desk, 'guests.write.note_text').fill(text);
  await field(desk, 'guests.write.audience').selectOption('desk');
  await field(desk, 'people.note.until').fill(daysFrom(dayAt(new Date()), 1));
  const form = main(desk).locator('form').filter({ has: desk.getByLabel(words('people.note.until'), { exact: true }) });
  await form.getByRole('button').click();
  const note = part(desk, 'guests.card.notes').getByRole('listitem').filter({ hasText: text });
  await expect(note).toContainText(words('people.note.ends', { day: '' }).replace(/\W+$/, ''));
  await signIn(floor, 'floor', { station: stations.floor });
  await visit(floor, story.zhang);
  await expect(around(floor)).toBeVisible();
  await expect(main(floor)).not.toContainText(text);
  await takeAway(note);
  await expect(note).toHaveCount(0);
});

test('without scripts the page works too, and marketing has none', async ({ device }) => {
  const floor = await device({ javaScriptEnabled: false, ...upright });
  await signIn(floor, 'floor', { station: stations.floor, scripts: false });
  await floor.goto(`${story.zhang}/people?q=${encodeURIComponent("O'Neill")}`);
  await part(floor, 'guests.search.results').getByRole('link').filter({ hasText: oneill.shown }).click();
  await expect(floor).toHaveURL(/\/people\?with=/);
  await main(floor).locator('select[name=relation]').selectOption('companion');
  await button(floor, 'people.around.relate.keep').click();
  const relations = part(floor, 'people.around.people.title');
  await expect(relations).toContainText(words('visits.people.companion'));
  for (const relation of ['companion', 'assistant']) {
    await takeAway(relations.getByRole('listitem').filter({ hasText: words(`visits.people.${relation}`) }));
    await expect(relations).not.toContainText(words(`visits.people.${relation}`));
  }
  await takeAway(part(floor, 'people.around.child.title').getByRole('listitem').filter({ hasText: 'Mila' }));
  const days = part(floor, 'people.around.occasion.title');
  await takeAway(days.getByRole('listitem').filter({ hasText: 'Their wedding' }));
  await expect(days).toContainText(words('people.around.nothing'));

  const marketing = await device();
  await signIn(marketing, 'marketing');
  await visit(marketing, story.zhang);
  await expect(main(marketing).getByRole('link', { name: words('people.title'), exact: true })).toHaveCount(0);
  await visit(marketing, `${story.zhang}/people`);
  await expect(marketing.getByRole('heading', { name: words('common.states.forbidden') }).first()).toBeVisible();
});
