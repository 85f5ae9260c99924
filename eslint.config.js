/** What STYLE.md asks for and a machine can see. The rules of imports are in .dependency-cruiser.mjs. */
import reactHooks from "eslint-plugin-react-hooks";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";

const TESTS = [
  "**/*.test.ts",
  "**/*.test.tsx",
  "packages/{testkit,sim}/**",
  "packages/*/src/testing/**",
  "e2e/**",
  "bench/**",
];
const PORTABLE = ["packages/{protocol,crypto,core}/src/**/*.ts"];

const htmlFromStrings = "The page runs without HTML from strings: make elements, or let React make them.";
const defaultExport = "Export by name only, so that a thing has one name everywhere.";
const port = "Time, randomness and network come in through ports.";
const cryptoOnly = "Only packages/crypto touches primitives and randomness.";

const FORBIDDEN_SYNTAX = [
  { selector: "ExportDefaultDeclaration", message: defaultExport },
  { selector: "ExportSpecifier[exported.name='default']", message: defaultExport },
  { selector: "MemberExpression[property.name=/^(innerHTML|outerHTML)$/]", message: htmlFromStrings },
  { selector: "CallExpression[callee.property.name='insertAdjacentHTML']", message: htmlFromStrings },
  {
    selector: "CallExpression[callee.object.name='document'][callee.property.name=/^write/]",
    message: htmlFromStrings,
  },
  { selector: "JSXAttribute[name.name='dangerouslySetInnerHTML']", message: htmlFromStrings },
  { selector: "TSEnumDeclaration", message: "A union of string literals instead of an enum." },
];
const FORBIDDEN_TIME = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: port },
  { selector: "CallExpression[callee.name='Date']", message: port },
];
const PORT_GLOBALS = [
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "requestAnimationFrame"],
  ...["fetch", "WebSocket", "XMLHttpRequest", "EventSource", "performance", "indexedDB", "localStorage"],
];
const forbidGlobals = (names, message) => ["error", ...names.map((name) => ({ name, message }))];
const onEveryGlobal = (names, message) =>
  ["globalThis", "window", "self"].flatMap((object) => names.map((property) => ({ object, property, message })));
const CRYPTO_PROPERTIES = onEveryGlobal(["crypto"], cryptoOnly);
const PORT_PROPERTIES = [
  { object: "Date", property: "now", message: port },
  { object: "Math", property: "random", message: port },
  ...onEveryGlobal(PORT_GLOBALS, port),
];

export default defineConfig(
  globalIgnores([
    "**/dist/",
    "**/node_modules/",
    "data/",
    ".cache/",
    "bench/results/",
    "e2e/screenshots/",
    "vectors/",
    "packages/globals.d.ts",
  ]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    name: "every file",
    rules: {
      "array-callback-return": "error",
      "consistent-return": "off",
      eqeqeq: "error",
      "max-lines": ["error", { max: 400 }],
      "max-lines-per-function": ["error", { max: 80, skipBlankLines: true, skipComments: true }],
      "no-caller": "error",
      "no-cond-assign": "error",
      "no-constant-binary-expression": "error",
      "no-debugger": "error",
      "no-dupe-else-if": "error",
      "no-empty": "error",
      "no-eval": "error",
      "no-fallthrough": "error",
      "no-new-func": "error",
      "no-param-reassign": ["error", { props: false }],
      "no-promise-executor-return": ["error", { allowVoid: true }],
      "no-restricted-syntax": ["error", ...FORBIDDEN_SYNTAX],
      "no-self-compare": "error",
      "no-unmodified-loop-condition": "error",
      "no-unreachable-loop": "error",
      "no-unsafe-finally": "error",
      "no-useless-rename": "error",
      "no-var": "error",
      "object-shorthand": "error",
      "prefer-const": "error",
    },
  },
  {
    name: "TypeScript",
    files: ["**/*.ts", "**/*.tsx"],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { fixStyle: "separate-type-imports" }],
      "@typescript-eslint/explicit-module-boundary-types": "error",
      "@typescript-eslint/no-confusing-void-expression": [
        "error",
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      "@typescript-eslint/no-invalid-void-type": "off",
      // Spreading a string gives its code points, which is what we want where we do it.
      "@typescript-eslint/no-misused-spread": "off",
      "@typescript-eslint/no-unnecessary-condition": [
        "error",
        { allowConstantLoopConditions: "only-allowed-literals" },
      ],
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", ignoreRestSiblings: true }],
      "@typescript-eslint/prefer-nullish-coalescing": "error",
      "@typescript-eslint/prefer-optional-chain": "error",
      // A port's method is async even where one adapter has nothing to wait for.
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    name: "primitives",
    files: ["packages/{protocol,core,serving,relay,guard,cli,web}/src/**"],
    ignores: TESTS,
    rules: {
      "no-restricted-globals": forbidGlobals(["crypto"], cryptoOnly),
      "no-restricted-properties": ["error", ...CRYPTO_PROPERTIES],
    },
  },
  {
    name: "portable packages",
    files: PORTABLE,
    ignores: TESTS,
    rules: {
      "no-restricted-globals": forbidGlobals(PORT_GLOBALS, port),
      "no-restricted-properties": ["error", ...PORT_PROPERTIES],
      "no-restricted-syntax": ["error", ...FORBIDDEN_SYNTAX, ...FORBIDDEN_TIME],
    },
  },
  {
    name: "portable packages without primitives",
    files: ["packages/{protocol,core}/src/**/*.ts"],
    ignores: TESTS,
    rules: {
      "no-restricted-globals": [...forbidGlobals(PORT_GLOBALS, port), { name: "crypto", message: cryptoOnly }],
      "no-restricted-properties": ["error", ...PORT_PROPERTIES, ...CRYPTO_PROPERTIES],
    },
  },
  {
    name: "the page",
    files: ["packages/web/src/**"],
    ignores: TESTS,
    plugins: { "react-hooks": reactHooks },
    rules: {
      "react-hooks/rules-of-hooks": "error",
      "react-hooks/exhaustive-deps": "error",
      "no-restricted-globals": [
        ...forbidGlobals(["process", "Buffer", "global", "require"], "The page is not Node."),
        { name: "crypto", message: cryptoOnly },
      ],
    },
  },
  {
    name: "tests",
    files: TESTS,
    rules: {
      "max-lines": ["error", { max: 600 }],
      "max-lines-per-function": "off",
      "@typescript-eslint/explicit-module-boundary-types": "off",
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/no-unnecessary-condition": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
  {
    name: "configuration that its tool wants as a default export",
    files: ["*.config.{js,mjs,ts}", ".*.mjs", "**/*.d.ts", "**/vite.config.ts", "scripts/total-reporter.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
  { name: "JavaScript", files: ["**/*.js", "**/*.mjs", "**/*.cjs"], extends: [tseslint.configs.disableTypeChecked] },
);
