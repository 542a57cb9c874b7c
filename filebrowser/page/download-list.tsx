import { Section } from '~/app/components/ui/card'
import type { DownloadView } from '../contract'
import { DownloadRow } from './download-row'

export function DownloadList({ downloads, connected }: { downloads: DownloadView[]; connected: boolean }) {
  return (
    <Section title="Downloads" padded={false}>
      {!connected && (
        <p role="status" className="border-b px-4 py-2 text-muted">
          Connection lost. Trying again…
        </p>
      )}
      {downloads.length === 0 ? (
        <p className="p-4 text-muted">No downloads in this session yet.</p>
      ) : (
        <ul className="divide-y">
          {downloads.map((download) => (
            <DownloadRow key={download.id} download={download} />
          ))}
        </ul>
      )}
    </Section>
  )
}
