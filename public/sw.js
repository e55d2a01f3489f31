// The service worker. It keeps the shell of the application (the browser part, style, icons, and a page
// that says that the house cannot be reached) and nothing else: no page, no answer of the server, no voice and no
// photograph is ever kept, because guests are on them. What it does not know it does not touch.

/** Named anew when the list below changes, so that what is no longer in it goes. */
const CACHE = 'rapport-shell-4';

/**
 * Before a number: what is kept in reserve. Another one is filled before the one that counts goes, which is the one
 * with the smallest number; so one that was filled by half never counts.
 */
const RESERVE = 'rapport-reserve-';

const OFFLINE = '/offline.html';

/** What no page asks for until the house cannot be reached. These belong together, and are of one version. */
const IN_RESERVE = [OFFLINE, '/offline.js'];

/** Kept from the beginning: what the page above needs, and what shows how many alerts wait. */
const SMALL = [
  '/pkg/rapport.css',
  '/favicon.svg',
  '/manifest.webmanifest',
  '/icons/icon-192.png',
  ...['1', '2', '3', '4', '5', '6', '7', '8', '9', 'more'].map((count) => `/icons/badge-${count}.svg`),
];

/** Kept once they have been used, because they are large. */
const LARGE = ['/pkg/rapport.js', '/pkg/rapport.wasm'];

const SHELL = new Set([...SMALL, ...LARGE]);

/** Word must not wait until this script has woken up. Browsers that can be told so go straight on. */
const PAST_THIS = ['/api/*', '/events', '/photos/*', '/voices/*'];

addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(Promise.all([keepSmall(), keepReserve(), goPast(event)]));
});

async function keepSmall() {
  const cache = await caches.open(CACHE);
  await cache.addAll(SMALL.map((path) => new Request(path, { cache: 'no-cache' })));
}

async function keepReserve() {
  // All of them or none, in one step.
  await fillReserve((cache) => cache.addAll(IN_RESERVE.map((path) => new Request(path, { cache: 'no-cache' }))));
}

async function goPast(event) {
  try {
    await event.addRoutes?.(PAST_THIS.map((urlPattern) => ({ condition: { urlPattern }, source: 'network' })));
  } catch {
    // A browser with other ideas of routes comes through here, which is slower and right.
  }
}

addEventListener('activate', (event) => {
  event.waitUntil(takeOver());
});

async function takeOver() {
  const names = await caches.keys();
  const old = names.filter((name) => name !== CACHE && !name.startsWith(RESERVE));
  await Promise.all(old.map((name) => caches.delete(name)));
  await clients.claim();
}

addEventListener('fetch', (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== 'GET' || origin !== location.origin) return;
  if (request.mode === 'navigate') {
    event.respondWith(page(event));
  } else if (IN_RESERVE.includes(pathname) && search === '') {
    event.respondWith(fromReserve(request, pathname));
  } else if (SHELL.has(pathname) && search === '') {
    event.respondWith(shell(event));
  }
});

/** A page as the server sends it, or word that the house cannot be reached. */
async function page(event) {
  try {
    const answer = await fetch(event.request);
    // A proxy answers for a server that does not.
    if (![502, 503, 504].includes(answer.status)) {
      event.waitUntil(renewReserve());
      return answer;
    }
    return (await reserved(OFFLINE)) ?? answer;
  } catch (error) {
    const offline = await reserved(OFFLINE);
    if (!offline) throw error;
    return offline;
  }
}

/** The caches of what is in reserve, the one that counts first. */
async function reserves() {
  const number = (name) => Number(name.slice(RESERVE.length));
  const names = (await caches.keys()).filter((name) => name.startsWith(RESERVE));
  return names.sort((one, other) => number(one) - number(other));
}

async function reserved(path) {
  const [name] = await reserves();
  return name === undefined ? undefined : (await caches.open(name)).match(path);
}

/** What belongs to the page that stands in: as it was kept with that page, whatever answers just then. */
async function fromReserve(request, pathname) {
  return (await reserved(pathname)) ?? fetch(request);
}

/**
 * Fills another reserve, which counts from the moment on in which the one before it goes. One after the other, also
 * where another version of this script is at work.
 */
async function fillReserve(fill) {
  await navigator.locks.request(RESERVE, async () => {
    const [first, ...rest] = await reserves();
    // Filled by half, by a renewal that was cut short; or whole, and filled again.
    await Promise.all(rest.map((name) => caches.delete(name)));
    // Where there is none yet, an empty one counts until the other is whole.
    const counts = first ?? `${RESERVE}0`;
    await caches.open(counts);
    const name = `${RESERVE}${Math.max(Date.now(), Number(counts.slice(RESERVE.length)) + 1)}`;
    try {
      await fill(await caches.open(name));
    } catch (error) {
      await caches.delete(name);
      throw error;
    }
    await caches.delete(counts);
  });
}

/**
 * Fetches anew what is kept in reserve, while the house answers: another version of it comes without another version
 * of this script.
 */
async function renewReserve() {
  try {
    const answers = await Promise.all(IN_RESERVE.map((path) => fetch(path, { cache: 'reload' })));
    if (!answers.every(isFile)) return;
    const kept = await Promise.all(IN_RESERVE.map(reserved));
    if (answers.every((answer, at) => isSame(kept[at], answer))) return;
    await fillReserve((cache) => Promise.all(IN_RESERVE.map((path, at) => cache.put(path, answers[at]))));
  } catch {
    // The house has gone again, or the device is full: what is kept stays.
  }
}

/** Only the file itself: a redirect or a page in its place would come from something in between. */
function isFile(answer) {
  return answer.ok && !answer.redirected && answer.type === 'basic';
}

/** A file of the shell: from the server, so that all of them are of one version; kept if it is not there. */
async function shell(event) {
  const { request } = event;
  const { pathname } = new URL(request.url);
  let answer;
  try {
    answer = await fetch(request);
  } catch (error) {
    const kept = await caches.match(pathname);
    if (!kept) throw error;
    return kept;
  }
  if (isFile(answer)) event.waitUntil(keep(pathname, answer.clone()));
  return answer;
}

/** Whether what is kept, if anything, is of the same version. */
function isSame(kept, answer) {
  const version = (of) => of?.headers.get('etag') ?? of?.headers.get('last-modified');
  return Boolean(version(kept)) && version(kept) === version(answer);
}

async function keep(pathname, answer) {
  const cache = await caches.open(CACHE);
  if (isSame(await cache.match(pathname), answer)) return;
  try {
    await cache.put(pathname, answer);
  } catch {
    // The device is full: the file is fetched each time.
  }
}

addEventListener('notificationclick', (event) => {
  event.notification.close();
  event.waitUntil(showBoard());
});

/** The board, in the window that there is. */
async function showBoard() {
  const windows = await clients.matchAll({ type: 'window', includeUncontrolled: true });
  const onBoard = windows.find((window) => new URL(window.url).pathname === '/board');
  const window = onBoard ?? windows[0];
  if (window) await window.focus();
  else await clients.openWindow('/board');
}
