import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { describe, it } from "vitest";

/** What a page is served with: its files by name, and the headers of all of them. */
export interface Site {
  readonly files: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Milliseconds that a page has. */
const longest = 540_000;

/** A browser of this machine: its command, and the arguments with which it opens an address without a window. */
export interface Browser {
  readonly name: string;
  readonly command: string;
  readonly arguments: (profile: string, address: string) => string[];
}

/** The kinds of browser, with the environment variable that names a command of each and the commands it is sought by. */
const kinds = [
  {
    name: "Chromium",
    variable: "CHROMIUM",
    commands: ["chromium", "chromium-browser", "google-chrome"],
    arguments: (profile: string, address: string) => [
      ...["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", `--user-data-dir=${profile}`],
      address,
    ],
  },
  {
    name: "Firefox",
    variable: "FIREFOX",
    commands: ["firefox", "firefox-esr"],
    arguments: (profile: string, address: string) => ["--headless", "--new-instance", "--profile", profile, address],
  },
] as const;

/** The browsers of this machine, one of a kind. `CHROMIUM` and `FIREFOX` name those that are elsewhere. */
function browsers(): Browser[] {
  return kinds.flatMap(({ name, variable, commands, arguments: given }) => {
    const found = [process.env[variable], ...commands].find((command) => command !== undefined && starts(command));
    return found === undefined ? [] : [{ name, command: found, arguments: given }];
  });
}

function starts(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore", timeout: 20_000 });
    return true;
  } catch {
    return false;
  }
}

/** Tests for each browser of this machine, or one that is skipped and says why. */
export function describeBrowsers(title: string, tests: (browser: Browser) => void): void {
  const found = browsers();
  for (const browser of found) describe(`${title} in ${browser.name}`, { timeout: longest }, () => tests(browser));
  if (found.length === 0) it.skip(`${title}: there is neither Chromium nor Firefox here`);
}

/** The files of a page that runs a script of this folder. */
export async function pageOf(script: string): Promise<Record<"page.html" | "page.js", string>> {
  const entryPoints = [fileURLToPath(new URL(script, import.meta.url))];
  const bundled = await build({ entryPoints, bundle: true, format: "esm", platform: "browser", write: false });
  const html = '<!doctype html><meta charset="utf-8"><script type="module" src="/page.js"></script>';
  return { "page.html": html, "page.js": bundled.outputFiles[0]!.text };
}

/** Opens `page.html` of the site and gives what its script posts to `/result`, read as JSON. */
export async function visit<Result>(browser: Browser, site: Site): Promise<Result> {
  const profile = mkdtempSync(join(tmpdir(), "nabla-page-"));
  let running: ChildProcess | undefined;
  const server = createServer();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`the page posted nothing within ${longest} ms`)), longest);
      server.on("request", (request, response) => {
        if (request.method !== "POST") {
          serve(site, request.url ?? "/", response);
          return;
        }
        let body = "";
        request.on("data", (part) => {
          body += part;
        });
        request.on("end", () => {
          clearTimeout(timer);
          response.end();
          resolve(JSON.parse(body) as Result);
        });
      });
      server.listen(0, "127.0.0.1", () => {
        const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/page.html`;
        running = spawn(browser.command, browser.arguments(profile, address), { stdio: "ignore", detached: true });
        running.on("error", reject);
      });
    });
  } finally {
    server.close();
    server.closeAllConnections();
    if (running !== undefined) await ended(running);
    remove(profile);
  }
}

/** Ends the browser with the processes that it has started, which are a group of their own. */
function ended(browser: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    browser.on("exit", () => resolve());
    if (browser.exitCode !== null || browser.pid === undefined) resolve();
    else process.kill(-browser.pid, "SIGKILL");
  });
}

/** A process of the browser that has left its group may still write there: what stays then is the system's to clean up. */
function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  } catch {}
}

const types: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript" };

function serve({ files, headers }: Site, url: string, response: ServerResponse): void {
  const name = url.slice(1);
  const text = files[name];
  if (text === undefined) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { ...headers, "content-type": types[name.slice(name.lastIndexOf(".") + 1)] ?? "text/plain" });
  response.end(text);
}
