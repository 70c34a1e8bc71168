import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

const gateway = process.env["GATEWAY_URL"] ?? "http://127.0.0.1:4000";

export default defineConfig({
  // The URLs of files are relative, so the page works at any path.
  base: "./",
  plugins: [react()],
  build: {
    outDir: "../../dist/web/events",
    emptyOutDir: true,
    modulePreload: false,
    chunkSizeWarningLimit: 700,
  },
  server: { host: "127.0.0.1", proxy: { "/graphql": { target: gateway, ws: true, changeOrigin: true } } },
});
