import { type Locator, type Page } from '@playwright/test';
import { expect, visit } from './test.ts';
import { words } from './words.ts';

/** Where the demo house is. */
const zone = 'Europe/Lisbon';

/** The day that it is there, `YYYY-MM-DD`. */
export const dayAt = (at: Date): string => new Intl.DateTimeFormat('sv-SE', { timeZone: zone }).format(at);

/** What its clocks show, `HH:MM`. */
export const timeAt = (at: Date): string =>
  new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);

/** A day so many days before or after another. */
export function daysFrom(day: string, days: number): string {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

export const COLUMNS =
  'confirmation_no,property,title,first_name,last_name,native_name,nationality,language,email,phone,birth_date,' +
  'vip_code,membership_no,arrival,departure,room_type,room_no,adults,children,meal_plan,adr,currency,' +
  'market_segment,status,special_requests,allergies,email_opt_in';

/** Guests of a country that nobody else of the demo house comes from, so that a campaign can mean them alone. */
export const country = 'ISL';

/** Those whom the story is about. All but Einar have their birthday today. */
export const icelanders = {
  helga: { title: 'Ms', first: 'Helga', last: 'Jónsdóttir', email: 'helga@post.example', language: 'en' },
  /** His letter is in Spanish, and comes back. */
  bjorn: { title: 'Mr', first: 'Björn', last: 'Ólafsson', email: 'bjorn@post.example', language: 'es' },
  saga: { title: 'Ms', first: 'Saga', last: 'Karlsdóttir', email: 'saga@post.example', language: 'en' },
  /** Did not agree to letters. */
  sigga: { title: 'Ms', first: 'Sigga', last: 'Einarsdóttir', email: 'sigga@post.example', language: 'en' },
  /** Comes today. */
  gunnar: { title: 'Mr', first: 'Gunnar', last: 'Pálsson', email: 'gunnar@post.example', language: 'en' },
  /** Is in house. */
  katla: { title: 'Ms', first: 'Katla', last: 'Grímsdóttir', email: 'katla@post.example', language: 'en' },
  /** Is put on hold. */
  freyja: { title: 'Ms', first: 'Freyja', last: 'Stefánsdóttir', email: 'freyja@post.example', language: 'en' },
  /** Of the highest VIP level, and left a year ago to the day. */
  einar: { title: 'Mr', first: 'Einar', last: 'Magnússon', email: 'einar@post.example', language: 'en' },
} as const;

/** The export that brings them. */
function bookings(today: string): string {
  const birthday = `1980${today.slice(4)}`;
  const past = [daysFrom(today, -63), daysFrom(today, -60), 'CHECKED OUT'] as const;
  // On 29 February the year before has no such day.
  const yearAgo = `${Number(today.slice(0, 4)) - 1}${today.slice(4).replace('02-29', '02-28')}`;
  const stays: Record<keyof typeof icelanders, readonly [string, string, string]> = {
    helga: past,
    bjorn: past,
    saga: past,
    sigga: past,
    gunnar: [today, daysFrom(today, 2), 'RESERVED'],
    katla: [daysFrom(today, -1), daysFrom(today, 1), 'CHECKED IN'],
    freyja: past,
    einar: [daysFrom(yearAgo, -3), yearAgo, 'CHECKED OUT'],
  };
  const rows = Object.entries(icelanders).map(([who, guest], number) => {
    const [arrival, departure, status] = stays[who as keyof typeof icelanders];
    const born = who === 'einar' ? '' : birthday;
    const vip = who === 'einar' ? 'V3' : '';
    const room = status === 'CHECKED IN' ? '712' : '';
    const agrees = who === 'sigga' ? 'N' : 'Y';
    return [
      `G${number}`, 'CITY', guest.title, guest.first, guest.last, '', country, guest.language, guest.email, '', born,
      vip, '', arrival, departure, 'A', room, 1, 0, 'BB', 120, 'EUR', 'Direct', status, '', '', agrees,
    ].join(',');
  });
  return `${[COLUMNS, ...rows].join('\n')}\n`;
}

/** Brings the guests of the story into the house. */
export async function importIcelanders(office: Page, today: string): Promise<void> {
  const name = 'iceland.csv';
  await visit(office, '/manage/imports');
  await office.getByLabel(words('exchange.upload.file')).setInputFiles({
    name,
    mimeType: 'text/csv',
    buffer: Buffer.from(bookings(today)),
  });
  await office.getByRole('button', { name: words('exchange.upload.submit'), exact: true }).click();
  await office.waitForURL(/\/manage\/imports\?run=/);
  const run = office.getByRole('main').getByRole('listitem').filter({ hasText: name }).first();
  const created = run.getByRole('term').filter({ hasText: words('exchange.run.created') });
  await expect(created.locator('xpath=following-sibling::dd')).toHaveText(String(Object.keys(icelanders).length));
}

/** What is typed into the form of a campaign, by the names of its fields. */
export interface Typed {
  name: string;
  send_at: string;
  signer?: string;
  signer_title?: string;
  starts?: string;
  /** The least VIP level whose letters wait for their signer. */
  personal_from_vip?: string;
}

/** Makes a campaign for the guests of the story, from the list of campaigns. Returns its path. */
export async function makeCampaign(page: Page, kind: string, typed: Typed): Promise<string> {
  await visit(page, '/campaigns');
  await page.getByRole('link', { name: words('campaigns.list.begin') }).click();
  await page.getByRole('link').filter({ hasText: words(`campaigns.kind.${kind}_text`) }).click();
  const field = (name: string): Locator => page.getByLabel(words(`campaigns.edit.${name}`), { exact: true });
  await expect(field('name')).toBeVisible();
  const { personal_from_vip, ...lines } = typed;
  for (const [name, text] of Object.entries({ ...lines, quiet_from: '', quiet_to: '' })) await field(name).fill(text);
  await field('zone').selectOption('house');
  if (personal_from_vip) await field('personal_from_vip').selectOption(personal_from_vip);
  await page.getByLabel(words('campaigns.segment.nationalities'), { exact: true }).fill(country);
  await page.getByRole('button', { name: words('campaigns.edit.save'), exact: true }).click();
  await page.waitForURL(/\/campaigns\/[0-9a-f-]{36}$/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(typed.name);
  return new URL(page.url()).pathname;
}

/** Lets a campaign begin, after a look at whom it reaches. */
export async function begin(page: Page, campaign: string): Promise<void> {
  await visit(page, `${campaign}/preflight`);
  await expect(page.getByRole('button', { name: words('campaigns.preflight.activate'), exact: true })).toBeVisible();
  const confirmed = page.locator('input[name="confirmed"]');
  if (await confirmed.isVisible()) await confirmed.check();
  await page.getByRole('button', { name: words('campaigns.preflight.activate'), exact: true }).click();
  await page.waitForURL(new RegExp(`${campaign}$`));
  await expect(page.getByText(words('campaigns.overview.is_active'), { exact: true })).toBeVisible();
}

/** A number with its name, as on a campaign's own page and among its results. */
export const figure = (page: Page, name: string): Locator =>
  page
    .getByRole('term')
    .filter({ hasText: new RegExp(`^${name}$`) })
    .locator('xpath=following-sibling::dd');

/** Loads a page again and again until something is so: what the house does by itself it does within a minute. */
export async function within(page: Page, path: string, isSo: () => Promise<void>): Promise<void> {
  await expect(async () => {
    await visit(page, path);
    await isSo();
  }).toPass({ timeout: 100_000, intervals: [1_000] });
}
