import { type Locator, type Page } from '@playwright/test';
import { begin, dayAt, icelanders, importIcelanders, makeCampaign, timeAt, within } from '../support/greetings.ts';
import { type Letter, undeliverable } from '../support/letters.ts';
import { lookAt } from '../support/look.ts';
import { guests, openCard } from '../support/screens.ts';
import { type Server } from '../support/server.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// One story: the house goes on with what the test before has left.
test.describe.configure({ mode: 'serial', timeout: 300_000 });

const oneill = 'siobhan.oneill@mail.example';
const muller = 'juergen.mueller@mail.example';
const { bjorn } = icelanders;
const birthday = words('campaigns.kind.birthday');
const everything = words('campaigns.hold.all_kinds');

/** The part of a guest's card that is about greetings. */
const panel = (page: Page): Locator => page.getByRole('region', { name: words('campaigns.hold.title') });

const unfold = (page: Page, label: string) => panel(page).getByText(words(label), { exact: true }).click();

const field = (page: Page, label: string): Locator => panel(page).getByLabel(words(label), { exact: true });

const press = (page: Page, label: string) =>
  panel(page).getByRole('button', { name: words(label), exact: true }).click();

/** A line of what the guest said. */
const said = (page: Page, text: string): Locator => panel(page).getByRole('listitem').filter({ hasText: text });

const letterTo = (server: Server, email: string): Letter | undefined => server.letters().find(({ to }) => to === email);

/** What is typed into the form in which a colleague writes down what a guest said. */
async function tell(page: Page, { answer, way, text }: { answer: string; way: string; text: string }): Promise<void> {
  await field(page, 'campaigns.hold.told.answer').selectOption(words(`campaigns.hold.told.${answer}`));
  await field(page, 'campaigns.hold.told.way').selectOption(words(`campaigns.hold.told.${way}`));
  await field(page, 'campaigns.hold.told.words').fill(text);
  await press(page, 'campaigns.hold.told.keep');
}

test('a guest is asked by e-mail, and what is agreed to counts once it is confirmed', async ({ device, server }) => {
  const reception = await device();
  await signIn(reception, 'reception', { station: stations.desk });
  const card = await openCard(reception, guests.oneill.shown, guests.oneill.shown);
  await expect(panel(reception)).toContainText(words('campaigns.hold.no_consent'));
  await expect(panel(reception)).toContainText(words('campaigns.hold.address', { address: oneill }));
  await unfold(reception, 'campaigns.hold.ask.say');
  await field(reception, 'campaigns.hold.ask.kind').selectOption(birthday);
  await press(reception, 'campaigns.hold.ask.send');
  await expect(panel(reception).getByText(words('campaigns.hold.ask.sent'), { exact: true })).toBeVisible();
  await expect(panel(reception).getByText(words('campaigns.hold.waits'), { exact: true })).toBeVisible();
  await lookAt(reception, 'consent-asked');

  const letter = letterTo(server, oneill);
  expect(letter?.subject).toBe(words('campaigns.public.invitation.subject', { house: 'The Cedars' }));
  expect(letter?.unsubscribe, 'it goes to nobody on a list').toBe('');
  const link = /https?:\/\/\S+\/confirm\/\S+/.exec(letter?.text ?? '')?.[0];
  const guest = await device();
  await guest.goto(link ?? 'the letter has no link');
  const kind = words('campaigns.public.kinds.birthday.within');
  await expect(guest.getByText(words('campaigns.public.confirm.text', { house: 'The Cedars', kind }))).toBeVisible();
  await lookAt(guest, 'consent-confirm');
  await guest.getByRole('button', { name: words('campaigns.public.confirm.yes'), exact: true }).click();
  await expect(guest.getByText(words('campaigns.public.confirm.done', { kind }))).toBeVisible();

  await visit(reception, card);
  await expect(panel(reception).getByText(words('campaigns.hold.waits'), { exact: true })).toHaveCount(0);
  await unfold(reception, 'campaigns.hold.history');
  const granted = said(reception, words('campaigns.hold.granted', { about: birthday }));
  await expect(granted).toContainText(words('campaigns.hold.source.confirmation'));
  await expect(said(reception, words('campaigns.hold.asked', { about: birthday }))).toContainText('Li');

  // Nobody is asked again so soon.
  await unfold(reception, 'campaigns.hold.ask.say');
  await press(reception, 'campaigns.hold.ask.send');
  const soon = words('campaigns.hold.ask.too_soon', { when: '' }).split('.')[0]!;
  await expect(panel(reception).getByText(soon)).toBeVisible();
  expect(server.letters().filter(({ to }) => to === oneill)).toHaveLength(1);
});

