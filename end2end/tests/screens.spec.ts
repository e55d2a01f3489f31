import { misfits, picture } from '../support/look.ts';
import { expect, test } from '../support/test.ts';
import { tour } from '../support/tour.ts';

for (const scheme of ['light', 'dark'] as const) {
  test(`the main screens fit the tablet (${scheme})`, async ({ device }, { project }) => {
    test.setTimeout(180_000);
    const suffix = scheme === 'dark' ? `${project.name}-dark` : project.name;
    await tour((options) => device({ ...options, colorScheme: scheme }), async (page, name) => {
      expect.soft(await misfits(page), name).toEqual([]);
      await picture(page, `${name}-${suffix}`);
    });
  });
}
