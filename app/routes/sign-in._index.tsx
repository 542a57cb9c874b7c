import { type LoaderFunctionArgs, redirect } from '@remix-run/node'
import { SignInCard } from '../components/sign-in-card'

export const loader = ({ context }: LoaderFunctionArgs) => (context.user ? redirect('/machines') : null)

export const meta = () => [{ title: 'Sign in · Slipway' }]

export default function SignIn() {
  return (
    <SignInCard title="Sign in to Slipway">
      <p>Whoever runs this server gets a one-time link from its terminal:</p>
      <pre className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-sm">
        npm run sign-in-link
      </pre>
      <p className="text-muted">Open the link that it prints in this browser.</p>
    </SignInCard>
  )
}
