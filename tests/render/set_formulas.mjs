// Set formulas with KaTeX, which refuses whatever is not TeX, and with MathJax, which GitHub and
// Jupyter use. Reads a JSON list of {"text", "display"} from standard input; prints a JSON list of
// {"engine", "formula", "message"}, one of each formula that an engine refuses.
// The first argument is the folder in whose node_modules both are installed.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
const katex = require("katex");
const MathJax = require("mathjax");

await MathJax.init({
  loader: { load: ["input/tex"] },
  // Without these two packages a fault is an error, not a piece of red text in the page.
  tex: { packages: { "[-]": ["noerrors", "noundefined"] } },
});

const engines = {
  KaTeX: (text, display) =>
    katex.renderToString(text, { displayMode: display, strict: "error", throwOnError: true }),
  MathJax: async (text, display) => {
    const mathml = await MathJax.tex2mmlPromise(text, { display });
    const fault = /<merror[^>]*data-mjx-error="([^"]*)"/.exec(mathml);
    if (fault || mathml.includes("<merror")) throw new Error(fault ? fault[1] : mathml);
  },
};

const refused = [];
for (const { text, display } of JSON.parse(readFileSync(0, "utf8"))) {
  for (const [engine, set] of Object.entries(engines)) {
    try {
      await set(text, display);
    } catch (fault) {
      refused.push({ engine, formula: text, message: String(fault.message) });
    }
  }
}
process.stdout.write(JSON.stringify(refused));
