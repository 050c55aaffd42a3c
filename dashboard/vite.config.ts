import { defineConfig } from "vitest/config";

// `npm run dev` serves the sources and hands everything else to a running server.
const SERVER = "http://127.0.0.1:8321";

export default defineConfig({
  // Relative addresses, so that the page works below any prefix.
  base: "./",
  build: {
    outDir: "../src/tallybook/web/static",
    emptyOutDir: true,
    target: ["chrome123", "firefox120", "safari17.5"],
    cssCodeSplit: false,
    modulePreload: { polyfill: false },
    // Nothing is written into the page or a style sheet: its policy names files alone.
    assetsInlineLimit: 0,
  },
  server: {
    proxy: { "/v1": SERVER, "/session": SERVER, "/docs": SERVER, "/openapi.json": SERVER },
  },
  test: { include: ["src/**/*.test.ts"] },
});
