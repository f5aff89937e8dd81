/** One look for light and dark, in the system's own letters. */
export const pageStyle = `
:root{color-scheme:light dark;font-family:system-ui,sans-serif;line-height:1.6}
body{max-width:60rem;margin:0 auto;padding:1rem}
nav a{margin-right:.8rem}
pre,code{font-family:ui-monospace,monospace;font-size:.92em}
pre{overflow:auto;padding:.8rem;border:1px solid #8886;border-radius:.4rem}
details{border:1px solid #8886;border-radius:.4rem;margin:.4rem 0;padding:.4rem .8rem}
summary{cursor:pointer}
summary span{opacity:.8}
summary b{display:inline-block;min-width:4.5rem}
b.get{color:#1a7f37}b.post{color:#0969da}b.put{color:#9a6700}b.delete{color:#cf222e}
table{border-collapse:collapse;width:100%}
td{border-top:1px solid #8884;padding:.25rem .6rem .25rem 0;vertical-align:top}
h4{margin:.8rem 0 .2rem}
tr:target{background:#fc06}
`;
