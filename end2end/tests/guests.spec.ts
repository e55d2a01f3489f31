import { type Page } from '@playwright/test';
import { boardCard, comingDownButton, find, greetAll, guests, openCard } from '../support/screens.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { words } from '../support/words.ts';

const label = (field: string): string => words(`guests.form.${field}`);

/** A field of the profile form by its name in the texts. */
const field = (page: Page, name: string) => page.getByLabel(label(name), { exact: true });

const save = (page: Page) => page.getByRole('button', { name: label('save'), exact: true }).click();

/** Fills in the form of a new guest and keeps it. Returns the path of the new card. */
async function newGuest(page: Page, typed: Record<string, string>): Promise<string> {
  await visit(page, '/guests/new');
  for (const [name, text] of Object.entries(typed)) await field(page, name).fill(text);
  await save(page);
  await page.waitForURL(/\/guests\/[0-9a-f-]{36}$/);
  return new URL(page.url()).pathname;
}

test('a guest is found by whatever one knows of him', async ({ device }) => {
  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  await newGuest(desk, {
    salutation: 'Ms',
    first: 'Zoë',
    last: 'Åström-Lind',
    native: '卓雅琳',
    say: 'OH-strum',
    // A number that Sweden keeps for films.
    phones: '+46 70 174 06 05',
    emails: 'Zoe.Astrom@post.example',
    membership: 'NORD 4711',
  });
  await visit(desk, '/guests');
  for (const typed of [
    'Zoë Åström',
    'astrom zoe',
    'ASTR',
    'aastroem',
    'trom',
    'lind',
    '卓雅琳',
    '雅琳',
    '+46 70 174 06 05',
    '070-174 06 05',
    '0046701740605',
    'zoe.astrom@post',
    'nord4711',
  ]) {
    await find(desk, typed, 'Zoë Åström-Lind');
  }
  await find(desk, 'zhang wei', guests.zhang.shown);
  await find(desk, guests.zhang.room, guests.zhang.shown);
});

test('whoever may not see a telephone number cannot search by it either', async ({ device }) => {
  const host = await device();
  await signIn(host, 'host', { station: stations.restaurant });
  await visit(host, '/guests');
  await find(host, 'zhang wei', guests.zhang.shown);
  await host.getByRole('searchbox').fill('139 1234 5678');
  await expect(host.getByText(words('guests.search.nobody_title'))).toBeVisible();
});

test('a page that is not made for the role says so, and shows nothing else', async ({ device }) => {
  const host = await device();
  await signIn(host, 'host', { station: stations.restaurant });
  await visit(host, '/manage/stations');
  await expect(host.getByRole('heading', { name: words('common.states.forbidden') })).toBeVisible();
  await expect(host.getByRole('button', { name: words('house.stations.add_submit') })).toHaveCount(0);
});

test('the slash key leads to the search box from anywhere on the page', async ({ device }) => {
  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  await desk.getByRole('main').focus();
  await desk.keyboard.press('/');
  await expect(desk.getByRole('searchbox')).toBeFocused();
  await expect(desk.getByRole('searchbox')).toHaveValue('');
});

test('what is refused comes back as typed, with the reason beside it', async ({ device }) => {
  const desk = await device();
  await signIn(desk, 'reception', { station: stations.desk });
  await visit(desk, '/guests/new');
  await field(desk, 'first').fill('Ibrahim');
  await field(desk, 'last').fill('Haddad');
  await field(desk, 'birthday').fill('31/02/1990');
  await field(desk, 'emails').fill('not an address');
  await save(desk);

  for (const [name, problem] of [
    ['birthday', words('common.problems.not_date', { value: '31/02/1990' })],
    ['emails', words('common.problems.not_email', { value: 'not an address' })],
  ] as const) {
    await expect(field(desk, name)).toHaveAttribute('aria-invalid', 'true');
    await expect(field(desk, name)).toHaveAccessibleDescription(new RegExp(escaped(problem)));
  }
  await expect(field(desk, 'first')).toHaveValue('Ibrahim');
  await expect(field(desk, 'birthday')).toHaveValue('31/02/1990');

  await field(desk, 'birthday').fill('--02-29');
  await field(desk, 'emails').fill('i.haddad@post.example');
  await save(desk);
  await cardIsOpen(desk);
  await expect(desk.getByRole('article')).toContainText('29 February');
  await expect(desk.getByRole('article')).toContainText('i.haddad@post.example');
});

test('two people edit one profile: the second sees what the first changed', async ({ device }) => {
  const [first, second] = [await device(), await device()];
  await signIn(first, 'reception', { station: stations.desk });
  await signIn(second, 'manager', { station: stations.desk });
  const card = await newGuest(first, { salutation: 'Mrs', first: 'Odile', last: 'Fournier', say: 'foor-NYAY' });
  await visit(first, `${card}/edit`);
  await visit(second, `${card}/edit`);

  await field(first, 'say').fill('oh-DEEL');
  await save(first);
  await cardIsOpen(first);
  await expect(first.getByRole('article')).toContainText('oh-DEEL');

  await field(second, 'address').fill('12 rue des Lilas, Lyon');
  await save(second);
  const changed = second.getByRole('alert').filter({ hasText: words('guests.changed.title') });
  await expect(changed).toBeVisible();
  const row = changed.getByRole('row').filter({ hasText: label('say') });
  await expect(row.getByRole('cell')).toHaveText(['foor-NYAY', 'oh-DEEL', 'oh-DEEL']);
  await expect(field(second, 'say'), 'what was left alone follows the colleague').toHaveValue('oh-DEEL');
  await expect(field(second, 'address'), 'what was typed is kept').toHaveValue('12 rue des Lilas, Lyon');

  await first.reload();
  await expect(first.getByRole('article')).toContainText('oh-DEEL');
  await expect(first.getByRole('article')).not.toContainText('rue des Lilas');

  await save(second);
  await cardIsOpen(second);
  await expect(second.getByRole('article')).toContainText('rue des Lilas');
  await expect(second.getByRole('article')).toContainText('oh-DEEL');
});

test("what the desk writes down is on the host's open board at once", async ({ device }) => {
  const [desk, host] = [await device(), await device()];
  const { muller } = guests;
  await signIn(host, 'host', { station: stations.restaurant });
  await greetAll(host);
  await signIn(desk, 'reception', { station: stations.desk });
  await openCard(desk, muller.room, muller.shown);
  await comingDownButton(desk).click();
  const card = boardCard(host, muller.shown);
  await expect(card).toHaveCount(1);
  const sesame = words('guests.preference.no_sesame');
  await expect(card).not.toContainText(sesame);

  await desk.getByText(words('guests.write.preference'), { exact: true }).click();
  await desk.getByRole('button', { name: sesame, exact: true }).click();
  await expect(card).toContainText(sesame);
  await expect(desk.getByRole('article').getByRole('listitem').filter({ hasText: sesame })).toBeVisible();
  await greetAll(host);
});

async function cardIsOpen(page: Page): Promise<void> {
  await page.waitForURL(/\/guests\/[0-9a-f-]{36}$/);
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
