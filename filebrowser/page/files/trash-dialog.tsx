import { Trash2 } from 'lucide-react'
import { useCallback, useEffect, useState } from 'react'
import { Alert } from '~/app/components/ui/alert'
import { Button } from '~/app/components/ui/button'
import { Dialog } from '~/app/components/ui/dialog'
import { EmptyState } from '~/app/components/ui/empty-state'
import { Spinner } from '~/app/components/ui/progress'
import { RelativeTime } from '~/app/components/ui/relative-time'
import { formatBytes } from '~/format-bytes'
import type { TrashView } from '../../contract'
import { AskingButton } from './asking-button'
import { filesApi } from './files-api'
import { restoredSentence } from './restored-sentence'
import { visibleName } from './visible-name'

interface TrashDialogProps {
  /** Something came back, or is gone for good; the sentence says what. */
  onChanged: (sentence: string) => void
  onClose: () => void
}

/** What was deleted and can still come back. */
export function TrashDialog({ onChanged, onClose }: TrashDialogProps) {
  const [trash, setTrash] = useState<TrashView[]>()
  const [fault, setFault] = useState<string>()
  const load = useCallback(
    () => filesApi.trash().then(setTrash, (error: Error) => setFault(error.message)),
    [],
  )
  useEffect(() => void load(), [load])

  /** @param work does it, and says what was done */
  async function act(work: () => Promise<string>) {
    setFault(undefined)
    await work().then(onChanged, (error: Error) => setFault(error.message))
    await load()
  }
  const restore = (item: TrashView) => async () => {
    const { paths } = await filesApi.restore(item.id)
    return restoredSentence(describe(item), item.paths, paths)
  }
  const purge = (item: TrashView) => async () => {
    await filesApi.purge(item.id)
    return `Deleted ${describe(item)} for good.`
  }
  const purgeAll = async () => {
    await filesApi.purgeAll()
    return `Freed ${formatBytes(held)} for good.`
  }
  const held = trash?.reduce((sum, { size }) => sum + size, 0) ?? 0
  return (
    <Dialog
      title="Recently deleted"
      onClose={onClose}
      width="md"
      footer={
        !!trash?.length && (
          <>
            <span className="mr-auto text-muted">{formatBytes(held)} held</span>
            <AskingButton
              variant="danger"
              question="Really delete all for good?"
              onConfirm={() => act(purgeAll)}
            >
              Delete all for good
            </AskingButton>
          </>
        )
      }
    >
      {fault && (
        <div className="p-4">
          <Alert tone="danger">{fault}</Alert>
        </div>
      )}
      {!trash && !fault && (
        <p className="flex justify-center p-12 text-muted">
          <Spinner label="Loading what was deleted" />
        </p>
      )}
      {trash?.length === 0 && (
        <EmptyState icon={Trash2} title="Nothing was deleted lately">
          What you delete stays here for a while, unless a download needs the room.
        </EmptyState>
      )}
      <ul aria-label="Deleted" className="divide-y">
        {trash?.map((item) => (
          <TrashRow
            key={item.id}
            item={item}
            onRestore={() => act(restore(item))}
            onPurge={() => act(purge(item))}
          />
        ))}
      </ul>
    </Dialog>
  )
}

interface TrashRowProps {
  item: TrashView
  onRestore: () => void
  onPurge: () => void
}

function TrashRow({ item, onRestore, onPurge }: TrashRowProps) {
  const what = describe(item)
  const [first = ''] = item.paths
  const folder = first.slice(0, Math.max(0, first.lastIndexOf('/')))
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-2 px-4 py-2.5">
      <div className="min-w-0 flex-1 basis-56">
        <p className="truncate font-medium" title={item.paths.map(visibleName).join(', ')}>
          {what}
        </p>
        <p className="text-xs text-muted">
          {formatBytes(item.size)} · from {folder === '' ? 'the top folder' : visibleName(folder)} · goes for
          good <RelativeTime at={item.purgedAt} />
        </p>
      </div>
      <div className="flex gap-2">
        <Button size="sm" aria-label={`Restore ${what}`} onClick={onRestore}>
          Restore
        </Button>
        <AskingButton
          size="sm"
          variant="ghost"
          about={what}
          question="Really delete for good?"
          onConfirm={onPurge}
        >
          Delete for good
        </AskingButton>
      </div>
    </li>
  )
}

/** `a.safetensors`, or `a.safetensors and 2 more`. */
function describe({ paths: [first = '', ...others] }: TrashView): string {
  const name = visibleName(first.slice(first.lastIndexOf('/') + 1))
  return others.length === 0 ? name : `${name} and ${others.length} more`
}
