export const stylesheet = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f5f6f8, #14181d);
  --panel: light-dark(#ffffff, #1c2229);
  --line: light-dark(#dfe3e8, #303842);
  --text: light-dark(#1a222c, #e6e9ed);
  --soft: light-dark(#5a6572, #9aa5b1);
  --accent: light-dark(#0b5cad, #79b8ff);
  --bad: light-dark(#b42318, #ff8f85);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
header { padding: 0.9rem 1.5rem; background: var(--panel); border-bottom: 1px solid var(--line); }
header a { color: inherit; font-weight: 650; letter-spacing: 0.01em; text-decoration: none; }
main { max-width: 56rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 0; font-size: 1.1rem; }
p { margin: 0 0 1rem; }
a { color: var(--accent); }
.panel, .notice { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; }
.panel { margin-bottom: 1.5rem; overflow-x: auto; }
.notice { max-width: 36rem; margin: 3rem auto; padding: 2rem; }
.notice p:last-child { margin: 1.5rem 0 0; }
.bar { display: flex; flex-wrap: wrap; gap: 0.75rem 1.5rem; align-items: center; justify-content: space-between; padding: 1rem 1.25rem; }
.bar p { margin: 0; }
.soft { color: var(--soft); }
.small { font-size: 0.875rem; }
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 0.6rem 1.25rem; border-top: 1px solid var(--line); text-align: left; vertical-align: baseline; }
thead th { color: var(--soft); font-size: 0.8125rem; font-weight: 500; }
tbody th { font-weight: 600; }
tbody th .soft { display: block; font-weight: 400; }
.count { width: 6rem; text-align: right; }
.zero { color: var(--soft); }
.failed { color: var(--bad); font-weight: 650; }
.button, button { display: inline-block; padding: 0.45rem 0.9rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); color: var(--text); font: inherit; text-decoration: none; cursor: pointer; }
.button:hover, button:hover { border-color: var(--accent); }
@media (max-width: 40rem) {
  main { margin: 1rem auto; padding: 0 0.75rem; }
  .bar { padding: 0.75rem 0.6rem; }
  th, td { padding: 0.6rem; }
  tbody th .soft { display: none; }
  .count { width: auto; }
}
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
