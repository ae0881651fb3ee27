// How a report looks: one style sheet inside the page, for light and dark, phone and desktop, screen and paper.
// Charts are drawn in the light scheme's ink; in the dark one their ink, and nothing else, is exchanged here.

/** Ink of drawings, and what stands for it in the dark: everything in pictures that is no data. */
const darkInk: Readonly<Record<string, string>> = {
  '#17202a': '#f2f5f8',
  '#3c4650': '#cfd6dd',
  '#66707a': '#a3adb7',
  '#d5d9de': '#3a444e',
  '#9aa2ab': '#76818c',
  '#e8ebee': '#2c353e',
  '#ffffff': '#141a20',
  // The blue of what is normal is too dark for a dark page.
  '#0072b2': '#3f9fdc',
};

const dark = Object.entries(darkInk)
  .map(
    ([light, instead]) =>
      `figure svg [fill="${light}"]{fill:${instead}}figure svg [stroke="${light}"]{stroke:${instead}}.legend [style="--colour:${light}"]{--colour:${instead}!important}`,
  )
  .join('');

export const style = `
:root{color-scheme:light dark;--page:#ffffff;--text:#17202a;--soft:#56606b;--line:#d5d9de;--card:#f5f7f9;--accent:#0067a3;--bar:#b9d7ea}
@media screen and (prefers-color-scheme:dark){:root{--page:#141a20;--text:#eef2f5;--soft:#a9b3bd;--line:#333d47;--card:#1c242c;--accent:#6ebcf0;--bar:#1f4f6e}${dark}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 Inter,system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif;overflow-wrap:anywhere}
header,main,footer,nav{max-width:52rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.2rem}
h1{font-size:1.8rem;line-height:1.2;margin:0 0 .4rem;text-wrap:balance}
h2{font-size:1.4rem;margin:3rem 0 .6rem;padding-top:.9rem;border-top:1px solid var(--line)}
h3{font-size:1.06rem;line-height:1.35;margin:0}
h4{font-size:.9rem;margin:.9rem 0 .4rem;padding-left:.5rem;border-left:4px solid var(--line);line-height:1.3}
p{margin:.5rem 0}
a{color:var(--accent)}
.soft,figcaption p,.alt,footer{color:var(--soft);font-size:.9rem}
nav ol{display:flex;flex-wrap:wrap;gap:.2rem 1.1rem;list-style:none;margin:1rem 0 0;padding:0}
.answers{background:var(--card);border:1px solid var(--line);border-radius:8px;padding:.4rem 1.1rem .8rem;margin:1.2rem 0}
.answers dt{font-weight:600;margin-top:.7rem}.answers dd{margin:0}
figure{margin:1.8rem 0 2.4rem;break-inside:avoid}
figcaption{margin-bottom:.7rem}
.alt{margin:.6rem 0 .2rem;font-size:.82rem}
.data{font-size:.82rem}
.chart svg,.map svg{display:block;max-width:100%;height:auto}
.narrow{display:none}
.tiles{display:grid;grid-template-columns:repeat(var(--n),minmax(0,1fr));gap:6px;max-width:calc(var(--n)*92px)}
.tiles img{display:block;width:100%;height:auto;image-rendering:pixelated;background:#0000;outline:1px solid #8883}
.tiles span{display:block;font-size:.74rem;line-height:1.25;color:var(--soft);white-space:pre-line;margin-top:2px}
.beside{display:grid;grid-template-columns:repeat(auto-fit,minmax(13rem,1fr));gap:.4rem 1.6rem}
.beside .tiles{max-width:none;gap:4px}
.scale{margin-top:.8rem;max-width:100%;height:auto}
.maps{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:1rem 1.5rem}
.map svg{width:100%;touch-action:pan-y}
.legend{display:flex;flex-wrap:wrap;gap:.1rem .9rem;list-style:none;margin:.4rem 0 0;padding:0;font-size:.8rem}
.legend i{display:inline-block;width:.62rem;height:.62rem;border-radius:50%;background:var(--colour);margin-right:.35rem}
.legend i.square{border-radius:0}
.legend i.cross{border-radius:0;background:linear-gradient(45deg,#0000 42%,var(--colour) 42% 58%,#0000 58%),linear-gradient(-45deg,#0000 42%,var(--colour) 42% 58%,#0000 58%)}
.scroll{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-size:.86rem;width:100%}
caption{text-align:left;font-weight:600;padding-bottom:.5rem}
th,td{text-align:right;padding:.34rem .55rem;border-bottom:1px solid var(--line);font-variant-numeric:tabular-nums;vertical-align:bottom;overflow-wrap:normal}
th:first-child,td:first-child{text-align:left}
tbody th{font-weight:500;min-width:7.5rem;overflow-wrap:break-word}
thead th{font-weight:600}
td strong{white-space:nowrap}
.group th{font-weight:650;background:var(--card);padding-top:.55rem}
main ul{padding-left:1.15rem;margin:.5rem 0}main li{margin:.25rem 0}main .legend{padding:0}main .legend li{margin:0}
.map svg:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.answers dd+dd{margin-top:.35rem}
td b{display:block;height:5px;margin-top:3px;border-radius:2px;background:linear-gradient(to right,var(--accent) var(--share),var(--bar) var(--share))}
#hover{position:fixed;z-index:9;display:none;pointer-events:none;background:var(--page);color:var(--text);border:1px solid var(--line);border-radius:6px;padding:.4rem .55rem;font-size:.8rem;max-width:16rem;box-shadow:0 3px 14px #0004;white-space:pre-line}
#hover i{display:block;image-rendering:pixelated;margin-bottom:.3rem}
footer{padding:2rem 1.25rem 3rem}
@media (max-width:600px){.wide{display:none}.narrow{display:block}.maps{grid-template-columns:1fr}.tiles{grid-template-columns:repeat(var(--narrow),minmax(0,1fr));gap:4px}h1{font-size:1.45rem}header,main,footer,nav{padding-left:1rem;padding-right:1rem}}
@media print{nav,.data,#hover{display:none}body{font-size:11pt}header,main,footer{max-width:none;padding:0}h2{break-after:avoid}a{color:inherit}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;
