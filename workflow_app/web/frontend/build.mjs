// Builds the style sheet, the scripts, the fonts and the icons into the folder given as the only argument.
//
// Output: files with a hash of their content in the name, the same compressed (.gz, .br), manifest.json
// {"app.css": "app-1a2b3c4d.css", ...} and third-party-licenses.txt. Called by hatch_build.py.
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import * as esbuild from "esbuild";
import { dataImagesOut, followSystemTheme, withoutUnusedParts } from "./css-steps.mjs";

const here = import.meta.dirname;
const out = path.resolve(process.argv[2] ?? path.join(here, "../static/dist"));
const manifest = {};

const bootstrapParts = {
  name: "bootstrap-parts",
  setup(build) {
    build.onLoad({ filter: /bootstrap[\\/]dist[\\/]css[\\/]bootstrap\.css$/ }, async ({ path: file }) => ({
      contents: withoutUnusedParts(await readFile(file, "utf8")),
      loader: "css",
    }));
  },
};

const result = await esbuild.build({
  absWorkingDir: here,
  entryPoints: ["js/app.js", "js/diagram.js", "css/app.css", "css/diagram.css"],
  outdir: out,
  entryNames: "[name]",
  assetNames: "[name]-[hash]",
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  format: "esm",
  target: ["chrome100", "firefox100", "safari15"],
  loader: { ".woff2": "file" },
  legalComments: "none", // the licences stand in third-party-licenses.txt
  plugins: [bootstrapParts],
  logLevel: "warning",
});

await mkdir(out, { recursive: true });
for (const file of result.outputFiles) await place(path.basename(file.path), Buffer.from(file.contents));
for (const name of ["icons.svg", "favicon.svg"]) await place(name, await readFile(path.join(here, "icons", name)));
await writeFile(path.join(out, "third-party-licenses.txt"), await licences());
await writeFile(path.join(out, "manifest.json"), JSON.stringify(manifest, Object.keys(manifest).sort(), 1) + "\n");

async function place(name, bytes) {
  if (/\.woff2$/.test(name)) {
    manifest[name.replace(/-[A-Z0-9]{8}(\.\w+)$/, "$1")] = name; // esbuild has put the hash in already
    return writeFile(path.join(out, name), bytes);
  }
  if (name.endsWith(".css")) bytes = Buffer.from(await finished(bytes.toString("utf8")));
  const hashed = name.replace(/(\.\w+)$/, `-${digest(bytes)}$1`);
  manifest[name] = hashed;
  await writeFile(path.join(out, hashed), bytes);
  await writeFile(path.join(out, `${hashed}.gz`), gzipSync(bytes, { level: 9 }));
  await writeFile(path.join(out, `${hashed}.br`), brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
}

// Images become files, so that the content policy needs no data: source.
async function finished(css) {
  const { css: text, images } = dataImagesOut(followSystemTheme(css), digest);
  for (const [name, svg] of images) await writeFile(path.join(out, name), svg);
  for (const [name] of images) manifest[name] = name;
  return text;
}

function digest(bytes) {
  return createHash("sha256").update(bytes).digest("hex").slice(0, 10);
}

async function licences() {
  const packages = new Set();
  for (const input of Object.keys(result.metafile.inputs)) {
    const found = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)/);
    if (found) packages.add(found[1]);
  }
  const parts = [];
  for (const name of [...packages].sort()) {
    const folder = path.join(here, "node_modules", name);
    const { version, license } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    const file = (await readdir(folder)).find((entry) => /^licen[cs]e/i.test(entry));
    parts.push(`${name} ${version} (${license})\n\n${file ? await readFile(path.join(folder, file), "utf8") : ""}`);
  }
  return parts.join(`\n${"-".repeat(78)}\n`);
}
