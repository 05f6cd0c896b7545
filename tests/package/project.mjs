// A project as a user would have it: the packed package, installed from its tarball.
import { execFileSync } from "node:child_process";
import { createReadStream, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "../../scripts/setup.mjs";

const npm = (args, cwd) =>
  execFileSync("npm", args, { cwd, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], shell: process.platform === "win32" });

/** Packs pkg/ and installs it into an empty project; the test removes it by `remove()`. */
export function freshProject(files) {
  const folder = mkdtempSync(path.join(tmpdir(), "promptfare-project-"));
  const [packed] = JSON.parse(npm(["pack", path.join(root, "pkg"), "--json", "--pack-destination", folder], folder));
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name: "fresh", private: true, type: "module" }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  npm(["install", path.join(folder, packed.filename), "--no-audit", "--no-fund", "--offline"], folder);
  return { folder, packed, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Every file below a folder, as relative paths. */
export function filesBelow(folder, prefix = "") {
  return readdirSync(path.join(folder, prefix)).flatMap((name) => {
    const relative = path.join(prefix, name);
    return statSync(path.join(folder, relative)).isDirectory() ? filesBelow(folder, relative) : [relative];
  });
}

const types = { ".html": "text/html", ".js": "text/javascript", ".mjs": "text/javascript", ".wasm": "application/wasm",
  ".json": "application/json", ".css": "text/css", ".bin": "application/octet-stream" };

/** A plain static server, as any host of files is one. */
export async function serveFolder(folder) {
  const requests = [];
  const server = createServer((request, response) => {
    const name = decodeURIComponent(new URL(request.url, "http://x").pathname);
    requests.push(name);
    const file = path.join(folder, name.endsWith("/") ? `${name}index.html` : name);
    if (!path.resolve(file).startsWith(path.resolve(folder)) || !existsSync(file)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "content-type": types[path.extname(file)] ?? "application/octet-stream" });
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    address: `http://127.0.0.1:${server.address().port}`,
    requests,
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
