import { defineConfig } from '@playwright/test';
import { sides } from './support/sides.ts';

/** No neighbour takes its time. */
const measured = /story\.spec\.ts/;
/** The longest first, or one worker waits for the other at the end. */
const longest = /screens\.spec\.ts/;

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // Each worker has a house and a server of its own. What is measured comes first and by itself.
  workers: 2,
  retries: 0,
  forbidOnly: !!process.env.CI,
  reporter: 'list',
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    locale: 'en-GB',
    viewport: sides.landscape,
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.RAPPORT_CHROMIUM || '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        // Playwright loses the browser over a frame that is sandboxed in a process of its own.
        '--disable-features=IsolateSandboxedIframes',
        '--disable-quic',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    },
  },
  projects: [
    { name: 'measured', testMatch: measured },
    { name: 'longest', testMatch: longest, dependencies: ['measured'] },
    { name: 'others', testIgnore: [measured, longest], dependencies: ['measured'] },
  ],
});
