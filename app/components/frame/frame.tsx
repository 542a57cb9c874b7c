import type { ReactNode } from 'react'
import type { Account } from './account-menu'
import { Header } from './header'
import { NavigationBar } from './navigation-bar'

/** What is around every page of somebody who is signed in. */
export function Frame({ account, children }: { account: Account; children: ReactNode }) {
  return (
    <>
      <NavigationBar />
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:bg-surface focus:p-2"
      >
        Skip to content
      </a>
      <Header {...account} />
      <main id="content" className="mx-auto flex max-w-5xl flex-col gap-6 px-4 py-6">
        {children}
      </main>
    </>
  )
}
