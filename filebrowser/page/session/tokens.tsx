import { Section } from '~/app/components/ui/card'
import { RelativeTime } from '~/app/components/ui/relative-time'
import type { SessionView } from '../../contract'

/** Which token this session holds of each provider, and what to do if it is not the one that is wanted. */
export function Tokens({ session: { tokens, machineUrl } }: { session: SessionView }) {
  return (
    <Section title="Tokens of this session" padded={false}>
      <ul className="divide-y">
        {tokens.map(({ provider, label, masked, since }) => (
          <li
            key={provider}
            aria-label={label}
            className="gap-x-4 px-4 py-3 sm:grid sm:grid-cols-[8rem_minmax(0,1fr)]"
          >
            <p className="font-medium">{label}</p>
            {masked ? (
              <p className="text-muted">
                <code className="font-mono text-text">{masked}</code>
                {since && (
                  <>
                    {' '}
                    taken at the launch, <RelativeTime at={since} />
                  </>
                )}
              </p>
            ) : (
              <p className="text-muted">No token: what is public can be downloaded.</p>
            )}
          </li>
        ))}
      </ul>
      <p className="border-t px-4 py-3 text-muted">
        Not the one you want? Save it in your Slipway profile and relaunch{' '}
        {machineUrl ? (
          <a className="text-accent underline" href={machineUrl}>
            this machine
          </a>
        ) : (
          'this machine'
        )}
        . A running session keeps the tokens that it was launched with.
      </p>
    </Section>
  )
}
