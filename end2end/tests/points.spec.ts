import { type Locator, type Page } from '@playwright/test';
import { COLUMNS, dayAt, daysFrom, within } from '../support/greetings.ts';
import { guests, openCard } from '../support/screens.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

// Points expire when the clock is moved past their last day.
test.use({ program: 'movable', house: 'points' });
// One story: the house goes on with what the test before has left.
test.describe.configure({ mode: 'serial', timeout: 240_000 });

/** What the tests hand on to each other: the path of the guest's card. */
const story = { card: '' };

const main = (page: Page): Locator => page.getByRole('main');
const field = (page: Page, key: string): Locator => main(page).getByLabel(words(key), { exact: true });
const button = (page: Page, key: string): Locator => main(page).getByRole('button', { name: words(key), exact: true });
const says = (page: Page, key: string, values: Record<string, string> = {}): Locator =>
  main(page).getByText(words(key, values), { exact: true });

/** Four nights at EUR 125, until yesterday. */
function booking(today: string): string {
  const row = [
    'P1', 'CITY', 'Ms', 'Runa', 'Halvorsen', '', 'NOR', 'en', 'runa@post.example', '', '', '', 'PTS1',
    daysFrom(today, -5), daysFrom(today, -1), 'A', '', 1, 0, 'BB', 125, 'EUR', 'Direct', 'CHECKED OUT', '', '', 'Y',
  ];
  return `${COLUMNS}\n${row.join(',')}\n`;
}

/** Opens the form that spends points and fills it in. */
async function toSpend(page: Page, points: string): Promise<void> {
  await main(page).getByText(words('loyalty.spend.open'), { exact: true }).click();
  await field(page, 'loyalty.spend.points').fill(points);
  await field(page, 'loyalty.spend.reason').fill('Late check-out');
}

/** What there is, as the page tells it. */
const balance = (page: Page): Locator =>
  main(page).getByRole('region', { name: words('loyalty.title'), exact: true });

test('a stay earns points by the rules that the manager sets', async ({ device }) => {
  const today = dayAt(new Date());
  const manager = await device();
  await signIn(manager, 'manager', { station: stations.desk });
  await visit(manager, '/manage/loyalty');
  await expect(says(manager, 'loyalty.rules.holds_chain')).toBeVisible();
  await field(manager, 'loyalty.rules.active').check();
  await field(manager, 'loyalty.rules.expire_months').fill('1');
  await field(manager, 'loyalty.rules.tiers').fill('Silver; many');
  await button(manager, 'common.save').click();
  const refused = words('common.problems.at_line', {
    line: '1',
    problem: words('common.problems.not_known', {
      value: 'many',
      expected: words('common.expected.loyalty_tier'),
    }),
  });
  await expect(main(manager)).toContainText(refused);
  await field(manager, 'loyalty.rules.tiers').fill('Silver; 4; 2500');
  await button(manager, 'common.save').click();
  await expect(says(manager, 'loyalty.rules.holds_house')).toBeVisible();

  const name = 'points.csv';
  await visit(manager, '/manage/imports');
  await manager.getByLabel(words('exchange.upload.file')).setInputFiles({
    name,
    mimeType: 'text/csv',
    buffer: Buffer.from(booking(today)),
  });
  await manager.getByRole('button', { name: words('exchange.upload.submit'), exact: true }).click();
  await manager.waitForURL(/\/manage\/imports\?run=/);

  story.card = await openCard(manager, 'Runa Halvorsen', 'Halvorsen');
  await within(manager, `${story.card}/points`, async () => {
    await expect(balance(manager)).toContainText(words('loyalty.balance', { points: '50', worth: 'EUR 5.00' }));
    await expect(balance(manager)).toContainText(words('loyalty.tier', { tier: 'Silver' }));
  });
  const entry = main(manager).getByRole('row').filter({ hasText: words('loyalty.kind.earned') });
  await expect(entry).toContainText('+50');
  await expect(entry).toContainText(words('loyalty.ledger.rules'));
  await expect(main(manager)).toContainText(
    words('loyalty.tiers.change', { was: words('loyalty.tiers.none'), became: 'Silver' }),
  );
  await visit(manager, story.card);
  const part = manager.getByRole('region', { name: words('loyalty.title'), exact: true });
  await expect(part, 'the card tells it too').toContainText('50');
});

test('of two who spend the same points at once one does, and the other is told what is left', async ({ device }) => {
  const [desk, manager] = [await device(), await device()];
  await signIn(desk, 'reception', { station: stations.desk });
  await signIn(manager, 'manager', { station: stations.desk });
  for (const page of [desk, manager]) {
    await visit(page, `${story.card}/points`);
    await toSpend(page, '40');
  }
  await Promise.all([desk, manager].map((page) => button(page, 'loyalty.spend.submit').click()));
  const came = async () => {
    const [one, other] = [await says(desk, 'loyalty.spend.done').count(), await says(manager, 'loyalty.spend.done').count()];
    return [one > 0, other > 0].filter(Boolean).length;
  };
  await expect.poll(came).toBe(1);
  const loser = (await says(desk, 'loyalty.spend.done').count()) > 0 ? manager : desk;
  await expect(says(loser, 'loyalty.not_enough', { points: '10' })).toBeVisible();
  await expect(field(loser, 'loyalty.spend.points'), 'what was typed stays').toHaveValue('40');
  for (const page of [desk, manager]) {
    await expect(balance(page), 'both pages follow').toContainText(
      words('loyalty.balance', { points: '10', worth: 'EUR 1.00' }),
    );
    await expect(main(page).getByRole('row').filter({ hasText: words('loyalty.kind.redeemed') })).toHaveCount(1);
  }
});

