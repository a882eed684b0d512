import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// The API page, built after the desk into the same folder; it shares nothing with it, so that the desk grows by nothing.
export default defineConfig({
  plugins: [vue()],
  publicDir: "../desk/public",
  build: {
    outDir: "../../dist",
    emptyOutDir: false,
    target: "es2022",
    chunkSizeWarningLimit: 2000,
    rolldownOptions: { input: "reference.html", checks: { bundlerTimings: false } },
  },
  server: { fs: { allow: ["../../.."] }, proxy: { "/api/v1": "http://127.0.0.1:8080" } },
});
