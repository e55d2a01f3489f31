import { type Page } from '@playwright/test';
import { boardCard, comingDown, find, floorRow, greetAll, guests, lineIsLive, openCard } from '../support/screens.ts';
import { countTones, openBoard, upright } from '../support/tablets.ts';
import { expect, hydrated, password, people, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// Nobody waits for a quarter of an hour here: the clock of this server can be moved.
test.use({ program: 'movable', house: 'idle' });

const { restaurant, floor: lowerFloor, desk: frontDesk } = stations;
/** After as many minutes without a touch or a key a device is closed, where the house says nothing else. */
const IDLE_MINUTES = 15;
const minutes = (count: number): number => count * 60;
/** The house looks at what is open several times a minute, by the machine's clock. */
const A_LOOK = { timeout: 45_000 };

const question = (page: Page, name: string) => page.getByRole('heading', { name: words('staff.lock.greeting', { name }) });

/** Opens a guest's card beside the list of the desk. */
async function openBeside(desk: Page, shown: string): Promise<void> {
  await visit(desk, '/desk?list=in-house');
  await desk.getByRole('link').filter({ hasText: shown }).click();
  await expect(desk.getByRole('article')).toContainText(shown);
  await expect(lineIsLive(desk)).toBeVisible();
}

test('a desk that nobody uses is closed, however much it loads by itself', async ({ device, server }) => {
  const desk = await device();
  const { muller } = guests;
  await signIn(desk, 'reception', { station: frontDesk });
  await openBeside(desk, muller.shown);
  const left = new URL(desk.url());

  // Half of the time later a colleague writes something down: the desk shows it at once, untouched.
  await server.moveOn(minutes(8));
  const colleague = await device();
  await signIn(colleague, 'concierge', { station: stations.concierge });
  await openCard(colleague, muller.room, muller.shown);
  const listIsLoaded = desk.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/day_lists');
  const wish = words('guests.preference.high_floor');
  await colleague.getByText(words('guests.write.preference'), { exact: true }).click();
  await colleague.getByRole('button', { name: wish, exact: true }).click();
  await expect(desk.getByRole('article').getByRole('definition').filter({ hasText: wish })).toBeVisible();
  expect((await listIsLoaded).ok()).toBe(true);

  await server.moveOn(minutes(IDLE_MINUTES - 8 + 1));
  await expect(desk.getByLabel(words('staff.sign_in.password'))).toBeVisible(A_LOOK);
  await expect(desk).toHaveURL((url) => url.searchParams.get('next') === left.pathname + left.search);
  await expect(desk.getByRole('article')).toHaveCount(0);
  await desk.goBack();
  await expect(desk.getByLabel(words('staff.sign_in.password')), 'nor does the way back lead to it').toBeVisible();

  // The colleague has used the house since, and goes on.
  await visit(colleague, '/guests');
  await find(colleague, muller.room, muller.shown);

  await hydrated(desk);
  await desk.getByLabel(words('staff.sign_in.login')).fill(people.reception);
  await desk.getByLabel(words('staff.sign_in.password')).fill(password);
  await desk.getByRole('button', { name: words('staff.sign_in.submit') }).click();
  await expect(desk.getByRole('article'), 'signing in leads back to the card').toContainText(muller.shown);
});

test('a key or a touch keeps a desk open, though it asks the house for nothing', async ({ device, server }) => {
  const desk = await device();
  await desk.clock.install();
  const { muller } = guests;
  await signIn(desk, 'reception', { station: frontDesk });
  await visit(desk, '/guests');
  await find(desk, muller.room, muller.shown);
  const told = () => desk.waitForResponse((answer) => new URL(answer.url()).pathname === '/api/still_here');
  for (const use of [() => desk.keyboard.press('Shift'), () => desk.mouse.click(1, 1)]) {
    await server.moveOn(minutes(IDLE_MINUTES - 5));
    await desk.clock.fastForward(31_000);
    const telling = told();
    await use();
    expect((await telling).ok()).toBe(true);
  }
  await server.moveOn(minutes(IDLE_MINUTES - 5));
  await desk.getByRole('main').getByRole('link').filter({ hasText: muller.shown }).click();
  await expect(desk.getByRole('article')).toContainText(muller.shown);
});

test('a board on shift goes on while the profiles behind it are locked', async ({ device, server }) => {
  test.setTimeout(150_000);
  const host = await device();
  const tones = await countTones(host);
  await openBoard(host, 'host', restaurant);
  const { zhang, oneill } = guests;
  const profile = await host.context().newPage();
  await profile.clock.install();
  const address = await openCard(profile, zhang.room, zhang.shown);
  const desk = await device();
  await signIn(desk, 'reception', { station: frontDesk });
  await openBeside(desk, oneill.shown);

  // Time flies, but not past what keeps a board: until the desk, which nobody uses either, has been closed.
  const closed = desk.getByLabel(words('staff.sign_in.password'));
  await expect
    .poll(async () => {
      await server.moveOn(25);
      return closed.isVisible();
    }, { message: 'the desk is closed', intervals: [1_000], timeout: 110_000 })
    .toBe(true);

  // The profile goes by itself, and whoever asks for it again is asked back.
  await profile.clock.fastForward(minutes(IDLE_MINUTES) * 1_000);
  await expect(question(profile, 'Anna')).toBeVisible();
  await expect(profile.getByText(zhang.shown)).toHaveCount(0);
  await profile.goto(address);
  await expect(question(profile, 'Anna')).toBeVisible();

  // The board has seen nothing of it: word is heard, shown and answered.
  await expect(lineIsLive(host)).toBeVisible();
  const before = await tones();
  const floor = await device(upright);
  await signIn(floor, 'floor', { station: lowerFloor });
  await comingDown(floor, oneill.shown);
  const card = boardCard(host, oneill.shown);
  await expect(card).toHaveCount(1);
  await expect.poll(tones, 'tones of the card').toBe(before + 2);
  await card.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  await expect(
    floorRow(floor, oneill.shown).getByText(words('alerts.state.acknowledged', { name: 'Anna' })),
  ).toBeVisible();
  await greetAll(host);
  await host.reload();
  await expect(host.getByRole('link', { name: words('alerts.shift.end') })).toBeVisible();

  // All that is no proof of who stands there: the profile wants the password, and the right one.
  await profile.goto(address);
  await expect(question(profile, 'Anna')).toBeVisible();
  await hydrated(profile);
  const field = profile.getByLabel(words('staff.sign_in.password'));
  const unlock = profile.getByRole('button', { name: words('staff.lock.submit') });
  await field.fill('not the password');
  await unlock.click();
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  await expect(field).toHaveAccessibleDescription(new RegExp(words('common.problems.wrong_password')));
  await field.fill(password);
  await unlock.click();
  await expect(profile.getByRole('article')).toContainText(zhang.shown);
  await expect(profile).toHaveURL(address);
});
