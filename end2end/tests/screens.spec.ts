import { lookAt, type Scheme } from '../support/look.ts';
import { test } from '../support/test.ts';
import { tour } from '../support/tour.ts';

// Each tour has a house of its own.
test.describe.configure({ mode: 'parallel' });

for (const scheme of ['light', 'dark'] satisfies Scheme[]) {
  test(`the main screens fit the tablet and shut nobody out (${scheme})`, async ({ device }) => {
    test.setTimeout(300_000);
    await tour(
      (options) => device({ ...options, colorScheme: scheme }),
      (page, name) => lookAt(page, name, scheme),
    );
  });
}
