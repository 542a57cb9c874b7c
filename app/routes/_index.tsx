import { type LoaderFunctionArgs, redirect } from '@remix-run/node'

export const loader = ({ context }: LoaderFunctionArgs) => redirect(context.user ? '/machines' : '/sign-in')
