import { appRouter } from '~/app/trpc/router'
import type { Scope } from '~/app/trpc/scopes'

interface Definition {
  type: 'query' | 'mutation' | 'subscription'
  meta?: { scope: Scope }
}

/** Every procedure there is, so that a test over all of them never forgets a new one. */
export const PROCEDURES = Object.entries(
  appRouter._def.procedures as unknown as Record<string, { _def: Definition }>,
).map(([name, { _def }]) => ({ name, type: _def.type, scope: _def.meta?.scope }))

/** What each procedure wants; by name, since each one differs. Without an entry it takes nothing. */
export const inputFor = (procedure: string, machineId: string): unknown =>
  ({
    'account.lookAtLink': { token: 'x' },
    'account.requestLink': { email: 'mo@example.org' },
    'account.signInWithCode': { code: '000000' },
    'account.beginOidc': { provider: 'none' },
    'account.finishOidc': { provider: 'none', url: 'http://slipway.test:3000/' },
    'account.update': { name: 'Mo' },
    'account.showFirstSteps': { show: true },
    'account.endSession': { id: machineId },
    'account.chooseUsername': { username: 'mo' },
    'apiTokens.create': { name: 'One', scopes: ['read'] },
    'apiTokens.revoke': { id: machineId },
    'deviceGrants.get': { id: machineId },
    'admin.users.invite': { email: 'new@example.org' },
    'admin.users.withdraw': { id: machineId },
    'admin.users.get': { id: machineId },
    'admin.users.changeLimits': { id: machineId, machines: null, sessionHours: null, diskGib: null },
    'admin.users.change': { id: machineId },
    'admin.users.disable': { id: machineId },
    'admin.users.enable': { id: machineId },
    'account.signIn': { token: 'x' },
    'deviceGrants.start': { clientId: 'runcomfy' },
    'deviceGrants.redeem': { deviceCode: 'x', clientId: 'runcomfy' },
    'deviceGrants.lookUp': { userCode: 'BCDF-2345' },
    'deviceGrants.approve': { userCode: 'BCDF-2345' },
    'deviceGrants.deny': { userCode: 'BCDF-2345' },
    'admin.machine': { id: machineId },
    'admin.stopMachine': { id: machineId },
    'admin.retryLaunch': { id: machineId },
    'admin.retryFailed': { ids: [machineId] },
    'cloudSaves.get': { id: machineId },
    'cloudSaves.create': { machineId },
    'cloudSaves.delete': { id: machineId },
    'machines.get': { id: machineId },
    'machines.stop': { id: machineId },
    'machines.relaunch': { id: machineId },
    'machines.extend': { id: machineId },
    'machines.delete': { id: machineId },
    'machines.open': { id: machineId, service: 'filebrowser' },
    'machines.watch': { id: machineId },
    'machines.logs': { id: machineId, service: 'filebrowser' },
    'machines.watchLogs': { id: machineId, service: 'filebrowser' },
    'machines.launch': { name: 'One' },
    'modelRequests.create': { modelId: 'mo/one', inputs: {} },
    'modelRequests.get': { id: machineId },
    'modelRequests.inputs': { id: machineId },
    'modelRequests.cancel': { id: machineId },
    'modelRequests.watch': { id: machineId },
    'models.get': { id: 'mo/one' },
    'models.own': { id: 'mo/one' },
    'models.versions': { id: 'mo/one' },
    'models.source': { id: 'mo/one', version: 1 },
    'models.read': { workflow: { 1: { class_type: 'SaveImage', inputs: {} } } },
    'models.publish': {
      id: 'mo/one',
      workflow: { 1: { class_type: 'SaveImage', inputs: {} } },
      definition: { title: 'One', outputs: [{ name: 'images', title: 'Images', node: '1' }] },
    },
    'models.change': { id: 'mo/one' },
    'models.withdraw': { id: 'mo/one' },
    'oauth.revoke': { token: 'x', clientId: 'runcomfy' },
    'oauth.introspect': { token: 'x' },
    'providerTokens.save': { provider: 'huggingface', token: 'hf_CANARY0123456789' },
    'providerTokens.clear': { provider: 'huggingface' },
    'providerTokens.check': { provider: 'huggingface' },
    'providerTokens.checkModel': { provider: 'huggingface', model: 'owner/name' },
    'providerTokens.relaunchHolders': { provider: 'huggingface' },
  })[procedure]
