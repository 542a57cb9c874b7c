import type { Api } from '../trpc/router'
import { Fact, Facts } from './facts'
import { ModeLink } from './mode-link'
import { Section } from './ui/card'

/** Who is signed in. */
export function AccountSection({ me }: { me: Awaited<ReturnType<Api['account']['me']>> }) {
  return (
    <Section
      title="Account"
      actions={
        <ModeLink to="/profile/name" label="Change your name">
          Change name
        </ModeLink>
      }
    >
      <Facts>
        <Fact name="Name">{me.name}</Fact>
        <Fact name="E-mail">{me.email ?? 'none; you sign in with a link from the server’s terminal'}</Fact>
        <Fact name="Role">{me.role === 'admin' ? 'Administrator' : 'Member'}</Fact>
      </Facts>
    </Section>
  )
}