test('a spoken no holds at once, and whoever said it is not asked', async ({ device, server }) => {
  const reception = await device();
  await signIn(reception, 'reception', { station: stations.desk });
  const card = await openCard(reception, guests.muller.shown, guests.muller.shown);
  await unfold(reception, 'campaigns.hold.told.say');
  await tell(reception, { answer: 'no', way: 'telephone', text: 'Bitte keine Briefe mehr.' });
  await expect(panel(reception).getByText(words('campaigns.hold.told.kept'), { exact: true })).toBeVisible();

  await visit(reception, card);
  await unfold(reception, 'campaigns.hold.history');
  const no = said(reception, words('campaigns.hold.refused', { about: everything }));
  await expect(no).toContainText('Bitte keine Briefe mehr.');
  await expect(no).toContainText(words('campaigns.hold.source.telephone'));
  await expect(no).toContainText(words('guests.language.de'));
  await expect(no).toContainText('Li');
  await lookAt(reception, 'consent-refused');

  await unfold(reception, 'campaigns.hold.ask.say');
  await press(reception, 'campaigns.hold.ask.send');
  const objected = words('common.problems.not_sent', { why: words('campaigns.hold.ask.objected') });
  await expect(panel(reception).getByText(objected)).toBeVisible();
  await expect(field(reception, 'campaigns.hold.ask.kind')).toHaveAttribute('aria-invalid', 'true');
  expect(letterTo(server, muller)).toBeUndefined();
});

test('marketing reads what was said, and no address in full', async ({ device }) => {
  const marketing = await device();
  await signIn(marketing, 'marketing');
  await openCard(marketing, guests.muller.shown, guests.muller.shown);
  await unfold(marketing, 'campaigns.hold.history');
  const no = said(marketing, words('campaigns.hold.refused', { about: everything }));
  await expect(no).toContainText('Bitte keine Briefe mehr.');
  await expect(no).toContainText(words('campaigns.hold.source.telephone'));
  await expect(panel(marketing)).toContainText(words('campaigns.hold.address', { address: 'j•••@m•••.example' }));
  await expect(marketing.getByRole('article')).not.toContainText(muller);
  await lookAt(marketing, 'consent-history');
});

test('an address from which a letter came back is written to again for a reason', async ({ device, server }) => {
  const now = new Date();
  const manager = await device();
  await signIn(manager, 'manager', { station: stations.desk });
  await importIcelanders(manager, dayAt(now));
  const marketing = await device();
  await signIn(marketing, 'marketing');
  const news = await makeCampaign(marketing, 'one_off', {
    name: 'The garden is open',
    starts: dayAt(now),
    send_at: timeAt(now),
  });
  await begin(marketing, news);
  await expect.poll(() => letterTo(server, bjorn.email)?.to, { timeout: 150_000 }).toBe(bjorn.email);
  server.returnMail('undeliverable.eml', undeliverable(letterTo(server, bjorn.email)!));

  const name = `${bjorn.first} ${bjorn.last}`;
  const card = await openCard(marketing, name, name);
  const suppressed = panel(marketing).getByText(words('campaigns.hold.suppressed.title'), { exact: true });
  await within(marketing, card, () => expect(suppressed).toBeVisible({ timeout: 1_000 }));
  await unfold(marketing, 'campaigns.hold.suppressed.say');
  const why = field(marketing, 'campaigns.hold.suppressed.why');
  await why.fill('   ');
  await press(marketing, 'campaigns.hold.suppressed.lift');
  await expect(why, 'not without one').toHaveAttribute('aria-invalid', 'true');
  await lookAt(marketing, 'consent-suppressed');
  await why.fill('He has a new mailbox');
  await press(marketing, 'campaigns.hold.suppressed.lift');
  await expect(suppressed).toHaveCount(0);
  await unfold(marketing, 'campaigns.hold.suppressed.history');
  const lifted = said(marketing, 'He has a new mailbox');
  await expect(lifted).toContainText(words('campaigns.hold.suppressed.bounced'));
  await expect(lifted).toContainText('Sofia');
});

test('without scripts what a guest said is written down, and what is refused stays as typed', async ({ device }) => {
  const desk = await device({ javaScriptEnabled: false });
  await signIn(desk, 'reception', { station: stations.desk, scripts: false });
  await desk.getByRole('searchbox').fill('sato');
  await desk.getByRole('button', { name: words('guests.search.submit'), exact: true }).click();
  await desk.getByRole('link').filter({ hasText: '佐藤恵子' }).click();
  await unfold(desk, 'campaigns.hold.told.say');
  const answer = field(desk, 'campaigns.hold.told.answer');
  const text = field(desk, 'campaigns.hold.told.words');
  await tell(desk, { answer: 'choose', way: 'desk', text: 'No, thank you.' });
  await expect(answer).toHaveAttribute('aria-invalid', 'true');
  await expect(panel(desk).getByText(words('common.problems.empty'))).toBeVisible();
  await expect(text, 'it comes back open, as typed').toHaveValue('No, thank you.');
  const way = field(desk, 'campaigns.hold.told.way').locator('option:checked');
  await expect(way).toHaveText(words('campaigns.hold.told.desk'));

  await answer.selectOption(words('campaigns.hold.told.no'));
  await press(desk, 'campaigns.hold.told.keep');
  await unfold(desk, 'campaigns.hold.history');
  const no = said(desk, 'No, thank you.');
  await expect(no).toContainText(words('campaigns.hold.refused', { about: everything }));
  await expect(no).toContainText(words('campaigns.hold.source.desk'));
});
