import { HardDrive } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Alert } from '~/app/components/ui/alert'
import type { SessionView } from '../contract'
import { api } from './api'
import { DownloadForm } from './download-form'
import { DownloadList } from './download-list'
import { FilesView } from './files/files-view'
import { Tokens } from './tokens'
import { useDownloads } from './use-downloads'
import { useLocationPath } from './use-location'

export function App() {
  const [session, setSession] = useState<SessionView>()
  const [fault, setFault] = useState<string>()
  const path = useLocationPath()
  const { downloads, connected } = useDownloads()

  useEffect(() => {
    api.session().then(setSession, (error: Error) => setFault(error.message))
  }, [])
  useEffect(() => {
    document.title = session ? `Files · ${session.machine}` : 'Files'
  }, [session])

  const finished = downloads.filter(({ state }) => state === 'done').length

  return (
    <div className="mx-auto max-w-350 px-4 py-5 sm:px-6">
      <header className="mb-5 flex items-center gap-2.5">
        <HardDrive aria-hidden className="size-5 shrink-0 text-muted" />
        <h1 className="min-w-0 truncate text-lg font-semibold">
          Files{session && <span className="font-normal text-muted"> · {session.machine}</span>}
        </h1>
      </header>
      {fault && (
        <Alert tone="danger" className="mb-4">
          {fault}
        </Alert>
      )}
      <main className="grid items-start gap-5 lg:grid-cols-[22rem_minmax(0,1fr)]">
        <div className="grid min-w-0 gap-5">
          <DownloadForm modelFolders={session?.modelFolders ?? []} currentFolder={path} />
          <DownloadList downloads={downloads} connected={connected} />
          {session && <Tokens tokens={session.tokens} />}
        </div>
        <FilesView path={path} version={finished} />
      </main>
    </div>
  )
}
