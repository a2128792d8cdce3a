// The page again when its files have changed. One that takes long to make is asked for less often, so that a sweep keeps
// its cores; and while the server is away, it is asked less and less.
{
  const shown = document.currentScript.dataset.state, [load] = performance.getEntriesByType("navigation");
  const first = Math.max(2000, 10 * (load.responseStart - load.requestStart));
  const look = async wait => {
    try {
      const answer = await fetch("state", { cache: "no-store" });
      // What someone is typing is not taken away.
      const busy = document.activeElement?.matches("input") && document.activeElement.value;
      if (answer.ok && (await answer.text()) !== shown && !busy) return location.reload();
      wait = first;
    } catch {
      wait = Math.min(2 * wait, 30000);
    }
    setTimeout(look, wait, wait);
  };
  setTimeout(look, first, first);
}
