import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

// The binary serves what is built here, under one origin with the API.
export default defineConfig({
  plugins: [vue()],
  build: { outDir: "../../dist", emptyOutDir: true, target: "es2022", chunkSizeWarningLimit: 1200, rolldownOptions: { checks: { bundlerTimings: false } } },
  server: { fs: { allow: ["../../.."] }, proxy: { "/api": "http://127.0.0.1:8080" } },
});
