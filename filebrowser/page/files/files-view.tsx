import clsx from 'clsx'
import { FolderOpen, FolderPlus, Upload as UploadIcon } from 'lucide-react'
import { type DragEvent, useRef, useState } from 'react'
import { Alert } from '~/app/components/ui/alert'
import { Button } from '~/app/components/ui/button'
import { EmptyState } from '~/app/components/ui/empty-state'
import { Spinner } from '~/app/components/ui/progress'
import { UploadList } from '../uploads/upload-list'
import { useUploads } from '../uploads/use-uploads'
import { folderHref } from '../use-location'
import { Breadcrumbs } from './breadcrumbs'
import { FileTable } from './file-table'
import { NewFolder } from './new-folder'
import { useFolder } from './use-folder'

interface FilesViewProps {
  /** The folder that is shown; '' is the workspace. */
  path: string
  /** The folder is asked for again when this changes. */
  version?: number
}

/** The file manager: one folder and all that can be done in it. */
export function FilesView({ path, version }: FilesViewProps) {
  const { entries, error, refresh } = useFolder(path, version)
  const [said, setSaid] = useState('')
  const [naming, setNaming] = useState(false)
  const [dropping, setDropping] = useState(false)
  const picker = useRef<HTMLInputElement>(null)
  const { uploads, add, retry, cancel } = useUploads(({ file }) => {
    setSaid(`${file.name} was uploaded.`)
    refresh()
  })
  const addFiles = (files: FileList) => add(files, path, new Set(entries?.map(({ name }) => name)))
  const changed = (sentence: string) => {
    setSaid(sentence)
    refresh()
  }

  function onDrop(event: DragEvent) {
    event.preventDefault()
    setDropping(false)
    addFiles(event.dataTransfer.files)
  }

  return (
    <section
      aria-label="Files"
      className={clsx(
        'min-w-0 rounded-lg border bg-surface',
        dropping && 'outline-2 outline-accent outline-dashed',
      )}
      onDragOver={(event) => {
        event.preventDefault()
        setDropping(event.dataTransfer.types.includes('Files'))
      }}
      onDragLeave={(event) => {
        if (!event.currentTarget.contains(event.relatedTarget as Node | null)) setDropping(false)
      }}
      onDrop={onDrop}
    >
      <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b px-4 py-3">
        <Breadcrumbs path={path} />
        <div className="flex flex-wrap gap-2">
          <Button size="sm" onClick={() => setNaming(true)}>
            <FolderPlus aria-hidden />
            New folder
          </Button>
          <Button size="sm" onClick={() => picker.current?.click()}>
            <UploadIcon aria-hidden />
            Upload
          </Button>
          <input
            ref={picker}
            type="file"
            multiple
            hidden
            aria-label="Files to upload"
            onChange={(event) => {
              if (event.target.files) addFiles(event.target.files)
              event.target.value = ''
            }}
          />
        </div>
      </div>
      {naming && <NewFolder path={path} onClose={() => setNaming(false)} onCreated={changed} />}
      <UploadList uploads={uploads} onRetry={retry} onCancel={cancel} />
      {error && (
        <div className="p-4">
          <Alert
            tone="danger"
            actions={
              <a className="text-accent underline" href={folderHref('')}>
                Go to the top folder
              </a>
            }
          >
            {error.message}
          </Alert>
        </div>
      )}
      {!entries && !error && (
        <div className="flex justify-center p-12 text-muted">
          <Spinner label="Loading the folder" />
        </div>
      )}
      {entries?.length === 0 && (
        <EmptyState icon={FolderOpen} title="This folder is empty">
          Drop files here, or download a model into it.
        </EmptyState>
      )}
      {!!entries?.length && <FileTable path={path} entries={entries} onChanged={changed} />}
      <p role="status" className="sr-only">
        {said}
      </p>
    </section>
  )
}
