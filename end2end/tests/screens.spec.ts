import { AxeBuilder } from '@axe-core/playwright';
import { misfits, picture } from '../support/look.ts';
import { expect, test } from '../support/test.ts';
import { tour } from '../support/tour.ts';

// Each tour has a house of its own.
test.describe.configure({ mode: 'parallel' });

for (const scheme of ['light', 'dark'] as const) {
  test(`the main screens fit the tablet and shut nobody out (${scheme})`, async ({ device }, { project }) => {
    test.setTimeout(300_000);
    const suffix = scheme === 'dark' ? `${project.name}-dark` : project.name;
    await tour((options) => device({ ...options, colorScheme: scheme }), async (page, name) => {
      expect.soft(await misfits(page), name).toEqual([]);
      await picture(page, `${name}-${suffix}`);
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
      );
      expect.soft(found, name).toEqual([]);
    });
  });
}
