import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/** Finds nothing that shuts someone out: WCAG 2.2 AA and axe's own good practice. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  // A letter is shown in a frame in which no script runs, so nothing can look inside it: only at its name.
  const nameless = await page.evaluate(() => {
    const frames = [...document.querySelectorAll('iframe[sandbox]')];
    return frames.filter((frame) => (frame.remove(), !frame.getAttribute('title'))).length;
  });
  expect.soft(nameless, `${what}: frames without a name`).toBe(0);
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(' ')}: ${failureSummary}`),
  );
  expect.soft(found, what).toEqual([]);
}
