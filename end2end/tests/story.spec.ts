import { type Page } from '@playwright/test';
import {
  arrivedAt,
  boardCard,
  comingDown,
  comingDownButton,
  floorRow,
  greetAll,
  guests,
  lineIsLive,
  lineIsLost,
  openCard,
  wordPanel,
} from '../support/screens.ts';
import { twoStations } from '../support/tablets.ts';
import { expect, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

/** From the tap on the floor to the card on the restaurant's screen. */
const AT_MOST_MS = 1_000;

/** When the next tap is made, on the page's own clock. */
async function nextTap(page: Page): Promise<() => Promise<number>> {
  const watch = await page.evaluateHandle(() => ({
    tapped: new Promise<number>((tell) => {
      document.addEventListener('click', () => tell(Date.now()), { capture: true, once: true });
    }),
  }));
  return () => watch.evaluate(({ tapped }) => tapped);
}

/** When a card with this text is painted. */
async function nextCard(page: Page, shown: string): Promise<() => Promise<number>> {
  const watch = await page.evaluateHandle((shown) => ({
    painted: new Promise<number>((tell) => {
      const observer = new MutationObserver(() => {
        if (![...document.querySelectorAll('article')].some((card) => card.textContent?.includes(shown))) return;
        observer.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => tell(Date.now())));
      });
      observer.observe(document.body, { childList: true, subtree: true, characterData: true });
    }),
  }), shown);
  return () => watch.evaluate(({ painted }) => painted);
}

test('Mr Zhang comes down, is expected by name, and is seated at his table', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { zhang } = guests;
  await openCard(floor, zhang.room, zhang.shown);
  await expect(comingDownButton(floor)).toBeVisible();
  await expect(lineIsLive(floor)).toBeVisible();

  const painted = await nextCard(host, zhang.shown);
  const tapped = await nextTap(floor);
  await comingDownButton(floor).click();
  const took = (await painted()) - (await tapped());
  console.log(`from the tap to the restaurant's screen: ${took} ms`);
  expect(took, 'milliseconds from tap to card').toBeLessThan(AT_MOST_MS);
  await expect(wordPanel(floor).getByText(words('alerts.state.on_screen', { station: stations.restaurant }))).toBeVisible();

  const card = boardCard(host, zhang.shown);
  await expect(card).toHaveCount(1);
  await expect(card.getByRole('heading', { name: zhang.address })).toBeVisible();
  for (const known of [
    zhang.say,
    words('alerts.kind.coming_down'),
    words('alerts.board.from', { station: stations.floor, name: 'Wei' }),
    words('guests.preference.no_shellfish'),
    words('guests.card.room', { room: zhang.room }),
    'Table 12, by the window',
    'Jasmine tea',
  ]) {
    await expect(card).toContainText(known);
  }

  await card.getByRole('button', { name: words('alerts.answer.got_it') }).click();
  const acknowledged = words('alerts.state.acknowledged', { name: 'Anna' });
  await expect(card.getByText(acknowledged)).toBeVisible();
  await expect(wordPanel(floor).getByText(acknowledged)).toBeVisible();

  await card.getByText(words('alerts.answer.seat'), { exact: true }).click();
  const pad = card.getByRole('group', { name: words('alerts.answer.pad') });
  await pad.getByRole('button', { name: '1', exact: true }).click();
  await pad.getByRole('button', { name: '2', exact: true }).click();
  await card.getByRole('button', { name: words('alerts.answer.seated_at', { table: '12' }) }).click();
  await expect(card).toHaveCount(0);
  await expect(wordPanel(floor).getByText(words('alerts.state.seated', { table: '12' }))).toBeVisible();
});

test('word is sent in two taps from the list, and can be taken back', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { muller } = guests;
  await comingDown(floor, muller.shown);
  const row = floorRow(floor, muller.shown);
  await expect(row.getByText(arrivedAt(stations.restaurant))).toBeVisible();
  await expect(boardCard(host, muller.shown)).toHaveCount(1);

  await row.getByRole('button', { name: words('alerts.raise.withdraw') }).click();
  await expect(boardCard(host, muller.shown)).toHaveCount(0);
  await expect(row.getByText(words('alerts.state.withdrawn', { name: 'Wei' }))).toBeVisible();
});

test('what is sent while the board has no network is there when it is back', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const waiting = [guests.oneill, guests.muller];

  await host.context().setOffline(true);
  await expect(lineIsLost(host)).toBeVisible();
  for (const guest of waiting) {
    await comingDown(floor, guest.shown);
    await expect(
      floorRow(floor, guest.shown).getByText(arrivedAt(stations.restaurant)),
    ).toBeVisible();
  }
  await expect(host.getByRole('article')).toHaveCount(0);

  await host.context().setOffline(false);
  for (const guest of waiting) await expect(boardCard(host, guest.shown)).toHaveCount(1);
  await expect(host.getByRole('article')).toHaveCount(waiting.length);
  await expect(lineIsLost(host)).toHaveCount(0);
  await expect(lineIsLive(host)).toBeVisible();

  await greetAll(host);
  for (const guest of waiting) {
    await expect(
      floorRow(floor, guest.shown).getByText(words('alerts.state.greeted', { name: 'Anna' })),
    ).toBeVisible();
  }
});

test('a tap without network says so, and is sent once when the network is back', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { oneill } = guests;
  await openCard(floor, oneill.room, oneill.shown);
  await expect(comingDownButton(floor)).toBeVisible();

  await floor.context().setOffline(true);
  await comingDownButton(floor).click();
  const what = words('alerts.raise.kind_to', {
    kind: words('alerts.kind.coming_down'),
    station: stations.restaurant,
  });
  await expect(floor.getByText(words('alerts.queue.waiting', { what }))).toBeVisible();
  await expect(comingDownButton(floor)).toBeDisabled();
  await expect(host.getByRole('article')).toHaveCount(0);

  await floor.context().setOffline(false);
  await expect(wordPanel(floor).getByText(arrivedAt(stations.restaurant))).toBeVisible();
  await expect(boardCard(host, oneill.shown)).toHaveCount(1);
  await greetAll(host);
});

test('a board that is opened later shows what is waiting', async ({ device }) => {
  const { floor, host } = await twoStations(device);
  const { zhang } = guests;
  await visit(host, '/guests');
  await comingDown(floor, zhang.shown);
  await expect(
    floorRow(floor, zhang.shown).getByText(arrivedAt(stations.restaurant)),
  ).toBeVisible();
  await host.getByRole('link', { name: words('common.nav.board'), exact: true }).click();
  await expect(boardCard(host, zhang.shown)).toHaveCount(1);
  await greetAll(host);
});
