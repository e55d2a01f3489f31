import { type Page } from '@playwright/test';
import { join } from 'node:path';
import { expect, test } from '../support/test.ts';
import { tour } from '../support/tour.ts';

const folder = join(import.meta.dirname, '../screenshots');

/** Smallest side of anything that is tapped, in CSS pixels. */
const TARGET = 48;

/** What is wider than the screen, or too small for a finger. */
async function misfits(page: Page): Promise<string[]> {
  return page.evaluate((target) => {
    const found: string[] = [];
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth) found.push(`the page is ${root.scrollWidth} wide`);
    for (const control of document.querySelectorAll<HTMLElement>('a[href], button, summary, input, select, textarea')) {
      // The label of a check box or radio button is tapped with it.
      const tapped = control.matches('[type=checkbox], [type=radio]') ? (control.closest('label') ?? control) : control;
      const { width, height } = tapped.getBoundingClientRect();
      const isHidden = !tapped.checkVisibility({ visibilityProperty: true }) || width <= 1 || height <= 1;
      const isInSentence = getComputedStyle(tapped).display === 'inline';
      // Half a pixel is lost to rounding.
      if (isHidden || isInSentence || (width > target - 0.5 && height > target - 0.5)) continue;
      const name = (control.getAttribute('aria-label') ?? control.innerText ?? '').trim().slice(0, 40);
      found.push(`${control.tagName.toLowerCase()}.${control.className} "${name}": ${width} x ${height}`);
    }
    return found;
  }, TARGET);
}

for (const scheme of ['light', 'dark'] as const) {
  test(`the main screens fit the tablet (${scheme})`, async ({ device }, { project }) => {
    test.setTimeout(120_000);
    const suffix = scheme === 'dark' ? `${project.name}-dark` : project.name;
    await tour((options) => device({ ...options, colorScheme: scheme }), async (page, name) => {
      expect.soft(await misfits(page), name).toEqual([]);
      await page.screenshot({
        path: join(folder, `${name}-${suffix}.png`),
        // Anything else adds a style sheet to the page, which its content policy refuses.
        caret: 'initial',
      });
    });
  });
}
