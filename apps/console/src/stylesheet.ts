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
  --good: light-dark(#17703b, #6fd699);
  --warn: light-dark(#8a5300, #f0b95c);
  --tint: light-dark(#eef3f9, #222b35);
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
header { display: flex; flex-wrap: wrap; gap: 0.5rem 1.5rem; align-items: center; padding: 0.6rem 1.5rem; min-height: 3.5rem; background: var(--panel); border-bottom: 1px solid var(--line); }
header a { color: inherit; text-decoration: none; }
header a:hover { color: var(--accent); }
header .home { font-weight: 650; letter-spacing: 0.01em; }
header nav { display: flex; gap: 1.25rem; }
header form { display: flex; gap: 0.75rem; align-items: center; margin-left: auto; min-width: 0; }
header bdi { display: inline-block; max-width: 14rem; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; vertical-align: bottom; }
header button { padding: 0.25rem 0.7rem; }
main { max-width: 56rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 0; font-size: 1.1rem; }
h3 { margin: 1.25rem 0 0.4rem; font-size: 0.9375rem; }
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
h1, p, li, dd, td bdi, code { overflow-wrap: anywhere; }
td { overflow-wrap: break-word; }
.label { display: none; color: var(--soft); }
.cases tbody th, .cases .left { white-space: nowrap; }
code { color: var(--soft); font: 0.8125rem ui-monospace, monospace; }
time { white-space: nowrap; }
ul, ol { margin: 0 0 0.75rem; padding-left: 1.25rem; }
li { margin: 0.2rem 0; }
dl { display: grid; grid-template-columns: minmax(7rem, max-content) 1fr; gap: 0.35rem 1.25rem; margin: 0 0 0.75rem; }
dt { color: var(--soft); }
dd { margin: 0; }
blockquote { margin: 0 0 0.75rem; padding: 0.6rem 0.9rem; border-left: 3px solid var(--line); background: var(--tint); border-radius: 0 6px 6px 0; }
blockquote p { margin: 0 0 0.4rem; }
.verbatim { white-space: pre-wrap; max-height: 16rem; overflow-y: auto; }
q { color: var(--soft); font-style: italic; white-space: pre-wrap; }
.padded { padding: 1rem 1.25rem 0.5rem; }
.padded > h2 { margin-bottom: 0.75rem; }
.padded p { margin-bottom: 0.6rem; }
.empty { margin: 0; padding: 0.75rem 1.25rem 1rem; border-top: 1px solid var(--line); }
.crumb { margin: 0 0 0.25rem; font-size: 0.875rem; }
.standing { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin-bottom: 1.25rem; }
.badge { padding: 0.1rem 0.7rem; border: 1px solid var(--accent); border-radius: 999px; color: var(--accent); font-size: 0.875rem; font-weight: 600; }
.lead { font-size: 1.1rem; font-weight: 600; }
.asked { border-left: 4px solid var(--accent); }
.review { border-left: 4px solid var(--warn); }
.warn { border-left: 4px solid var(--warn); }
.columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 18rem), 1fr)); gap: 0 2rem; }
.columns h3 { margin-top: 0.5rem; }
.quorum { padding: 0; list-style: none; }
.quorum li { position: relative; padding-left: 1.5rem; }
.quorum li::before { position: absolute; left: 0; content: "○"; color: var(--soft); }
.quorum .given::before { content: "✓"; color: var(--good); font-weight: 700; }
.notes { color: var(--warn); }
.checklist li, .rows li { margin: 0.35rem 0; }
.rows .small { display: block; }
.padded .answer { margin: 1rem -1.25rem -0.5rem; padding: 1rem 1.25rem; border-top: 1px solid var(--line); background: var(--tint); }
label { display: block; margin-bottom: 0.3rem; font-weight: 600; }
label .soft { font-weight: 400; }
textarea { width: 100%; padding: 0.5rem 0.7rem; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); color: var(--text); font: inherit; resize: vertical; }
.buttons { display: flex; flex-wrap: wrap; gap: 0.75rem; margin-top: 0.75rem; }
.buttons button { min-width: 8rem; min-height: 2.75rem; font-weight: 650; }
.buttons .approve { border-color: var(--good); background: var(--good); color: var(--panel); }
.endings details { margin: 0.5rem 0; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); }
.endings summary { padding: 0.6rem 0.9rem; font-weight: 600; cursor: pointer; }
.endings details form { padding: 0.25rem 0.9rem 0.9rem; }
.endings h3 { margin-top: 0; }
fieldset { margin: 0 0 0.75rem; padding: 0.4rem 0.9rem 0.5rem; border: 1px solid var(--line); border-radius: 6px; }
legend { padding: 0 0.3rem; font-weight: 600; }
legend .soft { font-weight: 400; }
.choice { display: flex; gap: 0.5rem; align-items: baseline; margin: 0.25rem 0; font-weight: 400; }
.buttons .deny { border-color: var(--bad); color: var(--bad); }
.buttons button:hover { filter: brightness(1.1); }
.timeline { padding: 0; list-style: none; }
.timeline li { display: grid; grid-template-columns: 11rem 1fr; gap: 0 1rem; margin: 0; padding: 0.45rem 0; border-top: 1px solid var(--line); }
.timeline li:first-child { border-top: 0; }
.timeline .when { color: var(--soft); font-size: 0.875rem; font-variant-numeric: tabular-nums; }
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
  header { padding: 0.6rem 0.75rem; }
  .padded { padding: 0.9rem 0.9rem 0.4rem; }
  .padded .answer { margin: 1rem -0.9rem -0.4rem; padding: 0.9rem; }
  .buttons button { flex: 1; }
  dl { grid-template-columns: 1fr; gap: 0; }
  dd { margin-bottom: 0.4rem; }
  .timeline li { grid-template-columns: 1fr; }
  .cases thead { display: none; }
  .cases tr { display: block; padding: 0.6rem 0.9rem; border-top: 1px solid var(--line); }
  .cases tr > * { display: block; padding: 0.1rem 0; border: 0; }
  .cases .label { display: inline; }
  .empty { padding: 0.75rem 0.9rem 1rem; }
}
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
`;
