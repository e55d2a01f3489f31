import { expect, type Locator, type Page } from '@playwright/test';
import { stations, visit } from './test.ts';
import { words } from './words.ts';

/** Guests of the demo house, by what is theirs alone. */
export const guests = {
  /** On his second stay, in the room of the first, and must not be served shellfish. */
  zhang: { address: 'Mr Zhang', shown: '张伟', say: 'jahng way', room: '904' },
  oneill: { address: "Ms O'Neill", shown: "O'Neill", room: '611' },
  muller: { address: 'Herr Müller', shown: 'Jürgen Müller', room: '502' },
} as const;

/** Types into the search box of `/guests` and returns the guest's line, as soon as the index has it. */
export async function find(page: Page, typed: string, shown: string): Promise<Locator> {
  const box = page.getByRole('searchbox');
  const line = page
    .getByRole('region', { name: words('guests.search.results') })
    .getByRole('link')
    .filter({ hasText: shown });
  await expect(async () => {
    await box.fill('');
    await box.fill(typed);
    await expect(line).toHaveCount(1, { timeout: 2_000 });
  }, `searching for ${typed}`).toPass({ timeout: 15_000 });
  return line;
}

/** Opens a guest's card from the search. Returns its path. */
export async function openCard(page: Page, typed: string, shown: string): Promise<string> {
  await visit(page, '/guests');
  await (await find(page, typed, shown)).click();
  await page.waitForURL(/\/guests\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('article')).toContainText(shown);
  return new URL(page.url()).pathname;
}

/** The guest's line on the page of the floor. */
export const floorRow = (page: Page, shown: string): Locator =>
  page.getByRole('main').getByRole('listitem').filter({ hasText: shown });

/** Sends "Coming down" to the restaurant from the list, in two taps. */
export async function comingDown(page: Page, shown: string): Promise<void> {
  const row = floorRow(page, shown);
  await row.getByText(words('alerts.kind.coming_down'), { exact: true }).click();
  await row.getByRole('button', { name: words('alerts.raise.to', { station: stations.restaurant }) }).click();
}

/** The part of a guest's card from which word is sent, and in which its answer is read. */
export const wordPanel = (page: Page): Locator => page.getByRole('region', { name: words('alerts.raise.title') });

/** The one-tap button on a guest's card. */
export const comingDownButton = (page: Page): Locator =>
  page.getByRole('button', {
    name: words('alerts.raise.kind_to', {
      kind: words('alerts.kind.coming_down'),
      station: stations.restaurant,
    }),
  });

/** The card on a board that is about a guest. */
export const boardCard = (page: Page, shown: string): Locator =>
  page.getByRole('article').filter({ hasText: shown });

/** Answers everything that waits on a board, so that the next test finds it quiet. */
export async function greetAll(page: Page): Promise<void> {
  const cards = page.getByRole('article');
  while ((await cards.count()) > 0) {
    const left = (await cards.count()) - 1;
    const card = cards.first();
    const gotIt = card.getByRole('button', { name: words('alerts.answer.got_it') });
    if (await gotIt.isVisible()) await gotIt.click();
    await card.getByRole('button', { name: words('alerts.answer.greeted') }).click();
    await expect(cards).toHaveCount(left);
  }
}

/** The state of the line to the house, in the masthead of every page of service. */
export const lineIsLive = (page: Page): Locator => page.getByText(words('alerts.line.live'), { exact: true });
export const lineIsLost = (page: Page): Locator =>
  page.getByRole('alert').filter({ hasText: words('alerts.line.lost_spoken') });

/** What the sender reads once word is durable: that it was sent, and a moment later that it is on a screen. */
export function arrivedAt(station: string): RegExp {
  return new RegExp([words('alerts.state.sent', { station }), words('alerts.state.on_screen', { station })].join('|'));
}
