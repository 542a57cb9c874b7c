import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node'
import { useActionData, useLoaderData, useSearchParams } from '@remix-run/react'
import { Confirm } from '../components/confirm'
import { ModeLink } from '../components/mode-link'
import { Outcome } from '../components/outcome'
import { PageTitle } from '../components/page-title'
import { SessionRow } from '../components/session-row'
import { ProfileNav } from '../components/sub-nav'
import { Card } from '../components/ui/card'
import { formText, orRefuse } from '../guard'

export const loader = async ({ context }: LoaderFunctionArgs) => ({
  sessions: await orRefuse(context.api.account.sessions()),
})

export async function action({ context: { api }, request }: ActionFunctionArgs) {
  const id = formText(await request.formData(), 'id')
  if (id) {
    await orRefuse(api.account.endSession({ id }))
    return { ended: 1 }
  }
  return orRefuse(api.account.endOtherSessions())
}

export const meta = () => [{ title: 'Sessions · Profile · Slipway' }]

const counted = (ended: number) =>
  ended === 1 ? 'One session ended.' : `${ended === 0 ? 'No' : ended} sessions ended.`

export default function Sessions() {
  const { sessions } = useLoaderData<typeof loader>()
  const answer = useActionData<typeof action>()
  const asking = useSearchParams()[0].get('end')
  const others = sessions.filter(({ isThisOne }) => !isThisOne).length
  return (
    <>
      <ProfileNav />
      <PageTitle
        title="Sessions"
        description="The browsers that are signed in as you. One that isn’t used for a week ends by itself."
        actions={
          others > 0 &&
          asking !== 'others' && (
            <ModeLink to="?end=others" label="End all other sessions">
              End all others
            </ModeLink>
          )
        }
      />
      {answer && (
        <Outcome key={JSON.stringify(sessions)} tone="success">
          {counted(answer.ended)}
        </Outcome>
      )}
      <Card>
        {asking === 'others' && (
          <div className="border-b p-4">
            <Confirm action="/profile/sessions" does="End all others" keeps="Keep them">
              Sign out {others === 1 ? 'the other browser' : `all ${others} other browsers`}? Only this one
              stays signed in. API tokens are not touched.
            </Confirm>
          </div>
        )}
        <ul className="divide-y">
          {sessions.map((session) => (
            <SessionRow key={session.id} session={session} isEnding={session.id === asking} />
          ))}
        </ul>
      </Card>
    </>
  )
}
