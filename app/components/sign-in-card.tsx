import type { ReactNode } from 'react'
import { Brand } from './brand'
import { Card } from './ui/card'

interface SignInCardProps {
  title: string
  description?: string
  children: ReactNode
}

export function SignInCard({ title, description, children }: SignInCardProps) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-6 px-4 py-12">
      <Brand />
      <Card className="flex flex-col gap-4 p-6">
        <div className="space-y-1">
          <h1 className="text-lg font-semibold">{title}</h1>
          {description && <p className="text-muted wrap-anywhere">{description}</p>}
        </div>
        {children}
      </Card>
    </main>
  )
}
