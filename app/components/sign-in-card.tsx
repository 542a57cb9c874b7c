import type { ReactNode } from 'react'
import { Brand } from './brand'
import { Card } from './ui/card'

export function SignInCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-6 px-4 py-12">
      <Brand />
      <Card className="flex flex-col items-start gap-4 p-6 *:max-w-full">
        <h1 className="text-lg font-semibold">{title}</h1>
        {children}
      </Card>
    </main>
  )
}
