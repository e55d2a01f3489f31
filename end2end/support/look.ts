import { join } from 'node:path';
import { type Page } from '@playwright/test';
import { expectAccessible } from './axe.ts';
import { sides } from './sides.ts';
import { expect } from './test.ts';

const folder = join(import.meta.dirname, '../screenshots');

/** Smallest side of anything that is tapped, in CSS pixels. */
const TARGET = 48;

/** What the device asks for. */
export type Scheme = 'light' | 'dark';

/** What is wider than the screen, or too small for a finger. */
export async function misfits(page: Page): Promise<string[]> {
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

/** Takes a picture of what is on the screen. */
export async function picture(page: Page, name: string): Promise<void> {
  // Anything else adds a style sheet to the page, which its content policy refuses.
  await page.screenshot({ path: join(folder, `${name}.png`), caret: 'initial' });
}

/** Looks at a page on both sides of the tablet: it fits, shuts nobody out, and has its picture taken. */
export async function lookAt(page: Page, name: string, scheme: Scheme = 'light'): Promise<void> {
  const suffix = scheme === 'dark' ? '-dark' : '';
  // Words can stand in a page before its style has come.
  await page.waitForLoadState('load');
  // The page is left as it was found.
  for (const side of ['portrait', 'landscape'] as const) {
    await page.setViewportSize(sides[side]);
    expect.soft(await misfits(page), `${name}, ${side}`).toEqual([]);
    await picture(page, `${name}-${side}${suffix}`);
    // What is dark on one side is so on the other.
    if (scheme === 'light' || side === 'landscape') await expectAccessible(page, `${name}, ${side}`);
  }
}
