/** Work in batches: what arrives between two frames is looked at once, in the second one. */

const MOST = 20_000;

/** Return `take(item)`: `work(items, dropped)` is called with all of them at the next frame, each second while hidden. */
export function batched(work) {
  let items = [];
  let dropped = 0;
  let is_due = false;
  const run = () => {
    is_due = false;
    const now = items;
    const lost = dropped;
    items = [];
    dropped = 0;
    work(now, lost);
  };
  return (item) => {
    if (items.length < MOST) items.push(item);
    else dropped += 1;
    if (is_due) return;
    is_due = true;
    if (document.hidden) setTimeout(run, 1000);
    else requestAnimationFrame(run);
  };
}

/**
 * Return a function that has `work()` done soon, never twice at once and never so often that the server does little else:
 * the pause after it is at least `least` ms and twenty times as long as it took.
 */
export function seldom(work, least = 1000) {
  let is_wanted = false;
  let is_busy = false;
  const run = async () => {
    is_busy = true;
    while (is_wanted) {
      is_wanted = false;
      const began = performance.now();
      await work();
      await new Promise((done) => setTimeout(done, Math.max(least, 20 * (performance.now() - began))));
    }
    is_busy = false;
  };
  return () => {
    is_wanted = true;
    if (!is_busy) run();
  };
}
