import eslint from "@eslint/js";
import prettier from "eslint-config-prettier";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["**/dist/", "coverage/", "bench/", "*.cjs"] },
  eslint.configs.recommended,
  {
    files: ["**/*.ts", "**/*.tsx"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "inline-type-imports" }],
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      // A resolver class has only methods; type-graphql has no other form.
      "@typescript-eslint/no-extraneous-class": "off",
      "no-restricted-exports": ["error", { restrictDefaultExports: { direct: true } }],
      eqeqeq: "error",
    },
  },
  { files: ["src/**/*.ts"], rules: { "max-lines": ["error", 220] } },
  {
    files: ["*.js", "scripts/**/*.js", "packages/graphiql/*.js", "examples/supergraph/*.js"],
    languageOptions: {
      globals: Object.fromEntries(
        [
          "process",
          "console",
          "URL",
          "document",
          "location",
          "fetch",
          "Worker",
          "localStorage",
          "Headers",
          "setTimeout",
          "AbortController",
        ].map((name) => [name, "readonly"]),
      ),
    },
    rules: { "no-restricted-exports": "off" },
  },
  // Vite reads its configuration from a default export.
  { files: ["**/vite.config.ts"], rules: { "no-restricted-exports": "off" } },
  prettier,
  {
    // Generated files are accepted when they are named, and not looked at.
    files: ["**/generated/**", "**/*.generated.ts"],
    plugins: { generated: { processors: { skip: { preprocess: () => [], postprocess: () => [] } } } },
    processor: "generated/skip",
  },
);
