// Works on a seed until SHA-256(seed + ":" + number) begins with enough zero bits, tells the server, and loads the page again.
// SHA-256 (FIPS 180-4) is written out since browsers offer theirs on secure pages only.
"use strict";
(function () {
  const main = document.querySelector("main");
  const status = document.getElementById("status");
  const base = main.dataset.base, seed = main.dataset.seed, bits = Number(main.dataset.bits);
  const K = [], H0 = [];
  (function () {
    const frac = (x) => ((x - Math.floor(x)) * 4294967296) | 0;
    for (let n = 2, i = 0; i < 64; n++) {
      let prime = true;
      for (let d = 2; d * d <= n; d++) if (n % d === 0) { prime = false; break; }
      if (!prime) continue;
      if (i < 8) H0[i] = frac(Math.pow(n, 1 / 2));
      K[i++] = frac(Math.pow(n, 1 / 3));
    }
  })();
  const W = new Int32Array(64);
  function block(h, bytes, at) {
    for (let i = 0; i < 16; i++) {
      const j = at + i * 4;
      W[i] = (bytes[j] << 24) | (bytes[j + 1] << 16) | (bytes[j + 2] << 8) | bytes[j + 3];
    }
    for (let i = 16; i < 64; i++) {
      const a = W[i - 15], b = W[i - 2];
      W[i] = (W[i - 16] + W[i - 7] + (((a >>> 7) | (a << 25)) ^ ((a >>> 18) | (a << 14)) ^ (a >>> 3))
        + (((b >>> 17) | (b << 15)) ^ ((b >>> 19) | (b << 13)) ^ (b >>> 10))) | 0;
    }
    let [a, b, c, d, e, f, g, k] = h;
    for (let i = 0; i < 64; i++) {
      const t = (k + (((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7)))
        + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
      const u = ((((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10)))
        + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      k = g; g = f; f = e; e = (d + t) | 0; d = c; c = b; b = a; a = (t + u) | 0;
    }
    return [(h[0] + a) | 0, (h[1] + b) | 0, (h[2] + c) | 0, (h[3] + d) | 0,
      (h[4] + e) | 0, (h[5] + f) | 0, (h[6] + g) | 0, (h[7] + k) | 0];
  }
  const text = seed + ":";
  const whole = text.length - (text.length % 64);
  let start = H0;
  {
    const bytes = new Uint8Array(whole);
    for (let i = 0; i < whole; i++) bytes[i] = text.charCodeAt(i);
    for (let at = 0; at < whole; at += 64) start = block(start, bytes, at);
  }
  function leadingZero(number) {
    const rest = text.slice(whole) + number;
    const size = ((rest.length + 8) >> 6 << 6) + 64;
    const bytes = new Uint8Array(size);
    for (let i = 0; i < rest.length; i++) bytes[i] = rest.charCodeAt(i);
    bytes[rest.length] = 128;
    const total = (whole + rest.length) * 8;
    for (let i = 0; i < 4; i++) bytes[size - 1 - i] = (total >>> (8 * i)) & 255;
    let h = start;
    for (let at = 0; at < size; at += 64) h = block(h, bytes, at);
    return Math.clz32(h[0]) >= bits;
  }
  function work(from) {
    return new Promise((done) => {
      (function slice(number) {
        const until = performance.now() + 25;
        for (; performance.now() < until;) {
          for (let i = 0; i < 200; i++, number++) if (leadingZero(number)) return done(String(number));
        }
        setTimeout(slice, 0, number);
      })(from);
    });
  }
  async function tell(path, content) {
    const answer = await fetch(base + path, {
      method: "POST", credentials: "same-origin",
      headers: { "content-type": "application/json" }, body: JSON.stringify(content),
    });
    if (answer.ok) { location.reload(); return; }
    const said = await answer.json().catch(() => ({}));
    status.textContent = said.message || "That did not work.";
    if (main.dataset.kind === "captcha") setTimeout(() => location.reload(), 2000);
  }
  const found = work(0);
  if (main.dataset.kind === "challenge") {
    found.then((number) => tell("challenge", { seed: seed, number: number }));
    return;
  }
  document.getElementById("puzzle").addEventListener("submit", (event) => {
    event.preventDefault();
    status.textContent = "Checking…";
    const answer = document.getElementById("answer").value;
    found.then((number) => tell("captcha", { seed: seed, number: number, answer: answer }));
  });
})();
