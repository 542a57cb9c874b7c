import { Section } from '~/app/components/ui/card'
import type { SessionView } from '../../contract'
import { Tokens } from './tokens'

/** With what this machine downloads, and from where. */
export function SessionPanel({ session }: { session: SessionView }) {
  const { downloadHosts, downloadsAtOnce } = session
  return (
    <div className="grid max-w-200 gap-5">
      <Tokens session={session} />
      <Section title="Downloads">
        <dl className="space-y-3">
          <Fact term="Sources">
            Hugging Face and Civitai, with the tokens above
            {downloadHosts.length > 0 && (
              <>
                . Without a token also{' '}
                {downloadHosts.map((host, at) => (
                  <span key={host}>
                    {at > 0 && ', '}
                    <code className="font-mono text-xs wrap-anywhere">{host}</code>
                  </span>
                ))}
              </>
            )}
            . Whoever runs this Slipway allows further hosts with the setting{' '}
            <code className="font-mono text-xs">DOWNLOAD_HOSTS</code>.
          </Fact>
          <Fact term="At once">
            {downloadsAtOnce === 1 ? 'One download' : `${downloadsAtOnce} downloads`}; the others wait for
            their turn.
          </Fact>
        </dl>
      </Section>
    </div>
  )
}

function Fact({ term, children }: { term: string; children: React.ReactNode }) {
  return (
    <div className="gap-x-4 sm:grid sm:grid-cols-[8rem_minmax(0,1fr)]">
      <dt className="font-medium">{term}</dt>
      <dd className="text-muted">{children}</dd>
    </div>
  )
}
