import type { Api } from '../trpc/router'
import { Fact, Facts } from './facts'
import { ShowFirstSteps } from './first-steps/show-first-steps'
import { ModeLink } from './mode-link'
import { Section } from './ui/card'

type Account = Api['account']
interface AccountProps {
  me: Awaited<ReturnType<Account['me']>>
  firstSteps: Awaited<ReturnType<Account['firstSteps']>>
}

/** Who is signed in. */
export function AccountSection({ me, firstSteps }: AccountProps) {
  return (
    <Section
      title="Account"
      actions={
        <>
          <ShowFirstSteps firstSteps={firstSteps} />
          {me.username === null && (
            <ModeLink to="/profile/username" label="Choose your username">
              Choose username
            </ModeLink>
          )}
          <ModeLink to="/profile/name" label="Change your name">
            Change name
          </ModeLink>
        </>
      }
    >
      <Facts>
        <Fact name="Name">{me.name}</Fact>
        <Fact name="Username">{me.username ?? 'none yet; your models are published under it'}</Fact>
        <Fact name="E-mail">{me.email ?? 'none; you sign in with a link from the server’s terminal'}</Fact>
        <Fact name="Role">{me.role === 'admin' ? 'Administrator' : 'Member'}</Fact>
      </Facts>
    </Section>
  )
}