test('a voucher is bought with points, used once, and withdrawn by the manager alone', async ({ device }) => {
  const [desk, manager] = [await device(), await device()];
  await signIn(desk, 'reception', { station: stations.desk });
  await signIn(manager, 'manager', { station: stations.desk });
  await visit(desk, `${story.card}/points`);
  await visit(manager, `${story.card}/points`);
  await main(desk).getByText(words('loyalty.voucher.open'), { exact: true }).click();
  await field(desk, 'loyalty.voucher.what').fill('A walk with the gardener');
  await field(desk, 'loyalty.voucher.points').fill('10');
  await button(desk, 'loyalty.voucher.submit').click();
  const line = main(desk).getByRole('listitem').filter({ hasText: 'A walk with the gardener' });
  await expect(line).toContainText(words('loyalty.voucher.issued'));
  await expect(balance(desk)).toContainText(words('loyalty.balance', { points: '0', worth: 'EUR 0.00' }));
  const theirs = main(manager).getByRole('listitem').filter({ hasText: 'A walk with the gardener' });
  await expect(theirs, 'it is on the other page by itself').toContainText(words('loyalty.voucher.issued'));
  await expect(line.getByText(words('loyalty.voucher.withdraw'))).toHaveCount(0);
  await expect(theirs.getByText(words('loyalty.voucher.withdraw')).first()).toBeVisible();
  await line.getByRole('button', { name: words('loyalty.voucher.use_submit') }).click();
  await expect(line).toContainText(words('loyalty.voucher.redeemed'));
  await expect(line.getByRole('button')).toHaveCount(0);
  await expect(theirs).toContainText(words('loyalty.voucher.redeemed'));
  await expect(theirs.getByText(words('loyalty.voucher.withdraw'))).toHaveCount(0);
});

test('who serves guests but not their points sees none, and marketing sees the balance alone', async ({ device }) => {
  const host = await device();
  await signIn(host, 'host', { station: stations.restaurant });
  await visit(host, `${story.card}/points`);
  await expect(host.getByRole('heading', { name: words('common.states.forbidden') })).toBeVisible();
  await openCard(host, guests.zhang.room, guests.zhang.shown);
  await expect(host.getByRole('region', { name: words('loyalty.title'), exact: true })).toHaveCount(0);

  const marketing = await device();
  await signIn(marketing, 'marketing');
  await visit(marketing, `${story.card}/points`);
  await expect(balance(marketing)).toContainText(words('loyalty.balance', { points: '0', worth: 'EUR 0.00' }));
  await expect(main(marketing).getByRole('table')).toHaveCount(0);
  await expect(main(marketing).getByText(words('loyalty.spend.open'), { exact: true })).toHaveCount(0);
});

test('points that nobody spends expire, and before that it is said', async ({ device, server }) => {
  const desk = await device({ javaScriptEnabled: false });
  await signIn(desk, 'reception', { station: stations.desk, scripts: false });
  await desk.goto(`${story.card}/points`);
  // Given without scripts, too much first.
  await main(desk).getByText(words('loyalty.give.open'), { exact: true }).click();
  await field(desk, 'loyalty.give.points').fill('many');
  await field(desk, 'loyalty.give.reason').fill('A warm word about us');
  await button(desk, 'loyalty.give.submit').click();
  await expect(main(desk)).toContainText(words('common.expected.loyalty_points'));
  await expect(field(desk, 'loyalty.give.reason')).toHaveValue('A warm word about us');
  await field(desk, 'loyalty.give.points').fill('20');
  await button(desk, 'loyalty.give.submit').click();
  await expect(balance(desk)).toContainText(words('loyalty.balance', { points: '20', worth: 'EUR 2.00' }));
  await expect(balance(desk).locator('.note--warn'), 'the last day is near').toContainText('20');
  await desk.context().close();

  await server.moveOn(40 * 24 * 3600);
  const later = await device();
  await signIn(later, 'reception', { station: stations.desk });
  await within(later, `${story.card}/points`, async () => {
    await expect(balance(later)).toContainText(words('loyalty.balance', { points: '0', worth: 'EUR 0.00' }));
    const gone = main(later).getByRole('row').filter({ hasText: words('loyalty.kind.expired') });
    await expect(gone.first()).toContainText('\u221220');
  });
  await toSpend(later, '1');
  await button(later, 'loyalty.spend.submit').click();
  await expect(says(later, 'loyalty.no_points')).toBeVisible();
});
