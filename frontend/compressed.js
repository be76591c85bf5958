/** Puts a Brotli and a gzip copy beside each built script and stylesheet: WhiteNoise serves whichever a browser takes. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { brotliCompressSync, gzipSync } from "node:zlib";

/** @returns {import("vite").Plugin} */
export function compressed() {
  return {
    name: "compressed",
    apply: "build",
    async writeBundle({ dir = "" }, bundle) {
      const names = Object.keys(bundle).filter((name) => /\.(js|css)$/.test(name));
      await Promise.all(
        names.map(async (name) => {
          const content = await readFile(join(dir, name));
          await writeFile(join(dir, `${name}.br`), brotliCompressSync(content));
          await writeFile(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }));
        }),
      );
    },
  };
}
