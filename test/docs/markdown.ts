import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'

const ROOTS = ['README.md', 'docs', 'filebrowser/README.md']

interface Page {
  /** From the checkout on. */
  path: string
  text: string
}

/** Everything that people read. */
export const PAGES: Page[] = ROOTS.flatMap((root) => pagesBelow(root)).map((path) => ({
  path,
  text: readFileSync(path, 'utf8'),
}))

function pagesBelow(path: string): string[] {
  if (statSync(path).isFile()) return path.endsWith('.md') ? [path] : []
  return readdirSync(path).flatMap((name) => pagesBelow(join(path, name)))
}

/**
 * The commands of a page's `sh` blocks, one an entry: lines that end in `\`, `|` or within brackets go on
 * in the next one. Without comments.
 */
export function commandsOf(text: string): string[] {
  const blocks = [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block)
  return blocks.flatMap((block) =>
    block
      .replace(/\s+#\s.*$/gm, '')
      .replace(/\\\n\s*/g, '')
      .replace(/\|\n\s*/g, '| ')
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line && !line.startsWith('#')),
  )
}

/** Where a page leads within the checkout: `path` from its folder on, empty for itself, and the heading if any. */
export const linksOf = (text: string): { path: string; anchor: string | undefined }[] =>
  [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(https?|mailto):/.test(target))
    .map((target) => {
      const [path = '', anchor] = target.split('#')
      return { path, anchor }
    })

/** The anchors that GitHub makes of a page's headings. */
export const anchorsOf = (text: string): string[] =>
  [...withoutCode(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replace(/\s/g, '-'),
  )

const withoutCode = (text: string) => text.replace(/^```.*?^```$/gms, '')
