import { defineConfig } from '@playwright/test';

/** Screens are designed for a tablet at both of its sides. */
const landscape = { width: 1024, height: 768 };
const portrait = { width: 768, height: 1024 };

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // One house and one server at a time: what is measured is not disturbed by a neighbour.
  workers: 1,
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
    { name: 'landscape', use: { viewport: landscape } },
    { name: 'portrait', use: { viewport: portrait }, testMatch: /(a11y|screens)\.spec\.ts/ },
  ],
});
