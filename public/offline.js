// The page that stands in for one that could not be loaded leaves as soon as the house answers again: a
// board must not stay dark because nobody is there to tap it. Until then it says how much of what was tapped
// here has not arrived; of whom, it does not say.

/** Milliseconds between two looks. */
const AGAIN = 4000;

/** Under this name the application remembers the session that somebody has left; see `ui/sign_out.rs`. */
const LEAVING = 'rapport.leaving';

/** Milliseconds after which what was tapped is not sent any more, and is kept; see `queue/rules.rs`. */
const TOO_OLD = 5 * 60 * 1000;
const KEPT = 12 * 60 * 60 * 1000;

/** The house answers, and not merely a proxy in front of it. */
async function answers() {
  try {
    const answer = await fetch('/healthz', { cache: 'no-store', redirect: 'error' });
    return answer.ok && (await answer.text()) === 'ok\n';
  } catch {
    return false;
  }
}

/**
 * Ends the session of whoever has left this device without a network, and no later one. True: what is shown next is
 * for whoever comes.
 */
async function signsOut() {
  try {
    const left = localStorage.getItem(LEAVING);
    if (left === null) return false;
    const answer = await fetch('/api/sign_out', {
      method: 'POST',
      headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ session: left }),
    });
    // Anything else is tried again by the application, which looks for the same.
    if (answer.ok && localStorage.getItem(LEAVING) === left) localStorage.removeItem(LEAVING);
    return true;
  } catch {
    return false;
  }
}

/** What was tapped on this device, as the application has kept it. */
function kept() {
  return new Promise((done) => {
    const opening = indexedDB.open('rapport');
    // There is nothing yet: nor is anything to be made here, which the application would not find as it wants it.
    opening.onupgradeneeded = () => opening.transaction.abort();
    opening.onerror = () => done([]);
    opening.onblocked = () => done([]);
    opening.onsuccess = () => {
      const database = opening.result;
      const end = (texts) => {
        database.close();
        done(texts);
      };
      try {
        const reading = database.transaction('queue').objectStore('queue').getAll();
        reading.onsuccess = () => end(reading.result);
        reading.onerror = () => end([]);
      } catch {
        end([]);
      }
    };
  });
}

/** How many taps wait, and how many are not sent any more. */
function count(texts) {
  let waiting = 0;
  let unsent = 0;
  for (const text of texts) {
    let entry;
    try {
      entry = JSON.parse(text);
    } catch {
      continue;
    }
    const age = Date.now() - entry.tapped_at;
    if (!(Math.abs(age) < KEPT)) continue;
    // Taking word back is never too late.
    const isTaking = typeof entry.deed === 'object' && entry.deed !== null && 'withdraw' in entry.deed;
    if (entry.fate === 'waiting' && (age < TOO_OLD || isTaking)) waiting += 1;
    else unsent += 1;
  }
  return { waiting, unsent };
}

async function tell() {
  let found = { waiting: 0, unsent: 0 };
  try {
    found = count(await kept());
  } catch {
    // This browser keeps nothing.
  }
  for (const [name, number] of Object.entries(found)) {
    for (const line of document.querySelectorAll(`[data-${name}]`)) {
      const words = (number === 1 ? line.dataset.one : line.dataset.other).replace('#', String(number));
      line.hidden = number === 0;
      if (line.textContent !== words) line.textContent = words;
    }
  }
}

let looking = false;
async function look() {
  if (looking) return;
  looking = true;
  await tell();
  if (await answers()) {
    if (await signsOut()) location.replace('/sign-in');
    else location.reload();
  }
  looking = false;
}

addEventListener('online', look);
addEventListener('visibilitychange', look);
setInterval(look, AGAIN);
tell();
