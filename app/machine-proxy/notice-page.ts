import type { Notice } from './notice'

/** The colors are those of Slipway's own pages, whose files this host doesn't have. */
const STYLE = `
:root{color-scheme:light dark;--canvas:#f6f7f9;--surface:#fff;--text:#1b1f24;--muted:#57606a;--border:#d9dee4;--accent:#0a5bd0;--on-accent:#fff}
@media(prefers-color-scheme:dark){:root{--canvas:#0e1116;--surface:#161b22;--text:#e6eaef;--muted:#9aa5b1;--border:#2d3641;--accent:#77adff;--on-accent:#0a1424}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1rem;background:var(--canvas);color:var(--text);font:15px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{width:100%;max-width:27rem;padding:1.75rem;background:var(--surface);border:1px solid var(--border);border-radius:.75rem}
.mark{margin:0 0 1.25rem;color:var(--muted);font-size:.8125rem}
h1{margin:0 0 .375rem;font-size:1.25rem;line-height:1.3}
p{margin:0 0 1.25rem;color:var(--muted)}
a{display:inline-block;padding:.5rem .875rem;border-radius:.375rem;background:var(--accent);color:var(--on-accent);font-weight:500;font-size:.875rem;text-decoration:none}
a:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
`.replaceAll('\n', '')

/** A page that needs nothing but itself. @param href of Slipway's own making */
export const noticePage = ({ title, text, link }: Notice, href: string): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title} · Slipway</title><style>${STYLE}</style><main><p class="mark">Slipway</p><h1>${title}</h1><p>${text}</p><a href="${href}">${link}</a></main></html>\n`
