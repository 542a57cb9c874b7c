import { type Place, SCHEMES, WIDTHS } from './table'

/** @returns a page with all pictures side by side */
export const contactSheet = (places: readonly Place[]) => `<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Slipway in pictures</title>
<style>body { font: 14px system-ui; margin: 1rem } div { display: flex; gap: .5rem; align-items: start } img { border: 1px solid #888; width: 15vw }</style>
<h1>Slipway in pictures</h1>
${places.map(({ name }) => `<h2>${name}</h2>\n<div>${filesOf(name).map(picture).join('')}</div>`).join('\n')}
</html>
`

const filesOf = (name: string) =>
  SCHEMES.flatMap((scheme) => WIDTHS.map((width) => `${name}-${width}-${scheme}.png`))

const picture = (file: string) =>
  `<a href="${file}"><img src="${file}" alt="${file.slice(0, -4)}" loading="lazy"></a>`
