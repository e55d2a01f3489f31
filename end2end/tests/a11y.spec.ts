import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '../support/test.ts';
import { tour } from '../support/tour.ts';

for (const scheme of ['light', 'dark'] as const) {
  test(`nothing on the main screens shuts anyone out (${scheme})`, async ({ device }, { project }) => {
    test.skip(scheme === 'dark' && project.name === 'portrait', 'the colours are those of the other side');
    test.setTimeout(240_000);
    await tour((options) => device({ ...options, colorScheme: scheme }), async (page, name) => {
      const { violations } = await new AxeBuilder({ page }).analyze();
      const found = violations.flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id} at ${target.join(' ')}: ${failureSummary}`),
      );
      expect.soft(found, name).toEqual([]);
    });
  });
}
