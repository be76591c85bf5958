/** Builds the staff desk, the sign-in pages, the portal, the chat and the admin theme into Django's static files. */
import tailwindcss from "@tailwindcss/vite";
import { defineConfig } from "vitest/config";
import { compressed } from "./compressed.js";

export default defineConfig({
  base: "/static/dist/",
  plugins: [tailwindcss(), compressed()],
  build: {
    outDir: "../helpdesk/static/dist",
    // A copy that is running keeps the files it has told browsers about; names carry a hash of the content.
    emptyOutDir: false,
    manifest: "manifest.json",
    target: "es2022",
    // These know light-dark(), so both values of a token stay on one line in the output.
    cssTarget: ["chrome125", "firefox125", "safari17.5"],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: { input: ["src/main.ts", "src/auth.ts", "src/portal.ts", "src/back.ts", "src/widget/main.ts", "src/widget/loader.ts", "src/push/worker.ts", "src/admin.css", "src/help.css"] },
  },
  test: { include: ["src/**/*.test.ts"] },
});
