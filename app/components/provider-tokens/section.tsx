import { useSearchParams } from '@remix-run/react'
import type { ProviderTokenAnswer } from '../../provider-token-forms'
import { Section } from '../ui/card'
import { useReloadWithMachines } from '../use-live'
import { ProviderTokenRow, type Token } from './row'

interface SectionProps {
  /** Of `loadProviderTokens`. */
  tokens: Token[]
  mayRelaunch: boolean
  /** Of `providerTokenAction`. */
  answer: ProviderTokenAnswer | undefined
}

/** The rows of the providers that a page shows; the same row wherever it stands. */
export function ProviderTokenSection({ tokens, mayRelaunch, answer }: SectionProps) {
  const [params] = useSearchParams()
  useReloadWithMachines()
  const modes = ['clear', 'edit'] as const
  return (
    <Section
      title="Third-Party Tokens"
      description="Machines get them as environment variables when they are launched. They are encrypted here and never shown again."
      padded={false}
    >
      <ul className="divide-y">
        {tokens.map((token) => (
          <ProviderTokenRow
            key={token.provider}
            token={token}
            mode={modes.find((mode) => params.get(mode) === token.provider)}
            mayRelaunch={mayRelaunch}
            relaunching={
              params.get('relaunch') === token.provider ? (params.get('machine') ?? undefined) : undefined
            }
            answer={answer?.provider === token.provider ? answer : undefined}
          />
        ))}
      </ul>
    </Section>
  )
}
