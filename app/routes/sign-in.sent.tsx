import { type ActionFunctionArgs, type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { Form, Link, useActionData, useLoaderData, useNavigation } from '@remix-run/react'
import { LogIn } from 'lucide-react'
import { formFaults } from '../components/form-faults'
import { SignInCard } from '../components/sign-in-card'
import { Alert } from '../components/ui/alert'
import { Button } from '../components/ui/button'
import { Field, Input } from '../components/ui/field'
import { formText, orRefuse, submitted } from '../guard'

export async function loader({ context }: LoaderFunctionArgs) {
  if (context.user) throw redirect('/machines')
  const { mail } = await orRefuse(context.api.account.signInOptions())
  return { isPrinted: mail.isPrinted }
}

export async function action({ context, request }: ActionFunctionArgs) {
  const code = formText(await request.formData(), 'code')
  const { fault } = await submitted(context.api.account.signInWithCode({ code }))
  return fault ? { fault } : redirect(context.afterSignIn.take())
}

export const meta = () => [{ title: 'Check your mail · Slipway' }]

export default function LinkSent() {
  const { isPrinted } = useLoaderData<typeof loader>()
  const fault = useActionData<typeof action>()?.fault
  const isBusy = useNavigation().state !== 'idle'
  const { errorOf, general } = formFaults(fault, ['code'])
  return (
    <SignInCard
      title={isPrinted ? 'Look at the server’s output' : 'Check your mail'}
      description={`If that address may sign in here, a link ${isPrinted ? 'was printed there' : 'is on its way'}. Open it in this browser within 10 minutes; it works once.`}
    >
      <Form method="post" className="flex flex-col gap-4 border-t pt-4">
        {general && <Alert tone="danger">{general}</Alert>}
        <Field
          label="Code"
          hint="If you open the link in another browser, it shows six digits there. Type them here."
          error={errorOf('code')}
        >
          {(control) => (
            <Input
              {...control}
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={12}
              required
            />
          )}
        </Field>
        <Button type="submit" disabled={isBusy}>
          <LogIn aria-hidden /> Sign in with the code
        </Button>
      </Form>
      <p className="text-muted">
        Nothing came?{' '}
        <Link to="/sign-in" className="text-accent underline underline-offset-2">
          Ask for another link
        </Link>
        ; only the newest works.
      </p>
    </SignInCard>
  )
}
