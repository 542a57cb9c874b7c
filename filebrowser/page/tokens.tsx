import { Section } from '~/app/components/ui/card'
import type { TokenView } from '../contract'

export function Tokens({ tokens }: { tokens: TokenView[] }) {
  return (
    <Section title="Tokens of this session">
      <dl className="space-y-3">
        {tokens.map(({ provider, label, masked }) => (
          <div key={provider}>
            <dt className="font-medium">{label}</dt>
            <dd className="text-muted">
              {masked ? (
                <code className="font-mono text-xs">{masked}</code>
              ) : (
                'No token: save one and relaunch. A running session doesn’t pick it up.'
              )}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  )
}
