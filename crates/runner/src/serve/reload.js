// The page again when its files have changed. While the server is away, it is asked less often.
{
  const shown = document.currentScript.dataset.state, first = 2000;
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
