import { accountRouter } from './account'
import { adminRouter } from './admin'
import { apiTokensRouter } from './api-tokens'
import { cloudSavesRouter } from './cloud-saves'
import { deviceGrantsRouter } from './device-grants'
import { machinesRouter } from './machines'
import { modelRequestsRouter } from './model-requests'
import { modelsRouter } from './models'
import { oauthRouter } from './oauth'
import { providerTokensRouter } from './provider-tokens'
import { createCallerFactory, router } from './trpc'
import { usageRouter } from './usage'

export const appRouter = router({
  account: accountRouter,
  admin: adminRouter,
  apiTokens: apiTokensRouter,
  cloudSaves: cloudSavesRouter,
  deviceGrants: deviceGrantsRouter,
  machines: machinesRouter,
  modelRequests: modelRequestsRouter,
  models: modelsRouter,
  oauth: oauthRouter,
  providerTokens: providerTokensRouter,
  usage: usageRouter,
})
export type AppRouter = typeof appRouter

/** Calls procedures in process, with the same checks as over HTTP. */
export const createCaller = createCallerFactory(appRouter)
export type Api = ReturnType<typeof createCaller>
