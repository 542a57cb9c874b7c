import type { PlannedFile, PreflightView } from '../../filebrowser/contract'
import { formatBytes } from '../../format-bytes'
import { oneLine } from '../output/one-line'
import { sentenceOf } from './refusal'

const LISTED_MAX = 20

/** What would come, for people: what it is, then a line for each file that is meant or can't be had. */
export function planText({ title, page, licence, gate, files, complete, space, notices }: PreflightView) {
  const meant = files.filter((file) => file.chosen || file.present?.same || file.error)
  const coming = files.filter((file) => file.chosen && !file.error)
  const bytes = coming.reduce((sum, { size }) => sum + (size ?? 0), 0)
  return [
    page ? `${title} (${page})` : title,
    licence ? `Licence: ${licence}` : '',
    gate && gate !== 'open' ? GATES[gate] : '',
    ...meant.slice(0, LISTED_MAX).map(lineOf),
    meant.length > LISTED_MAX ? `… and ${meant.length - LISTED_MAX} more` : '',
    complete ? '' : 'It has more files than are listed here.',
    `${coming.length} to download, ${formatBytes(bytes)}; ${formatBytes(space.free)} are free.`,
    ...notices,
  ]
    .filter(Boolean)
    .map(oneLine)
    .join('\n')
}

const GATES = {
  accepted: 'Behind terms; the token of this machine opens it.',
  closed: 'Behind terms that keep the token of this machine out.',
}

function lineOf({ name, size, folder, present, pickle, error }: PlannedFile): string {
  const facts = [
    size === null ? 'size unknown' : formatBytes(size),
    present?.same ? `here already: ${present.path}` : `to ${folder}`,
    present && !present.same ? `another file is in the way: ${present.path}` : '',
    pickle ? 'can run code when it is loaded' : '',
    error ? sentenceOf(error) : '',
  ]
  return `- ${name}: ${facts.filter(Boolean).join('; ')}`
}
