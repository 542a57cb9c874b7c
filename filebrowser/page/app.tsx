import { useRef } from 'react'
import { Alert } from '~/app/components/ui/alert'
import { Tooltips } from '~/app/components/ui/tooltip'
import { DownloadsView } from './downloads/downloads-view'
import { overallProgress } from './downloads/progress'
import { useDownloads } from './downloads/use-downloads'
import { FilesView } from './files/files-view'
import { SessionPanel } from './session/session-panel'
import { Header } from './shell/header'
import { Navigation } from './shell/navigation'
import { useSession } from './shell/use-session'
import { useTitle } from './shell/use-title'
import { usePlace } from './use-location'

export function App() {
  const { session, fault } = useSession()
  const live = useDownloads()
  const place = usePlace()
  const progress = overallProgress(live.downloads)
  useTitle(place, progress, session?.machine)

  /** Undefined until the files are first looked at. */
  const folder = useRef<string>()
  if (place.view === 'files') folder.current = place.path
  const finished = live.downloads.filter(({ state }) => state === 'done').length

  return (
    <>
      <Header session={session}>
        <Navigation place={place} folder={folder.current ?? ''} progress={progress} />
      </Header>
      <main className="mx-auto max-w-350 px-4 py-5 sm:px-6">
        {fault && (
          <Alert tone="danger" className="mb-4">
            {fault}
          </Alert>
        )}
        {/* What was begun in a view, a plan or an upload, goes on while another one is looked at. */}
        <div hidden={place.view !== 'downloads'}>
          <DownloadsView live={live} session={session} isShown={place.view === 'downloads'} />
        </div>
        {folder.current !== undefined && (
          <div hidden={place.view !== 'files'}>
            <FilesView path={folder.current} version={finished} />
          </div>
        )}
        {place.view === 'session' && session && <SessionPanel session={session} />}
      </main>
      <Tooltips />
    </>
  )
}
