// The page that stands in for one that could not be loaded leaves as soon as the house answers again: a
// board must not stay dark because nobody is there to tap it.

/** Milliseconds between two looks. */
const AGAIN = 4000;

/** The house answers, and not merely a proxy in front of it. */
async function answers() {
  try {
    const answer = await fetch('/healthz', { cache: 'no-store', redirect: 'error' });
    return answer.ok && (await answer.text()) === 'ok\n';
  } catch {
    return false;
  }
}

let looking = false;
async function look() {
  if (looking) return;
  looking = true;
  if (await answers()) location.reload();
  looking = false;
}

addEventListener('online', look);
addEventListener('visibilitychange', look);
setInterval(look, AGAIN);
