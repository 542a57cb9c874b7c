import { Refusal } from '../refusal'
import { civitaiPage } from './civitai-answers'
import type { VersionFile } from './civitai-api'
import type { CivitaiFile } from './source'

const DANGER = /danger/i

export const isDangerous = (file: VersionFile): boolean =>
  results(file).some(({ result }) => DANGER.test(result))

/** A file in which Civitai's own scan found harm is not fetched. */
export function scanRefusal(file: VersionFile, source: CivitaiFile): Refusal | undefined {
  const found = results(file).find(({ result }) => DANGER.test(result))
  if (!found) return undefined
  return new Refusal(
    'unsafe_file',
    `Civitai’s ${found.scan} scan calls this file dangerous. It isn’t fetched; choose another one of the model.`,
    civitaiPage(source),
  )
}

/** What is to be said of a file that Civitai's scans have not cleared. */
export function scanNotice(file: VersionFile): string | undefined {
  const open = results(file).find(({ result }) => result !== 'Success' && !DANGER.test(result))
  return open && `${file.name}: Civitai’s ${open.scan} scan has not cleared it (${open.result.slice(0, 20)}).`
}

const results = ({ pickleScanResult, virusScanResult }: VersionFile) =>
  [
    { scan: 'pickle', result: pickleScanResult },
    { scan: 'virus', result: virusScanResult },
  ].flatMap(({ scan, result }) => (result ? [{ scan, result }] : []))
