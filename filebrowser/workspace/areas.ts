import { readFile } from 'node:fs/promises'
import { isInside, type Workspace } from './workspace'

/*
 * The models folder, or another one, can be a disk of its own, or be bound there from another one, where st_dev tells
 * no difference and a rename fails all the same. What waits to be moved by one rename has to lie on the same mount.
 */

/** Highest folders of the file systems that make up the workspace, itself first. */
export async function areasOf({ root }: Workspace): Promise<string[]> {
  // Only Linux has it; elsewhere the workspace counts as one, and what isn't is copied.
  const text = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '')
  const points = text.split('\n').map((line) => decodeOctal(line.split(' ')[4] ?? ''))
  return [root, ...new Set(points.filter((point) => point !== root && isInside(root, point)))]
}

/** The one that an absolute path is on. */
export async function areaOf(workspace: Workspace, path: string): Promise<string> {
  const around = (await areasOf(workspace)).filter((area) => isInside(area, path))
  return around.reduce((deepest, area) => (area.length > deepest.length ? area : deepest), workspace.root)
}

/** Blanks and backslashes are written as octal numbers there. */
const decodeOctal = (text: string) =>
  text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
