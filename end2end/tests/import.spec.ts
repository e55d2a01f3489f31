import { readFile } from 'node:fs/promises';
import { find } from '../support/screens.ts';
import { expect, signIn, stations, test, visit } from '../support/test.ts';
import { type Language, words } from '../support/words.ts';

/** Two good rows, on lines 2 and 5, and three of which each has one thing wrong with it. */
const EXPORT = `confirmation_no,property,title,first_name,last_name,native_name,nationality,language,email,phone,birth_date,vip_code,membership_no,arrival,departure,room_type,room_no,adults,children,meal_plan,adr,currency,market_segment,status,special_requests,allergies,email_opt_in
T1,CITY,Ms,Ilse,Vandenbroucke,,BEL,nl,ilse.v@post.example,,,,,2027-03-01,2027-03-04,A,,2,0,BB,120,EUR,Direct,RESERVED,High floor,,Y
T2,CITY,Mr,Otto,Bad-Date,,DEU,de,otto@post.example,,,,,2027-02-31,2027-03-02,A,,1,0,BB,90,EUR,Direct,RESERVED,,,N
T3,CITY,Mr,Otto,Bad-Order,,DEU,de,otto@post.example,,,,,2027-03-05,2027-03-02,A,,1,0,BB,90,EUR,Direct,RESERVED,,,N
T4,CITY,Mr,Pieter,Vandenbroucke,,BEL,nl,pieter.v@post.example,,,,,2027-03-01,2027-03-04,A,,2,0,BB,120,EUR,Direct,RESERVED,,,
T5,NOWHERE,Mr,Otto,Bad-House,,DEU,de,otto@post.example,,,,,2027-03-05,2027-03-08,A,,1,0,BB,90,EUR,Direct,RESERVED,,,N
`;

test('a manager imports an export, and downloads what was not accepted', async ({ device }) => {
  const office = await device();
  await signIn(office, 'manager', { station: stations.desk });

  const upload = async (): Promise<void> => {
    await visit(office, '/manage/imports');
    await office.getByLabel(words('exchange.upload.file')).setInputFiles({
      name: 'march.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from(EXPORT),
    });
    await office.getByRole('button', { name: words('exchange.upload.submit'), exact: true }).click();
    await office.waitForURL(/\/manage\/imports\?run=/);
  };
  const newest = office.getByRole('main').getByRole('listitem').filter({ hasText: 'march.csv' }).first();
  const expectCounts = async (counts: Record<string, number>): Promise<void> => {
    for (const [name, count] of Object.entries(counts)) {
      const term = newest.getByRole('term').filter({ hasText: words(`exchange.run.${name}`) });
      await expect(term.locator('xpath=following-sibling::dd'), name).toHaveText(String(count));
    }
  };

  const expectReport = async (language: Language): Promise<string[]> => {
    const download = office.waitForEvent('download');
    await newest.getByRole('link', { name: words('exchange.run.report', {}, language) }).click();
    const report = (await readFile(await (await download).path(), 'utf8')).trim().split(/\r?\n/);
    expect(report).toHaveLength(4);
    expect(report[1]).toMatch(/^3,arrival,2027-02-31,/);
    expect(report[1]).toContain(words('exchange.reasons.not_in_calendar', {}, language));
    expect(report[2]).toMatch(/^4,departure,2027-03-02,/);
    expect(report[2]).toContain(words('exchange.reasons.before_arrival', { arrival: '2027-03-05' }, language));
    expect(report[3]).toMatch(/^6,property,NOWHERE,/);
    return report;
  };

  await upload();
  await expectCounts({ created: 2, updated: 0, unchanged: 0, rejected: 3 });
  expect((await expectReport('en'))[0]).toBe('line,column,value,reason');

  await upload();
  await expectCounts({ created: 0, updated: 0, unchanged: 2, rejected: 3 });

  await visit(office, '/guests');
  await find(office, 'vandenbroucke ilse', 'Ilse Vandenbroucke');

  await office.context().addCookies([{ name: 'rapport_lang', value: 'es', url: new URL('/', office.url()).href }]);
  await visit(office, '/manage/imports');
  const headings = ['line', 'column', 'value', 'reason'].map((name) => words(`exchange.report.${name}`, {}, 'es'));
  expect((await expectReport('es'))[0]).toBe(headings.join(','));
});

for (const scripts of [true, false]) {
  test(`a file without bookings is refused at its field (scripts ${scripts ? 'on' : 'off'})`, async ({ device }) => {
    const office = await device({ javaScriptEnabled: scripts });
    await signIn(office, 'manager', { station: stations.desk, scripts });
    const file = office.getByLabel(words('exchange.upload.file'));
    const newHouses = office.getByLabel(words('exchange.upload.new_houses'));
    for (const [name, content, reason] of [
      ['nothing.csv', '', 'empty'],
      ['headings.csv', EXPORT.slice(0, EXPORT.indexOf('\n')), 'no_rows'],
      ['picture.csv', '\x89PNG\r\n\x1a\n\0\0', 'not_text'],
    ] as const) {
      await (scripts ? visit(office, '/manage/imports') : office.goto('/manage/imports'));
      await file.setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(content) });
      await newHouses.check();
      await office.getByRole('button', { name: words('exchange.upload.submit'), exact: true }).click();
      await office.waitForURL(/\/manage\/imports\?refused=/);
      await expect(office.getByText(words(`exchange.refused.${reason}`))).toBeVisible();
      await expect(file).toHaveAttribute('aria-invalid', 'true');
      await expect(file).toHaveAttribute('aria-describedby', /^import-file-problem /);
      await expect(newHouses).toBeChecked();
    }
  });
}
