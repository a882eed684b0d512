import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [vue()],
  server: { fs: { allow: [".."] } },
  test: { environment: "happy-dom", include: ["{apps,packages}/*/src/**/*.test.ts"] },
});
