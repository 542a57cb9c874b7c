import { formatBytes } from '../../../format-bytes'
import { exactTime } from '../../../relative-time'
import type { Save } from '../../http/shapes'
import { facts } from '../../output/facts'

/** What people read of one cloud save. */
export const describeSave = (save: Save): string =>
  facts(
    ['Name', save.name],
    ['Id', save.id],
    ['Kind', save.kind],
    ['Status', save.status === 'saving' ? `saving: ${progressOf(save)}` : save.status],
    ['From', `${save.machine.name} (${save.machine.id})`],
    ['Made', exactTime(new Date(save.createdAt))],
    [
      'Size',
      save.bytes === null
        ? null
        : `${formatBytes(save.bytes)}, with ${formatBytes(save.bytesTotal)} of files`,
    ],
    ['SHA-256', save.sha256],
    ['Error', save.error?.message],
    ['Notes', save.notes],
  )

export const progressOf = ({ bytesDone, bytesTotal }: Save) =>
  `${formatBytes(bytesDone)} of ${formatBytes(bytesTotal)}`
