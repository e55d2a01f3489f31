import { defineConfig } from '@playwright/test';

/** Screens are designed for a tablet at both of its sides. */
const landscape = { width: 1024, height: 768 };
const portrait = { width: 768, height: 1024 };

/** No neighbour takes its time. */
const measured = /story\.spec\.ts/;

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
    { name: 'measured', use: { viewport: landscape }, testMatch: measured },
    { name: 'landscape', use: { viewport: landscape }, testIgnore: measured, dependencies: ['measured'] },
    { name: 'portrait', use: { viewport: portrait }, testMatch: /screens\.spec\.ts/, dependencies: ['measured'] },
  ],
});
