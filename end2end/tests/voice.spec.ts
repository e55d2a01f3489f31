import { type Locator, type Page } from '@playwright/test';
import config from '../playwright.config.ts';
import { lookAt } from '../support/look.ts';
import { guests, openCard } from '../support/screens.ts';
import { upright } from '../support/tablets.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// A microphone that beeps, which the browser lets the page use without asking anybody.
const launchOptions = config.use?.launchOptions ?? {};
test.use({
  launchOptions: {
    ...launchOptions,
    args: [...(launchOptions.args ?? []), '--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
  },
});

// One story: the house goes on with what the test before has left.
test.describe.configure({ mode: 'serial', timeout: 120_000 });

const { zhang, muller } = guests;
/** What the tests hand on to each other: the path of the guest's card. */
const story = { card: '' };
const seconds = '5';
/** Of the questions of one floor, more than there are. */
const MOST = 60;

const main = (page: Page): Locator => page.getByRole('main');
const button = (page: Page, key: string, values: Record<string, string> = {}): Locator =>
  main(page).getByRole('button', { name: words(`people.voice.${key}`, values), exact: true });
const record = (page: Page): Locator => button(page, 'record', { seconds });
const keep = (page: Page): Locator => button(page, 'keep');
const agreed = (page: Page): Locator =>
  main(page).getByLabel(words('people.voice.agreed', { seconds }), { exact: true });
const file = (page: Page): Locator => main(page).getByLabel(words('people.voice.file'), { exact: true });
/** The button that plays a voice, and that stops it. */
const hear = (page: Page, name: string): Locator =>
  button(page, 'of', { what: words('people.voice.hear'), name });
const hush = (page: Page, name: string): Locator =>
  button(page, 'of', { what: words('people.voice.hush'), name });
/** What was recorded a moment ago. */
const recorded = (page: Page): Locator => main(page).locator('audio[controls]');
const unfold = (page: Page): Promise<void> =>
  main(page).getByText(words('people.voice.title'), { exact: true }).click();

/** Takes the agreement back, in two taps. */
async function withdraw(page: Page): Promise<void> {
  await main(page).getByText(words('people.voice.withdraw'), { exact: true }).click();
  await main(page).getByRole('button', { name: words('common.remove_yes') }).click();
}

/** Silence of so many seconds: 8 bits at 8 kHz. */
function wav(length: number): Buffer {
  const samples = length * 8_000;
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.writeUInt32LE(36 + samples, 4);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(8_000, 24);
  head.writeUInt32LE(8_000, 28);
  head.writeUInt16LE(1, 32);
  head.writeUInt16LE(8, 34);
  head.write('data', 36);
  head.writeUInt32LE(samples, 40);
  return Buffer.concat([head, Buffer.alloc(samples, 0x80)]);
}

test('a guest who agrees says his name once, and every station can hear it', async ({ device }) => {
  const [desk, host] = [await device(), await device(upright)];
  await signIn(desk, 'reception', { station: stations.desk });
  story.card = await openCard(desk, zhang.room, zhang.shown);
  await signIn(host, 'host', { station: stations.restaurant });
  await visit(host, story.card);
  await expect(hear(host, zhang.address)).toHaveCount(0);

  await unfold(desk);
  await expect(record(desk), 'first he agrees').toBeDisabled();
  await expect(keep(desk)).toBeDisabled();
  await expect(file(desk), 'this browser can record').toHaveCount(0);
  await agreed(desk).check();
  await record(desk).click();
  await expect(button(desk, 'stop')).toBeVisible();
  await expect(button(desk, 'stop'), 'the keyboard goes on where it was').toBeFocused();
  await expect(main(desk).getByRole('timer')).toContainText(/left/);
  await expect(keep(desk)).toBeDisabled();
  await expect(button(desk, 'again'), 'after five seconds it ends by itself').toBeVisible();

  // Somebody listens before it is kept.
  await expect(recorded(desk)).toHaveCount(1);
  const plays = await recorded(desk).evaluate(async (audio: HTMLAudioElement) => {
    await audio.play();
    audio.pause();
    return audio.error === null;
  });
  expect(plays).toBe(true);
  await lookAt(desk, 'voice-recorded');

  // He does not like it: nothing of it stays. He says it again, and is done before the time.
  await agreed(desk).uncheck();
  await expect(recorded(desk)).toHaveCount(0);
  await expect(keep(desk)).toBeDisabled();
  await agreed(desk).check();
  await record(desk).click();
  await expect(main(desk).getByRole('timer')).toContainText(/[1-3] seconds? left/);
  await button(desk, 'stop').click();
  await expect(recorded(desk)).toHaveCount(1);
  await keep(desk).click();
  await expect(main(desk).getByText(words('people.voice.kept'), { exact: true }).first()).toBeVisible();
  await expect(recorded(desk)).toHaveCount(0);
  await expect(agreed(desk), 'of the next one he is asked anew').not.toBeChecked();

  // It is on the open cards, and is heard there, by finger and by key.
  await expect(hear(desk, zhang.address)).toBeVisible();
  await expect(hear(host, zhang.address)).toBeVisible();
  const asked = host.waitForResponse(/\/voices\//);
  await hear(host, zhang.address).click();
  expect((await asked).ok()).toBe(true);
  await expect(hush(host, zhang.address)).toBeVisible();
  await expect(hear(host, zhang.address), 'it is over by itself').toBeVisible();
  await hear(host, zhang.address).press('Enter');
  await expect(hush(host, zhang.address)).toBeVisible();
  await hush(host, zhang.address).press('Enter');
  await expect(hear(host, zhang.address)).toBeVisible();
  await expect(main(host).getByRole('alert')).toHaveCount(0);
  await lookAt(host, 'voice-card');
});

test('whoever learns the name hears it, in the list and as the answer of the drill', async ({ device }) => {
  const floor = await device(upright);
  await signIn(floor, 'floor', { station: stations.floor });
  await visit(floor, '/names?floor=9');
  await expect(hear(floor, zhang.address)).toHaveCount(1);
  await lookAt(floor, 'voice-names');

  await visit(floor, '/names/drill?floor=9');
  const question = main(floor).getByRole('article');
  for (let asked = 0; asked < MOST; asked += 1) {
    await expect(hear(floor, zhang.address), 'nothing tells the answer').toBeHidden();
    const under = await question.locator('input[name="once"]').inputValue();
    const easy = question.getByRole('button', { name: words('people.names.grade.easy'), exact: true });
    const show = question.getByText(words('people.names.drill.show'), { exact: true });
    if (!(await easy.isVisible())) await show.click();
    if ((await question.innerText()).includes(zhang.shown) && (await hear(floor, zhang.address).isVisible())) break;
    await easy.click();
    await expect(floor.locator(`input[name="once"][value="${under}"]`), 'it was kept').toHaveCount(0);
  }
  await hear(floor, zhang.address).click();
  await expect(hush(floor, zhang.address)).toBeVisible();
});

test('whoever does not meet guests hears nobody', async ({ device, server }) => {
  const office = await device();
  await signIn(office, 'marketing');
  await visit(office, story.card);
  await expect(main(office).getByRole('article')).toContainText(zhang.shown);
  await expect(hear(office, zhang.address)).toHaveCount(0);
  await expect(main(office).getByText(words('people.voice.title'), { exact: true })).toHaveCount(0);
  const voice = `${server.url}${story.card.replace('/guests/', '/voices/')}`;
  expect((await office.request.get(voice)).status()).toBe(403);
});

test('a guest who does not agree any more is heard nowhere, and both are in the audit', async ({ device }) => {
  const [desk, host, manager] = [await device(), await device(), await device()];
  await signIn(host, 'host', { station: stations.restaurant });
  await visit(host, story.card);
  await expect(hear(host, zhang.address)).toBeVisible();
  await signIn(desk, 'reception', { station: stations.desk });
  await visit(desk, story.card);
  await unfold(desk);
  await withdraw(desk);
  await expect(main(desk).getByText(words('people.voice.withdrawn'), { exact: true }).first()).toBeVisible();
  for (const page of [desk, host]) await expect(hear(page, zhang.address)).toHaveCount(0);

  await signIn(manager, 'manager');
  await visit(manager, '/manage/audit');
  for (const action of ['recorded_voice', 'withdrew_voice']) {
    const entry = main(manager).getByRole('row').filter({ hasText: words(`staff.actions.${action}`) });
    await expect(entry.first()).toContainText('Li');
  }
});

test('a file is sent and taken away where no script runs', async ({ device }) => {
  const desk = await device({ javaScriptEnabled: false });
  await signIn(desk, 'reception', { station: stations.desk, scripts: false });
  await desk.goto(`/guests?q=${muller.room}`);
  await main(desk).getByRole('link').filter({ hasText: muller.shown }).click();
  await expect(main(desk).getByRole('article')).toContainText(muller.shown);
  for (const [length, told] of [
    [8, words('people.voice.too_long', { seconds })],
    [2, words('people.voice.kept')],
  ] as const) {
    if (!(await keep(desk).isVisible())) await unfold(desk);
    await agreed(desk).check();
    await file(desk).setInputFiles({ name: 'name.wav', mimeType: 'audio/wav', buffer: wav(length) });
    await keep(desk).click();
    await expect(main(desk).getByText(told, { exact: true }), 'the form comes back open').toBeVisible();
  }
  await expect(hear(desk, muller.address)).toBeVisible();
  const address = await hear(desk, muller.address).locator('xpath=ancestor::form').getAttribute('action');
  expect((await desk.request.get(address ?? '')).headers()['content-type']).toBe('audio/wav');

  await withdraw(desk);
  await expect(hear(desk, muller.address)).toHaveCount(0);
  await expect(main(desk).getByText(words('people.voice.kept'), { exact: true }), 'no more').toHaveCount(0);
  expect((await desk.request.get(address ?? '')).status()).toBe(404);
});
