import { accountRouter } from './account'
import { adminRouter } from './admin'
import { apiTokensRouter } from './api-tokens'
import { cloudSavesRouter } from './cloud-saves'
import { deviceGrantsRouter } from './device-grants'
import { machinesRouter } from './machines'
import { oauthRouter } from './oauth'
import { providerTokensRouter } from './provider-tokens'
import { createCallerFactory, router } from './trpc'

export const appRouter = router({
  account: accountRouter,
  admin: adminRouter,
  apiTokens: apiTokensRouter,
  cloudSaves: cloudSavesRouter,
  deviceGrants: deviceGrantsRouter,
  machines: machinesRouter,
  oauth: oauthRouter,
  providerTokens: providerTokensRouter,
})
export type AppRouter = typeof appRouter

/** Calls procedures in process, with the same checks as over HTTP. */
export const createCaller = createCallerFactory(appRouter)
export type Api = ReturnType<typeof createCaller>
