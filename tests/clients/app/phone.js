// An app without a screen. Commands come as JSON lines, each answered by a line with its number:
//   node phone.js FILE BASE_URL VERSION
//   {"n": 1, "do": "write", "with": {…}}  →  {"n": 1, "gave": …} or {"n": 1, "failed": {…}}
import { createInterface } from 'node:readline'
import logger from '@nozbe/watermelondb/utils/common/logger/index.js'
import { hasUnsyncedChanges } from '@nozbe/watermelondb/sync/index.js'
import { open, remove, rows, save, write } from './store.js'
import { sync } from './sync.js'
import { upload } from './uploads.js'

const [, , file, baseUrl, version] = process.argv
logger.default.silence()
const database = open(file, Number(version))

const request = async (path, options = {}) => {
  const response = await fetch(baseUrl + path, options)
  const answer = await response.json()
  if (!response.ok) throw Object.assign(new Error(answer.detail), { status: response.status })
  return answer
}

const call = async (query, options = {}) => {
  await save(database)
  const token = await database.localStorage.get('access_token')
  const headers = { ...options.headers, Authorization: `Bearer ${token}` }
  return request(`/v1/sync${query}`, { ...options, headers })
}

const commands = {
  logIn: async ({ email, password, device }) => {
    const form = { grant_type: 'password', username: email, password, device_id: device }
    const body = new URLSearchParams({ ...form, device_name: 'Real client' })
    const tokens = await request('/v1/auth/token', { method: 'POST', body })
    await database.localStorage.set('access_token', tokens.access_token)
  },
  sync: async () => {
    const log = {}
    await sync(database, call, log)
    return { rejected: log.rejectedIds ?? {}, sent: log.localChangeCount }
  },
  write: ({ table, id, values }) => write(database, table, id, values).then(() => null),
  remove: ({ table, id }) => remove(database, table, id),
  rows: ({ table }) => rows(database, table),
  upload: async (given) => {
    const token = await database.localStorage.get('access_token')
    const endpoint = `${baseUrl}/v1/uploads`
    return upload({ ...given, endpoint, token, urls: `${file}.urls` })
  },
  unsent: () => hasUnsyncedChanges({ database }),
}

const answer = async (line) => {
  const { n, do: name, with: given } = JSON.parse(line)
  try {
    const gave = (await commands[name](given)) ?? null
    await save(database)
    return { n, gave }
  } catch (error) {
    const { message, status = null } = error
    return { n, failed: { message: `${message} ${error.cause ?? ''}`.trim(), status } }
  }
}

createInterface({ input: process.stdin })
  .on('line', async (line) => console.log(JSON.stringify(await answer(line))))
  .on('close', () => process.exit())
