// Goes through an application as a visitor and an editor do, in Chromium, for a time: follows links, fills forms, sends them.
//   node visit.mjs --url http://localhost:8101/ --minutes 3 [--login FILE.mjs] [--avoid REGEX] [--texts FILE.json] [--seed N]
// Needs playwright-core (npm) and a Chromium; record.py stands between it and the application.
import fs from "node:fs";
import { chromium } from "playwright-core";

const option = (name, otherwise) => {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? otherwise : process.argv[at + 1];
};
const texts = JSON.parse(fs.readFileSync(option("texts", new URL("texts.json", import.meta.url))));
const start = option("url");
const until = Date.now() + 60_000 * Number(option("minutes", "2"));
const avoid = new RegExp(option("avoid", "logout|log-out|signout|deactivate|delete|uninstall|reset"), "i");

let state = Number(option("seed", "7"));
const random = () => {
  state = (state * 1103515245 + 12345) % 2147483648;
  return state / 2147483648;
};
const any = (list) => list[Math.floor(random() * list.length)];
const paragraph = () => Array.from({ length: 1 + Math.floor(random() * 5) }, () => any(texts.sentences)).join(" ");

async function fill(field) {
  const about = await field.evaluate((node) => ({
    tag: node.tagName, type: node.type, name: `${node.name} ${node.id} ${node.placeholder}`.toLowerCase(),
    editable: node.isContentEditable, shown: node.offsetParent !== null, frozen: node.disabled || node.readOnly,
  }));
  if (!about.shown || about.frozen) return;
  if (about.tag === "SELECT") {
    const values = await field.evaluate((node) => [...node.options].map((each) => each.value));
    if (values.length && random() < 0.3) await field.selectOption(any(values), { timeout: 500 });
    return;
  }
  if (about.type === "checkbox" || about.type === "radio") {
    if (random() < 0.2) await field.click({ timeout: 500 });
    return;
  }
  if (about.type === "file") {
    await field.setInputFiles({ name: `${any(texts.titles).slice(0, 18)}.txt`, mimeType: "text/plain", buffer: Buffer.from(paragraph()) });
    return;
  }
  if (["submit", "button", "hidden", "image", "reset", "password", "color", "range"].includes(about.type)) return;
  const value =
    about.type === "email" || /mail/.test(about.name) ? `anna.oneil+${Math.floor(random() * 1e4)}@example.com`
    : about.type === "url" || /\burl|website|link/.test(about.name) ? "https://www.example.org/a/b?c=d&e=f#g"
    : about.type === "number" ? String(Math.floor(random() * 50))
    : about.type === "date" ? "2024-05-17"
    : about.tag === "TEXTAREA" || about.editable ? (random() < 0.25 ? any(texts.html) : paragraph())
    : /search|query|\bs\b|\bq\b/.test(about.name) ? any(texts.words)
    : /name|author|user/.test(about.name) ? any(texts.names)
    : any([...texts.titles, ...texts.words]);
  if (about.editable) {
    await field.click({ timeout: 800 });
    await field.pressSequentially(value.slice(0, 200), { timeout: 3000 });
  } else await field.fill(value, { timeout: 800 });
}

async function step(page) {
  const fields = await page.$$("input, textarea, select, [contenteditable=true]");
  for (const field of fields.slice(0, 40)) if (random() < 0.7) await fill(field).catch(() => {});
  const forms = [];
  for (const form of await page.$$("form"))
    if (await form.evaluate((node) => node.method === "post" && node.offsetParent !== null).catch(() => false)) forms.push(form);
  const sent = forms.length && random() < 0.8 ? any(forms) : null;
  const send = sent && (await sent.$("button[type=submit], input[type=submit], button:not([type])"));
  if (send && !avoid.test(await send.evaluate((node) => `${node.textContent} ${node.value ?? ""}`))) {
    await send.click({ timeout: 1500 }).catch(() => {});
    await page.waitForLoadState("domcontentloaded").catch(() => {});
    return;
  }
  const buttons = await page.$$("button, input[type=submit], [role=button], a[role=menuitem]");
  for (const button of buttons.sort(() => random() - 0.5).slice(0, 3)) {
    const name = await button.evaluate((node) => `${node.textContent} ${node.value ?? ""} ${node.id}`).catch(() => "");
    if (avoid.test(name)) continue;
    await button.click({ timeout: 800 }).catch(() => {});
    await page.waitForTimeout(250);
  }
}

const browser = await chromium.launch({ executablePath: option("chromium", "/usr/bin/chromium"), args: ["--no-sandbox"] });
const context = await browser.newContext({ locale: option("locale", "en-GB"), ignoreHTTPSErrors: true });
const page = await context.newPage();
page.setDefaultTimeout(15_000);
page.on("dialog", (dialog) => dialog.accept(any(texts.titles)).catch(() => {}));
if (option("login")) await (await import(new URL(option("login"), `file://${process.cwd()}/`))).default(page, start, texts);
const seen = new Map();
let queue = [start, ...option("also", "").split(",").filter(Boolean).map((path) => new URL(path, start).href)];
while (Date.now() < until) {
  const url = queue.length ? queue.splice(Math.floor(random() * queue.length), 1)[0] : start;
  try {
    await page.goto(url, { waitUntil: "domcontentloaded" });
    await page.waitForLoadState("networkidle", { timeout: 2500 }).catch(() => {});
    const links = await page.$$eval("a[href]", (nodes) => nodes.map((node) => node.href));
    for (const link of links) {
      const shape = link.replace(/#.*/, "").replace(/\d+|nonce=\w+|token=\w+/g, "N");
      if (!link.startsWith(start) || avoid.test(link) || (seen.get(shape) ?? 0) > 1) continue;
      seen.set(shape, (seen.get(shape) ?? 0) + 1);
      queue.push(link);
    }
    await step(page);
  } catch (error) {
    if (!/Timeout|Navigation|detached|closed/.test(error.message)) console.error(error.message.split("\n")[0]);
  }
  if (context.pages().length > 3) for (const other of context.pages()) if (other !== page) await other.close();
}
await browser.close();
console.log(`${start}: ${seen.size} kinds of pages`);
