// const send = kgw('https://HOST/v1/e/STREAM?key=KEY'); send({any: 1});
window.kgw = (url) => {
  let queue = [], failures = 0, timer;
  const size = (lines) => new Blob(lines).size;
  const later = (ms) => (clearTimeout(timer), timer = setTimeout(flush, ms));

  const flush = async (leaving) => {
    timer = clearTimeout(timer);
    const limit = 6e4; // of 64 KiB that may outlive a page
    const lines = kgw.flying && !leaving ? [] : queue.slice(0, 50 >> (leaving ? 0 : failures) || 1);
    while (lines[kgw.flying ? 0 : 1] && size(lines) + kgw.flying > limit) lines.pop();
    if (!lines[0]) return queue[0] && later(100);
    queue.splice(0, lines.length);
    const body = lines.join(''), bytes = size(lines);
    kgw.flying += bytes;

    const keepalive = bytes <= limit && 'keepalive' in Request.prototype;
    const call = (keepalive || !leaving) && fetch(url, { method: 'POST', body, keepalive });
    let again, now = setTimeout(() => (now = 0));
    if (leaving) flush(1);
    try {
      const answer = await call;
      const { status, outcome, retryable, invalid, Records } = answer.ok ? {} : await answer.json();
      again = lines.filter((_, i) =>
        Records ? Records[i].Retryable && Records[i].Outcome == 'not_written'
        : invalid ? !invalid.includes(i)
        : status == 413 ? lines[1] : retryable && outcome == 'not_written');
    } catch (e) { // at once: refused, or no call
      again = now && navigator.sendBeacon(url, body) ? [] : lines;
    }
    kgw.flying -= bytes;
    queue = again.concat(queue).slice(-1e3);
    if (again[0]) later(Math.min(3e4, 500 * 2 ** failures++) * (1 + Math.random()));
    else if (queue[failures = 0]) timer = timer || later(0);
  };

  addEventListener('pagehide', flush);
  addEventListener('visibilitychange', () => document.hidden && flush(1));
  return (event) => {
    queue = queue.concat(JSON.stringify(event) + '\n').slice(-1e3);
    if (!failures && (queue[49] || size(queue) > 16e3)) flush();
    else timer = timer || later(2e3);
  };
};
kgw.flying = 0;
